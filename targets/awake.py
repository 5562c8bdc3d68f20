"""The time in which this process could run.

A laptop sleeps, a container is paused, a machine has no time for us: then an answer may have come,
and nobody looked. Such a stall is nothing that a server did, so the clock of an exchange stands
still in it.
"""

import os
import threading
import time
from collections.abc import Callable
from functools import partial

BEAT = 0.1
"""Seconds after which the clock looks at the time again."""
STALL = 0.5
"""Seconds without a look that are a stall: a thread that only waits is hardly ever so late."""
STARVED = 1.0
"""Seconds for which a thread that could run had no processor, and of what it waited for nothing is
known.
"""
_OF_THREAD = "/proc/thread-self/schedstat"
"""Where Linux says for how many nanoseconds it was so, in the second number."""
_MOST_READ = 128
"""Bytes; it has three numbers."""
TOLD = 2.0
"""Seconds of a stall that a reader is told of."""


def _clock() -> Callable[[], float]:
    """The system's clock that goes on while a machine sleeps, where it has one."""
    number = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic if number is None else partial(time.clock_gettime, number)


class Awake:
    """A clock that stands still while this process does.

    A thread looks at the time again and again; what nobody looked at for too long is lost.
    """

    def __init__(self) -> None:
        self._now = _clock()
        self._seen = self._now(), 0.0
        self._stalls: list[float] = []
        self._thread: threading.Thread | None = None
        self._start = threading.Lock()

    def __call__(self) -> float:
        """Seconds on this clock."""
        return self._now() - self.lost()

    def lost(self) -> float:
        """Seconds in all in which the process stood still, since the first look."""
        if self._thread is None or not self._thread.is_alive():
            self._begin()
        last, lost = self._seen
        return lost + _stall(last, self._now())

    def mark(self) -> tuple[float, float]:
        """A moment, to ask later what was since then in the thread that asks."""
        return self.lost(), _without_processor()

    def stood_still(self, since: tuple[float, float]) -> bool:
        """Whether the process stood still since a moment, or this thread starved."""
        return self.lost() > since[0] or self.starved(since)

    def starved(self, since: tuple[float, float]) -> bool:
        """Whether this thread could have run for long since a moment, and others did."""
        return _without_processor() - since[1] >= STARVED

    def told(self) -> list[str]:
        """A sentence on each long stall that was not told yet."""
        stalls, self._stalls = self._stalls, []
        return [
            f"This process stood still for {each:.1f} s, which is no time that the server took"
            for each in stalls
            if each >= TOLD
        ]

    def _begin(self) -> None:
        with self._start:
            if self._thread is None or not self._thread.is_alive():
                self._seen = self._now(), self._seen[1]
                self._thread = threading.Thread(target=self._look, name="awake", daemon=True)
                self._thread.start()

    def _look(self) -> None:
        while True:
            time.sleep(BEAT)
            (last, lost), now = self._seen, self._now()
            stall = _stall(last, now)
            if stall:
                self._stalls.append(stall)
            self._seen = now, lost + stall


def _stall(last: float, now: float) -> float:
    """Seconds that were lost since the last look."""
    late = now - last
    return late - BEAT if late > STALL else 0.0


def _without_processor() -> float:
    """Seconds for which this thread could run and had no processor; 0 where no system says it."""
    try:
        file = os.open(_OF_THREAD, os.O_RDONLY)  # each request asks: no object is made of it
    except OSError:
        return 0.0
    try:
        return int(os.read(file, _MOST_READ).split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
    finally:
        os.close(file)


awake = Awake()
"""The clock of this process."""
