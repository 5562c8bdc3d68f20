"""A symptom as one case showed it: what may have brought it about, and whether a known cause
explains it.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NoReturn

from causes.cause import (
    AFTER,
    CASE,
    CONNECTION,
    ESTABLISHED,
    EVERY,
    INVALID,
    LOST,
    RARELY,
    SOME,
    SOMETIMES,
    UNKNOWN,
    shortly,
)
from causes.difference import Edit, called, differences, is_as_long, is_one_text
from causes.echo_change import OF_A_TYPE
from causes.explained import Control, Explained, may_be_invalid
from causes.kinds.duplicate_items import has_alike
from causes.kinds.ways import ways_of
from causes.symptoms import Symptom, answered
from causes.traits import YEAR, is_as_far, kinds_of, parts_of, path_of, traits_of
from spec.contract import PLACEHOLDER, Contract, unstamped
from spec.exchange import Request
from spec.expectation import Breach, Expectation
from spec.oracle import Verdict
from spec.paths import Json, Location, Path, find, names, type_of
from spec.violation import Category
from strategies.relations import consistent, consistent_statuses

REFUSAL, STRANGER = "the plain invalid invoice", "the plain invoice with a wrong key"
"""What errors are compared with."""
UNSUSPECTED = 4
"""The rank of an edit that nothing points to."""


class Sighting:
    """One symptom of a verdict. `name` is what its case is called, and `group` what the cases are
    that were sent with it. `explained` is a known cause that explains it when it is called so.
    """

    explained: tuple[tuple[str, str], Explained] | None = None

    def __init__(
        self,
        contract: Contract,
        control: Control,
        symptom: Symptom,
        verdict: Verdict,
        name: str,
        group: str = "",
    ) -> None:
        self.contract, self.control = contract, control
        self.symptom, self.verdict = symptom, verdict
        self._others: dict[str, Sighting] = {}
        self._own_traits: dict[tuple[int, bool], tuple[Edit, frozenset[str]]] = {}
        self.request = verdict.exchange.request
        self.call(name, group)
        self.answered = answered(verdict)
        self.field = self.answered[1]

    def call(self, name: str, group: str = "") -> None:
        """What its case and group are called from now on: what was compared stays as it is."""
        self.name = called(self.payload, name) if group in name else f"{name} ({group})"
        self.group = group or name

    def against(self, control: Control) -> "Sighting":
        """The same, compared with another control; nothing is compared twice."""
        known = self._others.get(control.name)
        if known is None or known.control is not control:
            args = self.symptom, self.verdict, self.name, self.group
            known = self._others[control.name] = Sighting(self.contract, control, *args)
        known.call(self.name, self.group)
        return known

    @cached_property
    def payload(self) -> Json:
        """The payload, with the placeholder in the place of stamps; None if there is none."""
        return payload_of(self.request.body)

    @cached_property
    def edits(self) -> Sequence[Edit]:
        """What makes this payload of the control, suspects first; nothing for other bodies."""
        if not isinstance(self.payload, dict):
            return ()
        found = differences(self.contract, self.control.payload, self.payload)
        return sorted(found, key=self.suspicion)

    @cached_property
    def independent(self) -> Sequence[Edit]:
        """The edits without the sum, where that only follows from the others."""
        total = (self.contract.relations.sum.total,)
        others = [edit for edit in self.edits if edit.location != total]
        payload = self.payload
        follows = others and find(consistent(self.contract, payload), total) == find(payload, total)
        return others if follows else self.edits

    def suspicion(self, edit: Edit) -> int:
        """How much points to an edit, 0 being the most."""
        location = edit.location
        for rank, places in enumerate((self._breaches, self.wrong)):
            if any(place and location[: len(place)] == place for place in places):
                return rank
        if isinstance(self._named, str) and names(self._named, location):
            return 2
        return 3 if self.is_own(edit) else UNSUSPECTED

    @cached_property
    def _breaches(self) -> list[Location]:
        return [breach.location for breach in self.verdict.expected.breaches]

    @cached_property
    def _named(self) -> Json:
        return find(self.verdict.answer, ("details", 0, "field"))

    @property
    def is_of_an_invoice(self) -> bool:
        """Whether an invoice was sent, to where invoices are created."""
        return self.is_sent_there and isinstance(payload_of(self.request.body), dict)

    @property
    def is_sent_there(self) -> bool:
        """Whether anything was sent to where invoices are created."""
        usual, mine = self.control.verdict.exchange.request, self.request
        where, here = (request.path.partition("?")[0] for request in (usual, mine))
        return (usual.method, where) == (mine.method, here)

    @staticmethod
    def is_suspect(rank: int) -> bool:
        """Whether a suspicion of this rank is one."""
        return rank < UNSUSPECTED

    @cached_property
    def wrong(self) -> list[Location]:
        """Where in the payload what is violated was sent."""
        places = [violation.location for violation in self.symptom.violations]
        return [place[1:] if place[:1] == ("data",) else place for place in places]

    def is_own(self, edit: Edit) -> bool:
        """Whether an edit is at a property that is violated."""
        return path_of(edit.location) in self._wrong_paths

    @cached_property
    def _wrong_paths(self) -> frozenset[Path]:
        return frozenset(map(path_of, self.wrong))

    @cached_property
    def _edits_by_path(self) -> dict[Path, list[Edit]]:
        found: dict[Path, list[Edit]] = {}
        for edit in self.edits:
            found.setdefault(path_of(edit.location), []).append(edit)
        return found

    def is_named(self, edit: Edit) -> bool:
        """Whether the server's error names what was changed."""
        named = bool(self.symptom.field) and names(self.symptom.field, edit.location)
        return named and not self.symptom.of_answer

    @cached_property
    def ways(self) -> frozenset[str]:
        """In what the request differs from a usual one, its body aside, in words."""
        return self.ways_of(self.request)

    def ways_of(self, request: Request) -> frozenset[str]:
        """The same of another request."""
        parameters = [one.parameter for one in self.contract.parameters]
        return ways_of(parameters, self.control.verdict.exchange.request, request)

    @property
    def after(self) -> int | None:
        """The status of the answer to the request before it."""
        before = self.verdict.exchange.before
        return before.status if before is not None else None

    @property
    def is_refusal(self) -> bool:
        """Whether the request was to be refused."""
        return self.verdict.expected.expectation is Expectation.REJECT

    def traits(self, edits: Sequence[Edit]) -> list[str]:
        """What equal differences share, at whatever property they are."""
        found = {cause.requirement.keyword for cause in self.broken}
        own = [one for one in edits if self.is_own(one)]
        own = own or [one for one in edits if self.is_named(one)]
        for edit in own or edits:
            plain = find(self.control.payload, edit.location)
            if own or (len(edits) == 1 and not self.symptom.of_answer):
                found.update(traits_of(self.contract, plain, edit))
            else:
                found.add(str(edit))
        return sorted(found)

    def parts(self, edits: Iterable[Edit], ways: Iterable[str]) -> list[list[str]]:
        """The parts of a difference (`Cause.parts`)."""
        return [*parts_of(self.contract, self.control.payload, edits), *([way] for way in ways)]

    def kinds(self, edits: Sequence[Edit]) -> list[str]:
        """The same, more coarsely."""
        found = {cause.requirement.keyword for cause in self.broken}
        return sorted(found or {kind for edit in edits for kind in kinds_of(edit)})

    @property
    def broken(self) -> Iterator[Breach]:
        """What the request breaks, where it was to be refused."""
        return iter(self.verdict.expected.breaches if self.is_refusal else ())

    def has(self, known: Explained, others: Sequence[Explained]) -> bool:
        """Whether a known cause explains it; `others` are all that are known."""
        if known.control not in (None, self.control):
            return self.against(known.control).has(known, others)
        if known.cause.traits == [LOST]:
            return known.shown is self.verdict
        if known.remembers and self._is_as_remembered(known):
            return True
        if self._follows(known, others) or self._is_let_in(known):
            return True
        # Of an invoice it may be told in what it differs from the plain one.
        least = known.of_payload or known.cause.traits != [CASE] or not self.edits
        return least and self._has(known, others)

    def _has(self, known: Explained, others: Sequence[Explained]) -> bool:
        traits = known.cause.traits
        if not known.symptom.is_like(self.symptom):
            return traits == [EVERY] and self._never_comes_back(known)
        if self.symptom.is_form and traits != [AFTER]:
            errors = self.symptom.category == Category.ERROR_SHAPE
            same = not errors or known.symptom.status == self.symptom.status
            return same or bool(known.ways and self._is_sent_as(known))
        if traits in ([CASE], [UNKNOWN]) and known.symptom.forgets_another(self.symptom):
            return False
        if traits in ([EVERY], [UNKNOWN], [SOME]):
            return known.symptom.field == self.symptom.field
        if traits in ([RARELY], [INVALID]):  # what shows each time may be answered so as well
            return traits == [INVALID] and may_be_invalid(self.verdict.expected)
        if traits == [AFTER]:
            return self.symptom.category == known.symptom.category and self.may_follow(known)
        if traits in ([CASE], [SOMETIMES], [CONNECTION]):
            same = known.group == self.group or not self.edits or bool(self.ways)
            return same or (traits == [CONNECTION] and self.symptom.is_of_ids)
        if not self._is_sent_as(known):
            return False
        if known.size is not None:
            return len(self.request.body) >= known.size
        return self.brings(known, others) or bool(known.ways and not known.edits)

    def may_follow(self, known: Explained) -> bool:
        """Whether the request before was answered as that of a known cause, which is to blame."""
        return known.after in (None, self.after) or self.symptom.is_of_ids

    def _is_as_remembered(self, known: Explained) -> bool:
        """Whether a property comes back wrong, and not as what was sent would be changed, that is
        known to come back as an invoice before had it.
        """
        same = self.symptom.category == Category.ECHO and self.symptom.names <= known.symptom.names
        return same and self.symptom.answer not in OF_A_TYPE

    def _is_escaped(self, text: str) -> bool:
        """Whether characters beyond ASCII of a text are in escapes in the body."""
        beyond = (json.dumps(each)[1:-1].encode() for each in {*text} if not each.isascii())
        body = self.request.body.lower()
        return any(each in body for each in beyond)

    def _is_sent_as(self, known: Explained) -> bool:
        """Whether the request is sent in the ways of a known cause, with a key of that kind."""
        if known.key is not None and self.contract.key_header is not None:
            usual = self.control.verdict.exchange.request.header(self.contract.key_header)
            if not known.key.has(usual or "", self.request.header(self.contract.key_header)):
                return False
        return known.ways <= self.ways

    def _is_let_in(self, known: Explained) -> bool:
        """Whether the key is one that, as is known, is taken, whatever is wrong beside that."""
        both = known.symptom.category, self.symptom.category
        taken = known.symptom.status == 201 and known.key is not None and not known.edits
        return taken and both == (Category.AUTHENTICATION,) * 2 and self._is_sent_as(known)

    def _follows(self, known: Explained, others: Sequence[Explained]) -> bool:
        """Whether the request is refused for what a known cause refuses, and so not for a fault
        that it has.
        """
        if known.symptom.category != Category.REFUSED_VALID or known.symptom.of_answer:
            return False
        if self.symptom.of_answer and self.symptom.names != {"4xx.details.names"}:
            return False
        if known.symptom.answer != self.answered[0]:
            return False
        always = known.cause.traits == [EVERY] and known.symptom.field == self.field
        return always or self.brings(known, others)

    def _never_comes_back(self, known: Explained) -> bool:
        """Whether a property comes back wrong that, as is known, never comes back right."""
        both = known.symptom, self.symptom
        if any(one.category != Category.ECHO or one.is_form for one in both):
            return False
        return self.symptom.names <= known.symptom.names

    def brings(self, known: Explained, others: Sequence[Explained]) -> bool:
        """Whether the edits of a known cause are among those of this case."""
        if known.edits and all(each.is_of_two_items for each in known.edits):
            return all(has_alike(self.payload, edit) for edit in known.edits)
        return bool(known.edits) and all(self._is_more(known, others, one) for one in known.edits)

    def _is_more(self, known: Explained, others: Sequence[Explained], one: Edit) -> bool:
        """Whether an edit of this case is that of a known cause, or more of it."""
        same_field = known.symptom.of_answer or known.symptom.field == self.field
        own, path = known.own and bool(self.field), path_of(one.location)
        if same_field and self._has_any(known, one, self._edits_by_path.get(path, ())):
            return True
        if not (same_field or own) or not _is_established(known, others):
            return False
        elsewhere = [
            mine
            for other, edits in self._edits_by_path.items()
            for mine in (edits if other != path else ())
            if same_field or names(self.field, mine.location)
        ]
        # What is invalid is so by what it breaks, whatever else is in the invoice.
        if self.symptom.category == Category.ACCEPTED_INVALID:
            elsewhere = [mine for mine in elsewhere if self.is_own(mine)]
        return self._has_any(known, one, elsewhere)

    def _has_any(self, known: Explained, one: Edit, edits: Iterable[Edit]) -> bool:
        return any(self._has_value(known, one, mine) for mine in edits)

    def _has_value(self, known: Explained, one: Edit, mine: Edit) -> bool:
        """Whether a known edit explains this one by what the two put there: equal values, sizes at
        least as far from the control, texts as long, or all its traits.
        """
        if one.another:
            beside = (*mine.location[:-1], one.another[-1])
            here, there = mine.value, find(self.payload, beside)
            same = path_of(one.location) == path_of(mine.location)
            return same and (here == there or is_one_text(here, there))
        if one.size is not None and mine.size is not None:
            plain = len(find(self.control.payload, one.location))
            return one.size <= mine.size if one.size > plain else mine.size <= one.size
        if one.by_amounts and mine.removed:
            return one.value in consistent_statuses(self.contract, self.payload)
        if one.removed or mine.removed or mine.size is not None:
            return one.removed and mine.removed
        if one.any_value or type_of(one.value) != type_of(mine.value):
            return one.any_value
        if one.written:
            return isinstance(one.value, str) and self._is_escaped(mine.value)
        if one.alike:
            return bool(mine.value.find(PLACEHOLDER) >= one.alike)
        if one.is_by_length:
            return is_as_long(mine.value, one.value) and {*one.signs} <= {*mine.value}
        same = known.any_value or one.value == mine.value
        if same or (isinstance(one.value, str) and _is_in(one.value, mine.value)):
            return True
        forgotten = self.symptom.category == Category.ACCEPTED_INVALID and self.is_own(mine)
        return (forgotten or len(known.edits) == 1) and self._has_traits(known, one, mine)

    def _has_traits(self, known: Explained, one: Edit, mine: Edit) -> bool:
        """Whether an edit has all traits of a known cause, and of dates a year as far off."""
        kept, own = self._own_traits.get((id(mine), one.spelt), (None, frozenset[str]()))
        if kept is not mine:  # an edit that is no more may have had its place in memory
            own = frozenset(self.traits((replace(mine, spelt=one.spelt),)))
            self._own_traits[id(mine), one.spelt] = mine, own
        if not own.issuperset(known.cause.traits):
            return False
        plain = find(self.control.payload, one.location)
        return known.cause.traits != [YEAR] or is_as_far(plain, one.value, mine.value)


def _is_established(known: Explained, others: Sequence[Explained]) -> bool:
    """Whether differences of this kind were found at several properties."""

    def kind(one: Explained) -> tuple[Category, str, list[str]]:
        return one.symptom.category, one.cause.answer, one.cause.traits

    paths = {path for one in others if kind(one) == kind(known) for path in one.cause.paths}
    return len(known.edits) == 1 and len(paths) >= ESTABLISHED


def _is_in(small: str, text: str) -> bool:
    """Whether a text has a smaller one in it, or the characters that are there beside a letter."""
    if small == "x":  # nothing is particular of it but that it is short
        return len(text) == 1
    special = small.replace(PLACEHOLDER, "").removeprefix("x")
    alone = bool(special) and not any(each.isascii() and each.isalnum() for each in special)
    return small in text or (alone and special in text)


def refusal_name(contract: Contract, control: Control, refusal: Verdict) -> str:
    """What the plain invalid invoice is called: by what it lacks, where it is an invoice."""
    payload = payload_of(refusal.exchange.request.body)
    if not isinstance(payload, dict):
        return REFUSAL
    lacks = differences(contract, control.payload, payload)
    return f"{control.name} with {shortly([*map(str, lacks)])}"


def payload_of(body: bytes) -> Json:
    """The payload of a body, with the placeholder in the place of stamps; None if it has none, or
    has a number that no double holds, so that nothing could be sent again without it.
    """
    try:
        return _unstamped(json.loads(body, parse_constant=_no_number))
    except (ValueError, RecursionError):
        return None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is none that can be sent again")


def _unstamped(value: Json) -> Json:
    match value:
        case str():
            return unstamped(value)
        case list():
            return [_unstamped(each) for each in value]
        case dict():
            return {name: _unstamped(each) for name, each in value.items()}
        case float() if math.isinf(value):
            _no_number("a number beyond all doubles")
    return value
