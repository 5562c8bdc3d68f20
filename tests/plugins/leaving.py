"""Ends the run inside its second test, by Ctrl-C or by pytest.exit."""

import os

import pytest

ran: list[str] = []


def pytest_runtest_call(item: pytest.Item) -> None:
    """Leave in the way that the environment variable LEAVE_BY names."""
    ran.append(item.nodeid)
    if len(ran) == 2 and os.environ.get("LEAVE_BY") == "exit":
        pytest.exit("enough")
    if len(ran) == 2:
        raise KeyboardInterrupt
