"""The keywords of a schema: which are understood, what values they take, what is narrower."""

from collections.abc import Callable
from typing import Any

ASSERTIONS = frozenset({
    "type", "required", "enum", "nullable", "minimum", "maximum",
    "minLength", "maxLength", "minItems", "maxItems",
})  # fmt: skip
"""What a document may demand; each has its requirement, its near misses and its edges."""

READING_ONLY = frozenset({"additionalProperties", "multipleOf", "format"})
"""What the reading may add besides: it bounds what is sent, and is never a request's duty."""

STRUCTURE = frozenset({"properties", "items", "allOf"})

FORMATS = frozenset({"text", "date-time", "web-url", "uuid"})
"""What the reading may mean by a format; see spec/formats.py."""

ANNOTATIONS = frozenset({
    "title", "description", "example", "default", "deprecated", "readOnly", "writeOnly",
    "externalDocs", "xml", "format",
})  # fmt: skip
"""`format` in a document is an annotation (JSON Schema Wright-00, section 7): never a duty, but
in what is sent it is kept.
"""

TYPES = frozenset(["object", "array", "string", "number", "integer", "boolean"])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


WELL_FORMED: dict[str, Callable[[Any], bool]] = {
    "type": lambda value: isinstance(value, str) and value in TYPES,
    "required": lambda value: (
        isinstance(value, list) and all(isinstance(name, str) for name in value)
    ),
    "enum": lambda value: isinstance(value, list) and bool(value),
    "minimum": _is_number,
    "maximum": _is_number,
    "multipleOf": lambda value: _is_number(value) and value > 0,
    "nullable": lambda value: isinstance(value, bool),
    "additionalProperties": lambda value: isinstance(value, bool),
    "format": lambda value: isinstance(value, str),
}
"""What a keyword's value has to be; the others take a size."""


def well_formed(keyword: str, value: Any) -> bool:
    """Whether a value is one that the keyword can have."""
    return WELL_FORMED.get(keyword, _is_size)(value)


UNSTATED = {"nullable": False, "additionalProperties": True}
"""What a keyword means where a schema does not have it."""

NARROWER: dict[str, Callable[[Any, Any], bool]] = {
    "maxLength": lambda old, new: new <= old,
    "maximum": lambda old, new: new <= old,
    "maxItems": lambda old, new: new <= old,
    "minLength": lambda old, new: new >= old,
    "minimum": lambda old, new: new >= old,
    "minItems": lambda old, new: new >= old,
    "enum": lambda old, new: all(member in old for member in new),
    "type": lambda old, new: new == old or (old == "number" and new == "integer"),
    "nullable": lambda old, new: old or not new,
    "additionalProperties": lambda old, new: old or not new,
    "required": lambda _old, _new: True,  # an overlay adds to a list
    "format": lambda _old, _new: True,  # a document's format is an annotation
    "multipleOf": lambda old, new: new == old,
}
"""Whether a new value of a keyword allows no more than the old one did."""
