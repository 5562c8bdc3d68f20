"""In what way a value came back changed, in words that equal faults share."""

import html
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain
from unicodedata import normalize
from urllib.parse import unquote, unquote_plus

from spec.coherence import EXACT, exact
from spec.paths import Json
from spec.schema.formats import ANY_INSTANT, instant
from spec.violation import is_cut

LEFT_OUT, OTHER_CHARACTERS = "left out", "with other characters"
ANOTHER = "another value"
"""What is said of a value that has nothing to do with the one that was sent."""
ANOTHER_MEMBER = "another one of those that are listed"
"""The same of one that is listed, in whose place another one came back."""
CUT, MOVED = "cut short", "with the point elsewhere"
"""What is said of a date without its smallest parts or its offset, and of the digits of a number
without their exponent.
"""
ITEMS_IN_ANOTHER_ORDER = "items in another order"
ITEMS_NOT_ONCE = "items lost, merged or repeated"
"""What is said of items."""

TRIMMED, KEPT_BLANK = "trimmed", "with another blank at an end"
"""What is said of a text without the blanks at its ends, and of one that has others there."""
_NORMALISED, _IN_LETTERS, _ESCAPED = "normalised", "in another letter case", "escaped or unescaped"
_BESIDE_TRIMMING = frozenset({KEPT_BLANK, _NORMALISED, _IN_LETTERS, _ESCAPED})
"""What is said of a change of characters that are still there, so that none is taken from an end:
no line of code that does this trims, as one that makes one blank of several may, or one that drops
what it cannot read.
"""

_ENCODINGS = ("latin-1", "cp1252")
_REPLACEMENTS = "?\ufffd\u00bf"
_NEAR = Decimal("0.001")
"""The share of a number that rounding may take."""
_ANY_OFFSET = timedelta(hours=27)


def are_two(one: str, other: str) -> bool:
    """Whether no one line of code makes both of these changes."""
    return TRIMMED in (one, other) and not _BESIDE_TRIMMING.isdisjoint((one, other))


def alteration(sent: Json, returned: Json) -> str:
    """In what way a returned value differs from the one sent; None means that none came back."""
    if returned is None:
        return LEFT_OUT
    if isinstance(sent, str) and isinstance(returned, str):
        try:
            return _of_dates(sent, returned)
        except (ValueError, OverflowError):
            return _of_texts(sent, returned)
    if _is_number(sent) and _is_number(returned):
        return _of_numbers(exact(sent), exact(returned))
    return ANOTHER


def _of_dates(sent: str, returned: str) -> str:
    wanted = instant(sent)
    try:
        given = instant(returned)
    except (ValueError, OverflowError):
        return "not a date-time"
    if _is_cut(sent, returned, wanted, given):
        return CUT
    difference = abs(given - wanted)
    if difference < timedelta(seconds=1):
        return "with other fractions of a second"
    return "shifted" if difference < _ANY_OFFSET else "another moment"


def _is_cut(sent: str, returned: str, wanted: datetime, given: datetime) -> bool:
    """Whether a date came back without its smallest parts, its offset or both."""
    here, there = (_without_offset(text) for text in (sent, returned))
    shorter = chain(_shorter(wanted), _shorter(wanted.astimezone(UTC)))
    return here == there or given in shorter or there in _shorter(here)


def _without_offset(text: str) -> datetime:
    parts = ANY_INSTANT.fullmatch(text)
    assert parts is not None
    day, time, fraction, _ = parts.groups()
    return instant(f"{day}T{time}{fraction or ''}Z")


def _shorter(moment: datetime) -> Iterator[datetime]:
    """A moment without its fraction, its seconds and so on."""
    for part in ("microsecond", "second", "minute", "hour"):
        if getattr(moment, part):
            moment -= timedelta(**{f"{part}s": getattr(moment, part)})
            yield moment


def _of_numbers(sent: Decimal, returned: Decimal) -> str:
    if sent and _digits(sent) == _digits(returned) and sent.is_signed() == returned.is_signed():
        return MOVED
    lost = EXACT.subtract(sent, returned).copy_abs()
    if lost <= max(Decimal(1), EXACT.multiply(sent, _NEAR).copy_abs()):
        return "rounded"
    return "with another sign" if sent == returned.copy_negate() else ANOTHER


def _digits(number: Decimal) -> str:
    """The digits of a number, wherever its point is."""
    return "".join(map(str, number.as_tuple().digits)).rstrip("0")


def _of_texts(sent: str, returned: str) -> str:
    return next((words for words, is_so in _WAYS if is_so(sent, returned)), ANOTHER)


def _recoded(sent: str, returned: str) -> bool:
    """Whether the bytes of one encoding were read in another."""
    for encoding in _ENCODINGS:
        for one, other in ((sent, returned), (returned, sent)):
            if other.encode(errors="replace").decode(encoding, errors="replace") == one:
                return True
    return False


def _kept(text: str) -> str:
    """The text without what stands for characters that were lost."""
    return "".join(character for character in text if character not in _REPLACEMENTS)


def _within(short: str, long: str) -> bool:
    """Whether a text is the other one with characters left out."""
    characters = iter(long)
    return all(character in characters for character in short)


def _by(change: Callable[[str], str]) -> Callable[[str, str], bool]:
    """Whether the change makes one of the texts of the other, or both alike."""
    return lambda sent, returned: (
        change(sent) in (returned, change(returned)) or (sent == change(returned))
    )


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def _ends_with_another(sent: str, returned: str) -> bool:
    """Whether a blank at an end came back as another one."""
    if not sent or _without_blanks(sent) != _without_blanks(returned):
        return False
    ends = ((sent[place], returned[place]) for place in (0, -1))
    return any(one != other and one.isspace() and other.isspace() for one, other in ends)


_WAYS: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("empty", lambda _, returned: not returned),
    (_NORMALISED, lambda s, r: any(normalize(form, s) == r for form in ("NFC", "NFD"))),
    (OTHER_CHARACTERS, is_cut),
    (TRIMMED, lambda s, r: len(s) != len(r) and s.strip() == r.strip()),
    (KEPT_BLANK, _ends_with_another),
    ("with other blanks", lambda s, r: _without_blanks(s) == _without_blanks(r)),
    (_NORMALISED, lambda s, r: any(normalize(form, s) == r for form in ("NFKC", "NFKD"))),
    (_IN_LETTERS, lambda s, r: s.casefold() == r.casefold()),
    (_NORMALISED, lambda s, r: any(normalize(f, s) == normalize(f, r) for f in ("NFC", "NFKC"))),
    (_ESCAPED, _by(html.unescape)),
    (_ESCAPED, _by(unquote)),
    (_ESCAPED, _by(unquote_plus)),
    ("in another encoding", _recoded),
    (OTHER_CHARACTERS, lambda s, r: _within(_kept(r), s) or _within(s, r)),
)
"""In this order: what is also true of an earlier one is not told."""
SAY_HOW = _BESIDE_TRIMMING | {CUT, MOVED, TRIMMED, "with other blanks", "in another encoding"}
"""What is said of a change that one line of code makes, whichever value it is made of."""
BY_SIZE = (frozenset({"rounded", ANOTHER}), frozenset({"shifted", "another moment"}))
"""What is said of one change of a number, and of a date, by how large that is beside the change."""
OF_A_TYPE = SAY_HOW | {"rounded", "shifted", "another moment"}
"""What is said of a change that is made of all texts, numbers or dates."""


def _is_number(value: object) -> bool:
    return type(value) in (int, Decimal)
