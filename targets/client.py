"""The client: sends exactly the bytes it is given and returns what came of them.

No proxies, no netrc, no cookies, no redirects: what a request carries is what `send` says."""

import itertools
import re
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import httpx

from spec.contract import PLACEHOLDER, ShortRepr
from spec.exchange import Exchange, Request
from targets.errors import UnreachableError
from targets.pace import Pace
from targets.transport import Dropped, Fault, Transport, answer_to, open_session

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


def _escaped(text: str) -> bytes:
    return "".join(f"\\u{ord(character):04x}" for character in text).encode()


def _utf_16_le(text: str) -> bytes:
    return text.encode("utf-16-le")


def _utf_16_be(text: str) -> bytes:
    return text.encode("utf-16-be")


_SPELLINGS = tuple(
    (re.compile(re.escape(spell(PLACEHOLDER)), re.IGNORECASE), spell)
    for spell in (str.encode, _escaped, _utf_16_le, _utf_16_be)
)


class Stamper:
    """Gives stamps such as `IC-7F3A91C2-01000123`: run, worker, count; safe between threads.

    `run_id` is eight characters, `worker` 0 to 255; one worker has 16,777,216 stamps.
    """

    def __init__(self, run_id: str, worker: int = 0) -> None:
        if len(run_id) != 8 or not 0 <= worker <= 255:
            raise ValueError(f"no stamps for run {run_id!r}, worker {worker}: 8 characters, 0-255.")
        self._prefix = f"IC-{run_id}-{worker:02X}"
        self._count = itertools.count()

    def stamp(self) -> str:
        """The next stamp, as long as the placeholder."""
        return f"{self._prefix}{next(self._count):06X}"

    def write(self, body: bytes) -> bytes:
        """The body with one fresh stamp wherever the placeholder stands, in its own spelling."""
        for pattern, spell in _SPELLINGS:
            if found := pattern.search(body):
                return body.replace(found[0], spell(self.stamp()))
        return body


_LONG = 1024 * 1024
"""Bytes; a server may close early on a body beyond this."""


class Key(Enum):
    """Which key a request carries when none is given."""

    CONFIGURED = 0


@dataclass(slots=True, repr=False)
class Client(ShortRepr):
    """Sends requests to one endpoint over one connection; each thread needs its own.

    `base_url` is a checked one (`targets.address`) and `tls` what `targets.sockets.trust` gives
    for it; `timeout` is in seconds and covers a whole exchange; `on_exchange` is told of every
    exchange that can be judged. `transport` carries the requests in place of a connection, those in
    flight together too.
    """

    base_url: str
    path: str
    key_header: str
    key: str | None = field(repr=False)
    stamper: Stamper
    pace: Pace
    tls: ssl.SSLContext | None = None
    timeout: float = 10.0
    on_exchange: Callable[[Exchange], None] | None = None
    transport: httpx.BaseTransport | None = None
    _url: SplitResult = field(init=False)
    _opened: httpx.Client | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._url = urlsplit(self.base_url)
        if (self._url.scheme == "https") != (self.tls is not None):
            raise ValueError(f"{self.base_url} and its TLS context do not belong together.")

    def send(
        self,
        body: bytes,
        *,
        method: str = "POST",
        key: str | Literal[Key.CONFIGURED] | None = Key.CONFIGURED,
        headers: Iterable[tuple[str, str | None]] = (),
        query: str = "",
        chunked: bool = False,
        fresh_connection: bool = False,
    ) -> Exchange:
        """Send one request and return its exchange, tried again after a drop or a 429.

        `headers` replace those of the same name, or remove them with None; `key` None sends none.
        """
        if fresh_connection:
            self.disconnect()
        key = self.key if key is Key.CONFIGURED else key
        varied = [(self.key_header, key), *headers]

        target = self._url.path.rstrip("/") + self.path + (query and f"?{query}")

        def fresh() -> Request:
            stamped = self.stamper.write(body)
            return composed(method, self._url.netloc, target, varied, stamped, chunked=chunked)

        exchange = self._exchange(fresh)
        if self.on_exchange is not None:
            self.on_exchange(exchange)
        return exchange

    def in_flight(self, bodies: Sequence[bytes], workers: int) -> list[Exchange]:
        """Send the bodies, `workers` at once, each over its own connection; answers in order."""

        def alone(body: bytes) -> Exchange:
            twin = replace(self, on_exchange=None)
            try:
                return twin.send(body)
            finally:
                twin.disconnect()

        with ThreadPoolExecutor(workers) as pool:
            exchanges = list(pool.map(alone, bodies))
        if self.on_exchange is not None:
            for exchange in exchanges:
                self.on_exchange(exchange)
        return exchanges

    def disconnect(self) -> None:
        """Close the connection, if one is open; the next request opens another."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def close(self) -> None:
        """Close the connection and the pace: no request can follow."""
        self.disconnect()
        self.pace.close()

    def _exchange(self, fresh: Callable[[], Request]) -> Exchange:
        dropped, throttled = False, 0
        while True:
            self.pace.enter()
            exchange = self._attempt(fresh(), dropped=dropped)
            if exchange is None:
                dropped = True
            elif exchange.response is not None and exchange.response.status == 429:
                throttled += 1
                self.pace.throttle(exchange.response.header("retry-after"), throttled)
            else:
                return exchange

    def _attempt(self, request: Request, *, dropped: bool) -> Exchange | None:
        """One try; None when the connection dropped and another try is due."""
        started = time.monotonic()
        response, fault, closed = None, None, False
        try:
            response = answer_to(self._session(), outgoing(request, self._url))
        except Dropped as drop:
            # A connection used before may have been closed meanwhile (RFC 9112 9.3.1), and a long
            # body may be cut off; any other drop counts.
            if drop.reused or (len(request.body) <= _LONG and self.pace.forgives_drop()):
                return None
            fault, closed = "The server closed the connection without a byte of an answer.", True
        except Fault as broken:
            fault = str(broken)
        except UnreachableError as refusal:
            if not dropped:
                raise
            fault = f"The server closed the connection without a byte; then: {refusal}"
        return Exchange(request, response, fault, time.monotonic() - started, closed)

    def _session(self) -> httpx.Client:
        if self._opened is None:
            self._opened = open_session(self.transport or Transport(self.tls, self.timeout))
        return self._opened
