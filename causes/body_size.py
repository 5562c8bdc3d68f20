"""Whether it is the length of a body that is to blame, or where in it a character stands."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from causes.cause import LONG, PLACE
from causes.difference import Edit, applied, least, within
from causes.sightings import REFUSAL, Sighting
from spec.contract import PLACEHOLDER
from spec.expectation import LARGEST_VALID
from spec.oracle import Verdict
from spec.paths import Json, Location, find, location_text, put
from spec.violation import brief, counted
from strategies.invoice import encode
from targets.stamp import unstamped_body

LONG_BODY = 4096
"""Bytes of a body that may be too long, whatever is in it."""
_MARK = "\x00"
_NAMED = 2
"""The last rank of an edit at which something is wrong, or which the server names."""


@dataclass(frozen=True, slots=True)
class SizeDifference:
    """What is to blame: its trait, how it differs from the invoice of that name, a body that shows
    it, and from how many bytes on it shows.
    """

    trait: str
    name: str
    difference: Sequence[str]
    body: bytes
    size: int


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
            refusal = self.refusal() if sighting.is_refusal else None
            difference = self._padded(sighting.control.name, sighting.control.verdict)
            if difference is None and refusal is not None and not self.shows(refusal):
                difference = self._padded(REFUSAL, refusal)
            if difference is not None:
                return difference
            if not sighting.is_refusal:
                return next(filter(None, map(self._moved, self._pieces())), None)
        return None

    def _padded(self, name: str, verdict: Verdict) -> SizeDifference | None:
        """The length, if that is to blame in the request that the verdict is on."""
        body = unstamped_body(verdict.exchange.request.body)
        size = self._shortest(body)
        if size is None:
            return None
        words = (f"a body of {counted(size, 'byte')}",)
        return SizeDifference(LONG, name, words, _padded(body, size), size)

    def _shortest(self, body: bytes) -> int | None:
        """How long the body has to be, of blanks; None where that is not to blame."""
        high = len(self.sighting.request.body)
        if len(body) >= min(LONG_BODY, high) or not self.sent(_padded(body, high)):
            return None
        if self.sent(body) is not False:
            return None

        def fails(length: int) -> bool | None:
            return self.sent(_padded(body, length))

        low = len(body)
        if self.sighting.verdict.exchange.response is None:
            low, high = _doubled(low, high, fails)
        size = shortest_body(low, high, fails)
        return size if self.holds(_padded(body, size), body) else None

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
            return SizeDifference(LONG, sighting.control.name, words, _padded(body, length), length)
        blanks = piece.place - piece.before - _start(plain, edit.location)
        moved = _padded(body, len(body) + blanks).ljust(size)
        if blanks <= 0 or not self.sent(moved) or not self.holds(moved, _padded(body, size)):
            return None
        first, last = piece.place + 1, piece.place + piece.length
        where = f"at bytes {first} to {last} of the body"
        place = (f"{piece.words} {where}",)
        return SizeDifference(PLACE, sighting.control.name, place, moved, first)

    def _within(self, location: Location) -> Location:
        return within(self.sighting.contract, self.sighting.control.payload, location)


def _padded(body: bytes, size: int) -> bytes:
    """The body with blanks at its beginning, so that neither its first nor its last byte is one."""
    return body[:1] + b" " * (size - len(body)) + body[1:]


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
