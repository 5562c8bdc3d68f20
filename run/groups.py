"""The enumerated cases, grouped as the tests take them: one group is one test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from spec.probes import Probe

from spec import probes
from spec.contract import Contract
from spec.facts import Facts
from spec.requirements import Requirement
from strategies.breaking import Case, near_misses
from strategies.edges import edges
from strategies.packing import Packed, packed


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of one requirement; str() is the requirement's name."""

    requirement: Requirement
    cases: Sequence[Case | Packed] = ()

    def __str__(self) -> str:
        return self.requirement.name


@dataclass(frozen=True, slots=True)
class Question:
    """One probe, which is one case."""

    probe: Probe

    def __str__(self) -> str:
        return self.probe.name


def _near(contract: Contract, facts: Facts) -> list[Group]:
    return [Group(r, near_misses(contract, facts, r)) for r in contract.body_requirements]


def _edges(contract: Contract, facts: Facts) -> list[Group]:
    found = [
        Group(r, packed(contract, facts, edges(contract, facts, r)))
        for r in contract.body_requirements
    ]
    return [group for group in found if group.cases]


def _bodies(contract: Contract, _: Facts) -> list[Group]:
    return [Group(r) for r in contract.body_requirements]


def _probes(_contract: Contract, _facts: Facts) -> list[Question]:
    return [Question(probe) for probe in probes.load(probes.PROBES)]


GROUPS: dict[str, Callable[[Contract, Facts], Sequence[Group | Question]]] = {
    "near_misses": _near,
    "edges": _edges,
    "requirement": _bodies,
    "question": _probes,
}
"""By the name of a test's argument."""


def limited(found: Sequence[Group | Question], most: int | None) -> list[Group | Question]:
    """The groups with no more cases each than the profile lists."""
    return [
        replace(group, cases=group.cases[:most]) if isinstance(group, Group) else group
        for group in found
    ]
