"""Valid invoices by the size of their bodies, up to what the reading allows."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import jsonschema_rs

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.paths import ELEMENT, Json, Path, schema_at
from spec.relations import Relations
from spec.schema.amounts import written
from spec.schema.formats import instant_or_start_of_day
from strategies.acceptance.limits import MOST_IN_ALL, as_number, highest
from strategies.cases import Case
from strategies.dates import date_time_texts
from strategies.extras.writings import filled
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

_SIZES = (16, 24, 32, 48, 64)
"""KiB; the reading allows no more."""

BLOCKS = tuple(2**power for power in range(9, 16))
"""Bytes that a server may read at once: from the client's chunks of 512 to 32 KiB."""

_BEFORE_ITS_BRACE = -1
"""The index of the last character of a body."""

_SHIFTS = range(0, 200, 7)
"""How many characters to make ASCII, until blocks of every size end inside a character."""

_ESCAPED = "emoji in escapes"
"""The longest that a text of so many characters can be: twelve bytes each."""

_OF_HTML, _OF_JSON = "signs of HTML", "quotes and backslashes"
"""Signs that take up to six times the room where they are escaped."""

_ALPHABETS = {
    "ASCII": "Walnut table ",
    "Cyrillic": "Стол",
    "Chinese": "胡桃木桌",
    "emoji": "🪑🛋",
    _ESCAPED: "🪑🛋",
    _OF_HTML: "<&>",
    _OF_JSON: '"\\',
}
"""Characters of one, two, three and four bytes in UTF-8, and those that writers make more of."""

_SENT = (
    (("ASCII", False), ("Chinese", False), ("Cyrillic", True)),
    (("ASCII", True), ("Cyrillic", False), ("emoji", True)),
    ((_ESCAPED, True), ("emoji", False), ("Chinese", True)),
)
"""Alphabets, and whether in chunks: the first row for the first size, and so on in turn."""


_SIGNS = {(48, "ASCII"): _OF_JSON, (64, "ASCII"): _OF_HTML}
"""Alphabets that stand for another one in the largest invoices: what a server makes of these, to
store or to hand on, is far larger than what it was sent.
"""

_IN_ONE = {(48, "Cyrillic"): -2, (64, "Cyrillic"): -1}
"""Invoices of which one text of the items has nearly all, counted from the last one."""


@cache
def large_invoices(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """An invoice of each size, to the byte, in three alphabets, by length and in chunks; before the
    largest in chunks the server is asked whether it wants them (RFC 9110, section 10.1.1).

    Blocks of every usual size end inside a character of it, where it has any beyond ASCII. Every
    other one has its last brace at its end, so that nothing of it may be lost.
    """
    if contract.relations.sum.items not in contract.narrowed_schema["properties"]:
        return ()
    cases: list[Case] = []
    for number, size in enumerate(_SIZES):
        for usual, chunked in _SENT[number % len(_SENT)]:
            alphabet = _SIGNS.get((size, usual), usual)
            plain = _at_another_time(contract, facts, len(cases))
            if chunked:
                plain = _with_highest_amounts(contract, facts, plain)
            body = _cut_inside(
                contract,
                facts,
                plain,
                size * 1024,
                alphabet,
                _IN_ONE.get((size, alphabet)),
                _BEFORE_ITS_BRACE if len(cases) % 2 else None,
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
    highest(contract.relations, schema["items"].get("properties", {}), item, [], ())
    most = {paid: MOST_IN_ALL} if paid in plain else {}
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
    blanks_at: int | None,
) -> bytes:
    """The body of that size in which blocks of every size end inside a character, with blanks at
    this index or at its end.
    """
    characters = _ALPHABETS[alphabet]
    write = _escaped if alphabet == _ESCAPED else encode
    body = b""
    for shift in _SHIFTS:
        large = _invoice(contract, facts, plain, size, characters, shift, write, one)
        body = filled(write(large), size, blanks_at)
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
    cost = as_number(item.get(price, 0))
    if price in item and cost * as_number(item.get(relations.sum.quantity, 0)) == MOST_IN_ALL:
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
