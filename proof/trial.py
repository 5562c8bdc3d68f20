"""One trial: the suite against one server, and what that says about the suite."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from starlette.types import ASGIApp
from typing_extensions import override

from proof.in_process import AppTransport
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from reference.store import Store
from reports.record import found_findings
from run.session import Run
from spec.oracle import Nonconformance, Oracle, Verdict
from spec.probes import Baseline
from targets.client import Client
from watch.fingerprint import node_parts


@dataclass(frozen=True, slots=True)
class Kill:
    """One test that failed, and the requirements that its message names, the main one first."""

    test: str
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What the suite did on one server.

    `first` is the number of the first request, in a run of the whole suite, whose verdict names
    what is broken; `requests` is their number in this trial; `troubles` are failures of the suite
    itself. `findings` are the requirements of all findings, of a trial that went to its end.
    """

    kills: tuple[Kill, ...]
    first: int | None
    requests: int
    cpu_seconds: float
    troubles: tuple[str, ...]
    findings: tuple[str, ...] = ()


ENOUGH = 2
"""Tests that kill a mutant by its requirement before the trial ends."""


@dataclass(repr=False)
class MutantRun(Run):
    """A run against a mutant or a conforming server, in this process unless it needs a socket.

    `first` is the test that first named what is broken, and the number of its request that did.
    A `whole` run goes to its end, and its findings are told.
    """

    mutant: Mutant = field(kw_only=True)
    app: ASGIApp | None = field(kw_only=True, default=None)
    whole: bool = False
    first: tuple[str, int] | None = None
    kills: list[Kill] = field(default_factory=list)

    @override
    def client(self) -> Client:
        """A client of this server."""
        usual = super().client()
        return replace(usual, transport=AppTransport(self.app)) if self.app else usual

    @override
    @cached_property
    def oracle(self) -> Oracle:
        """The run's oracle; it also notes the first verdict that names what is broken."""
        return Oracle(
            self.plan.contract, self.facts, self.plan.options.level, observe=self._observe
        )

    def _observe(self, verdict: Verdict) -> None:
        self.ledger.observe(verdict)
        names = (violation.requirement.name for violation in verdict.violations)
        if self.first is None and any(map(self.mutant.is_named_by, names)):
            self.first = self.ledger.test, self.ledger.counts.requests

    def add_kill(self, test: str, error: Nonconformance) -> None:
        """Note a test that failed."""
        names = dict.fromkeys(
            violation.requirement.name
            for verdict in error.verdicts
            for violation in verdict.failing
        )
        self.kills.append(Kill(test, tuple(names)))

    @property
    def settled(self) -> bool:
        """Whether enough tests of its suite have killed the mutant."""
        return not self.whole and len(right_kills(self.mutant, self.kills)) >= ENOUGH

    def told(self) -> tuple[str, ...]:
        """The requirement of each finding that fails, once a whole run is over."""
        if not self.whole:
            return ()
        found = found_findings(self.plan.contract, self.total, self.plan.options.level)
        return tuple(each["requirement"] for each in found if each["verdict"] == "broken")


def right_kills(mutant: Mutant, kills: Iterable[Kill]) -> tuple[Kill, ...]:
    """The kills by a test of the mutant's suite that name what it breaks."""
    return tuple(
        kill
        for kill in kills
        if node_parts(kill.test).suite == mutant.suite and any(map(mutant.is_named_by, kill.named))
    )


@contextmanager
def mutant_run(usual: Run, mutant: Mutant) -> Iterator[MutantRun]:
    """The usual run, but against this server, which runs as long as the context lasts."""
    # Another server may answer the probes in another way: it has no accepted answers yet.
    plan = replace(usual.plan, baseline=Baseline({}, {}, ""))
    server = mutant.mutate(Server())
    with closing(new_store(usual)) as store:
        if not mutant.wire:
            yield MutantRun(plan, opened=usual.open, mutant=mutant, app=server.app(store))
            return
        with server.serving(store) as url:
            yield MutantRun(plan, opened=replace(usual.open, base_url=url), mutant=mutant)


def new_store(usual: Run) -> Store:
    """An empty store with the keys and orders of the usual run."""
    opened, created = usual.open, usual.plan.order_created_at
    assert created is not None  # the reference's plan has it
    keys = {opened.keys.key: True}
    if opened.keys.forbidden is not None:
        keys[opened.keys.forbidden] = False
    return Store(keys, dict.fromkeys(usual.plan.order_ids, created))


class Outcome(StrEnum):
    """How a trial ended; only the first two are good."""

    KILLED = "killed"
    GREEN = "green"
    SURVIVED = "survived"
    ELSEWHERE = "killed only elsewhere"
    MISNAMED = "killed under another name"
    FALSE_ALARM = "false alarm"
    BROKE = "the suite broke"

    @property
    def good(self) -> bool:
        """Whether it is what the proof demands."""
        return self in (Outcome.KILLED, Outcome.GREEN)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A server, its trial and its outcome; `kills` are those that decided it."""

    mutant: Mutant
    trial: Trial
    outcome: Outcome
    kills: tuple[Kill, ...]


def judge(mutant: Mutant, trial: Trial) -> Judgement:
    """Judge one trial.

    A mutant is killed when a test of its suite fails and names a requirement that the mutant is
    known to break.
    """
    named = [kill for kill in trial.kills if any(map(mutant.is_named_by, kill.named))]
    right = right_kills(mutant, trial.kills)
    if trial.troubles:
        outcome = Outcome.BROKE
    elif mutant.conforms:
        outcome = Outcome.FALSE_ALARM if trial.kills else Outcome.GREEN
    elif right:
        outcome = Outcome.KILLED
    elif named:
        outcome = Outcome.ELSEWHERE
    else:
        outcome = Outcome.MISNAMED if trial.kills else Outcome.SURVIVED
    return Judgement(mutant, trial, outcome, tuple(right or named or trial.kills))
