"""Merges the reading, an OpenAPI Overlay 1.0.0, into the vendor's document.

The reading may only narrow: each of its actions selects something, and no action allows more than
the document does. What it added is remembered, so that a requirement knows where it comes from.
"""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonpath_rfc9535 as jsonpath

from spec import yamlfile
from spec.document import KEYWORDS, follow
from spec.formats import FORMATS
from spec.paths import join
from spec.yamlfile import YamlFile


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The document with the reading merged into it.

    `added` maps a JSON pointer of the narrowed document to the pointer in the reading that put
    it there.
    """

    document: YamlFile
    added: dict[str, str]
    reading: YamlFile


def narrow(document: YamlFile, path: Path, *, own: bool = True) -> Narrowed:
    """The document narrowed by a reading; SpecError names file and line of an invalid action.

    The reading is written for its `own` document, where a looser value is a mistake. Another
    version of the document may be stricter than the reading; then the document's value stays.
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
        raise overlay.error("", "is not an OpenAPI Overlay 1.0 (it has no 'overlay: 1.0.0').")
    if not isinstance(content.get("actions"), list) or not content["actions"]:
        raise overlay.error("", "an overlay needs a list 'actions'.")


def _check_action(overlay: YamlFile, pointer: str, action: Any) -> None:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise overlay.error(pointer, "an action needs a 'target', a JSONPath.")
    if not str(action.get("description") or "").strip():
        raise overlay.error(pointer, "an action needs a 'description' that gives its reason.")
    if "remove" in action:
        raise overlay.error(pointer, "'remove' would widen; the reading may only narrow.")
    if not isinstance(action.get("update"), dict) or not action["update"]:
        raise overlay.error(pointer, "an action needs an 'update', a mapping of keywords.")
    unknown = sorted(set(action) - {"target", "description", "update"})
    if unknown:
        raise overlay.error(pointer, f"an action has no field {unknown[0]!r}.")


def _select(content: Any, overlay: YamlFile, pointer: str, target: str) -> list[str]:
    """The JSON pointers of the nodes that a JSONPath selects; at least one."""
    at = join(pointer, "target")
    try:
        found = jsonpath.find(target, content)
    except jsonpath.JSONPathError as error:
        raise overlay.error(at, f"{target} is not a valid JSONPath: {error}.") from error
    pointers = ["".join(join("", key) for key in node.location) for node in found]
    if not pointers:
        raise overlay.error(at, f"{target} selects nothing in the document.")
    return pointers


@dataclass(frozen=True, slots=True)
class _Merger:
    document: YamlFile
    overlay: YamlFile
    own: bool
    added: dict[str, str]

    def merge(self, pointer: str, update: Any, source: str) -> None:
        """Merge an update into the schema at the pointer, which may be a reference."""
        pointer, node = follow(self.document, pointer)
        if not isinstance(node, dict) or not isinstance(update, dict):
            what = f"this, or #{pointer} that it would be merged into, is not a schema."
            raise self.overlay.error(source, what)
        for name, value in update.items():
            here, there = join(pointer, name), join(source, name)
            self.check(node, here, name, value, there)
            if name == "properties":
                for child, changes in value.items():
                    self.check_property(node, child, join(there, child))
                    self.merge(join(here, child), changes, join(there, child))
            elif name == "required":
                self.require(node, here, value, there)
            else:
                self.narrow(node, here, name, value, there)

    def require(self, node: dict[str, Any], here: str, names: list[str], there: str) -> None:
        """Add to the required properties, as an overlay adds to a list."""
        required = node.setdefault("required", [])
        for index, name in enumerate(names):
            self.check_property(node, name, join(there, index))
            if name not in required:
                required.append(name)
                self.added[join(here, len(required) - 1)] = join(there, index)

    def narrow(self, node: dict[str, Any], here: str, name: str, value: Any, there: str) -> None:
        """Set a keyword, which must allow no more than before."""
        keyword = KEYWORDS[name]
        old = node.get(name, value if keyword.unstated is None else keyword.unstated)
        if keyword.narrows(old, value):
            if node.get(name) != value:
                node[name] = value
                self.added[here] = there
        elif self.own or not keyword.narrows(value, old):
            raise self.overlay.error(
                there,
                f"{name} {value!r} would widen the document's {old!r} at #{here}; the reading may "
                "only narrow.",
            )

    def check(self, node: dict[str, Any], here: str, name: str, value: Any, there: str) -> None:
        """Refuse what the reading cannot say, and what it cannot be compared with."""
        keyword = KEYWORDS.get(name)
        if keyword is None or (keyword.narrower is None and name != "properties"):
            raise self.overlay.error(there, f"the reading cannot use the keyword {name!r}.")
        if not keyword.well_formed(value):
            raise self.overlay.error(there, f"{value!r} is not a valid value for {name!r}.")
        if name == "format" and value not in FORMATS:
            known = "; ".join(f"{known} ({each.meaning})" for known, each in FORMATS.items())
            raise self.overlay.error(there, f"{value!r} is not a known format: {known}.")
        if name in node and not keyword.well_formed(node[name]):
            what = f"#{here}: {node[name]!r} is not a valid value for {name!r}."
            raise self.document.error(here, what)

    def check_property(self, node: dict[str, Any], name: str, there: str) -> None:
        """Refuse a property that the document does not have: the update would select nothing."""
        properties = node.get("properties")
        if not isinstance(properties, dict) or name not in properties:
            raise self.overlay.error(there, f"the document has no property {name!r} here.")
