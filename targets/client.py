"""The client: sends exactly the bytes it is given and returns the exchange.

No proxies, no netrc, no cookies, no redirects: a request has only what the caller of `send`
gives."""

import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from itertools import chain, repeat
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit

import httpx

from spec.exchange import Before, Drop, Exchange, HttpFault, Request, ShortRepr
from targets.awake import awake
from targets.chunks import written_in_chunks
from targets.errors import UnreachableError
from targets.faults import Fault
from targets.masking import Masker
from targets.pace import MAX_TRIES, Pace
from targets.stamp import BESIDE, Fields, Stamper, have_one_stamp, is_sent_again
from targets.transport import CLOSED, Dropped, Transport, answer_to, open_session

DEFAULT_TIMEOUT = 10.0
"""Seconds for one whole exchange."""

USUAL_HEADERS = (
    ("User-Agent", "invoice-conformance"),
    ("Accept", "application/json"),
    ("Accept-Encoding", "gzip"),
    ("Content-Type", "application/json"),
)

MOST_STALLS = 3
"""How often a request is sent again, at most, because this process stood still."""
REQUEST_TIMEOUT = 408

_MAY_BE_CUT_OFF = 1024 * 1024
"""Bytes; the server may close the connection early on a body longer than this."""


class Key(Enum):
    """Which key a request carries when none is given."""

    CONFIGURED = 0


@dataclass(frozen=True, slots=True, repr=False)
class Outgoing(ShortRepr):
    """A request as a test asks for it: without a stamp, and with the usual headers but for these.

    `query` replaces the usual one, and `path` that of the client; `fresh` asks for a connection of
    its own.
    """

    body: bytes
    method: str = "POST"
    headers: Fields = ()
    query: str | None = None
    chunked: bool = False
    fresh: bool = False
    path: str = ""


@dataclass(slots=True, repr=False)
class Client(ShortRepr):
    """Sends requests to one endpoint over one connection; each thread needs its own.

    `base_url` is a checked one (`targets.config.normal_url`) and `tls` what
    `targets.connection.trust` returns for it; `timeout` is in seconds and covers a whole exchange;
    `on_exchange` is called with every exchange that can be judged. `transport` replaces the
    connection, and must be safe for threads if requests are sent concurrently. The masker
    hides keys in what an exchange's fault quotes from the server. `proxy` is the URL of one, and
    `headers` and `query` go with every request that does not replace or remove them; a placeholder
    in them is a stamp of its own in each request. `always` are the target's own, which no request
    replaces: a gateway may send it elsewhere by one. `hold` is called between the head of a request
    and its body.
    """

    base_url: str
    path: str
    key_header: str
    key: str | None = field(repr=False)
    stamper: Stamper
    pace: Pace
    tls: ssl.SSLContext | None = None
    timeout: float = DEFAULT_TIMEOUT
    on_exchange: Callable[[Exchange], None] | None = None
    transport: httpx.BaseTransport | None = None
    masker: Masker = field(default=Masker({}), repr=False)
    proxy: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    always: tuple[tuple[str, str], ...] = ()
    query: str = ""
    hold: Callable[[], None] | None = None
    _url: SplitResult = field(init=False)
    _is_stamped: bool = field(init=False)
    _session: httpx.Client | None = field(default=None, init=False)
    _own: Transport | None = field(default=None, init=False)
    _broken: Fault | None = field(default=None, init=False)
    _before: Before | None = field(default=None, init=False)
    _drop: Drop | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._url = urlsplit(self.base_url)
        beside = (self.query, *(value for _, value in self.headers))
        self._is_stamped = any(one in text for one in BESIDE for text in beside)
        if (self._url.scheme == "https") != (self.tls is not None):
            raise ValueError(
                f"The TLS context does not fit {self.base_url}: "
                "give what targets.connection.trust returns for it."
            )

    def send(
        self,
        body: bytes,
        *,
        method: str = "POST",
        key: str | Literal[Key.CONFIGURED] | None = Key.CONFIGURED,
        headers: Iterable[tuple[str, str | None]] = (),
        query: str | None = None,
        chunked: bool = False,
        fresh_connection: bool = False,
        patient: bool = True,
        path: str = "",
    ) -> Exchange:
        """Send one request and return its exchange; a 429 or a first drop is tried again.

        `headers` replace the usual ones of the same name, or remove them with None; `key` None
        sends no key. Without `patient` a 429 is returned. Raises CannotTellError.
        """
        own = () if key is Key.CONFIGURED else ((self.key_header, key),)
        outgoing = Outgoing(body, method, (*own, *headers), query, chunked, fresh_connection, path)
        return self.ask(outgoing, patient=patient)

    def ask(
        self, outgoing: Outgoing, written: bytes | None = None, *, patient: bool = True
    ) -> Exchange:
        """Send what a test asks for, as `send` does; `written` is its body with a stamp, if it has
        one already.
        """
        if outgoing.fresh:
            self.disconnect()
        first = () if written is None else (written,)
        bodies = chain(first, map(self.stamper.write, repeat(outgoing.body)))

        def stamped() -> Request:
            request = self.request(outgoing, next(bodies))
            return self.stamper.renew(request) if self._is_stamped else request

        exchange = self._exchange(stamped, patient=patient)
        if self.on_exchange is not None:
            self.on_exchange(exchange)
        return exchange

    def request(self, outgoing: Outgoing, body: bytes | None = None) -> Request:
        """What is sent for what a test asks for; another body may be one with a stamp, which header
        fields have as well.
        """
        query = self.query if outgoing.query is None else outgoing.query
        own = outgoing.headers
        fields = own if body is None else self.stamper.with_stamp_of(body, own)
        return build_request(
            outgoing.method,
            self._url.netloc,
            self._url.path.rstrip("/") + (outgoing.path or self.path) + (query and f"?{query}"),
            (*self.headers, (self.key_header, self.key), *fields, *self.always),
            outgoing.body if body is None else body,
            chunked=outgoing.chunked,
        )

    @property
    def last_day(self) -> date | None:
        """The last day, in UTC, of the certificate of its last connection; None for plain http."""
        expires = self._own.expires if self._own else None
        if expires is None:
            return None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(expires), UTC).date()

    def is_closed(self, within: float) -> bool:
        """Whether no other exchange can go over its connection, as is seen in so many seconds."""
        return self._session is None or self._own is None or self._own.is_closed(within)

    @property
    def broken(self) -> Fault | None:
        """How its last exchange broke HTTP; None if it did not."""
        return self._broken

    def send_concurrently(self, requests: Sequence[Outgoing], workers: int) -> list[Exchange]:
        """Send them, `workers` at a time, each over its own connection; answers in order.

        A server may answer 429 to more than it takes at once: after a pause, what has no other
        answer yet is sent by half as many workers, in the end by one. Raises CannotTellError.
        """
        answered: dict[int, Exchange] = {}
        rounds = 0
        try:
            while len(answered) < len(requests):
                missing = {n: each for n, each in enumerate(requests) if n not in answered}
                rounds += 1
                for retry_after in self._send_round(missing, answered, workers):
                    self.pace.back_off(retry_after, min(rounds, MAX_TRIES - 1))
                workers = max(1, workers // 2)
        finally:  # what was sent counts also where others could not be
            if self.on_exchange is not None:
                for number in sorted(answered):
                    self.on_exchange(answered[number])
        return [answered[number] for number in range(len(requests))]

    def disconnect(self) -> None:
        """Close the connection, if one is open; the next request opens another."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def close(self) -> None:
        """Close the connection and the pace; no request can follow."""
        self.disconnect()
        self.pace.close()

    def _send_round(
        self, requests: Mapping[int, Outgoing], answered: dict[int, Exchange], workers: int
    ) -> list[str | None]:
        """Send requests until one is throttled, and note the answers to the others by number.

        Returns the Retry-After of each that was throttled; a single worker is patient instead.
        """
        throttled: list[str | None] = []

        def send_one(number: int) -> None:
            if throttled:
                return  # The next round sends it.
            client = replace(self, on_exchange=None)
            try:
                exchange = client.ask(requests[number], patient=workers == 1)
            finally:
                client.disconnect()
            if (response := exchange.response) and response.status == 429:
                throttled.append(response.header("retry-after"))
            else:
                answered[number] = exchange

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(send_one, requests))
        return throttled

    def _exchange(self, make_request: Callable[[], Request], *, patient: bool) -> Exchange:
        dropped, throttled, lost, stalls = False, 0, list[Request](), 0
        self._drop = None
        while True:
            try:
                with self.pace.turns.one():
                    self.pace.acquire()
                    request, stood = make_request(), awake.mark()
                    exchange = self._attempt(request, dropped=dropped)
            except UnreachableError:
                if stalls >= MOST_STALLS or not awake.stood_still(stood):
                    raise
                stalls += 1
                continue
            if exchange is not None and _says_nothing(exchange, stood):
                stalls += 1
                if stalls <= MOST_STALLS:
                    self.disconnect()
                    lost.append(request)
                    continue
            if exchange is None:
                dropped = True
                lost.append(request)
            elif patient and (response := exchange.response) and response.status == 429:
                throttled += 1
                self.pace.back_off(response.header("retry-after"), throttled)
            elif any(is_sent_again(one, request) for one in lost):
                return replace(exchange, twice=True)
            else:
                return exchange

    def _numbered(self, request: Request) -> int:
        number = next(self.stamper.requests)
        self.pace.turns.count()
        if request.header(self.key_header) != self.key:
            self.stamper.stranger = number
        return number

    def _for_httpx(self, request: Request) -> httpx.Request:
        """The request for httpx, which adds nothing to it; header values are encoded in UTF-8. If
        its Trailer names the field of the key, that follows the body (RFC 9110, section 6.6.2).

        A surrogate in a header value stands for a byte that is not UTF-8 (PEP 383).
        """
        extensions: dict[str, Any] = {"target": request.path.encode(), "size": len(request.body)}
        if request.header("transfer-encoding") is not None:
            named = request.header("trailer") == self.key_header
            trailer = f"{self.key_header}: {self.key}\r\n" if named and self.key else ""
            extensions["chunks"] = written_in_chunks(
                request.body, self._url.scheme, trailer.encode("utf-8", "surrogateescape")
            )
        if self.hold is not None:
            extensions["hold"] = self.hold
        return httpx.Request(
            request.method,
            _parsed(f"{self._url.scheme}://{self._url.netloc}{request.path}"),
            headers=[
                (name.encode(), value.encode("utf-8", "surrogateescape"))
                for name, value in request.headers
            ],
            # With `content` instead of `stream`, httpx would add headers.
            stream=httpx.ByteStream(request.body),
            extensions=extensions,
        )

    def _attempt(self, request: Request, *, dropped: bool) -> Exchange | None:
        """One attempt; None when the connection was dropped and the request is to be sent again."""
        if self._session is None:
            transport = self.transport
            if transport is None:
                transport = Transport(self.tls, self.timeout, self.masker, self.proxy)
                self._own = transport
            self._session = open_session(transport)
        if self._own is not None:
            self._own.wait(self.timeout)  # another time limit than it was opened with
        number = self._numbered(request)
        waiting = self.stamper.waiting
        wait = waiting.begin(self.timeout)
        response, fault, kind, unquoted, self._broken, idle = None, None, None, "", None, None
        try:
            response = answer_to(self._session, self._for_httpx(request), self.masker)
            idle = self._own.idle if self._own is not None else None
            if response.status < 500:
                self.stamper.answered = max(self.stamper.answered, number)
        except Dropped as drop:
            # The server may have closed an idle connection meanwhile (RFC 9112, section 9.3.1), or
            # cut off a long body; the first other drop of a run may be the network's fault.
            cut_off = len(request.body) > _MAY_BE_CUT_OFF
            self._drop = drop.kept or self._drop
            if drop.kept is not None or (not cut_off and self.pace.is_first_drop()):
                return None
            fault, kind = f"The server {CLOSED}.", HttpFault.CLOSED
        except Fault as broken:
            fault, kind, self._broken = str(broken), broken.kind, broken
            unquoted = broken.unquoted
        except UnreachableError as unreachable:
            if not dropped:
                raise
            unquoted = "The server closed the connection without a byte"
            fault, kind = f"{unquoted}; then: {unreachable}", HttpFault.GONE
        finally:
            is_still = waiting.end(wait, answered=response is not None)
        elapsed, before = awake() - wait.since, self._before
        first = before and have_one_stamp(before.request, request) and (before.first or before)
        self._before = Before(request, response.status if response else None, first or None)
        sent_in_vain = self._drop
        return Exchange(
            request,
            response,
            fault,
            elapsed,
            kind,
            before,
            sent_in_vain,
            number,
            unquoted=unquoted,
            idle=idle,
            still=kind is HttpFault.LATE and is_still,
        )


def _says_nothing(exchange: Exchange, stood: tuple[float, float]) -> bool:
    """Whether the server ended it, or said that it waits no longer for the request (RFC 9110,
    section 15.5.9), and this process stood still meanwhile, which is why. What is late had all its
    time beside that, but not beside what a thread waits for a processor.
    """
    if exchange.broken is HttpFault.LATE:
        return awake.starved(stood)
    is_over = exchange.response is None or exchange.response.status == REQUEST_TIMEOUT
    return is_over and awake.stood_still(stood)


def build_request(
    method: str,
    host: str,
    target: str,
    changes: Iterable[tuple[str, str | None]],
    body: bytes,
    *,
    chunked: bool,
) -> Request:
    """The request with the usual headers; `changes` replace some, or remove them with None.

    A line break in a value begins another line of the same name (RFC 9110, section 5.3). Blanks
    around a value are left out, as they are not part of it (section 5.5).
    """
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))
    named = {each[0].lower(): each for each in (("Host", host), *USUAL_HEADERS, framing, *changes)}
    headers = chain.from_iterable(map(_lines, named.values()))
    return Request(method.upper(), target, tuple(headers), body)


@lru_cache(maxsize=256)
def _lines(header: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    """A header field as its lines; cached, because most are in every request, and many are kept."""
    name, value = header
    lines = [] if value is None else value.split("\n")
    return tuple((name, line.strip(" \t")) for line in lines)


def in_one(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The header fields by name, each with all its lines in one value."""
    lines: dict[str, list[str]] = {}
    for name, value in headers:
        lines.setdefault(name, []).append(value)
    return {name: "\n".join(values) for name, values in lines.items()}


@lru_cache(maxsize=64)
def _parsed(url: str) -> httpx.URL:
    """Cached, because nearly every request goes to the same URL."""
    return httpx.URL(url)
