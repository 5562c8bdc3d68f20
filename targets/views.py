"""Ways to read bytes that may hide a key: without what breaks its words, and decoded.

Each way gives a `View` that knows where its bytes came from, and takes linear time."""

import re
from array import array
from binascii import a2b_base64, unhexlify
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import chain

from targets import spellings
from targets.spellings import FEWEST, FEWEST_IN_BASE64, Pattern, has_row

_DEPTH = 4
"""Times that a text may be encoded, one encoding inside another."""
_MOST = 16
"""Times the length of a text that all its views may have together; a hostile text has many."""
_SMALL = 1 << 18
"""Bytes of views that a short text may have besides."""
_NEAR = 128
"""Bytes on either side of an escape that may be needed to see a part of a key there."""
_TOO_SHORT = FEWEST + 2
"""Bytes, one at either end of which is left out, that are a short key or none."""
_GAP = b"\xff"
"""Stands for what is left out; no key has this byte."""

Piece = tuple[int, int, bytes]
"""Start and end of a piece of bytes, and what stands for it."""
Pieces = Callable[[], Iterator[Piece]]
Replace = Callable[[re.Match[bytes]], bytes]


_FOLDED = bytes(range(256)).lower().translate(bytes.maketrans(b"-_", b"+/"))
_FROM_URLS = bytes.maketrans(b"-_", b"+/")


class TooManyWays(Exception):
    """A text can be decoded in more ways than were tried: only a hostile one can."""


class View:
    """Bytes made from those of a parent by replacing pieces of them.

    A byte of a piece stands for all of it, or where there is a `rate`, for its share: of that many
    bytes of the parent, that many are made.
    """

    __slots__ = ("_parent", "_pieces", "_rate", "_special", "data")

    def __init__(
        self,
        data: bytes,
        parent: "View | None" = None,
        pieces: Pieces = lambda: iter(()),
        rate: tuple[int, int] | None = None,
    ) -> None:
        self.data = data
        self._parent, self._pieces, self._rate = parent, pieces, rate
        self._special: bytes | None = None

    def origins(self, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Start and end, in the bytes at the root, of each of these spans."""
        view = self
        while spans and view._parent is not None:
            places = view._places({place for start, end in spans for place in (start, end - 1)})
            spans = [(places[start][0], places[end - 1][1]) for start, end in spans]
            view = view._parent
        return spans

    def _places(self, wanted: Iterable[int]) -> Mapping[int, tuple[int, int]]:
        """Start and end in the parent of what each of these bytes stands for."""
        places: dict[int, tuple[int, int]] = {}
        queue, shift = sorted(wanted, reverse=True), 0
        for start, end, made in self._pieces():
            first = start - shift
            while queue and queue[-1] < first + len(made):
                place = queue.pop()
                if place < first:
                    places[place] = (place + shift, place + shift + 1)
                elif self._rate is None:
                    places[place] = (start, end)
                else:
                    of, into = self._rate
                    index = place - first
                    share = start + index * of // into, start - (-(index + 1) * of // into)
                    places[place] = share
            if not queue:
                break
            shift += end - start - len(made)
        places.update((place, (place + shift, place + shift + 1)) for place in queue)
        return places

    def folded(self) -> "View":
        """As `fold` does it."""
        return View(fold(self.data), self, _matches(self.data, spellings.BLANKS))

    def runs(self, pattern: re.Pattern[bytes], between: bytes) -> "View":
        """Only what the pattern matches and is not in small letters, with this between."""

        def gaps() -> Iterator[Piece]:
            done = 0
            for run in pattern.finditer(self.data):
                if not run[0].islower():
                    yield done, run.start(), between
                    done = run.end()
            yield done, len(self.data), between

        found = [run for run in pattern.findall(self.data) if not run.islower()]
        return View(between.join((b"", *found, b"")), self, gaps)

    def made_of(self, pieces: Pieces, rate: tuple[int, int] | None = None) -> Iterator["View"]:
        """What may be text in a view of these pieces, which cover all of the bytes."""
        data = b"".join(made for _, _, made in pieces())
        # Of a view in between, only its places are needed.
        if spellings.MANY_NULS.search(data):
            for wide in _wide(data):
                yield from View(b"", self, pieces, rate).made_of(wide)
        spans = [text.span() for text in spellings.TEXT.finditer(data)]
        if not spans:
            return
        found = [data[start:end] for start, end in spans]
        ends = array("Q", chain.from_iterable(spans))
        ends.append(len(data))
        del spans

        def texts() -> Iterator[Piece]:
            yield 0, ends[0], _GAP
            yield from ((*gap, _GAP) for gap in zip(ends[1::2], ends[2::2], strict=True))

        made = View(b"", self, pieces, rate)
        yield View(b"".join((_GAP, _GAP.join(found), _GAP)), made, texts)

    def replaced(self, patterns: Iterable[Pattern], replace: Replace) -> "View":
        """With all matches replaced; where there are few, only they and what is near them.

        What is far from all of them was looked at before, as it is.
        """
        spans = self.spans(patterns)
        if not spans:
            return self
        view = self
        if 4 * _NEAR * len(spans) < len(self.data):
            if has_row(self.data, spellings.OF_BLANKS, 32):
                # They would keep apart what is near without them.
                return self.without(spellings.LONG_BLANKS).replaced(patterns, replace)
            view = self.near(spans)
        start = view
        for _, pattern in patterns:
            data = pattern.sub(replace, view.data)
            if data != view.data:
                view = View(data, view, _matches(view.data, pattern, replace))
        return self if view is start else view

    def without(self, pattern: re.Pattern[bytes]) -> "View":
        """Without what matches."""
        return View(pattern.sub(b"", self.data), self, _matches(self.data, pattern))

    def spans(self, patterns: Iterable[Pattern]) -> list[tuple[int, int]]:
        """Where what matches is, in order."""
        if self._special is None:
            self._special = self.data.translate(None, spellings.PLAIN)
        special, beyond = self._special, not self.data.isascii()
        if not special and not beyond:
            return []
        found = [
            match.span()
            for needed, each in patterns
            if (needed in special if needed else beyond)
            for match in each.finditer(self.data)
        ]
        found.sort()
        return found

    def near(self, spans: Iterable[tuple[int, int]]) -> "View":
        """Only these spans, which are in order, and what is near them."""
        gaps, done = [], 0
        for start, end in spans:
            if done < start - _NEAR:
                gaps.append((done, start - _NEAR, _GAP))
            done = max(done, end + _NEAR)
        if done < len(self.data):
            gaps.append((done, len(self.data), _GAP))
        parts, done = [], 0
        for start, end, _ in gaps:
            parts.append(self.data[done:start])
            done = end
        parts.append(self.data[done:])
        return View(_GAP.join(parts), self, lambda: iter(gaps))


def fold(data: bytes) -> bytes:
    """In small letters, with the usual alphabet of Base64 for that of URLs, without blanks."""
    return data.translate(_FOLDED, spellings.BLANK)


def views(data: bytes) -> Iterator[View]:
    """The bytes as they are, and decoded in every way, one inside another, a few times.

    However many ways there are, the views together are only some times as long as the bytes.
    Raises TooManyWays after the last one if some were left out.
    """
    level: Iterable[View] = (View(data),)
    seen, room, left_out = set[bytes](), _MOST * len(data) + _SMALL, False
    for depth in range(_DEPTH + 1):
        found = []
        for view in level:
            for each, goes_on in _joined(view):
                if each.data in seen:
                    continue
                if len(each.data) > room:
                    left_out = True
                else:
                    room -= len(each.data)
                    seen.add(each.data)
                    found += [each] if goes_on else []
                    yield each
        if depth < _DEPTH and found:
            # One at a time: most of them are dropped.
            level = (deeper for each in found for deeper in _decoded(each))
    if left_out:
        raise TooManyWays


def _joined(view: View) -> Iterator[tuple[View, bool]]:
    """A view as it is, and without what breaks a word in two, blanks aside; and whether each may
    hide another spelling."""
    if len(view.data) <= _TOO_SHORT:
        yield view, False
        return
    joined = view.replaced(spellings.BREAKS, _nothing)
    yield from ((view, True), (joined, True), (joined.replaced(spellings.TAGS, _nothing), True))
    if spans := view.spans(spellings.STRINGS):
        inside = view.near(spans).replaced(spellings.BREAKS_IN_STRINGS, _nothing)
        yield from ((inside, True), (inside.replaced(spellings.TAGS, _nothing), True))
    if spans := view.spans(spellings.OBEYED):
        yield view.near(spans).replaced(spellings.UNSEEN, _nothing), False


def _decoded(view: View) -> Iterator[View]:
    """A view in each way in which it can be decoded, once."""
    yield from _rewritten(view)
    yield from _from_lists(view)


def _rewritten(view: View) -> Iterator[View]:
    """Without escapes, without blanks between characters, and from UTF-16 and UTF-32."""
    for escapes in (spellings.ESCAPES, spellings.QUOTED_PRINTABLE, spellings.LATIN_1):
        unescaped = view.replaced(escapes, spellings.unescaped)
        if unescaped is not view:
            yield unescaped
    if spellings.GOES_ON.search(view.data):
        yield view.replaced(spellings.SHORT_ESCAPES, spellings.unescaped)
    if not view.data.isascii() and not _is_utf_8(view.data):
        yield view.replaced(spellings.UNSEEN_IN_LATIN_1, _nothing)
    row = view.data.translate(spellings.OF_BLANKS)
    if spans := sorted(run.span() for each in spellings.IN_A_ROW for run in each.finditer(row)):
        yield view.near(spans).without(spellings.SPREAD)
    if spellings.MANY_NULS.search(view.data):
        for wide in _wide(view.data):
            yield from view.made_of(wide)


def _from_lists(view: View) -> Iterator[View]:
    """What numbers and Base64 stand for."""
    yield from _from_decimal(view)
    if view.data.translate(spellings.OF_APART).count(b"\1\2") >= FEWEST - 1:
        yield from _from_decimal(view.replaced(spellings.APART, _blank))
    for digits, between in _hexadecimal(view.data.upper()):
        if has_row(digits, spellings.OF_HEX, 2 * FEWEST):
            compact = View(digits, view, _matches(view.data, between))
            yield from _in_groups(compact.runs(spellings.HEX, b"FFFF"), _from_hex, (2, 1))
    line = view.data.translate(None, spellings.BLANK)
    if has_row(line, spellings.OF_BASE64, FEWEST_IN_BASE64):
        compact = View(line, view, _matches(view.data, spellings.BLANKS))
        # A text in Base64 has capitals; a long word or a path need not be tried.
        yield from _in_groups(compact.runs(spellings.BASE64, b"////"), _from_base64, (4, 3))


def _matches(data: bytes, pattern: re.Pattern[bytes], replace: Replace | None = None) -> Pieces:
    def pieces() -> Iterator[Piece]:
        for match in pattern.finditer(data):
            yield match.start(), match.end(), replace(match) if replace else b""

    return pieces


def _nothing(_: re.Match[bytes]) -> bytes:
    return b""


def _blank(_: re.Match[bytes]) -> bytes:
    return b" "


def _from_decimal(view: View) -> Iterator[View]:
    """What lists of decimal and octal numbers stand for."""
    may_be_list = has_row(view.data, spellings.OF_NUMBERS, spellings.SHORTEST_LIST)
    if may_be_list and spellings.NUMBERS.search(view.data):
        for bytes_by_number in spellings.BYTES_BY_NUMBER:
            yield from view.made_of(partial(_from_numbers, view.data, bytes_by_number))


def _is_utf_8(data: bytes) -> bool:
    """Whether the data is text throughout, what is left out aside."""
    for text in (data, data.translate(None, _GAP)):
        with suppress(UnicodeDecodeError):
            return bool(text.decode("utf-8", "surrogatepass"))
    return False


def _hexadecimal(data: bytes) -> Iterator[tuple[bytes, re.Pattern[bytes]]]:
    """The digits of data in capitals, and what is between them, in each way to tell them apart."""
    if b"0X" not in data or spellings.X_BETWEEN.search(data):
        yield data.translate(None, spellings.BETWEEN_HEX), spellings.NO_PREFIX
    for only, prefix, between in spellings.PREFIXES:
        if only.search(data):
            yield prefix.sub(b"", data).translate(None, spellings.BETWEEN_HEX), between


def _wide(data: bytes) -> Iterator[Pieces]:
    """What the data stands for in each coding with NULs that it may have."""
    for codec, runs in spellings.WIDE:
        if runs.search(data):
            yield partial(_from_wide, data, runs, codec)


def _from_wide(data: bytes, runs: re.Pattern[bytes], codec: str) -> Iterator[Piece]:
    """What texts of two or four bytes a character stand for, and gaps between them."""
    done = 0
    for run in runs.finditer(data):
        yield done, run.start(), _GAP
        done = run.start()
        for character in run[0].decode(codec, "surrogatepass"):
            end = done + len(character.encode(codec, "surrogatepass"))
            yield done, end, character.encode("utf-8", "surrogatepass")
            done = end
    yield done, len(data), _GAP


def _from_numbers(data: bytes, known: Mapping[bytes, bytes]) -> Iterator[Piece]:
    """What lists of numbers stand for, and gaps between them."""
    done = 0
    for run in spellings.NUMBERS.finditer(data):
        between = _GAP
        for number in spellings.NUMBER.finditer(data, *run.span()):
            yield done, number.start(), between
            yield *number.span(), known.get(number[0], _GAP)
            done, between = number.end(), b""
    yield done, len(data), b""


def _in_groups(
    view: View, decode: Callable[[bytes], bytes], rate: tuple[int, int]
) -> Iterator[View]:
    """A view decoded in groups of digits, which may begin at each place of a group."""
    for offset in range(rate[0]):
        yield from view.made_of(partial(_from_groups, view.data, offset, decode), rate)


def _from_groups(data: bytes, offset: int, decode: Callable[[bytes], bytes]) -> Iterator[Piece]:
    yield 0, offset, _GAP
    yield offset, len(data), decode(data[offset:])


def _from_hex(digits: bytes) -> bytes:
    return unhexlify(digits[: len(digits) // 2 * 2])


def _from_base64(digits: bytes) -> bytes:
    """What characters of Base64 stand for, of both alphabets and without padding."""
    padded = digits.translate(_FROM_URLS) + b"A" * (-len(digits) % 4)
    return a2b_base64(padded)[: len(digits) * 6 // 8]
