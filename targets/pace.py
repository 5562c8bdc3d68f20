"""Rate limit, request budget, back-off and turns of a run, shared by all of its workers.

The workers share a directory with four files: the modification time of one says until when all of
them pause, another is an SQLite database that counts requests and the seconds of pauses, the lock
of a third says whose turn it is, and the last has a byte for each request. A limit that is not set
costs nothing, a request without any limit one look at that time.
"""

import contextlib
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from spec.violation import counted
from targets.errors import BudgetSpentError, TargetError, ThrottledError

if TYPE_CHECKING:
    import sqlite3

    from pyrate_limiter import Limiter

MAX_PAUSES = 120.0
"""Seconds; all pauses of a run together."""

LONG_PAUSE = 5.0
"""Seconds of a pause that is announced."""

MAX_TRIES = 5
"""429 answers to one request after which the run gives up."""

_JITTER = 0.25
"""Seconds at most by which a worker ends a pause later than another one."""
_RANDOM = secrets.SystemRandom()
"""Not the module `random`, which Hypothesis seeds alike in every worker."""

_LONGEST_TURN = 20.0
"""Seconds for which a worker has the server to itself; then it goes on as one of several."""
_LONGEST_WAIT = 60.0
"""Seconds that a worker waits for its turn; then it goes on without turns, as the one that has it
may have been stopped.
"""
_LOOK = 0.5
"""Seconds of these in which a signal may have to wait."""

_MILLISECONDS = {"s": 1000, "m": 60_000}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `requests` in any period of `milliseconds`."""

    requests: int
    milliseconds: int


def read_rate(text: str) -> Rate:
    """Read a rate such as `5/s` or `100/m`. Raises TargetError."""
    if not (parts := re.fullmatch("([1-9][0-9]{0,5})/([sm])", text)):
        raise TargetError(
            f"{text!r} is not a valid rate: write requests per second or minute, "
            "such as 5/s or 100/m."
        )
    return Rate(int(parts[1]), _MILLISECONDS[parts[2]])


class Turns:
    """Lets one of several workers have the server to itself while it asks what a fault depends on:
    what another one sends meanwhile would be taken for that. A worker has one of these for all its
    clients; without a `directory` there are no others.

    No two can wait for each other: there is one lock, which is taken before the limits of a pace,
    and is not waited for by what has it. It is the system's lock of a file, which goes with a
    worker that dies. And nobody waits for ever: a turn is over after a while, and so is a wait.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._room = directory and directory / "turns.sqlite"
        self._sent = directory and directory / "sent"
        self._own = 0
        self._alone: sqlite3.Connection | None = None
        self._until = 0.0

    @property
    def are_shared(self) -> bool:
        """Whether there are other workers."""
        return self._room is not None

    @property
    def others(self) -> int:
        """About how many requests the other workers have sent."""
        with contextlib.suppress(FileNotFoundError):
            return max(0, self._sent.stat().st_size - self._own) if self._sent else 0
        return 0

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """One request is sent, once no other worker asks alone."""
        if self._alone is not None and time.monotonic() > self._until:
            self._give_up()
        room = None if self._alone else self._taken("BEGIN", "SELECT * FROM sqlite_master")
        try:
            yield
        finally:
            if room is not None:
                room.close()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Other workers send nothing meanwhile."""
        if self._alone is not None:
            yield
            return
        self._alone = self._taken("BEGIN EXCLUSIVE")
        self._until = time.monotonic() + _LONGEST_TURN
        try:
            yield
        finally:
            self._give_up()

    def count(self) -> None:
        """A request is sent."""
        if self._sent is None:
            return
        with contextlib.suppress(OSError), self._sent.open("ab", buffering=0) as sent:
            sent.write(b".")
            self._own += 1

    def _give_up(self) -> None:
        alone, self._alone = self._alone, None
        if alone is not None:
            alone.close()

    def _taken(self, *steps: str) -> "sqlite3.Connection | None":
        """The lock that these statements take, until it is closed; None where it is not to be had,
        and where there are no other workers.
        """
        if self._room is None:
            return None
        import sqlite3  # noqa: PLC0415 - 1 MB, and most runs have one process

        until = time.monotonic() + _LONGEST_WAIT
        while self._room is not None:
            with contextlib.ExitStack() as failed:
                try:
                    room = sqlite3.connect(
                        self._room, timeout=_LOOK, isolation_level=None, check_same_thread=False
                    )
                    failed.callback(room.close)
                    for step in steps:
                        room.execute(step).fetchall()
                except sqlite3.OperationalError as error:
                    is_held = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                    if not is_held or time.monotonic() > until:
                        self._room = None
                else:
                    failed.pop_all()
                    return room
        return None


class Pace:
    """The limits of one run; `directory` is shared by its workers and lives as long as the run.

    `announce` is told of a pause that a person would wonder about, in a sentence; `turns` says
    whose turn it is.
    """

    def __init__(
        self,
        directory: Path,
        rate: Rate | None = None,
        max_requests: int | None = None,
        announce: Callable[[str], None] = lambda _: None,
        turns: Turns | None = None,
    ) -> None:
        self.turns = turns or Turns()
        self._announce = announce
        self._max_requests = max_requests
        self._limiter = None if rate is None else _limiter(directory, rate)
        self._pause = directory / "pause"
        self._pause.open("a").close()  # Path.touch would end a pause that another worker has begun.
        self._lock = threading.Lock()
        self._counters = directory / "counters.sqlite"

    def acquire(self) -> None:
        """Wait until a request may be sent, and count it. Raises BudgetSpentError."""
        if self._max_requests is not None and self._count("requests") > self._max_requests:
            raise BudgetSpentError(
                f"The run has sent the {counted(self._max_requests, 'request')} that "
                "--max-requests allows: raise that limit, or choose a smaller --hypothesis-profile."
            )
        if self._limiter is not None:
            # The limiter's own lock excludes other processes, but not other threads.
            with self._lock:
                self._limiter.try_acquire("request")
        while (wait := self._pause.stat().st_mtime - time.time()) > 0:
            time.sleep(wait + _RANDOM.uniform(0, _JITTER))

    def back_off(self, retry_after: str | None, tries: int) -> None:
        """Make all workers pause after the `tries`-th 429 of a request.

        Raises ThrottledError after too many tries, and for a pause that would be too long.
        """
        if tries >= MAX_TRIES:
            raise ThrottledError(
                f"The server answered one request {counted(tries, 'time')} with 429: "
                "try again later, or with a lower --rate-limit."
            )
        pause = pause_seconds(retry_after, tries, datetime.now(UTC))
        with self._shared() as counters:
            counters.execute("BEGIN IMMEDIATE")
            now = time.time()
            until, running = now + pause, max(now, self._pause.stat().st_mtime)
            if until <= running:
                return
            if _add(counters, "seconds of pauses", until - running) > MAX_PAUSES:
                asked = f"{pause:.0f} s" if pause < 86_400 else "a day or more"
                raise ThrottledError(
                    f"The server answered 429 and asked for a pause of {asked}, but all pauses of "
                    f"a run together may take {MAX_PAUSES:.0f} s: "
                    "try again later, or with a lower --rate-limit."
                )
            os.utime(self._pause, (until, until))
            counters.execute("COMMIT")
        if until - running >= LONG_PAUSE:
            self._announce(f"the server answered 429: the run pauses for {pause:.0f} s")

    def is_first_drop(self) -> bool:
        """Count a connection that was dropped without an answer; whether it is the run's first."""
        return self._count("drops") == 1

    def close(self) -> None:
        """Stop the limiter's thread."""
        if self._limiter is not None:
            self._limiter.close()

    def _count(self, name: str) -> int:
        """Add one to a counter of the run, and return its new value."""
        with self._shared() as counters:
            return int(_add(counters, name, 1))

    @contextlib.contextmanager
    def _shared(self) -> "Iterator[sqlite3.Connection]":
        """The counters of the run; a transaction that is not committed changes nothing."""
        import sqlite3  # noqa: PLC0415 - 1 MB, and most runs count nothing

        connection = sqlite3.connect(self._counters, timeout=60, isolation_level=None)
        with contextlib.closing(connection) as counters:
            # Nobody needs the counters after a crash, so do not wait for the disk.
            counters.execute("PRAGMA synchronous = OFF")
            counters.execute("CREATE TABLE IF NOT EXISTS counters (name PRIMARY KEY, value)")
            yield counters


def _add(counters: "sqlite3.Connection", name: str, number: float) -> float:
    """Add to a counter, and return its new value."""
    (value,) = counters.execute(
        "INSERT INTO counters VALUES (?, ?) "
        "ON CONFLICT DO UPDATE SET value = value + excluded.value RETURNING value",
        (name, number),
    ).fetchone()
    return float(value)


def pause_seconds(retry_after: str | None, tries: int, now: datetime) -> float:
    """How long to pause: as Retry-After says (RFC 9110, section 10.2.3), else 1, 2, 4 ... seconds.

    Seconds may have a fraction, as some servers send it. A Retry-After that is neither a number
    nor a date is ignored.
    """
    seconds = float(2 ** (tries - 1))
    if retry_after is not None and re.fullmatch(r"[0-9]+(?:\.[0-9]*)?", retry_after.strip()):
        seconds = float(retry_after)
    elif retry_after is not None:
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            seconds = (parsedate_to_datetime(retry_after) - now).total_seconds()
    return max(seconds, 0.0)


def _limiter(directory: Path, rate: Rate) -> "Limiter":
    # Imported here because it takes 0.1 s, and only a run with a rate limit needs it.
    from pyrate_limiter.limiter_factory import create_sqlite_limiter  # noqa: PLC0415 - see above

    path = str(directory / "rate.sqlite")
    return create_sqlite_limiter(rate.requests, rate.milliseconds, path, use_file_lock=True)
