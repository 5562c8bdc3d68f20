"""Sends what may show a symptom, a little at a time, and remembers which of it did."""

from collections.abc import Collection, Sequence

from causes.difference import Edit, applied
from causes.repetition import Asking
from causes.sightings import Edits, Sighting
from causes.symptoms import symptoms
from spec.contract import PLACEHOLDER
from spec.exchange import Request
from spec.oracle import Verdict
from spec.paths import Json
from spec.violation import Category
from strategies.invoice import encode
from targets.stamp import unstamped_body

MOST_FOR_ONE = 24
"""Requests that explain one cause."""
TO_CONFIRM = 3
"""Of these, those that are kept to send both sides of a difference once more."""
MOST_UNANSWERED = 8
"""Of these, those that get no answer, each of which takes its time."""


class Trying:
    """Tries what a sighting takes: bodies are sent `like` a request, or as usual, as long as there
    are requests `left`; `shown` is the last verdict that has its symptom. It is `sure` that a
    difference is one unless it could not be asked once more.
    """

    def __init__(self, sighting: Sighting, asking: Asking) -> None:
        self.sighting, self.asking = sighting, asking
        self.contract, self.control = sighting.contract, sighting.control
        self.usual = self.control.verdict.exchange.request
        self.left, self.unanswered = MOST_FOR_ONE - TO_CONFIRM, MOST_UNANSWERED
        self.seen: dict[bytes, Verdict] = {}
        self.like: Request | None = sighting.request
        self.shown = sighting.verdict
        self.key = self.contract.key_header or ""
        self.keyed = self._is_keyed(sighting.ways)
        self.sure = True

    def _resent(self, request: Request, stamp: str = PLACEHOLDER) -> Verdict | None:
        """The verdict on a request that is sent again, as another invoice or with this stamp."""
        self.left -= 1
        return self.asking.send(unstamped_body(request.body, stamp), request)

    def _is_keyed(self, ways: Collection[str]) -> bool:
        """Whether another key is among them, or none."""
        return bool(self.key) and any(self.key.lower() in way.lower() for way in ways)

    def _shows(self, verdict: Verdict | None) -> bool:
        """Whether a verdict has this symptom."""
        shown = symptoms(self.contract, verdict) if verdict is not None else ()
        return any(map(self.sighting.symptom.is_like, shown))

    def _fails(self, edits: Sequence[Edit]) -> bool | None:
        """Whether the control with these edits shows the symptom."""
        expected = self.sighting.verdict.expected
        places = [breach.location for breach in expected.breaches] + [*expected.unspecified]
        fixed = {place[0] for place in places if place and isinstance(place[0], str)}
        state = self.contract.relations.state
        if state.paid in fixed:  # of what is no amount a status does not follow
            fixed.add(state.status)
        return self._sent(applied(self.contract, self.control.payload, edits, [*fixed]))

    def _sent(self, payload: Json) -> bool | None:
        try:
            return self._sent_body(encode(payload))
        except ValueError:  # a number that JSON does not have
            return False

    def _sent_once_more(self, payload: Json) -> bool | None:
        self.seen.clear()
        return self._sent(payload)

    def _sent_body(self, body: bytes) -> bool | None:
        if body not in self.seen:
            if self.left <= 0 or self.unanswered <= 0:
                return None
            self.left -= 1
            if self.keyed:
                self.asking.apart()
            verdict = self.asking.send(body, self.like)
            if verdict is None:
                return None
            self.unanswered -= verdict.exchange.response is None
            self.seen[body] = verdict
        verdict = self.seen[body]
        if self._shows(verdict):
            self.shown = verdict
        return verdict is self.shown

    def _fault(self, edits: Edits) -> Edits:
        """Of the edits with which something is accepted although it is invalid, those that are
        wrong by themselves, if it is refused with them alone and sent as usual; else nothing.
        """
        if self.sighting.symptom.category != Category.ACCEPTED_INVALID:
            return ()
        own = tuple(edit for edit in edits if self.sighting.is_own(edit))
        unusual = self.like is not None and bool(self.sighting.ways_of(self.like))
        return own if unusual or len(own) < len(edits) else ()

    def _holds(self, edits: Edits) -> bool:
        """Whether a difference is one, and no accident: with the edits it shows each time, and
        without them, or sent as usual where there are none, it does not; what is invalid without
        all that is no fault of it. What is shown then is just what is told.
        """
        like, fault, self.sure = self.like, self._fault(edits), True
        self.left += TO_CONFIRM
        for changed, sent, expected in (
            (edits, like, True),
            (edits, like, True),
            (fault, like if edits and not fault else None, False),
        ):
            self.seen.clear()
            self.like = sent
            if self.sighting.ways:  # a connection may remember what was sent over it before
                self.asking.apart()
            failing = self._fails(changed)
            if failing is (not expected):
                return False
            self.sure = self.sure and failing is not None
        self.like = like
        return True

    def _holds_afresh(self, failing: bytes, well: bytes) -> bool:
        """Whether the first body shows it once more, and the other one does not."""
        self.left += TO_CONFIRM
        self.seen.clear()
        if not self._sent_body(failing):
            return False
        shown = self.shown
        holds = self._sent_body(well) is False
        self.shown = shown
        return holds
