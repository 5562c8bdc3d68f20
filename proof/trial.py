"""One trial: the whole suite against one bent server."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from starlette.types import ASGIApp

from proof.areas import AREAS, suite_of
from proof.transport import Called
from reference.defects.bent import Bent
from reference.defects.server import Server
from reference.store import Store
from run.conduct import Conduct
from spec.baselines import Baseline
from spec.oracle import Nonconformance, Oracle, Verdict
from targets.client import Client


@dataclass(frozen=True, slots=True)
class Catch:
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
    catches: tuple[Catch, ...]
    first: int | None
    requests: int
    seconds: float
    cpu_seconds: float
    troubles: tuple[str, ...]


ENOUGH = 2
"""Tests that have caught a defect by its name, after which no more are run."""


@dataclass(repr=False)
class Tried(Conduct):
    """A run against a bent server, in this process unless the server needs a socket.

    `first` is the test and the number of the request in it that first showed the breach.
    """

    bent: Bent = field(kw_only=True)
    app: ASGIApp | None = field(kw_only=True, default=None)
    first: tuple[str, int] | None = None
    catches: list[Catch] = field(default_factory=list)

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
        names = (departure.requirement.name for departure in verdict.departures)
        if self.first is None and any(map(self.bent.is_named_by, names)):
            self.first = self.ledger.test, self.ledger.tally.requests

    def caught(self, test: str, error: Nonconformance) -> None:
        """Note a failed test."""
        verdicts = (error.verdict, *error.others)
        names = dict.fromkeys(found.requirement.name for v in verdicts for found in v.failing)
        self.catches.append(Catch(test, tuple(names)))

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be learnt: the defect is caught as it should be, and twice."""
        return len(right(self.bent, self.catches)) >= ENOUGH


def right(bent: Bent, catches: Iterable[Catch]) -> tuple[Catch, ...]:
    """The catches by a test of the defect's own area that name what it breaks."""
    suites = AREAS.get(bent.area, ())
    return tuple(
        catch
        for catch in catches
        if suite_of(catch.test) in suites and any(map(bent.is_named_by, catch.named))
    )


@contextmanager
def tried(usual: Conduct, bent: Bent) -> Iterator[Tried]:
    """The run as planned, but against the bent server, which stands while the context does."""
    opened, created = usual.open, usual.plan.order_created_at
    assert created is not None  # of the reference it is known
    orders = dict.fromkeys(usual.plan.order_ids, created)
    # Other servers may answer the probes otherwise: for them nothing has been accepted yet.
    plan = replace(usual.plan, baseline=Baseline({}, {}, ""))
    keys = {opened.keys.key: True}
    if opened.keys.forbidden is not None:
        keys[opened.keys.forbidden] = False
    server = bent.bend(Server())
    with closing(Store(keys, orders)) as store:
        if not bent.wire:
            yield Tried(plan, opened=opened, bent=bent, app=server.app(store))
            return
        with server.serving(store) as url:
            yield Tried(plan, opened=replace(opened, base_url=url), bent=bent)
