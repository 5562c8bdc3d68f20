"""One trial: the whole suite against one server, and what that says of the suite."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

import httpx
from starlette.types import ASGIApp

from proof.mutants import AREAS, suite_of
from reference.mutants.calling import call
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from reference.store import Store
from run.session import Run
from spec.oracle import Nonconformance, Oracle, Verdict
from spec.probes import Baseline
from targets.client import Client


class Called(httpx.BaseTransport):
    """One request after the other, for the application is used by one thread at a time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._one_at_a_time = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application with the request as it stands."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        body = b"".join(request.stream)
        target = request.url.raw_path.decode("ascii")
        with self._one_at_a_time:
            answer = call(self._app, request.method, target, request.headers.raw, body)
        return httpx.Response(
            answer.status, headers=list(answer.headers), stream=_Body(answer.body)
        )


class _Body(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body


@dataclass(frozen=True, slots=True)
class Kill:
    """One test that failed: the requirements that its message names, the first one foremost."""

    test: str
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of the suite on one server.

    `first` is the number of the first request, in a run of the whole suite, that shows the breach
    by its right name; `requests` are those of the trial, `troubles` what went wrong in the suite.
    """

    name: str
    catches: tuple[Kill, ...]
    first: int | None
    requests: int
    seconds: float
    cpu_seconds: float
    troubles: tuple[str, ...]


ENOUGH = 2
"""Tests that have caught a defect by its name, after which no more are run."""


@dataclass(repr=False)
class Tried(Run):
    """A run against a bent server, in this process unless the server needs a socket.

    `first` is the test and the number of the request in it that first showed the breach.
    """

    mutant: Mutant = field(kw_only=True)
    app: ASGIApp | None = field(kw_only=True, default=None)
    first: tuple[str, int] | None = None
    catches: list[Kill] = field(default_factory=list)

    def client(self) -> Client:
        """A client of the bent server."""
        usual = super().client()
        return replace(usual, transport=Called(self.app)) if self.app else usual

    @cached_property
    def oracle(self) -> Oracle:
        """The run's oracle, which also tells when the breach is first seen."""
        return Oracle(
            self.plan.contract,
            self.facts,
            self.plan.options.level,
            explain=lambda verdict: verdict.failing[0].requirement.name,
            observe=self._observe,
        )

    def _observe(self, verdict: Verdict) -> None:
        self.ledger.observe(verdict)
        names = (violation.requirement.name for violation in verdict.violations)
        if self.first is None and any(map(self.mutant.is_named_by, names)):
            self.first = self.ledger.test, self.ledger.counts.requests

    def caught(self, test: str, error: Nonconformance) -> None:
        """Note a failed test."""
        verdicts = (error.verdict, *error.others)
        names = dict.fromkeys(found.requirement.name for v in verdicts for found in v.failing)
        self.catches.append(Kill(test, tuple(names)))

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be learnt: the defect is caught as it should be, and twice."""
        return len(right(self.mutant, self.catches)) >= ENOUGH


def right(mutant: Mutant, catches: Iterable[Kill]) -> tuple[Kill, ...]:
    """The catches by a test of the defect's own area that name what it breaks."""
    suites = AREAS.get(mutant.area, ())
    return tuple(
        catch
        for catch in catches
        if suite_of(catch.test) in suites and any(map(mutant.is_named_by, catch.named))
    )


@contextmanager
def tried(usual: Run, mutant: Mutant) -> Iterator[Tried]:
    """The run as planned, but against the bent server, which stands while the context does."""
    opened, created = usual.open, usual.plan.order_created_at
    assert created is not None  # of the reference it is known
    orders = dict.fromkeys(usual.plan.order_ids, created)
    # Other servers may answer the probes otherwise: for them nothing has been accepted yet.
    plan = replace(usual.plan, baseline=Baseline({}, {}, ""))
    keys = {opened.keys.key: True}
    if opened.keys.forbidden is not None:
        keys[opened.keys.forbidden] = False
    server = mutant.bend(Server())
    with closing(Store(keys, orders)) as store:
        if not mutant.wire:
            yield Tried(plan, opened=opened, mutant=mutant, app=server.app(store))
            return
        with server.serving(store) as url:
            yield Tried(plan, opened=replace(opened, base_url=url), mutant=mutant)


class Outcome(StrEnum):
    """How a trial ended; the first two are as they should be."""

    CAUGHT = "caught"
    GREEN = "green"
    SURVIVED = "survived"
    ELSEWHERE = "caught only elsewhere"
    MISNAMED = "caught under another name"
    FALSE_ALARM = "false alarm"
    BROKE = "the suite broke"

    @property
    def good(self) -> bool:
        """Whether the proof stands with it."""
        return self in (Outcome.CAUGHT, Outcome.GREEN)


@dataclass(frozen=True, slots=True)
class Proven:
    """A bent server and what came of it; `catches` are those that count."""

    mutant: Mutant
    trial: Trial
    outcome: Outcome
    catches: tuple[Kill, ...]


def judge(mutant: Mutant, trial: Trial) -> Proven:
    """The outcome of one trial.

    A defect is caught when a test of a suite of its area fails and names a requirement that the
    defect is known to break.
    """
    named = [catch for catch in trial.catches if any(map(mutant.is_named_by, catch.named))]
    here = right(mutant, trial.catches)
    if trial.troubles:
        outcome = Outcome.BROKE
    elif mutant.conforms:
        outcome = Outcome.FALSE_ALARM if trial.catches else Outcome.GREEN
    elif here:
        outcome = Outcome.CAUGHT
    elif named:
        outcome = Outcome.ELSEWHERE
    else:
        outcome = Outcome.MISNAMED if trial.catches else Outcome.SURVIVED
    return Proven(mutant, trial, outcome, tuple(here or named or trial.catches))
