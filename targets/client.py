"""The client: sends exactly the bytes it is given and returns what came of them.

No proxies, no netrc, no cookies, no redirects: what a request carries is what `send` says.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from spec.exchange import Exchange, Request
from targets.errors import UnreachableError
from targets.pace import Pace
from targets.stamp import Stamper
from targets.wire import Connection, Dropped, Fault

_CHUNK = 512
"""Bytes a chunk of a chunked body: small, so that an invoice needs several."""


class Key(Enum):
    """Which key a request carries when none is given."""

    CONFIGURED = 0


@dataclass(slots=True)
class Client:
    """Sends requests to one endpoint over one connection; each thread needs its own.

    `base_url` is http or https with an optional path before `path`; `timeout` is in seconds and
    covers a whole exchange; `on_exchange` is told of every exchange that can be judged.
    """

    base_url: str
    path: str
    key_header: str
    key: str | None
    stamper: Stamper
    pace: Pace
    tls: ssl.SSLContext | None = None
    timeout: float = 10.0
    on_exchange: Callable[[Exchange], None] | None = None
    _url: SplitResult = field(init=False)
    _connection: Connection | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._url = urlsplit(self.base_url)

    def send(  # noqa: PLR0913 - each is a way in which the suites vary a request
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
            self.close()
        key = self.key if key is Key.CONFIGURED else key
        varied = [(self.key_header, key), *headers]

        def fresh() -> Request:
            stamped = self.stamper.write(body)
            return self._request(method, query, varied, stamped, chunked=chunked)

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
                twin.close()

        with ThreadPoolExecutor(workers) as pool:
            exchanges = list(pool.map(alone, bodies))
        if self.on_exchange is not None:
            for exchange in exchanges:
                self.on_exchange(exchange)
        return exchanges

    def close(self) -> None:
        """Close the connection, if one is open; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

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
        response, fault, reused = None, None, False
        try:
            connection = self._connected(started + self.timeout)
            reused = connection.used
            response = connection.exchange(request.method, _raw(request), started + self.timeout)
        except Dropped:
            if reused or self.pace.forgives_drop():
                return None
            fault = "The server closed the connection without a byte, and not for the first time."
        except Fault as broken:
            fault = str(broken)
        except UnreachableError as refusal:
            if not dropped:
                raise
            fault = f"The server closed the connection without a byte; since then: {refusal}"
        return Exchange(request, response, fault, time.monotonic() - started)

    def _connected(self, deadline: float) -> Connection:
        if self._connection is None or not self._connection.idle():
            self.close()
            url = self._url
            default = 80 if self.tls is None else 443
            assert url.hostname is not None
            self._connection = Connection(url.hostname, url.port or default, self.tls, deadline)
        return self._connection

    def _request(
        self,
        method: str,
        query: str,
        varied: Iterable[tuple[str, str | None]],
        body: bytes,
        *,
        chunked: bool,
    ) -> Request:
        framing = ("Transfer-Encoding", "chunked")
        headers = {
            name.lower(): (name, value)
            for name, value in (
                ("Host", self._url.netloc),
                ("User-Agent", "invoice-conformance"),
                ("Accept", "application/json"),
                ("Accept-Encoding", "gzip, deflate"),
                ("Content-Type", "application/json"),
                framing if chunked else ("Content-Length", str(len(body))),
                *varied,
            )
        }
        sent = tuple((name, value) for name, value in headers.values() if value is not None)
        target = self._url.path.rstrip("/") + self.path + (query and f"?{query}")
        return Request(method, target, sent, body)


def _raw(request: Request) -> bytes:
    """The request as it goes over the wire (RFC 9112 3, 5, 7.1)."""
    lines = [f"{request.method} {request.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    if any(ord(character) < 32 for line in lines for character in line):
        raise ValueError(f"a control character in the head of a request: {lines!r}")
    head = "\r\n".join([*lines, "", ""]).encode()
    if request.header("transfer-encoding") is None:
        return head + request.body
    starts = range(0, len(request.body), _CHUNK)
    parts = [request.body[start : start + _CHUNK] for start in starts] + [b""]
    return head + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
