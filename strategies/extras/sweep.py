"""A sweep: what no edge or extra of an invoice has taken gets the next value of a row.

So a run has every character, every length of a text, each quantity of up to a thousand, each cent
and each day of a year, without a request or a list of their own. A server that gets one of them
wrong, by the length of its column, the letters of its encoding or the days of its calendar, is
shown it.
"""

import unicodedata
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from functools import cache
from itertools import compress
from typing import Any

from spec.contract import PLACEHOLDER, Contract
from spec.paths import ELEMENT, Json, Path, path_text, scalar_paths
from strategies.acceptance.edges import Edge
from strategies.scalars import keeps

_BLOCKS = (
    *((0x20, 0xD800), (0xF900, 0x10000), (0x10300, 0x10450), (0x1D000, 0x1D800)),
    *((0x20000, 0x2A6E0), (0x2F800, 0x2FA20)),
)
"""From and to which code points Unicode 3.2 has characters."""
_LOOKED_AT = 1024
"""Characters that are looked at together: an object for each of them all would take 8 MB."""
_NO_TEXT = frozenset({"Cc", "Cs", "Co", "Cn"})
"""What no text has: controls, surrogates, private use, unassigned."""
_AT_ONCE = 32
"""Characters of the row in one text."""
_LETTERS = "Solid oak table 4x6, made to order; " * 8
_RECENT, _DUE = date(2024, 5, 4), date(2050, 1, 1)
"""Where days begin: after the plain invoice was created, and after any run."""
_OFFSETS = ("Z", *(f"{sign}{hour:02}:00" for hour in range(1, 13) for sign in "+-"), "+13:00", "Z")


def item_edge(contract: Contract, n: int) -> Edge | None:
    """The `n`-th item of the row: one change of all that may be changed in an item."""
    puts = (
        (path, value)
        for place, (path, schema) in enumerate(_scalars(contract, in_items=True))
        if (value := _value(contract, path, schema, n, place)) is not None
        and (_is_of_any_text(schema) or keeps(schema, value))
    )
    return _edge(contract, f"item {n} of the sweep", dict(puts))


def invoice_edges(contract: Contract, free: Collection[str], n: int) -> Iterator[Edge]:
    """The `n`-th values of the row for these properties: a change for each text and each date.

    An invoice that says when it was created, and not by an edge, may be due before the run.
    """
    schemas = dict(_scalars(contract, in_items=False))
    found = {
        path: _value(contract, path, schema, n, place)
        for place, (path, schema) in enumerate(schemas.items())
        if schema.get("format") == "text"
    }
    dates, due = contract.relations.dates, contract.relations.due.due
    is_dated = dates.earlier in free and n % 2
    found[due,] = _moment(_RECENT, n * 5, n) if is_dated else _moment(_DUE, n, n)
    found[dates.later,] = _moment(_RECENT, n * 2 % 900, n)
    for path, value in found.items():
        if value is None or path[0] not in free or path not in schemas:
            continue
        edge = _edge(contract, f"{path_text(path)} {n} of the sweep", {path: value})
        if edge is not None and keeps(schemas[path], value):
            yield edge


def _edge(contract: Contract, name: str, values: dict[Path, Json]) -> Edge | None:
    first = next(iter(values), ())
    requirement = contract.find(f"{path_text(first)}.type")
    return Edge(name, requirement, tuple(values.items())) if first and requirement else None


@cache
def _scalars(contract: Contract, *, in_items: bool) -> tuple[tuple[Path, dict[str, Any]], ...]:
    """The paths of an item, or beside the items, with their schemas."""
    items = contract.relations.sum.items
    return tuple(
        (path, schema)
        for path, schema in scalar_paths(contract.narrowed_schema)
        if (path[:2] == (items, ELEMENT) if in_items else ELEMENT not in path)
    )


def _is_of_any_text(schema: dict[str, Any]) -> bool:
    """Whether it has each text of the sweep, so that not each has to be looked at."""
    known = {"type", "format", "minLength", "maxLength"}
    return (
        schema.get("format") == "text" and known >= schema.keys() and schema.get("minLength", 0) < 2
    )


def _value(contract: Contract, path: Path, schema: dict[str, Any], n: int, place: int) -> Json:
    """The `n`-th value of a property; None where it has none."""
    relations = contract.relations
    if {"enum", "const", "pattern"} & schema.keys() or path == (relations.order.order,):
        return None
    if schema.get("format") == "text":
        most = min(schema.get("maxLength", 255), 255)
        if path in relations.new.paths:
            marked = f"{n}-{PLACEHOLDER}"
            return marked + _LETTERS[: max(0, 1 + n * 101 % most - len(marked))]
        if (n + place) % 2:
            return f"{_LETTERS}{n}"[-1 - n // 2 * 101 % most :]
        return _characters(n // 2)[: most - 1] + "1"
    if path[-1] == relations.sum.quantity:
        return 1 + (n * 3 // 4 % 1000 if n % 4 else n * 7919 % 1_000_000)
    if path[-1] == relations.sum.amount:
        return (1 + n * 3 // 4) / 100 if n % 4 != 1 else n * 104_729 % 100_000_000 / 100
    return None


@cache
def _row() -> str:
    """Each character that Unicode 3.2 has, which is older than any server is."""
    category = unicodedata.ucd_3_2_0.category
    parts = []
    for first, end in _BLOCKS:
        for start in range(first, end, _LOOKED_AT):
            known = [*map(chr, range(start, min(start + _LOOKED_AT, end)))]
            are_texts = [each not in _NO_TEXT for each in map(category, known)]
            parts.append("".join(compress(known, are_texts)))
    return "".join(parts)


def _characters(n: int) -> str:
    row = _row()
    start = n * _AT_ONCE % len(row)
    return row[start : start + _AT_ONCE]


def _moment(first: date, days: int, n: int) -> str:
    """So many days later, at some time of a day."""
    day = first + timedelta(days)
    time = f"{n * 7 % 24:02}:{n * 13 % 60:02}:{n * 17 % 60:02}"
    return f"{day}T{time}{_OFFSETS[n % len(_OFFSETS)]}"
