"""Every server of the proof, and the suites that must kill the mutants among them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from proof.derived import derived_mutants
from reference.mutants import catalogue
from reference.mutants.mutant import Mutant
from spec.contract import Contract, TargetFacts

SUITES = tuple(
    sorted(
        path.stem.removeprefix("test_")
        for path in (Path(__file__).parent.parent / "suites").glob("test_*.py")
    )
)
"""The names of the suites; a mutant's topic begins with one of them."""

WIRED = 5
"""One in so many servers gets a socket, even if it needs none."""


def every_server(contract: Contract, facts: TargetFacts) -> tuple[Mutant, ...]:
    """All mutants and conforming servers; ValueError when two have the same name."""
    servers = [*derived_mutants(contract, facts), *catalogue()]
    names = [mutant.name for mutant in servers]
    twins = {name for name in names if names.count(name) > 1}
    if twins:
        raise ValueError(f"two servers of the proof are called {min(twins)!r}")
    return tuple(
        mutant if index % WIRED else replace(mutant, wire=True)
        for index, mutant in enumerate(servers)
    )


def chosen_servers(
    servers: Sequence[Mutant], words: Sequence[str], suite: str | None
) -> tuple[Mutant, ...]:
    """Those of this suite, if one is given, whose name contains one of the words, if any are."""
    return tuple(
        mutant
        for mutant in servers
        if (suite is None or mutant.suite == suite) and has_a_word(mutant.name, words)
    )


def has_a_word(name: str, words: Sequence[str]) -> bool:
    """Whether a name contains one of the words, if there are any."""
    return not words or any(word.casefold() in name.casefold() for word in words)
