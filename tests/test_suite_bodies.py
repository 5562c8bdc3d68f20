"""The suite of bodies catches servers that take for an invoice what is none, or break on it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response

from reference.refusal import Refusal
from reference.service import Steps
from strategies.bodies import non_invoices
from tests.invoices import CONTRACT, KNOWN_ORDERS
from tests.mutants import Change, broken, failed, mutant_server, suite
from tests.reference_process import encoded, invoice

PLACE = "suites/test_bodies.py"
VALID = Steps()


def _mending(mend: Callable[[bytes], bytes]) -> Change:
    """Mends a body before it is read, as a reader that minds less would."""
    return lambda steps: replace(steps, parse=lambda body: VALID.parse(mend(body)))


def _first_value(body: bytes) -> bytes:
    """What a decoder reads that stops after one value, such as Go's."""
    text = body.decode(errors="surrogateescape")
    try:
        end = json.JSONDecoder().raw_decode(text)[1]
    except (ValueError, RecursionError):
        return body
    return text[:end].encode(errors="surrogateescape")


def _as_javascript(body: bytes) -> bytes:
    """Trailing commas, comments, single quotes, bare names and a plus: JSON5."""
    body = body.replace(b"'", b'"').replace(b":+", b":")
    body = re.sub(rb'/\*.*?\*/|//[^"\n]*$', b"", body, flags=re.MULTILINE)
    body = re.sub(rb",\s*([]}])", rb"\1", body)
    return re.sub(rb"([{,])(\w+):", rb'\1"\2":', body)


def _in_any_encoding(body: bytes) -> bytes:
    """UTF-16 as Python's reader finds them out, and U+FFFD for what is no UTF-8."""
    try:
        return body.decode(json.detect_encoding(body), errors="replace").encode()
    except UnicodeError:
        return body


def _unwrapped(body: bytes) -> bytes:
    """The element of an array of one."""
    return body[1:-1] if body.startswith(b"[{") else body


def _filled(body: bytes) -> bytes:
    """A draft of an invoice where there is none."""
    return body if body.strip() not in (b"", b"null") else encoded(invoice(order_id="ORD-1"))


def _by_its_start(steps: Steps) -> Steps:
    """Looks only at how the media type begins."""

    def check(headers: Headers) -> None:
        if not headers.get("content-type", "").startswith(("application/json", "text/")):
            VALID.check_media_type(headers)

    return replace(steps, check_media_type=check)


def _recursive(steps: Steps) -> Steps:
    """Recurses with its input and falls over."""

    def parse(body: bytes) -> Any:
        if body.count(b"[") > 1000:
            raise RuntimeError
        return VALID.parse(body)

    return replace(steps, parse=parse)


def _page(steps: Steps) -> Steps:
    """Leaves it to a framework, and its page, to refuse what is no JSON."""

    def respond(status: int, answer: Any) -> Response:
        if "not JSON" in answer.get("message", ""):
            return HTMLResponse("<h1>Bad Request</h1>", 400)
        return VALID.respond(status, answer)

    return replace(steps, respond=respond)


def _with_tabs(body: bytes) -> bytes:
    """Takes a raw tab in remarks for a space, as a text area sends it."""
    return re.sub(rb'("remarks":"[^"]*)\t', rb"\1 ", body)


def _named(*starts: str) -> set[str]:
    """The cases whose names begin so: one fault in several places."""
    names = {case.name for case in non_invoices(CONTRACT, KNOWN_ORDERS)}
    found = {name for name in names if name.startswith(starts)}
    assert len(found) >= len(starts)
    return found


CAUGHT: dict[str, tuple[Change, set[str], set[str]]] = {
    "one value": (
        _mending(_first_value),
        {"requestBody.json"},
        {
            "a letter after the end",
            "a brace after the end",
            "NUL after the end",
            "a second invoice after the end",
            "a second invoice on a line of its own",
            "a comma after the end",
        },
    ),
    "JSON5": (
        _mending(_as_javascript),
        {"requestBody.json"},
        {
            "a comma after the last property",
            "a comma after the last element",
            "single quotes",
            "names without quotes",
            "a comment in slashes and stars",
            "a comment after slashes",
            "a text in single quotes",
            *_named("a plus before", "an escaped single quote in"),
        },
    ),
    "encodings": (
        _mending(_in_any_encoding),
        {"requestBody.utf8"},
        {
            "UTF-16 with a byte order mark",
            "UTF-16, the low byte first",
            "UTF-16, the high byte first",
            "Latin-1",
            *_named("a byte that UTF-8 never has", "a continuation byte alone", "half a character"),
            *_named(
                "an overlong slash",
                "a surrogate in UTF-8",
                "two surrogates in",
                "a character beyond Unicode",
            ),
        },
    ),
    "a tab in one text": (_mending(_with_tabs), {"requestBody.json"}, {"a raw tab in remarks"}),
    "no number for one amount": (
        _mending(lambda body: body.replace(b'"paid_amount":NaN', b'"paid_amount":1')),
        {"requestBody.json"},
        {"NaN for paid_amount"},
    ),
    "arrays": (_mending(_unwrapped), {"body.type"}, {"an array of one invoice"}),
    "drafts": (
        _mending(_filled),
        {"requestBody.required", "body.type"},
        {"no body", "a blank body", "a line break in chunks", "no body in chunks", "null"},
    ),
    "media type": (
        _by_its_start,
        {"requestBody.mediaType"},
        {
            *("text/plain", "application/jsonx"),
            *(
                "text/json; charset=utf-8",
                "text/html;charset=UTF-8",
                'text/plain; x="application/json"',
            ),
            "application/json-patch+json",
        },
    ),
    "recursion": (
        _recursive,
        {"response.status", "body.type"},
        {"100,000 levels in an unknown property", "100,000 levels of arrays alone"},
    ),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_server_that_reads_what_is_no_invoice_is_caught(name: str) -> None:
    """Each body that it takes, or breaks on, is a case that fails, and no other."""
    change, requirements, cases = CAUGHT[name]
    with mutant_server(change) as url:
        result = suite(url, place=PLACE)
    # A case that is sent again has its carrier, or the time, behind its name.
    failing = {case.partition(" (")[0].partition(", time ")[0] for case in failed(result)}
    assert (result.status, broken(result), failing) == (1, requirements, cases)


def test_a_page_instead_of_an_error_is_caught() -> None:
    """A framework's own answer to what is no JSON is no HttpError."""
    with mutant_server(_page) as url:
        result = suite(url, "-k", "cut or comma", place=PLACE)
    assert (result.status, broken(result)) == (1, {"4xx.mediaType", "4xx.json"})


def test_a_server_that_closes_early_on_a_long_body_is_left_alone() -> None:
    """A body of 2 MiB may be cut off without an answer (RFC 9112, section 9.6)."""

    def closing(piece: bytes) -> bytes:
        if piece.count(b"x") > 10_000:
            raise ConnectionAbortedError
        return piece

    with mutant_server(wire=closing) as url:
        result = suite(url, place=PLACE)
    assert (result.status, broken(result)) == (0, set())


def test_a_strict_server_with_a_proxy_in_front_is_left_alone() -> None:
    """400 instead of 415, no invoice without a media type, a page from the proxy for 413."""

    def check(headers: Headers) -> None:
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refusal(400, "The media type must be application/json.")

    def respond(status: int, answer: Any) -> Response:
        if status == 413:
            return HTMLResponse("<h1>413 Request Entity Too Large</h1>", 413)
        return VALID.respond(status, answer)

    with mutant_server(
        lambda steps: replace(steps, check_media_type=check, respond=respond)
    ) as url:
        result = suite(url, place=PLACE)
    assert (result.status, broken(result)) == (0, set())
