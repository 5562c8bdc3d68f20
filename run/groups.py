"""What the tests are parametrised with: requirements, probes, and groups of enumerated cases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from spec import probes
from spec.contract import Contract
from spec.facts import Facts
from spec.requirements import Requirement
from strategies.breaking import Case, near_misses
from strategies.edges import edges
from strategies.packing import Packed, packed

Asked = TypeVar("Asked", Case, Packed)


class Named(Protocol):
    """What one test is about; its name is the test's id."""

    @property
    def name(self) -> str: ...  # noqa: D102 # the class says it


@dataclass(frozen=True, slots=True)
class Group(Generic[Asked]):
    """The cases of one requirement, which one test asks."""

    requirement: Requirement
    cases: Sequence[Asked]

    @property
    def name(self) -> str:
        """The requirement's."""
        return self.requirement.name


def _near(contract: Contract, facts: Facts) -> list[Group[Case]]:
    return [Group(r, near_misses(contract, facts, r)) for r in contract.body_requirements]


def _edges(contract: Contract, facts: Facts) -> list[Group[Packed]]:
    found = [
        Group(r, packed(contract, facts, edges(contract, facts, r)))
        for r in contract.body_requirements
    ]
    return [group for group in found if group.cases]


def _requirements(contract: Contract, _: Facts) -> Sequence[Requirement]:
    return contract.body_requirements


def _probes(_contract: Contract, _facts: Facts) -> Sequence[probes.Probe]:
    return probes.load()


GROUPS: dict[str, Callable[[Contract, Facts], Sequence[Named]]] = {
    "near_misses": _near,
    "edges": _edges,
    "requirement": _requirements,
    "probe": _probes,
}
"""By the name of a test's argument."""


def limited(found: Sequence[Named], most: int | None) -> list[Named]:
    """The same, with no more cases to a group than the profile lists."""
    return [
        replace(one, cases=one.cases[:most]) if isinstance(one, Group) else one for one in found
    ]
