r"""Patterns, which are ECMA-262's (JSON Schema Core, section 6.4), said so that the validator and
Python read them as it does.

Both differ from it: for one `.` takes a carriage return and U+2028, `\b` and, beside a lookahead,
`\s` go by Unicode, and the other knows no `\p`.
"""

import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import category

from jsonschema_rs import Draft202012Validator

Ranges = tuple[tuple[int, int], ...]

_DIGITS: Ranges = ((0x30, 0x39),)
_WORD: Ranges = (*_DIGITS, (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_ENDS: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
_SPACES: Ranges = (
    *((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACES}

_TOKEN = re.compile(r"\\[pP]\{[^{}]*\}|\\k<[^>]*>|\\.|\(\?<(?![=!])[^>]*>|.", re.DOTALL)
_SCRIPT = re.compile(r"(?:Script|sc|Script_Extensions|scx)=[A-Z][A-Za-z_]*")
_ESCAPES = frozenset("bBdDwWsSpPtnvfrcxuk")
"""Letters that mean something after a backslash; of others other readers make what they like."""
_READ = "(?:)"
"""At the beginning of what has been said anew; nobody writes it."""

_NAMES = """
L=Letter Lu=Uppercase_Letter Ll=Lowercase_Letter Lt=Titlecase_Letter Lm=Modifier_Letter
Lo=Other_Letter M=Mark Mn=Nonspacing_Mark Mc=Spacing_Mark Me=Enclosing_Mark N=Number
Nd=Decimal_Number Nl=Letter_Number No=Other_Number P=Punctuation Pc=Connector_Punctuation
Pd=Dash_Punctuation Ps=Open_Punctuation Pe=Close_Punctuation Pi=Initial_Punctuation
Pf=Final_Punctuation Po=Other_Punctuation S=Symbol Sm=Math_Symbol Sc=Currency_Symbol
Sk=Modifier_Symbol So=Other_Symbol Z=Separator Zs=Space_Separator Zl=Line_Separator
Zp=Paragraph_Separator Cc=Control Cf=Format
"""
_CATEGORIES = dict(each.split("=") for each in _NAMES.split())
_SHORT = {long: short for short, long in _CATEGORIES.items()}
_LAST_DRAWN = 0x2FFF
"""Characters of a category are drawn from those up to here: later ones are like them."""

HOW = (
    "it reads the usual escapes of ECMA-262, and \\p of general categories and scripts, such as "
    "\\p{L} and \\p{Script=Latin}"
)
_written: dict[str, str] = {}


def unread(pattern: str) -> str:
    """The first part of a pattern that is not read, as it is written; empty if all of it is."""
    names = _numbers(pattern)
    for found in _TOKEN.finditer(pattern):
        part = found[0]
        escaped = part[1:2] if part[0] == "\\" else ""
        is_unknown = part[:2] in ("\\p", "\\P") and _property(part) is None
        is_unknown |= escaped == "k" and part[3:-1] not in names
        if is_unknown or (escaped.isascii() and escaped.isalpha() and escaped not in _ESCAPES):
            return part
    return ""


def _numbers(pattern: str) -> dict[str, int]:
    """The number of each group that has a name."""
    found: dict[str, int] = {}
    count, within = 0, False
    parts = [each[0] for each in _TOKEN.finditer(pattern)]
    for part, after in zip(parts, (*parts[1:], ""), strict=False):
        is_named = part.startswith("(?<") and len(part) > len("(?<")
        if not within and (is_named or (part == "(" and after != "?")):
            count += 1
            if is_named:
                found.setdefault(part[3:-1], count)
        within = part == "[" or (within and part != "]")
    return found


@lru_cache(maxsize=1024)
def read(pattern: str) -> str:
    """A pattern that matches for the validator what the given one does for ECMA-262."""
    said = "".join(_said(pattern))
    if said == pattern:
        return pattern
    _written[_READ + said] = pattern
    return _READ + said


def quoted(pattern: str) -> str:
    """A pattern that any validator reads, in place of one that is only compared, as it may be of
    another dialect: it matches that text itself.
    """
    said = "".join(_character(ord(one)) for one in pattern)
    _written[_READ + said] = pattern
    return _READ + said


def written(pattern: str) -> str:
    """A pattern as the document has it."""
    return _written.get(pattern, pattern)


def drawable(pattern: str) -> str:
    """A pattern that Python reads, whose matches are tried."""
    return "".join(_said(written(pattern), drawn=True))


def _said(pattern: str, *, drawn: bool = False) -> Iterator[str]:
    within, names = False, _numbers(pattern)
    for found in _TOKEN.finditer(pattern):
        part = found[0]
        kind = part[1:2] if part[0] == "\\" else ""
        if kind and kind in "pP" and part[2:] and drawn:
            yield _class(_drawn_of(_property(part) or ""), within=within, negated=kind == "P")
        elif kind == "k":
            yield f"(?:\\{names[part[3:-1]]})"
        elif kind == "b" and within:
            yield "\\x08"
        elif kind and drawn:
            yield part  # Python's classes are nearly the same, and Hypothesis draws them faster
        elif kind and kind.lower() in _CLASSES:
            yield _class(_CLASSES[kind.lower()], within=within, negated=kind.isupper())
        elif kind and kind in "bB" and not within:
            yield _border(inside=kind == "B")
        elif part == "." and not within:
            yield _class(_ENDS, within=within, negated=True)
        elif part.startswith("(?<") and len(part) > len("(?<"):
            yield part if within else "("  # the name says nothing
        else:
            within = part == "[" or (within and part != "]")
            yield part


def _border(*, inside: bool) -> str:
    word = _class(_WORD)
    first, second = ("=", "!") if inside else ("!", "=")
    return f"(?:(?<={word})(?{first}{word})|(?<!{word})(?{second}{word}))"


def _class(ranges: Ranges, *, within: bool = False, negated: bool = False) -> str:
    """A class of characters, or what of it stands within another."""
    if not within:
        return f"[{'^' * negated}{_spelled(ranges)}]"
    return _spelled(_others(ranges) if negated else ranges)


def _others(ranges: Ranges) -> Ranges:
    starts = (0, *(last + 1 for _, last in ranges))
    ends = (*(first - 1 for first, _ in ranges), sys.maxunicode)
    return tuple((first, last) for first, last in zip(starts, ends, strict=True) if first <= last)


def _spelled(ranges: Ranges) -> str:
    return "".join(
        _character(first) + (f"-{_character(last)}" if last > first else "")
        for first, last in ranges
    )


def _character(number: int) -> str:
    one = chr(number)
    if one.isascii() and one.isalnum():
        return one
    return f"\\u{number:04x}" if number <= 0xFFFF else one


def _property(part: str) -> str | None:
    r"""The short name of the general category that `\p{...}` names, or its script as it is written;
    None if it is another.
    """
    name = part[3:-1]
    if _SCRIPT.fullmatch(name):
        return name if _of_script(name) else None
    for before in ("gc=", "General_Category="):
        name = name.removeprefix(before)
    name = _SHORT.get(name, name)
    return name if name in _CATEGORIES else None


@lru_cache(maxsize=64)
def _of_script(name: str) -> Draft202012Validator | None:
    """What knows the characters of a script; None if there is no such script."""
    try:
        return Draft202012Validator({"pattern": f"^\\p{{{name}}}$"})
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _drawn_of(name: str) -> Ranges:
    """The characters of a category, or of a script, that are drawn."""
    ranges: list[tuple[int, int]] = []
    script = _of_script(name) if "=" in name else None
    for number in range(_LAST_DRAWN + 1):
        one = chr(number)
        if category(one).startswith(name) if script is None else script.is_valid(one):
            if ranges and ranges[-1][1] == number - 1:
                ranges[-1] = (ranges[-1][0], number)
            else:
                ranges.append((number, number))
    return tuple(ranges)
