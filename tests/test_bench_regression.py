"""The check counts calls, and says where there are more of them than the limits allow."""

import json
from socket import socketpair

from bench.regression import LIMITS, Counter, exceeded


def test_calls_and_writes_are_counted() -> None:
    """Of the work, and of nothing else."""

    def work() -> int:
        for _ in range(10):
            one.send(b"x")
        return 10

    one, other = socketpair()
    with one, other:
        counter = Counter()
        assert counter.counting(work) == 10
        one.send(b"x")
    assert counter.sends == 10
    assert 10 < counter.calls < 20


def test_what_is_above_its_limit_is_told() -> None:
    """And what has no limit."""
    counted = {"calls": 11.0, "writes": 2.0, "new": 1.0}
    assert exceeded(counted, {"calls": 10.0, "writes": 2.0}) == [
        "calls: 11, and the limit is 10",
        "new: 1, and the limit is 0",
    ]


def test_the_limits_are_within_the_budget() -> None:
    """A gate has 2,200 requests at most, and a request few writes."""
    limits = json.loads(LIMITS.read_text(encoding="utf-8"))
    assert limits["requests of a gate"] == 2200
    assert all(count < 3 for name, count in limits.items() if name.startswith("socket writes"))
