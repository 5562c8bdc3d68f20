"""Turns a schema of an OpenAPI 3.0 document into one plain JSON Schema that knows its sources.

References are replaced by what they refer to, `allOf` is merged, annotations are dropped and
`nullable` becomes a type, so that what is left are assertions a JSON Schema validator can judge.
"""

from dataclasses import dataclass, field
from typing import Any

from spec.errors import SpecError
from spec.yamlfile import YamlFile, join

ASSERTIONS = frozenset(
    [
        "type",
        "required",
        "enum",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "minItems",
        "maxItems",
        "nullable",
    ]
)
"""What a document may demand; each has its requirement, its near misses and its edges."""

READING_ONLY = frozenset({"additionalProperties", "multipleOf", "format"})
"""What the reading may add besides: it bounds what is sent, and is never a request's duty."""

FORMATS = frozenset({"text", "date-time", "web-url", "uuid"})
"""What the reading means by a format; see spec/formats.py. Others stay annotations."""

ANNOTATIONS = frozenset(
    [
        "title",
        "description",
        "example",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "externalDocs",
        "xml",
        "format",
    ]
)
"""`format` in a document is an annotation (JSON Schema Wright-00, section 7): never a duty."""

SchemaPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """An inlined schema; `sources` maps each schema path to its JSON pointer in the document."""

    root: dict[str, Any]
    sources: dict[SchemaPath, str] = field(default_factory=dict)


def at(document: YamlFile, pointer: str) -> Any:
    """The node at a JSON pointer (RFC 6901); SpecError when there is none."""
    node = document.content
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        else:
            raise SpecError(f"{document.name}: has nothing at #{pointer}.")
    return node


def follow(document: YamlFile, pointer: str) -> tuple[str, Any]:
    """The pointer and node that a chain of local references ends at."""
    seen = [pointer]
    node = at(document, pointer)
    while isinstance(node, dict) and "$ref" in node:
        reference = node["$ref"]
        where = f"{document.name}:{document.line(join(seen[-1], '$ref'))}"
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise SpecError(f"{where}: only references inside the document are followed.")
        if reference[1:] in seen:
            raise SpecError(f"{where}: the reference {reference} leads back to itself.")
        seen.append(reference[1:])
        node = at(document, reference[1:])
    return seen[-1], node


def inline(document: YamlFile, pointer: str, *, narrowed: bool = False) -> Schema:
    """The schema at a pointer. `narrowed` says that the reading has been laid over it."""
    schema = Schema({})
    allowed = ASSERTIONS | READING_ONLY if narrowed else ASSERTIONS
    _into(schema, (), schema.root, document, pointer, allowed, ())
    return schema


def _into(
    schema: Schema,
    path: SchemaPath,
    out: dict[str, Any],
    document: YamlFile,
    pointer: str,
    allowed: frozenset[str],
    above: tuple[str, ...],
) -> None:
    pointer, node = follow(document, pointer)
    if not isinstance(node, dict):
        raise SpecError(f"{document.name}:{document.line(pointer)}: #{pointer} is no schema.")
    if pointer in above:
        raise SpecError(
            f"{document.name}:{document.line(pointer)}: #{pointer} contains itself; "
            "recursive schemas are not supported."
        )
    above += (pointer,)
    for keyword, value in node.items():
        here = join(pointer, keyword)
        if keyword == "properties":
            for name in value:
                child = out.setdefault("properties", {}).setdefault(name, {})
                below = (*path, "properties", name)
                _into(schema, below, child, document, join(here, name), allowed, above)
        elif keyword == "items":
            child = out.setdefault("items", {})
            _into(schema, (*path, "items"), child, document, here, allowed, above)
        elif keyword == "allOf":
            for index in range(len(value)):
                _into(schema, path, out, document, join(here, index), allowed, above)
        elif keyword == "format" and value not in FORMATS:
            continue
        elif keyword in allowed:
            _assert(schema, path, out, document, here, keyword, value)
        elif keyword not in ANNOTATIONS and not keyword.startswith("x-"):
            raise SpecError(
                f"{document.name}:{document.line(here)}: #{here}: the keyword {keyword!r} is not "
                "understood, so the suite cannot judge by this document."
            )
    if out.pop("nullable", False) is True and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
        if "enum" in out and None not in out["enum"]:
            out["enum"] = [*out["enum"], None]


def _assert(
    schema: Schema,
    path: SchemaPath,
    out: dict[str, Any],
    document: YamlFile,
    pointer: str,
    keyword: str,
    value: Any,
) -> None:
    if not _well_formed(keyword, value):
        raise SpecError(
            f"{document.name}:{document.line(pointer)}: #{pointer}: {value!r} is no value "
            f"for {keyword!r}."
        )
    if keyword == "required":
        names = out.setdefault("required", [])
        for index, name in enumerate(value):
            if name not in names:
                names.append(name)
            schema.sources.setdefault((*path, "required", name), join(pointer, index))
        return
    if keyword in out and out[keyword] != value:
        raise SpecError(
            f"{document.name}:{document.line(pointer)}: #{pointer}: contradicts another "
            f"{keyword!r} that allOf joins it with."
        )
    out[keyword] = value
    schema.sources.setdefault((*path, keyword), pointer)


TYPES = frozenset(["object", "array", "string", "number", "integer", "boolean"])


def _well_formed(keyword: str, value: Any) -> bool:
    if keyword == "type":
        return isinstance(value, str) and value in TYPES
    if keyword == "required":
        return isinstance(value, list) and all(isinstance(name, str) for name in value)
    if keyword == "enum":
        return isinstance(value, list) and bool(value)
    if keyword in ("minimum", "maximum", "multipleOf"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if keyword in ("nullable", "additionalProperties"):
        return isinstance(value, bool)
    if keyword == "format":
        return isinstance(value, str)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
