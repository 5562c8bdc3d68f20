"""Every requirement, derived from the document; nothing is listed by hand.

A requirement is one constraint, named by instance path and keyword. What a schema says becomes one
requirement for each keyword; what the operation says around its schemas (key, media type, statuses)
and what ties an answer to its request (echo, product, uniqueness) become one for each clause."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from spec.document import JSON, Operation, Schema, SchemaPath
from spec.paths import join, path_text
from spec.reading import Narrowed
from spec.yamlfile import YamlFile


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


Clause = tuple[str, Level, str, object, str]
"""Name, level, part, operand and pointer; the keyword is the last word of the name."""

MUST, SHOULD = Level.MUST, Level.SHOULD


@dataclass(frozen=True, slots=True)
class Material:
    """All that the requirements are derived from; `answers` has the narrowed schema by status."""

    source: YamlFile
    narrowed: Narrowed
    operation: Operation
    request: Schema
    answers: dict[int, Schema]


def of_operation(material: Material) -> Iterator[Requirement]:
    """The requirement of each clause that the document has."""
    source = material.source
    for table in (_of_request(material), _of_answers(material)):
        for name, level, part, operand, pointer in table:
            keyword, line = name.rpartition(".")[2], source.line(pointer)
            yield Requirement(name, level, part, (), keyword, operand, pointer, line, source.name)


def _of_request(material: Material) -> list[Clause]:
    operation, statuses = material.operation, material.answers
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
    ]
    if operation.key is not None:
        table += [
            ("security.key", MUST, "request", 401, operation.key),
            ("security.first", SHOULD, "request", "401 comes before 400", operation.key),
        ]
    if operation.key is not None and 403 in statuses:
        table.append(("security.right", MUST, "request", 403, f"{responses}/403"))
    if 404 in statuses:
        table.append(("order_id.known", MUST, "request", 404, f"{responses}/404"))
    updated = material.request.sources.get(("properties", "updated_at", "type"))
    if updated is not None:
        prose = updated.removesuffix("/type") + "/description"
        table.append(("updated_at.order", SHOULD, "request", 400, prose))
    return table


def _of_answers(material: Material) -> list[Clause]:
    responses = f"{material.operation.pointer}/responses"
    table: list[Clause] = [
        ("response.http", MUST, "response", "RFC 9112", responses),
        ("response.status", MUST, "response", "never a 5xx, never a redirect", responses),
        ("response.documented", SHOULD, "response", sorted(material.answers), responses),
        ("response.secret", SHOULD, "response", "no key in any answer", responses),
    ]
    for part, status in (("201", 201), ("4xx", 400)):
        where = f"{responses}/{status}"
        table += [
            (f"{part}.status", MUST, part, status, where),
            (f"{part}.mediaType", MUST, part, JSON, f"{where}/content"),
            (f"{part}.json", MUST, part, "RFC 8259", f"{where}/content"),
        ]
    errors = f"{responses}/400"
    return [
        *table,
        ("4xx.details.names", SHOULD, "4xx", "the wrong field", errors),
        ("4xx.leak", SHOULD, "4xx", "no stack trace, SQL or panic", errors),
    ]


@dataclass(slots=True)
class Derived:
    """The requirements, and by schema path the ones that a validator's errors stand for."""

    requirements: tuple[Requirement, ...] = ()
    body: dict[SchemaPath, Requirement] = field(default_factory=dict)
    answers: dict[int, dict[SchemaPath, Requirement]] = field(default_factory=dict)


def derive(material: Material) -> Derived:
    """Every requirement, in the document's order: the body's, the request's, the answers'."""
    derived = Derived()
    listed: dict[str, Requirement] = {}

    def add(requirement: Requirement) -> Requirement:
        return listed.setdefault(requirement.name, requirement)

    for path, requirement in _of_schema(material, material.request, "body"):
        derived.body[path] = add(requirement)
    for requirement in of_operation(material):
        add(requirement)
    for status, schema in material.answers.items():
        part = part_of(status)
        derived.answers[status] = {
            path: requirement if part == "5xx" else add(requirement)
            for path, requirement in _of_schema(material, schema, part)
        }
    for requirement in _of_relations(material):
        add(requirement)
    derived.requirements = tuple(listed.values())
    return derived


def part_of(status: int) -> str:
    """The part of the contract an answer belongs to: `201`, or its class such as `4xx`."""
    return f"{status // 100}xx" if status >= 400 else str(status)


def name_of(part: str, path: tuple[str, ...], keyword: str) -> str:
    """A requirement's name; the root of a payload is called `body`."""
    prefix = () if part == "body" else (part,)
    return f"{path_text(prefix + path) or 'body'}.{keyword}"


def _of_schema(
    material: Material, schema: Schema, part: str
) -> Iterator[tuple[SchemaPath, Requirement]]:
    added = material.narrowed.added
    for place, path, keyword, operand in _constraints_of(schema.root, (), ()):
        pointer = schema.sources[place]
        enum = schema.sources.get((*place[:-1], "enum"))
        if keyword == "type" and enum is not None and enum not in added:
            continue  # the enum implies it
        if keyword == "format" and pointer not in added:
            continue  # the document's own is an annotation, no duty of an answer
        requirement = _stated(material, part, path, keyword, operand, pointer)
        yield place, requirement
        if keyword == "enum" and pointer not in added:
            yield (*place[:-1], "type"), requirement


def _constraints_of(
    node: dict[str, Any], place: SchemaPath, path: tuple[str, ...]
) -> Iterator[tuple[SchemaPath, tuple[str, ...], str, Any]]:
    for keyword, operand in node.items():
        if keyword == "required":
            for name in operand:
                yield (*place, "required", name), (*path, name), "required", name
        elif keyword == "properties":
            for name, child in operand.items():
                yield from _constraints_of(child, (*place, "properties", name), (*path, name))
        elif keyword == "items":
            yield from _constraints_of(operand, (*place, "items"), (*path, "[]"))
        else:
            yield (*place, keyword), path, keyword, operand


def _stated(
    material: Material,
    part: str,
    path: tuple[str, ...],
    keyword: str,
    operand: object,
    pointer: str,
) -> Requirement:
    name = name_of(part, path, keyword)
    added = material.narrowed.added.get(pointer)
    if added is not None:
        overlay = material.narrowed.reading
        line = overlay.line(added)
        return Requirement(
            name, Level.SHOULD, part, path, keyword, operand, added, line, overlay.name
        )
    source = material.source
    line = source.line(pointer)
    return Requirement(name, Level.MUST, part, path, keyword, operand, pointer, line, source.name)


def _of_relations(material: Material) -> Iterator[Requirement]:
    """Echo, product and uniqueness: what ties a 201 to its request and to the rest of the run."""
    schema = material.answers[201]
    root = schema.root.get("properties", {}).get("data", {})
    place = ("properties", "data")
    yield from _echoes(material, schema, material.request.root, root, place, ("data",))
    for found, path, keyword, operand in _constraints_of(root, place, ("data",)):
        where = schema.sources[found]
        if keyword == "format" and operand == "uuid":
            pointer = schema.sources.get((*found[:-1], "type"), where)
            yield _relation(material, path, "unique", Level.SHOULD, pointer)
        if path[-1] == "item_total" and keyword == "type":
            yield _relation(material, path, "product", Level.SHOULD, where)


def _echoes(
    material: Material,
    schema: Schema,
    sent: dict[str, Any],
    returned: dict[str, Any],
    place: SchemaPath,
    path: tuple[str, ...],
) -> Iterator[Requirement]:
    for name, child in returned.get("properties", {}).items():
        source = sent.get("properties", {}).get(name)
        if source is None:
            continue
        below, here = (*place, "properties", name), (*path, name)
        pointer = schema.sources.get((*below, "type"))
        if pointer is not None:
            yield _relation(material, here, "echo", Level.MUST, pointer)
        yield from _echoes(material, schema, source, child, below, here)
        if "items" in child and "items" in source:
            yield from _echoes(
                material, schema, source["items"], child["items"], (*below, "items"), (*here, "[]")
            )


def _relation(
    material: Material, path: tuple[str, ...], keyword: str, level: Level, pointer: str
) -> Requirement:
    line = material.source.line(pointer)
    name = name_of("201", path, keyword)
    return Requirement(name, level, "201", path, keyword, None, pointer, line, material.source.name)
