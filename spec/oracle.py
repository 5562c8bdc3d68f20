"""The oracle: judges an exchange from its bytes and says in words how it departs."""

from collections.abc import Callable
from dataclasses import dataclass, field

from spec import echo
from spec.answer import violations
from spec.contract import Contract, ShortRepr, TargetFacts
from spec.exchange import Exchange, Request
from spec.expectation import Expectation, Expected, expect, sent_again
from spec.requirements import Level, Requirement
from spec.violation import Violation


class Nonconformance(AssertionError):
    """The server is wrong: a requirement is not kept, as a verdict shows, and others like it."""

    def __init__(self, message: str, verdict: "Verdict", *others: "Verdict") -> None:
        super().__init__(message)
        self.verdict = verdict
        self.others = others


@dataclass(frozen=True, slots=True)
class Verdict:
    """The expectation of an exchange and each way it departs from it.

    `failing` are the violations that count at the run's level and are not waived.
    """

    exchange: Exchange
    expected: Expected
    violations: tuple[Violation, ...]
    failing: tuple[Violation, ...]
    explain: Callable[["Verdict"], str] = field(repr=False, compare=False)

    def enforce(self) -> None:
        """Raise Nonconformance, with the verdict explained, unless nothing fails."""
        __tracebackhide__ = True
        if self.failing:
            raise Nonconformance(self.explain(self), self)


def in_a_line(verdict: Verdict) -> str:
    """The first violation in one line, for those who have no report at hand."""
    first = verdict.failing[0]
    return (
        f"[{first.category}] {first.requirement} ({first.requirement.level}): "
        f"expected {first.expected}, got {first.got}"
    )


@dataclass(slots=True, repr=False)
class Oracle(ShortRepr):
    """Judges the exchanges of one run; of earlier ones it remembers ids and invoices by their hash.

    `level` is what fails a run, `waived` the names of requirements with a waiver, and `observe`
    is told of every verdict.
    """

    contract: Contract
    facts: TargetFacts
    level: Level = Level.SHOULD
    waived: frozenset[str] = frozenset()
    explain: Callable[[Verdict], str] = in_a_line
    observe: Callable[[Verdict], None] = lambda _verdict: None
    _seen: dict[str, object] = field(default_factory=dict)
    _created: set[int] = field(default_factory=set)

    def judge(
        self,
        exchange: Exchange,
        about: Requirement | None = None,
        before: Request | None = None,
    ) -> Verdict:
        """The verdict of an exchange. Total: whatever the bytes, there is one.

        `about` changes no verdict: it names what the refusal of a valid request is put down to.
        `before` is the request that went before, where none of it may come back.
        """
        request = exchange.request
        expected = expect(self.contract, self.facts, request.method, request.headers, request.body)
        if expected.expectation is Expectation.ACCEPT and hash(request.body) in self._created:
            expected = sent_again(expected)
        elif exchange.response is not None and exchange.response.status == 201:
            self._created.add(hash(request.body))
        found = tuple(violations(self.contract, exchange, expected, self._seen, about))
        if before is not None:
            found += tuple(echo.leftovers(self.contract, before, exchange, expected))
        failing = tuple(
            violation
            for violation in found
            if violation.requirement.name not in self.waived
            and (self.level is Level.SHOULD or violation.requirement.level is Level.MUST)
        )
        verdict = Verdict(exchange, expected, found, failing, self.explain)
        self.observe(verdict)
        return verdict
