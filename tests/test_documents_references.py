"""What stands beside a reference: in OpenAPI 3.1 it holds together with what is referred to (JSON
Schema 2020-12, section 8.2.3.1), in 3.0 it is ignored.
"""

from pathlib import Path
from typing import Any

import pytest

from spec.contract import Contract
from spec.expectation import Expectation
from spec.yamlfile import FileError
from strategies.invalid import near_misses
from strategies.invoice import check_valid
from tests.exchanges import CONTRACT, answer_to, invoice
from tests.invoices import ANYWHERE
from tests.versions.edited import expected, judged
from tests.versions.parts import Alteration, Parts

ACCEPT, UNSPECIFIED, REJECT = Expectation.ACCEPT, Expectation.UNSPECIFIED, Expectation.REJECT
TEXT = {"type": "string", "maxLength": 20, "minLength": 2}


def _beside(schema: dict[str, Any], name: str, openapi: str, **beside: Any) -> Alteration:
    """A version in which a property is a reference to a schema, with more beside it."""

    def edit(parts: Parts) -> None:
        parts.document["openapi"] = openapi
        parts.document["components"]["schemas"]["Referred"] = schema
        parts.request["properties"][name] = {"$ref": "#/components/schemas/Referred", **beside}

    return Alteration(edit)


def _loaded(alteration: Alteration, folder: Path) -> Contract:
    loaded = alteration.load(folder)
    check_valid(loaded, ANYWHERE)
    return loaded


@pytest.mark.parametrize(
    ("beside", "right", "wrong", "broken"),
    [
        ({"maxLength": 10}, "x" * 10, "x" * 11, "remarks.maxLength"),
        ({"maxLength": 30}, "x" * 20, "x" * 21, "remarks.maxLength"),
        ({"minLength": 5}, "x" * 5, "x" * 4, "remarks.minLength"),
        ({"minLength": 1}, "xx", "x", "remarks.minLength"),
        ({"pattern": "^[a-z]+$"}, "abc", "ABC", "remarks.pattern"),
        ({"enum": ["one", "two"]}, "one", "six", "remarks.enum"),
        ({"const": "one"}, "one", "two", "remarks.enum"),
    ],
)
def test_what_stands_beside_a_reference_holds_with_it(
    beside: dict[str, Any], right: str, wrong: str, broken: str, tmp_path: Path
) -> None:
    """The stricter of the two, wherever it stands; each has near misses."""
    loaded = _loaded(_beside(dict(TEXT), "remarks", "3.1.0", **beside), tmp_path)
    assert expected(loaded, invoice() | {"remarks": right}).expectation is ACCEPT
    refused = expected(loaded, invoice() | {"remarks": wrong})
    assert refused.expectation is REJECT
    assert [each.requirement.name for each in refused.breaches] == [broken]
    assert near_misses(loaded, ANYWHERE, loaded.named(broken))


def test_properties_beside_a_reference_are_required_with_those_of_it(tmp_path: Path) -> None:
    """An object may have more there, and need more."""
    own = {"type": "object", "required": ["a"], "properties": {"a": dict(TEXT)}}
    more = {"required": ["b"], "properties": {"b": {"type": "integer"}}}
    loaded = _loaded(_beside(own, "extra", "3.1.0", **more), tmp_path)
    for value, broken in (
        ({"a": "xx", "b": 1}, []),
        ({"a": "xx"}, ["extra.b.required"]),
        ({"b": 1}, ["extra.a.required"]),
        ({"a": "xx", "b": "1"}, ["extra.b.type"]),
    ):
        said = expected(loaded, invoice() | {"extra": value})
        assert [each.requirement.name for each in said.breaches] == broken


def test_null_beside_a_reference_must_be_taken_only_if_both_allow_it(tmp_path: Path) -> None:
    """Where only one does, null is meant, and nobody is blamed for it."""
    loaded = _loaded(_beside(dict(TEXT), "remarks", "3.1.0", type=["string", "null"]), tmp_path)
    assert expected(loaded, invoice() | {"remarks": None}).expectation is UNSPECIFIED
    assert expected(loaded, invoice() | {"remarks": 5}).expectation is REJECT
    own = dict(TEXT) | {"type": ["string", "null"]}
    (tmp_path / "both").mkdir()
    both = _loaded(_beside(own, "remarks", "3.1.0", type=["string", "null"]), tmp_path / "both")
    assert expected(both, invoice() | {"remarks": None}).expectation is ACCEPT


def test_an_answer_has_to_keep_what_stands_beside_a_reference(tmp_path: Path) -> None:
    """As a request has to."""

    def edit(parts: Parts) -> None:
        parts.document["openapi"] = "3.1.0"
        parts.document["components"]["schemas"]["Referred"] = {"type": "string"}
        beside = {"$ref": "#/components/schemas/Referred", "maxLength": 5}
        parts.answer["properties"]["remarks"] = beside

    loaded = Alteration(edit).load(tmp_path)
    names = []
    for text in ("x" * 5, "x" * 6):
        sent = invoice() | {"remarks": text}
        found = judged(loaded, sent, answer_to(sent)).violations
        names.append([one.requirement.name for one in found])
    assert names == [[], ["201.data.remarks.maxLength"]]


@pytest.mark.parametrize("beside", [{"maxLength": 10}, {"pattern": "^a$"}, {"enum": ["one"]}])
def test_beside_a_reference_of_3_0_nothing_is_asserted(
    beside: dict[str, Any], tmp_path: Path
) -> None:
    """Its siblings are ignored there (Reference Object)."""
    loaded = _loaded(_beside(dict(TEXT), "remarks", "3.0.3", **beside), tmp_path)
    assert expected(loaded, invoice() | {"remarks": "x" * 20}).expectation is ACCEPT
    assert expected(loaded, invoice() | {"remarks": "x" * 21}).expectation is REJECT


@pytest.mark.parametrize("openapi", ["3.0.3", "3.1.0"])
def test_words_beside_a_reference_change_nothing(openapi: str, tmp_path: Path) -> None:
    """A summary and a description are of the reference itself."""
    whole = {"type": "string", "maxLength": 255}
    words = {"summary": "Remarks", "description": "Free text"}
    loaded = _loaded(_beside(whole, "remarks", openapi, **words), tmp_path)
    assert [one.name for one in loaded.requirements] == [one.name for one in CONTRACT.requirements]


@pytest.mark.parametrize(
    ("one", "other", "right", "wrong"),
    [
        ({"minimum": 5}, {"minimum": 10}, 10, 9),
        ({"minimum": 10}, {"minimum": 5}, 10, 9),
        ({"maximum": 50.5}, {"maximum": 20}, 20, 21),
        ({"exclusiveMinimum": 5}, {"exclusiveMinimum": 7}, 8, 7),
        ({"type": "number"}, {"type": "integer"}, 2, 2.5),
        ({"type": ["integer", "string"]}, {"type": "number"}, 2, "2"),
        ({"enum": [1, 2]}, {"enum": [2, 3]}, 2, 1),
    ],
)
def test_of_two_parts_both_count(
    one: dict[str, Any], other: dict[str, Any], right: Any, wrong: Any, tmp_path: Path
) -> None:
    """A reference with something beside it, and an `allOf`, alike."""
    number = {"type": "number"} | one
    for folder, schema in (
        ("reference", _beside(number, "extra", "3.1.0", **other)),
        ("allOf", _beside({"allOf": [number, other]}, "extra", "3.1.0")),
    ):
        (tmp_path / folder).mkdir()
        loaded = schema.load(tmp_path / folder)
        assert expected(loaded, invoice() | {"extra": right}).expectation is not REJECT
        assert expected(loaded, invoice() | {"extra": wrong}).expectation is REJECT


def test_two_enumerations_without_a_member_in_both_are_one_sentence(tmp_path: Path) -> None:
    """No value is of both."""
    schema = _beside({"type": "integer", "enum": [1]}, "extra", "3.1.0", enum=[2])
    with pytest.raises(FileError, match="contradicts another 'enum'"):
        schema.load(tmp_path)


@pytest.mark.parametrize("name", CONTRACT.source.content["components"]["schemas"])
def test_a_schema_under_another_name_is_read_as_before(name: str, tmp_path: Path) -> None:
    """What the reading says of it holds for what its name refers to."""

    def edit(parts: Parts) -> None:
        schemas = parts.document["components"]["schemas"]
        schemas["Moved"], schemas[name] = schemas[name], {"$ref": "#/components/schemas/Moved"}

    loaded = _loaded(Alteration(edit), tmp_path)
    assert [each.name for each in loaded.requirements] == [
        each.name for each in CONTRACT.requirements
    ]
