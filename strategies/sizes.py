"""Valid invoices as large as the reading allows, with every text at its limit at once."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import jsonschema_rs

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.paths import ELEMENT, Json, Path
from strategies.cases import Case
from strategies.coherence import (
    AMOUNT,
    ITEMS,
    ORDER,
    STAMPED,
    consistent,
    json_number,
    with_distinct_references,
)
from strategies.invoice import base, encode
from strategies.scalars import valid_text

_SIZES = (16, 24, 32, 48, 63)
"""KiB; the reading allows 64."""

BLOCKS = tuple(2**power for power in range(9, 16))
"""Bytes that a server may read at once: from the client's chunks of 512 to 32 KiB."""

_SHIFTS = range(0, 200, 7)
"""How many characters to make ASCII, until blocks of every size end inside a character."""

_ALPHABETS = {"ASCII": "Walnut table ", "Cyrillic": "Стол", "Chinese": "胡桃木桌", "emoji": "🪑🛋"}
"""Characters of one, two, three and four bytes in UTF-8."""

_ESCAPED = "emoji in escapes"
"""The longest that a text of so many characters can be: twelve bytes each."""

_SENT = (
    (("ASCII", False), ("Chinese", False), ("Cyrillic", True)),
    (("ASCII", True), ("Cyrillic", False), ("emoji", True)),
    ((_ESCAPED, True), ("emoji", False), ("Chinese", True)),
)
"""Alphabets, and whether in chunks: the first row for the first size, and so on in turn."""


@cache
def large_invoices(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """An invoice of each size, to the byte, in three alphabets, by length and in chunks.

    Blocks of every usual size end inside a character of it, where it has any beyond ASCII.
    """
    if ITEMS not in contract.narrowed_schema["properties"]:
        return ()
    cases = []
    for number, size in enumerate(_SIZES):
        for alphabet, chunked in _SENT[number % len(_SENT)]:
            body = _cut_inside(contract, facts, size * 1024, alphabet)
            way = "in chunks" if chunked else "by length"
            cases.append(Case(f"{size} KiB of {alphabet} {way}", "size", body, chunked=chunked))
    return tuple(cases)


def cuts(body: bytes) -> set[int]:
    """The sizes of blocks of which at least one ends inside a character of the body."""
    return {
        block
        for block in BLOCKS
        if any(body[end] & 0xC0 == 0x80 for end in range(block, len(body), block))
    }


def _cut_inside(contract: Contract, facts: TargetFacts, size: int, alphabet: str) -> bytes:
    """The body of that size in which blocks of every size end inside a character."""
    characters = _ALPHABETS[alphabet.partition(" ")[0]]
    write = _escaped if alphabet == _ESCAPED else encode
    body = b""
    for shift in _SHIFTS:
        body = write(_invoice(contract, facts, size, characters, shift, write)).ljust(size)
        if body.isascii() or cuts(body) == {block for block in BLOCKS if block < len(body)}:
            break
    return body


def _escaped(payload: Json) -> bytes:
    return json.dumps(payload, separators=(",", ":")).encode()


def _invoice(
    contract: Contract,
    facts: TargetFacts,
    size: int,
    characters: str,
    shift: int,
    write: Callable[[Json], bytes],
) -> Json:
    """The base invoice with all texts at their limits, and as many items as that size has room for.

    The texts of the last item are as long as there is room. `shift` characters of the first item
    are ASCII, which moves all that follows it by a byte or more.
    """
    properties = contract.narrowed_schema["properties"]
    invoice = base(contract, facts)
    for name, longest in _texts(contract.narrowed_schema):
        if name in invoice and not (name == ORDER and facts.order_ids):
            invoice[name] = _text((name,), "", characters * _LONGEST, longest)
    for name, inner in properties.items():
        if inner.get("format") == "web-url" and name in invoice:
            invoice[name] = invoice[name].ljust(inner.get("maxLength", 0), "a")
    plain, invoice[ITEMS] = invoice[ITEMS][0], []
    room = size - len(write(invoice)) - _SUMS
    most = _LONGEST
    for number in range(1, properties[ITEMS].get("maxItems", 100) + 1):
        filler = ("a" * shift if number == 1 else "") + characters * _LONGEST
        item = _item(properties[ITEMS]["items"], plain, number, filler, most)
        while len(write(item)) >= room and most > _SHORTEST:
            most -= _LESS
            item = _item(properties[ITEMS]["items"], plain, number, filler, most)
        if len(write(item)) >= room:
            break
        room -= len(write(item)) + 1
        invoice[ITEMS].append(item)
    invoice[ITEMS] = with_distinct_references(invoice[ITEMS], properties[ITEMS])
    return consistent(contract, invoice)


_LONGEST, _SHORTEST = 255, len(PLACEHOLDER) + 5
"""Code points of a text without a limit, and of one with little more than stamp and number."""
_LESS = 15
"""Code points by which the texts of the last item are made shorter until it fits."""
_SUMS = len("100000000.00")
"""Bytes for the total, which grows with the items."""


def _item(schema: dict[str, Any], plain: Json, number: int, filler: str, most: int) -> Json:
    """An item of its own for each number, its texts at their limits or `most` long."""
    item = dict(plain)
    for name, longest in _texts(schema):
        item[name] = _text((ITEMS, ELEMENT, name), f"{number} ", filler, min(longest, most))
    amount = json_number(Decimal(number) * 101 / 100)
    if AMOUNT in item and jsonschema_rs.is_valid(schema["properties"][AMOUNT], amount):
        item[AMOUNT] = amount
    return item


def _text(path: Path, start: str, filler: str, size: int) -> str:
    """A text of that many code points: the start, the stamp where there is one, the filler."""
    stamp = PLACEHOLDER if path in STAMPED and size >= len(start + PLACEHOLDER) else ""
    return valid_text((start + stamp + filler)[:size])


def _texts(schema: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """The names of an object's properties that take any text, and the limit of each."""
    for name, inner in schema.get("properties", {}).items():
        if inner.get("format") == "text" and "enum" not in inner:
            yield name, min(inner.get("maxLength", _LONGEST), _LONGEST)
