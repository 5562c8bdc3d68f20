"""The summary on the terminal: what breaks, since when, what is known, what was fixed."""

from collections.abc import Iterator

from reports.record import VERDICTS, Record


def waiver_notes(record: Record) -> Iterator[dict[str, str]]:
    """What the target's waivers call for (`waivers` of run.schema.json)."""
    for requirement in record["requirements"]:
        waiver = requirement["waiver"]
        if waiver is None:
            continue
        holds = requirement["verdict"] == "holds"
        if holds:
            note = f"it holds, so remove its waiver ({waiver['place']})"
        elif waiver["expired"] and requirement["verdict"] != "not observed":
            note = (
                f"its waiver ended on {waiver['expires']}, so it counts again: ask "
                f"{waiver['owner']} ({waiver['place']})"
            )
        else:
            continue
        yield {"requirement": requirement["name"], "note": note}


def counts_line(record: Record) -> str:
    """`121 requirements: 3 broken, 1 known, 117 hold`."""
    sums = dict.fromkeys(VERDICTS, 0)
    for requirement in record["requirements"]:
        sums[requirement["verdict"]] += 1
    words = {"holds": "hold"}
    counts = [f"{count} {words.get(verdict, verdict)}" for verdict, count in sums.items() if count]
    return f"{len(record['requirements'])} requirements: {', '.join(counts)}"


def requests_line(record: Record) -> str:
    """`1937 requests sent, 1029 invoices created, in 7.7 s`."""
    counts, seconds = record["counts"], record["run"]["seconds"]
    return (
        f"{counts['requests']} requests sent, {counts['created']} invoices created, in {seconds} s"
    )


def change_of(record: Record, name: str) -> str:
    """Whether a finding is new, and if not, since when it is there; empty without history."""
    history = record["history"]
    if history["last_run"] is None or name not in history["since"]:
        return ""
    return "new" if name in history["new"] else f"since {history['since'][name]}"


def folded(record: Record) -> dict[str, list[Record]]:
    """The findings by requirement, broken ones first, as a person wants to read them."""
    order = {r["name"]: VERDICTS.index(r["verdict"]) for r in record["requirements"]}
    by_name: dict[str, list[Record]] = {}
    for finding in record["findings"]:
        by_name.setdefault(finding["requirement"], []).append(finding)
    return dict(sorted(by_name.items(), key=lambda item: (order.get(item[0], 0), *_rank(item[1]))))


def _rank(found: list[Record]) -> tuple[bool, int]:
    """MUSTs before SHOULDs, and what happened often before what happened once."""
    return found[0]["level"] != "MUST", -sum(each["times"] for each in found)


def verdict_of(record: Record, name: str) -> str:
    """The verdict on what a finding is about; a drifted probe is called `drift`."""
    return next((r["verdict"] for r in record["requirements"] if r["name"] == name), "drift")


def undecided(record: Record) -> str:
    """How many tests did not tell, by outcome; empty when all did."""
    outcomes = [test["outcome"] for test in record["tests"]]
    words = ("broken", "could not tell", "unfinished", "skipped")
    return ", ".join(f"{outcomes.count(word)} {word}" for word in words if word in outcomes)


def not_observed(record: Record) -> list[str]:
    """The requirements that a run of all tests did not put to the test; else the list is noise."""
    requirements = record["requirements"] if record["run"]["complete"] else []
    return [each["name"] for each in requirements if each["verdict"] == "not observed"]


def summary_lines(record: Record) -> Iterator[str]:
    """The summary, line by line."""
    yield counts_line(record)
    for name, found in folded(record).items():
        yield ""
        yield from _finding(record, name, found)
    yield from _lists(record)
    yield ""
    yield requests_line(record)


def _finding(record: Record, name: str, found: list[Record]) -> Iterator[str]:
    first = found[0]
    verdict = verdict_of(record, name)
    change = change_of(record, name)
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
        ("not observed", not_observed(record)),
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
