"""Runs the suite as a user does, in its own process, against a server on loopback."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from reference.server import serving
from reference.service import Steps, create_app
from reference.store import Store

ROOT = Path(__file__).parent.parent
PATIENCE = 1_200.0
"""Seconds that only what hangs takes, however busy the machine is."""
KEY, FORBIDDEN = "a-key-that-may-create", "a-key-that-may-not"
ORDER = ("--order-id", "ORD-1", "--order-created-at", "2020-01-01T00:00:00Z")
ENVIRONMENT = {"WIZCOMMERCE_API_KEY": KEY, "WIZCOMMERCE_FORBIDDEN_API_KEY": FORBIDDEN}


@dataclass(frozen=True, slots=True)
class Result:
    """How a process ended, all that it printed, and the record of its run if one was kept."""

    status: int
    output: str
    record: Mapping[str, Any] = field(default_factory=dict)


def untimed(body: bytes) -> bytes:
    """A body without the time of day in dates near this year: some go by when a run began."""
    year = datetime.now(UTC).year
    years = "|".join(map(str, range(year - 1, year + 2)))
    near = rf"((?:{years})-[0-9]{{2}}-[0-9]{{2}}T)[0-9]{{2}}(?::[0-9]{{2}}){{2}}"
    return re.sub(near.encode(), rb"\1", body)


@contextmanager
def application(steps: Steps | None = None, *, key: str = KEY) -> Iterator[ASGIApp]:
    """The reference with these steps, as an ASGI application that knows our keys and our order."""
    store = Store({key: True, FORBIDDEN: False}, {"ORD-1": datetime(2020, 1, 1, tzinfo=UTC)})
    try:
        yield create_app(steps or Steps(), store)
    finally:
        store.close()


@contextmanager
def server(steps: Steps | None = None, *, key: str = KEY) -> Iterator[str]:
    """The same as a server on loopback; its base URL."""
    with application(steps, key=key) as app, serving(app) as url:
        yield url


def command(*arguments: str, place: str = "suites") -> list[str]:
    """The command line of a run of all suites, or of those in another place."""
    return [sys.executable, *_pytest(*arguments, place=place)]


def _pytest(*arguments: str, place: str) -> tuple[str, ...]:
    return ("-m", "pytest", place, "-p", "no:cacheprovider", *arguments)


def environment(more: Mapping[str, str] = ENVIRONMENT) -> dict[str, str]:
    """The environment of this process, `more`, and nothing else that the suite reads."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("WIZCOMMERCE_", "PYTEST_"))}
    return {**own, "COLUMNS": "200", **more}


def suite(*arguments: str, keys: Mapping[str, str] = ENVIRONMENT, place: str = "suites") -> Result:
    """Run the suite to its end."""
    return python(*_pytest(*arguments, place=place), keys=keys)


def python(*words: str, keys: Mapping[str, str] = ENVIRONMENT, here: Path = ROOT) -> Result:
    """Run this Python with these words to its end."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=here,
        env=environment(keys),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(errors="replace"))


def interrupted(
    words: Sequence[str],
    shows: str,
    *signals: signal.Signals,
    variables: Mapping[str, str] | None = None,
) -> Result:
    """Run a command that gets these signals once it prints a line that has what `shows` matches."""
    # A shell lets what it starts in the background ignore Ctrl-C, and so would the run.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        words,
        cwd=ROOT,
        env=environment() if variables is None else variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line)
            if re.search(shows, line):
                for number in signals:
                    process.send_signal(number)
                    time.sleep(0.05)  # a second one that comes at once is not a second one
                break
        printed.append(process.stdout.read())
        return Result(process.wait(PATIENCE), "".join(printed))
