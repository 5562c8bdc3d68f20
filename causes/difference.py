"""The smallest difference between two invoices of which a server treats only one well."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from typing_extensions import override

from causes.cause import SAME_MOMENT, THE_RUN
from spec.contract import Contract
from spec.paths import ELEMENT, Json, Location, find, location_text, names, put, remove
from spec.schema.formats import instant
from spec.violation import brief, counted, shortened
from strategies.relations import (
    LEAP,
    consistent,
    repeated_to,
    with_distinct_references,
    with_status,
)
from strategies.wrong.prices import with_total

LONGEST_SHOWN = 64
"""Characters of a text that is shown; of a longer one the length is told."""
FARTHEST = 100 * 24 * 3600
"""Seconds from the start of a run to a date that is chosen by it."""
_UNITS = {"day": 24 * 3600, "hour": 3600}
"""Seconds by which such a date is told."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One step from the control to the invoice that fails: a value put at a location, a location
    removed, or, at `items`, the number of items changed. A value may be put there because it is
    that at `another` location. A text is `spelt` whose length is not to blame, and its first
    characters may be `alike` in every request. A number may be `written` otherwise than usual. A
    status may be one that the amounts have `by_amounts`, whether it is there or not. A text that
    has to be long may have to have `signs` as well. A number is to blame `by_itself` whose sum is
    not. A date may be the `same_moment` as that of the control, at another offset. A property that
    the control lacks may show it with `any_value`.
    """

    location: Location
    value: Json = None
    removed: bool = False
    size: int | None = None
    another: Location = ()
    spelt: bool = False
    alike: int = 0
    written: str = ""
    by_amounts: bool = False
    signs: str = ""
    by_itself: bool = False
    same_moment: bool = False
    any_value: bool = False

    @property
    def is_of_two_items(self) -> bool:
        """Whether a property of an item is equal to the same one of another item."""
        return self.another[1:] != () and self.another[-1] == self.location[-1]

    @property
    def is_by_length(self) -> bool:
        """Whether the length of a text is told in its place."""
        return is_long(self.value) and not self.spelt

    @override
    def __str__(self) -> str:
        where = location_text(self.location)
        if self.size is not None:
            return f"{self.size} {where if self.size != 1 else where.removesuffix('s')}"
        if self.removed or self.any_value:
            return f"{'no' if self.removed else 'any'} {where}"
        if self.another:
            return f"{where} equal to {location_text(self.another)}"
        if self.written and is_long(self.value):
            return f"{replace(self, written='', spelt=False)} in escapes"
        if self.written:
            return f"{where} written {shortened(self.written, LONGEST_SHOWN)}"
        if self.alike:
            first = counted(self.alike, "character")
            return f"{where} that begins with the same {first} as one before it"
        if self.is_by_length:
            others = ", some ".join(("", *beyond_ascii(self.value)))
            signs = f" with {brief(self.signs)}" if self.signs else ""
            return f"{where} of {counted(len(self.value), 'character')}{others}{signs}"
        return f"{where} {brief(self.value)}{SAME_MOMENT * self.same_moment}"


def called(payload: Json, name: str) -> str:
    """What a case is called that has the name of a text in its invoice, such as an order id."""
    texts = payload.items() if isinstance(payload, dict) else ()
    own = next((each for each, value in texts if value == name), "")
    return f"an invoice with {own} {brief(name)}" if own else name


def is_long(value: Json) -> bool:
    """Whether a value is a text of which only the length is told, unless that does not matter."""
    return isinstance(value, str) and len(value) > LONGEST_SHOWN


def is_as_long(text: str, other: str) -> bool:
    """Whether a text is as long as another one: in characters or, where that has some beyond ASCII,
    in bytes.
    """
    in_bytes = (len(each.encode("utf-8", "surrogatepass")) for each in (text, other))
    return len(text) >= len(other) or (not other.isascii() and next(in_bytes) >= next(in_bytes))


def beyond_ascii(text: str) -> tuple[str, ...]:
    """What a server may count otherwise: the kind of the highest character, where it is none of
    ASCII.
    """
    highest = max(text, default="")
    if highest.isascii():
        return ()
    return ("beyond U+FFFF",) if highest > "\uffff" else ("beyond ASCII",)


def from_the_run(start: datetime, text: str) -> str:
    """How far a date is from the start of a run, if it was chosen by that and not by a calendar: by
    whole hours or days; empty for others.
    """
    try:
        seconds = (instant(text) - start.replace(microsecond=0)).total_seconds()
    except (ValueError, OverflowError):
        return ""
    far, side = abs(seconds), "after" if seconds > 0 else "before"
    sizes = (each for each in _UNITS if far and far % _UNITS[each] == 0)
    unit = next(sizes, "") if far <= FARTHEST else ""
    return f"{counted(int(far // _UNITS[unit]), unit)} {side} {THE_RUN}" if unit else ""


def differences(contract: Contract, control: Json, failing: Json) -> list[Edit]:
    """The edits that make the failing payload of the control, the largest things first."""
    if not (isinstance(control, dict) and isinstance(failing, dict)):
        return [Edit((), failing)]
    return [*_of_objects(contract, control, failing, ())]


def _of_objects(contract: Contract, control: Json, failing: Json, at: Location) -> Iterator[Edit]:
    for name in [*failing, *(name for name in control if name not in failing)]:
        here = (*at, name)
        if name not in failing:
            yield Edit(here, removed=True)
        elif (
            name == contract.relations.sum.items
            and not at
            and _are_lists(control.get(name), failing[name])
        ):
            yield from _of_items(contract, control[name], failing[name], here)
        elif name not in control or not _equal(control[name], failing[name]):
            yield Edit(here, failing[name])


def _of_items(
    contract: Contract, control: list[Json], failing: list[Json], at: Location
) -> Iterator[Edit]:
    if len(control) != len(failing):
        yield Edit(at, size=len(failing))
    for index, (one, other) in enumerate(
        zip(_resized(contract, control, len(failing)), failing, strict=True)
    ):
        here = (*at, index)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _of_objects(contract, one, other, here)
        elif not _equal(one, other):
            yield Edit(here, other)


def _resized(contract: Contract, items: list[Json], size: int) -> list[Json]:
    schema = contract.narrowed_schema["properties"][contract.relations.sum.items]
    return with_distinct_references(contract, repeated_to(items, size), schema)


def _are_lists(one: Json, other: Json) -> bool:
    return isinstance(one, list) and isinstance(other, list) and bool(one)


def _equal(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON: true is not 1."""
    return type(one) is type(other) and bool(one == other)


def applied(
    contract: Contract, control: Json, edits: Sequence[Edit], fixed: Sequence[str] = ()
) -> Json:
    """The control with these edits, consistent except for the `fixed` properties.

    What goes to an item that is not there goes to the last one. Items make the total. A
    status brings an amount paid of its own, unless that is one of the edits.
    """
    payload, state = control, contract.relations.state
    changed = {edit.location for edit in edits}
    for edit in sorted(edits, key=lambda edit: (edit.another != (), edit.size is None)):
        if not edit.location:
            return edit.value
        location = within(contract, payload, edit.location)
        if edit.size is not None:
            items = find(payload, location)
            payload = put(payload, location, _resized(contract, items, edit.size))
        elif not isinstance(find(payload, location[:-1]), _holder_of(location[-1])):
            continue  # the last item, to which it goes, may be none
        elif edit.removed:
            payload = remove(payload, location)
        elif edit.another:
            payload = consistent(contract, payload, fixed)
            payload = put(payload, location, find(payload, within(contract, payload, edit.another)))
        elif (
            location == (state.status,)
            and isinstance(edit.value, str | None)
            and not {(state.paid,), state.status} & {*changed, *fixed}
        ):
            payload = with_status(contract, payload, edit.value)
        elif is_total(contract, edit) and location[0] not in fixed:
            payload = with_total(contract, payload, edit.value)
        else:
            payload = put(payload, location, edit.value)
    return consistent(contract, payload, fixed, LEAP)


def _holder_of(step: str | int) -> type:
    return dict if isinstance(step, str) else list


def is_total(contract: Contract, edit: Edit) -> bool:
    """Whether an edit is a number that the items have to make."""
    at_total = edit.location == (contract.relations.sum.total,)
    return at_total and not edit.written and type(edit.value) in (int, float)


def within(contract: Contract, payload: Json, location: Location) -> Location:
    """The location, in the last item where there are fewer."""
    name = contract.relations.sum.items
    items = payload.get(name)
    if location[:1] != (name,) or len(location) < 2 or not (isinstance(items, list) and items):
        return location
    index = location[1]
    last = len(items) - 1
    return (name, min(index, last) if isinstance(index, int) else last, *location[2:])


def edits_within(contract: Contract, payload: Json, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits, at the items of a payload that they go to."""

    def moved(edit: Edit) -> Edit:
        at, other = (within(contract, payload, each) for each in (edit.location, edit.another))
        return replace(edit, location=at, another=other)

    return tuple(map(moved, edits))


def in_each_item(contract: Contract, payload: Json, edits: Sequence[Edit]) -> Iterator[Edit]:
    """The edits of a payload; one that is in each of several items, only once."""
    name = contract.relations.sum.items
    items = find(payload, (name,))
    places = range(len(items)) if isinstance(items, list) and len(items) > 1 else ()
    for edit in edits:
        within_item = edit.location[2:] if edit.location[:1] == (name,) else ()
        in_each = [replace(edit, location=(name, place, *within_item)) for place in places]
        there = all(any(_is_same(one, each) for each in edits) for one in in_each)
        if not (within_item and in_each and there):
            yield edit
        elif edit.location == in_each[0].location:
            yield replace(edit, location=(name, ELEMENT, *within_item))


def _is_same(one: Edit, other: Edit) -> bool:
    return one == other and _equal(one.value, other.value)


def of_payment(
    contract: Contract, control: Json, failing: Json, edits: Sequence[Edit]
) -> tuple[Edit, ...]:
    """The edits of the status and of the amount paid: the total, whatever it is, or as many times
    that of the control as it is of the other total; nothing where other items make no other total.
    """
    state = contract.relations.state
    places = ((state.paid,), (state.status,))
    own = [edit for edit in edits if edit.location in places]
    paid, total = (find(failing, (name,)) for name in (state.paid, state.total))
    plain = find(control, (state.total,))
    if not own or not all(type(each) in (int, float) and each for each in (paid, total, plain)):
        return ()
    if paid == total:
        return tuple(
            replace(edit, another=(state.total,)) if edit.location == places[0] else edit
            for edit in own
        )
    if total == plain:
        return ()
    status = (edit for edit in own if edit.location == places[1])
    try:
        return (*status, Edit(places[0], round(plain * paid / total, 2)))
    except OverflowError:  # of a number that no double has nothing can be a part
        return ()


def equal_to_others(control: Json, failing: Json, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Edits that have a text equal to that of another property beside it, where it is so in the
    failing payload and not in the control.
    """
    for edit in edits:
        *around, here = edit.location or ("",)
        beside, known = (find(each, (*around,)) for each in (failing, control))
        if around[1:]:  # there may be fewer items
            items = find(control, (around[0],))
            last = isinstance(items, list) and items and isinstance(around[1], int)
            known = items[min(around[1], len(items) - 1)] if last else None
        if not (isinstance(known, dict) and isinstance(beside, dict)):
            continue
        for name, value in beside.items():
            plain, own = (known.get(each) for each in (name, here))
            if name != here and None is not plain != own and is_one_text(edit.value, value):
                yield replace(edit, another=(*around, name))


def is_one_text(one: Json, other: Json) -> bool:
    """Whether two values are one text, or one moment."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    try:
        return one == other or instant(one) == instant(other)
    except (ValueError, OverflowError):
        return False


def dependent_on(contract: Contract, plain: Json, edits: Sequence[Edit], field: str) -> Edit | None:
    """What has to change with the edits, such as a total, if the server names that field alone."""
    if not field or any(names(field, edit.location) for edit in edits):
        return None
    places = {edit.location for edit in edits}
    others = differences(contract, plain, applied(contract, plain, edits))
    named = (each for each in others if each.location not in places)
    return next((each for each in named if names(field, each.location)), None)


def elsewhere(
    contract: Contract, plain: Json, edits: Sequence[Edit]
) -> Iterator[tuple[Location, Edit]]:
    """One edit in an item, in the first and in the last of the others."""
    (edit, *more), name = edits, contract.relations.sum.items
    items = find(plain, (name,))
    if more or edit.another or not edit.location[1:] or not isinstance(items, list):
        return
    for other in {0, len(items) - 1} - {edit.location[1]}:
        yield (name, other), replace(edit, location=(name, other, *edit.location[2:]))
