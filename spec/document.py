"""Reads a schema of the vendor's document into one plain JSON Schema that knows its sources.

References are replaced by what they refer to, `allOf` is merged, annotations are dropped, and what
OpenAPI says in its own way (`nullable`, flags beside bounds) is said as JSON Schema does.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol
from urllib.parse import unquote

from jsonschema_rs import ValidationError

from spec.paths import CHOICES, join, part_at, steps_of
from spec.schema import patterns
from spec.schema.choices import has_members, lost_value
from spec.schema.inlined import NotRead, Schema, SchemaPath, children, not_a_schema
from spec.schema.keywords import (
    FLAGS_OF_3_0,
    HOLDING,
    KEYWORDS,
    OTHER_PROPERTIES,
    Role,
    as_read,
    discriminate,
    is_weaker,
    strictest,
    whole,
)
from spec.schema.nulls import Nulls, add_null, is_null, take_null, with_null
from spec.schema.tidying import (
    complete_arrays,
    join_members,
    leave_open,
    leave_out_idle,
    leave_out_members,
    leave_out_places,
    open_choices,
)
from spec.yamlfile import FileError, YamlFile

DEEPEST = 50
LARGEST = 10_000
"""Limits on levels and assertions of a schema: references multiply what a small file says."""
MOST_DEMANDED = {"minLength": 1000, "minItems": 100, "minProperties": 100}
"""By keyword; what demands more is longer than any invoice that the suite sends."""

CONDITION = ("if", "then", "else")
COMPARED_ALONE = (
    *("contentEncoding", "contentMediaType", "contentSchema", "contains", "minContains"),
    *("maxContains", "prefixItems", "patternProperties", "dependentSchemas", "unevaluatedItems"),
    *CONDITION,
)
"""Keywords by which the suite cannot judge a value; a change of them is told."""

STRUCTURES = frozenset(name for name, each in KEYWORDS.items() if each.role is Role.STRUCTURE)
SCALARS = frozenset({"string", "number", "integer", "boolean"})


class Validator(Protocol):
    """Says whether a value keeps a schema, and what of it does not."""

    def is_valid(self, value: Any, /) -> bool: ...  # noqa: D102 # the class says it
    def iter_errors(self, value: Any, /) -> Iterator[ValidationError]: ...  # noqa: D102 # likewise


def inline(
    document: YamlFile,
    pointer: str,
    *,
    narrowed: bool = False,
    unsent: str = "readOnly",
    sure: bool = False,
    added: Collection[str] | None = None,
    strict: bool = False,
) -> Schema:
    """The schema at a pointer. `narrowed` says that the reading has been merged into it; so do
    `added`, the pointers of what that put into an answer, where the document's own counts first.

    Properties that are `unsent`, `readOnly` in a request and `writeOnly` in an answer, are left
    out. `sure` says that it is of what must be accepted, not of what may be. A property with
    something that is not understood may be anything, where it is optional or is answered; where
    `strict`, as in a document that is only compared, it is an error, and what nothing can be sent
    by is none.
    """
    schema, is_read = Schema({}), narrowed or added is not None
    asserted = frozenset(
        name
        for name, keyword in KEYWORDS.items()
        if keyword.role is Role.ASSERTION or (is_read and keyword.narrower is not None)
    )
    strict = strict or document.only_compared
    inliner = _Inliner(document, asserted, schema, unsent, sure, added or (), strict)
    inliner.put(schema.root, (), pointer, ())
    inliner.widen(demanded=unsent == "readOnly")
    for path, nulls in inliner.nulls.items():
        nulls.apply(part_at(schema.root, path), sure=sure)
    inliner.leave_out()
    join_members(schema)
    open_choices(schema, {path: node_at(document, at) for path, at in schema.places})
    leave_out_idle(schema)
    leave_out_members(document, schema)
    if narrowed:
        leave_out_places(schema)
    complete_arrays(document, schema, demanded=not is_3_1(document))
    return schema


def follow(document: YamlFile, pointer: str) -> tuple[str, Any]:
    """The pointer and node that a chain of local references ends at; FileError where it does not.

    A node that is not a reference is its own end.
    """
    seen = [pointer]
    node = node_at(document, pointer)
    while isinstance(node, dict) and "$ref" in node:
        reference, at = node["$ref"], join(seen[-1], "$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise document.error(at, "only references inside the document are followed.")
        target = unquote(reference[1:])
        if target in seen:
            raise document.error(at, f"the reference {reference} leads back to itself.")
        seen.append(target)
        try:
            node = node_at(document, target)
        except FileError as error:
            raise document.error(at, f"the reference {reference} leads nowhere.") from error
    return seen[-1], node


def node_at(document: YamlFile, pointer: str) -> Any:
    """The node at a JSON pointer (RFC 6901); FileError where there is none."""
    node = document.content
    for key in steps_of(pointer):
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key in map(str, range(len(node))):
            node = node[int(key)]
        else:
            raise document.error(pointer, f"there is nothing at #{pointer}.")
    return node


def is_3_1(document: YamlFile) -> bool:
    """Whether it is OpenAPI 3.1 or 3.2: keywords beside a reference count there, and flags do
    not.
    """
    return str(document.content["openapi"]).startswith(("3.1", "3.2"))


@dataclass(frozen=True, slots=True)
class _Inliner:
    document: YamlFile
    asserted: frozenset[str]
    schema: Schema
    unsent: str
    sure: bool
    added: Collection[str]
    strict: bool
    holding: list[str] = field(default_factory=list)
    left_out: set[SchemaPath] = field(default_factory=set)
    nulls: dict[SchemaPath, Nulls] = field(default_factory=dict)

    def put(
        self, out: dict[str, Any], path: SchemaPath, pointer: str, above: tuple[str, ...]
    ) -> None:
        """Write the schema at the pointer, which is inside those `above`, into `out`."""
        beside = node_at(self.document, pointer)
        if isinstance(beside, dict) and beside.keys() > {"$ref"}:
            if is_3_1(self.document):
                self.write(out, path, pointer, beside, (*above, pointer))
            else:
                self.nulls_at(path).hear({"nullable": beside.get("nullable")})
        holder, node = pointer, beside
        if isinstance(beside, dict) and "$ref" in beside:
            pointer, node = follow(self.document, holder)
        if isinstance(node, bool) and self.strict:
            self.schema.take_flag(out, path, pointer, allows=node)
            return
        if not isinstance(node, dict):
            raise not_a_schema(self.document, pointer, node)
        if "properties" not in node:
            self.schema.holders[path, pointer] = holder
        if pointer in above:
            if self.strict:
                self.schema.within_itself[path] = holder
                return
            what = "contains itself; recursive schemas are not supported."
            raise NotRead(self.document, pointer, "a reference to itself", what)
        self.write(out, path, pointer, node, (*above, pointer))

    def write(
        self,
        out: dict[str, Any],
        path: SchemaPath,
        pointer: str,
        node: dict[str, Any],
        above: tuple[str, ...],
    ) -> None:
        """Write each keyword of the node at the pointer into `out`."""
        self.schema.places.append((path, pointer))
        if len(above) > DEEPEST or len(self.schema.sources) > LARGEST:
            raise self.document.error(pointer, "makes the schema too deep or too large.")
        for example in _examples(node):
            self.schema.examples.setdefault(path, example)
        for name, value in node.items():
            here = join(pointer, name)
            if name in HOLDING and isinstance(value, dict | list):
                self.hold(out, path, here, name, value, above)
            elif here in self.added:
                self.add(out, path, here, name, value)
            elif name in self.asserted and not is_weaker(name, out.get(name), value):
                self.state(out, path, here, name, value)
            elif name in STRUCTURES:
                self.check(here, name, value)
                for child, below, where in children(out, path, here, name, value):
                    if name == "properties":
                        self.put_property(child, below, where, above)
                        self.direct(below, where)
                    else:
                        self.put(child, below, where, above)
            else:
                self.pass_over(out, here, name, value)
        self.nulls_at(path).hear(node)
        self.exclude(out, path)

    def put_property(
        self, out: dict[str, Any], path: SchemaPath, pointer: str, above: tuple[str, ...]
    ) -> None:
        """Write the schema of a property, or take note of what in it is not understood."""
        try:
            self.put(out, path, pointer, above)
        except NotRead as error:
            if self.strict or self.holding:
                raise
            self.schema.unread.setdefault(path, error)

    def widen(self, *, demanded: bool) -> None:
        """Let what is not understood be anything: the property that has it or, of what is required
        of a request, the optional one around it. Where there is none, it is an error.
        """
        for path in leave_open(self.schema, demanded=demanded):
            within = {one for one in (*self.nulls, *self.left_out) if one[: len(path)] == path}
            for each in within - {path}:
                self.left_out.discard(each)
            for each in within:
                self.nulls.pop(each, None)

    def nulls_at(self, path: SchemaPath) -> Nulls:
        """What the schemas of a place say of null."""
        return self.nulls.setdefault(path, Nulls())

    def pass_over(self, out: dict[str, Any], pointer: str, name: str, value: Any) -> None:
        """Refuse a keyword that is not understood, and a value that an annotation cannot have; in a
        choice that is compared, write it as one that says nothing of a value.
        """
        if name in KEYWORDS:
            self.check(pointer, name, value)
        elif self.strict and name in COMPARED_ALONE:
            out |= {f"x-{name}": value} if self.holding else {}
        elif name != "$ref" and not name.startswith("x-"):
            raise NotRead(
                self.document,
                pointer,
                f"the keyword {name!r}",
                f"the keyword {name!r} is not understood, so the suite cannot judge by this "
                "document.",
            )

    def direct(self, path: SchemaPath, pointer: str) -> None:
        """Take note of a property that is only for one direction: `readOnly` or `writeOnly`."""
        ends = [node_at(self.document, pointer)]
        if isinstance(ends[0], dict) and "$ref" in ends[0]:
            ends.append(follow(self.document, pointer)[1])
        nodes = [node for node in ends if isinstance(node, dict)]
        if any(node.get(self.unsent) is True for node in nodes):
            self.left_out.add(path)
        if any(node.get("writeOnly") is True for node in nodes):
            self.schema.unreturned.add(path)

    def leave_out(self) -> None:
        """Take out the properties that are not sent."""
        places = self.schema.places
        for gone in self.left_out:
            places[:] = [place for place in places if place[0][: len(gone)] != tuple(gone)]
            *parents, _, name = gone
            node = part_at(self.schema.root, parents)
            node["properties"].pop(name, None)
            if name in node.get("required", ()):
                node["required"].remove(name)
                del self.schema.sources[(*parents, "required", name)]

    def hold(
        self,
        out: dict[str, Any],
        path: SchemaPath,
        pointer: str,
        name: str,
        value: Any,
        above: tuple[str, ...],
    ) -> None:
        """Write a keyword of which the schemas in it are one requirement together."""
        self.check(pointer, name, value)
        if value == {} and name != "not":
            return  # any other property, as without it
        listed = [*enumerate(value)] if isinstance(value, list) else []
        schemas = [(index, one) for index, one in listed if not is_null(one)]
        is_hinted = "discriminator" in node_at(self.document, pointer.rpartition("/")[0])
        if len(schemas) == 1 and name in CHOICES and not is_hinted:
            self.put(out, path, join(pointer, schemas[0][0]), above)
            if len(listed) > 1:
                take_null(out)
                add_null(out)
            return
        if name in out:
            what = f"the second {name!r} in one allOf"
            raise NotRead(self.document, pointer, what, f"is {what}, which the suite cannot merge.")
        self.schema.sources.setdefault((*path, name), pointer)
        out[name], here = {} if isinstance(value, dict) else [], (*path, name)
        self.holding.append(name)
        try:
            if isinstance(value, dict):
                self.put(out[name], here, pointer, above)
            else:
                self.put_each(out[name], here, pointer, schemas or listed, above)
        finally:
            self.holding.pop()
        if 0 < len(schemas) < len(listed):
            take_null(out[name][0])

    def put_each(
        self,
        out: list[dict[str, Any]],
        path: SchemaPath,
        pointer: str,
        schemas: list[tuple[int, Any]],
        above: tuple[str, ...],
    ) -> None:
        """Write each of the schemas of a choice, by its number there."""
        around, beside = pointer.rpartition("/")[0], "discriminator"
        choice = node_at(self.document, around).get(beside)
        if choice is not None:
            self.check(at := join(around, beside), beside, choice)
            if value := lost_value(choice, partial(node_at, self.document)):
                what = "the schema that it is mapped to is not in the document."
                raise self.document.error(join(f"{at}/mapping", value), what)
        for number, (index, one) in enumerate(schemas):
            branch: dict[str, Any] = {}
            out.append(branch)
            self.put(branch, (*path, str(number)), join(pointer, index), above)
            if isinstance(choice, dict) and isinstance(one, dict):
                discriminate(branch, choice, str(one.get("$ref", "")))

    def add(
        self, out: dict[str, Any], path: SchemaPath, pointer: str, name: str, value: Any
    ) -> None:
        """Write what the reading says of an answer, where the document does not say it itself."""
        is_enum = name == "enum"
        if name not in out and not (is_enum and has_members(out)):
            self.state(out, path, pointer, name, with_null(out, value) if is_enum else value)

    def state(
        self, out: dict[str, Any], path: SchemaPath, pointer: str, name: str, value: Any
    ) -> None:
        """Write one assertion and remember where it comes from."""
        self.check(pointer, name, value)
        value = as_read(value, compared=self.strict) if name == "pattern" else whole(value)
        if name == "nullable" or (value is KEYWORDS[name].unstated and name != "const"):
            return  # of the first, see `nulls`
        if name in OTHER_PROPERTIES and pointer.split("/")[-3:-2] == ["allOf"]:
            what = f"{name!r} inside an allOf"
            raise NotRead(self.document, pointer, what, "is not supported inside an allOf.")
        if name == "required":
            names = out.setdefault("required", [])
            for index, required in enumerate(value):
                if required not in names:
                    names.append(required)
                self.schema.sources.setdefault((*path, "required", required), join(pointer, index))
            return
        if name == "const":
            name, value = "enum", [value]
        if isinstance(value, list) and name == "type" and len(value) == 1:
            value = value[0]
        known = out.get(name, value)
        value = strictest(name, known, value, narrowing=self.sure)
        if value is None:
            raise self.document.error(pointer, f"contradicts another {name!r} in its allOf.")
        if value != known:
            self.schema.sources.pop((*path, name), None)  # of a weaker one in the same allOf
        out[name] = value
        self.schema.sources.setdefault((*path, name), pointer)

    def exclude(self, out: dict[str, Any], path: SchemaPath) -> None:
        """Say a flag beside a bound, which is OpenAPI 3.0's, as JSON Schema does."""
        for name, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            flag = out.get(name)
            if flag is True and bound in out:
                out[name] = out.pop(bound)
                self.schema.sources.pop((*path, bound), None)
            elif isinstance(flag, bool):
                del out[name]

    def check(self, pointer: str, name: str, value: Any) -> None:
        """Refuse a value that the keyword cannot have, or that no invoice could follow."""
        if name in FLAGS_OF_3_0 and isinstance(value, bool) and is_3_1(self.document):
            what = f"{name!r} may be a boolean only in OpenAPI 3.0, and this document is of 3.1."
            raise self.document.error(pointer, what)
        is_pattern = name == "pattern" and isinstance(value, str)
        if is_pattern and self.strict:
            return
        if part := patterns.unread(value) if is_pattern else "":
            what = f"the pattern has {part[:80]}, which the suite does not read: {patterns.HOW}."
            raise NotRead(self.document, pointer, f"{part[:80]} in its pattern", what)
        if not KEYWORDS[name].well_formed(value):
            shown = repr(value)[:80]
            raise self.document.error(pointer, f"{shown} is not a valid value for {name!r}.")
        if name in FLAGS_OF_3_0 and not isinstance(value, bool) and not is_3_1(self.document):
            what = f"{name!r} may be a number only in OpenAPI 3.1, and this document is of 3.0."
            raise self.document.error(pointer, what)
        if not self.strict and name in MOST_DEMANDED and value > MOST_DEMANDED[name]:
            what = f"demands more than {MOST_DEMANDED[name]}, which is more than the suite sends."
            raise self.document.error(pointer, what)


def _examples(node: dict[str, Any]) -> list[Any]:
    """The first example in a schema, if it has one; OpenAPI 3.1 lists them."""
    listed = [node["example"]] if "example" in node else node.get("examples")
    return listed[:1] if isinstance(listed, list) else []
