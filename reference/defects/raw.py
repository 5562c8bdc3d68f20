"""An HTTP server of few lines whose answers, to the byte, are written by whoever bends it."""

import socketserver
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET

from starlette.types import ASGIApp

from reference.defects.calling import Called, call
from reference.defects.server import Host

Write = Callable[[Called], Iterable[bytes]]
"""Turns an answer into the bytes of it, in the pieces in which they are sent."""


def head(answer: Called, *more: str, length: int | None = None) -> bytes:
    """A status line and header fields, with these lines besides; `length` None is the true one."""
    fields = [f"{name}: {value}" for name, value in answer.headers if name != "content-length"]
    framing = [] if length == -1 else [f"content-length: {len(answer.body) if length is None else length}"]
    reason = HTTPStatus(answer.status).phrase
    lines = [f"HTTP/1.1 {answer.status} {reason}", *fields, *framing, *more, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def raw(
    write: Write, *, closes: bool = False, resets: bool = False, exact: bytes = b""
) -> Host:
    """A host that answers with what `write` makes, and then, if told so, closes or resets.

    A header named `exact` but for its case is not passed on.
    """

    @contextmanager
    def host(app: ASGIApp) -> Iterator[str]:
        one_at_a_time = threading.Lock()

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True

            def handle(self) -> None:
                with suppress(OSError):
                    while (request := self._request()) is not None:
                        with one_at_a_time:
                            answer = call(app, *request)
                        for piece in write(answer):
                            self.wfile.write(piece)
                        if resets:
                            linger = struct.pack("ii", 1, 0)
                            self.request.setsockopt(SOL_SOCKET, SO_LINGER, linger)
                        if closes or resets:
                            return

            def _request(self) -> tuple[str, str, list[tuple[bytes, bytes]], bytes] | None:
                line = self.rfile.readline()
                if not line:
                    return None
                method, target, _ = line.decode("latin-1").split(" ", 2)
                fields = []
                while (field := self.rfile.readline().rstrip(b"\r\n")):
                    name, _, value = field.partition(b":")
                    if name == exact or name.lower() != exact.lower():
                        fields.append((name, value))
                known = {name.lower(): value.strip() for name, value in fields}
                if known.get(b"expect", b"").lower() == b"100-continue":
                    self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                if b"chunked" in known.get(b"transfer-encoding", b""):
                    return method, target, fields, self._chunks()
                return method, target, fields, self.rfile.read(int(known.get(b"content-length", 0)))

            def _chunks(self) -> bytes:
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

        class Listener(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """Say nothing of connections that broke."""

        with Listener(("127.0.0.1", 0), Handler) as listener:
            thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            try:
                yield f"http://127.0.0.1:{listener.server_address[1]}"
            finally:
                listener.shutdown()
                thread.join()

    return host
