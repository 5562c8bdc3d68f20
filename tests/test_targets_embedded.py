"""The reference server runs in its own process, exactly as long as a run needs it."""

import os
import select
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from targets import embedded
from targets.embedded import started
from targets.errors import UnreachableError
from tests.clients import client

ROOT = Path(__file__).parent.parent
ORDERS = {"ORD-1": datetime(2025, 1, 1, tzinfo=UTC)}
PIDFD = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux to watch a process")


def _ended(watch: int) -> bool:
    """Whether the process ends within a minute; its descriptor is then ready to read."""
    try:
        return bool(select.select([watch], [], [], 60)[0])
    finally:
        os.close(watch)


@PIDFD
def test_the_reference_answers_and_stops_afterwards(tmp_path: Path) -> None:
    """It accepts connections at once, knows its two keys, and leaves no process behind."""
    with started(tmp_path, ORDERS) as reference:
        with client(reference.base_url, tmp_path) as it:
            answers = [
                it.send(b"{}", key=key).response
                for key in (None, reference.keys.key, reference.keys.forbidden)
            ]
        assert [answer and answer.status for answer in answers] == [401, 400, 403]
        watch = os.pidfd_open(reference.pid)
    assert _ended(watch)


@pytest.mark.skipif(not hasattr(os, "getsid"), reason="needs POSIX sessions")
def test_ctrl_c_reaches_only_the_suite(tmp_path: Path) -> None:
    """A terminal interrupts all processes of a session; the reference has its own session."""
    with started(tmp_path, ORDERS) as reference:
        assert os.getsid(reference.pid) != os.getsid(0)


def test_each_reference_has_its_own_keys(tmp_path: Path) -> None:
    """Keys are random, so no text in a report equals one by chance."""
    with started(tmp_path, ORDERS) as one:
        keys = {one.keys.key, one.keys.forbidden}
    with started(tmp_path, ORDERS) as other:
        keys |= {other.keys.key, other.keys.forbidden}
    assert len(keys) == 4


@PIDFD
def test_the_reference_stops_after_an_error(tmp_path: Path) -> None:
    """An interrupted run stops the reference too."""
    watches = []
    with suppress(KeyboardInterrupt), started(tmp_path, ORDERS) as reference:
        watches.append(os.pidfd_open(reference.pid))
        raise KeyboardInterrupt
    assert [_ended(watch) for watch in watches] == [True]


CHILD = """
import sys
from pathlib import Path
from targets.embedded import started
with started(Path(sys.argv[1]), {}) as reference:
    print(reference.pid, flush=True)
    sys.stdin.read()
"""


@PIDFD
def test_the_reference_stops_when_the_run_is_killed(tmp_path: Path) -> None:
    """A killed run cannot stop the reference, but closes its standard input."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, tmp_path],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        watch = os.pidfd_open(int(run.stdout.readline()))
        run.kill()
    assert _ended(watch)


def test_a_reference_that_ends_at_once_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message shows the last line of its standard error."""
    monkeypatch.setattr(embedded, "_OPTIONS", ("--nonsense",))
    with (
        pytest.raises(UnreachableError, match=r"did not start; its last line was: .*--nonsense"),
        started(tmp_path, ORDERS),
    ):
        pytest.fail("started")


def test_a_reference_that_never_gets_ready_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time limit the process is killed."""
    (tmp_path / "reference.py").write_text("import sys; sys.stdin.read()")
    monkeypatch.setattr(embedded, "_ROOT", tmp_path)
    monkeypatch.setattr(embedded, "_TIMEOUT", 0.5)
    with (
        pytest.raises(UnreachableError, match=r"did not start in 0\.5 s\. It said nothing"),
        started(tmp_path, ORDERS),
    ):
        pytest.fail("started")
