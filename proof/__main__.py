"""`python -m proof`: run the suite against mutants and conforming servers."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from proof import mutants, result
from proof.conditional import Conditional, conditionals
from proof.derived import derived_mutants
from proof.findings import figures, told_badly
from proof.mutants import SUITES
from proof.replay import Replay, Replayed
from proof.session import Chosen, ProofSession
from proof.trial import Judgement, Outcome, Trial, judge
from reference.mutants.mutant import CONFORMING, Mutant
from reports.command import USAGE, Parser
from reports.summary import test_name
from run.options import DEFAULT_PROFILE, PROFILES
from spec import contract
from spec.contract import Contract, TargetFacts
from spec.violation import counted

RUN = (
    *("suites", "--target", "reference", "--request-timeout", "2", "--concurrency", "1"),
    # Nothing of pytest's own is shown or kept, and the tests are not rewritten: they are run
    # hundreds of times in forks of this process.
    *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:logging"),
    *("--capture", "no", "--assert", "plain"),
    # In the order of a run, whatever plugin is there: what is detected first depends on it.
    *("-o", "addopts=", "-p", "no:randomly", "-p", "no:invoice-mirror"),
)


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line, parsed; a wrong one ends the process with status 4."""
    parser = Parser(
        "proof",
        "Run the suite against mutants, which it must kill, and conforming servers, "
        "which it must pass. Without NAME and --suite, it also replays a recorded run on "
        "conditional mutants, and rewrites "
        f"{result.RESULT.name} and {result.MATRIX.name}.",
    )
    parser.add_argument("words", nargs="*", metavar="NAME", help="only servers with such names")
    parser.add_argument(
        "--suite", choices=[*SUITES, CONFORMING], help="only the mutants that this suite must kill"
    )
    parser.add_argument(
        "--conditional",
        action="store_true",
        help="only conditional mutants, such as 'forgets url.type when chunked'",
    )
    parser.add_argument(
        "--survivors",
        action="store_true",
        help=f"only the conditional mutants that survive in {result.RESULT.name}",
    )
    parser.add_argument(
        "--hypothesis-profile",
        choices=PROFILES,
        default=DEFAULT_PROFILE,
        metavar="P",
        help=f"{', '.join(PROFILES)} (default %(default)s); the seeds of 'deep' begin with 1",
    )
    parser.add_argument(
        "--findings",
        action="store_true",
        help="run every mutant to its end, and say how many findings it is told as",
    )
    for name, usual, words in (
        ("--one-in", 1, "try only each N-th server (default %(default)s: all)"),
        ("--seeds", 1, "run with this many seeds (default %(default)s)"),
        ("--workers", os.cpu_count() or 1, "processes at once (default %(default)s)"),
    ):
        parser.add_argument(name, type=_positive, default=usual, metavar="N", help=words)
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


@dataclass(slots=True)
class Progress:
    """What is judged so far; each bad outcome is printed as it comes, and with `whole` each server
    that is not told as one finding under the right requirement.
    """

    whole: bool = False
    planned: int = 0
    judged: list[Judgement] = field(default_factory=list)
    replayed: list[Replayed] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many servers are judged."""
        return len(self.judged) + len(self.replayed)

    def take(self, mutant: Mutant, trial: Trial) -> None:
        """Judge a server."""
        one = judge(mutant, trial)
        self.judged.append(one)
        tests = ", ".join(f"{test_name(kill.test)} ({kill.named[0]})" for kill in one.kills[:3])
        why = "; ".join(trial.troubles[:2]) or tests
        self._show(one.outcome, f"{mutant.topic}: {mutant.name}  {why}")
        if self.whole and (told := told_badly(one)):
            _print(told)

    def take_replay(self, conditional: Conditional, replay: Replay) -> None:
        """Keep what a conditional mutant came to."""
        self.replayed.append(Replayed(conditional, replay))
        why = replay.other or counted(replay.sent, "request")
        self._show(replay.outcome, f"{conditional.kind}: {conditional.name}  {why}")

    def _show(self, outcome: Outcome, what: str) -> None:
        if not outcome.good:
            _print(f"{outcome}: {what}")
        self.show()

    def show(self) -> None:
        """How far it is: each server on a terminal, else the first, the last and each hundredth."""
        if sys.stdout.isatty():
            _print(f"{self.done} of {counted(self.planned, 'server')}", end="\r")
        elif self.done % 100 == 0 or self.done == self.planned:
            _print(f"{self.done} of {counted(self.planned, 'server')}")


def prove(given: argparse.Namespace, seed: int | None) -> Progress:
    """One round: every chosen server with one seed; None is the profile's own."""
    progress = Progress(given.findings)

    def choose(contract: Contract, facts: TargetFacts) -> Chosen:
        chosen = choice(given, contract, facts, seed)
        progress.planned = len(chosen.servers) + len(chosen.conditionals)
        progress.show()
        return chosen

    session = ProofSession(
        choose, seed, given.workers, progress.take, progress.take_replay, whole=given.findings
    )
    profile = ("--hypothesis-profile", given.hypothesis_profile)
    status = pytest.main([*RUN, *profile], plugins=[session])
    if session.red:
        sys.exit(f"python -m proof: the suite is not green on the reference: {session.red}")
    if progress.done < progress.planned:
        planned = counted(progress.planned, "server")
        _print(f"python -m proof: stopped after {progress.done} of {planned}.")
        sys.exit(status or 1)
    servers = {mutant.name: n for n, mutant in enumerate(session.chosen.servers)}
    progress.judged.sort(key=lambda one: servers[one.mutant.name])
    pairs = {one.name: n for n, one in enumerate(session.chosen.conditionals)}
    progress.replayed.sort(key=lambda one: pairs[one.conditional.name])
    return progress


def choice(
    given: argparse.Namespace, contract: Contract, facts: TargetFacts, seed: int | None
) -> Chosen:
    """What the command line asks for; conditional mutants only with the first seed."""
    servers: tuple[Mutant, ...] = ()
    sampled: tuple[Conditional, ...] = ()
    if not (given.conditional or given.survivors):
        known = mutants.every_server(contract, facts)
        servers = mutants.chosen_servers(known, given.words, given.suite)[:: given.one_in]
    if given.findings:
        servers = tuple(one for one in servers if not one.conforms)
    if seed == seeds_of(given)[0] and (given.conditional or given.survivors or _is_whole(given)):
        sampled = conditionals(contract, derived_mutants(contract, facts))
    survivors = result.survivors() if given.survivors else {one.name for one in sampled}
    conditional = tuple(
        one
        for one in sampled
        if given.suite in (None, one.mutant.suite)
        and mutants.has_a_word(one.name, given.words)
        and one.name in survivors
    )
    return Chosen(servers, conditional)


def _is_whole(given: argparse.Namespace) -> bool:
    """Whether everything is asked for, so that the files are rewritten."""
    part = given.words or given.suite is not None or given.one_in > 1 or given.survivors
    other = given.findings or given.hypothesis_profile != DEFAULT_PROFILE
    return not (part or other or given.conditional)


def seeds_of(given: argparse.Namespace) -> list[int | None]:
    """The seed of each round; the first of a profile that draws the same each time is its own."""
    if PROFILES[given.hypothesis_profile].derandomized:
        return [None, *range(1, given.seeds)]
    return [*range(1, given.seeds + 1)]


def _print(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)  # noqa: T201 - what the command is there for


def main(arguments: Sequence[str]) -> int:
    """0 when every outcome is good, or nearly every one of the conditional mutants, 1 when not, 4
    when no server is chosen.
    """
    given = options(arguments)
    started = time.monotonic()
    rounds = [prove(given, seed) for seed in seeds_of(given)]
    first = rounds[0]
    if not first.judged and not first.replayed:
        _print("python -m proof: no server has such a name, or none of them is of that suite.")
        return USAGE
    cpu = sum(one.trial.cpu_seconds for each in rounds for one in each.judged)
    cpu += sum(one.replay.cpu_seconds for one in first.replayed)
    requests = sum(one.trial.requests for each in rounds for one in each.judged)
    requests += sum(one.replay.sent for one in first.replayed)
    for what, outcomes in (
        ("", [one.outcome for one in first.judged]),
        ("conditional mutants: ", [one.outcome for one in first.replayed]),
    ):
        if outcomes:
            counts = Counter(outcomes).items()
            _print(what + ", ".join(f"{count} {outcome}" for outcome, count in counts))
    _print(
        f"{counted(requests, 'request')} in {time.monotonic() - started:.0f} s, "
        f"{cpu:.0f} s of CPU time, in {counted(given.workers, 'process', 'processes')}"
    )
    judged = [each.judged for each in rounds]
    same = result.agree(judged)
    if not same:
        _print("the outcomes differ between the seeds")
    if _is_whole(given):
        result.write(contract.load(), judged, first.replayed)
    good = all(one.outcome.good for one in first.judged)
    told = figures(first.judged) if given.findings else None
    if told is not None:
        _print(str(told))
        good = good and told.good
    return 0 if same and good and result.enough(first.replayed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
