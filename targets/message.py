"""A request as a record and as what httpx sends."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import SplitResult

import httpx

from spec.exchange import Request

_CHUNK = 512
"""Bytes a chunk of a chunked body: small, so that an invoice needs several."""
_ALWAYS = (
    ("User-Agent", "invoice-conformance"),
    ("Accept", "application/json"),
    ("Accept-Encoding", "gzip"),
    ("Content-Type", "application/json"),
)


def composed(
    method: str,
    host: str,
    target: str,
    varied: Iterable[tuple[str, str | None]],
    body: bytes,
    *,
    chunked: bool,
) -> Request:
    """The request with the usual headers; `varied` replaces some, or removes them with None.

    Blanks around a value are left out, for they are no part of it (RFC 9110 5.5).
    """
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))
    named = {
        name.lower(): (name, value) for name, value in (("Host", host), *_ALWAYS, framing, *varied)
    }
    headers = tuple(
        (name, value.strip(" \t")) for name, value in named.values() if value is not None
    )
    return Request(method.upper(), target, headers, body)


def outgoing(request: Request, server: SplitResult) -> httpx.Request:
    """The record for httpx, which adds nothing to it; header values in UTF-8.

    A surrogate in a header value stands for a byte that is none of UTF-8 (PEP 383).
    """
    chunked = request.header("transfer-encoding") is not None
    return httpx.Request(
        request.method,
        _url(f"{server.scheme}://{server.netloc}{request.path}"),
        headers=[(name.encode(), _octets(value)) for name, value in request.headers],
        # A body given as `content` would bring headers of httpx's own.
        stream=_Pieces(request.body) if chunked else httpx.ByteStream(request.body),
        extensions={"target": request.path.encode()},
    )


@lru_cache(maxsize=64)
def _url(text: str) -> httpx.URL:
    """Parsed once: nearly every request goes to the same one."""
    return httpx.URL(text)


def _octets(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")


class _Pieces(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), _CHUNK):
            yield self._body[start : start + _CHUNK]
