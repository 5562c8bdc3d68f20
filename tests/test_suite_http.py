"""The suite of HTTP fails servers that mind how the same invoice is encoded or sent."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference.refusal import Refusal
from reference.service import Steps
from tests.mutants import Change, Layer, Rewrite, broken, failed, found, mutant_server, suite
from tests.reference_process import encoded

PLACE = "suites/test_http.py"
VALID = Steps()
REFUSED = {"201.status"}
FIELDS, ACCEPT, QUERY = {"request.fields"}, {"request.accept"}, {"request.query"}
ESCAPES = {"all beyond ASCII escaped", "every character escaped"}


def _refusing(wrong: Callable[[bytes], object]) -> Change:
    """Refuses the bodies of which this is true."""

    def parse(body: bytes) -> Any:
        if wrong(body):
            raise Refusal(400, "This encoding is not known here.")
        return VALID.parse(body)

    return lambda steps: replace(steps, parse=parse)


def _pairs_apart(steps: Steps) -> Steps:
    """Takes the two halves of an escaped surrogate pair for a character each."""

    def parse(body: bytes) -> Any:
        return VALID.parse(re.sub(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", b"?", body))

    return replace(steps, parse=parse)


def _exact_media_type(steps: Steps) -> Steps:
    """Compares the header's value with the media type, letter by letter."""

    def check(headers: Headers) -> None:
        if headers.get("content-type") != "application/json":
            raise Refusal(415, "The media type must be application/json.")

    return replace(steps, check_media_type=check)


def _answering(status: int, asked: Callable[[Headers], bool]) -> Layer:
    """Answers itself where this is true of a request's headers."""

    def layer(app: ASGIApp) -> ASGIApp:
        async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
            refusal = VALID.respond(status, {"code": "E", "message": "Not so."})
            await (refusal if asked(Headers(scope=scope)) else app)(scope, receive, send)

        return refusing

    return layer


def _negotiating(app: ASGIApp) -> ASGIApp:
    """Answers an error with a page unless JSON is asked for by its name."""

    async def negotiated(scope: Scope, receive: Receive, send: Send) -> None:
        page = "application/json" not in Headers(scope=scope).get("accept", "")
        replaced: list[bool] = []

        async def sending(message: Message) -> None:
            if message.get("status", 0) >= 400 and page:
                replaced.append(True)
                await PlainTextResponse("Error", message["status"])(scope, receive, send)
            elif not replaced:
                await send(message)

        await app(scope, receive, sending)

    return negotiated


def _localised(steps: Steps) -> Steps:
    """Writes amounts for the language of the caller."""
    asked: list[str] = [""]

    def check(headers: Headers) -> None:
        asked[0] = headers.get("accept-language", "")
        VALID.check_media_type(headers)

    def render(payload: Any) -> dict[str, Any]:
        data = VALID.render(payload)
        if asked[0]:
            data["paid_amount"] = str(data["paid_amount"]).replace(".", ",")
        return data

    return replace(steps, check_media_type=check, render=render)


def _without_queries(app: ASGIApp) -> ASGIApp:
    """Knows the address only as the document writes it."""

    async def exact(scope: Scope, receive: Receive, send: Send) -> None:
        refusal = VALID.respond(404, {"code": "E", "message": "Nothing is here."})
        await (refusal if scope["query_string"] else app)(scope, receive, send)

    return exact


def _deaf_to_methods(app: ASGIApp) -> ASGIApp:
    """Creates whatever the method."""

    async def posted(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "method": "POST"}, receive, send)

    return posted


ACCEPTS = {
    "the Accept of axios",
    "the Accept of a browser",
    "an Accept with weights",
    "an Accept of a range",
}

CAUGHT: dict[str, tuple[Change | None, Layer | None, set[str], set[str]]] = {
    "white space": (
        _refusing(lambda body: not body.startswith(b"{")),
        None,
        REFUSED,
        {"white space everywhere"},
    ),
    "order": (
        _refusing(lambda body: not re.match(rb'\s*{\s*"(reference_id|\\u0072)', body)),
        None,
        REFUSED,
        {"properties in reverse order", "properties in the order of the alphabet"},
    ),
    "surrogate pairs": (_pairs_apart, None, {"201.data.remarks.echo"}, ESCAPES),
    "exponents": (
        _refusing(lambda body: re.search(rb":[0-9.]+[eE]", body)),
        None,
        {"total_amount.type"},
        {"amounts with an exponent", "amounts with a negative exponent"},
    ),
    "media type": (
        _exact_media_type,
        None,
        {"201.status", "4xx.status", "requestBody.mediaType", "request.fields"},
        {"charset=utf-8", 'charset="UTF-8" in quotes', "Application/JSON"},
    ),
    "chunks": (
        None,
        _answering(400, lambda headers: "content-length" not in headers),
        {"201.status", "4xx.details.names", "request.fields"},
        {"in chunks"},
    ),
    "long bodies": (
        None,
        _answering(413, lambda headers: int(headers.get("content-length", 0)) > 16 * 1024),
        {"201.status", "4xx.status"},
        {"padded to 63 KiB"},
    ),
    "Expect": (
        None,
        _answering(417, lambda headers: "expect" in headers),
        {"201.status", "4xx.status"},
        {"Expect: 100-continue"},
    ),
    "Accept": (
        None,
        _answering(406, lambda headers: headers.get("accept") != "application/json"),
        {"201.status", "4xx.status", *ACCEPT},
        {"no Accept", "Accept: */*", *ACCEPTS},
    ),
    "pages": (
        None,
        _negotiating,
        {"4xx.mediaType", "4xx.json", "4xx.allow"},
        {"no Accept", "Accept: */*", *ACCEPTS - {"the Accept of axios"}},
    ),
    "languages": (
        _localised,
        None,
        {"201.data.paid_amount.type"},
        {"Accept-Language"},
    ),
    "crash on a field": (
        None,
        _answering(500, lambda headers: "traceparent" in headers),
        {"201.status", "due_date.required"},
        {"traceparent"},
    ),
    "methods": (None, _deaf_to_methods, {"request.method"}, {"PUT", "PATCH", "DELETE"}),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_server_that_minds_how_an_invoice_is_written_or_sent_is_caught(name: str) -> None:
    """Each way that it gets wrong is a case that fails."""
    change, layer, requirements, cases = CAUGHT[name]
    with mutant_server(change, layer) as url:
        result = suite(url, place=PLACE)
    assert result.status == 1
    assert failed(result) >= cases
    assert set() < found(result) <= requirements


def _small(piece: bytes) -> bytes:
    """Takes a media type whose name is in small letters for none of the document's."""
    return piece.replace(b"\r\ncontent-type:", b"\r\nContent-Type: none\r\nx-unknown:")


def _query_first(steps: Steps) -> Steps:
    """Puts query and body together, as frameworks do that call both parameters."""

    async def read(request: Request) -> bytes:
        body = await VALID.read(request)
        query = dict(request.query_params)
        return encoded({**json.loads(body), **query}) if query else body

    return replace(steps, read=read)


def test_a_server_that_reads_properties_from_the_query_is_caught() -> None:
    """The value in the body is the one that counts."""
    with mutant_server(_query_first) as url:
        result = suite(url, "-k", "sent_otherwise", place=PLACE)
    assert (result.status, broken(result)) == (1, {"request.query", "due_date.required"})
    assert "an unknown query" in {case.partition(" (")[0] for case in failed(result)}


CHOOSY: dict[str, tuple[Layer | None, Rewrite | None, set[str], set[str]]] = {
    "Accept": (
        _answering(406, lambda headers: "," in headers.get("accept", "")),
        None,
        ACCEPT,
        ACCEPTS - {"an Accept of a range"},
    ),
    "ranges": (
        _answering(406, lambda headers: headers.get("accept") == "application/*"),
        None,
        ACCEPT,
        {"an Accept of a range"},
    ),
    "long fields": (
        _answering(431, lambda headers: len(headers.get("cookie", "")) > 1024),
        None,
        FIELDS,
        {"the fields of a browser"},
    ),
    "request ids": (
        _answering(403, lambda headers: len(headers.get("x-request-id", 36 * "0")) < 36),
        None,
        FIELDS,
        {"the fields of a proxy"},
    ),
    "ranges of bytes": (
        _answering(416, lambda headers: "range" in headers),
        None,
        FIELDS,
        {"fields for other methods"},
    ),
    "closing": (
        _answering(403, lambda headers: headers.get("connection") == "close"),
        None,
        FIELDS,
        {"Connection: close"},
    ),
    "names": (None, _small, FIELDS, {"names in small letters"}),
    "User-Agent": (
        _answering(403, lambda headers: "user-agent" not in headers),
        None,
        FIELDS,
        {"no User-Agent"},
    ),
    "a firewall": (
        _answering(403, lambda headers: headers.get("user-agent", "").startswith("curl")),
        None,
        FIELDS,
        {"the User-Agent of curl"},
    ),
    "unknown fields": (
        _answering(400, lambda headers: "traceparent" in headers or "sec-fetch-mode" in headers),
        None,
        {*FIELDS, "4xx.details.names"},
        {"traceparent", "the fields of a browser"},
    ),
    "queries": (_without_queries, None, QUERY, {"an unknown query"}),
}


@pytest.mark.parametrize("name", CHOOSY)
def test_a_server_that_is_choosy_about_its_clients_breaks_a_should(name: str) -> None:
    """HTTP allows it to refuse them, so nothing that must hold is broken."""
    layer, wire, requirements, cases = CHOOSY[name]
    with mutant_server(layer=layer, wire=wire) as url:
        result = suite(url, "-k", "otherwise", place=PLACE)
        must = suite(url, "-k", "an_invoice_sent_otherwise", "--level", "must", place=PLACE)
    assert (result.status, must.status) == (1, 0)
    assert failed(result) >= cases
    assert set() < found(result) <= requirements


def test_other_methods_are_not_sent_to_a_server_elsewhere() -> None:
    """One that would obey hears of none: this address is the same server, but no loopback one."""
    with mutant_server(layer=_deaf_to_methods) as url:
        there = url.replace("127.0.0.1", "0.0.0.0")  # noqa: S104 # not bound
        result = suite(there, "--allow-http", "0.0.0.0", place=PLACE)  # noqa: S104 # not bound
    assert (result.status, broken(result)) == (0, set())
    assert re.search(r"SKIPPED \[\d+\]", result.output)
    assert "not sent to a live server, which might obey" in result.output


def test_a_server_that_closes_each_connection_is_left_alone() -> None:
    """So are other spellings of the answer, and a 405 that is plain text."""

    def respond(status: int, answer: Any) -> Response:
        if status == 405:
            return PlainTextResponse("Method Not Allowed", 405, {"connection": "close"})
        text = json.dumps(answer, indent=2, sort_keys=True)
        return Response(
            text, status, {"connection": "close"}, media_type="application/json; charset=utf-8"
        )

    with mutant_server(lambda steps: replace(steps, respond=respond)) as url:
        result = suite(url, place=PLACE)
    assert (result.status, broken(result)) == (0, set())
