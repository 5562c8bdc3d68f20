"""Strategies for scalar values, one for each leaf of the sound schema."""

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

_URL_TAIL = st.text("abcXYZ019-._~/=&?+,;:@", max_size=40)


def leaf(schema: dict[str, Any], name: str = "") -> st.SearchStrategy[Json]:
    """Values that keep a scalar schema; the property's name decides what they look like.

    hypothesis-jsonschema draws them all. Money is drawn in cents, for its `multipleOf` multiplies
    floats, and formats are drawn by the strategies below under names that it does not know.
    """
    if schema.get("multipleOf") == 0.01:
        limits = ("minimum", "maximum")
        cents = {limit: round(schema[limit] * 100) for limit in limits if limit in schema}
        return from_schema({"type": "integer", **cents}).map(_money)
    if main_type(schema) == "string" and "enum" not in schema:
        drawn = _FORMATS.get(schema.get("format", ""), text)(schema, name)
        return from_schema({"type": "string", "format": "drawn"}, custom_formats={"drawn": drawn})
    return from_schema(schema)


def text(schema: dict[str, Any], name: str = "") -> st.SearchStrategy[str]:
    """Free text: what people write, what servers mangle, and any characters at all."""
    longest, shortest = schema.get("maxLength", 255), schema.get("minLength", 1)
    known = (*PROSE.get(name, PLAIN), *MANGLED.values())
    wide = st.text(CHARACTERS, min_size=max(shortest, 1), max_size=longest).map(legible)
    sizes = st.integers(max(shortest, 1), longest)
    long = st.builds(lambda one, size: legible((one * size)[:size]), wide, sizes)
    return _either([one for one in known if shortest <= len(one) <= longest], wide, long)


def stamped(schema: dict[str, Any], name: str = "") -> st.SearchStrategy[str]:
    """Free text with the run's stamp before or after it; without it where it cannot fit."""
    room = schema.get("maxLength", 255) - len(PLACEHOLDER) - 1
    if room < 1:
        return leaf(schema, name) if room < -1 else st.just(PLACEHOLDER)
    around = text({**schema, "minLength": 1, "maxLength": room}, name)
    # The text itself decides on which side it stands: one choice less to draw.
    return around.map(
        lambda one: f"{PLACEHOLDER} {one}" if len(one) % 2 else f"{one}-{PLACEHOLDER}"
    )


def _either(
    known: list[str], wide: st.SearchStrategy[str], rare: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    """One of the known values or, as often, a wide one; now and then a rare one.

    It is cheaper by a choice than `one_of` and `sampled_from`.
    """
    turns = st.integers(0, 2 * len(known) + len(known) // 20 + 1)

    @st.composite
    def either(draw: st.DrawFn) -> str:
        turn = draw(turns)
        if turn < len(known):
            return known[turn]
        return draw(wide if turn <= 2 * len(known) else rare)

    return either()


def _urls(schema: dict[str, Any], _name: str) -> st.SearchStrategy[str]:
    longest = schema.get("maxLength", 2000)
    wide = _URL_TAIL.map(lambda tail: f"https://billing.example.com/{tail}"[:longest])
    return _either([url for url in URLS.values() if len(url) <= longest], wide, wide)


def _money(cents: Json) -> int | float:
    return number(Decimal(cents) / 100)


_FORMATS: dict[str, Callable[[dict[str, Any], str], st.SearchStrategy[str]]] = {
    "text": text,
    "date-time": lambda _schema, _name: instants(FIRST, LAST),
    "web-url": _urls,
}
