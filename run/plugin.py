"""The pytest plugin of a run: from opening the target to the exit status."""

from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis.errors import Flaky

from reports import output, progress, summary
from reports.allure.results import Results
from reports.failure import explain
from reports.ledger import Entry
from reports.record import Record
from run import reporting
from run.cases import cases_of
from run.exit_status import ExitStatus, meaning_of
from run.options import planned_requests
from run.session import Opened, Run, open_run
from spec.oracle import Nonconformance
from strategies.invoice import base, encode
from targets.errors import BudgetSpentError, CannotTellError, TargetError, ThrottledError

MOST_DOUBTS = 3
"""Tests that could not tell before the run gives up."""


class RefusedError(Exception):
    """The key is refused; one sentence says what to do."""


class Plugin:
    """Registered for a session that asks for the suites, and for no other."""

    def __init__(self, run: Run, config: pytest.Config) -> None:
        self.run = run
        self.stack = ExitStack()
        self.doubts = 0
        self.entry = Entry("")
        self.error: BaseException | None = None
        self.record: Record | None = None
        self.results: Results | None = None
        reporting.keep_results(config)
        reports = config.getoption("reports")
        self.folder = Path(reports) if reports else None
        opened = getattr(config, "workerinput", {}).get("opened")
        if opened is not None:
            run.opened = Opened.from_data(opened)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Open the target and send it one invoice, in the process that leads."""
        run = self.run
        if session.config.option.collectonly:
            return
        if run.worker is not None:
            self.results = reporting.open_results(run, session.config, self.stack)
            return
        try:
            if self.folder is not None:
                output.clear(self.folder)
            run.opened = open_run(run.plan, self.stack)
            _ = run.masker  # refuses a key that it could not hide, before any packet
            self.results = reporting.open_results(run, session.config, self.stack)
            preflight(run)
            progress.show(session.config, lambda: len(run.due), run.total)
        except TargetError as error:
            raise pytest.UsageError(str(error)) from None
        except (CannotTellError, RefusedError) as error:
            self.stack.close()
            doubt = run.masked(str(error))
            run.ending.doubts.append(doubt)
            if run.opened is not None:
                self._write_reports(session.config, ExitStatus.COULD_NOT_TELL)
            pytest.exit(f"could not tell: {doubt}", ExitStatus.COULD_NOT_TELL)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give an xdist worker what is open."""
        assert self.run.opened is not None
        node.workerinput["opened"] = self.run.opened.as_data()

    def pytest_report_header(self) -> list[str]:
        """What is about to be sent, and where."""
        return self.run.header()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test for each case of its source."""
        run = self.run
        found = cases_of(metafunc.function, run.plan.contract, run.facts, run.profile.listed)
        if found is not None:
            argument, cases = found
            metafunc.parametrize(argument, cases, ids=[case.name for case in cases])

    def pytest_report_collectionfinish(self, items: Iterable[pytest.Item]) -> list[str]:
        """How many requests are going to be sent."""
        functions = [item for item in items if isinstance(item, pytest.Function)]
        requests = sum(
            planned_requests(
                item.function, item.callspec.params if hasattr(item, "callspec") else {}
            )
            for item in functions
        )
        return [f"requests planned: about {requests + 1}"]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember which tests are due."""
        refuse_ambiguous(session.items)
        self.run.due = [item.nodeid for item in session.items]
        self.run.ending.planned = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """The same, from a worker."""
        self.run.due = list(ids)
        self.run.ending.planned = len(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Start a new entry in the ledger."""
        self.run.ledger.begin(item.nodeid)
        self.entry, self.error = reporting.start_entry(item), None
        if self.results is not None:
            self.results.start_test(self.entry)

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
        report = yield
        error = call.excinfo.value if call.excinfo else None
        meaning = meaning_of(error)
        if isinstance(error, CannotTellError):
            self._stop_if_hopeless(item.session, error)
        if isinstance(error, Nonconformance):
            report.longrepr = explain(error, self.run.context)
        elif meaning is not None:
            report.longrepr = str(error)
        self._mask(report)
        # What is in the report's own dictionary comes with it from a worker.
        report.__dict__["meaning"] = meaning and meaning.value
        reporting.end_phase(self.entry, report, meaning, call.excinfo)
        self.error = self.error or error
        if call.when == "teardown":
            reporting.end_test(self.run, self.entry, self.error)
            if self.results is not None:
                self.results.describe(
                    reporting.failure_description(self.run, self.entry, self.error),
                    reporting.shown_exchange(self.run, self.entry),
                )
            report.__dict__["entry"] = self.entry.as_json()
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Add a finished test to the totals of the run."""
        self.run.ending.add(report)
        if hasattr(report, "entry"):
            entry = Entry.from_json(report.entry)
            self.run.entries.append(entry)
            self.run.total.add(entry.counts)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What holds, what breaks, what was sent."""
        if self.record is not None:
            terminalreporter.section("conformance")
            for line in summary.summary_lines(self.record):
                terminalreporter.write_line(self.run.masked(line))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Turn pytest's status into the run's, and write the reports."""
        run = self.run
        if run.worker is not None or session.config.option.collectonly:
            return
        run.ending.doubts += reporting.uncovered(run, session.config)
        session.exitstatus = run.ending.status(int(exitstatus))
        if run.opened is not None and run.ending.reported:
            self._write_reports(session.config, session.exitstatus)

    def pytest_unconfigure(self) -> None:
        """Stop what was started."""
        self.stack.close()

    def _mask(self, report: pytest.TestReport) -> None:
        """Hide the keys in what pytest shows on the terminal and writes into files of its own."""
        if report.failed and report.longrepr:
            report.longrepr = self.run.masked(str(report.longrepr))
        report.sections = [(name, self.run.masked(text)) for name, text in report.sections]

    def _write_reports(self, config: pytest.Config, status: int) -> None:
        """Make the record of the run, and write what was asked for."""
        folder = self.folder or output.FOLDER
        self.record = reporting.record_of(self.run, config, status, folder)
        if self.results is not None:
            reporting.complete_results(self.run, self.record, self.results)
        if self.folder is not None:
            reporting.write_files(self.record, self.folder)

    def _stop_if_hopeless(self, session: pytest.Session, error: CannotTellError) -> None:
        """End a run that cannot learn anything more."""
        self.doubts += 1
        final = isinstance(error, BudgetSpentError | ThrottledError)
        if final or self.doubts >= MOST_DOUBTS:
            session.shouldstop = "the run cannot go on"


def preflight(run: Run) -> None:
    """Send one valid invoice. Raises RefusedError if the key is refused, or CannotTellError.

    Any other answer is for the suites to judge.
    """
    client = run.client()
    try:
        exchange = client.send(encode(base(run.plan.contract, run.facts)))
    finally:
        client.close()
    response = exchange.response
    run.total.requests += 1
    run.total.created += response is not None and response.status == 201
    if response is not None and response.status in (401, 403):
        variable = run.plan.target.key_variable
        raise RefusedError(
            f"{run.plan.target.name} refuses the key in {variable} with {response.status}: "
            "set one that may create invoices there."
        )


def refuse_ambiguous(items: Sequence[pytest.Item]) -> None:
    """Raise pytest.UsageError for tests some of whose results Allure would hide.

    It shows two results of one test as one with a retry, and hides the first; and it shows a test
    with a skipped subtest as skipped, whatever the other subtests found.
    """
    counts = Counter(item.nodeid for item in items)
    twins = [test for test, count in counts.items() if count > 1]
    if twins:
        raise pytest.UsageError(
            f"{twins[0]} is asked for {counts[twins[0]]} times: once is enough."
        )
    for item in items:
        if "subtests" in getattr(item, "fixturenames", ()):
            raise pytest.UsageError(
                f"{item.nodeid} uses subtests, and a skipped one would hide a failure: "
                "parametrise it instead."
            )
