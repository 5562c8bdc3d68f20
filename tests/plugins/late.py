"""A run whose deadline is over as soon as its tests begin."""

from datetime import timedelta

import pytest

from run.session import RUN


def pytest_runtest_call(item: pytest.Item) -> None:
    """Move the deadline into the past."""
    watch = item.config.stash[RUN].outages
    assert watch is not None
    assert watch.deadline is not None
    watch.deadline -= timedelta(days=2)
