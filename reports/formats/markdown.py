"""Markdown: the summary of a run, and the description of one failing test."""

import shlex
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from findings.rows import FindingRow
from reports import output
from reports.escaping import code, fenced, one_line, plain
from reports.failure import Context, curl_line, pretty, quoted_clause, sent_location
from reports.rows import Record
from reports.summary import (
    asides,
    between,
    carriers_line,
    counts_line,
    ending,
    findings,
    not_observed,
    on_the_way,
    requests_line,
    test_name,
    tests_without_verdict,
    without_probes,
)
from spec.exchange import Request, Response
from spec.oracle import Verdict
from spec.strictjson import Malformed, parse
from spec.violation import Violation, counted, opening, shortened
from watch.baseline import NewsRow

MOST_FINDINGS = 25
"""Rows of a table of findings; a comment has a limit, and so has a reader."""
TITLES = {"drift": "Changed answers", "noted": "Noted", "known": "Known (waived)"}
"""The table of a verdict; that of a broken requirement depends on the last run."""
MOST_VIOLATIONS = 10
"""Violations of one exchange that are shown."""
MOST_HEADERS = 30
LONGEST_HEADER = 300
LONGEST_TEXT = 2000
"""Characters of a body that is not JSON."""


def summary(record: Record) -> str:
    """The summary of a run: the whole file."""
    return "\n".join(_summary(record)) + "\n"


def failure(verdict: Verdict, test: str, context: Context, cases: str = "") -> str:
    """The description of a failing test: what a verdict violates first, and `cases` that fail.

    The answer of the server is in it, with any key that it repeats: mask it before it is shown.
    """
    return "\n".join(_failure(verdict, test, context, cases))


def _summary(record: Record) -> Iterator[str]:
    run, target = record["run"], record["target"]
    yield f"## {code(target['name'])}: {run['outcome']}"
    yield ""
    yield f"{counts_line(record)}. {requests_line(record)}."
    if carriers_line(record):
        yield f"{carriers_line(record).capitalize()}."
    silent = tests_without_verdict(record)
    if silent:
        yield f"Tests without a verdict: {silent}."
    for outage in record["counts"].get("outages", []):
        yield f"\n{code(outage)}"
    yield from (f"\n{plain(each)}." for each in on_the_way(record))
    for doubt in run["doubts"]:
        yield f"\nCould not tell: {code(doubt)}"
    yield from _findings(record)
    yield from news_rows(record.get("news"))
    against = record.get("against")
    if against:
        yield from news_rows(against, between(plain(against["baseline"])))
    yield from (f"\n{plain(each).capitalize()}." for each in ending(record))
    history = record["history"]
    fixed, as_accepted = without_probes(history["fixed"])
    if fixed:
        yield f"\n### Fixed since {history['last_run']}\n"
        yield from (f"- {code(name)}" for name in fixed)
    if as_accepted:
        yield f"\n### Answered as accepted again since {history['last_run']}\n"
        yield from (f"- {code(name)}" for name in as_accepted)
    if record["waivers"]:
        yield "\n### Waivers\n"
        yield from (f"- {code(w['requirement'])}: {plain(w['note'])}" for w in record["waivers"])
    unseen = not_observed(record)
    if unseen:
        yield f"\nNot observed: {', '.join(map(code, unseen))}"
    yield ""
    document = record["document"]
    yield (
        f"<sub>{code(document['title'])} {code(document['version'])}, "
        f"sha256 {document['sha256'][:12]}; profile {run['profile']}, stamp {run['stamp']}, "
        f"started {run['started']}</sub>"
    )


def news_rows(news: NewsRow | None, title: str = "") -> Iterator[str]:
    """What has changed since the answers were accepted, as a table; nothing where nothing has."""
    changes = news["changes"] if news else []
    if news and changes:
        title = title or f"Changed since {news['since']}"
        yield f"\n### {title} ({len(changes)})\n"
        yield "| change | for a client | why |"
        yield "| --- | --- | --- |"
        for change in changes[:MOST_FINDINGS]:
            yield f"| {_code(change['text'])} | {change['means']} | {plain(change['why'])} |"
        if len(changes) > MOST_FINDINGS:
            yield f"\n{len(changes) - MOST_FINDINGS} more are in {output.RECORD}."
    if news and asides(news):
        yield ""
        yield from (f"- {plain(each)}" for each in asides(news))


def _findings(record: Record) -> Iterator[str]:
    tables: dict[str, list[str]] = {}
    for finding in findings(record):
        tables.setdefault(_title(record, finding), []).append(_row(record, finding))
    for title, rows in tables.items():
        yield f"\n### {title} ({len(rows)})\n"
        yield "| finding | sent | expected | got | first case | since |"
        yield "| --- | --- | --- | --- | --- | --- |"
        yield from rows[:MOST_FINDINGS]
        if len(rows) > MOST_FINDINGS:
            yield f"\n{len(rows) - MOST_FINDINGS} more are in {output.RECORD}."
    blocked = [each["name"] for each in record["requirements"] if each["verdict"] == "blocked"]
    if blocked:
        yield f"\n### Blocked ({len(blocked)})\n"
        yield "A finding explains what is wrong with them; they cannot be judged until it is fixed."
        yield f"\n{', '.join(map(code, blocked))}"


def _title(record: Record, finding: FindingRow) -> str:
    """Under which title a finding is listed."""
    title = TITLES.get(finding["verdict"], "Broken")
    history = record["history"]
    if title != "Broken" or history["last_run"] is None:
        return title
    return "New" if finding["id"] in history["new"] else "Still broken"


def _row(record: Record, finding: FindingRow) -> str:
    since = record["history"]["since"].get(finding["id"])
    day = datetime.fromisoformat(since).date() if since else ""
    place = f" at {code(finding['place'])}" if finding["place"] else ""
    also = len(finding["also"])
    seen = f", seen in {counted(also, 'other requirement')}" if also else ""
    detail = "" if finding["detail"] in finding["got"] else finding["detail"]
    words = filter(None, (finding["got"], detail))
    return (
        f"| {code(finding['requirement'])} ({finding['level']}){place}{seen} `{finding['id']}` "
        f"| {_code(finding['difference'] or finding['refused'])} | {_code(finding['expected'])} "
        f"| {_code('; '.join(words))} | {code(test_name(finding['tests'][0]))} | {day} |"
    )


def _code(text: str) -> str:
    """A server's text, or what was sent to it, as code; nothing where there is none."""
    return code(one_line(text)) if text else ""


def _failure(verdict: Verdict, test: str, context: Context, cases: str) -> Iterator[str]:
    first, *others = verdict.failing or verdict.violations
    request, response = verdict.exchange.request, verdict.exchange.response
    yield "### What the document says\n"
    yield f"{code(str(first.requirement))}, {plain(first.requirement.clause)}\n"
    yield fenced(quoted_clause(first.requirement), "yaml")
    yield "\n### What was sent\n"
    yield fenced(_sent(verdict, first), "json")
    yield "\n### What was expected, and what came\n"
    yield "| | expected | came |\n| --- | --- | --- |"
    for violation in [first, *others][:MOST_VIOLATIONS]:
        at = violation.at or "the answer"
        yield f"| {code(at)} | {_code(violation.expected)} | {_code(violation.got)} |"
    if cases:
        yield f"\n{plain(cases)}"
    yield "\n### The exchange\n"
    above = verdict.expected.payload is not None
    yield fenced("\n".join(_request(request, above=above)), "http")
    yield (
        fenced("\n".join(_response(response)), "http")
        if response
        else _code(verdict.exchange.fault or "")
    )
    yield "\n### See it again\n\nThis one request:\n"
    yield fenced(curl_line(request, context), "sh")
    yield "\nThis one test, and all its failing exchanges without Hypothesis:\n"
    again = f"{shlex.join(['pytest', test])} {context.rerun}"
    replay = shlex.join(["python", "-m", "run.replay", "--last", test])
    yield fenced(f"{again}\n{replay}", "sh")


def _sent(verdict: Verdict, violation: Violation) -> str:
    payload = verdict.expected.payload
    if payload is None:
        return _as_text(verdict.exchange.request.body)
    return pretty(payload, sent_location(violation) or None, str(violation.requirement))


def _request(request: Request, *, above: bool) -> Iterator[str]:
    yield f"{request.method} {request.path}"
    yield from _headers(request.headers)
    yield ""
    yield "(the body above)" if above else _body(request.body)


def _response(response: Response) -> Iterator[str]:
    yield str(response.status)
    yield from _headers(response.headers)
    yield ""
    yield _body(response.body)


def _headers(headers: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for name, value in headers[:MOST_HEADERS]:
        yield f"{name}: {shortened(value, LONGEST_HEADER)}"


def _body(body: bytes) -> str:
    try:
        value: Any = parse(body).value
    except Malformed:
        return _as_text(body)
    return pretty(value)


def _as_text(body: bytes) -> str:
    return shortened(opening(body, 8192), LONGEST_TEXT)
