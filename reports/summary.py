"""The summary on the terminal: what breaks, since when, what is known, what was fixed."""

from collections.abc import Iterator

from reports.ledger import node_parts
from reports.record import VERDICTS, Record, has_name

WITHOUT_VERDICT = {
    "broken": "suite error",
    "could not tell": "could not tell",
    "unfinished": "unfinished",
    "skipped": "skipped",
}
"""How a test ends that says nothing of the server, and what a reader calls it."""


def summary_lines(record: Record) -> Iterator[str]:
    """The summary, line by line."""
    yield counts_line(record)
    for name, found in findings_by_requirement(record).items():
        yield ""
        yield from _finding(record, name, found)
    yield from _lists(record)
    yield ""
    yield requests_line(record)


def counts_line(record: Record) -> str:
    """`121 requirements: 3 broken, 1 known, 117 hold`."""
    return f"{counted(len(record['requirements']), 'requirement')}: {verdict_counts(record)}"


def verdict_counts(record: Record) -> str:
    """`3 broken, 1 known, 117 hold`."""
    sums = dict.fromkeys(VERDICTS, 0)
    for requirement in record["requirements"]:
        sums[requirement["verdict"]] += 1
    words = {"holds": "holds" if sums["holds"] == 1 else "hold"}
    return ", ".join(
        f"{count} {words.get(verdict, verdict)}" for verdict, count in sums.items() if count
    )


def requests_line(record: Record) -> str:
    """`1937 requests sent, 1029 invoices created, in 7.7 s`."""
    counts, seconds = record["counts"], record["run"]["seconds"]
    sent, created = counted(counts["requests"], "request"), counted(counts["created"], "invoice")
    return f"{sent} sent, {created} created, in {seconds} s"


def counted(number: int, noun: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def findings_by_requirement(record: Record) -> dict[str, list[Record]]:
    """The findings of each requirement, in the order in which a person wants to read them."""
    order = {r["name"]: VERDICTS.index(r["verdict"]) for r in record["requirements"]}
    by_name: dict[str, list[Record]] = {}
    for finding in record["findings"]:
        by_name.setdefault(finding["requirement"], []).append(finding)
    return dict(sorted(by_name.items(), key=lambda item: (order.get(item[0], 0), *_rank(item[1]))))


def verdict_of(record: Record, name: str) -> str:
    """The verdict on what a finding is about; a probe whose answer changed is called `drift`."""
    return next((r["verdict"] for r in record["requirements"] if r["name"] == name), "drift")


def tests_without_verdict(record: Record) -> str:
    """How many tests say nothing of the server, and why; empty when all do."""
    outcomes = [test["outcome"] for test in record["tests"]]
    return ", ".join(
        f"{outcomes.count(outcome)} {word}"
        for outcome, word in WITHOUT_VERDICT.items()
        if outcome in outcomes
    )


def not_observed(record: Record) -> list[str]:
    """The requirements that no exchange put to the test; none if only some tests were run, because
    then the list says nothing.
    """
    requirements = record["requirements"] if record["run"]["complete"] else []
    return [each["name"] for each in requirements if each["verdict"] == "not observed"]


def _rank(found: list[Record]) -> tuple[bool, int]:
    """MUSTs before SHOULDs, and what happened often before what happened once."""
    return found[0]["level"] != "MUST", -sum(each["times"] for each in found)


def _finding(record: Record, name: str, found: list[Record]) -> Iterator[str]:
    first = found[0]
    change = _change(record, name)
    tail = f"  [{change}]" if change else ""
    yield f"{verdict_of(record, name)}  {name} ({first['level']})  {first['where']}{tail}"
    for category, expected, got in dict.fromkeys(
        (each["category"], each["expected"], each["got"]) for each in found[:4]
    ):
        yield f"        {category}: expected {expected}, got {got}"
    yield f"        {first['test']}"
    others = sorted({each["test"] for each in found} - {first["test"]})
    if others:
        names = [_test_name(test) for test in others[:4]]
        yield f"        and in {len(others)} more: {', '.join(names)}"


def _change(record: Record, name: str) -> str:
    """Whether a finding is new, and if not, since when it has been there; empty without history."""
    history = record["history"]
    if history["last_run"] is None or name not in history["since"]:
        return ""
    return "new" if name in history["new"] else f"since {history['since'][name]}"


def _test_name(test: str) -> str:
    """A test as people call it, without its file."""
    _, function, case = node_parts(test)
    return f"{function}[{case}]" if case else function


def _lists(record: Record) -> Iterator[str]:
    for title, names in (
        ("fixed since the last run", record["history"]["fixed"]),
        ("broken in the last run, not asked this time", record["history"]["not_asked"]),
        ("not observed", not_observed(record)),
    ):
        if names:
            yield ""
            yield f"{title}: {', '.join(names)}"
    new = sum(probe["state"] == "new" for probe in record["probes"])
    if new and has_name(record):
        yield ""
        yield (
            f"{counted(new, 'probe')} without an accepted answer: "
            "python -m reports.accept accepts the answers of this run"
        )
    for waiver in record["waivers"]:
        yield ""
        yield f"{waiver['requirement']}: {waiver['note']}"
    if record["run"]["doubts"]:
        yield ""
    for doubt in record["run"]["doubts"]:
        yield f"could not tell: {doubt}"
