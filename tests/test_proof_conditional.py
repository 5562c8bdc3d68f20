"""Conditional mutants are sampled so that conditions and mutants meet, and judged by a recorded
run."""

from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from proof.conditional import Conditional, conditionals, kind_of, why_not
from proof.derived import derived_mutants
from proof.in_process import Call
from proof.recording import Recorded
from proof.replay import Recording, Replay
from proof.trial import Outcome
from reference.mutants.asgi import call
from reference.mutants.conditions import CONDITIONS, Seen
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from reference.store import Store
from spec.coverage import Coverage
from spec.exchange import Request
from spec.expectation import expect
from spec.operation import PATH
from spec.violation import Category, Violation
from strategies.invalid import near_misses
from strategies.invoice import encode, plain_invoice
from tests.exchanges import CONTRACT, FORBIDDEN, KEY, ORDERS
from tests.test_proof_command import proof

DERIVED = tuple(derived_mutants(CONTRACT, ORDERS))
SAMPLED = conditionals(CONTRACT, DERIVED)
MUTANTS = {mutant.name: mutant for mutant in DERIVED}
NAMED = {condition.name: condition for condition in CONDITIONS}


def fits(mutant: Mutant, condition: str) -> bool:
    """Whether this mutant under this condition makes sense."""
    return why_not(CONTRACT, mutant, NAMED[condition]) is None


def test_there_are_conditional_mutants_enough() -> None:
    """At least 1,500, each with a name of its own."""
    names = {one.name for one in SAMPLED}
    assert len(SAMPLED) == len(names) >= 1500


def test_every_guard_meets_every_kind_of_mutant() -> None:
    """As far as any mutant of the kind makes sense under the condition."""
    met = {(one.condition.name, one.kind) for one in SAMPLED}
    possible = {
        (condition.name, kind_of(mutant))
        for condition in CONDITIONS
        for mutant in DERIVED
        if not mutant.wire and why_not(CONTRACT, mutant, condition) is None
    }
    assert met == possible


def test_every_mutant_meets_every_family_of_conditions() -> None:
    """As far as that makes sense: a condition of each, and several conditions in all."""
    met = defaultdict(set)
    for one in SAMPLED:
        met[one.mutant.name].add(one.condition.family)
    for mutant in DERIVED:
        possible = {condition.family for condition in CONDITIONS if fits(mutant, condition.name)}
        assert met[mutant.name] == (set() if mutant.wire else possible)
    assert min(len(families) for families in met.values() if families) >= 3


def test_no_guard_is_rare() -> None:
    """The levels of a family take turns."""
    counts = Counter(one.condition.name for one in SAMPLED)
    assert set(counts) == set(NAMED)
    assert min(counts.values()) >= 20


@pytest.mark.parametrize(
    ("mutant", "condition", "sense"),
    [
        ("forgets items[].sku.maxLength", "in items from index 4 on", True),
        ("forgets remarks.maxLength", "in items from index 4 on", False),
        ("forgets remarks.maxLength", "where remarks is absent", False),
        ("forgets remarks.maxLength", "where url is absent", True),
        ("requires remarks", "where remarks is absent", True),
        ("answers null (201.data.remarks.type)", "where remarks is absent", True),
        ("leaves it out (201.data.remarks.echo)", "where remarks is absent", False),
        ("forgets status.enum", "where status is PAID", False),
        ("forgets status.enum", "when chunked", True),
        ("refuses the member PAID in status", "where status is PAID", True),
        ("refuses the member PAID in status", "where status is PARTIALLY_PAID", False),
        ("requires status", "where status is PAID", False),
        ("answers the previous invoice's (201.data.status.echo)", "where status is PAID", False),
        ("refuses the minItems 1 in items", "with more than 4 items", False),
        ("refuses the maxItems 100 in items", "with more than 4 items", True),
        ("forgets items.type", "with more than 4 items", False),
        ("forgets body.type", "where status is PAID", False),
        ("takes invalid JSON (requestBody.json)", "when chunked", True),
        ("takes an empty body (requestBody.required)", "in bodies over 8 KiB", False),
        ("takes a key without the right (security.right)", "for a key with the right head", False),
        ("treats 0 in paid_amount as absent", "where status is OVERPAID", False),
        ("treats 0 in paid_amount as absent", "where status is PAID", True),
        ("refuses the maximum 1000000000000 in paid_amount", "where status is PENDING", False),
        ("refuses the maximum 1000000000000 in paid_amount", "where status is PAID", True),
        ("refuses the maximum 1000000000000 in total_amount", "where status is OVERPAID", False),
        ("refuses hundredths in paid_amount", "where status is PENDING", False),
    ],
)
def test_what_makes_no_sense_is_left_out(mutant: str, condition: str, sense: bool) -> None:  # noqa: FBT001 # a table
    """A combination that behaves as the reference wherever its condition holds."""
    assert fits(MUTANTS[mutant], condition) is sense


def test_a_name_decides_nothing() -> None:
    """Mutants and conditions carry what is decided by, so they may be called anything."""
    for mutant, condition in product(DERIVED, CONDITIONS):
        unnamed = replace(mutant, name=""), replace(condition, name="")
        assert why_not(CONTRACT, *unnamed) == why_not(CONTRACT, mutant, condition)


BASE = plain_invoice(CONTRACT, ORDERS)
FIELDS = (("Content-Type", "application/json"), ("X-API-Key", KEY))


def new_store() -> Store:
    """One that knows our keys and orders."""
    orders = dict.fromkeys(ORDERS.order_ids, datetime(2020, 1, 1, tzinfo=UTC))
    return Store({KEY: True, FORBIDDEN: False}, orders)


def recording(*bodies: bytes) -> Recording:
    """What the reference answers to these bodies, one after the other on one connection."""
    fields = tuple((name.encode(), value.encode()) for name, value in FIELDS)
    judged = []
    with closing(new_store()) as store:
        app = Server().app(store)
        for number, body in enumerate(bodies):
            made = Call(
                "POST",
                CONTRACT.path,
                Seen(fields, body, 1),
                1,
                call(app, "POST", CONTRACT.path, fields, body),
            )
            request = Request("POST", CONTRACT.path, FIELDS, body)
            expected = expect(CONTRACT, ORDERS, Request("POST", PATH, FIELDS, body))
            judged.append(Recorded(f"test {number}", made, request, expected, None, None))
    return Recording(Coverage(CONTRACT), ORDERS, (), judged)


def replayed(mutant: str, condition: str, *payloads: object) -> Replay:
    """What these payloads show of a conditional mutant."""
    bodies = [encode(payload) for payload in payloads]
    with closing(new_store()) as store:
        return recording(*bodies).replay(Conditional(MUTANTS[mutant], NAMED[condition]), store)


def with_status(payload: dict[str, Any], status: str, paid: float) -> dict[str, Any]:
    """The payload in another state."""
    return {**payload, "status": status, "paid_amount": paid}


LONG = {**BASE, "remarks": "x" * 256}


def test_a_mutant_is_killed_by_the_first_request_that_its_guard_holds_for() -> None:
    """Only such requests are sent; the number counts all."""
    pending = with_status(LONG, "PENDING", 0)
    seen = replayed("forgets remarks.maxLength", "where status is PENDING", BASE, LONG, pending)
    assert (seen.first, seen.test, seen.named) == (3, "test 2", "remarks.maxLength")
    assert (seen.outcome, seen.sent) == (Outcome.KILLED, 1)


def test_a_mutant_that_no_request_shows_survives() -> None:
    """For none of these does the condition hold."""
    seen = replayed("forgets remarks.maxLength", "where status is PENDING", BASE, LONG)
    assert (seen.outcome, seen.first, seen.sent) == (Outcome.SURVIVED, None, 0)


def test_a_guard_sees_what_the_mutant_answered_before() -> None:
    """A request that the mutant accepted is no refused one."""
    after = "right after a refused request"
    seen = replayed("forgets remarks.maxLength", after, {}, LONG, {**LONG, "url": "x"})
    assert (seen.first, seen.sent) == (2, 1)
    seen = replayed("requires url", after, {}, {**BASE, "url": 7}, {**BASE, "url": None})
    assert (seen.outcome, seen.sent) == (Outcome.SURVIVED, 2)


def test_a_mutant_that_is_too_strict_shows_in_any_valid_invoice_that_it_refuses() -> None:
    """The requirement that its refusal is put down to is not known before more is sent."""
    without = {name: value for name, value in BASE.items() if name != "remarks"}
    seen = replayed("requires remarks", "with more than 1 item", without)
    assert (seen.outcome, seen.named) == (Outcome.KILLED, "201.status")


def test_another_requirement_does_not_kill() -> None:
    """A mutant that forgets one seems to break another only if something else is wrong."""
    wrong = Conditional(replace(MUTANTS["requires url"], topic="rejection"), NAMED["when chunked"])
    refused = Violation(CONTRACT.named("201.status"), Category.REFUSED_VALID, (), "201", "400")
    assert not wrong.is_shown_by(refused)
    seen = Replay(None, "", "", "201.status", 1, 0.0)
    assert seen.outcome is Outcome.MISNAMED


def test_ids_are_compared_over_the_whole_replay() -> None:
    """The second answer shows that all invoices get one id."""
    mutant, condition = "always answers the same (201.data.id.unique)", "with more than 1 item"
    assert replayed(mutant, condition, BASE, {}, BASE).first == 3


def test_a_near_miss_is_judged_as_in_a_run() -> None:
    """A mutant that shows a stack trace shows it in the answer to a near miss."""
    miss = near_misses(CONTRACT, ORDERS, CONTRACT.named("url.type"))[0]
    with closing(new_store()) as store:
        leaking = Conditional(
            MUTANTS["shows a stack trace (4xx.leak)"],
            NAMED["from the second request of a connection on"],
        )
        seen = recording(encode(BASE), miss.body).replay(leaking, store)
    assert (seen.first, seen.named) == (2, "4xx.leak")


@pytest.mark.whole_runs
def test_conditional_mutants_are_proven_by_the_command() -> None:
    """By parts of their names, in two processes, without any other server."""
    result = proof("--conditional", "answers 200 (201.status) where", "--workers=2")
    assert result.status == 0, result.output
    assert "conditional mutants: " in result.output
    assert "survived" not in result.output
