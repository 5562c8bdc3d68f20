"""Where a test's cases come from: requirements, probes, and groups of enumerated cases."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from spec import probes
from spec.contract import Contract, TargetFacts
from spec.requirements import Requirement
from strategies import authentication, bodies, http, isolation
from strategies.cases import Crowd, Series, Variant
from strategies.edges import edges
from strategies.invalid import Payload, near_misses
from strategies.packing import Packed, packed

Asked = TypeVar("Asked", Payload, Packed, Variant)


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


def _near(contract: Contract, facts: TargetFacts) -> list[Group[Payload]]:
    return [Group(r, near_misses(contract, facts, r)) for r in contract.body_requirements]


def _edges(contract: Contract, facts: TargetFacts) -> list[Group[Packed]]:
    found = [
        Group(r, packed(contract, facts, edges(contract, facts, r)))
        for r in contract.body_requirements
    ]
    return [group for group in found if group.cases]


def _requirements(contract: Contract, _: TargetFacts) -> Sequence[Requirement]:
    return contract.body_requirements


def _probes(_contract: Contract, _facts: TargetFacts) -> Sequence[probes.Probe]:
    return probes.load()


GROUPS: dict[str, Callable[[Contract, TargetFacts], Sequence[Named]]] = {
    "near_misses": _near,
    "edges": _edges,
    "requirement": _requirements,
    "probe": _probes,
    "unauthorised": authentication.unauthorised,
    "key_header": authentication.header_cases,
    "no_invoice": bodies.no_invoices,
    "media_type": bodies.media_types,
    "spelling": http.spellings,
    "sending": http.sendings,
    "connections": http.connections,
    "method": http.methods,
    "crowd": isolation.crowd,
    "repeated": isolation.repeated,
    "omission": isolation.omissions,
    "one_order": isolation.orders,
    "recovery": isolation.recoveries,
}
"""By the name of a test's argument."""


def limited(found: Sequence[Named], most: int | None) -> list[Named]:
    """The same, with no more cases to a group or crowd, and no more of one kind, than listed."""
    kinds: Counter[str] = Counter()
    kept: list[Named] = []
    for one in found:
        match one:
            case Group():
                kept.append(replace(one, cases=one.cases[:most]))
            case Crowd():
                kept.append(replace(one, cases=one.cases[:most]))
            case Variant() | Series() | Requirement():
                kind = one.keyword if isinstance(one, Requirement) else one.kind
                kinds[kind] += 1
                if most is None or kinds[kind] <= most:
                    kept.append(one)
            case _:
                kept.append(one)
    return kept
