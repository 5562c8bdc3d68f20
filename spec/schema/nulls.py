"""Where null is a value: what a document says of it, in the ways of OpenAPI 3.0 and 3.1."""

from dataclasses import dataclass
from typing import Any

from jsonschema_rs import is_valid

from spec.paths import CHOICES
from spec.schema.keywords import type_names


@dataclass(slots=True)
class Nulls:
    """What all schemas of one place say of null.

    By OpenAPI 3.0.3 `nullable` adds null to the type beside it, and to nothing else: not to an
    enumeration, and not to a type in an `allOf` or behind a reference. Whoever writes it there may
    mean null all the same, so null may be accepted then, and need not be.
    """

    meant: bool = False
    refused: bool = False

    def hear(self, node: dict[str, Any]) -> None:
        """Take note of what one schema says."""
        types = type_names(node.get("type", ()))
        nullable = node.get("nullable") is True
        self.meant |= nullable or "null" in types
        self.refused |= bool(types) and not nullable and "null" not in types

    def apply(self, schema: dict[str, Any], *, sure: bool) -> None:
        """Have the schema of the place take null, where that is meant; or where it is `sure`."""
        if not self.meant:
            return
        if not sure:
            take_null(schema)
            add_null(schema)
            return
        is_member = None in schema.get("enum", [None])
        if is_member and not self.refused and isinstance(schema.get("type"), str):
            schema["type"] = [schema["type"], "null"]


def is_null(schema: Any) -> bool:
    """Whether a schema allows null alone, as one of several (OpenAPI 3.1)."""
    if not isinstance(schema, dict):
        return False
    members = [schema["const"]] if "const" in schema else schema.get("enum")
    return schema.get("type") in ("null", ["null"]) or members == [None]


def take_null(out: dict[str, Any]) -> None:
    """Have a schema take null as well; one without a type takes it anyway."""
    if "type" in out:
        out["type"] = [*dict.fromkeys((*type_names(out["type"]), "null"))]
    if "enum" in out and None not in out["enum"]:
        out["enum"] = [*out["enum"], None]


def with_null(out: dict[str, Any], members: list[Any]) -> list[Any]:
    """The members, and null where the type of the schema says that it is a value."""
    is_meant = "null" in type_names(out.get("type", ())) and None not in members
    return [*members, None] if is_meant else members


def add_null(out: dict[str, Any]) -> None:
    """Have one branch of a choice beside take null, where none does."""
    for choice in CHOICES:
        if choice in out and not any(is_valid(one, None) for one in out[choice]):
            take_null(out[choice][0])
