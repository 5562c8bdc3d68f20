"""The ledger: what a run saw, test by test, small enough to travel between processes."""

import json
import sys
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from causes.cause import Cause
from causes.symptoms import is_of_the_answer
from findings.finding import Occurrence
from findings.rows import FORMS, HTTP, NO_ANSWER, form_key
from reports.rows import ExchangeRow
from spec.contract import Contract, TargetFacts
from spec.coverage import exhausted
from spec.exchange import Before, Drop, Request
from spec.expectation import Expectation
from spec.oracle import Verdict
from spec.paths import location_text
from spec.violation import Category, Violation
from targets.masking import Masker
from watch.features import case_of, features_of
from watch.timing import SLOW, bucket


class Outcome(StrEnum):
    """How a test ended. Failure, error and doubt never share a word, nor a colour in a report."""

    PASSED = "passed"
    FAILED = "failed"
    SUITE_ERROR = "broken"
    DOUBT = "could not tell"
    SKIPPED = "skipped"
    UNFINISHED = "unfinished"


PREFIX = {
    Outcome.SUITE_ERROR: "[Suite error] ",
    Outcome.DOUBT: "[Could not tell] ",
    Outcome.UNFINISHED: "[Could not tell] ",
}
"""How the message of such an outcome begins; that of a failure begins with its category."""
MILLISECONDS = 1_000
IDLE = 0.8
"""Seconds after which a server may close a kept connection as idle, just when a request comes (RFC
9112, section 9.5).
"""
UNANSWERED = "blocked: not asked, because requests of this kind get no answer in time"
"""The message of a test that was skipped for that."""
KNOWN_PREFIX = "[Known (waived)] "
COUNTERS = ("expectations", "observed", "edges", "forms", "times", "slow", "idle")
"""The names of the counts that are many."""
Told = tuple[Cause, Verdict]
"""A cause, and the verdict whose exchange shows a violation best that it explains."""
MOST_ACCEPTED, LONGEST_KEPT = 1_000, 16_384
"""Requests that were accepted and are kept, and bytes of the body of a request that is kept."""


@dataclass(slots=True)
class Counts:
    """Counts of one test or of a whole run.

    `observed` counts the exchanges that put a requirement to the test, `edges` the valid ones that
    reached its limit, both by name. `occurrences` are by requirement, category, test and cause,
    `causes` by id, `answers` by probe. `together` counts for each requirement that was violated in
    how many of these answers each other one was, and itself. `forms` counts for each requirement on
    answers with which status it was kept or broken (`form_key`). `carriers` are those that cases
    were sent in, as text, `outages` sentences on when the target was not there for a moment, and
    `drops` are how kept connections were closed on requests, which were sent again; `idle` counts
    for how many milliseconds nothing had been sent over those that answered.
    `times` counts how long answers took (`watch.timing`), `slow` those that took long by status,
    `last_day` is the earliest one of the certificates. `cases` has the features of each answer of
    one test by case (`watch.features`), and `others` those of another target.
    """

    requests: int = 0
    created: int = 0
    expectations: Counter[str] = field(default_factory=Counter)
    observed: Counter[str] = field(default_factory=Counter)
    edges: Counter[str] = field(default_factory=Counter)
    occurrences: dict[str, Occurrence] = field(default_factory=dict)
    causes: dict[str, Cause] = field(default_factory=dict)
    together: dict[str, Counter[str]] = field(default_factory=dict)
    forms: Counter[str] = field(default_factory=Counter)
    answers: dict[str, str] = field(default_factory=dict)
    carriers: set[tuple[str, ...]] = field(default_factory=set)
    times: Counter[str] = field(default_factory=Counter)
    slow: Counter[str] = field(default_factory=Counter)
    cases: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    others: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    outages: list[str] = field(default_factory=list)
    drops: list[Drop] = field(default_factory=list)
    idle: Counter[str] = field(default_factory=Counter)
    last_day: str = ""

    def add(self, other: "Counts") -> None:
        """Add other counts to these."""
        self.requests += other.requests
        self.created += other.created
        self.expectations.update(other.expectations)
        self.observed.update(other.observed)
        self.edges.update(other.edges)
        self.occurrences.update(other.occurrences)
        for known, cause in other.causes.items():
            self.causes.setdefault(known, cause)
        for name, others in other.together.items():
            self.together.setdefault(name, Counter()).update(others)
        self.forms += other.forms
        self.answers.update(other.answers)
        self.carriers |= other.carriers
        self.times.update(other.times)
        self.slow += other.slow
        self.outages += other.outages
        self.drops += other.drops
        self.idle += other.idle
        self.last_day = min(filter(None, (self.last_day, other.last_day)), default="")

    @property
    def resent(self) -> list[Drop]:
        """The drops that no idle connection explains."""
        return [drop for drop in self.drops if drop.idle < IDLE]

    def as_json(self) -> str:
        """As JSON text, for the process that leads."""
        data = {
            **{each.name: getattr(self, each.name) for each in fields(self)},
            "occurrences": {
                key: asdict(occurrence) for key, occurrence in self.occurrences.items()
            },
            "causes": {known: asdict(cause) for known, cause in self.causes.items()},
            "carriers": sorted(self.carriers),
        }
        return json.dumps(data)

    @staticmethod
    def from_json(text: str) -> "Counts":
        """The counts that `as_json` wrote."""
        data = json.loads(text, object_pairs_hook=_shared)
        found = data["occurrences"].items()
        data |= {
            **{name: Counter(data[name]) for name in COUNTERS},
            "occurrences": {key: Occurrence(**occurrence) for key, occurrence in found},
            "causes": {known: Cause(**cause) for known, cause in data["causes"].items()},
            "together": {name: Counter(others) for name, others in data["together"].items()},
            "carriers": {tuple(row) for row in data["carriers"]},
            "drops": [Drop(*drop) for drop in data["drops"]],
        }
        return Counts(**data)


def _shared(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON that has the texts of other entries where they are equal: most are."""
    return {
        sys.intern(name): sys.intern(value) if isinstance(value, str) else value
        for name, value in pairs
    }


@dataclass(slots=True)
class Entry:
    """One test: its node id, its docstring as `title`, and the requirement that it is about, with
    the level, file and line of its clause.

    `expected` and `got` are those of the violation that failed the test. `started` is in seconds
    since the epoch; `exchanges` are the stored ones by id (`reports.exchange_json`). It is `drawn`
    if Hypothesis draws what it asks.
    """

    test: str
    title: str = ""
    requirement: str | None = None
    level: str = "MUST"
    file: str = ""
    line: int = 0
    outcome: Outcome = Outcome.UNFINISHED
    message: str = "The test did not run to its end."
    expected: str = ""
    got: str = ""
    started: float = 0.0
    seconds: float = 0.0
    counts: Counts = field(default_factory=Counts)
    exchanges: dict[str, ExchangeRow] = field(default_factory=dict)
    drawn: bool = False

    @property
    def known(self) -> bool:
        """Whether it passes only because what it found is waived."""
        found = self.counts.occurrences.values()
        return self.outcome is Outcome.PASSED and any(occurrence.waived for occurrence in found)

    def mask(self, masker: Masker) -> None:
        """Hide the keys in all texts that may have come from a server.

        The exchanges hold none: `exchange_json.to_json` stores them without.
        """
        self.message = masker.mask(self.message)
        self.expected, self.got = masker.mask(self.expected), masker.mask(self.got)
        for occurrence in self.counts.occurrences.values():
            occurrence.place = masker.mask(occurrence.place)
            occurrence.to_name = masker.mask(occurrence.to_name)
            occurrence.about = [[*map(masker.mask, each)] for each in occurrence.about]
            occurrence.expected = masker.mask(occurrence.expected)
            occurrence.got = masker.mask(occurrence.got)
            occurrence.headline = masker.mask(occurrence.headline)
        for cause in self.counts.causes.values():
            cause.mask(masker)
        self.counts.outages = [masker.mask(each) for each in self.counts.outages]
        answers = self.counts.answers
        self.counts.answers = {probe: masker.mask(answer) for probe, answer in answers.items()}
        for cases in (self.counts.cases, self.counts.others):
            for case, listed in cases.items():
                cases[case] = [_masked(masker, tuple(each.items())) for each in listed]

    def as_json(self) -> str:
        """As JSON text, for the process that leads."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        return json.dumps({**plain, "counts": self.counts.as_json()})

    @staticmethod
    def from_json(text: str) -> "Entry":
        """The entry that `as_json` wrote."""
        data = json.loads(text, object_pairs_hook=_shared)
        data["outcome"] = Outcome(data["outcome"])
        return Entry(**{**data, "counts": Counts.from_json(data["counts"])})


def portable(entry: Entry, *, afar: bool) -> Entry | str:
    """The entry itself, or as JSON where it goes `afar` or what was found may change yet."""
    found = entry.counts.occurrences or entry.counts.causes
    return entry.as_json() if afar or found else entry


def ported(entry: Entry | str) -> Entry:
    """What `portable` was given."""
    return Entry.from_json(entry) if isinstance(entry, str) else entry


@lru_cache(maxsize=1024)
def _masked(masker: Masker, features: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Cached, because most answers of a run have the same features, which nobody changes."""
    return {_of_one(masker, key): _of_one(masker, text) for key, text in features}


@lru_cache(maxsize=4096)
def _of_one(masker: Masker, feature: str) -> str:
    return masker.mask(feature)


@lru_cache(maxsize=1024)
def _forms(judged: frozenset[str], status: int, broken: frozenset[str]) -> tuple[str, ...]:
    """The keys of `Counts.forms` of an answer; cached, because most answers test the same."""
    listed = filter(lambda name: name.startswith(FORMS), judged)
    return tuple(form_key(name, status, kept=name not in broken) for name in listed)


@dataclass(slots=True)
class Ledger:
    """Counts what the test that runs has seen; `observe` takes every verdict.

    `failing` has the last verdict of each occurrence, by its key; `last` is the last one of all.
    `refused` has the last request of the run that was answered with each status of an error, and
    `accepted` those that were accepted last.
    The features of answers are kept where the `facts` of the target are known, of a `watched` test:
    one that asks the same in each run.
    """

    contract: Contract
    waived: frozenset[str] = frozenset()
    facts: TargetFacts | None = None
    test: str = ""
    watched: bool = True
    counts: Counts = field(default_factory=Counts)
    failing: dict[str, Verdict] = field(default_factory=dict)
    last: Verdict | None = None
    refused: dict[int, Before] = field(default_factory=dict)
    accepted: deque[Request] = field(default_factory=lambda: deque(maxlen=MOST_ACCEPTED))

    def begin(self, test: str, *, watched: bool = True) -> None:
        """Start a new test, with nothing seen."""
        self.test, self.counts, self.failing, self.last = test, Counts(), {}, None
        self.watched = watched

    def observe(self, verdict: Verdict) -> None:
        """Count one verdict and its exchange."""
        counts = self.counts
        counts.requests += 1
        response = verdict.exchange.response
        if self.contract.operation.creates(response):
            counts.created += 1
            self._keep_accepted(verdict)
        self._keep_wire(verdict)
        counts.expectations[verdict.expected.expectation] += 1
        counts.observed.update(verdict.judged)
        if verdict.expected.expectation is Expectation.ACCEPT:
            counts.edges.update(exhausted(self.contract, verdict.expected.payload))
        self.last = verdict
        request = verdict.exchange.request
        if response is not None and response.status >= 400 and len(request.body) <= LONGEST_KEPT:
            self.refused[response.status] = Before(request, response.status)
        if self.watched:
            self._keep_features(verdict)
        self.add_occurrences(verdict)
        names = {violation.requirement.name for violation in verdict.violations}
        for name in names:
            counts.together.setdefault(name, Counter()).update(names)
        if response is not None:
            counts.forms.update(_forms(verdict.judged, response.status, frozenset(names)))

    def _keep_features(self, verdict: Verdict) -> None:
        exchange, expected = verdict.exchange, verdict.expected
        self.counts.times[bucket(expected.expectation, exchange.elapsed)] += 1
        if self.facts is not None:
            found = features_of(exchange, expected.payload, verdict.answer)
            self.counts.cases.setdefault(case_of(exchange.request, self.facts), []).append(found)

    def note(self, verdict: Verdict) -> None:
        """Count the exchange of a verdict that only explains another one."""
        self.counts.requests += 1
        if self.contract.operation.creates(verdict.exchange.response):
            self.counts.created += 1
            self._keep_accepted(verdict)
        self._keep_wire(verdict)

    def _keep_accepted(self, verdict: Verdict) -> None:
        if len(verdict.exchange.request.body) <= LONGEST_KEPT:
            self.accepted.append(verdict.exchange.request)

    def _keep_wire(self, verdict: Verdict) -> None:
        """Count an answer that took long, and how a request was sent in vain before, if it was."""
        drop, idle = verdict.exchange.drop, verdict.exchange.idle
        response, elapsed = verdict.exchange.response, verdict.exchange.elapsed
        if response is not None and elapsed >= SLOW:
            self.counts.slow[bucket(str(response.status), elapsed)] += 1
        if idle is not None:
            self.counts.idle[str(max(0, int(idle * MILLISECONDS)))] += 1
        if drop is not None and response is not None:  # without an answer it is a finding
            self.counts.drops.append(drop)
            self.counts.forms[form_key(HTTP, NO_ANSWER, kept=False)] += drop.idle < IDLE

    def attribute(self, violation: Violation, told: Iterable[Told], seen: Verdict) -> None:
        """Put a violation of this test that `observe` was told of, and that the verdict `seen` has,
        down to its cause, or to several of which each shows by itself.
        """
        occurrences, key = self.counts.occurrences, self.key(violation)
        counted = occurrences.get(key)
        if counted is not None:
            counted.times -= 1
            if not counted.times:
                del occurrences[key], self.failing[key]
        for cause, shown in told:
            self._attribute(violation, cause, shown, seen)

    def _attribute(self, violation: Violation, cause: Cause, shown: Verdict, seen: Verdict) -> None:
        occurrences = self.counts.occurrences
        self.counts.causes.setdefault(cause.id, cause)
        key = f"{self.key(violation)} {cause.id}"
        self.failing.setdefault(key, shown)
        if key in occurrences:
            occurrences[key].times += 1
            occurrences[key].add_about(violation.about)
        else:
            best = violation
            if shown.exchange.response is not None:  # else it was not waited for as long
                best = _as_shown(violation, shown.violations)
            occurrences[key] = self._row(replace(best, about=violation.about), cause.id)
        if self.watched and (facts := self.facts) is not None:
            occurrences[key].add_case(lambda: case_of(seen.exchange.request, facts))

    def add_occurrences(self, verdict: Verdict) -> None:
        """Keep the violations of a verdict whose exchange is counted."""
        occurrences = self.counts.occurrences
        for violation in verdict.violations:
            key = self.key(violation)
            earlier = occurrences.get(key)
            self.failing[key] = verdict
            occurrences[key] = self._row(violation)
            if earlier is not None:
                occurrences[key].times += earlier.times
                for each in earlier.about:
                    occurrences[key].add_about(each)

    def _row(self, violation: Violation, cause: str = "") -> Occurrence:
        requirement = violation.requirement
        return Occurrence(
            requirement=requirement.name,
            level=requirement.level,
            category=violation.category,
            where=violation.requirement.clause,
            file=requirement.file,
            line=requirement.line,
            place=violation.at,
            expected=violation.expected,
            got=violation.got,
            headline=violation.headline,
            test=self.test,
            waived=requirement.name in self.waived,
            cause=cause,
            expects_201=violation.expects_201,
            got_201=violation.got_201,
            to_name=location_text(violation.to_name) if violation.to_name else "",
            about=[[*violation.about]] if violation.about else [],
        )

    def key(self, violation: Violation) -> str:
        """The key of the occurrence that a violation belongs to in the test that runs."""
        return f"{violation.requirement.name} {violation.category} {self.test}"


def _as_shown(violation: Violation, shown: Sequence[Violation]) -> Violation:
    """The violation with what was expected of the request that is told, and what came."""
    alike = [each for each in shown if each.category == violation.category]
    same = [each for each in alike if each.requirement == violation.requirement]
    if same or is_of_the_answer(violation):
        return same[0] if same else violation
    # A request may be told that is valid, or that breaks something else.
    told = next((each for each in (*alike, *shown) if not is_of_the_answer(each)), violation)
    accepted = violation.category == Category.ACCEPTED_INVALID
    return replace(
        violation,
        category=told.category if accepted else violation.category,
        expected=told.expected,
        got=told.got,
        expects_201=told.expects_201,
        got_201=told.got_201,
    )
