"""Sentences that several reports share."""

from collections.abc import Iterator

from reports.record import VERDICTS, Record


def of_waivers(record: Record) -> Iterator[dict[str, str]]:
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


def of_counts(record: Record) -> str:
    """`121 requirements: 3 broken, 1 known, 117 hold`."""
    sums = dict.fromkeys(VERDICTS, 0)
    for requirement in record["requirements"]:
        sums[requirement["verdict"]] += 1
    words = {"holds": "hold"}
    counts = [f"{count} {words.get(verdict, verdict)}" for verdict, count in sums.items() if count]
    return f"{len(record['requirements'])} requirements: {', '.join(counts)}"


def of_requests(record: Record) -> str:
    """`1937 requests sent, 1029 invoices created, in 7.7 s`."""
    counts, seconds = record["counts"], record["run"]["seconds"]
    return (
        f"{counts['requests']} requests sent, {counts['created']} invoices created, in {seconds} s"
    )


def of_change(record: Record, name: str) -> str:
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


def passed_over(record: Record) -> str:
    """How many tests did not tell, by outcome; empty when all did."""
    outcomes = [test["outcome"] for test in record["tests"]]
    words = ("broken", "could not tell", "unfinished", "skipped")
    return ", ".join(f"{outcomes.count(word)} {word}" for word in words if word in outcomes)


def silent(record: Record) -> list[str]:
    """The requirements that a run of all tests did not put to the test; else the list is noise."""
    requirements = record["requirements"] if record["run"]["complete"] else []
    return [each["name"] for each in requirements if each["verdict"] == "not observed"]
