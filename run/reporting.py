"""What a run leaves behind: the page of each test, the record, the files made of it, the live
line."""

import time
import tomllib
from collections.abc import Generator
from contextlib import ExitStack
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from reports import exchange_json, har, history, junit, markdown, output, record, summary
from reports.allure import pages, results
from reports.allure.results import Results
from reports.failure import failing_cases
from reports.ledger import PREFIX, Entry, Outcome
from reports.progress import Progress
from reports.record import Record
from run import session
from run.exit_status import ExitStatus
from run.session import Run
from spec.oracle import Nonconformance
from spec.probes import Probe
from spec.requirements import Level, Requirement

ROOT = Path(__file__).parent.parent
WORDS = {
    ExitStatus.CONFORMS: "the server conforms",
    ExitStatus.NONCONFORMANCE: "the server breaks requirements",
    ExitStatus.INTERRUPTED: "interrupted",
    ExitStatus.INTERNAL_ERROR: "the suite broke",
    ExitStatus.USAGE: "wrong usage",
    ExitStatus.NOTHING_RAN: "nothing ran",
    ExitStatus.COULD_NOT_TELL: "could not tell",
}
NARROWING = ("keyword", "markexpr", "deselect", "lf", "stepwise")
"""The options of pytest that ask less than everything."""


def tests_of(run: Run) -> list[Entry]:
    """The pages of all tests that were due, also of those that did not come to an end."""
    entries = {entry.test: entry for entry in run.entries}
    return [entries.get(test) or Entry(test) for test in run.due or entries]


def record_of(run: Run, config: pytest.Config, status: int, history_folder: Path) -> Record:
    """The record of the run, compared with those before it."""
    plan = run.plan
    content = record.record(
        _head(run, config, status),
        plan.contract,
        tests_of(run),
        run.total,
        plan.options.level,
        plan.waivers,
        run.today,
    )
    content["probes"] = list(record.probe_rows(run.total.answers, plan.probes, plan.baseline))
    content["waivers"] = list(summary.waiver_notes(content))
    past = history.read(history.file(history_folder, plan.target.name, "runs"))
    content["history"] = history.compared(content, past)
    return content


def uncovered(run: Run, config: pytest.Config) -> list[str]:
    """What a run of everything has to say of requirements that nothing speaks for, in a sentence.

    A green one would claim them; so it could not tell.
    """
    whole = _whole(run, config)
    names = record.uncovered(run.plan.contract, run.total) if whole else []
    said = f"uncovered, for neither observed in this run nor proven before: {', '.join(names)}"
    return [said] if names else []


def write_files(content: Record, folder: Path) -> None:
    """Write every file that is made of the record, and remember a complete run."""
    folder.mkdir(parents=True, exist_ok=True)
    record.write(content, folder / output.RECORD)
    for name, text in (
        (output.SUMMARY, markdown.summary(content)),
        (output.REQUIREMENTS, junit.of_requirements(content)),
        (output.HAR, har.of_exchanges(content)),
    ):
        (folder / name).write_bytes(text.encode(errors="backslashreplace"))
    if content["run"]["complete"]:
        file = history.file(folder / output.HISTORY, content["target"]["name"], "runs")
        history.append(file, history.read(file), content)


def _head(run: Run, config: pytest.Config, status: int) -> dict[str, Any]:
    plan, opened = run.plan, run.open
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    created = plan.order_created_at
    seconds = time.monotonic() - run.started
    return {
        "run": {
            "suite_version": project["version"],
            "stamp": f"IC-{opened.run_id}",
            "started": opened.started_at.isoformat(timespec="seconds"),
            "ended": (opened.started_at + timedelta(seconds=seconds)).isoformat(timespec="seconds"),
            "seconds": round(seconds, 1),
            "profile": plan.options.profile,
            "level": plan.options.level,
            "seed": config.getoption("--hypothesis-seed", None),
            "complete": _complete(run, config, status),
            "exit_status": status,
            "outcome": WORDS[ExitStatus(status)],
            "doubts": list(dict.fromkeys(run.ending.doubts)),
        },
        "target": {
            "name": plan.target.name,
            "base_url": opened.base_url,
            "embedded": plan.target.embedded,
            "key_variable": plan.target.key_variable,
            "forbidden_key_variable": plan.target.forbidden_key_variable,
            "order_ids": list(plan.order_ids),
            "order_created_at": created.isoformat() if created else None,
        },
        "document": {
            "file": str(plan.options.document),
            "title": plan.contract.title,
            "version": plan.contract.version,
            "sha256": plan.contract.sha256,
        },
        "reading": {"sha256": plan.contract.reading_sha256},
    }


def _complete(run: Run, config: pytest.Config, status: int) -> bool:
    """Whether every test there is was run to its end and told, so that the run can be compared."""
    return status in (ExitStatus.CONFORMS, ExitStatus.NONCONFORMANCE) and _whole(run, config)


def _whole(run: Run, config: pytest.Config) -> bool:
    """Whether every test there is was run to its end."""
    narrowed = any(getattr(config.option, name, None) for name in NARROWING)
    partial = any("::" in arg or arg.endswith(".py") for arg in config.args)
    due = len(run.due)
    return not narrowed and not partial and 0 < due <= run.ending.reported


MOST_EXCHANGES = 50
"""Failing exchanges that are kept of one test."""


def test_started(item: pytest.Item) -> Entry:
    """The page of a test that starts."""
    sentence = (item.function.__doc__ if isinstance(item, pytest.Function) else None) or ""
    entry = Entry(item.nodeid, " ".join(sentence.split()), started=time.time())
    params = item.callspec.params if hasattr(item, "callspec") else {}
    for value in params.values():
        subject = getattr(value, "requirement", value)
        if isinstance(subject, Requirement):
            entry.requirement, entry.level = subject.name, subject.level
            entry.clause = f"{subject.file}:{subject.line}"
        elif isinstance(subject, Probe):
            entry.requirement, entry.level = f"probe: {subject.name}", Level.SHOULD
            entry.clause = f"{subject.file}:{subject.line}"
    return entry


def phase_ended(entry: Entry, report: pytest.TestReport, meaning: str | None, error: str) -> None:
    """Take one phase of the test, set-up, call or tear-down, into its page.

    `error` is what was raised, in one line where it is the suite's own fault.
    """
    decides = report.when == "call" or not report.passed
    if not decides or entry.outcome in (Outcome.FAILED, Outcome.BROKEN, Outcome.DOUBT):
        return
    if report.skipped:
        entry.outcome = Outcome.SKIPPED
        entry.message = str(report.longrepr[-1]).removeprefix("Skipped: ")  # type: ignore[index] # pytest gives file, line and reason
        return
    meant = {"nonconformance": Outcome.FAILED, "doubt": Outcome.DOUBT, None: Outcome.BROKEN}
    entry.outcome = Outcome.PASSED if report.passed else meant[meaning]
    told = f"{error}\n{report.longrepr}" if entry.outcome is Outcome.BROKEN else report.longrepr
    entry.message = "" if report.passed else PREFIX.get(entry.outcome, "") + str(told)


def account_of(run: Run, entry: Entry, error: BaseException | None) -> str:
    """What Allure tells a person of a failure; empty where nothing failed, known or not."""
    if isinstance(error, Nonconformance):
        return markdown.failure(error.verdict, entry.test, run.context, failing_cases(error))
    for verdict in run.ledger.failing.values():
        return markdown.failure(verdict, entry.test, run.context)
    return ""


def shown_exchange(run: Run, entry: Entry) -> dict[str, Any] | None:
    """One exchange to show: the failing one, else the last."""
    if entry.exchanges:
        return next(iter(entry.exchanges.values()))
    last = run.ledger.last
    if last is None:
        return None
    keys = session.variables(run.plan, run.open)
    return exchange_json.to_json(last.exchange, entry.test, keys, run.masker)


def test_ended(run: Run, entry: Entry, error: BaseException | None) -> None:
    """Complete the page of a test that is over: what it counted, and its failing exchanges."""
    ledger = run.ledger
    entry.seconds = time.time() - entry.started
    entry.counts = ledger.counts
    for finding in entry.counts.findings.values():
        finding.expected = run.masked(finding.expected)
        finding.got = run.masked(finding.got)
        finding.headline = run.masked(finding.headline)
    answers = entry.counts.answers
    entry.counts.answers = {probe: run.masked(answer) for probe, answer in answers.items()}
    verdicts = dict(ledger.failing)
    named = error.verdicts if isinstance(error, Nonconformance) else ()
    for verdict in reversed(named):
        verdicts |= {
            key: verdict
            for key in verdicts
            if any(key.startswith(f"{d.requirement} {d.category} ") for d in verdict.violations)
        }
    if not verdicts:
        return
    keys = session.variables(run.plan, run.open)
    for key, verdict in verdicts.items():
        kept = exchange_json.to_json(verdict.exchange, entry.test, keys, run.masker)
        entry.exchanges[kept["id"]] = kept
        entry.counts.findings[key].exchange = kept["id"]
    for verdict in islice(named, MOST_EXCHANGES):
        kept = exchange_json.to_json(verdict.exchange, entry.test, keys, run.masker)
        entry.exchanges[kept["id"]] = kept


def tame_allure(config: pytest.Config) -> None:
    """Leave nothing to allure-pytest that a worker could do at the wrong time.

    Each worker would clean the folder when it starts, also the one that replaces a crashed one.
    """
    if hasattr(config.option, "clean_alluredir"):
        config.option.clean_alluredir = False


def begin_allure(run: Run, config: pytest.Config, stack: ExitStack) -> Results | None:
    """Take over the folder that `--alluredir` names, emptied once by the process that leads.

    The stack gives it back to allure-pytest.
    """
    folder = config.getoption("allure_report_dir", None)
    if folder is None:
        return None
    if run.worker is None:
        results.emptied(Path(folder))
    return stack.enter_context(results.installed(Path(folder), run.masker))


def end_allure(run: Run, record: Record, written: Results) -> None:
    """Write what no test wrote: the tests that did not come to their end, and what is around."""
    told = {entry.test for entry in run.entries}
    missing = [entry for entry in tests_of(run) if entry.test not in told]
    # A test that was cut short may have its result all the same.
    there = set(results.tests(written.folder)) if missing else set()
    for entry in missing:
        if entry.test not in there:
            written.write(entry)
    pages.write(record, written)


Status = tuple[str, str, object]
"""Category, letter and word, as pytest has them."""


class Live:
    """Registered by `watched` alone."""

    def __init__(self, run: Run, reporter: pytest.TerminalReporter) -> None:
        self.run = run
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
            self.progress = Progress(self.reporter, len(self.run.due))
        self.progress.tell(self.run.total)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Take the line away before the summary."""
        if self.progress is not None:
            self.progress.close()


def show_live(run: Run, config: pytest.Config) -> None:
    """Show the line where somebody watches, and has not asked for a line a test."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.isatty() and config.get_verbosity() <= 0:
        config.pluginmanager.register(Live(run, reporter), "live")
