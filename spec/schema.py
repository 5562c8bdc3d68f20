"""Turns a schema of an OpenAPI 3.0 document into one plain JSON Schema that knows its sources.

References are replaced by what they refer to, `allOf` is merged, annotations are dropped and
`nullable` becomes a type, so that what is left are assertions a JSON Schema validator can judge.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from spec.errors import SpecError
from spec.yamlfile import YamlFile, join

ASSERTIONS = frozenset({
    "type", "required", "enum", "nullable", "minimum", "maximum",
    "minLength", "maxLength", "minItems", "maxItems",
})  # fmt: skip
"""What a document may demand; each has its requirement, its near misses and its edges."""

READING_ONLY = frozenset({"additionalProperties", "multipleOf", "format"})
"""What the reading may add besides: it bounds what is sent, and is never a request's duty."""

STRUCTURE = frozenset({"properties", "items", "allOf"})

FORMATS = frozenset({"text", "date-time", "web-url", "uuid"})
"""What the reading means by a format; see spec/formats.py. Others stay annotations."""

ANNOTATIONS = frozenset({
    "title", "description", "example", "default", "deprecated", "readOnly", "writeOnly",
    "externalDocs", "xml", "format",
})  # fmt: skip
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
        for keyword, value in node.items():
            here = join(pointer, keyword)
            if keyword in STRUCTURE:
                for child, below, where in self.children(out, path, here, keyword, value):
                    self.put(child, below, where, above)
            elif keyword in self.allowed and (keyword != "format" or value in FORMATS):
                self.state(out, path, here, keyword, value)
            elif keyword not in ANNOTATIONS and not keyword.startswith("x-"):
                raise self.error(
                    here,
                    f"the keyword {keyword!r} is not understood, so the suite cannot judge by "
                    "this document.",
                )
        if out.pop("nullable", False) is True and isinstance(out.get("type"), str):
            out["type"] = [out["type"], "null"]
            if "enum" in out and None not in out["enum"]:
                out["enum"] = [*out["enum"], None]

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
        if not _well_formed(keyword, value):
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
    "multipleOf": _is_number,
    "nullable": lambda value: isinstance(value, bool),
    "additionalProperties": lambda value: isinstance(value, bool),
    "format": lambda value: isinstance(value, str),
}
"""What a keyword's value has to be; the others take a size."""


def _well_formed(keyword: str, value: Any) -> bool:
    return WELL_FORMED.get(keyword, _is_size)(value)
