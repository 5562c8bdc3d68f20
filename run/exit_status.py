"""How a run ends: its exit status, from what was seen."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from spec.oracle import Nonconformance
from targets.errors import CannotTellError


class ExitStatus(IntEnum):
    """The exit statuses; the first six are pytest's own numbers."""

    CONFORMS = 0
    NONCONFORMANCE = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    NOTHING_RAN = 5
    COULD_NOT_TELL = 6


OUTCOMES = {
    ExitStatus.CONFORMS: "the server conforms",
    ExitStatus.NONCONFORMANCE: "the server breaks requirements",
    ExitStatus.INTERRUPTED: "interrupted",
    ExitStatus.INTERNAL_ERROR: "the suite broke",
    ExitStatus.USAGE: "wrong usage",
    ExitStatus.NOTHING_RAN: "nothing ran",
    ExitStatus.COULD_NOT_TELL: "could not tell",
}
"""The exit statuses in words, as the record has them."""


class Meaning(StrEnum):
    """What an error in a test means: the server is wrong, or the run could not tell."""

    NONCONFORMANCE = "nonconformance"
    DOUBT = "doubt"


@dataclass(slots=True)
class Ending:
    """What the tests found; `doubts` are the sentences on why the run could not tell."""

    nonconformances: int = 0
    errors: int = 0
    doubts: list[str] = field(default_factory=list)
    planned: int = 0
    reported: int = 0

    def add(self, report: Any) -> None:
        """Count one of pytest's reports, whose `meaning` is what `meaning_of` said of its error."""
        if report.when == "call" or (report.when == "setup" and not report.passed):
            self.reported += 1
        match getattr(report, "meaning", None):
            case Meaning.NONCONFORMANCE:
                self.nonconformances += 1
            case Meaning.DOUBT:
                self.doubts.append(str(report.longrepr))
            case _ if report.failed:
                self.errors += 1

    def status(self, pytests: int) -> int:
        """The run's exit status, given pytest's.

        What was found counts most: a nonconformance stays one, whatever else went wrong.
        """
        if pytests in (ExitStatus.INTERNAL_ERROR, ExitStatus.USAGE, ExitStatus.NOTHING_RAN):
            return pytests
        if pytests == ExitStatus.INTERRUPTED and not self.doubts:
            return pytests
        if self.nonconformances:
            return ExitStatus.NONCONFORMANCE
        if self.errors:
            return ExitStatus.INTERNAL_ERROR
        if self.doubts or self.reported < self.planned:
            return ExitStatus.COULD_NOT_TELL
        return pytests if pytests > ExitStatus.NOTHING_RAN else ExitStatus.CONFORMS


def meaning_of(error: BaseException | None) -> Meaning | None:
    """What an error means; None where there is none, and where the suite itself broke."""
    if isinstance(error, Nonconformance):
        return Meaning.NONCONFORMANCE
    return Meaning.DOUBT if isinstance(error, CannotTellError) else None
