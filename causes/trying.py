"""Sends what may show a symptom, a little at a time, and remembers which of it did."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from causes.difference import Edit, applied, elsewhere
from causes.explained import Edits
from causes.halving import FEW
from causes.kinds.api_keys import TAKEN, Kind, lacks_right, with_key_alone, with_plainest_key
from causes.kinds.ways import lessened
from causes.repetition import Asking
from causes.sightings import Sighting
from causes.symptoms import is_of_its_end
from spec.contract import PLACEHOLDER
from spec.exchange import Request
from spec.oracle import Verdict
from spec.paths import Json, Location, find
from spec.violation import Category
from strategies.invoice import encode
from targets.stamp import unstamped_body

MOST_FOR_ONE = 24
"""Requests that explain one cause."""
TO_CONFIRM = 3
"""Of these, those that are kept to send both sides of a difference once more."""
TO_SHORTEN = 16
"""Requests beside these that make a text that is to blame shorter, or leave out ways of sending."""
TO_COMPARE = 2
"""Requests beside these that put what is to blame into another item."""
MOST_REPEATED = 60
"""Requests that are sent again as they are, to see when a symptom shows that does not show each
time: they may go beyond those that explain one cause.
"""
MOST_UNANSWERED = 8
"""Requests that explain one cause and get no answer, each of which takes its time."""
QUIET = 1.2
"""Seconds without a request before it is asked once more whether a wrong key is taken."""
UNANSWERED_TO_CONFIRM = 2
"""Of these, those that are kept to send a difference once more."""
UNANSWERED_TO_SHORTEN = 1
"""Those beside these that put another value in the place of what is to blame."""


class Trying:
    """Tries what a sighting takes: bodies are sent `like` a request, or as usual, as long as there
    are requests `left`; `shown` is the last verdict that has its symptom. It is `sure` that a
    difference is one unless it could not be asked once more. `kind` is that of the key, if another
    one is sent.
    """

    def __init__(self, sighting: Sighting, asking: Asking) -> None:
        self.sighting, self.asking = sighting, asking
        self.contract, self.control = sighting.contract, sighting.control
        self.usual = self.control.verdict.exchange.request
        self.key = self.contract.key_header or ""
        self.keyed = self.is_keyed(sighting.ways)
        self._is_cut = any(map(is_of_its_end, sighting.symptom.violations))
        self.like: Request | None = sighting.request
        self.shown, self.sure = sighting.verdict, True
        self.kind: Kind | None = None
        self._left, self._repeated = MOST_FOR_ONE - TO_CONFIRM, 0
        self._unanswered = MOST_UNANSWERED - UNANSWERED_TO_CONFIRM
        self._to_shorten = TO_SHORTEN
        self._seen: dict[bytes, Verdict] = {}

    def resent(self, request: Request, stamp: str = PLACEHOLDER) -> Verdict | None:
        """The verdict on a request that is sent again, as another invoice or with this stamp; None
        when that was done too often.
        """
        if self._repeated >= MOST_REPEATED:
            return None
        self._repeated, self._left = self._repeated + 1, self._left - 1
        return self.asking.send(unstamped_body(request.body, stamp), request)

    def sent_beside(self, request: Request, stamp: str) -> Verdict | None:
        """The same, which does not count as sent again."""
        return self.asking.send(unstamped_body(request.body, stamp), request)

    def is_keyed(self, ways: Collection[str]) -> bool:
        """Whether another key is among them, or none."""
        return bool(self.key) and any(self.key.lower() in way.lower() for way in ways)

    def shows(self, verdict: Verdict | None) -> bool:
        """Whether a verdict has this symptom."""
        shown = self.control.shown_by(self.contract, verdict)
        return any(map(self.sighting.symptom.is_like, shown))

    def shows_beside(self, verdict: Verdict | None) -> bool:
        """The same, or a change of that property which is told otherwise of another value."""
        shown = self.control.shown_by(self.contract, verdict)
        return self.shows(verdict) or any(map(self.sighting.symptom.is_beside, shown))

    def fails(self, edits: Sequence[Edit]) -> bool | None:
        """Whether the control with these edits shows the symptom."""
        return self.sent(self.changed(edits))

    def changed(self, edits: Sequence[Edit]) -> Json:
        """The control with these edits, and with what follows from them."""
        expected = self.sighting.verdict.expected
        places = [breach.location for breach in expected.breaches] + [*expected.unspecified]
        fixed = {place[0] for place in places if place and isinstance(place[0], str)}
        state, due = self.contract.relations.state, self.contract.relations.due
        if state.paid in fixed:  # of what is no amount a status does not follow
            fixed.add(state.status)
        if any(edit.location == (due.due,) for edit in edits) and due.created not in (
            self.sighting.payload or ()
        ):
            fixed.add(due.due)  # it was not too early without it
        return applied(self.contract, self.control.payload, edits, [*fixed])

    def sent(self, payload: Json) -> bool | None:
        """Whether a payload shows it."""
        try:
            return self.sent_body(encode(payload))
        except ValueError:  # a number that JSON does not have
            return False

    def sent_once_more(self, payload: Json) -> bool | None:
        """The same, whatever its answer was before."""
        self._seen.clear()
        return self.sent(payload)

    def sent_anew(self, payload: Json) -> Verdict | None:
        """The verdict on a payload that is sent as usual, whether it was before or not."""
        return self.asking.send(encode(payload), None)

    def sent_body(self, body: bytes) -> bool | None:
        """Whether a body shows it; None when nothing more may be sent."""
        if body not in self._seen:
            if self._left <= 0 or self._unanswered <= 0:
                return None
            self._left -= 1
            if self.keyed or self._is_cut:  # what is left of an answer is no part of the next one
                self.asking.apart()
            verdict = self.asking.send(body, self.like)
            if verdict is None:
                return None
            self._unanswered -= verdict.exchange.response is None
            self._seen[body] = verdict
        verdict = self._seen[body]
        if self.shows(verdict):
            self.shown = verdict
        return verdict is self.shown

    @contextmanager
    def aside(self, more: int = 0) -> Iterator[None]:
        """Try something else, with so many `more` requests: what is shown stays as it was."""
        shown, self._left = self.shown, self._left + more
        yield
        self.shown, self._left = shown, self._left - more

    def shorten(self) -> None:
        """From now on, what is kept for that may be sent."""
        self._unanswered += UNANSWERED_TO_SHORTEN * (self._to_shorten > 0)
        self._left, self._to_shorten = self._left + self._to_shorten, 0

    def fault(self, edits: Edits) -> Edits:
        """Of the edits with which something is accepted although it is invalid, those that are
        wrong by themselves, if it is refused with them alone and sent as usual; else nothing.
        """
        if self.sighting.symptom.category != Category.ACCEPTED_INVALID:
            return ()
        own = tuple(edit for edit in edits if self.sighting.is_own(edit))
        dates = {(self.contract.relations.update.updated,), (self.contract.relations.due.created,)}
        if not dates.isdisjoint(edit.location for edit in own):
            # One that is before the other may be refused for that.
            own = tuple(edit for edit in edits if edit in own or edit.location in dates)
        unusual = self.like is not None and bool(self.sighting.ways_of(self.like))
        return own if unusual or len(own) < len(edits) else ()

    def is_taken(self, edits: Edits) -> bool | None:
        """Whether an invoice with these edits, which has the same fault as what is shown, is
        accepted too; False where it is refused as it should be. None where it has another fault, or
        neither is known.
        """
        broken, verdict = _broken(self.shown), self.answered(edits)
        if verdict is None or _broken(verdict) != broken:
            return None
        return True if self.shows(verdict) else None if verdict.violations else False

    def answered(self, edits: Edits) -> Verdict | None:
        """The verdict on the control with these edits, whatever it shows; None when nothing more
        may be sent.
        """
        try:
            return self.answered_body(encode(self.changed(edits)))
        except ValueError:  # a number that JSON does not have
            return None

    def answered_body(self, body: bytes) -> Verdict | None:
        """The same of a body."""
        with self.aside(1):
            self.sent_body(body)
        return self._seen.get(body)

    def is_well_twice(self, request: Request, edits: Edits) -> bool:
        """Whether nothing is wrong with the answers to two such invoices in a row, each sent like
        this request: what shows only in the second one is none of what is sent.
        """
        like, verdicts = self.like, list[Verdict | None]()
        for _ in range(2):
            self.send_like(request)
            verdicts.append(self.answered(edits))
        self.send_like(like)
        return all(each is not None and not each.violations for each in verdicts)

    def holds(self, edits: Edits) -> bool:
        """Whether a difference is one, and no accident: with the edits it shows each time, and
        without them, or sent as usual where there are none, it does not; what is invalid without
        all that is no fault of it. What is shown then is just what is told.
        """
        like, fault, self.sure = self.like, self.fault(edits), True
        if self.keyed and self.sighting.symptom.status == TAKEN:
            time.sleep(QUIET)  # several wrong keys in a row may be why one is taken
        self._keep_to_confirm()
        for changed, sent, expected in (
            (edits, like, True),
            (edits, like, True),
            (fault, like if edits and not fault else None, False),
        ):
            self._seen.clear()
            self.like = sent
            self.asking.apart()  # a connection may remember what was sent over it before
            failing = self.fails(changed)
            if failing is (not expected):
                return False
            self.sure = self.sure and failing is not None
        self.like = like
        return True

    def holds_afresh(self, failing: bytes, well: bytes) -> bool:
        """Whether the first body shows it once more, and the other one does not."""
        self._keep_to_confirm()
        self._seen.clear()
        if not self.sent_body(failing):
            return False
        with self.aside():
            return self.sent_body(well) is False

    def _keep_to_confirm(self) -> None:
        """From now on, what was kept for that may be sent."""
        self._left += TO_CONFIRM
        self._unanswered += UNANSWERED_TO_CONFIRM

    def send_less(self, shows: Callable[[], bool | None]) -> None:
        """From now on, send as usual but for the fewest differences that still show it."""
        like = self.like
        if like is None or not (self.sighting.ways and self.sighting.is_sent_there):
            return

        def fails(less: Request) -> bool | None:
            self.send_like(less)
            return shows()

        if len(self.sighting.ways) > FEW:
            self.shorten()
        less = with_key_alone(self.usual, like, self.key)
        if not (self.keyed and fails(less)):
            less = lessened(self.usual, like, fails)
        if self.is_keyed(self.sighting.ways_of(less)):
            known = lacks_right(self.contract, self.asking.facts, less)
            less, self.kind = with_plainest_key(
                self.usual, less, self.key, fails, lacks_right=known
            )
        self.send_like(less)

    def takes_its_ways(self) -> bool:
        """Whether the same body does not show it once it is sent as usual."""
        sighting = self.sighting
        if self.keyed or not (sighting.ways and sighting.is_sent_there):
            return False
        self.send_like(None)
        shows = self.sent_body(unstamped_body(sighting.request.body))
        self.send_like(sighting.request)
        return shows is False

    def send_as_usual(self) -> None:
        """Send from here on as usual, if the payload is to blame and not how it was sent."""
        self.like = None
        if not self.fails(self.sighting.independent):
            self.send_like(self.sighting.request)

    def send_like(self, request: Request | None) -> None:
        """From now on, send as this request was sent, or as usual, whatever was sent before."""
        self.like = request
        self._seen.clear()

    def well_in(self, edits: Edits) -> Location | None:
        """The item in which the same does not show it, if it shows in one and not in another, and
        not for what else is in these items or follows from it.
        """
        with self.aside(TO_COMPARE):
            places = elsewhere(self.contract, self.control.payload, edits)
            found = next((each for each in places if self.fails((each[1],)) is False), None)
            if found is None:
                return None
            place, other = found
            alike = (self._like_the_item(edits[0], other), self._with_its_status(edits[0], other))
            tried = (self.fails(each) for each in alike if each)
            return place if all(failing is False for failing in tried) else None

    def _like_the_item(self, edit: Edit, other: Edit) -> Edits:
        """The other edit, in an item that is otherwise as the one of the first edit."""
        plain = self.control.payload
        here, there = (find(plain, each.location[:2]) for each in (edit, other))
        is_inside = len(other.location) > 2  # else nothing of the item is left
        if not (is_inside and isinstance(here, dict) and isinstance(there, dict)):
            return ()
        own = (
            Edit((*other.location[:2], name), value)
            for name, value in here.items()
            if name != other.location[-1] and PLACEHOLDER not in str(value)
        )
        return (other, *own)

    def _with_its_status(self, edit: Edit, other: Edit) -> Edits:
        """The other edit with as much paid as leaves the status that the first one does, where it
        brings another one.
        """
        state, plain = self.contract.relations.state, self.control.payload
        mine, its = (applied(self.contract, plain, (each,)) for each in (edit, other))
        if find(mine, (state.status,)) == find(its, (state.status,)):
            return ()
        paid, total, new = (
            find(payload, (name,))
            for payload, name in ((mine, state.paid), (mine, state.total), (its, state.total))
        )
        if not all(type(each) in (int, float) and each for each in (paid, total, new)):
            return ()
        try:
            return (other, Edit((state.paid,), round(new * paid / total, 2)))
        except OverflowError:  # of a number that no double has nothing can be a part
            return ()


def _broken(verdict: Verdict) -> set[str]:
    """The names of the requirements that a request breaks."""
    return {breach.requirement.name for breach in verdict.expected.breaches}
