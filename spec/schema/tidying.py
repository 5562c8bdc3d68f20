"""Frees an inlined schema of what demands nothing, and says plainly what can be so said."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from jsonschema_rs import is_valid

from spec.paths import CHOICES, part_at
from spec.schema.amounts import DECIMALS
from spec.schema.formats import FORMATS
from spec.schema.inlined import NotRead, Schema, SchemaPath
from spec.schema.keywords import KEYWORDS, is_idle, type_names, typed
from spec.yamlfile import YamlFile

_TYPES = {bool: "boolean", str: "string", list: "array", dict: "object", type(None): "null"}


def join_members(schema: Schema) -> None:
    """Say a choice of enumerations alone as one enumeration: generators write one for the words,
    one for the empty text and one for null.
    """
    for path, pointer in sorted(schema.places, key=lambda place: -len(place[0])):
        node = part_at(schema.root, path)
        keyword = next((name for name in CHOICES if name in node), "")
        branches = node.get(keyword, ())
        known = [*map(typed, (one for each in branches for one in each.get("enum", ())))]
        if not keyword or "enum" in node or not all(map(_is_enumeration, branches)):
            continue
        members: list[Any] = []
        for one in (one for each in branches for one in each["enum"]):
            members += [one] * (typed(one) not in map(typed, members))
        if keyword == "oneOf" and len(members) < len(known):
            continue
        where = schema.sources[(*path, keyword)]
        types = [*dict.fromkeys(_TYPES.get(type(one), "number") for one in members)]
        del node[keyword]
        node |= {"enum": members, "type": types if types[1:] else types[0]}
        leave_out_of(schema, [(*path, keyword)])
        schema.sources.update({(*path, "enum"): where, (*path, "type"): f"{pointer}/type"})


def _is_enumeration(schema: dict[str, Any]) -> bool:
    return "enum" in schema and schema.keys() <= {"enum", "type"}


def open_choices(schema: Schema, nodes: Mapping[SchemaPath, Any]) -> None:
    """Say `oneOf` as `anyOf` where what it chooses among are texts of formats of which none is
    another: for one who takes formats as annotations every text is of all of them. The `nodes` are
    those of the document, by their schema paths.
    """
    formats = {path: node.get("format") for path, node in nodes.items() if isinstance(node, dict)}
    for path in sorted({path for path, _ in schema.places}, key=lambda path: -len(path)):
        node = part_at(schema.root, path)
        branches = node.get("oneOf", ())
        each = [formats.get((*path, "oneOf", str(n))) for n in range(len(branches))]
        if "anyOf" in node or not _are_alike(branches) or not _are_apart(each):
            continue
        node["anyOf"] = node.pop("oneOf")
        before, after = (*path, "oneOf"), (*path, "anyOf")

        def moved(
            place: SchemaPath, before: SchemaPath = before, after: SchemaPath = after
        ) -> SchemaPath:
            return after + place[len(before) :] if place[: len(before)] == before else place

        for kept in (schema.sources, schema.examples):
            found = [*kept.items()]
            kept.clear()
            kept.update((moved(place), value) for place, value in found)
        schema.places[:] = [(moved(place), pointer) for place, pointer in schema.places]


def _are_alike(branches: Sequence[dict[str, Any]]) -> bool:
    """Whether schemas are the same but for formats."""
    rest = [{name: one for name, one in each.items() if name != "format"} for each in branches]
    return all(each == rest[0] for each in rest)


def _are_apart(formats: Sequence[Any]) -> bool:
    """Whether no text is of two of these formats, as far as the plain ones tell."""
    known = [each for each in formats if isinstance(each, str) and each in _PLAIN]
    fitting = [[FORMATS[each].fits(_PLAIN[other]) for other in known] for each in known]
    return len(known) == len(formats) > 1 and all(sum(each) == 1 for each in fitting)


_PLAIN = {"date-time": "2024-05-02T09:30:00Z"}
_PLAIN |= {name: each.samples[0] for name, each in FORMATS.items() if each.samples}
"""A text of each format."""


def leave_out_idle(schema: Schema) -> None:
    """Take out the keywords that are about another type: they demand nothing."""
    idle: list[SchemaPath] = []
    for path in sorted({path for path, _ in schema.places}, key=len):
        if _is_within(path, idle):
            continue
        node = part_at(schema.root, path)
        types = {*type_names(node.get("type", ()))}
        names = [name for name in node if types and is_idle(name, node[name], types)]
        for name in names:
            del node[name]
            idle.append((*path, name))
    if idle:
        leave_out_of(schema, idle)


def leave_out_places(schema: Schema) -> None:
    """Take out how many decimal places the reading has for a text, where a pattern says it."""
    for path in {path for path, _ in schema.places}:
        node = part_at(schema.root, path)
        if "pattern" in node and node.get("format") in DECIMALS:
            del node["format"]
            leave_out_of(schema, [(*path, "format")])


def leave_out_of(schema: Schema, gone: Sequence["SchemaPath"]) -> None:
    """Forget where there was what has been taken out."""
    for place in [*schema.sources, *schema.examples]:
        if _is_within(place, gone):
            schema.sources.pop(place, None)
            schema.examples.pop(place, None)
    schema.places[:] = [
        (path, pointer) for path, pointer in schema.places if not _is_within(path, gone)
    ]


def leave_open(schema: Schema, *, demanded: bool) -> list[SchemaPath]:
    """Let what is not understood be anything: the property that has it or, of what is required of a
    request, the optional one around it. Where there is none, it is an error.
    """
    found: dict[SchemaPath, NotRead] = {}
    for path, error in schema.unread.items():
        around = _optional(schema.root, path) if demanded else path
        if not around:
            raise error
        found.setdefault(around, error)
    schema.unread.clear()
    for path in sorted(found, key=len):
        if not any(path[:end] in schema.unread for end in range(len(path))):
            part_at(schema.root, path).clear()
            leave_out_of(schema, [(*path, name) for name in KEYWORDS])
            schema.unread[path] = found[path]
    return [*schema.unread]


def _optional(schema: dict[str, Any], path: SchemaPath) -> SchemaPath:
    """The place of the property at a place or, where that is required, of the next one around it
    that is not; the root if there is none.
    """
    while path and path[-1] in part_at(schema, path[:-2]).get("required", ()):
        path = path[:-2]
        while path and path[-2:-1] != ("properties",):
            path = path[:-1]
    return path


def free_members(schema: Schema, added: Collection[str]) -> None:
    """Take out the limits that were `added` beside an enumeration of the document: what it lists is
    what it means.
    """
    sent = {path for path, _ in schema.places}
    for path, pointer in [*schema.sources.items()]:
        members = schema.sources.get((*path[:-1], "enum"))
        listed = members is not None and members not in added
        if pointer in added and listed and path[:-1] in sent:
            part_at(schema.root, path[:-1]).pop(path[-1], None)
            del schema.sources[path]


def leave_out_members(document: YamlFile, schema: Schema) -> None:
    """Take out the members of enumerations that are of another type: no value is one of them."""
    for path, pointer in dict(schema.places).items():
        node = part_at(schema.root, path)
        if "type" in node and "enum" in node:
            kept = [each for each in node["enum"] if is_valid({"type": node["type"]}, each)]
            if not kept:
                where = schema.sources.get((*path, "enum"), pointer)
                raise document.error(where, f"no member is of the type {node['type']!r}.")
            node["enum"] = kept


def complete_arrays(document: YamlFile, schema: Schema, *, demanded: bool) -> None:
    """Say of an array that says nothing of its elements that they are anything, which OpenAPI 3.0
    does not allow.
    """
    for path, pointer in schema.places:
        node = part_at(schema.root, path)
        if "array" in type_names(node.get("type", ())) and "items" not in node:
            if demanded:
                what = "is an array without 'items', which OpenAPI 3.0 demands (Schema Object)."
                raise document.error(pointer, what)
            node["items"] = {}


def _is_within(path: "SchemaPath", others: Sequence["SchemaPath"]) -> bool:
    """Whether a path is one of others, or goes on after one."""
    return any(path[: len(each)] == each for each in others)
