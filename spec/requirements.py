"""A requirement: one constraint, named by where it holds."""

from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How binding a requirement is (RFC 2119)."""

    MUST = "MUST"
    SHOULD = "SHOULD"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One constraint and where it stands.

    `name` is the instance path and the keyword (`items[].sku.maxLength`); `part` is `body` for
    what a payload can break, else `request`, `201` or `4xx`; `path` is the instance path from the
    root of that part, `[]` for each element; `operand` is the keyword's value; `pointer` is the
    JSON pointer (RFC 6901) and `line` the line in `file` where the clause stands.
    """

    name: str
    level: Level
    part: str
    path: tuple[str, ...]
    keyword: str
    operand: object = field(hash=False)
    pointer: str
    line: int
    file: str

    def __str__(self) -> str:
        return self.name
