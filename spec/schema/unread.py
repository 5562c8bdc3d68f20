"""The properties of another version of which the reading says nothing: what is sent of them."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jsonschema_rs import is_valid

from spec.paths import (
    CHOICES,
    ELEMENT,
    Path,
    copied,
    path_text,
    place_of,
    properties_within,
    schema_at,
)
from spec.prose.sentences import (
    APART,
    ASKS,
    CHOICE,
    DEMAND,
    condition_in,
    demands,
    description_at,
    forbids,
    sentences_of,
)
from spec.prose.times import side_of
from spec.reading import Narrowed, sent_today
from spec.relations import Relations
from spec.schema.alternatives import is_other, kinds_of
from spec.schema.examples import example_within, is_shown
from spec.schema.formats import instant_or_none, is_beyond, is_known
from spec.schema.inlined import Schema, SchemaPath
from spec.schema.keywords import type_names
from spec.schema.presence import require_together
from spec.violation import with_article
from spec.yamlfile import YamlFile

_DEMANDED = "its description says when it is required"
_EXCLUDES = "the description of the whole says that it may not stand beside others"
_FORBIDS = "its description says when it may not be sent"


@dataclass(frozen=True, slots=True)
class Unread:
    """A property of the request of which nobody knows what a server must accept, and why not.

    Where it is optional it is left out of what must be accepted. Otherwise, or where the prose
    requires it of some invoices, the document's example is sent, if it has one; that `alone` must
    be accepted of a scalar, and of an unknown format.
    """

    path: Path
    why: str
    required: bool
    example: Any = None
    alone: bool = False


def unread_of(
    valid: Schema,
    narrowed: Narrowed,
    known: YamlFile,
    examples: Sequence[Any],
    needed: Collection[str],
) -> tuple[Unread, ...]:
    """The properties of which the reading says nothing, in another version of the document.

    A new number may count into the total, a new text may have to exist somewhere. A flag, or one
    of a few words, is what the document says, unless its description has a condition. The
    `examples` are of a whole invoice. What is called as one of those `needed` has to be of the type
    that they have today.
    """
    familiar = _familiar(narrowed, known)
    require_together(valid.root, familiar)
    named = {path for path, pointer in valid.places if pointer in narrowed.request.named}
    described = dict(valid.places)

    def description(place: SchemaPath) -> str:
        return description_at(narrowed.request.document, described.get(place))

    apart = _keep_prose_of_all(valid.root, description, familiar, narrowed.overruled)
    gone = _leave_out_demanding(valid.root, familiar, description)
    narrowed.overruled.extend(f"not sent: {one}, which asks for another property" for one in gone)
    reader = _Reader(valid, description, familiar, named, apart, examples, needed)
    return tuple(reader.unread(valid.root, (), ()))


@dataclass(frozen=True, slots=True)
class _Reader:
    """What is known of the properties of another version: the `description` of each, the kind of
    those that are `familiar`, and which of the others the reading has `named`; those `apart` may
    not stand beside others.
    """

    valid: Schema
    description: Callable[[SchemaPath], str]
    familiar: Mapping[Path, str]
    named: Collection[SchemaPath]
    apart: Collection[Path]
    examples: Sequence[Any]
    needed: Collection[str]

    def unread(self, schema: dict[str, Any], path: Path, place: SchemaPath) -> Iterator[Unread]:
        """The properties within a schema of which nobody knows enough."""
        for name, child in schema.get("properties", {}).items():
            here, there = (*path, name), (*place, "properties", name)
            required = name in schema.get("required", ()) or "minProperties" in schema
            why, said = self._doubt(child, here, there, required=required), self.description(there)
            example = self._example(child, there)
            if not required and forbids(said):
                why = _why_forbidden(self.valid.root, said, why)
            elif not required and demands(said):
                example = None if here in self.familiar else _plainest(child, example)
                required = here in self.familiar or _is_whole(child, example)
                schema["required"] = [*schema.get("required", ()), *[name] * required]
                why = _DEMANDED if required else why
            if why:
                alone = required and self._is_alone(child, here, example, why)
                yield Unread(here, why, required, example, alone)
            if required or not why:
                yield from self.unread(child, here, there)
        if "items" in schema:
            yield from self.unread(schema["items"], (*path, ELEMENT), (*place, "items"))

    def _doubt(
        self, schema: dict[str, Any], path: Path, place: SchemaPath, *, required: bool
    ) -> str:
        """Why nobody knows what a server must accept of a property; empty where it is clear."""
        kind, is_known_here = self.familiar.get(path), path in self.familiar or place in self.named
        if not required and path[-1] in self.needed and kind and is_other(schema, kind):
            return f"not {with_article(kind)}, as the suite needs"
        why = _not_understood(self.valid, place) or _why_unread(schema, known=is_known_here)
        why = why or condition_in(self.description(place)) * (not is_known_here)
        return why or _EXCLUDES * (path in self.apart)

    def _example(self, schema: dict[str, Any], place: SchemaPath) -> Any:
        """The document's example; none of a date that has to be in the future, or in the past."""
        is_timed = side_of(schema, self.description(place)) is not None
        return None if is_timed else example_within(self.valid, schema, place, self.examples)

    def _is_alone(self, schema: dict[str, Any], path: Path, example: Any, why: str) -> bool:
        """Whether no other value than the example has to be accepted."""
        is_any = is_known(schema) and not is_beyond(schema)
        if is_any and not is_shown(schema, example):
            return False
        return not (why == _DEMANDED and path in self.familiar)


def _keep_prose_of_all(
    schema: dict[str, Any],
    description: Callable[[SchemaPath], str],
    familiar: Collection[Path],
    told: list[str],
) -> frozenset[Path]:
    """Have what must be accepted have the property of today's that the description of the whole
    demands, or the first of several that exclude each other; the paths of the others are returned.
    So may the description of one of them say it.
    """
    listed = schema.get("properties", {})
    said = [("", one) for one in sentences_of(description(()))]
    for name in listed:
        of_one = sentences_of(description(("properties", name)))
        said += [(name, one) for one in of_one if CHOICE.search(one) or APART.search(one)]
    gone: set[str] = set()
    for own, sentence in said:
        required = schema.get("required", ())
        words = dict.fromkeys(re.findall(r"\w+", sentence))
        named = [one for one in words if one in listed]
        if own and own not in named:
            named = [own, *named]
        if own and not named[1:]:
            continue
        optional = [one for one in named if (one,) in familiar and one not in required]
        is_choice = CHOICE.search(sentence) is not None
        if named[1:] and APART.search(sentence):
            kept = () if {*named} & {*required} else optional[:1]
            gone |= {*named} - {*required, *kept}
        if optional and (is_choice or (DEMAND.search(sentence) and not own)):
            kept = optional[:1] if is_choice else optional
            if not (is_choice and {*named} & {*required}):
                more = [one for one in kept if one not in gone]
                schema["required"] = [*required, *more]
                what = f"as the description of {own or 'the whole'} asks"
                told += [f"sent in every valid invoice: {', '.join(more)}, {what}"] * bool(more)
    return frozenset((one,) for one in gone)


def _leave_out_demanding(
    schema: dict[str, Any], familiar: Collection[Path], description: Callable[[SchemaPath], str]
) -> list[str]:
    """Have what must be accepted lack the members of enumerations of today's that ask for another
    property, as the description of these says; these are returned, with the name of the property.
    """
    gone: list[str] = []
    listed = schema.get("properties", {})
    for name, child in listed.items():
        said = description(("properties", name)) if (name,) in familiar else ""
        for sentence in sentences_of(said):
            words = {*re.findall(r"\w+", sentence)}
            asks = DEMAND.search(sentence) or ASKS.search(sentence)
            if asks and words & (listed.keys() - {name}):
                gone += [f"{name} {one}" for one in _without_members(child, words)]
    return gone


def _why_forbidden(schema: dict[str, Any], description: str, why: str) -> str:
    """Why a property is left out that some invoices may not have. If others need it, what must be
    accepted then lacks the members that the description names: they have a property or may not have
    it, and nobody knows which of both.
    """
    if not demands(description):
        return why or _FORBIDS
    words = {*re.findall(r"\w+", description)}
    parts = schema.get("properties", {}).values()
    gone = [one for child in parts for one in _without_members(child, words)]
    return _FORBIDS + f"; nor is {', '.join(gone)}, which it names" * bool(gone)


def _without_members(schema: dict[str, Any], words: Collection[str]) -> list[str]:
    """Have an enumeration lack the members that are among these words, unless all are; which."""
    members = schema.get("enum", ())
    gone = [one for one in members if isinstance(one, str) and one in words]
    if gone and len(gone) < len(members):
        schema["enum"] = [one for one in members if one not in gone]
        return gone
    return []


def _is_whole(schema: dict[str, Any], example: Any) -> bool:
    """Whether an example is a valid value, or an object with all that is required of it."""
    return is_shown(schema, example) or (isinstance(example, dict) and is_valid(schema, example))


def _plainest(schema: dict[str, Any], example: Any) -> Any:
    """The example, or the first of the values that are listed; of an object so of each part, as far
    as they have one.
    """
    if kinds_of(schema) == {"object"}:
        known = example if isinstance(example, dict) else {}
        parts = schema.get("properties", {}).items()
        found = {name: _plainest(part, known.get(name)) for name, part in parts}
        return {**known, **{name: one for name, one in found.items() if one is not None}} or None
    listed = [True] if "boolean" in schema.get("type", ()) else schema.get("enum", ())
    first = next((one for one in listed if one is not None), None)
    return first if example is None else example


def with_dates(related: Relations, unread: Sequence[Unread]) -> Relations:
    """The relations, where an invoice must have other dates as well: it may not fall due before."""
    dates = tuple(
        one.path[0]
        for one in unread
        if one.required
        and not one.path[1:]
        and one.path[0] != related.due.due
        and (instant_or_none(one.example) or one.path[0] in related.due.ahead)
    )
    return replace(related, due=replace(related.due, others=dates)) if dates else related


def listed_of(
    valid: Schema, narrowed: Narrowed, known: YamlFile, unread: Sequence[Unread]
) -> tuple[Path, ...]:
    """The properties of which this version lists the values, and of which the reading says nothing:
    each is sent, though nobody knows what else it asks.
    """
    seen = {*_familiar(narrowed, known), *(one.path for one in unread)}
    seen |= {_path_at(place) for place, each in valid.places if each in narrowed.request.named}
    found = properties_within(valid.root)
    return tuple(path for path, one in found if path not in seen and _is_listed(one))


def _is_listed(schema: dict[str, Any]) -> bool:
    """Whether a schema lists its values, as a flag does."""
    return "enum" in schema or "boolean" in type_names(schema.get("type", ()))


def _path_at(place: SchemaPath) -> Path:
    """The path of a schema that is in no choice."""
    steps = iter(place)
    return tuple(next(steps, "") if step == "properties" else ELEMENT for step in steps)


def _familiar(narrowed: Narrowed, known: YamlFile) -> dict[Path, str]:
    """The kind of what the known document has, by its path in this one."""
    return {
        narrowed.path_of(path): next(iter(kinds_of(one)), "")
        for path, one in properties_within(sent_today(known).root)
    }


def _not_understood(schema: Schema, place: SchemaPath) -> str:
    """What at a place the suite does not understand; empty if it understands all of it."""
    found = schema.unread.get(place)
    return f"{found.what} is not understood: {found.place}" if found else ""


def unjudged_of(answers: Mapping[str, Schema]) -> tuple[str, ...]:
    """The properties of answers of which any value is right, because of what is not understood."""
    return tuple(
        f"{path_text((status, *_path_at(place)))} ({_not_understood(schema, place)})"
        for status, schema in answers.items()
        for place in schema.unread
    )


def _why_unread(schema: dict[str, Any], *, known: bool) -> str:
    if not is_known(schema):
        return f"of the unknown format {schema['format']}"
    if not known and is_beyond(schema):
        return "beyond the limits of the reading"
    if known or "enum" in schema or "boolean" in schema.get("type", ()):
        return ""
    return "not in the reading"


def send_alone(valid: Schema, request: Schema, unread: Sequence[Unread]) -> None:
    """Let what must be accepted of some properties be the document's example alone, whatever limits
    the reading has for their type; so of the parts of each branch of a choice.
    """
    for one in unread:
        if one.required:
            _send_parts_alone(valid, schema_at(valid.root, one.path), place_of(one.path))
        if one.alone and one.example is not None:
            schema = schema_at(valid.root, one.path)
            own = {**schema_at(request.root, one.path)}
            schema.clear()
            schema.update(own, enum=[one.example])


def _send_parts_alone(valid: Schema, schema: dict[str, Any], place: SchemaPath) -> None:
    """Let each part of a branch that has an example be that, if the reading says nothing of it."""
    for keyword in CHOICES:
        for number, branch in enumerate(schema.get(keyword, ())):
            for name, part in branch.get("properties", {}).items():
                there = (*place, keyword, str(number), "properties", name)
                example = valid.example_of(there)
                if _why_unread(part, known=False) and is_shown(part, example):
                    part["enum"] = [example]


def without_unread(schema: dict[str, Any], unread: tuple[Unread, ...]) -> dict[str, Any]:
    """A copy of a schema of payloads that does not know these optional properties."""
    left = copied(schema) if unread else schema
    for *parents, name in (one.path for one in unread if not one.required):
        node = left
        for step in parents:
            node = node["items"] if step == ELEMENT else node["properties"][step]
        del node["properties"][name]
        node["additionalProperties"] = False
    return left
