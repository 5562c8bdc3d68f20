"""A 4xx is judged by its shape, by whether it names the wrong field, and by what it gives away."""

import json
from typing import Any

import pytest

from tests.exchanges import (
    ANSWERED,
    FORBIDDEN,
    HEADERS,
    INVOICE,
    KEY,
    ORDERS,
    Headers,
    Json,
    bent,
    drop,
    found,
    judge,
    put,
    refusal,
    request,
    response,
)

WRONG_SKU = bent(put("items", 1, "sku", value=5))
WRONG = {"code": "INVALID", "message": "The invoice is invalid."}
SHAPE, ACCEPTED, KEYS = "Error shape", "Accepted invalid input", "Authentication"
TYPE = ("Content-Type", "application/json")
Names = list[tuple[str, str]]


def departures(
    answer: Json,
    payload: Json = WRONG_SKU,
    status: int = 400,
    headers: Headers = ANSWERED,
    sent: Headers = HEADERS,
) -> Names:
    """Requirement and category of each departure of that refusal."""
    return found(judge(request(payload, sent), response(status, answer, headers)))


@pytest.mark.parametrize(
    "answer",
    [
        refusal("items[1].sku"),
        refusal("sku"),
        refusal("/body/items/1/sku"),
        refusal("InvoiceCreateRequest.Items[1].SKU"),
        refusal("order_id", "items.1.sku"),
        {**refusal("items[1].sku"), "trace_id": None, "status": 400},
        {**WRONG, "details": [{"field": "sku"}, {"reason": "x"}, {}]},
        {**WRONG, "details": [{"field": "sku", "reason": "x", "value": None}]},
    ],
)
def test_a_refusal_that_names_the_field_conforms(answer: Json) -> None:
    """In any spelling, among others, with extra properties and without a reason."""
    assert departures(answer) == []


def test_naming_the_first_of_several_wrong_fields_is_enough() -> None:
    """Many servers stop at the first."""
    both = bent(put("items", 1, "sku", value=5), drop("due_date"))
    assert departures(refusal("due_date"), both) == []
    assert departures(refusal("items[1].sku"), both) == []
    assert departures(refusal("remarks"), both) == [("4xx.details.names", SHAPE)]


@pytest.mark.parametrize(
    "details",
    [
        [],
        [{}],
        [{"reason": "sku is wrong"}],
        [{"field": "", "reason": "x"}],
        [{"field": "items[0].sku", "reason": "x"}],
        [{"field": "items[1].name", "reason": "x"}],
        [{"field": "items", "reason": "x"}],
        [{"field": "body", "reason": "x"}],
    ],
)
def test_a_refusal_that_names_another_field_or_none_is_named(details: Json) -> None:
    """Another position is another field."""
    assert departures({**WRONG, "details": details}) == [("4xx.details.names", SHAPE)]


def test_a_refusal_without_details_is_named_where_a_field_is_wrong() -> None:
    """Where the whole body or the order is wrong, there is no field to name."""
    assert departures(WRONG) == [("4xx.details.names", SHAPE)]
    for body in (b"", b"[]", b"{", b"null"):
        assert departures(WRONG, body) == []
    unknown = bent(put("order_id", value=ORDERS.unknown_order_id))
    verdict = judge(request(unknown), response(404, WRONG), ORDERS)
    assert found(verdict) == []


@pytest.mark.parametrize(
    ("bend", "names"),
    [
        (put("code", value=5), ["4xx.code.type"]),
        (put("code", value=None), ["4xx.code.type"]),
        (put("code", value=""), ["4xx.code.minLength"]),
        (drop("code"), ["4xx.code.required"]),
        (put("message", value=["No."]), ["4xx.message.type"]),
        (put("message", value=""), ["4xx.message.minLength"]),
        (drop("message"), ["4xx.message.required"]),
        (put("details", value={}), ["4xx.details.type", "4xx.details.names"]),
        (put("details", value=None), ["4xx.details.type", "4xx.details.names"]),
        (put("details", 0, value="sku"), ["4xx.details[].type", "4xx.details.names"]),
        (put("details", 0, "field", value=None), ["4xx.details[].field.type", "4xx.details.names"]),
        (put("details", 0, "reason", value=5), ["4xx.details[].reason.type"]),
    ],
)
def test_each_keyword_of_an_error_is_named(bend: Any, names: list[str]) -> None:
    """The HttpError schema and what the reading adds to it."""
    answer = refusal("items[1].sku")
    bend(answer)
    assert departures(answer) == [(name, SHAPE) for name in names]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422, 499])
def test_every_4xx_has_the_shape_of_an_error(status: int) -> None:
    """Documented or not; the wrong status is named besides."""
    named = departures({"error": "x"}, status=status)
    assert ("4xx.code.required", SHAPE) in named
    assert ("4xx.message.required", SHAPE) in named
    wrong = [] if status == 400 else [("items[].sku.type", "Wrong status")]
    assert named[: len(wrong)] == wrong


@pytest.mark.parametrize(
    ("body", "headers", "names"),
    [
        (b"", ANSWERED, ["4xx.json"]),
        (b"", (), ["4xx.mediaType", "4xx.json"]),
        (b"Bad Request", (("content-type", "text/plain"),), ["4xx.mediaType", "4xx.json"]),
        (b"<h1>400</h1>", (("content-type", "text/html"),), ["4xx.mediaType", "4xx.json"]),
        (b"{'code': 1}", ANSWERED, ["4xx.json"]),
        (b'{"code": NaN}', ANSWERED, ["4xx.json"]),
        (b"null", ANSWERED, ["4xx.type"]),
        (b'["code"]', ANSWERED, ["4xx.type"]),
        (b'"No."', ANSWERED, ["4xx.type"]),
        (b"[" * 100_000, ANSWERED, ["4xx.json"]),
        (json.dumps(refusal("sku")).encode() * 2, ANSWERED, ["4xx.json"]),
        (b"\xef\xbb\xbf" + json.dumps(refusal("sku")).encode(), ANSWERED, ["4xx.json"]),
        (json.dumps(refusal("sku")).encode()[:-1] + b',"code":"X"}', ANSWERED, ["4xx.json"]),
        (json.dumps(refusal("sku")).encode("utf-16"), ANSWERED, ["4xx.json"]),
    ],
)
def test_what_is_no_json_error_is_named(body: bytes, headers: Headers, names: list[str]) -> None:
    """A framework's own page, a truncated body, two errors in one."""
    assert departures(body, headers=headers) == [(name, SHAPE) for name in names]


@pytest.mark.parametrize(
    ("status", "name", "category"),
    [
        (201, "items[].sku.type", ACCEPTED),
        (200, "items[].sku.type", ACCEPTED),
        (301, "items[].sku.type", "Wrong status"),
        (500, "items[].sku.type", "Server error"),
        (599, "items[].sku.type", "Server error"),
    ],
)
def test_a_broken_invoice_that_is_not_refused_is_named(
    status: int, name: str, category: str
) -> None:
    """By the requirement that it breaks, and by what happened instead."""
    assert departures(refusal("sku"), status=status) == [(name, category)]


@pytest.mark.parametrize(
    ("status", "names"),
    [
        (400, []),
        (404, []),
        (409, [("response.documented", "Wrong status")]),
        (422, [("response.documented", "Wrong status")]),
        (413, [("response.documented", "Wrong status")]),
        (200, [("response.status", "Wrong status")]),
        (302, [("response.status", "Wrong status")]),
        (500, [("response.status", "Server error")]),
    ],
)
def test_an_unspecified_invoice_may_be_refused_as_documented(status: int, names: Names) -> None:
    """Another 4xx is undocumented; a redirect, another success and a 5xx are never right."""
    assert departures(WRONG, bent(put("colour", value="red")), status=status) == names


@pytest.mark.parametrize(
    ("sent", "status", "names"),
    [
        ((TYPE,), 401, []),
        ((TYPE,), 201, [("security.key", KEYS)]),
        ((TYPE,), 403, [("security.key", KEYS)]),
        ((TYPE,), 302, [("security.key", KEYS)]),
        ((TYPE,), 400, [("security.first", KEYS)]),
        ((TYPE,), 500, [("security.key", "Server error")]),
        ((TYPE, ("X-API-Key", FORBIDDEN)), 403, []),
        ((TYPE, ("X-API-Key", FORBIDDEN)), 400, []),
        (
            (TYPE, ("X-API-Key", FORBIDDEN)),
            401,
            [("security.right", KEYS), ("items[].sku.type", "Wrong status")],
        ),
        ((("X-API-Key", KEY),), 415, []),
    ],
)
def test_a_wrong_key_is_judged_before_a_wrong_body(
    sent: Headers, status: int, names: Names
) -> None:
    """A body that was looked at first is a finding of its own."""
    assert departures(refusal("items[1].sku"), status=status, sent=sent) == names


def test_a_wrong_key_with_a_sound_invoice_is_named_alone() -> None:
    """A 400 for a sound invoice is no order of checks."""
    assert departures(WRONG, INVOICE, sent=(TYPE,)) == [("security.key", KEYS)]


LEAKS = [
    'Traceback (most recent call last):\n  File "/app/main.py", line 3',
    'File "/app/main.py", line 3, in post',
    "panic: runtime error: index out of range",
    "goroutine 1 [running]:",
    "main.go:42 +0x1d",
    "at com.example.Invoices.create(Invoices.java:42)",
    "at Object.<anonymous> (/app/server.js:10:5)",
    "invoices.rb:12:in `create'",
    "in /var/www/index.php on line 12",
    "at Invoices.Create() in Invoices.cs:line 9",
    'pq: duplicate key value violates unique constraint "invoices_pkey"',
    "SQLSTATE[23000]: Integrity constraint violation",
    "ORA-00001: unique constraint violated",
    'syntax error at or near "\'"',
    "SELECT id, name FROM invoices WHERE id = 1",
    "SELECT id\nFROM invoices",
    "INSERT INTO invoices VALUES (1)",
]


@pytest.mark.parametrize("leak", LEAKS)
@pytest.mark.parametrize("where", ["message", "trace"])
def test_an_error_that_shows_the_servers_insides_is_named(leak: str, where: str) -> None:
    """Stack traces, panics and SQL, in the message or in a property of their own."""
    answer = {**refusal("items[1].sku"), where: leak}
    assert departures(answer) == [("4xx.leak", SHAPE)]


def test_an_error_page_that_shows_the_servers_insides_is_named() -> None:
    """A body that is no JSON is looked through as well."""
    page = b"<pre>Traceback (most recent call last):\n  File ...</pre>"
    assert ("4xx.leak", SHAPE) in departures(page)


@pytest.mark.parametrize(
    "text",
    [
        "The field from is not selected.",
        "Please select an item from the list.",
        "at most 255 characters (reference_id)",
        "panic",
        "The invoice at 12:30 is late.",
        "See https://example.com/errors.html",
    ],
)
def test_plain_words_are_no_insides(text: str) -> None:
    """A message for people may use any of them."""
    assert departures({**refusal("items[1].sku"), "message": text}) == []


def test_what_the_request_itself_holds_is_no_leak() -> None:
    """A wrong value quoted in the message is the client's own; anything besides is not."""
    payload = bent(put("status", value="SELECT a FROM b"))
    answer = refusal("status") | {"message": "SELECT a FROM b is no status."}
    assert departures(answer, payload) == []
    answer["message"] += " SELECT c FROM d"
    assert departures(answer, payload) == [("4xx.leak", SHAPE)]


SECRET = [("response.secret", KEYS)]


@pytest.mark.parametrize("status", [201, 400, 500])
def test_a_key_in_an_answer_is_named(status: int) -> None:
    """In the body or a header, at any status."""
    answer = refusal("items[1].sku") | {"message": f"The key {KEY} is known."}
    assert SECRET[0] in departures(answer, status=status)
    headers = (*ANSWERED, ("x-request", f"key={KEY}"))
    assert SECRET[0] in departures(refusal("sku"), status=status, headers=headers)


@pytest.mark.parametrize("key", ["wrong-key-1", "a\"b\\c'--; DROP", "schlüssel-9", "x" * 4096])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_wrong_key_in_an_answer_is_named_however_it_is_escaped(
    key: str, *, ascii_only: bool
) -> None:
    """A mistyped key is nearly right, so it stays a secret."""
    body = json.dumps({"code": "X", "message": f"No such key: {key}"}, ensure_ascii=ascii_only)
    sent = (TYPE, ("X-API-Key", key))
    assert departures(body.encode(), INVOICE, 401, sent=sent) == SECRET
    assert departures({"code": "X", "message": "No such key."}, INVOICE, 401, sent=sent) == []


@pytest.mark.parametrize("key", ["null", "a", "", "       "])
def test_a_key_too_short_to_be_one_is_no_secret(key: str) -> None:
    """Its letters stand in any text."""
    answer = {"code": "null", "message": "a        b"}
    assert departures(answer, INVOICE, 401, sent=(TYPE, ("X-API-Key", key))) == []


def test_a_key_that_the_payload_holds_too_may_come_back_from_there() -> None:
    """An echo is no disclosure."""
    payload = bent(put("status", value=KEY))
    answer = refusal("status") | {"message": f"{KEY} is no status."}
    assert departures(answer, payload) == []


def test_another_method_is_refused_with_any_4xx() -> None:
    """405 and 404 alike; a 201 or a 5xx is not."""
    sent = request(INVOICE)
    for status, names in (
        (405, []),
        (404, []),
        (418, []),
        (200, [("request.method", ACCEPTED)]),
        (301, [("request.method", "Wrong status")]),
        (501, [("request.method", "Server error")]),
    ):
        put_request = type(sent)("PUT", sent.path, sent.headers, sent.body)
        assert found(judge(put_request, response(status, WRONG))) == names
