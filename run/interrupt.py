"""Ctrl-C, and the SIGTERM with which CI ends a job: the tests end, and the record is written."""

import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass

PATIENCE = 5.0
"""Seconds after an interrupt in which another one is taken for the same.

From a terminal tox and pytest both get it, and tox sends it on to pytest.
"""


@dataclass(slots=True)
class Interrupt:
    """Raises KeyboardInterrupt when a signal comes, once; `at` is when, by the monotonic clock."""

    at: float | None = None

    def listen(self, stack: ExitStack) -> None:
        """Take over both signals until the stack is closed."""
        for number in (signal.SIGINT, signal.SIGTERM):
            stack.callback(signal.signal, number, signal.signal(number, self._take))

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
