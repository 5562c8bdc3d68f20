"""Asks what only explains, of a target that may be away for a moment, or still at work with the
request before.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TypeVar

from reports.ledger import Ledger
from run.ending.silence import Silence
from spec.exchange import Exchange, HttpFault, Request, ShortRepr
from spec.oracle import Oracle, Verdict
from targets.awake import awake
from targets.client import Client
from targets.errors import CannotTellError, NoMoreFilesError, UnreachableError
from targets.resend import send_as, send_together

MOST_WAITED = 16
"""Requests of what gets no answer that are waited for in vain themselves, and moments in which the
target is away: each of them takes its time, which a connection that is closed does not.
"""
LONGEST_BUSY = 6
"""Times the time limit of a request that a target is waited for, in all, which is busy with what
it gave no answer to.
"""
TRIES = 3
"""Times that the plain invoice is sent until it is answered again."""

Asked = TypeVar("Asked", Exchange, list[Exchange])


@dataclass(slots=True, repr=False)
class Questions(ShortRepr):
    """What one process sends to explain causes.

    `left` is how many requests it may still send; they count for nothing else. `was_away` waits for
    a target that cannot be reached to be back, and says whether it is. So many were `waited` for in
    vain. It `may_be_busy` where the request before had no answer in time.
    """

    oracle: Oracle
    ledger: Ledger
    silence: Silence
    left: int
    was_away: Callable[[], bool] = lambda: False
    waited: int = 0
    may_be_busy: bool = False
    _busy: float = field(default=0.0)

    @property
    def is_patient(self) -> bool:
        """Whether more of what gets no answer is worth its time."""
        return self.waited < MOST_WAITED and self._busy < self._longest

    @property
    def _longest(self) -> float:
        return LONGEST_BUSY * self.silence.slow.limit

    def send(
        self, client: Client, body: bytes, like: Request | None = None, *, hurried: bool = False
    ) -> Verdict | None:
        """The quiet verdict on a body, sent as usual or `like` a request; None where no more may be
        sent.

        `hurried` does not wait long for an answer, and nothing does once one did not come.
        """
        if self.left <= 0:
            return None
        self.left -= 1
        silent = self.silence.takes_time

        def sent() -> Exchange:
            return client.send(body) if like is None else send_as(client, like, body)

        with self.silence.hurried(client) if hurried or silent else nullcontext():
            exchange = self._asked(sent)
            if exchange is None:
                return None
            self.silence.learn(exchange, client.timeout)
        self.may_be_busy = is_late(exchange)
        return self._noted(exchange)

    def together(self, client: Client, requests: Sequence[Request]) -> list[Verdict]:
        """The verdicts on requests that are sent again at once; none where no more may be sent."""
        if self.left < len(requests):
            return []
        self.left -= len(requests)
        exchanges = self._asked(lambda: send_together(client, requests)) or []
        self.may_be_busy = any(map(is_late, exchanges))
        return [self._noted(exchange) for exchange in exchanges]

    def is_answered(self, client: Client, body: bytes) -> bool:
        """Whether a body that gets an answer gets one, which is asked where the request before had
        none in time, and waited for, but not for ever: what is sent while the target is busy would
        be taken for what keeps it so.
        """
        if not self.may_be_busy:
            return True
        self.may_be_busy, since, answered = False, awake(), False
        for _ in range(TRIES):
            with self.silence.patient(client):
                exchange = self._asked(lambda: client.send(body))
            if exchange is None:
                break
            self._noted(exchange)
            answered = exchange.response is not None
            if answered:
                break
        self._busy += awake() - since
        return answered

    def _asked(self, send: Callable[[], Asked]) -> Asked | None:
        """What comes of sending; of a second time where the target was away for a moment. None
        where nothing more may be sent.
        """
        try:
            try:
                return send()
            except UnreachableError:
                if self.waited >= MOST_WAITED or not self.was_away():
                    raise
                self.waited += 1
                return send()
        except NoMoreFilesError:
            raise
        except CannotTellError:
            self.left = 0
            return None

    def _noted(self, exchange: Exchange) -> Verdict:
        verdict = self.oracle.judge(exchange, quiet=True)
        self.ledger.note(verdict)
        return verdict


def is_late(exchange: Exchange) -> bool:
    """Whether there was no answer in time, so that the target may still be at work with it."""
    return exchange.broken is HttpFault.LATE
