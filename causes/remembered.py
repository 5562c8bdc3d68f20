"""Whether a text comes back that an invoice before it had, and what the two have to have in common
for that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

from causes.cause import AFTER, AS_BEFORE
from causes.difference import is_long
from causes.explained import Explained
from causes.repetition import Asking, Unsteady
from causes.sightings import Sighting
from spec.contract import PLACEHOLDER
from spec.oracle import Verdict
from spec.paths import ELEMENT, Json, Location, Path, find, location_text, put, values_at
from spec.schema.amounts import meant
from spec.schema.formats import instant
from strategies.invoice import encode
from strategies.relations import consistent
from targets.stamp import stamp_in, unstamped_body

_CENTS = 0.25
_MANY, _SECONDS = 1000, 29
"""Numbers of which each makes another amount, or another second: of the date that comes first one
in the first half of a minute, and of others one in the second half, which is later.
"""


@dataclass(slots=True)
class Remembering:
    """Looks for it, by two plain invoices that are sent one after the other."""

    sighting: Sighting
    asking: Asking
    _numbers: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        stamp = stamp_in(self.sighting.request.body) or "2"
        # No number of an earlier question, as that is remembered too.
        self._numbers = count(int(stamp[-4:], 16))

    def unsteady(self) -> Unsteady | None:
        """What both have in common, if a text comes back that only the first of them had."""
        place = self._place()
        if place is None:
            return None
        names = self._names(place)
        shown = self._after_one_with(names, place)
        if shown is None or self._after_one_with((), place) is not None:
            return None
        items = self.sighting.contract.relations.sum.items
        own = [each for each in names if each[0] == items == place[0]]
        names = own if own and self._after_one_with(own, place) is not None else names
        blamed = [
            each
            for each in names
            if self._after_one_with([other for other in names if other != each], place) is None
        ]
        shown = self._after_one_with(blamed, place) if blamed else None
        if shown is None:
            return None
        *first, last = map(location_text, blamed)
        same = " and ".join((", ".join(first), last)) if first else last
        plain, words = self.sighting.control.name, f"the same {same} {AS_BEFORE}"
        works, fails = f"{plain}, with another {same}", f"{plain}, with {words}"
        return Unsteady(AFTER, [words], works, fails, shown, 201, blamed)

    def is_of(self, known: Explained) -> bool:
        """Whether a property comes back right once what a known cause goes by is new."""
        payload, wrong = self.sighting.payload, self.sighting.symptom.names
        ours = known.remembers and wrong <= known.symptom.names
        if not (ours and isinstance(payload, dict)):
            return False
        changed = self._changed(known.remembers, next(self._numbers), payload)
        verdict = self.asking.send(encode(consistent(self.sighting.contract, changed)), None)
        if verdict is None or not isinstance(find(verdict.answer, ("data",)), dict):
            return False
        return wrong.isdisjoint(one.requirement.name for one in verdict.violations)

    def _place(self) -> Location | None:
        """Where in the plain invoice a text stands that came back as an accepted invoice had it, or
        as another item of this one has it.
        """
        sighting = self.sighting
        for violation in sighting.symptom.violations:
            location = violation.location[1:]
            returned = find(sighting.verdict.answer, violation.location)
            if violation.requirement.keyword != "echo" or not (location and returned):
                continue
            if not isinstance(returned, str):
                continue
            there = encode({str(location[-1]): returned})[1:-1]
            body = sighting.request.body
            in_it = there in body or there in unstamped_body(body)  # another of its items has it
            if in_it or any(there in each.body for each in self.asking.accepted()):
                plain = sighting.control.payload
                place = (location[0], 0, *location[2:]) if location[1:] else location
                if isinstance(find(plain, place), str):
                    return place
        return None

    def _names(self, place: Location) -> list[Path]:
        """What two invoices may have in common, beside what came back at a place."""
        sighting = self.sighting
        relations, plain = sighting.contract.relations, sighting.control.payload
        top = [name for name in plain if name not in (relations.sum.items, relations.state.status)]
        first = find(plain, (relations.sum.items, 0))
        texts = [(relations.sum.items, ELEMENT, name) for name in first or ()]
        found = [*texts, *((name,) for name in top)]
        own = tuple(ELEMENT if isinstance(step, int) else step for step in place)
        return [path for path in found if path != own and self._is_asked(path)]

    def _is_asked(self, path: Path) -> bool:
        """Whether a property may be another one, and is not so anyway."""
        relations = self.sighting.contract.relations
        if path == (relations.order.order,) and self.asking.facts.order_ids:
            return False
        if path in ((relations.sum.total,), (relations.state.paid,)):
            return True
        values = [value for _, value in values_at(self.sighting.control.payload, path)]
        return all(isinstance(value, str) and PLACEHOLDER not in value for value in values)

    def _after_one_with(self, same: Sequence[Path], place: Location) -> Verdict | None:
        """The verdict on an invoice that gets the text which the one before had at a place, where
        both have all of this and nothing else; None if it does not.
        """
        first, second = next(self._numbers), next(self._numbers)
        names = self._names(place)
        one, other = self._changed(names, first), self._changed(names, second)
        for path in same:
            other = _with(other, one, path)
        if (self.sighting.contract.relations.sum.total,) in same:
            items = self.sighting.contract.relations.sum
            for name in (items.amount, items.quantity):
                other = _with(other, one, (items.items, ELEMENT, name))
        own = find(one, place)
        other = put(other, place, own if PLACEHOLDER in own else f"{own} of another")
        before, after = (self._sent(each) for each in (one, other))
        if before is None or after is None:
            return None
        had, returned = (
            find(before.expected.payload, place),
            find(after.answer, ("data", *place)),
        )
        sent = find(after.expected.payload, place)
        return after if returned == had != sent else None

    def _sent(self, payload: Json) -> Verdict | None:
        body = encode(consistent(self.sighting.contract, payload))
        return self.asking.send(body, None)

    def _changed(self, names: Sequence[Path], number: int, payload: Json = None) -> Json:
        """A payload, or that of the plain invoice, with each of these otherwise, by a number."""
        payload = payload or self.sighting.control.payload
        sums = self.sighting.contract.relations.sum
        for path in names:
            if path == (sums.total,):
                amount = (sums.items, 0, sums.amount)
                payload = put(payload, amount, _more(find(payload, amount), number % _MANY))
                continue
            first = path == (self.sighting.contract.relations.due.created,)
            second = 1 + number % _SECONDS + (0 if first else _SECONDS)
            for place, value in values_at(payload, path):
                payload = put(payload, place, _other(value, number, second))
        return payload


def _with(payload: Json, other: Json, path: Path) -> Json:
    """The payload with what the other one has there."""
    for place, value in values_at(other, path):
        payload = put(payload, place, value)
    return payload


def _more(value: Json, number: float) -> Json:
    """An amount that is so much more, of a text with as many decimal places; what is none, as it
    may be in an invoice that should have been refused, stays.
    """
    if type(known := meant(value)) not in (int, float, Decimal):
        return value
    return str(known + number) if isinstance(value, str) else value + number


def _other(value: Json, number: int, second: int) -> Json:
    """Another value of the same kind, valid where that one is; of dates the second."""
    if not isinstance(value, str):
        return _more(value, number % _MANY * _CENTS)
    if meant(value) != value and "." in value:
        return _more(value, number % _MANY)
    try:
        instant(value)
    except (ValueError, OverflowError):
        end = f" {number}" if " " in value else f"-{number}"
        return f"{value[: -len(end)] if is_long(value) else value}{end}"
    return f"{value[:17]}{second:02}{value[19:]}"
