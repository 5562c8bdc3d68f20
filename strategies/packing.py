"""Several edges in one invoice, where they do not touch: few requests, and each still by itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from spec.contract import Contract
from spec.facts import Facts
from strategies.breaking import Case
from strategies.coherence import ITEMS
from strategies.edge import Edge, applied
from strategies.encoding import encode
from strategies.example import base
from strategies.places import Json, Path


@dataclass(frozen=True, slots=True)
class Packed:
    """One sound body with several edges; those of an element sit in the one of index `element`."""

    name: str
    body: bytes
    payload: Json
    edges: tuple[Edge, ...]
    element: int


@dataclass(slots=True)
class _Parcel:
    edges: list[Edge] = field(default_factory=list)
    taken: set[Path] = field(default_factory=set)
    above: set[Path] = field(default_factory=set)

    def takes(self, edge: Edge) -> bool:
        """Whether no path of the edge is, contains or lies in one that is taken."""
        return not any(
            path in self.taken or path in self.above or not self.taken.isdisjoint(_ancestors(path))
            for path in edge.paths
        )

    def add(self, edge: Edge) -> None:
        self.edges.append(edge)
        for path in edge.paths:
            self.taken.add(path)
            self.above.update(_ancestors(path))


def packed(contract: Contract, facts: Facts, edges: Iterable[Edge]) -> tuple[Packed, ...]:
    """All the edges in as few invoices as the first fit finds."""
    parcels: list[_Parcel] = []
    for edge in edges:
        parcel = next((parcel for parcel in parcels if parcel.takes(edge)), None)
        if parcel is None:
            parcel = _Parcel()
            parcels.append(parcel)
        parcel.add(edge)
    invoice = base(contract, facts)
    elements = len(invoice.get(ITEMS, [()]))
    result = []
    for index, parcel in enumerate(parcels):
        element = index % elements
        payload = applied(contract, invoice, parcel.edges, element)
        name = f"{len(parcel.edges)} edges, from {parcel.edges[0].name}"
        result.append(Packed(name, encode(payload), payload, tuple(parcel.edges), element))
    return tuple(result)


def alone(contract: Contract, facts: Facts, edge: Edge, element: int = 0) -> Case:
    """The one edge in an invoice that is plain besides, at the index it had in a packed one."""
    payload = applied(contract, base(contract, facts), [edge], element)
    return Case(edge.name, encode(payload), payload)


def _ancestors(path: Path) -> tuple[Path, ...]:
    return tuple(path[:length] for length in range(len(path)))
