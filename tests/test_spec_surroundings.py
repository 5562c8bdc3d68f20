"""What surrounds an invoice: keys that come back, methods, size, the invoice before."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from spec.exchange import Exchange, HttpFault, Request, Response
from spec.oracle import Oracle, Verdict
from tests.exchanges import (
    ANSWERED,
    FACTS,
    HEADERS,
    KEY,
    altered,
    answer_to,
    drop,
    encoded,
    found,
    invoice,
    judge,
    oracle,
    put,
    refusal,
    request,
    response,
)
from tests.versions.parts import Alteration, Parts

PLAIN = (("content-type", "text/plain"),)
LONG = b" " * 1_100_000
"""A blank body, longer than a server need read."""


def _asked(*headers: tuple[str, str], path: str = "/v1/invoices") -> Request:
    return Request("POST", path, (("Content-Type", "application/json"), *headers), b"{}")


def _told(text: str) -> Response:
    return response(401, {"code": "UNAUTHORIZED", "message": text})


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (_asked(("X-API-Key", "a-wrong-key")), "a-wrong-key is wrong"),
        (_asked(("X-API-Key", 'a "wrong" key')), 'a "wrong" key'),
        (_asked(("X-API-Key", "schlüssel-ключ")), "schlüssel-ключ"),
        (_asked(("X-API-Key", "schlüssel-ключ")), "schlüssel-ключ".encode().decode("latin-1")),
        (_asked(("X-API-Key", "schl\udcfcssel")), "schlüssel"),
        (_asked(("X-API-Key", "a wrong key")), quote("a wrong key")),
        (_asked(("Authorization", f"Bearer {KEY}")), f"no use for {KEY}"),
        (_asked(("Cookie", f"X-API-Key={KEY}")), f"no use for {KEY}"),
        (_asked(path=f"/v1/invoices?api_key={KEY}"), f"no use for {KEY}"),
    ],
    ids=["plain", "quotes", "utf-8", "misread", "latin-1", "escaped", "bearer", "cookie", "query"],
)
def test_a_key_in_an_answer_is_found(sent: Request, told: str) -> None:
    """However it was sent and is encoded."""
    assert found(judge(sent, _told(told))) == [("response.secret", "Authentication")]


def test_a_key_in_a_header_of_the_answer_is_found() -> None:
    """A challenge or a cookie that holds the key gives it away as well."""
    answer = response(401, refusal(), (*ANSWERED, ("www-authenticate", "Key a-wrong-key")))
    assert found(judge(_asked(("X-API-Key", "a-wrong-key")), answer)) == [
        ("response.secret", "Authentication")
    ]


@pytest.mark.parametrize("key", ["null", "undefined", "invalid"])
def test_a_word_that_a_server_may_say_is_no_key(key: str) -> None:
    """A word that any message may have is not a key that comes back."""
    assert found(judge(_asked(("X-API-Key", key)), _told(f"the key is {key}"))) == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_another_method_gets_any_4xx_of_any_shape(method: str) -> None:
    """The document says nothing about other methods, so it says nothing about their errors."""
    sent = Request(method, "/v1/invoices", HEADERS, encoded(invoice()))
    assert found(judge(sent, response(405, b"Method Not Allowed", PLAIN))) == []
    accepted = judge(sent, response(200, {}))
    assert found(accepted) == [("request.method", "Accepted invalid input")]
    leaking = judge(sent, response(405, b"panic: runtime error: no such method", PLAIN))
    assert found(leaking) == [("4xx.leak", "Error shape")]


def test_a_server_in_front_may_refuse_what_is_too_long() -> None:
    """A 413 to a body over 1 MiB has any shape; another status is the application's own."""
    page = b"<html><h1>413 Request Entity Too Large</h1></html>"
    assert found(judge(request(LONG), response(413, page, PLAIN))) == []
    assert found(judge(request(LONG), response(400, page, PLAIN))) == [
        ("4xx.mediaType", "Error shape"),
        ("4xx.json", "Error shape"),
    ]
    shorter = judge(request(LONG[:100_000]), response(413, page, PLAIN))
    assert ("4xx.json", "Error shape") in found(shorter)


@pytest.mark.parametrize(("body", "closed", "fine"), [
    (LONG, True, True),
    (LONG, False, False),
    (b"{}", True, False),
])  # fmt: skip
def test_only_a_long_body_may_be_cut_off_without_an_answer(
    body: bytes, *, closed: bool, fine: bool
) -> None:
    """A connection closed early answers a body over 1 MiB, and nothing else."""
    kind = HttpFault.CLOSED if closed else HttpFault.OTHER
    exchange = Exchange(request(body), None, "The server closed the connection.", 0.01, kind)
    expected = [] if fine else [("response.http", "Protocol")]
    assert found(oracle().judge(exchange)) == expected


def _second(left_out: str, filled: Any, **changes: Any) -> Verdict:
    """The verdict on an invoice without a property, answered with `filled` for it.

    It falls due after the run, so that it is valid without a date of creation as well.
    """
    before = request(invoice())
    whole = {**invoice(), "due_date": "2071-07-01T00:00:00Z", **changes}
    payload = {name: value for name, value in whole.items() if name != left_out}
    answer = answer_to(payload)
    answer["data"][left_out] = filled
    exchange = Exchange(request(payload), response(201, answer), None, 0.01)
    return oracle().judge(exchange, before=before)


@pytest.mark.parametrize("name", ["remarks", "url", "created_at", "updated_at"])
def test_what_only_the_invoice_before_had_must_not_come_back(name: str) -> None:
    """A server that keeps what it was sent before shows it here."""
    assert found(_second(name, invoice()[name])) == [(f"201.data.{name}.echo", "Echo mismatch")]


def _after(before: Any, payload: dict[str, Any], **data: Any) -> list[tuple[str, Any, str, str]]:
    """What is said of an answer after another request, in full."""
    answer = answer_to(payload)
    answer["data"] |= data
    exchange = Exchange(request(payload), response(201, answer), None, 0.01)
    found = oracle().judge(exchange, before=request(before)).violations
    return [(one.requirement.name, one.location, one.expected, one.got) for one in found]


ALONE = "nothing of the invoice before, which alone had it"


def test_what_is_left_of_the_invoice_before_is_told_beside_what_may_be_filled_in() -> None:
    """With its place and what it is."""
    payload = altered(drop("status"), drop("remarks"), drop("url"))
    filled = {name: invoice()[name] for name in ("status", "url")}
    assert _after(invoice(), payload, **filled) == [
        ("201.data.url.echo", ("data", "url"), ALONE, f'"{filled["url"]}"')
    ]


def test_what_is_left_of_a_value_that_was_sent_anew_is_told_once() -> None:
    """It did not come back, whatever came instead."""
    payload = altered(put("remarks", value="new"))
    assert _after(invoice(), payload, remarks="Zwölf Stühle") == [
        ("201.data.remarks.echo", ("data", "remarks"), '"new"', '"Zwölf Stühle"')
    ]


def test_only_a_text_is_left_of_the_invoice_before() -> None:
    """A number that was refused says nothing of a text, and what may be refused is not asked."""
    payload = altered(drop("remarks"))
    assert _after(altered(put("remarks", value=5)), payload, remarks="x") == []
    unspecified = altered(drop("remarks"), put("colour", value="red"))
    assert _after(invoice(), unspecified, remarks="Zwölf Stühle") == []


def test_a_date_of_the_invoice_before_is_recognised_in_any_form() -> None:
    """The same instant is the same date."""
    verdict = _second("created_at", "2025-06-01T17:30:00.000+05:30")
    assert found(verdict) == [("201.data.created_at.echo", "Echo mismatch")]


@pytest.mark.parametrize(
    ("name", "filled", "changes"),
    [
        ("remarks", "", {}),
        ("remarks", "none", {}),
        ("url", "https://example.com/of/our/own", {}),
        ("created_at", "2026-03-01T00:00:00Z", {}),
        ("updated_at", invoice()["updated_at"], {"created_at": invoice()["updated_at"]}),
        ("updated_at", invoice()["updated_at"], {"created_at": "2025-06-02T14:00:00+02:00"}),
        ("status", "PARTIALLY_PAID", {}),
        ("status", "PENDING", {"paid_amount": 0}),
    ],
)
def test_a_server_may_fill_in_what_is_left_out(
    name: str, filled: str, changes: dict[str, Any]
) -> None:
    """A value of its own, or one that follows from this invoice, is allowed."""
    assert found(_second(name, filled, **changes)) == []


def test_a_status_that_the_invoice_before_had_may_be_the_usual_one() -> None:
    """Nothing is paid, and yet PARTIALLY_PAID may be what a server fills in everywhere."""
    assert found(_second("status", "PARTIALLY_PAID", paid_amount=0)) == []


@pytest.mark.parametrize("before", [b"", b"\xff", b"[]", json.dumps({"remarks": 1}).encode()])
def test_there_is_a_verdict_whatever_went_before(before: bytes) -> None:
    """The request before need not be an invoice."""
    exchange = Exchange(request(invoice()), response(201, answer_to(invoice())), None, 0.01)
    assert found(oracle().judge(exchange, before=request(before))) == []


def test_there_is_a_verdict_where_a_request_has_no_properties(tmp_path: Path) -> None:
    """Nothing of the invoice before can be left, for nothing has to come back."""

    def bare(parts: Parts) -> None:
        del parts.request["properties"], parts.request["required"]

    exchange = Exchange(request({}), response(201, answer_to(invoice())), None, 0.01)
    judging = Oracle(Alteration(bare).load(tmp_path), FACTS)
    assert found(judging.judge(exchange, before=request(invoice()))) == []
