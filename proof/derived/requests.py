"""Mutants that forget one requirement on the payload, or are one notch too strict."""

from collections.abc import Callable, Iterator
from typing import Any

from proof.derived.paths import Json, is_of, locations_in, there
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from reference.refusal import Problem
from spec.contract import Contract, TargetFacts
from spec.requirements import Requirement, dotted
from strategies.invoice import base

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


def forgetting(contract: Contract, facts: TargetFacts) -> Iterator[Mutant]:
    """For each requirement on the payload a server that takes what breaks it for valid."""
    for requirement in contract.body_requirements:
        yield Mutant(
            f"forgets {requirement}",
            "rejection",
            (requirement.name,),
            f"Does not check {requirement}: what breaks it is taken, and a plain value kept in its "
            "place.",
            _forgetful(requirement, contract, facts),
        )


def _forgetful(
    requirement: Requirement, contract: Contract, facts: TargetFacts
) -> Callable[[Server], Server]:
    valid = base(contract, facts)

    def mended(payload: Json) -> Json:
        if not requirement.path:
            return payload if is_of(payload, requirement.operand) else valid
        stand_in = next(holder[key] for holder, key in locations_in(valid, requirement.path))
        for location in locations_in(payload, requirement.path):
            holder, key = location
            if requirement.keyword == "required":
                if not there(location):
                    holder[key] = stand_in
            elif there(location) and BREAKS[requirement.keyword](holder[key], requirement.operand):
                holder[key] = stand_in
        return payload

    return lambda server: server.parsed(mended)


Notch = tuple[str, Callable[[Json], bool]]
"""What is refused, in words, and whether a value is that."""

NUMBER = ("number", "integer")


def overstrict(contract: Contract) -> Iterator[Mutant]:
    """For each limit of document and reading a server that draws it a notch tighter, for each
    member of an enum one that does not know it, for each optional property one that demands it,
    for each required number one that takes 0 for absent.
    """
    for path, schema, required in _leaves(contract.narrowed_schema, ()):
        about = tuple(r.name for r in contract.body_requirements if r.path == path)
        for words, refused in _notches(schema):
            yield _overstrict(f"refuses {words} in {dotted(path)}", about, path, refused)
        if not required:
            yield _overstrict(f"demands {dotted(path)}", about, path, None)
        elif is_of(0, schema.get("type", "")) and schema.get("minimum", 0) <= 0:
            zero = f"takes 0 in {dotted(path)} for absent"
            yield _overstrict(zero, about, path, lambda value: value == 0)


def _leaves(
    schema: dict[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any], bool]]:
    for name, child in schema.get("properties", {}).items():
        below = (*path, name)
        yield below, child, name in schema.get("required", ())
        yield from _leaves(child.get("items", {}), (*below, "[]"))


def _notches(schema: dict[str, Any]) -> Iterator[Notch]:
    limits: dict[str, Callable[[Json, Json], bool]] = {
        "maxLength": lambda value, limit: isinstance(value, str) and len(value) >= limit,
        "maximum": lambda value, limit: is_of(value, NUMBER) and value >= limit,
        "minimum": lambda value, limit: is_of(value, NUMBER) and value <= limit,
        "maxItems": lambda value, limit: isinstance(value, list) and len(value) >= limit,
        "minItems": lambda value, limit: isinstance(value, list) and len(value) <= limit,
    }
    for keyword, at in limits.items():
        if keyword in schema:
            limit = schema[keyword]
            yield f"the {keyword} {limit}", _at(at, limit)
    for member in schema.get("enum", ()):
        yield f"the member {member}", _at(lambda value, one: value == one, member)
    if schema.get("multipleOf") == 0.01:
        yield "hundredths", lambda value: is_of(value, NUMBER) and round(value * 10, 3) % 1 != 0


def _at(at: Callable[[Json, Json], bool], limit: Json) -> Callable[[Json], bool]:
    return lambda value: at(value, limit)


def _overstrict(
    name: str, about: tuple[str, ...], path: tuple[str, ...], refused: Callable[[Json], bool] | None
) -> Mutant:
    """A server that refuses these values at the path or, given None, the lack of one."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        for location in () if problems else locations_in(payload, path):
            if refused is None and not there(location):
                return (Problem(path, "missing", "Field required"),)
            if refused is not None and there(location) and refused(location[0][location[1]]):
                return (Problem(path, "invalid", "Input is not allowed"),)
        return problems

    def bend(server: Server) -> Server:
        return server.checked(judge)

    story = f"Too strict by one notch: {name}."
    return Mutant(name, "acceptance", about, story, bend)
