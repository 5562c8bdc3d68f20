"""How scalar values are drawn, one way for each leaf of the narrowed schema.

A way to draw is a function and not a strategy: an invoice has some twenty leaves, and a strategy
within a strategy costs Hypothesis as much as another choice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from unicodedata import category

from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

from spec.contract import PLACEHOLDER, TargetFacts
from spec.formats import REFUSED_CATEGORIES, is_text
from spec.paths import Json
from strategies.coherence import number
from strategies.values import MANGLED, PLAIN, PROSE, URLS


def legible(text: str) -> str:
    """The text with a digit for each character that the reading keeps out, and at least one."""
    if is_text(text):
        return text
    kept = ("0" if category(one) in REFUSED_CATEGORIES else one for one in text)
    clean = "".join(kept)
    return clean if is_text(clean) else clean[:-1] + "0"


CHARACTERS = st.characters(min_codepoint=0x20, max_codepoint=0x2FFFF, exclude_categories=["Cs"])
"""Every character of every script in use, and some that are none until `legible` replaces them.

To leave those out at once would make of two intervals seven hundred, which Hypothesis searches
for each character it draws.
"""

TEXT = st.text(CHARACTERS, min_size=1, max_size=12).map(legible)

_WHOLE = st.integers(-(2**31), 2**53)

_DRAWN: dict[str, st.SearchStrategy[Json]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "string": _WHOLE.map(str) | TEXT,
    "integer": _WHOLE,
    "fraction": st.integers(0, 10**6).map(lambda whole: whole + 0.5),
    "array": st.lists(_WHOLE | TEXT, max_size=2),
    "object": st.dictionaries(TEXT, _WHOLE | TEXT, max_size=2),
}
"""Values by what they are; the integers and the fractions make up the numbers."""


def named(operand: object) -> tuple[str, ...]:
    """The type names in the value of the keyword `type`, which is one or a list of them."""
    assert isinstance(operand, str | list | tuple)  # the document's loader has seen to it
    return (operand,) if isinstance(operand, str) else tuple(operand)


def main_type(schema: dict[str, Json]) -> str:
    """The type of a schema's values, null aside; empty where it has none."""
    return next((name for name in named(schema.get("type", ())) if name != "null"), "")


def kind(value: Json) -> str:
    """What a value is, `fraction` for a number that is not whole.

    1.0 counts as whole: under the most lenient dialect it is an integer.
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


def others(operand: object) -> st.SearchStrategy[Json]:
    """Values of any type but these."""
    accepted = set(named(operand))
    if "number" in accepted:
        accepted |= {"integer", "fraction"}
    return st.one_of([drawn for name, drawn in _DRAWN.items() if name not in accepted])


FIRST, LAST = datetime(2000, 1, 2, tzinfo=UTC), datetime(2024, 12, 30, tzinfo=UTC)
"""Dates are drawn from this fixed range, so that a case does not change from day to day."""

_SPELLINGS = tuple(
    (timezone(timedelta(minutes=minutes)), offset, digits)
    for digits in (0, 1, 3)
    for minutes, offset in (
        (0, "Z"),
        (0, "+00:00"),
        (330, "+05:30"),
        (-660, "-11:00"),
        (840, "+14:00"),
        (-720, "-12:00"),
    )
)
MINUTE = timedelta(minutes=1)


def window(facts: TargetFacts) -> tuple[datetime, datetime] | None:
    """From when until when an invoice may be updated; None when that cannot be known.

    It starts after the order's creation and ends a minute before the run, for clocks differ.
    """
    if facts.order_created_at is None:
        return None if facts.order_ids else (FIRST, LAST)
    first = max(FIRST, facts.order_created_at + timedelta(seconds=1))
    last = LAST if first < LAST else min(first + timedelta(days=30), facts.started_at - MINUTE)
    return (first, last) if first + MINUTE <= last else None


def instants(first: datetime, last: datetime) -> Callable[[st.DrawFn], str]:
    """How RFC 3339 date-times between two moments are drawn, at any offset, up to milliseconds."""
    start = int(first.timestamp()) + 1
    count = (int(last.timestamp()) - start) * len(_SPELLINGS)
    numbers = st.integers(0, count - 1)
    return lambda draw: _nth(start, draw(numbers))


def _nth(start: int, drawn: int) -> str:
    """One number says both the second and its spelling: one choice less to draw."""
    seconds, spelling = divmod(drawn, len(_SPELLINGS))
    return _spelled(start + seconds, *_SPELLINGS[spelling])


def spellings(moment: datetime) -> tuple[str, ...]:
    """The moment, to the second, at every offset and precision; the plainest first."""
    return tuple(_spelled(int(moment.timestamp()), *spelling) for spelling in _SPELLINGS)


def _spelled(seconds: int, zone: timezone, offset: str, digits: int) -> str:
    fraction = f".{seconds % 10**digits:0{digits}}" if digits else ""
    return f"{datetime.fromtimestamp(seconds, zone):%Y-%m-%dT%H:%M:%S}{fraction}{offset}"


Draws = Callable[[st.DrawFn], Json]
"""Draws one value inside a composite strategy."""

_URL_ROOT = "https://billing.example.com/"
_URL_TAIL = st.text("abcXYZ019-._~/=&?+,;:@", max_size=40)


def leaf(schema: dict[str, Any], name: str = "") -> Draws:
    """Values that keep a scalar schema; the property's name decides what they look like.

    hypothesis-jsonschema draws them, but for the known values of texts and formats. Money is drawn
    in cents, for its `multipleOf` multiplies floats.
    """
    if schema.get("multipleOf") == 0.01:
        limits = ("minimum", "maximum")
        cents = {limit: round(schema[limit] * 100) for limit in limits if limit in schema}
        drawn: st.SearchStrategy[Any] = from_schema({"type": "integer", **cents})
        return lambda draw: number(Decimal(draw(drawn)) / 100)
    if main_type(schema) == "string" and "enum" not in schema:
        return _FORMATS.get(schema.get("format", ""), text)(schema, name)
    scalar = from_schema(schema)
    return lambda draw: draw(scalar)


def text(schema: dict[str, Any], name: str = "") -> Draws:
    """Free text: what people write, what servers mangle, and any characters at all."""
    longest, shortest = schema.get("maxLength", 255), schema.get("minLength", 1)
    known = (*PROSE.get(name, PLAIN), *MANGLED.values())
    wide = _formatted(st.text(CHARACTERS, min_size=max(shortest, 1), max_size=longest))
    sizes = st.integers(max(shortest, 1), longest)
    long = st.builds(lambda one, size: (one * size)[:size], wide, sizes)
    return _either([one for one in known if shortest <= len(one) <= longest], wide, long, legible)


def stamped(schema: dict[str, Any], name: str = "") -> Draws:
    """Free text with the run's stamp before or after it; without it where it cannot fit."""
    room = schema.get("maxLength", 255) - len(PLACEHOLDER) - 1
    if room < 1:
        return leaf(schema, name) if room < -1 else lambda _draw: PLACEHOLDER
    around = text({**schema, "minLength": 1, "maxLength": room}, name)

    def beside(draw: st.DrawFn) -> str:
        one = around(draw)
        # The text itself decides on which side it stands: one choice less to draw.
        return f"{PLACEHOLDER} {one}" if len(one) % 2 else f"{one}-{PLACEHOLDER}"

    return beside


def _either(
    known: list[str],
    wide: st.SearchStrategy[str],
    rare: st.SearchStrategy[str],
    finish: Callable[[str], str],
) -> Draws:
    """One of the known values or, as often, a wide one; now and then a rare one.

    It is cheaper by a choice than `one_of` and `sampled_from`.
    """
    turns = st.integers(0, 2 * len(known) + len(known) // 20 + 1)

    def either(draw: st.DrawFn) -> str:
        turn = draw(turns)
        if turn < len(known):
            return known[turn]
        return finish(draw(wide if turn <= 2 * len(known) else rare))

    return either


def _formatted(drawn: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The strings, by hypothesis-jsonschema under the name of a format that it does not know."""
    strings: st.SearchStrategy[Any] = from_schema(
        {"type": "string", "format": "drawn"}, custom_formats={"drawn": drawn}
    )
    return strings


def _urls(schema: dict[str, Any], _name: str) -> Draws:
    longest = schema.get("maxLength", 2000)
    known = [url for url in URLS.values() if len(url) <= longest]
    wide = _formatted(_URL_TAIL)
    return _either(known, wide, wide, lambda tail: f"{_URL_ROOT}{tail}"[:longest])


_FORMATS: dict[str, Callable[[dict[str, Any], str], Draws]] = {
    "text": text,
    "date-time": lambda _schema, _name: instants(FIRST, LAST),
    "web-url": _urls,
}
