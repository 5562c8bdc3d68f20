"""Invoices that a server must accept: they keep the document and the reading."""

from collections.abc import Callable, Collection
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from spec.contract import Contract, TargetFacts
from spec.formats import instant
from spec.paths import Json
from strategies.coherence import (
    AMOUNT,
    CREATED,
    ITEMS,
    ORDER,
    PAID,
    QUANTITY,
    STAMPED,
    TOTAL,
    UPDATED,
    apart,
    cents,
    grown,
    number,
    settled,
)
from strategies.invoice import encode
from strategies.scalars import Draws, instants, leaf, main_type, stamped, window

ITEM_BYTES = 48 * 1024
"""Room for the items, so that the whole body stays within the reading's 64 KiB."""

FEW = (1, 2, 1, 3, 1, 2, 1, 4)
"""How many items an invoice has by default. Longer ones repeat four under distinct references."""

_TURNS = st.integers(0, 3 * len(FEW))
_SHARES = st.integers(0, 3)  # nothing paid, a part, all, more


@cache
def valid(contract: Contract, facts: TargetFacts) -> st.SearchStrategy[dict[str, Json]]:
    """Invoices that the documents oblige a server to accept, as far as `facts` tell."""
    schema = contract.narrowed_schema
    properties = _objects(_properties(schema, facts), schema.get("required", ()))
    limits = schema["properties"].get(PAID, {})
    least, most = cents(limits.get("minimum", 0)), cents(limits.get("maximum", 10**12))

    @st.composite
    def valid_invoices(draw: st.DrawFn) -> dict[str, Json]:
        payload = properties(draw)
        if CREATED in payload and UPDATED in payload:
            payload[CREATED] = min(payload[CREATED], payload[UPDATED], key=instant)
        payload = settled(contract, payload)
        if PAID in payload and TOTAL in payload:
            total, paid = cents(payload[TOTAL]), cents(payload[PAID])
            share = (0, paid % max(total, 1), total, total + paid)[draw(_SHARES)]
            payload[PAID] = number(Decimal(min(max(share, least), most)) / 100)
        return settled(contract, payload)

    return valid_invoices()


def value(schema: dict[str, Any], name: str = "") -> Draws:
    """Values that keep a schema, arrays short."""
    match main_type(schema):
        case "object":
            values = {key: value(sub, key) for key, sub in schema.get("properties", {}).items()}
            return _objects(values, schema.get("required", ()))
        case "array":
            fewest = schema.get("minItems", 0)
            most = min(schema.get("maxItems", fewest + 3), fewest + 3)
            element = st.composite(value(schema.get("items", {})))()
            elements = st.lists(element, min_size=fewest, max_size=most)
            return lambda draw: draw(elements)
        case _:
            return leaf(schema, name)


def _properties(schema: dict[str, Any], facts: TargetFacts) -> dict[str, Draws]:
    """How each property that may be sent is drawn."""
    properties = schema["properties"]
    values = {name: value(sub, name) for name, sub in properties.items()}
    special: dict[str, Draws] = {
        name: stamped(properties[name], name) for name in STAMPED if name in properties
    }
    special[TOTAL] = lambda _draw: 0  # the sum of the items, once they are drawn
    if ITEMS in properties:
        special[ITEMS] = _items(properties[ITEMS], properties.get(TOTAL, {}).get("maximum", 10**12))
    if facts.order_ids:
        known = st.sampled_from(facts.order_ids)
        special[ORDER] = lambda draw: draw(known)
    period = window(facts)
    if period:
        special[UPDATED] = instants(*period)
    else:
        values.pop(UPDATED, None)
    return {name: special.get(name, draws) for name, draws in values.items()}


def _objects(
    values: dict[str, Draws], required: Collection[str]
) -> Callable[[st.DrawFn], dict[str, Json]]:
    """Objects with the required properties and those optional ones that one drawn number picks."""
    optional = [name for name in values if name not in required]
    picks = st.integers(0, (1 << len(optional)) - 1)

    def objects(draw: st.DrawFn) -> dict[str, Json]:
        picked = draw(picks) if optional else 0
        absent = {name for bit, name in enumerate(optional) if not picked >> bit & 1}
        return {name: draws(draw) for name, draws in values.items() if name not in absent}

    return objects


def _items(schema: dict[str, Any], most: float) -> Draws:
    """Mostly one to four items, seldom up to as many as there may be; their sum at most `most`."""
    # A strategy, so that Hypothesis can take out an item as a whole.
    item = st.composite(value(schema["items"]))()
    fewest, limit = schema.get("minItems", 0), schema.get("maxItems", 100)
    many = st.just(limit) | st.integers(fewest, limit)

    def lists(draw: st.DrawFn) -> list[Json]:
        turn = draw(_TURNS)
        size = min(max(fewest, FEW[turn % len(FEW)]), limit)
        if turn == 3 * len(FEW):
            size = draw(many)
        items = [_bounded(draw(item), most / limit) for _ in range(min(size, max(FEW)))]
        if size > len(items):
            room = ITEM_BYTES // max(len(encode(drawn)) + 8 for drawn in items)
            items = grown(items, max(fewest, len(items), min(size, room)))
        return apart(items, schema)

    return lists


def _bounded(item: Json, most: float) -> Json:
    """The item, of a smaller quantity where amount x quantity would be more than `most`."""
    try:
        too_much = item[AMOUNT] * item[QUANTITY] > most
    except (KeyError, TypeError):  # another document's items have no such product
        return item
    return {**item, QUANTITY: int(most // item[AMOUNT])} if too_much else item
