"""How long a run waits for a server that gives some kind of request no answer."""

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from causes.difference import Edit
from causes.hanging import Hanging, can_tell
from reports.ledger import UNANSWERED
from run.ending.slow import SlowAnswers
from spec.exchange import Exchange, HttpFault, Request
from targets.client import DEFAULT_TIMEOUT, Client
from targets.waiting import ALMOST
from watch.fingerprint import node_parts

MOST_SILENT = 3
"""Requests for whose answer the whole time limit is waited; and those of one test function for
which it is waited in vain after that, if they have nothing in common with earlier ones.
"""
MOST_AGAIN = MOST_SILENT
"""Requests for whose answer the whole time limit is waited after that, where waivers are all that
says why there was none: what is new must not hide behind what is known.
"""
MOST_GIVEN_UP = 4 * MOST_SILENT
"""Such requests of all test functions, after which one of each says enough."""
SHORTEST_WAIT = 1.0
"""Seconds that are always waited."""
PATIENCE = 10
"""How much longer than the slowest answer so far is waited."""
HURRY = 2.5
"""How much less is waited once that was in vain, too, for as many requests as at first."""
MOST_ANSWERED, LONGEST_ANSWERED = 1000, 16 * 1024
"""Requests with an answer that are kept, and the bytes of one."""
MOST_UNHEARD = 500
"""Requests that are kept until it is known which of them a finding explains."""


@dataclass(slots=True)
class Silence:
    """What one process knows of answers that do not come.

    After a few of them the finding is told, and those that follow are not worth the whole time
    limit: what has no answer by a shorter one is not judged. `unheard` are the requests whose
    answers were not waited for, with their tests, and `unexplained` counts by test how many more of
    them no finding explains. Where answers are far slower than others, the run waits for some of
    them, and is `too_slow` for the rest: those are then as if they did not come. So are, after a
    few, those that are too long and `unread`, but no time limit changes for these.
    """

    silent: int = 0
    unread: int = 0
    slowest: float = 0.0
    shortened: bool = False
    too_slow: bool = False
    given_up: Counter[str] = field(default_factory=Counter)
    in_vain: int = 0
    again: int = 0
    unheard: list[tuple[str, Request]] = field(default_factory=list)
    unexplained: Counter[str] = field(default_factory=Counter)
    hanging: Hanging = field(default_factory=Hanging)
    slow: SlowAnswers = field(default_factory=lambda: SlowAnswers(DEFAULT_TIMEOUT))
    _answered: deque[Exchange] = field(default_factory=lambda: deque(maxlen=MOST_ANSWERED))

    @property
    def begun(self) -> bool:
        """Whether anything is known of answers that do not come, or not in time, or do not end."""
        return self.takes_time or self.unread > 0

    @property
    def takes_time(self) -> bool:
        """Whether the time limit was waited for in vain, or nearly."""
        return self.silent > 0 or self.too_slow

    def is_certain(self, test: str) -> bool:
        """Whether no more requests of this test function are worth sending, as nobody can say which
        of them get no answer.
        """
        most = MOST_SILENT if self.given_up.total() < MOST_GIVEN_UP else 1
        return self.given_up[node_parts(test).function] >= most

    def is_judged(
        self, client: Client, exchange: Exchange, test: str, waited: float | None = None
    ) -> bool:
        """Take note of an exchange; whether it may be judged. The run has `waited` so many seconds
        for it, or as long as it took.
        """
        if exchange.response is not None:
            self.slowest = max(self.slowest, exchange.elapsed)
            self.slow.wait(exchange.elapsed if waited is None else waited)
            self.learn_answered(exchange)
            if not self.too_slow and self.slow.are_enough:
                self._leave_slow_ones(client)
            return True
        if is_too_long(exchange):
            return self._is_news(exchange.request, test)
        if not self.is_silent(client, exchange):
            return True
        is_known = self._learn_silent(exchange.request)
        if self.shortened:
            # What has the same as earlier ones says nothing of the others of its test.
            self.given_up[node_parts(test).function] += not is_known
            self.in_vain += 1
            if self.in_vain == MOST_SILENT:
                client.timeout = self.shorter(client) / HURRY
            return False
        self.count(client)
        return True

    def _is_news(self, request: Request, test: str) -> bool:
        """Take note of a request whose answer is too long; whether it is one of the first."""
        is_known = self._learn_silent(request)
        self.unread += 1
        if self.unread <= MOST_SILENT:
            return True
        self.given_up[node_parts(test).function] += not is_known
        return False

    def is_silent(self, client: Client, exchange: Exchange) -> bool:
        """Whether an answer was waited for in vain."""
        late = exchange.response is None and exchange.elapsed >= ALMOST * client.timeout
        return late and not is_too_long(exchange)

    def deserves_its_time(self, client: Client, exchange: Exchange) -> bool:
        """Whether what got no answer in a shortened time limit is worth the whole one, as it has
        nothing in common with earlier ones, and none has got that.
        """
        known = self.hanging.explains(exchange.request)
        worth = self.shortened and not self.too_slow and not known and self.again < MOST_AGAIN
        if not worth or not self.is_silent(client, exchange):
            return False
        self.again += 1
        return True

    @contextmanager
    def patient(self, client: Client) -> Iterator[None]:
        """Wait the whole time limit of the run."""
        usual, client.timeout = client.timeout, self.slow.limit
        try:
            yield
        finally:
            client.timeout = usual

    def count(self, client: Client) -> None:
        """Take note that an answer did not come in the whole time limit."""
        self.silent += 1
        if self.silent >= MOST_SILENT and not self.shortened:
            self.shortened = True
            client.timeout = self.shorter(client)

    def foresees(self, request: Request) -> bool:
        """Whether a request has what was found in all of several that got no answer."""
        return self.hanging.has(request)

    def finds(self, request: Request, edits: Sequence[Edit]) -> bool:
        """Whether it is found here which others are as a request that got no answer, and that these
        edits make of the plain invoice.
        """
        if any(each.any_value for each in edits):
            return False  # what has the property at all says it best
        return can_tell(edits) or self.hanging.explains(request)

    def learn(self, exchange: Exchange, timeout: float) -> None:
        """Keep what only explains, which says as much of what gets no answer by this time."""
        if exchange.response is not None:
            self.slow.wait(exchange.elapsed)
            self.learn_answered(exchange)
        elif is_in_vain(exchange, timeout):
            self._learn_silent(exchange.request)

    def learn_answered(self, exchange: Exchange) -> None:
        """Keep what was answered for when a request is not, and look at it from then on."""
        self.slow.add(exchange)
        if self.hanging.groups and not self.slow.is_slow(exchange.elapsed):
            self.hanging.add_answered(exchange.request)
        elif len(exchange.request.body) <= LONGEST_ANSWERED:
            self._answered.append(replace(exchange, response=None, before=None))

    def _learn_silent(self, request: Request) -> bool:
        """Look for what a request has in common with earlier ones; whether there is something."""
        self._look_at_answered()
        return self.hanging.add_silent(request)

    def _look_at_answered(self) -> None:
        """Look at what was kept, but for those with slow answers, which say nothing yet."""
        kept = [*self._answered]
        self._answered.clear()
        for each in kept:
            if self.slow.is_slow(each.elapsed):
                self._answered.append(each)
            else:
                self.hanging.add_answered(each.request)

    def _leave_slow_ones(self, client: Client) -> None:
        """From now on what has a slow answer is as what has none: it is not worth its time."""
        self._look_at_answered()
        while self._answered:
            self.hanging.add_silent(self._answered.popleft().request)
        self.too_slow = self.shortened = True
        client.timeout = self.shorter(client)

    def shorter(self, client: Client) -> float:
        """The seconds after which no answer is to be expected any more."""
        enough = self.slow.slowest_other if self.too_slow else PATIENCE * self.slowest
        return min(client.timeout, max(SHORTEST_WAIT, enough))

    def leave(self, test: str, request: Request, explains: Callable[[Request], bool]) -> None:
        """Take note of a request whose answer is not waited for; a finding `explains` some."""
        self.unheard.append((test, request))
        if len(self.unheard) >= MOST_UNHEARD:
            self.settle(explains)

    def settle(self, explains: Callable[[Request], bool]) -> Counter[str]:
        """How many of these requests no finding explains, by test."""
        self.unexplained.update(test for test, request in self.unheard if not explains(request))
        self.unheard.clear()
        return self.unexplained

    @contextmanager
    def hurried(self, client: Client) -> Iterator[None]:
        """Wait no longer than that for what only explains why an answer did not come."""
        usual = client.timeout
        client.timeout = self.shorter(client)
        try:
            yield
        finally:
            client.timeout = usual


def is_in_vain(exchange: Exchange, timeout: float) -> bool:
    """Whether an answer did not come by this time, or none that is read to its end."""
    late = exchange.response is None and exchange.elapsed >= ALMOST * timeout
    return late or is_too_long(exchange)


def is_too_long(exchange: Exchange) -> bool:
    """Whether an answer is longer than anything that is read."""
    return exchange.broken is HttpFault.TOO_LONG


class Unasked:
    """A plugin of pytest that skips tests of which not all was asked, and nothing failed."""

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Skip it; as it is done here, pytest tells all of them in one line."""
        result = yield
        api = pyfuncitem.funcargs.get("api")
        if not getattr(api, "is_all_asked", True):  # the answer to each case was waited for
            pytest.skip(UNANSWERED)
        return result
