"""How far an exchange has come, and how a server broke HTTP in it, in one sentence."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import httpcore

from spec.exchange import HttpFault
from spec.violation import counted
from targets.awake import awake
from targets.chunks import Write
from targets.masking import Masker

_LONGEST_HEAD = 16 * 1024
"""Bytes of an answer's head that are kept."""
_SHOWN = 200
"""Bytes of an answer, and characters of another library's message, that a fault shows."""
_KEPT = 4096
"""The last bytes of an answer that are kept: enough to find a key of which some are shown."""
_FIRST = b"HTTP/"
"""How an answer begins."""
_HEAD_END = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/[0-9]\.[0-9] 1(?!01)")
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*([0-9]{1,9})\r?\n", re.IGNORECASE)
_GZIP = re.compile(rb"\ncontent-encoding:[ \t]*(?:x-)?gzip\s*\n", re.IGNORECASE)
_QUOTES = re.compile("[;:]")
"""Before what another library quotes of the server."""


class Fault(Exception):
    """The server broke HTTP; the message is one sentence with the last bytes received, masked.

    `kind` is in what way, `in_http` whether its answer began as one of HTTP. `unquoted` is the
    sentence as far as it quotes nothing of the server.
    """

    def __init__(
        self,
        message: str,
        unquoted: str,
        kind: HttpFault = HttpFault.OTHER,
        *,
        in_http: bool = True,
    ) -> None:
        super().__init__(message)
        self.unquoted = unquoted
        self.kind = kind
        self.in_http = in_http


def fault_of(
    what: str,
    said: str,
    seen: tuple[bytes, int],
    masker: Masker,
    kind: HttpFault = HttpFault.OTHER,
    *,
    in_http: bool = True,
) -> Fault:
    """A fault with what another library said of it and the end of the bytes seen, and how many.

    Keys are masked before the text is cut: half a key would not be found any more.
    """
    told = f"The server {what} ({brief(said, masker)})" if said else f"The server {what}"
    tail, size = seen
    cut = "..." if size > _SHOWN else ""
    shown = f": {cut}{masker.mask_bytes(tail)[-_SHOWN:]!r}" if size else ""
    received = counted(size, "byte") if size else "no byte"
    return Fault(f"{told}; {received} seen{shown}.", unquoted_of(told), kind, in_http=in_http)


def unquoted_of(told: str) -> str:
    """What is told as far as another library quotes nothing of the server in it."""
    return _QUOTES.split(told, maxsplit=1)[0]


def brief(text: str, masker: Masker) -> str:
    """The beginning of a text, on one line and without any key."""
    text = " ".join(masker.mask(text).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


@dataclass(slots=True)
class Progress:
    """How far the exchange in progress has come; each one may take `timeout` seconds.

    `connected` is whether a connection was opened for it, `reading` whether a read was tried,
    `size`, `first` and `tail` the number of the bytes received, the first and the last of them,
    `head` the beginning of its final answer up to the blank line, once that has come. `expires` is
    what the certificate of the connection says of its end, `awaits_interim` whether the body waits
    for 100 Continue, `hold` what the body waits for else, `beyond` how many bytes came after the
    head, `chunks` how those of its request are written, where that is unusual.
    """

    timeout: float
    masker: Masker
    connected: bool = False
    reading: bool = False
    size: int = 0
    first: bytes = b""
    tail: bytes = b""
    head: bytes = b""
    expires: str | None = None
    awaits_interim: bool = False
    hold: Callable[[], None] | None = None
    beyond: int = 0
    chunks: Write | None = None
    _allowed: int = 0
    _begun: bytearray = field(default_factory=bytearray)
    _deadline: float = 0.0

    def restart(self, allowed: int, *, awaits_interim: bool = False) -> None:
        """Begin the next exchange now; its answer may have this many bytes."""
        self.awaits_interim = awaits_interim
        self.connected, self.reading, self.size, self.tail = False, False, 0, b""
        self.first, self.head, self._begun, self._allowed = b"", b"", bytearray(), allowed
        self._deadline, self.beyond = awake() + self.timeout, 0

    def seconds_left(self, late: type[httpcore.TimeoutException]) -> float:
        """Seconds until the deadline, in which this process can run. Raises `late` when it has
        passed.
        """
        left = self._deadline - awake()
        if left <= 0:
            raise late
        return left

    @property
    def is_just_over(self) -> bool:
        """Whether the deadline has passed, and what has come already may have come in time."""
        return self._deadline <= awake() < self._deadline + self.timeout

    @property
    def has_time(self) -> bool:
        """Whether the deadline has not passed."""
        return self._deadline > awake()

    def received(self, data: bytes) -> None:
        """Count bytes of the answer. Raises Fault when they are too many."""
        self.size += len(data)
        if len(self.first) < len(_FIRST):
            self.first = (self.first + data)[: len(_FIRST)]
        self.tail = (self.tail + data)[-_KEPT:]
        if self.size > self._allowed:
            more = f"sent more than {counted(self._allowed, 'byte')}"
            raise self.fault(more, kind=HttpFault.TOO_LONG)
        if self.head:
            self.beyond += len(data)
        else:
            self._find_head(data)

    def excess(self, length: int) -> bytes:
        """What came after a body of this length, as far as it is kept."""
        more = self.beyond - length
        return self.tail[-more:] if more > 0 else b""

    @property
    def is_interim(self) -> bool:
        """Whether no more came than answers before the final one, such as 100 Continue."""
        return bool(self.size and not self.head and not self._begun)

    def fault(self, what: str, said: str = "", *, kind: HttpFault = HttpFault.OTHER) -> Fault:
        """The fault of this exchange, with what another library `said` of it."""
        seen, in_http = (self.tail, self.size), self.first == _FIRST
        return fault_of(
            f"{what}{self._as_long_as_unzipped}", said, seen, self.masker, kind, in_http=in_http
        )

    @property
    def _as_long_as_unzipped(self) -> str:
        """That a body is zipped and has the length that it has unzipped, which the end of such a
        body says (RFC 1952, section 2.3.1); empty where that is not so.
        """
        length = _LENGTH.search(self.head)
        zipped = length and _GZIP.search(self.head) and self.beyond < int(length[1])
        if not (length and zipped and int.from_bytes(self.tail[-4:], "little") == int(length[1])):
            return ""
        received = counted(self.beyond, "byte")
        return f", as its gzip body of {received} has the Content-Length that it has unzipped"

    def brief(self, text: str) -> str:
        """The beginning of what another library said, without any key."""
        return brief(text, self.masker)

    def end_of_proxy(self) -> None:
        """What was received so far came from a proxy, which has opened the connection."""
        self.size, self.first, self.tail, self.head = 0, b"", b"", b""
        self._begun = bytearray()

    def _find_head(self, data: bytes) -> None:
        """Look for the end of a head where it may be new, as h11 does."""
        searched = max(0, len(self._begun) - 2)
        self._begun += data
        while end := _HEAD_END.search(self._begun, searched):
            head = bytes(self._begun[: end.end()])
            if not _INTERIM.match(head):
                self.beyond = len(self._begun) - end.end()
                self.head, self._begun = head[:_LONGEST_HEAD], bytearray()
                return
            del self._begun[: end.end()]
            searched = 0
