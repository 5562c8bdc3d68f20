"""Choices of schemas, and of what is required: each branch names properties beside it."""

from collections.abc import Callable, Collection
from itertools import chain
from typing import Any
from urllib.parse import unquote

from spec.paths import ELEMENT, Path, join


def names_of_each(schema: dict[str, Any]) -> list[list[str]]:
    """The properties that each branch of an `anyOf` requires, where it says nothing else and they
    are described beside it; empty otherwise.
    """
    branches, known = schema.get("anyOf", ()), schema.get("properties", {}).keys()
    found = [one["required"] for one in branches if {*one} - {"type"} == {"required"}]
    return found if len(found) == len(branches) and known >= {*chain(*found)} else []


def require_one(schema: dict[str, Any], familiar: Collection[Path], path: Path = ()) -> None:
    """Have a schema of what must be accepted require the properties of one branch: of the first
    that is of `familiar` ones alone, or the first of all.
    """
    listed = names_of_each(schema)
    listed.sort(key=lambda names: not all((*path, name) in familiar for name in names))
    for names in listed[:1]:
        schema["required"] = [*dict.fromkeys([*schema.get("required", ()), *names])]
    for name, child in schema.get("properties", {}).items():
        require_one(child, familiar, (*path, name))
    if "items" in schema:
        require_one(schema["items"], familiar, (*path, ELEMENT))


def branches(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas of which a value has to keep one: each branch of a choice, with what is beside
    it; the schema itself where there is no choice.
    """
    keyword = next((name for name in ("oneOf", "anyOf") if name in schema), None)
    if keyword is None:
        return [schema]
    beside = {name: value for name, value in schema.items() if name != keyword}
    return [branch for one in schema[keyword] for branch in branches(_both(beside, one))]


def has_members(schema: dict[str, Any]) -> bool:
    """Whether a schema, or a branch of a choice in it, lists its values."""
    chosen = (one for name in ("oneOf", "anyOf") for one in schema.get(name, ()))
    return any("enum" in one for one in (schema, *chosen))


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A schema that asks what both ask, as far as they do not speak of the same."""
    both = {**one, **other}
    for name in {"properties", "required"} & one.keys() & other.keys():
        parts = one[name], other[name]
        names = dict.fromkeys([*parts[0], *parts[1]])
        both[name] = {**parts[0], **parts[1]} if name == "properties" else [*names]
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
