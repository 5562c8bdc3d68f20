"""Whether a valid invoice is refused after one other and not after another one, each of which
leaves something else behind, such as the status of its order.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from causes.explained import Control
from causes.sightings import Sighting
from spec.exchange import Request
from spec.oracle import Verdict
from strategies.relations import consistent_statuses

AskedAfter = Callable[[Request, Request], tuple[Verdict | None, Verdict | None]]
"""The verdicts on a request and on the next one; None when nothing more may be sent."""


@dataclass(frozen=True, slots=True)
class Between:
    """What is refused, by name, and the invoices after which it is so and is not; the verdicts on
    the one before and on itself.
    """

    name: str
    wrong: str
    right: str
    first: Verdict
    shown: Verdict


@dataclass(slots=True)
class Succession:
    """Asks what is refused, or as plain an invoice, after each of some `plain` ones."""

    sighting: Sighting
    plain: Sequence[Control]
    asked: AskedAfter
    shows: Callable[[Verdict | None], bool]
    _last: tuple[Verdict, Verdict] | None = field(init=False, default=None)

    def found(self) -> Between | None:
        """Between which two invoices it is; None if between none."""
        tried = (self._between(name, request) for name, request in self._subjects())
        return next(filter(None, tried), None)

    def _subjects(self) -> Iterator[tuple[str, Request]]:
        """The plain invoice with the status of what was refused, and that itself."""
        contract, sent = self.sighting.contract, self.sighting.payload
        status = contract.relations.state.status
        fitting = consistent_statuses(contract, sent) if isinstance(sent, dict) else ()
        for each in self.plain:
            if isinstance(each.payload, dict) and each.payload.get(status) in fitting:
                yield each.name, each.verdict.exchange.request
        yield self.sighting.name, self.sighting.request

    def _between(self, name: str, request: Request) -> Between | None:
        right: Control | None = None
        wrong: Control | None = None
        for each in self.plain:
            if each.name == name or (right is not None and wrong is not None):
                continue
            failing = self._fails_after(each, request)
            right = each if failing is False else right
            wrong = each if failing else wrong
        if right is None or wrong is None or self._fails_after(right, request) is not False:
            return None
        if not self._fails_after(wrong, request) or self._last is None:
            return None
        return Between(name, wrong.name, right.name, *self._last)

    def _fails_after(self, before: Control, request: Request) -> bool | None:
        """Whether it is refused after a plain invoice; None where that is not accepted."""
        first, verdict = self.asked(before.verdict.exchange.request, request)
        if first is None or verdict is None:
            return None
        if not self.sighting.contract.operation.creates(first.exchange.response):
            return None
        failing = self.shows(verdict)
        self._last = (first, verdict) if failing else self._last
        return failing
