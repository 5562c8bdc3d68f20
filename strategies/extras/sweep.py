"""A sweep: what no edge or extra of an invoice has taken gets the next value of a row.

So a run has every character, every length of a text, each quantity of up to a thousand, each cent
and each day of a year, without a request or a list of their own. A server that gets one of them
wrong, by the length of its column, the letters of its encoding or the days of its calendar, is
shown it.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from itertools import compress
from typing import Any

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.paths import ELEMENT, Json, Path, path_text, scalar_paths
from spec.schema.formats import instant, is_date_time
from strategies.acceptance.edges import Edge
from strategies.scalars import keeper

_BLOCKS = (
    *((0x20, 0xD800), (0xF900, 0x10000), (0x10300, 0x10450), (0x1D000, 0x1D800)),
    *((0x20000, 0x2A6E0), (0x2F800, 0x2FA20)),
)
"""From and to which code points Unicode 3.2 has characters."""
_LOOKED_AT = 1024
"""Characters that are looked at together: an object for each of them all would take 8 MB."""
_NO_TEXT = frozenset({"Cc", "Cs", "Co", "Cn"})
"""What no text has: controls, surrogates, private use, unassigned."""
_AT_ONCE = 40
"""Characters of the row in one text."""
_LETTERS = "Solid oak table 4x6, made to order; " * 8
_RECENT, _DUE = date(2024, 5, 4), date(2050, 1, 1)
"""Where days begin: after the plain invoice was created, and after any run."""
_DUE_DAYS, _DUE_STEP = 18_262, 367
"""Days to the end of 2099, and from one to the next: each is of another year and of another day."""
_OFFSETS = ("Z", *(f"{sign}{hour:02}:00" for hour in range(1, 13) for sign in "+-"), "+13:00", "Z")


def item_edge(contract: Contract, n: int) -> Edge | None:
    """The `n`-th item of the row: one change of all that may be changed in an item."""
    puts = (
        (path, value)
        for place, (path, (schema, keeps)) in enumerate(_scalars(contract, in_items=True).items())
        if (value := _value(contract, path, schema, n, place)) is not None
        and (keeps is None or keeps(value))
    )
    return _edge(contract, f"item {n} of the sweep", dict(puts))


def invoice_edges(
    contract: Contract, facts: TargetFacts, free: Collection[str], n: int, created: Json
) -> Iterator[Edge]:
    """The `n`-th values of the row for these properties: a change for each text and each date.

    An invoice that says when it was created, and not by an edge, may be due before the run. One
    that was `created` then, and where that does not change, is often due by usual terms.
    """
    known = _scalars(contract, in_items=False)
    found = {
        path: _value(contract, path, schema, n, place)
        for place, (path, (schema, _)) in enumerate(known.items())
        if schema.get("format") == "text"
    }
    dates, due = contract.relations.dates, contract.relations.due.due
    is_dated = dates.earlier in free and n % 2
    ahead = n * _DUE_STEP % _DUE_DAYS
    found[due,] = _moment(_RECENT, n * 5, n) if is_dated else _moment(_DUE, ahead, n)
    found[dates.later,] = _moment(_RECENT, n * 2 % 900, n)
    names = dates.earlier, dates.later, due
    near: Iterable[tuple[str, str | None]] = ((due, _soon(facts, n)),)
    if dates.later in free:
        near = zip(names, _near(facts, n, is_dated=dates.earlier in free), strict=False)
    found |= {(name,): value for name, value in near if value is not None}
    if dates.earlier not in free and n % 2 and isinstance(created, str) and is_date_time(created):
        found[due,] = _written(instant(created) + timedelta(_TERMS[n // 2 % len(_TERMS)]), n)
    for path, value in found.items():
        if value is None or path[0] not in free or path not in known:
            continue
        _, keeps = known[path]
        edge = _edge(contract, f"{path_text(path)} {n} of the sweep", {path: value})
        if edge is not None and (keeps is None or keeps(value)):
            yield edge


def recent(facts: TargetFacts) -> Iterator[str]:
    """When an invoice may have been created or changed shortly before the run, at some offsets."""
    start = facts.started_at.replace(microsecond=0)
    yield from (_written(start - (_AHEAD[n] if n % 2 else _HOURS), n * 5) for n in range(6))


def soon(facts: TargetFacts) -> Iterator[str]:
    """When an invoice may be due shortly after the run, at some offsets: by the clock or the day
    that is written, that may be before it.
    """
    start = facts.started_at.replace(microsecond=0)
    for n, ahead in enumerate(_AHEAD[:4]):
        yield _written(start + ahead, _FAR_BEHIND - 2 * (n % 4))


def _soon(facts: TargetFacts, n: int) -> str | None:
    """When the `n`-th of the row is due, where that is hours, days or weeks after the run."""
    start, ahead = facts.started_at.replace(microsecond=0), _AHEAD[n // 4 % len(_AHEAD)]
    return None if n % 4 else _written(start + ahead, n)


def _near(facts: TargetFacts, n: int, *, is_dated: bool) -> Iterator[str | None]:
    """When an invoice was created, changed and is due, where the `n`-th of the row has dates that
    are near each other or near the run; None where one stays as it was.

    A server that takes its own time zone, a day for a moment, or a second for its parts gets one of
    them wrong. None is nearer than two hours, for clocks differ. When one was created may be put
    where it `is_dated`.
    """
    turn, start = n // _KINDS, facts.started_at.replace(microsecond=0)
    ahead, created = _AHEAD[turn % len(_AHEAD)], facts.order_created_at
    match n % _KINDS:
        case 0 | 4:
            yield from (None, None, _soon(facts, n))
        case 1 if is_dated:
            yield from (None, None, _written(start - ahead, n))
        case 2 | 3:
            changed = start - (ahead if turn % 2 else _HOURS)
            yield _written(changed - _HOURS, n) if is_dated else None
            yield _written(changed, n + turn)
            yield _written(start + ahead, n)
        case 5 if is_dated:
            # In another year than it was created, and due by usual terms.
            first = datetime(2023, 12, 10 + turn % 20, 9, turn % 60, tzinfo=UTC)
            for days in (0, 22, _TERMS[turn % len(_TERMS)]):
                yield _written(first + timedelta(days), turn)
        case 6 | 7 if created is not None:
            # Where an order's creation has no fraction, it may be cut off: then a second is enough.
            known = created if created.microsecond else created + timedelta(seconds=1)
            after = known + timedelta(milliseconds=_AFTER[turn % len(_AFTER)])
            yield _written(after, turn) if is_dated else None
            yield _written(after, turn + 1)


_KINDS = 8
"""Of dates that are near: so many invoices have others."""
_HOURS = timedelta(hours=2)
_AHEAD = (
    *(timedelta(hours=each) for each in (3, 20, 47, 7, 30, 13)),
    *(timedelta(days=each) for each in (7, 30, 14, 5, 60, 90)),
)
"""From the run to a date, and the other way round: hours, days and weeks."""
_FAR_BEHIND = 22
"""Which of the offsets is eleven hours behind."""
_TERMS = (30, 14, 60, 7, 10, 90, 45)
"""Days."""
_AFTER = (1, 500, 999, 1000, 30)
"""Thousandths of a second."""


def _written(moment: datetime, n: int) -> str:
    """The moment at some offset, with thousandths if it has any."""
    offset = _OFFSETS[n % len(_OFFSETS)]
    zone = UTC if offset == "Z" else timezone(timedelta(hours=int(offset[:3])))
    part = f".{moment.microsecond // 1000:03}" if moment.microsecond else ""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M:%S}{part}{offset}"


def _edge(contract: Contract, name: str, values: dict[Path, Json]) -> Edge | None:
    first = next(iter(values), ())
    requirement = contract.find(f"{path_text(first)}.type")
    return Edge(name, requirement, tuple(values.items())) if first and requirement else None


@cache
def _scalars(
    contract: Contract, *, in_items: bool
) -> dict[Path, tuple[dict[str, Any], Callable[[Json], bool] | None]]:
    """The paths of an item, or beside the items, with their schemas, and whether a value keeps one;
    None where each does.
    """
    items = contract.relations.sum.items
    return {
        path: (schema, None if _is_of_any_text(schema) else keeper(schema))
        for path, schema in scalar_paths(contract.narrowed_schema)
        if (path[:2] == (items, ELEMENT) if in_items else ELEMENT not in path)
    }


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
        return (1 + n * 15 // 16) / 100 if n % 16 != 1 else n * 104_729 % 100_000_000 / 100
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
    """So many days later, at some time of a day; in turn at its start, wherever that is."""
    day = first + timedelta(days)
    time = f"{n * 7 % 24:02}:{n * 13 % 60:02}:{n * 17 % 60:02}" if n % 3 else "00:00:00"
    return f"{day}T{time}{_OFFSETS[n % len(_OFFSETS)]}"
