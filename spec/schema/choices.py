"""Choices of what is required: each branch names properties that are described beside it."""

from collections.abc import Collection
from itertools import chain
from typing import Any

from spec.paths import ELEMENT, Path


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
