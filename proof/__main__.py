"""`python -m proof`: run the suite against mutants and conforming servers."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence

import pytest

from proof import mutants, result
from proof.mutants import SUITES
from proof.session import ProofSession
from proof.trial import Judgement, Trial, judge
from reference.mutants.mutant import CONFORMING, Mutant
from spec import contract

RUN = (
    *("suites", "--target", "reference", "--request-timeout", "2"),
    # Nothing of pytest's own is shown or kept, and the tests are not rewritten: they are run
    # hundreds of times in forks of this process.
    *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:logging"),
    *("--capture", "no", "--assert", "plain"),
    *("-o", "addopts="),
)


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line, parsed; a wrong one ends the process with status 2."""
    parser = argparse.ArgumentParser(
        prog="python -m proof",
        description="Run the suite against mutants, which it must kill, and conforming servers, "
        "which it must pass. A run with all of them rewrites "
        f"{result.RESULT.name} and {result.MATRIX.name}.",
    )
    parser.add_argument("words", nargs="*", metavar="NAME", help="only servers with such names")
    parser.add_argument(
        "--suite", choices=[*SUITES, CONFORMING], help="only the mutants that this suite must kill"
    )
    parser.add_argument(
        "--seeds",
        type=_positive,
        default=1,
        metavar="N",
        help="run with this many seeds (default %(default)s)",
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
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def prove(given: argparse.Namespace, seed: int | None) -> list[Judgement]:
    """One round: every chosen server with one seed; None is the seed of `gate`."""
    judged: list[Judgement] = []

    def take(mutant: Mutant, trial: Trial, planned: int) -> None:
        judged.append(judge(mutant, trial))
        show(judged[-1], len(judged), planned)

    session = ProofSession(
        lambda contract, facts: mutants.chosen_servers(
            mutants.every_server(contract, facts), given.words, given.suite
        ),
        seed,
        given.workers,
        take,
    )
    pytest.main([*RUN], plugins=[session])
    if session.red:
        sys.exit(f"python -m proof: the suite is not green on the reference: {session.red}")
    order = {mutant.name: n for n, mutant in enumerate(session.servers)}
    return sorted(judged, key=lambda one: order[one.mutant.name])


def show(one: Judgement, done: int, planned: int) -> None:
    """Print a line for a bad outcome, and how many servers are done."""
    if not one.outcome.good:
        tests = ", ".join(
            f"{kill.test.rpartition('::')[2]} ({kill.named[0]})" for kill in one.kills[:3]
        )
        why = "; ".join(one.trial.troubles[:2]) or tests
        _print(f"{one.outcome}: {one.mutant.topic}: {one.mutant.name}  {why}")
    if sys.stdout.isatty():
        _print(f"{done} of {planned} servers", end="\r")
    elif done % 100 == 0 or done == planned:
        _print(f"{done} of {planned} servers")


def _print(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)  # noqa: T201 - what the command is there for


def main(arguments: Sequence[str]) -> int:
    """0 when every outcome is good, 1 when one is not, 2 when no server is chosen."""
    given = options(arguments)
    started = time.monotonic()
    rounds = [prove(given, seed or None) for seed in range(given.seeds)]
    first = rounds[0]
    if not first:
        _print("python -m proof: no server has such a name, or none of them is of that suite.")
        return 2
    counts = Counter(one.outcome for one in first)
    cpu = sum(one.trial.cpu_seconds for each in rounds for one in each)
    requests = sum(one.trial.requests for each in rounds for one in each)
    _print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    _print(
        f"{requests} requests in {time.monotonic() - started:.0f} s, {cpu:.0f} s of CPU time, "
        f"in {given.workers} processes"
    )
    same = result.agree(rounds)
    if not same:
        _print("the outcomes differ between the seeds")
    if not given.words and given.suite is None:
        result.write(contract.load(), rounds)
    return 0 if same and all(one.outcome.good for one in first) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
