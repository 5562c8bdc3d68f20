"""Ways to read bytes that may hide a key: without their line breaks, with their escapes decoded.

Each way gives a `View` that knows where its bytes came from, and takes linear time. Patterns begin
with a literal, because Python searches for those much faster."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from html.entities import html5

Replace = Callable[[re.Match[bytes]], bytes]
Pieces = Callable[[], Iterator[tuple[int, int, int]]]

_DEPTH = 3
"""Times that a text may be encoded, one encoding inside another."""
_MOST = 8
"""Views of one text with escapes decoded; a hostile text would have many."""
_NEAR = 128
"""Bytes on either side of an escape that may be needed to see a part of a key there."""
_GAP = b"\xff"
"""Stands for what is left out; no key has this byte."""

_BLANK = bytes(range(0x21)) + b"\x7f"
_BLANKS = re.compile(rb"[\x00-\x20\x7f]+")
_SEPARATOR = _BLANK + rb":,;._\xX%=&#{}()[]-"
_SEPARATORS = re.compile(rb"0[xX]|[\x00-\x20\x7f:,;._\\xX%=&#{}()[\]-]+")
_FOLDED = bytes(range(256)).lower().translate(bytes.maketrans(b"-_", b"+/"))

_BREAKS = tuple(
    re.compile(pattern)
    for pattern in (
        rb"\\(?:n(?:E[ \t])?|[rt]|x00|u0000|\r?\n)",  # line breaks, and the NULs of UTF-16
        rb"\nE[ \t]",  # pytest's mark of a line of an error
        rb"\x1b\[[0-9;]{0,16}m",  # colours
        rb"\#x1B\[[0-9;]{0,16}m",  # colours as pytest writes them into JUnit
        rb"<wbr ?/?>",
        rb"\xe2\x80[\x8b-\x8f]",  # characters of no width, like these:
        rb"\xe2\x81\xa0",
        rb"\xc2\xad",
        rb"\xef\xbb\xbf",
    )
)
"""What may break a word in two, blanks aside."""

_QUOTED_PRINTABLE = re.compile(rb"=(?:(?P<hex>[0-9A-Fa-f]{2})|\r?\n)")
_BASES = {"decimal": 10, "octal": 8}
_NAMED = {
    name.removesuffix(";").encode(): character.encode()
    for name, character in html5.items()
    if len(character) == 1 and character.isascii()
}
_IN_ESCAPES = rb"\%&#;{}/+=-_0123456789abcdefABCDEFux"
"""Bytes that an escape, or Base64, may have."""


class View:
    """Bytes made from those of a parent by replacing pieces of them.

    `pieces` gives start and end of each piece in the parent, and the length of what stands for it.
    """

    __slots__ = ("_parent", "_pieces", "data")

    def __init__(
        self, data: bytes, parent: "View | None" = None, pieces: Pieces = lambda: iter(())
    ) -> None:
        self.data = data
        self._parent, self._pieces = parent, pieces

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
        for start, end, size in self._pieces():
            while queue and queue[-1] < start - shift + size:
                place = queue.pop()
                before = (place + shift, place + shift + 1)
                places[place] = before if place < start - shift else (start, end)
            if not queue:
                break
            shift += end - start - size
        places.update((place, (place + shift, place + shift + 1)) for place in queue)
        return places

    def folded(self) -> "View":
        """As `fold` does it."""
        return View(fold(self.data), self, _matches(self.data, _BLANKS))

    def digits(self) -> "View":
        """In small letters, without what stands between the numbers of a list."""
        digits = self.data.lower().replace(b"0x", b"").translate(None, _SEPARATOR)
        return View(digits, self, _matches(self.data, _SEPARATORS))

    def joined(self) -> "View":
        """Without what breaks a word in two, blanks aside; itself where nothing does."""
        return self._replaced(_BREAKS, _nothing)

    def decoded(self, wanted: bytes) -> Iterator["View"]:
        """With those escapes decoded that stand for a wanted byte; itself where there are none."""
        escapes, replace = _escapes(wanted)
        yield self._replaced(escapes, replace)
        yield self._replaced((_QUOTED_PRINTABLE,), replace)

    def _replaced(self, patterns: Iterable[re.Pattern[bytes]], replace: Replace) -> "View":
        """With all matches replaced; where there are few, only they and what is near them.

        What is far from all of them was looked at before, as it is.
        """
        spans = sorted(match.span() for each in patterns for match in each.finditer(self.data))
        few = 4 * _NEAR * len(spans) < len(self.data)
        start = view = self._near(spans) if spans and few else self
        for pattern in patterns:
            data = pattern.sub(replace, view.data)
            if data != view.data:
                view = View(data, view, _matches(view.data, pattern, replace))
        return self if view is start else view

    def _near(self, spans: Iterable[tuple[int, int]]) -> "View":
        """Only these spans, which are in order, and what is near them."""
        gaps, done = [], 0
        for start, end in spans:
            if done < start - _NEAR:
                gaps.append((done, start - _NEAR, len(_GAP)))
            done = max(done, end + _NEAR)
        if done < len(self.data):
            gaps.append((done, len(self.data), len(_GAP)))
        parts, done = [], 0
        for start, end, _ in gaps:
            parts.append(self.data[done:start])
            done = end
        parts.append(self.data[done:])
        return View(_GAP.join(parts), self, lambda: iter(gaps))


def _matches(data: bytes, pattern: re.Pattern[bytes], replace: Replace | None = None) -> Pieces:
    def pieces() -> Iterator[tuple[int, int, int]]:
        for match in pattern.finditer(data):
            yield match.start(), match.end(), len(replace(match)) if replace else 0

    return pieces


def _nothing(_: re.Match[bytes]) -> bytes:
    return b""


def fold(data: bytes) -> bytes:
    """In small letters, with the usual alphabet of Base64 for that of URLs, without blanks."""
    return data.translate(_FOLDED, _BLANK)


def views(data: bytes, alphabet: bytes) -> Iterator[View]:
    """The bytes as they are, and with their escapes decoded up to three times.

    Those escapes are decoded that stand for a byte of the alphabet or for a part of another one.
    """
    wanted = alphabet + _IN_ESCAPES
    level, seen = [View(data)], {data}
    for _ in range(_DEPTH):
        yield from level
        deeper = [each for view in level for each in view.decoded(wanted)]
        level = []
        for view in deeper:
            if view.data not in seen and len(seen) <= _MOST:
                seen.add(view.data)
                level.append(view)
    yield from level


@lru_cache(maxsize=16)
def _escapes(wanted: bytes) -> tuple[tuple[re.Pattern[bytes], ...], Replace]:
    """The escapes of URLs, of JSON and C, and of HTML, and what decodes one of them.

    An escape that stands for a byte that is not wanted stays as it is.
    """
    bytes_wanted = frozenset(wanted)
    plain = b"".join(b"\\%c" % byte for byte in bytes_wanted if not chr(byte).isalnum())
    patterns = (
        rb"%(?P<percent>[0-9a-fA-F]{2})",
        (
            rb"\\(?:(?:u00|U000000|x)(?P<hex>[0-9a-fA-F]{2})|u\{0*+(?P<braces>[0-9a-fA-F]{2})\}"
            rb"|0?(?P<octal>[0-7]{2,3})|(?P<plain>[" + plain + rb"]))"
        ),
        (
            rb"&(?:#[xX]0*+(?P<reference>[0-9a-fA-F]{2})|#0*+(?P<decimal>[0-9]{2,3})"
            rb"|(?P<name>[A-Za-z]{2,8}));?"
        ),
    )

    def unescaped(escape: re.Match[bytes]) -> bytes:
        kind = escape.lastgroup
        if kind is None:
            return b""  # a soft line break of quoted-printable
        found = escape[kind]
        if kind == "plain":
            return found
        if kind == "name":
            byte = int.from_bytes(_NAMED.get(found, b""), "big")
        else:
            byte = int(found, _BASES.get(kind, 16))
        return bytes((byte,)) if byte in bytes_wanted else escape[0]

    return tuple(map(re.compile, patterns)), unescaped
