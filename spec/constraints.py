"""Which constraints of a schema a JSON value breaks, in the eyes of every reader of numbers."""

from decimal import Decimal
from typing import Any

from spec.contract import Judged
from spec.requirements import Requirement

Place = tuple[str | int, ...]


def broken(judged: Judged, value: Any) -> list[tuple[Requirement | None, Place, str]]:
    """Each constraint of a schema that a value breaks: requirement, instance path, message.

    The requirement is None for what only the reading demands of a request.
    """
    found = []
    for error in judged.validator.iter_errors(value):
        path = tuple(map(str, error.schema_path))
        place = tuple(error.instance_path)
        if path and path[-1] == "required":
            missing = error.kind.as_dict()["property"]
            path, place = (*path, missing), (*place, missing)
        found.append((judged.names.get(path), place, error.message))
    return found


def surely_broken(judged: Judged, payload: dict[str, Any]) -> list[tuple[Requirement, Place]]:
    """The requirements that a payload breaks for readers of decimals and of doubles alike.

    Doubles are what most servers read (RFC 8259, section 6), and -1e-400 is no negative double.
    """
    # A wrong type breaks an enum twice for a validator, and once for a person.
    exact = dict.fromkeys((r, place) for r, place, _ in broken(judged, payload) if r is not None)
    if not any(isinstance(_at(payload, place), Decimal) for _, place in exact):
        return list(exact)
    rounded = {(r, place) for r, place, _ in broken(judged, _as_doubles(payload))}
    return [one for one in exact if one in rounded]


def respelled(schema: dict[str, Any], payload: Any) -> list[str]:
    """Integers written with a fraction or exponent: dialects of JSON Schema differ on them."""
    found = []
    stack: list[tuple[dict[str, Any], Any, str]] = [(schema, payload, "")]
    while stack:
        schema, value, name = stack.pop()
        if isinstance(value, Decimal) and "integer" in schema.get("type", ()):
            found.append(f"{name} is an integer written as {value}")
        elif isinstance(value, dict):
            for key, child in schema.get("properties", {}).items():
                if key in value:
                    stack.append((child, value[key], key))
        elif isinstance(value, list) and "items" in schema:
            stack.extend((schema["items"], element, name) for element in value)
    return found


def _at(value: Any, place: Place) -> Any:
    for key in place:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int):
            value = value[key]
    return value


def _as_doubles(value: Any) -> Any:
    if isinstance(value, Decimal):
        double = float(value)
        return double if abs(double) != float("inf") else value
    if isinstance(value, dict):
        return {key: _as_doubles(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_as_doubles(child) for child in value]
    return value
