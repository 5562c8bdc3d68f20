"""The live line: shown on a terminal, and nowhere else."""

import json
import os
import pty
import re
import subprocess
from collections import Counter
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from reports.ledger import Counts
from run.progress import Slowness
from targets.awake import awake
from tests.running import ORDER, PATIENCE, ROOT, command, environment, server, suite
from watch.timing import bucket, slow_told

SMOKE = ("--hypothesis-profile", "smoke")
SMALL = (*SMOKE, "-k", "sku or 30")


def _on_a_terminal(*options: str) -> str:
    """What a run writes to a terminal of 120 columns."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        # All suites: the line changes ten times a second, and one suite may end before that.
        command(*SMOKE, *options),
        cwd=ROOT,
        env={**environment(), "COLUMNS": "120", "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        parts = []
        with suppress(OSError):  # a terminal whose other end is closed ends with an error
            while part := os.read(ours, 65536):
                parts.append(part)
        os.close(ours)
        assert process.wait(PATIENCE) == 0
    return b"".join(parts).decode()


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_a_terminal_shows_how_far_the_run_is(options: tuple[str, ...]) -> None:
    """Tests done and due, requests and their rate, broken requirements, and the time left."""
    shown = _on_a_terminal(*options)
    lines = re.findall(
        r"\d+% \|.*?\| (\d+) of (\d+) tests, (\d+) requests, \d+/s, 0 broken, ", shown
    )
    assert lines
    assert {due for _, due, _ in lines} == {lines[0][1]}
    requests = [int(sent) for _, _, sent in lines]
    assert requests == sorted(requests)
    assert "left" in shown
    assert "....." not in shown


@pytest.mark.parametrize("options", [(), ("-v",)])
def test_a_pipe_gets_no_live_line(options: tuple[str, ...]) -> None:
    """A log has pytest's own letters or lines."""
    output = suite(*SMALL, *options).output
    assert " tests, " not in output
    assert "\r" not in output
    assert ("PASSED" if options else "...") in output


@pytest.mark.parametrize("workers", [(), pytest.param(("-n", "1"), marks=pytest.mark.whole_runs)])
def test_a_server_that_is_slow_and_right_is_told_while_it_is_waited_for_and_at_the_end(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    """Which answers, how long, what they cost and what to do, once each; nothing is broken."""
    how = (*workers, "--concurrency", "1", "-p", "tests.plugins.slow")
    options = (*ORDER, *how, "--reports", str(tmp_path))
    with server() as url:
        result = suite("--base-url", url, *options, place="suites/test_authentication.py")
    assert result.status == 0, result.output
    early = [each for each in result.output.splitlines() if each.startswith("answers with 401")]
    todo = "A higher --concurrency (it is 1) or --hypothesis-profile smoke makes a run shorter."
    lasts = "answers with 401 take 9.0 s each, and if all goes on like this the run takes N min."
    assert [re.sub(r"\d+ min", "N min", each) for each in early] == [f"{lasts} {todo}"]
    counts = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["counts"]
    (told,) = counts["slow"]
    assert re.fullmatch(
        r"(\d+) answers with 401 took 9\.0 s each \(median\), at least \d+ s of the run, which no "
        r"requirement forbids\. (.*)",
        told,
    )
    assert told.endswith(todo)
    assert result.output.index(early[0]) < result.output.index(told)
    assert told.partition(" (")[0] in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_how_long_a_run_takes_is_told_by_how_long_it_has_taken() -> None:
    """Many requests go alone, so as many slow answers as may be in flight are no measure of it."""
    told: list[str] = []
    total = Counts(requests=20, slow=Counter({bucket("201", 3.0): 20}))
    plan = SimpleNamespace(concurrency=8, options=SimpleNamespace(profile="smoke"))
    run: Any = SimpleNamespace(total=total, plan=plan, begun=awake() - 60, announce=told.append)
    Slowness().look(run, 200)
    (line,) = told
    assert line.startswith("answers with 201 take 3.0 s each, and if all goes on like this the run")
    assert " takes 10 min. " in line


def test_what_no_reader_waited_for_is_not_told() -> None:
    """A slow answer now and then, or many beside each other, cost a run nothing to speak of."""
    times = Counter({bucket("201", 3.0): 4, bucket("400", 1.2): 2})
    assert slow_told(times, 1, "gate") == []
    times[bucket("201", 3.0)] = 100
    assert len(slow_told(times, 1, "gate")) == 1
    assert slow_told(times, 64, "gate") == []
