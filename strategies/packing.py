"""Several edges in one invoice, where they do not touch: few requests, and each still by itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from spec.contract import Contract, TargetFacts
from spec.paths import ELEMENT, Json, Path
from strategies.coherence import ITEMS, apart, grown, keeps_reading, settled
from strategies.edges import Edge, applied, changed
from strategies.invalid import Payload
from strategies.invoice import base, encode

MOST_BYTES = 48 * 1024
"""Of a packed body; the reading stops at 64 KiB, and a stamp or a spelling may add to it."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One valid body with several edges; `elements` gives the index of the element each sits in."""

    name: str
    body: bytes
    payload: Json
    edges: tuple[Edge, ...]
    elements: tuple[int, ...]


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

    @property
    def of_elements(self) -> bool:
        """Whether all of it is about one element of the items."""
        return all(path[:2] == (ITEMS, ELEMENT) for path in self.taken)

    def add(self, edge: Edge) -> None:
        self.edges.append(edge)
        for path in edge.paths:
            self.taken.add(path)
            self.above.update(_ancestors(path))


def packed(contract: Contract, facts: TargetFacts, edges: Iterable[Edge]) -> tuple[Packed, ...]:
    """All the edges in few invoices: those of elements side by side in one long list of them."""
    parcels: list[_Parcel] = []
    for edge in edges:
        parcel = next((parcel for parcel in parcels if parcel.takes(edge)), None)
        if parcel is None:
            parcel = _Parcel()
            parcels.append(parcel)
        parcel.add(edge)
    whole = [parcel for parcel in parcels if not parcel.of_elements]
    parts = [parcel for parcel in parcels if parcel.of_elements]
    most = contract.narrowed_schema["properties"].get(ITEMS, {}).get("maxItems", 100)
    rows = [[parcel] for parcel in whole]
    rows += [parts[start : start + most] for start in range(0, len(parts), most)]
    return tuple(pack for row in rows for pack in _packs(contract, facts, row))


def _packs(contract: Contract, facts: TargetFacts, row: list[_Parcel]) -> list[Packed]:
    """The parcels in one invoice, each in an element of its own; in two if that is not valid."""
    invoice = base(contract, facts)
    if len(row) > 1:
        items = grown(invoice[ITEMS], len(row))
        invoice[ITEMS] = apart(items, contract.narrowed_schema["properties"][ITEMS])
    placed = [(edge, element) for element, parcel in enumerate(row) for edge in parcel.edges]
    for edge, element in placed:
        invoice = changed(invoice, [edge], element)
    payload = settled(contract, invoice)
    body = encode(payload)
    half = len(row) // 2
    if half and (len(body) > MOST_BYTES or not keeps_reading(contract, facts, payload)):
        return _packs(contract, facts, row[:half]) + _packs(contract, facts, row[half:])
    edges, elements = zip(*placed, strict=True)
    name = f"{len(edges)} edges, from {edges[0].name}"
    return [Packed(name, body, payload, edges, elements)]


def alone(contract: Contract, facts: TargetFacts, edge: Edge, element: int = 0) -> Payload:
    """The one edge in a plain invoice, in the element of this index or in the last."""
    payload = applied(contract, base(contract, facts), [edge], element)
    return Payload(edge.name, encode(payload), payload)


def _ancestors(path: Path) -> tuple[Path, ...]:
    return tuple(path[:length] for length in range(len(path)))
