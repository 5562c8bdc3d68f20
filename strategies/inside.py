"""Edges of one value: what stands just inside a constraint, and what servers mangle."""

from collections.abc import Callable, Iterator
from typing import Any

from spec.requirements import Requirement
from spec.stamp import PLACEHOLDER
from strategies.bounds import FILLS, filled, limit
from strategies.coherence import STAMPED
from strategies.corpus import AMOUNTS, DATES, LATE_DATES, MANGLED, URLS, WHOLES
from strategies.kinds import legible, main_type, named
from strategies.places import Json

Value = tuple[str, Json]
"""What is particular about a value, in words, and the value."""


def inside(requirement: Requirement, schema: dict[str, Any]) -> Iterator[Value]:
    """Values at the edge of a requirement on a scalar of this sound schema.

    They are candidates: not every one keeps the schema's other constraints.
    """
    make = INSIDE.get(requirement.keyword)
    return make(requirement, schema) if make else iter(())


def _type(requirement: Requirement, schema: dict[str, Any]) -> Iterator[Value]:
    types = named(requirement.operand)
    if "number" in types:
        yield from ((f"{amount}", amount) for amount in AMOUNTS)
    elif "integer" in types:
        yield from ((f"{whole}", whole) for whole in WHOLES)
    elif "boolean" in types:
        yield from (("true", True), ("false", False))
    elif "string" in types:
        format_ = schema.get("format", "text")
        values = {"date-time": DATES | LATE_DATES, "web-url": URLS}.get(format_, MANGLED)
        for name, value in values.items():
            yield name, _carrying(requirement, value)


def _required(requirement: Requirement, schema: dict[str, Any]) -> Iterator[Value]:
    """The least value, which careless servers take for none at all."""
    match main_type(schema):
        case "string":
            least = "2000-01-01T00:00:00Z" if schema.get("format") == "date-time" else "0"
            yield f"the least text, {least}", _carrying(requirement, least)
        case "number" | "integer":
            least = max(0, schema.get("minimum", 0))
            yield f"the least number, {least}", least
        case "boolean":
            yield "false", False


def _enum(requirement: Requirement, _schema: dict[str, Any]) -> Iterator[Value]:
    assert isinstance(requirement.operand, list)  # the document's loader has seen to it
    yield from ((f"the text {member}", member) for member in requirement.operand)


def _length(requirement: Requirement, _schema: dict[str, Any]) -> Iterator[Value]:
    size = limit(requirement)
    for name, fill in reversed(FILLS.items()):
        yield f"{size} {name} characters", legible(filled(requirement.path, fill, size))
    yield f"{size} characters that HTML escapes", legible(filled(requirement.path, "&<", size))


def _bound(requirement: Requirement, _schema: dict[str, Any]) -> Iterator[Value]:
    yield f"{requirement.operand}", requirement.operand


def _carrying(requirement: Requirement, text: str) -> str:
    """The text at both ends of the stamp where the property carries one."""
    if requirement.path[0] not in STAMPED:
        return text
    return f"{text}{PLACEHOLDER}{text}"


INSIDE: dict[str, Callable[[Requirement, dict[str, Any]], Iterator[Value]]] = {
    "type": _type,
    "required": _required,
    "enum": _enum,
    "maxLength": _length,
    "minLength": _length,
    "minimum": _bound,
    "maximum": _bound,
}
"""By keyword; the edges of arrays and of whole invoices are arranged elsewhere."""
