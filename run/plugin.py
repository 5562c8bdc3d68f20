"""The pytest plugin of a run: from opening the target to the exit status."""

from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis.errors import Flaky

from reports import output, summary
from reports.allure.results import Results
from reports.failure import explain
from reports.ledger import Entry
from reports.record import Record
from run import reporting
from run.cases import cases_of
from run.exit_status import ExitStatus, meaning_of
from run.options import planned
from run.session import Opened, Run, open_run
from spec.oracle import Nonconformance
from strategies.invoice import base, encode
from targets.errors import BudgetSpentError, CannotTellError, TargetError, ThrottledError


class RefusedError(Exception):
    """The key is refused; one sentence says what to do."""


def preflight(run: Run) -> None:
    """Send it. Raises RefusedError or UnreachableError; any other answer is for the suites."""
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
    """Raise pytest.UsageError for tests of whose results Allure would show only some.

    Two results of one test are shown as one with a retry, and the first of them is hidden; a
    subtest that is skipped makes the whole test a skipped one.
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
                f"{item.nodeid} uses subtests, of which one that is skipped would hide a failure: "
                "parametrise it instead."
            )


UNREACHABLE_IN_A_ROW = 3


class Plugin:
    """Registered for a session that asks for the suites, and for no other."""

    def __init__(self, run: Run, config: pytest.Config) -> None:
        self.run = run
        self.stack = ExitStack()
        self.doubts_in_a_row = 0
        self.entry = Entry("")
        self.error: BaseException | None = None
        self.record: Record | None = None
        self.results: Results | None = None
        reporting.tame_allure(config)
        reports = config.getoption("reports")
        self.folder = Path(reports) if reports else None
        data = getattr(config, "workerinput", {}).get("opened")
        if data is not None:
            run.opened = Opened.from_data(data)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Open the target and ask it once, in the process that leads."""
        run = self.run
        if session.config.option.collectonly:
            return
        if run.worker is not None:
            self.results = reporting.begin_allure(run, session.config, self.stack)
            return
        try:
            if self.folder is not None:
                output.clear(self.folder)
            run.opened = open_run(run.plan, self.stack)
            _ = run.masker  # refuses a key that it could not hide, before any packet
            self.results = reporting.begin_allure(run, session.config, self.stack)
            preflight(run)
            reporting.show_live(run, session.config)
        except TargetError as error:
            raise pytest.UsageError(str(error)) from None
        except (CannotTellError, RefusedError) as error:
            self.stack.close()
            doubt = run.masked(str(error))
            run.ending.doubts.append(doubt)
            if run.opened is not None:
                self._tell(session.config, ExitStatus.COULD_NOT_TELL)
            pytest.exit(f"could not tell: {doubt}", ExitStatus.COULD_NOT_TELL)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker what is open."""
        assert self.run.opened is not None
        node.workerinput["opened"] = self.run.opened.as_data()

    def pytest_report_header(self) -> list[str]:
        """What is about to be asked, of whom."""
        return self.run.header()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each case of its source."""
        run = self.run
        found = cases_of(metafunc.function, run.plan.contract, run.facts, run.profile.listed)
        if found is not None:
            argument, cases = found
            metafunc.parametrize(argument, cases, ids=[case.name for case in cases])

    def pytest_report_collectionfinish(self, items: Iterable[pytest.Item]) -> list[str]:
        """How many requests are going to be sent."""
        functions = [item for item in items if isinstance(item, pytest.Function)]
        requests = sum(
            planned(item.function, item.callspec.params if hasattr(item, "callspec") else {})
            for item in functions
        )
        return [f"requests planned: about {requests + 1}"]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember how many tests are due."""
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
        """A new page in the ledger."""
        self.run.ledger.begin(item.nodeid)
        self.entry, self.error = reporting.test_started(item), None
        if self.results is not None:
            self.results.turn(self.entry)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        """A server that breaks a requirement only sometimes still breaks it."""
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
        """Say in the report what the failure means, and send the ledger's page along."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        meaning = meaning_of(error)
        if isinstance(error, CannotTellError):
            self._give_up(item.session, error)
        if isinstance(error, Nonconformance):
            report.longrepr = explain(error, self.run.context)
        elif meaning is not None:
            report.longrepr = self.run.masked(str(error))
        elif report.longrepr and report.failed:
            report.longrepr = self.run.masked(str(report.longrepr))
        report.sections = [(name, self.run.masked(text)) for name, text in report.sections]
        report.__dict__["meaning"] = meaning  # xdist carries what stands there across
        said = call.excinfo.exconly() if call.excinfo else ""
        reporting.phase_ended(self.entry, report, meaning, self.run.masked(said))
        self.error = self.error or error
        if call.when == "teardown":
            reporting.test_ended(self.run, self.entry, self.error)
            if self.results is not None:
                told = reporting.account_of(self.run, self.entry, self.error)
                self.results.tell(told, reporting.shown_exchange(self.run, self.entry))
            report.__dict__["entry"] = self.entry.as_json()
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take a finished test into the totals of the run."""
        self.run.ending.take(report)
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
        """Turn pytest's status into the run's, and write down what was seen."""
        run = self.run
        if run.worker is not None or session.config.option.collectonly:
            return
        run.ending.doubts += reporting.uncovered(run, session.config)
        session.exitstatus = run.ending.status(int(exitstatus))
        if run.opened is not None and run.ending.reported:
            self._tell(session.config, session.exitstatus)

    def pytest_unconfigure(self) -> None:
        """Stop what was started."""
        self.stack.close()

    def _tell(self, config: pytest.Config, status: int) -> None:
        """Make the record of the run, and write what was asked for."""
        history = (self.folder or output.FOLDER) / output.HISTORY
        self.record = reporting.record_of(self.run, config, status, history)
        if self.results is not None:
            reporting.end_allure(self.run, self.record, self.results)
        if self.folder is not None:
            reporting.write_files(self.record, self.folder)

    def _give_up(self, session: pytest.Session, error: CannotTellError) -> None:
        """End a run that cannot learn anything more."""
        self.doubts_in_a_row += 1
        for_good = isinstance(error, BudgetSpentError | ThrottledError)
        if for_good or self.doubts_in_a_row >= UNREACHABLE_IN_A_ROW:
            session.shouldstop = "the run cannot go on"
