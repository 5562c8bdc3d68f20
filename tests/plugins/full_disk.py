"""A disk on which no long file can be written, from the second test on."""

import resource
import signal

import pytest

ran: list[str] = []
ROOM = 3000
"""Bytes of the longest file."""


def pytest_runtest_call(item: pytest.Item) -> None:
    """Let the system refuse to write more, as it does when a disk is full."""
    ran.append(item.nodeid)
    if len(ran) == 2:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY))
