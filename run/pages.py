"""The page of each test: opened when it starts, told of its phases, closed when it is over."""

import time
from itertools import islice

import pytest

from reports import stored
from reports.page import PREFIX, Outcome, Page
from run import opening
from run.conduct import Conduct
from spec.oracle import Nonconformance
from spec.probes import Probe
from spec.requirements import Requirement

MOST_EXCHANGES = 50
"""Failing exchanges that are kept of one test."""


def opened(item: pytest.Item) -> Page:
    """The page of a test that starts."""
    sentence = (item.function.__doc__ if isinstance(item, pytest.Function) else None) or ""
    return Page(item.nodeid, " ".join(sentence.split()), about(item), started=time.time())


def about(item: pytest.Item) -> str | None:
    """The name of the requirement or probe that a test is about, where it is about one."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    for value in params.values():
        if isinstance(value, Requirement):
            return value.name
        if isinstance(value, Probe):
            return f"probe: {value.name}"
        if isinstance(requirement := getattr(value, "requirement", None), Requirement):
            return requirement.name
    return None


def told(page: Page, report: pytest.TestReport, meaning: str | None) -> None:
    """Take one phase of the test, set-up, call or tear-down, into its page."""
    decides = report.when == "call" or not report.passed
    if not decides or page.outcome in (Outcome.FAILED, Outcome.BROKEN, Outcome.DOUBT):
        return
    if report.skipped:
        page.outcome = Outcome.SKIPPED
        page.message = str(report.longrepr[-1]).removeprefix("Skipped: ")  # type: ignore[index] # pytest gives file, line and reason
        return
    meant = {"nonconformance": Outcome.FAILED, "doubt": Outcome.DOUBT, None: Outcome.BROKEN}
    page.outcome = Outcome.PASSED if report.passed else meant[meaning]
    page.message = "" if report.passed else PREFIX.get(page.outcome, "") + str(report.longrepr)


def closed(conduct: Conduct, page: Page, error: BaseException | None) -> None:
    """Complete the page of a test that is over: what it counted, and its failing exchanges."""
    ledger = conduct.ledger
    page.seconds = time.time() - page.started
    page.tally = ledger.tally
    verdicts = dict(ledger.failing)
    named = (error.verdict, *error.others) if isinstance(error, Nonconformance) else ()
    for verdict in reversed(named):
        verdicts |= {
            key: verdict
            for key in verdicts
            if any(key.startswith(f"{d.requirement} {d.category} ") for d in verdict.departures)
        }
    if not verdicts:
        return
    keys = opening.variables(conduct.plan, conduct.open)
    for key, verdict in verdicts.items():
        kept = stored.stored(verdict.exchange, page.test, keys, conduct.masker)
        page.exchanges[kept["id"]] = kept
        page.tally.findings[key].exchange = kept["id"]
    for verdict in islice(named, MOST_EXCHANGES):
        kept = stored.stored(verdict.exchange, page.test, keys, conduct.masker)
        page.exchanges[kept["id"]] = kept
