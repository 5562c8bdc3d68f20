"""Findings of a server that accepts several kinds of invalid invoice: one for each of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from findings.rows import FindingRow
from reference.refusal import Problem
from reports.ledger import Counts
from reports.record import found_findings
from spec.contract import PLACEHOLDER
from spec.requirements import Level
from strategies.invoice import encode
from tests.asking import VALID, Json, counts_of, invoice
from tests.exchanges import CONTRACT
from tests.running import KEY
from tests.waiving import waived, waiver_of

LONG = "x" * 256


def _forgets(*kinds: str) -> Any:
    """The check of a server that lets a fault of these kinds through."""

    def check(payload: Json) -> tuple[Problem, ...]:
        return tuple(one for one in VALID.check(payload) if one.kind not in kinds)

    return check


def _requirements(asking: Any) -> list[str]:
    return sorted(row["requirement"] for row in asking.rows)


def _begins_with_the_key(headers: Any, store: Any) -> None:
    if not headers.get("x-api-key", "").startswith(KEY):
        VALID.authenticate(headers, store)


def _with_200(status: int, answer: Any) -> Any:
    return VALID.respond(200 if status == 201 else status, answer)


def test_what_gets_the_wrong_success_of_a_valid_invoice_is_accepted(against: Any) -> None:
    """A server creates with 200: what it takes beside that, a wrong key too, is found by itself."""
    forgets = {"check": _forgets("string_too_long"), "authenticate": _begins_with_the_key}
    with against(respond=_with_200, **forgets) as asking:
        asking.ask(invoice(), "a valid invoice")
        asking.ask(invoice(invoice_number=LONG), "256 characters in invoice_number")
        asking.ask(invoice(), "a key and more", key=f"{KEY}-more")
        told = {row["requirement"]: row for row in asking.rows}
    assert [*told] == ["invoice_number.maxLength", "security.key", "201.status"]
    long, key, status = told.values()
    assert long["accepted"] == "the plain invoice with invoice_number of 256 characters"
    assert (key["category"], key["refused"]) == (
        "Authentication",
        "the same with the key and more",
    )
    assert (status["refused"], status["also"]) == ("every one", [])
    assert {each["headline"].partition(": ")[2] for each in told.values()} == {
        "expected 400, got 200",
        "expected 401, got 200",
        "expected 201, got 200",
    }


def test_an_error_with_the_success_of_a_valid_invoice_is_one_finding_with_that(
    against: Any,
) -> None:
    """Whatever is asked gets 200: what is refused with it is not accepted."""
    with against(respond=lambda _status, answer: VALID.respond(200, answer)) as asking:
        asking.ask(invoice(), "a valid invoice")
        asking.ask(invoice(invoice_number=LONG), "256 characters in invoice_number")
        asking.ask(invoice(remarks=5), "a number in remarks")
        assert "201.status" in asking.only["also"]


def test_what_is_no_json_and_what_is_forgotten_are_two_findings(against: Any) -> None:
    """Whatever the way in which the second one is sent: no difference explains the first one."""
    with against(parse=json.loads, check=lambda _payload: ()) as asking:
        asking.ask(encode(invoice())[:-1] + b',"more":NaN}', "NaN in an unknown property")
        asking.ask(invoice(invoice_number=LONG), "256 characters in invoice_number", chunked=True)
        assert _requirements(asking) == ["invoice_number.maxLength", "requestBody.json"]


def test_numbers_in_quotes_and_null_are_two_findings(against: Any) -> None:
    """A date that has the digit of a number in it is no number in quotes."""
    with against(check=lambda _payload: (), keep=lambda *_: None) as asking:
        asking.ask(invoice(total_amount="8"), "the value in quotes in total_amount")
        asking.ask(invoice(paid_amount="0"), "the value in quotes in paid_amount")
        asking.ask(invoice(remarks=None, due_date="2080-08-08T00:00:00Z"), "null in remarks")
        told = {row["requirement"]: row["accepted"] for row in asking.rows}
        assert told["remarks.type"] == "the plain invoice with remarks null"
        assert told["total_amount.type"] == (
            'the plain invoice with total_amount "8", and so status "OVERPAID"'
        )


def test_one_keyword_that_is_forgotten_everywhere_is_one_finding(against: Any) -> None:
    """The longer texts may be in any property, and sent in any way."""
    with against(check=_forgets("string_too_long")) as asking:
        for number, name in enumerate(("reference_id", "invoice_number", "remarks")):
            asking.ask(invoice(**{name: LONG}), f"256 characters in {name}", chunked=number > 1)
        row = asking.only
        assert row["requirement"] == "reference_id.maxLength"
        assert {*row["also"]} == {"invoice_number.maxLength", "remarks.maxLength"}


def test_a_case_that_loses_all_is_one_finding(against: Any) -> None:
    """Properties, items and all: nothing but the case is known to explain it."""

    def parse(body: bytes) -> Json:
        return {} if body.startswith(b"\xef\xbb\xbf") else VALID.parse(body)

    with against(
        parse=parse,
        check=lambda _payload: (),
        find_order=lambda *_: None,
        check_dates=lambda *_: None,
        render=lambda payload: VALID.render(payload) if payload else {"id": str(uuid4())},
        keep=lambda *_: None,
    ) as asking:
        asking.ask(b"\xef\xbb\xbf" + encode(invoice()), "UTF-8 with a byte order mark")
        assert asking.only["difference"] == "UTF-8 with a byte order mark"


@pytest.mark.parametrize("other", ["remarks", "url"])
def test_null_that_is_accepted_is_one_finding_with_that_in_a_choice(
    against: Any, other: str
) -> None:
    """It is no text before it is no member; the type is told, whichever was seen first."""

    def check(payload: Json) -> tuple[Problem, ...]:
        return VALID.check({name: each for name, each in payload.items() if each is not None})

    names = ["status", "created_at", other]
    for seen in (names, names[::-1]):
        with against(check=check) as asking:
            for name in seen:
                asking.ask(invoice(**{name: None}), f"null in {name}")
            row = asking.only
        assert row["requirement"] == f"{other}.type"
        assert row["accepted"] == f"the plain invoice with {other} null"
        assert "status.enum" in row["also"]


def test_a_choice_that_is_forgotten_is_no_matter_of_null(against: Any) -> None:
    """Null is accepted in it for that reason, and elsewhere for another one."""

    def check(payload: Json) -> tuple[Problem, ...]:
        return VALID.check({name: each for name, each in payload.items() if name != "status"})

    with against(check=check) as asking:
        for value in (None, "paid", "OPEN"):
            asking.ask(invoice(status=value), f"{value} in status")
        assert asking.only["requirement"] == "status.enum"


def test_a_text_that_is_too_long_and_accepted_is_told_with_the_sign_it_takes(against: Any) -> None:
    """A limit of the first line alone: with a line break any length is taken, of plain letters."""

    def check(payload: Json) -> tuple[Problem, ...]:
        texts = {**payload, "reference_id": payload["reference_id"].partition("\n")[0]}
        return VALID.check(texts)

    with against(check=check) as asking:
        asking.ask(invoice(reference_id=(PLACEHOLDER + "é-\n& " * 99)[:256]))
        row = asking.only
    assert row["requirement"] == "reference_id.maxLength"
    assert row["difference"] == 'reference_id of 256 characters with "\\n"'


def _forgets_where(location: str, forgotten: Callable[[Any, Problem], bool]) -> Any:
    """The check of a server that finds nothing wrong where that is so of a property."""

    def check(payload: Json) -> tuple[Problem, ...]:
        return tuple(
            one
            for one in VALID.check(payload)
            if one.location[-1] != location or not forgotten(payload, one)
        )

    return check


def _only(counts: Counts) -> FindingRow:
    (row,) = found_findings(CONTRACT, counts, Level.SHOULD)
    return row


def _long_skus(*indices: int) -> Json:
    payload = invoice()
    for index in indices:
        payload["items"][index]["sku"] = LONG
    return payload


def _of_skus(*checked: int) -> Any:
    """Of these items alone the length of a sku is checked."""
    return _forgets_where("sku", lambda _, one: one.location[1] not in checked)


def _of_paid(least: float) -> Any:
    return _forgets_where("paid_amount", lambda it, _: it["paid_amount"] > least)


def _of_states(*taken: str) -> Any:
    return _forgets_where("status", lambda it, _: not taken or it["status"] in taken)


def _up_to(most: int) -> Any:
    return _forgets_where("remarks", lambda it, _: len(it["remarks"]) <= most)


def _of_remarks(sign: str) -> Any:
    return _forgets_where("remarks", lambda it, _: sign in it["remarks"])


FIRST, SECOND, ALL = _of_skus(0), _of_skus(0, 1), _of_skus()
TRUNCATED, NEVER = _of_paid(-1), _of_paid(-(10**6))
TO_MINUS_1, JUST_LONGER, TWICE = _of_paid(-2), _up_to(256), _up_to(512)
ANY_CASE, ANY_STATE = _of_states("paid"), _of_states()
ASTRAL, NO_LIMIT = _of_remarks("😀"), _of_remarks("")


@pytest.mark.parametrize(
    ("known", "other", "payloads", "refused"),
    [
        (FIRST, ALL, [_long_skus(2)], "the same in items[0]"),
        (SECOND, ALL, [_long_skus(2), _long_skus(0)], "the same in items[0] and items[1]"),
        (SECOND, FIRST, [_long_skus(2)], "the same in items[0] and items[1]"),
        (TRUNCATED, NEVER, [invoice(paid_amount=-0.01)], "the same with paid_amount -1"),
        (TRUNCATED, NEVER, [invoice(paid_amount=-0.5)], "the same with paid_amount -1"),
        (TO_MINUS_1, NEVER, [invoice(paid_amount=-1)], "the same with paid_amount -2"),
        (
            JUST_LONGER,
            TWICE,
            [invoice(remarks=LONG)],
            "the same with remarks of 257 characters",
        ),
        (
            TWICE,
            _up_to(9999),
            [invoice(remarks=LONG)],
            "the same with remarks of 2550 characters",
        ),
        (ANY_CASE, ANY_STATE, [invoice(status="paid")], 'the same with status "x"'),
        (
            ASTRAL,
            NO_LIMIT,
            [invoice(remarks="😀" * 256)],
            "the same with remarks of 256 characters",
        ),
    ],
)
def test_a_waiver_of_what_is_forgotten_in_part_is_for_that_part(
    against: Any, tmp_path: Path, known: Any, other: Any, payloads: list[Json], refused: str
) -> None:
    """The same requirement forgotten further is a new defect, whichever case is sent."""
    counts = counts_of(against, *payloads, check=known)
    waiver = waiver_of(counts, tmp_path)
    assert waiver.refused == (refused,)
    assert waived(counts_of(against, *payloads[:1], check=known), waiver) == [True]
    assert waived(counts_of(against, *payloads, check=other), waiver) == [False]
    ids = [_only(counts_of(against, *payloads, check=check))["id"] for check in (known, other)]
    assert ids[0] != ids[1]


def test_a_waiver_of_what_is_forgotten_altogether_is_for_a_part_too(
    against: Any, tmp_path: Path
) -> None:
    """What is mended in part is no new defect."""
    waiver = waiver_of(counts_of(against, _long_skus(2), check=ALL), tmp_path)
    assert waiver.refused == ()
    assert waived(counts_of(against, _long_skus(2), check=FIRST), waiver) == [True]
