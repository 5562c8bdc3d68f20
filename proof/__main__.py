"""`python -m proof`: run the suite against servers that are bent in known ways."""

import argparse
import os
import sys
import time
from collections.abc import Sequence

import pytest

from proof import servers
from proof.areas import AREAS
from proof.session import Session
from proof.trial import Trial
from proof.verdict import Proven, judge
from reference.defects.bent import ODDITY, Bent

SUITE = (
    *("suites", "--target", "reference", "--request-timeout", "2"),
    # Nothing of pytest's own is shown or kept, and the tests are not rewritten: they are run
    # hundreds of times in forks of this process.
    *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:logging"),
    *("--capture", "no", "--assert", "plain"),
    *("-o", "addopts="),
)


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line, read; a bad one ends the process with status 2."""
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="NAME", help="only servers so named (in part)")
    parser.add_argument("--area", choices=[*AREAS, ODDITY], help="only servers of this area")
    parser.add_argument(
        "--seeds", type=int, default=1, metavar="N", help="repeat with so many seeds in all"
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="processes at once"
    )
    return parser.parse_args(arguments)


def prove(given: argparse.Namespace, seed: int | None) -> list[Proven]:
    """One round: every chosen server under one seed; None is the seed of `gate`."""
    proven: list[Proven] = []

    def tell(bent: Bent, trial: Trial, due: int) -> None:
        proven.append(judge(bent, trial))
        show(proven[-1], len(proven), due)

    session = Session(
        lambda contract, facts: servers.chosen(
            servers.every(contract, facts), given.words, given.area
        ),
        seed,
        given.workers,
        tell,
    )
    pytest.main([*SUITE], plugins=[session])
    if session.red:
        sys.exit(f"python -m proof: the suite is not green on the reference: {session.red}")
    order = {bent.name: n for n, bent in enumerate(session.servers)}
    return sorted(proven, key=lambda one: order[one.bent.name])


def show(one: Proven, done: int, due: int) -> None:
    """A line for what went wrong; on a terminal also one that says how far it is."""
    if not one.outcome.good:
        tests = ", ".join(f"{c.test.rpartition('::')[2]} ({c.named[0]})" for c in one.catches[:3])
        why = "; ".join(one.trial.troubles[:2]) or tests
        print(f"{one.outcome}: {one.bent.area}: {one.bent.name}  {why}", flush=True)
    if sys.stdout.isatty():
        print(f"{done} of {due}", end="\r", flush=True)


def main(arguments: Sequence[str]) -> int:
    """0 when the proof stands, 1 when it does not."""
    given = options(arguments)
    started = time.monotonic()
    rounds = [prove(given, seed or None) for seed in range(given.seeds)]
    counts: dict[str, int] = {}
    for one in rounds[0]:
        counts[one.outcome] = counts.get(one.outcome, 0) + 1
    print(counts, "cpu", sum(o.trial.cpu_seconds for o in rounds[0]), "requests", sum(o.trial.requests for o in rounds[0]), round(time.monotonic() - started, 1), "s", sum(o.trial.seconds for o in rounds[0]))
    return 0 if all(one.outcome.good for each in rounds for one in each) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
