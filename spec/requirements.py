"""What a requirement is: one constraint, named by path and keyword, and where it is written."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from typing_extensions import override

from spec.document import Validator
from spec.operation import CREATED
from spec.parameters import Parameter
from spec.paths import Location, Path, find, path_text
from spec.schema.inlined import SchemaPath
from spec.schema.presence import rules_of


class Level(StrEnum):
    """How binding a requirement is (RFC 2119)."""

    MUST = "MUST"
    SHOULD = "SHOULD"


MUST, SHOULD = Level.MUST, Level.SHOULD


@dataclass(frozen=True, slots=True)
class Requirement:
    """One constraint, and where its clause is.

    `name` is the path and the keyword (`items[].sku.maxLength`). `part` is what it is about: `body`
    (what a payload can break), `request`, `response`, `201` or `4xx`. `path` starts at the root of
    that part. `operand` is the keyword's value; `former` are the members that an enumeration had in
    the version of the document that the suite was written for, and has no more. `pointer` is the
    JSON pointer (RFC 6901) and `line` the line of the clause in `file`.
    """

    name: str
    level: Level
    part: str
    path: Path
    keyword: str
    operand: object = field(hash=False)
    pointer: str
    line: int
    file: str
    former: tuple[object, ...] = field(default=(), hash=False)

    @override
    def __str__(self) -> str:
        return self.name

    @property
    def clause(self) -> str:
        """Where it comes from: file, line and JSON pointer."""
        return f"{self.file}:{self.line}  #{self.pointer}"


Clause = tuple[str, Level, str, object, str]
"""Name, level, part, operand and pointer; the keyword is the last word of the name."""


@dataclass(frozen=True, slots=True, repr=False)
class Judged:
    """A schema with its validator; `names` maps each schema path to its requirement."""

    schema: dict[str, Any]
    validator: Validator
    names: dict[SchemaPath, Requirement]


@dataclass(frozen=True, slots=True, repr=False)
class Field:
    """A parameter, or a header field of an answer, with its requirements.

    `judged` judges a value by the document alone, `narrowed` by its format as well.
    """

    parameter: Parameter
    required: Requirement | None
    judged: Judged
    narrowed: Judged

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Those on its value."""
        return tuple(
            one for one in dict.fromkeys(self.judged.names.values()) if one != self.required
        )


def without_following(
    broken: list[tuple[Requirement, Location]], payload: Any
) -> list[tuple[Requirement, Location]]:
    """What is broken, but for a number of properties that is too small only because some are
    missing which are required, and for what may not be, or may not stand together, of a value that
    is of another type.
    """
    missing = Counter(at[:-1] for one, at in broken if one.keyword == "required" and at)

    mistyped = {at for one, at in broken if one.keyword == "type"}

    def follows(one: Requirement, at: Location) -> bool:
        if at in mistyped and (one.keyword == "not" or rules_of({one.keyword: one.operand})):
            return True
        has = find(payload, at) if one.keyword == "minProperties" and missing[at] else None
        return isinstance(has, dict) and len(has) + missing[at] >= int(str(one.operand))

    return [(one, at) for one, at in broken if not follows(one, at)]


def echo_name(path: str) -> str:
    """The name of the requirement that what is sent at a path comes back."""
    return f"{CREATED}.data.{path}.echo"


def subject_and_keyword(name: str) -> tuple[str, str]:
    """The two parts of a requirement's name: `items[].sku` and `maxLength`."""
    subject, _, keyword = name.rpartition(".")
    return subject, keyword


def name_of(part: str, path: Path, keyword: str) -> str:
    """A requirement's name; the root of a payload is called `body`."""
    prefix = () if part == "body" else (part,)
    return f"{path_text(prefix + path) or 'body'}.{keyword}"
