"""No answer shows the insides of the server, or the key that was sent."""

import json
import re
from dataclasses import replace

import pytest

from spec.answers.disclosure import FAMILIES, Family
from tests.exchanges import (
    ANSWERED,
    INVOICE,
    KEY,
    altered,
    found,
    judge,
    put,
    refusal,
    refused,
    request,
    response,
)

SHAPE, ACCEPTED, KEYS = "Error shape", "Accepted invalid input", "Authentication"
TYPE = ("Content-Type", "application/json")
Names = list[tuple[str, str]]


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


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_each_family_is_known_by_its_sample(family: Family) -> None:
    """In a message, in JSON inside a message, and in a body that is not JSON."""
    shape = refusal("items[1].sku")
    inside = json.dumps({"error": family.sample})
    for message in (family.sample, f"It failed: {family.sample}.", inside):
        assert refused({**shape, "message": message}) == [("4xx.leak", SHAPE)], message
    assert ("4xx.leak", SHAPE) in refused(f"<p>{family.sample}</p>".encode())
    slashes = json.dumps({**shape, "message": family.sample}).replace("/", "\\/")
    assert refused(slashes.encode()) == [("4xx.leak", SHAPE)]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_plain_sentence_is_of_no_family(family: Family) -> None:
    """Although it has some of the same words."""
    assert refused({**refusal("items[1].sku"), "message": family.plain}) == []


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_pattern_begins_with_a_literal(family: Family) -> None:
    """Python searches for others some twenty times slower, and all of them run on every error."""
    for pattern in family.patterns:
        assert re.match(rb"[\w .:/';<(-]|\\[.(*]", pattern), pattern
        assert not re.match(rb"(?:[^\\]|\\.)[?*{]", pattern), pattern


MORE = [
    ("Java", "at java.base/java.lang.Thread.run(Unknown Source)"),
    ("Java", "Caused by: org.postgresql.util.PSQLException: ERROR"),
    ("Go", "panic: interface conversion: interface {} is nil"),
    (".NET", "System.InvalidOperationException: Sequence contains no elements"),
    (".NET", "The JSON value could not be converted to System.Decimal. Path: $.total_amount"),
    ("JavaScript", "at /srv/node_modules/express/lib/router.js:2:3"),
    ("Ruby", "undefined method `to_d' for nil:NilClass"),
    ("PHP", "PHP Fatal error:  Uncaught Error: Call to undefined function"),
    ("MySQL", "You have an error in your SQL syntax; check the manual"),
    ("MySQL", "ER_DUP_ENTRY"),
    ("MongoDB", "MongoServerError: not primary"),
    ("MongoDB", 'Cast to ObjectId failed for value "x"'),
    ("SQLite", "SQLITE_BUSY: database is locked"),
    ("paths", "in /home/deploy/app/current"),
    ("paths", "cannot open '/etc/ssl/key.pem'"),
    ("paths", "C:\\inetpub\\wwwroot\\api"),
    ("Rust", "thread 'tokio-runtime-worker' panicked at src/routes/invoices.rs:57:48:"),
    ("Rust", 'called `Result::unwrap()` on an `Err` value: Error("EOF", line: 1, column: 6)'),
    ("Rust", "thread 'main' panicked at 'no entry found for key'"),
    ("Elixir", "(ecto 3.11.1) lib/ecto/type.ex:948: Ecto.Type.cast/2"),
    ("Elixir", "no function clause matching in Invoices.create/1"),
    ("other languages", "at Invoices$.create(Invoices.scala:57)"),
    ("other languages", "clojure.lang.ExceptionInfo: not a number"),
    ("other languages", "invoice.lua:12: attempt to index a nil value"),
    ("C++", "what():  std::bad_alloc"),
    ("networks", "connect ECONNREFUSED 10.0.0.5:5432"),
    ("networks", "getaddrinfo ENOTFOUND db.internal"),
    ("networks", "WRONGTYPE Operation against a key"),
    ("Java", "could not execute statement; SQL [n/a]"),
    ("Python", "KeyError: 'sku'"),
    ("JavaScript", "TypeError: invoice.items.map is not a function"),
    ("PostgreSQL", 'null value in column "sku" of relation "items" violates not-null constraint'),
    ("addresses with a password", "redis://:s3cret@cache:6379"),
    ("addresses with a password", "HTTPS://user:p%40ss@a.example/x"),
]


@pytest.mark.parametrize(("name", "text"), MORE)
def test_a_family_has_more_than_one_form(name: str, text: str) -> None:
    """Each is told by a pattern of its own family."""
    assert refused({**refusal("items[1].sku"), "message": text}) == [("4xx.leak", SHAPE)]
    (family,) = (each for each in FAMILIES if each.name == name)
    assert any(re.search(pattern, text.encode()) for pattern in family.patterns)


@pytest.mark.parametrize("leak", LEAKS)
@pytest.mark.parametrize("where", ["message", "trace"])
def test_an_error_that_shows_the_servers_insides_is_a_violation(leak: str, where: str) -> None:
    """Stack traces, panics and SQL, in the message or in a property of their own."""
    answer = {**refusal("items[1].sku"), where: leak}
    assert refused(answer) == [("4xx.leak", SHAPE)]


def test_an_html_page_that_shows_the_servers_insides_is_a_violation() -> None:
    """A body that is not JSON is searched as well."""
    page = b"<pre>Traceback (most recent call last):\n  File ...</pre>"
    assert ("4xx.leak", SHAPE) in refused(page)


@pytest.mark.parametrize(
    ("name", "value", "is_leak"),
    [
        ("X-Debug-Exception-File", "/var/www/html/src/InvoiceController.php:57", True),
        (
            "X-Error",
            "java.lang.NullPointerException at shop.Invoices.create(Invoices.java:57)",
            True,
        ),
        ("X-Powered-By", "PHP/8.2.12", False),
        ("Server", "Apache/2.4.6 (CentOS) OpenSSL/1.0.2k-fips mod_wsgi/4.6.4 Python/3.6", False),
        ("Via", "1.1 10.0.3.7:8080 (squid/5.7), 1.1 ip-10-0-0-1.ec2.internal", False),
        (
            "Set-Cookie",
            "s=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJiaWxsaW5nIn0.c2ln; Path=/; Secure",
            False,
        ),
        ("Content-Security-Policy", "default-src 'self'; report-uri https://csp.example/r", False),
        ("Report-To", '{"group":"default","endpoints":[{"url":"https://r.example/a/b"}]}', False),
        ("Link", '<https://docs.example.com/errors#400>; rel="help"', False),
    ],
)
def test_a_header_field_of_an_error_shows_no_insides(
    name: str, value: str, *, is_leak: bool
) -> None:
    """A file of the server does, or a stack; what frameworks call themselves does not."""
    told = refused(refusal("items[1].sku"), headers=(*ANSWERED, (name, value)))
    assert told == [("4xx.leak", SHAPE)] * is_leak


@pytest.mark.parametrize(
    "text",
    [
        "The field from is not selected.",
        "Please select an item from the list.",
        "at most 255 characters (reference_id)",
        "panic",
        "The invoice at 12:30 is late.",
        "See https://example.com/errors.html",
        "Look at the field (/items/0/sku), or at items(0): 1.",
        "The value must be one of PAID, UNPAID: see /v1/invoices/help.",
        "Do not panic: call us.",
        "Open 9:30-17:00 at c:5, or mail sales@shop.example.",
        "Use https://shop.example/a:b@c or http://[::1]:8080/.",
    ],
)
def test_plain_words_are_not_a_leak(text: str) -> None:
    """A message for people may use any of them."""
    assert refused({**refusal("items[1].sku"), "message": text}) == []


def test_text_of_the_request_is_not_a_leak() -> None:
    """A message may quote the client's own wrong value, but nothing else of this kind."""
    payload = altered(put("status", value="SELECT a FROM b"))
    answer = refusal("status") | {"message": "SELECT a FROM b is no status."}
    assert refused(answer, payload) == []
    answer["message"] += " SELECT c FROM d"
    assert refused(answer, payload) == [("4xx.leak", SHAPE)]


SECRET = [("response.secret", KEYS)]


@pytest.mark.parametrize("status", [201, 400, 500])
def test_a_key_in_an_answer_is_a_violation(status: int) -> None:
    """In the body or a header, at any status."""
    answer = refusal("items[1].sku") | {"message": f"The key {KEY} is known."}
    assert SECRET[0] in refused(answer, status=status)
    headers = (*ANSWERED, ("x-request", f"key={KEY}"))
    assert SECRET[0] in refused(refusal("sku"), status=status, headers=headers)


@pytest.mark.parametrize(
    "line", [f"HTTP/1.1 401 No user has {KEY}", f"HTTP/1.1 401 Unauthorized\r\nX-{KEY}: unknown"]
)
def test_a_key_in_the_head_of_an_answer_is_a_violation(line: str) -> None:
    """In its first line or the name of a header, of which only the head has the letters as sent."""
    came = replace(response(401, refusal("sku")), head=f"{line}\r\n\r\n".encode())
    assert SECRET[0] in found(judge(request(INVOICE), came))
    assert SECRET[0] in found(judge(request(INVOICE, (TYPE, ("X-API-Key", "other-key"))), came))


@pytest.mark.parametrize("key", ["wrong-key-1", "a\"b\\c'--; DROP", "schlüssel-9", "x" * 4096])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_wrong_key_in_an_answer_is_a_violation_however_it_is_escaped(
    key: str, *, ascii_only: bool
) -> None:
    """A mistyped key is nearly right, so it is a secret too."""
    body = json.dumps({"code": "X", "message": f"No such key: {key}"}, ensure_ascii=ascii_only)
    sent = (TYPE, ("X-API-Key", key))
    assert refused(body.encode(), INVOICE, 401, sent=sent) == SECRET
    assert refused({"code": "X", "message": "No such key."}, INVOICE, 401, sent=sent) == []


@pytest.mark.parametrize("key", ["null", "a", "", "       "])
def test_a_value_too_short_for_a_key_is_not_a_secret(key: str) -> None:
    """Its letters are in any text."""
    answer = {"code": "null", "message": "a        b"}
    assert refused(answer, INVOICE, 401, sent=(TYPE, ("X-API-Key", key))) == []


def test_a_key_that_is_also_in_the_payload_may_come_back() -> None:
    """An echo is not a disclosure."""
    payload = altered(put("status", value=KEY))
    answer = refusal("status") | {"message": f"{KEY} is no status."}
    assert refused(answer, payload) == []
