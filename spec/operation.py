"""Finds POST /v1/invoices in the vendor's document, and all that stands around its schemas."""

from dataclasses import dataclass
from typing import Any

from spec import schema
from spec.errors import SpecError
from spec.yamlfile import YamlFile, join

PATH = "/v1/invoices"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """The operation, as JSON pointers into the document.

    `body` and `request` are the pointers of the request body and of its JSON schema, `answers`
    those of each status's JSON schema. `key_header` and `key` are the header of the API key and
    the pointer of the clause that demands it; both are None where the document demands none.
    """

    pointer: str
    body: str
    body_required: bool
    request: str
    media_types: frozenset[str]
    answers: dict[int, str]
    key_header: str | None
    key: str | None


def find(document: YamlFile) -> Operation:
    """The operation of an OpenAPI 3.0 document; SpecError when there is none that is understood."""
    content = document.content
    version = str(content.get("openapi", "")) if isinstance(content, dict) else ""
    if version != "3.0" and not version.startswith("3.0."):
        found = f"'openapi: {version}'" if version else "no 'openapi' field"
        line = document.line("/openapi")
        raise SpecError(f"{document.name}:{line}: is no OpenAPI 3.0 document (it has {found}).")
    pointer = join("/paths", PATH) + "/post"
    try:
        operation = schema.at(document, pointer)
    except SpecError as error:
        line = document.line(pointer)
        raise SpecError(f"{document.name}:{line}: documents no POST {PATH}.") from error
    if not isinstance(operation, dict) or not isinstance(operation.get("responses"), dict):
        raise _error(document, pointer, "is no operation with responses.")
    body, node = _found(document, pointer, "requestBody")
    request, media_types = _json_content(document, body, node)
    key_header, key = _key(document, pointer, operation)
    return Operation(
        pointer=pointer,
        body=body,
        body_required=node.get("required") is True,
        request=request,
        media_types=media_types,
        answers=_answers(document, f"{pointer}/responses", operation["responses"]),
        key_header=key_header,
        key=key,
    )


def _found(document: YamlFile, pointer: str, key: str | int) -> tuple[str, dict[str, Any]]:
    """Pointer and node of a child that has to be a mapping, references followed."""
    pointer, node = schema.follow(document, join(pointer, key))
    if not isinstance(node, dict):
        raise _error(document, pointer, "is no mapping.")
    return pointer, node


def _json_content(
    document: YamlFile, pointer: str, node: dict[str, Any]
) -> tuple[str, frozenset[str]]:
    content = node.get("content")
    if not isinstance(content, dict) or JSON not in content:
        raise _error(document, pointer, f"has no {JSON} content.")
    media_type, _ = _found(document, f"{pointer}/content", JSON)
    return f"{media_type}/schema", frozenset(map(str.lower, content))


def _answers(document: YamlFile, pointer: str, responses: dict[str, Any]) -> dict[int, str]:
    answers = {}
    for status in responses:
        if status.startswith("x-"):
            continue
        if len(status) != 3 or not status.isascii() or not status.isdecimal():
            where = join(pointer, status)
            raise _error(document, where, "is no single status; ranges are not understood.")
        answers[int(status)] = _json_content(document, *_found(document, pointer, status))[0]
    for needed in (201, 400):
        if needed not in answers:
            raise _error(document, pointer, f"has no {needed}, by which the suite judges.")
    return answers


def _key(
    document: YamlFile, pointer: str, operation: dict[str, Any]
) -> tuple[str | None, str | None]:
    where = f"{pointer}/security" if "security" in operation else "/security"
    demands = operation.get("security", document.content.get("security"))
    if not demands:
        return None, None
    if not isinstance(demands, list) or not all(isinstance(demand, dict) for demand in demands):
        raise _error(document, where, "is no list of security requirements.")
    names = [name for demand in demands for name in demand]
    if len(names) != 1 or len(demands) != 1:
        raise _error(document, where, "asks for other than one security scheme.")
    found, scheme = _found(document, "/components/securitySchemes", names[0])
    kind = (scheme.get("type"), scheme.get("in"))
    if kind != ("apiKey", "header") or not isinstance(scheme.get("name"), str):
        raise _error(
            document, found, "is no API key in a header, the only scheme that is understood."
        )
    return scheme["name"], join(f"{where}/0", names[0])


def _error(document: YamlFile, pointer: str, what: str) -> SpecError:
    return SpecError(f"{document.place(pointer)}: {what}")
