"""A process that may have only a few more files open than when its first test begins."""

import os
import resource

import pytest

MORE = 2
"""Enough to write reports, and too few for the connections of a run."""


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Let the system refuse to open more."""
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + MORE, hard))
