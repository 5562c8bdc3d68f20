"""Which of several types or schemas the suite sends: what today's document has in the place.

A version may take a number or a text for an amount, as generators write it. What must be accepted
is then a number alone; nobody asks whether the text is.
"""

from collections.abc import Mapping
from typing import Any

from spec.document import follow, inline, node_at
from spec.paths import CHOICES, copied, join
from spec.schema.amounts import is_written
from spec.schema.formats import PLAIN_FORMATS, RANGES
from spec.schema.keywords import discriminate, type_names
from spec.schema.nulls import is_null, take_null
from spec.yamlfile import YamlFile

NUMBER = "number"
"""The kind of every number: whether it is whole is another matter."""
_KINDS = {bool: "boolean", str: "string", list: "array", dict: "object"}
_OF_NUMBERS = PLAIN_FORMATS - {"password"} | RANGES.keys()
"""Formats that say how a number is written."""

Node = dict[str, Any]


def kinds_of(schema: Mapping[str, Any]) -> set[str]:
    """The types of a schema's values that are not null, by its members where it lists them."""
    members = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(members, list):
        return {_KINDS.get(type(one), NUMBER) for one in members if one is not None}
    names = {name.replace("integer", NUMBER) for name in type_names(schema.get("type", ()))}
    return names - {"null"}


def is_other(schema: Mapping[str, Any], kind: str) -> bool:
    """Whether a schema is there, and not of this kind alone; an amount as a text is a number."""
    known = {NUMBER} if is_written(schema) else kinds_of(schema)
    return bool(schema) and known != {kind}


def settled(document: YamlFile, pointer: str, known: Mapping[str, Any]) -> Node | bool:
    """The schema at a pointer with one alone of its types or of its schemas: that of the kind of
    `known`, the schema of today, which is empty where there is none. The node itself where there
    is nothing to settle, as where it is a flag.
    """
    there, node = follow(document, pointer)
    if isinstance(node, bool):
        return node
    kind = next(iter(kinds_of(known)), None)
    if isinstance(node.get("type"), list):
        return _of_one_type(node, kind)
    choice = next((name for name in CHOICES if name in node), None)
    if choice is None or kind is None or kinds_of(node) == {kind}:
        return dict(node)
    return _of_one_schema(document, join(there, choice), kind, known)


def _of_one_type(node: Node, kind: str | None) -> Node:
    names = [name for name in type_names(node["type"]) if name != "null"]
    by_kind = {name.replace("integer", NUMBER): name for name in reversed(names)}
    is_of_number = NUMBER in by_kind and node.get("format") in _OF_NUMBERS
    wanted = by_kind.get(kind or (NUMBER if is_of_number else ""))
    if wanted is None or not names[1:]:
        return node
    rest = {name: one for name, one in node.items() if name != "format" or _suits(wanted, one)}
    return {**rest, "type": [wanted, "null"] if "null" in node["type"] else wanted}


def _suits(type_: str, format_: Any) -> bool:
    """Whether a format may be one of a type."""
    return type_ in ("integer", NUMBER) or format_ not in _OF_NUMBERS


def _of_one_schema(document: YamlFile, pointer: str, kind: str, known: Mapping[str, Any]) -> Node:
    """The node with the branch of a kind in the place of the choice at a pointer; of several
    objects that which has most of the known one's properties.
    """
    around, _, choice = pointer.rpartition("/")
    node = node_at(document, around)
    pointers = [join(pointer, index) for index in range(len(node[choice]))]
    others = [
        index for index, each in enumerate(pointers) if not is_null(follow(document, each)[1])
    ]
    branches = {index: inline(document, pointers[index]).root for index in others}
    fitting = [index for index in others if kinds_of(branches[index]) == {kind}]
    are_members = all("enum" in branches[index] for index in others)
    if not others[1:] or not fitting or are_members:
        return dict(node)
    names = known.get("properties", {}).keys()
    best = max(fitting, key=lambda index: len(names & branches[index].get("properties", {}).keys()))
    branch: Node = copied(follow(document, pointers[best])[1])
    if "discriminator" in node:
        name = node["discriminator"]["propertyName"]
        branch.setdefault("properties", {})[name] = {"type": "string"}
        discriminate(branch, node["discriminator"], str(node[choice][best].get("$ref", "")))
    beside = {name: one for name, one in node.items() if name not in (choice, "discriminator")}
    if beside.keys() & branch.keys() - {"title", "description"}:
        beside["allOf"] = [*beside.get("allOf", ()), branch]
    whole = branch | beside
    if len(others) < len(pointers):
        take_null(whole)
    return whole
