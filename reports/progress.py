"""The live line of a long run: tests done, requests and their rate, findings, time left."""

from typing import Protocol

from tqdm import tqdm

from reports.ledger import Counts


class Writer(Protocol):
    """What the line is written to."""

    def write(self, text: str, /) -> object:
        """Write as it is."""

    def flush(self) -> object:
        """Show what was written."""


class Progress:
    """One line that is written over; for a terminal alone. `tests` is how many are due."""

    def __init__(self, writer: Writer, tests: int) -> None:
        tqdm.monitor_interval = 0  # no thread: each test brings the line up to date
        self._bar = tqdm(
            total=tests,
            file=writer,
            unit=" tests",
            dynamic_ncols=True,
            leave=False,
            bar_format="{percentage:3.0f}% |{bar}| {n_fmt} of {total_fmt} tests{postfix}, "
            "{elapsed}, {remaining} left",
        )

    def tell(self, total: Counts) -> None:
        """A test is over; the counts of the run so far."""
        elapsed = max(self._bar.format_dict["elapsed"], 0.1)
        broken = {finding.requirement for finding in total.findings.values() if not finding.waived}
        rate = f"{total.requests} requests, {total.requests / elapsed:.0f}/s"
        self._bar.set_postfix_str(f"{rate}, {len(broken)} broken", refresh=False)
        self._bar.update()

    def close(self) -> None:
        """Take the line away."""
        self._bar.close()
