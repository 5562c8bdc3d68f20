"""`python -m bench.regression`: counts what a case costs, and fails where that is much more than it
was.

It counts function calls and system calls, not time: they are the same on a busy machine. The limits
in `bench/limits.json` are half as much again as what was counted when `--write` wrote them, but for
the requests of a gate, which have a budget.
"""

import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from socket import socket
from types import FrameType
from typing import Any

from bench.__main__ import drawn, enumerated, judged, valid_and_invalid
from reports.command import Parser
from spec.contract import load

LIMITS = Path(__file__).parent / "limits.json"
MARGIN = 1.5
"""How much more than was counted is allowed."""
GATE = "requests of a gate"
MOST_IN_A_GATE = 2200
"""The budget of a gate, whatever it sends now."""
COUNTED = (
    "import sys; n = [0]\n"
    "def count(*_): n[0] += 1\n"
    "sys.setprofile(count)\n"
    "import pytest; pytest.main(['suites', '--collect-only', '-q', '-p', 'no:cacheprovider'])\n"
    "sys.setprofile(None); print(n[0])"
)
"""Collects the tests of a gate in a new process, imports included."""


class Counter:
    """Counts the calls of functions while some work is done, and those that send on a socket."""

    def __init__(self) -> None:
        self.calls = 0
        self.sends = 0

    def counting(self, work: Callable[[], int]) -> int:
        """Do the work; what it returns."""
        sys.setprofile(self._take)
        try:
            return work()
        finally:
            sys.setprofile(None)

    def _take(self, _frame: FrameType, event: str, what: Any) -> None:
        self.calls += event in ("call", "c_call")
        self.sends += (
            event == "c_call"
            and what.__name__ in ("send", "sendall")
            and isinstance(what.__self__, socket)
        )


def counts() -> dict[str, float]:
    """What a case, a request and the collection of the tests cost."""
    warnings.simplefilter("ignore")
    contract = load()
    found = {}
    with judged(contract) as (facts, ask, _):
        both = valid_and_invalid(contract, facts)
        works: dict[str, Callable[[], int]] = {
            "an enumerated": lambda: enumerated(contract, facts, ask),
            "a drawn": lambda: drawn(both, ask),
        }
        for name, work in works.items():
            work()  # what is made once is no part of a case
            counter = Counter()
            cases = counter.counting(work)
            found[f"calls for {name} case"] = counter.calls / cases
            found[f"socket writes for {name} case"] = counter.sends / cases
    done = subprocess.run(
        [sys.executable, "-c", COUNTED],
        capture_output=True,
        text=True,
        check=True,
        cwd=LIMITS.parent.parent,
    )
    lines = done.stdout.splitlines()
    planned = next(line for line in lines if line.startswith("requests planned: about "))
    found[GATE] = float(planned.split()[-1])
    found["calls to start and collect"] = float(lines[-1])
    return {name: round(count, 2) for name, count in found.items()}


def exceeded(counted: Mapping[str, float], limits: Mapping[str, float]) -> list[str]:
    """A sentence for each count that is above its limit, or has none."""
    return [
        f"{name}: {count:g}, and the limit is {limits.get(name, 0):g}"
        for name, count in counted.items()
        if count > limits.get(name, 0)
    ]


def main(arguments: Sequence[str]) -> int:
    """0 where all counts are within their limits, else 1."""
    parser = Parser("bench.regression", "Count what a case costs, and fail where it is much more.")
    parser.add_argument("--write", action="store_true", help="write the limits from these counts")
    chosen = parser.parse_args(arguments)
    counted = counts()
    for name, count in counted.items():
        print(f"{name}: {count:g}")
    if chosen.write:
        limits = {name: round(count * MARGIN, 1) for name, count in counted.items()}
        limits[GATE] = MOST_IN_A_GATE
        LIMITS.write_text(json.dumps(limits, indent=2) + "\n", encoding="utf-8")
        return 0
    found = exceeded(counted, json.loads(LIMITS.read_text(encoding="utf-8")))
    for sentence in found:
        print(f"too much: {sentence}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
