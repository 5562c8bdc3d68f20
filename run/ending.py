"""How a run ends: its exit status, from what was seen."""

from dataclasses import dataclass, field
from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses; the first six are pytest's own numbers."""

    CONFORMS = 0
    NONCONFORMANCE = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    NOTHING_RAN = 5
    COULD_NOT_TELL = 6


@dataclass(slots=True)
class Ending:
    """What the tests came to; `doubts` are the sentences on why the run could not tell."""

    nonconformances: int = 0
    errors: int = 0
    doubts: list[str] = field(default_factory=list)
    planned: int = 0
    reported: int = 0

    def status(self, pytests: int) -> int:
        """The run's exit status, given pytest's.

        What was found counts most: a nonconformance stays one, whatever else went wrong.
        """
        if pytests in (Exit.INTERNAL_ERROR, Exit.USAGE, Exit.NOTHING_RAN):
            return pytests
        if pytests == Exit.INTERRUPTED and not self.doubts:
            return pytests
        if self.nonconformances:
            return Exit.NONCONFORMANCE
        if self.errors:
            return Exit.INTERNAL_ERROR
        if self.doubts or self.reported < self.planned:
            return Exit.COULD_NOT_TELL
        return pytests if pytests > Exit.NOTHING_RAN else Exit.CONFORMS
