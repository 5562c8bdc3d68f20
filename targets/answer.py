"""Reads one HTTP/1.1 answer within the limits that keep a hostile server harmless."""

import h11

from spec.exchange import Response
from targets.content import Undecodable, decoded

MAX_HEAD = 64 * 1024
"""Bytes of a head, or of a chunk's head."""
MAX_RAW = 1024 * 1024
"""Bytes of an answer on the wire."""
MAX_INTERIM = 20
"""Answers of the 1xx kind before the one that counts (RFC 9110 15.2)."""
SHOWN = 200
"""Bytes of an answer that a sentence shows."""


class Fault(Exception):
    """The server broke HTTP; the text is one sentence with the last bytes seen."""


class Dropped(Exception):
    """The server closed the connection before the first byte of an answer."""


class Answer:
    """What has come of one answer so far, within its limits."""

    def __init__(self, method: str) -> None:
        self.complete = False
        self.size = 0
        self._tail = b""
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._interim = 0
        self._parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        # h11 only reads here: it is told of a bare request so that it expects this answer.
        self._parser.send(h11.Request(method=method, target="/", headers=[("host", "x")]))
        self._parser.send(h11.EndOfMessage())

    @property
    def begun(self) -> bool:
        """Whether the head of the answer that counts has come."""
        return self._head is not None

    @property
    def persistent(self) -> bool:
        """Whether the server means to take another request on the same connection."""
        return self._parser.their_state is h11.DONE

    def fault(self, what: str) -> Fault:
        """The sentence for the person who reads the report."""
        return Fault(f"The server {what}; {seen(self._tail, self.size)}.")

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the wire; none means that the server has closed."""
        self.size += len(data)
        self._tail = (self._tail + data)[-SHOWN:]
        if not data and not self.size:
            raise Dropped
        if self.size > MAX_RAW:
            raise self.fault(f"sent more than {MAX_RAW} bytes")
        try:
            self._parser.receive_data(data)
            while not self.complete and self._take(self._parser.next_event()):
                pass
        except h11.RemoteProtocolError as error:
            raise self.fault(f"broke HTTP/1.1 ({str(error)[:SHOWN]})") from None
        if self.complete and self._parser.trailing_data[0]:
            raise self.fault("sent more than one answer")

    def _take(self, event: object) -> bool:
        match event:
            case h11.Response():
                self._head = event
            case h11.InformationalResponse():
                self._interim += 1
                if self._interim > MAX_INTERIM:
                    raise self.fault(f"sent over {MAX_INTERIM} interim answers")
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


def seen(tail: bytes, size: int) -> str:
    """The last bytes that came, for a sentence."""
    cut = "..." if size > SHOWN else ""
    return f"{size} bytes seen: {cut}{tail[-SHOWN:]!r}" if size else "no byte seen"
