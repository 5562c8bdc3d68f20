"""Cross-field sense: what no schema says of one invoice. The generator and the oracle share it.

Each fact is from the reading in the project's design: totals, status, order of dates, order.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Context, Decimal
from typing import Any, TypeGuard

from spec.contract import TargetFacts
from spec.formats import instant

EXACT = Context(prec=60, traps=[])
"""Wide enough for every product and sum that the reading allows; no rounding, no surprises."""

CLOCKS_DIFFER = timedelta(minutes=1)


def exact(number: float | Decimal) -> Decimal:
    """The decimal that a JSON number is written as; a float counts as its shortest spelling."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def total_of(items: list[Mapping[str, Any]]) -> Decimal:
    """The sum of amount times quantity, exact."""
    total = Decimal(0)
    for item in items:
        product = EXACT.multiply(exact(item["amount"]), exact(item["quantity"]))
        total = EXACT.add(total, product)
    return total


def agreeing_statuses(paid: Decimal, total: Decimal) -> frozenset[str]:
    """The states that agree with what was paid; nothing paid for nothing is PAID and PENDING."""
    if paid == 0:
        return frozenset({"PAID", "PENDING"}) if total == 0 else frozenset({"PENDING"})
    if paid < total:
        return frozenset({"PARTIALLY_PAID"})
    return frozenset({"PAID"}) if paid == total else frozenset({"OVERPAID"})


def precedes_order(payload: Mapping[str, Any], facts: TargetFacts) -> bool:
    """Whether `updated_at` is at or before the known creation of the order (document's prose)."""
    updated = _instant(payload, "updated_at")
    created = facts.order_created_at
    return updated is not None and created is not None and updated <= created


def incoherences(payload: Mapping[str, Any], facts: TargetFacts) -> tuple[str, ...]:
    """Why a payload that keeps the narrowed schema need still not be accepted; empty if coherent.

    A payload of another document may lack any property; what is absent cannot disagree.
    """
    return tuple(
        sentence for check in (_money, _items, _dates, _order) for sentence in check(payload, facts)
    )


def _money(payload: Mapping[str, Any], _: TargetFacts) -> list[str]:
    total, paid, items = (payload.get(name) for name in ("total_amount", "paid_amount", "items"))
    found = []
    if _is_number(total) and _are_priced(items) and exact(total) != total_of(items):
        found.append(f"total_amount is {total}, the items' sum {total_of(items)}")
    status = payload.get("status")
    if _is_number(total) and _is_number(paid) and status is not None:
        agreeing = agreeing_statuses(exact(paid), exact(total))
        if not isinstance(status, str) or status not in agreeing:
            found.append(f"status is {status}, but {paid} paid of {total} is {min(agreeing)}")
    return found


def _items(payload: Mapping[str, Any], _: TargetFacts) -> list[str]:
    items = payload.get("items")
    listed = items if isinstance(items, list) else []
    ids = [item.get("reference_id") for item in listed if isinstance(item, dict)]
    known = [name for name in ids if isinstance(name, str)]
    return ["two items share a reference_id"] if len(set(known)) < len(known) else []


def _dates(payload: Mapping[str, Any], facts: TargetFacts) -> list[str]:
    created, updated = (_instant(payload, name) for name in ("created_at", "updated_at"))
    latest = facts.started_at - CLOCKS_DIFFER
    found = [
        f"{name} is later than a minute before the run's start"
        for name, moment in (("created_at", created), ("updated_at", updated))
        if moment is not None and moment > latest
    ]
    if created is not None and updated is not None and created > updated:
        found.append("created_at is later than updated_at")
    return found


def _order(payload: Mapping[str, Any], facts: TargetFacts) -> list[str]:
    if not facts.order_ids:
        return []
    found = []
    if "order_id" in payload and payload["order_id"] not in facts.order_ids:
        found.append("order_id is none of the target's known orders")
    if facts.order_created_at is None and "updated_at" in payload:
        found.append("updated_at is sent, and when the order was created is not known")
    return found


def _instant(payload: Mapping[str, Any], name: str) -> datetime | None:
    value = payload.get(name)
    try:
        return instant(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _are_priced(items: object) -> TypeGuard[list[Mapping[str, Any]]]:
    return isinstance(items, list) and all(
        isinstance(item, dict)
        and _is_number(item.get("amount"))
        and _is_number(item.get("quantity"))
        for item in items
    )


def _is_number(value: object) -> TypeGuard[int | float | Decimal]:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
