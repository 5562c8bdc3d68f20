"""The plugin that has pytest collect the suite once and run it against each server."""

import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import pytest

from proof.conditional import Conditional
from proof.draws import DrawnValues, is_drawn
from proof.recording import recording_run
from proof.replay import Recording, Replay
from proof.trial import MutantRun, Trial, mutant_run, new_store
from reference.mutants.mutant import Mutant
from reports.asked import FIRST
from run.plugin import Plugin
from run.preflight import preflight
from run.session import RUN, Run
from spec.contract import Contract, TargetFacts
from spec.coverage import Coverage
from spec.oracle import Nonconformance
from targets.errors import CannotTellError
from watch.fingerprint import node_parts


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be proven: servers, and conditional mutants."""

    servers: Sequence[Mutant] = ()
    conditionals: Sequence[Conditional] = ()


Choose = Callable[[Contract, TargetFacts], Chosen]
"""Chooses for a contract and the facts of the target."""

AT_ONCE = 25
"""Conditional mutants that a worker is given at once."""


class ProofSession:
    """Replaces pytest's loop: runs the suite on the reference, then against each server; and
    replays a recorded run on each conditional mutant.

    `seed` None is that of the `gate` profile. `take` is called with each server and its trial when
    that has ended, `take_replay` with each conditional mutant and its replay. A `whole` trial does
    not end when it is settled. `red` says why the reference was not green; then no more is run.
    """

    def __init__(
        self,
        choose: Choose,
        seed: int | None,
        workers: int,
        take: Callable[[Mutant, Trial], None],
        take_replay: Callable[[Conditional, Replay], None],
        *,
        whole: bool = False,
    ) -> None:
        self.choose, self.seed, self.workers, self.whole = choose, seed, workers, whole
        self.take, self.take_replay = take, take_replay
        self.chosen = Chosen()
        self.recording: Recording
        self.red = ""
        self.drawn = DrawnValues()
        self.sent_before: dict[str, int] = {}
        self.drawing = True
        self.troubles: list[str] = []
        self.session: pytest.Session
        self.usual: Run

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """First the reference, with values drawn by Hypothesis; then the servers, with the same."""
        self.session, self.usual = session, session.config.stash[RUN]
        self._run(self.usual)
        if self.troubles or self.usual.total.occurrences:
            self.red = "; ".join([*self.troubles, *self.usual.total.occurrences])
            return True
        self.drawing = False
        self.chosen = self.choose(self.usual.plan.contract, self.usual.facts)
        sent = 1  # by the preflight
        for entry in self.usual.entries:
            self.sent_before[entry.test] = sent
            sent += entry.counts.requests
        if self.chosen.conditionals and not self._record():
            return True
        # The workers are forks, so they have all that was collected and drawn.
        with ProcessPoolExecutor(
            self.workers, get_context("fork"), initializer=_inherit, initargs=(self,)
        ) as pool:
            servers, conditionals = self.chosen.servers, self.chosen.conditionals
            replays = {
                pool.submit(_replays, start): start
                for start in range(0, len(conditionals), AT_ONCE)
            }
            trials = {pool.submit(_trial, n): mutant for n, mutant in enumerate(servers)}
            try:
                for replayed in as_completed(replays):
                    for n, replay in enumerate(replayed.result(), replays[replayed]):
                        self.take_replay(conditionals[n], replay)
                for tried in as_completed(trials):
                    self.take(trials[tried], tried.result())
            except KeyboardInterrupt:
                pool.shutdown(cancel_futures=True)  # else all that is left is run first
                raise
        return True

    def _record(self) -> bool:
        """Record a run on the reference; whether it was green."""
        with recording_run(self.usual) as run:
            preflight(run)
            self._run(run)
        self.red = "; ".join([*self.troubles, *(kill.test for kill in run.kills)])
        contract, facts = self.usual.plan.contract, self.usual.facts
        self.recording = Recording(Coverage(contract), facts, run.unjudged, run.judged)
        return not self.red

    def trial(self, mutant: Mutant) -> Trial:
        """The suite against one server."""
        started = time.process_time()
        with mutant_run(self.usual, mutant) as run:
            run.whole = self.whole
            with suppress(CannotTellError):  # a usual run would end here
                verdict = preflight(run)
                run.total.add(run.ledger.counts)
                if verdict.failing:
                    run.add_kill(FIRST, Nonconformance(verdict))
            self._run(run)
        return Trial(
            tuple(run.kills),
            self._number(run.first),
            run.total.requests,
            round(time.process_time() - started, 2),
            tuple(self.troubles),
            run.told(),
        )

    def _number(self, first: tuple[str, int] | None) -> int | None:
        """The number in a run of the whole suite of a test's request of that number."""
        if first is None:
            return None
        test, number = first
        return self.sent_before.get(test, 0) + number

    def _run(self, run: Run) -> None:
        """Run the tests by pytest's own protocol, as part of this run.

        For a mutant those of its suite come first, and none after it is settled.
        """
        config, items = self.session.config, self.session.items
        hooks = config.pluginmanager.get_plugin("conformance")
        assert isinstance(hooks, Plugin)
        config.stash[RUN] = hooks.run = run
        hooks.runs_again = True
        self.troubles.clear()
        if isinstance(run, MutantRun):
            suite = run.mutant.suite
            items = sorted(items, key=lambda item: node_parts(item.nodeid).suite != suite)
        for item, following in zip(items, [*items[1:], None], strict=True):
            config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if isinstance(run, MutantRun) and run.settled:
                config.hook.pytest_runtest_teardown(item=item, nextitem=None)
                return

    def pytest_configure(self, config: pytest.Config) -> None:
        """Show failures by their message only: nobody reads where they were raised."""
        config.option.tbstyle = "value"

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Record the drawn tests on the reference and replay them on the servers."""
        if not is_drawn(pyfuncitem):
            return None
        if self.drawing:
            self.drawn.record(pyfuncitem, self.seed)
        else:
            self.drawn.replay(pyfuncitem)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        """Note what failed: the server, or else the suite."""
        error = call.excinfo.value if call.excinfo else None
        run = item.config.stash[RUN]
        if isinstance(error, Nonconformance) and isinstance(run, MutantRun):
            run.add_kill(item.nodeid, error)
        report = yield
        if report.failed and not isinstance(error, Nonconformance):
            self.troubles.append(f"{item.nodeid}: {call.excinfo and call.excinfo.exconly()}")
        return report


_inherited: list[ProofSession] = []


def _inherit(session: ProofSession) -> None:
    _inherited.append(session)


def _trial(number: int) -> Trial:
    session = _inherited[-1]
    return session.trial(session.chosen.servers[number])


def _replays(start: int) -> list[Replay]:
    session = _inherited[-1]
    replays = []
    for conditional in session.chosen.conditionals[start : start + AT_ONCE]:
        with closing(new_store(session.usual)) as store:
            replays.append(session.recording.replay(conditional, store))
    return replays
