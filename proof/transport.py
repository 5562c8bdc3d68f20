"""Carries httpx's requests to an application by a call, without a socket."""

import threading
from collections.abc import Iterator

import httpx
from starlette.types import ASGIApp

from reference.defects.calling import call


class Called(httpx.BaseTransport):
    """One request after the other, for the application is used by one thread at a time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._one_at_a_time = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application with the request as it stands."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        body = b"".join(request.stream)
        target = request.url.raw_path.decode("ascii")
        with self._one_at_a_time:
            answer = call(self._app, request.method, target, request.headers.raw, body)
        return httpx.Response(
            answer.status, headers=list(answer.headers), stream=_Body(answer.body)
        )


class _Body(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
