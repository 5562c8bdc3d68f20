"""Makes a mutant of each mutation of what the operation asks: its status, key, body and HTTP."""

from collections.abc import Iterator, Mapping

from reference.mutants.mutant import Mutant
from reference.mutants.server import Mutation
from spec.contract import Contract

Clauses = Mapping[str, Mapping[str, Mutation]]
"""By requirement, the mutations that break it, each with its words."""


def clause_mutants(
    contract: Contract, topic: str, clauses: Clauses, *, wire: bool = False
) -> Iterator[Mutant]:
    """A mutant for each mutation of the requirements that the contract has."""
    for requirement, mutations in clauses.items():
        if contract.find(requirement) is not None:
            for words, mutate in mutations.items():
                yield derived_mutant(words, topic, requirement, mutate, wire=wire)


def derived_mutant(
    words: str, topic: str, requirement: str, mutate: Mutation, *, wire: bool = False
) -> Mutant:
    """The mutant that breaks one requirement in this way."""
    story = f"Breaks {requirement}: {words}."
    return Mutant(f"{words} ({requirement})", topic, (requirement,), story, mutate, wire)
