"""What an OpenAPI document leaves empty: a key without a value is as if it were not there."""

from typing import Any

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
    {"servers", "server", "items", "type", "const", "default", "example", "value", "$ref", "post"}
)
"""Keys that mean something else without a value, or of which nobody knows what it was to be."""


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
        else:
            is_value = key in _VALUES or key.startswith("x-")
            found[key] = value if is_value else without_empty(value)
    return found
