"""Defects made from the requirements themselves; none is listed by hand."""

from collections.abc import Iterator

from proof.derived.answers import misanswering
from proof.derived.clauses import clauses
from proof.derived.errors import misreporting
from proof.derived.forgetting import forgetting
from proof.derived.relations import unrelated
from proof.derived.strictness import overstrict
from reference.defects.bent import Bent
from spec.contract import Contract
from spec.facts import Facts


def derived(contract: Contract, facts: Facts) -> Iterator[Bent]:
    """For each requirement the servers that break it, in the requirements' order by kind."""
    yield from forgetting(contract, facts)
    yield from overstrict(contract)
    yield from misanswering(contract)
    yield from unrelated(contract)
    yield from misreporting(contract)
    yield from clauses(contract, facts)
