"""Places in a payload, and copies of a payload changed in one place."""

from collections.abc import Callable
from typing import Any

Json = Any
"""Any JSON value: None, bool, int, float, str, list or dict."""

Location = tuple[str | int, ...]
"""Where a value sits: property names and array indices from the root, which is `()`."""

Path = tuple[str, ...]
"""Where values of a kind sit, as a requirement names it: `[]` for each element of an array."""

ELEMENT = "[]"


def locations(payload: Json, path: Path) -> tuple[Location, ...]:
    """The places that a requirement's path names: the last element of an array and the first.

    The last comes first: a server that checks no item, or only the first, is caught by it.
    """
    if not path:
        return ((),)
    step, rest = path[0], path[1:]
    if step != ELEMENT:
        below = payload.get(step) if isinstance(payload, dict) else None
        return tuple((step, *tail) for tail in locations(below, rest))
    ends = sorted({0, len(payload) - 1}, reverse=True) if payload else ()
    return tuple((end, *tail) for end in ends for tail in locations(payload[end], rest))


def location(payload: Json, path: Path, choose: Callable[[int], int]) -> Location:
    """The place that a path names; `choose` picks the element in an array of so many."""
    found: Location = ()
    for step in path:
        elements = at(payload, found) if step == ELEMENT else ()
        found += (choose(len(elements)) if elements else step,)
    return found


def present(payload: Json, path: Path) -> bool:
    """Whether a value stands at the path in every element, and no array on the way is empty."""
    if not path:
        return True
    if path[0] == ELEMENT:
        return bool(payload) and all(present(element, path[1:]) for element in payload)
    return path[0] in payload and present(payload[path[0]], path[1:])


def put(payload: Json, where: Location, value: Json) -> Json:
    """A copy of the payload with the value at that place; its parents must be there."""
    if not where:
        return value
    copy = payload.copy()
    copy[where[0]] = put(copy[where[0]] if where[1:] else None, where[1:], value)
    return copy


def remove(payload: Json, where: Location) -> Json:
    """A copy of the payload without that place; the same when nothing is there."""
    *parents, last = where
    parent = at(payload, tuple(parents))
    if isinstance(parent, dict) and last not in parent:
        return payload
    shorter = parent.copy()
    del shorter[last]
    return put(payload, tuple(parents), shorter)


def at(payload: Json, where: Location) -> Json:
    """The value at that place. Raises LookupError where there is none."""
    for step in where:
        payload = payload[step]
    return payload


def spoken(where: Location) -> str:
    """The place as a person writes it: `items[2].sku`, or `body` for the root."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in where]
    return "".join(steps).lstrip(".") or "body"


def lookup(schema: Json, path: Path) -> Json:
    """The schema of what a requirement's path names; empty where the schema says nothing."""
    for step in path:
        schema = schema.get("items", {}) if step == ELEMENT else schema["properties"].get(step, {})
    return schema
