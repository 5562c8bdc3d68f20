"""The examples of a document: which there are, and which of them its own schema refuses."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from jsonschema_rs import Draft202012Validator

from spec.document import SCALARS, follow, node_at
from spec.paths import ELEMENT, Path, join, path_text
from spec.schema.formats import FORMATS
from spec.schema.inlined import Schema, SchemaPath
from spec.schema.keywords import type_names
from spec.schema.patterns import written
from spec.yamlfile import YamlFile

_LONGEST = 120
"""Characters of a reason."""


def listed_examples(document: YamlFile, pointer: str) -> Iterator[Any]:
    """The examples beside the schema of a parameter or a media type: its one, or those of a name
    each, which may be references.
    """
    node = node_at(document, pointer)
    if "example" in node:
        yield node["example"]
    listed = node.get("examples")
    for name in listed if isinstance(listed, dict) else ():
        _, each = follow(document, join(f"{pointer}/examples", name))
        for key in ("value", "dataValue"):  # the latter of OpenAPI 3.2
            if isinstance(each, dict) and key in each:
                yield each[key]


def example_within(
    schema: Schema, node: dict[str, Any], place: SchemaPath, outer: Sequence[Any]
) -> Any:
    """The example of what is at a schema path, or of as many of its parts as have one; None where
    none has. The `outer` examples are of the whole.
    """
    if (whole := schema.example_of(place, outer)) is not None:
        return whole
    if "items" in node:
        one = example_within(schema, node["items"], (*place, "items"), outer)
        return None if one is None else [one]
    parts = {
        name: example_within(schema, child, (*place, "properties", name), outer)
        for name, child in node.get("properties", {}).items()
    }
    return {name: one for name, one in parts.items() if one is not None} or None


def refused_examples(document: YamlFile, *shown: tuple[str, Schema, str]) -> Iterator[str]:
    """A sentence for each example that is not taken for a valid value, because its schema or its
    format refuses it. Each schema has a title, and a pointer where examples stand beside it.
    """
    for title, schema, around in shown:
        pointers = dict(schema.places)
        found: list[tuple[SchemaPath, str, Any]] = [
            ((), around, example) for example in listed_examples(document, around)
        ]
        found += [(path, pointers.get(path, around), one) for path, one in schema.examples.items()]
        for path, pointer, example in found:
            for location, why in _refusals(_at(schema.root, path), example):
                name = path_text((title, *_named(path), *location)).removeprefix("body.")
                yield f"{document.place(pointer)}: no example of {name} is taken from here: {why}"


def keep_examples(schema: Schema) -> None:
    """Have what has a pattern say its example, if it is a valid one: what matches a pattern may be
    hard to find otherwise.
    """
    for path, example in schema.examples.items():
        node = _at(schema.root, path)
        if "pattern" in node and is_shown(node, example):
            node["examples"] = [example]


def is_shown(schema: dict[str, Any], example: Any) -> bool:
    """Whether a text, a number or a flag has this example, and it is a valid one."""
    types = {*type_names(schema.get("type", ()))} - {"null"}
    if example is None or not types or not types <= SCALARS:
        return False
    return not any(_refusals(schema, example))


def _refusals(schema: Any, example: Any) -> Iterator[tuple[Path, str]]:
    """Where an example is not as its schema says, and why, in words; what lacks says nothing of
    what is there.
    """
    fits = {name: each.fits for name, each in FORMATS.items()}
    validator = Draft202012Validator(schema, validate_formats=True, formats=fits)
    for error in validator.iter_errors(example):
        *above, keyword = ("", *map(str, error.schema_path))
        said = _at(schema, above[1:]).get(keyword)
        said = written(said) if keyword == "pattern" else said
        format_ = FORMATS.get(said) if keyword == "format" else None
        if keyword not in ("", "required", "minProperties", "minItems"):
            location = (ELEMENT if isinstance(step, int) else step for step in error.instance_path)
            broken = f"it breaks {keyword} {_told(said)}"
            why = f"it is not {format_.meaning}" if format_ else broken
            yield (*location,), why[:_LONGEST]


def _told(said: Any) -> str:
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, default=str)


def _at(schema: Any, path: Sequence[str]) -> Any:
    """The part of a schema at a schema path; empty where there is none."""
    for key in path:
        if isinstance(schema, list):
            schema = schema[int(key)]
        else:
            schema = schema.get(key, {}) if isinstance(schema, dict) else {}
    return schema


def _named(path: Sequence[str]) -> Iterator[str]:
    """The path of what stands at a schema path."""
    steps = iter(path)
    for step in steps:
        if step == "properties":
            yield next(steps)
        elif step == "items":
            yield ELEMENT
