"""What a finding tells is true of the two requests that it names, and of the one that it shows."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from causes.difference import differences
from causes.sightings import payload_of
from reference.refusal import Refusal
from reports import exchange_json, summary
from spec.contract import PLACEHOLDER
from spec.exchange import Exchange, Response
from spec.oracle import Oracle
from spec.schema.formats import instant
from strategies.invoice import plain_invoice
from tests.asking import ORDERS, VALID, Asking, Json, invoice, of_items, refuses
from tests.exchanges import CONTRACT
from tests.faulty import SUBTLE
from tests.reporting import Reported
from tests.running import ENVIRONMENT, server

NEEDLESS = (
    ("traceparent", "none"),
    ("X-Forwarded-For", "2001:db8::7"),
    ("Accept", "application/json, text/plain, */*"),
)
"""Header fields that no answer here depends on."""


def _names(wrong: str) -> dict[str, Any]:
    """A server that calls the property of that name otherwise in its errors."""

    def explain(refusal: Refusal) -> Json:
        told = VALID.explain(refusal)
        details = [
            {**each, "field": each["field"].replace(wrong, "other")} for each in told["details"]
        ]
        return {**told, "details": details}

    return {"explain": explain}


def _sent(asking: Asking) -> Json:
    """The payload of the request that is shown."""
    (shown,) = asking.found.ledger.failing.values()
    return payload_of(shown.exchange.request.body)


def _without(name: str, payload: Json) -> Json:
    return {each: value for each, value in payload.items() if each != name}


@pytest.mark.parametrize(
    ("steps", "payload"),
    [
        (_names("paid_amount"), _without("paid_amount", invoice())),
        (refuses(("status",), lambda it: it.get("status") == "OVERPAID"), "OVERPAID"),
        (refuses(("paid_amount",), lambda it: it["paid_amount"] == 0), "PENDING"),
        (refuses(("items",), lambda it: len(it["items"]) > 4), 6),
        (refuses(("created_at",), lambda it: it.get("created_at", "") > "2025-03"), "created_at"),
    ],
    ids=["another name", "a status", "nothing paid", "items", "a date"],
)
def test_what_is_the_same_but_for_the_difference_is_so(
    against: Callable[..., Any], steps: dict[str, Any], payload: Json
) -> None:
    """All that the request which is shown has otherwise than the plain invoice is told."""
    items = plain_invoice(CONTRACT, ORDERS)["items"]
    many = [{**items[0], "reference_id": f"R-{n}-{PLACEHOLDER}"} for n in range(6)]
    asked = {
        "OVERPAID": invoice(status="OVERPAID", paid_amount=5000),
        "PENDING": invoice(status="PENDING", paid_amount=0),
        6: of_items(many),
        "created_at": invoice(created_at="2025-06-01T09:30:00Z", updated_at=None),
    }
    payload = payload if isinstance(payload, dict) else asked[payload]
    with against(**steps) as asking:
        asking.ask({name: value for name, value in payload.items() if value is not None})
        row, sent = asking.only, _sent(asking)
        plain = plain_invoice(CONTRACT, ORDERS)
        edits = [str(each) for each in differences(CONTRACT, plain, sent)]
        assert edits
        assert [each for each in edits if each not in row["refused"]] == []
        assert row["refused"].startswith(("the same with ", "the plain invoice with "))
        assert row["refused"].startswith("the same") is (row["accepted"] == "the plain invoice")


def test_an_error_that_only_some_have_is_shown_with_no_more_than_it_takes(
    against: Callable[..., Any],
) -> None:
    """No header field, no other date and no other amount has a part in it, so none is sent."""

    def explain(refusal: Refusal) -> Json:
        told = VALID.explain(refusal)
        return {**told, "code": 5} if refusal.status == 404 else told

    with against(explain=explain) as asking:
        asking.ask(invoice(order_id="ORD-NO-SUCH-ORDER"), headers=NEEDLESS)
        (shown,) = asking.found.ledger.failing.values()
        request = shown.exchange.request
        plain = plain_invoice(CONTRACT, ORDERS)
        edits = [str(each) for each in differences(CONTRACT, plain, payload_of(request.body))]
        assert asking.only["refused"] == "every 404"
    assert edits == ['order_id "ORD-NO-SUCH-ORDER"']
    assert {name.lower() for name, _ in NEEDLESS} & {n.lower() for n, _ in request.headers} == {
        "accept"
    }
    assert request.header("accept") == "application/json"


def test_what_the_plain_invoice_shows_is_shown_by_it(against: Callable[..., Any]) -> None:
    """And not by the case that was the first to show it."""

    def render(payload: Json) -> Json:
        return {**VALID.render(payload), "total_amount": payload["total_amount"] + 1}

    with against(render=render) as asking:
        asking.ask(invoice(invoice_number=f"0{PLACEHOLDER}0"))
        assert _sent(asking) == plain_invoice(CONTRACT, ORDERS)


def test_a_sign_that_is_escaped_is_told_alone(against: Callable[..., Any]) -> None:
    """It comes back as often as it was sent, and stands before what is put in."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        return {**data, "remarks": data["remarks"].replace("&", "&amp;")}

    text = "~\u00e9\U0001f600a !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}" * 4
    with against(render=render) as asking:
        asking.ask(invoice(remarks=text[:200]))
        assert asking.only["difference"] == 'remarks "x&"'


def test_a_due_date_that_a_clock_ahead_refuses_is_told(against: Callable[..., Any]) -> None:
    """It is due in an hour, and nothing says that it was created before."""
    now = ORDERS.started_at

    def past(payload: Json) -> bool:
        due = instant(payload["due_date"])
        return "created_at" not in payload and due < now + timedelta(days=1)

    required = CONTRACT.request_schema["required"]
    payload = {name: value for name, value in invoice().items() if name in required}
    due = (now + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    with against(**refuses(("due_date",), past)) as asking:
        asking.ask({**payload, "due_date": due}, "body with required properties only")
        row = asking.only
    assert row["difference"] == f'due_date "{due}", 1 hour after the run began and no created_at'
    assert (row["requirement"], row["place"]) == ("due_date.type", "due_date")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_what_is_printed_shows_the_fault_if_it_is_sent(subtle: Reported) -> None:
    """Each line of curl, to a server with the same faults, is answered as wrongly again; beside the
    others not all of them have room.
    """
    record, asked = subtle.record, 0
    created = datetime(2020, 1, 1, tzinfo=UTC)
    facts = replace(ORDERS, order_ids=("ORD-1",), order_created_at=created)
    oracle = Oracle(CONTRACT, facts)
    stored = {each["id"]: each for each in record["exchanges"]}
    with server(SUBTLE) as url:
        record["target"]["base_url"] = url
        for each in record["findings"]:
            (lines,) = summary.blocks({**record, "findings": [each]}, None)
            command = lines[-1].removeprefix("  again").strip()
            assert command.startswith("curl ")
            done = subprocess.run(
                ["/bin/sh", "-c", command],
                env={**os.environ, **ENVIRONMENT},
                capture_output=True,
                check=True,
            )
            head, _, body = done.stdout.partition(b"\r\n\r\n")
            status, *fields = head.decode().split("\r\n")
            headers = tuple((name, value) for name, _, value in (f.partition(": ") for f in fields))
            keys = {**ENVIRONMENT}
            request = exchange_json.request_of(stored[each["exchange"]]["request"], keys)
            answer = Response(int(status.split()[1]), headers, body)
            verdict = oracle.judge(Exchange(request, answer, None, 0.0))
            assert each["category"] in {one.category for one in verdict.violations}
            asked += 1
    assert asked == 5
