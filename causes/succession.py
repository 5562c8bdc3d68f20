"""Whether a valid invoice is refused after one other and not after another one, each of which
leaves something else behind, such as the status of its order; or right after the same one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from causes.explained import Control
from causes.sightings import Sighting
from spec.exchange import Request
from spec.oracle import Verdict
from spec.violation import Category
from strategies.relations import consistent_statuses
from targets.stamp import unstamped_body

THE_SAME = "the invoice before it was the same, but for its references"
TIMES = 2
"""Times that what follows the same invoice is refused, and what follows another one is not."""

Asked = Callable[[Request], Verdict | None]
"""The verdict on a request that is sent again, as a new invoice; None when nothing more may be
sent.
"""
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


@dataclass(slots=True)
class Itself:
    """Asks whether it is refused right after the same invoice, as the second click of a user may
    be, and not after another one that was `accepted`.
    """

    sighting: Sighting
    accepted: Sequence[Request]
    asked: Asked
    shows: Callable[[Verdict | None], bool]
    _first: Verdict | None = field(init=False, default=None)

    def is_well_after_another(self) -> bool:
        """Whether it is accepted after another invoice, where the same was accepted before."""
        own = unstamped_body(self.sighting.request.body)
        if self.sighting.symptom.category != Category.REFUSED_VALID:
            return False
        alike = any(unstamped_body(each.body) == own for each in self.accepted)
        return alike and self._is_well(self.sighting.request)

    def found(self) -> Between | None:
        """The plain invoice, or what was refused, if it is so right after itself alone."""
        again = self.asked(self.sighting.request)
        if not self.shows(again):
            return None
        control = self.sighting.control
        tried = (
            self._refused(name, request)
            for name, request in (
                (control.name, control.verdict.exchange.request),
                (self.sighting.name, self.sighting.request),
            )
        )
        return next(filter(None, tried), None)

    def _refused(self, name: str, request: Request) -> Between | None:
        found = None
        for _ in range(TIMES):
            if not self._is_well(request) or self._first is None:
                return None
            first, shown = self._first, self.asked(request)
            if shown is None or not self.shows(shown):
                return None
            found = Between(name, THE_SAME, "", first, shown)
        return found

    def _is_well(self, request: Request) -> bool:
        """Whether it is accepted right after another one."""
        own = unstamped_body(request.body)
        others = [each for each in self.accepted if unstamped_body(each.body) != own]
        if not others:
            return False
        self.asked(others[-1])
        self._first = self.asked(request)
        response = self._first.exchange.response if self._first else None
        return self.sighting.contract.operation.creates(response)
