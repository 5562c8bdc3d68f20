"""The spots of a JSON value that a requirement's path names."""

from collections.abc import Iterator
from typing import Any

Json = Any
Location = tuple[Any, str | int]
"""An object or array, and a key or index of it; the key need not be there yet."""


def locations_in(value: Json, path: tuple[str, ...]) -> Iterator[Location]:
    """Where the path leads, as far as what is on the way stands; the root has no spot."""
    if not path:
        return
    step, rest = path[0], path[1:]
    keys: Iterator[str | int] | tuple[str, ...]
    if step == "[]":
        keys = iter(range(len(value))) if isinstance(value, list) else ()
    else:
        keys = (step,) if isinstance(value, dict) else ()
    for key in keys:
        if not rest:
            yield value, key
        elif isinstance(key, int) or key in value:
            yield from locations_in(value[key], rest)


def there(location: Location) -> bool:
    """Whether something stands at the spot."""
    holder, key = location
    return isinstance(key, int) or key in holder


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
    wanted = {operand} if isinstance(operand, str) else set(operand)  # type: ignore[call-overload] # the contract has seen to it
    return type_of(value) in wanted or (type_of(value) == "integer" and "number" in wanted)
