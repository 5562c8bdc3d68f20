"""Servers that forget one requirement on the payload."""

from collections.abc import Callable, Iterator

from proof.derived.spots import Json, is_of, spots, there
from reference.defects.bent import Bent
from reference.defects.server import Server
from spec.contract import Contract
from spec.facts import Facts
from spec.requirements import Requirement
from strategies.example import base

BREAKS: dict[str, Callable[[Json, Json], bool]] = {
    "type": lambda value, operand: not is_of(value, operand),
    "enum": lambda value, operand: not is_of(value, "string") or value not in operand,
    "maxLength": lambda value, operand: isinstance(value, str) and len(value) > operand,
    "minLength": lambda value, operand: isinstance(value, str) and len(value) < operand,
    "maximum": lambda value, operand: is_of(value, "number") and value > operand,
    "minimum": lambda value, operand: is_of(value, "number") and value < operand,
    "maxItems": lambda value, operand: isinstance(value, list) and len(value) > operand,
    "minItems": lambda value, operand: isinstance(value, list) and len(value) < operand,
}
"""By keyword, whether a value that stands breaks it; `required` is broken by what is absent."""


def forgetting(contract: Contract, facts: Facts) -> Iterator[Bent]:
    """For each requirement on the payload a server that takes what breaks it for sound."""
    for requirement in contract.body_requirements:
        yield Bent(
            f"forgets {requirement}",
            "rejection",
            (requirement.name,),
            f"Does not check {requirement}: what breaks it is taken, and a plain value kept in its "
            "place.",
            _forgetful(requirement, contract, facts),
        )


def _forgetful(
    requirement: Requirement, contract: Contract, facts: Facts
) -> Callable[[Server], Server]:
    sound = base(contract, facts)

    def mended(payload: Json) -> Json:
        if not requirement.path:
            return payload if is_of(payload, requirement.operand) else sound
        stand_in = next(holder[key] for holder, key in spots(sound, requirement.path))
        for spot in spots(payload, requirement.path):
            holder, key = spot
            if requirement.keyword == "required":
                if not there(spot):
                    holder[key] = stand_in
            elif there(spot) and BREAKS[requirement.keyword](holder[key], requirement.operand):
                holder[key] = stand_in
        return payload

    return lambda server: server.parsed(mended)
