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

import httpx

from spec.discreet import Discreet
from spec.exchange import Exchange, Request
from targets.errors import UnreachableError
from targets.message import composed, outgoing
from targets.pace import Pace
from targets.session import answer, session
from targets.stamp import Stamper
from targets.transport import Transport
from targets.watch import Dropped, Fault

_LONG = 1024 * 1024
"""Bytes; a server may close early on a body beyond this."""


class Key(Enum):
    """Which key a request carries when none is given."""

    CONFIGURED = 0


@dataclass(slots=True, repr=False)
class Client(Discreet):
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
            response = answer(self._session(), outgoing(request, self._url))
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
            self._opened = session(self.transport or Transport(self.tls, self.timeout))
        return self._opened
