"""Ways to read bytes that may hide a key: without what breaks its words, and decoded.

Each way gives a `View` that knows where its bytes came from, and takes linear time. Patterns begin
with a literal, because Python searches for those much faster."""

import re
import string
from array import array
from binascii import a2b_base64, unhexlify
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from html.entities import html5
from itertools import chain

_DEPTH = 4
"""Times that a text may be encoded, one encoding inside another."""
_MOST = 16
"""Times the length of a text that all its views may have together; a hostile text has many."""
_SMALL = 1 << 18
"""Bytes of views that a short text may have besides."""
_NEAR = 128
"""Bytes on either side of an escape that may be needed to see a part of a key there."""
_FEWEST = 6
"""Characters of the shortest key, and so the fewest that a decoded text needs."""
_FEWEST_IN_BASE64 = 11
"""Characters that eight make in Base64."""
_GAP = b"\xff"
"""Stands for what is left out; no key has this byte."""

Piece = tuple[int, int, bytes]
"""Start and end of a piece of bytes, and what stands for it."""
Pieces = Callable[[], Iterator[Piece]]
Replace = Callable[[re.Match[bytes]], bytes]


def _rows(of: bytes) -> bytes:
    """A table for `_has_row`: which bytes a row may have."""
    return bytes(byte in of for byte in range(256))


def _has_row(data: bytes, of: bytes, length: int) -> bool:
    """Whether the data may have what takes a row of such bytes; much faster than a pattern."""
    return b"\1" * length in data.translate(of)


_BLANK = bytes(range(0x21)) + b"\x7f"
_BLANKS = re.compile(rb"[\x00-\x20\x7f]+")
_LONG_BLANKS = re.compile(rb"[\x00-\x20\x7f]{32,}+")
_OF_BLANKS = _rows(_BLANK)
_FOLDED = bytes(range(256)).lower().translate(bytes.maketrans(b"-_", b"+/"))

INVISIBLE = (
    *((0x80, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F)),
    *((0x205F, 0x205F), (0x2800, 0x2800), (0x3000, 0x3000), (0xFFFC, 0xFFFC), (0x1D159, 0x1D159)),
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB)),
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""The controls and blanks beyond ASCII, what looks like a blank, and the characters with Unicode's
property Default_Ignorable_Code_Point (and those of interlinear annotation), which `unicodedata`
does not know."""


def _any_of(words: Iterable[bytes]) -> bytes:
    """A pattern for these words, none of which begins another."""
    rests: dict[int, set[bytes]] = defaultdict(set)
    for word in words:
        rests[word[0]].add(word[1:])
    first: dict[bytes, bytes] = defaultdict(bytes)
    for byte, rest in rests.items():
        first[b"" if b"" in rest else _any_of(rest)] += b"\\x%02x" % byte
    return b"(?:%b)" % b"|".join(b"[%b]%b" % (each, rest) for rest, each in first.items())


_BREAKS = tuple(
    re.compile(pattern)
    for pattern in (
        # What a terminal obeys (ECMA-48): colours, also as pytest writes them to JUnit; links and
        # other strings; sets of characters and the rest. Some are also one control.
        rb"\x1b\[[0-?]*+[ -/]*+[@-~]",
        rb"#x1B\[[0-?]*+[ -/]*+[@-~]",
        rb"\x1b(?:[]PX^_][^\x07\x1b\n]*+(?:\x07|\x1b\\|\xc2\x9c)|[ -/]*+[0-~])",
        rb"\xc2\x9b[0-?]++[ -/]*+[@-~]",
        rb"\xc2[\x90\x98\x9d-\x9f][^\x07\x1b\n\xc2]*+(?:\x07|\x1b\\|\xc2\x9c)",
        rb"\\(?:n(?:E[ \t])?|[abfrtv]|x[aA][dD]|\r?\n)",  # controls, and soft hyphens in Python
        rb"\nE[ \t]",  # pytest's mark of a line of an error
        _any_of(chr(each).encode() for first, last in INVISIBLE for each in range(first, last + 1)),
    )
)
"""What may break a word in two, blanks aside."""
_TAGS = tuple(
    re.compile(pattern)
    for pattern in (
        rb"\]\]>",
        (
            rb"<(?:!\[CDATA\[|!--[^<]*?-->|[A-Za-z/](?:[^<>\"']++|\"[^<\"]*+\"|'[^<']*+')*+>"
            rb"|[A-Za-z/!?][^<>]*+>)"
        ),
    )
)
"""Tags, comments and the like, which may break one too; but one may be a word in brackets."""

_ESCAPES = tuple(
    re.compile(pattern)
    for pattern in (
        rb"%(?:(?P<percent>[0-9a-fA-F]{2})|u(?P<wide>[0-9a-fA-F]{4}))",
        (
            rb"\\(?:x(?P<hex>[0-9a-fA-F]{2})|u++(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})"
            rb"|[ux]\{0*+(?P<braces>[0-9a-fA-F]{1,6})\}|o\{0*+(?P<in_octal>[0-7]{1,7})\}"
            rb"|0?(?P<octal>[0-3]?[0-7]{2})|(?P<plain>[^0-9A-Za-z]))"
        ),
        rb"`u\{0*+(?P<shell>[0-9a-fA-F]{1,6})\}",
        rb"U\+(?P<notation>[0-9a-fA-F]{4,6})",
        (
            rb"&(?:#[xX]0*+(?P<reference>[0-9a-fA-F]{1,6})|#0*+(?P<decimal>[0-9]{1,7})"
            rb"|(?P<name>[A-Za-z]{2,24}));?"
        ),
    )
)
"""The escapes of URLs, of JSON, C, Java and Perl, of PowerShell, of Unicode's own notation, and of
HTML."""
_QUOTED_PRINTABLE = (re.compile(rb"=(?:(?P<hex>[0-9A-Fa-f]{2})|[ \t]*+(?:\r?\n|(?:\\r)?\\n))"),)
_LATIN_1 = (re.compile(rb"(?P<latin>\xc3[\x82-\xb4](?:\xc2[\x80-\xbf]){1,3}+)"),)
"""What is UTF-8 again once it is written in Latin-1, as which the fields of a head are read."""
_BASE = {"decimal": 10, "in_octal": 8}
_OF_A_BYTE = {"percent": 16, "hex": 16, "octal": 8}
_NAMED = {
    name.removesuffix(";").encode(): character.encode()
    for name, character in html5.items()
    if len(character) == 1
}

_SEPARATOR = _BLANK + string.punctuation.encode()
_BETWEEN_HEX = _SEPARATOR + b"xXhH"
_SEPARATORS = re.compile(rb"0[xX]|[%b]+" % re.escape(_BETWEEN_HEX))
_HEX = re.compile(rb"[0-9A-F]{%d,}+" % (2 * _FEWEST))
_OF_HEX = _rows(b"0123456789ABCDEF")
_NUMBER = re.compile(rb"[0-9]{2,4}+|0(?![oO])")
_NUMBERS = re.compile(
    rb"[0-9]{2,4}+(?:(?:0[oO]|[%b])++(?:[0-9]{2,4}+|0)){%d,}+"
    % (re.escape(_SEPARATOR), _FEWEST - 1)
)
_OF_NUMBERS = _rows(_SEPARATOR + b"0123456789oO")
_BYTES_BY_NUMBER = tuple(
    {form % byte: bytes((byte,)) for form in forms for byte in range(256)}
    for forms in ((b"%o", b"%02o", b"%03o", b"%04o"), (b"%d", b"%02d", b"%03d"))
)
"""The byte that each octal number stands for, and each decimal one."""
_OF_BASE64 = _rows(b"+/-_" + string.ascii_letters.encode() + string.digits.encode())
_BASE64 = re.compile(rb"[0-9A-Za-z+/_-]{%d,}+" % _FEWEST_IN_BASE64)
_TEXT = re.compile(rb"(?:[\x00-\x7f]|[\xc2-\xf4][\x80-\xbf]{1,3}+){%d,}+" % _FEWEST)
"""What may be text, in UTF-8 or UTF-16, among bytes that are none."""
_FROM_URLS = bytes.maketrans(b"-_", b"+/")


class TooManyWays(Exception):
    """A text can be decoded in more ways than were tried: only a hostile one can."""


class View:
    """Bytes made from those of a parent by replacing pieces of them.

    A byte of a piece stands for all of it, or where there is a `rate`, for its share: of that many
    bytes of the parent, that many are made.
    """

    __slots__ = ("_parent", "_pieces", "_rate", "data")

    def __init__(
        self,
        data: bytes,
        parent: "View | None" = None,
        pieces: Pieces = lambda: iter(()),
        rate: tuple[int, int] | None = None,
    ) -> None:
        self.data = data
        self._parent, self._pieces, self._rate = parent, pieces, rate

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
        return View(fold(self.data), self, _matches(self.data, _BLANKS))

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
        spans = [text.span() for text in _TEXT.finditer(data)]
        if not spans:
            return
        found = [data[start:end] for start, end in spans]
        ends = array("Q", chain.from_iterable(spans))
        ends.append(len(data))
        del spans

        def texts() -> Iterator[Piece]:
            yield 0, ends[0], _GAP
            yield from ((*gap, _GAP) for gap in zip(ends[1::2], ends[2::2], strict=True))

        # Of a view in between, only its places are needed.
        made = View(b"", self, pieces, rate)
        yield View(b"".join((_GAP, _GAP.join(found), _GAP)), made, texts)

    def replaced(self, patterns: Iterable[re.Pattern[bytes]], replace: Replace) -> "View":
        """With all matches replaced; where there are few, only they and what is near them.

        What is far from all of them was looked at before, as it is.
        """
        spans = sorted(match.span() for each in patterns for match in each.finditer(self.data))
        few = 4 * _NEAR * len(spans) < len(self.data)
        start = view = self
        if spans and few and _has_row(self.data, _OF_BLANKS, 32):
            return self._closed_up().replaced(patterns, replace)
        if spans and few:
            start = view = self._near(spans)
        for pattern in patterns if spans else ():
            data = pattern.sub(replace, view.data)
            if data != view.data:
                view = View(data, view, _matches(view.data, pattern, replace))
        return self if view is start else view

    def _closed_up(self) -> "View":
        """Without long blanks, which would keep apart what is near without them."""
        data = _LONG_BLANKS.sub(b"", self.data)
        return View(data, self, _matches(self.data, _LONG_BLANKS))

    def _near(self, spans: Iterable[tuple[int, int]]) -> "View":
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
    return data.translate(_FOLDED, _BLANK)


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
            for each in _joined(view):
                if each.data in seen:
                    continue
                if len(each.data) > room:
                    left_out = True
                else:
                    room -= len(each.data)
                    seen.add(each.data)
                    found.append(each)
                    yield each
        if depth < _DEPTH and found:
            # One at a time: most of them are dropped.
            level = (deeper for each in found for deeper in _decoded(each))
    if left_out:
        raise TooManyWays


def _joined(view: View) -> Iterator[View]:
    """A view as it is, and without what breaks a word in two, blanks aside."""
    joined = view.replaced(_BREAKS, _nothing)
    yield from (view, joined, joined.replaced(_TAGS, _nothing))


def _decoded(view: View) -> Iterator[View]:
    """A view in each way in which it can be decoded, once."""
    for escapes in (_ESCAPES, _QUOTED_PRINTABLE, _LATIN_1):
        unescaped = view.replaced(escapes, _unescaped)
        if unescaped is not view:
            yield unescaped
    if _has_row(view.data, _OF_NUMBERS, 2 * _FEWEST) and _NUMBERS.search(view.data):
        for bytes_by_number in _BYTES_BY_NUMBER:
            yield from view.made_of(partial(_from_numbers, view.data, bytes_by_number))
    digits = view.data.upper().replace(b"0X", b"").translate(None, _BETWEEN_HEX)
    if _has_row(digits, _OF_HEX, 2 * _FEWEST):
        compact = View(digits, view, _matches(view.data, _SEPARATORS))
        yield from _in_groups(compact.runs(_HEX, b"FFFF"), _from_hex, (2, 1))
    line = view.data.translate(None, _BLANK)
    if _has_row(line, _OF_BASE64, _FEWEST_IN_BASE64):
        compact = View(line, view, _matches(view.data, _BLANKS))
        # A text in Base64 has capitals; a long word or a path need not be tried.
        yield from _in_groups(compact.runs(_BASE64, b"////"), _from_base64, (4, 3))


def _matches(data: bytes, pattern: re.Pattern[bytes], replace: Replace | None = None) -> Pieces:
    def pieces() -> Iterator[Piece]:
        for match in pattern.finditer(data):
            yield match.start(), match.end(), replace(match) if replace else b""

    return pieces


def _nothing(_: re.Match[bytes]) -> bytes:
    return b""


def _unescaped(escape: re.Match[bytes]) -> bytes:
    """What an escape stands for; itself where that is no character."""
    kind = escape.lastgroup
    if kind is None:
        return b""  # a soft line break of quoted-printable
    found = escape[kind]
    if kind == "plain":
        return found
    if kind == "latin":
        return found.decode().encode("latin-1")
    if kind == "name":
        return _NAMED.get(found, escape[0])
    if kind in _OF_A_BYTE:
        return bytes((int(found, _OF_A_BYTE[kind]),))
    code_point = int(found, _BASE.get(kind, 16))
    if code_point > 0x10FFFF:
        return escape[0]
    return chr(code_point).encode("utf-8", "surrogatepass")


def _from_numbers(data: bytes, known: Mapping[bytes, bytes]) -> Iterator[Piece]:
    """What lists of numbers stand for, and gaps between them."""
    done = 0
    for run in _NUMBERS.finditer(data):
        between = _GAP
        for number in _NUMBER.finditer(data, *run.span()):
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
