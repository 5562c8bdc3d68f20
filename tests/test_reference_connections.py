"""The reference reads requests in every framing of HTTP."""

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from starlette.applications import Starlette

from reference.server import listen, serving
from tests.reference_process import KEY, Running, all_bytes, encoded, invoice, post_head, running

VALID = encoded(invoice())
CLOSE = "connection: close"


@pytest.fixture(scope="module")
def reference() -> Iterator[Running]:
    """A reference for this module."""
    with running() as reference:
        yield reference


def request(body: bytes, *headers: str, key: str = KEY) -> bytes:
    """A request with this body and its length, and these header lines."""
    return post_head(f"content-length: {len(body)}", *headers, key=key) + body


def chunked(body: bytes) -> bytes:
    """A request with this body in chunks of 64 KiB."""
    parts = [body[start : start + 65536] for start in range(0, len(body), 65536)]
    chunks = (b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))
    return post_head("transfer-encoding: chunked") + b"".join(chunks)


def statuses(reference: Running, sent: bytes) -> list[int]:
    """The statuses of all responses on one connection, interim ones too."""
    answers = all_bytes(reference.url, sent)
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", answers)]


@pytest.mark.parametrize("framed", [request, chunked])
@pytest.mark.parametrize(("body", "status"), [(VALID, 201), (b" " * 5_000_000, 413)])
def test_a_connection_stays_open_after_any_framing(
    reference: Running, framed: Callable[[bytes], bytes], body: bytes, status: int
) -> None:
    """After a chunked body, or one that is far too large, the next request is answered."""
    assert statuses(reference, framed(body) + request(VALID, CLOSE)) == [status, 201]


def test_a_key_in_a_trailer_is_none(reference: Running) -> None:
    """What follows the body is no part of the header (RFC 9110, section 6.5.1)."""
    head = post_head("transfer-encoding: chunked", "trailer: x-api-key", CLOSE, key="")
    chunks = b"%x\r\n%b\r\n0\r\nx-api-key: %b\r\n\r\n" % (len(VALID), VALID, KEY.encode())
    assert statuses(reference, head + chunks) == [401]


@pytest.mark.parametrize("opened", [0, 1])
def test_a_server_pauses_at_its_end_where_somebody_is_connected(
    opened: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nobody there it ends at once, as most servers of these tests do."""
    pauses, sleep = [], asyncio.sleep

    async def paused(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", paused)
    with ExitStack() as clients:
        with serving(Starlette()) as url:
            host, _, port = url.removeprefix("http://").partition(":")
            for _ in range(opened):
                client = clients.enter_context(socket.create_connection((host, int(port)), 60))
                client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
                assert client.recv(12) == b"HTTP/1.1 404"
        assert bool(pauses) is bool(opened)


def test_pipelined_requests_are_answered_in_order(reference: Running) -> None:
    """Three invoices sent at once on one connection come back in their order."""
    first, second, third = (encoded(invoice(remarks=f"remark {number}")) for number in "123")
    answers = all_bytes(reference.url, request(first) + request(second) + request(third, CLOSE))
    assert re.findall(rb"remark (\d)", answers) == [b"1", b"2", b"3"]


def test_a_waiting_client_is_told_to_continue(reference: Running) -> None:
    """Expect: 100-continue gets 100 before the answer (RFC 9110 10.1.1)."""
    assert statuses(reference, request(VALID, CLOSE, "expect: 100-continue")) == [100, 201]


def test_the_name_of_the_key_header_ignores_case(reference: Running) -> None:
    """Header names are case-insensitive (RFC 9110 5.1)."""
    shouted = request(VALID, CLOSE).replace(b"x-api-key", b"X-aPi-KEY")
    assert statuses(reference, shouted) == [201]


def test_a_body_without_a_media_type_is_read_as_json(reference: Running) -> None:
    """The page has only one media type, so a body without one is read as that."""
    assert statuses(reference, request(VALID, CLOSE)) == [201]


@pytest.mark.parametrize("key", ["clé", "x" * 60_000], ids=["beyond ASCII", "60 kB"])
def test_an_unusual_key_is_a_wrong_key(reference: Running, key: str) -> None:
    """A key beyond ASCII or of 60 kB is refused like any other wrong one."""
    assert statuses(reference, request(VALID, CLOSE, key=key)) == [401]


def test_two_keys_are_refused(reference: Running) -> None:
    """A request with two keys is ambiguous, even if both are right."""
    assert statuses(reference, request(VALID, CLOSE, f"x-api-key: {KEY}")) == [401]


def test_a_listener_has_the_protocol_tcp() -> None:
    """Without it, asyncio leaves Nagle's algorithm on, which delays each answer by 40 ms."""
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
