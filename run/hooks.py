"""The pytest hooks that conduct a run, from opening the target to the exit status."""

from collections.abc import Generator, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis.errors import Flaky

from reports import summary
from reports.clear import clear
from reports.page import Page
from reports.record import Record
from reports.results import Results
from run import allure, guards, live, opening, pages, preflight, telling
from run.conduct import Conduct
from run.ending import Exit, meaning_of
from run.profiles import planned
from spec.oracle import Nonconformance
from targets.errors import BudgetSpentError, CannotTellError, TargetError, ThrottledError

UNREACHABLE_IN_A_ROW = 3


class Hooks:
    """Registered for a session that asks for the suites, and for no other."""

    def __init__(self, conduct: Conduct, config: pytest.Config) -> None:
        self.conduct = conduct
        self.stack = ExitStack()
        self.doubts_in_a_row = 0
        self.page = Page("")
        self.error: BaseException | None = None
        self.record: Record | None = None
        self.results: Results | None = None
        allure.tamed(config)
        reports = config.getoption("reports")
        self.folder = Path(reports) if reports else None
        data = getattr(config, "workerinput", {}).get("opened")
        if data is not None:
            conduct.opened = opening.Opened.from_data(data)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Open the target and ask it once, in the process that leads."""
        conduct = self.conduct
        if session.config.option.collectonly:
            return
        if conduct.worker is not None:
            self.results = allure.begun(conduct, session.config, self.stack)
            return
        try:
            if self.folder is not None:
                clear(self.folder)
            conduct.opened = opening.open_run(conduct.plan, self.stack)
            _ = conduct.masker  # refuses a key that it could not hide, before any packet
            self.results = allure.begun(conduct, session.config, self.stack)
            preflight.ask(conduct)
            live.watched(conduct, session.config)
        except TargetError as error:
            raise pytest.UsageError(str(error)) from None
        except (CannotTellError, preflight.RefusedError) as error:
            self.stack.close()
            doubt = conduct.masked(str(error))
            conduct.ending.doubts.append(doubt)
            if conduct.opened is not None:
                self._tell(session.config, Exit.COULD_NOT_TELL)
            pytest.exit(f"could not tell: {doubt}", Exit.COULD_NOT_TELL)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker what is open."""
        assert self.conduct.opened is not None
        node.workerinput["opened"] = self.conduct.opened.as_data()

    def pytest_report_header(self) -> list[str]:
        """What is about to be asked, of whom."""
        return self.conduct.header()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each group of cases."""
        for name in metafunc.fixturenames:
            groups = self.conduct.groups(name)
            if groups is not None:
                metafunc.parametrize(name, groups, ids=[one.name for one in groups])

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
        guards.refuse(session.items)
        self.conduct.due = [item.nodeid for item in session.items]
        self.conduct.ending.planned = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """The same, from a worker."""
        self.conduct.due = list(ids)
        self.conduct.ending.planned = len(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A new page in the ledger."""
        self.conduct.ledger.begin(item.nodeid)
        self.page, self.error = pages.opened(item), None
        if self.results is not None:
            self.results.turn(self.page)

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
        if meaning is not None:
            report.longrepr = self.conduct.masked(str(error))
        elif report.longrepr and report.failed:
            report.longrepr = self.conduct.masked(str(report.longrepr))
        report.sections = [(name, self.conduct.masked(text)) for name, text in report.sections]
        report.__dict__["meaning"] = meaning  # xdist carries what stands there across
        said = call.excinfo.exconly() if call.excinfo else ""
        pages.told(self.page, report, meaning, self.conduct.masked(said))
        self.error = self.error or error
        if call.when == "teardown":
            pages.closed(self.conduct, self.page, self.error)
            if self.results is not None:
                told = pages.account(self.conduct, self.page, self.error)
                self.results.tell(told, pages.exchange(self.conduct, self.page))
            report.__dict__["page"] = self.page.as_json()
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take a finished test into the totals of the run."""
        self.conduct.ending.take(report)
        if hasattr(report, "page"):
            page = Page.from_json(report.page)
            self.conduct.pages.append(page)
            self.conduct.total.add(page.tally)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What holds, what breaks, what was sent."""
        if self.record is not None:
            terminalreporter.section("conformance")
            for line in summary.lines(self.record):
                terminalreporter.write_line(self.conduct.masked(line))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Turn pytest's status into the run's, and write down what was seen."""
        conduct = self.conduct
        if conduct.worker is not None or session.config.option.collectonly:
            return
        conduct.ending.doubts += telling.uncovered(conduct, session.config)
        session.exitstatus = conduct.ending.status(int(exitstatus))
        if conduct.opened is not None and conduct.ending.reported:
            self._tell(session.config, session.exitstatus)

    def pytest_unconfigure(self) -> None:
        """Stop what was started."""
        self.stack.close()

    def _tell(self, config: pytest.Config, status: int) -> None:
        """Make the record of the run, and write what was asked for."""
        history = (self.folder or telling.FOLDER) / "history"
        self.record = telling.recorded(self.conduct, config, status, history)
        if self.results is not None:
            allure.ended(self.conduct, self.record, self.results)
        if self.folder is not None:
            telling.write(self.record, self.folder)

    def _give_up(self, session: pytest.Session, error: CannotTellError) -> None:
        """End a run that cannot learn anything more."""
        self.doubts_in_a_row += 1
        for_good = isinstance(error, BudgetSpentError | ThrottledError)
        if for_good or self.doubts_in_a_row >= UNREACHABLE_IN_A_ROW:
            session.shouldstop = "the run cannot go on"
