"""Which requests of a process wait for an answer, and whether any came meanwhile."""

import math
import threading
from dataclasses import dataclass, field

from targets.awake import STALL, awake

ALMOST = 0.9
"""The part of the time limit after which an exchange without an answer has waited for one."""


@dataclass(slots=True, eq=False)
class Wait:
    """One request that waits for its answer: since when, and for how many seconds at most. What
    was sent at about the same time is `beside` it, `answered` is when its own answer came, and
    `heard` whether any other one did meanwhile.
    """

    since: float
    limit: float
    beside: list["Wait"] = field(default_factory=list)
    answered: float = math.inf
    heard: bool = False

    @property
    def early(self) -> float:
        """Seconds in which others may be answered that the server got before this one: threads send
        in another order than that of their numbers, and look late.
        """
        return min(self.limit / 2, max(STALL, (1 - ALMOST) * self.limit))

    @property
    def late(self) -> float:
        """Seconds after which the server may be back, if only for others."""
        return ALMOST * self.limit

    @property
    def is_still(self) -> bool:
        """Whether nothing was answered while it waited, though others waited as well."""
        until = self.since + self.late
        return not self.heard and any(each.answered >= until for each in self.beside)


class Waiting:
    """The requests of a process that wait for an answer; thread-safe.

    What was heard while one waited is noted as it comes: whoever looks later, when others are
    answered again, finds the same.
    """

    def __init__(self) -> None:
        self._waits: set[Wait] = set()
        self._lock = threading.Lock()

    def begin(self, limit: float) -> Wait:
        """A request is sent."""
        with self._lock:
            wait = Wait(awake(), limit)
            for other in self._waits:
                if wait.since - other.since < other.early:
                    other.beside.append(wait)
                    wait.beside.append(other)
            self._waits.add(wait)
        return wait

    def end(self, wait: Wait, *, answered: bool) -> bool:
        """It waits no longer; whether nothing was answered while it did, whatever was asked."""
        with self._lock:
            self._waits.remove(wait)
            if answered:
                wait.answered = awake()
                for other in self._waits:
                    other.heard |= other.early <= wait.answered - other.since < other.late
            is_still, wait.beside = wait.is_still, []  # or each would keep all before it
        return is_still
