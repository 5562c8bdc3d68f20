"""Every server of the proof, and which tests are to kill it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from proof.derived import derived
from reference.mutants import catalogue
from reference.mutants.mutant import Mutant
from spec.contract import Contract, TargetFacts

AREAS: dict[str, tuple[str, ...]] = {
    "acceptance": ("acceptance",),
    "rejection": ("rejection",),
    "success": ("acceptance",),
    "echo": ("acceptance",),
    "errors": ("rejection",),
    "orders": ("rejection",),
    "open": ("unspecified",),
    "bodies": ("bodies",),
    "keys": ("authentication",),
    "http": ("http",),
    "concurrency": ("isolation",),
}
"""By the area of a defect the suites that must catch it: the names of `suites/test_*.py`."""


def suite_of(test: str) -> str:
    """The suite of a test's id."""
    found = re.match(r"suites/test_(\w+)\.py", test)
    assert found is not None, test
    return found[1]


WIRED = 5
"""Every so many-th server stands behind a socket, also where none is needed."""


def every_server(contract: Contract, facts: TargetFacts) -> tuple[Mutant, ...]:
    """All of them by name; ValueError when two have the same one."""
    servers = [*derived(contract, facts), *catalogue()]
    names = [mutant.name for mutant in servers]
    twins = {name for name in names if names.count(name) > 1}
    if twins:
        raise ValueError(f"two servers of the proof are called {min(twins)!r}")
    return tuple(
        mutant if index % WIRED else replace(mutant, wire=True)
        for index, mutant in enumerate(servers)
    )


def chosen_servers(
    servers: Sequence[Mutant], words: Sequence[str], area: str | None
) -> tuple[Mutant, ...]:
    """Those whose name holds one of the words, if any is given, and that are of the area."""
    return tuple(
        mutant
        for mutant in servers
        if (area is None or mutant.area == area)
        and (not words or any(word.casefold() in mutant.name.casefold() for word in words))
    )
