"""Merges the reading, an OpenAPI Overlay 1.0.0, into the vendor's document.

The reading may only narrow: each of its actions selects something, and no action allows more than
the document does. What it added is remembered, so that a requirement knows where it comes from.

The reading is written for one version of the document. In another one its actions find the same
schemas by what they are there for, whatever they are called, and what is gone is passed over.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path as FilePath
from typing import Any

from spec import yamlfile
from spec.document import follow, inline, node_at
from spec.operation import CREATED, find_operation
from spec.paths import (
    ELEMENT,
    Path,
    Wrapper,
    copied,
    join,
    part_at,
    path_text,
    properties_within,
    schema_at,
    steps_of,
)
from spec.requirements import Requirement
from spec.schema.alternatives import settled
from spec.schema.inlined import Schema, SchemaPath
from spec.schema.jsonpath import is_by_name, select, without_references
from spec.schema.merging import Merger, make_own
from spec.schema.overlay import RENAMED, check_action, check_overlay
from spec.yamlfile import FileError, YamlFile

Place = tuple[str, SchemaPath, int]
"""What a schema is for: its part of the operation, its schema path, and its number there."""


@dataclass(frozen=True, slots=True)
class Direction:
    """The document with what the reading says of the request, or of the answers, merged into it.

    They are apart because one schema may serve both. `about` are the pointers of the schemas that
    are this direction's, in the known document and in this one. `before` is what each schema of the
    known document is for, by its pointer. `added` maps a JSON pointer of the narrowed document to
    the pointer in the reading that put it there. `named` are the pointers of what the reading
    selects by its name. `same` is what `_same_places` found, until that may be otherwise.
    """

    document: YamlFile
    about: tuple[frozenset[str], ...] = ()
    before: dict[str, Place] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    same: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The document with the reading merged into it, for each direction; `source` is without it.

    `renamed` maps the path of a property in the known document to its name in this one.
    `passed_over` are the actions, by file and line, whose subject this version of the document does
    not have, `overruled` has a sentence for each part of one that this version contradicts. `plain`
    has the known document and this one as if references were not there.
    """

    source: YamlFile
    request: Direction
    answers: Direction
    reading: YamlFile
    plain: tuple[Any, Any] = (None, None)
    renamed: dict[str, str] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)
    overruled: list[str] = field(default_factory=list)

    def name_of(self, path: str) -> str:
        """How this document calls what is at a path of the known one."""
        return self.renamed.get(path, path.rpartition(".")[2])

    def path_of(self, path: Path) -> Path:
        """Where in this document there is what is at a path of the known one."""
        return renamed_path(self.renamed, path)


def renamed_path(renamed: Mapping[str, str], path: Path) -> Path:
    """The path, each step as it is called now; `renamed` has the new names by the old paths."""
    parts = (path[: end + 1] for end in range(len(path)))
    return tuple(renamed.get(path_text(part), part[-1]) for part in parts)


_LIMITS = {f"{end}{of}" for end in ("min", "max") for of in ("Length", "imum", "Items")}
_LIMITS |= {"format", "multipleOf"}
"""Keywords that no schema comes or goes by."""
REQUEST = "request"
"""The part of the operation that a client sends; the others are the statuses of answers."""


def read(path: FilePath) -> YamlFile:
    """A reading, as its file has it."""
    overlay = yamlfile.read(path)
    check_overlay(overlay)
    return overlay


def named(document: YamlFile, overlay: YamlFile) -> YamlFile:
    """The document with the new names that a reading has: by them its operation is found."""
    said = overlay.content.get(RENAMED)
    listed = said.items() if isinstance(said, dict) else ()
    names = {old: new for old, new in listed if isinstance(new, str)}
    return replace(document, renamed=names) if names else document


def narrow(document: YamlFile, overlay: YamlFile, known: YamlFile) -> Narrowed:
    """The document narrowed by a reading; FileError names file and line of an invalid action.

    The reading is written for the `known` document, where a looser value is a mistake. Another
    version of it may be stricter than the reading; then the document's value stays.
    """
    renamed = _new_names(overlay, document, known)
    plain = without_references(known.content), without_references(document.content)
    directions = _directions(document, known, partial(renamed_path, renamed))
    narrowed = Narrowed(document, *directions, overlay, plain, renamed)
    for index, action in enumerate(overlay.content["actions"]):
        pointer = f"/actions/{index}"
        check_action(overlay, pointer, action)
        try:
            _apply(narrowed, pointer, action, known)
        except FileError:
            if known is document or not _applies(narrowed, pointer, action, known):
                raise
            narrowed.passed_over.append(overlay.at(pointer))
    return narrowed


def _directions(
    document: YamlFile, known: YamlFile, path_of: Callable[[Path], Path] = tuple
) -> tuple[Direction, Direction]:
    """The request and the answers, before anything is merged into them.

    A schema that serves both is the request's: the reading says first what must be accepted.
    `path_of` says where in this document there is what is at a path of the known one.
    """
    before, now = [*_placed(_of_today(known), path_of)], [*_places(document)]
    sent = [frozenset(at for place, at in each if place[0] == REQUEST) for each in (before, now)]
    answered = [
        frozenset(at for _, at in each) - others
        for each, others in zip((before, now), sent, strict=True)
    ]
    request = _direction(document, sent, before, of_request=True)
    if document is not known:
        _settle(request.document, known, path_of)
    return request, _direction(document, answered, before, of_request=False)


def _settle(document: YamlFile, known: YamlFile, path_of: Callable[[Path], Path]) -> None:
    """Have what is sent be of one type, and of one schema, where the version leaves it open."""
    today = sent_today(known)
    before = {_renamed_place(place, path_of): place for place, _ in today.places}
    for (_, place, _), pointer in [*_places(document, of_request=True)]:
        schema = part_at(today.root, before[place]) if place in before else {}
        try:
            one = settled(document, pointer, schema)
        except FileError:
            continue  # it was in a schema that is not sent
        if isinstance(one, dict) and one != follow(document, pointer)[1]:
            make_own(document, pointer)
            whole = node_at(document, pointer)
            old = {**whole}
            whole.clear()
            whole.update(one)
            try:
                inline(document, pointer)
            except FileError:  # the branch and what is beside it do not go together
                whole.clear()
                whole.update(old)


def _direction(
    document: YamlFile,
    about: list[frozenset[str]],
    before: list[tuple[Place, str]],
    *,
    of_request: bool,
) -> Direction:
    own = {at: place for place, at in before if (place[0] == REQUEST) is of_request}
    content = copied(document.content)
    copy = replace(document, content=content)
    return Direction(copy, (*about,), own)


def _apply(narrowed: Narrowed, pointer: str, action: Any, known: YamlFile) -> None:
    """Merge one action into the document, in each direction that it is about."""
    overlay, target, own = narrowed.reading, action["target"], known is narrowed.source
    applied = False
    for direction in _directions_of(narrowed, pointer, target, known):
        document = direction.document
        merger = Merger(document, overlay, own, direction.added, narrowed.overruled)
        plain = without_references(document.content)
        found = select(plain, overlay, pointer, target)
        if not own:
            before = select(narrowed.plain[0], overlay, pointer, target)
            about_request = direction is narrowed.request
            same = _same_places(direction, of_request=about_request) if before else {}
            there = [same[each] for each in before if each in same]
            kinds = [_type_at(narrowed.plain[0], each) for each in before]
            if kinds and "number" not in kinds:  # an amount in whole cents is no count
                amounts = [
                    same[each] for each in same if _type_at(narrowed.plain[0], each) == "number"
                ]
                found = [each for each in found if each in there or each not in amounts]
            if found and not narrowed.renamed:  # what is of another type is not meant
                there = [each for each in there if _type_at(plain, each) in kinds]
            found += [each for each in there if each not in found]
        for each in found:
            if make_own(document, each) or not _only_limits(action["update"], narrowed, direction):
                direction.same.clear()
            if is_by_name(target):
                direction.named.add(each)
            merger.merge(each, action["update"], join(pointer, "update"))
            applied = True
    if not applied:
        where = join(pointer, "target")
        raise overlay.error(where, f"{target} selects nothing in the document.")


def _only_limits(update: Any, narrowed: Narrowed, direction: Direction) -> bool:
    """Whether no schema comes or goes by an update."""
    if not isinstance(update, dict) or not isinstance(inside := update.get("properties", {}), dict):
        return False
    kept = _LIMITS if direction is narrowed.request else {*_LIMITS, "required", "properties"}
    return {*update} <= kept and all(
        _only_limits(one, narrowed, direction) for one in inside.values()
    )


def _type_at(plain: Any, pointer: str) -> Any:
    """The type that a schema says it is of."""
    node = node_at(YamlFile("", plain, {}, b""), pointer)
    return node.get("type") if isinstance(node, dict) else None


def _directions_of(
    narrowed: Narrowed, pointer: str, target: str, known: YamlFile
) -> list[Direction]:
    """What an action is about: what it selects in the known document, else in this one."""
    both = [narrowed.request, narrowed.answers]
    for number, document in enumerate((known, narrowed.source)):
        found = select(narrowed.plain[number], narrowed.reading, pointer, target)
        selected = {_origin(document, each) for each in found}
        if about := [each for each in both if selected & each.about[number]]:
            return about
    return both


def _origin(document: YamlFile, pointer: str) -> str:
    """The pointer of the same node, without a reference on the way or at its end."""
    here = ""
    for step in steps_of(pointer):
        here, _ = follow(document, join(here, step))
    return here


def _applies(narrowed: Narrowed, pointer: str, action: Any, known: YamlFile) -> bool:
    """Whether an action can be merged into the document that the reading is written for."""
    plain = (narrowed.plain[0],) * 2
    whole = Narrowed(known, *_directions(known, known), narrowed.reading, plain)
    try:
        _apply(whole, pointer, action, known)
    except FileError:
        return False
    return True


def _new_names(overlay: YamlFile, document: YamlFile, known: YamlFile) -> dict[str, str]:
    """What the reading says of properties that this version calls otherwise."""
    content = overlay.content.get(RENAMED, {})
    if not isinstance(content, dict) or not all(isinstance(n, str) for n in content.values()):
        what = f"{RENAMED} maps paths of properties, such as items[].amount, to their new names."
        raise overlay.error(f"/{RENAMED}", what)
    if not content:
        return {}
    before = {path_text(path): renamed_path(content, path) for path in _paths_of(known)}
    now = {*_paths_of(document)}
    for path in content:
        at = join(f"/{RENAMED}", path)
        if path not in before:
            raise overlay.error(at, f"the known document has no property {path!r}.")
        new = before[path]
        if new not in now:
            what = f"the document has no property {path_text(new)!r}"
            nested = "; one inside another takes the place of none" * ("." in content[path])
            raise overlay.error(at, f"{what}{nested}.")
        other = next((one for one, name in before.items() if name == new and one != path), None)
        if other is not None:
            what = f"{path_text(new)!r} is what {other!r} of the known document is called."
            raise overlay.error(at, what)
    return content


def _paths_of(document: YamlFile) -> Iterator[Path]:
    """The path of each property of an invoice, sent or answered."""
    operation = find_operation(document)
    yield from (path for path, _ in properties_within(inline(document, operation.request).root))
    created = operation.answers[CREATED].schema
    answered = inline(document, created).root if created else {}
    yield from (path for path, _ in properties_within(schema_at(answered, ("data",))))


def admit_states(
    narrowed: Narrowed, wrapper: Wrapper, name: str, valid: Schema, created: Schema
) -> None:
    """Let the reading's states of an answer be those that a request may have, as it means them."""
    told, sent = schema_at(created.root, (*wrapper.path, name)), schema_at(valid.root, (name,))
    place = (*wrapper.place, "properties", name, "enum")
    if created.sources.get(place) in narrowed.answers.added:
        told["enum"] = [*dict.fromkeys((*told["enum"], *sent.get("enum", ())))]


def overridden(
    narrowed: Narrowed, valid: Schema, names: Mapping[SchemaPath, Requirement]
) -> Iterator[str]:
    """What the document allows and the reading does not, where both have a limit."""
    for place, one in names.items():
        at = narrowed.request.added.get(valid.sources.get(place, ""))
        if at is not None and place[-1] == one.keyword:
            where = narrowed.reading.at(at)
            own = f"{one.operand} ({one.file}:{one.line})"
            operand = node_at(narrowed.request.document, valid.sources[place])
            yield f"the reading overrides {one.name}: {own} is {operand} there ({where})"


def _same_places(direction: Direction, *, of_request: bool) -> dict[str, str]:
    """Where in the document there is what stands at each pointer in the known one."""
    if direction.same:
        return direction.same
    here = dict(_places(direction.document, of_request=of_request))
    # What was in a part of an `allOf` may stand in the whole, or in another part.
    found = (
        (pointer, here.get(place, here.get((*place[:2], 1))))
        for pointer, place in direction.before.items()
    )
    direction.same.update({before: now for before, now in found if now is not None})
    return direction.same


def _parts(document: YamlFile, *, of_request: bool | None = None) -> Iterator[tuple[str, Schema]]:
    """The schemas of the operation, or of its request or its answers alone."""
    operation = find_operation(document)
    if of_request is not False:
        yield REQUEST, inline(document, operation.request)
    for name, each in operation.answers.items():
        if each.schema and not of_request:
            yield name, inline(document, each.schema, unsent="writeOnly")


@lru_cache(maxsize=2)
def _of_today(known: YamlFile) -> tuple[tuple[str, Schema], ...]:
    return tuple(_parts(known))


def sent_today(known: YamlFile) -> Schema:
    """What the known document has of what is sent, which is read once: nothing changes it."""
    return dict(_of_today(known))[REQUEST]


def _places(document: YamlFile, *, of_request: bool | None = None) -> Iterator[tuple[Place, str]]:
    """Each schema of the operation, or of its request or its answers alone: what it is for, and its
    pointer; of the request alone that of the reference, as others may refer to the same.
    """
    return _placed(_parts(document, of_request=of_request), held=of_request is True)


def _placed(
    parts: Iterable[tuple[str, Schema]],
    path_of: Callable[[Path], Path] = tuple,
    *,
    held: bool = False,
) -> Iterator[tuple[Place, str]]:
    """The same of these schemas; where `held`, with the pointers of references.
    Several that an `allOf` merges are there for the same; then their number tells them apart.
    `path_of` says where in another version there is what is at a path of an invoice.
    """
    for part, inlined in parts:
        seen: Counter[SchemaPath] = Counter()
        for path, pointer in inlined.places:
            place = _renamed_place(path, path_of)
            seen[place] += 1
            holder = inlined.holders.get((path, pointer)) if held else None
            yield (part, place, seen[place]), holder or pointer


def _renamed_place(place: SchemaPath, path_of: Callable[[Path], Path]) -> SchemaPath:
    """The schema path with the names of another version; those of an answer are in its `data`."""
    outer = 2 if place[:2] == ("properties", "data") else 0
    found = [*place[:outer]]
    path: Path = ()
    steps = iter(place[outer:])
    for step in steps:
        found.append(step)
        if step == "properties":
            path = (*path, next(steps))
            found.append(path_of(path)[-1])
        elif step == "items":
            path = (*path, ELEMENT)
    return tuple(found)
