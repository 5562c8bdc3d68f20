"""Ends the run inside its second test, as a Ctrl-C or a bad day does."""

import os

import pytest

ran: list[str] = []


def pytest_runtest_call(item: pytest.Item) -> None:
    """Leave by the way that the environment names."""
    ran.append(item.nodeid)
    if len(ran) == 2 and os.environ.get("LEAVE_BY") == "exit":
        pytest.exit("enough")
    if len(ran) == 2:
        raise KeyboardInterrupt
