"""The types of the record are its schema: each has the properties of its object, and requires the
same.
"""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from causes.cause import Cause
from reports import rows
from reports.record import PART, SCHEMA

RECORD, OF_PART = json.loads(SCHEMA.read_text()), json.loads(PART.read_text())["$defs"]
PART_HEAD = OF_PART["head"]
ONLY_OF = {"status": "response", "method": "request", "path": "request"}
"""The properties of the schema's `message` that only one of its kinds has."""


def _resolved(schema: Any, name: str = "") -> dict[str, Any]:
    """The properties and the required names of an object, wherever its schema has them."""
    found: dict[str, Any] = {"properties": {}, "required": set()}  # a part's run has an end too
    if "$ref" in schema:
        path = schema["$ref"].partition("#/")[2].split("/")
        inner = RECORD
        for step in path:
            inner = inner[step]
        found = _resolved(inner, name)
    for each in (*schema.get("allOf", ()), *schema.get("anyOf", ())):
        more = _resolved(each, name)
        found["properties"] |= more["properties"]
        found["required"] |= more["required"]
    found["properties"] |= schema.get("properties", {})
    found["required"] |= {*schema.get("required", ())}
    return found


def _objects(hint: Any, schema: Any, name: str = "") -> Iterator[tuple[Any, dict[str, Any], str]]:
    """Each class with the schema of its object, and the name under which it is."""
    if name == "against":
        return  # is as `news`, and the schema says no more
    if is_typeddict(hint):
        found = _resolved(schema, name)
        yield hint, found, name
        for each, inner in get_type_hints(hint).items():
            yield from _objects(inner, found["properties"].get(each, {}), each)
    elif get_origin(hint) is list:
        yield from _objects(get_args(hint)[0], schema.get("items", {}), name)
    elif get_origin(hint) is not dict:
        for each in get_args(hint):
            yield from _objects(each, schema, name)


FOUND = [
    *_objects(rows.Record, RECORD),
    *(each for each in _objects(rows.PartRow, PART_HEAD) if each[0] is not rows.RunRow),
]


def test_each_type_of_the_module_is_found() -> None:
    """None is left out of the comparison, but for what others are made of."""
    named = {name for name, each in vars(rows).items() if is_typeddict(each)}
    assert named - {each.__name__ for each, _, _ in FOUND} == {"HeadRow", "BodyRow", "MessageRow"}
    assert len(FOUND) > 25


@pytest.mark.parametrize(
    ("row", "schema", "name"), FOUND, ids=[f"{each.__name__} {name}" for each, _, name in FOUND]
)
def test_a_type_has_what_its_schema_has(row: Any, schema: dict[str, Any], name: str) -> None:
    """The same names, and the same ones required."""
    kind = "request" if name == "before" else name
    named = {*schema["properties"], *schema["required"]}
    if row in (rows.RequestRow, rows.ResponseRow):
        named = {each for each in named if ONLY_OF.get(each, kind) == kind}
    assert {*get_type_hints(row)} == named
    assert row.__required_keys__ == schema["required"]


def test_a_part_of_a_run_has_all_that_a_cause_has() -> None:
    """Or parts with a finding cannot be merged."""
    names = {field.name for field in fields(Cause)}
    assert names == {*OF_PART["cause"]["properties"]} == {*OF_PART["cause"]["required"]}
