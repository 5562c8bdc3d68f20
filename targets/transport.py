"""Carries requests over a connection on which no server can harm the suite.

One deadline covers a whole exchange, the size of an answer is limited before and after
decompression, and httpx adds nothing, stores nothing and follows no redirect."""

import contextlib
import gzip
import io
import ssl
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import httpcore
import httpx

from spec.exchange import Response
from targets.errors import TargetError, UnreachableError

_MAX_RECEIVED = 1024 * 1024
"""Bytes of an answer on the wire, including its headers and interim answers (RFC 9110 15.2)."""
_MAX_DECODED = 4 * 1024 * 1024
"""Bytes of a body after decompression."""
_MAX_CODINGS = 3
_SHOWN = 200
"""Bytes of an answer that an error message shows."""
_WRITTEN_AT_ONCE = 16 * 1024
"""Bytes; small, because the time limit of a write starts again with each system call."""
_LEFT_OVER = "sent bytes after the end of its previous answer"


class Fault(Exception):
    """The server broke HTTP; the message is one sentence with the last bytes received."""


class Dropped(Exception):
    """The server closed the connection before the first byte of an answer.

    `reused` is whether the connection had carried another exchange.
    """

    def __init__(self, *, reused: bool) -> None:
        self.reused = reused


def trust(base_url: str, ca_file: Path | None = None) -> ssl.SSLContext | None:
    """The certificates to trust: the system's, or those of a file; None for plain http.

    Takes some 20 ms, so make it once and share it. Raises TargetError for an unusable file.
    """
    if not base_url.startswith("https:"):
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise TargetError(
            f"Cannot use the CA file {ca_file} ({error.strerror or error}): "
            "name a file with certificates in PEM format."
        ) from None


class Transport(httpx.BaseTransport):
    """One connection, kept open between exchanges for as long as both sides agree.

    `tls` is what `trust` returns; an exchange may take `timeout` seconds.
    """

    def __init__(self, tls: ssl.SSLContext | None, timeout: float) -> None:
        self._progress = _Progress(timeout)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=1, network_backend=_Backend(self._progress)
        )

    def close(self) -> None:
        """Close the connection, if one is open."""
        self._pool.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its answer to the end, without decompressing its body.

        Raises Fault, Dropped or UnreachableError, and ValueError for what HTTP cannot carry.
        """
        progress = self._progress
        progress.restart()
        try:
            answer = self._pool.handle_request(_for_httpcore(request))
            with contextlib.closing(answer):
                body = answer.read()
        except httpcore.LocalProtocolError as error:
            raise ValueError(f"HTTP/1.1 cannot carry this request: {error}.") from None
        except httpcore.TimeoutException:
            timeout = f"{progress.timeout:.1f} s"
            raise progress.fault(f"gave no complete answer within {timeout}") from None
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            if not progress.reading:
                raise progress.fault(_LEFT_OVER) from None
            if not progress.size:
                raise Dropped(reused=not progress.connected) from None
            if isinstance(error, httpcore.NetworkError):
                raise progress.fault(f"broke the connection midway ({error})") from None
            raise progress.fault(f"broke HTTP/1.1 ({str(error)[:_SHOWN]})") from None
        if not progress.reading:
            # httpcore had kept those bytes and took them for this answer, a security problem (RFC
            # 9112, section 9.2): nothing that comes over this connection can be trusted any more.
            self.close()
            raise progress.fault(_LEFT_OVER)
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(body))


def open_session(transport: httpx.BaseTransport) -> httpx.Client:
    """A session without proxies, netrc, cookies or redirects; closing it closes the transport."""
    return httpx.Client(
        transport=transport, cookies=_NoCookies(), trust_env=False, follow_redirects=False
    )


def answer_to(session: httpx.Client, request: httpx.Request) -> Response:
    """Send a request as it is and return its answer with the body decompressed.

    Raises Fault, and what the transport raises.
    """
    try:
        with contextlib.closing(session.send(request, stream=True)) as answer:
            assert isinstance(answer.stream, httpx.SyncByteStream)
            # Not `answer.read()`, which would decompress without a limit.
            received = b"".join(answer.stream)
    except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
        # httpx parses the Location of a redirect, although it does not follow it.
        raise Fault(f"The server broke HTTP/1.1 ({error}).") from None
    headers = tuple((n.decode().lower(), v.decode("latin-1")) for n, v in answer.headers.raw)
    try:
        body = _decompressed(received, headers)
    except _UndecodableError as error:
        raise _fault(str(error), received, len(received)) from None
    return Response(answer.status_code, headers, body)


class _NoCookies(CookieJar):
    def extract_cookies(self, response: Any, request: Any) -> None:
        """Store none, so that no request depends on the answers before it."""


def _for_httpcore(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


def _fault(what: str, tail: bytes, size: int) -> Fault:
    """The fault with the end of what came, `size` bytes in all."""
    if not size:
        return Fault(f"The server {what}; no byte seen.")
    cut = "..." if size > _SHOWN else ""
    return Fault(f"The server {what}; {size} bytes seen: {cut}{tail[-_SHOWN:]!r}.")


@dataclass(slots=True)
class _Progress:
    """How far the exchange in progress has come; each one may take `timeout` seconds.

    `connected` is whether a connection was opened for it, `reading` whether a read was tried,
    `size` and `tail` the number of the bytes received and the last of them.
    """

    timeout: float
    connected: bool = False
    reading: bool = False
    size: int = 0
    tail: bytes = b""
    _deadline: float = 0.0

    def restart(self) -> None:
        """Begin the next exchange now."""
        self.connected, self.reading, self.size, self.tail = False, False, 0, b""
        self._deadline = time.monotonic() + self.timeout

    def seconds_left(self, late: type[httpcore.TimeoutException]) -> float:
        """Seconds until the deadline. Raises `late` when it has passed."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise late
        return left

    def received(self, data: bytes) -> None:
        """Count bytes of the answer. Raises Fault when they are too many."""
        self.size += len(data)
        self.tail = (self.tail + data)[-_SHOWN:]
        if self.size > _MAX_RECEIVED:
            raise self.fault(f"sent more than {_MAX_RECEIVED} bytes")

    def fault(self, what: str) -> Fault:
        return _fault(what, self.tail, self.size)


class _Backend(httpcore.NetworkBackend):
    """Opens connections whose time limits come from the progress, not from httpcore's `timeout`.

    Raises UnreachableError when it cannot connect, or the certificate is not trusted.
    """

    def __init__(self, progress: _Progress) -> None:
        self._progress = progress
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - see above
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        where = f"{host}:{port}"
        try:
            left = self._progress.seconds_left(httpcore.ConnectTimeout)
            stream = self._sockets.connect_tcp(host, port, left, local_address, socket_options)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise _unreachable(where, error) from None
        self._progress.connected = True
        return _Stream(stream, self._progress, where)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, progress: _Progress, where: str) -> None:
        self._stream = stream
        self._progress = progress
        self._where = where

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - see _Backend
        self._progress.reading = True
        data = self._stream.read(max_bytes, self._progress.seconds_left(httpcore.ReadTimeout))
        self._progress.received(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - see _Backend
        """Write within half of the time left, and raise WriteError when that is over.

        A server may refuse a long body before it has read all of it, and stop reading (RFC 9112,
        section 9.6); after a WriteError httpcore looks for its answer.
        """
        until = time.monotonic() + self._progress.seconds_left(httpcore.WriteTimeout) / 2
        try:
            for start in range(0, len(buffer), _WRITTEN_AT_ONCE):
                # After the deadline no write may wait; 0 would mean something else to a socket.
                left = max(until - time.monotonic(), 0.001)
                self._stream.write(buffer[start : start + _WRITTEN_AT_ONCE], left)
        except httpcore.WriteTimeout as error:
            raise httpcore.WriteError from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - see _Backend
    ) -> httpcore.NetworkStream:
        try:
            left = self._progress.seconds_left(httpcore.ConnectTimeout)
            stream = self._stream.start_tls(ssl_context, server_hostname, left)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            self.close()
            raise _unreachable(self._where, error) from None
        return _Stream(stream, self._progress, self._where)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _unreachable(where: str, error: Exception) -> UnreachableError:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return UnreachableError(
            f"The certificate of {where} is not trusted ({cause.verify_message}): "
            "give the right CA file for this target."
        )
    why = (cause.strerror if isinstance(cause, OSError) else None) or cause or "no answer in time"
    return UnreachableError(
        f"Cannot connect to {where} ({why}): check the address, the network and that the server "
        "runs."
    )


class _UndecodableError(Exception):
    """A body cannot be decompressed; the message continues the sentence `The server ...`."""


def _decompressed(body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The body without its content codings (RFC 9110, section 8.4); requests ask for gzip alone."""
    listed = ",".join(value for name, value in headers if name == "content-encoding")
    codings = [word.strip().lower() for word in listed.split(",")]
    if len(codings) > _MAX_CODINGS:
        raise _UndecodableError(f"used {len(codings)} content codings on one body")
    for coding in codings if body else ():
        if coding in ("gzip", "x-gzip"):
            body = _gunzipped(body)
        elif coding not in ("", "identity"):
            raise _UndecodableError(f"used a content coding that was not asked for ({coding!r})")
    return body


def _gunzipped(body: bytes) -> bytes:
    """All members of a gzip body (RFC 1952, section 2.2), joined."""
    try:
        plain = gzip.GzipFile(fileobj=io.BytesIO(body)).read(_MAX_DECODED + 1)
    except EOFError:
        raise _UndecodableError("sent a gzip body that ends early") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise _UndecodableError(f"sent a body that is not valid gzip ({error})") from None
    if len(plain) > _MAX_DECODED:
        raise _UndecodableError(f"sent a body of more than {_MAX_DECODED} bytes once decompressed")
    return plain
