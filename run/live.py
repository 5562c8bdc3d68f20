"""The live line of a run on a terminal, in the place of pytest's dots."""

from collections.abc import Generator

import pytest

from reports.progress import Progress
from run.conduct import Conduct

Status = tuple[str, str, object]
"""Category, letter and word, as pytest has them."""


class Live:
    """Registered by `watched` alone."""

    def __init__(self, conduct: Conduct, reporter: pytest.TerminalReporter) -> None:
        self.conduct = conduct
        self.reporter = reporter
        self.progress: Progress | None = None
        reporter.showfspath = False

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_report_teststatus(self) -> Generator[None, Status, Status]:
        """Count as pytest does, but show no letter."""
        category, _, _ = yield
        return category, "", ""

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Move on when a test is over."""
        if report.when != "teardown":
            return
        if self.progress is None:
            self.progress = Progress(self.reporter, len(self.conduct.due))
        self.progress.tell(self.conduct.total)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Take the line away before the summary."""
        if self.progress is not None:
            self.progress.close()


def watched(conduct: Conduct, config: pytest.Config) -> None:
    """Show the line where somebody watches, and has not asked for a line a test."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.isatty() and config.get_verbosity() <= 0:
        config.pluginmanager.register(Live(conduct, reporter), "live")
