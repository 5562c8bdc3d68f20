"""The authentication suite fails servers that let the wrong caller in, or give a key away."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.refusal import Refusal
from reference.service import Steps
from reference.store import Store
from strategies.extras.trust import TRUSTED
from tests.mutants import Change, broken, failed, mutant_server, suite
from tests.running import FORBIDDEN, KEY, Result

PLACE = "suites/test_authentication.py"
VALID = Steps()
USUAL = "x-api-key"
TAKEN = {"security.key", "security.first"}
"""A key taken for right brings a 201 with a valid invoice, and a 400 with any other body."""


def _lacking(result: Result) -> set[str]:
    """In which ways the right key was lacking in the cases that failed, whatever their bodies."""
    return {case.rpartition(", ")[0] for case in failed(result)}


def _taking(find: Callable[[str], bool]) -> Change:
    """Takes each key of which this is true for the right one."""

    def authenticate(headers: Headers, store: Store) -> None:
        if not find(headers.get(USUAL, "")):
            VALID.authenticate(headers, store)

    return lambda steps: replace(steps, authenticate=authenticate)


def _is_nearly_right(key: str) -> bool:
    """Compares only as far as the shorter one goes, in any case, in SQL made by hand."""
    near, right = key.lower(), KEY.lower()
    return key != "" and (right.startswith(near) or near.startswith(right) or "OR '1'='1'" in key)


def _parts(*parts: slice) -> Callable[[str], bool]:
    """Compares keys of the right length, and only in these parts."""

    def is_right(key: str) -> bool:
        return len(key) == len(KEY) and all(key[part] == KEY[part] for part in parts)

    return is_right


def _trusting(asked: Callable[[Headers], object]) -> Change:
    """Needs no key where this is true of a request's headers."""

    def authenticate(headers: Headers, store: Store) -> None:
        if not asked(headers):
            VALID.authenticate(headers, store)

    return lambda steps: replace(steps, authenticate=authenticate)


def _has(name: str, value: str) -> Callable[[Headers], bool]:
    return lambda headers: headers.get(name) == value


def _sent(*ways: str) -> set[str]:
    """The cases of these ways; a wrong key is sent only where the way changes how one is read, and
    not by itself where other requests with one have such an address or program as an extra.
    """
    aside = {"no User-Agent", "traceparent", *TRUSTED}
    keys = {way: ["no key", *([] if way in aside else ["a wrong key"])] for way in ways}
    return {f"{key}, {way}" for way in ways for key in keys[way]}


def _elsewhere(app: ASGIApp) -> ASGIApp:
    """Reads the key from the query, a bearer token or a cookie, too."""

    async def moved(scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        found = parse_qs(scope["query_string"].decode()).get("api_key", [])
        found += [headers.get("authorization", "").removeprefix("Bearer ")]
        cookies = (each.partition("=") for each in headers.get("cookie", "").split("; "))
        found += [value for name, _, value in cookies if name == "api_key"]
        added = [(USUAL.encode(), key.encode()) for key in found if key]
        await app({**scope, "headers": [*scope["headers"], *added]}, receive, send)

    return moved


def _late(steps: Steps) -> Steps:
    """Looks at the key when the body has been found good."""
    seen: list[Headers] = []

    def find_order(payload: Any, store: Store) -> Any:
        VALID.authenticate(seen[-1], store)
        return VALID.find_order(payload, store)

    def later(headers: Headers, _: Store) -> None:
        seen.append(headers)

    return replace(steps, authenticate=later, find_order=find_order)


def _crashing(steps: Steps) -> Steps:
    """Takes every key for UTF-8."""

    def authenticate(headers: Headers, store: Store) -> None:
        headers.get(USUAL, "").encode("latin-1").decode("utf-8")
        VALID.authenticate(headers, store)

    return replace(steps, authenticate=authenticate)


def _telling(steps: Steps) -> Steps:
    """Says which key was refused."""

    def authenticate(headers: Headers, store: Store) -> None:
        try:
            VALID.authenticate(headers, store)
        except Refusal as refusal:
            raise Refusal(refusal.status, f"{headers.get(USUAL)} is refused.") from None

    return replace(steps, authenticate=authenticate)


def _answering(make: Callable[[], Response]) -> Change:
    """Answers a refused key in a way of its own."""

    def respond(status: int, answer: Any) -> Response:
        return make() if status == 401 else VALID.respond(status, answer)

    return lambda steps: replace(steps, respond=respond)


def _page() -> Response:
    return PlainTextResponse("Unauthorized", 401)


@pytest.mark.parametrize(
    ("change", "requirements"),
    [
        (_taking(lambda key: key == FORBIDDEN), {"security.right"}),
        (_late, {"security.first"}),
        (_crashing, {"security.key"}),
        (_telling, {"response.secret"}),
        (_answering(lambda: RedirectResponse("/login")), {"security.key"}),
        (_answering(_page), {"4xx.mediaType", "4xx.json"}),
    ],
    ids=["no right", "late", "crash", "echo", "redirect", "page"],
)
def test_a_server_that_gets_the_key_wrong_is_caught(change: Change, requirements: set[str]) -> None:
    """The suite fails and names the requirement that the server does not keep."""
    with mutant_server(change) as url:
        result = suite(url, place=PLACE)
    assert result.status == 1
    assert set() < broken(result) <= requirements


def test_a_server_that_takes_nearly_the_right_key_is_caught() -> None:
    """Each form that it takes is a case that fails, and no other."""
    with mutant_server(_taking(_is_nearly_right)) as url:
        result = suite(url, "-k", "without_the_right_key", place=PLACE)
    assert result.status == 1
    assert {"security.key"} <= broken(result) <= TAKEN
    assert _lacking(result) == {
        "the key's first half",
        "the key and a letter more",
        "the key in another case",
        "a key of quotes and SQL",
    }


FIRST, MIDDLE, LAST = (f"only the {place} character wrong" for place in ("first", "middle", "last"))
CASE, EXCHANGED = "only the case of a letter wrong", "two characters exchanged"
HALF = "only the first half right"
BEGINS = "a list that begins with the key"
HALF_AND = "the key's first half and "


def _sorted(key: str) -> bool:
    """Adds the characters up, or puts them in order, before it compares."""
    return sorted(key) == sorted(KEY)


def _capital(key: str) -> bool:
    """Does not mind capitals in the prefix of a key."""
    return len(key) == len(KEY) and (key[:8].lower(), key[8:]) == (KEY[:8], KEY[8:])


@pytest.mark.parametrize(
    ("takes", "cases"),
    [
        (_parts(slice(8)), {MIDDLE, LAST, HALF}),
        (_parts(slice(20)), {LAST}),
        (_parts(slice(1, None)), {FIRST, CASE}),
        (_parts(slice(-8, None)), {FIRST, MIDDLE, CASE, EXCHANGED}),
        (_parts(slice(8), slice(-8, None)), {MIDDLE}),
        (_sorted, {EXCHANGED}),
        (_capital, {CASE}),
        (
            lambda key: len(key) > 4 and key != KEY and KEY.endswith(key),
            {"the key's second half", "the key but its first character"},
        ),
        (lambda key: key == KEY[:8], {"the key's first eight characters"}),
        (
            lambda key: key[:8] == KEY[:8] and len(key) >= len(KEY) + 8,
            {
                *("only the first eight characters right", "the key twice"),
                *("the key and many letters", BEGINS),
            },
        ),
        (lambda key: key.endswith("*") and KEY.startswith(key[:-1]), {HALF_AND + "an asterisk"}),
        (
            lambda key: key.endswith(KEY),
            {
                "a letter and the key",
                "a list with the key in it",
                "the key as a bearer",
                "the key twice",
                "the key behind a name",
                "the key behind a user",
            },
        ),
    ],
    ids=[
        "head",
        "all but the last",
        "all but the first",
        "tail",
        "ends",
        "letters",
        "capitals",
        "part",
        "a prefix",
        "a prefix and more",
        "a pattern",
        "ending",
    ],
)
def test_a_server_that_compares_a_part_of_the_key_is_caught(
    takes: Callable[[str], bool], cases: set[str]
) -> None:
    """A key of the right length that is wrong in one place is found wherever that is."""
    with mutant_server(_taking(takes)) as url:
        result = suite(url, "-k", "nearly_right", place=PLACE)
    assert (result.status, broken(result), failed(result)) == (1, {"security.key"}, cases)


def test_a_server_that_looks_at_all_but_one_character_is_caught() -> None:
    """At its begin, in the middle or at its end: wrong keys are wrong in places all over it."""
    for index in (3, 7, 15):
        with mutant_server(_taking(_parts(slice(index), slice(index + 1, None)))) as url:
            result = suite(url, "-k", "however", place=PLACE)
        assert (result.status, broken(result)) == (1, {"security.key"})


@pytest.mark.parametrize(
    ("asked", "ways"),
    [
        (lambda headers: "transfer-encoding" in headers, {"in chunks"}),
        (lambda headers: int(headers.get("content-length", 0)) > 16384, {"padded to 63 KiB"}),
        (lambda headers: int(headers.get("content-length", 0)) > 49152, {"padded to 63 KiB"}),
        (
            lambda headers: "charset" in headers["content-type"],
            {"charset=utf-8", 'charset="UTF-8" in quotes'},
        ),
        (lambda headers: "accept" not in headers, {"no Accept"}),
        (_has("accept", "*/*"), {"Accept: */*"}),
        (_has("accept", "application/json, text/plain, */*"), {"the Accept of axios"}),
        (lambda headers: "text/html" in headers.get("accept", ""), {"the Accept of a browser"}),
        (lambda headers: "expect" in headers, {"Expect: 100-continue"}),
        (lambda headers: "user-agent" not in headers, {"no User-Agent"}),
        (lambda headers: "traceparent" in headers, {"traceparent"}),
        (_has("x-forwarded-for", "127.0.0.1"), {"X-Forwarded-For: 127.0.0.1"}),
        (_has("x-real-ip", "127.0.0.1"), {"X-Real-IP: 127.0.0.1"}),
        (_has("forwarded", "for=127.0.0.1"), {"Forwarded: for=127.0.0.1"}),
        (_has("x-original-url", "/health"), {"X-Original-URL: /health"}),
        (_has("x-http-method-override", "GET"), {"X-HTTP-Method-Override: GET"}),
        (_has("true-client-ip", "127.0.0.1"), {"the address of a proxy"}),
        (_has("x-remote-user", "admin"), {"the name of a user"}),
        (lambda headers: "x-internal" in headers, {"a mark of a service"}),
        (
            lambda headers: "ELB-HealthChecker" in headers.get("user-agent", ""),
            {"the User-Agent of health checks"},
        ),
    ],
    ids=lambda given: min(given) if isinstance(given, set) else "",
)
def test_a_server_that_needs_no_key_for_some_requests_is_caught(
    asked: Callable[[Headers], object], ways: set[str]
) -> None:
    """Each way of sending that needs no key fails, without a key and, where one is sent so, with a
    wrong one.
    """
    with mutant_server(_trusting(asked)) as url:
        result = suite(url, "-k", "however", place=PLACE)
    assert (result.status, broken(result)) == (1, {"security.key"})
    # A way that is unlike any other is sent in several carriers, which its name says.
    assert {case.partition(" (")[0] for case in failed(result)} >= _sent(*ways)


def test_a_server_that_trusts_names_in_small_letters_is_caught() -> None:
    """So do gateways write them, and a server may take every such caller for its gateway."""

    def trusted(piece: bytes) -> bytes:
        return re.sub(rb"(?m)^user-agent:", b"x-api-key: " + KEY.encode() + b"\r\nua:", piece)

    with mutant_server(wire=trusted) as url:
        result = suite(url, "-k", "however", place=PLACE)
    assert (result.status, broken(result)) == (1, {"security.key"})
    assert failed(result) == {"no key, names in small letters"}


def test_a_server_that_heeds_another_method_or_path_is_left_alone() -> None:
    """It may answer in its own way that there is no such route, as long as it creates nothing."""

    def layer(app: ASGIApp) -> ASGIApp:
        async def routed(scope: Scope, receive: Receive, send: Send) -> None:
            headers = Headers(scope=scope)
            if "x-http-method-override" in headers:
                scope = {**scope, "method": headers["x-http-method-override"]}
            elsewhere = headers.get("x-original-url") or headers.get("x-rewrite-url")
            page = PlainTextResponse("Not Found", 404)
            await (page if elsewhere else app)(scope, receive, send)

        return routed

    with mutant_server(layer=layer) as url:
        result = suite(url, "-k", "however", place=PLACE)
    assert (result.status, broken(result)) == (0, set())


def test_a_server_that_finds_the_key_elsewhere_is_caught() -> None:
    """A key in an address ends up in logs, one in a cookie with other sites' forms."""
    with mutant_server(layer=_elsewhere) as url:
        result = suite(url, "-k", "without_the_right_key", place=PLACE)
    assert result.status == 1
    assert {"security.key"} <= broken(result) <= TAKEN
    assert _lacking(result) == {
        "the key in the query",
        "the key as bearer token",
        "the key in a cookie",
    }


@pytest.mark.parametrize(
    ("asked", "case"),
    [
        (_has("authorization", f"Basic {b64encode(f'{KEY}:'.encode()).decode()}"), "user's name"),
        (_has("authorization", KEY), "alone as authorization"),
        (_has("x-auth-token", KEY), "in other fields"),
    ],
    ids=["user", "authorization", "another field"],
)
def test_a_server_that_takes_the_key_in_another_field_is_caught(
    asked: Callable[[Headers], object], case: str
) -> None:
    """The document has one place for the key."""
    with mutant_server(_trusting(asked)) as url:
        result = suite(url, "-k", "nearly_right", place=PLACE)
    assert (result.status, broken(result)) == (1, {"security.key"})
    (found,) = failed(result)
    assert case in found


def test_a_server_that_minds_the_case_of_the_header_is_caught() -> None:
    """The requirement on the key is named when the right key is not found (RFC 9110, 5.1)."""
    with mutant_server(wire=lambda piece: piece.replace(b"x-api-key:", b"x-unknown:")) as url:
        result = suite(url, place=PLACE)
    assert result.status == 1
    assert {"security.key"} <= broken(result) <= {"security.key", "security.right"}
    assert "x-api-key" in failed(result)


def test_a_server_that_refuses_in_its_own_words_is_left_alone() -> None:
    """A challenge, an odd code, no details and unknown fields are all fine."""

    def respond(status: int, answer: Any) -> Response:
        if status not in (401, 403):
            return VALID.respond(status, answer)
        told = VALID.respond(status, {"code": "E1", "message": "undefined or null", "trace": 1})
        told.headers["www-authenticate"] = 'ApiKey realm="invoices"'
        told.headers["content-type"] = "Application/JSON; charset=UTF-8"
        return told

    with mutant_server(lambda steps: replace(steps, respond=respond)) as url:
        result = suite(url, place=PLACE)
    assert (result.status, broken(result)) == (0, set())
