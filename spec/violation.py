"""Violations: what a server did wrong in one exchange, in words."""

import json
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, StrEnum
from itertools import zip_longest
from typing import Any, NamedTuple
from unicodedata import normalize

from spec.paths import Json, Location, location_text
from spec.requirements import Requirement

HIDE: ContextVar[Callable[[str], str]] = ContextVar("HIDE", default=str)
"""Hides the secrets of a run in a text before it is cut."""
MISSING = "missing"
"""What an answer has of a property that it has not."""
_LONGEST = 400
"""Characters of what a keyword says."""
_WORDS = 2
"""Of what is left of a text, a cut at a word leaves at least one in so many characters."""
_NEAR = 4096
"""Characters beside a cut in which a secret, in any encoding, has its end."""


class Category(StrEnum):
    """The kind of a violation, in the words of the report."""

    SERVER_ERROR = "Server error"
    ACCEPTED_INVALID = "Accepted invalid input"
    REFUSED_VALID = "Refused valid input"
    WRONG_STATUS = "Wrong status"
    ECHO = "Echo mismatch"
    ANSWER_SHAPE = "Answer shape"
    ERROR_SHAPE = "Error shape"
    AUTHENTICATION = "Authentication"
    PROTOCOL = "Protocol"
    DRIFT = "Drift"


class Special(Enum):
    """What is wrong with some answers beyond the requirement that they break."""

    ANOTHER_ORDER = "the items are in another order"
    NOT_ALL_ITEMS = "the items are not each there once"
    OF_THE_INVOICE_BEFORE = "it has a value of the invoice before"
    OF_THE_REQUEST_BEFORE = "it names what was wrong in the request before"


class Wrong(NamedTuple):
    """What was expected and what came, in words; of a status also whether each is 201, or what else
    a version lists for it, and of an error the location in the request that it had to name, and
    what in the request it is `about`, in words.
    """

    expected: str
    got: str
    expects_201: bool = False
    got_201: bool = False
    to_name: Location = ()
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """The broken requirement, the location of the wrong value, and what was expected and came, as
    `Wrong` has it. Of an echo `returned` is the value that came, but for a long text.
    """

    requirement: Requirement
    category: Category
    location: Location
    expected: str
    got: str
    expects_201: bool = False
    got_201: bool = False
    to_name: Location = ()
    about: tuple[str, ...] = field(default=(), compare=False)
    special: Special | None = None
    returned: Json = field(default=None, compare=False, repr=False)

    @property
    def headline(self) -> str:
        """One line, the same for equal faults: without ids, addresses and times of this run."""
        one = self.requirement
        return headline(self.category, one.name, one.level, self.expected, self.got)

    @property
    def at(self) -> str:
        """The location as people write it; empty for a violation of the whole exchange."""
        return location_text(self.location) if self.location else ""


def headline(category: str, requirement: str, level: str, expected: str, got: str) -> str:
    """The line of a violation: its category before what is wrong."""
    return f"[{category}] {in_words(requirement, level, expected, got)}"


def in_words(requirement: str, level: str, expected: str, got: str) -> str:
    """What is wrong, in a line."""
    return f"{requirement} ({level}): {expected_and_got(expected, got)}"


def expected_and_got(expected: str, got: str) -> str:
    """What an answer should be and what it is: `expected 201, got 400`."""
    return f"expected {expected}, {'it is missing' if got == MISSING else f'got {got}'}"


def counted(number: int, noun: str, nouns: str = "") -> str:
    """A number with its noun: `1 request`, `2 requests`; `nouns` where no `s` makes the plural."""
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"


def with_article(noun: str) -> str:
    """The noun after `a` or `an`."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def brief(value: Any, limit: int = 80) -> str:
    """A JSON value in one line of about so many characters at most, cut in the middle."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        text = str(value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return shortened(text.encode("utf-8", "backslashreplace").decode(), limit)


def demand(requirement: Requirement) -> str:
    """A keyword of a schema with what it says, as the document has it: a list is JSON."""
    said = requirement.operand
    return f"{requirement.keyword} {said if isinstance(said, str) else brief(said, _LONGEST)}"


def opening(body: bytes, limit: int) -> str:
    """The beginning of a body as text; what is secret is hidden before it is cut."""
    return beginning(body[: limit + _NEAR].decode(errors="backslashreplace"), limit)


def beginning(text: str, limit: int) -> str:
    """The first characters of a text; what is secret is hidden before it is cut."""
    return HIDE.get()(text[: limit + _NEAR])[:limit]


def shortened(text: str, limit: int) -> str:
    """The text, or its two ends with the count of characters left out between them.

    What is secret is hidden before: half a secret would not be found any more.
    """
    if len(text) <= limit:
        return text
    half, hide = limit // 2, HIDE.get()
    if len(text) <= 2 * (half + _NEAR):
        start = end = hide(text)
    else:
        start, end = hide(text[: half + _NEAR]), hide(text[-half - _NEAR :])
    first, last = _to_a_word(start, half), _to_a_word(end[::-1], half)[::-1]
    return f"{first} ...({len(text) - len(first) - len(last)} more)... {last}"


def _to_a_word(text: str, most: int) -> str:
    """The first characters of a text, without the part of a word that they would end in; a word
    that is long has its part, too.
    """
    first = text[:most]
    if text[most : most + 1].strip() == "":
        return first.rstrip()
    words = first.rpartition(" ")[0].rstrip()
    return words if len(words) * _WORDS >= most else first


def told_apart(sent: Json, returned: Json) -> tuple[str, str]:
    """Two values that are not equal, for people: of texts that look alike, or are cut where they
    differ, what is around the first difference, in escapes; of many characters, how many came.
    """
    one, other = brief(sent), brief(returned)
    if not isinstance(sent, str) or not isinstance(returned, str):
        return one, other
    if len(returned) >= _MANY and is_cut(sent, returned):
        return f"all {counted(len(sent), 'character')}", f"the first {len(returned)}"
    if normalize("NFKC", one) != normalize("NFKC", other):
        return one, other
    pairs = enumerate(zip_longest(sent, returned))
    start = max(0, next(n for n, (a, b) in pairs if a != b) - _BEFORE)
    cut = "..." if start else ""
    first, second = (cut + json.dumps(text[start:][:_AROUND]) for text in (sent, returned))
    return shortened(first, 80), shortened(second, 80)


_BEFORE, _AROUND = 5, 12
"""Characters that are shown in front of a difference, and in all."""
_MANY = 32
"""Characters of a text that nobody wants to count."""


def is_cut(sent: str, returned: str) -> bool:
    """Whether a text came back without its end, and that is not because it ends in blanks."""
    left, is_blank = sent[len(returned) :], returned[-2:].isspace() and len(returned) > 1
    return bool(left) and sent.startswith(returned) and (is_blank or not left.isspace())
