"""Makes a server's text safe to show: in one line, with nothing that a terminal or a CI obeys."""

import re
import unicodedata

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
"""Controls, invisible marks (bidi among them), lone surrogates, what is not assigned, blanks."""
_COMMAND = re.compile(r":(?=:)|#(?=#(?:\[|vso\[))", re.IGNORECASE)
"""How GitHub's and Azure's logs mark a line as a command to the runner."""
_PLAIN = " \u200d"
"""A blank, and the joiner that makes one emoji of two: neither does anything else."""


def one_line(text: str) -> str:
    """The text in one line: what does not show is escaped, what a CI would obey is broken."""
    if not text.isprintable():
        text = "".join(map(_shown, text))
    return _COMMAND.sub(r"\g<0>\\", text)


def _shown(character: str) -> str:
    if character in _PLAIN or unicodedata.category(character) not in _UNSAFE:
        return character
    return character.encode("unicode_escape").decode("ascii")
