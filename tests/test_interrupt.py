"""An interrupt that comes where Python can do nothing with it."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from run.ending.interrupt import Interrupt
from tests.running import suite


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What Python tells of exceptions that it drops; signals are as they were afterwards."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    dropped: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda one: dropped.append(one.exc_type))
    yield dropped
    for number, handler in handlers.items():
        signal.signal(number, handler)


class _Dies:
    """Something at whose end that happens."""

    def __init__(self, happens: Any) -> None:
        self.happens = happens

    def __del__(self) -> None:
        self.happens()


def _interrupts() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(100):  # until Python sees it
        pass


def _fails() -> None:
    raise ValueError


def test_an_interrupt_that_is_dropped_counts_and_prints_nothing(told: list[Any]) -> None:
    """It ends the run at the next test; what else is dropped is told as usual."""
    interrupt, usual = Interrupt(), sys.unraisablehook
    with ExitStack() as stack:
        interrupt.listen(stack)
        _Dies(_interrupts)
        _Dies(_fails)
    assert told == [ValueError]
    assert sys.unraisablehook is usual
    with pytest.raises(KeyboardInterrupt):
        interrupt.check()


def test_an_interrupt_before_a_run_is_planned_is_told_in_one_sentence() -> None:
    """Although pytest keeps back what is written while it starts."""
    done = suite("-p", "tests.plugins.interrupting_imports", "--target", "reference")
    assert (done.status, done.output) == (2, "\ninterrupted before anything was sent\n")
