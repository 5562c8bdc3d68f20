"""What ties a 201 to its request: echo of every shared property, products, ids that are new, and
nothing of the invoice before."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeGuard

from spec.coherence import EXACT, agreeing_statuses, exact
from spec.contract import Contract
from spec.exchange import Exchange, Request
from spec.expectation import Expectation, Expected
from spec.formats import instant
from spec.requirements import Requirement
from spec.strictjson import Malformed, parse
from spec.violation import Category, Violation, brief

HALF_A_CENT = Decimal("0.005")


def violations(
    contract: Contract, payload: dict[str, Any], answer: dict[str, Any], seen: dict[str, object]
) -> list[Violation]:
    """Each way in which the answer's `data` departs from its request.

    `seen` holds the ids of the run so far and is added to. Values whose type the schema refuses
    are that requirement's business, so they are passed over here.
    """
    found = []
    for requirement in contract.requirements:
        if requirement.part != "201" or requirement.path[:1] != ("data",):
            continue
        if requirement.keyword == "echo":
            found += _echo(contract, requirement, payload, answer)
        elif requirement.keyword == "product":
            found += _product(requirement, payload, answer)
        elif requirement.keyword == "unique":
            found += _unique(requirement, answer, seen)
    return found


def _at(value: Any, path: tuple[str, ...]) -> list[tuple[tuple[str | int, ...], Any]]:
    """Each place of an instance path and what stands there; absent places are left out."""
    reached: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    for key in path:
        if key == "[]":
            reached = [
                ((*location, index), element)
                for location, value in reached
                if isinstance(value, list)
                for index, element in enumerate(value)
            ]
        else:
            reached = [
                ((*location, key), value[key])
                for location, value in reached
                if isinstance(value, dict) and key in value
            ]
    return reached


def _echo(
    contract: Contract, requirement: Requirement, payload: dict[str, Any], answer: dict[str, Any]
) -> list[Violation]:
    returned = dict(_at(answer, requirement.path))
    dates = _format(contract.narrowed_schema, requirement.path[1:]) == "date-time"
    found = []
    for location, sent in _at(payload, requirement.path[1:]):
        here: tuple[str | int, ...] = ("data", *location)
        if here not in returned:
            if sent is not None and isinstance(_find(answer, here[:-1]), dict):
                found.append(_mismatch(requirement, here, sent, "nothing (absent)"))
        elif not same(sent, returned[here], dates=dates):
            found.append(_mismatch(requirement, here, sent, brief(returned[here])))
    return found


def came_back(payload: dict[str, Any], answer: Any, location: tuple[str | int, ...]) -> bool:
    """Whether what stands at a place of the answer is what was sent for it."""
    sent, returned = _find(payload, location[1:]), _find(answer, location)
    return isinstance(sent, str) and sent == returned


def same(sent: Any, returned: Any, *, dates: bool = False) -> bool:
    """Whether a value came back: text by code point, numbers as IEEE 754 doubles, dates as
    instants, lists element by element (objects have echoes of their own).
    """
    if isinstance(sent, str) and isinstance(returned, str):
        if sent == returned:
            return True
        try:
            return dates and instant(sent) == instant(returned)
        except (ValueError, OverflowError):
            return False
    if _is_number(sent) and _is_number(returned):
        return _double(sent) == _double(returned)
    if isinstance(sent, list) and isinstance(returned, list):
        return len(sent) == len(returned) and all(
            same(one, other, dates=dates) for one, other in zip(sent, returned, strict=True)
        )
    if sent is None or (isinstance(sent, bool) and isinstance(returned, bool)):
        return sent is returned
    return True  # a value of another type is the schema's business


def _double(number: int | Decimal) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _product(
    requirement: Requirement, payload: dict[str, Any], answer: dict[str, Any]
) -> list[Violation]:
    found = []
    for location, total in _at(answer, requirement.path):
        item = (*location[1:-1],)
        amount, quantity = _find(payload, (*item, "amount")), _find(payload, (*item, "quantity"))
        if not (_is_number(amount) and _is_number(quantity) and _is_number(total)):
            continue
        product = EXACT.multiply(exact(amount), exact(quantity))
        allowed = max(HALF_A_CENT, Decimal(math.ulp(_double(product))))
        if EXACT.subtract(exact(total), product).copy_abs() > allowed:
            found.append(
                Violation(
                    requirement,
                    Category.ECHO,
                    location,
                    f"amount x quantity = {product}",
                    brief(total),
                )
            )
    return found


def _unique(
    requirement: Requirement, answer: dict[str, Any], seen: dict[str, object]
) -> list[Violation]:
    found = []
    for location, value in _at(answer, requirement.path):
        token = object()
        if isinstance(value, str) and seen.setdefault(value, token) is not token:
            expected = "an id that no other answer of this run has"
            found.append(
                Violation(
                    requirement, Category.ECHO, location, expected, "one that was given before"
                )
            )
    return found


def _mismatch(
    requirement: Requirement, location: tuple[str | int, ...], sent: Any, got: str
) -> Violation:
    if isinstance(sent, list):
        sent = f"{len(sent)} elements, in order"
    return Violation(requirement, Category.ECHO, location, brief(sent), got)


def _find(value: Any, location: tuple[str | int, ...]) -> Any:
    """What stands at a place; None when it is absent."""
    for key in location:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _format(schema: dict[str, Any], path: tuple[str, ...]) -> str | None:
    for key in path:
        schema = (
            schema.get("items", {}) if key == "[]" else schema.get("properties", {}).get(key, {})
        )
    return schema.get("format")


def _is_number(value: object) -> TypeGuard[int | Decimal]:
    return type(value) in (int, Decimal)  # what JSON is parsed into: no bool is a number


def leftovers(
    contract: Contract, before: Request, exchange: Exchange, expected: Expected
) -> list[Violation]:
    """Each text that the request before had, this one leaves out, and its answer gives back.

    A server may fill in what is left out, but not with what only another invoice says.
    """
    response, payload = exchange.response, expected.payload
    if response is None or payload is None or expected.expectation is not Expectation.ACCEPT:
        return []
    earlier, data = _object(before.body), _object(response.body).get("data")
    if not isinstance(data, dict):
        return []
    found = []
    for requirement in contract.requirements:
        if requirement.keyword != "echo" or len(requirement.path) != 2:
            continue
        name = requirement.path[1]
        old, returned = earlier.get(name), data.get(name)
        if name in payload or not (isinstance(old, str) and isinstance(returned, str)):
            continue
        if same(old, returned, dates=True) and not _may_fill_in(payload, name, returned):
            nothing, location = (
                "nothing of the invoice before, which alone had it",
                requirement.path,
            )
            found.append(Violation(requirement, Category.ECHO, location, nothing, brief(returned)))
    return found


def _may_fill_in(payload: Mapping[str, Any], name: str, value: str) -> bool:
    """Whether a server can come to the value by this payload alone: it says so, or implies it."""
    if any(isinstance(sent, str) and same(sent, value, dates=True) for sent in payload.values()):
        return True
    if name != "status" or not {"paid_amount", "total_amount"} <= payload.keys():
        return False
    return value in agreeing_statuses(exact(payload["paid_amount"]), exact(payload["total_amount"]))


def _object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; an empty one if it is none."""
    try:
        value = parse(body).value
    except Malformed:
        return {}
    return value if isinstance(value, dict) else {}
