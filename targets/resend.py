"""Sends requests again: as they were, or another body in the same way, with new stamps."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from spec.contract import HEX_PLACEHOLDER, PLACEHOLDER, UUID_PLACEHOLDER, unstamped
from spec.exchange import Exchange, Request
from spec.servers import path_beside
from targets.client import USUAL_HEADERS, Client, in_one
from targets.stamp import unstamped_body

_FRAMING = ("host", "content-length", "transfer-encoding")
"""Headers that the client computes."""
_USUAL = tuple(name for name, _ in USUAL_HEADERS)
"""Headers that the client adds unless they are removed."""


def send_as(client: Client, request: Request, body: bytes) -> Exchange:
    """Send another body as a request was sent, with new stamps."""
    own = dict(client.headers)
    headers: list[tuple[str, str | None]] = [
        (
            name,
            own[name] if _is_new(own.get(name), value) else unstamped(value),
        )
        for name, value in in_one(request.headers).items()
        if name.lower() not in _FRAMING
    ]
    headers += [(name, None) for name in (*_USUAL, *own) if request.header(name) is None]
    return client.send(
        body,
        method=request.method,
        key=None,
        headers=headers,
        query=unstamped(request.path.partition("?")[2]),
        chunked=request.header("transfer-encoding") is not None,
        path=path_beside(client.path, request.path),
    )


def send_again(client: Client, request: Request, stamp: str = PLACEHOLDER) -> Exchange:
    """Send a request as it was, but for a stamp: a fresh one makes it a new invoice."""
    return send_as(client, request, unstamped_body(request.body, stamp))


def send_together(client: Client, requests: Sequence[Request]) -> list[Exchange]:
    """Send requests again at once, each as a new invoice and over a connection of its own."""

    def send(request: Request) -> Exchange:
        one = replace(client, on_exchange=None)
        try:
            return send_again(one, request)
        finally:
            one.disconnect()

    with ThreadPoolExecutor(len(requests)) as threads:
        return [*threads.map(send, requests)]


def _is_new(own: str | None, value: str) -> bool:
    """Whether a header field has the UUID that the client writes into it for each request."""
    alike = len(value) == len(own or "") and {*value} <= {*"0123456789abcdef-"}
    return alike and own in (UUID_PLACEHOLDER, HEX_PLACEHOLDER)
