"""Whether it is the length of a body that is to blame, or where in it a character stands."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from causes.cause import LONG, MOST_EDITS, PLACE, SENT
from causes.difference import Edit, applied, within
from causes.explained import Edits
from causes.halving import least
from causes.sightings import Sighting, refusal_name
from spec.contract import PLACEHOLDER
from spec.exchange import Request
from spec.expectation import LARGEST_VALID
from spec.oracle import Verdict
from spec.paths import ELEMENT, Json, Location, find, location_text, put, schema_at
from spec.violation import Category, brief, counted
from strategies.invoice import encode
from targets.chunks import CHUNK, is_cut_within, lengths_alike, way_of
from targets.stamp import unstamped_body

LONG_BODY = 4096
"""Bytes of a body that may be too long, whatever is in it."""
_MANY = 100
"""Items of an invoice that is large, where an invoice may have any number."""
_ROUND = 1000
"""Bytes by which a length is told, where it is not that of the body that counts."""
_WIDE = "\u00e9"
CUT_BY_A_CHUNK = ", cut by the end of a chunk"
_MARK = "\x00"
_NAMED = 2
"""The last rank of an edit at which something is wrong, or which the server names."""


@dataclass(frozen=True, slots=True)
class SizeDifference:
    """What is to blame: its trait, how it differs from the invoice of that name, a body that shows
    it, from how many bytes on it shows, and what most of them are `of`, if that counts; the `edits`
    of one property where its texts are to blame and not those of another one.
    """

    trait: str
    name: str
    difference: Sequence[str]
    body: bytes
    size: int
    of: str = "blanks"
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: the `edit` puts no more than this into a plain invoice, where so many bytes
    go `before` it in that text; it stood at a `place` in the body to explain.
    """

    edit: Edit
    words: str
    before: int
    place: int
    length: int


@dataclass(frozen=True, slots=True)
class Size:
    """Looks for what to blame. `shows` says whether a verdict has the symptom, and `sent` whether
    the answer to a body has, None when nothing more may be asked; `holds` asks a body that shows it
    once more, and one that does not.
    """

    sighting: Sighting
    refusal: Callable[[], Verdict | None]
    shows: Callable[[Verdict], bool]
    sent: Callable[[bytes], bool | None]
    holds: Callable[[bytes, bytes], bool]

    def difference(self) -> SizeDifference | None:
        """What a plain invoice shows too, once blanks make it as long: the valid one or, for what
        is to be refused, the invalid one, which is another fault in a small body; or once blanks
        put a character of it where that stood.
        """
        sighting = self.sighting
        if len(sighting.request.body) >= LONG_BODY or sighting.request.header("transfer-encoding"):
            cut = self._cut()
            if cut is not None:
                return cut
            refusal = self.refusal() if sighting.is_refusal else None
            difference = self._padded(sighting.control.name, sighting.control.verdict)
            if difference is None and refusal is not None and not self.shows(refusal):
                name = refusal_name(sighting.contract, sighting.control, refusal)
                difference = self._padded(name, refusal)
            difference = difference or self._filled()
            if difference is not None:
                return difference
            if not sighting.is_refusal:
                return next(filter(None, map(self._moved, self._pieces())), None)
        return None

    def written(self) -> SizeDifference | None:
        """How chunks of a body of its length are written, if that is to blame, and no more bytes
        that are written as usual.
        """
        request, control = self.sighting.request, self.sighting.control
        length = len(request.body)
        way = way_of(length) if request.header("transfer-encoding") else None
        if way is None:
            return None
        body = unstamped_body(control.verdict.exchange.request.body)
        lengths = lengths_alike(length, max(length, len(body)))
        so, usual = (padded(body, each) for each in lengths)
        if not self.sent(so) or self.sent(usual) is not False or not self.holds(so, usual):
            return None
        return SizeDifference(SENT, control.name, (way[0],), so, len(so), of="")

    def _padded(self, name: str, verdict: Verdict) -> SizeDifference | None:
        """The length, if that is to blame in the request that the verdict is on."""
        body = unstamped_body(verdict.exchange.request.body)
        size = self._shortest(body)
        if size is None:
            return None
        words = (f"a body of {counted(size, 'byte')}",)
        return SizeDifference(LONG, name, words, padded(body, size), size)

    def _filled(self) -> SizeDifference | None:
        """The length, where blanks do not count, as what was read is written anew: many items have
        long texts then, of which as long a one in few items is not to blame.
        """
        sighting, items = self.sighting, self.sighting.contract.relations.sum.items
        edits = sighting.edits
        refused = sighting.symptom.category in (Category.REFUSED_VALID, Category.SERVER_ERROR)
        if not refused or len(edits) <= MOST_EDITS or any(map(sighting.is_named, edits)):
            return None
        most = sighting.contract.narrowed_schema["properties"][items].get("maxItems", _MANY)
        plain = sighting.control.payload
        many = applied(sighting.contract, plain, [Edit((items,), size=most)])
        low, few = len(encode(many)), len(encode(plain))

        def body(length: int, payload: Json = many) -> bytes:
            return _with_letters(payload, items, length)

        per_item = (LARGEST_VALID - low) // most
        as_long = body(few + per_item * len(find(plain, (items,))), plain)
        if not self.sent(body(LARGEST_VALID)) or any(map(self.sent, (encode(many), as_long))):
            return None
        long = [self._of_one(name, most) for name in _texts_of(find(plain, (items, 0)))]
        alone = [self.sent(each.body) for each in long]
        if sorted(alone, key=bool) == [False, True]:
            return long[alone.index(True)]
        size = least(low, LARGEST_VALID, lambda length: self.sent(body(length)))
        size = min(-(-size // _ROUND) * _ROUND, LARGEST_VALID)
        if not self.holds(body(size), encode(many)):
            return None
        words = (f"a body of {counted(size, 'byte')}",)
        return SizeDifference(
            LONG, sighting.control.name, words, body(size), size, "letters beyond ASCII"
        )

    def _of_one(self, name: str, most: int) -> SizeDifference:
        """So many items with the longest text in this property."""
        contract, plain = self.sighting.contract, self.sighting.control.payload
        items = contract.relations.sum.items
        schema = schema_at(contract.narrowed_schema, (items, ELEMENT, name))
        text = "x" * schema.get("maxLength", LARGEST_VALID // most)
        places = (Edit((items, index, name), text) for index in range(most))
        edits = (Edit((items,), size=most), *places)
        body = encode(applied(contract, plain, edits))
        return SizeDifference(LONG, self.sighting.control.name, (), body, len(body), edits=edits)

    def _shortest(self, body: bytes) -> int | None:
        """How long the body has to be, of blanks; None where that is not to blame."""
        high = len(self.sighting.request.body)
        if len(body) >= min(LONG_BODY, high) or not self.sent(padded(body, high)):
            return None
        if self.sent(body) is not False:
            return None

        def fails(length: int) -> bool | None:
            return self.sent(padded(body, length))

        low = len(body)
        if self.sighting.verdict.exchange.response is None:
            low, high = _doubled(low, high, fails)
        size = shortest_body(low, high, fails)
        return size if self.holds(padded(body, size), body) else None

    def _cut(self) -> SizeDifference | None:
        """One character of a text, or all of it, that is to blame where a chunk ends within, and
        not elsewhere.
        """
        sighting = self.sighting
        if sighting.is_refusal or not _is_cut(sighting.request):
            return None
        for edit in sighting.edits[:MOST_EDITS]:
            text = edit.value
            if not isinstance(text, str) or text.isascii():
                continue
            at = replace(edit, location=self._within(edit.location))
            lead = PLACEHOLDER if PLACEHOLDER in text else "x"
            one = f"{brief(_WIDE)} in {location_text(at.location)}"
            for words, value in ((one, f"{lead}{_WIDE}"), (str(at), text)):
                plain = sighting.control.payload
                body = encode(applied(sighting.contract, plain, (replace(at, value=value),)))
                cut, whole = (_shifted(body, is_cut=is_cut) for is_cut in (True, False))
                if self.sent(cut) and self.sent(whole) is False and self.holds(cut, whole):
                    told = (f"{words}{CUT_BY_A_CHUNK}".replace(PLACEHOLDER, "IC-..."),)
                    return SizeDifference(PLACE, sighting.control.name, told, cut, 0, of="")
        return None

    def _pieces(self) -> Iterator[Piece]:
        """The first character that came back otherwise, and the text as a whole, if what is wrong
        is a text beyond ASCII.
        """
        edit, payload = next(iter(self.sighting.edits), None), self.sighting.payload
        if edit is None or not isinstance(edit.value, str) or edit.value.isascii():
            return
        text, location = edit.value, edit.location
        is_usual = len(encode(payload)) == len(self.sighting.request.body.rstrip())
        if self.sighting.suspicion(edit) > _NAMED or not is_usual:
            return
        start = _start(payload, location)
        edit = replace(edit, location=self._within(location))
        returned = find(self.sighting.verdict.answer, ("data", *location))
        if isinstance(returned, str):
            pairs = takewhile(lambda pair: pair[0] == pair[1], zip(text, returned, strict=False))
            kept = text[: sum(1 for _ in pairs)]
            wrong, lead = (
                text[len(kept) : len(kept) + 1],
                PLACEHOLDER if PLACEHOLDER in text else "x",
            )
            if wrong and not wrong.isascii():
                place, one = start + _length(kept), replace(edit, value=f"{lead}{wrong}")
                words = f"{brief(wrong)} in {location_text(edit.location)}"
                yield Piece(one, words, _length(lead), place, _length(wrong))
        yield Piece(edit, str(edit), 0, start, _length(text))

    def _moved(self, piece: Piece) -> SizeDifference | None:
        """The piece, if it is to blame where it stood: blanks stand around the plain invoice."""
        sighting, edit = self.sighting, piece.edit
        plain = applied(sighting.contract, sighting.control.payload, (edit,))
        body, size = encode(plain), len(sighting.request.body)
        length = self._shortest(body)
        if length is not None:
            words = (str(edit), f"a body of {counted(length, 'byte')}")
            return SizeDifference(LONG, sighting.control.name, words, padded(body, length), length)
        blanks = piece.place - piece.before - _start(plain, edit.location)
        moved = padded(body, len(body) + blanks).ljust(size)
        if blanks <= 0 or not self.sent(moved) or not self.holds(moved, padded(body, size)):
            return None
        first, last = piece.place + 1, piece.place + piece.length
        where = f"at bytes {first} to {last} of the body"
        place = (f"{piece.words} {where}",)
        return SizeDifference(PLACE, sighting.control.name, place, moved, first)

    def _within(self, location: Location) -> Location:
        return within(self.sighting.contract, self.sighting.control.payload, location)


def padded(body: bytes, size: int) -> bytes:
    """The body with blanks at its beginning, so that neither its first nor its last byte is one."""
    return body[:1] + b" " * (size - len(body)) + body[1:]


def _is_cut(request: Request) -> bool:
    return bool(request.header("transfer-encoding")) and is_cut_within(request.body)


def _shifted(body: bytes, *, is_cut: bool) -> bytes:
    """The body with blanks in it and behind it, so that a chunk ends within a character, or none
    does, and all is written as usual.
    """
    for blanks in range(CHUNK + 1):
        moved = padded(body, len(body) + blanks)
        _, usual = lengths_alike(len(moved), max(len(moved), CHUNK + 1))
        if is_cut_within(moved.ljust(usual)) is is_cut:
            return moved.ljust(usual)
    return body


def _texts_of(item: Json) -> list[str]:
    """The first two properties of an item that are texts."""
    return [each for each in item if _is_plain(item[each])][:2]


def _with_letters(payload: Json, items: str, size: int) -> bytes:
    """The body of the payload of so many bytes, by letters in the first two texts of each item,
    which take more once they are escaped.
    """
    left = size - len(encode(payload))
    texts = [
        (items, index, name)
        for index, item in enumerate(find(payload, (items,)))
        for name in _texts_of(item)
    ]
    for number, place in enumerate(texts):
        share = max(left, 0) // _length(_WIDE) // (len(texts) - number)
        payload = put(payload, place, find(payload, place) + _WIDE * share)
        left -= share * _length(_WIDE)
    return padded(encode(payload), size)


def _is_plain(value: Json) -> bool:
    """Whether it is a text that is the same in each invoice."""
    return isinstance(value, str) and PLACEHOLDER not in value


def _start(payload: Json, location: Location) -> int:
    """At which byte of its body the text of a payload begins that is there."""
    marked = encode(put(payload, location, _MARK))
    return marked.index(json.dumps(_MARK).encode()) + 1


def _length(text: str) -> int:
    """The bytes of a text in a body."""
    return len(encode(text)) - 2


def _doubled(low: int, high: int, fails: Callable[[int], bool | None]) -> tuple[int, int]:
    """Nearer limits, where each body that fails is waited for: only the last one that is tried
    fails.
    """
    while 2 * low < high:
        failing = fails(2 * low)
        if failing is not False:
            return low, 2 * low if failing else high
        low *= 2
    return low, high


def shortest_body(low: int, high: int, fails: Callable[[int], bool | None]) -> int:
    """The fewest bytes, more than `low`, of a body that still fails, where one of `high` does.

    What a server has to take is tried first: most faults are in it.
    """
    if low < LARGEST_VALID < high:
        low, high = (low, LARGEST_VALID) if fails(LARGEST_VALID) else (LARGEST_VALID, high)
    return least(low, high, fails)


def as_long(sighting: Sighting, fails: Callable[[Sequence[Edit]], bool | None]) -> Edits | None:
    """As many plain items as make the answer as long, if its form is wrong with them too."""
    bodies = [each.exchange.response for each in (sighting.verdict, sighting.control.verdict)]
    mine, plain = (len(each.body) if each else 0 for each in bodies)
    place = (sighting.contract.relations.sum.items,)
    items = find(sighting.control.payload, place)
    is_long = sighting.symptom.is_form and mine >= LONG_BODY
    if not (is_long and plain and isinstance(items, list)):
        return None
    longer = (Edit(place, size=2 * len(items) * mine // plain),)
    return longer if fails(longer) else None
