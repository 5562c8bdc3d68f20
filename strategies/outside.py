"""Values drawn from anywhere outside a constraint."""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import strategies as st

from spec.requirements import Requirement
from strategies.coherence import grown, number
from strategies.kinds import TEXT, kind, named, others
from strategies.misses import BOUNDS, filled, limit
from strategies.places import Json

Drawn = st.SearchStrategy[Json]


def outside(requirement: Requirement, value: Json, types: object) -> Drawn:
    """Values of the given types, or of wrong ones, that break a requirement.

    `value` is a sound one to start from.
    """
    if requirement.keyword in BOUNDS:
        return _beyond(requirement, types, BOUNDS[requirement.keyword])
    return OUTSIDE[requirement.keyword](requirement, value)


def _type(requirement: Requirement, _value: Json) -> Drawn:
    return others(requirement.operand)


def _enum(requirement: Requirement, _value: Json) -> Drawn:
    members = requirement.operand
    assert isinstance(members, list)  # the document's loader has seen to it
    near = st.sampled_from([str(member).lower() for member in members])
    kinds = tuple({kind(member): None for member in members})
    return st.one_of(near, TEXT, others(kinds)).filter(lambda drawn: drawn not in members)


def _longer(requirement: Requirement, _value: Json) -> Drawn:
    most = limit(requirement)
    return _lengths(requirement, st.integers(most + 1, most * 2 + 40))


def _shorter(requirement: Requirement, _value: Json) -> Drawn:
    return _lengths(requirement, st.integers(0, limit(requirement) - 1))


def _lengths(requirement: Requirement, sizes: st.SearchStrategy[int]) -> Drawn:
    return st.builds(lambda fill, size: filled(requirement.path, fill, size), TEXT, sizes)


def _beyond(requirement: Requirement, types: object, sign: int) -> Drawn:
    unit = Decimal("0.01") if "number" in named(types) else Decimal(1)
    bound = Decimal(str(requirement.operand))
    return st.integers(1, 10**9).map(lambda steps: number(bound + sign * steps * unit))


def _fewer(requirement: Requirement, value: Json) -> Drawn:
    return st.integers(0, limit(requirement) - 1).map(lambda size: grown(value, size))


def _further(requirement: Requirement, value: Json) -> Drawn:
    most = limit(requirement)
    return st.integers(most + 1, most + 50).map(lambda size: grown(value, size))


OUTSIDE: dict[str, Callable[[Requirement, Json], Drawn]] = {
    "type": _type,
    "enum": _enum,
    "maxLength": _longer,
    "minLength": _shorter,
    "minItems": _fewer,
    "maxItems": _further,
}
"""By keyword, as in the table of near misses."""
