"""Findings: the smallest difference between a request that is answered well and one that is not."""

from collections.abc import Callable
from datetime import date
from math import floor
from typing import Any
from uuid import uuid4

import pytest

from causes import trying
from findings.waivers import Found, Waiver
from reference.refusal import Refusal
from reports import waive
from spec.contract import PLACEHOLDER
from strategies.invoice import encode, plain_invoice
from targets.client import Client
from targets.errors import UnreachableError
from tests.asking import ORDERS, VALID, Json, invoice, of_items, refuses
from tests.exchanges import CONTRACT


def test_a_refused_control_is_one_finding(against: Any) -> None:
    """It is explained by a smaller invoice, and explains all that has the same in it."""
    server = refuses(("remarks",), lambda it: "." in it.get("remarks", ""))
    with against(**server) as asking:
        asking.ask(invoice())
        left = asking.found.questions.left
        asking.ask(invoice(paid_amount=0, status="PENDING"))
        row = asking.only
        assert asking.found.questions.left == left
        assert row["difference"] == 'remarks "x."'
        assert row["accepted"] == "a smaller invoice"
        assert row["times"] == 2


def test_every_error_in_another_shape_is_one_finding(against: Any) -> None:
    """All that is wrong with each of them is told together, and which ones it is."""

    def explain(refusal: Any) -> Json:
        return {"error": "no"} if refusal.status == 401 else VALID.explain(refusal)

    with against(explain=explain) as asking:
        asking.ask({"status": "PAID"})
        for key in ("wrong", "worse"):
            asking.ask(invoice(), key=key)
        row = asking.only
        assert (row["requirement"], row["also"]) == (
            "4xx.code.required",
            ["4xx.message.required"],
        )
        assert (row["accepted"], row["refused"]) == ("every 400", "every 401")


def test_some_errors_in_another_shape_are_told_by_a_case(against: Any) -> None:
    """Nobody could look for them by their status alone; of one, how often it was so is told."""
    refused = []

    def explain(refusal: Any) -> Json:
        refused.append(refusal)
        return {"error": "no"} if len(refused) == 1 else VALID.explain(refusal)

    with against(explain=explain) as asking:
        for media_type in ("text/plain", "text/csv"):
            asking.ask(invoice(), media_type, headers=(("Content-Type", media_type),))
        row = asking.only
        assert (row["accepted"], row["refused"]) == (
            "text/plain, 7 of 8 times",
            "text/plain, not always: 1 of 8 times",
        )


def test_errors_in_another_shape_are_told_by_what_they_are_answered_to(against: Any) -> None:
    """Of each status by itself: no key and no JSON are two defects, and a wrong key is none."""

    def authenticate(headers: Any, store: Any) -> None:
        if not headers.get("x-api-key"):
            raise Refusal(401, "")
        VALID.authenticate(headers, store)

    def explain(refusal: Refusal) -> Json:
        named = all(problem.location for problem in refusal.problems) and refusal.message
        return VALID.explain(refusal) if named else {"error": "no"}

    with against(authenticate=authenticate, explain=explain) as asking:
        asking.ask(invoice(), "no key, a valid invoice", key=None)
        asking.ask(invoice(), "a wrong key", key="wrong")
        asking.ask(b"{", "no JSON")
        told = {(row["status"], row["accepted"], row["refused"]) for row in asking.rows}
    assert told == {
        (401, "the plain invoice with a wrong key", "the same with no key"),
        (400, "the plain invoice with no due_date", "no JSON"),
    }


@pytest.mark.parametrize(
    ("name", "refused", "others"),
    [
        ("remarks", lambda value: "😀" in value, ("Hi 😀 there", "A😀")),
        ("remarks", lambda value: "'" in value, ("Isn't it", "'s")),
        ("paid_amount", lambda value: value >= 700, (3_000_000, 50_000)),
        ("paid_amount", lambda value: value % 1 != 0, (12.25, 19.99)),
    ],
)
def test_a_finding_has_one_id_whichever_case_and_test_saw_it(
    against: Any, name: str, refused: Callable[[Any], bool], others: tuple[Json, Json]
) -> None:
    """Another profile sends another value for another requirement, and another server has another
    fault beside it: requirement, id and waiver are the same.
    """

    def breaks(_store: Any, invoice: Json) -> None:
        if refused(invoice[name]):
            raise Refusal(500, "Internal Server Error")

    other_fault = refuses(("invoice_number",), lambda it: it["invoice_number"].endswith("Z"))
    found = []
    for value, about, beside in zip(others, ("type", "required"), (False, True), strict=True):
        with against(keep=breaks, **other_fault) as asking:
            if beside:
                asking.ask(invoice(invoice_number=f"INV-{PLACEHOLDER}-Z"))
            given = {key: each for key, each in invoice().items() if key != "status"}
            body = encode({**given, name: value})
            verdict = asking.oracle.judge(
                asking.client.send(body), CONTRACT.find(f"{name}.{about}")
            )
            asking.found.explain(asking.client, verdict, "an edge")
            rows = asking.rows
            assert len(rows) == 1 + beside
            found.append(next(row for row in rows if name in row["difference"]))
    one, other = found
    assert (one["id"], one["requirement"]) == (other["id"], other["requirement"])
    written = waive.narrowed(one)
    waiver = Waiver(
        requirement=one["requirement"],
        target="",
        reason="",
        link="",
        owner="",
        file="",
        line=1,
        expires=date(2027, 1, 1),
        difference=(written["difference"],),
        status=written["status"],
    )
    told = (other[each] for each in ("place", "difference", "answer", "status", "code"))
    assert waiver.waives(Found(other["requirement"], *told))


def test_a_breakdown_has_one_id_whether_or_not_the_request_is_valid(against: Any) -> None:
    """A text without any letter need not be accepted, so it is under another requirement."""

    def breaks(_store: Any, invoice: Json) -> None:
        if "😀" in invoice["remarks"]:
            raise Refusal(500, "Internal Server Error")

    found = []
    for value in ("A 😀", "😀"):
        with against(keep=breaks) as asking:
            asking.ask(invoice(remarks=value))
            found.append(asking.only)
    assert [row["requirement"] for row in found] == ["remarks.type", "response.status"]
    assert found[0]["id"] == found[1]["id"]


def test_a_cause_takes_a_few_requests_and_a_run_some_hundred(against: Any) -> None:
    """What is known by then is told."""

    def wrong(payload: Json) -> bool:
        return len({json_of(item) for item in payload["items"]}) == len(payload["items"]) == 40

    items = [
        {**item, "reference_id": f"R-{n}-{PLACEHOLDER}", "sku": f"S-{n}"}
        for n, item in enumerate(plain_invoice(CONTRACT, ORDERS)["items"][:1] * 40)
    ]
    payload = of_items(items)
    with against(**refuses(("items",), wrong)) as asking:
        before = asking.found.questions.left
        asking.ask(payload)
        used = before - asking.found.questions.left
        assert 1 < used <= trying.MOST_FOR_ONE + trying.TO_SHORTEN + 2
        asking.found.questions.left = 0
        asking.found.known.clear()
        asking.ask(payload, "the last case")
        assert asking.only["times"] == 2


def test_nothing_is_explained_once_nothing_can_be_sent(
    against: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The violations are told all the same."""
    with against(**refuses(("remarks",), lambda it: it.get("remarks") == "x")) as asking:
        verdict = asking.oracle.judge(asking.client.send(encode(invoice(remarks="x"))))

        def gone(*_: Any, **__: Any) -> None:
            raise UnreachableError("gone")

        monkeypatch.setattr(Client, "send", gone)
        assert asking.found.explain(asking.client, verdict, "a case") is verdict
        assert asking.only["requirement"] == "201.status"


def json_of(item: Json) -> bytes:
    """An item without its reference, to compare it with others."""
    return encode({name: value for name, value in item.items() if name != "reference_id"})


def _floored(payload: Json) -> Json:
    data = VALID.render(payload)
    for item, sent in zip(data["items"], payload["items"], strict=True):
        item["item_total"] = floor(sent["amount"] * 100) * sent["quantity"] / 100
    return data


@pytest.mark.parametrize(
    ("render", "right", "wrong"),
    [
        (
            _floored,
            "items[0] (449.5 x 2) of the plain invoice",
            "items[1] (19.99 x 5) of the same, each time",
        ),
        (lambda it: {**VALID.render(it), "id": uuid4().int >> 80}, "", "every 201"),
    ],
)
def test_what_the_plain_invoice_shows_is_told_of_it(
    against: Any, render: Callable[[Json], Json], right: str, wrong: str
) -> None:
    """And of the items that show it, where others do not; nothing sounds as if it were rare."""
    with against(render=render) as asking:
        asking.ask(invoice(), "the first invoice")
        asking.ask(of_items([{**plain_invoice(CONTRACT, ORDERS)["items"][0], "amount": 1}]))
        row = asking.only
        assert (row["accepted"], row["refused"]) == (right, wrong)
