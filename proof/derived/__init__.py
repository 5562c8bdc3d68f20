"""Defects made from the requirements themselves; none is listed by hand."""

from collections.abc import Iterator

from proof.derived.answers import misanswering, misreporting
from proof.derived.operation import clauses
from proof.derived.relations import unrelated
from proof.derived.requests import forgetting, overstrict
from reference.mutants.mutant import Mutant
from spec.contract import Contract, TargetFacts


def derived(contract: Contract, facts: TargetFacts) -> Iterator[Mutant]:
    """For each requirement the servers that break it, in the requirements' order by kind."""
    yield from forgetting(contract, facts)
    yield from overstrict(contract)
    yield from misanswering(contract)
    yield from unrelated(contract)
    yield from misreporting(contract)
    yield from clauses(contract, facts)
