"""Choices of schemas."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from spec.paths import CHOICES, join
from spec.schema.presence import rules_of


def branches(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas of which a value has to keep one: each branch of a choice, with what is beside
    it; the schema itself where there is no choice, or only one of which properties there are.
    """
    choices = (name for name in CHOICES if name in schema)
    keyword = next((name for name in choices if name not in rules_of(schema)), None)
    if keyword is None:
        return [schema]
    beside = {name: value for name, value in schema.items() if name != keyword}
    return [branch for one in schema[keyword] for branch in branches(_both(beside, one))]


def has_members(schema: dict[str, Any]) -> bool:
    """Whether a schema, or a branch of a choice in it, lists its values."""
    chosen = (one for name in CHOICES for one in schema.get(name, ()))
    return any("enum" in one for one in (schema, *chosen))


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A schema that asks what both ask, as far as they do not speak of the same."""
    both = {**one, **other}
    for name in {"properties", "required"} & one.keys() & other.keys():
        parts = one[name], other[name]
        names = dict.fromkeys([*parts[0], *parts[1]])
        both[name] = {**parts[0], **parts[1]} if name == "properties" else [*names]
    if one.get("format", "text") != "text":
        both["format"] = one["format"]  # a text of this format alone may be of the other as well
    return both


def lost_value(choice: Any, find: Callable[[str], object]) -> str | None:
    """The first value that a discriminator maps to a schema which is not in the document, if any.

    `find` raises a ValueError for a JSON pointer at which there is nothing.
    """
    for value, target in choice.get("mapping", {}).items():
        is_pointer = target.startswith("#")
        try:
            find(unquote(target[1:]) if is_pointer else join("/components/schemas", target))
        except ValueError:
            return str(value)
    return None
