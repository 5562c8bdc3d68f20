"""Reads POST /v1/invoices from the vendor's OpenAPI 3.0 document.

`KEYWORDS` is what the suite knows of each keyword of a schema. A schema is read into one plain
JSON Schema that knows its sources: references are replaced by what they refer to, `allOf` is
merged, annotations are dropped and `nullable` becomes a type.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto
from typing import Any
from urllib.parse import unquote

from spec.formats import is_key_header
from spec.paths import join, steps_of
from spec.yamlfile import SpecError, YamlFile

PATH = "/v1/invoices"
JSON = "application/json"

DEEPEST = 50
LARGEST = 10_000
"""Limits on levels and assertions of a schema: references multiply what a small file says."""
MOST_MEMBERS = LONGEST_MEMBER = 1000
"""Limits on the members of an enum, and on the characters of each."""
MOST_DEMANDED = {"minLength": 1000, "minItems": 100}
"""By keyword; what demands more is longer than any invoice that the suite sends."""

SchemaPath = tuple[str, ...]
"""Where something is in a schema: keywords and property names from its root."""


class Role(Enum):
    """What a keyword does in the vendor's document."""

    ASSERTION = auto()
    """It demands something: it has a requirement, near misses and edges."""

    ANNOTATION = auto()
    """It demands nothing."""

    STRUCTURE = auto()
    """It holds other schemas."""

    NONE = auto()
    """It is not understood there. The reading may use it."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """What the suite knows of a keyword of JSON Schema.

    `well_formed(value)` says whether the keyword can have the value. `narrower(old, new)` says
    whether the new value allows no more than the old; without it the reading may not use the
    keyword. `reached(instance, value)` says whether an instance is exactly at the limit; without it
    there is no limit. `unstated` is the value in effect where a schema does not have the keyword.
    """

    role: Role
    well_formed: Callable[[Any], bool] = lambda _: True
    narrower: Callable[[Any, Any], bool] | None = None
    reached: Callable[[Any, Any], bool] | None = None
    unstated: Any = None

    def narrows(self, old: Any, new: Any) -> bool:
        """Whether the reading may replace the old value by the new."""
        return self.narrower is not None and self.narrower(old, new)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_type(value: Any) -> bool:
    return value in ("object", "array", "string", "number", "integer", "boolean")


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _are_members(value: Any) -> bool:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_MEMBERS:
        return False
    return all(len(str(member)) <= LONGEST_MEMBER for member in value)


def _at_most(old: Any, new: Any) -> bool:
    return bool(new <= old)


def _at_least(old: Any, new: Any) -> bool:
    return bool(new >= old)


def _only_switched_off(old: Any, new: Any) -> bool:
    return bool(old or not new)


def _as_long(value: Any, limit: Any) -> bool:
    return isinstance(value, str | list) and len(value) == limit


def _as_much(value: Any, limit: Any) -> bool:
    return isinstance(value, int | Decimal) and value == Decimal(str(limit))


KEYWORDS = {
    "type": Keyword(
        Role.ASSERTION,
        _is_type,
        narrower=lambda old, new: new == old or (old == "number" and new == "integer"),
    ),
    # An overlay adds to a list, so whatever it requires is narrower.
    "required": Keyword(Role.ASSERTION, _are_names, narrower=lambda _old, _new: True),
    "enum": Keyword(
        Role.ASSERTION,
        _are_members,
        narrower=lambda old, new: all(member in old for member in new),
        reached=lambda value, members: value in members,
    ),
    "nullable": Keyword(Role.ASSERTION, _is_flag, _only_switched_off, unstated=False),
    "minimum": Keyword(Role.ASSERTION, _is_number, _at_least, _as_much),
    "maximum": Keyword(Role.ASSERTION, _is_number, _at_most, _as_much),
    "minLength": Keyword(Role.ASSERTION, _is_size, _at_least, _as_long),
    "maxLength": Keyword(Role.ASSERTION, _is_size, _at_most, _as_long),
    "minItems": Keyword(Role.ASSERTION, _is_size, _at_least, _as_long),
    "maxItems": Keyword(Role.ASSERTION, _is_size, _at_most, _as_long),
    # What only the reading demands bounds what is sent, and is never a request's duty.
    "additionalProperties": Keyword(Role.NONE, _is_flag, _only_switched_off, unstated=True),
    "multipleOf": Keyword(
        Role.NONE,
        lambda value: _is_number(value) and value > 0,
        narrower=lambda old, new: bool(new == old),
    ),
    # A document's format is an annotation (JSON Schema Wright-00, section 7); in the reading it is
    # one of spec/formats.py.
    "format": Keyword(
        Role.ANNOTATION,
        lambda value: isinstance(value, str),
        narrower=lambda _old, _new: True,
    ),
    "properties": Keyword(Role.STRUCTURE, lambda value: isinstance(value, dict)),
    "items": Keyword(Role.STRUCTURE),
    "allOf": Keyword(Role.STRUCTURE, lambda value: isinstance(value, list)),
    "title": Keyword(Role.ANNOTATION),
    "description": Keyword(Role.ANNOTATION),
    "example": Keyword(Role.ANNOTATION),
    "default": Keyword(Role.ANNOTATION),
    "deprecated": Keyword(Role.ANNOTATION),
    "readOnly": Keyword(Role.ANNOTATION),
    "writeOnly": Keyword(Role.ANNOTATION),
    "externalDocs": Keyword(Role.ANNOTATION),
    "xml": Keyword(Role.ANNOTATION),
}
"""Every keyword that the suite understands; any other in a document stops the run."""


@dataclass(frozen=True, slots=True)
class Schema:
    """An inlined schema; `sources` maps each schema path to its JSON pointer in the document."""

    root: dict[str, Any]
    sources: dict[SchemaPath, str] = field(default_factory=dict)


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
    """The operation of an OpenAPI 3.0 document; SpecError where the suite cannot judge by it."""
    content = document.content
    version = str(content.get("openapi", "")) if isinstance(content, dict) else ""
    if version != "3.0" and not version.startswith("3.0."):
        found = f"'openapi: {version}'" if version else "no 'openapi' field"
        raise document.error("/openapi", f"is not an OpenAPI 3.0 document (it has {found}).")
    pointer = join("/paths", PATH) + "/post"
    try:
        operation = _node_at(document, pointer)
    except SpecError as error:
        raise document.error(pointer, f"does not document POST {PATH}.") from error
    if not isinstance(operation, dict) or not isinstance(operation.get("responses"), dict):
        raise _error(document, pointer, "is not an operation with responses.")
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


def inline(document: YamlFile, pointer: str, *, narrowed: bool = False) -> Schema:
    """The schema at a pointer. `narrowed` says that the reading has been merged into it."""
    schema = Schema({})
    asserted = frozenset(
        name
        for name, keyword in KEYWORDS.items()
        if keyword.role is Role.ASSERTION or (narrowed and keyword.narrower is not None)
    )
    _Inliner(document, asserted, schema).put(schema.root, (), pointer, ())
    return schema


def check_required(document: YamlFile, schema: Schema) -> None:
    """Refuse a schema that requires a property which it does not describe: nobody could send it."""
    for path, pointer in schema.sources.items():
        if path[-2:-1] != ("required",) or path[-3:-2] == ("properties",):
            continue  # the second is a property that is called `required`
        node = schema.root
        for key in path[:-2]:
            node = node[key]
        if path[-1] not in node.get("properties", {}):
            raise _error(document, pointer, f"the required property {path[-1]!r} is not described.")


def follow(document: YamlFile, pointer: str) -> tuple[str, Any]:
    """The pointer and node that a chain of local references ends at; SpecError where it does not.

    A node that is not a reference is its own end.
    """
    seen = [pointer]
    node = _node_at(document, pointer)
    while isinstance(node, dict) and "$ref" in node:
        reference, at = node["$ref"], join(seen[-1], "$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise document.error(at, "only references inside the document are followed.")
        target = unquote(reference[1:])
        if target in seen:
            raise document.error(at, f"the reference {reference} leads back to itself.")
        seen.append(target)
        try:
            node = _node_at(document, target)
        except SpecError as error:
            raise document.error(at, f"the reference {reference} leads nowhere.") from error
    return seen[-1], node


def _node_at(document: YamlFile, pointer: str) -> Any:
    """The node at a JSON pointer (RFC 6901); SpecError where there is none."""
    node = document.content
    for key in steps_of(pointer):
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key in map(str, range(len(node))):
            node = node[int(key)]
        else:
            raise document.error(pointer, f"there is nothing at #{pointer}.")
    return node


def _error(document: YamlFile, pointer: str, what: str) -> SpecError:
    return document.error(pointer, f"#{pointer}: {what}")


@dataclass(frozen=True, slots=True)
class _Inliner:
    document: YamlFile
    asserted: frozenset[str]
    schema: Schema

    def put(
        self, out: dict[str, Any], path: SchemaPath, pointer: str, above: tuple[str, ...]
    ) -> None:
        """Write the schema at the pointer, which is inside those `above`, into `out`."""
        pointer, node = follow(self.document, pointer)
        if not isinstance(node, dict):
            raise _error(self.document, pointer, "is not a schema.")
        if pointer in above:
            raise _error(
                self.document, pointer, "contains itself; recursive schemas are not supported."
            )
        above += (pointer,)
        if len(above) > DEEPEST or len(self.schema.sources) > LARGEST:
            raise _error(self.document, pointer, "makes the schema too deep or too large.")
        for name, value in node.items():
            here = join(pointer, name)
            role = KEYWORDS[name].role if name in KEYWORDS else Role.NONE
            if name in self.asserted:
                self.state(out, path, here, name, value)
            elif role is Role.STRUCTURE:
                self.check(here, name, value)
                for child, below, where in _children(out, path, here, name, value):
                    self.put(child, below, where, above)
            elif role is Role.NONE and not name.startswith("x-"):
                raise _error(
                    self.document,
                    here,
                    f"the keyword {name!r} is not understood, so the suite cannot judge by this "
                    "document.",
                )
        _allow_null(out)

    def state(
        self, out: dict[str, Any], path: SchemaPath, pointer: str, name: str, value: Any
    ) -> None:
        """Write one assertion and remember where it comes from."""
        self.check(pointer, name, value)
        if name == "required":
            names = out.setdefault("required", [])
            for index, required in enumerate(value):
                if required not in names:
                    names.append(required)
                self.schema.sources.setdefault((*path, "required", required), join(pointer, index))
            return
        if out.get(name, value) != value:
            raise _error(self.document, pointer, f"contradicts another {name!r} in its allOf.")
        out[name] = value
        self.schema.sources.setdefault((*path, name), pointer)

    def check(self, pointer: str, name: str, value: Any) -> None:
        """Refuse a value that the keyword cannot have, or that no invoice could follow."""
        if not KEYWORDS[name].well_formed(value):
            shown = repr(value)[:80]
            raise _error(self.document, pointer, f"{shown} is not a valid value for {name!r}.")
        if name in MOST_DEMANDED and value > MOST_DEMANDED[name]:
            what = f"demands more than {MOST_DEMANDED[name]}, which no invoice of the suite has."
            raise _error(self.document, pointer, what)


def _children(
    out: dict[str, Any], path: SchemaPath, here: str, name: str, value: Any
) -> Iterator[tuple[dict[str, Any], SchemaPath, str]]:
    """Each schema that a keyword holds: where it is written, its schema path, its pointer."""
    if name == "items":
        yield out.setdefault("items", {}), (*path, "items"), here
    elif name == "properties":
        for child in value:
            written = out.setdefault("properties", {}).setdefault(child, {})
            yield written, (*path, "properties", child), join(here, child)
    else:  # allOf is merged into the schema that has it
        for index in range(len(value)):
            yield out, path, join(here, index)


def _allow_null(out: dict[str, Any]) -> None:
    """Say `nullable`, which is OpenAPI's, as JSON Schema does."""
    if out.pop("nullable", False) is True and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
        if "enum" in out and None not in out["enum"]:
            out["enum"] = [*out["enum"], None]


def _found(document: YamlFile, pointer: str, key: str | int) -> tuple[str, dict[str, Any]]:
    """Pointer and node of a child that has to be a mapping, references followed."""
    pointer, node = follow(document, join(pointer, key))
    if not isinstance(node, dict):
        raise _error(document, pointer, "is not a mapping.")
    return pointer, node


def _json_content(
    document: YamlFile, pointer: str, node: dict[str, Any]
) -> tuple[str, frozenset[str]]:
    """The pointer of the JSON schema of a body, and its media types in lower case."""
    content = node.get("content")
    if not isinstance(content, dict) or JSON not in content:
        raise _error(document, pointer, f"has no {JSON} content.")
    media_type, _ = _found(document, f"{pointer}/content", JSON)
    return f"{media_type}/schema", frozenset(map(str.lower, content))


def _answers(document: YamlFile, pointer: str, responses: dict[str, Any]) -> dict[int, str]:
    """The pointer of the JSON schema of each status."""
    answers = {}
    for status in responses:
        if status.startswith("x-"):
            continue
        if len(status) != 3 or not status.isascii() or not status.isdecimal():
            where = join(pointer, status)
            raise _error(document, where, "is not a single status; ranges are not supported.")
        answers[int(status)] = _json_content(document, *_found(document, pointer, status))[0]
    for needed in (201, 400):
        if needed not in answers:
            raise _error(document, pointer, f"has no {needed}, which the suite needs to judge by.")
    return answers


def _key(
    document: YamlFile, pointer: str, operation: dict[str, Any]
) -> tuple[str | None, str | None]:
    """The header of the API key and the pointer of the clause that demands it, if any does."""
    where = f"{pointer}/security" if "security" in operation else "/security"
    demands = operation.get("security", document.content.get("security"))
    if not demands:
        return None, None
    if not isinstance(demands, list) or not all(isinstance(demand, dict) for demand in demands):
        raise _error(document, where, "is not a list of security requirements.")
    names = [name for demand in demands for name in demand]
    if len(names) != 1 or len(demands) != 1:
        raise _error(document, where, "does not ask for exactly one security scheme.")
    found, scheme = _found(document, "/components/securitySchemes", names[0])
    kind = (scheme.get("type"), scheme.get("in"))
    if kind != ("apiKey", "header") or not is_key_header(scheme.get("name")):
        raise _error(
            document, found, "is not an API key in a header, the only scheme that is supported."
        )
    return scheme["name"], join(f"{where}/0", names[0])
