"""Mutants are made from the requirements, for every one of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache

import pytest
from starlette.types import ASGIApp

from proof.derived import derived_mutants
from proof.mutants import SUITES
from reference.mutants.asgi import call
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from reference.store import Store
from spec.requirements import Requirement
from strategies.invalid import PayloadCase, near_misses
from strategies.invoice import encode, plain_invoice
from tests.exchanges import CONTRACT, KEY, ORDERS

DERIVED = tuple(derived_mutants(CONTRACT, ORDERS))
HEADERS = [(b"x-api-key", KEY.encode()), (b"content-type", b"application/json")]
FORGETFUL = {mutant.breaks[0]: mutant for mutant in DERIVED if mutant.topic == "rejection"}


@cache
def misses_of(requirement: Requirement) -> tuple[PayloadCase, ...]:
    """The near misses of a requirement."""
    return near_misses(CONTRACT, ORDERS, requirement)


@contextmanager
def app_of(mutant: Mutant) -> Iterator[ASGIApp]:
    """The application of this server, which knows the order."""
    store = Store({KEY: True}, dict.fromkeys(ORDERS.order_ids, datetime(2020, 1, 1, tzinfo=UTC)))
    yield mutant.mutate(Server()).app(store)
    store.close()


def status(app: ASGIApp, body: bytes) -> int:
    """The status of the answer to a body."""
    return call(app, "POST", "/v1/invoices", HEADERS, body).status


@pytest.mark.parametrize("requirement", CONTRACT.requirements, ids=str)
def test_every_requirement_has_a_derived_mutant(requirement: Requirement) -> None:
    """The proof cannot forget one, because none is listed by hand."""
    assert [mutant.name for mutant in DERIVED if requirement.name in mutant.breaks]


def test_derived_mutants_have_unique_names_and_a_suite() -> None:
    """The name says which mutant it is; the topic, which suite must kill it."""
    names = [mutant.name for mutant in DERIVED]
    assert len(set(names)) == len(names) > 200
    assert {mutant.suite for mutant in DERIVED} <= set(SUITES)


@pytest.mark.parametrize("requirement", CONTRACT.body_requirements, ids=str)
def test_a_forgetful_server_forgets_this_and_nothing_else(requirement: Requirement) -> None:
    """It accepts every near miss of its requirement and refuses those of all others."""
    misses = {
        other: misses_of(other)
        for other in CONTRACT.body_requirements
        if other.path != requirement.path
    }
    with app_of(FORGETFUL[requirement.name]) as app:
        assert status(app, encode(plain_invoice(CONTRACT, ORDERS))) == 201
        own = misses_of(requirement)
        assert {status(app, case.body) for case in own} == {201}
        within = requirement.path
        for other, cases in misses.items():
            # A value inside one that is replaced is replaced with it.
            if other.path[: len(within)] != within:
                assert status(app, cases[0].body) == 400, other


def test_each_limit_has_a_mutant_that_is_too_strict() -> None:
    """So have members of an enum and optional properties, by the document and by the reading."""
    names = {mutant.name for mutant in DERIVED if mutant.topic == "acceptance"}
    assert {
        "refuses the maxLength 255 in items[].sku",
        "refuses the minimum 0 in paid_amount",
        "refuses the maximum 1000000 in items[].quantity",
        "refuses the maxItems 100 in items",
        "refuses the member OVERPAID in status",
        "requires remarks",
        "treats 0 in paid_amount as absent",
        "refuses hundredths in total_amount",
    } <= names


def test_each_echo_is_left_out_changed_and_confused() -> None:
    """Three mutants for each echo."""
    echoes = [r for r in CONTRACT.requirements if r.keyword == "echo"]
    found = [mutant for mutant in DERIVED if mutant.topic == "acceptance/echo"]
    assert len(found) == 3 * len(echoes)
    for requirement in echoes:
        words = {
            mutant.name.partition(" (")[0] for mutant in found if requirement.name in mutant.breaks
        }
        assert words == {
            "leaves it out",
            "answers another value",
            "answers the previous invoice's",
        }
