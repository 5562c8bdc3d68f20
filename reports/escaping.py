"""Makes a server's text safe to show: one line, and nothing that a terminal, a CI or Markdown
interprets.
"""

import re
import unicodedata

from targets.spellings import INVISIBLE

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
"""Controls, invisible marks (bidi among them), lone surrogates, what is not assigned, blanks."""
_UNSEEN = re.compile(
    f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in INVISIBLE if first > 0xA0)}]"
)
"""What does not show either, whatever its category."""
_COMMAND = re.compile(r"^\s*:(?=:)|#(?=#(?:vso|teamcity)?\[)", re.IGNORECASE)
"""How a line is a command to the runner that logs it: GitHub obeys `::` at its start, behind blanks
too, and `##[` anywhere, as Azure does `##vso[`. GitLab's sections begin with a control."""
_JOINERS = "\u200c\u200d"
"""They part and join letters, in Persian and Hindi for one, and make one emoji of two."""
_JOINED = "LMS"
"""The categories of what they stand between: letters, their marks, and symbols."""
_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Each chooses a shape of the character before it: a letter, a number or a symbol."""
_SHAPED = "LNS"

_SPECIAL = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]<>|#"} | {"\n": " ", "\r": " "})


def one_line(text: str) -> str:
    """The text in one line: what does not show is escaped, what a CI would obey is broken."""
    if not text.isprintable() or _UNSEEN.search(text):
        text = _shown(text)
    return _COMMAND.sub(r"\g<0>\\", text)


def safe_lines(text: str) -> str:
    """A text of ours in several lines, on its way out: it makes up for a missing `one_line`."""
    return "\n".join(map(one_line, text.split("\n")))


def plain(text: str) -> str:
    """The text so that Markdown shows it as it is, in one line."""
    return text.translate(_SPECIAL)


def code(text: str) -> str:
    """The text as code inside a line or a table's cell, which nothing in it can end."""
    # A cell ends at a | unless a backslash stands before it, and no other before that one.
    text = one_line(" ".join(text.splitlines())).replace("\\|", "\\ |").replace("|", "\\|")
    fence = "`"
    while fence in text:
        fence += "`"
    return f"{fence} {text} {fence}" if len(fence) > 1 else f"`{text}`"


def fenced(text: str, language: str) -> str:
    """The text as a block of code that nothing in it can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _shown(line: str) -> str:
    around = zip(" " + line, line, line[1:] + " ", strict=False)
    return "".join(
        each
        if each == " " or _is_shown(before, each, after)
        else each.encode("unicode_escape").decode("ascii")
        for before, each, after in around
    )


def _is_shown(before: str, character: str, after: str) -> bool:
    """Whether a character shows between these two."""
    if character in _JOINERS:
        return all(unicodedata.category(each)[0] in _JOINED for each in (before, after))
    if _SELECTORS.match(character):
        return unicodedata.category(before)[0] in _SHAPED and not _UNSEEN.match(before)
    return not (_UNSEEN.match(character) or unicodedata.category(character) in _UNSAFE)
