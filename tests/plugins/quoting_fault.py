"""A fault of the suite itself whose message quotes an answer with the key in it."""

import os

import pytest


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Break down after the first test."""
    if report.when == "teardown":
        key = os.environ["WIZCOMMERCE_API_KEY"]
        raise RuntimeError(f"no such answer: {key[:8]}\x1b[2J\n::add-mask::{key} ##vso[task.a]b")
