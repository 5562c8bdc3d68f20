"""What HTTP itself allows a server, and asks of an answer's head."""

import pytest

from spec.exchange import Exchange, Request, Response
from spec.expectation import Expectation
from tests.exchanges import (
    ANSWERED,
    GOOD,
    HEADERS,
    INVOICE,
    ORDERS,
    WRONG_SKU,
    altered,
    encoded,
    expected,
    found,
    judge,
    oracle,
    put,
    refusal,
    request,
    response,
)

CHUNKED = (*HEADERS, ("Transfer-Encoding", "chunked"))
UNDECODABLE = (HEADERS[0], ("X-API-Key", "schl\udcfcssel"))
PAGE = (("content-type", "text/html"),)


@pytest.mark.parametrize("payload", [INVOICE, WRONG_SKU], ids=["valid", "invalid"])
def test_a_chunked_body_may_get_411_in_any_shape(payload: dict[str, object]) -> None:
    """A server may want to know the length first (RFC 9112, section 6.3)."""
    answer = response(411, b"<h1>Length Required</h1>", PAGE)
    assert found(judge(request(payload, CHUNKED), answer)) == []


def test_411_needs_a_chunked_body() -> None:
    """Where the length was said, nothing is missing."""
    assert found(judge(request(INVOICE), response(411, b"", PAGE))) != []


@pytest.mark.parametrize("status", [405, 404, 501])
def test_another_method_may_be_unknown_or_not_implemented(status: int) -> None:
    """405 and 501 are both HTTP's answers to it (RFC 9110, sections 9.1 and 15.6.2)."""
    sent = Request("PUT", "/v1/invoices", HEADERS, encoded(INVOICE))
    assert found(judge(sent, response(status, b"", PAGE))) == []
    assert found(judge(sent, response(500, b"", PAGE))) != []


@pytest.mark.parametrize("status", [400, 401, 403, 431])
def test_a_header_that_is_not_utf_8_may_get_any_4xx(status: int) -> None:
    """It never reaches an application on many servers, so its shape is nobody's promise."""
    assert found(judge(request(INVOICE, UNDECODABLE), response(status, b""))) == []


def test_a_header_that_is_not_utf_8_is_not_accepted() -> None:
    """A wrong key stays a wrong key."""
    verdict = judge(request(INVOICE, UNDECODABLE), response(201, GOOD))
    assert [name for name, _ in found(verdict)] == ["security.key"]


def test_an_incoherence_may_be_named_in_place_of_the_broken_field() -> None:
    """A payment of -0.01 with PARTIALLY_PAID is wrong in its status too."""
    wrong = altered(put("paid_amount", value=-0.01))
    for field in ("status", "paid_amount", "total_amount"):
        assert found(judge(request(wrong), response(400, refusal(field)))) == []
    names = [name for name, _ in found(judge(request(wrong), response(400, refusal("remarks"))))]
    assert names == ["4xx.details.names"]


def _with_head(
    head: bytes, status: int = 201, headers: tuple[tuple[str, str], ...] = ()
) -> list[str]:
    body = encoded(GOOD if status == 201 else refusal("method"))
    answer = Response(status, (*ANSWERED, *headers), body, head)
    method = "POST" if status == 201 else "PUT"
    sent = Request(method, "/v1/invoices", HEADERS, encoded(INVOICE))
    verdict = oracle().judge(Exchange(sent, answer, None, 0.1))
    assert {"response.framing", "response.fields"} <= verdict.judged
    return [name for name, _ in found(verdict)]


def test_a_good_head_breaks_nothing() -> None:
    """Lines end in CR LF, and everything is said once."""
    assert _with_head(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n") == []


def test_a_bare_line_feed_in_the_head_is_told() -> None:
    """A line ends in CR LF (RFC 9112, section 2.2)."""
    assert _with_head(b"HTTP/1.1 201 Created\nA: b\r\n\r\n") == ["response.framing"]


def test_two_framings_are_told() -> None:
    """A sender sends no Content-Length beside Transfer-Encoding (RFC 9112, section 6.2)."""
    both = (("content-length", "5"), ("transfer-encoding", "chunked"))
    assert _with_head(b"HTTP/1.1 201 Created\r\n\r\n", headers=both) == ["response.framing"]


def test_two_media_types_are_told() -> None:
    """A field that is no list is sent once (RFC 9110, section 5.3)."""
    twice = (("content-type", "text/plain"),)
    assert _with_head(b"HTTP/1.1 201 Created\r\n\r\n", headers=twice) == ["response.fields"]


def test_405_says_what_is_allowed() -> None:
    """It must come with Allow (RFC 9110, section 15.5.6), and POST is (section 10.2.1)."""
    head = b"HTTP/1.1 405 Method Not Allowed\r\n\r\n"
    assert _with_head(head, 405) == ["4xx.allow"]
    assert _with_head(head, 405, (("allow", "GET, PUT"),)) == ["4xx.allow"]
    assert _with_head(head, 405, (("allow", ""),)) == ["4xx.allow"]
    assert _with_head(head, 405, (("allow", "POST"),)) == []
    assert _with_head(head, 405, (("allow", "GET"), ("allow", "OPTIONS, POST"))) == []


def test_a_head_that_was_not_seen_is_not_judged() -> None:
    """Without its bytes nothing can be said of them."""
    assert "response.framing" not in judge(request(INVOICE), response(201, GOOD)).judged


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("2025-06-01T12:00:00Z", []),
        ("2025-06-01T12:00:00.123456+02:00", []),
        ("1748779200", ["201.data.created_at.date-time"]),
        ("Sun, 01 Jun 2025 12:00:00 GMT", ["201.data.created_at.date-time"]),
    ],
)
def test_a_date_that_the_server_fills_in_is_rfc_3339(value: str, names: list[str]) -> None:
    """As the document's examples are."""
    sent = {key: INVOICE[key] for key in INVOICE if key not in ("created_at", "updated_at")}
    sent["due_date"] = "2071-07-01T00:00:00Z"
    data = {key: GOOD["data"][key] for key in GOOD["data"] if key != "updated_at"}
    answer = {"data": {**data, "due_date": sent["due_date"], "created_at": value}}
    verdict = judge(request(sent), response(201, answer))
    assert verdict.expected.expectation is Expectation.ACCEPT
    assert [name for name, _ in found(verdict)] == names


def test_a_due_date_may_be_past_only_after_its_creation() -> None:
    """The document's example is past, with a creation before it; without one it is a question."""
    assert expected(INVOICE).expectation is Expectation.ACCEPT
    before = altered(put("due_date", value="2025-05-31T23:59:59Z"))
    assert expected(before).expectation is Expectation.UNSPECIFIED
    without = {key: value for key, value in INVOICE.items() if key != "created_at"}
    assert expected(without).expectation is Expectation.UNSPECIFIED
    without["due_date"] = "2071-07-01T00:00:00Z"
    assert expected(without).expectation is Expectation.ACCEPT


ORDER_IDS = [
    ("ORD-1", {201}),
    ("ORD-NO-SUCH-ORDER", {404}),
    ("ORD-1,ORD-NO-SUCH-ORDER", {404}),
    ('"ORD-1"', {404}),
    ("#ORD-1", {404}),
    ("ORD-1.0", {404}),
    ("ORD%2D1", {404}),
    ("ORD-%", {404}),
    ("ORD_1", {404}),
    ("ORD1", {404}),
    ("ORD-*", {404}),
    ("ord-1", {201, 400, 404}),
]


@pytest.mark.parametrize(("order", "statuses"), ORDER_IDS)
def test_an_order_id_that_only_begins_or_matches_like_a_known_one_is_unknown(
    order: str, statuses: set[int]
) -> None:
    """A prefix or a pattern is no id; another letter case is a question."""
    assert expected(altered(put("order_id", value=order)), ORDERS).statuses == statuses


@pytest.mark.parametrize(
    ("accepted", "coding", "refused"),
    [
        ("gzip", "gzip", False),
        ("GZIP;q=0.5", "gzip", False),
        ("deflate, *;q=0.1", "gzip", False),
        ("gzip", "x-gzip", False),
        (None, "gzip", False),
        ("gzip;q=0", "identity", False),
        ("gzip;q=0", "gzip", True),
        ("gzip; q=0.000, *", "gzip", True),
        ("*;q=0", "gzip", True),
        ("identity", "gzip", True),
    ],
)
def test_a_coding_that_the_request_refuses_is_told(
    accepted: str | None, coding: str, *, refused: bool
) -> None:
    """A weight of 0 and a list without a coding refuse it (RFC 9110, section 12.5.3)."""
    fields = () if accepted is None else (("Accept-Encoding", accepted),)
    answer = Response(201, (*ANSWERED, ("content-encoding", coding)), encoded(GOOD))
    verdict = judge(request(INVOICE, (*HEADERS, *fields)), answer)
    assert [name for name, _ in found(verdict)] == ["response.coding"] * refused
