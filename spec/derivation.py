"""Derives every requirement from the inlined schemas and the operation; nothing is listed by hand.

What a schema says becomes one requirement for each keyword, named by instance path and keyword.
What the operation says around it (key, media type, statuses) is a short table of clauses.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from spec import schema as schemas
from spec.reading import Narrowed
from spec.requirements import Level, Requirement
from spec.schema import Schema, SchemaPath
from spec.yamlfile import YamlFile


@dataclass(frozen=True, slots=True)
class Material:
    """All that the requirements are derived from; `answers` holds schema and pointer by status."""

    source: YamlFile
    narrowed: Narrowed
    operation: str
    request: Schema
    answers: dict[int, tuple[Schema, str]]
    key_pointer: str


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
    for requirement in _of_operation(material):
        add(requirement)
    for status, (schema, _) in material.answers.items():
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


def dotted(path: tuple[str, ...]) -> str:
    """An instance path as people write it: `items[].sku`."""
    return ".".join(path).replace(".[]", "[]")


def name_of(part: str, path: tuple[str, ...], keyword: str) -> str:
    """A requirement's name; the root of a payload is called `body`."""
    prefix = () if part == "body" else (part,)
    return f"{dotted(prefix + path) or 'body'}.{keyword}"


def _of_schema(
    material: Material, schema: Schema, part: str
) -> Iterator[tuple[SchemaPath, Requirement]]:
    added = material.narrowed.added
    for place, path, keyword, operand in _walk(schema.root, (), ()):
        pointer = schema.sources[place]
        enum = schema.sources.get((*place[:-1], "enum"))
        if keyword == "type" and enum is not None and enum not in added:
            continue  # the enum implies it
        requirement = _stated(material, part, path, keyword, operand, pointer)
        yield place, requirement
        if keyword == "enum" and pointer not in added:
            yield (*place[:-1], "type"), requirement


def _walk(
    node: dict[str, Any], place: SchemaPath, path: tuple[str, ...]
) -> Iterator[tuple[SchemaPath, tuple[str, ...], str, Any]]:
    for keyword, operand in node.items():
        if keyword == "required":
            for name in operand:
                yield (*place, "required", name), (*path, name), "required", name
        elif keyword == "properties":
            for name, child in operand.items():
                yield from _walk(child, (*place, "properties", name), (*path, name))
        elif keyword == "items":
            yield from _walk(operand, (*place, "items"), (*path, "[]"))
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


def _clause(
    material: Material, name: str, level: Level, part: str, operand: object, pointer: str
) -> Requirement:
    keyword = name.rpartition(".")[2]
    line = material.source.line(pointer)
    return Requirement(name, level, part, (), keyword, operand, pointer, line, material.source.name)


def _of_operation(material: Material) -> Iterator[Requirement]:
    source, operation = material.source, material.operation
    body, _ = schemas.follow(source, f"{operation}/requestBody")
    content = f"{body}/content/application~1json"
    responses = f"{operation}/responses"
    must, should = Level.MUST, Level.SHOULD
    table: list[tuple[str, Level, str, object, str]] = [
        ("requestBody.required", must, "request", True, f"{body}/required"),
        ("requestBody.mediaType", must, "request", "application/json", content),
        ("requestBody.json", must, "request", "RFC 8259", content),
        ("requestBody.utf8", should, "request", "RFC 8259, section 8.1", content),
        ("request.method", should, "request", "RFC 9110, section 15.5.6", operation),
    ]
    if source.line(material.key_pointer) > 1:
        key = material.key_pointer
        table += [
            ("security.key", must, "request", 401, key),
            ("security.first", should, "request", "401 comes before 400", key),
        ]
    if 403 in material.answers:
        table.append(("security.right", must, "request", 403, f"{responses}/403"))
    if 404 in material.answers:
        table.append(("order_id.known", must, "request", 404, f"{responses}/404"))
    updated = material.request.sources.get(("properties", "updated_at", "type"))
    if updated is not None:
        prose = updated.removesuffix("/type") + "/description"
        table.append(("updated_at.order", should, "request", 400, prose))
    table += [
        ("response.http", must, "response", "RFC 9112", responses),
        ("response.status", must, "response", "never a 5xx, never a redirect", responses),
        ("response.documented", should, "response", sorted(material.answers), responses),
        ("response.secret", should, "response", "no key in any answer", responses),
    ]
    for part, status in (("201", 201), ("4xx", 400)):
        where = f"{responses}/{status}"
        table += [
            (f"{part}.status", must, part, status, where),
            (f"{part}.mediaType", must, part, "application/json", f"{where}/content"),
            (f"{part}.json", must, part, "RFC 8259", f"{where}/content"),
        ]
    errors = f"{responses}/400"
    table += [
        ("4xx.details.names", should, "4xx", "the wrong field", errors),
        ("4xx.leak", should, "4xx", "no stack trace, SQL or panic", errors),
    ]
    for name, level, part, operand, pointer in table:
        yield _clause(material, name, level, part, operand, pointer)


def _of_relations(material: Material) -> Iterator[Requirement]:
    """Echo, product and uniqueness: what ties a 201 to its request and to the rest of the run."""
    if 201 not in material.answers:
        return
    schema = material.answers[201][0]
    root = schema.root.get("properties", {}).get("data", {})
    place = ("properties", "data")
    yield from _echoes(material, schema, material.request.root, root, place, ("data",))
    for found, path, keyword, operand in _walk(root, place, ("data",)):
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
