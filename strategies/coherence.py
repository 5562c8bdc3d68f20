"""Sums and states: what keeps an invoice in agreement with itself when a part of it changes."""

from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import Any

from spec import coherence
from spec.contract import Contract, TargetFacts
from spec.paths import Json

ITEMS, QUANTITY, AMOUNT = "items", "quantity", "amount"
TOTAL, PAID, STATUS = "total_amount", "paid_amount", "status"
CREATED, UPDATED = "created_at", "updated_at"
ORDER, REFERENCE = "order_id", "reference_id"
STAMPED = ("reference_id", "invoice_number")
"""The properties of the invoice that carry the run's stamp."""


def settled(
    contract: Contract, payload: dict[str, Any], fixed: Collection[str] = ()
) -> dict[str, Any]:
    """A copy whose total and status agree with the rest, but for the `fixed` properties.

    A status that cannot agree is left out, so that a server has no second reason to refuse.
    """
    result = dict(payload)
    items = result.get(ITEMS)
    if TOTAL in result and TOTAL not in fixed and isinstance(items, list):
        result[TOTAL] = number(round(sum((_line(item) for item in items), Decimal(0)), 2))
    if STATUS in result and STATUS not in fixed:
        states = agreeing(contract, result)
        if not states:
            del result[STATUS]
        elif result[STATUS] not in states:
            result[STATUS] = states[0]
    return result


def agreeing(contract: Contract, payload: dict[str, Any]) -> tuple[str, ...]:
    """The states of the document that agree with the payload's amounts, in the document's order."""
    if PAID not in payload or TOTAL not in payload:
        return ()
    documented = contract.narrowed_schema["properties"].get(STATUS, {}).get("enum", ())
    agreed = coherence.agreeing_statuses(_worth(payload[PAID]), _worth(payload[TOTAL]))
    return tuple(state for state in documented if state in agreed)


def keeps_reading(contract: Contract, facts: TargetFacts, payload: Json) -> bool:
    """Whether a server at this target must accept the payload."""
    return (
        contract.narrowed.validator.is_valid(payload)
        and not coherence.incoherences(payload, facts)
        and not coherence.precedes_order(payload, facts)
    )


def cents(amount: float) -> int:
    """Money in whole cents; exact up to 1e12."""
    return round(amount * 100)


def number(amount: Decimal) -> int | float:
    """An amount as JSON says it plainly: whole ones without a fraction."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def grown(items: list[Json], size: int) -> list[Json]:
    """That many items: the given ones over and over."""
    return [items[index % len(items)] for index in range(size)]


def apart(items: list[Json], schema: dict[str, Any]) -> list[Json]:
    """The items of an array of this schema, each `reference_id` made distinct if it is not."""
    named = schema["items"].get("properties", {}).get(REFERENCE)
    if named is None:
        return items
    seen: set[str] = set()
    result = []
    for position, item in enumerate(items, 1):
        if REFERENCE not in item:
            result.append(item)
            continue
        wish = name = item[REFERENCE]
        endings = (f"-{serial}" for serial in count(position))
        while name in seen:
            ending = next(endings)
            name = wish[: named.get("maxLength", 255) - len(ending)] + ending
        seen.add(name)
        result.append({**item, REFERENCE: name})
    return result


def _line(item: Json) -> Decimal:
    if not isinstance(item, dict):
        return Decimal(0)
    return _worth(item.get(AMOUNT)) * _worth(item.get(QUANTITY))


def _worth(value: Json) -> Decimal:
    """The number that a server would find in a value if it converted types; 0 for none.

    With it the sums agree for such a server too, and it has no other reason to refuse.
    """
    if isinstance(value, list):
        return _worth(value[0]) if value else Decimal(0)
    try:
        worth = Decimal(int(value) if isinstance(value, bool) else str(value).strip())
    except InvalidOperation:
        return Decimal(0)
    return worth if abs(worth) < 10**18 else Decimal(0)
