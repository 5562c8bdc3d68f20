"""Sends requests ahead: what tests are going to ask is in flight before they ask it.

This changes when a request is sent, and nothing else. Where no exchange comes of it (a 429, no
connection, a limit that is reached) the test sends its request itself.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

from spec.exchange import Exchange
from targets.awake import awake
from targets.client import Client, Outgoing
from targets.errors import CannotTellError
from targets.pace import MAX_TRIES

AHEAD = 4
"""Requests that are sent and not yet asked for, for each that may be in flight: enough for a test
that takes a while to judge what came, or asks again after an answer.
"""
MOST_OTHERWISE = 3
"""Answers that were otherwise than alone, after which nothing is sent ahead any more."""
LAST_WAIT = 2.0
"""Seconds that the end of a run waits for what is still in flight."""


@dataclass(slots=True, eq=False)
class Planned:
    """A request that a test is going to ask: its stamped body once it was handed to the threads,
    and its exchange. `done` says that it is not in flight any more.
    """

    outgoing: Outgoing
    written: bytes | None = None
    exchange: Exchange | None = None
    unwanted: bool = False
    done: threading.Event = field(default_factory=threading.Event)


class Prefetch:
    """Keeps at most `most` requests in flight; with less than two nothing is sent ahead.

    Each of as many threads has a connection of its own; they share the pace, the stamper, the trust
    and the time limit of the client. Only what is still `wanted` when it could be sent is sent;
    `waited` is told how long a test had to wait for what is in flight. All
    methods are for the thread that runs the tests.
    """

    def __init__(
        self,
        client: Client,
        most: int,
        wanted: Callable[[Outgoing], bool] = lambda _: True,
        waited: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.client = client
        self.most = most
        self.wanted = wanted
        self.waited = waited
        self._test = ""
        self._resting = False
        self._rounds = 0
        self._otherwise = 0
        self._threads = 0
        self._begun: list[threading.Thread] = []
        self._planned: dict[str, list[Planned]] = {}
        self._backlog: deque[Planned] = deque()
        self._sent: dict[Planned, None] = {}
        self._strays: list[Planned] = []
        self._clients: list[Client] = []
        self._queue: SimpleQueue[Planned | None] = SimpleQueue()
        self._throttled: list[str | None] = []

    @property
    def is_short(self) -> bool:
        """Whether the threads have not enough to do, and more is to be planned."""
        return self.most > 1 and len(self._backlog) + len(self._sent) < AHEAD * self.most

    def knows(self, test: str) -> bool:
        """Whether the requests of a test are planned."""
        return test in self._planned

    def plan(self, test: str, requests: Iterable[Outgoing]) -> None:
        """Add what a test is going to ask, after all that is planned."""
        self._planned[test] = [Planned(each) for each in requests]
        self._backlog.extend(self._planned[test])

    def add(self, requests: Iterable[Outgoing]) -> None:
        """Add what the test that asks is going to ask next, before all that is planned; it is sent
        however much is ahead already.
        """
        if self.most > 1:
            planned = [Planned(each) for each in requests]
            self._planned.setdefault(self._test, []).extend(planned)
            self._backlog.extendleft(reversed(planned))
            self._send_ahead(at_least=len(planned))

    def begin(self, test: str) -> None:
        """From now on this test asks. Raises ThrottledError."""
        self._test, self._resting = test, False
        if self._throttled:
            self._slow_down()
        self._send_ahead()

    def take(self, outgoing: Outgoing) -> Exchange | None:
        """The exchange of what was sent ahead for this test; None where it has to be sent.

        Only what was planned is taken, each of it once. Raises ThrottledError.
        """
        of_test = self._planned.get(self._test, [])
        planned = next((each for each in of_test if each.outgoing == outgoing), None)
        if planned is None:
            return None
        of_test.remove(planned)
        if planned not in self._sent:
            if planned in self._backlog:
                self._backlog.remove(planned)
            return None
        self._wait_for(planned)
        del self._sent[planned]
        if self._throttled:
            self._slow_down()
        self._send_ahead()
        return planned.exchange

    def rest(self) -> None:
        """Wait until nothing is in flight; until the next test begins nothing is sent ahead."""
        self._resting = True
        self._wait()

    def alone(self) -> None:
        """Rest, and close all connections: a server may serve one only after another is closed."""
        self.rest()
        for client in self._clients:
            client.disconnect()  # no thread uses it meanwhile

    def forget(self, unusable: Callable[[Exchange], bool]) -> None:
        """Wait until nothing is in flight; the tests send again what these exchanges are of."""
        self.rest()
        for planned in self._sent:
            if planned.exchange is not None and unusable(planned.exchange):
                planned.exchange = None

    def distrust(self) -> None:
        """The server answered otherwise than alone: after a few times nothing is sent ahead."""
        self._otherwise += 1
        if self._otherwise >= MOST_OTHERWISE:
            self.calm()

    def calm(self) -> None:
        """From now on nothing is sent ahead."""
        self.most = 1

    def unanswered(self) -> list[str]:
        """The tests of what was sent first and has no answer, of as many as can be in flight."""
        without = [one for one in self._sent if one.exchange is None or not one.exchange.response]
        first = without[: self.most]
        return [
            test for test, planned in self._planned.items() if any(one in planned for one in first)
        ]

    def end(self) -> list[Exchange]:
        """The test has ended: the exchanges, as far as they are over, that no test asked for."""
        for planned in self._planned.pop(self._test, []):
            planned.unwanted = True
            if planned in self._sent:
                del self._sent[planned]
                self._strays.append(planned)
            elif planned in self._backlog:
                self._backlog.remove(planned)
        over = [each for each in self._strays if each.done.is_set()]
        self._strays = [each for each in self._strays if each not in over]
        return [each.exchange for each in over if each.exchange is not None]

    def close(self) -> list[Exchange]:
        """End the threads, and close all connections; the exchanges that no test asked for.

        What is in flight is given a moment, and then left to itself.
        """
        self._resting = True
        self._recall()
        self._end_threads(self._threads)
        until = time.monotonic() + LAST_WAIT
        left, self._strays, self._sent = [*self._strays, *self._sent], [], {}
        for planned in left:
            planned.done.wait(max(0.0, until - time.monotonic()))
        for thread in self._begun:
            thread.join(max(0.0, until - time.monotonic()))
        self.client.disconnect()
        return [each.exchange for each in left if each.exchange is not None]

    def _send_ahead(self, at_least: int = 0) -> None:
        """Hand the threads what they may send. Stamps go by the order of the tests."""
        if self._resting or self.most < 2:
            return
        most = max(AHEAD * self.most, len(self._sent) + at_least)
        while self._backlog and len(self._sent) < most:
            planned = self._backlog.popleft()
            if not self.wanted(planned.outgoing):
                continue
            if planned.written is None:
                planned.written = self.client.stamper.write(planned.outgoing.body)
            self._sent[planned] = None
            self._queue.put(planned)
            if self._threads < self.most:
                self._threads += 1
                self._begun.append(threading.Thread(target=self._work, daemon=True))
                self._begun[-1].start()

    def _wait(self) -> None:
        """Wait until nothing is in flight."""
        self._recall()
        for planned in (*self._sent, *self._strays):
            self._wait_for(planned)

    def _wait_for(self, planned: Planned) -> None:
        if not planned.done.is_set():
            since = awake()
            planned.done.wait()
            self.waited(awake() - since)

    def _recall(self) -> None:
        """Take back what no thread has begun to send."""
        recalled, ends = [], 0
        with suppress(Empty):
            while True:
                planned = self._queue.get_nowait()
                if planned is None:
                    ends += 1
                else:
                    recalled.append(planned)
        for planned in reversed(recalled):
            if planned.unwanted:
                planned.done.set()
            else:
                del self._sent[planned]
                self._backlog.appendleft(planned)
        for _ in range(ends):
            self._queue.put(None)

    def _slow_down(self) -> None:
        """A server may answer 429 to more than it takes at once: pause, then send half as many."""
        self._rounds += 1
        self._wait()
        refused, self._throttled = self._throttled, []
        for retry_after in refused:
            self.client.pace.back_off(retry_after, min(self._rounds, MAX_TRIES - 1))
        self.most //= 2
        self._end_threads(self._threads - self.most)

    def _end_threads(self, number: int) -> None:
        for _ in range(number):
            self._queue.put(None)
            self._threads -= 1

    def _work(self) -> None:
        """What each thread does."""
        client = replace(self.client, on_exchange=None)
        self._clients.append(client)
        while (planned := self._queue.get()) is not None:
            # After a 429 nothing is sent until the run has paused.
            if not planned.unwanted and not self._throttled:
                self._send(client, planned)
            planned.done.set()
        client.disconnect()

    def _send(self, client: Client, planned: Planned) -> None:
        assert planned.written is not None
        client.timeout = self.client.timeout
        try:
            exchange = client.ask(planned.outgoing, planned.written, patient=False)
        except (CannotTellError, Exception):  # noqa: BLE001 # it is raised where a test sends it
            return
        response = exchange.response
        if response is not None and response.status == 429:
            self._throttled.append(response.header("retry-after"))
        else:
            planned.exchange = exchange
