"""Ctrl-C, and the SIGTERM with which CI ends a job: the tests end, and the record is written."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 5.0
"""Seconds after an interrupt in which another one is taken for the same.

From a terminal tox and pytest both get it, and tox sends it on to pytest.
"""

SIGNALS = (signal.SIGINT, signal.SIGTERM)


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
    try:  # pytest keeps back what is written to standard error
        Path("/dev/tty").write_text(sentence, encoding="utf-8")
    except OSError:
        os.write(2, sentence.encode())
    os._exit(2)  # a usual exit would show where in the imports it was


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
    """Raises KeyboardInterrupt when a signal comes, once; `at` is when, by the monotonic clock."""

    at: float | None = None

    def listen(self, stack: ExitStack) -> None:
        """Take over both signals until the stack is closed, or for good once one came: the second
        of two may come while the process ends.
        """
        for number in SIGNALS:
            signal.signal(number, self._take)
        stack.callback(lambda: back_to_usual() if self.at is None else None)
        stack.enter_context(_no_dropped_interrupt_told())

    def check(self) -> None:
        """Raise KeyboardInterrupt if one came: where a library could do nothing with it, as in the
        midst of a garbage collection, Python drops it.
        """
        if self.at is not None:
            raise KeyboardInterrupt

    def _take(self, *_: object) -> None:
        now = time.monotonic()
        if self.at is None or now - self.at > PATIENCE:
            self.at = now
            raise KeyboardInterrupt
