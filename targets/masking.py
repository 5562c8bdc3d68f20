"""Keeps the keys out of every output: finds a key by its value, however it is encoded."""

import base64
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping

from targets.errors import TargetError
from targets.views import TooManyWays, View, fold, views

SHORTEST = 6
"""Characters of the shortest key; masking a shorter one would also mask much of the other text."""
_RUN = 8
"""Characters of a key, one after another, that are masked wherever they stand."""
_RUN_IN_BASE64 = 11
"""Characters that eight make in Base64."""
_PASSES = 16
"""Times that a text is searched, as long as there is something to hide."""
_BLOCK = 256
"""Words of a text that are looked at together."""

_STARS = tuple(
    re.compile(pattern)
    for pattern in (
        rb"\*\**+",
        rb"\.\.+",
        rb"##+",
        rb"xxx+",
        rb"\xe2\x80\xa6(?:\xe2\x80\xa6)*+",  # ellipses
        rb"\xe2\x80\xa2(?:\xe2\x80\xa2)*+",  # bullets
        rb"\xe2\x97\x8f(?:\xe2\x97\x8f)*+",  # circles
    )
)
"""What stands in place of the middle of a key."""
_BESIDE_STARS = b"\"'`[]()<>"
_FEWEST = 2
"""Characters of a key on either side of the stars."""

WITHHELD = "(not shown: it can be decoded in too many ways to look for a key in all of them)"
"""Stands for a text of which not every view was looked at; only a server that means harm sends
one."""

Span = tuple[int, int, str]
"""Start and end of a piece of bytes, and the variable of the key that it shows."""

Text = tuple[bytes, int, str]
"""What to look for, the fewest bytes of it that count, and the variable of its key."""

Find = Callable[[bytes], Iterable[Span]]
"""Finds what is to be masked in folded bytes."""


class Masker:
    """Replaces each key with `$NAME`, the environment variable that it comes from.

    `keys` are values by variable name. Masked is a run of eight or more characters of a key, or
    all of a shorter key: in any letter case; broken by blanks, line breaks, colours, tags or
    characters that do not show, or by stars in place of its middle; in UTF-16; escaped as in URLs,
    JSON, C, HTML or quoted-printable; as hexadecimal, octal or decimal numbers; in Base64; and in
    up to four of these, one inside another. Not masked is what only a server that means harm would
    write: a key reversed, in Base85, compressed, encrypted, or with other letters between its own.
    A text that can be decoded in too many ways to look at all of them is withheld as a whole.
    `also` finds what else is to be masked in each of these ways.

    All of it takes linear time. Raises TargetError for a key that is too short to mask.
    """

    def __init__(self, keys: Mapping[str, str], also: Find = lambda _data: ()) -> None:
        for name, key in keys.items():
            if len(key) < SHORTEST:
                raise TargetError(
                    f"The key in {name} has fewer than {SHORTEST} characters, too few to keep it "
                    "out of the reports: use a longer one."
                )
        self._given, self._also = dict(keys), also
        self._prepare()

    def add(self, name: str, secret: str) -> None:
        """Mask this as well from now on."""
        self._given[name] = secret
        self._prepare()

    def _prepare(self) -> None:
        keys, also = self._given, self._also
        self._keys = {name: fold(key.encode()) for name, key in keys.items()}
        self._pairs = {part for key in self._keys.values() for part in _parts(key, _FEWEST)}
        self._most = len(_BESIDE_STARS) + max(map(len, self._keys.values()), default=0)
        cased = [(name, each) for name, key in keys.items() for each in _cases(key)]
        texts = [(key, _RUN, name) for name, key in self._keys.items()]
        texts += [
            (fold(text), _RUN_IN_BASE64, name) for name, key in cased for text in _base64(key)
        ]
        # A mask must not be masked again, even where a key has the words of its variable's name.
        runs = _Runs(texts, known=fold(" ".join(keys).encode()))
        self._finds: tuple[Find, ...] = (runs.find, self._around_stars, also)

    def mask(self, text: str) -> str:
        """The text without any key, or WITHHELD."""
        data = text.encode("utf-8", "surrogatepass")
        masked = self.mask_bytes(data)
        return text if masked is data else masked.decode("utf-8", "surrogatepass")

    def mask_bytes(self, data: bytes) -> bytes:
        """The bytes without any key, or WITHHELD."""
        masked, whole = self._masked(data)
        return masked if whole else WITHHELD.encode()

    def mask_again(self, data: bytes) -> bytes:
        """The bytes of a file without any key; their parts were masked where they came in."""
        return self._masked(data)[0]

    def _masked(self, data: bytes) -> tuple[bytes, bool]:
        """The bytes without any key, and whether every view of them was looked at."""
        if not self._keys or len(data) < SHORTEST:
            return data, True
        # What is alike once it is decoded is one view, which stands for the first place alone.
        for _ in range(_PASSES):
            spans, whole = self._found(data)
            if spans:
                data = _without(data, spans)
            if not spans or not whole:
                return data, whole
        return data, False

    def _found(self, data: bytes) -> tuple[list[Span], bool]:
        """Where keys are in the bytes, and whether every view of them was looked at."""
        spans: list[Span] = []
        try:
            for view in views(data):
                folded = view.folded()
                for find in self._finds:
                    spans += _at_root(folded, find)
        except TooManyWays:
            return spans, False
        return spans, True

    def _around_stars(self, data: bytes) -> Iterator[Span]:
        """Where the two ends of a key are left, eight characters or more together."""
        for stars in (each for pattern in _STARS for each in pattern.finditer(data)):
            before = data[max(0, stars.start() - self._most) : stars.start()]
            after = data[stars.end() : stars.end() + self._most]
            left, right = before.rstrip(_BESIDE_STARS), after.lstrip(_BESIDE_STARS)
            if left[-_FEWEST:] not in self._pairs or right[:_FEWEST] not in self._pairs:
                continue
            start = stars.start() - len(before) + len(left)
            end = stars.end() + len(after) - len(right)
            for name, key in self._keys.items():
                ending = _longest(left[::-1], key[::-1])
                beginning = _longest(right, key)
                if min(ending, beginning) >= _FEWEST and ending + beginning >= _RUN:
                    yield start - ending, end + beginning, name


def without_keys(text: str, environment: Mapping[str, str]) -> str:
    """The text without any key that the environment has, where a target is not known yet."""
    names = (name for name in environment if name.startswith("WIZCOMMERCE_"))
    keys = {name: environment[name] for name in names if len(environment[name]) >= SHORTEST}
    return Masker(keys).mask(text)


def places_of(data: bytes, words: frozenset[int] | set[int], size: int) -> Iterator[int]:
    """Where the data has one of these words, of two or four bytes, at a multiple of their size."""
    read = memoryview(data)[: len(data) // size * size].cast("I" if size == 4 else "H")
    for first in range(0, len(read), _BLOCK):
        block = read[first : first + _BLOCK]
        if not words.isdisjoint(block):
            yield from (size * n for n, word in enumerate(block, first) if word in words)


def _without(data: bytes, spans: list[Span]) -> bytes:
    """The bytes with a name in the place of each key."""
    parts, done = [], 0
    for start, end, name in _merged(spans):
        parts += [data[done:start], b"$", name.encode()]
        done = end
    return b"".join([*parts, data[done:]])


class _Runs:
    """Finds what is part of a text, and as long as that text demands or all of it.

    What `known` has as well is left alone, unless it goes on as a part that `known` does not have.
    """

    def __init__(self, texts: Iterable[Text], known: bytes) -> None:
        self._texts = sorted(texts, key=lambda text: -len(text[0]))
        self._parts: dict[int, dict[bytes, str]] = {}
        for text, fewest, name in self._texts:
            size = min(fewest, len(text))
            for part in _parts(text, size):
                self._parts.setdefault(size, {}).setdefault(part, name)
        self._known = known
        # Seven bytes, wherever they begin, hold four that begin at a multiple of four.
        self._step = 4 if min(self._parts, default=7) >= 7 else 2
        self._words = frozenset(
            int.from_bytes(word, sys.byteorder)
            for parts in self._parts.values()
            for part in parts
            if part not in known
            for word in _parts(part, self._step)
        )

    def find(self, data: bytes) -> Iterator[Span]:
        """Where the data has such parts; those that overlap are one."""
        done = 0
        for place in places_of(data, self._words, self._step):
            if place + self._step > done:
                for span in self._over(data, place):
                    done = max(done, span[1])
                    yield span

    def _over(self, data: bytes, place: int) -> Iterator[Span]:
        """The longest run over the word at this place, for each length of parts."""
        for size, parts in self._parts.items():
            for first in range(max(0, place + self._step - size), place + 1):
                if name := parts.get(data[first : first + size]):
                    start, end = first, first + size
                    while data[end - size + 1 : end + 1] in parts:
                        end += 1
                    while start and data[start - 1 : start - 1 + size] in parts:
                        start -= 1
                    if data[start:end] not in self._known:
                        yield start, end, self._named(data[start:end]) or name
                        break

    def _named(self, run: bytes) -> str | None:
        """The key that a run has in full, if any: keys may begin alike."""
        return next((name for text, _, name in self._texts if text in run), None)


def _at_root(view: View, find: Find) -> Iterator[Span]:
    """What is found in a view, at its place in the bytes at the root."""
    found = list(find(view.data))
    places = view.origins([(start, end) for start, end, _ in found])
    yield from ((start, end, name) for (start, end), (*_, name) in zip(places, found, strict=True))


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans in order; those that overlap are one, with the name of the longest."""
    start, end, name, longest = 0, 0, "", 0
    for each in sorted(spans, key=lambda span: (span[0], -span[1])):
        if each[0] >= end:
            if longest:
                yield start, end, name
            start, longest = each[0], 0
        end = max(end, each[1])
        if each[1] - each[0] > longest:
            longest, name = each[1] - each[0], each[2]
    if longest:
        yield start, end, name


def _parts(text: bytes, size: int) -> list[bytes]:
    return [text[start : start + size] for start in range(len(text) - size + 1)]


def _longest(view: bytes, key: bytes) -> int:
    """The length of the longest start of the view that is in the key."""
    length = 0
    while length < len(view) and view[: length + 1] in key:
        length += 1
    return length


def _cases(key: str) -> set[bytes]:
    return {each.encode() for each in (key, key.lower(), key.upper(), key.swapcase())}


def _base64(data: bytes) -> Iterator[bytes]:
    """The data in Base64, at each alignment inside a longer text."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + data).rstrip(b"=")
        # The characters at either end also encode bits of the text before and after the data.
        yield whole[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]
