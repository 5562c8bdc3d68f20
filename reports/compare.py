"""`python -m reports.compare OLD NEW`: what changed between two runs, from their records.

OLD may also be an accepted baseline, `spec/baselines/NAME.json`, of this target or of another one.
The exit status is 1 if something new is broken, 7 if only answers changed, 6 if no case was asked
both times, else 0. An answer that changed because a finding is fixed or new is no change by itself.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from causes.cause import NOTHING
from findings.rows import EACH_TIME, FindingRow
from reports import history, record
from reports.asked import Asked, asked_in, is_well_again
from reports.command import Parser, say
from reports.escaping import one_line
from reports.fixed import answers_probe, as_fixed, as_often, is_now_and_then
from reports.rows import Record
from reports.summary import asides, news_lines
from spec import probes
from spec.requirements import Level
from spec.violation import Category
from watch import baseline
from watch.baseline import NewsRow
from watch.fingerprint import node_parts

BROKEN, COULD_NOT_TELL, CHANGED = 1, 6, 7
"""Exit statuses, as of a run."""


@dataclass(frozen=True, slots=True)
class Part:
    """A finding, or what is told of it by itself, where its errors are about several properties."""

    finding: FindingRow
    told: str

    @property
    def name(self) -> str:
        """What equal findings of two runs share."""
        return history.name_of(self.finding)

    @property
    def headline(self) -> str:
        """It in a line: of several properties by the one that it is about."""
        finding = self.finding
        if len(history.parts_of(finding)) == 1:
            return finding["headline"]
        words = f"[{finding['category']}] {finding['requirement']} ({finding['level']})"
        return f"{words}: an error about {self.told}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The findings of two runs, each as a headline, and the answers that changed.

    `not_asked` is what the first found and the second did not ask, `blocked` what it asked and what
    else it found keeps from being told. `differs` says in what the runs
    are not alike, so that one of them asked something that the other did not. `news` are the
    changes case by case (`news` of run.schema.json), None where a run is too old to have them.
    """

    differs: tuple[str, ...]
    new: tuple[str, ...]
    fixed: tuple[str, ...]
    still: tuple[str, ...]
    blocked: tuple[str, ...]
    not_asked: tuple[str, ...]
    answers: tuple[str, ...]
    news: NewsRow | None = None

    @property
    def status(self) -> int:
        """The exit status."""
        if self.new:
            return BROKEN
        if self.is_unlike:
            return COULD_NOT_TELL
        return CHANGED if self.answers or (self.news and self.news["changes"]) else 0

    @property
    def is_unlike(self) -> bool:
        """Whether both have kept their answers, but none to the same case."""
        return self.news is not None and not self.news["compared"]


def compare(old: Record, new: Record) -> Comparison:
    """What changed from one run to another."""
    before, now = _findings(old), _findings(new)
    over = [part for part in before if not _is_in(now, part)]
    gone = [part for part in over if not _is_left_of(part, now)]
    came = [part for part in now if not _is_in(before, part)]
    asked = asked_in(new)
    fixed = [
        part for part in gone if _is_fixed(old, new, part) or _is_mended(old, asked, part, came)
    ]
    left = [part for part in gone if part not in fixed]
    blocked = [part for part in left if history.is_blocked(new, part.finding)]
    stays = [part for part in now if part not in came]
    both = _Both(*map(_whole, (over, came, stays)))
    counted = new["run"]["level"] == Level.SHOULD
    return Comparison(
        differs=tuple(_differences(old, new)),
        new=_headlines(came),
        fixed=_headlines(fixed),
        still=_headlines(stays),
        blocked=_headlines(blocked),
        not_asked=_headlines(part for part in left if part not in blocked),
        answers=tuple(_answers(old, new, both)) if counted else (),
        news=_news(old, new, both) if counted else None,
    )


def lines(compared: Comparison) -> Iterator[str]:
    """The comparison for people."""
    for difference in compared.differs:
        yield f"the runs differ in their {one_line(difference)}"
    for title, found in (
        ("new", compared.new),
        ("fixed", compared.fixed),
        ("still broken", compared.still),
        ("blocked by what is found now, so it could not be told", compared.blocked),
        ("not asked this time", compared.not_asked),
        ("answers changed", compared.answers),
    ):
        if found:
            yield f"{title} ({len(found)})"
            yield from (f"  {one_line(each)}" for each in found)
    yield from news_lines(compared.news)
    changed = compared.answers or (compared.news and compared.news["changes"])
    if compared.is_unlike:
        yield "could not tell what changed: no case was asked both times"
    elif not (compared.new or compared.fixed or compared.blocked or compared.not_asked or changed):
        yield (
            "nothing else changed" if compared.news and asides(compared.news) else "nothing changed"
        )


def main(arguments: Sequence[str]) -> int:
    """Print what changed; the exit status."""
    parser = Parser(
        "reports.compare",
        "What changed between two runs. Exit status: 1 if something new is broken, 7 if only "
        "answers changed, 6 if no case was asked both times, else 0.",
    )
    parser.add_argument(
        "old", type=Path, metavar="OLD", help="the record of a run (run.json), or a baseline"
    )
    parser.add_argument("new", type=Path, metavar="NEW", help="the record of a later one")
    chosen = parser.parse_args(arguments)
    try:
        new = record.read(chosen.new)
        if baseline.is_one(chosen.old):
            news = baseline.read(chosen.old).news(record.watched(new)).as_json()
            compared = Comparison((), (), (), (), (), (), (), news)
        else:
            compared = compare(record.read(chosen.old), new)
    except ValueError as error:
        parser.error(str(error))
    for line in lines(compared):
        say(line)
    return compared.status


def _findings(content: Record) -> list[Part]:
    """What breaks a requirement, the known findings too: they are still there."""
    return [
        Part(finding, told)
        for finding in content["findings"]
        if finding["category"] != Category.DRIFT
        for told in history.parts_of(finding)
    ]


def _is_in(others: Iterable[Part], part: Part) -> bool:
    """Whether a run has found what is told by a part of a finding of another run."""
    same = [each for each in others if each.name == part.name]
    known = [told for each in same for told in history.told_of(each.finding)]
    own = {**part.finding, "about": [part.told]} if "about" in part.finding else part.finding
    return bool(same) and all(history.is_known(known, own))


def _is_left_of(part: Part, others: Iterable[Part]) -> bool:
    """Whether a requirement that was forgotten altogether is so in part."""
    return part.told == NOTHING and any(each.name == part.name for each in others)


def _is_fixed(old: Record, new: Record, part: Part) -> bool:
    """Whether it was asked for again, and holds now, or in all that its own tests ask."""
    finding = part.finding
    if history.is_fixed(new, finding["requirement"], finding["tests"][: history.MOST_TESTS]):
        return True
    others = {each.finding["id"] for each in _findings(new) if each.name == part.name}
    told = [one for one in old["occurrences"] if part.told in one.get("about", ())]
    tests = {one["test"] for one in told if one["requirement"] == finding["requirement"]}
    # A test that found no more than the others of its name has asked for this one, too.
    asked = {
        test["id"]
        for test in new["tests"]
        if test["outcome"] == "passed"
        or (test["outcome"] == "failed" and others.issuperset(test["findings"]))
    }
    return bool(tests and others) and tests <= asked


def _is_mended(old: Record, asked: Asked, part: Part, came: Iterable[Part]) -> bool:
    """Whether the cases that had shown a finding were asked again and show it no more: one at least
    is answered well, and the others so or as wrongly as before; what came since may be the same.
    Only where the finding is told as one, and each such case had shown it each time.
    """
    finding = part.finding
    steady = finding.get("shows", EACH_TIME) == EACH_TIME
    if not steady or len(history.parts_of(finding)) > 1:
        return False
    own = [row for row in old["occurrences"] if row["finding"] == finding["id"]]
    shown = [[*asked.shown(row["test"], row.get("cases", ()))] for row in own]
    return is_well_again(shown, {each.finding["id"] for each in came})


def _whole(parts: Iterable[Part]) -> list[FindingRow]:
    """The findings that these are parts of."""
    return [*{part.finding["id"]: part.finding for part in parts}.values()]


@dataclass(frozen=True, slots=True)
class _Both:
    """The findings of two runs: of the first alone, of the second alone, and of both."""

    over: Sequence[FindingRow]
    came: Sequence[FindingRow]
    stays: Sequence[FindingRow]


def _headlines(parts: Iterable[Part]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.headline for part in parts))


def _answers(old: Record, new: Record, both: _Both) -> Iterator[str]:
    """The probes that both runs asked and that were answered otherwise, although not wrong."""
    wrong = {node_parts(test).case for finding in both.over for test in finding["tests"]}
    wrong |= {
        probe.name
        for probe in probes.load()
        for finding in both.over
        if answers_probe(finding, probe, old["answers"].get(probe.name, ""))
    }
    for probe, answer in new["answers"].items():
        before = old["answers"].get(probe, answer)
        odd = any(is_now_and_then(each, both.stays) for each in (before, answer))
        if before != answer and probe not in wrong and not odd:
            yield f"{probe}: {before}, now {answer}"


def _news(old: Record, new: Record, both: _Both) -> NewsRow | None:
    """The changes case by case, where both runs have kept their answers. What comes of a finding
    that is over or came is told by that, and which requests one met that stays is no change.
    """
    if not (old.get("fingerprint") and new.get("fingerprint")):
        return None
    now = record.watched(new)
    before = as_often(record.watched(old), now, both.stays)
    fixed = as_fixed(before, now, both.over)
    return fixed.news(as_fixed(now, before, both.came, right=fixed)).as_json()


def _differences(old: Record, new: Record) -> Iterator[str]:
    for what, first, second in (
        ("target", old["target"]["name"], new["target"]["name"]),
        ("profile", old["run"]["profile"], new["run"]["profile"]),
        ("level", old["run"]["level"], new["run"]["level"]),
        ("document", old["document"]["sha256"][:12], new["document"]["sha256"][:12]),
        ("reading", old["reading"]["sha256"][:12], new["reading"]["sha256"][:12]),
    ):
        if first != second:
            yield f"{what}: {first}, {second}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
