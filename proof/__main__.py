"""`python -m proof`: run the suite against servers that are bent in known ways."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence

import pytest

from proof import mutants, result
from proof.mutants import AREAS
from proof.session import ProofSession
from proof.trial import Proven, Trial, judge
from reference.mutants.mutant import CONFORMING, Mutant
from spec import contract

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
    parser = argparse.ArgumentParser(
        prog="python -m proof",
        description="Run the suite against servers that are bent in known ways. With all of them, "
        f"{result.RESULT.name} and {result.MATRIX.name} are written anew.",
    )
    parser.add_argument("words", nargs="*", metavar="NAME", help="only servers so named (in part)")
    parser.add_argument("--area", choices=[*AREAS, CONFORMING], help="only servers of this area")
    parser.add_argument(
        "--seeds", type=_positive, default=1, metavar="N", help="repeat under so many seeds in all"
    )
    parser.add_argument(
        "--workers",
        type=_positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes at once (default %(default)s)",
    )
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def prove(given: argparse.Namespace, seed: int | None) -> list[Proven]:
    """One round: every chosen server under one seed; None is the seed of `gate`."""
    proven: list[Proven] = []

    def tell(mutant: Mutant, trial: Trial, due: int) -> None:
        proven.append(judge(mutant, trial))
        show(proven[-1], len(proven), due)

    session = ProofSession(
        lambda contract, facts: mutants.chosen_servers(
            mutants.every_server(contract, facts), given.words, given.area
        ),
        seed,
        given.workers,
        tell,
    )
    pytest.main([*SUITE], plugins=[session])
    if session.red:
        sys.exit(f"python -m proof: the suite is not green on the reference: {session.red}")
    order = {mutant.name: n for n, mutant in enumerate(session.servers)}
    return sorted(proven, key=lambda one: order[one.mutant.name])


def show(one: Proven, done: int, due: int) -> None:
    """A line for what went wrong, and how far the proof is: on a terminal always, else at times."""
    if not one.outcome.good:
        tests = ", ".join(
            f"{catch.test.rpartition('::')[2]} ({catch.named[0]})" for catch in one.catches[:3]
        )
        why = "; ".join(one.trial.troubles[:2]) or tests
        _say(f"{one.outcome}: {one.mutant.area}: {one.mutant.name}  {why}")
    if sys.stdout.isatty():
        _say(f"{done} of {due} servers", end="\r")
    elif done % 100 == 0 or done == due:
        _say(f"{done} of {due} servers")


def _say(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)  # noqa: T201 - what the command is there for


def main(arguments: Sequence[str]) -> int:
    """0 when the proof stands, 1 when it does not."""
    given = options(arguments)
    started = time.monotonic()
    rounds = [prove(given, seed or None) for seed in range(given.seeds)]
    first = rounds[0]
    if not first:
        _say("python -m proof: no server is so named; `--area` and parts of names choose some.")
        return 2
    counts = Counter(one.outcome for one in first)
    cpu = sum(one.trial.cpu_seconds for each in rounds for one in each)
    requests = sum(one.trial.requests for each in rounds for one in each)
    _say(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    _say(
        f"{requests} requests in {time.monotonic() - started:.0f} s, {cpu:.0f} s of them CPU, "
        f"by {given.workers} processes"
    )
    same = all(result.outcomes(one) == result.outcomes(first) for one in rounds)
    if not same:
        _say("verdicts differ from seed to seed")
    if not given.words and given.area is None:
        result.write(contract.load(), rounds)
    return 0 if same and all(one.outcome.good for one in first) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
