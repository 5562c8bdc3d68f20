"""Every process makes the same cases, whatever the time, the seed or the order of a set."""

import os
import subprocess
import sys
from pathlib import Path

from tests.running import PATIENCE

ROOT = Path(__file__).parent.parent

DIGEST = """
from hashlib import sha256
from spec import probes
from strategies.carriers import carriers
from strategies.acceptance.edges import edges
from strategies.invalid import invalid, near_misses
from strategies.invoice import encode
from strategies.packing import packed
from strategies.several import several_faults
from strategies.unspecified.cases import unspecified
from strategies.unspecified.probes import probe_body
from strategies.acceptance.valid import valid
from tests.invoices import ANYWHERE, CONTRACT, drawn

def tell(kind, bodies):
    print(kind, len(bodies), sha256(b"".join(bodies)).hexdigest())

tell("carriers", [str(carrier).encode() for carrier in carriers(CONTRACT)])
subjects = CONTRACT.body_requirements
misses = [case for one in subjects for case in near_misses(CONTRACT, ANYWHERE, one)]
tell("near misses", [case.body for case in misses])
tell("carriers of near misses", [str(case.carrier).encode() for case in misses])
inside = [
    case
    for turn, one in enumerate(subjects)
    for case in packed(
        CONTRACT, ANYWHERE, edges(CONTRACT, ANYWHERE, one), turn, len(subjects)
    )
]
tell("edges", [case.body for case in inside])
tell("carriers of edges", [str(case.carrier).encode() for case in inside])
tell("several faults", [case.body for case in several_faults(CONTRACT, ANYWHERE)])
tell("probes", [probe_body(CONTRACT, ANYWHERE, probe) for probe in probes.load()])
for strategy in (
    valid(CONTRACT, ANYWHERE),
    unspecified(CONTRACT, ANYWHERE),
    invalid(CONTRACT, ANYWHERE, CONTRACT.named("status.enum")),
):
    tell("drawn", [*map(encode, drawn(strategy, 30))])
"""


def test_two_processes_make_the_same_bytes() -> None:
    """A different hash seed, which changes the order of sets, changes no body and no carrier."""
    one, other = (
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        ).stdout.splitlines()
        for seed in ("1", "2")
    )
    assert len(one) == 10
    assert one == other
