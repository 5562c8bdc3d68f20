"""Items whose prices make a total, so that it is wrong for no other reason than its own."""

from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from typing import Any

from spec.contract import Contract
from spec.paths import ELEMENT, Json, schema_at
from spec.schema.amounts import written
from strategies.relations import amount_at, bounds_of, json_number, total_of
from strategies.scalars import keeps
from strategies.wrong.converted import converted

Invoice = dict[str, Json]

_CENT, _MOST = Decimal("0.01"), Decimal(1_000_000)
"""The smallest amount, and the largest one and the most of an item that make up a total."""
_MOST_SHARED = 10**12
"""The largest total of several pieces."""


def with_several_worth(contract: Contract, payload: Invoice) -> Invoice:
    """A copy whose first two items make up for a total or, where they may not have such prices, the
    first alone.
    """
    priced = with_total(contract, payload, payload[contract.relations.sum.total])
    return with_first_worth(contract, payload) if priced is payload else priced


def with_total(contract: Contract, payload: Invoice, total: Json) -> Invoice:
    """A copy whose first two items are so priced that all make this total; as it is where two of
    positive amounts cannot.
    """
    relation = contract.relations.sum
    items = payload.get(relation.items)
    if not (isinstance(items, list) and all(type(each) is dict for each in items) and items[1:]):
        return payload
    left = converted(total) - converted(total_of(contract, items[2:]))
    path = (relation.items, ELEMENT, relation.amount)
    priced = [
        {**each, relation.quantity: many, relation.amount: amount_at(contract, path, one)}
        for each, (many, one) in zip(items, _shared(contract, left), strict=False)
    ]
    prices = schema_at(contract.request_schema, path)
    if not priced or not all(keeps(prices, one[relation.amount]) for one in priced):
        return payload
    return {**payload, relation.items: [*priced, *items[2:]]}


def _shared(contract: Contract, worth: Decimal) -> tuple[tuple[int, Decimal], ...]:
    """Pieces and price of two items of this worth; nothing where positive prices cannot make it."""
    prices, pieces = _schemas(contract)
    least, most = bounds_of(prices, _CENT, _MOST)
    least, most = max(least, _CENT), min(most, _MOST)
    most_pieces, number = min(bounds_of(pieces, _CENT, _MOST)[1], _MOST), 1
    while worth / number > most and number * 10 <= most_pieces:
        number *= 10
    if worth <= 0 or worth / number > most:
        return ()
    first = (worth / number).quantize(_CENT, ROUND_DOWN)
    lacking = max(Decimal(0), least - (worth - first * number))
    first -= (lacking / number).quantize(_CENT, ROUND_CEILING)
    second = worth - first * number
    if first <= 0 or second != round(second, 2):
        return ()
    return (number, first), (1, second)


def with_first_worth(contract: Contract, payload: Invoice) -> Invoice:
    """A copy whose first item alone makes the total that a server which converts types reads: of
    one piece, or of as many as there are where the document does not have one. The others cost
    nothing; where the document does not have that, there are none.
    """
    relation = contract.relations.sum
    items, path = payload.get(relation.items), (relation.items, ELEMENT, relation.amount)
    if not isinstance(items, list) or not items or any(type(each) is not dict for each in items):
        return payload
    amounts, pieces = _schemas(contract)
    worth = converted(payload.get(relation.total))
    single = written(pieces, 1)
    number = single if keeps(pieces, single) else items[0].get(relation.quantity)
    if number != single:
        if type(number) is not int or number < 1 or abs(worth) > _MOST_SHARED:
            return payload
        worth = worth / number
        if worth != round(worth, 2):
            return payload
    of_one, nothing = (amount_at(contract, path, one) for one in (worth, Decimal(0)))
    may_be_free = keeps(amounts, nothing)
    if not keeps(amounts, of_one) or not (may_be_free or _may_be_alone(contract)):
        return payload
    first = {**items[0], relation.amount: of_one, relation.quantity: number}
    others = [{**each, relation.amount: nothing} for each in items[1:]]
    return {**payload, relation.items: [first, *others * may_be_free]}


def _may_be_alone(contract: Contract) -> bool:
    items = schema_at(contract.request_schema, (contract.relations.sum.items,))
    return int(items.get("minItems", 0)) <= 1


def _schemas(contract: Contract) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an item may cost, and how many pieces of it there may be, of what must be accepted."""
    relation = contract.relations.sum
    of_item = (relation.items, ELEMENT)
    prices = schema_at(contract.narrowed_schema, (*of_item, relation.amount))
    return prices, schema_at(contract.narrowed_schema, (*of_item, relation.quantity))


def worth_what_is_paid(contract: Contract, payload: Invoice) -> Invoice:
    """The payload with items of which its status is right for a server that converts what is paid;
    without a status where that would be another one.
    """
    state, total = contract.relations.state, contract.relations.sum.total
    status, paid = payload.get(state.status), converted(payload.get(state.paid))
    if status is None or total not in payload or payload[state.paid] is None:
        return payload
    if not paid and status != state.nothing and not contract.find(f"{state.status}.required"):
        return {name: value for name, value in payload.items() if name != state.status}
    worth = {state.whole: paid, state.more: round(paid / 2, 2)}.get(state.like(status))
    if not paid or worth is None:
        return payload
    priced = with_first_worth(contract, {**payload, total: json_number(worth)})
    return {**priced, total: payload[total]}
