"""What a version of the document says by itself, without the reading: what two versions differ in.

Besides the requirements these are keywords that give none, such as `default` or `readOnly`, and
what is there at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from spec.contract import Contract
from spec.diff.narrowing import EXCLUSIVE
from spec.document import Schema, inline, node_at
from spec.operation import CREATED
from spec.parameters import HEADER
from spec.paths import ELEMENT, Path, join, path_text, schema_at
from spec.reading import Direction, Narrowed
from spec.requirements import Level, Material, Requirement, derive, subject_and_keyword

FOLLOWING = frozenset({"echo", "product", "unique", "date-time", "right", "known"})
"""Keywords of requirements that follow from others, and change with those."""
LISTED = frozenset({"mediaType", "status"})
"""Keywords of requirements that change with what a version lists."""
NOTED = ("format", "default", "deprecated", "readOnly", "writeOnly")
"""Keywords that give no requirement of the document, and are compared all the same."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What requirements are about: a schema, a parameter or a header field.

    `above` are the properties that it is in, itself the last; `presence` stands for a requirement
    where there is none.
    """

    above: tuple[str, ...]
    presence: Requirement


@dataclass(frozen=True, slots=True)
class Version:
    """What a document says.

    `said` has each requirement and each of the `NOTED` keywords, by its name; of a bound that is
    exclusive, by the name that the other kind would have. `unsent` are the properties that are only
    for the other direction. `roots` has the schema of each part.
    """

    contract: Contract
    said: dict[str, Requirement] = field(default_factory=dict)
    subjects: dict[str, Subject] = field(default_factory=dict)
    unsent: set[str] = field(default_factory=set)
    roots: dict[str, dict[str, Any]] = field(default_factory=dict)

    def schema_of(self, title: str) -> dict[str, Any]:
        """The schema of a subject in a payload or an answer."""
        presence = self.subjects[title].presence
        schema: dict[str, Any] = schema_at(self.roots.get(presence.part, {}), presence.path)
        return schema

    def above(self, title: str) -> tuple[str, ...]:
        """The properties that a subject is in, and itself; empty where it is unknown."""
        known = self.subjects.get(title)
        return known.above if known else ()

    def add(self, title: str, above: tuple[str, ...], part: str, path: Path, pointer: str) -> None:
        """Add a subject, and what is said at a pointer by keywords that give no requirement."""

        def stated(keyword: str, operand: object, at: str) -> Requirement:
            where = (at, source.line(at), source.name)
            name = f"{title}.{keyword}"
            return Requirement(name, Level.MUST, part, path, keyword, operand, *where)

        source, node = self.contract.source, node_at(self.contract.source, pointer)
        self.subjects.setdefault(title, Subject(above, stated("type", "anything", pointer)))
        for keyword in NOTED if isinstance(node, dict) else ():
            operand = node.get(keyword)
            if keyword in node and (operand is not False or keyword == "default"):
                one = stated(keyword, operand, join(pointer, keyword))
                self.said.setdefault(one.name, one)


def version(contract: Contract) -> Version:
    """What the document of a contract says."""
    found = Version(contract)
    source, operation = contract.source, contract.operation
    request = inline(source, operation.request)
    pointers = {name: one.schema for name, one in operation.answers.items() if one.schema}
    answers = {name: inline(source, at, unsent="writeOnly") for name, at in pointers.items()}
    bare = Narrowed(source, Direction(source), Direction(source), source)
    material = Material(source, bare, operation, request, answers, contract.relations)
    for one in derive(material).requirements:
        if one.level is Level.MUST and one.keyword not in FOLLOWING | LISTED:
            subject, keyword = subject_and_keyword(one.name)
            if not one.path:
                subject = _without_case(one.part, subject)
            bound = f"{subject}.{EXCLUSIVE.get(keyword, keyword)}"
            found.said[f"{subject}.{keyword}" if bound in found.said else bound] = one
    _add(found, "body", operation.request, request)
    for status, at in pointers.items():
        if part := _part(status):
            _add(found, part, at, answers[status])
    fields = [("request", each.title, each) for each in operation.parameters]
    for status, answer in operation.answers.items():
        if part := _part(status):
            fields += [(part, f"{part}.{each.title}", each) for each in answer.headers]
    for part, title, each in fields:
        for pointer in (each.pointer, *(at for _, at in each.schema.places[:1])):
            known = _without_case(part, title)
            found.add(known, (known,), part, (), pointer)
    found.add("request", (), "request", (), operation.pointer)
    return found


def _without_case(part: str, title: str) -> str:
    """What a parameter or a header field is known by: in a header no letter case counts (RFC 9110,
    section 5.1).
    """
    header = f"{HEADER}." if part == "request" else f"{part}.{HEADER}."
    return title.lower() if title.startswith(header) else title


def _part(status: str) -> str:
    """What requirements on the answers of a status begin with; empty where there are none."""
    if status == CREATED:
        return status
    return "4xx" if status[0] in "4d" else ""


def _add(found: Version, part: str, pointer: str, schema: Schema) -> None:
    """Add the subjects of a schema, and what is noted of them."""
    found.roots.setdefault(part, schema.root)
    sent = {_title(part, path) for path, _ in _places(schema)}
    for path, at in _places(inline(found.contract.source, pointer, unsent="")):
        title = _title(part, path)
        above = (_title(part, path[:end]) for end in range(1, len(path) + 1))
        found.add(title, (*above,), part, path, at)
        if title not in sent:
            found.unsent.add(title)


def _title(part: str, path: Path) -> str:
    """What the names of the requirements at a path of a part begin with."""
    return path_text(path if part == "body" else (part, *path)) or part


def _places(schema: Schema) -> Iterator[tuple[Path, str]]:
    """Each schema that a requirement may be about: its path and its pointer."""
    for place, pointer in schema.places:
        path: Path = ()
        steps = iter(place)
        for step in steps:
            if step not in ("properties", "items"):
                break  # a part of what is one requirement
            path = (*path, next(steps) if step == "properties" else ELEMENT)
        else:
            yield path, pointer
