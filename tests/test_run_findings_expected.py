"""What is told is the smallest request, and what was expected of that and of no other one."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.refusal import Problem, Refusal
from reference.server import serving
from reports.ledger import Counts
from spec.contract import PLACEHOLDER
from spec.schema.formats import instant
from strategies.invoice import encode
from tests.asking import ORDERS, VALID, Json, asking_of, invoice, refuses
from tests.exchanges import CONTRACT
from tests.fronts import error, fronted, page
from tests.running import application, server

_OF_A_TRAILER = 14
"""The length of a body in chunks, modulo 16, that has a field after the last one."""


def _breaks_down(payload: Json) -> tuple[Problem, ...]:
    if payload.get("status") == "OVERPAID":
        raise Refusal(500, "Internal Server Error")
    return VALID.check(payload)


def test_of_a_breakdown_a_valid_invoice_is_to_be_accepted_whichever_one_showed_it(
    against: Any,
) -> None:
    """The first one was to be refused; the smallest one is not."""
    with against(check=_breaks_down) as asking:
        overpaid = {"status": "OVERPAID", "paid_amount": 10**6}
        shown = asking.ask(invoice(**overpaid, remarks=5), "a number in remarks")
        row = asking.only
    (seen,) = asking.found.ledger.counts.occurrences.values()
    assert shown.violations[0].expected == row["expected"] == seen.expected == "201"
    assert (row["requirement"], row["category"]) == ("status.enum", "Server error")
    assert "expected 201, got 500" in row["headline"]


def _without_text(app: ASGIApp) -> ASGIApp:
    """A front that does not know how to answer with text."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        text = b"text" in dict(scope.get("headers", ())).get(b"accept", b"")
        await (error(406) if text else app)(scope, receive, send)

    return answered


def test_what_refuses_an_invalid_invoice_for_the_wrong_reason_refuses_a_valid_one(
    tmp_path: Path,
) -> None:
    """The plain invoice is told, so it is valid input that is refused."""
    headers = (("Accept", "text/plain, */*"),)
    with (
        application() as app,
        serving(_without_text(app)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        asking.ask(invoice(remarks=5), "a number in remarks", headers=headers)
        row = asking.only
    assert row["refused"] == "the same with Accept: text/plain, */*"
    assert (row["expected"], row["category"]) == ("201", "Refused valid input")
    assert row["requirement"] == "201.status"
    assert row["headline"].startswith("[Refused valid input] 201.status (MUST): expected 201, got")


@pytest.mark.parametrize("changes", [{}, {"remarks": 5}])
def test_another_status_of_success_is_no_refusal(against: Any, changes: Json) -> None:
    """A valid invoice is kept with it, if not as the document says."""

    def respond(status: int, content: Any) -> Response:
        answer = VALID.respond(status, content)
        answer.status_code = 202 if status == 201 else answer.status_code
        return answer

    with against(respond=respond, check=lambda _: ()) as asking:
        asking.ask(invoice(**changes), "a case")
        categories = {row["category"] for row in asking.rows}
    assert "Refused valid input" not in categories
    assert changes or categories == {"Wrong status"}


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (page(200), "a page, not an answer of the API (200 text/html, Server: cloudflare)"),
        (Response(b'{"message": "Queued"}', 202, {"content-type": "application/json"}), "Queued"),
    ],
)
def test_a_success_that_is_none_to_a_valid_invoice_accepts_nothing_invalid(
    tmp_path: Path, answer: Response, detail: str
) -> None:
    """What is told is another request than the one that was to be refused."""

    def decide(_number: int, body: bytes) -> Response | None:
        return answer if b"<" in body else None

    with fronted(decide) as url, asking_of(url, tmp_path) as asking:
        asking.ask(invoice(remarks=5, url="https://shop.example/<"), "a number in remarks")
        row = asking.only
    assert row["refused"] == 'the same with url "https://billing.example.com/<"'
    assert (row["category"], row["expected"]) == ("Wrong status", "201 or 400 or 404")
    assert (row["requirement"], row["also"]) == ("url.type", ["remarks.type"])
    assert row["detail"].startswith(detail)


def test_of_what_shows_not_always_the_request_is_told_that_it_was_seen_in(against: Any) -> None:
    """Another one that shows it too, and is to be accepted, says nothing of that."""
    numbers = count()

    def check(payload: Json) -> tuple[Problem, ...]:
        if payload["remarks"] == "Odd" and next(numbers) % 3 == 0:
            raise Refusal(500, "Internal Server Error")
        return VALID.check(payload)

    with against(check=check) as asking:
        for changes in ({"due_date": 5}, {}):
            body = encode(invoice(remarks="Odd", **changes))
            for _ in range(3):
                verdict = asking.oracle.judge(asking.client.send(body))
                if verdict.violations:
                    asking.found.explain(asking.client, verdict, f"odd {len(changes)}", "odd")
        row = asking.only
    assert row["refused"].startswith("odd 1, not always: ")
    assert {*row["also"]} == {"201.status", "due_date.type"}
    assert (row["requirement"], row["expected"]) == ("response.status", "400")


def test_what_takes_less_is_told_and_not_what_is_worse(against: Any) -> None:
    """What comes in chunks comes twice: a long text is refused for that, and any other one is not
    what was sent.
    """

    async def read(request: Any) -> bytes:
        body = await VALID.read(request)
        if "transfer-encoding" not in request.headers:
            return bytes(body)
        payload = json.loads(body)
        return encode({**payload, "invoice_number": payload["invoice_number"] * 2})

    with against(read=read) as asking:
        asking.ask(invoice(invoice_number=f"{PLACEHOLDER}{'x' * 200}"), "a long one", chunked=True)
        asking.ask(invoice(), "another one", chunked=True)
        row = asking.only
    assert row["requirement"] == "201.data.invoice_number.echo"
    assert row["refused"] == "the same with Transfer-Encoding: chunked"
    assert row["alike"] == []


def test_a_due_date_that_is_moved_behind_the_other_dates_is_told_as_it_was_sent(
    against: Any,
) -> None:
    """What is told to be expected is so for just that date."""
    server = refuses(("due_date",), lambda it: it["due_date"][4:10] == "-02-29")
    with against(**server) as asking:
        asking.ask(invoice(due_date="2020-02-29T00:00:00Z", created_at="2019-05-02T09:30:00Z"))
        row = asking.only
    assert (row["difference"], row["expected"]) == ('due_date "2080-02-29T00:00:00Z"', "201")


def test_errors_that_name_another_field_are_told_by_the_one_that_they_are_about(
    against: Any,
) -> None:
    """Errors about other properties name them as they should."""
    renamed: dict[Any, tuple[str | int, ...]] = {"due_date": ("due_on",)}

    def check(payload: Json) -> tuple[Problem, ...]:
        return tuple(
            replace(each, location=renamed.get(each.location[0], each.location))
            for each in VALID.check(payload)
        )

    with against(check=check) as asking:
        asking.ask({**invoice(), "remarks": 1}, "no text")
        without = invoice()
        del without["due_date"]
        asking.ask(without, "no due date")
        row = asking.only
    assert row["requirement"] == "4xx.details.names"
    assert row["accepted"] == "errors about other properties"
    shown = "the plain invoice with no due_date"
    assert row["refused"] == f"errors about due_date, such as to {shown}"


def test_a_case_is_told_under_the_property_that_the_server_names(against: Any) -> None:
    """No difference is found, and what the test was about is not what the server speaks of."""

    def parse(body: bytes) -> Json:
        if b'":  "' in body:
            detail = Problem(("updated_at",), "wrong", "is before created_at")
            raise Refusal(400, "Bad", (detail,))
        return VALID.parse(body)

    with against(parse=parse) as asking:
        asking.found.control(asking.client)
        body = encode(invoice(remarks="x")).replace(b'"remarks":', b'"remarks":  ')
        exchange = asking.client.send(body)
        verdict = asking.oracle.judge(exchange, CONTRACT.named("reference_id.type"))
        asking.found.explain(asking.client, verdict, "backslashes in reference_id")
        row = asking.only
    assert (row["requirement"], row["explained"]) == ("updated_at.type", False)
    assert row["detail"] == "updated_at: is before created_at"


def test_what_every_request_shows_is_told_by_the_field_that_it_is_sent_with(against: Any) -> None:
    """The plain invoice is refused, too, but not without the name of the client."""

    def authenticate(headers: Any, store: Any) -> None:
        if "/" not in headers.get("user-agent", "/"):
            raise Refusal(500, "Internal Server Error")
        VALID.authenticate(headers, store)

    with against(authenticate=authenticate) as asking:
        asking.ask(invoice(), "an invoice")
        row = asking.only
    words = "User-Agent: invoice-conformance"
    assert (row["requirement"], row["difference"]) == ("201.status", words)
    assert row["accepted"] == "the plain invoice with no User-Agent"
    assert (row["refused"], row["shows"]) == (f"the same with {words}", "each time")


def test_what_is_refused_for_another_reason_than_its_unknown_order_is_told_by_that(
    against: Any,
) -> None:
    """The invoice is refused in the same words where its order is known."""
    pending = {"status": "PENDING", "paid_amount": 0}
    with against(**refuses(("due_date",), lambda sent: sent.get("status") == "PENDING")) as asking:
        asking.ask(invoice(order_id=ORDERS.unknown_order_id, **pending), "an unknown order")
        row = asking.only
    assert (row["requirement"], row["category"]) == ("status.enum", "Refused valid input")
    assert row["refused"] == 'the same with status "PENDING", and so paid_amount 0'
    assert row["also"] == ["order_id.known"]


def test_a_breakdown_at_an_unknown_order_is_filed_under_that_it_is_unknown(against: Any) -> None:
    """An order that is no text is answered well, so the type of it is not what is broken."""

    def check(payload: Json) -> tuple[Problem, ...]:
        problems = VALID.check(payload)
        if not problems and payload.get("order_id") not in ORDERS.order_ids:
            raise Refusal(500, "Internal Server Error")
        return problems

    with against(check=check) as asking:
        asking.ask(invoice(order_id=5), "a number")
        asking.ask(invoice(order_id=ORDERS.unknown_order_id), "an unknown order")
        row = asking.only
    assert (row["requirement"], row["category"]) == ("order_id.known", "Server error")
    assert (row["expected"], row["place"], row["also"]) == ("404", "order_id", [])


def test_what_is_refused_for_how_its_chunks_are_written_is_told_by_that(against: Any) -> None:
    """That goes by the length of a body, which is another one with a known order."""

    async def read(request: Any) -> bytes:
        body: bytes = await VALID.read(request)
        if "transfer-encoding" in request.headers and len(body) % 16 == _OF_A_TRAILER:
            raise Refusal(400, "Malformed")
        return body

    unknown = invoice(order_id=ORDERS.unknown_order_id, remarks="")
    length = len(encode(unknown))
    unknown["remarks"] = "x" * ((_OF_A_TRAILER - length) % 16 or 16)
    with against(read=read) as asking:
        asking.ask(unknown, "an unknown order", chunked=True)
        row = asking.only
    assert row["requirement"] == "201.status"
    assert row["refused"] == "the same with a field after the last chunk"


@pytest.mark.parametrize("status", [301, 400, 500])
def test_what_a_header_field_brings_about_is_not_filed_under_an_order(
    against: Any, status: int
) -> None:
    """The test that met it first sent the field with an unknown order."""

    def check_media_type(headers: Any) -> None:
        if "cookie" in headers:
            raise Refusal(status, "Not here")

    with against(check_media_type=check_media_type) as asking:
        unknown = invoice(order_id=ORDERS.unknown_order_id)
        asking.ask(unknown, "an unknown order", headers=(("Cookie", "a=1"),))
        row = asking.only
    assert row["requirement"] == "201.status"
    assert "a header field Cookie" in row["refused"]
    assert row["also"] == ["order_id.known"]


def test_a_finding_has_one_id_in_this_process_and_from_a_worker(against: Any) -> None:
    """What a worker leaves has words where this process has members of a list."""

    def check_media_type(headers: Any) -> None:
        if "cookie" in headers:
            raise Refusal(400, "Not here")

    with against(check_media_type=check_media_type) as asking:
        asking.ask(invoice(), "an order", headers=(("Cookie", "a=1"),))
        left = asking.found.ledger.counts.as_json()
        own = asking.only["id"]
        asking.found.ledger.counts = Counts.from_json(left)
        assert asking.only["id"] == own


def test_a_crash_on_a_header_field_is_not_filed_under_the_media_type(against: Any) -> None:
    """It was sent with another media type as well, of which nothing is left in what is told."""

    def check_media_type(headers: Any) -> None:
        if "cookie" in headers:
            raise Refusal(500, "Internal Server Error")
        VALID.check_media_type(headers)

    with against(check_media_type=check_media_type) as asking:
        headers = (("Cookie", "a=1"), ("Content-Type", "text/plain"))
        asking.ask(invoice(), "as text", headers=headers)
        asking.ask(invoice(), "with a cookie", headers=headers[:1])
        row = asking.only
    assert row["requirement"] == "201.status"
    assert row["also"] == ["requestBody.mediaType"]


def test_an_update_at_the_moment_of_its_order_is_told_by_that(tmp_path: Path) -> None:
    """Not by what has to go with it: an invoice that was created later may be refused for that."""
    created = datetime(2020, 1, 1, tzinfo=UTC)
    facts = replace(ORDERS, order_created_at=created)
    at_once = created.isoformat()

    def check(payload: Json) -> tuple[Problem, ...]:
        early = payload.get("created_at", at_once) > payload["updated_at"]
        told = Problem(("updated_at",), "early", "is before created_at")
        return (told,) if early else ()

    def check_dates(payload: Json, ordered: datetime) -> None:
        if instant(payload["updated_at"]) < ordered:
            VALID.check_dates(payload, ordered)

    with (
        server(replace(VALID, check=check, check_dates=check_dates)) as url,
        asking_of(url, tmp_path, facts=facts) as asking,
    ):
        dates = {"updated_at": at_once, "created_at": at_once}
        asking.ask(invoice(**dates), "updated when the order was created")
        row = asking.only
    assert row["requirement"] == "updated_at.order"
    assert row["difference"].startswith(
        f'updated_at "{at_once}", when the order was created and created_at'
    )
    assert row["refused"] == ""
