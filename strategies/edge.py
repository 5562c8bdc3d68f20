"""An edge: what it puts into a sound invoice, and how it gets there."""

from collections.abc import Iterable
from dataclasses import dataclass

from spec.contract import Contract
from spec.requirements import Requirement
from strategies.coherence import settled
from strategies.places import Json, Path, place, put, remove


@dataclass(frozen=True, slots=True)
class Edge:
    """A sound peculiarity of an invoice: values put at paths, and paths that are left out.

    `[]` in a path stands for one element, whichever. `name` is what a person reads, `requirement`
    the one that a server forgets or overdoes when it gets this edge wrong.
    """

    name: str
    requirement: Requirement
    puts: tuple[tuple[Path, Json], ...] = ()
    drops: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """All that the edge is about; edges that overlap in these cannot share an invoice."""
        return (*(path for path, _ in self.puts), *self.drops)


def applied(
    contract: Contract, invoice: dict[str, Json], edges: Iterable[Edge], element: int
) -> dict[str, Json]:
    """The invoice with these edges, sums in agreement.

    Those of an element go to the one of this index, or to the last if there are fewer.
    """
    return settled(contract, bent(invoice, edges, element))


def bent(invoice: dict[str, Json], edges: Iterable[Edge], element: int) -> dict[str, Json]:
    """The same, with the sums as they were."""

    def choose(size: int) -> int:
        return min(element, size - 1)

    for edge in edges:
        for path, value in edge.puts:
            invoice = put(invoice, place(invoice, path, choose), value)
        for path in edge.drops:
            invoice = remove(invoice, place(invoice, path, choose))
    return invoice
