"""Reads POST /v1/invoices from the vendor's OpenAPI 3.0 document.

The operation is found with all that stands around its schemas. A schema becomes one plain JSON
Schema that knows its sources: references are replaced by what they refer to, `allOf` is merged,
annotations are dropped and `nullable` becomes a type."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from spec.paths import join, steps_of
from spec.yamlfile import SpecError, YamlFile

ASSERTIONS = frozenset({
    "type", "required", "enum", "nullable", "minimum", "maximum",
    "minLength", "maxLength", "minItems", "maxItems",
})  # fmt: skip
"""What a document may demand; each has its requirement, its near misses and its edges."""

READING_ONLY = frozenset({"additionalProperties", "multipleOf", "format"})
"""What the reading may add besides: it bounds what is sent, and is never a request's duty."""

STRUCTURE = frozenset({"properties", "items", "allOf"})

FORMATS = frozenset({"text", "date-time", "web-url", "uuid"})
"""What the reading may mean by a format; see spec/formats.py."""

ANNOTATIONS = frozenset({
    "title", "description", "example", "default", "deprecated", "readOnly", "writeOnly",
    "externalDocs", "xml", "format",
})  # fmt: skip
"""`format` in a document is an annotation (JSON Schema Wright-00, section 7): never a duty, but
in what is sent it is kept.
"""

TYPES = frozenset(["object", "array", "string", "number", "integer", "boolean"])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


WELL_FORMED: dict[str, Callable[[Any], bool]] = {
    "type": lambda value: isinstance(value, str) and value in TYPES,
    "required": lambda value: (
        isinstance(value, list) and all(isinstance(name, str) for name in value)
    ),
    "enum": lambda value: isinstance(value, list) and bool(value),
    "minimum": _is_number,
    "maximum": _is_number,
    "multipleOf": lambda value: _is_number(value) and value > 0,
    "nullable": lambda value: isinstance(value, bool),
    "additionalProperties": lambda value: isinstance(value, bool),
    "format": lambda value: isinstance(value, str),
}
"""What a keyword's value has to be; the others take a size."""


def well_formed(keyword: str, value: Any) -> bool:
    """Whether a value is one that the keyword can have."""
    return WELL_FORMED.get(keyword, _is_size)(value)


UNSTATED = {"nullable": False, "additionalProperties": True}
"""What a keyword means where a schema does not have it."""

NARROWER: dict[str, Callable[[Any, Any], bool]] = {
    "maxLength": lambda old, new: new <= old,
    "maximum": lambda old, new: new <= old,
    "maxItems": lambda old, new: new <= old,
    "minLength": lambda old, new: new >= old,
    "minimum": lambda old, new: new >= old,
    "minItems": lambda old, new: new >= old,
    "enum": lambda old, new: all(member in old for member in new),
    "type": lambda old, new: new == old or (old == "number" and new == "integer"),
    "nullable": lambda old, new: old or not new,
    "additionalProperties": lambda old, new: old or not new,
    "required": lambda _old, _new: True,  # an overlay adds to a list
    "format": lambda _old, _new: True,  # a document's format is an annotation
    "multipleOf": lambda old, new: new == old,
}
"""Whether a new value of a keyword allows no more than the old one did."""


DEEPEST = 50
LARGEST = 10_000
"""Limits on levels and assertions, for references multiply what a small file says."""

SchemaPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """An inlined schema; `sources` maps each schema path to its JSON pointer in the document."""

    root: dict[str, Any]
    sources: dict[SchemaPath, str] = field(default_factory=dict)


def node_at(document: YamlFile, pointer: str) -> Any:
    """The node at a JSON pointer (RFC 6901); SpecError when there is none."""
    node = document.content
    for key in steps_of(pointer):
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key in map(str, range(len(node))):
            node = node[int(key)]
        else:
            line = document.line(pointer)
            raise SpecError(f"{document.name}:{line}: there is nothing at #{pointer}.")
    return node


def follow(document: YamlFile, pointer: str) -> tuple[str, Any]:
    """The pointer and node that a chain of local references ends at."""
    seen = [pointer]
    node = node_at(document, pointer)
    while isinstance(node, dict) and "$ref" in node:
        reference = node["$ref"]
        where = f"{document.name}:{document.line(join(seen[-1], '$ref'))}"
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise SpecError(f"{where}: only references inside the document are followed.")
        target = unquote(reference[1:])
        if target in seen:
            raise SpecError(f"{where}: the reference {reference} leads back to itself.")
        seen.append(target)
        try:
            node = node_at(document, target)
        except SpecError as error:
            raise SpecError(f"{where}: the reference {reference} leads nowhere.") from error
    return seen[-1], node


def inline(document: YamlFile, pointer: str, *, narrowed: bool = False) -> Schema:
    """The schema at a pointer. `narrowed` says that the reading has been laid over it."""
    schema = Schema({})
    allowed = ASSERTIONS | READING_ONLY if narrowed else ASSERTIONS
    _Inliner(document, allowed, schema).put(schema.root, (), pointer, ())
    return schema


@dataclass(frozen=True, slots=True)
class _Inliner:
    document: YamlFile
    allowed: frozenset[str]
    schema: Schema

    def put(
        self, out: dict[str, Any], path: SchemaPath, pointer: str, above: tuple[str, ...]
    ) -> None:
        """Write the schema at the pointer, which stands inside those `above`, into `out`."""
        pointer, node = follow(self.document, pointer)
        if not isinstance(node, dict):
            raise self.error(pointer, "is no schema.")
        if pointer in above:
            raise self.error(pointer, "contains itself; recursive schemas are not supported.")
        above += (pointer,)
        if len(above) > DEEPEST or len(self.schema.sources) > LARGEST:
            raise self.error(pointer, "makes the schema too deep or too large.")
        for keyword, value in node.items():
            here = join(pointer, keyword)
            if keyword in STRUCTURE:
                for child, below, where in self.children(out, path, here, keyword, value):
                    self.put(child, below, where, above)
            elif keyword in self.allowed:
                self.state(out, path, here, keyword, value)
            elif keyword not in ANNOTATIONS and not keyword.startswith("x-"):
                raise self.error(
                    here,
                    f"the keyword {keyword!r} is not understood, so the suite cannot judge by "
                    "this document.",
                )
        _allow_null(out)

    def children(
        self, out: dict[str, Any], path: SchemaPath, here: str, keyword: str, value: Any
    ) -> Iterator[tuple[dict[str, Any], SchemaPath, str]]:
        """Each subschema: where it is written, its schema path, its pointer."""
        if keyword == "items":
            yield out.setdefault("items", {}), (*path, "items"), here
        elif keyword == "properties" and isinstance(value, dict):
            for name in value:
                child = out.setdefault("properties", {}).setdefault(name, {})
                yield child, (*path, "properties", name), join(here, name)
        elif keyword == "allOf" and isinstance(value, list):
            for index in range(len(value)):
                yield out, path, join(here, index)
        else:
            raise self.error(here, f"{value!r} is no value for {keyword!r}.")

    def state(
        self, out: dict[str, Any], path: SchemaPath, pointer: str, keyword: str, value: Any
    ) -> None:
        """Write one assertion and remember where it comes from."""
        if not well_formed(keyword, value):
            raise self.error(pointer, f"{value!r} is no value for {keyword!r}.")
        if keyword == "required":
            names = out.setdefault("required", [])
            for index, name in enumerate(value):
                if name not in names:
                    names.append(name)
                self.schema.sources.setdefault((*path, "required", name), join(pointer, index))
            return
        if out.get(keyword, value) != value:
            raise self.error(pointer, f"contradicts another {keyword!r} that allOf joins it with.")
        out[keyword] = value
        self.schema.sources.setdefault((*path, keyword), pointer)

    def error(self, pointer: str, what: str) -> SpecError:
        """The error that says where."""
        return SpecError(f"{self.document.place(pointer)}: {what}")


def _allow_null(out: dict[str, Any]) -> None:
    """Say `nullable` in JSON Schema's own words."""
    if out.pop("nullable", False) is True and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
        if "enum" in out and None not in out["enum"]:
            out["enum"] = [*out["enum"], None]


def check_required(document: YamlFile, schema: Schema) -> None:
    """Refuse a schema that requires a property which it does not describe: nobody could send it."""
    for path, pointer in schema.sources.items():
        if path[-2:-1] != ("required",) or path[-3:-2] == ("properties",):
            continue  # the second is a property that is called so
        node = schema.root
        for key in path[:-2]:
            node = node[key]
        if path[-1] not in node.get("properties", {}):
            raise SpecError(
                f"{document.place(pointer)}: the required property {path[-1]!r} is not described."
            )


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


def find_operation(document: YamlFile) -> Operation:
    """The operation of an OpenAPI 3.0 document; SpecError when there is none that is understood."""
    content = document.content
    version = str(content.get("openapi", "")) if isinstance(content, dict) else ""
    if version != "3.0" and not version.startswith("3.0."):
        found = f"'openapi: {version}'" if version else "no 'openapi' field"
        line = document.line("/openapi")
        raise SpecError(f"{document.name}:{line}: is no OpenAPI 3.0 document (it has {found}).")
    pointer = join("/paths", PATH) + "/post"
    try:
        operation = node_at(document, pointer)
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
    pointer, node = follow(document, join(pointer, key))
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
