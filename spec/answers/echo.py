"""What ties a 201 to its request: echo of every shared property, products, ids that are new, and
nothing of the invoice before."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jsonschema_rs import is_valid

from spec.answers.items import ALL_ITEMS, ANOTHER_ORDER, in_the_order_sent
from spec.answers.sameness import alike, double, is_number, same
from spec.coherence import EXACT, exact, product_of, same_reference
from spec.contract import Contract
from spec.exchange import Request
from spec.expectation import Expectation, Expected
from spec.paths import (
    ELEMENT,
    USUAL,
    Json,
    Location,
    Path,
    Tree,
    agree,
    find,
    schema_at,
    tree_of,
    values_at,
)
from spec.requirements import Requirement, echo_name
from spec.schema.amounts import meant
from spec.schema.parts import Unlike, has_parts, unlike_parts
from spec.strictjson import SURROGATE, value_of
from spec.violation import Category, Special, Violation, brief, counted, told_apart

HALF_A_CENT = Decimal("0.005")
NOTHING = "nothing (absent)"
"""What is told of a property that did not come back."""
_NULL_AS_TEXT = ("null", "NULL", "None", "nil", "undefined")
"""What careless servers make of null where an answer has to be a text."""
_MOST_KEPT = 4096
"""Characters of a text that came back instead of another one."""
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[eE][+-]?[0-9]{1,3})?")
"""A number as a text, of no more digits than any that is sent."""


def violations(
    contract: Contract, expected: Expected, answer: dict[str, Any], seen: set[int]
) -> list[Violation]:
    """Each way in which the `data` of a 201, as its wrapper has it, differs from its request.

    What is unspecified itself need not come back, but for the sign and the magnitude of a number.
    Hashes of the run's ids so far are `seen`, which is added to. Values whose type the schema
    refuses are that requirement's business, so they are passed over here. Items that are lost,
    repeated or in another order are one violation; what came back of each is then compared with
    what was sent.
    """
    found = []
    related, order = contract.relations, None
    whole = contract.find(echo_name(related.sum.items))
    echoed = _echoed(contract)
    # As nearly always, and sooner known than by looking for each value at its location.
    is_whole = echoed is not None and agree(echoed, expected.payload, find(answer, USUAL))
    if whole is not None and not is_whole:
        answer, order = in_the_order_sent(whole.path, related, expected, answer)
        order = None if is_unspecified(expected, whole.path[1:]) else order
    for requirement in _of_an_invoice(contract):
        if requirement is whole and order is not None:
            moved = order == ANOTHER_ORDER
            special = Special.ANOTHER_ORDER if moved else Special.NOT_ALL_ITEMS
            told = (ALL_ITEMS, order)
            found.append(Violation(whole, Category.ECHO, whole.path, *told, special=special))
        elif requirement.keyword == "echo":
            found += [] if is_whole else _echo(contract, requirement, expected, answer)
        elif requirement.keyword == "product":
            found += _product(contract, requirement, expected, answer)
        elif requirement.keyword == "unique" and _must_be_new(requirement, expected):
            found += _unique(requirement, answer, seen)
    return found


@lru_cache
def _of_an_invoice(contract: Contract) -> tuple[Requirement, ...]:
    """The requirements on the invoice that an answer to a valid one has."""
    listed = contract.requirements
    return tuple(one for one in listed if one.part == "201" and one.path[:1] == USUAL)


@lru_cache
def _echoed(contract: Contract) -> Tree | None:
    """All that has to come back; None where a map or a choice has, in which 1 is not like true."""
    paths = [one.path[1:] for one in _of_an_invoice(contract) if one.keyword == "echo"]
    is_plain = not any(has_parts(_answered(contract, path)) for path in paths)
    return tree_of(paths) if is_plain else None


def _echo(
    contract: Contract, requirement: Requirement, expected: Expected, answer: dict[str, Any]
) -> list[Violation]:
    returned = dict(values_at(answer, requirement.path))
    schema = _answered(contract, requirement.path[1:])
    days, dates = _as_dates(contract, requirement.path[1:])
    found = []
    is_text = requirement.path[1:] in contract.relations.texts
    for location, told in values_at(expected.payload, requirement.path[1:]):
        here: Location = ("data", *location)
        sent = meant(told) if is_text else told
        if is_unspecified(expected, location):
            back = returned.get(here)
            if here in returned and not alike(sent, meant(back) if is_text else back):
                found.append(_mismatch(requirement, here, told, returned[here]))
        elif sent is None and _is_filled_in(schema, returned.get(here)):
            pass
        elif here not in returned:
            if sent is not None and isinstance(find(answer, here[:-1]), dict):
                found.append(_mismatch(requirement, here, told, None, NOTHING))
        elif _may_be_another(contract, requirement.path[1:], expected, told, returned[here]):
            pass
        elif not (
            same(sent, returned[here], dates=dates, days=days)
            and _is_same_number(schema, sent, returned[here])
        ):
            found.append(_mismatch(requirement, here, told, returned[here]))
        elif isinstance(sent, (dict, list)):
            parts = unlike_parts(schema, sent, returned[here], same)
            found += _of_parts(requirement, expected, location, parts)
    return found


def _may_be_another(
    contract: Contract, path: Path, expected: Expected, sent: Json, returned: Json
) -> bool:
    """Whether a text may come back as another one: as a word of the answer's own, or as the
    reference of an earlier invoice that this one took the place of. A database that finds one by
    less than its characters keeps those that it has.
    """
    if not (isinstance(sent, str) and isinstance(returned, str)):
        return False
    if expected.repeated and path in contract.relations.new.paths:
        return same_reference(sent) == same_reference(returned)
    if contract.own:
        return False
    asked, schema = schema_at(contract.narrowed_schema, path), _answered(contract, path)
    return _is_own_word(asked, schema, sent, returned)


def _is_own_word(asked: dict[str, Any], schema: dict[str, Any], sent: str, returned: str) -> bool:
    """Whether an answer has other words than a request, and this is one of them."""
    if "enum" not in schema or SURROGATE.search(sent) or SURROGATE.search(returned):
        return False
    own = [word for word in schema["enum"] if word not in asked.get("enum", ())]
    return returned in own and sent not in schema["enum"]


def _of_parts(
    requirement: Requirement, expected: Expected, location: Location, parts: Iterable[Unlike]
) -> Iterator[Violation]:
    """The violations in what is unlike within the value at a location."""
    for at, sent, returned in parts:
        if not is_unspecified(expected, (*location, *at)):
            got = NOTHING if returned is None else ""
            yield _mismatch(requirement, ("data", *location, *at), sent, returned, got)


def _is_same_number(schema: dict[str, Any], sent: Json, returned: Json) -> bool:
    """Whether a number that an answer may have as a text came back as one that means it."""
    if not (is_number(sent) and isinstance(returned, str)):
        return True
    if SURROGATE.search(returned) or not is_valid(schema, returned):
        return True
    if _NUMBER.fullmatch(returned) is None:
        # Of a text that is more than a number nobody knows what it means; without one it is lost.
        return schema.get("format") != "decimal" and _DIGIT.search(returned) is not None
    return double(Decimal(returned)) == double(sent)


def _is_filled_in(schema: dict[str, Any], returned: Json) -> bool:
    """Whether a server may answer something of its own for null, because it has to answer it."""
    return returned not in _NULL_AS_TEXT and not is_valid(schema, None)


def _as_dates(contract: Contract, path: Path) -> tuple[bool, bool]:
    """Whether what is sent at a path may come back as a day, and as another spelling of a moment:
    by the formats of the request and of the answer.
    """
    schemas = (schema_at(contract.narrowed_schema, path), _answered(contract, path))
    formats = {schema.get("format") for schema in schemas}
    return "date" in formats, bool(formats & {"date", "date-time"})


def _answered(contract: Contract, path: Path) -> dict[str, Any]:
    """What an answer says of what is sent at a path; empty where it says nothing."""
    found: dict[str, Any] = schema_at(contract.created.schema, (*contract.wrapper.path, *path))
    return found


def is_unspecified(expected: Expected, location: Location) -> bool:
    """Whether a value is unspecified: by itself, as a part of what is, or as a list of that."""
    return any(
        location[: len(unspecified)] == unspecified
        or (unspecified[:-1] == location and isinstance(unspecified[-1], int))
        for unspecified in expected.unspecified
    )


def came_back(contract: Contract, payload: dict[str, Any], answer: Any, location: Location) -> bool:
    """Whether what stands at a place of the answer is what was sent for it."""
    outer = len(contract.wrapper.path)
    sent, returned = find(payload, location[outer:]), find(answer, location)
    return isinstance(sent, str) and sent == returned


def is_of_what_was_sent(
    contract: Contract, payload: dict[str, Any], answer: Any, violation: Violation
) -> bool:
    """Whether it is about a member that was sent, or the format of what was: that is the echo's."""
    keyword, at = violation.requirement.keyword, violation.location
    if keyword == "format":
        own = at[len(contract.wrapper.path) :]
        path = tuple(ELEMENT if isinstance(step, int) else step for step in own)
        described = schema_at(contract.request.schema, path)
        return bool(described) and find(payload, own) is not None
    return keyword == "enum" and came_back(contract, payload, answer, at)


def follows_from_unspecified(contract: Contract, expected: Expected, violation: Violation) -> bool:
    """Whether it is a limit on the total of an item, of which a factor is unspecified: a negative
    quantity that is taken makes a negative total.
    """
    line, at = contract.relations.line, violation.location[len(contract.wrapper.path) :]
    if at[-1:] != (line.total,) or violation.requirement.keyword in ("type", "required"):
        return False
    return any(is_unspecified(expected, (*at[:-1], each)) for each in (line.amount, line.quantity))


def says_nothing(contract: Contract, requirement: Requirement, value: Any) -> bool:
    """Whether a text of no format is the empty one of a property that an answer may leave out."""
    needed = requirement.name.removesuffix("format") + "required"
    return requirement.keyword == "format" and value == "" and contract.find(needed) is None


def _product(
    contract: Contract, requirement: Requirement, expected: Expected, answer: dict[str, Any]
) -> list[Violation]:
    found: list[Violation] = []
    line, schema = contract.relations.line, _answered(contract, requirement.path[1:])
    payload, factors = expected.payload, (line.amount, line.quantity)
    texts = contract.relations.sum.texts
    for location, told in values_at(answer, requirement.path):
        total = _meant(schema, told)
        sent = find(payload, item := (*location[1:-1],))
        amount, quantity = (
            (meant(sent.get(each)) if each in texts else sent.get(each) for each in factors)
            if isinstance(sent, dict)
            else (None, None)
        )
        if not (is_number(amount) and is_number(quantity) and is_number(total)):
            continue
        product = product_of(amount, quantity)
        if total == product:
            continue
        allowed = max(HALF_A_CENT, Decimal(math.ulp(double(product))))
        is_off = EXACT.subtract(exact(total), product).copy_abs() > allowed
        if any(is_unspecified(expected, (*item, name)) for name in factors):
            # Of an unspecified product, as of its factors, the sign is in none.
            is_off = exact(total) * product < 0
        if is_off:
            what = f"{line.amount} x {line.quantity} = {product}"
            found.append(Violation(requirement, Category.ECHO, location, what, brief(told)))
    return found


def _meant(schema: dict[str, Any], value: Json) -> Json:
    """The number that a text means, where an answer may have it as a text; else the value."""
    is_text = isinstance(value, str) and _NUMBER.fullmatch(value) is not None
    return Decimal(value) if is_text and is_valid(schema, value) else value


def _must_be_new(requirement: Requirement, expected: Expected) -> bool:
    """Whether no invoice of which the answer may tell can have had the ids before."""
    is_of_item = ELEMENT in requirement.path
    return not expected.repeated or (expected.is_new and not is_of_item)


def _unique(requirement: Requirement, answer: dict[str, Any], seen: set[int]) -> list[Violation]:
    found = []
    expected, got = "an id that was not given before in this run", "one that was given before"
    for location, value in values_at(answer, requirement.path):
        if isinstance(value, str) and hash(value) in seen:
            found.append(Violation(requirement, Category.ECHO, location, expected, got))
        elif isinstance(value, str):
            seen.add(hash(value))
    return found


def _mismatch(
    requirement: Requirement, location: Location, sent: Json, returned: Json, got: str = ""
) -> Violation:
    """The violation; `got` says what came, if that is not `returned`."""
    expected, told = told_apart(sent, returned)
    if isinstance(sent, list):
        expected = f"{counted(len(sent), 'element')}, in order"
    got = got or told
    is_long = isinstance(returned, str) and len(returned) > _MOST_KEPT
    return Violation(
        requirement,
        Category.ECHO,
        location,
        expected,
        got,
        returned=got if is_long else returned,
    )


def leftovers(
    contract: Contract, before: Request, expected: Expected, answer: Any
) -> list[Violation]:
    """Each text that the request before had, this one leaves out, and its answer gives back.

    A server may fill in what is left out, but not with what only another invoice says. The member
    of an enumeration may be the usual one, whatever the invoice before had.
    """
    payload, data = expected.payload, find(contract.wrapper.unwrapped(answer), USUAL)
    if payload is None or expected.expectation is not Expectation.ACCEPT:
        return []
    if not isinstance(data, dict):
        return []
    earlier = _object(before.body)
    properties = contract.request_schema.get("properties", {})
    members = {name for name, schema in properties.items() if "enum" in schema}
    found = []
    for requirement in contract.requirements:
        if requirement.keyword != "echo" or len(requirement.path) != 2:
            continue
        name = requirement.path[1]
        old, returned = earlier.get(name), data.get(name)
        if name in payload or not (isinstance(old, str) and isinstance(returned, str)):
            continue
        if name in members or is_of(payload, returned):
            continue
        if same(old, returned, dates=True):
            told = ("nothing of the invoice before, which alone had it", brief(returned))
            special, path = Special.OF_THE_INVOICE_BEFORE, requirement.path
            found.append(Violation(requirement, Category.ECHO, path, *told, special=special))
    return found


def is_of(payload: Mapping[str, Any], value: str) -> bool:
    """Whether the payload itself says the value, by another name."""
    return any(isinstance(sent, str) and same(sent, value, dates=True) for sent in payload.values())


def _object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; an empty one if it is none."""
    value = value_of(body)
    return value if isinstance(value, dict) else {}
