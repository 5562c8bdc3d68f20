"""The places in a JSON value that a requirement's path names, and the types of values."""

from collections.abc import Iterator

from spec.paths import ELEMENT, Json, Path, values_at
from spec.schema.keywords import type_names

Place = tuple[Json, str | int]
"""An object or array, and a name or index in it; the name may still be absent."""


def places(value: Json, path: Path) -> Iterator[Place]:
    """Where the path leads, as far as its parents are there; none for the root."""
    for _, parent in values_at(value, path[:-1]) if path else ():
        if path[-1] != ELEMENT and isinstance(parent, dict):
            yield parent, path[-1]
        elif path[-1] == ELEMENT and isinstance(parent, list):
            yield from ((parent, index) for index in range(len(parent)))


def present(place: Place) -> bool:
    """Whether there is a value at the place."""
    parent, key = place
    return isinstance(key, int) or key in parent


def type_of(value: Json) -> str:
    """The JSON Schema type of a value; a number with a fraction part is a `number`."""
    names = {
        type(None): "null",
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        list: "array",
        dict: "object",
    }
    return names[type(value)]


def is_of(value: Json, operand: object) -> bool:
    """Whether a value is of the type, or of one of the types, of the keyword `type`."""
    wanted = type_names(operand)
    if isinstance(value, float) and value.is_integer() and "integer" in wanted:
        return True  # the document leaves open whether 1.0 is one
    return type_of(value) in wanted or (type_of(value) == "integer" and "number" in wanted)
