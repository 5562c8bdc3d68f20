"""What the tests are parametrised with: requirements, probes, and groups of enumerated cases."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from spec import probes
from spec.contract import Contract
from spec.facts import Facts
from spec.requirements import Requirement
from strategies import bodies, keys, sequences, spellings
from strategies.breaking import Case, near_misses
from strategies.edges import edges
from strategies.packing import Packed, packed
from strategies.variant import Crowd, Series, Variant

Asked = TypeVar("Asked", Case, Packed, Variant)


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
    "unauthorised": keys.unauthorised,
    "key_header": keys.header_cases,
    "no_invoice": bodies.no_invoices,
    "media_type": bodies.media_types,
    "spelling": spellings.spelled,
    "sending": spellings.sent,
    "connections": spellings.connections,
    "method": spellings.methods,
    "crowd": sequences.crowd,
    "repeated": sequences.repeated,
    "omission": sequences.omissions,
    "one_order": sequences.orders,
    "recovery": sequences.recoveries,
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
