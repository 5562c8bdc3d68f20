"""The files that a mirror leaves: JSON, Markdown, JUnit and HAR."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from mirror.judging import Reason, Verdict
from mirror.mirror import Mirror
from mirror.reactions import Reaction
from mirror.received import Received
from mirror.telling import counts_line, next_words, reason_lines
from reports import output
from reports.escaping import code, plain, safe_lines
from reports.exchange_json import MOST_STORED, to_json
from reports.formats import har
from spec.violation import counted

RECORD, SUMMARY, JUNIT, HAR = "mirror.json", "mirror.md", "mirror.junit.xml", "mirror.har"
VERSION = "1"
"""Of the format of these files."""
FOLDER = Path("reports") / "output" / "mirror"
MOST_ROWS = 200
"""Rows of a table in Markdown; a reader has a limit."""


def claim(folder: Path, stack: ExitStack) -> None:
    """Make a folder this mirror's alone, without files of an earlier one. Raises FolderError."""
    output.claim(folder, stack)
    for name in (RECORD, SUMMARY, JUNIT, HAR):
        (folder / name).unlink(missing_ok=True)


def write(folder: Path, mirror: Mirror) -> None:
    """Write every file. Raises OSError where one cannot be written."""
    mirror.log.mask_again()
    received, reacted = mirror.received, mirror.reactions
    files: dict[str, str | bytes] = {
        RECORD: output.as_json(as_json(mirror, received, reacted)),
        SUMMARY: "\n".join(markdown(mirror, received, reacted)) + "\n",
        JUNIT: junit(received),
        HAR: archive(mirror, received),
    }
    for name, content in files.items():
        output.write(folder / name, content)


def as_json(
    mirror: Mirror, received: tuple[Received, ...], reacted: tuple[Reaction, ...]
) -> dict[str, Any]:
    """What a program reads (docs/mirror.md describes it)."""
    verdicts = [each.verdict for each in received]
    return {
        "version": VERSION,
        "url": mirror.url,
        "as": mirror.server,
        "fault": mirror.fault,
        "seconds": round(mirror.log.seconds, 3),
        "counts": {verdict: verdicts.count(verdict) for verdict in Verdict},
        "turned_away": mirror.log.turned_away,
        "not_judged": mirror.log.not_judged,
        "requests": [
            {
                "number": each.number,
                "arrived": round(each.arrived, 3),
                "method": each.exchange.request.method,
                "path": each.exchange.request.path,
                "verdict": each.verdict,
                "reasons": [_reason(reason) for reason in each.reasons],
                "status": each.status,
                "created": each.created,
                "fault": each.fault.name if each.fault else None,
                "answer": each.answer,
            }
            for each in received
        ],
        "reactions": [
            {
                "number": each.number,
                "answer": each.answer,
                "again": each.again,
                "after": None if each.after is None else round(each.after, 3),
                "how": each.how,
                "warning": each.warning,
            }
            for each in reacted
        ],
        "never_sent": list(mirror.never_sent),
    }


def _reason(reason: Reason) -> dict[str, str]:
    return {
        "requirement": reason.requirement,
        "level": reason.level,
        "at": reason.at,
        "words": reason.words,
        "clause": reason.clause,
    }


def markdown(
    mirror: Mirror, received: tuple[Received, ...], reacted: tuple[Reaction, ...]
) -> Iterator[str]:
    """The summary for people."""
    yield f"## Mirror: {counts_line(received)}"
    told = [each for each in received if each.verdict is not Verdict.VALID]
    if told:
        yield "\n| # | verdict | answer | why |\n| --- | --- | --- | --- |"
        for each in told[:MOST_ROWS]:
            why = "<br>".join(code(line) for line in reason_lines(each))
            yield f"| {each.number} | {each.verdict} | {plain(each.answer)} | {why} |"
        if len(told) > MOST_ROWS:
            yield f"\n{len(told) - MOST_ROWS} more are in {RECORD}."
    if reacted:
        yield "\n### What the client did next\n"
        yield "| # | it got | then |\n| --- | --- | --- |"
        for next_one in reacted[:MOST_ROWS]:
            then = code(next_words(next_one))
            yield f"| {next_one.number} | {plain(next_one.answer)} | {then} |"
        if len(reacted) > MOST_ROWS:
            yield f"\n{len(reacted) - MOST_ROWS} more are in {RECORD}."
    if received and mirror.never_sent:
        yield "\n### Never sent\n"
        yield from (f"- {code(each)}" for each in mirror.never_sent)


def junit(received: tuple[Received, ...]) -> str:
    """A case for each request: an invalid one is a failure, an unspecified one is skipped."""
    verdicts = [each.verdict for each in received]
    root = ET.Element("testsuites")
    suite = ET.SubElement(
        root,
        "testsuite",
        name="requests to the mirror",
        tests=str(len(received)),
        failures=str(verdicts.count(Verdict.INVALID)),
        errors="0",
        skipped=str(verdicts.count(Verdict.UNSPECIFIED)),
    )
    for each in received:
        request = each.exchange.request
        name = f"#{each.number} {request.method} {request.path}"
        case = ET.SubElement(suite, "testcase", classname="mirror", name=safe_lines(name), time="0")
        if each.verdict is Verdict.VALID:
            continue
        words = list(map(safe_lines, reason_lines(each)))
        if each.verdict is Verdict.INVALID:
            kind = each.reasons[0].requirement
            ET.SubElement(case, "failure", message=words[0], type=kind).text = "\n".join(words)
        else:
            ET.SubElement(case, "skipped", message="; ".join(words))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def archive(mirror: Mirror, received: tuple[Received, ...]) -> bytes:
    """The exchanges as HTTP Archive, as many as there is room for."""
    started = datetime.now(UTC) - timedelta(seconds=mirror.log.seconds)
    entries, left = [], MOST_STORED
    for each in received:
        stored = to_json(each.exchange, f"request {each.number}", {}, mirror.secrets.masker)
        left -= len(json.dumps(stored))
        if left < 0:
            break
        moment = (started + timedelta(seconds=each.arrived)).timestamp()
        why = "; ".join(reason_lines(each))
        comment = f"{each.verdict}; {each.answer}; {why}".rstrip("; ")
        entries.append(har.entry(stored, mirror.url, moment, comment))
    more = len(received) - len(entries)
    words = f"{counted(more, 'exchange')} more left out: there are too many." if more else ""
    return har.archive(entries, VERSION, words)
