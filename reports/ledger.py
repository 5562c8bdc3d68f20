"""The ledger: what a run saw, test by test, small enough to travel between processes."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from reports.explain import headline, where
from spec.contract import Contract
from spec.expectation import Expectation
from spec.oracle import Verdict
from spec.requirements import Level, Requirement
from spec.strictjson import Malformed, parse


@dataclass(slots=True)
class Finding:
    """One departure of one requirement as one test saw it, the last (smallest) time it did."""

    requirement: str
    level: str
    category: str
    where: str
    expected: str
    got: str
    headline: str
    test: str
    waived: bool
    times: int = 1


@dataclass(slots=True)
class Tally:
    """Counts of one test or of a whole run.

    `observed` counts the exchanges that put a requirement to the test: that broke only this one,
    or whose answer had what it speaks of. `findings` are by requirement, category and test.
    """

    requests: int = 0
    created: int = 0
    expectations: Counter[str] = field(default_factory=Counter)
    observed: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Take another tally in."""
        self.requests += other.requests
        self.created += other.created
        self.expectations += other.expectations
        self.observed += other.observed
        self.findings.update(other.findings)

    def as_json(self) -> str:
        """As JSON text, for the process that leads."""
        data = {
            "requests": self.requests,
            "created": self.created,
            "expectations": dict(self.expectations),
            "observed": dict(self.observed),
            "findings": {key: asdict(found) for key, found in self.findings.items()},
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
            {key: Finding(**found) for key, found in data["findings"].items()},
        )


@dataclass(slots=True)
class Ledger:
    """Keeps the tally of the test that runs; told of every verdict."""

    contract: Contract
    waived: frozenset[str] = frozenset()
    level: Level = Level.SHOULD
    test: str = ""
    tally: Tally = field(default_factory=Tally)
    _shapes: dict[object, tuple[str, ...]] = field(default_factory=dict)

    def begin(self, test: str) -> None:
        """A new test starts, with nothing seen."""
        self.test, self.tally = test, Tally()

    def observe(self, verdict: Verdict) -> None:
        """Count one verdict."""
        tally = self.tally
        tally.requests += 1
        response = verdict.exchange.response
        if response is not None and response.status == 201:
            tally.created += 1
        tally.expectations[verdict.expected.expectation] += 1
        tally.observed.update(self._observed(verdict))
        for departure in verdict.departures:
            name = departure.requirement.name
            key = f"{name} {departure.category} {self.test}"
            known = tally.findings.get(key)
            tally.findings[key] = Finding(
                name,
                departure.requirement.level,
                departure.category,
                where(departure),
                departure.expected,
                departure.got,
                headline(departure),
                self.test,
                name in self.waived,
                known.times + 1 if known else 1,
            )

    def _observed(self, verdict: Verdict) -> Iterator[str]:
        causes = verdict.expected.causes
        if len(causes) == 1:
            yield causes[0].requirement.name
        elif causes and 401 in causes[0].statuses:
            yield "security.first"
        yield from ("response.http", "response.status", "response.documented", "response.secret")
        response = verdict.exchange.response
        if response is None:
            return
        if response.status == 201 and verdict.expected.expectation is not Expectation.REJECT:
            yield from ("201.status", "201.mediaType", "201.json")
            yield from self._of_body(verdict, "201")
        elif 400 <= response.status < 500:
            yield from ("4xx.status", "4xx.mediaType", "4xx.json", "4xx.leak")
            yield from self._of_body(verdict, "4xx")

    def _of_body(self, verdict: Verdict, part: str) -> tuple[str, ...]:
        """The requirements on an answer's body that have something to speak of in this one."""
        response = verdict.exchange.response
        assert response is not None
        try:
            value = parse(response.body).value
        except Malformed:
            return ()
        sent = verdict.expected.payload
        accepted = verdict.expected.expectation is Expectation.ACCEPT
        shape = (part, accepted, _shape(value), _shape(sent) if accepted else None)
        if shape not in self._shapes:
            self._shapes[shape] = tuple(self._judged(part, value, sent if accepted else None))
        return self._shapes[shape]

    def _judged(self, part: str, value: Any, sent: Any) -> Iterator[str]:
        for requirement in self.contract.requirements:
            if requirement.part != part:
                continue
            if any(_stands(value, path) for path in _touched(requirement, sent)):
                yield requirement.name


def _touched(requirement: Requirement, sent: Any) -> Iterator[tuple[str, ...]]:
    """Where in an answer a requirement on it needs something to stand for it to be observed."""
    path = requirement.path
    if requirement.keyword == "echo" and not _stands(sent, path[1:]):
        return
    if requirement.keyword in ("product", "unique") and sent is None:
        return
    if requirement.keyword == "required":
        yield path[:-1]
    elif requirement.keyword == "names":
        yield ("details",)
    elif path or requirement.keyword == "type":
        yield path


def _stands(value: Any, path: tuple[str, ...]) -> bool:
    """Whether something stands at an instance path; the first element speaks for its list."""
    for key in path:
        if key == "[]":
            if not isinstance(value, list) or not value:
                return False
            value = value[0]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return False
    return True


def _shape(value: Any) -> object:
    """What distinguishes two JSON values for the ledger: their keys, and their first elements'."""
    if isinstance(value, dict):
        return tuple((key, _shape(child)) for key, child in value.items())
    if isinstance(value, list):
        return ("[]", _shape(value[0])) if value else "[]"
    return None
