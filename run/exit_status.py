"""How a run ends: its exit status, from what was seen."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from findings.finding import Occurrence
from findings.rows import FindingRow
from reports.failure import unexplained
from reports.ledger import Entry, Outcome
from spec.oracle import Nonconformance
from spec.requirements import Level
from spec.violation import Category, counted
from targets.errors import CannotTellError, no_more_files


class ExitStatus(IntEnum):
    """The exit statuses; the first six are pytest's own numbers."""

    CONFORMS = 0
    NONCONFORMANCE = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    NOTHING_RAN = 5
    COULD_NOT_TELL = 6
    DRIFT = 7


OUTCOMES = {
    ExitStatus.CONFORMS: "the server conforms",
    ExitStatus.NONCONFORMANCE: "the server breaks requirements",
    ExitStatus.INTERRUPTED: "interrupted",
    ExitStatus.INTERNAL_ERROR: "the suite broke",
    ExitStatus.USAGE: "wrong usage",
    ExitStatus.NOTHING_RAN: "nothing ran",
    ExitStatus.COULD_NOT_TELL: "could not tell",
    ExitStatus.DRIFT: "nothing is broken",
}

_SINCE = re.compile(r"(?<= since about request )\d+(\..*)?", re.DOTALL)
"""From which request on it was so, as one process knows, and what that may be of."""
NOT_COUNTED = ("known", "noted")
"""The verdicts of findings that break a requirement and do not fail the run."""
VERDICTS = frozenset({ExitStatus.CONFORMS, ExitStatus.NONCONFORMANCE, ExitStatus.DRIFT})
"""How a run ends that could tell what it asked."""


class Meaning(StrEnum):
    """What an error in a test means: the server is wrong, only gave another answer than the
    accepted one, or the run could not tell, or may do no more on this machine.
    """

    NONCONFORMANCE = "nonconformance"
    DRIFT = "drift"
    DOUBT = "doubt"
    LIMIT = "limit"


OUTCOME_OF = {
    Meaning.NONCONFORMANCE: Outcome.FAILED,
    Meaning.DRIFT: Outcome.FAILED,
    Meaning.DOUBT: Outcome.DOUBT,
    Meaning.LIMIT: Outcome.SUITE_ERROR,
}
"""How a test ends whose error means something; any other error is the suite's own."""


@dataclass(slots=True)
class Ending:
    """What the tests found; `doubts` are the sentences on why the run could not tell.

    `stopped` says that pytest ended the tests by itself, as `-x` has it do, so nobody interrupted
    them. `suite_errors` are the sentences on what the suite could not do, such as write a report.
    """

    nonconformances: int = 0
    drifts: int = 0
    errors: int = 0
    doubts: list[str] = field(default_factory=list)
    suite_errors: list[str] = field(default_factory=list)
    planned: int = 0
    reported: int = 0
    stopped: bool = False

    def add(self, report: Any) -> None:
        """Count one of pytest's reports, whose `meaning` is what `meaning_of` said of its error."""
        if report.when == "call" or (report.when == "setup" and not report.passed):
            self.reported += 1
        match getattr(report, "meaning", None):
            case Meaning.NONCONFORMANCE:
                self.nonconformances += 1
            case Meaning.DRIFT:
                self.drifts += 1
            case Meaning.DOUBT:
                self.doubts.append(str(report.longrepr))
            case Meaning.LIMIT:
                self.suite_errors.append(str(report.longrepr))
            case _ if report.failed:
                self.errors += 1

    @property
    def sentences(self) -> list[str]:
        """The doubts, each once: workers tell of one outage from other requests on."""
        return once(self.doubts)

    @property
    def cannot_tell(self) -> ExitStatus:
        """The exit status of a run that could ask nothing: its own fault, or not."""
        return ExitStatus.INTERNAL_ERROR if self.suite_errors else ExitStatus.COULD_NOT_TELL

    def unexplained(self, error: Exception) -> str:
        """Count an error of the suite, because of which what was found is told without why; the
        sentence on it.
        """
        told = unexplained(error)
        self.errors += 1
        self.doubts.append(told)
        return told

    def add_unfinished(self, entry: Entry, level: Level) -> None:
        """Count what a test had found before it could go no further."""
        if entry.outcome in (Outcome.DOUBT, Outcome.SUITE_ERROR):
            self.nonconformances += any(
                counts(each, level) for each in entry.counts.occurrences.values()
            )

    def status(self, pytests: int) -> int:
        """The run's exit status, given pytest's.

        A fault of ours comes first. Then what was found counts most: a nonconformance stays one,
        whatever else went wrong.
        """
        if self.suite_errors:
            return ExitStatus.INTERNAL_ERROR
        if pytests in (ExitStatus.INTERNAL_ERROR, ExitStatus.USAGE, ExitStatus.NOTHING_RAN):
            return pytests
        if pytests == ExitStatus.INTERRUPTED and not self.doubts and not self.stopped:
            return pytests
        if self.nonconformances:
            return ExitStatus.NONCONFORMANCE
        if self.errors:
            return ExitStatus.INTERNAL_ERROR
        if self.doubts or self.reported < self.planned:
            return self._unfinished()
        if self.drifts:
            return ExitStatus.DRIFT
        return pytests if pytests > ExitStatus.NOTHING_RAN else ExitStatus.CONFORMS

    def _unfinished(self) -> ExitStatus:
        """Of a run that did not send all: that of a changed answer, where `-x` ended it at one."""
        if self.stopped and self.drifts and not self.doubts:
            return ExitStatus.DRIFT
        return ExitStatus.COULD_NOT_TELL


def once(doubts: Sequence[str]) -> list[str]:
    """Each doubt once, as one process told it."""
    first = {_SINCE.sub("", each): each for each in reversed(doubts)}
    return [*first.values()][::-1]


def meaning_of(error: BaseException | None) -> Meaning | None:
    """What an error means; None where there is none, and where the suite itself broke."""
    if isinstance(error, Nonconformance):
        failing = [each for verdict in error.verdicts for each in verdict.failing]
        drifted = all(each.category is Category.DRIFT for each in failing)
        return Meaning.DRIFT if drifted else Meaning.NONCONFORMANCE
    if no_more_files(error):
        return Meaning.LIMIT
    return Meaning.DOUBT if isinstance(error, CannotTellError) else None


def counts(occurrence: Occurrence, level: Level) -> bool:
    """Whether an occurrence says that the server breaks a requirement, at the level of the run."""
    at_level = level is Level.SHOULD or occurrence.level == Level.MUST
    return at_level and not occurrence.waived and occurrence.category != Category.DRIFT


def outcome(status: int, changed: int, found: Iterable[FindingRow] = ()) -> str:
    """A run's exit status in words, with the number of answers that changed, and of what was
    found and does not count: who reads only this is not told that there is nothing.
    """
    words, answers = OUTCOMES[ExitStatus(status)], f"{counted(changed, 'answer')} changed"
    sums = Counter(finding["verdict"] for finding in found)
    told = [counted(sums[each], f"{each} finding") for each in NOT_COUNTED if sums[each]]
    if told and status in (ExitStatus.CONFORMS, ExitStatus.DRIFT):
        words = f"{words}, apart from {' and '.join(told)}"
    if status == ExitStatus.DRIFT:
        return f"{answers}, {words}"
    return f"{words}; {answers}" if changed and status in VERDICTS else words
