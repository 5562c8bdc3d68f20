"""The HTTP server of mutants that write their responses themselves reads requests correctly."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from reference.mutants.raw import as_usual, writes
from reference.mutants.server import Server


async def mirror(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the method, path, one header and body of the request."""
    request = Request(scope, receive)
    said = [request.method, request.url.path, request.headers.get("x-a", ""), request.url.query]
    text = " ".join([*said, (await request.body()).decode()])
    await PlainTextResponse(text, 201)(scope, receive, send)


@contextmanager
def connected(
    *, closes: bool = False, resets: bool = False, exact: bytes = b""
) -> Iterator[http.client.HTTPConnection]:
    """A connection of the standard library to a raw server."""
    raw = writes(as_usual, closes=closes, resets=resets, exact=exact)(Server())
    with raw.host(mirror) as url:
        address = urlsplit(url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        with closing(connection):
            yield connection


def test_requests_arrive_whole_one_after_the_other() -> None:
    """With a length or in chunks, on one connection."""
    with connected() as connection:
        for pieces in ([b"one"], [b"t", b"w", b"o"], [b""]):
            body = pieces[0] if len(pieces) == 1 else iter(pieces)  # what is iterated is chunked
            connection.request("PUT", "/p?q=1", body, {"X-A": "a"})
            response = connection.getresponse()
            assert response.status == 201
            assert response.read() == b"PUT /p a q=1 " + b"".join(pieces)


@pytest.mark.parametrize("how", ["closes", "resets"])
def test_a_connection_is_closed_or_reset(how: str) -> None:
    """After the response, as the mutant wants it."""
    with connected(closes=how == "closes", resets=how == "resets") as connection:
        connection.connect()
        assert connection.sock is not None
        stream: socket.socket = connection.sock
        stream.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
        seen = b""
        try:
            while piece := stream.recv(4096):
                seen += piece
            ended = "closes"
        except ConnectionResetError:
            ended = "resets"
        assert ended == how
        assert how == "resets" or seen.startswith(b"HTTP/1.1 201 Created\r\n")


def test_a_header_may_count_in_one_case_only() -> None:
    """A field whose name has another case is then dropped."""
    for exact, kept in ((b"", "a"), (b"X-A", ""), (b"x-a", "a")):
        with connected(exact=exact) as connection:
            connection.request("POST", "/", b"", {"x-a": "a"})
            assert connection.getresponse().read().decode().split(" ")[2] == kept


def test_an_expectation_is_met_before_the_body() -> None:
    """Expect: 100-continue gets its interim response (RFC 9110 10.1.1)."""
    with connected() as connection:
        connection.connect()
        assert connection.sock is not None
        fields = b"host: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
        connection.sock.sendall(b"POST / HTTP/1.1\r\n" + fields)
        assert connection.sock.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sock.sendall(b"hi")
        assert connection.sock.recv(4096).endswith(b"hi")
