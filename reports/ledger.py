"""The ledger: what a run saw, test by test, small enough to travel between processes."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from spec.contract import Contract
from spec.coverage import exhausted
from spec.expectation import Expectation
from spec.oracle import Verdict


@dataclass(slots=True)
class Finding:
    """One violation of one requirement as one test saw it, the last (smallest) time it did.

    `place` is the instance path; `exchange` the id of the stored exchange, once there is one.
    """

    requirement: str
    level: str
    category: str
    where: str
    place: str
    expected: str
    got: str
    headline: str
    test: str
    waived: bool
    times: int = 1
    exchange: str = ""


@dataclass(slots=True)
class Counts:
    """Counts of one test or of a whole run.

    `observed` counts the exchanges that put a requirement to the test: that broke only this one,
    or whose answer had what it speaks of; `edges` the valid ones that sat at its edge. `findings`
    are by requirement, category and test, `answers` those to the probes by name.
    """

    requests: int = 0
    created: int = 0
    expectations: Counter[str] = field(default_factory=Counter)
    observed: Counter[str] = field(default_factory=Counter)
    edges: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    def add(self, other: "Counts") -> None:
        """Take another tally in."""
        self.requests += other.requests
        self.created += other.created
        self.expectations += other.expectations
        self.observed += other.observed
        self.edges += other.edges
        self.findings.update(other.findings)
        self.answers.update(other.answers)

    def as_json(self) -> str:
        """As JSON text, for the process that leads."""
        data = {
            "requests": self.requests,
            "created": self.created,
            "expectations": dict(self.expectations),
            "observed": dict(self.observed),
            "edges": dict(self.edges),
            "findings": {key: asdict(found) for key, found in self.findings.items()},
            "answers": self.answers,
        }
        return json.dumps(data)

    @staticmethod
    def from_json(text: str) -> "Counts":
        """What `as_json` gave."""
        data = json.loads(text)
        return Counts(
            data["requests"],
            data["created"],
            Counter(data["expectations"]),
            Counter(data["observed"]),
            Counter(data["edges"]),
            {key: Finding(**found) for key, found in data["findings"].items()},
            data["answers"],
        )


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
class Entry:
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
    counts: Counts = field(default_factory=Counts)
    exchanges: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether it passes only because what it found is waived."""
        found = self.counts.findings.values()
        return self.outcome is Outcome.PASSED and any(finding.waived for finding in found)

    def as_json(self) -> str:
        """As JSON text, for the process that leads."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return json.dumps({**plain, "counts": self.counts.as_json()})

    @staticmethod
    def from_json(text: str) -> "Entry":
        """What `as_json` gave."""
        data = json.loads(text)
        data["outcome"] = Outcome(data["outcome"])
        return Entry(**{**data, "counts": Counts.from_json(data["counts"])})


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


@dataclass(slots=True)
class Ledger:
    """Keeps the tally of the test that runs; told of every verdict.

    `failing` has the last verdict of each finding, by its key, and `last` the last of all.
    """

    contract: Contract
    waived: frozenset[str] = frozenset()
    test: str = ""
    counts: Counts = field(default_factory=Counts)
    failing: dict[str, Verdict] = field(default_factory=dict)
    last: Verdict | None = None

    def begin(self, test: str) -> None:
        """A new test starts, with nothing seen."""
        self.test, self.counts, self.failing, self.last = test, Counts(), {}, None

    def observe(self, verdict: Verdict) -> None:
        """Count one verdict."""
        counts = self.counts
        counts.requests += 1
        response = verdict.exchange.response
        if response is not None and response.status == 201:
            counts.created += 1
        counts.expectations[verdict.expected.expectation] += 1
        counts.observed.update(verdict.judged)
        if verdict.expected.expectation is Expectation.ACCEPT:
            counts.edges.update(exhausted(self.contract, verdict.expected.payload))
        self.last = verdict
        self.note(verdict)

    def note(self, verdict: Verdict) -> None:
        """Keep what departs in a verdict, its exchange counted already."""
        counts = self.counts
        for violation in verdict.violations:
            name = violation.requirement.name
            key = f"{name} {violation.category} {self.test}"
            self.failing[key] = verdict
            known = counts.findings.get(key)
            counts.findings[key] = Finding(
                name,
                violation.requirement.level,
                violation.category,
                violation.clause,
                violation.at,
                violation.expected,
                violation.got,
                violation.headline,
                self.test,
                name in self.waived,
                known.times + 1 if known else 1,
            )
