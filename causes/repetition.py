"""Why a request fails only sometimes: after which other one, beside which, or how often."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from causes.cause import (
    AFTER,
    ANY,
    ANY_INVOICE,
    BEFORE_IT,
    CONCURRENT,
    CONNECTION,
    NOW_AND_THEN,
    OVER_IT,
    RARELY,
    REFERENCES,
    SOMETIMES,
)
from causes.explained import Control
from causes.kinds.api_keys import lacks_right, without_key
from causes.kinds.in_flight import ALONE, OTHERS, InFlight
from causes.kinds.lockout import Alone
from causes.preceding import (
    in_a_row,
    of_its_stamp,
    one_of_many,
    preceding,
    sent_alike,
    stamp_after,
    with_its_references_alone,
)
from causes.sightings import Sighting, payload_of
from causes.succession import Itself, Succession
from causes.used_references import in_common
from spec.contract import PLACEHOLDER, TargetFacts
from spec.exchange import Before, HttpFault, Request
from spec.oracle import Verdict
from spec.paths import Path
from spec.violation import Category, counted
from targets.stamp import have_one_stamp, stamp_in, unstamped_body

MOST_BEFORE = 4
"""Requests that may have gone before and be to blame, which are tried."""
TO_COUNT = 8
"""Times that a request is sent at least to say how often it fails."""
MOST_PAIRS, TWICE = 6, 2
"""Times that a request that got no answer is sent after the one before it, whose own answer may
have left something behind that has come by then or not; and how often it has to show.
"""
RARE, TO_COME = 8, 0.05
"""One time in so many, of as many as `ALONE`, a request may fail that has nothing to do with it;
seconds in which an answer comes that was not asked for.
"""
NO_ANSWER, INVOICE_BEFORE, SUCCESS = "got no answer", "the invoice before it was", 201

Resend = Callable[[Request, str], Verdict | None]
"""Sends a request again, as a new invoice or with this stamp; None when no more may be sent."""
Together = Callable[[Sequence[Request]], Sequence[Verdict]]
"""Sends requests at once; no verdict when nothing more may be sent."""
Send = Callable[[bytes, Request | None], Verdict | None]
"""Sends a body as a request was sent, or as usual; None when nothing more may be sent."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How a server is asked more. `refusal` gives the verdict on a plain invalid invoice and
    `stranger` that on a wrong key, `befores` requests of which one may have to go before; `apart`
    has the next one go over a connection of its own. `others` gives invoices beside the control,
    and `accepted` requests that were accepted. As many as the `width` may be in flight; the `facts`
    say which orders are known, and when the run began.
    """

    send: Send
    refusal: Callable[[], Verdict | None]
    facts: TargetFacts
    stranger: Callable[[], Verdict | None] = lambda: None
    together: Together = lambda _: ()
    befores: Callable[[], Sequence[Before]] = tuple
    apart: Callable[[], None] = lambda: None
    others: Callable[[], Sequence[Control]] = tuple
    accepted: Callable[[], Iterable[Request]] = tuple
    width: int = 1


@dataclass(frozen=True, slots=True)
class Unsteady:
    """What it depends on whether a request fails, in words, and a verdict that shows it.

    `after` is the status of the answer to the request before it, where that is to blame, and the
    `same` has to be in both; `first` is the verdict on that request, `before` how it was answered.
    """

    trait: str
    difference: Sequence[str]
    works: str
    fails: str
    shown: Verdict
    after: int | None = None
    same: Sequence[Path] = ()
    first: Verdict | None = None
    before: str = ""


@dataclass(slots=True)
class Repeating:
    """Asks again what was answered wrong, but not each time; `wrong` and `well` count the answers.

    `befores` are requests, with the answers they get, one of which may have to go before; `own` are
    those of them that did.
    """

    sighting: Sighting
    asking: Asking
    resend: Resend
    shows: Callable[[Verdict | None], bool]
    befores: Sequence[Before]
    own: Sequence[Before] = ()
    wrong: int = 1
    well: int = 0
    shown: Verdict = field(init=False)
    alone: Alone = field(init=False)
    first: Verdict | None = None

    def __post_init__(self) -> None:
        self.shown = self.sighting.verdict
        self.alone = Alone(self.sighting, self.asking.apart, self._ask, self._shows)

    def unsteady(self) -> Unsteady | None:
        """What it depends on, as far as asking tells; else how often it is so. None where it is so
        each time after all.
        """
        if not self.well:
            self.asking.apart()
            self._ask(self.sighting.request)
        if not self.well:
            counted = self.not_always()
            return counted if self.well else self.after_one_of_two()
        return (
            (self.with_others() if self.sighting.symptom.is_of_ids else None)
            or self.first_of_a_connection()
            or self.after_another()
            or self.with_its_references([(self.sighting.name, self.sighting.request)])
            or self.after_one_of_two()
            or self.with_others()
            or self.not_always()
        )

    def first_of_a_connection(self) -> Unsteady | None:
        """That it shows in the first request over a connection, and in no other; None if not."""
        return next(filter(None, (self._first(*each) for each in self._asked())), None)

    def _first(self, name: str, request: Request) -> Unsteady | None:
        shown = self.shown
        for others in (1, 2):  # not the same number, as each second or third request may fail
            self.asking.apart()
            for is_first in (True, *[False] * others):
                verdict = self._ask(request)
                if verdict is None or self.shows(verdict) is not is_first:
                    return None
                shown = verdict if is_first else shown
        works, fails = f"{name}, the second over a connection", f"{name}, the first over one"
        return Unsteady(CONNECTION, [CONNECTION], works, fails, shown)

    def after_another(self) -> Unsteady | None:
        """That it shows only after another request, in the plain invoice or in what was sent; None
        if not.
        """
        for before in self.befores[:MOST_BEFORE]:
            same = have_one_stamp(before.request, self.sighting.request)
            for name, request in self._asked():
                unsteady = self._after(before, name, request, same=same)
                if unsteady is not None:
                    return unsteady
        return self._after_one_of_many()

    def _after_one_of_many(self) -> Unsteady | None:
        """That it shows after a request which may be any number before it over the connection; None
        if not.
        """
        many = in_a_row(self.sighting, self.befores[MOST_BEFORE:], self.asking.accepted())
        if len(many) < TWICE or not self._shows_after_all(many):
            return None
        one = one_of_many(many, self._shows_after_all)
        self.own = [*self.own, one]
        found = (self._after(one, name, each, same=False) for name, each in self._asked())
        return next(filter(None, found), None)

    def _shows_after_all(self, many: Sequence[Before]) -> bool:
        """Whether it shows after all of these, which are sent in a row."""
        self.asking.apart()
        for each in many:
            if self.asking.send(unstamped_body(each.request.body), each.request) is None:
                return False
        return self._shows(self._ask(self.sighting.request))

    def _shows(self, verdict: Verdict | None) -> bool:
        """Whether a verdict shows it; of what gets no answer also if it was sent in vain over the
        connection, and then over another one.
        """
        broken = self.sighting.verdict.exchange.broken
        lost = broken in (HttpFault.CLOSED, HttpFault.OTHER) and verdict is not None
        return self.shows(verdict) or bool(lost and verdict and verdict.exchange.drop)

    def _asked(self) -> Iterator[tuple[str, Request]]:
        """What may show it, by name: the plain invoice, without the right key if that is what it is
        about, and what was sent itself.
        """
        sighting, plain = self.sighting, self.sighting.control
        key = sighting.contract.key_header
        usual = plain.verdict.exchange.request
        if sighting.symptom.category == Category.AUTHENTICATION and key:
            known = lacks_right(sighting.contract, self.asking.facts, sighting.request)
            lack, request = without_key(usual, sighting.request, key, lacks_right=known)
            yield f"{plain.name} with {lack}", request
        elif sighting.symptom.category != Category.WRONG_STATUS:
            yield plain.name, usual
        yield sighting.name, sighting.request

    def with_its_references(self, asked: Sequence[tuple[str, Request]]) -> Unsteady | None:
        """That it shows only after the plain invoice, or one with its stamp, and the references."""
        plain = self.sighting.control.verdict.exchange
        before = Before(plain.request, plain.response.status if plain.response else None)
        befores = chain([before], of_its_stamp(self.sighting, self.asking.accepted(), self.own))
        stamped = [each for each in asked if stamp_in(each[1].body)]
        tried = (self._after(before, *each, same=True) for before in befores for each in stamped)
        return next(filter(None, tried), None)

    def _after(self, before: Before, name: str, request: Request, *, same: bool) -> Unsteady | None:
        """That it shows only after this request, with the same references; None if not."""
        silent = self.sighting.verdict.exchange.response is None
        most = MOST_PAIRS if silent and before in self.own else TWICE
        shown = self._follows(before.request, request, most, same=same)
        if shown is None:
            return None
        first = self.first
        plain = sent_alike(self.sighting, before.request) if before in self.own else None
        if plain is not None and self._is_after(plain, request, most, same=same):
            first, response = self.first, self.first and self.first.exchange.response
            before = Before(plain, response.status if response else None)
            self.own = [*self.own, before]
        if name == self.sighting.name:
            name, request = self._as_plain(before, request, most, same=same)
            if same and before not in self.befores:
                before = self._less(before, request)
            if (again := self._asked_after(before.request, request, same=same)) and self.shows(
                again
            ):
                shown, first = again, self.first
        same = same and not self.shows(self._asked_after(before.request, request, same=False))
        apart = self._asked_after(before.request, request, same=same, apart=True)
        begins = BEFORE_IT if apart is None or self._shows(apart) else OVER_IT
        got = f"was answered {before.status}{self.alone.when()}" if before.status else NO_ANSWER
        shows = partial(self._is_after, before.request, most=most, same=same)
        end = in_common(self.sighting, before.request, request, shown, shows) if same else ""
        own = before in self.own and end in ("", REFERENCES)
        what = self._what(before, request, most, same=same) if own else ""
        answered, words = f"{begins} {got}{end}", f"{begins} {got}{what and f', to {what}'}{end}"
        told = f"{name}, sent alone", f"{name}; {words}", shown, before.status
        return Unsteady(AFTER, [words], *told, first=first, before=answered)

    def _less(self, before: Before, request: Request) -> Before:
        """The request before with no more than it takes, if that is answered as it is."""
        shows = partial(self._is_after, request=request, most=TWICE, same=True)
        less = with_its_references_alone(self.sighting, before.request, shows)
        first = self.first.exchange.response if shows(less) and self.first else None
        return Before(less, before.status) if first and first.status == before.status else before

    def after_one_of_two(self) -> Unsteady | None:
        """That it is refused with its like in flight, or after one plain invoice and no other."""

        def asked(before: Request, request: Request) -> tuple[Verdict | None, Verdict | None]:
            verdict = self._asked_after(before, request, same=False)
            return self.first, verdict

        if self.sighting.symptom.category != Category.REFUSED_VALID:
            return None
        if self.well and (locked := self.with_others(alike=True)):
            return locked
        plain = [self.sighting.control, *self.asking.others()]
        found = Succession(self.sighting, plain, asked, self.shows).found()
        if found is None:
            return None
        words = f"{INVOICE_BEFORE} {found.wrong}"
        works, fails = f"{found.name}; {INVOICE_BEFORE} {found.right}", f"{found.name}; {words}"
        told = works, fails, found.shown, SUCCESS
        return Unsteady(AFTER, [words], *told, first=found.first, before=words)

    def after_itself(self, itself: Itself) -> Unsteady | None:
        """That it is refused right after the same invoice; None if not."""
        found = itself.found()
        if found is None:
            return None
        told = f"{found.name}, sent alone", f"{found.name}; {found.wrong}", found.shown, SUCCESS
        return Unsteady(AFTER, [found.wrong], *told, first=found.first, before=found.wrong)

    def _follows(
        self, before: Request, request: Request, most: int, *, same: bool
    ) -> Verdict | None:
        """The verdict that shows it, if it shows twice after the request before, which is sent at
        `most` so many times, and never without that, as often as it took the first time.
        """
        shown: Verdict | None = None
        times = 0
        for asked in range(1, most + 1):
            verdict = self._asked_after(before, request, same=same)
            if verdict is None:
                return None
            if not self._shows(verdict):
                if asked + TWICE - times > most:
                    return None
                continue
            shown, times = verdict if self.shows(verdict) else self.shown, times + 1
            # Not the same number of times, as each third request may fail.
            if not all(self.alone.is_well(request) for _ in range(asked + times - 1)):
                return None
            if times == TWICE:
                return shown if self._is_after(before, request, most, same=same) else None
        return None

    def _is_after(self, before: Request, request: Request, most: int, *, same: bool) -> bool | None:
        """Whether it shows after the request before; None when nothing more may be asked."""
        for _ in range(most // TWICE):
            verdict = self._asked_after(before, request, same=same)
            if verdict is None or self._shows(verdict):
                return None if verdict is None else True
        return False

    def _what(self, before: Before, request: Request, most: int, *, same: bool) -> str:
        """What is particular about the request before, if others that are answered alike do not
        bring it about.
        """

        def shows(changed: Request) -> bool | None:
            return self._is_after(changed, request, most, same=same)

        others = [each for each in self.befores if each not in self.own]
        alike = next((each for each in others if each.status == before.status), None)
        if alike is None or shows(alike.request) is not False:
            return ""
        response = self.first.exchange.response if self.first else None
        if response is None or response.status != before.status:  # answered so in its turn only
            return ""
        return preceding(self.sighting, before.request, shows)[0]

    def _as_plain(
        self, before: Before, request: Request, most: int, *, same: bool
    ) -> tuple[str, Request]:
        """The plain invoice with the fewest differences that show it after the request before, by
        name; the request itself where that does not tell.
        """

        def shows(changed: Request) -> bool | None:
            return self._is_after(before.request, changed, most, same=same)

        payload = payload_of(request.body)
        if not (self.sighting.is_of_an_invoice and isinstance(payload, dict)):
            return self.sighting.name, request
        words, less = preceding(self.sighting, request, shows)
        return f"{self.sighting.control.name}{words and f' with {words}'}", less

    def _asked_after(
        self, before: Request, request: Request, *, same: bool, apart: bool = False
    ) -> Verdict | None:
        """The verdict on a request that is sent after another one, over one connection or two."""
        self.asking.apart()  # what went before it is no part of it
        self.first = first = self.resend(before, PLACEHOLDER)
        if first is None:
            return None
        if apart:
            self.asking.apart()
        elif self.sighting.verdict.exchange.broken is HttpFault.UNASKED:
            time.sleep(TO_COME)
        return self._ask(request, stamp_after(first.exchange.request, same=same))

    def with_others(self, *, alike: bool = False) -> Unsteady | None:
        """That it shows only with other requests in flight, all `alike`; None if not."""
        asking, plain = self.asking, self.sighting.control.verdict.exchange.request
        in_flight = InFlight(asking.together, asking.width, self._ask, self.shows, self.shown)
        for name, request in self._asked() if asking.width > 1 else ():
            is_so = in_flight.is_to_blame(request, () if alike else (plain,))
            self.shown = in_flight.shown
            if is_so:
                works, fails = f"{name}, sent alone {ALONE} times", f"{name}, with {OTHERS}"
                return Unsteady(CONCURRENT, [OTHERS], works, fails, self.shown)
        return None

    def not_always(self) -> Unsteady:
        """That it shows now and then, in this case; answers that no request may get, in any one."""
        unusual = self.sighting.symptom.is_unusual
        most = ALONE if unusual else TO_COUNT
        while self.wrong + self.well < most and self._ask(self.sighting.request) is not None:
            pass
        plain = self._counted_of_the_plain() if self.well and not unusual else ""
        own = ANY_INVOICE if self.sighting.symptom.is_of_ids else self.sighting.name
        name, times = plain or own, self.wrong + self.well
        if unusual and self.wrong * RARE <= times:
            return Unsteady(RARELY, [], ANY, f"{ANY}, {NOW_AND_THEN}", self.shown)
        works = f"{name}, {self.well} of {counted(times, 'time')}"
        fails = f"{name}, not always: {self.wrong} of {counted(times, 'time')}"
        return Unsteady(SOMETIMES, [], works, fails, self.shown)

    def _counted_of_the_plain(self) -> str:
        """What the plain invoice is called, if it shows it now and then as well: those answers are
        counted then.
        """
        plain, shown, answers = self.sighting.control, self.shown, list[bool]()
        while len(answers) < TO_COUNT:
            verdict = self.resend(plain.verdict.exchange.request, PLACEHOLDER)
            if verdict is None:
                break
            answers.append(self.shows(verdict))
            shown = verdict if answers[-1] else shown
        if not any(answers) or all(answers):
            return ""
        self.wrong, self.well = sum(answers), len(answers) - sum(answers)
        self.shown = shown
        return plain.name

    def _ask(self, request: Request, stamp: str = PLACEHOLDER) -> Verdict | None:
        """The verdict on a request that is sent again, which is counted if it is the one to
        explain.
        """
        verdict = self.resend(request, stamp)
        if verdict is not None and request is self.sighting.request:
            self.wrong += self.shows(verdict)
            self.well += not self.shows(verdict)
        return verdict
