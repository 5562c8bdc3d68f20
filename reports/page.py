"""What one test came to: its page of the ledger, closed, as it travels between processes."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from reports.tally import Tally


class Outcome(StrEnum):
    """How a test ended. Failure, error and doubt never share a word, nor a colour in a report."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    DOUBT = "could not tell"
    SKIPPED = "skipped"
    UNFINISHED = "unfinished"


PREFIX = {
    Outcome.BROKEN: "[Suite error] ",
    Outcome.DOUBT: "[Could not tell] ",
    Outcome.UNFINISHED: "[Could not tell] ",
}
"""What the message of such an outcome begins with; a failure's begins with its category."""
KNOWN_PREFIX = "[Known (waived)] "


@dataclass(slots=True)
class Page:
    """One test: its node id, the sentence that it proves, the requirement that it is about, with
    its level and its clause's place (`spec/openapi.yaml:285`).

    `started` is in seconds since the epoch; `exchanges` are stored ones (`reports.stored`), by id.
    """

    test: str
    title: str = ""
    requirement: str | None = None
    level: str = "MUST"
    clause: str = ""
    outcome: Outcome = Outcome.UNFINISHED
    message: str = "The test did not run to its end."
    started: float = 0.0
    seconds: float = 0.0
    tally: Tally = field(default_factory=Tally)
    exchanges: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether it passes only because what it found is waived."""
        found = self.tally.findings.values()
        return self.outcome is Outcome.PASSED and any(finding.waived for finding in found)

    def as_json(self) -> str:
        """As JSON text, for the process that leads."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return json.dumps({**plain, "tally": self.tally.as_json()})

    @staticmethod
    def from_json(text: str) -> "Page":
        """What `as_json` gave."""
        data = json.loads(text)
        data["outcome"] = Outcome(data["outcome"])
        return Page(**{**data, "tally": Tally.from_json(data["tally"])})


_PLAIN = (
    "test",
    "title",
    "requirement",
    "level",
    "clause",
    "outcome",
    "message",
    "started",
    "seconds",
    "exchanges",
)
