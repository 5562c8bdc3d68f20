"""Carries requests over a connection on which no server can harm the suite.

One deadline covers a whole exchange, the size of an answer is limited before and after
decompression, and httpx adds nothing, stores nothing and follows no redirect."""

import contextlib
import logging
import re
import ssl
import time
from functools import lru_cache
from typing import Any

import httpcore
import httpx
from typing_extensions import override

from spec.exchange import Drop, HttpFault, Response
from targets.codings import TooLongError, UndecodableError, decompressed
from targets.connection import Backend, Stream, await_bytes
from targets.errors import UnreachableError
from targets.faults import Fault, Progress, brief, fault_of, unquoted_of
from targets.masking import Masker

_ALWAYS_ALLOWED = 1024 * 1024
_ALLOWED_PER_BYTE = 32
_MOST_ALLOWED = 16 * 1024 * 1024
"""Bytes of an answer: to any request, more for each byte of its body, and at most."""
CLOSED = "closed the connection without a byte of an answer"
_INTERIM_ONLY = "closed the connection after 100 Continue, without an answer"
_LEFT_OVER = "sent bytes after the end of its previous answer"
_UNASKED = "sent an answer that was not asked for"
_IDLE = re.compile(rb"HTTP/1\.[01] 408\b")
_CLOSES = re.compile(rb"\nconnection:[ \t]*close\b", re.IGNORECASE)
"""How an answer begins by which a server says that it closes an idle connection (RFC 9110, section
15.5.9), and its header field that says so.
"""
_TALKATIVE = ("httpx", "httpcore")
"""Loggers of libraries that would write URLs and headers, with the key, into any log."""


class Dropped(Exception):
    """The server closed the connection before the first byte of an answer.

    `kept` says how, if the connection had carried another exchange.
    """

    def __init__(self, kept: Drop | None) -> None:
        self.kept = kept


class Transport(httpx.BaseTransport):
    """One connection, kept open between exchanges for as long as both sides agree.

    `tls` is what `trust` returns; an exchange may take `timeout` seconds; the masker hides keys in
    what a fault shows. With a `proxy`, the URL of one, it is the proxy that opens connections.
    """

    def __init__(
        self, tls: ssl.SSLContext | None, timeout: float, masker: Masker, proxy: str | None = None
    ) -> None:
        self._progress = Progress(timeout, masker)
        self._proxy = proxy
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            proxy=httpcore.Proxy(proxy) if proxy else None,
            max_connections=1,
            network_backend=Backend(self._progress, proxy),
        )
        self._carried, self._began, self._ended = 0, 0.0, 0.0
        self._stream: httpcore.NetworkStream | None = None
        self._came = b""
        self.idle: float | None = None
        """Seconds that nothing had been sent over the connection when the last request was that had
        an answer; None where it was the first.
        """

    def wait(self, timeout: float) -> None:
        """From now on, an exchange may take so many seconds, also over the open connection."""
        self._progress.timeout = timeout

    def _drop(self, began: float) -> Drop:
        """How the connection was closed on the request that was begun then."""
        return Drop(time.time(), began - self._ended, self._carried, began - self._began)

    def is_closed(self, within: float) -> bool:
        """Whether no other exchange can go over the connection, as far as can be seen in so many
        seconds: what comes after an answer is the end of it.
        """
        if self._stream is not None and self._is_open:
            await_bytes(self._stream, within)
        return not self._is_open

    @property
    def _is_open(self) -> bool:
        is_over = isinstance(self._stream, Stream) and self._stream.is_readable
        return any(one.is_idle() for one in self._pool.connections) and not is_over

    @property
    def expires(self) -> str | None:
        """When the certificate of the last connection expires; None for plain http."""
        return self._progress.expires

    @override
    def close(self) -> None:
        """Close the connection, if one is open."""
        self._pool.close()

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its answer to the end, without decompressing its body.

        The answer has its head, as it came, in its extensions. Raises Fault, Dropped or
        UnreachableError, and ValueError for what HTTP cannot carry.
        """
        progress = self._progress
        # Not `in request.headers`, for which httpx decodes them all.
        awaits_interim = b"expect" in map(bytes.lower, dict(request.headers.raw))
        progress.restart(_allowed(request), awaits_interim=awaits_interim)
        progress.chunks = request.extensions.get("chunks")
        progress.hold = request.extensions.get("hold")
        began = time.time()
        self._end_if_over()
        try:
            answer = self._pool.handle_request(_for_httpcore(request))
            with contextlib.closing(answer):
                body = answer.read()
        except httpcore.ProxyError as error:
            said = progress.brief(str(error))
            raise UnreachableError(
                f"The proxy {self._proxy} opens no connection to this target ({said}): "
                "check proxy in targets.toml, or ask who runs the proxy."
            ) from None
        except httpcore.LocalProtocolError as error:
            raise ValueError(f"HTTP/1.1 cannot carry this request: {error}.") from None
        except httpcore.TimeoutException:
            what = f"gave no complete answer within {progress.timeout:g} s"
            raise progress.fault(what, kind=HttpFault.LATE) from None
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            raise self._broken(error, began) from None
        if not progress.head.startswith(b"HTTP/"):
            # httpcore had kept bytes from before this exchange and took them for its answer, a
            # security problem (RFC 9112, section 9.2): nothing that comes over this connection
            # can be trusted any more.
            self.close()
            raise progress.fault(_UNASKED, kind=HttpFault.UNASKED)
        if not progress.connected and _IDLE.match(progress.head) and _CLOSES.search(progress.head):
            raise Dropped(self._drop(began))  # it may have been sent before the request came
        self.idle = None if progress.connected else began - self._ended
        self._carried = 1 if progress.connected else self._carried + 1
        self._began, self._ended = began, time.time()
        self._stream = answer.extensions["network_stream"]
        if {n.lower(): v for n, v in answer.headers}.get(b"content-length") == b"%d" % len(body):
            self._came = progress.excess(len(body))
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=httpx.ByteStream(body),
            extensions={"head": progress.head},
        )

    def _broken(self, error: Exception, began: float) -> Fault | Dropped:
        """How the exchange was broken that was begun then."""
        progress = self._progress
        if not progress.reading:
            return progress.fault(_LEFT_OVER)
        if not progress.size:
            return Dropped(None if progress.connected else self._drop(began))
        if isinstance(error, httpcore.NetworkError):
            return progress.fault("broke the connection midway", str(error))
        if progress.is_interim:
            return progress.fault(_INTERIM_ONLY, kind=HttpFault.CLOSED)
        return progress.fault("broke HTTP/1.1", str(error), kind=HttpFault.FRAMING)

    def _end_if_over(self) -> None:
        """Close the connection if it is over. Raises Fault if something came over it after the last
        answer, which is no answer to what is sent next.
        """
        stream, came = self._stream, self._came
        self._came = b""
        if not any(one.is_idle() for one in self._pool.connections):
            return
        is_readable = isinstance(stream, Stream) and stream.is_readable
        if not (came or is_readable):
            return
        if isinstance(stream, Stream) and is_readable:
            came += stream.taken()
        came = came.lstrip(b"\r\n")
        self.close()
        if came and not _IDLE.match(came):
            is_answer = came.startswith(b"HTTP/")
            kind = HttpFault.UNASKED if is_answer else HttpFault.OTHER
            self._progress.received(came)
            raise self._progress.fault(_UNASKED if is_answer else _LEFT_OVER, kind=kind)


class _NoCookies(httpx.Cookies):
    @override
    def extract_cookies(self, response: httpx.Response) -> None:
        """Store none, so that no request depends on the answers before it."""


_NO_COOKIES = _NoCookies()


class _Session(httpx.Client):
    @property  # type: ignore[explicit-override] # of one with a setter, mypy does not see it
    @override
    def cookies(self) -> httpx.Cookies:
        """None; httpx would otherwise make an object of urllib's of each request and answer."""
        return _NO_COOKIES

    @cookies.setter
    @override
    def cookies(self, cookies: Any) -> None:
        """Nothing is kept."""


def open_session(transport: httpx.BaseTransport) -> httpx.Client:
    """A session without proxies, netrc, cookies or redirects; closing it closes the transport.

    From then on httpx and httpcore log nothing in this process, whatever log level is asked for.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return _Session(transport=transport, trust_env=False, follow_redirects=False)


def answer_to(session: httpx.Client, request: httpx.Request, masker: Masker) -> Response:
    """Send a request as it is and return its answer with the body decompressed.

    The request's extension `size`, the length of its body, says how long the answer may be. Raises
    Fault, in which the masker has hidden the keys, and what the transport raises.
    """
    try:
        with contextlib.closing(session.send(request, stream=True)) as answer:
            assert isinstance(answer.stream, httpx.SyncByteStream)
            # Not `answer.read()`, which would decompress without a limit.
            received = b"".join(answer.stream)
        # Else it holds itself, and its body is kept until garbage is looked for.
        answer.stream = httpx.ByteStream(b"")
    except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
        # httpx parses the Location of a redirect, although it does not follow it.
        told = f"The server broke HTTP/1.1 ({brief(str(error), masker)})."
        raise Fault(told, unquoted_of(told), HttpFault.FRAMING) from None
    headers = tuple((_name(n, masker), v.decode("latin-1")) for n, v in answer.headers.raw)
    try:
        body = decompressed(received, headers, _allowed(request))
    except UndecodableError as error:
        seen = received, len(received)
        kind = HttpFault.TOO_LONG if isinstance(error, TooLongError) else HttpFault.OTHER
        raise fault_of(str(error), error.said, seen, masker, kind) from None
    return Response(answer.status_code, headers, body, answer.extensions.get("head", b""))


@lru_cache  # most answers have the same names
def _name(raw: bytes, masker: Masker) -> str:
    """A header's name in lower case, in which a key in Base64 would not be found any more."""
    return masker.mask(raw.decode()).lower()


def _for_httpcore(request: httpx.Request) -> httpcore.Request:
    url = request.url
    # Not as an extension, which httpcore would also take for the target of a CONNECT to a proxy.
    target = request.extensions.get("target", url.raw_path)
    extensions = {name: each for name, each in request.extensions.items() if name != "target"}
    made = httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=target),
        content=request.stream,
        extensions=extensions,
    )
    made.headers = request.headers.raw  # they are bytes: it would look at each of them
    return made


def _allowed(request: httpx.Request) -> int:
    """Bytes of the answer to a request, on the wire and once more after decompression.

    More for a long request, whose answer may repeat it in longer words.
    """
    size: int = request.extensions.get("size", 0)
    return min(_ALWAYS_ALLOWED + _ALLOWED_PER_BYTE * size, _MOST_ALLOWED)
