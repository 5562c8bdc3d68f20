"""A smaller value that shows a symptom as well as the one that is to blame, and is plainer."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from causes.difference import LONGEST_SHOWN, Edit, applied, edits_within, is_long
from causes.explained import Edits
from causes.halving import least, shortest, smallest
from causes.kinds.offsets import of_an_offset
from causes.sightings import Sighting
from causes.traits import LARGE, of_a_year, path_of, plainer, plainest_beyond, with_parts
from causes.trying import Trying
from causes.unanswered import another_value
from spec.contract import DIGITS, PLACEHOLDER, UUID_DIGITS, Contract
from spec.expectation import Expectation
from spec.paths import Json, find, remove, schema_at
from spec.schema.formats import has_letter_or_digit
from spec.violation import Category
from strategies.relations import consistent

MOST_TRIED = 8
"""Edits that are tried without each of them."""
LARGEST_POWER = 13
"""Powers of ten that are tried in the place of a number."""
LEAST_ALIKE = 8
"""Characters at the beginning of texts that have to be different to keep them apart."""
LONGEST_ALIKE = 255
"""Characters of such texts."""
_BINARY = (2**31 - 1, 2**31, 2**32 - 1, 2**32)
"""Numbers up to which integers go, and the next ones."""
LETTER = "x"
"""What a text is made of where nothing particular of it matters."""
_FRACTIONS = (0.5, 0.01)
Still = Callable[[Edit], bool | None]
"""Whether the symptom shows with this edit in the place of another one."""


@dataclass(frozen=True, slots=True)
class Smaller:
    """Makes the value of an edit smaller; `orders` says that only some order ids are known.

    `sent` says whether a payload shows it, None when nothing more may be asked.
    """

    sighting: Sighting
    orders: bool
    sent: Callable[[Json], bool | None]

    def smaller(self, edit: Edit, still: Still, *, alone: bool) -> Edit:
        """The edit with the smallest value that was found to do."""
        if edit.size is not None:
            return self._fewest(edit, still)
        if edit.another or not (alone or isinstance(edit.value, str)):
            return edit
        other = another_value(self.sighting, edit) if alone else None
        if other is not None and still(other):
            return replace(other, any_value=True)
        return (self._shorter if isinstance(edit.value, str) else self._plainer)(edit, still)

    def _plainer(self, edit: Edit, still: Still) -> Edit:
        """The plainest number that will do: a fraction, or a round one, where there is one."""
        value, plain = edit.value, find(self.sighting.control.payload, edit.location)
        if self.sighting.is_refusal or any(
            type(each) not in (int, float) for each in (value, plain)
        ):
            return edit
        if type(value) is float and value == int(value) and type(plain) is int:
            whole = replace(edit, value=float(plain))  # it may be the point that is to blame
            if still(whole):
                return whole
        if value != int(value):
            fractions = (replace(edit, value=each) for each in _FRACTIONS if each != value)
            found = next(filter(still, fractions), None)
            return found or self._of_power(edit, still)
        known = sorted((*(10**n for n in range(LARGEST_POWER)), *_BINARY))
        numbers = [plain, *(each for each in known if plain < each < value), value]
        place = least(0, len(numbers) - 1, lambda n: still(replace(edit, value=numbers[n])))
        return replace(edit, value=numbers[place])

    def _of_power(self, edit: Edit, still: Still) -> Edit:
        """The fraction just above the smallest power of ten that will do, if one does."""
        value, half = edit.value, _FRACTIONS[0]
        known = [10**n + half for n in range(LARGEST_POWER)]
        numbers = [half, *(each for each in known if each < value), value]
        place = least(0, len(numbers) - 1, lambda n: still(replace(edit, value=numbers[n])))
        return replace(edit, value=numbers[place])

    def with_its_status(
        self, edits: Edits, fails: Callable[[Sequence[Edit]], bool | None]
    ) -> Edits:
        """If the status that follows from an amount paid is to blame, the edits with the status
        instead of the amount; with both if it takes both.
        """
        state, control = self.sighting.contract.relations.state, self.sighting.control.payload
        places = [edit.location for edit in edits]
        if (state.paid,) not in places or (state.status,) in places or state.status not in control:
            return edits
        paid = edits[places.index((state.paid,))]
        if self.sighting.is_refusal and self.sighting.is_own(paid):
            return edits
        changed = applied(self.sighting.contract, control, edits)
        without = consistent(self.sighting.contract, remove(changed, (state.status,)))
        status = Edit((state.status,), changed.get(state.status))
        if status.value in (None, control[state.status]):
            return edits

        def instead(told: Edit) -> Edits:
            return tuple(told if edit is paid else edit for edit in edits)

        if self.sent(without):
            # What is paid above the total is so without its status; the total is no such amount.
            told, whole = replace(status, by_amounts=True), replace(status, value=state.whole)
            is_more = state.like(status.value) == state.more and state.whole in state.listed
            is_told = is_more and fails(instead(whole)) is False and fails(instead(told))
            return instead(told) if is_told else edits
        return instead(status) if fails(instead(status)) else (status, *edits)

    def _fewest(self, edit: Edit, still: Still) -> Edit:
        """The smallest number of items that will do."""
        plain = len(find(self.sighting.control.payload, edit.location))
        if edit.size is None or edit.size <= plain:
            return edit
        size = least(plain, edit.size, lambda n: still(replace(edit, size=n)))
        return replace(edit, size=size)

    def _shorter(self, edit: Edit, still: Still) -> Edit:
        """The shortest text that will do, or the shortest length of plain letters."""
        schema = schema_at(self.sighting.contract.narrowed_schema, path_of(edit.location))
        text, plain = edit.value, find(self.sighting.control.payload, edit.location)
        order = self.sighting.contract.relations.order.order
        if "enum" in schema or (self.orders and edit.location == (order,)):
            # No sign that only looks like one of a member is to be told.
            other = () if text.isascii() else (replace(edit, value=LETTER),)
            return next(filter(still, other), edit)

        def fails(value: str) -> bool | None:
            return still(replace(edit, value=value))

        if schema.get("format") in ("date-time", "web-url") and isinstance(plain, str):
            return self._of_parts(edit, fails, schema, plain)
        long = is_long(text)
        stamp = stamp_of(text)
        most = min(schema.get("maxLength", len(text)), LONGEST_ALIKE)
        alike = 0 if self.sighting.is_refusal else _alike(text, stamp, most, fails)
        if alike:
            value = stamp.rjust(alike + len(stamp), "x")
            return replace(edit, value=value, alike=alike, spelt=True)
        if long and self.sighting.is_refusal:
            least_wrong = schema.get("maxLength", len(text)) + 1
            found = self._just_too_long(edit, stamp, least_wrong, fails)
            is_plain = found.value == stamp.ljust(len(found.value), "x")
            return (None if is_plain else self._with_signs(found, stamp, still)) or found
        if long and fails(stamp.ljust(len(text), LETTER)):
            return self._of_length(edit, stamp, LETTER, fails)
        signs = self._changed(text, edit)
        alone = next((each for one in signs for each in _alone(one, stamp) if fails(each)), "")
        if alone:
            return replace(edit, value=alone)
        if long:  # its length is not to blame, so some of its characters may be, or both
            brief = (each for each in plainer(text, stamp) if not is_long(each) and fails(each))
            text = next(brief, text)
            signed = self._with_signs(replace(edit, value=text), stamp, still)
            signed = signed or self._of_one_sign(replace(edit, value=text), stamp, fails)
            if signed is not None:
                return signed
        short = shortest(text, fails, stamp)
        # Where there is only one character, that may be too few.
        one = [LETTER] if len(short) == 1 and not self.sighting.is_refusal else []
        value = next((each for each in (*one, *plainer(short, stamp)) if fails(each)), short)
        return replace(edit, value=self._with_letter(value, fails))

    def _of_length(
        self, edit: Edit, begin: str, sign: str, fails: Callable[[str], bool | None]
    ) -> Edit:
        """The shortest text that begins so, and goes on with one character, where one as long as
        the text shows it.
        """
        plain = find(self.sighting.control.payload, edit.location)
        low = len(plain) if isinstance(plain, str) else 0
        size = least(low, len(edit.value), lambda n: fails(begin.ljust(n, sign)))
        return replace(edit, value=begin.ljust(size, sign))

    def _of_one_sign(
        self, edit: Edit, stamp: str, fails: Callable[[str], bool | None]
    ) -> Edit | None:
        """The shortest text of the plainest character beyond ASCII, or beyond U+FFFF, that will do:
        a server may count bytes, or halves of characters, of which such a one has several.
        """
        if not is_long(edit.value) or self.sighting.is_refusal:
            return None
        size, signs = len(edit.value), plainest_beyond(edit.value)
        for sign in signs:
            # No server has to take a text without a letter or a digit.
            begin = stamp or ("" if sign.isalnum() else LETTER)
            if fails(begin.ljust(size, sign)):
                return self._of_length(edit, begin, sign, fails)
        return None

    def _just_too_long(
        self, edit: Edit, stamp: str, least_wrong: int, fails: Callable[[str], bool | None]
    ) -> Edit:
        """A text of the fewest characters that are too many, of plain letters if that will do."""
        text = edit.value
        if not LONGEST_SHOWN < least_wrong <= len(text):
            return edit
        shorter = (stamp.ljust(least_wrong, "x"), text[:least_wrong])
        return replace(edit, value=next((each for each in shorter if fails(each)), text))

    def _with_signs(self, edit: Edit, stamp: str, still: Still) -> Edit | None:
        """A long text of plain letters and the fewest signs of its own, if that will do."""
        own = edit.value.replace(stamp, "") if stamp else edit.value
        signs = [*dict.fromkeys(c for c in own if c.isascii() and not c.isalnum())]

        def of(some: Sequence[str], size: int) -> Edit:
            signs = "".join(some)
            return replace(edit, value=f"{stamp}{signs}".ljust(size, "x"), signs=signs)

        size = len(edit.value)
        if not (is_long(edit.value) and signs and still(of(signs, size))):
            return None
        found = smallest(signs, lambda some: bool(some) and still(of(some, size))) or signs
        if not self.sighting.is_refusal:  # a shorter one is not too long
            size = least(len(stamp) + len(found), size, lambda n: still(of(found, n)))
        return of(found, size)

    def _with_letter(self, text: str, fails: Callable[[str], bool | None]) -> str:
        """The text with a letter if it has none, as no server has to take it without, where what is
        to be explained is that a valid invoice is not accepted.
        """
        sighting = self.sighting
        valid = (
            sighting.verdict.expected.expectation is Expectation.ACCEPT
            and not sighting.symptom.of_answer
        )
        lettered = f"x{text}"
        return lettered if valid and not has_letter_or_digit(text) and fails(lettered) else text

    def _changed(self, text: str, edit: Edit) -> Sequence[str]:
        """The first character of a text that did not come back as often as it was sent; the signs
        around where it came back otherwise, if all did.
        """
        returned = find(self.sighting.verdict.answer, ("data", *edit.location))
        if (
            not isinstance(returned, str)
            or find(self.sighting.payload, edit.location) != edit.value
        ):
            return ()
        left = Counter(text) - Counter(returned)
        lost = next((character for character in text if character in left), "")
        place = len(_common(text, returned))
        around = text[max(place - 1, 0) : place + 1]
        return [lost] if lost else [sign for sign in around if not sign.isalnum()]

    def _of_parts(
        self,
        edit: Edit,
        fails: Callable[[str], bool | None],
        schema: dict[str, Json],
        plain: str,
    ) -> Edit:
        """The date or the address that is plain but for one part, or for its length."""
        text = edit.value
        # No date is this long, and what follows the path of an address is a part of it.
        if is_long(text) and not self.sighting.is_refusal and fails(plain.ljust(len(text), "x")):
            size = least(len(plain), len(text), lambda n: fails(plain.ljust(n, "x")))
            return replace(edit, value=plain.ljust(size, "x"))
        is_date = schema["format"] == "date-time" and not self.sighting.is_refusal
        found = of_an_offset(plain, text, fails) if is_date else ""
        if found:
            return replace(edit, value=found, spelt=True, same_moment=True)
        mixed = (each for each in with_parts(schema, plain, text) if fails(each))
        too_long = any(one.requirement.keyword == "maxLength" for one in self.sighting.broken)
        found = next(mixed, text)
        if not self.sighting.is_refusal:
            less = _shorter_part if schema["format"] == "web-url" else of_a_year
            found = less(plain, found, fails)
        return replace(edit, value=found, spelt=not too_long)


def of_one_sign(contract: Contract, edits: Sequence[Edit]) -> Iterator[Edit]:
    """For each kind of character beyond ASCII the first of the edits whose text has one, with no
    more than that: what gets no answer to it is told with few requests.
    """
    schema, told = contract.narrowed_schema, set[str]()
    for edit in edits:
        own = schema_at(schema, path_of(edit.location))
        is_free = own.get("format") not in ("date-time", "web-url") and "enum" not in own
        if not (is_free and isinstance(edit.value, str)):
            continue
        for sign in plainest_beyond(edit.value):
            if sign not in told:
                told.add(sign)
                yield replace(edit, value=f"{stamp_of(edit.value) or LETTER}{sign}")


def stamp_of(text: str) -> str:
    """What stands in a text in the place of a stamp, if anything does."""
    return next((each for each in (PLACEHOLDER, DIGITS, UUID_DIGITS) if each in text), "")


def refined(trying: Trying, edits: Edits) -> Edits:
    """The edits, with the value that is to blame made smaller, and fewer items."""
    sighting, edits = trying.sighting, _within_the_control(trying, edits)
    smaller = Smaller(sighting, bool(trying.asking.facts.order_ids), trying.sent)
    state = (trying.contract.relations.state.status,)
    edits, is_done = smaller.with_its_status(edits, trying.fails), False
    others = [edit for edit in edits if edit.location != state or sighting.is_own(edit)] or edits
    for edit in others:
        alone, index = len(others) == 1, edits.index(edit)
        is_blamed = alone or sighting.is_own(edit) or sighting.is_named(edit)
        if is_blamed and isinstance(edit.value, str):
            trying.shorten()
        if not edit.location or not (edit.size or (is_blamed and not is_done)):
            continue
        before, after = edits[:index], edits[index + 1 :]

        def still(one: Edit, before: Edits = before, after: Edits = after) -> bool | None:
            return trying.fails((*before, one, *after))

        edits = (*before, smaller.smaller(edit, still, alone=alone), *after)
        is_done = is_done or not edit.size
    return _by_itself(trying, edits)


def _by_itself(trying: Trying, edits: Edits) -> Edits:
    """The edits; of a large number alone whether it is refused also where no sum is large."""
    if len(edits) != 1 or trying.sighting.symptom.category != Category.REFUSED_VALID:
        return edits
    (edit,), sums = edits, trying.contract.relations.sum
    if type(edit.value) not in (int, float) or edit.value < LARGE:
        return edits
    by_itself = edit.location == (trying.contract.relations.state.paid,)
    if edit.location[-1:] == (sums.quantity,):
        cheap = Edit((*edit.location[:-1], sums.amount), _FRACTIONS[-1])
        by_itself = bool(trying.fails((edit, cheap)))
    return (replace(edit, by_itself=by_itself),)


def needed(trying: Trying, edits: Edits) -> Edits:
    """The edits without those that have no part in it, now that values are plain; status and
    amount paid stay together.
    """
    state, fault = trying.contract.relations.state, trying.fault(edits)
    if len(fault) < len(edits) and fault and trying.fails(fault):
        return fault
    for edit in edits if len(edits) <= MOST_TRIED else ():
        others = tuple(each for each in edits if each is not edit)
        is_paid = edit.location in ((state.status,), (state.paid,))
        if others and not is_paid and trying.fails(others):
            edits = others
    return edits


def _within_the_control(trying: Trying, edits: Edits) -> Edits:
    """The edits, at the items of the control that they go to."""
    if any(edit.size is not None for edit in edits):
        return edits
    return edits_within(trying.contract, trying.control.payload, edits)


def _shorter_part(plain: str, text: str, fails: Callable[[str], bool | None]) -> str:
    """The text with as little as will do of what it has in the place of a part of the plain one."""
    before = _common(plain, text)
    after = _common(plain[len(before) :][::-1], text[len(before) :][::-1])[::-1]
    own = text[len(before) : len(text) - len(after)]
    if own[:1] in ("/", "?", "#"):  # it begins a part, which is read more easily with it
        before, own = before + own[:1], own[1:]
    if not own or fails(f"{before}{after}"):
        return f"{before}{after}"
    return f"{before}{shortest(own, lambda less: fails(f'{before}{less}{after}'))}{after}"


def _common(one: str, other: str) -> str:
    """What both texts begin with."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "".join(character for character, _ in pairs)


def _alone(sign: str, stamp: str) -> Iterator[str]:
    """A text with hardly more than a character that came back otherwise; first one with a plain
    blank, where it is another blank.
    """
    for each in dict.fromkeys((" " if sign.isspace() else sign, sign)):
        yield f"{stamp or 'x' * (not each.isalnum())}{each}"


def _alike(text: str, stamp: str, most: int, fails: Callable[[str], bool | None]) -> int:
    """How many characters in front of the stamp it takes to be taken for another text that begins
    with the same, of at `most` so many characters; 0 where that is not to blame.
    """
    before = text.partition(stamp)[0] if stamp else ""
    size = most - len(stamp)
    if not LEAST_ALIKE <= len(before) <= size or fails(stamp.ljust(most, "x")) is not False:
        return 0

    def begins(alike: int) -> bool | None:
        return fails(f"{'x' * alike}{'y' * (size - alike)}{stamp}")

    # There may be none before the first one that begins so.
    return least(0, size, begins) if begins(size) or begins(size - 1) else 0
