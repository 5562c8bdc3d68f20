"""The suite of HTTP catches servers that mind how the same invoice is spelled or sent."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.refusal import Refusal
from reference.service import Steps
from tests.mutants import Change, Layer, mutant_server, broken, failed, suite

PLACE = "suites/test_http.py"
VALID = Steps()
REFUSED = {"201.status"}
ESCAPES = {"all beyond ASCII escaped", "every character escaped"}


def _refusing(wrong: Callable[[bytes], object]) -> Change:
    """Refuses the bodies of which this is true."""

    def parse(body: bytes) -> Any:
        if wrong(body):
            raise Refusal(400, "This spelling is not known here.")
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


def _deaf_to_methods(app: ASGIApp) -> ASGIApp:
    """Creates whatever the method."""

    async def posted(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "method": "POST"}, receive, send)

    return posted


def _one_request_each(app: ASGIApp) -> ASGIApp:
    """Fails with the second request on a connection, and all that follow."""
    seen: Counter[object] = Counter()

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        seen[scope["client"]] += 1
        refusal = VALID.respond(500, {"code": "E", "message": "Out of order."})
        await (app if seen[scope["client"]] == 1 else refusal)(scope, receive, send)

    return counting


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
        REFUSED,
        {"amounts with an exponent", "amounts with a negative exponent"},
    ),
    "media type": (
        _exact_media_type,
        None,
        REFUSED,
        {"charset=utf-8", 'charset="UTF-8" in quotes', "Application/JSON"},
    ),
    "chunks": (
        None,
        _answering(411, lambda headers: "content-length" not in headers),
        REFUSED,
        {"in chunks"},
    ),
    "Expect": (
        None,
        _answering(417, lambda headers: "expect" in headers),
        REFUSED,
        {"Expect: 100-continue"},
    ),
    "Accept": (
        None,
        _answering(406, lambda headers: headers.get("accept") != "application/json"),
        REFUSED,
        {"no Accept", "Accept: */*"},
    ),
    "methods": (None, _deaf_to_methods, {"request.method"}, {"PUT", "PATCH", "DELETE"}),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_server_that_minds_the_spelling_is_caught(name: str) -> None:
    """Each spelling that it gets wrong is a case that fails, and no other."""
    change, layer, requirements, cases = CAUGHT[name]
    with mutant_server(change, layer) as url:
        result = suite(url, place=PLACE)
    assert (result.status, broken(result), failed(result)) == (1, requirements, cases)


def test_a_server_that_fails_on_a_used_connection_is_caught() -> None:
    """What goes wrong with the second request on a connection is found with that connection."""
    with mutant_server(layer=_one_request_each) as url:
        result = suite(url, "-k", "over_any_connection", place=PLACE)
    assert (result.status, broken(result)) == (1, REFUSED)
    assert failed(result) == {"one connection"}


def test_other_methods_are_not_sent_to_a_server_elsewhere() -> None:
    """One that would obey hears of none: this address is the same server, but no loopback one."""
    with mutant_server(layer=_deaf_to_methods) as url:
        result = suite(url.replace("127.0.0.1", "0.0.0.0"), place=PLACE)  # noqa: S104 # not bound
    assert (result.status, broken(result)) == (0, set())
    assert "SKIPPED [3]" in result.output
    assert "a live server might obey" in result.output


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
