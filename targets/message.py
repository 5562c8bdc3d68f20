"""A request as a record and as the bytes that go over the wire."""

import re
from collections.abc import Iterable

from spec.exchange import Request

_CHUNK = 512
"""Bytes a chunk of a chunked body: small, so that an invoice needs several."""
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
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
    """The request with the usual headers; `varied` replaces some, or removes them with None."""
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))
    named = {
        name.lower(): (name, value) for name, value in (("Host", host), *_ALWAYS, framing, *varied)
    }
    headers = tuple((name, value) for name, value in named.values() if value is not None)
    return Request(method, target, headers, body)


def framed(request: Request) -> bytes:
    """The bytes of a request, head and body (RFC 9112 3, 5, 7.1); header values in UTF-8.

    A surrogate in a header value stands for a byte that is none of UTF-8 (PEP 383).
    """
    lines = [f"{request.method} {request.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    if any(map(_CONTROL.search, lines)):
        raise ValueError(f"a control character in the head of a request: {lines!r}")
    head = "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")
    if request.header("transfer-encoding") is None:
        return head + request.body
    starts = range(0, len(request.body), _CHUNK)
    parts = [request.body[start : start + _CHUNK] for start in starts] + [b""]
    return head + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
