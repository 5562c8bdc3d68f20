"""What an OpenAPI document has and does not say: keys without a value, and choices that nothing
can keep, as generators write them for what may be absent.
"""

from typing import Any

from spec.paths import CHOICES, join

_NAMING = frozenset(
    {
        *("properties", "patternProperties", "dependentRequired", "dependentSchemas", "$defs"),
        *("schemas", "responses", "requestBodies", "headers", "securitySchemes", "examples"),
        *("links", "callbacks", "pathItems", "paths", "webhooks", "mapping", "variables"),
        *("content", "scopes", "encoding", "definitions", "mediaTypes"),
    }
)
"""Keys whose mappings have names that a document chooses: none of those is left out."""
_VALUES = frozenset({"example", "examples", "default", "const", "enum", "value", "dataValue"})
"""Keys that hold values, in which null is one."""
_KEPT = frozenset(
    {
        "schema",
        "servers",
        "server",
        "items",
        "type",
        "const",
        "default",
        "example",
        "value",
        "$ref",
        "post",
    }
)
"""Keys that mean something else without a value, or of which nobody knows what it was to be."""


_NEVER: tuple[Any, ...] = ({}, True)
_SAID = frozenset({"not", "title", "description", "$comment"})


def _letters(format_: str) -> str:
    return format_.lower().replace("-", "").replace("_", "")


def is_never(schema: Any) -> bool:
    """Whether no value keeps a schema, as its form alone says."""
    if not isinstance(schema, dict):
        return schema is False
    return schema.get("not") in _NEVER and schema.keys() <= _SAID


def without_nevers(node: Any, lines: dict[str, int], pointer: str = "") -> None:
    """Take such schemas out of the choices within a node, of which the lines are known."""
    parts: dict[Any, Any] = node if isinstance(node, dict) else {}
    parts = dict(enumerate(node)) if isinstance(node, list) else parts
    for key, value in [*parts.items()]:
        here = join(pointer, key)
        if key in CHOICES and isinstance(value, list):
            for index in range(len(value) - 1, -1, -1):
                if is_never(value[index]) and value[1:]:
                    del value[index]
                    _move(lines, here, index)
        if key in ("additionalProperties", "unevaluatedProperties") and is_never(value):
            node[key] = False
        elif key not in _VALUES and not str(key).startswith("x-"):
            without_nevers(value, lines, here)


def _move(lines: dict[str, int], pointer: str, gone: int) -> None:
    """Have the elements of a list after one that is gone keep their lines."""
    found = {each: line for each, line in lines.items() if each.startswith(f"{pointer}/")}
    for each in found:
        del lines[each]
    for each, line in found.items():
        first, _, rest = each.removeprefix(f"{pointer}/").partition("/")
        index = int(first)
        if index != gone:
            below = f"/{rest}" if rest else ""
            lines[f"{pointer}/{index - (index > gone)}{below}"] = line


def without_empty(node: Any, *, named: bool = False) -> Any:
    """The node without the keys that have no value; those of a `named` mapping are names."""
    if isinstance(node, list):
        return [without_empty(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {}
    for key, value in node.items():
        if named:
            found[key] = without_empty(value)
        elif value is None and key not in _KEPT and not key.startswith("x-"):
            continue
        elif key in _NAMING and isinstance(value, dict):
            found[key] = without_empty(value, named=True)
        elif key == "format" and isinstance(value, str) and _letters(value) == "datetime":
            found[key] = "date-time"
        else:
            is_value = key in _VALUES or key.startswith("x-")
            found[key] = value if is_value else without_empty(value)
    return found
