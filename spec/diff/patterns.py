"""Whether one pattern allows no more than another, as far as that can be told from both texts."""

import re
from warnings import catch_warnings, simplefilter

from spec.schema.patterns import drawable, written

_ONE = (r"[\s\S]", r"[\S\s]", r"[\d\D]", r"[\D\d]", r"[\w\W]", r"[\W\w]")
"""What takes any character; a dot takes any but those that end a line."""
_ANY = frozenset(
    {
        *("", "^", "$", ".*", "^.*", ".*$"),
        *(f"{start}{one}*{end}" for start in ("", "^") for one in _ONE for end in ("", "$")),
    }
)
"""Patterns of which every text has a match."""
_FILLED = frozenset(f"{one}+" for one in _ONE)
"""The same of every text but the empty one, with anchors around or without."""
_BREAKS = re.compile(r"[\n\r\u2028\u2029]|\\[sDWnrxucpP]|\[\^|\|")
"""What may take the end of a line, or be without the anchors around."""


def is_any(pattern: str) -> bool:
    """Whether a pattern demands nothing."""
    return written(pattern) in _ANY


def narrows_pattern(old: str, new: str, *, filled: bool = False) -> bool:
    """Whether each text with a match of the new pattern has one of the old; `filled` says that none
    is empty.
    """
    old, new = written(old), written(new)
    if is_any(old) or new in _stricter(old):
        return True
    if _bare(old) in _FILLED | {".+"} and not filled and _takes_nothing(new):
        return False
    return _bare(old) in _FILLED or (_bare(old) in (".*", ".+") and _is_of_one_line(new))


def _bare(pattern: str) -> str:
    """A pattern without anchors around it."""
    return written(pattern).removeprefix("^").removesuffix("$")


def _stricter(pattern: str) -> set[str]:
    """The same pattern, also of texts that begin or end so."""
    groups = ("(?:{})",) if re.search(r"\\[1-9k]", pattern) else ("(?:{})", "({})")
    cores = [pattern, *(each.format(pattern) for each in groups)]
    return {f"{start}{core}{end}" for core in cores for start in ("", "^") for end in ("", "$")}


def _is_of_one_line(pattern: str) -> bool:
    """Whether a pattern surely has no match in a text of several lines."""
    is_whole = pattern.startswith("^") and pattern.endswith("$") and not pattern.endswith(r"\$")
    return is_whole and not _BREAKS.search(pattern)


def _takes_nothing(pattern: str) -> bool:
    """Whether the empty text has a match of a pattern; so it may of one that nobody reads."""
    try:
        with catch_warnings():
            simplefilter("ignore")
            return re.search(drawable(pattern), "") is not None
    except re.error:
        return True
