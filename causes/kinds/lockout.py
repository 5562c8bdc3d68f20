"""Whether what a request left behind is over after a moment, as a lock after a wrong key is."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from causes.sightings import Sighting
from spec.exchange import Request
from spec.oracle import Verdict
from spec.violation import Category

TO_PASS = 2.0
"""Seconds after which a short lock is over."""
LOCKED = frozenset({401, 403, 409, 423})
"""How a request is refused for what another one did."""
_REFUSED = (Category.REFUSED_VALID, Category.WRONG_STATUS)
MOST_WAITS = 12
"""Times that this is waited for one failure."""
A_MOMENT_AGO = f", less than {TO_PASS:.0f} s ago"


@dataclass(slots=True)
class Alone:
    """Asks for a request with nothing before it: `apart` has it go over a connection of its own,
    and `shows` says whether a verdict has what is looked for.
    """

    sighting: Sighting
    apart: Callable[[], None]
    asked: Callable[[Request], Verdict | None]
    shows: Callable[[Verdict | None], bool]
    is_over: bool = False
    _waits: int = 0

    def is_well(self, request: Request) -> bool:
        """Whether it is answered well, at once or, where it is refused as by a lock, in a moment;
        not when nothing more may be asked.
        """
        verdict = self._asked_apart(request)
        if self.shows(verdict) and self._may_be_locked(verdict):
            self._waits += 1
            time.sleep(TO_PASS)
            verdict = self._asked_apart(request)
            self.is_over = self.is_over or not self.shows(verdict)
        return verdict is not None and not self.shows(verdict)

    def when(self) -> str:
        """When the request before has to have been, in words."""
        return A_MOMENT_AGO if self.is_over else ""

    def _asked_apart(self, request: Request) -> Verdict | None:
        self.apart()
        return self.asked(request)

    def _may_be_locked(self, verdict: Verdict | None) -> bool:
        is_refused = self.sighting.symptom.category in _REFUSED
        return is_refused and lock_of(verdict) > 0 and self._waits < MOST_WAITS


def lock_of(verdict: Verdict | None) -> int:
    """The status of an answer that may be that of a lock; 0 of any other."""
    response = verdict.exchange.response if verdict else None
    return response.status if response is not None and response.status in LOCKED else 0


def let_pass(sighting: Sighting) -> None:
    """Wait until what may be a lock is over, or it would be taken for what is asked first."""
    if sighting.symptom.category in _REFUSED and lock_of(sighting.verdict):
        time.sleep(TO_PASS)
