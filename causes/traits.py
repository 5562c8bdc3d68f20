"""The traits of an edit: what is particular about its value, whichever property has it."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from causes.difference import LONGEST_SHOWN, Edit, beyond_ascii
from causes.halving import least, of_few_groups
from causes.kinds.offsets import same_moment
from spec.contract import PLACEHOLDER, Contract
from spec.coverage import exhausted
from spec.paths import ELEMENT, Json, Location, Path, find, path_text, schema_at, type_of
from spec.schema.formats import ANY_INSTANT, is_date_time

MANY = 8
"""More edits than that are first left out property by property."""
LARGE = 1_000_000
LARGE_NUMBER = "large number"
LENGTH = "length"
ZEROS, ESCAPES = "zeros at the end", "in escapes"
EXPONENT, OTHERWISE = "an exponent", "written otherwise"
OF_WRITING = frozenset((ZEROS, EXPONENT, OTHERWISE))
"""In what way a number is written otherwise than usual."""
_NOTHING = "a word for nothing"
_WORDS = {each: each for each in ("nan", "true", "false", "yes", "no")} | dict.fromkeys(
    ("null", "none", "nil", "undefined"), _NOTHING
)
_URL = re.compile(r"([^:/?#]*:)?(//[^/?#]*)?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_URL_PARTS = ("scheme", "host", "path", "query", "fragment")
YEAR = "year"
_DATE_PARTS = (YEAR, "day", "time", "fraction", "offset")


def path_of(location: Location) -> Path:
    """The path that a location is at."""
    return tuple(ELEMENT if isinstance(step, int) else step for step in location)


def of_few_properties(
    edits: Sequence[Edit], fails: Callable[[Sequence[Edit]], bool | None], suspects: int
) -> tuple[Edit, ...] | None:
    """Of many edits those of the fewest properties that show it; None if none do."""
    return of_few_groups(edits, lambda edit: path_of(edit.location), fails, suspects)


def traits_of(contract: Contract, control: Json, edit: Edit) -> Iterator[str]:
    """What the edit has in common with equal ones at other properties."""
    if edit.size is not None:
        yield "number of items"
    elif edit.removed:
        yield "left out"
    elif edit.any_value:
        yield "any value"
    elif edit.another:
        yield f"equal to {path_text(path_of(edit.another))}"
    elif edit.alike:
        yield "begins like one before"
    elif edit.written:
        yield way_of(edit.written)
    else:
        yield from _of_value(contract, control, edit)


def parts_of(contract: Contract, control: Json, edits: Iterable[Edit]) -> list[list[str]]:
    """Where edits are, each with all its traits: those that every text of its kind has, and those
    of its characters also where only its length is told.
    """
    parts = dict[str, list[str]]()
    for edit in edits:
        path, text = path_text(path_of(edit.location)), edit.value
        traits = {*traits_of(contract, find(control, edit.location), edit)}
        if isinstance(text, str) and not edit.any_value:
            traits |= {*_of_text(text)} if edit.is_by_length else set()
            traits |= {"short text"} if len(text) == 1 else set()
            traits |= set() if text.isascii() else {"beyond ASCII"}
        parts[repr((path, sorted(traits)))] = [path, *sorted(traits)]
    return [*parts.values()]


def limits_of(contract: Contract, edits: Sequence[Edit], payload: Json) -> Iterator[str]:
    """The requirements whose limit the edits reach that make this payload, and those on the length
    of texts whose length is what is different.
    """
    reached = {*exhausted(contract, payload)}
    long = {path_of(edit.location) for edit in edits if edit.is_by_length and not edit.signs}
    paths = {path_of(edit.location) for edit in edits if not edit.alike}
    for requirement in contract.body_requirements:
        counts = requirement.keyword == "maxLength" and requirement.path in long
        if requirement.path in paths and (counts or requirement.name in reached):
            yield requirement.name


def kinds_of(edit: Edit) -> Iterator[str]:
    """Coarser traits: the type of the value, or of the edit."""
    if edit.size is not None:
        yield "number of items"
    elif edit.removed:
        yield "left out"
    else:
        yield type_of(edit.value)


def _of_value(contract: Contract, control: Json, edit: Edit) -> Iterator[str]:
    value = edit.value
    schema = schema_at(contract.narrowed_schema, path_of(edit.location))
    if type(value) is float and type(control) is int and value == control:
        yield ZEROS
    elif not isinstance(value, str):
        yield from _of_number(value) if type_of(value) == "number" else [type_of(value)]
    elif "enum" in schema:
        yield value
    elif edit.is_by_length:
        yield from (LENGTH, *beyond_ascii(value), *map(repr, edit.signs))
    else:
        parts = _parts_of(schema, value)
        plain = _parts_of(schema, control) if isinstance(control, str) else None
        if parts is None or plain is None:
            yield from _of_text(value)
        else:
            # The same moment at another offset has another hour only for that.
            told = _DATE_PARTS[3:] if same_moment(control, value) else parts
            yield from (name for name in told if parts[name] != plain[name])


def features_of(value: Json) -> Iterator[str]:
    """What is particular about a value, whatever it is an edit of."""
    if not isinstance(value, str):
        yield from _of_number(value) if type_of(value) == "number" else [type_of(value)]
    else:
        yield from _of_text(value)
        if len(value) > LONGEST_SHOWN:
            yield LENGTH
    yield repr(value)


def way_of(written: str) -> str:
    """In what way a number, or a text, is written otherwise than usual."""
    if written.startswith('"'):
        return ESCAPES
    if "e" in written.lower():
        return EXPONENT
    return ZEROS if "." in written and written.endswith("0") else OTHERWISE


def _of_number(value: float) -> Iterator[str]:
    if value == 0:
        yield "zero"
        return
    if value < 0:
        yield "negative number"
    is_whole = value in (math.inf, -math.inf) or value == int(value)
    if abs(value) >= LARGE:
        yield LARGE_NUMBER
    elif value > 0 and is_whole:
        yield "whole number"
    if not is_whole:
        yield "fraction"


def _of_text(text: str) -> Iterator[str]:
    text = text.replace(PLACEHOLDER, "")
    if _is_number(text):
        yield "a number as text"
        return
    special = {_of_character(c) for c in text if not (c.isascii() and c.isalnum())}
    if special:
        yield from sorted(special)
    elif text.casefold() in _WORDS:
        yield _WORDS[text.casefold()]
    else:
        yield "letters" if len(text) > 1 else "short text"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return any(map(str.isdigit, text))


def _plainest(character: str) -> str:
    """The plainest character that has the same trait."""
    return _PLAINEST.get(_of_character(character), character)


_PLAINEST = {
    "blank": " ",
    "beyond ASCII": "é",
    "beyond U+FFFF": "😀",
    "invisible character": "\u200b",
}


def plainest_beyond(text: str) -> Iterator[str]:
    """The plainest characters that a server may count as several, as a text has some."""
    if not text.isascii():
        yield _PLAINEST["beyond ASCII"]
    if max(text, default="") > "\uffff":
        yield _PLAINEST["beyond U+FFFF"]


def plainer(text: str, stamp: str) -> Iterator[str]:
    """The same text with other letters and digits, so that equal faults get equal words."""
    own = text.replace(stamp, "") if stamp else text
    special = [character for character in own if not _is_plain(character)]
    plain = "".join(dict.fromkeys(map(_plainest, special)))
    if plain and plain != own:
        yield (stamp or "x") + plain
    once = [*dict.fromkeys(special)]
    if special and once != [*own]:
        yield "".join([stamp or "x", *once])
    if special and special != [*own]:
        yield "".join([stamp or "x", *special])
        yield stamp + "".join("x" if _is_plain(character) else character for character in own)


def coarsely(traits: Iterable[str]) -> set[str]:
    """The traits, those of all characters as one that a server of only ASCII does not know."""
    unknown = {*_PLAINEST} - {"blank"}
    return {"beyond ASCII" if each in unknown else each for each in traits}


def _is_plain(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _of_character(character: str) -> str:
    if character.isspace():
        return "blank"
    if character.isascii():
        return repr(character)
    if character > "\uffff":
        return "beyond U+FFFF"
    if unicodedata.category(character)[0] == "C":
        return "invisible character"
    return "beyond ASCII"


def _parts_of(schema: dict[str, Json], text: str) -> dict[str, str] | None:
    """The parts of a date or an address by their names; None for other text."""
    if schema.get("format") == "date-time":
        found = ANY_INSTANT.fullmatch(text)
        return found and _named(_DATE_PARTS, (text[:4], text[4:10], *found.groups()[1:]))
    found = _URL.fullmatch(text) if schema.get("format") == "web-url" else None
    return found and _named(_URL_PARTS, found.groups())


def _named(names: Sequence[str], parts: Sequence[str | None]) -> dict[str, str]:
    return {name: part or "" for name, part in zip(names, parts, strict=True)}


def with_parts(schema: dict[str, Json], plain: str, text: str) -> Iterator[str]:
    """The plain date or address with one part of the other one, for each part that differs."""
    parts, own = _parts_of(schema, text), _parts_of(schema, plain)
    if parts is None or own is None:
        return
    is_date = schema["format"] == "date-time"
    different = [name for name in parts if parts[name] != own[name]]
    for name in reversed(different) if len(different) > 1 else ():
        mixed = [parts[each] if each == name else own[each] for each in parts]
        day = 2 if is_date else 0
        whole = "".join(mixed[:day]) + "T" * is_date + "".join(mixed[day:])
        if not is_date or is_date_time(whole):
            yield whole


def of_a_year(plain: str, text: str, fails: Callable[[str], bool | None]) -> str:
    """The date that differs from the plain one by its year, with the first or last that will do."""
    if plain[4:] != text[4:] or plain[:4] == text[:4]:
        return text
    usual, year = int(plain[:4]), int(text[:4])
    step = 1 if year > usual else -1

    def moved(years: int) -> str:
        return f"{usual + step * years:04}{plain[4:]}"

    return moved(least(0, abs(year - usual), lambda years: fails(moved(years))))


def is_as_far(plain: str, one: str, other: str) -> bool:
    """Whether the year of another date is at least as far from a plain one."""
    usual, year, mine = (each[:4] for each in (plain, one, other))
    return mine >= year if year > usual else mine <= year
