"""One HTTP/1.1 connection with every limit that keeps a hostile server harmless.

The bytes go out as they are given; h11 reads the answer. The deadline covers the whole exchange,
so a server that drips a byte a second gains nothing, and nothing is kept beyond the limits.
"""

import select
import socket
import ssl
import time
from types import TracebackType
from typing import Self

import h11

from spec.exchange import Response
from targets.content import Undecodable, decoded
from targets.errors import UnreachableError

MAX_HEAD = 64 * 1024
MAX_RAW = 1024 * 1024
MAX_INTERIM = 20
_CHUNK = 64 * 1024
_SHOWN = 200


class Fault(Exception):  # noqa: N818 - the design's word; it is the server's, not an error of ours
    """The server broke HTTP; the text is one sentence with the last bytes seen."""


class Dropped(Exception):  # noqa: N818 - as above
    """The server closed the connection before the first byte of an answer."""


class Connection:
    """A connection to one server, kept open between exchanges while both sides agree."""

    def __init__(
        self, host: str, port: int, tls: ssl.SSLContext | None, deadline: float, /
    ) -> None:
        where = f"{host}:{port}"
        try:
            self._socket = socket.create_connection((host, port), _left(deadline))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                self._socket = tls.wrap_socket(self._socket, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            raise UnreachableError(
                f"The certificate of {where} is not trusted ({error.verify_message}): "
                "name the right CA file for this target."
            ) from None
        except OSError as error:
            raise UnreachableError(
                f"Cannot connect to {where} ({error.strerror or error}): "
                "check the address, the network and that the server runs."
            ) from None
        self.used = False
        self.reusable = True

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def idle(self) -> bool:
        """Whether the connection can carry another exchange: open, and nothing left over."""
        if not self.reusable:
            return False
        self._socket.settimeout(0)
        try:
            self._socket.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def exchange(self, method: str, raw: bytes, deadline: float) -> Response:
        """Send `raw` (head and body) and read the answer to it, both before the deadline.

        The deadline is a `time.monotonic()` value. Raises Fault or Dropped.
        """
        self.used, self.reusable = True, False
        parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        # h11 only reads here: it is told of a bare request so that it expects this answer.
        parser.send(h11.Request(method=method, target="/", headers=[("host", "x")]))
        parser.send(h11.EndOfMessage())
        whole = self._write(raw, deadline)
        answer = _Answer(parser)
        try:
            while not answer.complete:
                self._socket.settimeout(_left(deadline))
                answer.feed(self._socket.recv(_CHUNK))
        except TimeoutError:
            raise answer.fault("gave no complete answer in time") from None
        except OSError as error:
            if not answer.size:
                raise Dropped from None
            raise answer.fault(f"broke the connection midway ({error.strerror})") from None
        response = answer.response()
        self.reusable = whole and parser.their_state is h11.DONE
        return response

    def _write(self, raw: bytes, deadline: float) -> bool:
        """Send until all is out or the server answers or closes early; True when all is out."""
        view = memoryview(raw)
        try:
            while view:
                self._socket.settimeout(_left(deadline))
                view = view[self._socket.send(view[:_CHUNK]) :]
                if view and self._answered():
                    break
        except OSError:
            pass  # Closed or stuck while sending: what the server said of it is still to be read.
        return not view

    def _answered(self) -> bool:
        return bool(select.select([self._socket], [], [], 0)[0])


class _Answer:
    """What has come of one answer so far, within its limits."""

    def __init__(self, parser: h11.Connection) -> None:
        self.complete = False
        self.size = 0
        self._tail = b""
        self._parser = parser
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._interim = 0

    def fault(self, what: str) -> Fault:
        """The sentence for the person who reads the report."""
        cut = "..." if self.size > len(self._tail) else ""
        seen = f"{self.size} bytes seen: {cut}{self._tail!r}" if self.size else "no byte seen"
        return Fault(f"The server {what}; {seen}.")

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the wire; none means that the server has closed."""
        self.size += len(data)
        self._tail = (self._tail + data)[-_SHOWN:]
        if not data and not self.size:
            raise Dropped
        if self.size > MAX_RAW:
            raise self.fault(f"sent more than {MAX_RAW} bytes")
        try:
            self._parser.receive_data(data)
            while not self.complete and self._take(self._parser.next_event()):
                pass
        except h11.RemoteProtocolError as error:
            raise self.fault(f"broke HTTP/1.1 ({error})") from None
        if self.complete and self._parser.trailing_data[0]:
            raise self.fault("sent more than one answer")

    def _take(self, event: object) -> bool:
        match event:
            case h11.Response():
                self._head = event
            case h11.InformationalResponse():
                self._interim += 1
                if event.status_code == 101 or self._interim > MAX_INTERIM:
                    raise self.fault(f"sent {self._interim} interim answers ({event.status_code})")
            case h11.Data():
                self._body += event.data
            case h11.EndOfMessage():
                self.complete = True
            case _:
                return False
        return True

    def response(self) -> Response:
        """The answer, its body decompressed."""
        assert self._head is not None
        headers = tuple((n.decode(), v.decode("latin-1")) for n, v in self._head.headers)
        try:
            body = decoded(bytes(self._body), headers)
        except Undecodable as error:
            raise self.fault(str(error)) from None
        return Response(self._head.status_code, headers, body)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
