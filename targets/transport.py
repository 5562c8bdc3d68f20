"""Carries requests over a connection on which no server can hurt the suite.

One deadline covers a whole exchange, an answer's size is limited before and after decompression,
and httpx adds nothing, keeps nothing and follows nothing."""

import contextlib
import gzip
import io
import ssl
import time
import zlib
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import httpcore
import httpx

from spec.exchange import Response
from targets.errors import TargetError, UnreachableError

MAX_DECODED = 4 * 1024 * 1024
MAX_CODINGS = 3


class Undecodable(Exception):
    """The body cannot be decompressed; the text continues the sentence `The server ...`."""


def decoded(body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The body with its content codings undone; only gzip is asked for."""
    listed = ",".join(value for name, value in headers if name == "content-encoding")
    codings = [word.strip().lower() for word in listed.split(",")]
    if len(codings) > MAX_CODINGS:
        raise Undecodable(f"used {len(codings)} content codings on one body")
    for coding in codings if body else ():
        if coding in ("gzip", "x-gzip"):
            body = _inflated(body)
        elif coding not in ("", "identity"):
            raise Undecodable(f"used a content coding that was not asked for ({coding!r})")
    return body


def _inflated(body: bytes) -> bytes:
    """The members of a gzip body (RFC 1952 2.2), one after the other."""
    try:
        plain = gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_DECODED + 1)
    except EOFError:
        raise Undecodable("sent a gzip body that stops early") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Undecodable(f"sent a body that is no gzip ({error})") from None
    if len(plain) > MAX_DECODED:
        raise Undecodable(f"sent a body of more than {MAX_DECODED} bytes once decompressed")
    return plain


MAX_RAW = 1024 * 1024
"""Bytes of an answer on the wire; interim answers (RFC 9110 15.2) and heads count."""
SHOWN = 200
"""Bytes of an answer that a sentence shows."""


class Fault(Exception):
    """The server broke HTTP; the text is one sentence with the last bytes seen."""


class Dropped(Exception):
    """The server closed the connection before the first byte of an answer.

    `reused` tells of a connection that had carried another exchange.
    """

    def __init__(self, *, reused: bool) -> None:
        self.reused = reused


@dataclass(slots=True)
class Watch:
    """Watches one exchange after the other, each of which may take so many `seconds`.

    `connected` is whether a connection was opened for this exchange, `awaited` whether the answer
    was waited for, `size` and `tail` what has come.
    """

    seconds: float
    connected: bool = False
    awaited: bool = False
    size: int = 0
    tail: bytes = b""
    _deadline: float = 0.0

    def begin(self) -> None:
        """Watch the next exchange from now on."""
        self.connected, self.awaited, self.size, self.tail = False, False, 0, b""
        self._deadline = time.monotonic() + self.seconds

    def left(self, late: type[httpcore.TimeoutException]) -> float:
        """Seconds until the deadline. Raises `late` when it has passed."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise late
        return left

    def came(self, data: bytes) -> None:
        """Take note of bytes of the answer. Raises Fault when they are too many."""
        self.size += len(data)
        self.tail = (self.tail + data)[-SHOWN:]
        if self.size > MAX_RAW:
            raise self.fault(f"sent more than {MAX_RAW} bytes")

    def fault(self, what: str) -> Fault:
        """The sentence for the person who reads the report."""
        return Fault(f"The server {what}; {seen(self.tail, self.size)}.")


def seen(tail: bytes, size: int) -> str:
    """The last bytes that came, for a sentence."""
    cut = "..." if size > SHOWN else ""
    return f"{size} bytes seen: {cut}{tail[-SHOWN:]!r}" if size else "no byte seen"


_PIECE = 16 * 1024
"""Bytes written at once: few, because the time limit is for each send that a piece takes."""


def trust(base_url: str, ca_file: Path | None = None) -> ssl.SSLContext | None:
    """What certificates to trust: the system's, or those of a file; None for plain http.

    Costs some 20 ms: make it once and share it. Raises TargetError for an unusable file.
    """
    if not base_url.startswith("https:"):
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise TargetError(f"Cannot use the CA file {ca_file}: {error.strerror or error}.") from None


class Backend(httpcore.NetworkBackend):
    """Opens connections; the watch sets the time limits, not httpcore's `timeout` arguments.

    Raises UnreachableError where no connection can be made, or none that can be trusted.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - see above
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect before the deadline."""
        where = f"{host}:{port}"
        try:
            left = self._watch.left(httpcore.ConnectTimeout)
            stream = self._sockets.connect_tcp(host, port, left, local_address, socket_options)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise _unreachable(where, error) from None
        self._watch.connected = True
        return _Stream(stream, self._watch, where)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, watch: Watch, where: str) -> None:
        self._stream = stream
        self._watch = watch
        self._where = where

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - see Backend
        self._watch.awaited = True
        data = self._stream.read(max_bytes, self._watch.left(httpcore.ReadTimeout))
        self._watch.came(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - see Backend
        """Write within half of the time left; after a WriteError httpcore looks for an answer.

        For a server may refuse a long body before it has read it, and read no more of it
        (RFC 9112 9.6).
        """
        until = time.monotonic() + self._watch.left(httpcore.WriteTimeout) / 2
        try:
            for start in range(0, len(buffer), _PIECE):
                # Once the time is up no piece waits: 1 ms is the least that is no special value.
                left = max(until - time.monotonic(), 0.001)
                self._stream.write(buffer[start : start + _PIECE], left)
        except httpcore.WriteTimeout as error:
            raise httpcore.WriteError from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - see Backend
    ) -> httpcore.NetworkStream:
        try:
            left = self._watch.left(httpcore.ConnectTimeout)
            stream = self._stream.start_tls(ssl_context, server_hostname, left)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            self.close()
            raise _unreachable(self._where, error) from None
        return _Stream(stream, self._watch, self._where)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _unreachable(where: str, error: Exception) -> UnreachableError:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return UnreachableError(
            f"The certificate of {where} is not trusted ({cause.verify_message}): "
            "name the right CA file for this target."
        )
    why = (cause.strerror if isinstance(cause, OSError) else None) or cause or "no answer in time"
    return UnreachableError(
        f"Cannot connect to {where} ({why}): check the address, the network and that the server "
        "runs."
    )


_LEFT_OVER = "had sent bytes after the end of its last answer"


class Transport(httpx.BaseTransport):
    """One connection, kept open between exchanges while both sides agree.

    `tls` is what `targets.sockets.trust` gives; an exchange may take `timeout` seconds.
    """

    def __init__(self, tls: ssl.SSLContext | None, timeout: float) -> None:
        self._watch = Watch(timeout)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=1, network_backend=Backend(self._watch)
        )

    def close(self) -> None:
        """Close the connection, if one is open."""
        self._pool.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its answer to the end; the body stays as it came.

        Raises Fault, Dropped or UnreachableError, and ValueError for what HTTP cannot carry.
        """
        watch = self._watch
        watch.begin()
        try:
            answer = self._pool.handle_request(_for_httpcore(request))
            with contextlib.closing(answer):
                body = answer.read()
        except httpcore.LocalProtocolError as error:
            raise ValueError(f"This request is no HTTP/1.1: {error}.") from None
        except httpcore.TimeoutException:
            raise watch.fault(f"gave no complete answer within {watch.seconds:.1f} s") from None
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            if not watch.awaited:
                raise watch.fault(_LEFT_OVER) from None
            if not watch.size:
                raise Dropped(reused=not watch.connected) from None
            if isinstance(error, httpcore.NetworkError):
                raise watch.fault(f"broke the connection midway ({error})") from None
            raise watch.fault(f"broke HTTP/1.1 ({str(error)[:SHOWN]})") from None
        if not watch.awaited:
            # httpcore kept them and took them for this answer (RFC 9112 9.2 calls it a security
            # matter), so nothing on this connection can be believed any more.
            self.close()
            raise watch.fault(_LEFT_OVER)
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(body))


def _for_httpcore(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


def open_session(transport: httpx.BaseTransport) -> httpx.Client:
    """A session without proxies, netrc, cookies or redirects; closing it closes the transport."""
    return httpx.Client(
        transport=transport, cookies=_NoCookies(), trust_env=False, follow_redirects=False
    )


def answer_to(opened: httpx.Client, request: httpx.Request) -> Response:
    """Send a request as it stands and return its answer, the body decompressed.

    Raises Fault, and what the transport raises.
    """
    try:
        with closing(opened.send(request, stream=True)) as came:
            assert isinstance(came.stream, httpx.SyncByteStream)
            # Not `came.read()`, which would decompress without a limit.
            raw = b"".join(came.stream)
    except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
        # httpx reads where a redirect leads, though it does not follow.
        raise Fault(f"The server broke HTTP/1.1 ({error}).") from None
    headers = tuple((n.decode().lower(), v.decode("latin-1")) for n, v in came.headers.raw)
    try:
        return Response(came.status_code, headers, decoded(raw, headers))
    except Undecodable as error:
        raise Fault(f"The server {error}; {seen(raw, len(raw))}.") from None


class _NoCookies(CookieJar):
    def extract_cookies(self, response: Any, request: Any) -> None:
        """Take none: what a request carries does not depend on the answers before it."""
