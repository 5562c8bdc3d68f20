"""The counts and findings of a test or a run, small enough to travel between processes."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field


@dataclass(slots=True)
class Finding:
    """One departure of one requirement as one test saw it, the last (smallest) time it did.

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
class Tally:
    """Counts of one test or of a whole run.

    `observed` counts the exchanges that put a requirement to the test: that broke only this one,
    or whose answer had what it speaks of; `edges` the sound ones that sat at its edge. `findings`
    are by requirement, category and test, `answers` those to the probes by name.
    """

    requests: int = 0
    created: int = 0
    expectations: Counter[str] = field(default_factory=Counter)
    observed: Counter[str] = field(default_factory=Counter)
    edges: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
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
    def from_json(text: str) -> "Tally":
        """What `as_json` gave."""
        data = json.loads(text)
        return Tally(
            data["requests"],
            data["created"],
            Counter(data["expectations"]),
            Counter(data["observed"]),
            Counter(data["edges"]),
            {key: Finding(**found) for key, found in data["findings"].items()},
            data["answers"],
        )
