"""The requirements that the operation states around its schemas: key, media type, statuses."""

from collections.abc import Iterator
from dataclasses import dataclass

from spec.operation import JSON, Operation
from spec.reading import Narrowed
from spec.requirements import Level, Requirement
from spec.schema import Schema
from spec.yamlfile import YamlFile, join

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
