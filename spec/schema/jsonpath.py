"""What a JSONPath of the reading selects in a document, as if references were not there."""

from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from jsonpath_rfc9535 import JSONPathError
from jsonpath_rfc9535 import compile as compiled
from jsonpath_rfc9535.selectors import NameSelector

from spec.document import node_at
from spec.paths import CHOICES, copied, join
from spec.yamlfile import FileError, YamlFile

_SAID = ("type", "enum", "format")
"""What a JSONPath asks of a schema."""
_compiled = lru_cache(maxsize=100)(compiled)


def select(plain: Any, overlay: YamlFile, pointer: str, target: str) -> list[str]:
    """The JSON pointers of the nodes that a JSONPath, at this pointer of the overlay, selects in a
    document that has no references.
    """
    try:
        found = _compiled(target).find(plain)
    except JSONPathError as error:
        at = join(pointer, "target")
        raise overlay.error(at, f"{target} is not a valid JSONPath: {error}.") from error
    return ["".join(join("", key) for key in node.location) for node in found]


def is_by_name(target: str) -> bool:
    """Whether a JSONPath ends in names."""
    *_, last = _compiled(target).segments
    return all(isinstance(each, NameSelector) for each in last.selectors)


def without_references(content: Any) -> Any:
    """A copy in which what a reference refers to stands in its place, and a type beside null alone.

    What several references refer to is there once, so that a copy is no larger. A schema that has
    its type from an `allOf`, or from a choice beside null, has it itself.
    """
    seen = copied(content)
    nodes = [seen]
    for node in nodes:
        inside = node.values() if isinstance(node, dict) else node
        nodes += [each for each in inside if isinstance(each, (dict, list))]
    for node in nodes:
        for key, child in [*node.items()] if isinstance(node, dict) else enumerate(node):
            if isinstance(child, dict) and "$ref" in child:
                node[key] = _referred(seen, child)
    for node in nodes:
        kinds = node.get("type") if isinstance(node, dict) else None
        if isinstance(kinds, list) and len(kinds) == 2 and "null" in kinds:
            node["type"] = next(kind for kind in kinds if kind != "null")
    for node in reversed(nodes):
        if isinstance(node, dict) and "type" not in node:
            for part in _parts(node):
                node.update({name: part[name] for name in _SAID if name in part})
    return seen


def _parts(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas of which all hold for a value that is not null."""
    parts = [each for each in _schemas(node, "allOf") if "type" in each]
    for choice in CHOICES:
        others = [each for each in _schemas(node, choice) if each.get("type") != "null"]
        parts += others if len(others) == 1 else []
    return parts


def _schemas(node: dict[str, Any], keyword: str) -> list[dict[str, Any]]:
    listed = node.get(keyword)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _referred(content: Any, node: Any) -> Any:
    """What a node refers to, at the end of a chain of references; the node itself without one, and
    the last before a circle closes.
    """
    document, seen = YamlFile("", content, {}, b""), list[Any]()
    try:
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            seen.append(node)
            target = node_at(document, unquote(node["$ref"].removeprefix("#")))
            if any(target is each for each in seen):
                return node
            node = target
    except FileError:
        pass  # the reader of the document says so
    return node
