"""Every server of the proof: the derived defects, the catalogued ones, the oddities."""

from collections.abc import Sequence
from dataclasses import replace

from proof.derived import derived
from reference.defects import catalogue
from reference.defects.bent import Bent
from spec.contract import Contract
from spec.facts import Facts

WIRED = 5
"""Every so many-th server stands behind a socket, also where none is needed."""


def every(contract: Contract, facts: Facts) -> tuple[Bent, ...]:
    """All of them by name; ValueError when two have the same one."""
    servers = [*derived(contract, facts), *catalogue()]
    names = [bent.name for bent in servers]
    twins = {name for name in names if names.count(name) > 1}
    if twins:
        raise ValueError(f"two servers of the proof are called {min(twins)!r}")
    return tuple(
        bent if index % WIRED else replace(bent, wire=True) for index, bent in enumerate(servers)
    )


def chosen(servers: Sequence[Bent], words: Sequence[str], area: str | None) -> tuple[Bent, ...]:
    """Those whose name holds one of the words, if any is given, and that are of the area."""
    return tuple(
        bent
        for bent in servers
        if (area is None or bent.area == area)
        and (not words or any(word.casefold() in bent.name.casefold() for word in words))
    )
