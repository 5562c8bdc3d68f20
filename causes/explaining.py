"""Finds the smallest difference that explains a symptom, by sending some more requests."""

from collections.abc import Sequence
from dataclasses import replace

from causes.cause import AFTER, CASE, EVERY, NOT_ALWAYS, UNKNOWN, WITH_ITS_REFERENCES
from causes.describing import Describing
from causes.difference import Edit, equal_to_others, of_payment
from causes.echo_change import ANOTHER, ITEMS_NOT_ONCE
from causes.explained import Control, Edits, Explained
from causes.halving import FEW, smallest
from causes.kinds.another_item import is_of_another
from causes.kinds.another_reason import without_its_fault
from causes.kinds.any_invalid import any_invalid
from causes.kinds.blanks import blank_around
from causes.kinds.body_size import LONG_BODY, Size, SizeDifference, as_long
from causes.kinds.duplicate_items import alike_in_one
from causes.kinds.escapes import has_escapes, in_escapes
from causes.kinds.given_ids import GivenIds
from causes.kinds.left_out import without_one
from causes.kinds.lockout import let_pass, lock_of
from causes.kinds.some_connections import of_some_connections
from causes.kinds.totals import total_alone
from causes.kinds.usual_fields import by_a_usual_field
from causes.kinds.ways import lessened, ways_text
from causes.kinds.writing import written_otherwise
from causes.making import made
from causes.preceding import left_behind
from causes.remembered import Remembering
from causes.repetition import Asking, Repeating, Unsteady
from causes.sightings import STRANGER, Sighting, payload_of, refusal_name
from causes.smaller import LETTER, needed, of_one_sign, refined
from causes.succession import Itself
from causes.traits import MANY, of_few_properties
from causes.trying import TO_CONFIRM, Trying
from causes.unanswered import blamed, with_edit
from causes.used_references import (
    ASKED_BEFORE,
    UNKNOWN_ORDER,
    is_held,
    known_by_now,
    used_text,
)
from spec.exchange import Before, HttpFault, Request
from spec.violation import Category
from targets.stamp import have_one_stamp, unstamped_body


class Explaining:
    """Explains one sighting; of what is `known` that is `unsteady` which shows not each time. The
    request was answered `wrong` and `well` so many times.
    """

    def __init__(
        self, sighting: Sighting, asking: Asking, known: Sequence[Explained] = (), well: int = 0
    ) -> None:
        self.sighting, self.asking, self.known = sighting, asking, known
        self.unsteady = [one for one in known if one.cause.traits in NOT_ALWAYS]
        self.contract, self.control = sighting.contract, sighting.control
        self.trying = Trying(sighting, asking)
        self.describing = Describing(self.trying, self.control.name)
        self.wrong, self.well = 1, well
        self._was_asked_itself = False

    def explained(self) -> Explained:
        """The cause of a symptom that no known one explains."""
        let_pass(self.sighting)
        known = self._by_its_answer() or self._without_its_fault() or self._after_itself()
        if known is not None:
            return known
        sighting, trying = self.sighting, self.trying
        # A connection may be known by an earlier key, or have the fault whatever is sent over it.
        if trying.keyed or sighting.verdict.exchange.broken is HttpFault.UNASKED:
            self.asking.apart()
        again = trying.resent(sighting.request)
        if again is None:
            return self._unsteady() or self.describing.known(UNKNOWN)
        self.wrong += trying.shows(again)
        self.well += not trying.shows(again)
        if self.well and not is_held(self.contract, sighting.verdict, again):
            return self.not_always()
        if sighting.ways and sighting.is_sent_there:
            written = self._size.written()
            if written is not None:  # the plain invoice may be as unusual by its own length
                return self._by_long(written)
            if trying.fails(()):
                trying.send_less(lambda: trying.fails(()))
                return self.describing.by_ways() if trying.holds(()) else self.not_always()
            if sighting.is_of_an_invoice:
                trying.send_as_usual()
        if sighting.request.method != "POST":
            return self.describing.known(CASE)
        known = any_invalid(sighting, trying) or self._by_size()
        return known or (self._by_payload() if sighting.edits else self._by_case())

    def _without_its_fault(self) -> Explained | None:
        """The cause of what the same request shows without its fault, if it is refused as well."""
        valid = without_its_fault(self.sighting, self.trying)
        if valid is None:
            return None
        known = next((one for one in self.known if valid.has(one, self.known)), None)
        return known or Explaining(valid, self.asking, self.known).explained()

    def not_always(self) -> Explained:
        """The cause of what does not show each time, or of which no difference holds."""
        known = self._unsteady() if self.well else None
        same = known if known and self.sighting.may_follow(known) else self._after_itself()
        if same is not None:
            return same
        unsteady = self._over_some_connections() or self._repeating().unsteady()
        if known is not None and (unsteady is None or unsteady.trait != AFTER):
            return known
        if unsteady is None:
            return self.describing.known(CASE)
        return self.describing.by_repetition(unsteady)

    def _over_some_connections(self) -> Unsteady | None:
        """That the plain invoice is answered so over some connections, if it may be."""
        symptom, trying, control = self.sighting.symptom, self.trying, self.control
        asked = symptom.category in (Category.ECHO, Category.ANSWER_SHAPE, Category.REFUSED_VALID)
        may_be = asked and control.is_accepted and not symptom.is_of_ids
        is_judged = symptom.names <= control.verdict.judged or not symptom.of_answer
        if not symptom.status or not (symptom.is_unusual or (may_be and is_judged)):
            return None
        # It takes nothing of what may be sent again for other reasons.
        return of_some_connections(
            self.control, self.asking.apart, trying.sent_beside, trying.shows
        )

    def _after_itself(self) -> Explained | None:
        """The cause of what is refused right after the same invoice, and not after another one."""
        trying = self.trying
        itself = Itself(self.sighting, [*self.asking.accepted()], trying.resent, trying.shows)
        if self._was_asked_itself or not itself.is_well_after_another():
            self._was_asked_itself = True
            return None
        same = self._unsteady()
        if same is not None and self.sighting.may_follow(same):
            return same
        unsteady = self._repeating().after_itself(itself)
        return None if unsteady is None else self.describing.by_repetition(unsteady)

    def _by_its_answer(self) -> Explained | None:
        """The cause of what needs no more than one answer to compare it with."""
        sighting, trying = self.sighting, self.trying
        response = sighting.verdict.exchange.response
        words = self._left_behind()
        if words:
            between = "", f"{sighting.name}; {words}"
            return made(sighting, sighting.verdict, [AFTER], difference=[words], between=between)
        if sighting.symptom.is_of_ids:
            ids = GivenIds(sighting, self.asking, trying.resent, trying.shows)
            unsteady = ids.unsteady()
            if unsteady is not None:
                return self.describing.by_repetition(unsteady)
        remembering = Remembering(sighting, self.asking)
        same = next(filter(remembering.is_of, self.unsteady), None)
        if same is not None:
            return same
        unsteady = remembering.unsteady()
        if unsteady is not None:
            return self.describing.by_repetition(unsteady)
        if trying.shows(self.control.verdict):
            return self._by_another_control() or self._by_every()
        status = response.status if response else 0
        return self._by_other_errors(status) if sighting.symptom.is_form and status >= 400 else None

    def _left_behind(self) -> str:
        """What the request before had that the answer has still; empty where it is not so. A name
        that an error sent alone has too is none of the request before.
        """
        sighting, trying = self.sighting, self.trying
        words = next(filter(None, map(left_behind, sighting.symptom.violations)), "")
        if not words or sighting.symptom.category != Category.ERROR_SHAPE:
            return words
        self.asking.apart()
        return "" if trying.shows(trying.resent(sighting.request)) else words

    def _by_other_errors(self, status: int) -> Explained | None:
        """The cause of an error in another form, compared with a plain one of its status if any."""
        asking, trying = self.asking, self.trying
        ask = {400: asking.refusal, 401: asking.stranger}.get(status, lambda: None)
        error, name = ask(), STRANGER if status == 401 else ""
        if error is not None and status == 400:
            name = refusal_name(self.contract, self.control, error)
        self.describing = Describing(trying, name)
        if error is None:
            asking.apart()  # what went before it may be to blame
            again = trying.resent(self.sighting.request)
            if again is not None and not trying.shows(again):
                return None
            if trying.takes_its_ways():
                return self._by_case()
            self._show_the_least()
            return self.describing.known(EVERY)
        if trying.shows(error):
            return made(self.sighting, error, [EVERY], between=("", name))
        return None

    def _show_the_least(self) -> None:
        """Have the plain invoice shown with no more than it takes, where no difference is told."""
        sighting, trying = self.sighting, self.trying
        if not sighting.is_of_an_invoice:
            return
        found: Edits | None = ()
        if not (sighting.ways and trying.fails(())):
            trying.send_as_usual()
            found = smallest(sighting.independent, trying.fails, FEW)
        if found is not None:
            trying.send_less(lambda: trying.fails(found))
            trying.fails(found)

    def _by_every(self) -> Explained:
        """The cause of what the plain invoice shows, whichever other one does; each time, as far as
        asking it once more tells.
        """
        form, plain = self.sighting.symptom.is_form, self.control.verdict
        field = None if form else by_a_usual_field(self.sighting, self.trying)
        if field is not None:
            return field
        if not (form and self.trying.shows(self.trying.resent(plain.exchange.request))):
            if self.sighting.symptom.answer != ANOTHER:  # which may be one of an invoice before
                self.trying.shown = plain
            return self.describing.known(EVERY)
        return self.describing.each_time()

    def _by_another_control(self) -> Explained | None:
        """The cause of what the plain invoice shows, and another one does not that has what is
        wrong as well.
        """
        for other in self.asking.others() if not self.sighting.symptom.is_form else ():
            asked = self.sighting.symptom.names <= other.verdict.judged
            if asked and other.is_accepted and not self.trying.shows(other.verdict):
                found = self._against(other).explained()
                if not found.edits:
                    return None
                found.cause.usual = True
                return replace(found, control=other)
        return self._by_one_more()

    def _by_one_more(self) -> Explained | None:
        """The cause of what the plain invoice shows, and not without one optional text."""
        for less in without_one(self.sighting, self.asking, self.trying.shows):
            found = Explaining(less, self.asking, self.known).explained()
            if [edit.value for edit in found.edits] == [LETTER]:
                found.cause.usual = True
                return replace(found, control=less.control, any_value=True)
        return None

    def _against(self, other: Control) -> "Explaining":
        """The same compared with another invoice; of a body that is none, the plain one, which
        shows it too and has a payload.
        """
        sighting = self.sighting
        shown = self.control.shown_by(self.contract, self.control.verdict)
        alike = next(filter(sighting.symptom.is_like, shown), None)
        if alike is None or sighting.is_of_an_invoice:
            sighting = sighting.against(other)
        else:
            args = self.contract, other, alike, self.control.verdict, self.control.name
            sighting = Sighting(*args, sighting.group)
        return Explaining(sighting, self.asking, self.known)

    def _by_payload(self) -> Explained:
        """The cause of what shows each time: the edits that it takes."""
        trying = self.trying
        two = self.describing.by_two_changes(self.known)
        if two is not None:
            return two
        if has_escapes(self.sighting) and trying.fails(self.sighting.independent) is False:
            return self._by_case()
        found = self._edits()
        used = self._by_used(tuple(self.sighting.independent) if found is None else found)
        if found is None or used is not None:
            return used or self._by_case()
        least = found
        trying.send_less(lambda: trying.fails(least))
        found = needed(trying, refined(trying, found))
        if not trying.holds(found):
            return self.not_always()
        return self._by_known_order(found) or self.describing.by_edits(found)

    def _edits(self) -> Edits | None:
        """The edits that it takes, whose values may be made smaller."""
        sighting, trying, plain = self.sighting, self.trying, self.control.payload
        edits = sighting.independent
        symptom = sighting.symptom
        mixed_up = symptom.answer == ITEMS_NOT_ONCE or symptom.is_of_ids or is_of_another(sighting)
        alike = alike_in_one(self.contract, plain, sighting.payload) if mixed_up else ()
        signs = of_one_sign(self.contract, () if sighting.verdict.exchange.response else edits)
        for edit in (*equal_to_others(plain, sighting.payload, edits), *alike, *signs):
            if trying.fails((edit,)):
                return (edit,)
        paid = of_payment(self.contract, plain, sighting.payload, edits)
        if len(edits) > len(paid) > 0 and trying.fails(paid):
            return smallest(paid, trying.fails)
        # What is paid is a part of a total; with that of the control, items need no part in it.
        parts = {edit.location: edit for edit in paid}
        with_it = [parts.get(edit.location, edit) for edit in edits]
        if with_it != [*edits] and trying.fails(with_it):
            edits = with_it
        found = total_alone(sighting, trying.fails) or as_long(sighting, trying.fails)
        found = found or self._unanswered(edits)
        if found is not None:
            return found
        rank = sighting.suspicion(edits[0])
        suspects = [edit for edit in edits if sighting.suspicion(edit) == rank]
        if not sighting.is_suspect(rank):
            suspects = []
        if len(edits) > MANY and len(suspects) <= FEW:
            trying.shorten()
            edits = of_few_properties(edits, trying.fails, len(suspects)) or edits
            suspects = [edit for edit in suspects if edit in edits]
        return smallest(edits, trying.fails, len(suspects))

    def _unanswered(self, edits: Sequence[Edit]) -> Edits | None:
        """The edits that get no answer, each of which takes its time: what was accepted before says
        of most that they have no part in it.
        """
        if self.sighting.verdict.exchange.response is not None:
            return None
        like, plain = self.trying.like, self.control.payload
        ways = self.sighting.ways_of(like) if like is not None else frozenset()
        accepted = (
            payload_of(each.body)
            for each in self.asking.accepted()
            if ways <= self.sighting.ways_of(each)
        )
        answered = ([edit for edit in edits if with_edit(each, edit, plain)] for each in accepted)
        return blamed(edits, answered, self.trying.fails)

    def _by_used(self, edits: Edits) -> Explained | None:
        """The cause, where it is that a reference was used before, as it has no stamp."""
        with self.trying.aside(TO_CONFIRM):
            name = used_text(self.sighting, edits, self.trying.sent_once_more)
            shown = self.trying.shown
        if not name:
            return None
        works, fails = f"{name}, sent alone", f"{name}; {WITH_ITS_REFERENCES}"
        unsteady = Unsteady(AFTER, [WITH_ITS_REFERENCES], works, fails, shown, 201)
        return self.describing.by_repetition(unsteady)

    def _by_known_order(self, edits: Edits) -> Explained | None:
        """The cause, where it is that an order is taken for known once it was asked for."""
        trying, control = self.trying, self.control
        if not known_by_now(self.sighting, edits, trying.sent_anew):
            return None
        name, words = f"{control.name} with {edits[0]}", f"{ASKED_BEFORE}{edits[0].location[0]}"
        twice = [trying.sent_anew(trying.changed(edits)) for _ in range(2)]
        first, shown = twice[0], twice[1] or trying.shown
        works, fails = f"{name}, for the first time", f"{name}; {words}"
        told = works, fails, shown, UNKNOWN_ORDER
        return self.describing.by_repetition(
            Unsteady(AFTER, [words], *told, first=first, before=words)
        )

    def _by_case(self) -> Explained:
        """Of which only the case is known, and how it has to be sent, if that matters."""
        sighting, trying = self.sighting, self.trying
        trying.send_like(None)
        written = written_otherwise(sighting, trying.sent_body)
        written = written or in_escapes(sighting, trying.sent_body)
        if written:
            return self.describing.by_edits(written)
        blank = blank_around(sighting, trying.sent_body)
        if blank:
            sighting.name = blank
            return self.describing.known(CASE)
        body = unstamped_body(sighting.request.body)
        is_plain = bool(sighting.ways) and trying.sent_body(body)
        if is_plain and not body:
            sighting.name = "no body"  # whatever else the case has, such as another key
        if not sighting.ways or trying.keyed or is_plain is not False:
            return self.describing.known(CASE)

        def fails(less: Request) -> bool | None:
            trying.send_like(less)
            return trying.sent_body(body)

        less = lessened(trying.usual, sighting.request, fails)
        ways = ways_text(sighting.ways_of(less), trying.usual, less)
        return self.describing.known(CASE, ways)

    @property
    def _size(self) -> Size:
        trying = self.trying
        asks = self.asking.refusal, trying.shows, trying.sent_body, trying.holds_afresh
        return Size(self.sighting, *asks)

    def _by_size(self) -> Explained | None:
        """The cause, where it is how long a body is, or where in it a character stands."""
        trying = self.trying
        if len(self.sighting.edits) > MANY and len(self.sighting.request.body) >= LONG_BODY:
            trying.shorten()
        long = self._size.difference()
        return None if long is None else self._by_long(long)

    def _by_long(self, long: SizeDifference) -> Explained:
        """The cause that is what shows in a long body."""
        trying = self.trying
        trying.send_less(lambda: trying.sent_body(long.body))
        if not long.edits:
            return self.describing.by_size(long)
        found = refined(trying, long.edits)
        return self.describing.by_edits(found) if trying.holds(found) else self.not_always()

    def _unsteady(self) -> Explained | None:
        """What is known to show not each time, and is answered as this is."""
        known = (one for one in self.unsteady if one.symptom.is_like(self.sighting.symptom))
        return next(known, None)

    def _repeating(self) -> Repeating:
        sighting, asking, trying = self.sighting, self.asking, self.trying
        before = sighting.verdict.exchange.before
        own, known = [each for each in (before and before.first, before) if each], asking.befores()
        # A plain request that was answered as the one before is easier to send again.
        plain = [each for each in known if before and each.status == before.status]
        one_stamp = before and have_one_stamp(before.request, sighting.request)
        # What is refused as one with a wrong key is, may be so for that one.
        status = lock_of(sighting.verdict)
        wrong = asking.stranger() if status else None
        locking = [Before(wrong.exchange.request, status)] if wrong is not None else []
        befores = [*locking, *(() if one_stamp else plain[:1]), *own, *known]
        args = trying.resent, trying.shows_beside, befores, own, self.wrong, self.well
        return Repeating(sighting, asking, *args)
