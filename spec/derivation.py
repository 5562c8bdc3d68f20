"""Derives every requirement from the inlined schemas and the operation; nothing is listed by hand.

What a schema says becomes one requirement for each keyword, named by instance path and keyword.
What the operation says around it (key, media type, statuses) is in clauses.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from spec.clauses import Material, of_operation
from spec.requirements import Level, Requirement
from spec.schema import Schema, SchemaPath


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
        if keyword == "format" and pointer not in added:
            continue  # the document's own is an annotation, no duty of an answer
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


def _of_relations(material: Material) -> Iterator[Requirement]:
    """Echo, product and uniqueness: what ties a 201 to its request and to the rest of the run."""
    schema = material.answers[201]
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
