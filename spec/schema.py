"""Turns a schema of an OpenAPI 3.0 document into one plain JSON Schema that knows its sources.

References are replaced by what they refer to, `allOf` is merged, annotations are dropped and
`nullable` becomes a type, so that what is left are assertions a JSON Schema validator can judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from spec.errors import SpecError
from spec.keywords import ANNOTATIONS, ASSERTIONS, READING_ONLY, STRUCTURE, well_formed
from spec.yamlfile import YamlFile, join

DEEPEST = 50
LARGEST = 10_000
"""Limits on levels and assertions, for references multiply what a small file says."""

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
        elif isinstance(node, list) and key in map(str, range(len(node))):
            node = node[int(key)]
        else:
            line = document.line(pointer)
            raise SpecError(f"{document.name}:{line}: there is nothing at #{pointer}.")
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
        target = unquote(reference[1:])
        if target in seen:
            raise SpecError(f"{where}: the reference {reference} leads back to itself.")
        seen.append(target)
        try:
            node = at(document, target)
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
