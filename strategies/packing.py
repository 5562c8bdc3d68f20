"""Several edges in one invoice, where they do not overlap: fewer requests for all of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import cycle

from spec.contract import Contract, TargetFacts
from spec.paths import ELEMENT, Json, Path
from strategies.carriers import LONG, PLAIN, Carrier, carrying, paid_as, spread
from strategies.coherence import (
    ITEMS,
    PAID,
    STATUS,
    consistent,
    must_be_accepted,
    repeated_to,
    with_distinct_references,
)
from strategies.edges import Edge, with_edges
from strategies.invalid import PayloadCase
from strategies.invoice import base, encode

_OF_THE_STATUS = ((PAID,), (STATUS,))
"""Paths of edges that bring a status of their own."""

_MAX_BYTES = 58 * 1024
"""Of a packed body; the reading allows 64 KiB, and another encoding may take more bytes."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One valid body with several edges; `elements` has the index of the item each one is in."""

    name: str
    body: bytes
    payload: Json
    edges: tuple[Edge, ...]
    elements: tuple[int, ...]
    carrier: Carrier | None


def packed(
    contract: Contract, facts: TargetFacts, edges: Iterable[Edge], turn: int, turns: int
) -> tuple[Packed, ...]:
    """All the edges in few invoices; those of items are in one long list of items, side by side.

    The invoices are carriers, spread as for the `turn`-th of so many subjects.
    """
    sets: list[_EdgeSet] = []
    for edge in edges:
        edge_set = next((one for one in sets if one.fits(edge)), None)
        if edge_set is None:
            edge_set = _EdgeSet()
            sets.append(edge_set)
        edge_set.add(edge)
    of_items = [one for one in sets if one.is_of_an_item]
    most = contract.narrowed_schema["properties"].get(ITEMS, {}).get("maxItems", 100)
    invoices = [[one] for one in sets if not one.is_of_an_item]
    invoices += [of_items[start : start + most] for start in range(0, len(of_items), most)]
    used = cycle(spread(contract, turn, turns))
    return tuple(
        case
        for sets, carrier in zip(invoices, used, strict=False)
        for case in _packed(contract, facts, sets, carrier)
    )


def unpacked(contract: Contract, facts: TargetFacts, edge: Edge, element: int = 0) -> PayloadCase:
    """The base invoice with one edge, in the item of this index or the last one."""
    payload = consistent(contract, with_edges(base(contract, facts), [edge], element))
    return PayloadCase(edge.name, encode(payload), payload)


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

    @property
    def is_of_an_item(self) -> bool:
        """Whether all paths are inside one item."""
        return all(path[:2] == (ITEMS, ELEMENT) for path in self.paths)


def _above(path: Path) -> tuple[Path, ...]:
    return tuple(path[:length] for length in range(len(path)))


def _packed(
    contract: Contract, facts: TargetFacts, sets: list[_EdgeSet], carrier: Carrier | None
) -> list[Packed]:
    """The sets in one invoice, each in an item of its own; halved if that would not be valid.

    Where a single set is not valid in its carrier, it is in the base invoice.
    """
    edges = tuple(edge for edge_set in sets for edge in edge_set.edges)
    paths = [path for edge in edges for path in edge.paths]
    plain = base(contract, facts)
    invoice = {**(carrying(contract, facts, carrier) if carrier else plain)}
    # An edge inside of what the carrier leaves out needs it all the same.
    invoice |= {name: plain[name] for name, *inner in paths if inner and name not in invoice}
    start = 0
    if len(sets) > 1 and carrier and carrier.texts == LONG:
        # A hundred long items would not fit in one body.
        return _packed(contract, facts, sets, replace(carrier, texts=PLAIN))
    if len(sets) > 1:
        schema = contract.narrowed_schema["properties"][ITEMS]
        invoice[ITEMS] = with_distinct_references(repeated_to(invoice[ITEMS], len(sets)), schema)
    elif carrier and ITEMS in invoice:
        start = carrier.index(len(invoice[ITEMS]))
    for element, edge_set in enumerate(sets, start):
        invoice = with_edges(invoice, edge_set.edges, element)
    payload = consistent(contract, invoice)
    if carrier and not any(path in _OF_THE_STATUS for path in paths):
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
    name = f"{len(edges)} edges, from {edges[0].name}"
    return [Packed(name, body, payload, edges, elements, carrier)]
