"""A run that cannot tell says so and why, and blames neither the server nor the key for it."""

import asyncio
import json
import re
import shlex
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.refusal import Refusal
from reference.server import serving as at
from reference.service import Steps
from reference.store import Store
from run.ending.outage import LONG_AGO, OutageWatch
from spec.exchange import Exchange, Request
from spec.exchange import Response as Answer
from targets.stamp import Stamper
from tests import reference_process
from tests.fronts import ERROR, Decide, Nothing, error, fronted, maintenance, page, redirect
from tests.hostile import Behaviour, closes, drips, endless, hangs, resets, sends, serving
from tests.reference_process import running
from tests.running import FORBIDDEN, KEY, ORDER, Result, application, server, suite
from tests.tunnels import behind_tls, going_down

SOME = ("-k", "near_miss and sku", "-q")


def _ends_with_6(result: Result, *words: str) -> None:
    """Status 6, one sentence with all these words, and nothing said of requirements."""
    assert result.status == 6, result.output
    doubts = [line for line in result.output.splitlines() if "could not tell: " in line]
    assert doubts, result.output
    for each in words:
        assert each in doubts[0]
    assert len({*doubts}) == len(doubts), "it is told once"
    assert "Traceback" not in result.output
    assert "breaks requirements" not in result.output
    assert KEY not in result.output


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (closes(), "accepts connections but does not answer in HTTP: is it the right port"),
        (resets(), "accepts connections but does not answer in HTTP: is it the right port"),
        (hangs(), "does it need more time than --request-timeout? The server gave no complete"),
        (sends(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "SSH-2.0-OpenSSH_9.6"),
    ],
    ids=["closes", "resets", "silent", "another protocol"],
)
def test_a_port_that_speaks_no_http_is_named(behaviour: Behaviour, words: str) -> None:
    """It closes, resets, never answers, or answers in another protocol."""
    with serving(behaviour) as silent:
        result = suite("--base-url", silent.base_url, "--request-timeout", "0.5", *SOME)
    _ends_with_6(result, words, silent.base_url)


JSON = "application/json"
HEAD = b"HTTP/1.1 201 Created\r\n"


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (drips(HEAD, b"X-A: b\r\n"), "give it more time with --request-timeout, or ask"),
        (
            drips(HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
            "begins an answer in HTTP but does not end it: give it more time",
        ),
        (endless(HEAD, b"X-A: b\r\n" * 1000), "answers in HTTP, but with what the suite does"),
        (
            endless(HEAD + b"Content-Length: 9000000000\r\n\r\n", b" " * 10_000),
            "The server sent more than 1058624 bytes",
        ),
        (sends(HEAD + b"Content-Length: -\r\n\r\n"), "is it the right address? The server broke"),
    ],
    ids=["slow head", "slow body", "endless head", "huge body", "broken"],
)
def test_a_server_that_answers_in_http_is_not_called_a_wrong_port(
    behaviour: Behaviour, words: str
) -> None:
    """It answers too slowly, without an end, with too much or wrongly: that is what is said."""
    with serving(behaviour) as odd:
        result = suite("--base-url", odd.base_url, "--request-timeout", "0.5", *SOME)
    _ends_with_6(result, words, odd.base_url)
    assert "does not answer in HTTP" not in result.output


def _tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.quick
def test_http_to_a_port_that_speaks_tls_says_so(authority: trustme.CA) -> None:
    """The sentence has the address to write."""
    with serving(sends(b"HTTP/1.1 200 OK\r\n\r\n"), tls=_tls(authority)) as secure:
        plain = secure.base_url.replace("https:", "http:")
        result = suite("--base-url", plain, *SOME)
    _ends_with_6(result, f"{plain} speaks TLS: write {secure.base_url}.")


def _bad_request(kind: bytes, said: bytes) -> bytes:
    head = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: "
    return head + kind + b"\r\nContent-Length: %d\r\n\r\n" % len(said) + said


@pytest.mark.parametrize(
    "answer",
    [
        _bad_request(b"text/plain", b"Client sent an HTTP request to an HTTPS server.\n"),
        _bad_request(
            b"text/html", b"<html><title>400 The plain HTTP request was sent to HTTPS port</title>"
        ),
        _bad_request(b"application/json", b'{"error": "This port requires TLS."}'),
        b"HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["Go", "nginx", "JSON", "upgrade"],
)
def test_http_to_a_port_that_answers_without_tls_that_it_wants_it_says_so(
    answer: bytes, authority: trustme.CA
) -> None:
    """That server is not judged, whatever it calls the mistake."""
    with server() as behind, behind_tls(behind, _tls(authority), answer) as secure:
        plain = secure.replace("https:", "http:")
        result = suite("--base-url", plain, *SOME)
    _ends_with_6(result, f"{plain} speaks TLS: write {secure}.")


@pytest.mark.quick
def test_https_to_a_port_that_speaks_none_says_so() -> None:
    """The sentence has the address to write."""
    with server() as plain:
        result = suite("--base-url", plain.replace("http:", "https:"), *SOME)
    _ends_with_6(result, f"It speaks HTTP without TLS: write {plain}.")


@pytest.mark.quick
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_demands_a_client_certificate_says_so(
    version: ssl.TLSVersion, authority: trustme.CA, ca_file: Path
) -> None:
    """In TLS 1.3 its alert comes after the handshake; the sentence names the setting."""
    context = _tls(authority)
    context.minimum_version = context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    with serving(sends(b"HTTP/1.1 200 OK\r\n\r\n"), tls=context) as secure:
        result = suite("--base-url", secure.base_url, "--ca-file", str(ca_file), *SOME)
    _ends_with_6(result, "demand", "a client certificate", "Set client_cert and client_key")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE, "it may demand a client certificate"),
        (ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME, "it has no certificate for this host name"),
        (ssl.ALERT_DESCRIPTION_INTERNAL_ERROR, "internal error"),
    ],
    ids=["handshake failure", "no such name", "internal error"],
)
def test_the_tls_alert_that_ends_a_handshake_is_named(
    number: int, words: str, authority: trustme.CA, ca_file: Path
) -> None:
    """In words where servers send it in practice, else by its name."""
    context = _tls(authority)
    context.sni_callback = lambda *_: number
    with serving(sends(b"HTTP/1.1 200 OK\r\n\r\n"), tls=context) as secure:
        result = suite("--base-url", secure.base_url, "--ca-file", str(ca_file), *SOME)
    _ends_with_6(result, "Cannot connect to 127.0.0.1:", "Its TLS alert: ", words)


def test_a_proxy_of_the_environment_is_said_to_be_ignored() -> None:
    """An unreachable host may be one that only the proxy reaches."""
    keys = {"WIZCOMMERCE_API_KEY": KEY, "HTTPS_PROXY": "http://proxy.example:3128"}
    result = suite("--base-url", "https://no-such-host.invalid", *SOME, keys=keys)
    _ends_with_6(result, "Cannot connect to", "HTTPS_PROXY is set, but the suite ignores proxies")


@contextmanager
def _answering(decide: Decide, orders: tuple[str, ...] = ORDER) -> Iterator[tuple[str, ...]]:
    with fronted(decide) as url:
        yield ("--base-url", url, *orders, *SOME)


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (page(404), "There is no POST /v1/invoices at http://127.0.0.1:"),
        (page(404), ": 404 text/html, Server: cloudflare; is the path right?"),
        (page(200), ": 200 text/html, Server: cloudflare; is the path right?"),
        (page(200), ", or a login or the like is in its place: 200 text/html"),
        (page(405), ": 405 text/html, Server: cloudflare; is the path right?"),
        (page(501), ": 501 text/html, Server: cloudflare; is the path right?"),
        (Response(b"No", 501, {"content-type": "text/plain"}), "501 text/plain; is the path right"),
        (page(400), "Something in front of the API answered: 400 text/html, Server: cloudflare:"),
        (page(511), "Something in front of the API answered: 511 text/html, Server: cloudflare:"),
        (page(403), "Something in front of the API answered: 403 text/html, Server: cloudflare"),
        (page(401), "Something in front of the API answered: 401 text/html, Server: cloudflare"),
        (
            Response(b'{"message": "Forbidden"}', 403, {"content-type": "application/json"}),
            "refuses the key in WIZCOMMERCE_API_KEY, or something in front of it answered: 403 app",
        ),
        (page(502, "nginx"), "is not available at http://127.0.0.1:"),
        (
            Response(None, 302, {"location": "https://login.example/"}),
            "is redirected to https://login.example/ (302 without Content-Type)",
        ),
    ],
)
def test_a_page_for_everything_is_not_the_api(response: Response, words: str) -> None:
    """A wrong path, a login, a firewall, a gateway without a server behind it."""
    with _answering(lambda _number, _body: response) as options:
        _ends_with_6(suite(*options), words)


HEALTHY = Response(b'{"status":"ok"}', 200, {"content-type": "application/json"})


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (HEALTHY, 'get 200 application/json, which has nothing of the invoice ({"status":"ok"});'),
        (Response(None, 204), "get 204 no media type, which has nothing of the invoice (no body);"),
    ],
    ids=["healthy", "no content"],
)
def test_another_service_that_is_content_with_all_is_not_the_api(
    response: Response, told: str
) -> None:
    """It answers a valid invoice and what no server may accept alike: no more is sent to it."""
    asked = list[int]()

    def decide(number: int, _body: bytes) -> Response:
        asked.append(number)
        return response

    with _answering(decide) as options:
        _ends_with_6(suite(*options), "is answered by something else", told, "address right?")
    assert len(asked) == 2


def test_a_server_that_accepts_with_200_and_says_little_is_judged() -> None:
    """It refuses what has no key, so it is the API; and so is one that returns the invoice."""

    def says_little(status: int, answer: Any) -> Response:
        return Response(HEALTHY.body, 200) if status == 201 else Steps().respond(status, answer)

    def repeats(_number: int, body: bytes) -> Response:
        return Response(b'{"data":' + (body or b"1") + b"}", 200, {"content-type": JSON})

    with server(replace(Steps(), respond=says_little)) as url:
        checked = suite("--base-url", url, *ORDER, *SOME)
    with _answering(repeats) as options:
        repeated = suite(*options)
    for result in (checked, repeated):
        assert (result.status, "201.status" in result.output) == (1, True), result.output


def test_a_key_with_the_quotes_of_a_shell_is_noticed() -> None:
    """In `cmd` they are a part of the variable; of a key without them nothing is said."""
    with server() as url:
        for key, told in ((f'"{KEY}"', True), ("another-key", False)):
            result = suite("--base-url", url, *ORDER, *SOME, keys={"WIZCOMMERCE_API_KEY": key})
            _ends_with_6(result, "refuses the key in WIZCOMMERCE_API_KEY")
            assert ("The key begins and ends with a quote" in result.output) == told


@pytest.mark.parametrize(
    "response",
    [
        page(500),
        error(501),
        error(400),
        Response(b"bad invoice", 400, {"content-type": "text/plain"}),
        Response(ERROR, 400, {"content-type": "text/html"}),
        Response(b"{}", 201, {"content-type": "text/html"}),
    ],
    ids=["a page and 500", "501 in JSON", "an error", "words", "JSON called HTML", "and 201"],
)
def test_an_api_that_fails_or_refuses_every_invoice_is_judged(response: Response) -> None:
    """A 500 is its own, whatever it looks like, and so is a refusal that is no page."""
    with _answering(lambda _number, _body: response) as options:
        result = suite(*options)
    assert result.status == 1, result.output


@pytest.mark.parametrize("status", [400, 501])
def test_a_page_for_the_plain_invoice_alone_is_a_finding(status: int) -> None:
    """A smaller invoice is accepted, so the API is there."""
    with _answering(lambda _n, body: page(status) if b"remarks" in body else None) as options:
        result = suite(*options)
    assert result.status == 1, result.output


def test_a_firewall_that_dislikes_the_plain_invoice_is_not_the_key() -> None:
    """It refuses bodies with an address in them; a smaller invoice gets through."""

    def decide(_number: int, body: bytes) -> Response | None:
        return page(403) if b"://" in body else None

    with _answering(decide) as options:
        result = suite(*options)
    _ends_with_6(result, "Something in front of the API", "got 201, so it is not the key")


def test_an_unknown_order_is_one_whatever_the_error_looks_like() -> None:
    """404 to the plain invoice alone, without the `code` that an error of the API has."""
    error = Response(b'{"message": "No such order"}', 404, {"content-type": "application/json"})
    with _answering(lambda _number, body: error if b"order_id" in body else None, ()) as options:
        result = suite(*options)
    _ends_with_6(result, "is unknown at", "name one with --order-id")


@pytest.mark.parametrize("end", ["/v1/invoices", "/v1", "/api/v1"])
def test_a_base_url_that_ends_in_the_path_says_so(end: str) -> None:
    """The suite adds the path itself; of another end it says nothing."""
    with server() as url:
        result = suite("--base-url", f"{url}{end}", *ORDER, *SOME)
        other = suite("--base-url", f"{url}{end}x", *ORDER, *SOME)
    known = end.removeprefix("/api")
    _ends_with_6(result, f"is the path right? The base URL ends in {known}, which the suite")
    _ends_with_6(other, "is the path right?")
    assert "The base URL ends in" not in other.output


def test_an_unknown_order_is_named() -> None:
    """The endpoint is there, as an empty object shows, but not the order."""
    with server() as url:
        unnamed = suite("--base-url", url, *SOME)
        named = suite("--base-url", url, "--order-id", "ORD-7", *SOME)
    _ends_with_6(unnamed, "The order of the plain valid invoice is unknown", "with --order-id.")
    _ends_with_6(named, "The order ORD-7 is unknown at", "name one with --order-id.")


def test_every_named_order_is_looked_for() -> None:
    """A second one that is unknown would make valid invoices for it look refused."""
    with server() as url:
        result = suite("--base-url", url, *ORDER, "--order-id", "ORD-7", *SOME)
    _ends_with_6(result, "The order ORD-7 is unknown at", "name only orders that exist")


def test_orders_that_have_to_exist_are_asked_for() -> None:
    """The order of the plain valid invoice happens to be known, and no other."""

    def find_order(payload: Any, _store: Store) -> datetime:
        if payload["order_id"] != "ORD-20250101":
            raise Refusal(404, "The order does not exist.")
        return datetime(2020, 1, 1, tzinfo=UTC)

    with server(replace(Steps(), find_order=find_order)) as url:
        result = suite("--base-url", url, *SOME)
    _ends_with_6(result, "Orders have to exist at", "name some that do with --order-id.")


def test_a_500_to_the_first_request_is_a_finding(tmp_path: Path) -> None:
    """The first exchange of a run is judged as any other, and stored."""
    with _answering(lambda number, _body: error(500) if number == 1 else None) as options:
        result = suite(*options, "--reports", str(tmp_path))
    assert result.status == 1, result.output
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    (cause,) = record["findings"]
    assert cause["category"] == "Server error"
    assert cause["tests"][0].endswith("::test_the_first_invoice_is_accepted_and_echoed")
    assert cause["exchange"] in {exchange["id"] for exchange in record["exchanges"]}
    # One more asked whether the forbidden key is a key.
    assert record["counts"]["requests"] == 1 + sum(test["requests"] for test in record["tests"])


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (KEY, "WIZCOMMERCE_FORBIDDEN_API_KEY holds the same key as WIZCOMMERCE_API_KEY"),
        ("a-key-of-nobody", "The key in WIZCOMMERCE_FORBIDDEN_API_KEY is refused with 401"),
    ],
)
def test_a_forbidden_key_that_is_no_key_is_wrong_usage(key: str, words: str) -> None:
    """It has to be a valid key without the right to create invoices."""
    keys = {"WIZCOMMERCE_API_KEY": KEY, "WIZCOMMERCE_FORBIDDEN_API_KEY": key}
    with server() as url:
        result = suite("--base-url", url, *ORDER, *SOME, keys=keys)
        right = suite("--base-url", url, *ORDER, *SOME, keys={**keys, "X": FORBIDDEN})
    assert (result.status, right.status) == (4, 4), result.output
    assert words in result.output
    assert key not in result.output


def _record(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "run.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (error(401), "The key in WIZCOMMERCE_API_KEY has been refused since about request "),
        (page(403), "Something in front of the API has answered since about request "),
        (page(407, "squid"), "Something in front of the API has answered since about request "),
        (page(200), "Something in front of the API has answered since about request "),
        (page(201), "Something in front of the API has answered since about request "),
        (page(404), "Something in front of the API has answered since about request "),
        (redirect(), "has answered the plain invoice with 302 "),
        (error(500), 'has answered the plain invoice with 500 UNAUTHORIZED: "This key has '),
        (
            maintenance(),
            "has answered the plain invoice with 200 application/json since about request ",
        ),
        (
            page(502, "nginx"),
            "has answered the plain invoice with 502 text/html, Server: nginx since",
        ),
        (
            Response(b"{}", 503, {"content-type": "text/html", "retry-after": "600"}),
            "with 503 text/html, Retry-After: 600 since about request ",
        ),
    ],
    ids=[
        *("key", "firewall", "proxy", "a page", "a page and 201", "no such page", "login"),
        *("a breakdown", "maintenance", "gateway", "for how long"),
    ],
)
def test_an_outage_ends_the_run_and_is_no_finding(
    response: Response, words: str, tmp_path: Path
) -> None:
    """From some request on nothing is accepted any more: status 6, one sentence, no finding."""
    with _answering(lambda number, _body: response if number > 20 else None) as options:
        result = suite(*options, "--reports", str(tmp_path))
    _ends_with_6(result, words)
    assert "crash" not in result.output  # something answers
    record = _record(tmp_path)
    assert record["occurrences"] == []
    assert len(record["run"]["doubts"]) == 1
    assert record["counts"]["requests"] < 50


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_what_refuses_every_invoice_since_a_request_is_one_finding(
    workers: tuple[str, ...], tmp_path: Path
) -> None:
    """A server says of valid invoices that they are not: it is told since when, and that others
    were accepted before; what is asked after that says nothing.
    """

    def decide(number: int, _body: bytes) -> Response | None:
        return error(400) if number > 20 else None

    with fronted(decide) as url:
        where = ("--base-url", url, *ORDER, "-k", "test_rejection or test_acceptance", "-q")
        result = suite(*where, "--reports", str(tmp_path), *workers)
    assert result.status == 1, result.output
    record = _record(tmp_path)
    (finding,) = record["findings"]
    assert (finding["requirement"], finding["category"]) == ("201.status", "Refused valid input")
    assert re.fullmatch("[0-9]+ invoices? before about request [0-9]+", finding["accepted"])
    assert re.fullmatch(
        "every one since about request [0-9]+, the plain invoice too", finding["refused"]
    )
    assert finding["shows"] == "not always"  # on a server that was started anew, for instance
    assert "The target has answered the plain invoice with 400 UNAUTHORIZED: " in result.output
    assert workers or record["counts"]["requests"] < 150


def test_what_the_request_before_leaves_behind_is_one_finding_with_workers(tmp_path: Path) -> None:
    """Each of two workers asks what it is alone: what the other one sent is no difference,
    and a plain invoice that is refused in its company for no end of the run.
    """
    broken = [False]

    def decide(_number: int, body: bytes) -> Response | None:
        try:
            problems = Steps().check(json.loads(body))
        except (Refusal, ValueError, RecursionError):
            return None
        stale, broken[0] = broken[0], bool(problems)
        return error(400) if stale and not problems else None

    with fronted(decide) as url:
        where = ("--base-url", url, *ORDER, "-k", "sku or corrected", "-q")
        result = suite(*where, "--reports", str(tmp_path), "-n", "2")
    assert result.status == 1, result.output
    (finding,) = _record(tmp_path)["findings"]
    assert (finding["requirement"], finding["category"]) == ("201.status", "Refused valid input")
    assert finding["refused"].startswith(
        "the plain invoice; the request before it was answered 400"
    )
    assert "could not tell" not in result.output


def test_what_was_found_before_an_outage_is_told(tmp_path: Path) -> None:
    """A server breaks down at one request and later refuses the key: status 1, both are told."""

    def decide(number: int, _body: bytes) -> Response | None:
        return error(401) if number > 30 else error(500) if number == 15 else None

    with _answering(decide) as options:
        result = suite(*options, "--reports", str(tmp_path))
    assert result.status == 1, result.output
    assert "The key in WIZCOMMERCE_API_KEY has been refused since about request " in result.output
    categories = {finding["category"] for finding in _record(tmp_path)["occurrences"]}
    assert categories == {"Server error"}


def test_a_server_that_falls_silent_ends_the_run_and_is_no_finding(tmp_path: Path) -> None:
    """It takes requests and answers none from some on: one sentence, after the control alone. Which
    request was the first is counted as they were sent, and all tests are named that had asked.
    """
    with _answering(lambda number, _body: Nothing() if number > 20 else None) as options:
        result = suite(*options, "--reports", str(tmp_path), "--request-timeout", "2")
    _ends_with_6(result, "The target has not answered the plain invoice since about request ")
    assert re.search(r"since about request (1[4-9]|2\d)\. ", result.output), result.output
    told = r"a request of these tests, which asked at once, may make it crash; to see, run pytest "
    assert re.search(told + r"('suites/\S+\.sku\.\w+\]' ){2,}--base-url", result.output)
    record = _record(tmp_path)
    assert record["occurrences"] == []
    assert record["counts"]["requests"] < 50


def test_an_outage_is_seen_by_each_worker(tmp_path: Path) -> None:
    """With two workers no finding is made of it either, and it is told since which request of the
    run, and not of one of them.
    """
    with fronted(lambda number, _body: error(401) if number > 200 else None) as url:
        where = ("--base-url", url, *ORDER, "-k", "near_miss_is_refused and items", "-q")
        result = suite(*where, "--reports", str(tmp_path), "-n", "2")
    _ends_with_6(result, "has been refused since about request ")
    assert _record(tmp_path)["occurrences"] == []
    since = [*map(int, re.findall(r"refused since about request ([0-9]+)", result.output))]
    assert since
    assert all(160 < each < 300 for each in since)


def test_one_odd_502_stays_a_finding(tmp_path: Path) -> None:
    """The control is accepted right after it, so the run goes on."""
    with _answering(lambda number, _body: page(502) if number == 12 else None) as options:
        result = suite(*options, "--reports", str(tmp_path))
    assert result.status == 1, result.output
    record = _record(tmp_path)
    (cause,) = record["findings"]
    assert (cause["requirement"], cause["category"]) == ("response.status", "Server error")
    assert not record["run"]["doubts"]


@pytest.mark.parametrize(
    ("broken", "concurrency", "well"),
    [({2}, 8, 6), ({1, 2}, 1, 4)],
    ids=["one of four", "those of the first requests"],
)
def test_a_breakdown_of_some_servers_of_several_is_no_outage(
    tmp_path: Path, broken: set[int], concurrency: int, well: int
) -> None:
    """The control is asked over other connections, too, and the finding tells of them."""
    peers: list[tuple[str, int]] = []

    def in_front(app: ASGIApp) -> ASGIApp:
        async def chosen(scope: Scope, receive: Receive, send: Send) -> None:
            peer = tuple(scope["client"])
            if peer not in peers:
                peers.append(peer)
            is_broken = peers.index(peer) % 4 in broken
            await (error(500) if is_broken else app)(scope, receive, send)

        return chosen

    with application() as app, at(in_front(app)) as url:
        some = "-k", "near_miss and remarks", "--concurrency", str(concurrency)
        result = suite("--base-url", url, *ORDER, *some, "--reports", str(tmp_path))
    assert result.status == 1, result.output
    (cause,) = _record(tmp_path)["findings"]
    assert cause["difference"] == "some connections"
    assert cause["accepted"] == f"the plain invoice, over {well} of 8 connections"


def test_an_outage_that_mends_itself_is_told_and_is_no_finding(tmp_path: Path) -> None:
    """What was not answered meanwhile is sent again."""
    away = range(20, 23)  # the control is asked twice meanwhile
    with _answering(lambda number, _body: page(503) if number in away else None) as options:
        result = suite(*options, "--reports", str(tmp_path), "--concurrency", "1")
    assert result.status == 0, result.output
    assert "s after request " in result.output
    told = "requests were answered 503 text/html, Server: cloudflare (at least 3 times)"
    assert told in result.output
    assert _record(tmp_path)["occurrences"] == []


@pytest.mark.parametrize(
    ("answer", "workers"),
    [
        (error(503), ()),
        (error(503), ("-n", "2")),
        (page(404), ()),
        (page(404), ("-n", "2")),
        (page(200), ()),
        (redirect(), ()),
        (maintenance(), ()),
    ],
    ids=[
        *("alone", "two workers", "no such page", "no such page for two workers", "a page"),
        *("login", "maintenance"),
    ],
)
def test_what_was_sent_ahead_of_an_outage_is_sent_again_as_well(
    answer: Response, workers: tuple[str, ...], tmp_path: Path
) -> None:
    """Whichever request shows it, also one that is sent alone: none is held against the server, and
    the outage is told once, however many processes saw it.
    """
    began: list[float] = []

    def decide(number: int, _body: bytes) -> Response | None:
        if number == 30:
            began.append(time.monotonic())
        return answer if began and time.monotonic() - began[0] < 1.5 else None

    with fronted(decide) as url:
        options = (*ORDER, "--reports", str(tmp_path), "--hypothesis-profile", "smoke")
        tests = ("-k", "another_method or near_miss", *workers)
        result = suite("--base-url", url, *options, *tests)
    assert result.status == 0, result.output
    record = _record(tmp_path)
    assert record["occurrences"] == []
    assert len(record["counts"]["outages"]) == 1


AT_ONCE = ("-k", "in_flight_are_kept_apart", "-q")


def test_requests_at_once_are_sent_again_where_nothing_listened_for_a_moment(
    tmp_path: Path,
) -> None:
    """As each other request is: the moment is told, and no test is without its answer."""
    seen: list[bytes] = []

    def at(data: bytes) -> bool:
        seen.append(data)
        return len(seen) == 20

    with server() as behind, going_down(behind, 1.0, at) as url:
        result = suite("--base-url", url, *ORDER, "--reports", str(tmp_path), *AT_ONCE)
    assert result.status == 0, result.output
    record = _record(tmp_path)
    assert record["occurrences"] == []
    (outage,) = record["counts"]["outages"]
    assert outage.startswith("The target was unreachable for ")


def test_what_cannot_be_asked_of_a_server_that_is_back_is_named(tmp_path: Path) -> None:
    """It goes down each time that the invoices are sent at once: the test is told, and not that the
    address or the network is wrong.
    """
    with server() as behind, going_down(behind, 0.7, lambda data: "鍵 😀".encode() in data) as url:
        result = suite("--base-url", url, *ORDER, "--reports", str(tmp_path), *AT_ONCE)
    (test,) = (each["id"] for each in _record(tmp_path)["tests"] if "at once" in each["id"])
    _ends_with_6(result, f"and answers again: what {test} asks is not known", "--base-url")
    assert "check the address" not in result.output


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_for_a_moment_is_no_finding(status: int, tmp_path: Path) -> None:
    """Then it could not be looked up; what was refused meanwhile is sent again."""
    began: list[float] = []

    def decide(number: int, _body: bytes) -> Response | None:
        if number == 200:
            began.append(time.monotonic())
        return error(status) if began and time.monotonic() - began[0] < 1.0 else None

    with fronted(decide) as url:
        result = suite(
            "--base-url", url, *ORDER, "--reports", str(tmp_path), "-k", "near_miss_is_refused"
        )
    assert result.status == 0, result.output
    assert len(_record(tmp_path)["counts"]["outages"]) == 1


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (1, "The first request got no answer within 1 s, and was sent again"),
        (100, " nothing was answered for 1 s, whatever was asked: unanswered requests were sent "),
    ],
    ids=["a cold start", "a pause"],
)
def test_a_server_that_answers_nothing_for_a_moment_is_asked_again(
    first: int, told: str, tmp_path: Path
) -> None:
    """No request is to blame where none is answered."""
    began: list[float] = []

    def decide(number: int, _body: bytes) -> Response | None:
        if number == first:
            began.append(time.monotonic())
        return Nothing() if began and time.monotonic() - began[0] < 0.7 else None

    with fronted(decide) as url:
        where = ("--base-url", url, *ORDER, "--reports", str(tmp_path), "--request-timeout", "1")
        result = suite(*where, "-k", "near_miss_is_refused and items")
    assert result.status == 0, result.output
    (outage,) = _record(tmp_path)["counts"]["outages"]
    assert told in outage


def test_requests_that_are_never_answered_are_not_told_as_a_pause(tmp_path: Path) -> None:
    """All that is in flight may be so, and any other request is answered at once."""

    def decide(_number: int, body: bytes) -> Response | None:
        return Nothing() if b'"items"' not in body else None

    with fronted(decide) as url:
        where = ("--base-url", url, *ORDER, "--reports", str(tmp_path), "--request-timeout", "1")
        result = suite(*where, "-k", "test_a_body_that_is_no_invoice and (truncat or no or array)")
    assert result.status == 1, result.output
    assert _record(tmp_path)["counts"]["outages"] == []


@pytest.mark.parametrize("concurrency", ["1", "16"])
def test_a_server_that_one_request_keeps_from_all_others_is_told_by_that(
    concurrency: str, tmp_path: Path
) -> None:
    """It does nothing else while it is at work with many items: that is one finding, and neither an
    outage nor the fault of what waits behind such a request.
    """
    busy = asyncio.Lock()

    async def read(request: Any) -> bytes:
        body: bytes = await Steps().read(request)
        async with busy:
            await asyncio.sleep(1.5 if body.count(b'"sku"') >= 64 else 0)
        return body

    with server(replace(Steps(), read=read)) as url:
        where = ("--base-url", url, *ORDER, "--reports", str(tmp_path), "--request-timeout", "1")
        some = ("-k", "unknown_order_is_not_found", "--concurrency", concurrency)
        result = suite(*where, *some)
    assert result.status == 1, result.output
    record = _record(tmp_path)
    (finding,) = record["findings"]
    assert finding["requirement"] == "response.http"
    told = re.search(r"([0-9]+) items", finding["refused"])
    assert told is not None, finding["refused"]
    assert int(told[1]) >= 64
    assert not record["run"]["doubts"]
    assert not any("unreachable" in each for each in record["counts"]["outages"])


def test_a_key_that_is_refused_after_another_one_or_again_is_not_taken_for_a_moment() -> None:
    """A lock after a wrong key says something of the server, and so does what comes again."""
    run: Any = SimpleNamespace(stamper=Stamper("A" * 8))
    watch = OutageWatch(run, accepted=True)
    refused = Exchange(
        Request("POST", "/", (), b""), Answer(401, (), b""), None, 0.1, number=LONG_AGO + 30
    )
    assert watch.may_be_for_a_moment(refused)
    for stranger, is_lock in ((29, False), (31, True), (LONG_AGO + 40, True)):
        run.stamper.stranger = stranger
        assert watch.may_be_for_a_moment(refused) is not is_lock
    run.stamper.stranger = 0
    watch.refused_for_a_moment = 1
    assert not watch.may_be_for_a_moment(refused)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_a_pause_is_told_at_once(workers: tuple[str, ...]) -> None:
    """Nobody wonders why nothing happens, also where there is no terminal."""

    def decide(number: int, _body: bytes) -> Response | None:
        return Response(None, 429, {"retry-after": "6"}) if number == 15 else None

    with _answering(decide) as options:
        result = suite(*options, *workers)
    assert result.status == 0, result.output
    assert "the server answered 429: the run pauses for 6 s" in result.output


def test_a_pause_that_is_too_long_ends_the_run() -> None:
    """It could not tell, and says at once how long the server asked it to wait."""

    def decide(number: int, _body: bytes) -> Response | None:
        return Response(None, 429, {"retry-after": "3600"}) if number == 9 else None

    with _answering(decide) as options:
        result = suite(*options)
    _ends_with_6(result, "The server answered 429 and asked for a pause of 3600 s")


@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_server_that_is_gone_is_no_finding(concurrency: int, tmp_path: Path) -> None:
    """It is killed as the third test begins: what it did not answer is not held against it."""
    with running() as reference:
        keys = {
            "WIZCOMMERCE_API_KEY": reference_process.KEY,
            "KILLED": str(reference.process.pid),
        }
        options = ("--base-url", reference.url, "--order-id", "ORD-20250101")
        where = ("--reports", str(tmp_path), "-p", "tests.plugins.killing")
        many = ("--concurrency", str(concurrency), "-k", "maxLength", "-q")
        result = suite(*options, *where, *many, keys=keys)
    _ends_with_6(result, "The target has been unreachable since ", "Cannot connect to")
    record = _record(tmp_path)
    assert record["occurrences"] == []
    outcomes = [test["outcome"] for test in record["tests"]]
    passed = outcomes.index("could not tell")
    hint = record["run"]["doubts"][0].partition("may make it crash; to see, run ")[2]
    again, told, _ = hint.partition(f" {shlex.join(options)} --concurrency 1. ")
    word, first, *others = shlex.split(again)
    assert (word, first) == ("pytest", record["tests"][passed]["id"])
    assert told
    assert {*others} <= {test["id"] for test in record["tests"]}  # they had asked at once
    assert concurrency > 1 or not others
    # What was sent ahead may have been answered before.
    assert passed == 2 if concurrency == 1 else passed >= 2
    assert {*outcomes[:passed]} == {"passed"}
    assert {*outcomes[passed + 1 :]} == {"unfinished"}


def test_a_run_past_its_deadline_ends(tmp_path: Path) -> None:
    """It could not tell, and says how long it took."""
    where = ("--reports", str(tmp_path), "-p", "tests.plugins.late")
    result = suite(*SOME, *where)
    _ends_with_6(result, "The run has taken 0.0 hours, the most that one of this size may take")
    assert _record(tmp_path)["tests"]
