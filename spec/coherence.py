"""Coherence: what the reading asks of an invoice across its fields, which no schema can say.

Totals, status, order of dates, distinct references, known orders: the generator keeps each of them
and the oracle checks it.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal
from typing import Any, TypeGuard

from spec.contract import TargetFacts
from spec.paths import Location
from spec.schema.formats import instant

EXACT = Context(prec=60, traps=[])
"""Wide enough for every product and sum that the reading allows; no rounding, no surprises."""

CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Incoherence:
    """Why an invoice need not be accepted, in a sentence, and the locations that disagree."""

    sentence: str
    locations: tuple[Location, ...]


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
    """The states that agree with what was paid; nothing paid for nothing is PAID and PENDING.

    No state agrees with a negative payment.
    """
    if paid < 0:
        return frozenset()
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


def incoherences(payload: Mapping[str, Any], facts: TargetFacts) -> tuple[Incoherence, ...]:
    """Why a payload that keeps the narrowed schema need not be accepted; empty if it is coherent.

    Total: values of any type are judged, for a server may name an incoherence of a payload that is
    wrong elsewhere. What is absent cannot disagree.
    """
    checks = (_total, _status, _references, _dates, _due_date, _order)
    return tuple(found for check in checks for found in check(payload, facts))


def _total(payload: Mapping[str, Any], _: TargetFacts) -> Iterator[Incoherence]:
    total, items = payload.get("total_amount"), payload.get("items")
    if _is_number(total) and _are_priced(items) and exact(total) != total_of(items):
        sentence = f"total_amount is {total}, the items' sum {total_of(items)}"
        lines = ((("items", index, name)) for index in range(len(items)) for name in PRICING)
        yield Incoherence(sentence, (("total_amount",), ("items",), *lines))


PRICING = ("amount", "quantity")


def _status(payload: Mapping[str, Any], _: TargetFacts) -> Iterator[Incoherence]:
    total, paid, status = (payload.get(name) for name in ("total_amount", "paid_amount", "status"))
    if _is_number(total) and _is_number(paid) and status is not None:
        agreeing = agreeing_statuses(exact(paid), exact(total))
        if not isinstance(status, str) or status not in agreeing:
            right = min(agreeing, default="no status")
            sentence = f"status is {status}, but {paid} paid of {total} is {right}"
            yield Incoherence(sentence, (("status",), ("paid_amount",), ("total_amount",)))


def same_reference(reference: str) -> str:
    """What a reader compares that ignores letter case, outer spaces, normalisation and leading
    zeros; two references that are equal in this form may be one to a server.
    """
    return unicodedata.normalize("NFKC", reference).casefold().strip().lstrip("0")


def references(payload: Mapping[str, Any] | None) -> frozenset[tuple[str, str]]:
    """The references of an invoice and of its items, each with what it refers to, as a careless
    reader compares them.
    """
    payload = payload or {}
    items = payload.get("items")
    named = [(name, payload.get(name)) for name in ("reference_id", "invoice_number")]
    named += [
        ("items[].reference_id", item.get("reference_id"))
        for item in (items if isinstance(items, list) else ())
        if isinstance(item, dict)
    ]
    return frozenset((name, same_reference(each)) for name, each in named if isinstance(each, str))


def _references(payload: Mapping[str, Any], _: TargetFacts) -> Iterator[Incoherence]:
    items = payload.get("items")
    seen: dict[str, int] = {}
    for index, item in enumerate(items if isinstance(items, list) else ()):
        reference = item.get("reference_id") if isinstance(item, dict) else None
        if isinstance(reference, str):
            first = seen.setdefault(same_reference(reference), index)
            if first != index:
                where = tuple(("items", each, "reference_id") for each in (first, index))
                yield Incoherence("two items share a reference_id", (("items",), *where))


def _dates(payload: Mapping[str, Any], facts: TargetFacts) -> Iterator[Incoherence]:
    created, updated = (_instant(payload, name) for name in ("created_at", "updated_at"))
    latest = facts.started_at - CLOCKS_DIFFER
    for name, moment in (("created_at", created), ("updated_at", updated)):
        if moment is not None and moment > latest:
            yield Incoherence(f"{name} is later than a server's clock may be", ((name,),))
    if created is not None and updated is not None and created > updated:
        yield Incoherence("created_at is later than updated_at", (("created_at",), ("updated_at",)))


def _due_date(payload: Mapping[str, Any], facts: TargetFacts) -> Iterator[Incoherence]:
    """Many billing systems refuse an invoice that falls due before its own date."""
    due, created = (_instant(payload, name) for name in ("due_date", "created_at"))
    if due is None or ("created_at" in payload and created is None):
        return
    if created is not None and due < created:
        yield Incoherence("due_date is before created_at", (("due_date",), ("created_at",)))
    elif created is None and due < facts.started_at:
        yield Incoherence("due_date is in the past, and created_at not sent", (("due_date",),))


def _order(payload: Mapping[str, Any], facts: TargetFacts) -> Iterator[Incoherence]:
    if not facts.order_ids:
        return
    if "order_id" in payload and payload["order_id"] not in facts.order_ids:
        yield Incoherence("order_id is none of the target's known orders", (("order_id",),))
    if facts.order_created_at is None and "updated_at" in payload:
        sentence = "updated_at is sent, and when the order was created is not known"
        yield Incoherence(sentence, (("updated_at",),))


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
