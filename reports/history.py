"""What earlier runs of a target found, so that a report can say what is new and since when.

Runs are compared within one profile, level and document: another one asks something else.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from causes.cause import NOTHING
from findings.rows import FindingRow, identity
from findings.waivers import bounding, lasting
from reports import output
from reports.asked import FIRST, Asked, asked_in, is_well_again
from reports.command import Parser
from reports.rows import HistoryRow, Record
from spec.yamlfile import read_regular
from targets.masking import Masker

MOST_RUNS = 200
"""Runs of a target that are remembered."""
MOST_TESTS = 5
"""Tests that found what is broken, of those that are remembered."""
MOST_CASES = 5
"""Cases of each of these that showed it, of those that are remembered."""
LARGEST = 16 * 1024 * 1024
"""Bytes of a history that is read."""


@dataclass(frozen=True, slots=True)
class Past:
    """One complete run: when it started (RFC 3339), its stamp, and the requirements it broke.

    `tests` has for each of these some that found it, `cases` some by which each of those did, and
    `found` the findings (`name_of`).
    `differences` has for each name of a finding what brings it about, where that makes it this one,
    what its errors are about, or what is refused of what is accepted (`told_of`): an empty text of
    what none of these explains.
    `profile`, `level` and `document`, the SHA-256 of one, say what it asked; they are empty in what
    older versions wrote, and `found` is None.
    """

    started: str
    stamp: str
    broken: tuple[str, ...]
    profile: str = ""
    level: str = ""
    document: str = ""
    tests: Mapping[str, Sequence[str]] = field(default_factory=dict)
    found: Sequence[str] | None = None
    differences: Mapping[str, Sequence[str]] | None = None
    cases: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)

    @property
    def asked(self) -> tuple[str, str, str]:
        """What two runs have in common that can be compared."""
        return self.profile, self.level, self.document

    def tests_of(self, requirement: str, answers: Sequence[str]) -> Sequence[str]:
        """The tests that found the only finding that it had under a requirement, if that had one of
        these answers, or any where none is named.
        """
        own = [each.split(" | ", 2) for each in self.found or ()]
        found = [answer for name, _, answer in own if name == requirement]
        is_it = len(found) == 1 and (not answers or found[0] in answers)
        return self.tests.get(requirement, ()) if is_it else ()

    def has(self, finding: FindingRow) -> bool:
        """Whether it had the finding."""
        if self.found is None:
            return finding["requirement"] in self.broken
        name = name_of(finding)
        known = None if self.differences is None else self.differences.get(name, ())
        return name in self.found and (known is None or all(is_known(known, finding)))


def name_of(finding: FindingRow) -> str:
    """What equal findings of two runs share, though each may show it by another case."""
    return " | ".join((finding["requirement"], finding["category"], finding["answer"]))


def parts_of(finding: FindingRow) -> tuple[str, ...]:
    """What of a finding a run tells by itself: each property that its errors are about, with the
    wrong name; or what is still refused where something invalid is accepted (`bound`); or else what
    brings it about, empty where that does not tell it from others, or is not known.
    """
    if "bound" in finding:
        return (bounding(finding["bound"]),)
    tells = finding.get("explained", False) and "difference" in identity(finding)
    difference = lasting(finding["difference"]) if tells else ""
    return (*finding.get("about", ()),) or (difference,)


def told_of(finding: FindingRow) -> list[str]:
    """The same, with what else brings it about, of which another run may tell any first."""
    parts = parts_of(finding)
    by_difference = finding.keys().isdisjoint({"about", "bound"}) and parts != ("",)
    alike = finding["alike"] if by_difference else ()
    return [*dict.fromkeys((*parts, *map(lasting, alike)))]


def is_known(told: Collection[str], finding: FindingRow) -> Iterator[bool]:
    """Of each part of a finding whether it is among what was told of findings of its name, or they
    were of a requirement that is forgotten altogether.
    """
    one = "about" not in finding and not {*told_of(finding)}.isdisjoint(told)
    is_any = one or NOTHING in told
    return (is_any or part in told or "" in (part, *told) for part in parts_of(finding))


def read(path: Path) -> list[Past]:
    """The runs that are remembered, oldest first; what is damaged is skipped."""
    past: list[Past] = []
    try:
        text = read_regular(path, LARGEST).decode(errors="replace")
    except OSError:
        return past
    for line in text.splitlines():
        try:
            data = json.loads(line)
            past.append(Past(**{**data, "broken": tuple(data["broken"])}))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return past


def append(path: Path, past: Sequence[Past], record: Record, masker: Masker | None = None) -> None:
    """Remember a complete run."""
    lines = [json.dumps(asdict(each)) for each in [*past, past_of(record)][-MOST_RUNS:]]
    output.write(path, "\n".join(lines) + "\n", masker)


def past_of(record: Record) -> Past:
    """What is remembered of a run."""
    run, names = record["run"], broken(record)
    tests: dict[str, dict[str, list[str]]] = {name: {} for name in names}
    for occurrence in record["occurrences"]:
        if occurrence["requirement"] in tests:
            cases = tests[occurrence["requirement"]].setdefault(occurrence["test"], [])
            cases += occurrence.get("cases", [])
    kept = {name: dict([*found.items()][:MOST_TESTS]) for name, found in tests.items()}
    found = counting(record)
    differences: dict[str, list[str]] = {}
    for finding in found:
        differences.setdefault(name_of(finding), []).extend(told_of(finding))
    return Past(
        run["started"],
        run["stamp"],
        tuple(names),
        run["profile"],
        run["level"],
        record["document"]["sha256"],
        {name: [*found] for name, found in kept.items()},
        [name_of(finding) for finding in found],
        differences,
        {
            name: {test: cases[:MOST_CASES] for test, cases in found.items() if cases}
            for name, found in kept.items()
        },
    )


def counting(record: Record) -> list[FindingRow]:
    """The findings that a reader has to look at."""
    return [each for each in record["findings"] if each["verdict"] in ("broken", "drift")]


def broken(record: Record) -> list[str]:
    """The names of what a reader has to look at: broken requirements, and probes that drifted."""
    names = [r["name"] for r in record["requirements"] if r["verdict"] == "broken"]
    drifted = [p["requirement"] for p in record["probes"] if p["state"] == "drift"]
    return [*names, *drifted]


def compare(record: Record, past: Sequence[Past]) -> HistoryRow:
    """What changed since earlier runs: the ids of `new` and `still` findings, and `since` when each
    has been there; the names of requirements that are `fixed` or `not_asked`.

    `new` is what the last run did not find; without a last run nothing is called new. `fixed` was
    asked and holds, `not_asked` may be broken as before; what is known, or blocked by a finding, or
    whose tests all ran, is not that.
    """
    now = past_of(record)
    past = [each for each in past if each.asked == now.asked]
    last = past[-1] if past else None
    before = last.broken if last else ()
    gone = [name for name in before if name not in now.broken]
    tests = last.tests if last else {}
    found = counting(record)
    new = [each["id"] for each in found if last and not last.has(each)]
    asked = asked_in(record) if gone else None
    fixed = [
        name
        for name in gone
        if is_fixed(record, name, tests.get(name, ()))
        or (last and asked and _holds(record, name) and _is_well_again(asked, last, name, new))
    ]
    met = {r["name"] for r in record["requirements"] if r["verdict"] in ("known", "blocked")}
    met |= {name for name in gone if _holds_in_what_ran(record, name, tests.get(name, ()))}
    return {
        "last_run": last.started if last else None,
        "new": new,
        "still": [each["id"] for each in found if last and last.has(each)],
        "fixed": fixed,
        "not_asked": [name for name in gone if name not in fixed and name not in met],
        "since": {each["id"]: _since(each, past) or now.started for each in found},
    }


def is_fixed(record: Record, name: str, tests: Sequence[str]) -> bool:
    """Whether what these tests had found was asked again by all of them and holds now."""
    return _holds(record, name) and all_passed(record, tests)


def _is_well_again(asked: Asked, last: Past, name: str, new: Collection[str]) -> bool:
    """Whether the cases that had shown in the last run that a requirement is broken are well."""
    cases = last.cases.get(name, {})
    shown = [[*asked.shown(test, cases.get(test, ()))] for test in last.tests.get(name, ())]
    return is_well_again(shown, new)


def _holds(record: Record, name: str) -> bool:
    """Whether a requirement holds, or a probe was answered as accepted."""
    holds = {r["name"] for r in record["requirements"] if r["verdict"] == "holds"}
    return name in holds | {p["requirement"] for p in record["probes"] if p["state"] != "drift"}


def _holds_in_what_ran(record: Record, name: str, tests: Sequence[str]) -> bool:
    """Whether a requirement holds that these tests had found broken, each of which has a verdict,
    though another finding may be in the way.
    """
    ended = {test["id"] for test in record["tests"] if test["outcome"] in ("passed", "failed")}
    return _holds(record, name) and bool(tests) and (ended | {FIRST}).issuperset(tests)


def all_passed(record: Record, tests: Sequence[str]) -> bool:
    """Whether all of these tests ran and passed."""
    passed = {test["id"] for test in record["tests"] if test["outcome"] == "passed"} | {FIRST}
    return passed.issuperset(tests)


def is_blocked(record: Record, finding: FindingRow) -> bool:
    """Whether what a run had found was asked again, and other findings say why it is not told."""
    ended = {test["id"] for test in record["tests"] if test["outcome"] in ("passed", "failed")}
    verdicts = {r["name"]: r["verdict"] for r in record["requirements"]}
    asked = (ended | {FIRST}).issuperset(finding["tests"][:MOST_TESTS])
    return asked and verdicts.get(finding["requirement"]) in ("blocked", "broken", "holds")


def _since(finding: FindingRow, past: Sequence[Past]) -> str | None:
    since = None
    for run in reversed(past):
        if not run.has(finding):
            break
        since = run.started
    return since


if __name__ == "__main__":
    told = (
        "is no command. The history of a target is in report.html; two of its runs are compared by"
    )
    Parser("reports.history", __doc__).error(f"{told} python -m reports.compare OLD NEW")
