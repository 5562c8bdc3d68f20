"""Warnings such as a newer pytest or pluggy may give, at every step of a run."""

import warnings

import pluggy
import pytest

KINDS = (pytest.PytestDeprecationWarning, pluggy.PluggyWarning, DeprecationWarning)


def _warn() -> None:
    for kind in KINDS:
        warnings.warn("this will change", kind, stacklevel=2)


def pytest_collection_modifyitems() -> None:
    """Warn while tests are collected."""
    _warn()


def pytest_runtest_call() -> None:
    """Warn while a test runs."""
    _warn()
