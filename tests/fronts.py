"""Servers with something in front of the API, or that break down in the midst of a run."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from reference.server import serving
from tests.running import application

Decide = Callable[[int, bytes], Response | None]
"""What is answered to a request, by its number from 1 and its body; None for what the API says."""

ERROR = b'{"code": "UNAUTHORIZED", "message": "This key has expired."}'


def page(status: int, server: str = "cloudflare") -> Response:
    """A page for people."""
    headers = {"content-type": "text/html; charset=UTF-8", "server": server}
    return Response(b"<html><title>Attention</title></html>", status, headers)


def error(status: int) -> Response:
    """An error as the document has it."""
    return Response(ERROR, status, {"content-type": "application/json"})


def redirect() -> Response:
    """To where people log in."""
    return Response(None, 302, {"location": "https://login.example.com/"})


def maintenance() -> Response:
    """A success that is none, in JSON."""
    return Response(b'{"message": "Maintenance"}', 200, {"content-type": "application/json"})


class Nothing(Response):
    """No answer, as long as the client waits for one."""

    @override
    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        """Wait until it has gone."""
        while (await receive())["type"] != "http.disconnect":
            pass


def front(app: ASGIApp, decide: Decide) -> ASGIApp:
    """Something in front of an application that answers some requests itself."""
    numbers = count(1)

    async def decided(scope: Scope, receive: Receive, send: Send) -> None:
        number = next(numbers)  # others come while its body does
        body, again = await _whole(receive)
        response = decide(number, body)
        if response is None:
            await app(scope, again, send)
        else:
            await response(scope, receive, send)

    return decided


async def _whole(receive: Receive) -> tuple[bytes, Receive]:
    """The body of a request, and what receives all of it again."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again


@contextmanager
def delayed(seconds: Callable[[bytes], float]) -> Iterator[str]:
    """The reference, whose answers come so much later, by the body of a request; its base URL."""
    with application() as app:

        async def late(scope: Scope, receive: Receive, send: Send) -> None:
            body, again = await _whole(receive)
            await asyncio.sleep(seconds(body))
            await app(scope, again, send)

        with serving(late) as url:
            yield url


@contextmanager
def fronted(decide: Decide) -> Iterator[str]:
    """The reference behind such a front; its base URL."""
    with application() as app, serving(front(app, decide)) as url:
        yield url


@contextmanager
def handled(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve requests by a handler, each connection in a thread of its own; its base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
