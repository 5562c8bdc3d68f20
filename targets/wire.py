"""One HTTP/1.1 connection, on which no server can hold the suite longer than the deadline.

The deadline covers the whole exchange, so a server that drips a byte a second gains nothing.
"""

import contextlib
import selectors
import socket
import ssl
import time
from pathlib import Path

from spec.exchange import Response
from targets.answer import Answer, Dropped, Fault, seen
from targets.errors import TargetError, UnreachableError

_CHUNK = 64 * 1024
_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def trust(base_url: str, ca_file: Path | None = None) -> ssl.SSLContext | None:
    """What certificates to trust: the system's, or those of a file; None for plain http.

    Costs some 20 ms: make it once and share it. Raises TargetError for an unusable file.
    """
    if not base_url.startswith("https:"):
        return None
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise TargetError(f"Cannot use the CA file {ca_file}: {error.strerror or error}.") from None
    context.set_alpn_protocols(["http/1.1"])
    return context


class Connection:
    """A connection to one server, kept open between exchanges while both sides agree."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, deadline: float) -> None:
        self.used = False
        self.reusable = True
        where = f"{host}:{port}"
        try:
            self._socket = _connected(host, port, tls, deadline)
        except ssl.SSLCertVerificationError as error:
            raise UnreachableError(
                f"The certificate of {where} is not trusted ({error.verify_message}): "
                "name the right CA file for this target."
            ) from None
        except OSError as error:
            raise UnreachableError(
                f"Cannot connect to {where} ({error.strerror or error or 'no answer in time'}): "
                "check the address, the network and that the server runs."
            ) from None

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def idle(self) -> bool:
        """Whether the connection can carry another exchange: open, and nothing left over.

        Raises Fault for bytes that nobody asked for, save the 408 of a server that grew tired.
        """
        if not self.reusable:
            return False
        self.reusable = False
        try:
            self._socket.settimeout(0)
            left_over = self._socket.recv(_CHUNK)
        except _NOT_YET:
            self.reusable = True
            return True
        except OSError:
            return False
        if left_over and not left_over.startswith((b"HTTP/1.1 408", b"HTTP/1.0 408")):
            raise Fault(
                "The server sent bytes that belong to no answer before this request went out; "
                f"{seen(left_over, len(left_over))}."
            )
        return False

    def exchange(self, method: str, raw: bytes, deadline: float) -> Response:
        """Send `raw` (head and body) and read the answer to it, both before the deadline.

        The deadline is a `time.monotonic()` value. Raises Fault or Dropped.
        """
        self.used, self.reusable = True, False
        answer = Answer(method)
        started = time.monotonic()
        try:
            whole = self._write(raw, answer, deadline)
            while not answer.complete:
                self._socket.settimeout(_left(deadline))
                answer.feed(self._socket.recv(_CHUNK))
        except TimeoutError:
            raise answer.fault(
                f"gave no complete answer within {deadline - started:.1f} s"
            ) from None
        except OSError as error:
            if not answer.size:
                raise Dropped from None
            raise answer.fault(f"broke the connection midway ({error.strerror or error})") from None
        response = answer.response()
        self.reusable = whole and answer.persistent
        return response

    def _write(self, raw: bytes, answer: Answer, deadline: float) -> bool:
        """Send until all is out, which is told, or until the server answers or closes early.

        A server may refuse a long body before it has read it (RFC 9112 9.6).
        """
        try:
            if len(raw) <= _CHUNK:
                self._socket.settimeout(_left(deadline))
                self._socket.sendall(raw)
                return True
            view = memoryview(raw)
            self._socket.settimeout(0)
            with selectors.DefaultSelector() as ready:
                ready.register(self._socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
                while view and not answer.begun:
                    ready.select(_left(deadline))
                    with contextlib.suppress(*_NOT_YET):
                        answer.feed(self._socket.recv(_CHUNK))
                    with contextlib.suppress(*_NOT_YET):
                        view = view[self._socket.send(view[:_CHUNK]) :]
        except TimeoutError:
            raise
        except OSError:
            return False  # What the server said before it closed can still be read.
        return not view


def _connected(host: str, port: int, tls: ssl.SSLContext | None, deadline: float) -> socket.socket:
    plain = socket.create_connection((host, port), _left(deadline))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls is None:
        return plain
    try:
        plain.settimeout(_left(deadline))
        return tls.wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
