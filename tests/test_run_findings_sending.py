"""Which way of sending is to blame is told: a key, a header field, a query."""

from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import NAMESPACE_OID, uuid5

import pytest
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from causes.kinds.ways import ways_of, ways_text
from reference.mutants.asgi import call
from reference.mutants.operators import answers_otherwise
from reference.mutants.raw import chunks_in, head
from reference.refusal import Refusal
from reference.server import serving
from spec.contract import PLACEHOLDER
from spec.exchange import Request
from spec.violation import Category
from strategies.invoice import encode
from strategies.wrong.keys import SHAPES
from tests.asking import ORDERS, VALID, Json, asking_of, invoice, of_items
from tests.exchanges import CONTRACT
from tests.fronts import error, fronted, handled
from tests.mutants import mutant_server
from tests.running import FORBIDDEN, KEY, application, server


def test_another_query_is_told_as_it_was_sent(against: Any) -> None:
    """Whatever else is sent otherwise has no part in it, nor has the invoice."""

    def render(payload: Json) -> Json:
        return (
            {**VALID.render(payload), "remarks": "query"} if queries[-1] else VALID.render(payload)
        )

    queries: list[str] = []

    async def read(request: Any) -> bytes:
        queries.append(request.query_params.get("remarks", ""))
        return await VALID.read(request)

    with against(render=render, read=read) as asking:
        how = {"query": "page=2&remarks=query", "headers": (("Accept", None),)}
        asking.ask(invoice(remarks="Mine"), "an unknown query", **how)
        row = asking.only
        assert row["requirement"] == "201.data.remarks.echo"
        assert row["accepted"] == "the plain invoice"
        assert row["refused"] == "the same with the query remarks=query"


def test_a_header_field_and_a_text_that_take_each_other_are_told_both(against: Any) -> None:
    """Neither is wrong without the other one."""

    def check_media_type(headers: Any) -> None:
        charsets.append(headers.get("accept-charset", ""))

    charsets: list[str] = []

    def render(payload: Json) -> Json:
        name, data = payload["remarks"], VALID.render(payload)
        return {**data, "remarks": name.replace("é", "?")} if charsets[-1] else data

    with against(check_media_type=check_media_type, render=render) as asking:
        headers = (("Accept-Charset", "iso-8859-1"), ("Accept-Language", "fr"))
        asking.ask(invoice(remarks="Café"), "an edge", headers=headers)
        assert asking.only["refused"] == (
            'the same with a header field Accept-Charset and remarks "é"'
        )


def test_a_way_of_sending_is_told_by_what_is_sent_otherwise(against: Any) -> None:
    """Nothing of the invoice is to blame for it."""

    def check_media_type(headers: Any) -> None:
        if "charset" in headers["content-type"]:
            raise Refusal(415, "Unsupported Media Type")

    with against(check_media_type=check_media_type) as asking:
        headers = (("Content-Type", "application/json; charset=utf-8"),)
        less = {name: value for name, value in invoice().items() if name != "order_id"}
        asking.ask(less, "without an order", headers=headers)
        asking.ask(invoice(), "with a charset", headers=headers)
        row = asking.only
        assert row["difference"] == "Content-Type: application/json; charset=utf-8"
        assert row["requirement"] == "requestBody.mediaType"
        assert {*row["also"]} == {"201.status", "4xx.status"}


def test_how_a_connection_is_to_be_kept_is_told_in_words(against: Any) -> None:
    """To close it is to blame, and any other word is answered well."""

    def check_media_type(headers: Any) -> None:
        if headers.get("connection") == "close":
            raise Refusal(400, "Bad Request")

    with against(check_media_type=check_media_type) as asking:
        for word in ("keep-alive", "close"):
            asking.ask(invoice(), f"to {word}", headers=(("Connection", word),))
        row = asking.only
    assert row["refused"] == "the same with Connection: close"


def test_a_way_of_sending_is_told_with_or_without_the_key(tmp_path: Path) -> None:
    """Where no key is due first, the same answer is wrong in another way."""

    def picky(app: ASGIApp) -> ASGIApp:
        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            several = b"," in dict(scope.get("headers", ())).get(b"accept", b"")
            await (error(406) if several else app)(scope, receive, send)

        return answered

    about = CONTRACT.named("request.accept")
    headers = (("Accept", "text/plain, */*"),)
    with application() as app, serving(picky(app)) as url, asking_of(url, tmp_path) as asking:
        for key in (None, KEY):
            exchange = asking.client.send(encode(invoice()), headers=headers, key=key)
            verdict = asking.oracle.judge(exchange, about)
            asking.found.explain(asking.client, verdict, f"several media types, {key}")
        row = asking.only
    assert (row["requirement"], row["difference"]) == ("request.accept", "Accept: text/plain, */*")
    assert row["shows"] == "each time"


@pytest.mark.parametrize(
    ("compared", "wrong", "called"),
    [
        (
            lambda key: key.replace("-", "").replace("_", ""),
            KEY[:9] + KEY[9:].replace("-", "_"),
            "the key without its dashes",
        ),
        (str.lower, KEY[:-1] + KEY[-1].upper(), "the key in another letter case"),
        (
            lambda key: key[:12],
            KEY[:15] + "?" + KEY[16:],
            "only the first 12 characters of the key right",
        ),
        (lambda key: key[:12], KEY + "x", "only the first 12 characters of the key right"),
        (lambda key: key[: len(KEY)], KEY + ", another", "the key and more"),
        (lambda key: key[-9:], KEY[:5] + "?" + KEY[6:], "only character 6 of the key wrong"),
        (len, "?" * len(KEY), "a wrong key of the right length"),
        (bool, KEY[:-1], "a wrong key"),
    ],
)
def test_a_wrong_key_is_told_by_what_it_is(
    tmp_path: Path, compared: Callable[[str], Any], wrong: str, called: str
) -> None:
    """However else it was sent, which has no part in it."""

    def authenticate(headers: Any, _: Any) -> None:
        if compared(headers.get("x-api-key", "")) != compared(KEY):
            raise Refusal(401, "Unauthorized")

    with (
        server(replace(VALID, authenticate=authenticate)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        headers = (("Accept", None), ("Accept-Language", "fr"))
        asking.ask(invoice(remarks="x"), "a wrong key, no Accept", key=wrong, headers=headers)
        row = asking.only
    assert (row["requirement"], row["refused"]) == ("security.key", f"the same with {called}")
    assert row["accepted"] == "the plain invoice"  # which is let in as well


@pytest.mark.parametrize("status", [201, 401])
def test_the_key_without_the_right_is_told_as_that_and_not_as_a_wrong_one(
    tmp_path: Path, status: int
) -> None:
    """A wrong key is refused as it should be."""

    def authenticate(headers: Any, store: Any) -> None:
        if headers.get("x-api-key") != FORBIDDEN:
            VALID.authenticate(headers, store)
        elif status != 201:
            raise Refusal(status, "Unauthorized")

    facts = replace(ORDERS, forbidden_key=FORBIDDEN)
    with (
        server(replace(VALID, authenticate=authenticate)) as url,
        asking_of(url, tmp_path, facts=facts) as asking,
    ):
        asking.ask(invoice(remarks="x"), "without the right", key=FORBIDDEN)
        row = asking.only
    assert row["requirement"] == "security.right"
    assert row["refused"] == "the same with the key without the right"


def test_two_kinds_of_keys_that_are_taken_are_two_findings(against: Any) -> None:
    """Each has all keys of its kind, and what is answered to those who are let in."""

    def authenticate(headers: Any, _: Any) -> None:
        sent = headers.get("x-api-key", "")
        if not sent.startswith(KEY) and sent.lower() != KEY.lower():
            raise Refusal(401, "Unauthorized")

    others = (KEY + "x", KEY.upper(), KEY + ", b", KEY[:-1] + KEY[-1].upper(), f"{KEY},{KEY}")
    with against(authenticate=authenticate) as asking:
        for key in others:
            asking.ask(invoice(), "a wrong key", key=key)
            left = asking.found.questions.left
        asking.ask(invoice(paid_amount="x"), "a wrong key, an invalid invoice", key=KEY.upper())
        assert asking.found.questions.left == left
        told = {row["refused"] for row in asking.rows}
    assert told == {
        "the same with the key and more",
        "the same with the key in another letter case",
    }


def test_a_key_that_is_needed_but_for_a_way_of_sending_is_told_with_it(against: Any) -> None:
    """And with nothing else that was sent otherwise."""

    def authenticate(headers: Any, store: Any) -> None:
        if "accept-language" not in headers:
            VALID.authenticate(headers, store)

    with against(authenticate=authenticate) as asking:
        headers = (("Accept-Language", "fr"), ("Accept", None))
        asking.ask(invoice(), "no key, in French", key=None, headers=headers)
        told = "the same with no key and a header field Accept-Language"
        assert asking.only["refused"] == told


@pytest.mark.parametrize(
    ("most", "size", "told"),
    [(4096, 5000, " of 5000 characters"), (0, 5000, ""), (0, 9, "")],
)
def test_a_header_field_is_told_with_its_length_where_that_is_to_blame(
    against: Any, most: int, size: int, told: str
) -> None:
    """A shorter one with the same name is tried: where it is refused as well, its name says all."""

    def authenticate(headers: Any, store: Any) -> None:
        if len(headers.get("cookie", "")) > most:
            raise Refusal(431, "Request Header Fields Too Large")
        VALID.authenticate(headers, store)

    with against(authenticate=authenticate) as asking:
        headers = (("Cookie", "a=" + "b" * (size - 2)), ("Accept-Language", "fr"))
        asking.ask(invoice(), "a cookie", headers=headers)
        assert asking.only["refused"] == f"the same with a header field Cookie{told}"


def test_a_wrong_key_that_is_taken_in_chunks_is_told_with_them(against: Any) -> None:
    """Any wrong key is, so none is told by what it is like."""

    def authenticate(headers: Any, store: Any) -> None:
        if "transfer-encoding" not in headers:
            VALID.authenticate(headers, store)

    with against(authenticate=authenticate) as asking:
        how = {"key": KEY.replace("-", ""), "headers": (("Accept", None),), "chunked": True}
        asking.ask(invoice(), "the key without its dashes, in chunks", **how)
        told = "the same with a wrong key and Transfer-Encoding: chunked"
        assert asking.only["refused"] == told


@pytest.mark.parametrize(
    ("starts", "told"),
    [
        (lambda body: body[:1] in b" \n", "a blank before it"),
        (lambda body: b"\n" in body.partition(b"{")[0], "a line break before it"),
        (lambda body: body[-1:] == b"\n", "a line break after it"),
        (lambda body: body.strip()[1:2] == b"\t", "a tab after its first bracket"),
    ],
)
def test_a_blank_that_a_body_is_refused_for_is_told_alone(
    tmp_path: Path, starts: Callable[[bytes], bool], told: str
) -> None:
    """Of a body with blanks everywhere, where JSON may have them."""
    body = b" \n" + encode(invoice()).replace(b"{", b"{\t").replace(b",", b" , ") + b"\t\n"
    refusing = fronted(lambda _, sent: error(400) if starts(sent) else None)
    with refusing as url, asking_of(url, tmp_path) as asking:
        asking.ask(body, "white space everywhere")
        row = asking.only
    assert row["refused"] == f"the plain invoice with {told}"


@pytest.mark.parametrize("refused", ["format", "$top", "page"])
def test_one_of_many_parts_of_a_query_is_told(tmp_path: Path, refused: str) -> None:
    """It takes a few requests, so that there is one finding for valid and invalid invoices."""

    def routed(app: ASGIApp) -> ASGIApp:
        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            names = parse_qs(scope.get("query_string", b"").decode())
            await (error(404) if refused in names else app)(scope, receive, send)

        return answered

    about = CONTRACT.named("request.query")
    query = "&".join(f"{name}=1" for name in ("page", *"abcdefghijklmnopqrstuvw", "format", "$top"))
    with application() as app, serving(routed(app)) as url, asking_of(url, tmp_path) as asking:
        for payload in (invoice(remarks=5), invoice(remarks="x")):
            exchange = asking.client.send(encode(payload), query=query, headers=(("Accept", None),))
            verdict = asking.oracle.judge(exchange, about)
            asking.found.explain(asking.client, verdict, "an unknown query")
        row = asking.only
    assert row["refused"] == f"the same with the query {refused}=1"
    assert (row["requirement"], row["category"]) == ("request.query", "Refused valid input")
    assert row["expected"].startswith("201")


def test_an_error_that_is_a_script_for_its_query_alone_is_told_by_it(tmp_path: Path) -> None:
    """There is no plain error of its status to compare it with, but the same without the query."""

    def change(request: StarletteRequest, status: int, body: bytes) -> Response | None:
        name = request.query_params.get("callback")
        script = f"{name}({body.decode()})"
        return Response(script, status, media_type="text/javascript") if name else None

    wrap = answers_otherwise(change)
    with application() as app, serving(wrap(app)) as url, asking_of(url, tmp_path) as asking:
        body = encode(invoice(order_id="ORD-NO-SUCH-ORDER"))
        exchange = asking.client.send(body, query="a=1&callback=read&b=2")
        asking.found.explain(asking.client, asking.oracle.judge(exchange), "an unknown order")
        row = asking.only
    assert row["requirement"] == "4xx.mediaType"
    assert row["difference"] == "an unknown order and the query callback=read"


def test_an_invalid_invoice_that_is_refused_for_its_query_gets_a_wrong_status(
    tmp_path: Path,
) -> None:
    """It was to be refused, so it is no refused valid input."""

    def closed(_: ASGIApp) -> ASGIApp:
        return error(405)

    about = CONTRACT.named("request.query")
    with application() as app, serving(closed(app)) as url, asking_of(url, tmp_path) as asking:
        exchange = asking.client.send(encode(invoice(remarks=5)), query="page=2")
        (violation, *_) = asking.oracle.judge(exchange, about).violations
    assert (violation.requirement, violation.category) == (about, Category.WRONG_STATUS)
    assert violation.expected == "400"


def test_a_length_that_is_too_much_for_a_way_of_sending_is_under_the_status(tmp_path: Path) -> None:
    """Whichever requirement the case was about, and whether or not it is valid."""

    async def read(request: Any) -> bytes:
        body: bytes = await VALID.read(request)
        if len(body) > 20_480 and "charset" in request.headers["content-type"]:
            raise Refusal(413, "Too large")
        return body

    headers = (("Content-Type", "application/json; charset=utf-8"),)
    item = {**invoice()["items"][0], "name": "x" * 250}
    items = [{**item, "reference_id": f"R-{n}-{PLACEHOLDER}"} for n in range(90)]
    with server(replace(VALID, read=read)) as url, asking_of(url, tmp_path) as asking:
        for payload in ({**of_items(items), "remarks": "\u0001"}, of_items(items)):
            exchange = asking.client.send(encode(payload), headers=headers)
            verdict = asking.oracle.judge(exchange, CONTRACT.named("remarks.type"))
            asking.found.explain(asking.client, verdict, "a long one")
        row = asking.only
    assert row["requirement"] == "201.status"


def test_what_takes_several_chunks_is_told_so(against: Any) -> None:
    """Of one chunk the invoice is read whole, so a body in chunks alone is not to blame."""

    async def read(request: Any) -> bytes:
        body: bytes = await VALID.read(request)
        return body[:512] if "transfer-encoding" in request.headers else body

    with against(read=read) as asking:
        asking.ask(invoice(), "in chunks", chunked=True)
        told = "the same with Transfer-Encoding: chunked, in several chunks"
        assert asking.only["refused"] == told


def test_a_first_chunk_that_is_taken_for_the_beginning_is_told_by_its_chunks(
    tmp_path: Path,
) -> None:
    """A server that looks for JSON in no more than that is met with a chunk of one byte."""

    class Sniffing(BaseHTTPRequestHandler):
        protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

        @override
        def log_message(self, *_: Any) -> None:
            """Write nothing."""

        def do_POST(self) -> None:
            first = body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if "transfer-encoding" in self.headers:
                first, *_ = chunks = [*chunks_in(self.rfile)]
                body = b"".join(chunks)
            sent = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
            answer = call(app, "POST", self.path, sent, body if first[2:] else b"?")
            self.wfile.write(head(answer) + answer.body)

    with application() as app, handled(Sniffing) as url, asking_of(url, tmp_path) as asking:
        asking.ask(invoice(), "in chunks", chunked=True)
        row = asking.only
    assert row["refused"] == "the same with Transfer-Encoding: chunked, in several chunks"


@pytest.mark.parametrize(
    ("refused", "works", "told"),
    [
        (
            lambda size, _: b";" in size,
            "the plain invoice with Transfer-Encoding: chunked",
            "an extension after the size of a chunk",
        ),
        (
            lambda _, length: length > 6000,
            "the plain invoice",
            "Transfer-Encoding: chunked and a body of 6001 bytes, mostly blanks",
        ),
    ],
)
def test_how_chunks_are_written_is_told_where_it_is_to_blame(
    refused: Callable[[bytes, int], bool], works: str, told: str, tmp_path: Path
) -> None:
    """And not the length of the body, by which that is chosen; nor that, where length counts."""

    class Choosy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body, wrong = self.rfile.read(int(self.headers.get("content-length", 0))), False
            while "transfer-encoding" in self.headers:
                line = self.rfile.readline()
                length = int(line.partition(b";")[0], 16)
                body += self.rfile.read(length)
                wrong |= refused(line, len(body))
                if not self.rfile.readline().strip() and not length:
                    break
            sent = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
            answer = call(app, "POST", self.path, sent, b"?" if wrong else body)
            self.wfile.write(head(answer) + answer.body)

    with application() as app, handled(Choosy) as url, asking_of(url, tmp_path) as asking:
        body, more = encode(invoice()).ljust(8010), (("X-Request-ID", "1"),)
        asking.ask(body, "in chunks", headers=more, chunked=True)
        row = asking.only
    assert (row["accepted"], row["refused"]) == (works, f"the same with {told}")


def test_a_url_in_the_request_line_is_told_beside_what_else_is_in_chunks(tmp_path: Path) -> None:
    """It alone is to blame: what is in chunks as well has its answer."""

    class Strict(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length", 0))
            body = b"".join(chunks_in(self.rfile)) if not size else self.rfile.read(size)
            sent = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
            path = self.path if self.path.startswith("/") else "/unknown"
            answer = call(app, "POST", path, sent, body)
            self.wfile.write(head(answer) + answer.body)

    with application() as app, handled(Strict) as url, asking_of(url, tmp_path) as asking:
        body = encode(invoice())
        asking.ask(body.ljust(len(body) // 16 * 16 + 29), "in chunks", chunked=True)
        row = asking.only
    assert row["accepted"] == "the plain invoice with Transfer-Encoding: chunked"
    assert row["refused"] == "the same with all of the URL in the request line"


def test_a_key_beyond_ascii_is_told_by_that_alone(against: Any) -> None:
    """Whatever else it is, such as a blank; the plainest such key is shown."""

    def authenticate(headers: Any, store: Any) -> None:
        if not headers.get("x-api-key", "").isascii():
            raise Refusal(500, "Internal Server Error")
        VALID.authenticate(headers, store)

    with against(authenticate=authenticate) as asking:
        blank = asking.ask(invoice(), "a blank key", key="\u00a0 \u00a0")
        asking.ask(invoice(), "a word", key="ключ")
        row = asking.only
    assert row["accepted"] == "the plain invoice with a wrong key"
    assert row["refused"] == "the same with a key beyond ASCII"
    assert blank.exchange.request.header("x-api-key") == "a-wrong-key-é"


def test_a_parameter_of_the_media_type_is_told_in_its_plainest_spelling(against: Any) -> None:
    """Neither its blanks nor its capitals have a part in it."""

    def check_media_type(headers: Any) -> None:
        if headers["content-type"] != "application/json":
            raise Refusal(415, "Unsupported Media Type")

    with against(check_media_type=check_media_type) as asking:
        headers = (("Content-Type", 'Application/json ;Charset="UTF-8"'),)
        asking.ask(invoice(), "with a charset", headers=headers)
        assert asking.only["difference"] == "Content-Type: application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("x-api-key", "Accept"), "the header name x-api-key"),
        (("x-api-key", "ACCEPT"), "header names in another letter case"),
    ],
)
def test_a_name_of_a_header_field_in_another_letter_case_is_told_if_it_is_one(
    names: tuple[str, ...], told: str
) -> None:
    """Its value is not, as it may be a key."""
    usual, sent = (
        Request("POST", "/", tuple((name, "secret") for name in fields), b"")
        for fields in (("X-API-Key", "Accept"), names)
    )
    assert ways_text(ways_of((), usual, sent), usual, sent) == [told]


@pytest.mark.parametrize("about", [None, "security.key"])
def test_a_key_that_is_not_found_in_small_letters_is_filed_under_the_key(
    tmp_path: Path, about: str | None
) -> None:
    """Whichever test met it: the difference is the name of the field that has the key."""
    requirement = CONTRACT.named(about) if about else None
    with (
        mutant_server(wire=lambda piece: piece.replace(b"x-api-key:", b"x-other:")) as url,
        asking_of(url, tmp_path) as asking,
    ):
        headers = (("x-api-key", KEY), ("accept", "application/json"))
        sent = asking.client.send(encode(invoice()), headers=headers)
        asking.found.explain(asking.client, asking.oracle.judge(sent, requirement), "small letters")
        row = asking.only
    assert (row["requirement"], row["difference"]) == ("security.key", "the header name x-api-key")


def test_chunks_are_one_way_in_whatever_letter_case_their_field_is_named(against: Any) -> None:
    """So it is one finding with one id, whichever case shows it first."""

    def check_media_type(headers: Any) -> None:
        if headers.get("transfer-encoding"):
            raise Refusal(400, "Bad Request")

    with against(check_media_type=check_media_type) as asking:
        headers = (("transfer-encoding", "chunked"), ("accept", "application/json"))
        asking.ask(invoice(), "small letters", headers=headers)
        assert asking.only["difference"] == "Transfer-Encoding: chunked"


def test_what_is_expected_is_told_of_the_request_that_is_told(against: Any) -> None:
    """Only what was sent in chunks may be refused for its unknown length."""

    def check_query(query: Any) -> None:
        if query:
            raise Refusal(404, "Not Found")

    async def read(request: Any) -> bytes:
        check_query(request.query_params)
        return await VALID.read(request)

    with against(read=read) as asking:
        asking.ask(invoice(remarks="Mine"), "in chunks", query="page=2", chunked=True)
        row = asking.only
    assert (row["refused"], row["expected"]) == ("the same with the query page=2", "201")


def test_a_key_that_is_too_long_is_told_by_the_fewest_characters(against: Any) -> None:
    """Whatever they are; shorter ones are refused as they should be."""

    def authenticate(headers: Any, store: Any) -> None:
        if len(headers.get("x-api-key", "")) > 128:
            raise Refusal(500, "Internal Server Error")
        VALID.authenticate(headers, store)

    with against(authenticate=authenticate) as asking:
        for name, key in (("a key of 4 KiB", "k" * 4096), ("the key, many times", KEY * 20)):
            asking.ask(invoice(), name, key=key)
        row = asking.only
    assert row["refused"] == "the same with a key of 129 characters"
    assert row["difference"] == "a key of 129 characters"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (SHAPES["a UUID"], "a UUID for a key"),
        (f"b{KEY[1:]}", "only the first character wrong in the key"),
        ("null", "the word null for a key"),
        (f'"{KEY}"', "the key in quotes"),
    ],
)
def test_a_key_that_is_told_by_its_shape_is_called_a_key(against: Any, key: str, told: str) -> None:
    """What a UUID is, for instance, nobody could tell otherwise."""

    def authenticate(headers: Any, store: Any) -> None:
        if headers.get("x-api-key") == key:
            raise Refusal(500, "INTERNAL_ERROR")
        VALID.authenticate(headers, store)

    with against(authenticate=authenticate) as asking:
        asking.ask(invoice(), "a case of a key", key=key)
        assert asking.only["refused"] == f"the same with {told}"


def test_what_is_no_invoice_is_told_with_no_more_of_how_it_is_sent_than_matters(
    against: Any,
) -> None:
    """Each chunk is decoded by itself, and what is no UTF-8 is replaced."""

    async def read(request: Any) -> bytes:
        body: bytes = await VALID.read(request)
        is_cut = "transfer-encoding" in request.headers
        return body.decode(errors="replace").encode() if is_cut else body

    fields = (("Accept", None), ("Content-Type", "APPLICATION/JSON"), ("Accept-Language", "fr"))
    body = encode(invoice(remarks="@")).replace(b"@", b"caf\xe9")
    with against(read=read) as asking:
        asking.ask(body, "Latin-1", headers=fields, chunked=True)
        row = asking.only
        assert row["difference"] == "Latin-1 and Transfer-Encoding: chunked"


def test_of_many_header_fields_the_two_are_told_that_let_in_without_a_key(against: Any) -> None:
    """Each of the others is left out, which takes more requests than one finding is given."""
    sent = {
        "User-Agent": "Mozilla/5.0",
        "X-Forwarded-For": "127.0.0.1",
        "X-Real-IP": "127.0.0.1",
        "Accept-Language": "de",
        "X-Internal": "1",
        "Referer": "http://localhost/",
        "Forwarded": "for=127.0.0.1",
        "Via": "1.1 a",
    }

    def authenticate(headers: Any, store: Any) -> None:
        trusted = "x-internal" in headers and "Mozilla" in headers.get("user-agent", "")
        if not trusted or "x-api-key" in headers:
            VALID.authenticate(headers, store)

    with against(authenticate=authenticate) as asking:
        asking.ask(invoice(), "no key", headers=tuple(sent.items()), key=None)
        row = asking.only
    words = "no key and User-Agent: Mozilla/5.0 and a header field X-Internal"
    assert (row["requirement"], row["difference"]) == ("security.key", words)


def test_a_media_type_is_told_and_not_the_body_that_was_sent_with_it(against: Any) -> None:
    """The plain invoice shows it as well."""

    def check_media_type(headers: Any) -> None:
        if "json" not in headers["content-type"]:
            raise Refusal(500, "Something went wrong.")

    form = "application/x-www-form-urlencoded"
    with against(check_media_type=check_media_type) as asking:
        headers = (("Content-Type", form),)
        asking.ask(b"reference_id=R-1", f"a form, sent as {form}", headers=headers)
        row = asking.only
    assert row["accepted"] == "the plain invoice"
    assert row["refused"] == f"the same with Content-Type: {form}"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("Cookie", "", "a header field Cookie that is empty"),
        ("traceparent", "none", "a header field traceparent: none"),
        ("Accept-Language", "*", "a header field Accept-Language: *"),
        ("X-Request-ID", f"{uuid5(NAMESPACE_OID, 'a')}", "a header field X-Request-ID"),
    ],
)
def test_the_value_of_a_header_field_is_told_where_a_plain_one_is_taken(
    against: Any, name: str, value: str, told: str
) -> None:
    """A value that is new each time is not."""

    def check_media_type(headers: Any) -> None:
        if headers.get(name) == value:
            raise Refusal(500, "Internal Server Error")

    with against(check_media_type=check_media_type) as asking:
        asking.ask(invoice(), "with a field", headers=((name, value),))
        row = asking.only
    assert row["refused"] == f"the same with {told}"


def test_the_value_of_a_header_field_is_not_told_where_any_one_is_refused(against: Any) -> None:
    """What it is told by is then the same in each run."""

    def check_media_type(headers: Any) -> None:
        if "cookie" in headers:
            raise Refusal(500, "Internal Server Error")

    with against(check_media_type=check_media_type) as asking:
        asking.ask(invoice(), "with a cookie", headers=(("Cookie", "session=b"),))
        row = asking.only
    assert row["refused"] == "the same with a header field Cookie"
