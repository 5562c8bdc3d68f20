"""The same cases come in every process: no clock, no chance, no order of a set decides them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

DIGEST = """
import hashlib
from spec import probes
from strategies.breaking import breaking, near_misses
from strategies.edges import edges
from strategies.encoding import encode
from strategies.packing import packed
from strategies.probes import body
from strategies.valid import valid
from strategies.unspecified import between
from tests.invoices import ANYWHERE, CONTRACT, drawn

bodies = []
for requirement in CONTRACT.body_requirements:
    bodies += [case.body for case in near_misses(CONTRACT, ANYWHERE, requirement)]
    found = edges(CONTRACT, ANYWHERE, requirement)
    bodies += [parcel.body for parcel in packed(CONTRACT, ANYWHERE, found)]
bodies += [body(CONTRACT, ANYWHERE, probe) for probe in probes.load()]
named = CONTRACT.named("status.enum")
for strategy in (valid(CONTRACT, ANYWHERE), between(CONTRACT, ANYWHERE)):
    bodies += map(encode, drawn(strategy, 30))
bodies += map(encode, drawn(breaking(CONTRACT, ANYWHERE, named), 30))
print(len(bodies), hashlib.sha256(b"".join(bodies)).hexdigest())
"""


def test_two_processes_send_the_same_bytes() -> None:
    """With another hash seed, which orders sets otherwise, every body is the same."""
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
