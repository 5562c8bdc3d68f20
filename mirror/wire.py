"""Reads the requests of a client and the answers of a server, within bounds."""

import asyncio
import gzip
import zlib
from dataclasses import dataclass, replace
from http.client import responses

import h11

from mirror.head import HTTP, NOTHING, NotARequestError, check, text_of
from spec.exchange import Request, Response
from spec.expectation import LARGEST_READ

MOST_HEAD = 32 * 1024
MOST_BODY = LARGEST_READ
"""Bytes of a request that are read; what is longer any server may refuse unread."""
MOST_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer; the largest of the conforming servers sends some two million."""
_PIECE = 64 * 1024

_OF_THE_HOP = ("expect", "upgrade", "http2-settings")
"""Header fields that are for the next server alone (RFC 9110 7.6.1); clients in Java offer HTTP/2
by them.
"""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came.

    `chunked` says how its body was framed, `closes` that the client wants no other answer on this
    connection, `rest` are bytes of the next request, and `is_whole` is false where the body is so
    long that it was not read.
    """

    request: Request
    version: bytes
    chunked: bool
    closes: bool
    rest: bytes
    is_whole: bool = True

    def head(self) -> bytes:
        """The head that is passed on: as it came, but for what is only for the mirror."""
        request = self.request
        lines = [f"{request.method} {request.path} HTTP/{self.version.decode()}"]
        for name, value in request.headers:
            if name.lower() == "connection":
                kept = [each for each in _tokens(value) if each in ("close", "keep-alive")]
                lines += [f"{name}: {', '.join(kept)}"] if kept else []
            elif name.lower() not in _OF_THE_HOP:
                lines.append(f"{name}: {value}")
        return "\r\n".join([*lines, "", ""]).encode(errors="surrogateescape")

    def body(self) -> bytes:
        """The body that is passed on, in one chunk where the client sent chunks."""
        body = self.request.body
        if not self.chunked:
            return body
        return (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"


async def read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes
) -> Incoming:
    """The request that begins with these bytes. Raises NotARequestError."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD)
    head: h11.Request | None = None
    piece, raw, body = first, bytearray(first), bytearray()
    try:
        connection.receive_data(first)
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                if connection.they_are_waiting_for_100_continue:
                    writer.write(_continue(connection))
                piece = await reader.read(_PIECE)
                raw += b"" if head else piece
                connection.receive_data(piece)
            elif isinstance(event, h11.Request):
                check(bytes(raw))
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            if head is not None and (len(body) > MOST_BODY or _length(head) > MOST_BODY):
                return _incoming(head, bytes(body[:MOST_BODY]), b"", is_whole=False)
    except OSError:
        left = "it left in the middle of a request"
        raise NotARequestError(left, 400, _WHOLE, _known(head)) from None
    except h11.RemoteProtocolError as error:
        if error.error_status_hint == 431:
            raise NotARequestError(f"its head has more than {MOST_HEAD} bytes", 431, "") from None
        raise _broken(bytes(raw), head, ended=not piece) from None
    assert head is not None
    return _incoming(head, bytes(body), connection.trailing_data[0], is_whole=True)


_WHOLE = "RFC 9112, section 8"


def _broken(raw: bytes, head: h11.Request | None, *, ended: bool) -> NotARequestError:
    """What is wrong with bytes that could not be read, its head or what comes after it."""
    if ended:
        why, clause = "it ended in the middle of a request", _WHOLE
    elif head is not None:
        why, clause = "its body is not written in chunks", f"{HTTP}, section 7.1"
    else:
        check(raw)
        why, clause = "it is not an HTTP/1.1 request", HTTP
    return NotARequestError(why, 400, clause, _known(head))


def _known(head: h11.Request | None) -> Request:
    return _incoming(head, b"", b"", is_whole=False).request if head else NOTHING


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as a server sent it: its bytes in the pieces in which they came, and what they
    say; without a response where it closed the connection before it had answered.
    """

    pieces: tuple[bytes, ...]
    response: Response | None
    closes: bool


async def read_answer(reader: asyncio.StreamReader, method: str) -> RawAnswer:
    """The answer to a request of this method."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
    connection.send(h11.Request(method=method, target="/", headers=[("host", "mirror")]))
    connection.send(h11.EndOfMessage())
    pieces: list[bytes] = []
    head: h11.Response | None = None
    body = bytearray()
    try:
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                piece = await reader.read(_PIECE)
                pieces += [piece] if piece else []
                connection.receive_data(piece)
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            closed = isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED
            if closed or len(body) > MOST_ANSWER:
                return RawAnswer(tuple(pieces), None, closes=True)
    except h11.RemoteProtocolError:
        return RawAnswer(tuple(pieces), None, closes=True)
    assert head is not None
    return RawAnswer(
        tuple(pieces), _response(head, bytes(body)), connection.their_state is not h11.DONE
    )


def unzipped(answer: RawAnswer, request: Request) -> RawAnswer:
    """The answer as a client takes it: unzipped for one that wants it so (RFC 9110 12.5.3)."""
    response, accepted = answer.response, request.header("accept-encoding")
    takes = accepted is None or any(each in accepted.lower() for each in ("gzip", "*"))
    if takes or response is None or response.header("content-encoding") is None:
        return answer
    fields = [f"{name}: {value}" for name, value in response.headers if name not in _OF_CODING]
    status = f"HTTP/1.1 {response.status} {responses.get(response.status, '')}"
    lines = (status, *fields, f"content-length: {len(response.body)}", "", "")
    head = "\r\n".join(lines).encode(errors="surrogateescape")
    return replace(answer, pieces=(head + response.body,))


_OF_CODING = ("content-encoding", "content-length", "transfer-encoding")


def answer_of(sent: bytes, method: str = "POST") -> RawAnswer:
    """An answer of a known length that the mirror itself gives to a request of this method."""
    head, end, body = sent.partition(b"\r\n\r\n")
    if method == "HEAD":
        sent, body = head + end, b""
    status, *lines = head.decode("latin-1").split("\r\n")
    fields = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
    response = Response(int(status.split(" ")[1]), fields, body)
    return RawAnswer((sent,), response, closes=response.header("connection") == "close")


def _incoming(head: h11.Request, body: bytes, rest: bytes, *, is_whole: bool) -> Incoming:
    raw = head.headers.raw_items()
    fields = tuple((text_of(name), text_of(value)) for name, value in raw)
    request = Request(text_of(head.method), text_of(head.target), fields, body)
    tokens = _tokens(request.header("connection") or "")
    old = head.http_version < b"1.1"
    return Incoming(
        request,
        head.http_version,
        chunked=any(name.lower() == "transfer-encoding" for name, _ in fields),
        closes="close" in tokens or (old and "keep-alive" not in tokens),
        rest=rest,
        is_whole=is_whole,
    )


def _tokens(value: str) -> list[str]:
    return [each.strip().lower() for each in value.split(",")]


def _response(head: h11.Response, body: bytes) -> Response:
    fields = tuple((text_of(name).lower(), text_of(value)) for name, value in head.headers)
    response = Response(head.status_code, fields, body)
    if (response.header("content-encoding") or "").lower() in ("gzip", "x-gzip"):
        return Response(head.status_code, fields, _unzipped(body))
    return response


def _unzipped(body: bytes) -> bytes:
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return body


def _continue(connection: h11.Connection) -> bytes:
    interim = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
    return connection.send(interim) or b""


def _length(head: h11.Request) -> int:
    return next((int(value) for name, value in head.headers if name == b"content-length"), 0)
