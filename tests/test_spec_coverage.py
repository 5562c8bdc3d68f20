"""What a verdict says was judged: a requirement is observed when it was judged, and only then."""

import pytest

from spec.exchange import Exchange, Request, Response
from spec.oracle import Verdict
from tests.exchanges import (
    CONTRACT,
    GOOD,
    HEADERS,
    INVOICE,
    WRONG_SKU,
    encoded,
    judge,
    oracle,
    refusal,
    request,
    response,
)

TEXT = (("content-type", "text/plain"),)


def _of_a_method() -> Verdict:
    sent = Request("PUT", "/v1/invoices", HEADERS, encoded(INVOICE))
    return judge(sent, response(405, b"no", TEXT))


def test_the_shape_of_an_answer_to_another_method_is_not_judged() -> None:
    """The document says nothing of it, so the run has not observed it."""
    verdict = _of_a_method()
    assert verdict.violations == ()
    assert {"request.method", "response.http", "4xx.leak"} <= verdict.judged
    assert not {"4xx.mediaType", "4xx.json", "4xx.status"} & verdict.judged


def test_details_are_judged_only_where_a_field_is_wrong() -> None:
    """A refused key names no field, so its details say nothing of that requirement."""
    keyless = judge(request(INVOICE, HEADERS[:1]), response(401, refusal("sku")))
    assert {"security.key", "4xx.json", "4xx.details.type"} <= keyless.judged
    assert "4xx.details.names" not in keyless.judged
    wrong = judge(request(WRONG_SKU), response(400, refusal("items[1].sku")))
    assert {"items[].sku.type", "4xx.details.names", "4xx.status"} <= wrong.judged


def test_no_answer_says_only_that_there_was_none() -> None:
    """Neither its status nor its shape was seen."""
    verdict = oracle().judge(Exchange(request(INVOICE), None, "It closed.", 0.1))
    assert verdict.judged == {"response.http"}


def test_a_closed_connection_that_is_allowed_says_nothing() -> None:
    """A server may close on a body over 1 MiB before it answers."""
    sent = request(b" " * (2 * 1024 * 1024))
    verdict = oracle().judge(Exchange(sent, None, "It closed.", 0.1, closed=True))
    assert verdict.judged == frozenset()


def test_a_body_that_is_not_json_says_nothing_of_its_schema() -> None:
    """Only that it is not JSON was seen."""
    verdict = judge(request(INVOICE), response(201, b"<html>"))
    assert {"201.status", "201.json", "201.mediaType"} <= verdict.judged
    assert not {name for name in verdict.judged if name.startswith("201.data")}


FILLED_IN = {"201.data.created_at.date-time", "201.data.updated_at.date-time"}
"""On a date that the server fills in; one that was sent has an echo instead."""


def test_a_full_answer_has_every_requirement_on_it_judged() -> None:
    """A created invoice with all properties leaves nothing of its echo and shape unobserved."""
    verdict = judge(request(INVOICE), response(201, GOOD))
    on_it = {each.name for each in CONTRACT.requirements if each.part == "201"}
    assert on_it - verdict.judged == FILLED_IN


def test_dates_that_the_server_fills_in_are_judged() -> None:
    """Those two are observed where they were not sent, and came back."""
    dates = ("created_at", "updated_at")
    sent = {key: value for key, value in INVOICE.items() if key not in dates}
    assert judge(request(sent), response(201, GOOD)).judged >= FILLED_IN
    data = {key: value for key, value in GOOD["data"].items() if key not in dates}
    assert FILLED_IN.isdisjoint(judge(request(sent), response(201, {"data": data})).judged)


def test_the_head_of_an_answer_is_judged_where_it_was_seen() -> None:
    """Framing and fields from the bytes, and what a 405 allows."""
    head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n"
    seen = judge(request(INVOICE), Response(201, HEADERS[:1], encoded(GOOD), head)).judged
    assert {"response.framing", "response.fields"} <= seen
    assert "4xx.allow" not in seen
    unseen = judge(request(INVOICE), response(201, GOOD)).judged
    assert not {"response.framing", "response.fields", "4xx.allow"} & unseen


@pytest.mark.parametrize("name", ["remarks", "status"])
def test_the_echo_of_what_was_not_sent_is_not_judged(name: str) -> None:
    """Its absence was not asked for."""
    sent = {key: value for key, value in INVOICE.items() if key != name}
    data = {key: value for key, value in GOOD["data"].items() if key != name}
    verdict = judge(request(sent), Response(201, HEADERS, encoded({"data": data})))
    assert f"201.data.{name}.echo" not in verdict.judged
