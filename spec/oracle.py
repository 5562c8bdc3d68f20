"""The oracle: judges an exchange from its bytes, whatever they are."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from spec.answers import answer, echo, errors
from spec.contract import CLIENT_ERRORS, Contract, TargetFacts
from spec.coverage import Coverage
from spec.exchange import Exchange, Request, Response, ShortRepr
from spec.expectation import Expectation, Expected, expect, sent_again
from spec.parameters import values_of
from spec.paths import Json, find
from spec.requirements import Level, Requirement
from spec.strictjson import value_of
from spec.violation import HIDE, Violation


class Nonconformance(AssertionError):
    """The server is wrong: the verdicts that say so, of the cases of these names.

    `asked` is how many cases there were; a test of one case has neither names nor number.
    """

    def __init__(self, *verdicts: "Verdict", names: tuple[str, ...] = (), asked: int = 1) -> None:
        # Pytest writes it as it is into the trace that --debug asks for.
        super().__init__(HIDE.get()(verdicts[0].failing[0].headline))
        self.verdicts = verdicts
        self.names = names
        self.asked = asked

    @property
    def verdict(self) -> "Verdict":
        """The first of them, which a report explains."""
        return self.verdicts[0]


IDEMPOTENCY = "idempotency-key"
"""The header field under which many servers keep the answer to a request."""
_NO_VALUES = hash(())


def _under_a_used_key(said: Expected) -> Expected:
    """What is expected of an invalid request under the Idempotency-Key of another one, which was
    accepted: a server, or a gateway before it, may say only that the key was used.
    """
    if said.expectation is not Expectation.REJECT or 401 in said.statuses:
        return said
    return replace(
        said, statuses=said.statuses | CLIENT_ERRORS, repeated=True, under_a_used_key=True
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """The expectation of an exchange and each way in which it is violated.

    `failing` are the violations that count at the run's level and are not waived. `judged` names
    the requirements that the exchange put to the test, kept or not; `answer` is the JSON value of
    the response's body, None where it has none or is too long: then the exchange has only the
    beginning of what was judged.
    """

    exchange: Exchange
    expected: Expected
    violations: tuple[Violation, ...]
    failing: tuple[Violation, ...]
    judged: frozenset[str]
    answer: Json = field(repr=False, compare=False)

    def enforce(self) -> None:
        """Raise Nonconformance unless nothing fails."""
        __tracebackhide__ = True
        if self.failing:
            raise Nonconformance(self)


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
    observe: Callable[[Verdict], None] = lambda _verdict: None
    _coverage: Coverage = field(init=False)
    _created: set[int] = field(default_factory=set)
    _given: set[int] = field(default_factory=set)
    """References and ids, which are in one set because two of half its size take twice as much."""
    _returned: set[int] = field(default_factory=set)
    """References, and bodies, of invoices that came back with another success than the documents
    have: such a one may be created, so that the next one like it is refused rightly.
    """
    _used_keys: dict[int, int] = field(default_factory=dict)
    """The body of the first invoice that was accepted under an Idempotency-Key, by hashes."""

    def __post_init__(self) -> None:
        self._coverage = Coverage(self.contract)

    def judge(
        self,
        exchange: Exchange,
        about: Requirement | None = None,
        before: Request | None = None,
        *,
        rival: bool = False,
        quiet: bool = False,
    ) -> Verdict:
        """The verdict of an exchange. Total: whatever the bytes, there is one.

        `about` changes no verdict: it names what the refusal of a valid request is put down to.
        `before` is the request that went before, where none of it may come back. A `rival` was in
        flight together with a request of the same references, so either may have come first. Of a
        `quiet` verdict nobody is told: it only helps to explain another one.
        """
        request = exchange.request
        expected = expect(self.contract, self.facts, request)
        references = self.contract.relations.new.of(expected.payload)
        expected = self._if_repeated(expected, exchange, references, rival=rival)
        once = hash(tuple(values_of(request.headers, IDEMPOTENCY)))
        if self._used_keys.get(once, hash(request.body)) != hash(request.body):
            expected = _under_a_used_key(expected)
        if exchange.twice or self.contract.operation.creates(exchange.response):
            self._created.add(hash(request.body))
            self._given.update(map(hash, references))
            if once != _NO_VALUES:
                self._used_keys.setdefault(once, hash(request.body))
        elif self._comes_back(exchange.response, references):
            self._returned.update((hash(request.body), *map(hash, references)))
        judgement = answer.judge(self._coverage, self.facts, exchange, expected, self._given, about)
        found = tuple(judgement.violations)
        if before is not None and exchange.response is not None:
            found += tuple(echo.leftovers(self.contract, before, expected, judgement.answer))
            if exchange.response.status >= 400:
                found += tuple(
                    errors.leftovers(self.contract, self.facts, before, expected, judgement.answer)
                )
        long = exchange.is_long
        verdict = Verdict(
            exchange.shortened() if long else exchange,
            expected,
            found,
            tuple(filter(self._counts, found)),
            frozenset(judgement.judged) | {violation.requirement.name for violation in found},
            None if long else judgement.answer,
        )
        if not quiet:
            self.observe(verdict)
        return verdict

    def charged(self, verdict: Verdict, violation: Violation) -> Verdict:
        """The verdict with this violation alone, which takes more than one exchange to see."""
        failing = (violation,) if self._counts(violation) else ()
        return replace(verdict, violations=(violation,), failing=failing)

    def _comes_back(
        self, response: Response | None, references: Collection[tuple[str, str]]
    ) -> bool:
        """Whether an invoice with one of these references comes back with a success."""
        if response is None or not 200 <= response.status < 300:
            return False
        answer, unwrapped = value_of(response.body), self.contract.wrapper.unwrapped
        invoice = unwrapped(answer) if isinstance(answer, dict | list) else None
        returned = self.contract.relations.new.of(find(invoice, ("data",)))
        return not returned.isdisjoint(references)

    def _if_repeated(
        self,
        expected: Expected,
        exchange: Exchange,
        references: Collection[tuple[str, str]],
        *,
        rival: bool,
    ) -> Expected:
        """What is expected once earlier invoices are thought of."""
        if exchange.twice:
            return sent_again(
                self.contract, expected, "it was sent twice, so the second answer says nothing"
            )
        response = exchange.response
        refused = response is not None and 400 <= response.status < 500
        returned = self._returned if refused else frozenset()
        body = hash(exchange.request.body)
        if body in self._created or body in returned:
            return sent_again(self.contract, expected, "the same invoice was created before")
        used = {one[0] for one in references if hash(one) in self._given or hash(one) in returned}
        if rival or used:
            names = ", ".join(sorted(used)) or "one that was in flight with this one"
            why = f"a reference was used in another invoice: {names}"
            is_new = not rival and used.isdisjoint(self.contract.relations.new.of_invoices)
            return sent_again(self.contract, expected, why, is_new=is_new)
        return expected

    def _counts(self, violation: Violation) -> bool:
        """Whether a violation fails the run."""
        requirement = violation.requirement
        at_level = self.level is Level.SHOULD or requirement.level is Level.MUST
        return at_level and requirement.name not in self.waived
