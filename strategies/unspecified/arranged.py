"""Lists of items that no one value makes unspecified: credits, returns, lines that cancel out."""

from collections.abc import Iterator
from typing import Any

from spec.contract import Contract, TargetFacts
from spec.paths import Json
from strategies.invoice import plain_invoice

_LINES: dict[str, tuple[tuple[float, int], ...]] = {
    "a credit note": ((-449.5, 2), (-19.99, 5), (-235, 1)),
    "a discount of all": ((100, 1), (-100, 1)),
    "a return": ((449.5, 2), (19.99, -1), (235, 1)),
    "no pieces": ((449.5, 0), (19.99, 0)),
    "many of the dearest": ((1000000000, 1000000),),
    "prices of parts of a cent": ((0.0125, 80), (0.0001, 10000)),
}
"""The amount and the quantity of each line."""


def arranged(contract: Contract, facts: TargetFacts) -> Iterator[tuple[str, list[Json]]]:
    """Each list of items with its name; in the last one all have the same reference."""
    relation, reference = contract.relations.sum, contract.relations.distinct.reference
    items: list[dict[str, Any]] = plain_invoice(contract, facts).get(relation.items) or []
    if not items or not all({relation.amount, relation.quantity} <= one.keys() for one in items):
        return
    for name, lines in _LINES.items():
        yield (
            name,
            [
                {**one, relation.amount: amount, relation.quantity: quantity}
                for one, (amount, quantity) in zip(items, lines, strict=False)
            ],
        )
    if reference in items[0]:
        yield (
            "three lines of one reference",
            [{**each, reference: items[0][reference]} for each in items],
        )
