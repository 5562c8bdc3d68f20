"""The types of JSON Schema: which values are of them, and values that are not."""

from unicodedata import category

from hypothesis import strategies as st

from spec.formats import REFUSED_CATEGORIES, is_text
from strategies.places import Json


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
