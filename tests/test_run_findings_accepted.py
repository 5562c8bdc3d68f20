"""What is accepted although invalid is compared with the plain invoice that has that fault."""

import json
from typing import Any

import pytest

from reference.refusal import Problem
from strategies.invoice import encode
from tests.asking import VALID, Json, invoice


def _lets_through(*names: str, when: Any) -> dict[str, Any]:
    """A server that finds nothing wrong with these properties when that is so."""

    def check(payload: Json) -> tuple[Problem, ...]:
        problems = VALID.check(payload)
        return tuple(one for one in problems if one.location[-1] not in names or not when(payload))

    return {"check": check}


def _without(*names: str, **edits: Json) -> dict[str, Json]:
    return {name: value for name, value in invoice(**edits).items() if name not in names}


@pytest.mark.parametrize(
    ("status", "sent", "condition"),
    [("PAID", {"status": "PAID"}, 'status "PAID"'), (None, {}, "no status")],
)
def test_the_status_with_which_an_amount_may_be_left_out_is_told(
    against: Any, status: str | None, sent: Json, condition: str
) -> None:
    """The plain invoice is refused without it."""
    server = _lets_through("paid_amount", when=lambda it: it.get("status") == status)
    payload = _without("paid_amount", "remarks", "status")
    with against(**server) as asking:
        verdict = asking.ask({**payload, **sent}, "no paid_amount")
        row = asking.only
    assert row["requirement"] == "paid_amount.required"
    assert sorted(row["difference"].split(" and ")) == sorted([condition, "no paid_amount"])
    assert row["accepted"] == f"the plain invoice with {row['difference']}"
    assert row["refused"] == "the plain invoice with no paid_amount"
    assert verdict.expected.payload.get("status") == status


def test_an_amount_that_is_wrong_only_without_a_status_is_told_with_that(against: Any) -> None:
    """A status is not removed in silence."""
    server = _lets_through("paid_amount", when=lambda it: "status" not in it)
    with against(**server) as asking:
        asking.ask(_without("status", paid_amount=-0.13), "a negative amount")
        row = asking.only
    assert row["accepted"] == "the plain invoice with paid_amount -0.13 and no status"
    assert row["refused"] == "the plain invoice with paid_amount -0.13"


def test_an_amount_that_is_wrong_with_any_status_is_told_alone(against: Any) -> None:
    """Of the invoice that showed it the status was removed."""
    server = _lets_through("paid_amount", "status", when=lambda _: True)
    with against(**server) as asking:
        verdict = asking.ask(_without("status", paid_amount=-0.13), "a negative amount")
        row = asking.only
    assert row["accepted"] == "the plain invoice with paid_amount -0.13"
    assert row["refused"] == ""
    assert verdict.expected.payload["status"] == "PARTIALLY_PAID"


@pytest.mark.parametrize("by", ["status", "paid_amount"])
def test_a_status_beside_a_fault_is_told_and_not_the_amount_that_brings_it_about(
    against: Any, by: str
) -> None:
    """If the amount alone lets the fault through, that is told."""
    values = {"status": "PENDING", "paid_amount": 0}
    server = _lets_through("sku", when=lambda it: it.get(by) == values[by])
    payload = invoice(**values)
    payload["items"] = [{**item, "sku": "s" * 256} for item in payload["items"][:1]] + payload[
        "items"
    ][1:]
    with against(**server) as asking:
        asking.ask(payload, "a long sku")
        row = asking.only
    told = {"status": 'status "PENDING"', "paid_amount": "paid_amount 0"}[by]
    assert row["difference"] == f"items[0].sku of 256 characters and {told}"
    assert row["refused"] == "the plain invoice with items[0].sku of 256 characters"


def test_no_sign_that_looks_like_one_of_a_member_is_told(against: Any) -> None:
    """Where any other text is accepted, it is a plain one."""
    server = _lets_through("status", when=lambda it: "remarks" not in it)
    with against(**server) as asking:
        asking.ask(_without("remarks", status="P\u0410ID"), "a look-alike")
        row = asking.only
    assert row["accepted"] == 'the plain invoice with status "x" and no remarks'
    assert row["refused"] == 'the plain invoice with status "x"'


def test_two_faults_under_one_condition_are_asked_once(against: Any) -> None:
    """Another amount that is wrong in the same way says no more."""
    server = _lets_through("paid_amount", when=lambda it: "status" not in it)
    with against(**server) as asking:
        asking.ask(_without("status", paid_amount=-0.13), "a negative amount")
        left = asking.found.questions.left
        asking.ask(_without("status", paid_amount=-1.5), "another one")
        assert asking.found.questions.left == left


@pytest.mark.parametrize("number", ["1e400", "-1e400", f"1{'0' * 400}", "1e1000000000"], ids=len)
def test_an_invoice_with_a_number_beyond_all_doubles_that_is_accepted_is_told(
    against: Any, number: str
) -> None:
    """It cannot be sent again without that number, and it stands beside text beyond ASCII."""
    body = encode(invoice(remarks="Größe", total_amount=0, paid_amount=987654321))
    takes_all: dict[str, Any] = {"parse": json.loads, "check": lambda _: ()}

    def render(payload: Json) -> Json:
        lost = {"remarks": "x"} if abs(payload["paid_amount"]) > 10**300 else {}
        return {**VALID.render({**payload, "paid_amount": 500}), **lost}

    with against(**takes_all, render=render) as asking:
        asking.ask(body.replace(b"987654321", number.encode()), "an amount", chunked=True)
        rows = asking.rows
    assert rows
