"""Texts that differ but little from a valid one: a server that forgets a pattern takes them, for
nothing else is wrong with them.
"""

from collections.abc import Iterator
from itertools import pairwise

from spec.contract import PLACEHOLDER
from spec.requirements import Requirement
from spec.schema.formats import instant, is_date_time
from strategies.dates import date_time_texts
from strategies.values import NamedValue

_MOST_PLACES = 4
"""Places of a text at which one character is another."""
_SCHEMES = {"https://": "http://", "http://": "https://"}


def near_texts(value: str) -> Iterator[NamedValue]:
    """Addresses of another scheme and dates of another offset; one character replaced, dropped,
    repeated or in the other case, at the end first; and only spaces.
    """
    for scheme, other in _SCHEMES.items():
        if value.startswith(scheme):
            yield f"{other} for {scheme}", other + value.removeprefix(scheme)
    if is_date_time(value):
        yield from ((f"the date {text}", text) for text in date_time_texts(instant(value)))
    found: dict[str, str] = {}
    for number, at in enumerate(_places(value)):
        before, one, after = value[:at], value[at], value[at + 1 :]
        where = "its last character" if number == 0 else f"character {at + 1}"
        others = {
            "replaced": _of_another_kind(one, value),
            "dropped": "",
            "repeated": one + one,
            "in the other case": one.swapcase(),
        }
        for what, other in others.items():
            if other != one:
                found.setdefault(before + other + after, f"{where} {what}")
    yield from ((name, text) for text, name in found.items())
    if value:
        yield "only spaces", " " * len(value)


def of_its_form(requirement: Requirement) -> Iterator[NamedValue]:
    """A listed text with its last letter or digit changed into the next: it keeps a pattern and all
    else that members keep.
    """
    members = requirement.operand
    assert isinstance(members, list)  # checked when the document is loaded
    for member in members:
        text = member if isinstance(member, str) else ""
        ends = [at for at, one in enumerate(text) if one.isascii() and one.isalnum()]
        for at in ends[-1:]:
            following = _FOLLOWING.get(text[at], chr(ord(text[at]) + 1))
            if (changed := f"{text[:at]}{following}{text[at + 1 :]}") not in members:
                yield f"the text {changed}, of its form", changed


_FOLLOWING = {"9": "8", "Z": "Y", "z": "y"}
"""What stands for the next one where that is none of the kind."""


def _places(value: str) -> list[int]:
    """The last place of a text, its first and each where another kind of character begins; none in
    the run's stamp, while there are others.
    """
    kinds = [_kind(one) for one in value]
    begins = [at for at, (one, other) in enumerate(pairwise(kinds), 1) if one != other]
    known = [*dict.fromkeys([len(value) - 1, 0, *begins])] if value else []
    start = value.find(PLACEHOLDER)
    stamp = range(start, start + len(PLACEHOLDER)) if start >= 0 else range(0)
    return ([at for at in known if at not in stamp] or known)[:_MOST_PLACES]


def _kind(character: str) -> str:
    kinds = {"digit": character.isdigit(), "letter": character.isalpha()}
    return next((name for name, holds in kinds.items() if holds), character)


def _of_another_kind(character: str, value: str) -> str:
    """A letter for a digit, in the case of the text; a digit for a letter; another for a sign."""
    letter = "A" if value.isupper() else "a"
    return {"digit": letter, "letter": "0"}.get(_kind(character), "_" if character != "_" else "-")
