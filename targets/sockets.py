"""httpcore's own sockets, all of them under the watch of one exchange at a time.

The deadline covers the whole exchange, so a server that drips a byte a second gains nothing.
"""

import ssl
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpcore

from targets.errors import TargetError, UnreachableError
from targets.watch import Watch

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
