"""Lays the reading, an OpenAPI Overlay 1.0.0, over the vendor's document.

The reading may only narrow: each of its actions selects something and no action loosens what the
document demands. What it added is remembered, so that a requirement knows who made it.
"""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonpath_rfc9535 as jsonpath

from spec import yamlfile
from spec.document import FORMATS, NARROWER, UNSTATED, follow, well_formed
from spec.paths import join
from spec.yamlfile import SpecError, YamlFile


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The document with the reading laid over it.

    `added` maps a JSON pointer of the narrowed document to the pointer in the reading that put
    it there.
    """

    document: YamlFile
    added: dict[str, str]
    reading: YamlFile


def lay_over(document: YamlFile, path: Path, *, own: bool = True) -> Narrowed:
    """The narrowed document; SpecError names file and line of an action that is none.

    The reading is written for its `own` document, where a looser value is a mistake. In another
    version of the document a stricter value is news, and it stands.
    """
    overlay = yamlfile.read(path)
    _check_overlay(overlay)
    content = copy.deepcopy(document.content)
    narrowed = YamlFile(document.name, content, document.lines, document.raw)
    merger = _Merger(narrowed, overlay, own, {})
    for index, action in enumerate(overlay.content["actions"]):
        pointer = f"/actions/{index}"
        _check_action(overlay, pointer, action)
        for found in _select(content, overlay, pointer, action["target"]):
            merger.merge(found, action["update"], join(pointer, "update"))
    return Narrowed(narrowed, merger.added, overlay)


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
    if not isinstance(action.get("update"), dict) or not action["update"]:
        raise SpecError(f"{where}: an action needs an 'update', a mapping of keywords.")
    unknown = sorted(set(action) - {"target", "description", "update"})
    if unknown:
        raise SpecError(f"{where}: an action has no field {unknown[0]!r}.")


def _select(content: Any, overlay: YamlFile, pointer: str, target: str) -> list[str]:
    """The JSON pointers of the nodes that a JSONPath selects; at least one."""
    where = f"{overlay.name}:{overlay.line(join(pointer, 'target'))}"
    try:
        found = jsonpath.find(target, content)
    except jsonpath.JSONPathError as error:
        raise SpecError(f"{where}: {target} is no JSONPath: {error}.") from error
    pointers = ["".join(join("", key) for key in node.location) for node in found]
    if not pointers:
        raise SpecError(f"{where}: {target} selects nothing in the document.")
    return pointers


@dataclass(frozen=True, slots=True)
class _Merger:
    document: YamlFile
    overlay: YamlFile
    own: bool
    added: dict[str, str]

    def merge(self, pointer: str, update: Any, source: str) -> None:
        """Lay an update over the schema at the pointer, which may be a reference."""
        pointer, node = follow(self.document, pointer)
        if not isinstance(node, dict) or not isinstance(update, dict):
            raise self.error(source, f"this or what it is laid over, #{pointer}, is no schema.")
        for keyword, value in update.items():
            here, there = join(pointer, keyword), join(source, keyword)
            if keyword == "properties":
                self.descend(node, here, value, there)
                continue
            if keyword not in NARROWER:
                raise self.error(there, f"the reading has no use for the keyword {keyword!r}.")
            if not well_formed(keyword, value) or (keyword == "format" and value not in FORMATS):
                raise self.error(there, f"{value!r} is no value for {keyword!r}.")
            if not well_formed(keyword, node.get(keyword, value)):
                where = self.document.place(here)
                raise SpecError(f"{where}: {node[keyword]!r} is no value for {keyword!r}.")
            if keyword == "required":
                self.require(node, here, value, there)
            else:
                self.narrow(node, here, keyword, value, there)

    def descend(self, node: dict[str, Any], here: str, children: Any, there: str) -> None:
        """Lay updates over properties, each of which the document has."""
        if not isinstance(children, dict):
            raise self.error(there, f"{children!r} is no value for 'properties'.")
        for name, child in children.items():
            self.known(node, name, join(there, name))
            self.merge(join(here, name), child, join(there, name))

    def require(self, node: dict[str, Any], here: str, names: list[str], there: str) -> None:
        """Add to the required properties, as an overlay adds to a list."""
        required = node.setdefault("required", [])
        for index, name in enumerate(names):
            self.known(node, name, join(there, index))
            if name not in required:
                required.append(name)
                self.added[join(here, len(required) - 1)] = join(there, index)

    def narrow(self, node: dict[str, Any], here: str, keyword: str, value: Any, there: str) -> None:
        """Set a keyword, which must allow no more than before."""
        old = node.get(keyword, UNSTATED.get(keyword, value))
        narrower = NARROWER[keyword]
        if narrower(old, value):
            if node.get(keyword) != value:
                node[keyword] = value
                self.added[here] = there
        elif self.own or not narrower(value, old):
            raise self.error(
                there,
                f"{keyword} {value!r} would widen the document's {old!r} at #{here}; the reading "
                "may only narrow.",
            )

    def known(self, node: dict[str, Any], name: str, there: str) -> None:
        """Refuse a property that the document does not have: the update would select nothing."""
        properties = node.get("properties")
        if not isinstance(properties, dict) or name not in properties:
            raise self.error(there, f"the document has no such property {name!r}.")

    def error(self, source: str, what: str) -> SpecError:
        """The error that says where in the reading."""
        return SpecError(f"{self.overlay.name}:{self.overlay.line(source)}: {what}")
