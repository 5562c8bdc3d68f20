"""The live line: shown on a terminal, and nowhere else."""

import os
import pty
import re
import subprocess
from contextlib import suppress

import pytest

from tests.running import PATIENCE, ROOT, command, environment, suite

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
