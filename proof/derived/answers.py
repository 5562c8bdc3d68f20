"""Mutants whose answers break one requirement on a response's schema."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy

from starlette.responses import Response

from proof.derived.paths import Json, is_of, locations_in
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from spec.contract import Contract
from spec.requirements import Requirement

WRONG: tuple[Json, ...] = ("1", 1, 1.5, None, [], {}, True)
"""Values of every type, of which those serve that are not of the due one."""

Change = Callable[[Json], Json]
"""Bends a whole answer, in place or by returning another."""


def answered(change: Change, statuses: range = range(201, 202)) -> Callable[[Server], Server]:
    """Bends a server so that its answers of these statuses are changed."""

    def respond(
        status: int, answer: Mapping[str, Json], usual: Callable[..., Response]
    ) -> Response:
        return usual(status, change(deepcopy(answer)) if status in statuses else answer)

    return lambda server: server.responded(respond)


def put(path: tuple[str, ...], value: Json) -> Change:
    """Puts a value wherever the path leads; the root itself is replaced."""

    def change(answer: Json) -> Json:
        if not path:
            return value
        for holder, key in locations_in(answer, path):
            holder[key] = value
        return answer

    return change


def dropped(path: tuple[str, ...]) -> Change:
    """Takes away what stands where the path leads."""

    def change(answer: Json) -> Json:
        for holder, key in list(locations_in(answer, path)):
            holder.pop(key, None)
        return answer

    return change


def breaches(requirement: Requirement) -> Iterator[tuple[str, Change]]:
    """The ways in which an answer can break one requirement of its schema, in words."""
    path, operand = requirement.path, requirement.operand
    match requirement.keyword:
        case "type":
            for value in [wrong for wrong in WRONG if not is_of(wrong, operand)][:2]:
                yield f"{type(value).__name__} for {operand}", put(path, value)
            yield "null", put(path, None)
        case "required":
            yield "absent", dropped(path)
        case "enum":
            yield "no member", put(path, "UNKNOWN")
        case "format":
            yield "no uuid", put(path, "42")
        case "minLength":
            yield "empty", put(path, "")
        case "maxLength":
            assert isinstance(operand, int)
            yield "too long", put(path, "x" * (operand + 1))


def misanswering(contract: Contract) -> Iterator[Mutant]:
    """For each requirement on a 201's schema a server for each way to break it."""
    for requirement in contract.requirements:
        if requirement.part == "201":
            for words, change in breaches(requirement):
                yield Mutant(
                    f"answers {requirement} {words}",
                    "success",
                    (requirement.name,),
                    f"What {requirement} speaks of comes back broken: {words}.",
                    answered(change),
                )


REFUSALS = range(400, 500)


def misreporting(contract: Contract) -> Iterator[Mutant]:
    """For each requirement on HttpError a server for each way to break it."""
    for requirement in contract.requirements:
        if requirement.part != "4xx":
            continue
        for words, change in breaches(requirement):
            yield Mutant(
                f"reports {requirement} {words}",
                "errors",
                (requirement.name,),
                f"What {requirement} speaks of comes broken in every refusal: {words}.",
                answered(change, REFUSALS),
            )
