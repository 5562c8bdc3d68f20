"""Describes what was tried as a cause: the difference in words, between two requests."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from causes.cause import (
    AFTER,
    ALONE,
    AND,
    CHUNKED,
    EVERY,
    FROM,
    MOST_EDITS,
    NOTHING,
    SAME_IN,
    SENT,
    SEVERAL_CHUNKS,
    THE_ORDER,
    shortly,
)
from causes.difference import (
    Edit,
    applied,
    dependent_on,
    differences,
    edits_within,
    from_the_run,
    in_each_item,
    is_one_text,
    is_total,
)
from causes.echo_change import ITEMS_NOT_ONCE
from causes.explained import Edits, Explained
from causes.kinds.api_keys import TAKEN
from causes.kinds.beyond_limits import farther_beyond, plainest_fault
from causes.kinds.body_size import SizeDifference
from causes.kinds.duplicate_items import edits_text
from causes.kinds.two_changes import MOST_LESS, changed_alone, known_beside
from causes.kinds.ways import (
    FIELD,
    fields_of,
    plain_value,
    traits_of_ways,
    ways_text,
    with_field,
    with_value,
)
from causes.making import made, named_field, of_case, told_of
from causes.repetition import Unsteady
from causes.sightings import STRANGER
from causes.traits import path_of
from causes.trying import Trying
from spec.contract import PLACEHOLDER
from spec.paths import Json, find, location_text, schema_at
from spec.violation import Category, brief
from strategies.invoice import encode
from strategies.relations import smallest_of
from targets.chunks import CHUNK

MOST_FARTHER = 3
"""Requests that ask what of it is refused farther beyond a limit."""
OF_ITEMS = "items that make it"
"""What is said of a total."""


@dataclass(frozen=True, slots=True)
class Describing:
    """Describes the cause of what was tried, which was `compared` with what is called so."""

    trying: Trying
    compared: str

    def known(self, trait: str, ways: Sequence[str] = ()) -> Explained:
        """The cause of which no difference is known, but the case."""
        trying = self.trying
        return of_case(trying.sighting, trying.shown, trait, ways, beside=self.compared)

    def each_time(self) -> Explained:
        """The cause of what the control shows each time; in which of its items, if not in all."""
        sighting, control = self.trying.sighting, self.trying.control
        name, sums = self.compared, self.trying.contract.relations.sum
        names = sighting.symptom.names
        found = [one for one in control.verdict.violations if one.requirement.name in names]
        # That the items are gone is about no single one of them.
        of_items = [each for each in found if each.location[1:-1][:1] == (sums.items,)]
        wrong = {each.location[2] for each in of_items}
        items = find(control.payload, (sums.items,)) if wrong else []
        right = [index for index in range(len(items)) if index not in wrong]
        works, fails = "", name
        if right and of_items == found:

            def told(index: Json) -> str:
                of = [brief(find(items, (index, each))) for each in (sums.amount, sums.quantity)]
                priced = all(one.requirement.keyword == "product" for one in found)
                return location_text((sums.items, index)) + f" ({' x '.join(of)})" * priced

            works, fails = f"{told(right[0])} of {name}", f"{told(min(wrong))} of the same"
        between = (works, f"{fails}, each time")
        return made(sighting, control.verdict, [EVERY], between=between, each_time=True)

    def by_edits(self, edits: Edits) -> Explained:
        """The cause that is these edits of the control, sent as they were last."""
        trying, sighting = self.trying, self.trying.sighting
        ways = self._ways()
        difference = [
            text.replace(PLACEHOLDER, "IC-...")
            for text in (*self._ways_text(ways, edits), *self._edits_text(edits))
        ]
        field = named_field(sighting, trying.shown)
        dependent = dependent_on(trying.contract, trying.control.payload, edits, field)
        if dependent is not None:
            difference[0] = f"{dependent}{FROM}{difference[0]}"
        written = any(edit.written for edit in edits)
        of_items = None if written else self._between_items(difference, edits)
        between = of_items or self._between(difference, edits, self._refused(edits))
        if of_items is None and not ways:
            right = self._as_it_is(edits) or self._just_shorter(edits)
            between = right or between[0], between[1]
        bound = self._bound(edits, between[1], ways) if self._is_accepted else ""
        if bound not in (NOTHING, ALONE):
            between = between[0], between[1] or bound
        with trying.aside(MOST_LESS):
            alone = changed_alone(sighting, edits, trying.answered)
        if dependent is not None:
            edits = (dependent,)
        found = made(
            sighting,
            trying.shown,
            self._traits_of(ways) if ways else sighting.traits(edits),
            kinds=sighting.kinds(edits),
            difference=difference,
            between=between,
            edits=edits,
            ways=ways,
            key=trying.kind,
            sure=trying.sure,
            in_another=of_items is not None,
            bound=bound,
        )
        return replace(found, alone=alone)

    def by_two_changes(self, known: Iterable[Explained]) -> Explained | None:
        """The cause of what comes back as a known change makes it, and with another one as well;
        None of what does not.
        """
        trying, sighting = self.trying, self.trying.sighting
        own = tuple(filter(sighting.is_own, sighting.independent))
        with trying.aside(MOST_LESS):
            alone = known_beside(sighting, own, trying.answered, known)
        if not alone:
            return None
        return replace(
            made(sighting, sighting.verdict, sighting.traits(own), edits=own), alone=alone
        )

    def by_ways(self) -> Explained:
        """The cause that is how it is sent: the plain invoice shows it too."""
        trying, ways = self.trying, self._ways()
        difference = self._ways_text(ways)
        if CHUNKED in difference and self._takes_several():
            difference[difference.index(CHUNKED)] = SEVERAL_CHUNKS
        works, fails = self._between(difference)
        return made(
            *(trying.sighting, trying.shown, self._traits_of(ways)),
            kinds=[SENT],
            difference=difference,
            between=(self._wrong_key() or works, fails),
            ways=ways,
            key=trying.kind,
            sure=trying.sure,
        )

    def by_size(self, long: SizeDifference) -> Explained:
        """The cause that is how long a body is, where in it a character stands, or how the chunks
        of one so long are written.
        """
        trying, ways = self.trying, self._ways()
        name, difference = long.name, [*self._ways_text(ways), *long.difference]
        if ways and long.trait == SENT:  # what is sent so and written as usual was asked too
            name, difference = f"{name} with {shortly(difference[:-1])}", difference[-1:]
        words = f"{shortly(difference)}, mostly {long.of}" if long.of else shortly(difference)
        works, fails = name, f"the same with {words}"
        if self._is_accepted:
            works, fails = f"{name} with {words}", name
        traits = [*self._traits_of(ways), long.trait] if ways else [long.trait]
        found = made(
            *(trying.sighting, trying.shown, traits),
            kinds=[long.trait],
            difference=difference,
            between=(works, fails),
            ways=ways,
            key=trying.kind,
        )
        return replace(found, size=long.size)

    def by_repetition(self, unsteady: Unsteady) -> Explained:
        """The cause that is when it is sent: after what, beside what, or how often."""
        works, fails = unsteady.works, unsteady.fails
        if self._is_accepted:
            works, fails = fails, works
        found = made(
            *(self.trying.sighting, unsteady.shown, [unsteady.trait]),
            difference=unsteady.difference,
            between=(works, fails),
            before=unsteady.before or shortly(unsteady.difference) * (unsteady.trait == AFTER),
        )
        same = (*unsteady.same,)
        return replace(found, after=unsteady.after, first=unsteady.first, remembers=same)

    @property
    def _is_accepted(self) -> bool:
        """Whether it is accepted what is wrong."""
        told = told_of(self.trying.sighting, self.trying.shown)
        return told.category == Category.ACCEPTED_INVALID

    def _between(
        self, difference: Sequence[str], edits: Edits = (), refused: str = ""
    ) -> tuple[str, str]:
        """What works and what fails: the control, and the same with this difference and what
        follows from its edits; where that is accepted although it is invalid, what of it is
        `refused`, if anything.
        """
        name, own = self.compared, self.trying.control.name
        changed = shortly(difference) + self._following(edits)
        if self._is_accepted:
            return f"{name} with {changed}", refused
        # What lacks something else is not the same without what is told.
        same = name == own or (name == STRANGER and self.trying.kind is not None)
        return name, f"{'the same' if same else own} with {changed}"

    def _following(self, edits: Edits) -> str:
        """What else has to be different with the edits, such as the amount paid with a status."""
        trying = self.trying
        if not edits or any(edit.written or not edit.location for edit in edits):
            return ""
        payload = trying.changed(edits)
        told = {edit.location for edit in edits_within(trying.contract, payload, edits)}
        if any(is_total(trying.contract, edit) for edit in edits):  # of the items that make it
            told.add((trying.contract.relations.sum.items,))
        field = named_field(trying.sighting, trying.shown)
        dependent = dependent_on(trying.contract, trying.control.payload, edits, field)
        others = [
            str(each).replace(PLACEHOLDER, "IC-...")
            for each in differences(trying.contract, trying.control.payload, payload)
            if each != dependent and not any(each.location[: len(one)] == one for one in told)
        ]
        return f", and so {shortly(others)}" if others else ""

    def _between_items(self, difference: Sequence[str], edits: Edits) -> tuple[str, str] | None:
        """The same, if it shows in one item and not in another; the first request has both."""
        place = self.trying.well_in(edits)
        if place is None:
            return None
        here, there = (location_text(each) for each in (edits[0].location[:2], place))
        changed = f"{self.compared} with {shortly(difference)}"
        if self._is_accepted:
            return changed, f"{SAME_IN}{there}"
        return changed.replace(here, there), f"the same in {here}"

    def _well_in_items(self, edits: Edits) -> list[str]:
        """The items in which the same is refused."""
        others = self._in_other_items(edits)
        well = [each for each in others if self.trying.is_taken((each,)) is False]
        return [location_text(each.location[:2]) for each in well]

    def _in_other_items(self, edits: Edits) -> list[Edit]:
        """The edit in each other item of the control; none of what is in no item."""
        (edit, *more), name = edits, self.trying.contract.relations.sum.items
        items = find(self.trying.control.payload, (name,))
        if more or edit.another or len(edit.location) < 2 or edit.location[0] != name:
            return []
        others = (index for index in range(len(items)) if index != edit.location[1])
        return [replace(edit, location=(name, each, *edit.location[2:])) for each in others]

    def _bound(self, edits: Edits, refused: str, ways: Collection[str]) -> str:
        """What is `refused` with the same fault as what is accepted: in other items, alone, with
        the plainest value that has it, or farther beyond the limit; `NOTHING` where that is
        accepted as well, in each item. Empty where it is not known.
        """
        (edit, *more), trying = edits, self.trying
        if refused:
            of_items = refused.startswith(SAME_IN)
            return SAME_IN + AND.join(self._well_in_items(edits)) if of_items else ALONE
        if more or ways or not (trying.sure and trying.sighting.is_own(edit)):
            return ""
        plainest = plainest_fault(trying.contract, edit)
        taken = plainest is None or trying.is_taken((plainest,))
        if plainest is not None and taken is False:
            return f"the same with {self._told(plainest)}".replace(PLACEHOLDER, "IC-...")
        farther = self._refused_farther(plainest or edit) if taken else None
        if farther is not None:
            return f"the same with {self._told(farther)}".replace(PLACEHOLDER, "IC-...")
        everywhere = all(trying.is_taken((each,)) for each in self._in_other_items(edits))
        return NOTHING if taken and everywhere else ""

    def _refused_farther(self, edit: Edit) -> Edit | None:
        """The nearest that was found to be refused of what is farther beyond the limit than an edit
        that is accepted; None where much farther is accepted, too.
        """
        trying = self.trying
        far, *nearer = farther_beyond(trying.contract, edit) or (None,)
        with trying.aside(MOST_FARTHER):
            if far is None or trying.is_taken((far,)) is not False:
                return None
            return next((each for each in nearer if trying.is_taken((each,)) is False), far)

    def _as_it_is(self, edits: Edits) -> str:
        """What is answered well with a text that shows it in escapes; empty for other edits."""
        (edit, *more), texts = edits, isinstance(edits[0].value, str)
        if more or not (texts and edit.written):
            return ""
        text = str(replace(edit, written="", spelt=False)).replace(PLACEHOLDER, "IC-...")
        return f"{self.compared} with {text}"

    def _just_shorter(self, edits: Edits) -> str:
        """What is answered well with a text of one character less, where the length is to blame;
        empty where that is not so, or not known.
        """
        (edit, *more), trying = edits, self.trying
        if more or self._is_accepted or not edit.is_by_length or edit.alike or edit.signs:
            return ""
        shorter = replace(edit, value=edit.value[:-1])
        if PLACEHOLDER in edit.value and PLACEHOLDER not in shorter.value:
            return ""
        with trying.aside():
            is_well = trying.fails((shorter,)) is False
        return f"{self.compared} with {shorter}" if is_well and shorter.is_by_length else ""

    def _wrong_key(self) -> str:
        """What is refused as it should be beside a key that is refused in another way, if it is."""
        trying = self.trying
        if trying.kind is None or trying.sighting.symptom.status == TAKEN:
            return ""
        refused = trying.asking.stranger()
        return STRANGER if refused is not None and not refused.violations else ""

    def _edits_text(self, edits: Edits) -> list[str]:
        """The edits for people."""
        trying = self.trying
        symptom = trying.sighting.symptom
        payload = applied(trying.contract, trying.control.payload, edits)
        edits = tuple(map(self._as_sent, edits))
        if edits[1:]:  # of which one may be the number of items
            edits = edits_within(trying.contract, payload, edits)
        if not (symptom.answer == ITEMS_NOT_ONCE or symptom.is_of_ids):
            made = any(is_total(trying.contract, edit) for edit in edits)
            told = [self._told(each) for each in in_each_item(trying.contract, payload, edits)]
            return [*told, OF_ITEMS] if made and not trying.sighting.is_refusal else told
        with trying.aside():
            return [*edits_text(trying.contract, edits, payload, trying.sent)]

    def _told(self, edit: Edit) -> str:
        """An edit for people; of a property that the document does not have, that it is one."""
        *around, name = edit.location or ("",)
        schema = schema_at(self.trying.contract.narrowed_schema, path_of(tuple(around)))
        known = schema.get("properties", {name: {}})
        if name in known or edit.size is not None or edit.removed or not isinstance(name, str):
            return f"{edit}{self._by_the_clock(edit, known.get(name, {}))}"
        where = f" of {location_text(tuple(around))}" if around else ""
        is_special = isinstance(edit.value, str | list | dict) and edit.value != "x"
        value = f", {brief(edit.value)}" if is_special else ""
        return f"an unknown property {brief(name)}{where}{value}"

    def _by_the_clock(self, edit: Edit, schema: Json) -> str:
        """How far a date is from the run or from its order, where it was chosen by that."""
        facts, is_date = self.trying.asking.facts, schema.get("format") == "date-time"
        if not is_date or edit.another or not isinstance(edit.value, str):
            return ""
        is_update = edit.location == (self.trying.contract.relations.update.updated,)
        ordered = facts.order_created_at.isoformat() if facts.order_created_at else None
        is_at_once = is_update and is_one_text(edit.value, ordered)
        told = THE_ORDER if is_at_once else from_the_run(facts.started_at, edit.value)
        return f", {told}" if told else ""

    def _as_sent(self, edit: Edit) -> Edit:
        """The edit, with the date that was sent where one of the other dates moved it."""
        sent = find(self.trying.shown.expected.payload, edit.location)
        is_due = edit.location == (self.trying.contract.relations.due.due,)
        is_told = isinstance(edit.value, str) and isinstance(sent, str)
        return replace(edit, value=sent) if is_due and is_told and not edit.another else edit

    def _ways(self) -> frozenset[str]:
        """The unusual ways of sending that show it."""
        trying = self.trying
        if trying.like is None or not trying.sighting.is_sent_there:
            return frozenset()
        return trying.sighting.ways_of(trying.shown.exchange.request)

    def _ways_text(self, ways: frozenset[str], edits: Edits = ()) -> list[str]:
        """The same for people, who are told of a key only what it is called, or the case; a value
        is to blame that shows it with these edits and not a plain one.
        """
        trying = self.trying
        others = {way for way in ways if not trying.is_keyed([way])}
        name = trying.kind.name if trying.kind is not None else trying.sighting.name
        called = [name] if len(others) < len(ways) else []
        told = ways_text(others, trying.usual, trying.shown.exchange.request)
        blamed = {f"{FIELD}{name}": words for name, words in self._values(others, edits)}
        return [*called, *(blamed.get(each, each) for each in told)]

    def _values(self, ways: Collection[str], edits: Edits) -> Iterator[tuple[str, str]]:
        """The header fields, by name and with their values in words, that do not show it with a
        plain value; none of a request whose key is another one, which may be in any of them.
        """
        trying, like = self.trying, self.trying.like
        if trying.keyed or like is None:
            return
        fields = fields_of(ways, trying.usual, trying.shown.exchange.request)
        for name, value in [*fields.items()][:MOST_EDITS]:
            plain = with_field(like, name, plain_value(name))
            if value != plain_value(name) and trying.is_well_twice(plain, edits):
                yield name, with_value(name, value)

    def _traits_of(self, ways: Collection[str]) -> list[str]:
        """What equal faults share that such ways of sending bring about, with such a key."""
        kind = self.trying.kind if self.trying.is_keyed(ways) else None
        return traits_of_ways(ways, kind.name if kind is not None else "")

    def _takes_several(self) -> bool:
        """Whether it does not show where a smaller invoice is sent in one chunk."""
        trying = self.trying
        small = encode(smallest_of(trying.contract, trying.control.payload))
        with trying.aside():
            return len(small) <= CHUNK and trying.sent_body(small) is False

    def _refused(self, edits: Edits) -> str:
        """What is refused although what is accepted has the same fault; empty if nothing is."""
        trying = self.trying
        fault = [str(edit).replace(PLACEHOLDER, "IC-...") for edit in trying.fault(edits)]
        return f"{self.compared} with {shortly(fault)}" if fault and trying.sure else ""
