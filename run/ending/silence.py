"""How long a run waits for a server that gives some kind of request no answer."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from reports.ledger import UNANSWERED
from spec.exchange import Exchange
from targets.client import Client
from watch.fingerprint import node_parts

MOST_SILENT = 3
"""Requests for whose answer the whole time limit is waited; and those of one test function for
which it is waited in vain after that.
"""
SHORTEST_WAIT = 1.0
"""Seconds that are always waited."""
PATIENCE = 20
"""How much longer than the slowest answer so far is waited."""
HURRY = 5
"""How much less is waited once that was in vain, too, for as many requests as at first."""
ALMOST = 0.9
"""The part of the time limit after which an exchange without an answer has waited for one."""


def skip_unasked() -> None:
    """Skip a test that asks only for more of what gets no answer; as it is done here, pytest tells
    all of them in one line.
    """
    pytest.skip(UNANSWERED)


@dataclass(slots=True)
class Silence:
    """What one process knows of answers that do not come.

    After a few of them the finding is told, and those that follow are not worth the whole time
    limit: what has no answer by a shorter one is not judged.
    """

    silent: int = 0
    slowest: float = 0.0
    shortened: bool = False
    given_up: Counter[str] = field(default_factory=Counter)

    def is_certain(self, test: str) -> bool:
        """Whether no more requests of this test function are worth sending."""
        return self.given_up[node_parts(test).function] >= MOST_SILENT

    def is_judged(self, client: Client, exchange: Exchange, test: str) -> bool:
        """Take note of an exchange; whether it may be judged."""
        if exchange.response is not None:
            self.slowest = max(self.slowest, exchange.elapsed)
            return True
        if exchange.elapsed < ALMOST * client.timeout:
            return True
        if self.shortened:
            self.given_up[node_parts(test).function] += 1
            if self.given_up.total() == MOST_SILENT:
                self._wait(client, self.shorter(client) / HURRY)
            return False
        self.silent += 1
        if self.silent >= MOST_SILENT:
            self.shortened = True
            self._wait(client, self.shorter(client))
        return True

    def shorter(self, client: Client) -> float:
        """The seconds after which no answer is to be expected any more."""
        return min(client.timeout, max(SHORTEST_WAIT, PATIENCE * self.slowest))

    @contextmanager
    def hurried(self, client: Client) -> Iterator[None]:
        """Wait no longer than that for what only explains why an answer did not come."""
        usual = client.timeout
        self._wait(client, self.shorter(client))
        try:
            yield
        finally:
            self._wait(client, usual)

    @staticmethod
    def _wait(client: Client, seconds: float) -> None:
        if client.timeout != seconds:
            client.timeout = seconds
            client.disconnect()  # a connection keeps the time limit that it was opened with
