"""Unknown properties beside what is wrong with an invoice: it is wrong all the same.

A server may take another path as soon as it reads a name that it knows of another kind of document,
and check less there. Valid invoices never have any, for a server may refuse those.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain, cycle
from typing import Any

from spec.contract import Contract
from spec.paths import CHOICES, ELEMENT, Json, schema_at
from strategies.objects import others_of
from strategies.unspecified.elsewhere import OF_INVOICES, OF_ITEMS
from strategies.unspecified.values import OBEYED

Named = tuple[str, Json]

_UUID = "7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b"

_SWITCHES: dict[str, Json] = {
    **dict.fromkeys(("validate", "strict", "complete", "final", "enabled", "atomic"), False),
    **dict.fromkeys(("skip_validation", "is_draft", "test", "preview", "partial", "import"), True),
    **dict.fromkeys(("internal", "admin", "sandbox", "upsert", "overwrite", "migrated"), True),
    **dict.fromkeys(("legacy", "proforma", "is_refund", "is_credit", "correction", "async"), True),
    **dict.fromkeys(("deleted", "archived", "cancelled", "approved", "manual", "silent"), True),
    **dict.fromkeys(("return", "returned", "replace", "recurring", "imported", "offline"), True),
}
"""Words that ask for fewer checks, or say that it is no usual invoice, where they are known."""

_OF_ANY: dict[str, Json] = {
    "id": _UUID,
    "_id": _UUID,
    "uuid": _UUID,
    "extra": 1,
    "mode": "test",
    "kind": "refund",
    "state": "draft",
    "source": "import",
    "channel": "pos",
    "role": "admin",
    "user_id": 7,
    "api_key": "a",
    "token": "a",
    "idempotency_key": "a",
    "schema_version": "2",
    "rev": 1,
    "tags": ["a"],
    "attributes": {"a": 1},
    "custom_fields": [],
    "data": None,
    "invoice": {},
    "parent_id": _UUID,
    "original_invoice": "A-1",
    "reason": "RETURN",
    "note": "",
    "tenant": 1,
    "callback_url": "https://a.example/b",
    "user": {"role": "admin"},
    "options": {"force": 1},
}

_OF_ANY_ITEM: dict[str, Json] = {
    "id": _UUID,
    "_id": _UUID,
    "extra": 1,
    "kind": "refund",
    "metadata": {"a": 1},
    "unit": "kg",
    "refund": True,
    "refunded": 1,
    "credit": True,
    "negative": True,
    "deleted": True,
    "gift": True,
    "bundle": True,
    "custom": True,
    "digital": True,
    "service": True,
    "sample": 1,
    "is_free": True,
    "is_return": True,
    "backordered": 2,
    "draft": True,
    "skip": True,
    "tags": [],
    "attributes": None,
    "parent_id": _UUID,
    "variant": {"sku": "A"},
    "note": "",
    "itemTotal": 7,
    "unitPrice": 3,
    "skuCode": "A",
    "product_id": 7,
    "size": "12 x 3",
}

_CREDIT_NOTE: Named = ("type", "credit_note")
_LIKELY: tuple[Named, ...] = (
    *(("draft", True), ("is_draft", True), ("void", True), ("dry_run", True), ("force", True)),
    *(("id", _UUID), ("_id", _UUID), ("id", 7), ("version", 7), ("extra", 1), ("extra", "a")),
    *(_CREDIT_NOTE, ("type", "CREDIT_NOTE"), ("type", "refund"), ("kind", "credit")),
    *(("refund", True), ("credit", True), ("is_refund", True), ("return", True), ("credit", 5)),
    *(("test", True), ("preview", True), ("skip_validation", True), ("validate", False)),
    *(("strict", False), ("mode", "test"), ("partial", True), ("import", True), ("state", "draft")),
    *(("source", "import"), ("internal", True), ("currency", "JPY"), ("discount", 10)),
    *(("metadata", {"a": 1}), ("parent_id", _UUID), ("customer", {"id": "7"}), ("notes", "")),
)
_LIKELY_IN_ITEMS: tuple[Named, ...] = (
    *(("returned", True), ("returned", 1), ("unit", "kg"), ("unit", "dozen"), ("type", "credit")),
    *(("refund", True), ("extra", 1), ("id", _UUID), ("_id", _UUID), ("free", True), ("id", 7)),
    *(("discount", 10), ("unit", 0.5), ("is_return", True), ("metadata", {"a": 1})),
    *(("currency", "JPY"), ("type", "CREDIT_NOTE"), ("credit", True), ("service", True)),
)
"""What other systems have a way of their own for: each invoice has some of these."""

_OTHERS: tuple[Json, ...] = (None, "1", 0, [], {}, False, "text", -1.5, [{"a": 1}], "")
"""Values of any type, for every name."""


_INNER, _OUTER = (3, 1), (5, 2)
"""How many are likely, and how many any, in an item and in the invoice."""


@cache
def _known(contract: Contract, *, in_items: bool) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    """What the schema does not have: what is likely, and all; none where the schema says what other
    properties may be.

    Most have usual values, the others those of any type.
    """
    path = (contract.relations.sum.items, ELEMENT) if in_items else ()
    schema: dict[str, Any] = schema_at(contract.request.schema, path)
    counted = {*CHOICES, "maxProperties", "allOf", "not", "if"} & schema.keys()
    if not schema.get("properties") or others_of(schema) is not None or counted:
        return (), ()
    of_items: dict[str, Json] = {**_OF_ANY_ITEM, **OF_ITEMS}
    of_invoices: dict[str, Json] = {**_SWITCHES, **_OF_ANY, **OF_INVOICES, **OBEYED}
    usual = of_items if in_items else of_invoices
    left = {name: value for name, value in usual.items() if name not in schema["properties"]}
    likely = _LIKELY_IN_ITEMS if in_items else _LIKELY
    varied = zip(left, cycle(_OTHERS), strict=False)
    return (
        tuple(each for each in likely if each[0] not in schema["properties"]),
        tuple(chain(left.items(), varied)),
    )


def with_unknown(
    contract: Contract, payload: Json, number: int, place: Callable[[int], int] = lambda _size: 0
) -> Json:
    """The invoice with some unknown properties, before or after its own, and with others in the
    item at this place of so many; each number has others.
    """
    if not isinstance(payload, dict):
        return payload
    items = contract.relations.sum.items
    lines = payload.get(items)
    if isinstance(lines, list) and lines:
        at = place(len(lines))
        inner = _some(*_known(contract, in_items=True), number, _INNER)
        if isinstance(lines[at], dict):
            line = _joined(lines[at], inner, first=number % 4 == 0)
            payload = {**payload, items: [*lines[:at], line, *lines[at + 1 :]]}
    outer = _some(*_known(contract, in_items=False), number, _OUTER)
    return _joined(payload, outer, first=number % 3 == 0)


def as_credit_note(contract: Contract, invoice: dict[str, Json]) -> dict[str, Json]:
    """The invoice with what makes it a credit note elsewhere, where it is unknown."""
    likely, _ = _known(contract, in_items=False)
    return _joined(invoice, dict([_CREDIT_NOTE] if _CREDIT_NOTE in likely else []), first=False)


def names_beside(contract: Contract, number: int | None) -> set[str]:
    """The names of a number; those in items say that they are there."""
    if number is None:
        return set()
    inner = _some(*_known(contract, in_items=True), number, _INNER)
    outer = _some(*_known(contract, in_items=False), number, _OUTER)
    return {*outer, *(f"{name} of an item" for name in inner)}


def _some(
    likely: Sequence[Named], known: Sequence[Named], number: int, counts: tuple[int, int]
) -> dict[str, Json]:
    """So many of each: each number has those after the ones of the number before."""
    return dict(
        some[(number * each + step) % len(some)]
        for some, each in ((known, counts[1]), (likely, counts[0]))
        for step in range(each if some else 0)
    )


def _joined(own: dict[str, Json], others: dict[str, Json], *, first: bool) -> dict[str, Json]:
    left = {name: value for name, value in others.items() if name not in own}
    return {**left, **own} if first else {**own, **left}
