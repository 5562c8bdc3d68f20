"""The pytest plugin of a run: from opening the target to the exit status."""

import gc
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis.errors import Flaky

from reports import files, output, summary
from reports.allure.results import Results
from reports.escaping import one_line, safe_lines
from reports.formats import github
from reports.ledger import Entry, portable, ported
from reports.rows import Record
from run import progress, reporting
from run.answer_changes import changed
from run.cases import (
    cases_of,
    forget_cases,
    forget_made,
    in_turn,
    is_without_cases,
    nothing_selected,
    parameters_broken,
    refuse_ambiguous,
)
from run.ending import closing
from run.ending.drops import idle_limit, repeated_drops
from run.ending.interrupt import Interrupt, Interrupted, describe, is_of_pytest
from run.ending.outage import OutageWatch, ToldOnce, deadline
from run.exit_status import OUTCOMES, ExitStatus, Meaning, meaning_of
from run.options import asks_the_same, planned, too_few
from run.preflight import planned_before, preflight
from run.second_target import Against, second_target
from run.session import Opened, Run, open_run
from spec.oracle import Nonconformance, Verdict
from targets.errors import (
    BudgetSpentError,
    CannotTellError,
    DeadlineError,
    NoMoreFilesError,
    OutageError,
    TargetError,
    ThrottledError,
    no_more_files,
)

MOST_DOUBTS = 3
"""Tests that could not tell before the run gives up."""
FINAL = (BudgetSpentError, ThrottledError, OutageError, DeadlineError, NoMoreFilesError)
"""After these no test can tell anything."""


class Plugin:
    """Registered for a session that asks for the suites, and for no other."""

    def __init__(self, run: Run, config: pytest.Config) -> None:
        self.run = run
        self.config = config
        self.stack = ExitStack()
        self.interrupt, self.told_once = Interrupt(), ToldOnce()
        self.second: Against | None = None
        self.doubts = 0
        self.entry = Entry("")
        self.error: BaseException | None = None
        self.record: Record | None = None
        self.results: Results | None = None
        self.slowness, self.requests = progress.Slowness(), 0
        self.runs_again = False  # whether each test is run once more, as the proof does
        run.announce = self._announce
        reporting.keep_results(config)
        reports = config.getoption("reports")
        self.folder = Path(reports) if reports else None
        inherited = getattr(config, "workerinput", {})
        if "opened" in inherited:
            run.opened = Opened.from_data(inherited["opened"])
            run.outages = OutageWatch(run, inherited["accepted"])
            self._ask_second()
        config.pluginmanager.register(
            closing.SessionEnd(run, self.pytest_terminal_summary), "session-end"
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Open the target and send it one invoice; on failure, write the reports and end."""
        run = self.run
        if session.config.option.collectonly:
            return
        if run.worker is not None:
            self.results = reporting.open_results(run, self.config, self.stack)
            return
        self.interrupt.listen(self.stack)
        try:
            reporting.claim(self.config, self.stack)
            run.opened = open_run(run.plan, self.stack)
            self._ask_second()
            _ = run.masker  # refuses a key that it could not hide, before any packet
            first = preflight(run)
            if self.second is not None:
                self.second.check()
            self._begin_reports()
            self._take_first(first)
            progress.show(self.config, lambda: len(run.due), run.total)
        except (TargetError, output.FolderError) as error:
            raise reporting.usage_error(error) from None
        except Interrupted:
            self._begin_reports()
            if run.opened is not None:
                self._write_reports(ExitStatus.INTERRUPTED)
            raise
        except CannotTellError as error:
            doubt, ending = run.masked(str(error)), run.ending
            is_ours = isinstance(error, NoMoreFilesError)
            (ending.suite_errors if is_ours else ending.doubts).append(doubt)
            self._begin_reports()
            if run.opened is not None:
                self._write_reports(ending.cannot_tell)
            self.stack.close()
            told = [f"could not tell: {each}" for each in ending.doubts] + ending.suite_errors
            pytest.exit(safe_lines("\n".join(told)), ending.cannot_tell)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give an xdist worker what is open."""
        assert self.run.opened is not None
        node.workerinput["opened"] = self.run.opened.as_data()
        node.workerinput["accepted"] = self.run.outages is not None and self.run.outages.accepted

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker could not write, and what it did not wait for."""
        closing.take_over(self.run, getattr(node, "workeroutput", {}))

    def pytest_report_header(self) -> list[str]:
        """What is about to be sent, and where."""
        return self.run.header()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Say what is not asked also where no header does, as with `-q`."""
        option = self.config.option
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or option.collectonly or self.run.worker is not None:
            return
        if option.verbose < 0 or option.no_header:
            for line in self.run.unasked():
                reporter.write_line(line)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test for each case of its source."""
        run = self.run
        found = cases_of(metafunc.function, run.plan.contract, run.facts, run.profile.listed)
        if found is not None:
            argument, cases = found
            metafunc.parametrize(argument, cases, ids=[one_line(case.name) for case in cases])

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Leave out what has no case before pytest counts it: all that is counted is asked."""
        report = yield
        report.result = [each for each in report.result or () if not is_without_cases(each)]
        return report

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Have `-k` select it by what it breaks as well."""
        item.extra_keyword_matches |= parameters_broken(item, self.run.plan.contract)
        self.run.collected.append(item.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the likeliest to fail first, and leave out tests of other parts, if any."""
        items[:] = in_turn(items)
        shard = self.run.plan.options.shard
        if shard is not None:
            part, parts = shard
            left_out = [item for n, item in enumerate(items) if n % parts != part]
            self.config.hook.pytest_deselected(items=left_out)
            items[:] = items[part::parts]

    def pytest_report_collectionfinish(self, items: Sequence[pytest.Item]) -> list[str]:
        """How many requests are going to be sent, and that they will not do where that is so."""
        if self.interrupt.at is not None:
            return []  # nobody knows, as not all were collected
        plan, requests = self.run.plan, planned(items) + planned_before(self.run)
        line = too_few(plan.options, plan.target, requests)
        none = "" if items else nothing_selected(self.config.option.keyword, plan.contract)
        about = f"requests planned: about {requests}" * bool(items)
        return [*filter(None, (none, line, about))]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember which tests are due, and when they have to be done."""
        if not session.config.option.collectonly:
            refuse_ambiguous(session.items)
        run = self.run
        forget_made()
        gc.freeze()  # what conftest.py began
        # Objects: nearly all that a test makes ends by itself. What does not is kept by the run.
        gc.set_threshold(10_000, 50)
        gc.enable()
        run.due = [item.nodeid for item in session.items]
        run.ending.planned = len(session.items)
        self.requests = planned(session.items)
        if run.outages is not None:
            run.outages.deadline = deadline(run, self.requests)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """The same, from a worker."""
        self.run.due = list(ids)
        self.run.ending.planned = len(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Start a new entry in the ledger."""
        self.interrupt.check()
        self.run.ledger.begin(item.nodeid, watched=asks_the_same(item, self.run.profile))
        self.entry, self.error = reporting.start_entry(item), None
        if self.results is not None:
            self.results.start_test(self.entry)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Let go of the cases of a test that is over: there are thousands in a run."""
        try:
            return (yield)
        finally:
            if not self.runs_again:
                forget_cases(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        """Fail the test where the server breaks a requirement only sometimes."""
        try:
            return (yield)
        except Flaky as error:
            found = [e for e in getattr(error, "exceptions", ()) if isinstance(e, Nonconformance)]
            if not found:
                raise
            raise found[-1] from None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Say in the report what a failure means; the last report of a test carries its entry."""
        error = call.excinfo.value if call.excinfo else None
        try:
            report = yield
        except OSError as broken:
            report, error = closing.report_of(item, call, broken), broken
        meaning = meaning_of(error)
        if isinstance(error, CannotTellError) or meaning is Meaning.LIMIT:
            self._stop_if_hopeless(item.session, error)
        if isinstance(error, Nonconformance):
            report.longrepr = reporting.explained(self.run, error)
        elif meaning is not None:
            report.longrepr = no_more_files(error) or str(error)
        self._mask(report)
        # What is in the report's own dictionary comes with it from a worker.
        report.__dict__ |= {"meaning": meaning and meaning.value, "requests": self.requests}
        reporting.end_phase(self.entry, report, meaning, call.excinfo)
        self.error = self.error or error
        if call.when == "teardown":
            reporting.end_test(self.run, self.entry, self.error)
            if self.results is not None:
                self.results.describe(
                    reporting.failure_description(self.run, self.entry, self.error),
                    reporting.shown_exchange(self.run, self.entry),
                )
            report.__dict__["entry"] = portable(self.entry, afar=self.run.worker is not None)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """Where the run could not tell it says so, and nothing has failed."""
        words = OUTCOMES[ExitStatus.COULD_NOT_TELL]
        if report.failed and getattr(report, "meaning", None) == Meaning.DOUBT:
            return words, "?", words.upper()
        return None

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Add a finished test to the totals of the run."""
        self.run.ending.add(report)
        if hasattr(report, "entry"):
            self.requests = report.requests
            self._take(ported(report.entry))
            if self.run.worker is None:  # a worker still has to send it
                del report.entry

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count a file whose tests cannot be made: the suite broke."""
        self.run.ending.errors += report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Tell a signal in a sentence, and know it from what ends the tests by itself."""
        ending = self.run.ending
        ending.stopped = is_of_pytest(excinfo.value)
        describe(excinfo, ending.reported, ending.planned)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What holds, what breaks, what was sent."""
        if self.record is not None:
            terminalreporter.section("conformance")
            terminalreporter.write_line(self.record["run"]["outcome"])
            for line in summary.summary_lines(self.record, self.folder):
                terminalreporter.write_line(safe_lines(self.run.masked(line)))
            for command in github.annotations(self.record) if github.is_here(os.environ) else ():
                terminalreporter.write_line(self.run.masked(command))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Turn pytest's status into the run's, and write the reports."""
        run = self.run
        if self.results is not None:
            run.ending.suite_errors += self.results.suite_errors
        closing.settle(run)
        if run.worker is not None:
            session.config.workeroutput |= closing.left_by(run)  # type: ignore[attr-defined] # xdist's
            return
        if session.config.option.collectonly:
            return
        run.ending.stopped |= bool(session.shouldfail)
        run.ending.doubts += reporting.unasked(run) + reporting.uncovered(run, self.config)
        run.ending.doubts += closing.unheard(run) if self.interrupt.at is None else []
        run.total.outages += closing.in_hand(run) if self.interrupt.at is not None else []
        run.ending.doubts += repeated_drops(run.total, partial(idle_limit, run))
        run.ending.drifts += changed(run)
        run.tell_clock()
        session.exitstatus = run.ending.status(int(exitstatus))
        if run.opened is not None and (run.ending.reported or self.interrupt.at is not None):
            self._write_reports(session.exitstatus)
            session.exitstatus = run.ending.status(int(exitstatus))
            closing.leave_failures_to_summary(self.config, run)

    def pytest_unconfigure(self) -> None:
        """Stop what was started."""
        self.stack.close()

    def _ask_second(self) -> None:
        """Have another target asked the same, where one is named."""
        self.second = found = second_target(self.run)
        if found is not None:
            self.run.against, self.run.other_keys = found, found.keys_by_name
            self.stack.callback(found.close)

    def _begin_reports(self) -> None:
        """Remove the last run's reports, now that this one has begun, and open Allure's folder."""
        if self.folder is not None:
            output.clear(self.folder)
        if self.run.opened is not None:
            self.results = reporting.open_results(self.run, self.config, self.stack)

    def _take_first(self, verdict: Verdict) -> None:
        """Count the preflight's exchange as that of a test, and have the run watched."""
        run = self.run
        entry = reporting.first_entry(run, verdict)
        run.ending.nonconformances += bool(verdict.failing)
        accepted = run.plan.contract.operation.creates(verdict.exchange.response)
        run.outages = OutageWatch(run, accepted=accepted)
        if entry.counts.occurrences:
            self._take(entry)
            if self.results is not None:
                self.results.start_test(entry)
                self.results.describe(
                    reporting.failure_description(run, entry, self.error),
                    reporting.shown_exchange(run, entry),
                )
                self.results.write(entry)
        else:
            run.total.add(entry.counts)

    def _take(self, entry: Entry) -> None:
        run = self.run
        run.room.fit(entry)
        self.told_once.keep(entry)
        run.entries.append(entry)
        run.total.add(entry.counts)
        if run.worker is None:
            self.slowness.look(run, self.requests)
        run.ending.add_unfinished(entry, run.plan.options.level)

    def _mask(self, report: pytest.TestReport) -> None:
        """Hide the keys in what pytest shows on the terminal and writes into files of its own, and
        whatever is more than text there.
        """
        if report.failed and report.longrepr:
            report.longrepr = safe_lines(self.run.masked(str(report.longrepr)))
        report.sections = [
            (name, safe_lines(self.run.masked(text))) for name, text in report.sections
        ]

    def _write_reports(self, status: int) -> None:
        """Make the record of the run, and write what was asked for."""
        folder = self.folder or output.FOLDER
        seen = reporting.seen_by_part(self.run)
        self.record = reporting.record_of(self.run, self.config, status, folder)
        troubles: list[str] = []
        if self.results is not None:
            complete = partial(reporting.complete_results, self.run, self.record, self.results)
            troubles.append(output.trouble(output.RESULTS, complete))
        if self.folder is not None:
            troubles += files.write(self.record, self.folder, self.run.masker)
            part = partial(reporting.write_part, self.run, self.config, self.record, seen)
            troubles.append(output.trouble(output.PART, partial(part, self.folder)))
        self.run.ending.suite_errors += [
            safe_lines(self.run.masked(each)) for each in troubles if each
        ]

    def _announce(self, sentence: str) -> None:
        """Tell a person at once, although pytest keeps back what tests print."""
        capture = self.config.pluginmanager.get_plugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            print(f"\n{sentence}", file=sys.stderr, flush=True)  # noqa: T201 - for the user

    def _stop_if_hopeless(self, session: pytest.Session, error: BaseException | None) -> None:
        """End a run that cannot learn anything more."""
        self.doubts += 1
        # An Exception here is a limit of this machine.
        if isinstance(error, (*FINAL, Exception)) or self.doubts >= MOST_DOUBTS:
            session.shouldstop = "the run cannot go on"
