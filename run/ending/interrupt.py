"""Ctrl-C, and the SIGTERM with which CI ends a job: the tests end, and the record is written."""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import pytest
from _pytest.capture import CaptureManager

from spec.violation import counted

PATIENCE = 5.0
"""Seconds after an interrupt in which another one is taken for the same.

From a terminal tox and pytest both get it, and tox sends it on to pytest.
"""

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A signal came. Of a plain KeyboardInterrupt pytest tells in which of our lines it was."""

    __module__ = "builtins"  # as pytest tells its own


def describe(excinfo: pytest.ExceptionInfo[BaseException], ended: int, planned: int) -> None:
    """Have pytest end with a sentence on a signal that came, and show no place of ours."""
    error = excinfo.value
    if isinstance(error, Interrupted):
        some = f"after {ended} of {counted(planned, 'test')}"
        when = some if ended else "before the first test had ended"
        error.args = (" ".join([*error.args, when]),)
    elif isinstance(error, pytest.exit.Exception):
        error.args = ("nothing was asked",)  # its sentence is on the terminal already
    # Where a signal came may have no line number, with which pytest can do nothing.
    try:
        _interrupt()
    except KeyboardInterrupt:
        excinfo.traceback = pytest.ExceptionInfo.from_current().traceback


def is_of_pytest(error: BaseException) -> bool:
    """Whether it is the kind of KeyboardInterrupt with which xdist ends the tests."""
    is_other = type(error) not in (KeyboardInterrupt, Interrupted)
    return isinstance(error, KeyboardInterrupt) and is_other


def _interrupt() -> None:
    raise KeyboardInterrupt


def quit_at_once() -> None:
    """Until a run listens, end the process at a signal: it has sent nothing, and opened nothing.

    A worker of pytest-xdist is ended by the process that leads.
    """
    if "PYTEST_XDIST_WORKER" in os.environ or not _is_main():
        return
    for number in SIGNALS:
        signal.signal(number, _quit)


def back_to_usual() -> None:
    """Do at a signal what Python does."""
    if _is_main():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _quit(*_: object) -> None:
    sentence = "\ninterrupted before anything was sent\n"
    with suppress(Exception):  # whatever happens, the process ends
        _give_back_standard_error()
        os.write(2, sentence.encode())
    os._exit(2)  # a usual exit would show where in the imports it was


def _give_back_standard_error() -> None:
    """Have pytest, which keeps back what is written while it starts, do so no longer.

    It has no name for what does so until it has started.
    """
    for each in gc.get_objects():
        if isinstance(each, CaptureManager):
            each.suspend_global_capture(in_=False)


@contextmanager
def _no_dropped_interrupt_told() -> Iterator[None]:
    """Of an interrupt that Python drops, which counts all the same, no traceback is printed."""
    usual = sys.unraisablehook

    def tell(dropped: "sys.UnraisableHookArgs") -> None:
        if not issubclass(dropped.exc_type, KeyboardInterrupt):
            usual(dropped)

    sys.unraisablehook = tell
    try:
        yield
    finally:
        if sys.unraisablehook is tell:
            sys.unraisablehook = usual


@dataclass(slots=True)
class Interrupt:
    """Raises Interrupted when a signal comes, once; `at` is when, by the monotonic clock."""

    at: float | None = None
    name: str = ""

    def listen(self, stack: ExitStack) -> None:
        """Take over both signals until the stack is closed, or for good once one came: the second
        of two may come while the process ends.
        """
        for number in SIGNALS:
            signal.signal(number, self._take)
        stack.callback(lambda: back_to_usual() if self.at is None else None)
        stack.enter_context(_no_dropped_interrupt_told())

    def check(self) -> None:
        """Raise Interrupted if one came: where a library could do nothing with it, as in the
        midst of a garbage collection, Python drops it.
        """
        if self.at is not None:
            raise Interrupted(self.name)

    def _take(self, number: int, _frame: object) -> None:
        now = time.monotonic()
        if self.at is None or now - self.at > PATIENCE:
            self.at, self.name = now, f"by {signal.Signals(number).name}"
            raise Interrupted(self.name)
