"""The process of a run stands still, as on a laptop that sleeps: that is nothing a server did."""

import os
import signal
import subprocess
from threading import Timer
from typing import Any

import pytest

from tests.fronts import error, fronted
from tests.running import ORDER, PATIENCE, ROOT, command, environment

STOPPED_AT = 30
"""The request after which the process is stopped; others are in flight."""
SECONDS = 3.0
"""How long it stands still, which is longer than it waits for an answer."""
OPTIONS = (*ORDER, "--request-timeout", "1", "-k", "near_miss_is_refused and items")


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be stopped here")
@pytest.mark.parametrize("answer", [None, error(408)], ids=["it answers", "it gives up"])
def test_a_run_that_stood_still_for_longer_than_it_waits_is_green(answer: Any) -> None:
    """What came meanwhile counts, and what the server gave up meanwhile is asked again."""
    runs: list[subprocess.Popen[str]] = []

    def decide(number: int, _body: bytes) -> Any:
        if number != STOPPED_AT:
            return None
        os.kill(runs[0].pid, signal.SIGSTOP)
        Timer(SECONDS, os.kill, (runs[0].pid, signal.SIGCONT)).start()
        return answer

    with fronted(decide) as url:
        words = command("--base-url", url, *OPTIONS)
        pipe = subprocess.PIPE
        runs += [subprocess.Popen(words, cwd=ROOT, env=environment(), stdout=pipe, text=True)]
        output, _ = runs[0].communicate(timeout=PATIENCE)
    assert runs[0].returncode == 0, output
    assert "This process stood still for" in output
    assert "the server conforms" in output
