"""`python -m reports.compare OLD NEW`: what changed between two runs, from their records.

OLD may also be an accepted baseline, `spec/baselines/NAME.json`, of this target or of another one.
The exit status is 1 if something new is broken, 7 if only answers changed, 6 if no case was asked
both times, else 0. An answer that changed because a finding is fixed or new is no change by itself.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from findings.rows import FindingRow
from reports import history, record
from reports.command import Parser, say
from reports.escaping import one_line
from reports.fixed import answers_probe, as_fixed
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
    gone = [finding for key, finding in before.items() if key not in now]
    came = [finding for key, finding in now.items() if key not in before]
    fixed = [
        finding
        for finding in gone
        if history.is_fixed(new, finding["requirement"], finding["tests"][: history.MOST_TESTS])
    ]
    left = [finding for finding in gone if finding not in fixed]
    blocked = [finding for finding in left if history.is_blocked(new, finding)]
    counted = new["run"]["level"] == Level.SHOULD
    return Comparison(
        differs=tuple(_differences(old, new)),
        new=_headlines(came),
        fixed=_headlines(fixed),
        still=_headlines(cause for key, cause in now.items() if key in before),
        blocked=_headlines(blocked),
        not_asked=_headlines(finding for finding in left if finding not in blocked),
        answers=tuple(_answers(old, new, gone)) if counted else (),
        news=_news(old, new, gone, came) if counted else None,
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


def _findings(content: Record) -> dict[str, FindingRow]:
    """What breaks a requirement, the known findings too: they are still there."""
    return {
        history.name_of(finding): finding
        for finding in content["findings"]
        if finding["category"] != Category.DRIFT
    }


def _headlines(findings: Iterable[FindingRow]) -> tuple[str, ...]:
    return tuple(finding["headline"] for finding in findings)


def _answers(old: Record, new: Record, gone: Sequence[FindingRow]) -> Iterator[str]:
    """The probes that both runs asked and that were answered otherwise, although not wrong."""
    wrong = {node_parts(test).case for finding in gone for test in finding["tests"]}
    wrong |= {
        probe.name
        for probe in probes.load()
        for finding in gone
        if answers_probe(finding, probe, old["answers"].get(probe.name, ""))
    }
    for probe, answer in new["answers"].items():
        before = old["answers"].get(probe, answer)
        if before != answer and probe not in wrong:
            yield f"{probe}: {before}, now {answer}"


def _news(
    old: Record, new: Record, gone: Sequence[FindingRow], came: Sequence[FindingRow]
) -> NewsRow | None:
    """The changes case by case, where both runs have kept their answers: what is so for a finding
    that is gone or new is told as that.
    """
    if not (old.get("fingerprint") and new.get("fingerprint")):
        return None
    before, now = record.watched(old), record.watched(new)
    return as_fixed(before, now, gone).news(as_fixed(now, before, came)).as_json()


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
