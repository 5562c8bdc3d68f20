"""Records the exchanges of one run of the suite on the reference."""

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from typing_extensions import override

from proof.in_process import AppTransport, Call
from proof.trial import MutantRun, new_store
from reference.mutants.mutant import CONFORMING, Mutant
from reference.mutants.server import Server
from run.session import Run
from spec.exchange import Exchange, Request
from spec.expectation import Expected
from spec.oracle import Oracle, Verdict
from spec.requirements import Requirement
from targets.client import Client

REFERENCE = Mutant("the reference", CONFORMING, (), "Nothing is changed.", lambda server: server)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange: the test that asked, the call, and what it was judged by."""

    test: str
    call: Call
    request: Request
    expected: Expected
    about: Requirement | None
    before: Request | None


@dataclass(repr=False)
class RecordingRun(MutantRun):
    """A run against the reference in this process that keeps every exchange in `judged`, in the
    order in which they were judged.
    """

    judged: list[Recorded] = field(default_factory=list)
    _calls: dict[tuple[str, bytes], deque[Call]] = field(default_factory=lambda: defaultdict(deque))

    @override
    def client(self) -> Client:
        """A client whose calls are kept until they are judged."""
        assert self.app is not None
        return replace(super().client(), transport=AppTransport(self.app, self._keep))

    @override
    @cached_property
    def oracle(self) -> Oracle:
        """The run's oracle, which keeps what it is asked to judge."""
        return _RecordingOracle(
            self.plan.contract,
            self.facts,
            self.plan.options.level,
            observe=self.ledger.observe,
            run=self,
        )

    @property
    def unjudged(self) -> list[Call]:
        """The calls that nobody judged: the preflight's."""
        return [made for calls in self._calls.values() for made in calls]

    def add(self, verdict: Verdict, about: Requirement | None, before: Request | None) -> None:
        """Keep an exchange that was judged."""
        request = verdict.exchange.request
        # Requests that were in flight together are judged in another order than they came in.
        made = self._calls[request.method, request.body].popleft()
        self.judged.append(
            Recorded(self.ledger.test, made, request, verdict.expected, about, before)
        )

    def _keep(self, made: Call) -> None:
        self._calls[made.method, made.seen.body].append(made)


@dataclass(slots=True, repr=False)
class _RecordingOracle(Oracle):
    run: RecordingRun = field(kw_only=True)

    @override
    def judge(
        self,
        exchange: Exchange,
        about: Requirement | None = None,
        before: Request | None = None,
        **options: bool,
    ) -> Verdict:
        verdict = Oracle.judge(self, exchange, about, before, **options)
        self.run.add(verdict, about, before)
        return verdict


@contextmanager
def recording_run(usual: Run) -> Iterator[RecordingRun]:
    """The usual run, but against the reference in this process, and recorded."""
    with closing(new_store(usual)) as store:
        yield RecordingRun(usual.plan, opened=usual.open, mutant=REFERENCE, app=Server().app(store))
