"""Interrupts a run before its first test, while it does what the environment variable AT names."""

import os
import signal
from itertools import count
from typing import Any

from run import plugin

collected = count(1)


def _interrupt(*_: object) -> Any:
    os.kill(os.getpid(), signal.SIGTERM)


def pytest_itemcollected() -> None:
    """Interrupt once a few tests are known."""
    if os.environ["AT"] == "collection" and next(collected) == 9:
        _interrupt()


if os.environ["AT"] == "preflight":
    plugin.preflight = _interrupt  # type: ignore[assignment, attr-defined]
