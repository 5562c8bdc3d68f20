"""The edges of each requirement: all that sits just inside it."""

from collections.abc import Iterator
from datetime import timedelta

from spec.contract import Contract
from spec.derivation import dotted
from spec.facts import Facts
from spec.requirements import Requirement
from strategies.arrangements import arranged
from strategies.coherence import (
    AMOUNT,
    CREATED,
    ITEMS,
    ORDER,
    QUANTITY,
    STATUS,
    TOTAL,
    UPDATED,
    keeps_reading,
)
from strategies.edge import Edge, applied
from strategies.example import base
from strategies.inside import inside
from strategies.moments import LAST
from strategies.places import ELEMENT, Json, Path, lookup

ANY_TARGET = Facts(None, None, (), None, LAST + timedelta(days=1))
"""A target of which nothing is known."""

_BESIDE: dict[Path, tuple[tuple[tuple[Path, Json], ...], tuple[Path, ...]]] = {
    (CREATED,): ((), ((UPDATED,),)),
    (UPDATED,): ((), ((CREATED,),)),
    (ITEMS, ELEMENT, AMOUNT): ((((ITEMS, ELEMENT, QUANTITY), 3),), ()),
    (ITEMS, ELEMENT, QUANTITY): ((((ITEMS, ELEMENT, AMOUNT), 0.05),), ()),
}
"""What an edge of a property puts and drops besides: so dates and products keep their bounds."""

_ARRANGED_ALONE = ((TOTAL,), (STATUS,))
"""Properties that follow from others, so that no value of theirs can be put there by itself."""


def edges(contract: Contract, facts: Facts, requirement: Requirement) -> tuple[Edge, ...]:
    """The edges of a requirement that are sound at this target; none where nothing is near."""
    invoice = base(contract, facts)
    candidates = (*_values(contract, requirement), *arranged(contract, invoice, requirement))
    return tuple(
        edge
        for edge in candidates
        if keeps_reading(contract, facts, applied(contract, invoice, [edge], element=0))
    )


def order_id_edges(contract: Contract) -> tuple[str, ...]:
    """The order ids among the edges, for a target that can be given the orders it shall know."""
    values = (
        value
        for requirement in contract.body_requirements
        if requirement.path == (ORDER,)
        for edge in edges(contract, ANY_TARGET, requirement)
        for _, value in edge.puts
    )
    return tuple(dict.fromkeys(values))


def _values(contract: Contract, requirement: Requirement) -> Iterator[Edge]:
    path = requirement.path
    if path in _ARRANGED_ALONE:
        return
    puts, drops = _BESIDE.get(path, ((), ()))
    for name, value in inside(requirement, lookup(contract.sound_schema, path)):
        yield Edge(f"{name} in {dotted(path)}", requirement, ((path, value), *puts), drops)
