"""Mutations that break requirements on a server's responses."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy

from starlette.responses import Response

from proof.derived.clauses import derived_mutant
from proof.derived.values import is_of, places
from reference.mutants.mutant import Mutant
from reference.mutants.server import Json, Mutation, Respond
from spec.contract import Contract
from spec.paths import Path
from spec.requirements import Requirement

CREATED, REFUSED = range(201, 202), range(400, 500)
"""The statuses of responses that the suites know."""

WRONG: tuple[Json, ...] = ("1", 1, 1.5, [], {}, True)
"""Values of every type but null."""

Change = Callable[[Json], Json]
"""Changes a whole answer, in place or by returning another."""


def schema_mutants(contract: Contract, part: str, topic: str, statuses: range) -> Iterator[Mutant]:
    """For each requirement on the schema of these responses a mutant for each way to break it."""
    for requirement in contract.requirements:
        if requirement.part == part:
            for words, change in _broken(requirement):
                yield derived_mutant(words, topic, requirement.name, changes(change, statuses))


def _broken(requirement: Requirement) -> Iterator[tuple[str, Change]]:
    path, operand = requirement.path, requirement.operand
    match requirement.keyword:
        case "type":
            for value in (*[wrong for wrong in WRONG if not is_of(wrong, operand)][:2], None):
                yield f"answers {json.dumps(value)}", put(path, value)
        case "required":
            yield "leaves it out", drop(path)
        case "enum":
            yield "answers an unknown member", put(path, "UNKNOWN")
        case "format":
            yield "answers 42 as text", put(path, "42")
        case "date-time":
            yield "fills in a day without a time", fill(path, "2025-01-31")
        case "minLength":
            yield "answers an empty string", put(path, "")
        case "maxLength":
            assert isinstance(operand, int)
            yield "answers a longer string", put(path, "x" * (operand + 1))


def changes(change: Change, statuses: range = CREATED) -> Mutation:
    """The server changes its answers of these statuses."""

    def respond(status: int, answer: Json, usual: Respond) -> Response:
        return usual(status, change(deepcopy(answer)) if status in statuses else answer)

    return lambda server: server.with_response(respond)


def put(path: Path, value: Json) -> Change:
    """Puts a value wherever the path leads; the root itself is replaced."""

    def change(answer: Json) -> Json:
        if not path:
            return value
        for parent, key in places(answer, path):
            parent[key] = value
        return answer

    return change


def fill(path: Path, value: Json) -> Change:
    """Puts a value where the path leads and no value is present."""

    def change(answer: Json) -> Json:
        for parent, key in places(answer, path):
            parent.setdefault(key, value)
        return answer

    return change


def drop(path: Path) -> Change:
    """Removes the property that the path names."""

    def change(answer: Json) -> Json:
        for parent, key in places(answer, path):
            parent.pop(key, None)
        return answer

    return change


def answers_status(status: int, other: int) -> Mutation:
    """The server answers one status instead of another."""

    def respond(given: int, answer: Json, usual: Respond) -> Response:
        return usual(other if given == status else given, answer)

    return lambda server: server.with_response(respond)


def answers_plain_text(statuses: range) -> Mutation:
    """The server calls its JSON text/plain in responses of these statuses."""

    def respond(status: int, answer: Json, usual: Respond) -> Response:
        response = usual(status, answer)
        if status in statuses:
            response.headers["content-type"] = "text/plain; charset=utf-8"
        return response

    return lambda server: server.with_response(respond)


def adds_a_comma(statuses: range) -> Mutation:
    """The server writes a comma after the last property in responses of these statuses."""

    def respond(status: int, answer: Json, usual: Respond) -> Response:
        response = usual(status, answer)
        if status not in statuses:
            return response
        body = bytes(response.body)[:-1] + b",}"
        return Response(body, status, media_type="application/json")

    return lambda server: server.with_response(respond)
