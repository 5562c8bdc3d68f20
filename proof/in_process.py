"""A transport for httpx that calls an application, and notes each call."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import httpx
from starlette.types import ASGIApp
from typing_extensions import override

from reference.mutants.asgi import RawResponse, call
from reference.mutants.conditions import Seen


@dataclass(frozen=True, slots=True)
class Call:
    """A request as an application got it, and its response."""

    method: str
    target: str
    seen: Seen
    connection: int
    response: RawResponse

    def again(self, app: ASGIApp) -> RawResponse:
        """The response of this application to the same request."""
        seen = self.seen
        return call(app, self.method, self.target, seen.headers, seen.body, self.connection)


class AppTransport(httpx.BaseTransport):
    """Sends requests to an application; `note` is told of each call.

    As over a socket, each thread has a connection, which lasts until it is closed: the application
    sees its number as the client's port.
    """

    def __init__(self, app: ASGIApp, note: Callable[[Call], None] = lambda _: None) -> None:
        self._app, self._note = app, note
        self._one_at_a_time = threading.Lock()
        self._numbers = count(1)
        self._mine = threading.local()

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application with the request."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        body = b"".join(request.stream)
        headers, target = tuple(request.headers.raw), request.extensions["target"].decode("ascii")
        with self._one_at_a_time:
            number = self._mine.__dict__.setdefault("connection", next(self._numbers))
            response = call(self._app, request.method, target, headers, body, number)
            seen = Seen(headers, body, number)
            self._note(Call(request.method, target, seen, number, response))
        return httpx.Response(
            response.status,
            headers=[(k.encode("latin-1"), v.encode("latin-1")) for k, v in response.headers],
            stream=httpx.ByteStream(response.body),
        )

    @override
    def close(self) -> None:
        """Close this thread's connection: its next request opens another."""
        self._mine.__dict__.pop("connection", None)
