"""An invoice that may be refused: where it is accepted, all that is specified comes back."""

from typing import Any

import pytest

from spec.exchange import Exchange
from spec.expectation import Expectation
from tests.exchanges import (
    HEADERS,
    INVOICE,
    Change,
    Json,
    altered,
    answer_to,
    encoded,
    found,
    judge,
    oracle,
    put,
    request,
    response,
)

ECHO = "Echo mismatch"
NEGATIVE = put("items", 0, "amount", value=-0.01)


def _answered(*changes: Change, wrong: tuple[Change, ...] = ()) -> list[tuple[str, str]]:
    """What is found in the 201 of an altered invoice, whose good answer is altered as well."""
    payload = altered(*changes)
    answer = answer_to(payload)
    for change in wrong:
        change(answer)
    verdict = judge(request(payload), response(201, answer))
    assert verdict.expected.expectation is Expectation.UNSPECIFIED, verdict.expected
    return found(verdict)


def _grown(size: int) -> Change:
    def grow(payload: Json) -> None:
        first = payload["items"][0]
        payload["items"] = [{**first, "reference_id": f"I-{n}"} for n in range(size)]
        payload["total_amount"] = round(size * 4 * 49.99, 2)

    return grow


DOUBTS: dict[str, tuple[Change, ...]] = {
    "a negative amount": (NEGATIVE,),
    "a fraction of a cent": (put("items", 0, "amount", value=49.995),),
    "an unknown property": (put("extra", value={"a": 1}),),
    "too many items": (_grown(101),),
    "a total that is not the sum": (put("total_amount", value=1),),
    "a status that disagrees": (put("status", value="PAID"),),
    "blank text": (put("remarks", value=" "),),
    "a date that is none": (put("due_date", value="tomorrow"),),
    "due before its own date": (put("due_date", value="2025-05-31T00:00:00Z"),),
}


@pytest.mark.parametrize("changes", DOUBTS.values(), ids=DOUBTS)
def test_an_unspecified_invoice_that_comes_back_whole_is_fine(changes: tuple[Change, ...]) -> None:
    """Accepting it and keeping it breaks nothing."""
    assert _answered(*changes) == []


@pytest.mark.parametrize("changes", DOUBTS.values(), ids=DOUBTS)
def test_what_is_not_unspecified_comes_back(changes: tuple[Change, ...]) -> None:
    """An invoice number has nothing to do with any of it."""
    wrong = put("data", "invoice_number", value="another")
    assert _answered(*changes, wrong=(wrong,)) == [("201.data.invoice_number.echo", ECHO)]


@pytest.mark.parametrize(
    "changes",
    [
        (put("total_amount", value=1),),
        (put("items", 1, "reference_id", value=INVOICE["items"][0]["reference_id"]),),
    ],
    ids=["a total that is not the sum", "a reference twice"],
)
def test_unspecified_items_in_another_order_are_compared_each_with_its_own(
    changes: tuple[Change, ...],
) -> None:
    """Their order is unspecified, too; a number of one is not compared with that of another."""

    def reverse(answer: Json) -> None:
        answer["data"]["items"].reverse()

    def changed(answer: Json) -> None:
        answer["data"]["items"][0]["amount"] += 5

    assert _answered(*changes, wrong=(reverse,)) == []
    assert ("201.data.items[].amount.echo", ECHO) in _answered(*changes, wrong=(changed,))


def test_an_unspecified_number_keeps_its_sign() -> None:
    """-0.01 that comes back as 0.01 is a credit note turned into an invoice."""
    wrong = put("data", "items", 0, "amount", value=0.01)
    assert _answered(NEGATIVE, wrong=(wrong,)) == [("201.data.items[].amount.echo", ECHO)]


def test_an_unspecified_number_may_be_rounded_to_cents() -> None:
    """Either way: 49.995 is 49.99 to some and 50 to others."""
    fraction = put("items", 0, "amount", value=49.995)
    for rounded in (49.99, 50, 49.995):
        wrong = put("data", "items", 0, "amount", value=rounded)
        assert _answered(fraction, wrong=(wrong,)) == []


def test_an_unspecified_number_may_be_cut_off_to_cents() -> None:
    """49.999 is 49.99 where money is kept in cents, and no cent less."""
    fraction = put("items", 0, "amount", value=49.999)
    for kept, wrong in ((49.99, []), (49.98, [("201.data.items[].amount.echo", ECHO)])):
        cut = put("data", "items", 0, "amount", value=kept)
        assert _answered(fraction, wrong=(cut,)) == wrong


def test_of_too_many_items_all_come_back() -> None:
    """A server that keeps a hundred of a thousand without a word loses the rest."""

    def cut(answer: Any) -> None:
        answer["data"]["items"] = answer["data"]["items"][:100]

    assert _answered(_grown(1000), wrong=(cut,)) == [("201.data.items.echo", ECHO)]


def test_beside_an_unknown_property_nothing_is_lost() -> None:
    """The property itself may be dropped."""

    def drop_remarks(answer: Any) -> None:
        del answer["data"]["remarks"]

    unknown = put("extra", value=1)
    assert _answered(unknown, wrong=(drop_remarks,)) == [("201.data.remarks.echo", ECHO)]


def test_of_a_repeated_name_either_value_may_come_back() -> None:
    """Readers of JSON differ on which one counts; everything else comes back."""
    body = encoded(INVOICE).replace(b'"remarks"', b'"remarks": "first", "remarks"', 1)
    good = answer_to(INVOICE)
    for remarks in ("first", "Zwölf Stühle"):
        good["data"]["remarks"] = remarks
        assert found(judge(request(body), response(201, good))) == []
    good["data"]["url"] = "https://example.com/"
    assert found(judge(request(body), response(201, good))) == [("201.data.url.echo", ECHO)]


def test_the_same_invoice_again_may_have_the_same_ids() -> None:
    """A server may answer a repeated request as it did the first time."""
    judging, good = oracle(), answer_to(INVOICE)
    for _ in range(2):
        verdict = judging.judge(Exchange(request(INVOICE), response(201, good), None, 0.1))
        assert found(verdict) == []


@pytest.mark.parametrize(
    "again",
    [
        put("reference_id", value="OTHER"),
        put("invoice_number", value="N-2"),
        put("items", 0, "reference_id", value="i-1 "),
    ],
    ids=["number used", "reference used", "item's reference used, but for case and space"],
)
def test_a_reference_that_was_used_may_be_refused(again: Change) -> None:
    """Whether invoices share references is the vendor's business: both answers are fine."""
    judging = oracle()
    first = Exchange(request(INVOICE), response(201, answer_to(INVOICE)), None, 0.1)
    assert judging.judge(first).expected.expectation is Expectation.ACCEPT
    second = Exchange(request(altered(again)), response(400, b"{}"), None, 0.1)
    expected = judging.judge(second).expected
    assert expected.expectation is Expectation.UNSPECIFIED
    assert expected.statuses == {201, 400, 404}


def test_references_that_differ_for_a_careful_reader_alone_are_a_question() -> None:
    """Letter case, outer spaces, normalisation and leading zeros may not count."""
    for one, other in (("a", "A"), ("a", " a"), ("\u00e9", "e\u0301"), ("7", "007")):
        payload = altered(
            put("items", 0, "reference_id", value=one), put("items", 1, "reference_id", value=other)
        )
        verdict = judge(request(payload), response(400, b"{}"))
        assert verdict.expected.expectation is Expectation.UNSPECIFIED, (one, other)


def test_a_refused_reference_is_not_used() -> None:
    """What was never created takes no reference, so the corrected invoice must be accepted."""
    judging = oracle()
    wrong = altered(put("items", 1, "sku", value=5))
    judging.judge(Exchange(request(wrong), response(400, b"{}"), None, 0.1))
    verdict = judging.judge(Exchange(request(INVOICE, HEADERS), response(400, b"{}"), None, 0.1))
    assert verdict.expected.expectation is Expectation.ACCEPT
