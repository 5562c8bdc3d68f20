"""Values drawn from anywhere outside a constraint."""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import strategies as st

from spec.requirements import Requirement
from strategies.bounds import breaks_alone, filled, limit, outwards
from strategies.coherence import grown, number
from strategies.kinds import TEXT, kind, others
from strategies.places import Json

Drawn = st.SearchStrategy[Json]


def outside(requirement: Requirement, schema: dict[str, Json], value: Json) -> Drawn:
    """Values that break this one requirement of a schema; `value` is a sound one to start from."""
    drawn = OUTSIDE[requirement.keyword](requirement, value)
    return drawn.filter(breaks_alone(requirement, schema))


def _type(requirement: Requirement, _value: Json) -> Drawn:
    return others(requirement.operand)


def _enum(requirement: Requirement, _value: Json) -> Drawn:
    members = requirement.operand
    assert isinstance(members, list)  # the document's loader has seen to it
    near = st.sampled_from([str(member).lower() for member in members])
    kinds = tuple({kind(member): None for member in members})
    return st.one_of(near, TEXT, others(kinds))


def _longer(requirement: Requirement, _value: Json) -> Drawn:
    most = limit(requirement)
    return _lengths(requirement, st.integers(most + 1, most * 2 + 40))


def _shorter(requirement: Requirement, _value: Json) -> Drawn:
    return _lengths(requirement, st.integers(0, limit(requirement) - 1))


def _lengths(requirement: Requirement, sizes: st.SearchStrategy[int]) -> Drawn:
    return st.builds(lambda fill, size: filled(requirement.path, fill, size), TEXT, sizes)


def _beyond(requirement: Requirement, _value: Json) -> Drawn:
    bound, sign = Decimal(str(requirement.operand)), outwards(requirement)
    hundredths = st.integers(1, 10**9)
    steps = hundredths.map(lambda drawn: Decimal(drawn) / 100) | hundredths
    return steps.map(lambda step: number(bound + sign * step))


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
    "minimum": _beyond,
    "maximum": _beyond,
    "minItems": _fewer,
    "maxItems": _further,
}
"""By keyword, as in the table of near misses."""
