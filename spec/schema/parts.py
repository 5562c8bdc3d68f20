"""What a map and a choice hold: parts that no requirement is about by name."""

from collections.abc import Iterator
from typing import Any, Protocol

from jsonschema_rs import is_valid

from spec.paths import CHOICES, Json, Location

Unlike = tuple[Location, Json, Json]
"""Where something is otherwise than it was sent, what was sent and what is there."""
Schemas = list[dict[str, Any]]


class Same(Protocol):
    """Says whether a text or a number came back."""

    def __call__(self, sent: Json, returned: Json, *, dates: bool, days: bool) -> bool: ...  # noqa: D102 # the class says it


def unlike_parts(
    schema: dict[str, Any], sent: Json, returned: Json, same: Same
) -> Iterator[Unlike]:
    """What is otherwise in the maps and choices of an answer, itself or in the elements of a list.

    What the schema refuses is its business, and so is what it has under `properties`.
    """
    if isinstance(sent, list) and isinstance(returned, list):
        for index, (one, other) in enumerate(zip(sent, returned, strict=False)):
            yield from _at(index, unlike_parts(schema.get("items", {}), one, other, same))
    elif isinstance(sent, dict) and isinstance(returned, dict):
        own = schema.get("properties", {})
        others = {name: sent[name] for name in sent if name not in own}
        if others and has_parts(schema) and is_valid(schema, returned):
            yield from _unlike([schema], others, returned, same)


def has_parts(schema: dict[str, Any]) -> bool:
    """Whether a value, or an element of a list, has parts of which `unlike_parts` may tell."""
    if schema.get("additionalProperties", False) is not False or schema.keys() & {*CHOICES}:
        return True
    return "items" in schema and has_parts(schema["items"])


def _unlike(schemas: Schemas, sent: Json, returned: Json, same: Same) -> Iterator[Unlike]:
    """The same for all of which one of the schemas speaks; nothing need come back of null."""
    schemas = [held for each in schemas for held in _held(each)]
    if isinstance(sent, dict) and isinstance(returned, dict):
        for name, value in sent.items():
            parts = [part for each in schemas for part in _parts(each, name)]
            if parts and value is not None:
                yield from _at(name, _unlike(parts, value, returned.get(name), same))
    elif isinstance(sent, list) and isinstance(returned, list) and len(sent) == len(returned):
        parts = [each.get("items", {}) for each in schemas]
        for index, pair in enumerate(zip(sent, returned, strict=True)):
            yield from _at(index, _unlike(parts, *pair, same))
    elif not _is_same(schemas, sent, returned, same):
        yield (), sent, returned


def _at(step: str | int, found: Iterator[Unlike]) -> Iterator[Unlike]:
    yield from (((step, *at), sent, returned) for at, sent, returned in found)


def _held(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and each branch of its choices."""
    yield schema
    for branch in (one for name in CHOICES for one in schema.get(name, ())):
        yield from _held(branch)


def _parts(schema: dict[str, Any], name: str) -> Schemas:
    """What a schema says of a property; nothing of one that it does not name."""
    others = schema.get("additionalProperties", False)
    part = schema.get("properties", {}).get(name, {} if others is True else others)
    return [] if part is False else [part]


def _is_same(schemas: Schemas, sent: Json, returned: Json, same: Same) -> bool:
    if isinstance(sent, bool | dict | list | None) or type(sent) is not type(returned):
        numbers = not {type(sent), type(returned)} & {bool, str, list, dict, type(None)}
        return sent is returned or (numbers and same(sent, returned, dates=False, days=False))
    formats = {each.get("format") for each in schemas}
    dates, days = bool(formats & {"date", "date-time"}), "date" in formats
    return same(sent, returned, dates=dates, days=days)
