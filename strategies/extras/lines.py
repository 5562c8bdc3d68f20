"""Lines of an invoice that have something in common: what each costs, how many pieces, what it is.

A sum of lines for nothing is nothing however many they are, and lines of one kind of goods may be
made one: what none of a few lines shows, all of them do.
"""

from spec.contract import Contract
from spec.paths import ELEMENT, Json, Path, changed_at, schema_at
from strategies.acceptance.arrangements import texts_of_items
from strategies.acceptance.edges import Edge
from strategies.extras.edges import Extra
from strategies.scalars import keeps

_ONE_OF = 5
"""Invoices, of which one has lines with something in common."""


def shared(contract: Contract, number: int) -> tuple[Path, Json] | None:
    """What all lines of the invoice of this number have at a path; None for most."""
    sums, (turn, rest) = contract.relations.sum, divmod(number, _ONE_OF)
    texts = texts_of_items(contract)
    kinds: tuple[tuple[str, Json], ...] = (
        *((sums.amount, 0), (sums.amount, 0.01), (sums.quantity, 1)),
        *((name, "Linen") for name in texts),
        (sums.amount, 0),
    )
    name, value = kinds[turn % len(kinds)]
    path = (sums.items, ELEMENT, name)
    schema = schema_at(contract.narrowed_schema, path)
    return (path, value) if rest == 0 and schema and keeps(schema, value) else None


def with_shared(
    contract: Contract,
    number: int,
    invoice: dict[str, Json],
    edges: tuple[Edge, ...],
    extras: tuple[Extra, ...],
) -> tuple[dict[str, Json], tuple[Extra, ...]]:
    """The invoice and its extras with what its lines share, if this number has such; the extras are
    then about other properties. One that was asked for an edge there stays as it is.
    """
    found = shared(contract, number)
    if found is None or any({*edge.paths} & {found[0], found[0][:1]} for edge in edges):
        return invoice, extras
    path, value = found
    kept = ((_less(edge, path), place) for edge, place in extras)
    others = tuple((edge, place) for edge, place in kept if edge is not None)
    return changed_at(invoice, path, lambda _: value), others


def _less(edge: Edge, path: Path) -> Edge | None:
    """The edge without what it has at a path; None where that is all, or half of a pair."""
    if path not in edge.paths:
        return edge
    puts = tuple(put for put in edge.puts if put[0] != path)
    return Edge(edge.name, edge.requirement, puts, edge.removes) if len(puts) > 1 else None
