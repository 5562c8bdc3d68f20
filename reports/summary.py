"""The summary on the terminal: what breaks, since when, what is known, what was fixed."""

from collections.abc import Iterator

from reports import notes
from reports.record import Record


def lines(record: Record) -> Iterator[str]:
    """The summary, line by line."""
    yield notes.of_counts(record)
    for name, found in notes.folded(record).items():
        yield ""
        yield from _finding(record, name, found)
    yield from _lists(record)
    yield ""
    yield notes.of_requests(record)


def _finding(record: Record, name: str, found: list[Record]) -> Iterator[str]:
    first = found[0]
    verdict = notes.verdict_of(record, name)
    change = notes.of_change(record, name)
    tail = f"  [{change}]" if change else ""
    yield f"{verdict}  {name} ({first['level']})  {first['where']}{tail}"
    for category, expected, got in dict.fromkeys(
        (each["category"], each["expected"], each["got"]) for each in found[:4]
    ):
        yield f"        {category}: expected {expected}, got {got}"
    tests = sorted({each["test"] for each in found})
    yield f"        {first['test']}"
    others = [test.rpartition("::")[2] for test in tests if test != first["test"]]
    if others:
        yield f"        and in {len(others)} more: {', '.join(others[:4])}"


def _lists(record: Record) -> Iterator[str]:
    for title, names in (
        ("fixed since the last run", record["history"]["fixed"]),
        ("not observed", notes.silent(record)),
    ):
        if names:
            yield ""
            yield f"{title}: {', '.join(names)}"
    unknown = [p for p in record["probes"] if p["state"] == "new"]
    if unknown and "://" not in record["target"]["name"]:
        yield ""
        yield f"{len(unknown)} probes have no accepted answer: python -m reports.accept takes these"
    for waiver in record["waivers"]:
        yield ""
        yield f"{waiver['requirement']}: {waiver['note']}"
    if record["run"]["doubts"]:
        yield ""
    for doubt in record["run"]["doubts"]:
        yield f"could not tell: {doubt}"
