"""The oracle of one run: what it remembers, whom it tells, and what fails."""

from typing import Any

import pytest

from spec.exchange import MOST_KEPT, Exchange, Response
from spec.expectation import Expectation
from spec.oracle import Nonconformance, Oracle, Verdict
from spec.requirements import Level
from spec.strictjson import parse
from spec.violation import HIDE
from tests.exchanges import (
    CONTRACT,
    FACTS,
    GOOD,
    INVOICE,
    ORDERS,
    WRONG_SKU,
    altered,
    answered,
    drop,
    encoded,
    found,
    oracle,
    put,
    refusal,
    request,
    response,
)


def exchange(payload: Any, status: int, answer: Any) -> Exchange:
    """A request with that body, and that answer."""
    return Exchange(request(payload), response(status, answer), None, 0.1)


CREATED = exchange(INVOICE, 201, GOOD)
REFUSED = exchange(INVOICE, 400, refusal("remarks"))


def test_an_invoice_that_was_created_may_be_refused_the_next_time() -> None:
    """It is the same to the byte."""
    run = oracle()
    assert run.judge(CREATED).expected.expectation is Expectation.ACCEPT
    again = run.judge(CREATED).expected
    assert again.expectation is Expectation.UNSPECIFIED
    assert again.why == ("the same invoice was created before",)
    assert again.repeated


@pytest.mark.parametrize("status", [200, 202, 400, 500])
def test_an_invoice_that_was_not_created_may_not(status: int) -> None:
    """Only a 201 says that it was."""
    run = oracle()
    run.judge(exchange(INVOICE, status, GOOD))
    assert not run.judge(CREATED).expected.repeated


@pytest.mark.parametrize(
    ("first", "then", "repeated"),
    [
        (exchange(INVOICE, 200, GOOD), exchange(INVOICE, 400, refusal()), True),
        (exchange(INVOICE, 202, GOOD), exchange(altered(put("url", value="")), 409, {}), True),
        (exchange(INVOICE, 200, GOOD), exchange(INVOICE, 200, GOOD), False),
        (exchange(INVOICE, 200, {}), exchange(INVOICE, 400, refusal()), False),
        (exchange(INVOICE, 400, GOOD), exchange(INVOICE, 400, refusal()), False),
    ],
)
def test_what_came_back_with_another_success_may_be_refused_the_next_time(
    first: Exchange, then: Exchange, *, repeated: bool
) -> None:
    """It may be created, whatever the status says; what is not refused is judged as ever."""
    run = oracle()
    run.judge(first)
    assert run.judge(then).expected.repeated is repeated


def test_no_answer_creates_nothing() -> None:
    """As far as one knows."""
    run = oracle()
    run.judge(Exchange(request(INVOICE), None, "It closed.", 0.1))
    assert not run.judge(CREATED).expected.repeated


def test_a_used_reference_is_told_by_its_names() -> None:
    """Each reference that another invoice has had."""
    run = oracle()
    run.judge(CREATED)
    beginning = "a reference was used in another invoice: "
    other = altered(put("remarks", value="x"))
    names = "invoice_number, items[].reference_id, reference_id"
    assert run.judge(exchange(other, 201, GOOD)).expected.why == (beginning + names,)
    one = altered(
        put("reference_id", value="INV-2"),
        put("items", 0, "reference_id", value="I-3"),
        put("items", 1, "reference_id", value="I-4"),
    )
    assert run.judge(exchange(one, 201, GOOD)).expected.why == (f"{beginning}invoice_number",)
    # Of another kind, what a reference says is no clash.
    swapped = altered(
        put("reference_id", value="N-1"),
        put("invoice_number", value="INV-1"),
        put("items", 0, "reference_id", value="I-5"),
        put("items", 1, "reference_id", value="I-6"),
    )
    assert not run.judge(exchange(swapped, 201, GOOD)).expected.repeated


ECHO = "201.data.reference_id.echo"


def test_a_reference_may_come_back_as_the_earlier_invoice_has_it() -> None:
    """A database may find that one by less than its characters; what it does not find is new."""
    found = exchange(altered(put("reference_id", value="inv-1 ")), 201, GOOD)
    other = exchange(altered(put("reference_id", value="INV-7")), 201, GOOD)
    run = oracle()
    assert ECHO in {one.requirement.name for one in run.judge(found, quiet=True).violations}
    run = oracle()
    run.judge(CREATED)
    assert ECHO not in {one.requirement.name for one in run.judge(found).violations}
    assert ECHO in {one.requirement.name for one in run.judge(other).violations}


def test_a_rival_may_have_come_first() -> None:
    """It was in flight with a request of the same references."""
    expected = oracle().judge(CREATED, rival=True).expected
    why = "a reference was used in another invoice: one that was in flight with this one"
    assert (expected.expectation, expected.why) == (Expectation.UNSPECIFIED, (why,))


def test_an_invalid_invoice_may_be_refused_for_its_references_alone() -> None:
    """Its details need not name what else is wrong."""
    run = oracle()
    wrong = exchange(WRONG_SKU, 400, refusal("reference_id"))
    assert [name for name, _ in found(run.judge(wrong))] == ["4xx.details.names"]
    run.judge(CREATED)
    assert found(run.judge(wrong)) == []


ONCE = (*request(INVOICE).headers, ("Idempotency-Key", "A-1"))
"""Header fields with an Idempotency-Key."""


@pytest.mark.parametrize("status", [400, 409, 422, 201, 500])
def test_an_invalid_invoice_under_a_used_key_gets_no_invoice(status: int) -> None:
    """Any refusal will do, in any shape: what answers may know the key alone."""
    run = oracle()
    run.judge(Exchange(request(INVOICE, headers=ONCE), response(201, GOOD), None, 0.1))
    wrong = request(altered(put("paid_amount", value=-1)), headers=ONCE)
    answer = response(status, GOOD if status == 201 else {"error": "used"})
    violations = run.judge(Exchange(wrong, answer, None, 0.1)).violations
    assert {each.requirement.name for each in violations} == (
        set() if 400 <= status < 500 else {"paid_amount.minimum"}
    )


@pytest.mark.parametrize("first", [201, 400])
def test_an_invalid_invoice_under_a_key_that_has_no_invoice_is_judged_as_any(first: int) -> None:
    """A key under which nothing but itself was taken, or nothing, excuses no other status."""
    run, wrong = oracle(), altered(put("paid_amount", value=-1))
    sent = wrong if first == 201 else INVOICE
    run.judge(Exchange(request(sent, headers=ONCE), response(first, GOOD), None, 0.1))
    again = Exchange(request(wrong, headers=ONCE), response(422, refusal("paid_amount")), None, 0.1)
    assert {each.requirement.name for each in run.judge(again).violations} == {"4xx.status"}


def test_under_a_used_key_an_api_key_is_needed_as_ever() -> None:
    """The answer that is kept is for who may have it."""
    run = oracle()
    run.judge(Exchange(request(INVOICE, headers=ONCE), response(201, GOOD), None, 0.1))
    without = tuple(field for field in ONCE if field[0].lower() != "x-api-key")
    refused = Exchange(request(INVOICE, headers=without), response(400, refusal()), None, 0.1)
    assert run.judge(refused).expected.statuses == {401}


def test_what_only_the_request_before_said_is_told_beside_all_else() -> None:
    """Of an answer that is wrong anyway too, and each is among what was judged."""
    sent, before = altered(drop("remarks")), request(INVOICE)
    answer = answered(put("data", "url", value="https://example.com/other"))
    both = ["201.data.url.echo", "201.data.remarks.echo"]
    verdict = oracle().judge(exchange(sent, 201, answer), before=before)
    assert [name for name, _ in found(verdict)] == both
    assert {*both} <= verdict.judged
    alone = oracle().judge(exchange(sent, 201, answer))
    assert [name for name, _ in found(alone)] == both[:1]
    assert both[1] not in alone.judged


@pytest.mark.parametrize("status", [400, 404])
def test_details_that_only_the_request_before_had_wrong_are_told(status: int) -> None:
    """Beside the error's own faults."""
    before = request(altered(put("url", value=5)))
    error = {**refusal("items[1].sku", "url"), "code": 7}
    verdict = oracle().judge(exchange(WRONG_SKU, status, error), before=before)
    names = [name for name, _ in found(verdict)]
    assert {"4xx.code.type", "4xx.details.names"} <= {*names}
    assert names[-1] == "4xx.details.names"
    assert verdict.violations[-1].location == ("url",)


def test_an_order_that_only_the_request_before_had_wrong_is_told() -> None:
    """What is known of the target counts for that request too."""
    before = request(altered(put("order_id", value=ORDERS.unknown_order_id)))
    answer = exchange(WRONG_SKU, 400, refusal("items[1].sku", "order_id"))
    verdict = oracle(ORDERS).judge(answer, before=before)
    assert [(str(each.requirement), each.location) for each in verdict.violations] == [
        ("4xx.details.names", ("order_id",))
    ]


def test_without_an_answer_nothing_of_the_request_before_comes_back() -> None:
    """There is only the fault."""
    broken = Exchange(request(WRONG_SKU), None, "It closed.", 0.1)
    verdict = oracle().judge(broken, before=request(INVOICE))
    assert [name for name, _ in found(verdict)] == ["response.http"]


def test_a_quiet_verdict_is_told_to_nobody() -> None:
    """All others are told to the run."""
    told: list[Verdict] = []
    run = Oracle(CONTRACT, FACTS, observe=told.append)
    run.judge(CREATED, quiet=True)
    assert told == []
    verdict = run.judge(REFUSED)
    assert told == [verdict]


def test_a_level_and_a_waiver_say_what_fails() -> None:
    """A violation stays one, whatever fails the run."""
    sloppy = exchange(INVOICE, 201, answered(drop("data", "id"), put("data", "url", value="x")))
    should, must = "201.data.id.required", "201.data.url.echo"

    def failing(**options: Any) -> set[str]:
        verdict = Oracle(CONTRACT, FACTS, **options).judge(sloppy)
        assert {name for name, _ in found(verdict)} == {should, must}
        return {str(each.requirement) for each in verdict.failing}

    assert failing() == {should, must}
    assert failing(level=Level.MUST) == {must}
    assert failing(waived=frozenset({must})) == {should}
    assert failing(waived=frozenset({must}), level=Level.MUST) == set()


def test_of_a_long_answer_the_verdict_keeps_the_beginning() -> None:
    """It is judged before to its end."""
    answer = answered(put("data", "url", value="x" * MOST_KEPT))
    long = oracle().judge(exchange(INVOICE, 201, answer))
    assert long.exchange.response is not None
    assert len(long.exchange.response.body) == MOST_KEPT
    assert long.answer is None
    assert [name for name, _ in found(long)] == ["201.data.url.echo"]
    short = oracle().judge(CREATED)
    assert (short.exchange, short.answer) == (CREATED, parse(encoded(GOOD)).value)


def test_what_a_refusal_is_put_down_to_changes_only_that() -> None:
    """It is the requirement that the request is at the edge of."""
    edge = CONTRACT.named("remarks.maxLength")
    plain, about = oracle().judge(REFUSED), oracle().judge(REFUSED, edge)
    assert [name for name, _ in found(plain)] == ["201.status"]
    assert [name for name, _ in found(about)] == ["remarks.maxLength"]
    assert plain.expected == about.expected


def test_a_nonconformance_is_told_by_its_first_violation() -> None:
    """Without a secret; a test of one case has neither names nor number."""
    verdict = oracle().judge(REFUSED)
    before = HIDE.set(lambda text: text.replace("201", "***"))
    try:
        with pytest.raises(Nonconformance) as caught:
            verdict.enforce()
    finally:
        HIDE.reset(before)
    assert str(caught.value) == verdict.failing[0].headline.replace("201", "***")
    assert (caught.value.verdict, caught.value.verdicts) == (verdict, (verdict,))
    assert (caught.value.names, caught.value.asked) == ((), 1)
    of_some = Nonconformance(verdict, names=("a",), asked=3)
    assert (of_some.names, of_some.asked) == (("a",), 3)
    oracle().judge(CREATED).enforce()


def test_a_body_that_is_no_json_leaves_no_answer() -> None:
    """What is wrong with it is a violation."""
    assert (
        oracle().judge(Exchange(request(INVOICE), Response(201, (), b"<"), None, 1)).answer is None
    )
