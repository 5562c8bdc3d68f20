"""Makes a server's text safe to show: in one line, with nothing that a terminal or a CI obeys."""

import re
import unicodedata

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
"""Controls, invisible marks (bidi among them), lone surrogates, what is not assigned, blanks."""
_COMMAND = re.compile(r":(?=:)|#(?=#(?:vso|teamcity)?\[)", re.IGNORECASE)
"""How logs of GitHub, Azure and TeamCity mark a command to the runner."""
_IN_A_LINE = re.compile(r"^\s*:(?=:)|#(?=#(?:vso|teamcity)?\[)", re.IGNORECASE)
"""The same in a line of ours, which may have the id of a test: GitHub looks only at its start."""
_PLAIN = " \u200d"
"""A blank, and the joiner that makes one emoji of two: neither does anything else."""


def one_line(text: str) -> str:
    """The text in one line: what does not show is escaped, what a CI would obey is broken."""
    if not text.isprintable():
        text = "".join(map(_shown, text))
    return _COMMAND.sub(r"\g<0>\\", text)


def safe_lines(text: str) -> str:
    """A text of ours in several lines, on its way out: it makes up for a missing `one_line`."""
    return "\n".join(map(_safe, text.split("\n")))


def _safe(line: str) -> str:
    if not line.isprintable():
        line = "".join(each if each == "\t" else _shown(each) for each in line)
    return _IN_A_LINE.sub(r"\g<0>\\", line)


def _shown(character: str) -> str:
    if character in _PLAIN or unicodedata.category(character) not in _UNSAFE:
        return character
    return character.encode("unicode_escape").decode("ascii")
