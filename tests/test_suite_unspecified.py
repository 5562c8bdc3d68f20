"""The suite of what is unspecified kills servers that one unusual value, or a name, breaks."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reference.refusal import Problem, Refusal
from reference.service import Steps
from spec.expectation import broken as complaints
from spec.relations import RELATIONS
from tests.exchanges import CONTRACT, ORDERS
from tests.mutants import Change, broken, failed, mutant_server, suite

PLACE = "suites/test_unspecified.py"
VALID = Steps()
ASKED = ("-k", "unusual")


def _fails(on: Callable[[Any], bool], status: int = 500) -> Change:
    """Answers this status to payloads in which it is so, whatever else is wrong with them."""

    def check(payload: Any) -> tuple[Problem, ...]:
        if isinstance(payload, dict) and on(payload):
            raise Refusal(status, "Unexpected")
        return VALID.check(payload)

    return lambda steps: replace(steps, check=check)


def _items(payload: Any) -> list[Any]:
    return [item for item in payload.get("items", ()) if isinstance(item, dict)]


def _in_items(name: str, value: Any) -> Callable[[Any], bool]:
    return lambda payload: any(item.get(name) == value for item in _items(payload))


def _masked_date(steps: Steps) -> Steps:
    """Stops at the first wrong property, and fails on a week date where it gets as far as that."""

    def check(payload: Any) -> tuple[Problem, ...]:
        first = VALID.check(payload)[:1]
        is_last = bool(first) and first[0].location == ("updated_at",)
        if is_last and payload["updated_at"] == "2024-W05-1":
            raise Refusal(500, "Unexpected")
        return first

    return replace(steps, check=check)


def _first_problem(steps: Steps) -> Steps:
    """Refuses with one detail whatever the reading does not have."""

    def check(payload: Any) -> tuple[Problem, ...]:
        if problems := VALID.check(payload):
            return problems[:1]
        for _, location, message in complaints(CONTRACT.narrowed, payload):
            return (Problem(location, "strict", message),)
        for found in RELATIONS.incoherences(payload, ORDERS):
            return (Problem(found.locations[0], "strict", found.sentence),)
        return ()

    return replace(steps, check=check)


def _unexplained(steps: Steps) -> Steps:
    """Refuses the same, and says only that the body is wrong."""
    strict = _first_problem(steps).check

    def check(payload: Any) -> tuple[Problem, ...]:
        return tuple(Problem((), each.kind, each.reason) for each in strict(payload))

    return replace(steps, check=check)


def _loses_items(steps: Steps) -> Steps:
    """Takes an unknown property for one of the invoice's own, and loses the items."""

    def render(payload: Any) -> dict[str, Any]:
        data = VALID.render(payload)
        return {**data, "items": data["items"][:1]} if "a.b" in payload else data

    return replace(steps, render=render)


WRONG: dict[str, tuple[str, Callable[[Any], bool]]] = {
    r"'esc\x1b[31m' in remarks": ("values", lambda p: "\x1b" in str(p.get("remarks"))),
    "'http://[::1]/' in url": ("values", lambda p: p.get("url") == "http://[::1]/"),
    "5e-324 in paid_amount": ("values", lambda p: p.get("paid_amount") == 5e-324),
    r"'\x00' in order_id": ("order ids", lambda p: p.get("order_id") == "\x00"),
    "'now' in created_at": ("dates", lambda p: p.get("created_at") == "now"),
    r"'next\x85line' in items[].name": ("values in items", _in_items("name", "next\x85line")),
    "0.005 in items[].amount": ("numbers in items", _in_items("amount", 0.005)),
    "2147483648 in items[].quantity": ("large numbers in items", _in_items("quantity", 2**31)),
    "the property 'a.b'": ("names of properties", lambda p: "a.b" in p),
    "the property 'self' in items[]": (
        "names of properties in items",
        lambda p: any("self" in item for item in _items(p)),
    ),
}
"""The test and the payloads on which a server fails, by the name of the value that is in them."""


@pytest.mark.parametrize("status", [500, 422])
def test_a_server_that_fails_on_some_values_is_killed(status: int) -> None:
    """The failures name those values and their places, and only those."""
    with mutant_server(_fails(lambda p: any(on(p) for _, on in WRONG.values()), status)) as url:
        result = suite(url, *ASKED, place=PLACE)
    requirement = "response.status" if status == 500 else "response.documented"
    assert (result.status, broken(result)) == (1, {requirement})
    assert failed(result) == {test for test, _ in WRONG.values()}
    assert [name for name in WRONG if name not in result.output] == []
    assert sum(map(int, re.findall(r"(\d+) of \d+ fail:", result.output))) == len(WRONG)


@pytest.mark.parametrize(
    ("change", "requirement", "test", "name"),
    [
        (_masked_date, "response.status", "dates", "'2024-W05-1' in updated_at"),
        (_loses_items, "201.data.items.echo", "names of properties", "the property 'a.b'"),
    ],
    ids=["a date behind two others", "what is beside a name"],
)
def test_a_server_that_is_wrong_about_one_value_is_killed(
    change: Change, requirement: str, test: str, name: str
) -> None:
    """Neither a property that is refused first nor a 201 hides it."""
    with mutant_server(change) as url:
        result = suite(url, *ASKED, place=PLACE)
    assert (result.status, broken(result), failed(result)) == (1, {requirement}, {test})
    assert name in result.output


STRICT: dict[str, Change] = {"one detail": _first_problem, "no detail": _unexplained}


@pytest.mark.parametrize("name", STRICT)
def test_a_strict_server_is_no_false_alarm(name: str) -> None:
    """A server that refuses every unusual value costs one request a value, and is right."""
    with mutant_server(STRICT[name]) as url:
        result = suite(url, *ASKED, place=PLACE)
    assert (result.status, broken(result)) == (0, set())
    assert 300 < _requests(result.output) < 800


def test_the_reference_costs_few_requests() -> None:
    """Where most values are taken, or named, it is some 150 requests for all of them."""
    with mutant_server() as url:
        result = suite(url, *ASKED, place=PLACE)
    assert (result.status, broken(result)) == (0, set())
    assert _requests(result.output) <= 160


def _requests(output: str) -> int:
    return int(re.findall(r"^(\d+) requests sent", output, re.MULTILINE)[0])
