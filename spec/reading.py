"""Lays the reading, an OpenAPI Overlay 1.0.0, over the vendor's document.

The reading may only narrow: each of its actions selects something and no action loosens what the
document demands. What it added is remembered, so that a requirement knows who made it.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonpath_rfc9535 as jsonpath

from spec import schema, yamlfile
from spec.errors import SpecError
from spec.yamlfile import YamlFile, join


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The document with the reading laid over it.

    `added` maps a JSON pointer of the narrowed document to the pointer in the reading that put
    it there.
    """

    document: YamlFile
    added: dict[str, str]
    reading: YamlFile


NARROWER: dict[str, Callable[[Any, Any], bool]] = {
    "maxLength": lambda old, new: new <= old,
    "maximum": lambda old, new: new <= old,
    "maxItems": lambda old, new: new <= old,
    "minLength": lambda old, new: new >= old,
    "minimum": lambda old, new: new >= old,
    "minItems": lambda old, new: new >= old,
    "enum": lambda old, new: all(member in old for member in new),
    "type": lambda old, new: new == old or (old == "number" and new == "integer"),
    "nullable": lambda old, new: old is True or new is False,
    "additionalProperties": lambda old, new: old is not False or new is False,
    "format": lambda _old, _new: True,  # a document's format is an annotation
    "multipleOf": lambda old, new: new == old,
}
"""Whether a new value of a keyword allows no more than the old one did."""


def lay_over(document: YamlFile, path: Path) -> Narrowed:
    """The narrowed document; SpecError names file and line of an action that is none."""
    overlay = yamlfile.read(path)
    _check_overlay(overlay)
    content = copy.deepcopy(document.content)
    added: dict[str, str] = {}
    for index, action in enumerate(overlay.content["actions"]):
        pointer = f"/actions/{index}"
        _check_action(overlay, pointer, action)
        for found in _select(content, overlay, pointer, action["target"]):
            node = jsonpath_pointer(found)
            _Merger(content, overlay, added).merge(node, action["update"], join(pointer, "update"))
    narrowed = YamlFile(document.name, content, document.lines, document.raw)
    return Narrowed(narrowed, added, overlay)


def jsonpath_pointer(location: tuple[str | int, ...]) -> str:
    """A JSONPath location as a JSON pointer."""
    pointer = ""
    for key in location:
        pointer = join(pointer, key)
    return pointer


def _check_overlay(overlay: YamlFile) -> None:
    content = overlay.content
    if not isinstance(content, dict) or not str(content.get("overlay", "")).startswith("1.0"):
        raise SpecError(f"{overlay.name}:1: is no OpenAPI Overlay 1.0 (no 'overlay: 1.0.0').")
    if not isinstance(content.get("actions"), list) or not content["actions"]:
        raise SpecError(f"{overlay.name}:1: an overlay needs a list 'actions'.")


def _check_action(overlay: YamlFile, pointer: str, action: Any) -> None:
    where = f"{overlay.name}:{overlay.line(pointer)}"
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise SpecError(f"{where}: an action needs a 'target', a JSONPath.")
    if not str(action.get("description") or "").strip():
        raise SpecError(f"{where}: an action needs a 'description' that gives its reason.")
    if "remove" in action:
        raise SpecError(f"{where}: 'remove' would widen; the reading may only narrow.")
    if not isinstance(action.get("update"), dict):
        raise SpecError(f"{where}: an action needs an 'update', a mapping of keywords.")
    unknown = sorted(set(action) - {"target", "description", "update"})
    if unknown:
        raise SpecError(f"{where}: an action has no field {unknown[0]!r}.")


def _select(
    content: Any, overlay: YamlFile, pointer: str, target: str
) -> list[tuple[str | int, ...]]:
    where = f"{overlay.name}:{overlay.line(join(pointer, 'target'))}"
    try:
        found = jsonpath.find(target, content)
    except jsonpath.JSONPathError as error:
        raise SpecError(f"{where}: {target} is no JSONPath: {error}.") from error
    if not found:
        raise SpecError(f"{where}: {target} selects nothing in the document.")
    return [node.location for node in found]


@dataclass(frozen=True, slots=True)
class _Merger:
    content: Any
    overlay: YamlFile
    added: dict[str, str]

    def merge(self, pointer: str, update: dict[str, Any], source: str) -> None:
        """Lay an update over the schema at the pointer, which may be a reference."""
        pointer, node = schema.follow(YamlFile(self.overlay.name, self.content, {}, b""), pointer)
        for keyword, value in update.items():
            here, there = join(pointer, keyword), join(source, keyword)
            if keyword == "properties":
                for name, child in value.items():
                    node.setdefault("properties", {}).setdefault(name, {})
                    self.merge(join(here, name), child, join(there, name))
            elif keyword == "required":
                self.require(node, here, value, there)
            else:
                self.narrow(node, here, keyword, value, there)

    def require(self, node: dict[str, Any], here: str, names: list[str], there: str) -> None:
        """Add to the required properties, as an overlay adds to a list."""
        required = node.setdefault("required", [])
        for index, name in enumerate(names):
            if name not in required:
                required.append(name)
                self.added[join(here, len(required) - 1)] = join(there, index)

    def narrow(self, node: dict[str, Any], here: str, keyword: str, value: Any, there: str) -> None:
        """Set a keyword, which must allow no more than before."""
        where = f"{self.overlay.name}:{self.overlay.line(there)}"
        if keyword not in NARROWER:
            raise SpecError(f"{where}: the reading has no use for the keyword {keyword!r}.")
        if keyword in node and not NARROWER[keyword](node[keyword], value):
            raise SpecError(
                f"{where}: {keyword} {value!r} would widen the document's {node[keyword]!r} at "
                f"#{here}; the reading may only narrow."
            )
        if node.get(keyword) != value:
            node[keyword] = value
            self.added[here] = there
