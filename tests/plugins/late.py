"""A clock that is two hours ahead once the tests have begun."""

from datetime import timedelta

import pytest

from run.session import RUN


def pytest_runtest_call(item: pytest.Item) -> None:
    """Move the deadline into the past, and the start of the run with it."""
    watch = item.config.stash[RUN].watch
    assert watch is not None
    assert watch.deadline is not None
    watch.deadline -= timedelta(days=2)
