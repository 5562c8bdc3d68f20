"""When a run stops waiting for answers that do come, but take far longer than the usual ones."""

import math
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from statistics import median

from spec.exchange import Exchange
from spec.violation import counted
from targets.awake import awake
from watch.timing import SLOW

MUCH = 10
"""How much longer than the usual answer one takes that is slow: where all take their time, none is,
and the run takes its time as well.
"""
PART = 0.3
"""The part of the time limit that it takes, too: what comes sooner costs a run minutes at most."""
MOST_LIMITS, SHARE = 3, 2
"""Time limits of a request that are always waited for slow answers, as for those that do not come,
and how many times what all else takes besides: so a run lasts some three times as long.
"""


@dataclass(slots=True)
class SlowAnswers:
    """How long one process, with this time limit of a request, has waited for slow answers.

    What is usual is how long a fast one of four takes that say that an invoice was created.
    """

    limit: float
    begun: float = field(default_factory=awake)
    _successes: list[float] = field(default_factory=list)
    _late: list[float] = field(default_factory=list)
    _waited: float = 0.0

    def add(self, exchange: Exchange) -> None:
        """Take note of how long an answer took."""
        if exchange.response is not None and exchange.response.status < 300:
            insort(self._successes, exchange.elapsed)
        if exchange.elapsed >= SLOW:
            insort(self._late, exchange.elapsed)

    def wait(self, seconds: float) -> None:
        """Take note that for so long the run could do nothing else."""
        self._waited += seconds if seconds >= SLOW else 0.0

    @property
    def _least(self) -> float:
        """Seconds from which on an answer is slow; none is while nobody knows what is usual."""
        return max(SLOW, PART * self.limit, MUCH * self._usual)

    @property
    def _usual(self) -> float:
        return self._successes[len(self._successes) // 4] if self._successes else math.inf

    def is_slow(self, seconds: float) -> bool:
        """Whether an answer that takes so long is slow."""
        return seconds >= self._least

    @property
    def are_enough(self) -> bool:
        """Whether no more of them are worth their time."""
        least = MOST_LIMITS * self.limit
        if self._waited < least:
            return False
        waited = min(self._waited, sum(self._slow))
        return waited >= least + SHARE * max(0.0, awake() - self.begun - waited)

    @property
    def slowest_other(self) -> float:
        """Seconds that the slowest answer took that is not slow, or may well have taken."""
        others = self._late[: bisect_left(self._late, self._least)]
        return max(MUCH * self._usual, *others, SLOW)

    @property
    def longer(self) -> int:
        """The time limit with which none of them is slow."""
        return math.ceil(self._late[-1] / PART) + 1

    @property
    def told(self) -> str:
        """How slow they are, in words, and with which time limit all are waited for."""
        return (
            f"{counted(len(self._slow), 'answer')} took {median(self._slow):.1f} s each (median), "
            f"and usual ones {self._usual:.2g} s, which no requirement forbids; with "
            f"--request-timeout {self.longer} all are waited for"
        )

    @property
    def _slow(self) -> list[float]:
        return self._late[bisect_left(self._late, self._least) :]
