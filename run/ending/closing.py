"""The end of a session: what cannot be written or told there is the suite's fault, status 3, and
what was found is told all the same.
"""

import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

import pytest

from reports import output
from reports.escaping import safe_lines
from reports.failure import untold
from run import reporting
from run.exit_status import ExitStatus
from run.session import Run
from spec.violation import counted
from targets.errors import no_more_files
from targets.pace import Turns
from watch.fingerprint import node_parts

MOST_TOLD = 40
"""Violations that are told where no report of them can be made."""
MOST_NAMED = 3
"""Tests that are named of those in which requests were not waited for."""


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

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(
        self, excrepr: Any, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> None:
        """Say a limit of this machine in a sentence. Hide the keys also in what pytest says of any
        other fault of ours, which may quote an answer.
        """
        limit = no_more_files(excinfo.value)
        self.run.ending.suite_errors += [limit] * bool(limit)
        text = limit or safe_lines(self.run.masked(str(excrepr)))
        excrepr.toterminal = lambda writer: writer.line(text)

    def _found(self) -> Iterator[str]:
        """What the server violates, a line each, without causes."""
        rows = self.run.total.occurrences.values()
        told = [*dict.fromkeys(safe_lines(self.run.masked(row.headline)) for row in rows)]
        yield from (f"found  {line}" for line in told[:MOST_TOLD])
        if told[MOST_TOLD:]:
            yield f"found  {len(told) - MOST_TOLD} more"


def settle(run: Run) -> None:
    """Count by test what this process did not wait for, or did not send as similar requests got no
    answer in time, and no finding explains; and say how slow answers are if they are why.
    """
    silence = run.silence
    if silence.begun:
        run.unheard.update(silence.settle(run.explainer.accounts_for))
    if silence.too_slow and run.unheard:
        run.too_slow.append(silence.slow.told)


def left_by(run: Run) -> dict[str, Any]:
    """What a worker leaves to the process that leads."""
    return {
        "suite_errors": run.ending.suite_errors,
        "unheard": dict(run.unheard),
        "too_slow": run.too_slow,
    }


def take_over(run: Run, left: Mapping[str, Any]) -> None:
    """Take over what a worker left."""
    run.ending.suite_errors += left.get("suite_errors", [])
    run.unheard.update(left.get("unheard", {}))
    run.too_slow += left.get("too_slow", [])


def in_hand(run: Run) -> list[str]:
    """A sentence on what workers have sent and had no time to tell of, as the run was interrupted:
    who looks for the invoices of a run has to know of it.
    """
    more = Turns(run.open.directory).others - run.total.requests if run.opened else 0
    if more <= 0:
        return []
    told = f"At least {counted(more, 'request')} more had been sent when it was interrupted"
    return [f"{told}: what workers had in hand is not counted, nor are its invoices"]


def unheard(run: Run) -> list[str]:
    """A sentence on them where no finding without a waiver fails the run for such a request: what
    is only like waived ones in that it gets no answer would else be hidden.
    """
    if not run.unheard or (run.is_late_told and not run.too_slow):
        return []
    parts = [*map(node_parts, sorted(run.unheard))]
    tests = [f"{one.function}[{one.case}]" if one.case else one.function for one in parts]
    more = len(tests) - MOST_NAMED
    named = ", ".join(tests[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    left = counted(run.unheard.total(), "request")
    if run.too_slow:
        why = f"{left} took too long, or had to be left out after that (in {named})"
        return [f"{why}: {run.too_slow[0]}"]
    told = f"{left} got no answer, or had to be left out after that"
    todo = "mend what is waived, or ask these tests alone with -k, where more is waited for"
    return [f"{told}, and no finding says why (in {named}): {todo}"]


def report_of(
    item: pytest.Item, call: pytest.CallInfo[None], error: BaseException
) -> pytest.TestReport:
    """The report of a phase of a test of which pytest could make none, as no more files may be
    open. Raises the error if it is another one.
    """
    limit = no_more_files(error)
    if not limit:
        raise error
    assert call.when != "collect"
    return pytest.TestReport(item.nodeid, item.location, {}, "failed", limit, call.when)


def leave_failures_to_summary(config: pytest.Config, run: Run) -> None:
    """Have pytest show no tracebacks or list of failures, unless asked or the suite broke."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or config.option.verbose > 0 or run.ending.errors:
        return
    config.option.tbstyle = "no"
    reporter.reportchars = "".join(c for c in reporter.reportchars if c not in "fF")
