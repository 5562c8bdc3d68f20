"""How scalar values are drawn, one way for each leaf of the sound schema.

A way to draw is a function and not a strategy: an invoice has some twenty leaves, and a strategy
within a strategy costs Hypothesis as much as another choice.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

from spec.stamp import PLACEHOLDER
from strategies.coherence import number
from strategies.corpus import MANGLED, PLAIN, PROSE, URLS
from strategies.kinds import CHARACTERS, legible, main_type
from strategies.moments import FIRST, LAST, instants
from strategies.places import Json

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
