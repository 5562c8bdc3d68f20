"""What a run leaves behind, in this order: the entry of each test, the record of the run and the
files made of it, and Allure's results.
"""

import json
import os
import time
import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from _pytest.junitxml import xml_key

from causes.cause import AFTER, LOST
from reports import exchange_json, history, output, record, waive
from reports.allure import pages, results
from reports.allure.results import Results
from reports.asked import FIRST
from reports.escaping import safe_lines
from reports.failure import explain, failing_cases
from reports.formats import markdown
from reports.ledger import PREFIX, Entry, Outcome
from reports.rows import ExchangeRow, HeadRow, PartRow, Record
from run.answer_changes import differences, news, tell, watched
from run.cases import carriers_row
from run.exit_status import OUTCOME_OF, VERDICTS, Meaning, outcome
from run.options import is_drawn
from run.preflight import TITLE
from run.session import Run
from spec.exchange import Exchange
from spec.expectation import Expectation
from spec.oracle import Nonconformance, Verdict
from spec.probes import Probe, requirement_name
from spec.requirements import Level, Requirement
from spec.violation import counted
from strategies.invalid import unbroken
from strategies.parameters import unbroken_parameters
from targets.awake import awake
from targets.masking import without_keys
from watch.changes import is_told

PROJECT = Path(__file__).parent.parent / "pyproject.toml"
MOST_EXCHANGES = 10
"""Failing exchanges of one test that are stored."""
NARROWING = ("keyword", "markexpr", "deselect", "lf", "stepwise")
"""The options of pytest that leave out tests."""


def start_entry(item: pytest.Item) -> Entry:
    """The entry of a test that starts."""
    sentence = (item.function.__doc__ if isinstance(item, pytest.Function) else None) or ""
    entry = Entry(item.nodeid, " ".join(sentence.split()), started=time.time())
    entry.drawn = is_drawn(item)
    params = item.callspec.params if hasattr(item, "callspec") else {}
    for value in params.values():
        subject = getattr(value, "requirement", value)
        if isinstance(subject, Requirement):
            entry.requirement, entry.level = subject.name, subject.level
            entry.file, entry.line = subject.file, subject.line
        elif isinstance(subject, Probe):
            entry.requirement, entry.level = requirement_name(subject.name), Level.SHOULD
            entry.file, entry.line = subject.file, subject.line
    return entry


def first_entry(run: Run, verdict: Verdict) -> Entry:
    """The entry of the preflight, whose exchange is judged as that of a test."""
    failed = Nonconformance(verdict) if verdict.failing else None
    entry = Entry(FIRST, TITLE, started=time.time() - verdict.exchange.elapsed)
    entry.outcome, entry.message = Outcome.PASSED, ""
    if failed is not None:
        entry.outcome, entry.message = Outcome.FAILED, explained(run, failed)
    end_test(run, entry, failed)
    return entry


def end_phase(
    entry: Entry,
    report: pytest.TestReport,
    meaning: Meaning | None,
    raised: pytest.ExceptionInfo[BaseException] | None,
) -> None:
    """Take one phase of the test, set-up, call or tear-down, into its entry."""
    decides = report.when == "call" or not report.passed
    if not decides or entry.outcome in (Outcome.FAILED, Outcome.SUITE_ERROR, Outcome.DOUBT):
        return
    if report.passed:
        entry.outcome, entry.message = Outcome.PASSED, ""
    elif report.skipped:
        entry.outcome, entry.message = Outcome.SKIPPED, str(raised.value) if raised else ""
    elif meaning is not None:
        entry.outcome = OUTCOME_OF[meaning]
        entry.message = PREFIX.get(entry.outcome, "") + str(report.longrepr)
    else:
        error = raised.exconly() if raised else ""
        entry.outcome = Outcome.SUITE_ERROR
        entry.message = f"{PREFIX[Outcome.SUITE_ERROR]}{error}\n{report.longrepr}"


def end_test(run: Run, entry: Entry, error: BaseException | None) -> None:
    """Complete the entry of a test that is over: what it counted, and its failing exchanges.

    From here on no key is in it.
    """
    entry.seconds = time.time() - entry.started
    entry.counts = run.ledger.counts
    entry.counts.outages += awake.told()
    waive.mark_waived(entry.counts, run.waivers)
    if isinstance(error, Nonconformance):
        first = error.verdict.failing[0]
        entry.expected, entry.got = first.expected, first.got
    _store_exchanges(run, entry, error)
    entry.mask(run.masker)


def explained(run: Run, error: Nonconformance) -> str:
    """The red line of a failed test."""
    return _told(run, error.verdict, lambda: explain(error, run.context))


def failure_description(run: Run, entry: Entry, error: BaseException | None) -> str:
    """What Allure says of a failure, known or not; empty where nothing failed."""
    failing, cases = next(iter(run.ledger.failing.values()), None), ""
    if isinstance(error, Nonconformance):
        failing, cases = error.verdict, failing_cases(error)
    if failing is None:
        return ""
    words = failing, entry.test, run.context, cases
    return _told(run, failing, lambda: markdown.failure(*words))


def _told(run: Run, verdict: Verdict, tell: Callable[[], str]) -> str:
    """What is told of a verdict; where the suite breaks, what it violates and a sentence."""
    try:
        return tell()
    except Exception as error:  # noqa: BLE001 # it is a fault of the suite, which is told
        return "\n".join([verdict.violations[0].headline, run.ending.unexplained(error)])


def shown_exchange(run: Run, entry: Entry) -> ExchangeRow | None:
    """One exchange to show: the failing one, else the last."""
    if entry.exchanges:
        return next(iter(entry.exchanges.values()))
    last = run.ledger.last
    if last is None:
        return None
    return exchange_json.to_json(last.exchange, entry.test, run.keys, run.masker)


def record_of(run: Run, config: pytest.Config, status: int, folder: Path) -> Record:
    """The record of the run, compared with the earlier ones in a folder of reports."""
    plan = run.plan
    # Before the record is made, which names the findings after what several tests saw of them.
    findings = [
        found
        for each in run.total.occurrences.values()
        for found in waive.found_of(run.total, each)
    ]
    content = record.record(
        _head(run, config, status),
        plan.contract,
        _all_entries(run),
        run.total,
        plan.options.level,
        plan.waivers,
        run.today,
        partial(outcome, status, _changed(run)),
    )
    content["counts"]["exchanges_left_out"] = run.room.left_out
    tell(content, watched(run), news(run), run.today)
    beside = differences(run)
    content["against"] = beside.as_json() if beside else None
    content["counts"]["carriers"] = carriers_row(plan.contract, run.total.carriers)
    content["probes"] = list(record.probe_rows(run.total.answers, plan.probes, plan.baseline))
    past = history.read(output.history_file(folder, plan.target.name))
    collected = () if _is_of_some_files(config) else run.collected
    notes = waive.notes(plan.waivers, findings, content, run.today, past, collected)
    content["waivers"] = list(notes)
    content["history"] = history.compare(content, past)
    return content


def seen_by_part(run: Run) -> list[str]:
    """What the tests of one part of a run saw, in lines of JSON; nothing of a whole run.

    Take it before the record is made, which gives findings the names of their groups.
    """
    if run.plan.options.shard is None:
        return []
    return [run.total.as_json(), *(entry.as_json() for entry in _all_entries(run))]


def write_part(
    run: Run, config: pytest.Config, content: Record, seen: list[str], folder: Path
) -> None:
    """Write what `run.merge` needs of one part of a run."""
    shard = run.plan.options.shard
    if shard is None:
        return
    head: PartRow = {
        "run": content["run"],
        "target": content["target"],
        "document": content["document"],
        "reading": content["reading"],
        "shard": {"part": shard[0], "of": shard[1], "whole": _is_whole_part(run, config)},
    }
    lines = [json.dumps(head), *seen]
    output.write(folder / output.PART, "\n".join(lines) + "\n", run.masker)


def mask_once_more(run: Run, config: pytest.Config) -> None:
    """Mask the file that pytest wrote for `--junitxml`, as all of ours are masked.

    Its text is as safe to print as that of our own.
    """
    written = config.stash.get(xml_key, None)
    if written is None or run.opened is None:
        return
    file = Path(written.logfile)
    if file.is_file():
        text = file.read_text(encoding="utf-8", errors="backslashreplace")
        output.write(file, safe_lines(text), run.masker)


def unasked(run: Run) -> list[str]:
    """A sentence where no valid invoice was accepted or refused, so that nothing is known."""
    asked = run.total.expectations[Expectation.ACCEPT] if run.due else 1
    return [] if asked else ["no invoice was sent that every server must accept"]


def uncovered(run: Run, config: pytest.Config) -> list[str]:
    """A sentence on the requirements that a run of all tests left uncovered, if there are any.

    A green run would say that they hold, so it could not tell. The lines above a run name those
    that no request of a decent size can break.
    """
    if not _is_whole(run, config):
        return []
    contract = run.plan.contract
    beyond = {one.name for one in (*unbroken(contract), *unbroken_parameters(contract))}
    known = {entry.requirement for entry in _all_entries(run) if entry.known}
    names = [n for n in record.uncovered(contract, run.total) if n not in beyond | known]
    if not names:
        return []
    reason = "not covered: neither observed in this run nor proven"
    return [f"{counted(len(names), 'requirement')} {reason} ({', '.join(names)})"]


def usage_error(error: Exception) -> pytest.UsageError:
    """A sentence about wrong usage, without the keys of the environment."""
    return pytest.UsageError(safe_lines(without_keys(str(error), os.environ)))


def check_folders(config: pytest.Config) -> None:
    """Raise output.FolderError for a folder that the command line names and that takes no file."""
    folders = [config.getoption("reports"), config.getoption("allure_report_dir", None)]
    junit_file = getattr(config.option, "xmlpath", None)
    if junit_file:
        folders.append(Path(junit_file).absolute().parent)
    for folder in folders:
        if folder:
            output.check(Path(folder))


def claim(config: pytest.Config, stack: ExitStack) -> None:
    """Make the folder of reports this run's alone. Raises output.FolderError."""
    folder = config.getoption("reports") or config.getoption("allure_report_dir", None)
    if folder:
        output.claim(Path(folder), stack)


def keep_results(config: pytest.Config) -> None:
    """Stop allure-pytest from cleaning the folder of results.

    Each worker would do so when it starts, also the one that replaces a crashed one.
    """
    if hasattr(config.option, "clean_alluredir"):
        config.option.clean_alluredir = False


def open_results(run: Run, config: pytest.Config, stack: ExitStack) -> Results | None:
    """Take over the folder that `--alluredir` names; the process that leads empties it once.

    The stack gives it back to allure-pytest.
    """
    folder = config.getoption("allure_report_dir", None)
    if folder is None:
        return None
    if run.worker is None:
        output.clear_results(Path(folder))
    return stack.enter_context(results.installed(Path(folder), run.masker))


def complete_results(run: Run, content: Record, written: Results) -> None:
    """Write what no test wrote: the tests that did not run to their end, and what is around."""
    ended = {entry.test for entry in run.entries}
    missing = [entry for entry in _all_entries(run) if entry.test not in ended]
    # A test that was cut short may have its result all the same.
    found = set(results.tests(written.folder)) if missing else set()
    for entry in missing:
        if entry.test not in found:
            written.write(entry)
    written.group(content)
    written.tell_changes(content)
    pages.write(content, written)


def _store_exchanges(run: Run, entry: Entry, error: BaseException | None) -> None:
    """Store an exchange for each finding, and those of the cases that fail."""
    failed = error.verdicts if isinstance(error, Nonconformance) else ()
    shown = dict(run.ledger.failing)
    for verdict in reversed(failed):
        keys = {run.ledger.key(violation) for violation in verdict.violations}
        shown |= dict.fromkeys(keys & shown.keys(), verdict)
    known: dict[int, str] = {}
    for key, verdict in shown.items():
        row = entry.counts.occurrences[key]
        cause = entry.counts.causes.get(row.cause)
        follows = cause is not None and cause.traits in ([AFTER], [LOST])
        row.exchange = _store(run, entry, verdict.exchange, known, follows=follows)
    for verdict in islice(failed, MOST_EXCHANGES):
        _store(run, entry, verdict.exchange, known)


def _store(
    run: Run, entry: Entry, exchange: Exchange, known: dict[int, str], *, follows: bool = False
) -> str:
    """Store an exchange with a test, and what it `follows`; its id. `known` has those of all that
    are stored.
    """
    if id(exchange) not in known:
        stored = exchange_json.to_json(exchange, entry.test, run.keys, run.masker, follows=follows)
        entry.exchanges[stored["id"]] = stored
        known[id(exchange)] = stored["id"]
    return known[id(exchange)]


def _all_entries(run: Run) -> list[Entry]:
    """The entries of all tests that were due, also of those that did not run to their end, and
    that of the preflight if it found something.
    """
    entries = {entry.test: entry for entry in run.entries}
    due = dict.fromkeys(run.due)
    others = [test for test in entries if test not in due]
    return [entries.get(test) or Entry(test) for test in (*others, *due)]


def _head(run: Run, config: pytest.Config, status: int) -> HeadRow:
    """What was run, and how it ended."""
    plan, opened = run.plan, run.open
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
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
            "concurrency": plan.concurrency,
            "level": plan.options.level,
            "seed": config.getoption("--hypothesis-seed", None),
            "complete": _is_complete(run, config, status),
            "exit_status": status,
            "outcome": "",  # the record says it, which knows what was found
            "doubts": [run.masked(doubt) for doubt in run.ending.sentences],
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
        "reading": {
            "file": str(plan.options.reading),
            "sha256": plan.contract.reading_sha256,
        },
    }


def _changed(run: Run) -> int:
    """How many answers are not the accepted ones, those that changed alike counted once."""
    accepted = run.plan.baseline.answers
    changes = [
        each.as_json() for found in (news(run), differences(run)) if found for each in found.changes
    ]
    others = (
        (accepted[probe], answer)
        for probe, answer in run.total.answers.items()
        if accepted.get(probe, answer) != answer
    )
    return len(changes) + sum(not is_told(changes, *each) for each in others)


def _is_complete(run: Run, config: pytest.Config, status: int) -> bool:
    """Whether all tests ran to their end and gave a verdict, so that runs can be compared."""
    return status in VERDICTS and _is_whole(run, config)


def _is_whole(run: Run, config: pytest.Config) -> bool:
    """Whether all tests of all suites ran to their end."""
    return run.plan.options.shard is None and _is_whole_part(run, config)


def _is_whole_part(run: Run, config: pytest.Config) -> bool:
    """Whether all tests that this part of a run has of the suites ran to their end."""
    narrowed = any(getattr(config.option, name, None) for name in NARROWING)
    due = len(run.due)
    return not narrowed and not _is_of_some_files(config) and 0 < due <= run.ending.reported


def _is_of_some_files(config: pytest.Config) -> bool:
    return any("::" in arg or arg.endswith(".py") for arg in config.args)
