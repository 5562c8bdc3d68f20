"""Mutants that are made from the requirements, so that none is listed by hand; a module a suite."""

from collections.abc import Iterator

from proof.derived import acceptance, authentication, bodies, http, rejection, unspecified
from reference.mutants.mutant import Mutant
from spec.contract import Contract, TargetFacts


def derived_mutants(contract: Contract, facts: TargetFacts) -> Iterator[Mutant]:
    """For each requirement the mutants that break it, suite by suite."""
    yield from acceptance.mutants(contract)
    yield from rejection.mutants(contract, facts)
    yield from unspecified.mutants(contract)
    yield from authentication.mutants(contract)
    yield from bodies.mutants(contract, facts)
    yield from http.mutants(contract)
