"""Carriers: the otherwise valid invoices that near misses and edges sit in.

A server may be wrong only in one status, only without a property, only from the fifth item on, or
only for a chunked body. So the cases of a run are spread over carriers that cross these factors by
a covering array: every triple of levels meets in some carrier.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta, timezone
from functools import cache, lru_cache, partial
from hashlib import sha256
from itertools import combinations, cycle
from math import prod
from typing import Any

from covertable import make  # type: ignore[import-untyped] # it has no annotations

from spec.contract import Contract, TargetFacts
from spec.operation import JSON
from spec.paths import ELEMENT, Json, Path, changed_at
from spec.schema.formats import instant
from strategies.cases import Case
from strategies.invoice import base, encode
from strategies.relations import consistent, repeated_to, with_distinct_references, with_status
from strategies.scalars import is_narrow, keeps

STRENGTH = 3
"""Levels that meet in every combination: with fewer, a fault in three factors goes unseen."""

_LAPS = 5
"""How often the starts of all turns go round the carriers: far enough apart that neighbouring
subjects, which are alike and many or few, do not use the same ones."""

_STEP = 13
"""How far the numbers of one turn are from those of the next: so far that all turns together have
every number of items.
"""

TURNS = 8
"""How many rotations there are, for as many lists of cases."""

NOTHING, EVERYTHING = "nothing", "everything optional"
NO_STATUS = "none"
PLAIN, WIDE, LONG = "plain", "wide", "long"
_WIDE_ENDING = " Größe 鍵 \U0001f600"
_LONG_TEXT = "鍵" * 145
"""In each of 100 items it makes a body of some 50 KiB, within the 64 KiB of the reading."""
_LONG_ITEMS = 100
"""Items from which on a carrier with long texts is large."""
_FEW_ITEMS = 12
"""Items that a person can still read."""

_PLACES: dict[str, Callable[[int], int]] = {
    "first": lambda _size: 0,
    "fifth": lambda _size: 4,
    "eleventh": lambda _size: 10,
    "middle": lambda size: size // 2,
    "last": lambda size: size - 1,
}
_OFFSETS = {
    "Z": timedelta(0),
    "+05:30": timedelta(hours=5, minutes=30),
    "-03:30": -timedelta(hours=3, minutes=30),
}
USUAL, CHUNKED, CHARSET = "usual", "chunked", "with a charset"
LOWER_CASE, NO_ACCEPT = "in lower case", "without Accept"
_SENDINGS = (USUAL, CHUNKED, CHARSET, LOWER_CASE, NO_ACCEPT)
_ALSO_CHUNKED = (CHARSET, LOWER_CASE, NO_ACCEPT)
_ITEM_COUNTS = (3, 1, 12, 100)
_SIZES = {3: (2, 10), 12: (11, 55), 100: (56, 100)}
"""The numbers of items, from and to, that these levels stand for."""
_CHARSETS = (
    *("application/json; charset=utf-8", "application/json;charset=utf-8"),
    *("application/json; charset=UTF-8", "application/json;charset=UTF-8"),
    *('application/json; charset="utf-8"', "Application/Json; Charset=UTF-8"),
    *("application/json ;charset=utf-8", "application/json;", "APPLICATION/JSON;CHARSET=UTF-8"),
    *('application/json;charset="UTF-8"', "application/json ; charset=Utf-8"),
    *("application/json;  charset=utf-8", "application/json; charset=utf-8;", "APPLICATION/JSON"),
)
"""How clients write it (RFC 9110, sections 5.6.6 and 8.3.1), or leave no more of it than the
semicolon; each carrier in one of these ways.
"""


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
        few, many = _SIZES.get(self.items, (self.items, self.items))
        return few + (self.items - few + self.number) % (many - few + 1)

    @property
    def is_mixed(self) -> bool:
        """Whether it is sent in two ways at once."""
        return self.number is not None and (_digest(self)[0] + self.number) % 3 == 1

    @property
    def is_chunked(self) -> bool:
        """Whether its body is sent in chunks."""
        return self.sending == CHUNKED or (self.is_mixed and self.sending in _ALSO_CHUNKED)

    def lacks(self, optional: Sequence[str]) -> Sequence[str]:
        """Which of these properties it leaves out; with some numbers the next one as well."""
        if self.absent not in optional:
            return optional if self.absent == EVERYTHING else ()
        at = optional.index(self.absent)
        is_more = self.number is not None and (_digest(self)[1] + self.number) % 3 == 1
        return optional[at : at + 1 + is_more]

    def index(self, size: int) -> int:
        """The index of the item that a change goes to, in a list of this size."""
        return min(_PLACES[self.place](size), size - 1)

    @property
    def is_large(self) -> bool:
        """Whether its body has more than 48 KiB, as far as the document allows it."""
        return self.texts == LONG and self.items >= _LONG_ITEMS

    def __str__(self) -> str:
        return ", ".join(str(getattr(self, factor)) for factor in _FACTORS)


_FACTORS = tuple(each.name for each in fields(Carrier) if each.name != "number")


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
        "items": list(_ITEM_COUNTS) if has_items else [0],
        "place": list(_PLACES) if has_items else list(_PLACES)[:1],
        "texts": [PLAIN, WIDE, LONG],
        "offset": list(_OFFSETS),
        "sending": list(_SENDINGS),
    }


@cache
def carriers(contract: Contract) -> tuple[Carrier, ...]:
    """Carriers in which every triple of levels of different factors meets, in a fixed order.

    The order mixes all levels, so that a few carriers in a row differ in every factor.
    """
    return _crossing(tuple((name, *levels) for name, levels in factors(contract).items()))


@cache
def _crossing(factors: tuple[tuple[Any, ...], ...]) -> tuple[Carrier, ...]:
    """The carriers of these factors, which many documents have in common, and which take long."""
    rows = make({name: levels for name, *levels in factors}, strength=STRENGTH)
    return tuple(sorted((Carrier(**row) for row in rows), key=_digest))


@cache
def spread(contract: Contract, turn: int, turns: int) -> tuple[Carrier, ...]:
    """All carriers, in the order in which the `turn`-th of so many subjects uses them.

    The first few have every level of every factor, so that a subject with few cases meets all of
    them; each turn goes on elsewhere, so that all subjects together use all carriers.
    """
    known = carriers(contract)
    start = turn * _LAPS * len(known) // turns % len(known)
    rotated = [*known[start:], *known[:start]]
    reached = [*map(_reached, rotated)]
    needed = frozenset[tuple[str, Any]]().union(*reached)
    chosen: list[int] = []
    while needed:
        chosen.append(max(range(len(known)), key=lambda number: len(needed & reached[number])))
        needed -= reached[chosen[-1]]
    first = [rotated[number] for number in chosen]
    # A person reads a small body sooner, and a profile that lists few cases sends the first one.
    first.sort(key=lambda one: one.texts == LONG or one.items > _FEW_ITEMS)
    others = (one for number, one in enumerate(rotated) if number not in chosen)
    return tuple(_numbered((*first, *others), turn * _STEP))


def _numbered(ordered: Iterable[Carrier], first: int) -> Iterator[Carrier]:
    """The carriers, each with the next number of those with about as many items."""
    next_one: dict[int, int] = {}
    for one in ordered:
        number = next_one.get(one.items, first)
        next_one[one.items] = number + (not one.is_large)
        yield replace(one, number=number)


@cache
def fewest(contract: Contract, turn: int, turns: int) -> int:
    """How many cases a subject needs to meet every level of every factor."""
    used = spread(contract, turn, turns)
    needed = frozenset[tuple[str, Any]]().union(*map(_reached, used))
    for number, one in enumerate(used):
        if not needed:
            return number
        needed -= _reached(one)
    return len(used)


@lru_cache(maxsize=1024)
def carrying(contract: Contract, facts: TargetFacts, carrier: Carrier) -> dict[str, Json]:
    """The base invoice as this carrier, as far as that is valid; shared, so never to be changed."""
    schema = contract.narrowed_schema
    payload = base(contract, facts)
    required, items = schema.get("required", ()), contract.relations.sum.items
    needed = (*required, contract.relations.state.status)
    for name in carrier.lacks([name for name in payload if name not in needed]):
        if len(payload) > schema.get("minProperties", 0):
            del payload[name]
    if carrier.items and items in payload:
        limits = schema["properties"][items]
        size = max(limits.get("minItems", 1), min(carrier.size, limits.get("maxItems", 100)))
        elements = repeated_to(payload[items], size)
        payload[items] = with_distinct_references(contract, elements, limits)
    payload = consistent(contract, payload)
    return paid_as(contract, _written(contract, payload, carrier), carrier)


def carried_body(contract: Contract, facts: TargetFacts, carrier: Carrier) -> bytes:
    """The body of the base invoice as this carrier."""
    return encode(carrying(contract, facts, carrier))


def paid_as(contract: Contract, payload: dict[str, Json], carrier: Carrier) -> dict[str, Json]:
    """A copy with the carrier's status and an agreeing amount paid, as far as the rest allows; the
    total has to be right.
    """
    status = None if carrier.status == NO_STATUS else carrier.status
    return with_status(contract, payload, status, fixed=(contract.relations.sum.total,))


def header_fields(
    contract: Contract, facts: TargetFacts, carrier: Carrier
) -> tuple[tuple[str, str | None], ...]:
    """The header fields that differ from the usual ones, in how the carrier's request is sent."""
    charset = _CHARSETS[(_digest(carrier)[0] + (carrier.number or 0)) % len(_CHARSETS)]
    if carrier.sending == CHARSET or (carrier.is_mixed and carrier.sending == CHUNKED):
        return (("Content-Type", charset),)
    if carrier.sending == NO_ACCEPT:
        return (("Accept", None),)
    if carrier.sending == LOWER_CASE:
        key = ((contract.key_header.lower(), facts.key),) if contract.key_header else ()
        kind = charset if carrier.is_mixed else JSON
        chunks = (("transfer-encoding", "chunked"),) if carrier.is_chunked else ()
        return (("content-type", kind), ("accept", JSON), *chunks, *key)
    return ()


def rotation(contract: Contract, turn: int) -> Iterator[Carrier]:
    """Carriers without end for a list of cases; each of the `TURNS` starts elsewhere."""
    return cycle(spread(contract, turn, TURNS))


def few(contract: Contract, turn: int) -> tuple[Carrier, ...]:
    """So few of the carriers of a rotation that every level of every factor is in one of them."""
    return spread(contract, turn, TURNS)[: fewest(contract, turn, TURNS)]


def enlarged(carrier: Carrier) -> Carrier:
    """The carrier with as large a body as the items of a document make."""
    return replace(carrier, items=max(_ITEM_COUNTS), texts=LONG) if carrier.items else carrier


def in_state(contract: Contract, carrier: Carrier, status: str) -> Carrier:
    """The carrier with this status, where the document has it."""
    known = status in factors(contract)["status"]
    return replace(carrier, status=status) if known else carrier


def sent_as(contract: Contract, facts: TargetFacts, case: Case, carrier: Carrier) -> Case:
    """The case, sent as the carrier's request is, but for what the case itself says of sending."""
    own = {name.lower(): value for name, value in case.headers}
    usual = header_fields(contract, facts, carrier)
    kept = tuple((name, own.get(name.lower(), value)) for name, value in usual)
    known = {name.lower() for name, _ in usual}
    others = tuple(field for field in case.headers if field[0].lower() not in known)
    chunked = case.chunked or carrier.is_chunked
    return replace(case, headers=(*kept, *others), chunked=chunked)


def combinations_of(carrier: Carrier, strength: int) -> frozenset[tuple[tuple[str, Any], ...]]:
    """The levels that meet in a carrier, so many at a time."""
    return frozenset(combinations(sorted(levels(carrier), key=str), strength))


def crossed(contract: Contract, used: Iterable[str], strength: int) -> tuple[int, int]:
    """How many pairs, triples or more levels of different factors meet in carriers, given as text,
    and how many there are.
    """
    levels = factors(contract).values()
    rows = [row for carrier in used if len(row := carrier.split(", ")) == len(levels)]
    met = {each for row in rows for each in combinations(enumerate(row), strength)}
    return len(met), sum(prod(map(len, some)) for some in combinations(levels, strength))


def _digest(carrier: Carrier) -> bytes:
    return sha256(str(carrier).encode()).digest()


@cache
def levels(carrier: Carrier) -> frozenset[tuple[str, Any]]:
    """Its factors, each with its level."""
    return frozenset((factor, getattr(carrier, factor)) for factor in _FACTORS)


@cache
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


def _written(contract: Contract, payload: Json, carrier: Carrier) -> dict[str, Json]:
    """The payload with its free texts and its dates as the carrier writes them."""
    longest = _last_text_of_items(contract)
    for path, schema in _dates_and_texts(contract):
        if schema["format"] == "date-time":
            if carrier.offset != "Z":
                payload = changed_at(payload, path, partial(_at_offset, schema, carrier.offset))
        elif carrier.texts == WIDE:
            payload = changed_at(payload, path, partial(_wider, schema))
        elif carrier.texts == LONG and path == longest:
            text = _LONG_TEXT[: schema.get("maxLength", len(_LONG_TEXT))]
            payload = changed_at(payload, path, partial(_instead, text))
    written: dict[str, Json] = payload
    return written


@cache
def _dates_and_texts(contract: Contract) -> tuple[tuple[Path, dict[str, Any]], ...]:
    """The path and the schema of each scalar that carriers write in their own way."""
    return tuple(
        (path, schema)
        for path, schema in scalar_paths(contract.narrowed_schema)
        if schema.get("format") == "date-time" or _is_free_text(contract, path, schema)
    )


@cache
def _last_text_of_items(contract: Contract) -> Path:
    """The path of the text of an item that makes it long; the root if there is none."""
    paths = [
        path
        for path, schema in scalar_paths(contract.narrowed.schema)
        if ELEMENT in path and _is_free_text(contract, path, schema)
    ]
    return paths[-1] if paths else ()


def _is_free_text(contract: Contract, path: Path, schema: dict[str, Any]) -> bool:
    is_text = schema.get("format") == "text" and not {"enum", "pattern"} & schema.keys()
    relations = contract.relations
    return is_text and path not in relations.new.paths and path != (relations.order.order,)


def _at_offset(schema: dict[str, Any], offset: str, value: str) -> str:
    """The same moment at an offset, where the schema allows it."""
    moment = instant(value).astimezone(timezone(_OFFSETS[offset]))
    text = f"{moment:%Y-%m-%dT%H:%M:%S}{offset}"
    return text if not is_narrow(schema) or keeps(schema, text) else value


def _instead(text: str, _value: str) -> str:
    return text


def _wider(schema: dict[str, Any], value: str) -> str:
    """The text with letters of other alphabets at its end, where they fit."""
    longer = f"{value}{_WIDE_ENDING}"
    return longer if len(longer) <= schema.get("maxLength", len(longer)) else value


def scalar_paths(schema: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The path and the schema of each scalar within a schema."""
    if "properties" in schema:
        for name, child in schema["properties"].items():
            yield from scalar_paths(child, (*path, name))
    elif "items" in schema:
        yield from scalar_paths(schema["items"], (*path, ELEMENT))
    else:
        yield path, schema
