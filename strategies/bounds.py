"""Where a constraint ends, and what is on its other side."""

from collections.abc import Callable

import jsonschema_rs

from spec.requirements import Requirement
from spec.stamp import PLACEHOLDER
from strategies.coherence import STAMPED
from strategies.places import Json, Path

FILLS = {"ASCII": "a", "two-byte": "é", "three-byte": "語", "astral": "😀"}
"""A character of each length in UTF-8; the astral one has two units in UTF-16."""


def filled(path: Path, fill: str, size: int) -> str:
    """Text of exactly that many code points, with the stamp where the property carries one."""
    head = PLACEHOLDER if path and path[0] in STAMPED and size >= len(PLACEHOLDER) else ""
    return head + (fill * size)[: size - len(head)]


def limit(requirement: Requirement) -> int:
    """The operand of a keyword that counts."""
    assert isinstance(requirement.operand, int)  # the document's loader has seen to it
    return requirement.operand


def outwards(requirement: Requirement) -> int:
    """The sign of what leads out of a bound."""
    return -1 if requirement.keyword == "minimum" else 1


def breaks_alone(requirement: Requirement, schema: dict[str, Json]) -> Callable[[Json], bool]:
    """Whether a value breaks this requirement of a schema and no other one."""
    validator = jsonschema_rs.validator_for(schema)
    broken = {(requirement.keyword,)}
    # A wrong type breaks an enum twice for a validator, and once for a person.
    allowed = broken | ({("type",)} if requirement.keyword == "enum" else set())

    def breaks(value: Json) -> bool:
        found = {tuple(error.schema_path) for error in validator.iter_errors(value)}
        return broken <= found <= allowed

    return breaks
