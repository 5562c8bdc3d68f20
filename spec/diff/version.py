"""What a version of the document says by itself, without the reading: what two versions differ in.

Besides the requirements these are keywords that give none, such as `default` or `readOnly`, and
what is there at all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from spec.contract import Contract
from spec.derivation import Material, derive, of_parameter, of_schema
from spec.diff.alone import ITSELF, said_alone, together
from spec.diff.narrowing import EXCLUSIVE
from spec.document import follow, inline, node_at
from spec.operation import CREATED, Answer, Operation
from spec.parameters import HEADER, Parameter, Unsent
from spec.paths import ELEMENT, Path, join, path_text, schema_at
from spec.reading import Direction, Narrowed
from spec.requirements import Level, Requirement, subject_and_keyword
from spec.schema.inlined import NotRead, Schema, SchemaPath
from spec.yamlfile import FileError, YamlFile

FOLLOWING = frozenset({"echo", "product", "unique", "date-time", "right", "known"})
"""Keywords of requirements that follow from others, and change with those."""
LISTED = frozenset({"mediaType", "status"})
"""Keywords of requirements that change with what a version lists."""
NOTED = (
    *("format", "default", "deprecated", "readOnly"),
    *("writeOnly", "description", "discriminator"),
)
"""Keywords that give no requirement of the document, and are compared all the same."""
ANY_TYPE = "anything"
"""What is said of a subject that has no type."""

_AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})


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
    for the other direction. `roots` has the schema of each part, `statuses` are those of answers.
    """

    contract: Contract
    said: dict[str, Requirement] = field(default_factory=dict)
    subjects: dict[str, Subject] = field(default_factory=dict)
    unsent: set[str] = field(default_factory=set)
    roots: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: set[str] = field(default_factory=set)

    def say(self, one: Requirement) -> None:
        """Add a requirement, by the name that it has without regard to letter case and kind of
        bound.
        """
        subject, keyword = subject_and_keyword(one.name)
        if not one.path:
            subject = _without_case(one.part, subject)
        bound = f"{subject}.{EXCLUSIVE.get(keyword, keyword)}"
        self.said[f"{subject}.{keyword}" if bound in self.said else bound] = one

    def schema_of(self, title: str) -> dict[str, Any]:
        """The schema of a subject in a payload or an answer."""
        presence = self.subjects[title].presence
        schema: dict[str, Any] = schema_at(self.roots.get(presence.part, {}), presence.path)
        return schema

    def above(self, title: str) -> tuple[str, ...]:
        """The properties that a subject is in, and itself; empty where it is unknown."""
        known = self.subjects.get(title)
        return known.above if known else ()

    def add(
        self,
        title: str,
        above: tuple[str, ...],
        part: str,
        path: Path,
        pointer: str,
        types: object = ANY_TYPE,
    ) -> None:
        """Add a subject, and what is said at a pointer by keywords that give no requirement."""
        node = node_at(self.contract.source, pointer)
        presence = self._stated(title, part, path, "type", types, pointer)
        known = title if path else _without_case(part, title)
        self.subjects.setdefault(known, Subject(above, presence))
        if not isinstance(node, dict):
            return
        for keyword in NOTED:
            operand = node.get(keyword)
            if keyword in node and (operand is not False or keyword == "default"):
                self.note(title, part, path, keyword, operand, pointer)
        for keyword, operand in said_alone(self.contract.source, pointer, node):
            before = self.said.get(f"{known}.{keyword}")
            if before is None:
                self.note(title, part, path, keyword, operand, pointer)
            else:
                both = together(before.operand, operand)
                self.said[f"{known}.{keyword}"] = replace(before, operand=both)

    def note(
        self, title: str, part: str, path: Path, keyword: str, operand: object, pointer: str
    ) -> None:
        """Add what a keyword says that gives no requirement."""
        one = self._stated(title, part, path, keyword, operand, join(pointer, keyword))
        known = title if path else _without_case(part, title)
        self.said.setdefault(f"{known}.{keyword}", one)

    def _stated(
        self, title: str, part: str, path: Path, keyword: str, operand: object, pointer: str
    ) -> Requirement:
        name, clause = f"{title}.{keyword}", self.contract.source.clause(pointer)
        return Requirement(name, Level.MUST, part, path, keyword, operand, *clause)


def version(
    contract: Contract, other: Contract, called: Mapping[str, str] = _AS_THEY_ARE
) -> Version:
    """What the document of a contract says, of the statuses of the other one as well; `called` has
    other names for some statuses.
    """
    found = Version(contract)
    source, operation = contract.source, contract.operation
    request = _inlined(source, operation.request)
    listed = {
        status: each
        for status, each in answers_beside(operation, other.operation).items()
        if status not in called.values() or status in operation.listed_answers
    }
    both = operation.answers | listed
    pointers = {name: one.schema for name, one in both.items() if one.schema}
    answers = {name: _inlined(source, at, "writeOnly") for name, at in pointers.items()}
    bare = Narrowed(source, Direction(source), Direction(source), source)
    known = contract.relations, contract.wrapper
    material = Material(source, bare, operation, request, answers, *known)
    for one in derive(material).requirements:
        if one.level is Level.MUST and one.keyword not in FOLLOWING | LISTED and one.part != "4xx":
            found.say(one)
    _add(found, material, "body", operation.request, request)
    for status, at in pointers.items():
        part = called.get(status, status)
        # What is derived is of all errors together.
        for _, one in of_schema(material, answers[status], part) if status != CREATED else ():
            found.say(one)
        _add(found, material, part, at, answers[status])
    for parameter in operation.parameters:
        _add_parameter(found, parameter, parameter.title, "request")
    for status, answer in listed.items():
        part = called.get(status, status)
        found.statuses.add(part)
        for field_ in answer.headers:
            title = f"{part}.{field_.title}"
            _add_parameter(found, field_, title, part)
            for _, one in of_parameter(material, field_, title, part):
                found.say(one)
    for each in operation.unsent:
        _add_unsent(found, material, each)
    found.add("request", (), "request", (), operation.pointer)
    return found


def answers_beside(operation: Operation, other: Operation) -> dict[str, Answer]:
    """The answers that an operation lists, and those of a status that the other lists and this one
    has in a range or `default` alone.
    """
    listed = operation.listed_answers
    found = {
        status: next(
            (listed[name] for name in (f"{status[0]}XX", "default") if name in listed), None
        )
        for status in other.listed_answers
        if status != CREATED
    }
    return {status: each for status, each in found.items() if each} | listed


def _inlined(source: YamlFile, pointer: str, unsent: str = "readOnly") -> Schema:
    """A schema with what can be compared alone; where there is more that is not understood, with
    that as anything.
    """
    try:
        return inline(source, pointer, unsent=unsent, strict=True)
    except NotRead:
        return inline(source, pointer, unsent=unsent)


def _add_parameter(found: Version, parameter: Parameter, title: str, part: str) -> None:
    """Add a parameter or a header field, and what is noted of it."""
    known = _without_case(part, title)
    types = parameter.schema.root.get("type", ANY_TYPE)
    for pointer in (parameter.pointer, *(at for _, at in parameter.schema.places[:1])):
        found.add(title, (known,), part, (), pointer, types)


def _add_unsent(found: Version, material: Material, parameter: Unsent) -> None:
    """Add a parameter that the suite cannot send, with what its schema says of it."""
    title, known = parameter.title, _without_case("request", parameter.title)
    found.add(title, (known,), "request", (), parameter.pointer)
    node = node_at(material.source, parameter.pointer)
    style = node.get("style", "form" if parameter.place in ("query", "cookie") else "simple")
    operands = {"style": style, "explode": node.get("explode", style == "form")}
    if isinstance(node.get("content"), dict):
        operands = {"content": sorted(node["content"])}
    if node.get("required") is True:
        operands = {"required": parameter.name} | operands
    for keyword, operand in operands.items():
        found.note(title, "request", (), keyword, operand, parameter.pointer)
    try:
        schema = inline(material.source, f"{parameter.pointer}/schema")
    except FileError:
        return  # no requirement can be derived from it
    for _, one in of_schema(material, schema, parameter.title):
        found.say(replace(one, part="request", path=()))
    for path, at in _places(schema):
        inner = path_text((title, *path))
        found.add(inner, (known, _without_case("request", inner)), "request", (), at)


def _without_case(part: str, title: str) -> str:
    """What a parameter or a header field is known by: in a header no letter case counts (RFC 9110,
    section 5.1).
    """
    header = f"{HEADER}." if part == "request" else f"{part}.{HEADER}."
    return title.lower() if title.startswith(header) else title


def _add(found: Version, material: Material, part: str, pointer: str, schema: Schema) -> None:
    """Add the subjects of a schema, and what is noted of them."""
    found.roots.setdefault(part, schema.root)
    sent = {_title(part, path) for path, _ in _places(schema)}
    whole = _inlined(found.contract.source, pointer, "")
    for path, at in _places(whole):
        title = _title(part, path)
        found.add(title, _above(part, path), part, path, at)
        if title not in sent:
            found.unsent.add(title)
    for _, one in of_schema(material, whole, part):
        if one.keyword != "required" and subject_and_keyword(one.name)[0] in found.unsent:
            found.say(one)
    for place, at in whole.within_itself.items():
        _add_itself(found, part, whole, place, at)


def _add_itself(found: Version, part: str, schema: Schema, place: SchemaPath, pointer: str) -> None:
    """Add a subject inside itself: what it is like is told where it is first."""
    target, _ = follow(found.contract.source, pointer)
    around = [one for one, at in schema.places if at == target and one == place[: len(one)]]
    for path in _path_of(place):
        title = _title(part, path)
        found.add(title, _above(part, path), part, path, pointer)
        (outer,) = _path_of(around[-1])
        found.note(title, part, path, ITSELF, _title(part, outer), pointer)


def _above(part: str, path: Path) -> tuple[str, ...]:
    """The titles of what a path is in, and its own."""
    return tuple(_title(part, path[:end]) for end in range(1, len(path) + 1))


def _title(part: str, path: Path) -> str:
    """What the names of the requirements at a path of a part begin with."""
    return path_text(path if part == "body" else (part, *path)) or part


def _places(schema: Schema) -> Iterator[tuple[Path, str]]:
    """Each schema that a requirement may be about: its path and its pointer."""
    for place, pointer in schema.places:
        for path in _path_of(place):
            yield path, pointer


def _path_of(place: SchemaPath) -> Iterator[Path]:
    """The path of a place in a schema, if it is no part of what is one requirement."""
    path: Path = ()
    steps = iter(place)
    for step in steps:
        if step not in ("properties", "items"):
            return
        path = (*path, next(steps) if step == "properties" else ELEMENT)
    yield path
