"""Where an invoice has room for edges: they may not overlap, nor be about what is not there."""

from dataclasses import dataclass, field
from functools import cache

from spec.contract import Contract
from spec.paths import ELEMENT, Json, Path, present
from strategies.acceptance.edges import Edge, around


@dataclass(slots=True)
class EdgeSet:
    """Edges whose paths do not overlap; `above` are the paths of all that contains one."""

    edges: list[Edge] = field(default_factory=list)
    paths: set[Path] = field(default_factory=set)
    above: set[Path] = field(default_factory=set)

    def fits(self, edge: Edge) -> bool:
        """Whether no path of the edge is, contains or is inside one of the set."""
        own, above = edge.paths, _above(edge.paths)
        return (
            self.paths.isdisjoint(own)
            and self.above.isdisjoint(own)
            and self.paths.isdisjoint(above)
        )

    def add(self, edge: Edge) -> None:
        """Take its paths, so that none of them has room again."""
        self.edges.append(edge)
        self.paths.update(edge.paths)
        self.above.update(_above(edge.paths))

    def is_of_an_item(self, contract: Contract) -> bool:
        """Whether all paths are inside one item."""
        return all(is_of_an_item(contract, path) for path in self.paths)


@cache
def is_of_an_item(contract: Contract, path: Path) -> bool:
    """Whether it is inside one item."""
    return path[:2] == (contract.relations.sum.items, ELEMENT)


@cache
def _above(paths: tuple[Path, ...]) -> frozenset[Path]:
    return frozenset(path[:length] for path in paths for length in range(len(path)))


@dataclass(frozen=True, slots=True)
class Room:
    """Where there may be extras at one place of an invoice: in an item, beside the items."""

    contract: Contract
    payload: Json
    together: EdgeSet
    in_item: bool
    beside: bool
    are_there: dict[Path, bool]
    """What is known of the invoice: whether there can be a value at a path."""

    def has_for(self, edge: Edge) -> bool:
        """Whether an edge fits there, and is about nothing that the carrier leaves out."""
        for path in edge.paths:
            if not (self.in_item if is_of_an_item(self.contract, path) else self.beside):
                return False
        for path, _ in edge.puts:
            if path not in self.are_there:
                is_there = path[0] in self.payload and present(self.payload, around(path))
                self.are_there[path] = is_there
            if not self.are_there[path]:
                return False
        return self.together.fits(edge)
