"""The ledger: what a run saw, test by test."""

from dataclasses import dataclass, field

from reports.explain import headline, spelled, where
from reports.observed import Observer
from reports.tally import Finding, Tally
from spec.contract import Contract
from spec.edges import exhausted
from spec.expectation import Expectation
from spec.oracle import Verdict


@dataclass(slots=True)
class Ledger:
    """Keeps the tally of the test that runs; told of every verdict.

    `failing` has the last verdict of each finding, by its key, and `last` the last of all.
    """

    contract: Contract
    waived: frozenset[str] = frozenset()
    test: str = ""
    tally: Tally = field(default_factory=Tally)
    failing: dict[str, Verdict] = field(default_factory=dict)
    last: Verdict | None = None
    _observer: Observer = field(init=False)

    def __post_init__(self) -> None:
        self._observer = Observer(self.contract)

    def begin(self, test: str) -> None:
        """A new test starts, with nothing seen."""
        self.test, self.tally, self.failing, self.last = test, Tally(), {}, None

    def observe(self, verdict: Verdict) -> None:
        """Count one verdict."""
        tally = self.tally
        tally.requests += 1
        response = verdict.exchange.response
        if response is not None and response.status == 201:
            tally.created += 1
        tally.expectations[verdict.expected.expectation] += 1
        tally.observed.update(self._observer.names(verdict))
        if verdict.expected.expectation is Expectation.ACCEPT:
            tally.edges.update(exhausted(self.contract, verdict.expected.payload))
        self.last = verdict
        self.note(verdict)

    def note(self, verdict: Verdict) -> None:
        """Keep what departs in a verdict, its exchange counted already."""
        tally = self.tally
        for departure in verdict.departures:
            name = departure.requirement.name
            key = f"{name} {departure.category} {self.test}"
            self.failing[key] = verdict
            known = tally.findings.get(key)
            tally.findings[key] = Finding(
                name,
                departure.requirement.level,
                departure.category,
                where(departure),
                spelled(departure.place),
                departure.expected,
                departure.got,
                headline(departure),
                self.test,
                name in self.waived,
                known.times + 1 if known else 1,
            )
