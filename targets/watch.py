"""Watches what one exchange costs: how long it lasts, and how many bytes come back."""

import time
from dataclasses import dataclass

import httpcore

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
