"""Sends requests again: as they were, or another body in the same way, with new stamps; several at
once, or one while another one is under way.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

from spec.contract import HEX_PLACEHOLDER, PLACEHOLDER, UUID_PLACEHOLDER, unstamped
from spec.exchange import Exchange, Request
from spec.servers import path_beside
from targets.client import REQUEST_TIMEOUT, USUAL_HEADERS, Client, Outgoing, in_one
from targets.stamp import unstamped_body

_FRAMING = ("host", "content-length", "transfer-encoding")
"""Headers that the client computes."""
_USUAL = tuple(name for name, _ in USUAL_HEADERS)
"""Headers that the client adds unless they are removed."""
_HELD = 1.0
"""Seconds that a body waits for the answer to another request, at most."""


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


def send_within(client: Client, outer: Outgoing, inner: Outgoing) -> list[Exchange]:
    """Send the head of one request, then another one over a connection of its own, and the body of
    the first once that is answered, or soon: a server may read one after the other. Where it does
    not wait for the body, the first is sent again at once.
    """
    client.disconnect()  # or such a server waits for what comes over it
    begun, answered = Event(), Event()

    def hold() -> None:
        begun.set()
        answered.wait(min(_HELD, client.timeout / 2))

    def send(one: Client, outgoing: Outgoing, done: Event) -> Exchange:
        try:
            return one.ask(outgoing)
        finally:
            one.disconnect()
            done.set()

    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(send, replace(client, on_exchange=None, hold=hold), outer, begun)
        begun.wait()
        second = send(replace(client, on_exchange=None), inner, answered)
        exchanges = [first.result(), second]
    response = exchanges[0].response
    if response is None or response.status == REQUEST_TIMEOUT:
        exchanges[0] = send(replace(client, on_exchange=None), outer, begun)
    if client.on_exchange is not None:
        for exchange in exchanges:
            client.on_exchange(exchange)
    return exchanges


def _is_new(own: str | None, value: str) -> bool:
    """Whether a header field has the UUID that the client writes into it for each request."""
    alike = len(value) == len(own or "") and {*value} <= {*"0123456789abcdef-"}
    return alike and own in (UUID_PLACEHOLDER, HEX_PLACEHOLDER)
