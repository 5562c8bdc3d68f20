"""How fast and how much a run may send, held by all of its workers together.

The workers share a directory: a file whose time says until when all pause, and a SQLite file of
counts. What is not asked for costs no more than a look at one file's time.
"""

import contextlib
import os
import re
import sqlite3
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from targets.errors import BudgetSpentError, TargetError, ThrottledError

if TYPE_CHECKING:
    from pyrate_limiter import Limiter


MAX_PAUSE = 60.0
"""Seconds; the longest wait for one Retry-After."""
MAX_TRIES = 5
"""Answers of 429 in a row after which a request counts as throttled throughout."""


_UNITS = {"s": 1000, "m": 60_000}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `requests` in any `milliseconds`."""

    requests: int
    milliseconds: int


def read_rate(text: str) -> Rate:
    """Read a rate such as `5/s` or `100/m`. Raises TargetError."""
    if not (parts := re.fullmatch("([1-9][0-9]{0,5})/([sm])", text)):
        raise TargetError(
            f"{text!r} is no rate: write requests per second or minute, 5/s or 100/m."
        )
    return Rate(int(parts[1]), _UNITS[parts[2]])


class Pace:
    """The limits of one run; `directory` is shared by its workers and lives as long as the run."""

    def __init__(
        self, directory: Path, rate: Rate | None = None, max_requests: int | None = None
    ) -> None:
        self._max_requests = max_requests
        self._limiter = None if rate is None else _limiter(directory, rate)
        self._pause = directory / "pause"
        self._pause.open("a").close()  # A touch would undo a pause that another worker has begun.
        self._lock = threading.Lock()
        self._counts = directory / "counts.sqlite"

    def enter(self) -> None:
        """Wait until a request may go out, and count it. Raises BudgetSpentError."""
        if self._max_requests is not None and self._count("requests") > self._max_requests:
            raise BudgetSpentError(
                f"The run has sent the {self._max_requests} requests that --max-requests allows: "
                "allow more, or ask for a smaller profile."
            )
        if self._limiter is not None:
            # The limiter's own lock keeps processes apart, not threads.
            with self._lock:
                self._limiter.try_acquire("request")
        while (wait := self._pause.stat().st_mtime - time.time()) > 0:
            time.sleep(wait)

    def forgives_drop(self) -> bool:
        """Count a connection that dropped without a byte; only the run's first is forgiven."""
        return self._count("drops") == 1

    def throttle(self, retry_after: str | None, tries: int) -> None:
        """Make all workers pause after the `tries`-th 429 of a request. Raises ThrottledError."""
        if tries >= MAX_TRIES:
            raise ThrottledError(
                f"The server answered 429 {tries} times to one request: "
                "ask again later, or use a lower --rate-limit."
            )
        until = time.time() + pause(retry_after, tries, datetime.now(UTC))
        if until > self._pause.stat().st_mtime:
            os.utime(self._pause, (until, until))

    def close(self) -> None:
        """Let go of what the limiter holds."""
        if self._limiter is not None:
            self._limiter.close()

    def _count(self, name: str) -> int:
        """Count one more of these; how many the workers have counted together."""
        opened = sqlite3.connect(self._counts, timeout=60, isolation_level=None)
        with contextlib.closing(opened) as counts:
            # What is counted is worth nothing after the run, so the disk need not be waited for.
            counts.execute("PRAGMA synchronous = OFF")
            counts.execute("CREATE TABLE IF NOT EXISTS counts (name PRIMARY KEY, value)")
            (value,) = counts.execute(
                "INSERT INTO counts VALUES (?, 1) "
                "ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value",
                (name,),
            ).fetchone()
        return int(value)


def _limiter(directory: Path, rate: Rate) -> "Limiter":
    # Here because it takes a tenth of a second, and only a run with a rate needs it.
    from pyrate_limiter.limiter_factory import create_sqlite_limiter  # noqa: PLC0415 - see above

    path = str(directory / "rate.sqlite")
    return create_sqlite_limiter(rate.requests, rate.milliseconds, path, use_file_lock=True)


def pause(retry_after: str | None, tries: int, now: datetime) -> float:
    """Seconds to wait, by Retry-After in seconds or as a date (RFC 9110 10.2.3), else doubling."""
    seconds = float(2 ** (tries - 1))
    if retry_after is not None and re.fullmatch(r"\s*[0-9]+\s*", retry_after):
        seconds = float(retry_after)
    elif retry_after is not None:
        with contextlib.suppress(TypeError, ValueError):
            seconds = (parsedate_to_datetime(retry_after) - now).total_seconds()
    return min(max(seconds, 0.0), MAX_PAUSE)
