"""Derives every requirement from the document and the reading; none is listed by hand.

Each keyword of a schema gives one. So does each clause of the operation outside its schemas (key,
media type, statuses), and so does what ties an answer to its request and to the rest of the run
(echo, product, uniqueness).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from spec.document import follow
from spec.operation import CREATED, JSON, Operation
from spec.parameters import Parameter
from spec.paths import ELEMENT, USUAL, Path, Wrapper, join, schema_at
from spec.reading import Narrowed
from spec.relations import Relations
from spec.requirements import (
    MUST,
    SHOULD,
    Clause,
    Field,
    Judged,
    Level,
    Requirement,
    name_of,
    subject_and_keyword,
)
from spec.schema.formats import EVERY_FORMAT, OF_ANSWERS, is_date_time
from spec.schema.inlined import Schema, SchemaPath
from spec.schema.merging import before_own
from spec.schema.patterns import written
from spec.schema.validators import FormatValidator
from spec.yamlfile import YamlFile


@dataclass(frozen=True, slots=True)
class Material:
    """What the requirements are derived from; `answers` has the narrowed schema of each status.

    `known` has the operands of another version of the document, by the names of requirements;
    `sent` is the schema of what is sent of a payload, where that is less than what may be.
    """

    source: YamlFile
    narrowed: Narrowed
    operation: Operation
    request: Schema
    answers: dict[str, Schema]
    relations: Relations
    wrapper: Wrapper
    known: Mapping[str, object] = field(default_factory=dict)
    sent: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Derived:
    """The requirements, and the requirement that a validator's error at each schema path breaks.

    The path of a missing parameter is `("required",)`.
    """

    requirements: tuple[Requirement, ...] = ()
    body: dict[SchemaPath, Requirement] = field(default_factory=dict)
    answers: dict[str, dict[SchemaPath, Requirement]] = field(default_factory=dict)
    parameters: dict[Parameter, dict[SchemaPath, Requirement]] = field(default_factory=dict)


def judged(
    schema: dict[str, Any], names: dict[SchemaPath, Requirement], *, answered: bool = False
) -> Judged:
    """The schema with a validator that knows the formats; in what is answered they are wider."""
    formats = {name: each.fits for name, each in EVERY_FORMAT.items()}
    if answered:
        formats |= OF_ANSWERS
    return Judged(schema, FormatValidator(schema, formats), names)


def judged_answers(derived: Derived, answers: Mapping[str, Schema]) -> dict[str, Judged]:
    """The schema of each status, likewise."""
    return {
        name: judged(each.root, derived.answers[name], answered=True)
        for name, each in answers.items()
    }


def field_of(derived: Derived, parameter: Parameter) -> Field:
    """A parameter or a header field with its requirements."""
    names = derived.parameters[parameter]
    by_document = judged(parameter.schema.root, names)
    narrowed = judged(parameter.narrowed.root, names)
    return Field(parameter, names.get(("required",)), by_document, narrowed)


def derive(material: Material) -> Derived:
    """Every requirement, in the document's order: the body's, the request's, the answers'."""
    derived = Derived()
    listed: dict[str, Requirement] = {}

    def add(requirement: Requirement) -> Requirement:
        return listed.setdefault(requirement.name, requirement)

    for path, requirement in of_schema(material, material.request, "body"):
        derived.body[path] = add(requirement)
    for requirement in _of_operation(material):
        add(requirement)
    for parameter in material.operation.parameters:
        found = of_parameter(material, parameter, parameter.title, "request")
        derived.parameters[parameter] = {path: add(requirement) for path, requirement in found}
    for status, schema in material.answers.items():
        part = status if status == CREATED else "4xx"
        # A 5xx breaks response.status whatever its body, so its schema gives no requirements.
        derived.answers[status] = {
            path: requirement if status[0] in "235" and status != CREATED else add(requirement)
            for path, requirement in of_schema(material, schema, part)
        }
    for status, answer in material.operation.answers.items():
        part = status if status == CREATED else "4xx"
        for parameter in answer.headers if status == CREATED or status[0] in "4d" else ():
            found = of_parameter(material, parameter, f"{part}.{parameter.title}", part)
            derived.parameters[parameter] = {path: add(requirement) for path, requirement in found}
    for requirement in _of_relations(material):
        add(requirement)
    derived.requirements = tuple(listed.values())
    return derived


def _of_operation(material: Material) -> Iterator[Requirement]:
    """The requirement of each clause outside the schemas that the document has."""
    source = material.source
    for name, level, part, operand, pointer in (*_of_request(material), *_of_answers(material)):
        _, keyword = subject_and_keyword(name)
        yield Requirement(name, level, part, (), keyword, operand, *source.clause(pointer))


def _of_request(material: Material) -> list[Clause]:
    operation, statuses = material.operation, material.operation.answers
    content = join(f"{operation.body}/content", JSON)
    responses = f"{operation.pointer}/responses"
    table: list[Clause] = []
    if operation.body_required:
        table.append(("requestBody.required", MUST, "request", True, f"{operation.body}/required"))
    table += [
        ("requestBody.mediaType", MUST, "request", JSON, content),
        ("requestBody.json", MUST, "request", "RFC 8259", content),
        ("requestBody.utf8", SHOULD, "request", "RFC 8259, section 8.1", content),
        ("request.method", SHOULD, "request", "RFC 9110, section 15.5.6", operation.pointer),
        ("request.fields", SHOULD, "request", "RFC 9110, section 5.1", operation.pointer),
        ("request.accept", SHOULD, "request", "RFC 9110, section 12.5.1", operation.pointer),
        ("request.query", SHOULD, "request", "RFC 3986, section 3.4", operation.pointer),
    ]
    if operation.key is not None:
        table += [
            ("security.key", MUST, "request", 401, operation.key),
            ("security.first", SHOULD, "request", "401 comes before 400", operation.key),
        ]
    if operation.key is not None and "403" in statuses:
        table.append(("security.right", MUST, "request", 403, f"{responses}/403"))
    if "404" in statuses and _has_order(material):
        name = material.relations.order.requirement
        table.append((name, MUST, "request", 404, f"{responses}/404"))
    update = material.relations.update
    updated = material.request.sources.get(("properties", update.updated, "type"))
    if updated is not None and _has_order(material):
        prose = updated.removesuffix("/type") + "/description"
        table.append((update.requirement, SHOULD, "request", 400, prose))
    return table


def _of_answers(material: Material) -> list[Clause]:
    operation = material.operation
    responses, documented = f"{operation.pointer}/responses", operation.answers
    listed = sorted(map(operation.listed_status, operation.listed_answers))
    statuses = [int(each) if each.isdecimal() else each for each in listed]
    table: list[Clause] = [
        ("response.http", MUST, "response", "RFC 9112", responses),
        ("response.status", MUST, "response", "never a 5xx, never a redirect", responses),
        ("response.documented", SHOULD, "response", statuses, responses),
        ("response.secret", SHOULD, "response", "no key in any answer", responses),
        ("response.framing", SHOULD, "response", "RFC 9112, sections 2.2, 6.2 and 9.6", responses),
        ("response.fields", SHOULD, "response", "RFC 9110, section 5.3", responses),
        ("response.coding", SHOULD, "response", "RFC 9110, section 12.5.3", responses),
    ]
    for part, status in (("201", CREATED), ("4xx", operation.error)):
        name = operation.listed_status(status)
        where = responses if documented[status].assumed else f"{responses}/{name}"
        operand = int(name) if name.isdecimal() else name
        table.append((f"{part}.status", MUST, part, operand, where))
        if documented[status].schema is not None:
            types = " or ".join(sorted(documented[status].media_types))
            table += [
                (f"{part}.mediaType", MUST, part, types, f"{where}/content"),
                (f"{part}.json", MUST, part, "RFC 8259", f"{where}/content"),
            ]
    errors = where
    if _names_fields(material):
        table.append(("4xx.details.names", SHOULD, "4xx", "the wrong field", errors))
    return [
        *table,
        ("4xx.leak", SHOULD, "4xx", "no stack trace, SQL or panic", errors),
        ("4xx.allow", SHOULD, "4xx", "RFC 9110, section 15.5.6", errors),
    ]


def of_parameter(
    material: Material, parameter: Parameter, title: str, part: str
) -> Iterator[tuple[SchemaPath, Requirement]]:
    """Each requirement of a parameter or a header field, with the schema path that breaks it."""
    if parameter.required:
        clause = material.source.clause(f"{parameter.pointer}/required")
        yield (
            ("required",),
            Requirement(f"{title}.required", MUST, part, (), "required", True, *clause),
        )
    for path, requirement in of_schema(material, parameter.schema, title):
        if requirement.keyword != "type" or "string" not in parameter.types:  # any is a text
            yield path, replace(requirement, part=part, path=())


def _names_fields(material: Material) -> bool:
    """Whether the document's errors have details with the name of a field."""
    schema = material.answers.get(material.operation.error)
    details = schema.root.get("properties", {}).get("details", {}) if schema else {}
    return "field" in details.get("items", {}).get("properties", {})


def _has_order(material: Material) -> bool:
    return material.relations.order.order in material.request.root.get("properties", {})


def of_schema(
    material: Material, schema: Schema, part: str
) -> Iterator[tuple[SchemaPath, Requirement]]:
    """Each requirement of a schema, with the schema path of the keyword that breaks it."""
    added = material.narrowed.answers.added if part.startswith(("201", "4xx")) else {}
    for place, path, keyword, operand in _constraints_of(schema.root, (), ()):
        pointer = schema.sources[place]
        enum = schema.sources.get((*place[:-1], "enum"))
        if keyword == "type" and enum is not None and enum not in added:
            continue  # the enum implies it
        noted = keyword == "format" and pointer not in added
        if noted and not (part in (CREATED, "4xx") and operand in OF_ANSWERS):
            continue  # the document's own format is an annotation; an answer should have it
        level, at, file = SHOULD if noted else MUST, pointer, material.source
        if pointer in added:
            level, at, file = SHOULD, added[pointer], material.narrowed.reading
        name = name_of(part, path, keyword)
        before = material.known.get(name) if keyword == "enum" else None
        former = (
            tuple(one for one in before if one not in operand) if isinstance(before, list) else ()
        )
        clause = file.clause(at)
        requirement = Requirement(name, level, part, path, keyword, operand, *clause, former)
        yield place, requirement
        if keyword == "enum" and pointer not in added:
            yield (*place[:-1], "type"), requirement


def _constraints_of(
    node: dict[str, Any], place: SchemaPath, path: Path
) -> Iterator[tuple[SchemaPath, Path, str, Any]]:
    """Each constraint of a schema: its schema path, the path it is about, keyword and operand."""
    for keyword, operand in node.items():
        if keyword == "required":
            for name in operand:
                yield (*place, "required", name), (*path, name), "required", name
        elif keyword == "properties":
            for name, child in operand.items():
                yield from _constraints_of(child, (*place, "properties", name), (*path, name))
        elif keyword == "items":
            yield from _constraints_of(operand, (*place, "items"), (*path, ELEMENT))
        else:
            said = written(operand) if keyword == "pattern" else operand
            yield (*place, keyword), path, keyword, said


def _of_relations(material: Material) -> Iterator[Requirement]:
    """What ties a 201 to its request and to the rest of the run: echo, product and uniqueness, and
    that a date which was not sent is written as the document's examples are.
    """
    schema = material.answers[CREATED]
    required = material.request.root.get("required", [])
    root, place = schema_at(schema.root, material.wrapper.path), material.wrapper.place
    sent = {**(material.sent or material.request.root)}
    yield from _echoes(material, schema, sent, root, place, USUAL)
    for found, path, keyword, operand in _constraints_of(root, place, USUAL):
        where = schema.sources[found]
        sent = schema_at(material.request.root, path[1:])
        if keyword == "format" and operand == "uuid" and not sent:
            pointer = schema.sources.get((*found[:-1], "type"), where)
            yield _relation(material, path, "unique", SHOULD, pointer)
        if path[-1] == material.relations.line.total and keyword == "type":
            yield _relation(material, path, "product", SHOULD, where)
        if keyword == "type" and path[1:2] and path[-1] not in required:
            parent = where.removesuffix("/type")
            described = follow(material.source, before_own(material.source, parent))[1]
            example = described.get("example")
            if isinstance(example, str) and is_date_time(example):
                yield _relation(material, path, "date-time", SHOULD, f"{parent}/example")


def _echoes(
    material: Material,
    schema: Schema,
    sent: dict[str, Any],
    returned: dict[str, Any],
    place: SchemaPath,
    path: Path,
) -> Iterator[Requirement]:
    """The echo of each property that the schemas of request and answer share."""
    for name, child in returned.get("properties", {}).items():
        source = sent.get("properties", {}).get(name)
        below, here = (*place, "properties", name), (*path, name)
        unreturned = below[len(material.wrapper.place) :] in material.request.unreturned
        if source is None or unreturned:
            continue
        said = (schema.sources.get((*below, keyword)) for keyword in ("type", *child))
        pointer = next(filter(None, said), None)
        if pointer is not None:
            yield _relation(material, here, "echo", MUST, pointer)
        yield from _echoes(material, schema, source, child, below, here)
        if "items" in child and "items" in source:
            yield from _echoes(
                material,
                schema,
                source["items"],
                child["items"],
                (*below, "items"),
                (*here, ELEMENT),
            )


def _relation(
    material: Material, path: Path, keyword: str, level: Level, pointer: str
) -> Requirement:
    name, clause = name_of("201", path, keyword), material.source.clause(pointer)
    return Requirement(name, level, "201", path, keyword, None, *clause)
