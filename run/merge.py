"""`python -m run.merge FOLDER ... --into FOLDER`: one report of the parts of a run.

Each part is the folder of reports of a run with `--shard I/N`, all against one target. The exit
status is that of the whole run, 6 where a part is missing.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from findings import waivers
from reports import files, history, output, record, summary, waive
from reports.allure import pages
from reports.allure.results import Results
from reports.command import Parser, say
from reports.escaping import one_line
from reports.ledger import Counts, Entry
from reports.rows import HeadRow, PartRow, Record, RunRow
from run.answer_changes import answered, tell
from run.cases import carriers_row
from run.ending.outage import ToldOnce
from run.exit_status import VERDICTS, ExitStatus, once, outcome
from spec import probes
from spec.contract import DOCUMENT, READING, Contract, load
from spec.probes import load_baseline, requirement_name
from spec.requirements import Level
from spec.violation import brief
from spec.yamlfile import FileError, read_regular
from targets.masking import Masker
from watch import baseline

LARGEST = 256 * 1024 * 1024
"""Bytes of a part that are read."""
WORST = (
    ExitStatus.INTERNAL_ERROR,
    ExitStatus.NONCONFORMANCE,
    ExitStatus.INTERRUPTED,
    ExitStatus.USAGE,
    ExitStatus.NOTHING_RAN,
    ExitStatus.COULD_NOT_TELL,
    ExitStatus.DRIFT,
    ExitStatus.CONFORMS,
)
"""The exit statuses of parts: the first that one has is that of the whole."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of a run left: its head, and all that its tests saw."""

    head: PartRow
    total: Counts
    entries: Sequence[Entry]


def read(folder: Path) -> Part:
    """Read a part. Raises ValueError, with one sentence, for a folder that has none.

    It may come from anybody, so what is read is as the schema says.
    """
    path = folder / output.PART
    try:
        head, total, *tests = read_regular(path, LARGEST).decode().split("\n")[:-1]
        unlike = (
            _mismatch(head, "head")
            or _mismatch(total, "counts")
            or next(filter(None, map(_of_test, tests)), "")
        )
        if not unlike:
            entries = [Entry.from_json(line) for line in tests]
            return Part(json.loads(head), Counts.from_json(total), entries)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}: name the reports of a --shard.") from None
    except (ValueError, RecursionError):
        raise ValueError(f"{path} is not a part of a run.") from None
    raise ValueError(f"{path} is not a part of a run: {unlike}.")


def _of_test(line: str) -> str:
    """What is wrong with the line of a test, in a few words; empty if nothing is."""
    return _mismatch(line, "test") or _mismatch(json.loads(line)["counts"], "counts")


def _mismatch(line: str, kind: str) -> str:
    return record.mismatch(json.loads(line), f"{record.PART.name}#/$defs/{kind}")


def merged(parts: Sequence[Part], contract: Contract, past: Sequence[history.Past]) -> Record:
    """The record of the whole run. Raises ValueError for parts that are not of one run."""
    first = parts[0].head
    for section, of_first in _common(first).items():
        if any(_common(part.head)[section] != of_first for part in parts):
            raise ValueError(f"The parts differ in their {section}: merge those of one run.")
    if contract.sha256 != first["document"]["sha256"]:
        raise ValueError("The parts are of another document: name it with --document.")
    every = probes.load()
    known = {requirement.name for requirement in contract.requirements}
    known |= {requirement_name(probe.name) for probe in every}
    seen = {each.requirement for part in parts for each in part.total.occurrences.values()}
    unknown = sorted(seen - known)
    if unknown:
        raise ValueError(f"The document has no requirement {brief(unknown[0])}.")
    tests = {entry.test for part in parts for entry in part.entries}
    shown = {
        exchange["test"]
        for part in parts
        for entry in part.entries
        for exchange in entry.exchanges.values()
    }
    if shown - tests:
        stray = brief(min(shown - tests))
        raise ValueError(f"The parts hold an exchange of a test that none of them ran: {stray}.")
    numbers = [part.head["shard"]["part"] for part in parts]
    if len(set(numbers)) < len(numbers) or len({part.head["shard"]["of"] for part in parts}) > 1:
        raise ValueError(
            "A part is there twice, or some parts are of runs with another number of shards."
        )
    total = Counts()
    for part in parts:
        total.add(part.total)
    entries = [entry for part in parts for entry in part.entries]
    total.outages = [*_outages(total, entries)]
    target, level = first["target"]["name"], Level(first["run"]["level"])
    run = first["run"]
    pace = baseline.pace_of(run["profile"], run.get("concurrency"))
    now = answered(target, run["started"], entries, total, pace)
    accepted = baseline.load(target)
    news = accepted.news(now) if accepted else None
    today = datetime.now(UTC).date()
    waived = tuple(each for each in waivers.load(known) if each.target == target)
    # Before the record is made, which names the findings after what several tests saw of them.
    found = [found for each in total.occurrences.values() for found in waive.found_of(total, each)]
    changed = len(news.changes) if news and level is Level.SHOULD else 0
    head = _head(parts, changed)
    in_words = partial(outcome, head["run"]["exit_status"], changed)
    content = record.record(head, contract, entries, total, level, waived, today, in_words)
    content["counts"]["carriers"] = carriers_row(contract, total.carriers)
    tell(content, now, news, today)
    accepted_answers = load_baseline(target, {probe.name for probe in every})
    content["probes"] = list(record.probe_rows(total.answers, every, accepted_answers))
    content["waivers"] = list(waive.notes(waived, found, content, today, past))
    content["history"] = history.compare(content, past)
    return content


def main(arguments: Sequence[str]) -> int:
    """Write the reports of the whole run and print its summary; its exit status."""
    parser = Parser("run.merge", "Make one report of the parts of a run, as --shard makes them.")
    parser.add_argument("parts", nargs="+", type=Path, metavar="FOLDER", help="reports of a part")
    parser.add_argument(
        "--into", type=Path, default=output.FOLDER, metavar="FOLDER", help="where the whole goes"
    )
    parser.add_argument("--document", type=Path, default=DOCUMENT, metavar="FILE")
    parser.add_argument("--reading", type=Path, default=READING, metavar="FILE")
    chosen = parser.parse_args(arguments)
    try:
        parts = [read(folder) for folder in chosen.parts]
        target = parts[0].head["target"]["name"]
        past = history.read(output.history_file(chosen.into, target))
        content = _whole(parts, load(chosen.document, chosen.reading), past)
        output.check(chosen.into)
        masker = Masker({})  # the parts hold no key
        troubles = files.write(content, chosen.into, masker)
        write_results(content, chosen.parts, chosen.into, masker)
    except (ValueError, FileError, OSError) as error:
        parser.error(str(error))
    say(content["run"]["outcome"])
    for line in summary.summary_lines(content, chosen.into):
        say(line)
    for sentence in troubles:
        say(f"the suite broke: {sentence}")
    return int(ExitStatus.INTERNAL_ERROR if troubles else content["run"]["exit_status"])


def write_results(content: Record, parts: Sequence[Path], folder: Path, masker: Masker) -> None:
    """Put Allure's results of the parts together, where each part has them."""
    found = [part / output.RESULTS for part in parts]
    if not all(each.is_dir() for each in found):
        return
    results = Results(folder / output.RESULTS, masker)
    output.clear_results(results.folder)
    for each in found:
        results.take_over(each, content)
    results.group(content)
    results.tell_changes(content)
    pages.write(content, results)
    for sentence in results.suite_errors:
        raise OSError(sentence)


def _whole(parts: Sequence[Part], contract: Contract, past: Sequence[history.Past]) -> Record:
    """The record of the whole run. Raises ValueError for one that nobody could read."""
    content = merged(parts, contract, past)
    unlike = record.wrong(content)
    if unlike:
        raise ValueError(f"The parts do not fit together: {unlike}.")
    return content


def _outages(total: Counts, entries: Sequence[Entry]) -> Iterator[str]:
    """What the parts tell of outages and of clocks, each once."""
    of_tests = {each for entry in entries for each in entry.counts.outages}
    yield from dict.fromkeys(each for each in total.outages if each not in of_tests)
    told_once = ToldOnce()
    for entry in entries:
        told_once.keep(entry)
        yield from entry.counts.outages


def _common(head: PartRow) -> dict[str, str]:
    """What the parts of one run have in common."""
    return {
        "target": head["target"]["name"],
        "document": head["document"]["sha256"],
        "reading": head["reading"]["sha256"],
        "run": head["run"]["profile"],
    }


def _head(parts: Sequence[Part], changed: int) -> HeadRow:
    """What was run, and how it ended, as all parts together say."""
    heads = [part.head["run"] for part in parts]
    first, shards = parts[0].head, [part.head["shard"] for part in parts]
    of = shards[0]["of"]
    missing = sorted(set(range(of)) - {shard["part"] for shard in shards})
    doubts = once([doubt for head in heads for doubt in head["doubts"]])
    statuses = {head["exit_status"] for head in heads}
    if missing:
        listed = ", ".join(f"{part + 1}/{of}" for part in missing)
        doubts.append(one_line(f"not all parts are there: {listed} missing"))
        statuses.add(ExitStatus.COULD_NOT_TELL)
    if changed:
        statuses.add(ExitStatus.DRIFT)
    status = next((each for each in WORST if each in statuses), ExitStatus.INTERNAL_ERROR)
    run: RunRow = {
        **first["run"],
        "started": min(head["started"] for head in heads),
        "ended": max(head["ended"] for head in heads),
        "seconds": max(head["seconds"] for head in heads),
        "complete": status in VERDICTS and not missing and all(shard["whole"] for shard in shards),
        "exit_status": int(status),
        "outcome": "",  # the record says it, which knows what was found
        "doubts": doubts,
    }
    target, document, reading = first["target"], first["document"], first["reading"]
    return {"run": run, "target": target, "document": document, "reading": reading}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
