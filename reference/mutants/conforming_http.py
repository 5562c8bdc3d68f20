"""Conforming servers whose HTTP differs from the reference's."""

import asyncio
import json
import re
import time
import zlib
from collections.abc import Callable, Iterable
from itertools import count

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.mutants.asgi import RawResponse
from reference.mutants.codings import zipped
from reference.mutants.mutant import conforming
from reference.mutants.raw import NO_LENGTH, head, writes
from reference.mutants.server import Json, Layer, Server, layer
from reference.refusal import Refusal


def _chunked(answer: RawResponse, size: int) -> bytes:
    pieces = [answer.body[start : start + size] for start in range(0, len(answer.body), size)]
    coded = b"".join(b"%x;note=1\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return (
        head(answer, "Transfer-Encoding: chunked", length=NO_LENGTH)
        + coded
        + b"0\r\nx-end: 1\r\n\r\n"
    )


async def _refuse(status: int, send: Send, *headers: tuple[bytes, bytes]) -> None:
    """Send an answer without a body."""
    fields = [*headers, (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": b""})


def _refusing(status: int, refused: Callable[[], bool], *headers: tuple[bytes, bytes]) -> Layer:
    """Some requests get an empty answer of this status."""

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if refused():
            await _refuse(status, send, *headers)
        else:
            await app(scope, receive, send)

    return call


@conforming(wire=True)
def bodies_are_zipped(server: Server) -> Server:
    """gzip, for clients that accept it."""
    return server.with_layers(zipped())


@conforming(wire=True)
def bodies_are_chunked(server: Server) -> Server:
    """In pieces of seven bytes, with extensions and a trailer."""
    return writes(lambda answer: [_chunked(answer, 7)])(server)


@conforming(wire=True)
def bodies_are_zipped_and_chunked(server: Server) -> Server:
    """Both at once, as nginx does."""
    chunked = writes(lambda answer: [_chunked(answer, 100)])
    return chunked(server.with_layers(zipped(name="GZIP")))


@conforming(wire=True)
def connections_close_each_time(server: Server) -> Server:
    """Connection: close, and the server does close it."""
    return writes(lambda answer: [head(answer, "connection: close") + answer.body], closes=True)(
        server
    )


@conforming(wire=True)
def one_connection_is_served_after_the_other(server: Server) -> Server:
    """A server with one thread, which reads a request to its end before it accepts another one."""
    closing = writes(
        lambda answer: [head(answer, "connection: close") + answer.body], closes=True, in_turn=True
    )
    return closing(server)


@conforming(wire=True)
def connections_close_without_notice(server: Server) -> Server:
    """After each answer and without the header, as a server that is short of connections does."""
    return writes(lambda answer: [head(answer) + answer.body], closes=True)(server)


@conforming(wire=True)
def the_end_of_the_connection_ends_the_body(server: Server) -> Server:
    """No length and no chunks (RFC 9112 6.3)."""
    return writes(
        lambda answer: [head(answer, "connection: close", length=NO_LENGTH) + answer.body],
        closes=True,
    )(server)


@conforming(wire=True)
def the_answer_is_http_1_0(server: Server) -> Server:
    """An old gateway."""
    return writes(
        lambda answer: [head(answer).replace(b"HTTP/1.1", b"HTTP/1.0", 1) + answer.body],
        closes=True,
    )(server)


@conforming(wire=True)
def interim_answers_come_first(server: Server) -> Server:
    """102 and 103 before the final answer."""
    early = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
    return writes(lambda answer: [early + head(answer) + answer.body])(server)


@conforming(wire=True)
def answers_come_byte_by_byte(server: Server) -> Server:
    """The first bytes of the head in one packet each."""

    def byte_by_byte(answer: RawResponse) -> Iterable[bytes]:
        whole = head(answer) + answer.body
        yield from (whole[at : at + 1] for at in range(40))
        yield whole[40:]

    return writes(byte_by_byte)(server)


@conforming(wire=True)
def there_is_no_reason_phrase(server: Server) -> Server:
    """RFC 9112 4 allows it to be empty; and header names may be in any case."""

    def bare(answer: RawResponse) -> Iterable[bytes]:
        line, _, rest = head(answer).partition(b"\r\n")
        fields = rest.replace(b"content-type", b"CONTENT-type")
        yield line[:13] + b"\r\n" + fields + answer.body

    return writes(bare)(server)


@conforming(wire=True)
def some_requests_are_throttled(server: Server) -> Server:
    """Every three-hundredth request gets 429 with Retry-After: 0."""
    numbers = count(1)
    return server.with_layers(
        _refusing(429, lambda: next(numbers) % 300 == 0, (b"retry-after", b"0"))
    )


@conforming()
def pauses_are_asked_for_with_a_fraction(server: Server) -> Server:
    """Once, for twenty seconds, every request gets 429 with Retry-After: 20.0."""
    numbers = count(1)
    until: list[float] = []

    def throttled() -> bool:
        if next(numbers) == 100:
            until.append(time.monotonic() + 20)
        return bool(until) and time.monotonic() < until[0]

    return server.with_layers(_refusing(429, throttled, (b"retry-after", b"20.0")))


@conforming(wire=True)
def four_requests_are_taken_at_once(server: Server) -> Server:
    """More than four in flight get 429, without a word on when to come again."""
    busy = 0

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal busy
        busy += 1
        try:
            await asyncio.sleep(0.005)
            if busy > 4:
                await _refuse(429, send)
            else:
                await app(scope, receive, send)
        finally:
            busy -= 1

    return server.with_layers(call)


@conforming(wire=True)
def some_answers_are_slow(server: Server) -> Server:
    """Every two-hundredth answer takes a fifth of a second."""
    numbers = count(1)

    def slow(answer: RawResponse) -> Iterable[bytes]:
        if next(numbers) % 200 == 0:
            time.sleep(0.2)
        yield head(answer) + answer.body

    return writes(slow)(server)


@conforming(wire=True)
def bodies_are_zipped_without_compression(server: Server) -> Server:
    """The format of gzip around uncompressed data, under the name x-gzip."""

    def framed(body: bytes) -> bytes:
        packer = zlib.compressobj(0, zlib.DEFLATED, 31)
        return packer.compress(body) + packer.flush()

    return server.with_layers(zipped(name="x-gzip", pack=framed))


@conforming(wire=True)
def long_bodies_are_refused_unread(server: Server) -> Server:
    """A body over 1 MiB gets 413 for its length alone, before any of it is read."""

    async def read(request: object) -> bytes:
        length = request.headers.get("content-length", "0")  # type: ignore[attr-defined] # a Request
        if int(length) > 1024 * 1024:
            raise Refusal(413, "Too long")
        body: bytes = await server.steps.read(request)  # type: ignore[arg-type] # a Request
        return body

    return server.with_steps(read=read)


@conforming()
def a_length_is_required(server: Server) -> Server:
    """411 for a body of unknown length, which RFC 9112 6.3 allows."""

    def check(headers: Headers) -> None:
        if "content-length" not in headers:
            raise Refusal(411, "The length is missing.")
        server.steps.check_media_type(headers)

    return server.with_steps(check_media_type=check)


@conforming()
def chunked_bodies_are_refused_by_a_proxy(server: Server) -> Server:
    """411 in HTML before the key is looked at, as an old proxy in front does."""
    return server.with_layers(
        _answering(
            lambda headers: b"transfer-encoding" in headers,
            (411, b"text/html", b"<html><body><h1>411 Length Required</h1></body></html>"),
        )
    )


@conforming()
def queries_with_odd_escapes_are_refused_by_a_proxy(server: Server) -> Server:
    """400 in HTML before the key is looked at, as lighttpd does by default: for an escape of a
    control character, or of a byte that UTF-8 never has.
    """
    odd = re.compile(rb"%(?:[01][0-9a-fA-F]|7[fF]|[cC][01]|[fF][5-9a-fA-F])")
    page = b"<html><body><h1>400 Bad Request</h1></body></html>"

    refusing = _answering(lambda _: True, (400, b"text/html", page))

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        is_odd = odd.search(scope.get("query_string", b"")) is not None
        await (refusing(app) if is_odd else app)(scope, receive, send)

    return server.with_layers(call)


@conforming()
def headers_that_are_not_utf_8_are_refused(server: Server) -> Server:
    """400 without a body, from the HTTP server itself."""

    def undecodable(headers: dict[bytes, bytes]) -> bool:
        try:
            b"".join(headers.values()).decode()
        except UnicodeDecodeError:
            return True
        return False

    return server.with_layers(_answering(undecodable, (400, b"text/plain", b"")))


@conforming(wire=True)
def answers_to_large_requests_are_larger(server: Server) -> Server:
    """Each item of a long list comes back with its history: 1.3 MB for a request of 60 kB."""

    def with_history(data: dict[str, Json], _: Json) -> Json:
        sent = len(json.dumps(data, ensure_ascii=False))
        more = "x" * (20 * sent // len(data["items"])) if sent > 40_000 else ""
        return {**data, "items": [{**item, "history": more} for item in data["items"]]}

    return server.with_data(with_history)


@conforming()
def pages_of_others_are_refused_by_a_filter(server: Server) -> Server:
    """403 in plain text before the key is looked at, as Spring's CORS filter does by default with
    every page that it does not know (Fetch, section 3.2).
    """
    return server.with_layers(
        _answering(
            lambda headers: b"origin" in headers, (403, b"text/plain", b"Invalid CORS request")
        )
    )


@conforming()
def requests_of_other_sites_pages_are_refused(server: Server) -> Server:
    """403 in plain text for what a browser says that a page of another site asks for, as Go's
    http.CrossOriginProtection has it (Fetch Metadata Request Headers, section 2.3).
    """
    usual = (b"same-origin", b"none")
    return server.with_layers(
        _answering(
            lambda headers: headers.get(b"sec-fetch-site", b"none") not in usual,
            (403, b"text/plain", b"cross-origin request detected"),
        )
    )


def _answering(
    refused: Callable[[dict[bytes, bytes]], bool], answer: tuple[int, bytes, bytes]
) -> Layer:
    """Some requests, chosen by their header fields, get this status, media type and body."""
    status, media_type, body = answer
    fields = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if not refused(dict(scope["headers"])):
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": body})

    return call
