"""An ASGI application called directly: no event loop, no socket, one request at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Scope

Fields = tuple[tuple[str, str], ...]
"""Header fields in order."""


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A response of an application; header names are in lower case."""

    status: int
    headers: Fields
    body: bytes


def call(
    app: ASGIApp,
    method: str,
    target: str,
    headers: Iterable[tuple[bytes, bytes]],
    body: bytes,
    connection: int = 1,
) -> RawResponse:
    """The response to one request. RuntimeError when the application waits for something.

    `connection` stands for the client's port, so that an application can tell connections apart.
    """
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    running = app(_scope(method, target, tuple(headers), connection), receive, send)
    try:
        running.send(None)  # type: ignore[attr-defined] # what ASGI calls awaitable is a coroutine
    except StopIteration:
        pass
    else:
        raise RuntimeError("the application waits for something: serve it over a socket")
    start, *rest = sent
    named = tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in start["headers"])
    return RawResponse(start["status"], named, b"".join(part.get("body", b"") for part in rest))


def _scope(
    method: str, target: str, headers: tuple[tuple[bytes, bytes], ...], connection: int
) -> Scope:
    if "://" in target.partition("?")[0]:  # all of the URL: RFC 9112, section 3.2.2
        target = "/" + target.split("/", 3)[-1]
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode(errors="replace"),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower(), value.strip(b" \t")) for name, value in headers],
        "fields": headers,  # not of ASGI: the names as they were written
        "client": ("127.0.0.1", connection),
        "server": ("127.0.0.1", 80),
    }
