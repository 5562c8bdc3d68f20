"""The connection that an exchange goes over: its time limits are those of the exchange, what is
written piece by piece goes out in few system calls, and TLS trusts the certificates that are named.
"""

import contextlib
import selectors
import ssl
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import httpcore
from typing_extensions import override

from targets.awake import awake
from targets.errors import TargetError, unreachable
from targets.faults import Progress

_WRITTEN_AT_ONCE = 16 * 1024
"""Bytes; small, because the time limit of a write starts again with each system call."""
_MOST_TAKEN = 64 * 1024
_INTERIM = 1.0
"""Seconds that a server has to say 100 Continue before it gets the body, as with curl; one that
says nothing may be old (RFC 9110, section 10.1.1).
"""
_AT_ONCE = 0.02
"""Seconds that are waited for what has come over a connection already."""
_CA_FILE = "--ca-file, or ca_file in targets.toml"
_CLIENT_CERT = "client_cert in targets.toml"
"""How a user names these files."""


class Backend(httpcore.NetworkBackend):
    """Opens connections whose time limits come from the progress, not from httpcore's `timeout`.

    Raises UnreachableError when it cannot connect, or the certificate is not trusted.
    """

    def __init__(self, progress: Progress, proxy: str | None) -> None:
        self._progress = progress
        self._proxy = proxy
        self._sockets = httpcore.SyncBackend()

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to a host, or to the proxy."""
        where, stream = f"{host}:{port}", None
        while stream is None:
            try:
                left = self._progress.seconds_left(httpcore.ConnectTimeout)
                stream = self._sockets.connect_tcp(host, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                if isinstance(error, httpcore.ConnectError) or not self._progress.has_time:
                    raise unreachable(where, error, self._proxy) from None
        self._progress.connected = True
        return Stream(stream, self._progress, "" if self._proxy else where)


class Stream(httpcore.NetworkStream):
    """A connection; what is written to it piece by piece goes out in as few system calls."""

    def __init__(self, stream: httpcore.NetworkStream, progress: Progress, where: str) -> None:
        self._stream = stream
        self._progress = progress
        self._where = where
        self._unsent = bytearray()

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, or what comes within the time that the exchange has left."""
        if self._unsent:
            with contextlib.suppress(httpcore.WriteError):  # see _flush
                self._flush()
        self._progress.reading = True
        while True:
            # Where this process had no time to look, an answer may be there.
            has_come = self._progress.is_just_over and self.is_readable
            left = _AT_ONCE if has_come else self._progress.seconds_left(httpcore.ReadTimeout)
            # Where this process stood still, some of that time is left.
            with contextlib.suppress(httpcore.ReadTimeout):
                data = self._stream.read(max_bytes, left)
                self._progress.received(data)
                return data

    def taken(self) -> bytes:
        """What has come already; empty if that is the end of the connection."""
        with contextlib.suppress(httpcore.NetworkError, httpcore.TimeoutException):
            return self._stream.read(_MOST_TAKEN, _AT_ONCE)
        return b""

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send what there is of it as soon as it is worth a system call, or before a read.

        After the head of a request that expects 100 Continue, the body waits for the server; after
        that of one that is held, for what holds it.
        """
        if self._progress.hold is not None and self._unsent and buffer:
            hold, self._progress.hold = self._progress.hold, None
            self._flush()
            hold()
        if self._progress.awaits_interim and self._unsent and buffer:
            self._progress.awaits_interim = False
            self._flush()
            self._await_answer()
        if self._progress.chunks is not None:
            buffer = self._progress.chunks(buffer)
        if len(self._unsent) + len(buffer) >= _WRITTEN_AT_ONCE:
            self._flush(buffer)  # which may be long: it is not copied
        else:
            self._unsent += buffer

    def _flush(self, buffer: bytes = b"") -> None:
        """Write all there is within half of the time left; raise WriteError when that is over.

        A server may refuse a long body before it has read all of it, and stop reading (RFC 9112,
        section 9.6); after a WriteError httpcore looks for its answer.
        """
        free = max(_WRITTEN_AT_ONCE - len(self._unsent), 0)
        unsent, self._unsent = bytes(self._unsent) + buffer[:free], bytearray()
        rest = range(free, len(buffer), _WRITTEN_AT_ONCE)
        until = awake() + self._progress.seconds_left(httpcore.WriteTimeout) / 2
        try:
            for piece in chain([unsent], (buffer[at : at + _WRITTEN_AT_ONCE] for at in rest)):
                # After the deadline no write may wait; 0 would mean something else to a socket.
                left = max(until - awake(), 0.001)
                self._stream.write(piece, left)
        except httpcore.WriteTimeout as error:
            raise httpcore.WriteError from error

    def _await_answer(self) -> None:
        """Wait until something of an answer is there, or a server has had its time.

        Under TLS it may be no more than a ticket of the session, and the body is sent early.
        """
        await_bytes(self, min(_INTERIM, self._progress.seconds_left(httpcore.WriteTimeout)))

    @override
    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The connection under TLS."""
        try:
            left = self._progress.seconds_left(httpcore.ConnectTimeout)
            stream = self._stream.start_tls(ssl_context, server_hostname, left)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            self.close()
            # Through a proxy it is the target's, as the tunnel to it is open.
            raise unreachable(self._where or f"{server_hostname}", error) from None
        self._progress.end_of_proxy()
        self._progress.expires = stream.get_extra_info("ssl_object").getpeercert()["notAfter"]
        return Stream(stream, self._progress, self._where)

    @property
    def is_readable(self) -> bool:
        """Whether something has come, or the end of the connection."""
        return bool(self._stream.get_extra_info("is_readable"))

    @override
    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks for; that something is there to read is not told: it would close the
        connection and throw that away.
        """
        return False if info == "is_readable" else self._stream.get_extra_info(info)

    @override
    def close(self) -> None:
        """Close the connection."""
        self._stream.close()


def await_bytes(stream: httpcore.NetworkStream, within: float) -> None:
    """Wait until something has come over a connection, or its end, but no longer than that."""
    # One that needs no file of its own, where there is one.
    with getattr(selectors, "PollSelector", selectors.DefaultSelector)() as selector:
        selector.register(stream.get_extra_info("socket"), selectors.EVENT_READ)
        selector.select(within)


def trust(
    base_url: str,
    ca_file: Path | None = None,
    client_cert: Path | None = None,
    client_key: Path | None = None,
) -> ssl.SSLContext | None:
    """The certificates to trust: the system's, or those of a file; None for plain http.

    A client certificate is shown to a server that asks for one; its key may be in the same file.
    Takes some 20 ms, so make it once and share it. Raises TargetError for an unusable file, also
    for plain http: the address may be wrong, and a file that is named is meant.
    """
    secure = base_url.startswith("https:")
    if not secure and ca_file is None and client_cert is None:
        return None
    for what, file in (
        (_CA_FILE, ca_file),
        (_CLIENT_CERT, client_cert),
        ("client_key in targets.toml", client_key),
    ):
        if file is not None and file.exists() and not file.is_file():
            raise TargetError(f"{what}: {file} is not a regular file: name another one.")
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:  # ValueError for a name that no file can have
        raise TargetError(
            f"{_CA_FILE}: cannot use {ca_file} ({_why(error)}): "
            "name a file with certificates in PEM format."
        ) from None
    if client_cert is not None:
        try:
            # Without a password, and without a question for one that would stop a run.
            context.load_cert_chain(client_cert, client_key, password="")
        except (OSError, ValueError) as error:
            raise TargetError(
                f"{_CLIENT_CERT}: cannot use {client_cert} ({_why(error)}): "
                "name files with a certificate and its key, without a password, in PEM format."
            ) from None
    return context if secure else None


def _why(error: Exception) -> str:
    """What a file is not used for, in a few words."""
    return (isinstance(error, OSError) and error.strerror) or str(error)
