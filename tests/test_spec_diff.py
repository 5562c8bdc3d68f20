"""What another version of the document changes is told, and whether it may break a client."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from spec import contract
from spec.contract import DOCUMENT
from spec.diff.__main__ import main
from spec.diff.changes import changes
from tests.alteration import Alteration, Parts, Schema, header_field, of_3_1, parameter, statuses
from tests.alterations import ALTERATIONS
from tests.running import suite

Edit = Callable[[Parts], object]


def version_3_1(name: str, change: Schema) -> Edit:
    """Other keywords of a property, in OpenAPI 3.1."""
    return of_3_1(lambda parts: parts.property(name).update(change)).edit


CHANGED = [
    ("nothing", 0, ""),
    ("3.1", 0, ""),
    ("other names of schemas", 0, ""),
    ("an optional text", 1, "added extra_field.type"),
    ("longer remarks", 1, "loosened remarks.maxLength"),
    ("one state more", 1, "loosened status.enum"),
    ("due_date optional", 1, "removed due_date.required"),
    ("remarks may be null", 1, "loosened remarks.type"),
    ("an answer with more", 1, "added 201.data.currency.required"),
    ("no key", 1, "removed security.key"),
    ("a required text", 2, "added extra_field.required"),
    ("shorter remarks", 2, "tightened remarks.maxLength"),
    ("one state less", 2, "tightened status.enum"),
    ("a pattern of sku", 2, "added items[].sku.pattern"),
    ("no other properties", 2, "added body.additionalProperties"),
    ("an answer without remarks", 2, "removed 201.data.remarks.type"),
    ("422 for 400", 2, "changed 4xx.status"),
    ("errors as problems", 2, "removed 400, 401, 403, 404, 500.mediaType: application/json"),
    ("errors as problems", 2, "added 400, 401, 403, 404, 500.mediaType: application/problem+json"),
    ("a 401 without content", 2, "removed 401.mediaType: application/json"),
    ("a conflict is 409", 1, "added response.documented: 409"),
    ("another header for the key", 2, "changed security.key: X-API-Key -> X-Auth"),
    ("an optional flag in the query", 1, "added query.dryRun.type"),
]
"""A version, the exit status, and what is told of it."""


def asked(name: str, change: Schema) -> Edit:
    """Other keywords of a property of the invoice that is sent."""
    return lambda parts: parts.property(name).update(change)


def told(name: str, change: Schema) -> Edit:
    """Other keywords of a property of the invoice that comes back."""
    return lambda parts: parts.answer["properties"][name].update(change)


def beside(place: str, schema: Schema, *, required: bool = True) -> Edit:
    """A parameter."""
    return parameter(place, "X-One", schema, required=required).edit


def without(name: str, keyword: str = "") -> Edit:
    """Without a property of the request, or a keyword of it."""

    def edit(parts: Parts) -> None:
        if keyword:
            del parts.property(name)[keyword]
        else:
            del parts.request["properties"][name]

    return edit


def untold(name: str) -> Edit:
    """Without a property of the answer."""
    return lambda parts: parts.answer["properties"].pop(name)


def nothing(_: Parts) -> None:
    """The vendor's document."""


def of_media_type(status: str = "") -> Edit:
    """With another media type of the body, or of the answer of a status."""

    def edit(parts: Parts) -> None:
        content = (parts.post["responses"][status] if status else parts.body)["content"]
        content["text/csv"] = {"schema": TEXT}

    return edit


def field_of(status: str, name: str) -> Edit:
    """With a header field that an answer may have."""
    return lambda parts: parts.post["responses"][status].update(headers={name: {"schema": TEXT}})


def of_status(status: str) -> Edit:
    """With an answer of another status."""
    return lambda parts: parts.post["responses"].update(
        {status: {"description": "Another", "content": parts.post["responses"]["400"]["content"]}}
    )


A, B = ({"type": "object", "properties": {name: {"type": "string"}}} for name in "ab")
TEXT: Schema = {"type": "string"}
ONE: Schema = {"type": "string", "enum": ["A", "B"]}

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
    old, new = (
        contract.load(Alteration(edit).write(tmp_path / f"{number}.yaml"))
        for number, edit in enumerate((before, after))
    )
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


@pytest.mark.parametrize(("name", "status", "told"), CHANGED)
def test_a_change_is_told_and_is_breaking_or_not(
    name: str, status: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 for nothing, 1 for what breaks no client, 2 for what may."""
    new = ALTERATIONS[name].write(tmp_path / "new.yaml")
    assert main([str(DOCUMENT), str(new)]) == status
    output = capsys.readouterr().out
    assert told in output
    assert ("breaking" in output) is (status == 2)


def all_said_by_default(parts: Parts) -> None:
    """With each keyword that says what holds without it, and with its lists in another order."""
    parts.property("remarks").update(minLength=0, nullable=False, deprecated=False, readOnly=False)
    parts.property("items").update(minItems=0, uniqueItems=False)
    parts.property("paid_amount").update(exclusiveMinimum=False)
    parts.property("status")["enum"].reverse()
    parts.request["required"].reverse()
    parts.request.update(minProperties=0, additionalProperties=True)
    parts.item.update(additionalProperties={})


TOLD: list[tuple[str, Edit, list[str]]] = [
    ("what holds without it", all_said_by_default, []),
    (
        "a limit beyond the reading's",
        asked("url", {"maxLength": 3000}),
        ["breaking added url.maxLength: 3000"],
    ),
    (
        "another limit beyond the reading's",
        asked("items", {"maxItems": 200}),
        ["breaking added items.maxItems: 200"],
    ),
    (
        "a limit loosened that the reading has",
        asked("paid_amount", {"minimum": -100}),
        ["compatible loosened paid_amount.minimum: 0 -> -100"],
    ),
    (
        "a limit that is excluded now",
        asked("paid_amount", {"exclusiveMinimum": True}),
        ["breaking tightened paid_amount.exclusiveMinimum: minimum 0 -> exclusiveMinimum 0"],
    ),
    (
        "a format",
        asked("due_date", {"format": "date-time"}),
        ["breaking added due_date.format: date-time"],
    ),
    (
        "a format that asks nothing",
        asked("paid_amount", {"format": "double"}),
        ["compatible added paid_amount.format: double"],
    ),
    ("no type", without("url", "type"), ["compatible removed url.type: string"]),
    (
        "only for answers",
        asked("remarks", {"readOnly": True}),
        ["compatible added remarks.readOnly: True"],
    ),
    (
        "only for requests",
        told("remarks", {"writeOnly": True}),
        ["breaking added 201.data.remarks.writeOnly: True"],
    ),
    (
        "a new property of many keywords",
        lambda parts: parts.add(
            "tags",
            {"type": "array", "maxItems": 5, "items": {"type": "string", "maxLength": 9}},
            comes_back=False,
        ),
        ["breaking added tags.required: tags"],
    ),
    (
        "a new property of which nothing is said",
        lambda parts: parts.add("tags", {}, required=False, comes_back=False),
        ["compatible added tags.type: anything"],
    ),
    (
        "a range of statuses for one",
        ALTERATIONS["any client error"].edit,
        ["compatible added response.documented: 4XX"],
    ),
    (
        "another status for one",
        ALTERATIONS["422 for 400"].edit,
        ["breaking changed 4xx.status: 400 -> 422"],
    ),
    (
        "no forbidden key",
        lambda parts: parts.post["responses"].pop("403"),
        ["compatible removed response.documented: 403"],
    ),
    (
        "deprecated",
        asked("url", {"deprecated": True, "default": "http://example.com"}),
        [
            "compatible added url.default: http://example.com",
            "compatible added url.deprecated: True",
        ],
    ),
]
"""What differs from today's document, and all that is told of it."""


@pytest.mark.parametrize(
    ("edit", "said"), [each[1:] for each in TOLD], ids=[one[0] for one in TOLD]
)
def test_a_change_is_told_once(edit: Edit, said: list[str], tmp_path: Path) -> None:
    """And what says the same in other words is none."""
    new = contract.load(Alteration(edit).write(tmp_path / "new.yaml"))
    lines = [" ".join(str(each).split()) for each in changes(contract.load(), new)]
    assert [line.partition(" (")[0] for line in lines] == said


NUMBER, LABEL = {"type": "number"}, {"type": "string", "maxLength": 9}
WAYS: list[tuple[str, Edit, Edit, list[str], list[str]]] = [
    (
        "one of the schemas of an answer alone",
        lambda p: p.answer["properties"].update(one={"oneOf": [NUMBER, LABEL]}),
        lambda p: p.answer["properties"].update(one=NUMBER),
        ["compatible tightened 201.data.one.oneOf"],
        ["breaking loosened 201.data.one.oneOf"],
    ),
    (
        "one of the schemas of a request alone",
        lambda p: p.add("one", {"anyOf": [NUMBER, LABEL]}, comes_back=False),
        lambda p: p.add("one", LABEL | {"minLength": 1}, comes_back=False),
        ["breaking tightened one.anyOf"],
        ["compatible loosened one.anyOf"],
    ),
    (
        "a number that one schema and no other allows",
        lambda p: p.add("one", {"oneOf": [NUMBER, {"type": "integer"}]}, comes_back=False),
        lambda p: p.add("one", NUMBER, comes_back=False),
        ["compatible loosened one.oneOf"],
        ["breaking tightened one.oneOf"],
    ),
    (
        "members one by one",
        lambda p: p.add("one", {"type": "string", "enum": ["A", "B"]}, comes_back=False),
        lambda p: p.add("one", {"oneOf": [{"enum": ["A"]}, {"enum": ["B"]}]}, comes_back=False),
        [],
        [],
    ),
    (
        "longer texts as other properties",
        lambda p: p.request.update(additionalProperties=LABEL),
        lambda p: p.request.update(additionalProperties=LABEL | {"maxLength": 20}),
        ["compatible loosened body.additionalProperties"],
        ["breaking tightened body.additionalProperties"],
    ),
    (
        "numbers as other properties",
        lambda p: p.request.update(additionalProperties=LABEL),
        lambda p: p.request.update(additionalProperties=NUMBER),
        ["breaking changed body.additionalProperties"],
        ["breaking changed body.additionalProperties"],
    ),
    (
        "a header field in small letters",
        parameter("header", "X-Tenant", LABEL, required=True).edit,
        parameter("header", "x-tenant", LABEL, required=True).edit,
        [],
        [],
    ),
    (
        "a header field of an answer in small letters",
        header_field("201", "X-One", LABEL).edit,
        header_field("201", "x-one", LABEL | {"maxLength": 8}).edit,
        ["compatible tightened 201.header.x-one.maxLength"],
        ["breaking loosened 201.header.X-One.maxLength"],
    ),
    (
        "a parameter of the query in small letters",
        parameter("query", "Tenant", LABEL, required=True).edit,
        parameter("query", "tenant", LABEL, required=True).edit,
        ["breaking removed query.Tenant.required", "breaking added query.tenant.required"],
        ["breaking removed query.tenant.required", "breaking added query.Tenant.required"],
    ),
    (
        "the header of the key in small letters",
        nothing,
        lambda p: p.document["components"]["securitySchemes"]["ApiKeyAuth"].update(
            name="x-api-key"
        ),
        [],
        [],
    ),
]
"""What differs between two versions, and all that is told of it there and back."""


@pytest.mark.parametrize(
    ("before", "after", "there", "back"), [each[1:] for each in WAYS], ids=[one[0] for one in WAYS]
)
def test_a_change_is_told_by_what_is_allowed_there_and_back(
    before: Edit, after: Edit, there: list[str], back: list[str], tmp_path: Path
) -> None:
    """In one line, whatever words the two versions say it with."""
    old, new = (
        contract.load(Alteration(edit).write(tmp_path / f"{number}.yaml"))
        for number, edit in enumerate((before, after))
    )
    for one, other, said in ((old, new, there), (new, old, back)):
        lines = [" ".join(str(each).split()) for each in changes(one, other)]
        assert [line.partition(":")[0] for line in lines] == said


def test_a_required_property_that_is_sent_again_breaks_a_client(tmp_path: Path) -> None:
    """A client of the version before does not send it; to oasdiff it is information."""
    old = Alteration(asked("due_date", {"readOnly": True})).write(tmp_path / "old.yaml")
    (change,) = changes(contract.load(old), contract.load())
    assert (change.requirement, change.kind, change.breaking) == (
        "due_date.readOnly",
        "removed",
        True,
    )


def test_the_way_back_of_a_breaking_change_is_a_compatible_one(tmp_path: Path) -> None:
    """What was tightened is loosened."""
    new = contract.load(ALTERATIONS["shorter remarks"].write(tmp_path / "new.yaml"))
    (back,) = changes(new, contract.load())
    assert (back.kind, back.breaking, back.old, back.new) == ("loosened", False, 100, 255)


@pytest.mark.parametrize("words", ["markdown", "json"])
def test_a_change_has_operands_places_and_what_it_means(
    words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a table, and for programs."""
    new = ALTERATIONS["shorter remarks"].write(tmp_path / "new.yaml")
    assert main([str(DOCUMENT), str(new), "--format", words]) == 2
    output = capsys.readouterr().out
    if words == "json":
        (change,) = json.loads(output)
        assert (change["old"], change["new"]) == (255, 100)
        assert change["old_place"].startswith("spec/openapi.yaml:")
    else:
        assert (
            "| **breaking**, tightened | `remarks.maxLength` | `255` (spec/openapi.yaml:" in output
        )
    assert "what was accepted may be refused" in output


def test_a_file_that_is_no_document_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the other output, with status 4."""
    path = tmp_path / "new.yaml"
    path.write_text("swagger: '2.0'\n")
    assert main([str(DOCUMENT), str(path)]) == 4
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "is not an OpenAPI 3.0 or 3.1 document" in error


def test_a_run_by_another_version_says_what_changed(tmp_path: Path) -> None:
    """Above all else; a run by the document of the suite does not."""
    new = ALTERATIONS["one state less"].write(tmp_path / "new.yaml")
    output = suite("--document", str(new), "--collect-only").output
    assert "changes: 1, of which 1 may break clients" in output
    assert "tightened status.enum" in output
    assert "changes:" not in suite("--collect-only").output


def test_what_an_enumeration_had_before_is_a_near_miss(tmp_path: Path) -> None:
    """The first of all: a server that still lives by the old version accepts it."""
    loaded = contract.load(ALTERATIONS["one state less"].write(tmp_path / "new.yaml"))
    assert loaded.named("status.enum").former == ("OVERPAID",)
    assert contract.load().named("status.enum").former == ()
