"""Keeps an invoice consistent when a part of it changes: sums, status and references of items."""

from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import count
from typing import Any

from spec import coherence
from spec.contract import Contract, TargetFacts
from spec.paths import ELEMENT, Json
from spec.schema.formats import moment_of

ITEMS, QUANTITY, AMOUNT = "items", "quantity", "amount"
TOTAL, PAID, STATUS = "total_amount", "paid_amount", "status"
CREATED, UPDATED = "created_at", "updated_at"
ORDER, REFERENCE = "order_id", "reference_id"
DUE = "due_date"
STAMPED = ((REFERENCE,), ("invoice_number",), (ITEMS, ELEMENT, REFERENCE))
"""The paths of the texts that carry the run's stamp: what a server may want to be new."""

RELATED = frozenset(
    {ITEMS, QUANTITY, AMOUNT, TOTAL, PAID, STATUS, CREATED, UPDATED, ORDER, REFERENCE, DUE}
)
"""The properties that have to agree with others, or with what is at the target."""

_LATER = 56
"""Years; a multiple of four, so that a leap day stays one until 2099."""
_FUTURE = 2050
"""A year after any run of this suite."""


def consistent(
    contract: Contract, payload: dict[str, Any], fixed: Collection[str] = ()
) -> dict[str, Any]:
    """A copy whose total, status and due date agree with the rest, except for `fixed` properties.

    A status is removed when none can agree, so that a server has no second reason to refuse. Where
    it is required, another amount is paid.
    """
    result = dict(payload)
    items = result.get(ITEMS)
    if TOTAL in result and TOTAL not in fixed and isinstance(items, list):
        result[TOTAL] = json_number(round(sum((_product(item) for item in items), Decimal(0)), 2))
    if STATUS in result and STATUS not in fixed:
        statuses = consistent_statuses(contract, result)
        if not statuses:
            result = _paid_otherwise(contract, result, fixed)
        elif result[STATUS] not in statuses:
            result[STATUS] = statuses[0]
    if DUE in result and DUE not in fixed:
        result[DUE] = _not_before(result[DUE], result.get(CREATED))
    return result


def _paid_otherwise(
    contract: Contract, payload: dict[str, Any], fixed: Collection[str]
) -> dict[str, Any]:
    """The payload without its status or, where that is required, with one that can be had."""
    schema = contract.narrowed_schema
    if STATUS not in schema.get("required", ()):
        return {name: value for name, value in payload.items() if name != STATUS}
    if PAID in fixed or not {PAID, TOTAL} <= payload.keys():
        return payload
    total = _converted(payload[TOTAL])
    for status in schema["properties"][STATUS].get("enum", ()):
        for paid in (total, Decimal(0), round(total / 2, 2), total + 10):
            if status in coherence.agreeing_statuses(paid, total):
                return {**payload, STATUS: status, PAID: json_number(paid)}
    return payload


def with_status(contract: Contract, payload: dict[str, Any], status: str | None) -> dict[str, Any]:
    """A copy with this status, or with none, and with an amount paid that agrees with it.

    Where the total or the limits of the amount paid leave no such amount, the status follows.
    """
    result = dict(payload)
    if status is None:
        result.pop(STATUS, None)
    elif {PAID, TOTAL} <= result.keys():
        total, paid = _converted(result[TOTAL]), _converted(result[PAID])
        amounts = {"PENDING": Decimal(0), "PAID": total, "OVERPAID": total + 10}
        wanted = amounts.get(status, min(paid, round(total / 2, 2)))
        least, most = _payable(contract.narrowed_schema["properties"].get(PAID, {}), wanted)
        result[STATUS], result[PAID] = status, json_number(max(least, min(wanted, most)))
    return consistent(contract, result)


def _payable(schema: dict[str, Any], wanted: Decimal) -> tuple[Decimal, Decimal]:
    """The least and the most that may be paid; what is wanted where there is no limit."""
    cent = Decimal(str(schema.get("multipleOf", "0.01")))
    least, most = (Decimal(str(schema.get(name, wanted))) for name in ("minimum", "maximum"))
    if "exclusiveMinimum" in schema:
        least = Decimal(str(schema["exclusiveMinimum"])) + cent
    if "exclusiveMaximum" in schema:
        most = Decimal(str(schema["exclusiveMaximum"])) - cent
    return least, most


def consistent_statuses(contract: Contract, payload: dict[str, Any]) -> tuple[str, ...]:
    """The document's statuses, in its order, that agree with the payload's amounts."""
    if PAID not in payload or TOTAL not in payload:
        return ()
    documented = contract.narrowed_schema["properties"].get(STATUS, {}).get("enum", ())
    agreeing = coherence.agreeing_statuses(_converted(payload[PAID]), _converted(payload[TOTAL]))
    return tuple(status for status in documented if status in agreeing)


def with_distinct_references(items: list[Json], schema: dict[str, Any]) -> list[Json]:
    """The items of an array of this schema; a repeated `reference_id` gets a number at its end.

    So does a text or a number that is an item by itself, where the schema has them differ.
    """
    named = schema.get("items", {}).get("properties", {}).get(REFERENCE)
    if named is None:
        return _distinct(items) if schema.get("uniqueItems") else items
    seen: set[str] = set()
    result = []
    for position, item in enumerate(items, 1):
        if REFERENCE not in item:
            result.append(item)
            continue
        wanted = name = item[REFERENCE]
        endings = (f"-{number}" for number in count(position))
        while coherence.same_reference(name) in seen:
            ending = next(endings)
            name = wanted[: named.get("maxLength", 255) - len(ending)] + ending
        seen.add(coherence.same_reference(name))
        result.append({**item, REFERENCE: name})
    return result


def _distinct(elements: list[Json]) -> list[Json]:
    """The elements; each that was there before is a little more."""
    result: list[Json] = []
    for position, one in enumerate(elements):
        repeated = one in result and not isinstance(one, dict | list | bool)
        more = f"{one}{position}" if isinstance(one, str) else position
        result.append((more if isinstance(one, str) else one + more) if repeated else one)
    return result


def repeated_to(elements: list[Json], size: int) -> list[Json]:
    """A list of that size: the elements over and over."""
    return [elements[index % len(elements)] for index in range(size)]


def must_be_accepted(contract: Contract, facts: TargetFacts, payload: Json) -> bool:
    """Whether the document and the reading oblige a server at this target to accept the payload."""
    return (
        contract.narrowed.validator.is_valid(payload)
        and not coherence.incoherences(payload, facts)
        and not coherence.precedes_order(payload, facts)
    )


def cents(amount: float | Decimal) -> int:
    """An amount of money in whole cents; exact up to 1e12."""
    return round(amount * 100)


def json_number(amount: Decimal) -> int | float:
    """An amount as a JSON number; whole amounts get no fraction."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _not_before(due: Json, created: Json) -> Json:
    """The due date, some years later if it is before the creation, or before a run without one."""
    try:
        moment = moment_of(due)
        early = moment < moment_of(created) if created is not None else moment.year < _FUTURE
    except (TypeError, ValueError):
        return due
    return f"{int(due[:4]) + _LATER}{due[4:]}" if early else due


def _product(item: Json) -> Decimal:
    if not isinstance(item, dict):
        return Decimal(0)
    return _converted(item.get(AMOUNT)) * _converted(item.get(QUANTITY))


def _converted(value: Json) -> Decimal:
    """The number that a server which converts types would read from a value; 0 if there is none.

    With it the sums agree for such a server too, so that it has no other reason to refuse.
    """
    if isinstance(value, list):
        return _converted(value[0]) if value else Decimal(0)
    return _read_as_number(value) if isinstance(value, int | float) else _number_in(str(value))


@lru_cache(maxsize=4096, typed=True)
def _read_as_number(value: float) -> Decimal:
    """Cached, because invoices have the same amounts over and over."""
    return _number_in(str(int(value) if isinstance(value, bool) else value))


def _number_in(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() and abs(number) < 10**18 else Decimal(0)
