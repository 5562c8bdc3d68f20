"""Several edges in one invoice, where they do not overlap: each meets others, and every status."""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import cycle, islice
from typing import Any

from spec.contract import Contract, TargetFacts
from spec.expectation import LARGEST_VALID
from spec.paths import ELEMENT, Json, Path
from spec.requirements import Requirement
from spec.violation import counted
from strategies.carriers import LONG, PLAIN, Carrier, carrying, levels, paid_as, spread
from strategies.edges import Edge, edges, with_edges, with_its_sums
from strategies.extras.clients import Way, extra_ways
from strategies.extras.edges import extra_edges, extra_pairs
from strategies.invalid import PayloadCase
from strategies.invoice import base, encode
from strategies.relations import must_be_accepted, repeated_to, with_distinct_references

_PLACES = 4
"""Items of an invoice that get extras."""

_MAX_BYTES = 58 * 1024
"""Of a packed body; the reading allows 64 KiB, and another encoding may take more bytes."""


Extra = tuple[Edge, int]
"""An edge in an invoice that is sent for others, and the index of its item."""


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """One valid body with several edges; `elements` has the index of the item each one is in.

    `extras` may be in it as well: edges of other paths or other items. The `way` has header fields,
    a query or another way to write the body.
    """

    name: str
    body: bytes
    payload: Json
    edges: tuple[Edge, ...]
    elements: tuple[int, ...]
    carrier: Carrier | None
    extras: tuple[Extra, ...] = ()
    way: Way | None = None


_Met = dict[str, set[tuple[str, Any]]]
"""By the name of an edge: the levels of carriers that it has been in."""

_PAIRED = 2
"""How often a pair is taken."""

_NEXT = 12
"""Extras among which the one is chosen that has met least of a carrier."""


@dataclass(slots=True)
class _Queue:
    """Edges of one path, of which the first has waited longest; and how often one was taken.

    Without a path they are pairs, which come first: they need room at two.
    """

    path: Path | None
    waiting: deque[Edge]
    taken: int = 0

    @property
    def rounds(self) -> float:
        """How often each has been taken; pairs are taken away."""
        return self.taken / len(self.waiting) if self.path is not None else 0.0

    def take(self, carrier: Carrier, met: _Met, fits: Callable[[Edge], bool]) -> Edge | None:
        """Of those that have waited longest and fit, the one that has met least of a carrier, its
        status above all.
        """
        here, status = levels(carrier), ("status", carrier.status)
        first = [*islice(self.waiting, _NEXT)]
        room = {paths: fits(edge) for paths, edge in {each.paths: each for each in first}.items()}
        known = {n: met.get(edge.name, set()) for n, edge in enumerate(first) if room[edge.paths]}
        if not known:
            return None
        least = min(known, key=lambda n: (status in known[n], len(here & known[n])))
        edge = self.waiting[least]
        del self.waiting[least]
        if self.path is not None:
            self.waiting.append(edge)
        self.taken += 1
        return edge


def packs(
    contract: Contract, facts: TargetFacts
) -> tuple[tuple[Requirement, tuple[Packed, ...]], ...]:
    """The edges of each requirement in few invoices, with those of other paths as extras.

    So each edge meets other statuses, edges and carriers than where it is asked for.
    """
    inside = {one: edges(contract, facts, one) for one in contract.body_requirements}
    ways = cycle(extra_ways(contract))
    queues = _queues(
        contract,
        (edge for some in inside.values() for edge in some),
        (edge for one in inside for edge in extra_edges(contract, facts, one)),
    )
    pairs = [pair for one in inside for pair in extra_pairs(contract, facts, one)]
    queues.append(_Queue(None, deque(pairs * _PAIRED)))
    cases = {
        requirement: packed(contract, facts, some, turn, len(inside))
        for turn, (requirement, some) in enumerate(inside.items())
    }
    met: _Met = {}
    for case in (case for some in cases.values() for case in some):
        _meet(met, case, case.edges)
    return tuple(
        (
            requirement,
            tuple(
                replace(case, extras=_extras_of(contract, case, queues, met), way=next(ways))
                for case in some
            ),
        )
        for requirement, some in cases.items()
    )


def packed(
    contract: Contract, facts: TargetFacts, edges: Iterable[Edge], turn: int, turns: int
) -> tuple[Packed, ...]:
    """All the edges in few invoices; those of items are in one long list of items, side by side.

    The invoices are carriers, spread as for the `turn`-th of so many subjects.
    """
    sets: list[_EdgeSet] = []
    full: Counter[tuple[Path, ...]] = Counter()  # how many sets have an edge of these paths
    for edge in edges:
        paths = edge.paths
        while full[paths] < len(sets) and not sets[full[paths]].fits(edge):
            full[paths] += 1
        if full[paths] == len(sets):
            sets.append(_EdgeSet())
        sets[full[paths]].add(edge)
        full[paths] += 1
    of_items = [one for one in sets if one.is_of_an_item(contract)]
    items = contract.relations.sum.items
    most = contract.narrowed_schema["properties"].get(items, {}).get("maxItems", 100)
    invoices = [[one] for one in sets if not one.is_of_an_item(contract)]
    invoices += [of_items[start : start + most] for start in range(0, len(of_items), most)]
    used = cycle(spread(contract, turn, turns))
    return tuple(
        case
        for sets, carrier in zip(invoices, used, strict=False)
        for case in _packed(contract, facts, sets, carrier)
    )


@lru_cache(maxsize=128)
def with_extras(contract: Contract, facts: TargetFacts, case: Packed) -> Packed:
    """The case with its extras in it; with fewer where all of them would not be valid: without one
    of them or, where that is not enough, without the first.

    Cached, because a test is rehearsed before it is run.
    """
    if not case.extras or case.carrier is None:
        return case
    each = ((*case.extras[:n], *case.extras[n + 1 :]) for n in range(len(case.extras)))
    tried = (_with(contract, facts, case, extras) for extras in (case.extras, *each))
    known = next(filter(None, tried), None)
    return known or with_extras(contract, facts, replace(case, extras=case.extras[1:]))


def _with(
    contract: Contract, facts: TargetFacts, case: Packed, extras: tuple[Extra, ...]
) -> Packed | None:
    """The case with these extras; None where it would not be valid."""
    assert case.carrier is not None  # else it has none
    payload = case.payload
    for edge, element in extras:
        payload = with_edges(payload, [edge], element)
    payload = with_its_sums(contract, payload, [*case.edges, *(edge for edge, _ in extras)])
    if not any(path in _of_the_status(contract) for edge in case.edges for path in edge.paths):
        payload = paid_as(contract, payload, case.carrier)
    body = encode(payload)
    if len(body) <= _MAX_BYTES and must_be_accepted(contract, facts, payload):
        return replace(case, body=body, payload=payload, extras=extras)
    return None


def written(contract: Contract, case: Packed | PayloadCase) -> bytes:
    """The body of the case as it is to be written; as usual where that would be too large."""
    if case.way is None or case.way.write is None:
        return case.body
    body = case.way.write(contract, case.payload)
    return body if len(body) <= LARGEST_VALID else case.body


def unpacked(contract: Contract, facts: TargetFacts, edge: Edge, element: int = 0) -> PayloadCase:
    """The base invoice with one edge, in the item of this index or the last one."""
    payload = with_its_sums(contract, with_edges(base(contract, facts), [edge], element), [edge])
    return PayloadCase(edge.name, encode(payload), payload)


def _of_the_status(contract: Contract) -> frozenset[Path]:
    """Paths of edges that bring a status of their own."""
    state = contract.relations.state
    return frozenset({(state.paid,), (state.status,)})


@dataclass(slots=True)
class _EdgeSet:
    """Edges whose paths do not overlap; `above` are the paths of all that contains one."""

    edges: list[Edge] = field(default_factory=list)
    paths: set[Path] = field(default_factory=set)
    above: set[Path] = field(default_factory=set)

    def fits(self, edge: Edge) -> bool:
        """Whether no path of the edge is, contains or is inside one of the set."""
        return not any(
            path in self.paths or path in self.above or not self.paths.isdisjoint(_above(path))
            for path in edge.paths
        )

    def add(self, edge: Edge) -> None:
        self.edges.append(edge)
        for path in edge.paths:
            self.paths.add(path)
            self.above.update(_above(path))

    def is_of_an_item(self, contract: Contract) -> bool:
        """Whether all paths are inside one item."""
        return all(_is_of_an_item(contract, path) for path in self.paths)


def _is_of_an_item(contract: Contract, path: Path) -> bool:
    return path[:2] == (contract.relations.sum.items, ELEMENT)


@cache
def _above(path: Path) -> tuple[Path, ...]:
    return tuple(path[:length] for length in range(len(path)))


def _queues(contract: Contract, edges: Iterable[Edge], extras: Iterable[Edge]) -> list[_Queue]:
    """The edges that are one value, of neither the status nor the amount that is paid; first those
    of the same paths that are never more than extras.
    """
    own: dict[Path, list[Edge]] = {}
    apart = _of_the_status(contract) | {(contract.relations.sum.items,)}
    for edge in edges:
        if edge.puts and not apart & {*edge.paths}:
            own.setdefault(edge.puts[0][0], []).append(edge)
    by_path: dict[Path, list[Edge]] = {path: [] for path in own}
    for edge in extras:
        by_path.get(edge.puts[0][0], []).append(edge)
    return [_Queue(path, deque((*by_path[path], *own[path]))) for path in own]


def _meet(met: _Met, case: Packed, edges: Iterable[Edge]) -> None:
    """These edges have been in the carrier of this case."""
    if case.carrier is not None:
        for edge in edges:
            met.setdefault(edge.name, set()).update(levels(case.carrier))


def _extras_of(
    contract: Contract, case: Packed, queues: list[_Queue], met: _Met
) -> tuple[Extra, ...]:
    """An extra of each path that is still free, in the invoice and in four items.

    Where one leaves no room for another, it is of the path of which fewer have been taken.
    """
    if case.carrier is None:
        return ()
    chosen = []
    size = len(case.payload.get(contract.relations.sum.items) or ())
    is_free = len({*case.elements}) == 1  # else each item has an edge of its own
    for place in range(max(1, min(_PLACES, size))):
        together = _EdgeSet()
        for own in case.edges:
            if place == 0 or not _is_of_an_item(contract, own.paths[0]):
                together.add(own)

        def fits(edge: Edge, place: int = place, together: _EdgeSet = together) -> bool:
            """Whether there is room, and nothing that the carrier leaves out."""
            inside = [_is_of_an_item(contract, path) for path in edge.paths]
            is_here = (is_free or not any(inside)) and (place == 0 or all(inside))
            known = all(path[0] in case.payload for path, _ in edge.puts)
            return is_here and known and together.fits(edge)

        for queue in sorted(queues, key=lambda one: (one.rounds, one.path is not None)):
            in_item = queue.path is not None and _is_of_an_item(contract, queue.path)
            wanted = is_free if in_item else place == 0  # one pair is enough for an invoice
            edge = queue.take(case.carrier, met, fits) if wanted else None
            if edge is not None:
                together.add(edge)
                _meet(met, case, [edge])
                chosen.append((edge, (case.elements[0] + place) % max(1, size)))
    return tuple(chosen)


def _packed(
    contract: Contract, facts: TargetFacts, sets: list[_EdgeSet], carrier: Carrier | None
) -> list[Packed]:
    """The sets in one invoice, each in an item of its own; halved if that would not be valid.

    Where a single set is not valid in its carrier, it is in the base invoice.
    """
    edges = tuple(edge for edge_set in sets for edge in edge_set.edges)
    paths = [path for edge in edges for path in edge.paths]
    items = contract.relations.sum.items
    invoice = {**(carrying(contract, facts, carrier) if carrier else base(contract, facts))}
    # An edge inside of what the carrier leaves out needs it all the same.
    if needed := [name for name, *inner in paths if inner and name not in invoice]:
        plain = base(contract, facts)
        invoice |= {name: plain[name] for name in needed}
    start = 0
    if len(sets) > 1 and carrier and carrier.texts == LONG:
        # A hundred long items would not fit in one body.
        return _packed(contract, facts, sets, replace(carrier, texts=PLAIN))
    if len(sets) > 1:
        longer = repeated_to(invoice[items], len(sets))
        schema = contract.narrowed_schema["properties"][items]
        invoice[items] = with_distinct_references(contract, longer, schema)
    elif carrier and items in invoice:
        start = carrier.index(len(invoice[items]))
    for element, edge_set in enumerate(sets, start):
        invoice = with_edges(invoice, edge_set.edges, element)
    payload = with_its_sums(contract, invoice, edges)
    if carrier and not any(path in _of_the_status(contract) for path in paths):
        payload = paid_as(contract, payload, carrier)
    body = encode(payload)
    if len(body) > _MAX_BYTES or not must_be_accepted(contract, facts, payload):
        half = len(sets) // 2
        if half:
            parts = (sets[:half], sets[half:])
            return [case for part in parts for case in _packed(contract, facts, part, carrier)]
        if carrier:
            return _packed(contract, facts, sets, None)
    elements = tuple(n for n, edge_set in enumerate(sets, start) for _ in edge_set.edges)
    name, more = edges[0].name, len(edges) - 1
    name = f"{name} and {counted(more, 'edge')} more" if more else name
    return [Packed(name, body, payload, edges, elements, carrier)]
