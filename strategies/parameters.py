"""Requests with a parameter at each of its edges, and with each wrong or missing."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from urllib.parse import unquote_plus

from spec.contract import Contract, TargetFacts
from spec.expectation import broken_by, must_be_taken
from spec.parameters import HEADER, QUERY, Parameter
from spec.requirements import Field, Requirement
from strategies.acceptance.edges import VALUES
from strategies.carried import carried_body
from strategies.carriers import rotation
from strategies.cases import Case
from strategies.invoice import (
    cookie_of,
    encoded,
    text_of,
    usual_pairs,
    usual_query,
    usual_value,
)
from strategies.wrong.near import of_its_form
from strategies.wrong.values import LISTED

_SCALARS = (str, int, float, Decimal)
"""Types of the values that a parameter can have."""
_VALID, _INVALID = 2, 3
"""Turns of the lists of this module (`carriers.rotation`)."""


_FIRST = re.compile(r"[^\[]*")


def with_query(contract: Contract, query: str) -> str:
    """The usual query with another one after it, without what the document knows: that means
    something.
    """
    operation = contract.operation
    known = {one.name for one in operation.parameters if one.place == QUERY}
    known |= {one.name for one in operation.unsent if one.place == QUERY}
    if known:
        pairs = (each for each in query.split("&") if not known & {*_names(each)})
        query = "&".join(pairs)
    return "&".join(each for each in (usual_query(contract), query) if each)


def _names(pair: str) -> tuple[str, str]:
    """The name in a part of a query, and that of the list or the object of which it is a part."""
    name = unquote_plus(pair.partition("=")[0])
    return name, _FIRST.match(name)[0]  # type: ignore[index] # it matches always


def with_parameter(contract: Contract, case: Case, parameter: Parameter, text: str | None) -> Case:
    """The case with another value of a parameter, or without it."""
    if parameter.place == HEADER:
        return replace(case, headers=((parameter.name, text),))
    pairs = usual_pairs(contract, parameter.place)
    pairs.pop(parameter.name, None)
    if text is not None:
        pairs[parameter.name] = text
    if parameter.place == QUERY:
        return replace(case, query=encoded(pairs))
    return replace(case, headers=cookie_of(pairs) or (("Cookie", None),))


def valid_parameters(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice with each parameter just inside each of its requirements."""
    bodies = map(partial(carried_body, contract, facts), rotation(contract, _VALID))
    return tuple(
        with_parameter(
            contract,
            Case(f"{name} in {one.parameter.title}", kind, body, about=kind),
            one.parameter,
            text,
        )
        for (one, kind, name, text), body in zip(_inside(contract), bodies, strict=False)
    )


def _inside(contract: Contract) -> Iterator[tuple[Field, str, str, str]]:
    for one in contract.parameters:
        schema = one.parameter.narrowed.root
        for each in one.requirements if one.parameter.is_sent else ():
            if each.keyword not in VALUES:
                continue
            for name, value in VALUES[each.keyword](each, schema, contract):
                text = text_of(value)
                if must_be_taken(one, text):
                    yield one, each.name, name, text


def wrong_parameters(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice without each required parameter, and with each just outside."""
    bodies = map(partial(carried_body, contract, facts), rotation(contract, _INVALID))
    return tuple(
        with_parameter(
            contract, Case(f"{name} in {one.parameter.title}", kind, body), one.parameter, text
        )
        for (one, kind, name, text), body in zip(_outside(contract), bodies, strict=False)
    )


def _outside(contract: Contract) -> Iterator[tuple[Field, str, str, str | None]]:
    for one in contract.parameters:
        if one.required is not None:
            yield one, one.required.name, "nothing", None
        start = usual_value(one.parameter)
        for each in one.requirements:
            listed = LISTED[each.keyword](each, start) if each.keyword in LISTED else ()
            near = of_its_form(each) if each.keyword == "enum" else ()
            # The first, which may be the only one, is what nothing but the requirement refuses.
            for name, value in sorted((*near, *listed), key=lambda pair: not text_of(pair[1])):
                text = text_of(value)
                if isinstance(value, _SCALARS) and broken_by(one, text) == [each]:
                    yield one, each.name, name, text


def unbroken_parameters(contract: Contract) -> tuple[Requirement, ...]:
    """The requirements on parameters that nothing known breaks."""
    broken = {kind for _, kind, _, _ in _outside(contract)}
    return tuple(one for one in contract.parameter_requirements if one.name not in broken)
