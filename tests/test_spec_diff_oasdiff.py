"""A change breaks a client where the public rules of oasdiff say so."""

from pathlib import Path

import pytest

from spec import contract
from spec.diff.changes import changes
from tests.edits import (
    TEXT,
    Edit,
    asked,
    beside,
    field_of,
    nothing,
    of_media_type,
    of_status,
    told,
    untold,
    version_3_1,
    version_of,
    without,
)
from tests.versions.catalogue import ALTERATIONS
from tests.versions.parts import Parts, Schema, header_field, statuses

A, B = ({"type": "object", "properties": {name: {"type": "string"}}} for name in "ab")


LIST: Schema = {"type": "array", "items": TEXT}
ONE: Schema = {"type": "string", "enum": ["A", "B"]}


DEPRECATED: Schema = {"in": "query", "name": "one", "schema": TEXT, "deprecated": True}
HINT: Schema = {"discriminator": {"propertyName": "word"}}
WORD_A, WORD_B = (
    {"type": "object", "required": ["word"], "properties": {"word": {"enum": [word]}}}
    for word in "AB"
)


def with_one(schema: Schema, *required: str) -> Schema:
    """A schema with one property more."""
    return {
        **schema,
        "required": [*schema["required"], *required],
        "properties": {**schema["properties"], "one": TEXT},
    }


def of_states(*others: str) -> Edit:
    """Have the status of an answer be one of two words, or of another type."""

    def edit(parts: Parts) -> None:
        branches = [ONE, *({"type": each} for each in others)]
        parts.document["openapi"] = "3.1.0"
        parts.answer["properties"]["status"] = {"anyOf": branches} if others else ONE

    return edit


def of_sku(pattern: str) -> Edit:
    """Have the sku of an item, which is never empty, have a match of a pattern."""
    return lambda parts: parts.item["properties"]["sku"].update(minLength=1, pattern=pattern)


OASDIFF: list[tuple[str, bool, Edit, Edit]] = [
    ("new-required-request-property", True, nothing, lambda p: p.add("one", TEXT)),
    ("new-optional-request-property", False, nothing, lambda p: p.add("one", TEXT, required=False)),
    ("request-property-removed", True, nothing, without("remarks")),
    (
        "request-property-became-required",
        True,
        nothing,
        lambda p: p.request["required"].append("url"),
    ),
    (
        "request-property-became-optional",
        False,
        nothing,
        lambda p: p.request["required"].remove("due_date"),
    ),
    ("request-property-max-length-set", True, nothing, asked("url", {"maxLength": 99})),
    ("request-property-max-length-decreased", True, nothing, asked("remarks", {"maxLength": 99})),
    ("request-property-max-length-increased", False, nothing, asked("remarks", {"maxLength": 999})),
    (
        "request-property-min-length-increased",
        True,
        asked("url", {"minLength": 1}),
        asked("url", {"minLength": 5}),
    ),
    (
        "request-property-min-length-decreased",
        False,
        asked("url", {"minLength": 5}),
        asked("url", {"minLength": 1}),
    ),
    ("request-property-min-increased", True, nothing, asked("paid_amount", {"minimum": 1})),
    (
        "request-property-min-decreased",
        False,
        asked("paid_amount", {"minimum": 1}),
        asked("paid_amount", {"minimum": 0}),
    ),
    ("request-property-max-set", True, nothing, asked("paid_amount", {"maximum": 99})),
    (
        "request-property-max-increased",
        False,
        asked("paid_amount", {"maximum": 99}),
        asked("paid_amount", {"maximum": 999}),
    ),
    (
        "request-property-exclusive-max-increased",
        False,
        version_3_1("paid_amount", {"exclusiveMaximum": 9}),
        version_3_1("paid_amount", {"exclusiveMaximum": 99}),
    ),
    (
        "request-property-exclusive-max-decreased",
        True,
        version_3_1("paid_amount", {"exclusiveMaximum": 99}),
        version_3_1("paid_amount", {"exclusiveMaximum": 9}),
    ),
    ("request-property-min-items-set", True, nothing, asked("items", {"minItems": 2})),
    (
        "request-property-pattern-added",
        True,
        nothing,
        asked("remarks", {"pattern": "^a"}),
    ),
    ("request-property-pattern-removed", False, asked("remarks", {"pattern": "^a"}), nothing),
    (
        "request-property-pattern-changed",
        True,
        asked("remarks", {"pattern": "^a"}),
        asked("remarks", {"pattern": "^b"}),
    ),
    *(
        ("request-property-pattern-generalized", False, of_sku(before), of_sku(after))
        for before, after in [
            ("^[A-Z]+$", ".*"),
            ("^[A-Z]+$", "^.*$"),
            ("^[A-Z]+$", ".+"),
            ("^[A-Z]*$", ".+"),
            ("^[A-Z]+$", r"^[\s\S]*$"),
            ("^[A-Z]+$", r"[\s\S]+"),
            ("^[A-Z]+$", "[A-Z]+"),
            ("^(?:A|B)$", "A|B"),
        ]
    ),
    *(
        ("request-property-pattern-changed", True, of_sku(before), of_sku(after))
        for before, after in [
            (".*", "^[A-Z]+$"),
            ("[A-Z]+", "^[A-Z]+$"),
            (r"^\s+$", "^.*$"),
            ("^a|b$", "^.*$"),
            (r"^a\$", "^.*$"),
            ("A|B", "^A|B$"),
        ]
    ),
    ("request-property-enum-value-removed", True, nothing, statuses("PAID", "PENDING").edit),
    (
        "request-property-enum-value-added",
        False,
        statuses("PAID", "PENDING").edit,
        nothing,
    ),
    ("request-property-became-enum", True, nothing, asked("remarks", {"enum": ["A"]})),
    ("request-property-type-generalized", False, asked("remarks", {"enum": ["A"]}), nothing),
    ("request-property-type-changed", True, nothing, asked("url", {"type": "number"})),
    (
        "request-property-type-generalized",
        False,
        nothing,
        lambda p: p.item["properties"]["quantity"].update(type="number"),
    ),
    ("request-property-became-nullable", False, nothing, asked("url", {"nullable": True})),
    ("request-property-became-not-nullable", True, asked("url", {"nullable": True}), nothing),
    ("request-property-const-added", True, nothing, version_3_1("url", {"const": "A"})),
    (
        "request-property-one-of-added",
        False,
        lambda p: p.add("one", {"oneOf": [A]}, comes_back=False),
        lambda p: p.add("one", {"oneOf": [A, B]}, comes_back=False),
    ),
    (
        "request-property-one-of-added",
        False,
        lambda p: p.add("one", {"oneOf": [A, B]}, comes_back=False),
        lambda p: p.add("one", {"oneOf": [A, B, {"type": "boolean"}]}, comes_back=False),
    ),
    (
        "request-property-discriminator-added",
        False,
        lambda p: p.add("one", {"oneOf": [WORD_A, WORD_B]}, comes_back=False),
        lambda p: p.add("one", {"oneOf": [WORD_A, WORD_B], **HINT}, comes_back=False),
    ),
    (
        "request-property-discriminator-removed",
        False,
        lambda p: p.add("one", {"oneOf": [WORD_A, WORD_B], **HINT}, comes_back=False),
        lambda p: p.add("one", {"oneOf": [WORD_A, WORD_B]}, comes_back=False),
    ),
    (
        "request-property-one-of-removed",
        True,
        lambda p: p.add("one", {"oneOf": [A, B]}, comes_back=False),
        lambda p: p.add("one", {"oneOf": [A]}, comes_back=False),
    ),
    (
        "request-property-one-of-removed",
        True,
        lambda p: p.add("one", {"anyOf": [A, B]}, comes_back=False),
        lambda p: p.add("one", {"anyOf": [A]}, comes_back=False),
    ),
    ("request-body-became-optional", False, nothing, lambda p: p.body.pop("required")),
    ("request-body-became-required", True, lambda p: p.body.pop("required"), nothing),
    ("new-required-request-parameter", True, nothing, beside("query", TEXT)),
    ("new-required-request-header-property", True, nothing, beside("header", TEXT)),
    ("new-optional-request-parameter", False, nothing, beside("query", ONE, required=False)),
    (
        "request-parameter-removed",
        True,
        beside("query", ONE, required=False),
        nothing,
    ),
    (
        "request-parameter-became-required",
        True,
        beside("query", ONE, required=False),
        beside("query", ONE),
    ),
    (
        "request-parameter-became-optional",
        False,
        beside("query", ONE),
        beside("query", ONE, required=False),
    ),
    (
        "request-parameter-enum-value-removed",
        True,
        beside("query", ONE),
        beside("query", {**ONE, "enum": ["A"]}),
    ),
    (
        "request-parameter-enum-value-added",
        False,
        beside("query", {**ONE, "enum": ["A"]}),
        beside("query", ONE),
    ),
    (
        "request-parameter-max-length-decreased",
        True,
        beside("header", {**TEXT, "maxLength": 9}),
        beside("header", {**TEXT, "maxLength": 5}),
    ),
    (
        "request-parameter-pattern-added",
        True,
        beside("header", TEXT),
        beside("header", {**TEXT, "pattern": "^a"}),
    ),
    (
        "response-optional-property-added",
        False,
        nothing,
        lambda p: p.answer["properties"].update(one=TEXT),
    ),
    ("response-optional-property-removed", True, nothing, untold("remarks")),
    (
        "response-required-property-added",
        False,
        nothing,
        lambda p: p.answer.update(required=["remarks"]),
    ),
    (
        "response-property-became-optional",
        True,
        lambda p: p.answer.update(required=["remarks"]),
        nothing,
    ),
    ("response-property-became-nullable", True, nothing, told("remarks", {"nullable": True})),
    ("response-property-became-nullable", True, nothing, of_states("null")),
    ("response-property-became-not-nullable", False, of_states("null"), of_states()),
    ("response-property-became-enum", False, nothing, of_states()),
    ("response-property-became-nullable", True, of_states(), of_states("null")),
    ("response-property-became-not-nullable", False, told("remarks", {"nullable": True}), nothing),
    ("response-property-type-changed", True, nothing, told("remarks", {"type": "number"})),
    (
        "response-property-max-length-increased",
        True,
        told("remarks", {"maxLength": 9}),
        told("remarks", {"maxLength": 99}),
    ),
    ("response-property-max-length-unset", True, told("remarks", {"maxLength": 9}), nothing),
    (
        "response-property-min-decreased",
        True,
        told("paid_amount", {"minimum": 5}),
        told("paid_amount", {"minimum": 1}),
    ),
    (
        "response-property-enum-value-added",
        True,
        told("remarks", {"enum": ["A"]}),
        told("remarks", {"enum": ["A", "B"]}),
    ),
    (
        "response-property-enum-value-removed",
        False,
        told("remarks", {"enum": ["A", "B"]}),
        told("remarks", {"enum": ["A"]}),
    ),
    (
        "response-property-one-of-added",
        True,
        lambda p: p.answer["properties"].update(one={"oneOf": [A]}),
        lambda p: p.answer["properties"].update(one={"oneOf": [A, B]}),
    ),
    ("response-media-type-removed", True, nothing, ALTERATIONS["errors as problems"].edit),
    ("response-media-type-removed", True, of_media_type("201"), nothing),
    ("response-media-type-added", False, nothing, of_media_type("201")),
    ("request-body-media-type-removed", True, of_media_type(), nothing),
    ("request-body-media-type-added", False, nothing, of_media_type()),
    ("optional-response-header-removed", True, field_of("201", "X-One"), nothing),
    ("optional-response-header-added", False, nothing, field_of("201", "X-One")),
    ("response-success-status-added", False, nothing, of_status("202")),
    ("response-success-status-removed", True, of_status("202"), nothing),
    ("response-non-success-status-removed", False, of_status("409"), nothing),
    ("new-optional-request-parameter", False, nothing, beside("query", TEXT, required=False)),
    ("request-parameter-removed", True, beside("query", TEXT, required=False), nothing),
    ("response-header-added", False, nothing, header_field("201", "X-One", TEXT).edit),
    ("required-response-header-removed", True, header_field("201", "X-One", TEXT).edit, nothing),
    ("response-non-success-status-added", False, nothing, ALTERATIONS["a conflict is 409"].edit),
    (
        "request-property-type-changed",
        True,
        nothing,
        asked("due_date", {"format": "date"}),
    ),
    (
        "request-property-type-generalized",
        False,
        asked("due_date", {"format": "date"}),
        nothing,
    ),
    ("request-property-type-generalized", False, nothing, without("url", "type")),
    (
        "response-property-type-changed",
        True,
        nothing,
        lambda p: p.answer["properties"]["url"].pop("type"),
    ),
    (
        "response-property-type-changed",
        True,
        told("due_date", {"format": "date"}),
        nothing,
    ),
    (
        "response-property-enum-value-added",
        True,
        told("status", {"enum": ["PAID", "PENDING"]}),
        told("status", {"enum": ["PAID", "PENDING", "VOID"]}),
    ),
    (
        "request-optional-property-became-read-only",
        False,
        nothing,
        asked("status", {"readOnly": True}),
    ),
    (
        "request-optional-property-became-not-read-only",
        False,
        asked("status", {"readOnly": True}),
        nothing,
    ),
    ("request-property-default-value-added", False, nothing, asked("status", {"default": "PAID"})),
    (
        "request-parameter-default-value-changed",
        True,
        beside("query", {**ONE, "default": "A"}),
        beside("query", {**ONE, "default": "B"}),
    ),
    (
        "new-required-request-property-with-default",
        True,
        nothing,
        lambda p: p.add("one", {**TEXT, "default": "A"}, comes_back=False),
    ),
    (
        "request-property-became-required-with-default",
        True,
        asked("url", {"default": "A"}),
        lambda p: (asked("url", {"default": "A"})(p), p.request["required"].append("url")),
    ),
    (
        "response-property-type-changed",
        True,
        nothing,
        lambda p: p.post["responses"]["404"]["content"]["application/json"].update(schema={}),
    ),
    (
        "request-parameter-type-changed",
        True,
        beside("query", LIST, required=False),
        beside("query", {**LIST, "items": {"type": "integer"}}, required=False),
    ),
    (
        "new-optional-request-parameter",
        False,
        nothing,
        beside("query", LIST, required=False),
    ),
    ("request-parameter-removed", True, beside("query", LIST, required=False), nothing),
    ("response-property-pattern-removed", False, told("order_id", {"pattern": "^O"}), nothing),
    (
        "response-property-pattern-changed",
        False,
        told("order_id", {"pattern": "^ORD"}),
        told("order_id", {"pattern": "^O"}),
    ),
    (
        "request-parameter-removed-with-deprecation",
        False,
        lambda p: p.post.update(parameters=[DEPRECATED]),
        nothing,
    ),
    (
        "new-optional-request-property",
        False,
        lambda p: p.add("one", {"oneOf": [WORD_A, WORD_B]}, comes_back=False),
        lambda p: p.add("one", {"oneOf": [WORD_A, with_one(WORD_B)]}, comes_back=False),
    ),
    (
        "request-property-became-required",
        True,
        lambda p: p.add("one", {"oneOf": [WORD_A, with_one(WORD_B)]}, comes_back=False),
        lambda p: p.add("one", {"oneOf": [WORD_A, with_one(WORD_B, "one")]}, comes_back=False),
    ),
    ("api-operation-id-added", False, nothing, lambda p: p.post.update(operationId="create")),
    ("api-tag-removed", False, nothing, lambda p: p.post.pop("tags")),
    ("endpoint-deprecated", False, nothing, lambda p: p.post.update(deprecated=True)),
]
"""A rule of oasdiff, whether it is an error or a warning there, and a document before and after."""


@pytest.mark.parametrize(
    ("breaking", "before", "after"),
    [each[1:] for each in OASDIFF],
    ids=[each[0] for each in OASDIFF],
)
def test_a_change_breaks_a_client_where_oasdiff_says_so(
    breaking: bool,  # noqa: FBT001 - a column of the table
    before: Edit,
    after: Edit,
    tmp_path: Path,
) -> None:
    """What it calls an error or a warning is breaking, and what is information is not."""
    old, new = (version_of(edit, tmp_path) for edit in (before, after))
    assert any(change.breaking for change in changes(old, new)) is breaking


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("no key", False),
        ("422 for 400", True),
        ("another header for the key", True),
    ],
)
def test_what_is_told_otherwise_than_by_oasdiff(
    name: str,
    told: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
) -> None:
    """Another status for what is invalid is information there, and another header for the key is
    nothing: clients look at them all the same.
    """
    new = contract.load(ALTERATIONS[name].write(tmp_path / "new.yaml"))
    assert any(change.breaking for change in changes(contract.load(), new)) is told
