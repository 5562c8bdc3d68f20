"""Draws valid invoices: those that keep the document and the reading."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from spec.coherence import SumOfProducts
from spec.contract import Contract, TargetFacts
from spec.paths import Json
from spec.schema.amounts import written
from spec.schema.choices import branches
from spec.schema.formats import instant_or_start_of_day
from spec.schema.presence import fitted, has_rules, rules_of
from strategies.dates import date_times, update_window
from strategies.invoice import encode, plain
from strategies.objects import properties_of
from strategies.relations import (
    amount_at,
    as_written,
    cents,
    consistent,
    json_number,
    repeated_to,
    with_distinct_references,
)
from strategies.scalars import (
    Composite,
    is_narrow,
    keeps,
    limits,
    main_type,
    scalar,
    stamped_text,
    steady,
)

_MAX_ITEM_BYTES = 48 * 1024
"""Of all items, so that the whole body stays within the reading's 64 KiB."""

_ITEM_COUNTS = (1, 2, 1, 3, 1, 2, 1, 4)
"""The usual numbers of items; a longer invoice repeats four items with distinct references."""


_MONEY = {"type": "number", "maximum": 10**12}


@cache
def valid(contract: Contract, facts: TargetFacts) -> st.SearchStrategy[dict[str, Json]]:
    """Invoices that the document and the reading oblige a server at this target to accept."""
    schema, relations = contract.narrowed.schema, contract.relations
    created, updated = relations.dates.earlier, relations.dates.later
    paid, total = relations.state.paid, relations.state.total
    properties = _objects(_properties(contract, facts), schema)
    least, most, unit = (cents(one) for one in limits(schema["properties"].get(paid, _MONEY)))
    is_fixed = "enum" in schema["properties"].get(paid, {})
    payments = st.integers(0, 3)

    @st.composite
    def valid_invoices(draw: st.DrawFn) -> dict[str, Json]:
        payload = as_written(contract, properties(draw))
        if created in payload and updated in payload:
            both = payload[created], payload[updated]
            dated = schema["properties"][created]
            if is_narrow(dated) or "enum" in dated:
                payload[updated] = max(both, key=instant_or_start_of_day)
            else:
                payload[created] = min(both, key=instant_or_start_of_day)
        payload = consistent(contract, payload)
        if paid in payload and total in payload and not is_fixed:
            due, drawn = cents(payload[total]), cents(payload[paid])
            nothing, part, all_of_it, more = 0, drawn % max(due, 1), due, due + drawn
            amount = (nothing, part, all_of_it, more)[draw(payments)]
            amount = min(max(amount // unit * unit, least), most)
            payload[paid] = amount_at(contract, (paid,), Decimal(amount) / 100)
        return consistent(contract, payload)

    return valid_invoices()


def _properties(contract: Contract, facts: TargetFacts) -> dict[str, Composite]:
    """How to draw each property of the invoice that may be sent."""
    properties, relations = contract.narrowed.schema["properties"], contract.relations
    items, total = relations.sum.items, relations.sum.total
    updated = relations.update.updated
    composites = {name: _value(contract, sub, name) for name, sub in properties.items()}
    special: dict[str, Composite] = {
        name: stamped_text(properties[name], name)
        for (name, *below) in relations.new.paths
        if name in properties and not below
    }
    special[total] = lambda _draw: 0  # replaced by the sum once the items are drawn
    if items in properties:
        most = properties.get(total, {}).get("maximum", 10**12)
        special[items] = _items(contract, properties[items], most)
    alone = relations.order.alone
    if orders_known := facts.order_ids or (() if alone is None else (alone,)):
        orders = st.sampled_from(orders_known)
        special[relations.order.order] = lambda draw: draw(orders)
    window = update_window(facts)
    narrow = is_narrow(properties.get(updated, {}))
    if not window or (narrow and updated not in contract.narrowed.schema.get("required", ())):
        composites.pop(updated, None)
    elif properties.get(updated, {}).get("format") == "date-time" and not narrow:
        special[updated] = date_times(*window)
    return {name: special.get(name, composite) for name, composite in composites.items()}


def _items(contract: Contract, schema: dict[str, Any], most: float) -> Composite:
    """Draws mostly one to four items, seldom as many as allowed; their sum is at most `most`."""
    # A strategy, so that Hypothesis can remove an item as a whole.
    item = st.composite(_item(contract, schema["items"]))()
    fewest, limit = schema.get("minItems", 0), schema.get("maxItems", 100)
    choices, relation = st.integers(0, 3 * len(_ITEM_COUNTS)), contract.relations.sum
    schemas = schema["items"].get("properties", {})
    many = st.just(limit) | st.integers(fewest, limit)

    def items(draw: st.DrawFn) -> list[Json]:
        choice = draw(choices)
        size = min(max(fewest, _ITEM_COUNTS[choice % len(_ITEM_COUNTS)]), limit)
        if choice == 3 * len(_ITEM_COUNTS):
            size = draw(many)
        drawn = [
            _limited(relation, draw(item), most / limit, schemas)
            for _ in range(min(size, max(_ITEM_COUNTS)))
        ]
        if size > len(drawn):
            fitting = _MAX_ITEM_BYTES // max(len(encode(one)) + 8 for one in drawn)
            drawn = repeated_to(drawn, max(fewest, len(drawn), min(size, fitting)))
        return with_distinct_references(contract, drawn, schema)

    return items


def _item(contract: Contract, schema: dict[str, Any]) -> Composite:
    """Draws an item; its reference carries the run's stamp."""
    properties, reference = schema.get("properties", {}), contract.relations.distinct.reference
    if reference not in properties:
        return _value(contract, schema)
    values = {name: _value(contract, sub, name) for name, sub in properties.items()}
    values[reference] = stamped_text(properties[reference], reference)
    return _objects(values, schema)


def _limited(
    relation: SumOfProducts, item: Json, most: float, schemas: dict[str, dict[str, Any]]
) -> Json:
    """The item, its quantity reduced by its unit if amount x quantity is more than `most`, and the
    amount as well where no quantity is so small. `schemas` are those of its properties.
    """
    try:
        price, number = (
            float(item[name]) if name in relation.texts else item[name]
            for name in (relation.amount, relation.quantity)
        )
        too_much = price * number > most
    except (KeyError, TypeError):  # the items of another document may have no such product
        return item
    if not too_much:
        return item
    counted = schemas.get(relation.quantity, {})
    unit = counted.get("multipleOf", 1)
    quantity: Json = int(most // price // unit * unit)
    amount = item[relation.amount]
    fewest = limits(counted)[0]
    if quantity < fewest:
        quantity = json_number(fewest)
        least, _, cent = limits(schemas.get(relation.amount, {}))
        lower = max(least, Decimal(str(most)) / fewest // cent * cent)
        amount = written(schemas.get(relation.amount, {}), json_number(lower))
    while "not" in counted and quantity > fewest and not keeps(counted, quantity):
        quantity -= unit
    return {**item, relation.quantity: written(counted, quantity), relation.amount: amount}


def _value(contract: Contract, schema: dict[str, Any], name: str = "") -> Composite:
    """Draws values that keep a schema, with at most three elements more than an array needs."""
    ways = [_of_branch(contract, branch, name) for branch in branches(schema)]
    if "null" in schema.get("type", ()) and name not in contract.relations.names:
        ways = [*ways * 3, lambda _draw: None]
    if len(ways) == 1:
        return ways[0]
    choices = st.integers(0, len(ways) - 1)
    if "oneOf" not in schema:
        return lambda draw: ways[draw(choices)](draw)

    def of_one(draw: st.DrawFn) -> Json:
        value = ways[draw(choices)](draw)
        return value if keeps(schema, value) else plain(contract, schema)  # it keeps two of them

    return of_one


def _of_branch(contract: Contract, schema: dict[str, Any], name: str) -> Composite:
    match main_type(schema):
        case "object":
            values = {key: _value(contract, sub, key) for key, sub in properties_of(schema).items()}
            return _objects(values, schema)
        case "array":
            fewest = schema.get("minItems", 0)
            most = min(schema.get("maxItems", fewest + 3), fewest + 3)
            element = st.composite(_value(contract, schema.get("items", {})))()
            unique = encode if schema.get("uniqueItems") else None
            elements = st.lists(element, min_size=fewest, max_size=most, unique_by=unique)
            if unique and fewest > 1:
                elements = steady(elements, plain(contract, schema))
            return lambda draw: draw(elements)
        case _:
            return scalar(schema, name)


def _objects(
    values: dict[str, Composite], schema: dict[str, Any]
) -> Callable[[st.DrawFn], dict[str, Json]]:
    """Draws objects with the required properties and any of the optional ones, of those that may
    not stand together, or are too many, only some.
    """
    required, fewest = schema.get("required", ()), schema.get("minProperties", 0)
    rules = {**rules_of(schema), "required": required, "properties": {name: {} for name in values}}
    rules |= {name: schema[name] for name in ("maxProperties",) if name in schema}
    is_ruled = has_rules(rules)
    optional = [name for name in values if name not in required]
    # One number for all, each bit an optional property: fewer choices.
    subsets = st.integers(0, (1 << len(optional)) - 1)

    def objects(draw: st.DrawFn) -> dict[str, Json]:
        subset = draw(subsets) if optional else 0
        absent = {name for bit, name in enumerate(optional) if not subset >> bit & 1}
        if len(values) - len(absent) < fewest:
            absent = set()
        whole = {name: value(draw) for name, value in values.items() if name not in absent}
        return fitted(rules, whole) if is_ruled else whole

    return objects
