"""Finds the smallest difference that explains a symptom, by sending some more requests."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from causes.api_keys import Kind, with_key_alone, with_plainest_key
from causes.body_size import LONG_BODY, Size
from causes.cause import (
    AFTER,
    CASE,
    CHUNKED,
    EVERY,
    IN_ANOTHER,
    SENT,
    SEVERAL_CHUNKS,
    UNKNOWN,
    WITH_ITS_REFERENCES,
    shortly,
)
from causes.difference import (
    Edit,
    applied,
    dependent_on,
    elsewhere,
    equal_to_others,
    of_payment,
    smallest,
    within,
)
from causes.duplicate_items import edits_text
from causes.echo_change import ITEMS_NOT_ONCE
from causes.making import made, named_field, of_case
from causes.repetition import Asking, Repeating, Unsteady, is_held, left_behind
from causes.sightings import REFUSAL, STRANGER, Edits, Explained, Sighting
from causes.smaller import Smaller
from causes.trying import TO_CONFIRM, Trying
from causes.used_references import used_text
from causes.ways import lessened, traits_of_ways, ways_text
from causes.writing import written_otherwise
from spec.contract import PLACEHOLDER
from spec.exchange import Request
from spec.paths import find, location_text
from spec.violation import Category
from strategies.invoice import encode
from strategies.relations import smallest_of
from targets.client import CHUNK
from targets.stamp import have_one_stamp, unstamped_body


class Explaining(Trying):
    """Explains one sighting; `unsteady` is what is known to show not each time."""

    def __init__(
        self, sighting: Sighting, asking: Asking, unsteady: Sequence[Explained] = ()
    ) -> None:
        super().__init__(sighting, asking)
        self.unsteady = unsteady
        self.wrong, self.well = 1, 0
        self.kind: Kind | None = None
        self.compared = self.control.name

    def explained(self) -> Explained:
        """The cause of a symptom that no known one explains."""
        known = self._by_its_answer()
        if known is not None:
            return known
        sighting = self.sighting
        if self.keyed:  # a connection may be known by an earlier key
            self.asking.apart()
        again = self._resent(sighting.request)
        if again is None:
            return self._unsteady() or self._known(UNKNOWN)
        self.wrong += self._shows(again)
        self.well += not self._shows(again)
        if self.well and not is_held(self.contract, sighting.verdict, again):
            return self.not_always()
        if sighting.ways and sighting.is_of_an_invoice:
            if self._fails(()):
                self._send_less(lambda: self._fails(()))
                return self._by_ways() if self._holds(()) else self.not_always()
            self._try_as_usual()
        if sighting.request.method != "POST":
            return self._known(CASE)
        return self._by_size() or (self._by_payload() if sighting.edits else self._by_case())

    def _by_its_answer(self) -> Explained | None:
        """The cause of what needs no more than one answer to compare it with."""
        sighting = self.sighting
        response = sighting.verdict.exchange.response
        words = next(filter(None, map(left_behind, sighting.symptom.violations)), "")
        if words:
            return made(
                sighting,
                sighting.verdict,
                [AFTER],
                difference=[words],
                between=("", f"{sighting.name}; {words}"),
            )
        if sighting.symptom.is_of_ids:
            repeating = self._repeating()
            unsteady = repeating.ids_begin_anew() or repeating.ids_of_equal_items()
            if unsteady is not None:
                return self._by_repetition(unsteady)
        if self._shows(self.control.verdict):
            return self._by_another_control() or self._known(EVERY)
        status = response.status if response else 0
        if sighting.symptom.is_form and status >= 400:
            # Of other errors there is none to compare them with.
            asking, none = self.asking, (lambda: None, "")
            known = {400: (asking.refusal, REFUSAL), 401: (asking.stranger, STRANGER)}
            ask, self.compared = known.get(status, none)
            error = ask()
            if error is None or self._shows(error):
                between = "", self.compared
                return (
                    made(sighting, error, [EVERY], between=between) if error else self._known(EVERY)
                )
        return None

    def _by_another_control(self) -> Explained | None:
        """The cause of what the plain invoice shows, and another one does not that has what is
        wrong as well.
        """
        for other in self.asking.others() if not self.sighting.symptom.is_form else ():
            asked = self.sighting.symptom.names <= other.verdict.judged
            if asked and other.is_accepted and not self._shows(other.verdict):
                sighting = self.sighting.beside(other)
                found = Explaining(sighting, self.asking, self.unsteady).explained()
                if not found.edits:
                    return None
                found.cause.usual = True
                return replace(found, control=other)
        return None

    def _by_payload(self) -> Explained:
        """The cause of what shows each time: the edits that it takes."""
        sighting = self.sighting
        edits = sighting.independent
        rank = sighting.suspicion(edits[0])
        suspects = [edit for edit in edits if sighting.suspicion(edit) == rank]
        equal = equal_to_others(self.control.payload, sighting.payload, edits)
        found: Edits | None = next(((edit,) for edit in equal if self._fails((edit,))), None)
        paid = of_payment(self.contract, self.control.payload, sighting.payload, edits)
        if found is None and len(edits) > len(paid) > 0 and self._fails(paid):
            found = smallest(paid, self._fails)
        found = self._as_long() if found is None else found
        if found is None:
            found = smallest(edits, self._fails, len(suspects) if sighting.is_suspect(rank) else 0)
        used = self._by_used(tuple(edits) if found is None else found)
        if found is None or used is not None:
            return used or self._by_case()
        blamed = found
        self._send_less(lambda: self._fails(blamed))
        found = self._needed(self._refined(self._within(found)))
        return self._by_edits(found) if self._holds(found) else self.not_always()

    def _as_long(self) -> Edits | None:
        """As many plain items as make the answer as long, if its form is wrong with them too."""
        bodies = [each.exchange.response for each in (self.it.verdict, self.control.verdict)]
        mine, plain = (len(each.body) if each else 0 for each in bodies)
        place = (self.contract.relations.sum.items,)
        items = find(self.control.payload, place)
        is_long = self.it.symptom.is_form and mine >= LONG_BODY
        if not (is_long and plain and isinstance(items, list)):
            return None
        longer = (Edit(place, size=2 * len(items) * mine // plain),)
        return longer if self._fails(longer) else None

    def _by_used(self, edits: Edits) -> Explained | None:
        """The cause, where it is that a reference was used before, as it has no stamp."""
        shown, self.left = self.shown, self.left + TO_CONFIRM
        name = used_text(self.sighting, edits, self._sent_once_more)
        self.left, found = self.left - TO_CONFIRM, self.shown
        self.shown = shown
        if not name:
            return None
        works, fails = f"{name}, sent alone", f"{name}; {WITH_ITS_REFERENCES}"
        words = [WITH_ITS_REFERENCES]
        return self._by_repetition(Unsteady(AFTER, words, works, fails, found, 201))

    def _by_case(self) -> Explained:
        """Of which only the case is known, and how it is sent, if it does not show otherwise."""
        sighting, self.like = self.sighting, None
        self.seen.clear()
        written = written_otherwise(sighting, self._sent_body)
        if written:
            return self._by_edits(written)
        body = unstamped_body(sighting.request.body)
        if not sighting.ways or self.keyed or self._sent_body(body) is not False:
            return self._known(CASE)
        ways = ways_text(sighting.ways, self.usual, sighting.request)
        return of_case(sighting, self.shown, CASE, ways, beside=self.compared)

    def not_always(self) -> Explained:
        """The cause of what does not show each time, or of which no difference holds."""
        same = self._unsteady() if self.well else None
        if same is not None:
            return same
        unsteady = self._repeating().unsteady()
        return self._known(CASE) if unsteady is None else self._by_repetition(unsteady)

    def _unsteady(self) -> Explained | None:
        """What is known to show not each time, and is answered as this is."""
        known = (one for one in self.unsteady if one.symptom.is_like(self.sighting.symptom))
        return next(known, None)

    def _repeating(self) -> Repeating:
        asking, before = self.asking, self.sighting.verdict.exchange.before
        own, known = [each for each in (before and before.first, before) if each], asking.befores()
        # A plain request that was answered as the one before is easier to send again.
        plain = [each for each in known if before and each.status == before.status]
        one_stamp = before and have_one_stamp(before.request, self.sighting.request)
        befores = [*(() if one_stamp else plain[:1]), *own, *known]
        return Repeating(
            self.sighting, asking, self._resent, self._shows, befores, self.wrong, self.well
        )

    def _by_repetition(self, unsteady: Unsteady) -> Explained:
        self.shown = unsteady.shown
        works, fails = unsteady.works, unsteady.fails
        if self.sighting.symptom.category == Category.ACCEPTED_INVALID:  # what is wrong is accepted
            works, fails = fails, works
        found = made(
            *(self.sighting, self.shown, [unsteady.trait]),
            difference=unsteady.difference,
            between=(works, fails),
            before=shortly(unsteady.difference) if unsteady.trait == AFTER else "",
        )
        return replace(found, after=unsteady.after)

    def _send_less(self, shows: Callable[[], bool | None]) -> None:
        """From now on, send as usual but for the fewest differences that still show it."""
        like = self.like
        if like is None or not (self.sighting.ways and self.sighting.is_of_an_invoice):
            return

        def fails(less: Request) -> bool | None:
            self.like = less
            self.seen.clear()
            return shows()

        usual = self.usual
        less = with_key_alone(usual, like, self.key)
        if not (self.keyed and fails(less)):
            less = lessened(usual, like, fails)
        if self._is_keyed(self.sighting.ways_of(less)):
            less, self.kind = with_plainest_key(usual, less, self.key, fails)
        self.like = less
        self.seen.clear()

    def _try_as_usual(self) -> None:
        """Send from here on as usual, if the payload is to blame and not how it was sent."""
        self.like = None
        if not self._fails(self.sighting.edits):
            self.like = self.sighting.request
            self.seen.clear()

    def _by_size(self) -> Explained | None:
        """The cause, where it is how long a body is, or where in it a character stands."""
        size = Size(
            self.sighting, self.asking.refusal, self._shows, self._sent_body, self._holds_afresh
        )
        long = size.difference()
        if long is None:
            return None
        self._send_less(lambda: self._sent_body(long.body))
        ways = self._ways() if self.like is not None else frozenset()
        difference = *self._ways_text(ways), *long.difference
        words = f"{shortly(difference)}, blanks for the most part"
        works, fails = long.name, f"the same with {words}"
        if self.sighting.symptom.category == Category.ACCEPTED_INVALID:  # what is wrong is accepted
            works, fails = f"{long.name} with {words}", long.name
        traits = [*self._traits_of(ways), long.trait] if ways else [long.trait]
        found = made(
            *(self.sighting, self.shown, traits),
            kinds=[long.trait],
            difference=difference,
            between=(works, fails),
            ways=ways,
            key=self.kind,
        )
        return replace(found, size=long.size)

    # Smaller values.

    def _within(self, edits: Edits) -> Edits:
        """The edits, at the items of the control that they go to."""
        if any(edit.size is not None for edit in edits):
            return edits
        payload = self.control.payload
        return tuple(
            replace(one, location=within(self.contract, payload, one.location)) for one in edits
        )

    def _refined(self, edits: Edits) -> Edits:
        """The edits, with the value that is to blame made smaller, and fewer items."""
        smaller = Smaller(self.sighting, self.asking.orders, self._sent)
        state = (self.contract.relations.state.status,)
        edits, is_done = smaller.with_its_status(edits, self._fails), False
        others = [
            edit for edit in edits if edit.location != state or self.sighting.is_own(edit)
        ] or edits
        for edit in others:
            alone, index = len(others) == 1, edits.index(edit)
            is_blamed = alone or self.sighting.is_own(edit) or self.sighting.is_named(edit)
            if not edit.location or not (edit.size or (is_blamed and not is_done)):
                continue
            before, after = edits[:index], edits[index + 1 :]

            def still(one: Edit, before: Edits = before, after: Edits = after) -> bool | None:
                return self._fails((*before, one, *after))

            edits = (*before, smaller.smaller(edit, still, alone=alone), *after)
            is_done = is_done or not edit.size
        return edits

    def _needed(self, edits: Edits) -> Edits:
        """The edits without those that have no part in it, now that values are plain; status and
        amount paid stay together.
        """
        state = self.contract.relations.state
        fault = self._fault(edits)
        if len(fault) < len(edits) and fault and self._fails(fault):
            return fault
        for edit in edits:
            others = tuple(each for each in edits if each is not edit)
            is_paid = edit.location in ((state.status,), (state.paid,))
            if others and not is_paid and self._fails(others):
                edits = others
        return edits

    # What is told.

    def _known(self, trait: str) -> Explained:
        return of_case(self.sighting, self.shown, trait, beside=self.compared)

    def _by_edits(self, edits: Edits) -> Explained:
        ways = self._ways() if self.like is not None else frozenset()
        difference = [
            text.replace(PLACEHOLDER, "IC-...")
            for text in (*self._ways_text(ways), *self._edits_text(edits))
        ]
        field = named_field(self.sighting, self.shown)
        dependent = dependent_on(self.contract, self.control.payload, edits, field)
        if dependent is not None:
            difference[0] = f"{dependent}, from {difference[0]}"
        between = self._between(difference, self._elsewhere(edits) or self._refused(edits))
        if dependent is not None:
            edits = (dependent,)
        return made(
            self.sighting,
            self.shown,
            self._traits_of(ways) if ways else self.sighting.traits(edits),
            kinds=self.sighting.kinds(edits),
            difference=difference,
            between=between,
            edits=edits,
            ways=ways,
            key=self.kind,
            sure=self.sure,
        )

    def _between(self, difference: Sequence[str], there: str = "") -> tuple[str, str]:
        """What works and what fails: the control with this difference, but not `there`, if so."""
        name, changed = self.compared, shortly(difference)
        if self.sighting.symptom.category == Category.ACCEPTED_INVALID:  # what is wrong is accepted
            return f"{name} with {changed}", there
        return (there, f"{name} with {changed}") if there else (name, f"the same with {changed}")

    def _edits_text(self, edits: Edits) -> list[str]:
        """The edits for people."""
        texts, shown = [*map(str, edits)], self.shown
        if self.sighting.symptom.answer == ITEMS_NOT_ONCE:
            payload = applied(self.contract, self.control.payload, edits)
            texts = [*edits_text(self.contract, edits, payload, self._sent)]
        self.shown = shown
        return texts

    def _by_ways(self) -> Explained:
        """The plain invoice shows it too when it is sent so."""
        ways = self._ways()
        difference = self._ways_text(ways)
        if CHUNKED in difference and self._takes_several():
            difference[difference.index(CHUNKED)] = SEVERAL_CHUNKS
        return made(
            *(self.sighting, self.shown, self._traits_of(ways)),
            kinds=[SENT],
            difference=difference,
            between=self._between(difference),
            ways=ways,
            key=self.kind,
            sure=self.sure,
        )

    def _traits_of(self, ways: Collection[str]) -> list[str]:
        """What equal faults share that such ways of sending bring about, with such a key."""
        return traits_of_ways(ways, self.kind.name if self._is_keyed(ways) and self.kind else "")

    def _ways(self) -> frozenset[str]:
        """The unusual ways of sending that show it."""
        if not self.sighting.is_of_an_invoice:
            return frozenset()
        return self.sighting.ways_of(self.shown.exchange.request)

    def _ways_text(self, ways: frozenset[str]) -> list[str]:
        """The same for people; of a key only what it is called is told, or the case."""
        others = {way for way in ways if not self._is_keyed([way])}
        name = self.kind.name if self.kind is not None else self.sighting.name
        called = [name] if len(others) < len(ways) else []
        return [*called, *ways_text(others, self.usual, self.shown.exchange.request)]

    def _takes_several(self) -> bool:
        """Whether it does not show where a smaller invoice is sent in one chunk."""
        small, shown = encode(smallest_of(self.contract, self.control.payload)), self.shown
        several = len(small) <= CHUNK and self._sent_body(small) is False
        self.shown = shown
        return several

    def _elsewhere(self, edits: Edits) -> str:
        """Where the same does not show it, if it shows in one item and not in another."""
        shown = self.shown
        for place, other in elsewhere(self.contract, self.control.payload, edits):
            if self._fails((other,)) is False:
                self.shown = shown
                return f"{IN_ANOTHER}{location_text(place)}"
        self.shown = shown
        return ""

    def _refused(self, edits: Edits) -> str:
        """What is refused beside what is accepted although it has the same fault, if that is so."""
        fault = [str(edit).replace(PLACEHOLDER, "IC-...") for edit in self._fault(edits)]
        return f"{self.compared} with {shortly(fault)}" if fault and self.sure else ""
