"""The live line of a long run: tests done, requests and their rate, findings, time left."""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

from reports.ledger import Counts
from spec.violation import counted

if TYPE_CHECKING:
    from tqdm import tqdm

FORMAT = (
    "{percentage:3.0f}% |{bar}| {n_fmt} of {total_fmt} tests{postfix}, {elapsed}, {remaining} left"
)

Status = tuple[str, str, object]
"""Category, letter and word of a report, as pytest has them."""


def show(config: pytest.Config, due: Callable[[], int], total: Counts) -> None:
    """Show the line on a terminal, unless a line for each test is asked for.

    `due` gives the number of tests once they are collected; `total` are the run's counts so far.
    """
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.isatty() and config.get_verbosity() <= 0:
        config.pluginmanager.register(LiveLine(reporter, due, total), "live-line")


class LiveLine:
    """A plugin of pytest that shows one line in the place of pytest's letters."""

    def __init__(
        self, reporter: pytest.TerminalReporter, due: Callable[[], int], total: Counts
    ) -> None:
        self.reporter, self.due, self.total = reporter, due, total
        self.bar: tqdm[Any] | None = None
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
        if self.bar is None:
            self.bar = self._bar()
        elapsed = max(self.bar.format_dict["elapsed"], 0.1)
        found = self.total.occurrences.values()
        broken = {finding.requirement for finding in found if not finding.waived}
        rate = f"{counted(self.total.requests, 'request')}, {self.total.requests / elapsed:.0f}/s"
        self.bar.set_postfix_str(f"{rate}, {len(broken)} broken", refresh=False)
        self.bar.update()

    def _bar(self) -> "tqdm[Any]":
        # Imported for a terminal alone: a run without one needs 2 MB less.
        from tqdm import tqdm  # noqa: PLC0415 - see above

        tqdm.monitor_interval = 0  # no thread: each test brings the line up to date
        return tqdm(
            total=self.due(),
            file=self.reporter,
            unit=" tests",
            dynamic_ncols=True,
            leave=False,
            bar_format=FORMAT,
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Take the line away before the summary."""
        if self.bar is not None:
            self.bar.close()
