"""A worker that dies in the middle of its second test."""

import os

import pytest

ran: list[str] = []


def pytest_runtest_call(item: pytest.Item) -> None:
    """End the process at once, if it is a worker."""
    ran.append(item.nodeid)
    if len(ran) == 2 and hasattr(item.config, "workerinput"):
        os._exit(1)
