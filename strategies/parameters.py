"""The parameters of every request beside its body, and a request with another one; which others are
sent is in `strategies/http.py`.
"""

from dataclasses import replace
from decimal import Decimal
from functools import cache
from urllib.parse import quote, urlencode

from spec.contract import DIGITS, HEX_PLACEHOLDER, PLACEHOLDER, UUID_PLACEHOLDER, Contract
from spec.parameters import COOKIE, HEADER, QUERY, Parameter
from spec.paths import Json
from strategies.cases import Case
from strategies.scalars import keeps, plain_scalar

Pairs = tuple[tuple[str, str], ...]
"""Names and values, in order."""


def text_of(value: Json) -> str:
    """A value as a parameter has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def is_scalar(value: Json) -> bool:
    """Whether a parameter can have such a value."""
    return isinstance(value, str | int | float | Decimal)


_NEW = (PLACEHOLDER, UUID_PLACEHOLDER, HEX_PLACEHOLDER, DIGITS)


@cache
def usual_value(parameter: Parameter) -> Json:
    """Its value in every request: the document's example or the plainest one, and a new one for
    each request where it tells them apart.
    """
    schema = parameter.narrowed.root
    known = [*_NEW] if parameter.is_new_each_time else []
    known += [parameter.example, "plain-text", "plain"]
    value = next((one for one in known if one is not None and keeps(schema, one)), None)
    return plain_scalar(schema) if value is None else value


def _usual_pairs(contract: Contract, place: str) -> dict[str, str]:
    listed = (one.parameter for one in contract.parameters if one.required)
    return {one.name: text_of(usual_value(one)) for one in listed if one.place == place}


@cache
def usual_headers(contract: Contract) -> Pairs:
    """The header fields of every request that the document demands beside the key, cookies among
    them.
    """
    cookies = _cookie(_usual_pairs(contract, COOKIE))
    return (*_usual_pairs(contract, HEADER).items(), *cookies)


def _cookie(pairs: dict[str, str]) -> Pairs:
    return (("Cookie", "; ".join(f"{n}={value}" for n, value in pairs.items())),) if pairs else ()


@cache
def usual_query(contract: Contract) -> str:
    """The query of every request; empty where the document demands none."""
    return _encoded(_usual_pairs(contract, QUERY))


def with_query(contract: Contract, query: str) -> str:
    """The usual query with another one after it."""
    return "&".join(each for each in (usual_query(contract), query) if each)


def _encoded(pairs: dict[str, str]) -> str:
    return urlencode(pairs, quote_via=quote, safe="#")  # the placeholder has it


def with_parameter(contract: Contract, case: Case, parameter: Parameter, text: str | None) -> Case:
    """The case with another value of a parameter, or without it."""
    if parameter.place == HEADER:
        return replace(case, headers=((parameter.name, text),))
    pairs = _usual_pairs(contract, parameter.place)
    pairs.pop(parameter.name, None)
    if text is not None:
        pairs[parameter.name] = text
    if parameter.place == QUERY:
        return replace(case, query=_encoded(pairs))
    return replace(case, headers=_cookie(pairs) or (("Cookie", None),))
