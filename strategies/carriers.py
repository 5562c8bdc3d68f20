"""Carriers: the otherwise valid invoices that near misses and edges sit in.

A server may be wrong only in one status, only without a property, only from the fifth item on, or
only for a chunked body. So the cases of a run are spread over carriers that cross these factors by
a covering array: every triple of levels meets in some carrier.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import cache, reduce
from hashlib import sha256
from itertools import combinations, cycle, islice
from math import prod
from operator import or_
from pathlib import Path as FilePath
from typing import Any

from covertable import make  # type: ignore[import-untyped] # it has no annotations
from typing_extensions import override

from spec.contract import Contract

Row = tuple[str, ...]

STRENGTH = 3
"""Levels that meet in every combination: with fewer, a fault in three factors goes unseen."""
CROSSING = FilePath(__file__).parent / "crossing.json"
"""The rows of today's document, which take long to find; a test says so where they are others."""

_LAPS = 5
"""How often the starts of all turns go round the carriers: subjects that are alike use others."""

_STEP = 13
"""How far the numbers of one turn are from those of the next: all have every number of items."""

TURNS = 8
"""How many rotations there are, for as many lists of cases."""

NOTHING, EVERYTHING = "nothing", "everything optional"
NO_STATUS = "none"
PLAIN, WIDE, LONG = "plain", "wide", "long"
_LONG_ITEMS = 100
"""Items from which on a carrier with long texts is large."""
_FEW_ITEMS = 12
"""Items that a person can still read."""

PLACES: dict[str, Callable[[int], int]] = {
    "first": lambda _size: 0,
    "fifth": lambda _size: 4,
    "eleventh": lambda _size: 10,
    # In a long list the first of a second batch of fifty.
    "middle": lambda size: 50 if size > 50 else size // 2,
    "last": lambda size: size - 1,
}
OFFSETS = {
    "Z": timedelta(0),
    "+05:30": timedelta(hours=5, minutes=30),
    "-03:30": -timedelta(hours=3, minutes=30),
}
USUAL, CHUNKED, CHARSET = "usual", "chunked", "with a charset"
LOWER_CASE, NO_ACCEPT = "in lower case", "without Accept"
_SENDINGS = (USUAL, CHUNKED, CHARSET, LOWER_CASE, NO_ACCEPT)
_ALSO_CHUNKED = (CHARSET, LOWER_CASE, NO_ACCEPT)
ITEM_COUNTS = (3, 1, 12, 100)
_SIZES: dict[int, tuple[int, ...]] = {
    3: (3, 2, 4, 2, 5, 6, 2, 7, 2, 8, 9, 10),
    12: (*range(12, 56), 11),
    100: (100, *range(56, 100)),
}
"""The numbers of items that these levels stand for, in turn. Two are a kind of their own: there is
a first and a last, and nothing between.
"""
_TAILS = {12: (11, 17, 21, 26, 33, 41, 51), 100: (61, 65, 81, 76, 97, 91, 100)}
"""Those of them in which the last item is one: after batches of 10, 16, 20, 25, 32, 50 or 64."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """One level of each factor.

    `absent` names the optional property that is left out, `items` is about how many items there
    are, `place` which of them a change of an item goes to, `sending` how the request is sent.

    With a `number` it has another number of items, may lack more properties than the one, and may
    be sent in two of the ways at once.
    """

    status: str
    absent: str
    items: int
    place: str
    texts: str
    offset: str
    sending: str
    number: int | None = None

    @property
    def size(self) -> int:
        """How many items it has: with a number some more or fewer than a level says, so that all
        carriers together have every number of items. As many as fit where they make a large body.
        """
        if self.number is None or self.is_large:
            return self.items
        if self.place == "last" and self.items in _TAILS and self.number % 2:
            tails = _TAILS[self.items]
            return tails[self.number // 2 % len(tails)]
        sizes = _SIZES.get(self.items, (self.items,))
        return sizes[self.number % len(sizes)]

    @property
    def is_bare(self) -> bool:
        """Whether it has only what has to be there."""
        return (self.absent, self.status) == (EVERYTHING, NO_STATUS)

    @property
    def is_mixed(self) -> bool:
        """Whether it is sent in two ways at once."""
        return self.number is not None and (_digest(self)[0] + self.number) % 3 == 1

    @property
    def choice(self) -> int:
        """A number by which those with the same levels differ in what they are sent with."""
        return _digest(self)[0] + (self.number or 0)

    @property
    def is_chunked(self) -> bool:
        """Whether its body is sent in chunks."""
        return self.sending == CHUNKED or (self.is_mixed and self.sending in _ALSO_CHUNKED)

    def lacks(self, optional: Sequence[str]) -> Sequence[str]:
        """Which of these properties it leaves out; with some numbers another one as well."""
        if self.absent not in optional:
            return optional if self.absent == EVERYTHING else ()
        others = [name for name in optional if name != self.absent]
        turn = _digest(self)[1] + (self.number or 0)
        is_more = self.number is not None and turn % 3 == 1 and others
        return (self.absent, others[turn // 3 % len(others)]) if is_more else (self.absent,)

    def index(self, size: int) -> int:
        """The index of the item that a change goes to, in a list of this size."""
        return min(PLACES[self.place](size), size - 1)

    @property
    def is_large(self) -> bool:
        """Whether its body has more than 48 KiB, as far as the document allows it."""
        return self.texts == LONG and self.items >= _LONG_ITEMS

    @property
    def row(self) -> Row:
        """Its row of the covering array: the level of each factor, as text."""
        return tuple(str(getattr(self, factor)) for factor in FACTORS)

    @override
    def __str__(self) -> str:
        return ", ".join(self.row)


FACTORS = tuple(each.name for each in fields(Carrier) if each.name != "number")


def factors(contract: Contract) -> dict[str, list[Any]]:
    """The levels of each factor, as far as the document has them; the plainest first."""
    schema = contract.narrowed.schema
    properties, required = schema["properties"], schema.get("required", ())
    status, has_items = contract.relations.state.status, contract.relations.sum.items in properties
    statuses = properties.get(status, {}).get("enum", ())
    optional = [name for name in properties if name not in (*required, status)]
    return {
        "status": [*statuses, *([] if status in required else [NO_STATUS])] or [NO_STATUS],
        "absent": [NOTHING, *optional, *([EVERYTHING] if len(optional) > 1 else [])],
        "items": list(ITEM_COUNTS) if has_items else [0],
        "place": list(PLACES) if has_items else list(PLACES)[:1],
        "texts": [PLAIN, WIDE, LONG],
        "offset": list(OFFSETS),
        "sending": list(_SENDINGS),
    }


@cache
def carriers(contract: Contract) -> tuple[Carrier, ...]:
    """Carriers in which every triple of levels of different factors meets, in a fixed order.

    The order mixes all levels, so that a few carriers in a row differ in every factor.
    """
    levels = [*factors(contract).values()]
    kept, counts = json.loads(CROSSING.read_text(encoding="utf-8")), [*map(len, levels)]
    rows = kept["rows"] if kept["levels"] == counts else crossing(*counts)
    each = (map(list.__getitem__, levels, map(int, row.split())) for row in rows)
    return tuple(sorted((Carrier(*one) for one in each), key=_digest))


@cache
def crossing(*counts: int) -> list[str]:
    """The rows of a covering array of factors with so many levels: the number of each level."""
    rows = make([[*range(count)] for count in counts], strength=STRENGTH)
    return [" ".join(map(str, row)) for row in rows]


def spread(contract: Contract, turn: int, turns: int) -> Iterator[Carrier]:
    """All carriers, in the order in which the `turn`-th of so many subjects uses them.

    The first few have every level of every factor, so that a subject with few cases meets all of
    them; each turn goes on elsewhere, so that all subjects together use all carriers. Each has the
    next number of those with about as many items.
    """
    known, numbers = carriers(contract), dict[int, int]()
    for place in _order(contract, turn, turns)[0]:
        one = known[place]
        number = numbers.get(one.items, turn * _STEP)
        numbers[one.items] = number + (not one.is_large)
        yield replace(one, number=number)


def fewest(contract: Contract, turn: int, turns: int) -> int:
    """How many cases a subject needs to meet every level of every factor."""
    return _order(contract, turn, turns)[1]


@cache
def _order(contract: Contract, turn: int, turns: int) -> tuple[tuple[int, ...], int]:
    """The places of all carriers in the order of a turn, and how many of them reach everything."""
    known, reached = carriers(contract), _reaches(contract)
    start = turn * _LAPS * len(known) // turns % len(known)
    rotated = [*range(start, len(known)), *range(start)]
    needed = _all_of(reached)
    # How much a carrier reaches of what is needed, or did when more was: it never gets more.
    most = [reach.bit_count() for reach in reached]
    first: list[int] = []
    while needed:
        best = rotated[0]
        most[best] = (needed & reached[best]).bit_count()
        for place in rotated:
            if most[place] > most[best]:
                most[place] = (needed & reached[place]).bit_count()
                best = place if most[place] > most[best] else best
        first.append(best)
        needed &= ~reached[best]
    others = [place for place in rotated if place not in first]
    # A person reads a small body sooner, and a profile that lists few cases sends the first one.
    first.sort(key=lambda place: known[place].texts == LONG or known[place].items > _FEW_ITEMS)
    met, count = 0, 0
    while met != _all_of(reached):
        met |= reached[first[count]]
        count += 1
    return (*first, *others), count


def _all_of(reached: Iterable[int]) -> int:
    return reduce(or_, reached, 0)


def rotation(contract: Contract, turn: int) -> Iterator[Carrier]:
    """Carriers without end for a list of cases; each of the `TURNS` starts elsewhere."""
    return cycle(spread(contract, turn, TURNS))


def few(contract: Contract, turn: int) -> tuple[Carrier, ...]:
    """So few of the carriers of a rotation that every level of every factor is in one of them."""
    return tuple(islice(spread(contract, turn, TURNS), fewest(contract, turn, TURNS)))


def enlarged(carrier: Carrier) -> Carrier:
    """The carrier with as large a body as the items of a document make."""
    return replace(carrier, items=max(ITEM_COUNTS), texts=LONG) if carrier.items else carrier


def in_state(contract: Contract, carrier: Carrier, status: str) -> Carrier:
    """The carrier with this status, where the document has it."""
    known = status in factors(contract)["status"]
    return replace(carrier, status=status) if known else carrier


def crossed(contract: Contract, used: Iterable[Row], strength: int) -> tuple[int, int]:
    """How many pairs, triples or more levels of different factors meet in the rows of carriers, and
    how many there are.
    """
    levels = factors(contract).values()
    whole = (row for row in used if len(row) == len(levels))
    met = {each for row in whole for each in combinations(enumerate(row), strength)}
    return len(met), sum(prod(map(len, some)) for some in combinations(levels, strength))


def _digest(carrier: Carrier) -> bytes:
    return sha256(str(carrier).encode()).digest()


def levels(carrier: Carrier) -> frozenset[tuple[str, Any]]:
    """Its factors, each with its level."""
    return frozenset((factor, getattr(carrier, factor)) for factor in FACTORS)


@cache
def _reaches(contract: Contract) -> tuple[int, ...]:
    """What each carrier reaches, as a number with a bit for each of those."""
    bits: dict[tuple[str, Any], int] = {}
    return tuple(
        sum(bits.setdefault(each, 1 << len(bits)) for each in _reached(one))
        for one in carriers(contract)
    )


def _reached(carrier: Carrier) -> frozenset[tuple[str, Any]]:
    """Its levels, where in the list a change of an item is, for three items have no eleventh,
    whether its body is large, and its status where that is sure to be kept.
    """
    index, last = carrier.index(carrier.items), carrier.items - 1
    places = {
        "the first of several": index == 0 < last,
        "the fifth or later": index >= 4,
        "the eleventh or later": index >= 10,
        "the last of several": index == last > 0,
    }
    reached = {("reached", place) for place, is_so in places.items() if is_so}
    if carrier.is_large:
        reached.add(("reached", "a large body"))
    if carrier.items != 1:  # of one broken item there may be no total, and nothing to pay in part
        reached.add(("paid", carrier.status))
    return levels(carrier) | reached
