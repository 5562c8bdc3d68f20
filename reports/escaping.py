"""Makes a server's text safe to show: in one line, with nothing that a terminal or a CI obeys."""

import re
import unicodedata

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
"""Controls, invisible marks (bidi among them), lone surrogates, what is not assigned, blanks."""
_COMMAND = re.compile(r"^\s*:(?=:)|#(?=#(?:vso|teamcity)?\[)", re.IGNORECASE)
"""How a line is a command to the runner that logs it: GitHub obeys `::` at its start, behind blanks
too, and `##[` anywhere, as Azure does `##vso[`. GitLab's sections begin with a control."""
_JOINERS = "\u200c\u200d"
"""They part and join letters, in Persian and Hindi for one, and make one emoji of two."""
_JOINED = "LMS"
"""The categories of what they stand between: letters, their marks, and symbols."""


def one_line(text: str) -> str:
    """The text in one line: what does not show is escaped, what a CI would obey is broken."""
    return _safe(text, "")


def safe_lines(text: str) -> str:
    """A text of ours in several lines, on its way out: it makes up for a missing `one_line`."""
    return "\n".join(_safe(line, "\t") for line in text.split("\n"))


def _safe(line: str, kept: str) -> str:
    """The line, in which of all that does not show only what is `kept` stays."""
    if not line.isprintable():
        line = _shown(line, kept)
    return _COMMAND.sub(r"\g<0>\\", line)


def _shown(line: str, kept: str) -> str:
    around = zip(" " + line, line, line[1:] + " ", strict=False)
    return "".join(
        each
        if each == " " or each in kept or _is_shown(before, each, after)
        else each.encode("unicode_escape").decode("ascii")
        for before, each, after in around
    )


def _is_shown(before: str, character: str, after: str) -> bool:
    """Whether a character shows between these two."""
    if character in _JOINERS:
        return all(unicodedata.category(each)[0] in _JOINED for each in (before, after))
    return unicodedata.category(character) not in _UNSAFE
