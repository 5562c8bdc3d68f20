"""Invoices that a server must accept: they keep the document and the reading."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from spec.contract import Contract
from spec.facts import Facts
from spec.formats import instant
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
from strategies.encoding import encode
from strategies.leaves import leaf, stamped
from strategies.moments import instants, window
from strategies.places import Json

ITEM_BYTES = 48 * 1024
"""Room for the items, so that the whole body stays within the reading's 64 KiB."""

FEW = (1, 2, 3, 1, 2, 1, 4, 2)
"""How many items an invoice has by default. Longer ones repeat four under distinct references."""

_TURNS = st.integers(0, 3 * len(FEW))
_SHARES = st.integers(0, 3)  # nothing paid, a part, all, more


def sound(contract: Contract, facts: Facts) -> st.SearchStrategy[dict[str, Json]]:
    """Invoices that the documents oblige a server to accept, as far as `facts` tell."""
    schema = contract.sound_schema
    return _invoices(contract, _objects(_properties(schema, facts), schema.get("required", ())))


def value(schema: dict[str, Any], name: str = "") -> st.SearchStrategy[Json]:
    """Values that keep a schema, arrays short."""
    match schema.get("type"):
        case "object":
            values = {key: value(sub, key) for key, sub in schema.get("properties", {}).items()}
            return _objects(values, schema.get("required", ()))
        case "array":
            fewest = schema.get("minItems", 0)
            most = min(schema.get("maxItems", fewest + 3), fewest + 3)
            return st.lists(value(schema.get("items", {})), min_size=fewest, max_size=most)
        case _:
            return leaf(schema, name)


def _properties(schema: dict[str, Any], facts: Facts) -> dict[str, st.SearchStrategy[Json]]:
    """A strategy for each property that may be sent."""
    properties = schema["properties"]
    values = {name: value(sub, name) for name, sub in properties.items()}
    special: dict[str, st.SearchStrategy[Json]] = {
        name: stamped(properties[name], name) for name in STAMPED if name in properties
    }
    special[TOTAL] = st.just(0)  # the sum of the items, once they are drawn
    if ITEMS in properties:
        most = properties.get(TOTAL, {}).get("maximum", 10**12)
        special[ITEMS] = _item_lists(properties[ITEMS], value(properties[ITEMS]["items"]), most)
    if facts.order_ids:
        special[ORDER] = st.sampled_from(facts.order_ids)
    period = window(facts)
    if period:
        special[UPDATED] = instants(*period)
    else:
        values.pop(UPDATED, None)
    return {name: special.get(name, strategy) for name, strategy in values.items()}


@st.composite
def _objects(
    draw: st.DrawFn, values: dict[str, st.SearchStrategy[Json]], required: tuple[str, ...]
) -> dict[str, Json]:
    """Objects with the required properties and those optional ones that one drawn number picks."""
    optional = [name for name in values if name not in required]
    picked = draw(st.integers(0, (1 << len(optional)) - 1)) if optional else 0
    absent = {name for bit, name in enumerate(optional) if not picked >> bit & 1}
    return {name: draw(strategy) for name, strategy in values.items() if name not in absent}


@st.composite
def _item_lists(
    draw: st.DrawFn, schema: dict[str, Any], item: st.SearchStrategy[Json], most: float
) -> list[Json]:
    """Mostly one to four items, seldom up to as many as there may be; their sum at most `most`."""
    fewest, limit = schema.get("minItems", 0), schema.get("maxItems", 100)
    turn = draw(_TURNS)
    size = min(max(fewest, FEW[turn % len(FEW)]), limit)
    if turn == 3 * len(FEW):
        size = draw(st.just(limit) | st.integers(fewest, limit))
    items = [_bounded(draw(item), most / limit) for _ in range(min(size, max(FEW)))]
    if size > len(items):
        room = ITEM_BYTES // max(len(encode(drawn)) + 8 for drawn in items)
        items = grown(items, max(fewest, len(items), min(size, room)))
    return apart(items, schema)


def _bounded(item: dict[str, Json], most: float) -> dict[str, Json]:
    """The item, of a smaller quantity where amount x quantity would be more than `most`."""
    if AMOUNT in item and QUANTITY in item and item[AMOUNT] * item[QUANTITY] > most:
        return {**item, QUANTITY: int(most // item[AMOUNT])}
    return item


@st.composite
def _invoices(
    draw: st.DrawFn, contract: Contract, drawn: st.SearchStrategy[dict[str, Json]]
) -> dict[str, Json]:
    """The drawn invoices, made to agree with themselves."""
    payload = draw(drawn)
    if CREATED in payload and UPDATED in payload:
        payload[CREATED] = min(payload[CREATED], payload[UPDATED], key=instant)
    payload = settled(contract, payload)
    if PAID in payload and TOTAL in payload:
        total, paid = cents(payload[TOTAL]), cents(payload[PAID])
        paid = (0, paid % max(total, 1), total, total + paid)[draw(_SHARES)]
        limits = contract.sound_schema["properties"][PAID]
        paid = min(max(paid, cents(limits.get("minimum", 0))), cents(limits.get("maximum", 10**12)))
        payload[PAID] = number(Decimal(paid) / 100)
    return settled(contract, payload)
