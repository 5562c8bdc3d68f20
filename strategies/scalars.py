"""Draws scalar values: one Hypothesis composite for each scalar of the narrowed schema. It is the
plain function, not a strategy: each of some twenty in an invoice would cost as much as a choice."""

import re
from collections.abc import Callable
from contextlib import suppress
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache
from typing import Any
from unicodedata import category

from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample, Unsatisfiable
from hypothesis_jsonschema import from_schema
from jsonschema_rs import is_valid, validator_for

from spec.contract import DIGITS, PLACEHOLDER, UUID_DIGITS
from spec.paths import Json
from spec.requirements import Requirement
from spec.schema.absent import is_never
from spec.schema.amounts import is_written, written
from spec.schema.formats import (
    EVERY_FORMAT,
    FORMATS,
    RANGES,
    REFUSED_CATEGORIES,
    is_text,
    samples_of,
)
from spec.schema.keywords import type_names
from spec.schema.patterns import drawable
from strategies.dates import FIRST_DATE, LAST_DATE, date_times
from strategies.relations import json_number
from strategies.values import (
    DATES,
    NOTATIONS,
    TRICKY_TEXTS,
    TYPICAL_TEXTS,
    TYPICAL_TEXTS_BY_NAME,
    URLS,
    WORDS,
)

CHARACTER_WIDTHS = {"ASCII": "a", "two-byte": "é", "three-byte": "語", "astral": "😀"}
"""A character of each width in UTF-8; the astral one also takes two code units in UTF-16."""

Composite = Callable[[st.DrawFn], Json]
"""Draws one value, as a function under `st.composite` does."""

CHARACTERS = st.characters(min_codepoint=0x20, max_codepoint=0x2FFFF, exclude_categories=["Cs"])
"""Every character of every script in use, and some that `valid_text` then replaces: without those,
two ranges were seven hundred, which Hypothesis searches for each character that it draws."""


def main_type(schema: dict[str, Json]) -> str:
    """The first type of a schema that is not null; empty when it has none."""
    return next((name for name in type_names(schema.get("type", ())) if name != "null"), "")


def json_type(value: Json) -> str:
    """The type of a value, where a number is either `integer` or `fraction`.

    1.0 is an integer, as it is in the most lenient dialect of JSON Schema.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
    return "integer" if value == int(value) else "fraction"


def valid_text(text: str) -> str:
    """The text with a digit for each character that the reading excludes, and at least one."""
    if is_text(text):
        return text
    kept = ("0" if category(one) in REFUSED_CATEGORIES else one for one in text)
    clean = "".join(kept)
    return clean if is_text(clean) else clean[:-1] + "0"


_LONGEST = 1000
"""Characters of a drawn text, where more are allowed: an invoice has at most 64 KiB."""

TEXT = st.text(CHARACTERS, min_size=1, max_size=12).map(valid_text)

_WHOLE_NUMBERS = st.integers(-(2**31), 2**53)

_BY_TYPE: dict[str, st.SearchStrategy[Json]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "string": _WHOLE_NUMBERS.map(str) | TEXT,
    "integer": _WHOLE_NUMBERS,
    "fraction": st.integers(0, 10**6).map(lambda whole: whole + 0.5),
    "array": st.lists(_WHOLE_NUMBERS | TEXT, max_size=2),
    "object": st.dictionaries(TEXT, _WHOLE_NUMBERS | TEXT, max_size=2),
}
"""Values of each type, as `json_type` names them."""


def of_other_types(operand: object) -> st.SearchStrategy[Json]:
    """Values of every type except these."""
    excluded = set(type_names(operand))
    excluded |= {"integer", "fraction"} if "number" in excluded else set()
    return st.one_of([values for name, values in _BY_TYPE.items() if name not in excluded])


def keeps(schema: dict[str, Any], value: Json) -> bool:
    """Whether a value keeps a schema, its format included."""
    return _has_format(schema, value) and is_valid(schema, value)


def keeper(schema: dict[str, Any]) -> Callable[[Json], bool]:
    """The same for many values of one schema, which is read once."""
    is_kept = validator_for(schema).is_valid
    return lambda value: _has_format(schema, value) and is_kept(value)


def _has_format(schema: dict[str, Any], value: Json) -> bool:
    format_ = EVERY_FORMAT.get(schema.get("format", ""))
    return format_ is None or not isinstance(value, str) or format_.fits(value)


def scalar(schema: dict[str, Any], name: str = "") -> Composite:
    """Draws values that keep a scalar schema; text looks typical of a property of that name.

    hypothesis-jsonschema draws all but texts, formats and numbers with a unit, for it would
    multiply floats for a `multipleOf`.
    """
    if "not" in schema:
        nothing = is_never(schema)
        allowed = st.none() if nothing else steady(_allowed(schema, name), plain_scalar(schema))
        return lambda draw: draw(allowed)
    main = main_type(schema)
    is_amount = is_written(schema)
    is_number = is_amount or main == "number" or (main == "integer" and _is_bound(schema))
    if "enum" not in schema and is_number:
        least, most, unit = limits(schema)
        drawn = _from_schema(
            {"type": "integer", "minimum": int(least / unit), "maximum": int(most / unit)}
        )
        if is_amount:
            return lambda draw: written(schema, Decimal(draw(drawn)) * unit)
        return lambda draw: json_number(Decimal(draw(drawn)) * unit)
    if main == "string" and "enum" not in schema:
        format_ = schema.get("format", "text")
        if format_ == "date-time" and is_narrow(schema):
            dates = st.sampled_from([one for one in DATES.values() if keeps(schema, one)] or [""])
            return lambda draw: draw(dates)
        fitting = samples_of(schema)
        if "pattern" in schema:
            matching = steady(_of_pattern(schema), *(fitting or [plain_scalar(schema)]))
            return lambda draw: draw(matching)
        if format_ == "date-time":
            return date_times(FIRST_DATE, LAST_DATE)
        if format_ in ("web-url", "uri"):
            return _urls(schema)
        if format_ in FORMATS and FORMATS[format_].samples:
            texts = st.from_regex(
                FORMATS[format_].pattern, fullmatch=True, alphabet=CHARACTERS
            ).filter(lambda one: FORMATS[format_].fits(one) and is_valid(schema, one))
            texts = steady(texts, *fitting)
            return _known_or_drawn(fitting, texts, texts, str)
        return text(schema, name)
    rest = {key: each for key, each in schema.items() if key not in ("format", "pattern")}
    values = _from_schema(rest, codec=None if main else "utf-8")
    values = values.filter(lambda one: keeps(schema, one)) if "pattern" in schema else values
    return lambda draw: draw(values)


def is_narrow(schema: dict[str, Any]) -> bool:
    """Whether a text of some format has a pattern or a greatest length besides."""
    return not {"pattern", "maxLength"}.isdisjoint(schema)


def _is_bound(schema: dict[str, Any]) -> bool:
    """Whether a whole number has limits of a kind that only this suite draws by."""
    return (
        not {"multipleOf", "exclusiveMinimum", "exclusiveMaximum"}.isdisjoint(schema)
        or not {"minimum", "maximum"} <= schema.keys()
    )


_MOST_UNITS = 10**6
"""How far a number without a limit is drawn, in its units."""


def limits(schema: dict[str, Any]) -> tuple[Decimal, Decimal, Decimal]:
    """The least and the greatest number of a schema, and the unit that all of them are multiples
    of: a cent, or 1, where the schema has none.
    """
    whole = main_type(schema) == "integer"
    unit = Decimal(str(schema.get("multipleOf", 1 if whole else "0.01")))
    if whole and unit % 1:
        unit = Decimal(unit.as_integer_ratio()[0])
    lowest, highest = RANGES.get(schema.get("format", ""), (None, None))
    least, most = (
        next((Decimal(str(schema[name])) for name in names if name in schema), end)
        for names, end in (
            (("exclusiveMinimum", "minimum"), None if lowest is None else Decimal(lowest)),
            (("exclusiveMaximum", "maximum"), None if highest is None else Decimal(highest)),
        )
    )
    if least is None:
        least = Decimal(0) if most is None or most >= 0 else most - _MOST_UNITS * unit
    if most is None:
        most = least + _MOST_UNITS * unit
    first = (least / unit).to_integral_value(ROUND_CEILING) * unit
    last = (most / unit).to_integral_value(ROUND_FLOOR) * unit
    first += unit if schema.get("exclusiveMinimum") == first else 0
    last -= unit if schema.get("exclusiveMaximum") == last else 0
    return first, last, unit


_PLAIN_TEXTS = {
    **{name: each.samples[0] for name, each in FORMATS.items() if each.samples},
    "text": "Plain text",
    "date-time": "2024-05-02T09:30:00Z",
    "web-url": "https://billing.example.com/",
    "uri": "https://billing.example.com/",
}
"""By format, for properties without an example."""


def plain_scalar(schema: dict[str, Any]) -> Json:
    """The plainest value of a scalar schema; if there is none, one that nearly is."""
    if "not" in schema:
        return _plainest_allowed(schema)
    if "enum" in schema:
        return schema["enum"][0]
    if main_type(schema) == "boolean":
        return True
    if main_type(schema) == "string" and not is_written(schema):
        texts = ("Plain text", *_PLAIN_TEXTS.values()) if "pattern" in schema else ()
        if fitting := [*samples_of(schema), *(one for one in texts if keeps(schema, one))]:
            return fitting[0]
        if "pattern" in schema:
            return _plainest(schema["pattern"], *_sizes(schema)) or schema.get("examples", [""])[0]
        text = _PLAIN_TEXTS.get(schema.get("format", "text"), _PLAIN_TEXTS["text"])
        return text[: schema.get("maxLength", len(text))].ljust(schema.get("minLength", 0), "x")
    least, most, unit = limits(schema)
    number = (Decimal(1) / unit).to_integral_value(ROUND_CEILING) * unit
    return written(schema, json_number(max(least, min(number, most))))


def _plainest_allowed(schema: dict[str, Any]) -> Json:
    """The same, of a schema that says what may not be."""
    rest = {name: one for name, one in schema.items() if name != "not"}
    plain = plain_scalar(rest)
    known = [plain, *rest.get("enum", ()), *_PLAIN_TEXTS.values(), *TYPICAL_TEXTS, *range(1, 100)]
    found = (one for one in known if keeps(schema, one))
    with suppress(StopIteration):
        return next(found)
    if is_never(schema):
        return plain
    with suppress(NoSuchExample, Unsatisfiable):
        return find(_allowed(schema), lambda _: True, settings=ALWAYS_THE_SAME)
    return plain


def _allowed(schema: dict[str, Any], name: str = "") -> st.SearchStrategy[Json]:
    """Values of a schema that says what may not be."""
    rest = {each: one for each, one in schema.items() if each != "not"}
    return st.composite(scalar(rest, name))().filter(lambda one: keeps(schema, one))


def _sizes(schema: dict[str, Any]) -> tuple[int, int]:
    return schema.get("minLength", 0), schema.get("maxLength", _LONGEST)


def _of_pattern(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    """Texts that match the pattern of a schema, and keep the rest of it."""
    shortest, longest = _sizes(schema)
    texts = st.from_regex(re.compile(drawable(schema["pattern"]), re.ASCII), alphabet=CHARACTERS)
    return texts.filter(lambda one: shortest <= len(one) <= longest and keeps(schema, one))


ALWAYS_THE_SAME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=500,
    phases=[Phase.generate, Phase.shrink],  # explaining what was found takes longer than finding it
    suppress_health_check=list(HealthCheck),
)


def steady(values: st.SearchStrategy[Any], *known: Json) -> st.SearchStrategy[Any]:
    """The values or, where most of what is drawn is filtered out again, some of them and the
    `known` ones alone: Hypothesis would end a run for that.
    """
    for many, enough in ((12, 0.8), (40, 0.6)):  # more only where a few do not show it
        found = _drawn(values, many)
        left = [one for one in found if one is not None]
        if len(left) > len(found) * enough:
            return values
    return st.sampled_from([*known, *left] or [""])


def _drawn(values: st.SearchStrategy[Any], many: int) -> list[Json]:
    """So many of the values, and None for each that is filtered out again."""
    found: list[Json] = []

    @settings(ALWAYS_THE_SAME, max_examples=many)
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        found.append(None)
        found[-1] = data.draw(values)

    with suppress(Unsatisfiable):
        draw()
    return found


@cache
def _plainest(pattern: str, shortest: int, longest: int) -> str:
    """The plainest text that matches a pattern; the empty one if none is found."""
    schema = {"type": "string", "pattern": pattern, "minLength": shortest, "maxLength": longest}
    with suppress(NoSuchExample, Unsatisfiable):
        return find(_of_pattern(schema), is_text, settings=ALWAYS_THE_SAME)
    return ""


def text(schema: dict[str, Any], name: str = "") -> Composite:
    """Draws free text: typical text, text that servers get wrong, and any characters."""
    shortest = schema.get("minLength", 1)
    longest = min(schema.get("maxLength", 255), max(_LONGEST, shortest))
    typical = TYPICAL_TEXTS_BY_NAME.get(name, TYPICAL_TEXTS)
    known = (*typical, *(TRICKY_TEXTS | WORDS | NOTATIONS).values())
    any_text = _with_format(st.text(CHARACTERS, min_size=max(shortest, 1), max_size=longest))
    sizes = st.integers(max(shortest, 1), longest)
    long_text = st.builds(lambda one, size: (one * size)[:size], any_text, sizes)
    fitting = [one for one in known if shortest <= len(one) <= longest]
    return _known_or_drawn(fitting, any_text, long_text, valid_text)


_UUID = f"{UUID_DIGITS}00-000000000000"


def stamp_alone(schema: dict[str, Any]) -> str | None:
    """The run's stamp as the whole of a text, or one of digits, or a UUID, or as an example has it;
    None if none fits.
    """
    shown = (one for one in schema.get("examples", ()) if PLACEHOLDER in str(one))
    stamps = (PLACEHOLDER, DIGITS, _UUID, *shown)
    return next((stamp for stamp in stamps if keeps(schema, stamp)), None)


def stamped_text(schema: dict[str, Any], name: str) -> Composite:
    """Draws free text with the run's stamp before or after it; without it where it does not fit."""
    room = schema.get("maxLength", 255) - len(PLACEHOLDER) - 1
    is_other = schema.get("format", "text") != "text"
    if room < 1 or is_other or {"pattern", "not"} & schema.keys():
        stamp = stamp_alone(schema)
        return scalar(schema, name) if stamp is None else lambda _draw: stamp
    unstamped = text({**schema, "minLength": 1, "maxLength": room}, name)

    def stamped(draw: st.DrawFn) -> str:
        one = unstamped(draw)
        # The length of the text decides where the stamp goes, which saves a choice.
        return f"{PLACEHOLDER} {one}" if len(one) % 2 else f"{one}-{PLACEHOLDER}"

    return stamped


def size_limit(requirement: Requirement) -> int:
    """The operand of a keyword that limits a length or a number of items."""
    assert isinstance(requirement.operand, int)  # checked when the document is loaded
    return requirement.operand


def text_of_size(characters: str, size: int, *, stamped: bool) -> str:
    """A text of exactly that many code points, which begins with the run's stamp or has none."""
    stamp = PLACEHOLDER if stamped and size >= len(PLACEHOLDER) else ""
    return stamp + (characters * size)[: size - len(stamp)]


_URL_START = "https://billing.example.com/"
_URL_ENDS = st.text("abcXYZ019-._~/=&?+,;:@", max_size=40)


def _urls(schema: dict[str, Any]) -> Composite:
    longest = schema.get("maxLength", 2000)
    known = [url for url in URLS.values() if len(url) <= longest]
    ends = _with_format(_URL_ENDS)
    return _known_or_drawn(known, ends, ends, lambda end: f"{_URL_START}{end}"[:longest])


def _known_or_drawn(
    known: list[str],
    common: st.SearchStrategy[str],
    rare: st.SearchStrategy[str],
    finish: Callable[[str], str],
) -> Composite:
    """Draws a known value or, as often, a common one; now and then a rare one; by one choice less
    than `one_of` and `sampled_from`. `finish` makes a drawn one valid.
    """
    choices = st.integers(0, 2 * len(known) + len(known) // 20 + 1)

    def known_or_drawn(draw: st.DrawFn) -> str:
        choice = draw(choices)
        if choice < len(known):
            return known[choice]
        return finish(draw(common if choice <= 2 * len(known) else rare))

    return known_or_drawn


def _with_format(strings: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The strings, drawn by hypothesis-jsonschema as the custom format of a schema."""
    return _from_schema({"type": "string", "format": "drawn"}, {"drawn": strings})


def _from_schema(
    schema: dict[str, Any],
    formats: dict[str, st.SearchStrategy[str]] | None = None,
    codec: str | None = None,
) -> st.SearchStrategy[Any]:
    """Values of a schema, drawn by hypothesis-jsonschema. Only its free text needs a codec: for it
    Hypothesis makes a table of all characters on a new machine, in 200 MiB and two seconds.
    """
    return from_schema(schema, custom_formats=formats, codec=codec)
