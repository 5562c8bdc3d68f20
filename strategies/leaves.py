"""Strategies for scalar values, one for each leaf of the sound schema."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

from spec.stamp import PLACEHOLDER
from strategies.coherence import number
from strategies.corpus import MANGLED, PLAIN, PROSE, URLS
from strategies.kinds import CHARACTERS, legible
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
    if schema.get("type") == "string" and "enum" not in schema:
        drawn = _FORMATS.get(schema.get("format", ""), text)(schema, name)
        return from_schema({**schema, "format": "drawn"}, custom_formats={"drawn": drawn})
    return from_schema(schema)


def text(schema: dict[str, Any], name: str = "") -> st.SearchStrategy[str]:
    """Free text: what people write, what servers mangle, and any characters at all."""
    longest = schema.get("maxLength", 255)
    shortest = schema.get("minLength", 1)
    known = [
        t for t in (*PROSE.get(name, PLAIN), *MANGLED.values()) if shortest <= len(t) <= longest
    ]
    wide = st.text(CHARACTERS, min_size=max(shortest, 1), max_size=longest).map(legible)
    return st.one_of(st.sampled_from(known), wide) if known else wide


def stamped(schema: dict[str, Any], name: str = "") -> st.SearchStrategy[str]:
    """Free text with the run's stamp before or after it; without it where it cannot fit."""
    room = schema.get("maxLength", 255) - len(PLACEHOLDER) - 1
    if room < 1:
        return leaf(schema, name) if room < -1 else st.just(PLACEHOLDER)
    around = text({**schema, "minLength": 1, "maxLength": room}, name)
    return st.one_of(
        around.map(lambda before: f"{before}-{PLACEHOLDER}"),
        around.map(lambda after: f"{PLACEHOLDER} {after}"),
    )


def _urls(schema: dict[str, Any], _name: str) -> st.SearchStrategy[str]:
    longest = schema.get("maxLength", 2000)
    known = [url for url in URLS.values() if len(url) <= longest]
    return st.one_of(
        st.sampled_from(known),
        _URL_TAIL.map(lambda tail: f"https://billing.example.com/{tail}"[:longest]),
    )


def _money(cents: Json) -> int | float:
    return number(Decimal(cents) / 100)


_FORMATS: dict[str, Callable[[dict[str, Any], str], st.SearchStrategy[str]]] = {
    "text": text,
    "date-time": lambda _schema, _name: instants(FIRST, LAST),
    "web-url": _urls,
}
