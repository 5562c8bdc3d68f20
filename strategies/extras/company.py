"""Several extras in one request: header fields of several clients and proxies, and a query.

So each meets many more requirements, at no more requests. One way of three stays as it is: a fault
may need that a field is not there.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import cycle, islice
from typing import NamedTuple
from zlib import crc32

from spec.contract import Contract
from spec.parameters import refusals_of_fields
from strategies.cases import Case
from strategies.extras.clients import (
    ACCEPT,
    FIELDS,
    QUERY,
    Way,
    extra_ways,
    undocumented,
    ways_of_refused,
)
from strategies.extras.proxies import Fields
from strategies.extras.trust import WITHIN

_ALONE = 3
"""One of so many ways has no company."""
_FEWEST, _MOST = 10, 18
"""Header fields of a request in company, as far as there is room."""
_BYTES, _OF_ONE = 1200, 320
"""All these fields together have so many at most, and those of one sender so many."""
_OF_CONNECTIONS = frozenset(
    {"connection", "expect", "te", "keep-alive", "proxy-connection", "origin"}
)
"""Fields that are about the connection, which has one client, and that of a page."""
_LONGEST = 400
"""Characters of a query that is company."""
_QUERIED = 2
"""One of so many ways without a query gets one."""
_FEW = 7
"""Fields of one sender, of which others have room beside it."""
_COMMON = 4
"""Senders that have the same fields, each with other values."""
_KINDS = 256
"""Ways for what is drawn."""


class _Sender(NamedTuple):
    """What one sender adds; `names` has a bit for each of its fields, as `size` has its bytes."""

    fields: Fields
    names: int
    size: int


def in_company(
    contract: Contract, ways: Iterable[Way], more: Iterable[Fields] = ()
) -> Iterator[Way]:
    """The ways without end, two of three with the fields of others beside their own, and of these
    `more`, no field twice; those that wait longest come first.
    """
    known = [*ways]
    company = _Company([each for each in (*(way.fields for way in known), *more) if each])
    queries = deque(
        dict.fromkeys(way.query for way in known if way.query and len(way.query) <= _LONGEST)
    )
    for number, way in enumerate(cycle(known)):
        lap = number // len(known)
        if (number + lap) % _ALONE == 0 or way.write is not None or _is_full(way):
            yield way
            continue
        wanted = _FEWEST + number % (_MOST - _FEWEST + 1)
        fields = (*way.fields, *company.chosen(way.fields, wanted))
        query = way.query
        if not query and queries and number % _QUERIED:
            query = queries[0]
            queries.rotate(-1)
        yield Way(way.about, undocumented(contract, fields), query)


class _Company:
    """Senders, those that have waited longest first: in turn one of those whose fields many others
    have too, with other values, and one of all others, of which there are as many.
    """

    def __init__(self, listed: Iterable[Fields]) -> None:
        self._bits: dict[str, int] = {}
        senders = [*self._senders(listed)]
        times = Counter(sender.names for sender in senders)
        self._common = deque(one for one in senders if times[one.names] >= _COMMON)
        self._rare = deque(one for one in senders if times[one.names] < _COMMON)

    def _senders(self, listed: Iterable[Fields]) -> Iterator[_Sender]:
        for fields in dict.fromkeys(listed):
            names = [name.lower() for name, _ in fields]
            size = sum(len(name) + len(value or "") for name, value in fields)
            is_alone = not _OF_CONNECTIONS.isdisjoint(names) or _may_be_forbidden(fields)
            if size <= _OF_ONE and not is_alone and len(names) <= _FEW:
                yield _Sender(fields, self._mask(names), size)

    def _mask(self, names: Iterable[str]) -> int:
        return sum(self._bits.setdefault(name, 1 << len(self._bits)) for name in {*names})

    def chosen(self, own: Fields, wanted: int) -> list[tuple[str, str | None]]:
        """Fields of senders that fit beside these, until there are as many as wanted."""
        taken, room = self._mask(name.lower() for name, _ in own), _BYTES
        found: list[tuple[str, str | None]] = []
        turns = cycle((self._rare, self._common))
        for senders in islice(turns, 2 * wanted):
            for place, sender in enumerate(senders):
                if not sender.names & taken and sender.size <= room:
                    del senders[place]
                    senders.append(sender)
                    taken |= sender.names
                    room -= sender.size
                    found += sender.fields
                    break
            if taken.bit_count() >= wanted:
                break
        return found


def _is_full(way: Way) -> bool:
    """Whether it is about the number or the size of its fields, about its connection or about a
    page of another site.
    """
    names = {name.lower() for name, _ in way.fields}
    size = sum(len(value or "") for _, value in way.fields)
    is_alone = not names.isdisjoint(_OF_CONNECTIONS) or _may_be_forbidden(way.fields)
    return len(names) > _FEW or size > _BYTES or is_alone


def _may_be_forbidden(fields: Fields) -> bool:
    """Whether any server may refuse them, as they say that a page of another site asks."""
    return bool(refusals_of_fields(tuple((name, value or "") for name, value in fields)))


def accepted_in_company(contract: Contract) -> Iterator[Way]:
    """Ways of valid invoices, in company."""
    return in_company(contract, extra_ways(contract))


def refused_in_company(contract: Contract) -> Iterator[Way]:
    """Ways of invalid invoices, in company, to which what says that a caller is one of the server's
    own belongs: checks may be left out for these.
    """
    return in_company(contract, ways_of_refused(contract), WITHIN)


@cache
def open_in_company(contract: Contract) -> tuple[Way, ...]:
    """Ways of what may be accepted or refused, in company; their bodies are written as usual."""
    asked = {way.query for way in extra_ways(contract)}
    usual = (
        way
        for way in ways_of_refused(contract)
        if way.write is None and way.query in asked and not _may_be_forbidden(way.fields)
    )
    return tuple(islice(in_company(contract, usual), _KINDS))


def way_of_drawn(contract: Contract, body: bytes) -> Way:
    """The way of what is drawn, whatever is expected of it: the same each time for one body."""
    known = open_in_company(contract)
    return known[crc32(body) % len(known)]


def beside(case: Case, way: Way) -> Case:
    """The case with what a way adds, but for what it says for itself."""
    own = {name.lower() for name, _ in case.headers}
    fields = tuple(field for field in way.fields if field[0].lower() not in own)
    query = case.query if case.query is not None else way.query or None
    return replace(case, headers=(*case.headers, *fields), query=query)


def parts(way: Way) -> Iterator[Way]:
    """What a way has of each kind, each by itself: what a refusal counts against is one of them.
    One way to write a body is a kind of its own.
    """
    if way.write is not None:
        yield way
    by_kind: dict[str, list[tuple[str, str | None]]] = {}
    for name, value in way.fields:
        by_kind.setdefault(ACCEPT if name.lower() == "accept" else FIELDS, []).append((name, value))
    yield from (Way(kind, tuple(fields)) for kind, fields in by_kind.items())
    if way.query:
        yield Way(QUERY, query=way.query)
