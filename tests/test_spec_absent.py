"""What a document leaves empty, and what is new in OpenAPI 3.2."""

from collections.abc import Callable
from pathlib import Path

import pytest

from spec.contract import load
from spec.schema.absent import is_never, without_nevers
from spec.yamlfile import FileError
from strategies.scalars import plain_scalar
from tests.exchanges import CONTRACT, Json
from tests.versions.parts import Alteration, Parts


def _of_operation(parts: Parts) -> None:
    parts.post.update(parameters=None, tags=None, description=None)
    parts.post["responses"]["400"] |= {"headers": None, "links": None}
    parts.document["info"]["contact"] = None
    parts.body["description"] = None


def _of_schemas(parts: Parts) -> None:
    for each in (parts.request, parts.item, parts.answer):
        each |= {"allOf": None, "additionalProperties": None, "title": None, "not": None}
        for one in each["properties"].values():
            for name in ("format", "pattern", "minimum", "nullable", "enum", "properties"):
                one.setdefault(name, None)
            one["x-order"] = None


@pytest.mark.parametrize("edit", [_of_operation, _of_schemas])
def test_an_empty_key_is_as_if_it_were_not_there(
    edit: Callable[[Parts], None], tmp_path: Path
) -> None:
    """As libraries write what has no value; the requirements are those of the document."""
    alteration = Alteration(edit)
    loaded = load(alteration.write(tmp_path / "openapi.yaml"))
    assert [one.name for one in loaded.requirements] == [one.name for one in CONTRACT.requirements]


def test_a_property_without_a_schema_is_an_error_all_the_same(tmp_path: Path) -> None:
    """Its name is none of the document's own words, also where it is one in another place."""
    edited = Alteration(lambda parts: parts.request["properties"].update(title=None))
    with pytest.raises(FileError, match="/properties/title"):
        load(edited.write(tmp_path / "openapi.yaml"))


def test_null_as_a_value_stays(tmp_path: Path) -> None:
    """A constant that is null, or an example, says something."""
    edited = Alteration(lambda parts: parts.add("nothing", {"const": None}))
    edited_to_3_1 = Alteration(
        lambda parts: (edited.edit(parts), parts.document.update(openapi="3.1.0"))
    )
    loaded = load(edited_to_3_1.write(tmp_path / "openapi.yaml"))
    assert loaded.request_schema["properties"]["nothing"]["enum"] == [None]


def test_a_document_of_3_2_is_read_as_one_of_3_1(tmp_path: Path) -> None:
    """What is new there and demands nothing is passed over."""

    def edit(parts: Parts) -> None:
        parts.document["openapi"] = "3.2.0"
        parts.document["servers"][0]["name"] = "production"
        parts.document["tags"] = [{"name": "Invoice", "kind": "nav", "summary": "Invoices"}]
        parts.post["responses"]["201"]["summary"] = "Created"

    loaded = load(Alteration(edit).write(tmp_path / "openapi.yaml"))
    assert [one.name for one in loaded.requirements] == [one.name for one in CONTRACT.requirements]


def _querystring(parts: Parts) -> None:
    content = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
    parts.post["parameters"] = [{"name": "q", "in": "querystring", "content": content}]


def _item_schema(parts: Parts) -> None:
    content = parts.body["content"]["application/json"]
    content["itemSchema"] = content.pop("schema")


def _default_mapping(parts: Parts) -> None:
    parts.request["discriminator"] = {"propertyName": "kind", "defaultMapping": "Other"}


NEW: dict[str, tuple[Callable[[Parts], None], str]] = {
    "querystring": (_querystring, "is in none of path, query, header and cookie"),
    "itemSchema": (_item_schema, "there is nothing at "),
    "defaultMapping": (_default_mapping, "discriminator"),
}


@pytest.mark.parametrize("name", NEW)
def test_what_is_new_in_3_2_ends_in_one_sentence(name: str, tmp_path: Path) -> None:
    """With its place."""
    edit, told = NEW[name]

    def whole(parts: Parts) -> None:
        parts.document["openapi"] = "3.2.0"
        edit(parts)

    with pytest.raises(FileError) as raised:
        load(Alteration(whole).write(tmp_path / "openapi.yaml"))
    sentence: Json = str(raised.value)
    assert told in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"not": {}}, True),
        ({"not": True, "description": "Nothing"}, True),
        (False, True),
        ({"not": {}, "type": "string"}, False),
        ({"not": {"type": "string"}}, False),
        ({"not": False}, False),
        ({}, False),
        (0, False),
    ],
)
def test_a_schema_that_nothing_keeps_is_known_by_its_form(schema: Json, *, expected: bool) -> None:
    """As generators write what may be absent."""
    assert is_never(schema) is expected


def test_what_nothing_keeps_is_taken_out_of_choices_and_the_others_keep_their_lines() -> None:
    """A choice of such alone stays; closed objects are said to be closed."""
    node: Json = {
        "a": {"anyOf": [{"not": {}}, {"type": "string"}, False, {"type": "number"}]},
        "b": {"oneOf": [{"not": {}}]},
        "c": {"additionalProperties": {"not": {}}},
        "d": {"example": {"anyOf": [{"not": {}}, 1]}, "x-a": {"anyOf": [{"not": {}}, 1]}},
    }
    kept = {**node["d"]}
    lines = {f"/a/anyOf/{index}{end}": index for index in range(4) for end in ("", "/type")}
    without_nevers(node, lines)
    assert node["a"] == {"anyOf": [{"type": "string"}, {"type": "number"}]}
    assert lines == {f"/a/anyOf/{n}{end}": 1 + 2 * n for n in (0, 1) for end in ("", "/type")}
    assert (node["b"], node["c"]) == ({"oneOf": [{"not": {}}]}, {"additionalProperties": False})
    assert node["d"] == kept


def test_a_value_of_what_nothing_keeps_is_made_at_once() -> None:
    """Nothing is looked for that is not there, which took forever."""
    assert plain_scalar({"not": {}}) is not None
