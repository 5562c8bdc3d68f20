"""Where a version of the document says null: what must be accepted then, and what need not be."""

from pathlib import Path
from typing import Any

import pytest

from run.cases import near_misses
from spec.expectation import Expectation
from spec.expectation import broken as broken_parts
from tests.exchanges import answer_to, found, invoice, put
from tests.invoices import ANYWHERE
from tests.versions.edited import broken, expected, judged
from tests.versions.parts import Alteration, Parts, of_3_1

Case = tuple[str, dict[str, Any], str]
"""A property, its schema and the version of OpenAPI."""

STATES = ["PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID"]
NULLABLE = {"type": "string", "nullable": True}
STATE = {"type": "string", "enum": STATES}
OF_A_STATE = {"$ref": "#/components/schemas/State"}


OTHERS = {
    "State": STATE,
    "Text": {"type": "string", "maxLength": 255},
    "Long": {"type": "string", "allOf": [{"maxLength": 255}]},
    "Null": NULLABLE,
}
UNSURE: dict[str, Case] = {
    "an enumeration": ("status", {**NULLABLE, "enum": STATES}, "3.0.3"),
    "an enumeration of no type": ("status", {"nullable": True, "enum": STATES}, "3.0.3"),
    "an enumeration of 3.1": ("status", {"type": ["string", "null"], "enum": STATES}, "3.1.0"),
    "an allOf": ("status", {"nullable": True, "allOf": [OF_A_STATE]}, "3.0.3"),
    "an allOf, said after it": ("status", {"allOf": [OF_A_STATE], "nullable": True}, "3.0.3"),
    "an allOf of a type": (
        "remarks",
        {"nullable": True, "allOf": [{"type": "string", "maxLength": 99}]},
        "3.0.3",
    ),
    "a type beside an allOf": ("status", {**NULLABLE, "allOf": [OF_A_STATE]}, "3.0.3"),
    "a reference": ("status", {**OF_A_STATE, "nullable": True}, "3.0.3"),
    "a reference of a text": (
        "remarks",
        {"$ref": "#/components/schemas/Text", "nullable": True, "description": "What else."},
        "3.0.3",
    ),
    "a reference of a text with a part": (
        "remarks",
        {"$ref": "#/components/schemas/Long", "nullable": True},
        "3.0.3",
    ),
    "a choice": ("status", {"nullable": True, "oneOf": [OF_A_STATE]}, "3.0.3"),
    "a choice of two": (
        "status",
        {"nullable": True, "anyOf": [OF_A_STATE, {"type": "string", "enum": ["PAID"]}]},
        "3.0.3",
    ),
}
SURE: dict[str, Case] = {
    "a type": ("remarks", {**NULLABLE, "maxLength": 255}, "3.0.3"),
    "a type of 3.1": ("remarks", {"type": ["string", "null"]}, "3.1.0"),
    "a type with an allOf that has none": (
        "remarks",
        {**NULLABLE, "allOf": [{"maxLength": 99}]},
        "3.0.3",
    ),
    "an allOf of it alone": ("remarks", {"allOf": [NULLABLE, {"maxLength": 99}]}, "3.0.3"),
    "an enumeration with null": ("status", {**NULLABLE, "enum": [*STATES, None]}, "3.0.3"),
    "a reference of it": (
        "remarks",
        {"$ref": "#/components/schemas/Null", "nullable": False},
        "3.0.3",
    ),
    "beside null": ("status", {"anyOf": [OF_A_STATE, {"type": "null"}]}, "3.1.0"),
}
NEVER: dict[str, Case] = {
    "a type": ("remarks", {"type": "string"}, "3.0.3"),
    "a flag that is off": ("remarks", {"type": "string", "nullable": False}, "3.0.3"),
    "a reference": ("status", OF_A_STATE, "3.0.3"),
    "a member of another type": ("status", {"type": "string", "enum": [*STATES, None]}, "3.0.3"),
}


def _of_null(case: Case, folder: Path) -> tuple[Expectation, list[str]]:
    """What is expected of null in a property that has this schema, and what null breaks."""
    name, schema, version = case

    def change(parts: Parts) -> None:
        parts.document["openapi"] = version
        parts.document["components"]["schemas"] |= OTHERS
        parts.property(name).clear()
        parts.property(name).update(schema)

    loaded = Alteration(change).load(folder)
    assert expected(loaded, invoice()).expectation is Expectation.ACCEPT
    payload = invoice() | {name: None}
    return expected(loaded, payload).expectation, broken(loaded, payload)


@pytest.mark.parametrize("name", UNSURE)
def test_null_is_unspecified_where_nullable_adds_nothing(name: str, tmp_path: Path) -> None:
    """`nullable` adds null to the type beside it alone, and to no enumeration (OpenAPI 3.0.3)."""
    assert _of_null(UNSURE[name], tmp_path) == (Expectation.UNSPECIFIED, [])


@pytest.mark.parametrize("name", SURE)
def test_null_must_be_accepted_where_the_type_has_it(name: str, tmp_path: Path) -> None:
    """So it is with `nullable` beside the type, and with null among the types or the members."""
    assert _of_null(SURE[name], tmp_path) == (Expectation.ACCEPT, [])


@pytest.mark.parametrize("name", NEVER)
def test_null_is_refused_where_nothing_says_it(name: str, tmp_path: Path) -> None:
    """Without `nullable`, null is no text."""
    assert _of_null(NEVER[name], tmp_path)[0] is Expectation.REJECT


OF_NONE = {"type": "null"}
ANSWERED: dict[str, tuple[dict[str, Any], list[str | None]]] = {
    "an anyOf with null": ({"anyOf": [OF_A_STATE, OF_NONE]}, [*STATES, None]),
    "a oneOf with null": ({"oneOf": [OF_NONE, OF_A_STATE]}, [*STATES, None]),
    "other words and null": (
        {"anyOf": [{"type": "string", "enum": ["PAID", "DRAFT"]}, OF_NONE]},
        ["PAID", "DRAFT", None],
    ),
    "an allOf of other words": ({"allOf": [{"enum": ["PAID", "DRAFT"]}]}, ["PAID", "DRAFT"]),
    "the empty text and null": (
        {"oneOf": [OF_A_STATE, {"enum": [""]}, OF_NONE]},
        [*STATES, None, ""],
    ),
    "any text and null": ({"anyOf": [{"type": "string"}, OF_NONE]}, [*STATES, None]),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_the_states_of_an_answer_are_those_that_the_document_lists_in_any_way(
    name: str, tmp_path: Path
) -> None:
    """The reading lists them where the document does not; beside its own list it adds nothing."""
    schema, members = ANSWERED[name]

    def change(parts: Parts) -> None:
        parts.document["openapi"] = "3.1.0"
        parts.document["components"]["schemas"]["State"] = STATE
        parts.answer["properties"]["status"] = schema

    loaded = Alteration(change).load(tmp_path)
    assert loaded.named("201.data.status.enum").operand == members
    judged = loaded.answered(201)
    assert judged is not None
    for status in (*STATES, "DRAFT", "", None, "ELSE"):
        found = [*broken_parts(judged, {"data": {"status": status}})]
        asked = [one.name for one, at, _ in found if one and at == ("data", "status")]
        assert (not asked) is (status in members), status


def test_a_limit_beside_a_reference_counts_for_nothing(tmp_path: Path) -> None:
    """In OpenAPI 3.0, where it would widen, and where it would narrow what must be accepted."""
    for beside in ({"maxLength": 999}, {"maxLength": 9}):

        def change(parts: Parts, beside: dict[str, Any] = beside) -> None:
            parts.document["openapi"] = "3.0.3"
            parts.document["components"]["schemas"] |= OTHERS
            parts.property("remarks").clear()
            parts.property("remarks").update({"$ref": "#/components/schemas/Text", **beside})

        loaded = Alteration(change).load(tmp_path)
        long = invoice() | {"remarks": "a" * 255}
        assert expected(loaded, long).expectation is Expectation.ACCEPT
        assert broken(loaded, invoice() | {"remarks": "a" * 256}) == ["remarks.maxLength"]


def test_null_may_be_answered_where_nullable_is_beside_a_reference(tmp_path: Path) -> None:
    """Of a property that the reading narrows as well as of others."""

    def change(parts: Parts) -> None:
        parts.document["openapi"] = "3.0.3"
        parts.document["components"]["schemas"] |= OTHERS
        answered = parts.document["components"]["schemas"]["dtos.InvoiceResponse"]["properties"]
        for name in ("status", "remarks"):
            answered[name].clear()
            answered[name].update({"$ref": "#/components/schemas/Text", "nullable": True})

    loaded = Alteration(change).load(tmp_path)
    payload = {name: one for name, one in invoice().items() if name not in ("status", "remarks")}
    answer = answer_to(payload)
    for name in ("status", "remarks"):
        put("data", name, value=None)(answer)
        assert found(judged(loaded, payload, answer)) == []


def test_null_beside_a_choice_that_is_a_branch_must_be_accepted(tmp_path: Path) -> None:
    """As pydantic writes a choice by a discriminator that may be missing."""

    def of(name: str) -> dict[str, Any]:
        kind = {"type": "string", "const": name}
        return {"type": "object", "required": ["method"], "properties": {"method": kind}}

    def edit(parts: Parts) -> None:
        mapping = {name: f"#/components/schemas/{name}" for name in ("Card", "Bank")}
        parts.document["components"]["schemas"] |= {name: of(name) for name in mapping}
        choice = {
            "oneOf": [{"$ref": each} for each in mapping.values()],
            "discriminator": {"propertyName": "method", "mapping": mapping},
        }
        parts.add("payment", {"anyOf": [choice, {"type": "null"}]}, required=False)

    loaded = of_3_1(edit).load(tmp_path)
    assert broken(loaded, invoice() | {"payment": None}) == []
    assert broken(loaded, invoice() | {"payment": {"method": "Bank"}}) == []
    assert broken(loaded, invoice() | {"payment": {"method": "Cash"}}) == ["payment.oneOf"]
    (group,) = (one for one in near_misses(loaded, ANYWHERE) if one.name == "payment.oneOf")
    assert all(case.payload["payment"] is not None for case in group.cases)
