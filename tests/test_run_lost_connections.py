"""A connection that is lost each time after one kind of request is a finding; chance is none."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from findings.rows import FindingRow
from reference.mutants.asgi import RawResponse, call
from reference.mutants.raw import chunks_in
from spec.exchange import Before, Drop, Request
from strategies.invoice import encode
from targets.client import Client
from tests.asking import Asking, asking_of, invoice
from tests.fronts import ERROR, error, handled
from tests.running import application, python, suite

KEEP, CLOSE, SAY, DROP = "keep", "close", "say", "drop"
"""What a server does after an answer: nothing; close; say so and close; carry out the next request
and close then.
"""
ERROR_HEADERS = (("content-type", "application/json"), ("content-length", str(len(ERROR))))


@dataclass(frozen=True)
class Last:
    """The last answer over a connection: how many came over it, and what was asked and answered."""

    number: int
    fields: dict[str, str]
    status: int


Policy = Callable[[Last], str]
Change = Callable[[bytes, RawResponse], RawResponse]
"""The answer to a body in the place of this one."""


@contextmanager
def keeping(
    app: ASGIApp,
    policy: Policy,
    idle: float | None = None,
    known: Change = lambda _, answer: answer,
) -> Iterator[str]:
    """Serve an application by a server that keeps connections as the policy says, and closes those
    that are idle for so many seconds. `known` changes answers.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

        @override
        def log_message(self, *_: Any) -> None:
            """Write nothing."""

        @override
        def setup(self) -> None:
            super().setup()
            self.number, self.drops = 0, False

        def _body(self) -> bytes:
            if "chunked" not in self.headers.get("transfer-encoding", "").lower():
                return self.rfile.read(int(self.headers.get("content-length", 0)))
            return b"".join(chunks_in(self.rfile))

        def do_POST(self) -> None:
            self.connection.settimeout(None)
            body = self._body()
            fields = {name.lower(): value for name, value in self.headers.items()}
            sent = [(name.encode(), value.encode()) for name, value in fields.items()]
            answer = known(body, call(app, "POST", self.path, sent, body))
            if self.drops and "expect" not in self.headers:
                self.close_connection = True
                return
            self.number += 1
            then = policy(Last(self.number, fields, answer.status))
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            if then == SAY:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body)
            self.connection.settimeout(idle)
            self.drops, self.close_connection = then == DROP, then in (CLOSE, SAY)

    with handled(Handler) as url:
        yield url


def once_only(status: int) -> Change:
    """An error of this status in the place of a second invoice with one reference."""
    created = set[str]()

    def known(body: bytes, answer: RawResponse) -> RawResponse:
        if answer.status != 201:
            return answer
        reference = json.loads(body)["reference_id"]
        is_known = reference in created
        created.add(reference)
        return RawResponse(status, ERROR_HEADERS, ERROR) if is_known else answer

    return known


def after_each(last: Last) -> str:
    """Each second request over a connection is carried out and has no answer."""
    return DROP if last.number == 1 else KEEP


def after_thirty(last: Last) -> str:
    """The same of what follows thirty requests."""
    return DROP if last.number == 30 else KEEP


def after_chunks(then: str) -> Policy:
    """What to do after a body in chunks, and nothing after any other one."""
    return lambda last: then if "transfer-encoding" in last.fields else KEEP


def after_refusals(then: str) -> Policy:
    """What to do after a body of another media type was refused."""
    return lambda last: then if last.status == 415 else KEEP


def after_breakdowns(last: Last) -> str:
    """What to do after a 500: a server that breaks down may well close."""
    return CLOSE if last.status == 500 else KEEP


def breaks_down(app: ASGIApp) -> ASGIApp:
    """The application, with a 500 for what asks for it."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        is_asked = any(name == b"x-break" for name, _ in scope["headers"])
        await (error(500) if is_asked else app)(scope, receive, send)

    return broken


def each_second(then: str) -> Policy:
    """What to do after each second body in chunks."""
    seen: list[Last] = []

    def policy(last: Last) -> str:
        chunked = "transfer-encoding" in last.fields
        seen.extend([last] * chunked)
        return then if chunked and len(seen) % 2 else KEEP

    return policy


def chunked(client: Client) -> Request:
    """A request in chunks."""
    return client.send(encode(invoice()), chunked=True).request


def mistyped(client: Client) -> Request:
    """A request whose media type is refused."""
    return client.send(encode(invoice()), headers=[("Content-Type", "text/plain")]).request


def breaking(client: Client) -> Request:
    """A request at which the server breaks down."""
    return client.send(encode(invoice()), headers=[("X-Break", "down")]).request


def lost(asking: Asking, before: Request, status: int = 201) -> list[FindingRow]:
    """What is found where a connection was lost after this request."""
    verdict = asking.oracle.judge(asking.client.send(encode(invoice())))
    drop = Drop(time.time(), 0.1, 1)
    exchange = replace(verdict.exchange, drop=drop, before=Before(before, status))
    dropped = replace(verdict, exchange=exchange)
    for name, shown in asking.found.lost(asking.client, [dropped], lambda: None):
        asking.found.explain(asking.client, shown, name)
    return asking.rows


@pytest.mark.parametrize(
    ("policy", "idle"),
    [
        (lambda _last: CLOSE, None),
        (lambda _last: SAY, None),
        (lambda last: CLOSE if last.number == 100 else KEEP, None),
        (lambda last: DROP if last.number == 2 else KEEP, None),
        (lambda _last: KEEP, 0.05),
        (after_chunks(SAY), None),
        (each_second(CLOSE), None),
        (each_second(DROP), None),
    ],
    ids=[
        *("after each answer", "with notice", "after a hundred", "the third", "idle ones"),
        *("chunks, with notice", "each second after chunks", "each second dropped"),
    ],
)
def test_a_server_that_closes_connections_by_a_rule_of_its_own_breaks_nothing(
    tmp_path: Path, policy: Policy, idle: float | None
) -> None:
    """It may do so at any time, and what is lost is sent again."""
    with (
        application() as app,
        keeping(app, policy, idle) as url,
        asking_of(url, tmp_path) as asking,
    ):
        assert lost(asking, chunked(asking.client)) == []


def test_requests_that_are_dropped_after_chunks_have_no_answer(tmp_path: Path) -> None:
    """The server takes them and closes the connection, each time and after nothing else."""
    with (
        application() as app,
        keeping(app, after_chunks(DROP)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        (row,) = lost(asking, chunked(asking.client))
    assert row["accepted"] == "the plain invoice, after another one over the same connection"
    assert row["difference"] == "after one with Transfer-Encoding: chunked over the same connection"
    assert (row["requirement"], row["shows"]) == ("response.http", "over one connection")


def test_a_connection_that_is_closed_after_chunks_without_notice_is_told_so(tmp_path: Path) -> None:
    """What is sent at that moment has no answer; a server should say that it closes."""
    with (
        application() as app,
        keeping(app, after_chunks(CLOSE)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        (row,) = lost(asking, chunked(asking.client))
    assert row["refused"].endswith("with Transfer-Encoding: chunked over the same connection")
    assert (row["requirement"], row["level"]) == ("response.framing", "SHOULD")


@pytest.mark.parametrize(
    ("then", "requirement"), [(DROP, "response.http"), (CLOSE, "response.framing")]
)
def test_what_follows_a_refusal_is_told_by_it(tmp_path: Path, then: str, requirement: str) -> None:
    """Such as of a body that the server left unread."""
    with (
        application() as app,
        keeping(app, after_refusals(then)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        (row,) = lost(asking, mistyped(asking.client), 415)
    words = "after one with Content-Type: text/plain that was answered 415"
    assert row["difference"] == f"{words} over the same connection"
    assert row["requirement"] == requirement


def test_what_a_server_closes_as_it_breaks_down_is_no_finding_of_its_own(tmp_path: Path) -> None:
    """That it breaks down is one."""
    with (
        application() as app,
        keeping(breaks_down(app), after_breakdowns) as url,
        asking_of(url, tmp_path) as asking,
    ):
        assert lost(asking, breaking(asking.client), 500) == []


def test_one_kind_of_request_is_asked_of_once(tmp_path: Path) -> None:
    """However often a connection is lost after it."""
    with (
        application() as app,
        keeping(app, lambda _last: KEEP) as url,
        asking_of(url, tmp_path) as asking,
    ):
        before = chunked(asking.client)
        lost(asking, before)
        asked = asking.found.ledger.counts.requests
        assert lost(asking, before) == []
        # The one that `lost` sends itself.
        assert asking.found.ledger.counts.requests == asked + 1


def test_a_request_that_was_sent_twice_may_be_refused_as_one_that_exists(tmp_path: Path) -> None:
    """It was carried out, and then it had no answer; nor is what has its references to blame."""
    with (
        application() as app,
        keeping(app, after_each, known=once_only(400)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        mine = asking.client.stamper.write(encode(invoice(remarks="mine")))
        asking.ask(invoice())
        again = asking.ask(mine)
        assert again.exchange.response is not None
        assert (again.exchange.response.status, again.violations) == (400, ())
        assert again.expected.why == ("it was sent twice, so the second answer says nothing",)
        assert asking.ask(mine.replace(b"mine", b"other")).expected.repeated
        assert asking.rows == []


def test_a_breakdown_at_what_was_sent_twice_is_a_finding(tmp_path: Path) -> None:
    """No request may bring it about, whatever was sent before."""
    with (
        application() as app,
        keeping(app, after_each, known=once_only(500)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        asking.ask(invoice())
        assert asking.ask(asking.client.stamper.write(encode(invoice()))).violations
    assert asking.only["status"] == 500


@pytest.mark.whole_runs
def test_a_server_that_knows_what_it_was_sent_twice_is_not_blamed(tmp_path: Path) -> None:
    """Such as one whose workers end after so many requests, and have created the last invoice."""
    with application() as app, keeping(app, after_thirty, known=once_only(400)) as url:
        found = suite("--base-url", url, "--order-id", "ORD-1", "--reports", str(tmp_path))
    assert found.status == 6, found.output[-5000:]
    assert "could not tell: the server closed a kept connection" in found.output
    assert "which were sent again, each time after 30 or more over it" in found.output


@pytest.mark.whole_runs
def test_a_run_against_a_server_that_closes_what_is_idle_for_a_moment_is_green(
    tmp_path: Path,
) -> None:
    """It may do so at any time, and what it closes is sent again, however often that is."""
    with application() as app, keeping(app, lambda _last: KEEP, idle=0.03) as url:
        found = suite("--base-url", url, "--order-id", "ORD-1", "--reports", str(tmp_path))
    assert found.status == 0, found.output[-5000:]


@pytest.mark.whole_runs
def test_a_run_finds_it_and_replay_sees_it_mended(tmp_path: Path) -> None:
    """Both ask over one connection, which the client would replace in silence."""
    file = str(tmp_path / "run.json")
    with application() as app, keeping(app, after_chunks(DROP)) as url:
        found = suite("--base-url", url, "--order-id", "ORD-1", "--reports", str(tmp_path))
        still = python("-m", "run.replay", file, "--base-url", url)
    with application() as app, keeping(app, lambda _last: KEEP) as url:
        mended = python("-m", "run.replay", file, "--base-url", url)
    assert "one with Transfer-Encoding: chunked over the same connection" in found.output
    assert (found.status, still.status, mended.status) == (1, 1, 0), mended.output
    assert "1 finding." in found.output, found.output[-5000:]
