"""Every process makes the same cases, whatever the time, the seed or the order of a set."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

DIGEST = """
import hashlib
from spec import probes
from strategies.edges import edges
from strategies.invalid import invalid, near_misses
from strategies.invoice import encode
from strategies.packing import packed
from strategies.unspecified import probe_body, unspecified
from strategies.valid import valid
from tests.invoices import ANYWHERE, CONTRACT, drawn

bodies = []
for requirement in CONTRACT.body_requirements:
    bodies += [case.body for case in near_misses(CONTRACT, ANYWHERE, requirement)]
    found = edges(CONTRACT, ANYWHERE, requirement)
    bodies += [case.body for case in packed(CONTRACT, ANYWHERE, found)]
bodies += [probe_body(CONTRACT, ANYWHERE, probe) for probe in probes.load()]
for strategy in (
    valid(CONTRACT, ANYWHERE),
    unspecified(CONTRACT, ANYWHERE),
    invalid(CONTRACT, ANYWHERE, CONTRACT.named("status.enum")),
):
    bodies += map(encode, drawn(strategy, 30))
print(len(bodies), hashlib.sha256(b"".join(bodies)).hexdigest())
"""


def test_two_processes_make_the_same_bytes() -> None:
    """A different hash seed, which changes the order of sets, changes no body."""
    printed = [
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed[0]
    assert printed[0] == printed[1]
