"""The page of each test: opened when it starts, told of its phases, closed when it is over."""

import time
from itertools import islice
from typing import Any

import pytest

from reports import stored
from reports.account import Teller
from reports.page import PREFIX, Outcome, Page
from run import opening
from run.conduct import Conduct
from spec.oracle import Nonconformance
from spec.probes import Probe
from spec.requirements import Level, Requirement

MOST_EXCHANGES = 50
"""Failing exchanges that are kept of one test."""


def opened(item: pytest.Item) -> Page:
    """The page of a test that starts."""
    sentence = (item.function.__doc__ if isinstance(item, pytest.Function) else None) or ""
    page = Page(item.nodeid, " ".join(sentence.split()), started=time.time())
    params = item.callspec.params if hasattr(item, "callspec") else {}
    for value in params.values():
        subject = getattr(value, "requirement", value)
        if isinstance(subject, Requirement):
            page.requirement, page.level = subject.name, subject.level
            page.clause = f"{subject.file}:{subject.line}"
        elif isinstance(subject, Probe):
            page.requirement, page.level = f"probe: {subject.name}", Level.SHOULD
            page.clause = f"{subject.file}:{subject.line}"
    return page


def told(page: Page, report: pytest.TestReport, meaning: str | None, error: str) -> None:
    """Take one phase of the test, set-up, call or tear-down, into its page.

    `error` is what was raised, in one line where it is the suite's own fault.
    """
    decides = report.when == "call" or not report.passed
    if not decides or page.outcome in (Outcome.FAILED, Outcome.BROKEN, Outcome.DOUBT):
        return
    if report.skipped:
        page.outcome = Outcome.SKIPPED
        page.message = str(report.longrepr[-1]).removeprefix("Skipped: ")  # type: ignore[index] # pytest gives file, line and reason
        return
    meant = {"nonconformance": Outcome.FAILED, "doubt": Outcome.DOUBT, None: Outcome.BROKEN}
    page.outcome = Outcome.PASSED if report.passed else meant[meaning]
    told = f"{error}\n{report.longrepr}" if page.outcome is Outcome.BROKEN else report.longrepr
    page.message = "" if report.passed else PREFIX.get(page.outcome, "") + str(told)


def account(conduct: Conduct, page: Page, error: BaseException | None) -> str:
    """What the report tells a person of a failure; empty where nothing failed, known or not."""
    if isinstance(error, Nonconformance):
        verdict = error.verdict
        cases = str(error).rpartition("\n  cases      ")[2] if error.others else ""
    elif conduct.ledger.failing:
        verdict, cases = next(iter(conduct.ledger.failing.values())), ""
    else:
        return ""
    keys = opening.variables(conduct.plan, conduct.open)
    teller = Teller(conduct.open.base_url, keys, conduct.masker, conduct.again)
    return teller.account(verdict, page.test, cases)


def exchange(conduct: Conduct, page: Page) -> dict[str, Any] | None:
    """One exchange to show: the failing one, else the last."""
    if page.exchanges:
        return next(iter(page.exchanges.values()))
    last = conduct.ledger.last
    if last is None:
        return None
    keys = opening.variables(conduct.plan, conduct.open)
    return stored.stored(last.exchange, page.test, keys, conduct.masker)


def closed(conduct: Conduct, page: Page, error: BaseException | None) -> None:
    """Complete the page of a test that is over: what it counted, and its failing exchanges."""
    ledger = conduct.ledger
    page.seconds = time.time() - page.started
    page.tally = ledger.tally
    for finding in page.tally.findings.values():
        finding.expected = conduct.masked(finding.expected)
        finding.got = conduct.masked(finding.got)
        finding.headline = conduct.masked(finding.headline)
    answers = page.tally.answers
    page.tally.answers = {probe: conduct.masked(answer) for probe, answer in answers.items()}
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
