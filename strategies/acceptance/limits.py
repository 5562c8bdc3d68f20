"""Valid invoices at the limits of document and reading: values, and the size of the body.

A limit that is one too strict only where a property is absent, or only in a large body, refuses one
of them: each kind of limit meets every level of every factor of `strategies.carriers`.
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import jsonschema_rs
from covertable import make  # type: ignore[import-untyped] # it has no annotations

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.expectation import LARGEST_VALID
from spec.paths import ELEMENT, Json, Path, schema_at
from spec.relations import Relations
from spec.schema.amounts import written
from spec.schema.formats import instant_or_start_of_day
from strategies.carried import carrying, paid_as
from strategies.carriers import (
    NO_STATUS,
    Carrier,
    factors,
)
from strategies.cases import Case, Crowd, sent_as
from strategies.dates import date_time_texts
from strategies.extras.company import accepted_in_company, beside
from strategies.invoice import encode, plain_invoice
from strategies.relations import (
    as_written,
    consistent,
    json_number,
    must_be_accepted,
    with_distinct_references,
)
from strategies.scalars import valid_text
from strategies.too_large import MOST_VALID, text_fits
from strategies.wrong.converted import converted

Invoice = dict[str, Json]
Schema = dict[str, Any]


def invoices_at_limits(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """For each kind of limit, valid invoices with as many values as possible at it."""
    cases = _cases(contract, facts)
    kinds = dict.fromkeys(case.kind for case in cases)
    return tuple(Crowd(kind, tuple(c for c in cases if c.kind == kind)) for kind in kinds)


@cache
def _cases(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    cases: list[Case] = []
    ways = accepted_in_company(contract)
    for row in make({**factors(contract), "limits": [*_KINDS]}, strength=2):
        kind = row.pop("limits")
        carrier = Carrier(**row)
        payload = at_limits(contract, facts, carrier, kind)
        body = encode(payload)
        if len(body) <= LARGEST_VALID and must_be_accepted(contract, facts, payload):
            case = sent_as(contract, facts, Case(f"{kind} ({carrier})", kind, body), carrier)
            # The first of a kind comes after bad requests, too.
            is_known = any(one.kind == kind for one in cases)
            cases.append(beside(case, next(ways)) if is_known else case)
    return tuple(cases)


def at_limits(contract: Contract, facts: TargetFacts, carrier: Carrier, kind: str) -> Invoice:
    """The carrier, with each value for which there is such a limit at it."""
    properties = contract.narrowed_schema["properties"]
    invoice, change = {**carrying(contract, facts, carrier)}, _KINDS[kind]
    relations = contract.relations
    order, items, paid = relations.order.order, relations.sum.items, relations.state.paid
    kept = {name: invoice[name] for name in (order,) if facts.order_ids and name in invoice}
    if items in invoice:
        elements = invoice[items] = [{**item} for item in invoice[items]]
        at = carrier.index(len(elements))
        inner = schema_at(contract.narrowed_schema, (items, ELEMENT)).get("properties", {})
        others = elements[:at] + elements[at + 1 :]
        change(relations, inner, elements[at], others, (items, ELEMENT))
    change(relations, properties, invoice, [], ())
    invoice = as_written(contract, {**invoice, **kept})
    payload = paid_as(contract, consistent(contract, invoice), carrier)
    amount = _paid(relations).get((kind, carrier.status))
    if amount is not None and paid in payload and relations.sum.total in payload:
        amount_paid = amount(_number(payload[relations.sum.total]), properties[paid])
        payload = consistent(contract, as_written(contract, {**payload, paid: amount_paid}))
    return payload


def _number(amount: Json) -> Json:
    """The amount as a number, where it is a text."""
    return json_number(converted(amount)) if isinstance(amount, str) else amount


# Each kind changes an object in place, with the properties of its schema; `others` are the other
# items beside it.


def _longest(
    relations: Relations, properties: Schema, value: Invoice, _others: list[Invoice], at: Path
) -> None:
    """Texts and addresses as long as they may be, and the highest amount."""
    names = _with_a_limit(properties, value)
    for name in names:
        longest, format_ = properties[name]["maxLength"], properties[name].get("format", "text")
        # All of them are in one invoice, half of which is for its items.
        if not text_fits("a", longest, MOST_VALID // 2 // len(names)):
            continue
        if format_ == "web-url":
            value[name] = value[name].ljust(longest, "a")
        elif format_ == "text":
            # The first characters are those of other invoices; some indexes hold no more.
            stamped = (*at, name) in relations.new.paths and longest >= len(PLACEHOLDER)
            stamp = PLACEHOLDER if stamped else ""
            value[name] = "a" * (longest - len(stamp)) + stamp
    amount, quantity = relations.sum.amount, relations.sum.quantity
    if amount in value:
        value[amount] = properties.get(amount, {}).get("maximum", value[amount])
        value[quantity] = properties.get(quantity, {}).get("minimum", 1)


def _highest(
    relations: Relations, properties: Schema, value: Invoice, others: list[Invoice], _at: Path
) -> None:
    """The highest quantity, and with it the highest total: all else is free."""
    amount, quantity = relations.sum.amount, relations.sum.quantity
    if {amount, quantity} <= value.keys():
        value[quantity] = properties.get(quantity, {}).get("maximum", value[quantity])
        value[amount] = _MOST_IN_ALL // value[quantity]
        for other in others:
            other[amount] = 0


_MOST_IN_ALL = 10**12
"""The highest total of the reading."""


def _shortest(
    relations: Relations, properties: Schema, value: Invoice, _others: list[Invoice], at: Path
) -> None:
    """The shortest texts, and the lowest amount and quantity."""
    for name in _with_a_limit(properties, value):
        if properties[name].get("format", "text") == "text":
            value[name] = PLACEHOLDER if (*at, name) in relations.new.paths else "0"
    for name in {relations.sum.amount, relations.sum.quantity} & value.keys():
        value[name] = properties.get(name, {}).get("minimum", value[name])


def _free(
    relations: Relations, _properties: Schema, value: Invoice, others: list[Invoice], at: Path
) -> None:
    """Every item for nothing."""
    for item in (value, *others) if at else ():
        item[relations.sum.amount] = 0


def _cents(
    relations: Relations, _properties: Schema, value: Invoice, others: list[Invoice], at: Path
) -> None:
    """The smallest amounts."""
    for item in (value, *others) if at else ():
        item[relations.sum.amount] = 0.01


LONGEST, HIGHEST, SHORTEST = "the longest", "the highest total", "the shortest"
FREE, CENTS = "a total of 0", "a cent each"
_KINDS: dict[str, Callable[[Relations, Schema, Invoice, list[Invoice], Path], None]] = {
    LONGEST: _longest,
    HIGHEST: _highest,
    SHORTEST: _shortest,
    FREE: _free,
    CENTS: _cents,
}


def _paid(relations: Relations) -> dict[tuple[str, str], Callable[[Json, Schema], Json]]:
    """What is paid, by the kind and the status; elsewhere it is as the carrier has it."""
    part, more = relations.state.part, relations.state.more
    return {
        (LONGEST, more): lambda total, limits: limits.get("maximum", total + 1),
        (LONGEST, NO_STATUS): lambda total, limits: limits.get("maximum", total),
        (HIGHEST, part): lambda total, _limits: round(total - 0.01, 2),
        (SHORTEST, NO_STATUS): lambda _total, limits: limits.get("minimum", 0),
        (FREE, NO_STATUS): lambda _total, _limits: 0,
        (CENTS, part): lambda _total, _limits: 0.01,
        (CENTS, more): lambda total, _limits: round(total + 0.01, 2),
        (CENTS, NO_STATUS): lambda _total, _limits: 0.01,
    }


def _with_a_limit(properties: Schema, value: Invoice) -> list[str]:
    """The texts of an object of which the length is limited."""
    return [
        name
        for name in value
        if "maxLength" in properties.get(name, {})
        and not {"enum", "pattern"} & properties[name].keys()
    ]


# The size of a body.

_SIZES = (16, 24, 32, 48, 64)
"""KiB; the reading allows no more."""

BLOCKS = tuple(2**power for power in range(9, 16))
"""Bytes that a server may read at once: from the client's chunks of 512 to 32 KiB."""

_SHIFTS = range(0, 200, 7)
"""How many characters to make ASCII, until blocks of every size end inside a character."""

_ESCAPED = "emoji in escapes"
"""The longest that a text of so many characters can be: twelve bytes each."""

_ALPHABETS = {
    "ASCII": "Walnut table ",
    "Cyrillic": "Стол",
    "Chinese": "胡桃木桌",
    "emoji": "🪑🛋",
    _ESCAPED: "🪑🛋",
}
"""Characters of one, two, three and four bytes in UTF-8."""

_SENT = (
    (("ASCII", False), ("Chinese", False), ("Cyrillic", True)),
    (("ASCII", True), ("Cyrillic", False), ("emoji", True)),
    ((_ESCAPED, True), ("emoji", False), ("Chinese", True)),
)
"""Alphabets, and whether in chunks: the first row for the first size, and so on in turn."""


_IN_ONE = {(48, "Cyrillic"): -2, (64, "Cyrillic"): -1}
"""Invoices of which one text of the items has nearly all, counted from the last one."""


@cache
def large_invoices(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """An invoice of each size, to the byte, in three alphabets, by length and in chunks; before the
    largest in chunks the server is asked whether it wants them (RFC 9110, section 10.1.1).

    Blocks of every usual size end inside a character of it, where it has any beyond ASCII.
    """
    if contract.relations.sum.items not in contract.narrowed_schema["properties"]:
        return ()
    cases: list[Case] = []
    for number, size in enumerate(_SIZES):
        for alphabet, chunked in _SENT[number % len(_SENT)]:
            plain = _at_another_time(contract, facts, len(cases))
            if chunked:
                plain = _with_highest_amounts(contract, facts, plain)
            body = _cut_inside(
                contract, facts, plain, size * 1024, alphabet, _IN_ONE.get((size, alphabet))
            )
            way = "in chunks" if chunked else "by length"
            asks = (("Expect", "100-continue"),) if chunked and size == _SIZES[-1] else ()
            name = f"{size} KiB of {alphabet} {way}"
            cases.append(Case(name, "size", body, asks, chunked=chunked))
    return tuple(cases)


def cuts(body: bytes) -> set[int]:
    """The sizes of blocks of which at least one ends inside a character of the body."""
    return {
        block
        for block in BLOCKS
        if any(body[end] & 0xC0 == 0x80 for end in range(block, len(body), block))
    }


def _at_another_time(contract: Contract, facts: TargetFacts, number: int) -> dict[str, Json]:
    """The plain invoice, some seconds later where it may be, so that no two have the same dates."""
    plain = plain_invoice(contract, facts)
    dates = contract.relations.dates
    names = (dates.earlier, dates.later)
    moments = {name: instant_or_start_of_day(plain[name]) for name in names if name in plain}
    later = {
        name: date_time_texts(moment + timedelta(seconds=number))[0]
        for name, moment in moments.items()
    }
    payload = consistent(contract, {**plain, **later})
    return payload if must_be_accepted(contract, facts, payload) else plain


def _with_highest_amounts(
    contract: Contract, facts: TargetFacts, plain: dict[str, Json]
) -> dict[str, Json]:
    """The invoice with the highest quantity, total and payment, if it may have them."""
    items, paid = contract.relations.sum.items, contract.relations.state.paid
    item, schema = {**plain[items][0]}, contract.narrowed_schema["properties"][items]
    _highest(contract.relations, schema["items"].get("properties", {}), item, [], ())
    most = {paid: _MOST_IN_ALL} if paid in plain else {}
    invoice = as_written(contract, {**plain, **most, items: [item]})
    payload = consistent(contract, invoice)
    return payload if must_be_accepted(contract, facts, payload) else plain


def _cut_inside(
    contract: Contract,
    facts: TargetFacts,
    plain: dict[str, Json],
    size: int,
    alphabet: str,
    one: int | None,
) -> bytes:
    """The body of that size in which blocks of every size end inside a character."""
    characters = _ALPHABETS[alphabet]
    write = _escaped if alphabet == _ESCAPED else encode
    body = b""
    for shift in _SHIFTS:
        large = _invoice(contract, facts, plain, size, characters, shift, write, one)
        body = write(large).ljust(size)
        if body.isascii() or cuts(body) == {block for block in BLOCKS if block < len(body)}:
            break
    return body


def _escaped(payload: Json) -> bytes:
    return json.dumps(payload, separators=(",", ":")).encode()


def _invoice(
    contract: Contract,
    facts: TargetFacts,
    plain: dict[str, Json],
    size: int,
    characters: str,
    shift: int,
    write: Callable[[Json], bytes],
    one: int | None,
) -> Json:
    """The plain invoice with all texts at their limits, and as many items as there is room for; of
    their texts with `one` all but that are short.

    The texts of the last item are as long as there is room. `shift` characters of the first item
    are ASCII, which moves all that follows it by a byte or more.
    """
    properties = contract.narrowed_schema["properties"]
    relations, invoice = contract.relations, {**plain}
    items = relations.sum.items
    for name, longest in _texts(contract.narrowed_schema):
        if name in invoice and not (name == relations.order.order and facts.order_ids):
            invoice[name] = _text(relations, (name,), "", characters * _LONGEST, longest)
    for name, inner in properties.items():
        if inner.get("format") == "web-url" and name in invoice:
            longest = inner.get("maxLength", 0)
            if text_fits("a", longest, MOST_VALID // 4):
                invoice[name] = invoice[name].ljust(longest, "a")
    first, invoice[items] = invoice[items][0], []
    room = size - len(write(invoice)) - _SUMS
    most = _LONGEST
    for number in range(1, properties[items].get("maxItems", 100) + 1):
        filler = ("a" * shift if number == 1 else "") + characters * _LONGEST
        item = _item(relations, properties[items]["items"], first, number, filler, most, one)
        while (length := len(write(item))) >= room and most > _SHORTEST:
            most -= _LESS
            item = _item(relations, properties[items]["items"], first, number, filler, most, one)
        if length >= room:
            break
        room -= length + 1
        invoice[items].append(item)
    invoice[items] = with_distinct_references(contract, invoice[items], properties[items])
    return consistent(contract, invoice)


_LONGEST, _SHORTEST = 255, len(PLACEHOLDER) + 5
"""Code points of a text without a limit, and of one with little more than stamp and number."""
_LESS = 15
"""Code points by which the texts of the last item are made shorter until it fits."""
_SUMS = len("1000000000000")
"""Bytes for the total, which grows with the items."""


def _item(
    relations: Relations,
    schema: dict[str, Any],
    plain: Json,
    number: int,
    filler: str,
    most: int,
    one: int | None,
) -> Json:
    """An item of its own for each number, its texts at their limits or `most` long, with `one` of
    them the others short.

    Beside an item of the highest amount, all others are for nothing.
    """
    item = dict(plain)
    texts = [*_texts(schema)]
    for place, (name, longest) in enumerate(texts, -len(texts)):
        path = (relations.sum.items, ELEMENT, name)
        size = min(longest, most if one in (None, place) else _SHORTEST)
        item[name] = _text(relations, path, f"{number} ", filler, size)
    price, amount = relations.sum.amount, json_number(Decimal(number) * 101 / 100)
    cost = _number(item.get(price, 0))
    if price in item and cost * _number(item.get(relations.sum.quantity, 0)) == _MOST_IN_ALL:
        amount = cost if number == 1 else 0
    amount = written(schema_at(schema, (price,)), amount)
    if price in item and jsonschema_rs.is_valid(schema_at(schema, (price,)), amount):
        item[price] = amount
    return item


def _text(relations: Relations, path: Path, start: str, filler: str, size: int) -> str:
    """A text of that many code points: the start, the stamp where there is one, the filler."""
    stamped = path in relations.new.paths
    stamp = PLACEHOLDER if stamped and size >= len(start + PLACEHOLDER) else ""
    return valid_text((start + stamp + filler)[:size])


def _texts(schema: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """The names of an object's properties that take any text, and the limit of each."""
    for name, inner in schema.get("properties", {}).items():
        if inner.get("format") == "text" and "enum" not in inner:
            yield name, min(inner.get("maxLength", _LONGEST), _LONGEST)
