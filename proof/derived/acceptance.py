"""Mutants that refuse a valid invoice, or answer it with a 201 that does not fit."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

from proof.derived.clauses import clause_mutants, derived_mutant
from proof.derived.responses import (
    CREATED,
    Change,
    adds_a_comma,
    answers_plain_text,
    answers_status,
    changes,
    drop,
    put,
    schema_mutants,
)
from proof.derived.values import is_of, places, present
from reference.mutants.mutant import Mutant, Refused
from reference.mutants.server import Mutation, Server
from reference.refusal import Problem
from spec.contract import Contract
from spec.paths import ELEMENT, Json, Path, path_text

NUMBER = ("number", "integer")
UUID = "01f5d171-d3e3-4b2b-bd57-0727194b5bed"


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Mutants that are too strict, and those that break a requirement on a 201."""
    yield from _too_strict(contract)
    yield from schema_mutants(contract, "201", "acceptance/answers", CREATED)
    yield from _relations(contract)
    clauses = {
        "201.status": {"answers 200": answers_status(201, 200)},
        "201.mediaType": {"answers text/plain": answers_plain_text(CREATED)},
        "201.json": {"adds a comma": adds_a_comma(CREATED)},
    }
    yield from clause_mutants(contract, "acceptance/answers", clauses)


def _too_strict(contract: Contract) -> Iterator[Mutant]:
    """For each limit of document and reading a mutant that refuses the limit itself, for each
    member of an enum one that does not know it, for each optional property one that requires it,
    and for each required number one that treats 0 as absent.
    """
    for path, schema, required in _properties(contract.narrowed_schema, ()):
        breaks = tuple(r.name for r in contract.body_requirements if r.path == path)
        for words, refused, is_refused in _refused_values(schema):
            name = f"refuses {words} in {path_text(path)}"
            yield _refusing(name, breaks, path, refused, is_refused)
        if not required:
            name = f"requires {path_text(path)}"
            yield _refusing(name, breaks, path, Refused("required"), None)
        elif is_of(0, schema.get("type", "")) and schema.get("minimum", 0) <= 0:
            name = f"treats 0 in {path_text(path)} as absent"
            yield _refusing(name, breaks, path, Refused("const", 0), lambda value: value == 0)


def _properties(schema: dict[str, Any], path: Path) -> Iterator[tuple[Path, dict[str, Any], bool]]:
    """The path and the schema of each property, and whether it is required."""
    for name, child in schema.get("properties", {}).items():
        below = (*path, name)
        yield below, child, name in schema.get("required", ())
        yield from _properties(child.get("items", {}), (*below, ELEMENT))


def _refused_values(
    schema: dict[str, Any],
) -> Iterator[tuple[str, Refused, Callable[[Json], bool]]]:
    """What a mutant that is too strict refuses: in words, as data, and whether a value is that."""
    limits: dict[str, Callable[[Json, Json], bool]] = {
        "maxLength": lambda value, limit: isinstance(value, str) and len(value) >= limit,
        "maximum": lambda value, limit: is_of(value, NUMBER) and value >= limit,
        "minimum": lambda value, limit: is_of(value, NUMBER) and value <= limit,
        "maxItems": lambda value, limit: isinstance(value, list) and len(value) >= limit,
        "minItems": lambda value, limit: isinstance(value, list) and len(value) <= limit,
    }
    for keyword, reached in limits.items():
        if keyword in schema:
            limit = schema[keyword]
            yield f"the {keyword} {limit}", Refused(keyword, limit), _with(reached, limit)
    for member in schema.get("enum", ()):
        is_member = _with(lambda value, one: value == one, member)
        yield f"the member {member}", Refused("enum", member), is_member
    if schema.get("multipleOf") == 0.01:
        yield (
            "hundredths",
            Refused("multipleOf", 0.01),
            lambda value: is_of(value, NUMBER) and round(value * 10, 3) % 1 != 0,
        )


def _with(test: Callable[[Json, Json], bool], operand: Json) -> Callable[[Json], bool]:
    return lambda value: test(value, operand)


def _refusing(
    name: str,
    breaks: tuple[str, ...],
    path: Path,
    refused: Refused,
    is_refused: Callable[[Json], bool] | None,
) -> Mutant:
    """A mutant that refuses these values at the path or, with None, an invoice without one."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        for place in () if problems else places(payload, path):
            if is_refused is None and not present(place):
                return (Problem(path, "missing", "Field required"),)
            if is_refused is not None and present(place) and is_refused(place[0][place[1]]):
                return (Problem(path, "invalid", "Input is not allowed"),)
        return problems

    story = f"Too strict by one step: {name}."
    return Mutant(
        name,
        "acceptance",
        breaks,
        story,
        lambda server: server.with_problems(judge),
        refuses=refused,
    )


def _relations(contract: Contract) -> Iterator[Mutant]:
    """For each requirement that ties an answer to its request, or to other answers, the mutants
    that break it.
    """
    for requirement in contract.requirements:
        name, path = requirement.name, requirement.path
        match requirement.keyword:
            case "echo":
                topic = "acceptance/echo"
                yield derived_mutant("leaves it out", topic, name, changes(drop(path)))
                other = changes(_replace(path, another_value))
                yield derived_mutant("answers another value", topic, name, other)
                stale = derived_mutant(
                    "answers the previous invoice's", topic, name, _previous(path)
                )
                # Of another invoice's items each property is so too, the reference first of all.
                within = f"{name.removesuffix('.echo')}[].*"
                yield replace(stale, stale=True, breaks=(*stale.breaks, within))
            case "product":
                topic = "acceptance/answers"
                cent = changes(_replace(path, lambda total: total + 0.01))
                yield derived_mutant("adds a cent", topic, name, cent)
                yield derived_mutant("does not multiply", topic, name, changes(_amounts))
            case "unique":
                same = changes(put(path, UUID))
                yield derived_mutant("always answers the same", "acceptance/answers", name, same)


def another_value(value: Json) -> Json:
    """Another value of the same type; another instant for a date."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str() if value[4:5] == "-" and "T" in value:
            return "2001-02-03T04:05:06Z"
        case str():
            return f"{value}x"
        case list():
            return value[:-1]
    return None


def _replace(path: Path, change: Change) -> Change:
    def changed(answer: Json) -> Json:
        for place in places(answer, path):
            parent, key = place
            if present(place):
                parent[key] = change(parent[key])
        return answer

    return changed


def _previous(path: Path) -> Mutation:
    """The server replaces each value by the one at this path in the answer before."""

    def mutate(server: Server) -> Server:
        previous: list[Json] = []

        def changed(answer: Json) -> Json:
            found = [place for place in places(answer, path) if present(place)]
            current = [deepcopy(parent[key]) for parent, key in found]
            for (parent, key), value in zip(found, previous, strict=False):
                parent[key] = value
            if current:
                previous[:] = current
            return answer

        return changes(changed)(server)

    return mutate


def _amounts(answer: Json) -> Json:
    for item in answer["data"]["items"]:
        item["item_total"] = item["amount"]
    return answer
