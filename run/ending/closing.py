"""The end of a session: what cannot be written or told there is the suite's fault, status 3, and
what was found is told all the same.
"""

import sys
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from reports import output
from reports.escaping import safe_lines
from reports.failure import untold
from run import reporting
from run.exit_status import ExitStatus
from run.session import Run

MOST_TOLD = 40
"""Violations that are told where no report of them can be made."""


class SessionEnd:
    """Around the end of a session; `summarize` writes what pytest's terminal prints then."""

    def __init__(self, run: Run, summarize: Callable[[Any], None]) -> None:
        self.run, self.summarize = run, summarize

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Say in a sentence what could not be written, by us or by pytest, or be made."""
        suite_errors, leads = self.run.ending.suite_errors, self.run.worker is None
        try:
            done = yield
            if leads:
                reporting.mask_once_more(self.run, session.config)
            return done  # noqa: TRY300 # what raises has not written all
        except OSError as error:
            suite_errors.append(output.not_written(error))
            # What raised it was inside pytest's terminal, which would have printed the summary.
            reporter = session.config.pluginmanager.get_plugin("terminalreporter")
            if reporter is not None:
                self.summarize(reporter)
            return None
        except Exception as error:  # noqa: BLE001 # a fault of the suite must not cost what was found
            suite_errors.append(self.run.masked(untold(error)))
            for line in self._found() if leads else ():
                print(line, file=sys.stderr)  # noqa: T201 - for the user
            return None
        finally:
            if suite_errors and leads:
                session.exitstatus = ExitStatus.INTERNAL_ERROR
                for sentence in dict.fromkeys(suite_errors):
                    print(f"\nthe suite broke: {sentence}", file=sys.stderr)  # noqa: T201 - for the user

    def _found(self) -> Iterator[str]:
        """What the server violates, a line each, without causes."""
        rows = self.run.total.occurrences.values()
        told = [*dict.fromkeys(safe_lines(self.run.masked(row.headline)) for row in rows)]
        yield from (f"found  {line}" for line in told[:MOST_TOLD])
        if told[MOST_TOLD:]:
            yield f"found  {len(told) - MOST_TOLD} more"
