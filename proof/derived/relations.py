"""Servers whose 201 does not fit its request: echoes, products and ids gone wrong."""

from collections.abc import Callable, Iterator
from copy import deepcopy

from proof.derived.answers import Change, answered, dropped, put
from proof.derived.paths import Json, locations_in, there
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from spec.contract import Contract
from spec.requirements import Requirement

DAY = "2001-02-03T04:05:06Z"


def unrelated(contract: Contract) -> Iterator[Mutant]:
    """For each echo a server that drops it, changes it, answers another invoice's; for each product
    one that is off by a cent, one that forgets to multiply; for each id one that never changes.
    """
    for requirement in contract.requirements:
        for words, bend in _ways(requirement):
            yield Mutant(
                f"{words} in {requirement}",
                "echo" if requirement.keyword == "echo" else "success",
                (requirement.name,),
                f"What {requirement} ties to the request does not fit it: {words}.",
                bend,
            )


def _ways(requirement: Requirement) -> Iterator[tuple[str, Callable[[Server], Server]]]:
    path = requirement.path
    match requirement.keyword:
        case "echo":
            yield "nothing", answered(dropped(path))
            yield "another value", answered(_each(path, altered))
            yield "the invoice before's", lambda server: answered(_before(path))(server)  # noqa: PLW0108 # a memory for each server
        case "product":
            yield "a cent more", answered(_each(path, lambda total: total + 0.01))
            yield "the amount alone", answered(_unmultiplied)
        case "unique":
            yield "always the same", answered(put(path, "01f5d171-d3e3-4b2b-bd57-0727194b5bed"))


def altered(value: Json) -> Json:
    """Another value of the same type, and of the same kind of text where it matters."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str() if value[4:5] == "-" and "T" in value:
            return DAY
        case str():
            return f"{value}x"
        case list():
            return value[:-1]
    return None


def _each(path: tuple[str, ...], change: Change) -> Change:
    def changed(answer: Json) -> Json:
        for location in locations_in(answer, path):
            holder, key = location
            if there(location):
                holder[key] = change(holder[key])
        return answer

    return changed


def _before(path: tuple[str, ...]) -> Change:
    """What stands there in each answer is what stood there in the one before."""
    kept: list[Json] = []

    def changed(answer: Json) -> Json:
        found = [location for location in locations_in(answer, path) if there(location)]
        current = [deepcopy(holder[key]) for holder, key in found]
        for (holder, key), value in zip(found, kept, strict=False):
            holder[key] = value
        if current:
            kept[:] = current
        return answer

    return changed


def _unmultiplied(answer: Json) -> Json:
    for item in answer["data"]["items"]:
        item["item_total"] = item["amount"]
    return answer
