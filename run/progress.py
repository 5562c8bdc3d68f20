"""The live line of a long run: tests done, requests and their rate, findings, time left; and what
makes it long.
"""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

from reports.ledger import Counts
from run.session import Run
from spec.violation import counted
from targets.awake import awake
from watch.timing import shorter, slow_ones

if TYPE_CHECKING:
    from tqdm import tqdm

FORMAT = (
    "{percentage:3.0f}% |{bar}| {n_fmt} of {total_fmt} tests{postfix}, {elapsed}, {remaining} left"
)

FEWEST, SOON, LONG = 3, 10.0, 120.0
"""Slow answers of one status, and seconds that they have cost a run, from which on a person is told
at once; and seconds that the whole run would take, from which on that is told with it."""

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


class Slowness:
    """Tells a person of slow answers while they come: once of each status."""

    def __init__(self) -> None:
        self.told = set[str]()

    def look(self, run: Run, planned: int) -> None:
        """Look at all that a run has seen of the requests that are `planned`, 0 if nobody knows."""
        total, at_once = run.total, run.plan.concurrency
        found = slow_ones(total.slow) if total.slow else []
        waited, so_far = sum(one.seconds for one in found), awake() - run.begun
        lasts = waited / max(1, total.requests) / at_once * planned
        if waited >= so_far / 2:  # many requests go alone, so it takes longer than all at once
            lasts = max(lasts, so_far / max(1, total.requests) * planned)
        for one in found:
            costs = one.seconds / at_once >= SOON or lasts >= LONG
            if one.answers < FEWEST or not costs or one.status in self.told:
                continue
            self.told.add(one.status)
            told = f", and if all goes on like this the run takes {lasts / 60:.0f} min"
            run.announce(
                f"answers with {one.status} take {one.median:.1f} s each"
                f"{told * (lasts >= LONG)}. {shorter(at_once, run.plan.options.profile)}"
            )
