"""A small HTTP server for mutants that write the bytes of their responses themselves."""

import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from io import BufferedIOBase
from socket import SO_LINGER, SOL_SOCKET
from socketserver import StreamRequestHandler, TCPServer, ThreadingTCPServer
from typing import Any

from starlette.types import ASGIApp
from typing_extensions import override

from reference.mutants.asgi import RawResponse, call
from reference.mutants.server import Mutation

Write = Callable[[RawResponse], Iterable[bytes]]
"""Makes the bytes of a response, in the pieces in which they are sent."""

Request = tuple[str, str, list[tuple[bytes, bytes]], bytes]
"""Method, target, header fields and body."""

Unread = Callable[[str, dict[bytes, bytes]], bool]
"""Whether a body is left unread, by the method and the header fields, all in lower case."""

NO_LENGTH = -1
POLL = 0.02
"""Seconds until the server notices that it should stop."""


def head(response: RawResponse, *more: str, length: int | None = None) -> bytes:
    """Status line and header fields, with `more` lines; `length` None stands for the true one."""
    fields = [f"{name}: {value}" for name, value in response.headers if name != "content-length"]
    if length != NO_LENGTH:
        fields.append(f"content-length: {len(response.body) if length is None else length}")
    status = f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"
    return "\r\n".join([status, *fields, *more, "", ""]).encode("latin-1")


def as_usual(answer: RawResponse) -> Iterable[bytes]:
    """The bytes of a response as they should be."""
    return [head(answer) + answer.body]


def writes(
    write: Write,
    *,
    closes: bool = False,
    resets: bool = False,
    exact: bytes = b"",
    unread: Unread = lambda _method, _fields: False,
    in_turn: bool = False,
) -> Mutation:
    """The server sends what `write` makes, and then may close or reset the connection. With
    `in_turn` it reads from no other connection meanwhile.

    A header field whose name differs from `exact` only in case is dropped. What is left `unread` is
    read as the next request.
    """

    @contextmanager
    def host(app: ASGIApp) -> Iterator[str]:
        with _Listener(
            app, write, closes=closes, resets=resets, exact=exact, unread=unread, in_turn=in_turn
        ) as listener:
            thread = threading.Thread(target=listener.serve_forever, args=(POLL,), daemon=True)
            thread.start()
            try:
                yield f"http://127.0.0.1:{listener.server_address[1]}"
            finally:
                listener.shutdown()
                thread.join()

    return lambda server: server.with_host(host)


class _Listener(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        app: ASGIApp,
        write: Write,
        *,
        closes: bool,
        resets: bool,
        exact: bytes,
        unread: Unread,
        in_turn: bool,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.app, self.write, self.exact = app, write, exact
        self.closes, self.resets, self.unread = closes, resets, unread
        self.one_at_a_time, self.in_turn = threading.Lock(), in_turn

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own, or to its end."""
        if self.in_turn:
            TCPServer.process_request(self, request, client_address)
        else:
            super().process_request(request, client_address)

    @override
    def handle_error(self, *_: object) -> None:
        """Print nothing about broken connections."""

    @override
    def shutdown_request(self, request: Any) -> None:
        """Shut a connection down, unless it is to be reset."""
        if self.resets:
            self.close_request(request)
        else:
            super().shutdown_request(request)


class _Handler(StreamRequestHandler):
    server: _Listener
    disable_nagle_algorithm = True

    @override
    def handle(self) -> None:
        """Answer one request after the other until either side closes."""
        server = self.server
        with suppress(OSError):
            while (request := self._request()) is not None:
                with server.one_at_a_time:
                    response = call(server.app, *request)
                for piece in server.write(response):
                    self.wfile.write(piece)
                if server.resets:
                    self.request.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                if server.closes or server.resets:
                    return

    def _request(self) -> Request | None:
        line = self.rfile.readline()
        if not line:
            return None
        method, target, _ = f"{line.decode('latin-1')}  ".split(" ", 2)
        fields = list(self._fields())
        known = {name.lower(): value.strip() for name, value in fields}
        if known.get(b"expect", b"").lower() == b"100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self.server.unread(method, known):
            return method, target, fields, b""
        if b"chunked" in known.get(b"transfer-encoding", b"").lower():
            return method, target, fields, b"".join(chunks_in(self.rfile))
        return method, target, fields, self.rfile.read(int(known.get(b"content-length", 0)))

    def _fields(self) -> Iterator[tuple[bytes, bytes]]:
        exact = self.server.exact
        while field := self.rfile.readline().rstrip(b"\r\n"):
            name, _, value = field.partition(b":")
            if name == exact or name.lower() != exact.lower():
                yield name, value


def chunks_in(file: BufferedIOBase) -> Iterator[bytes]:
    """Each chunk of a body, without what may follow a size or the last one."""
    while size := int(file.readline().partition(b";")[0], 16):
        yield file.read(size)
        file.readline()
    while file.readline().strip():
        pass
