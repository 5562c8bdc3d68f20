"""The summary in Markdown, for a job's page or a comment on a pull request."""

from collections.abc import Iterator

from reports import notes
from reports.record import Record

MOST = 25
"""Findings in the table; a comment has a limit, and a reader too."""
_SPECIAL = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]<>|#"} | {"\n": " ", "\r": " "})


def summary(record: Record) -> str:
    """The whole file."""
    return "\n".join(_lines(record)) + "\n"


def plain(text: str) -> str:
    """The text so that Markdown shows it as it is, in one line."""
    return text.translate(_SPECIAL)


def code(text: str) -> str:
    """The text as code inside a line or a table's cell."""
    text = text.replace("\n", " ").replace("\r", " ").replace("|", "\\|")
    fence = "``" if "`" in text else "`"
    return f"{fence} {text} {fence}" if fence == "``" else f"`{text}`"


def _lines(record: Record) -> Iterator[str]:
    run, target = record["run"], record["target"]
    yield f"## {plain(target['name'])}: {run['outcome']}"
    yield ""
    yield f"{notes.of_counts(record)}. {notes.of_requests(record)}."
    missing = notes.passed_over(record)
    if missing:
        yield f"Tests that did not tell: {missing}."
    for doubt in run["doubts"]:
        yield f"\nCould not tell: {plain(doubt)}"
    yield from _findings(record)
    history = record["history"]
    if history["fixed"]:
        yield f"\n### Fixed since {history['last_run']}\n"
        yield from (f"- {code(name)}" for name in history["fixed"])
    if record["waivers"]:
        yield "\n### Waivers\n"
        yield from (f"- {code(w['requirement'])}: {plain(w['note'])}" for w in record["waivers"])
    silent = notes.silent(record)
    if silent:
        yield f"\nNot observed: {', '.join(map(code, silent))}"
    yield ""
    document = record["document"]
    yield (
        f"<sub>{plain(document['title'])} {plain(document['version'])}, "
        f"sha256 {document['sha256'][:12]}; profile {run['profile']}, stamp {run['stamp']}, "
        f"started {run['started']}</sub>"
    )


def _findings(record: Record) -> Iterator[str]:
    titles = {"broken": "", "drift": "", "noted": "Noted", "known": "Known (waived)"}
    groups: dict[str, list[str]] = {}
    history = record["history"]
    for name, found in notes.folded(record).items():
        verdict = notes.verdict_of(record, name)
        title = titles[verdict]
        if not title:
            compared = history["last_run"] is not None
            title = (
                "Broken" if not compared else "New" if name in history["new"] else "Still broken"
            )
        groups.setdefault(title, []).append(_row(record, name, found))
    for title in ("New", "Broken", "Still broken", "Noted", "Known (waived)"):
        rows = groups.get(title, [])
        if rows:
            yield f"\n### {title} ({len(rows)})\n"
            yield "| requirement | clause | what | times | since |"
            yield "| --- | --- | --- | ---: | --- |"
            yield from rows[:MOST]
        if len(rows) > MOST:
            yield f"\n{len(rows) - MOST} more are in run.json."


def _row(record: Record, name: str, found: list[Record]) -> str:
    first = found[0]
    times = sum(each["times"] for each in found)
    clause = first["where"].partition(" ")[0]
    since = record["history"]["since"].get(name, "")
    what = f"{first['category']}: expected {first['expected']}, got {first['got']}"
    return (
        f"| {code(name)} ({first['level']}) | {plain(clause)} | {plain(what)} "
        f"| {times} | {since.partition('T')[0]} |"
    )
