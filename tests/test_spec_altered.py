"""Another version of the vendor's document is judged by what it says, without a change of code."""

from pathlib import Path

import pytest

from spec.expectation import Expectation
from strategies.invoice import plain_invoice, why_not_valid
from tests.exchanges import Change, Json, answer_to, drop, found, invoice, put
from tests.invoices import ANYWHERE
from tests.versions.edited import (
    ANSWERED_REMARKS,
    ITEMS,
    PAID,
    QUANTITY,
    REMARKS,
    STATUS,
    Edit,
    altered,
    broken,
    changes,
    expected,
    judged,
)


def test_an_added_optional_field_has_requirements_and_need_not_be_accepted(tmp_path: Path) -> None:
    """Type and length are requirements; of what else a server asks the reading says nothing."""
    currency = "        currency:\n          type: string\n          maxLength: 3\n"
    loaded = altered(tmp_path, (REMARKS, REMARKS + currency))
    assert changes(loaded) == ({"currency.type", "currency.maxLength"}, set())
    assert broken(loaded, invoice() | {"currency": 5}) == ["currency.type"]
    assert broken(loaded, invoice() | {"currency": "EURO"}) == ["currency.maxLength"]
    assert expected(loaded, invoice()).expectation is Expectation.ACCEPT
    assert loaded.left_out == (("currency",),)
    sent = expected(loaded, invoice() | {"currency": "EUR"})
    assert sent.expectation is Expectation.UNSPECIFIED
    assert sent.unspecified == frozenset()
    line = loaded.named("currency.maxLength").line
    assert (tmp_path / "altered.yaml").read_text().splitlines()[line - 1].strip() == "maxLength: 3"


def test_an_added_required_field_that_the_answer_has_too_must_come_back(tmp_path: Path) -> None:
    """Required and echo are requirements of the new field as well."""
    field = "        currency:\n          type: string\n          maxLength: 3\n"
    loaded = altered(
        tmp_path,
        (REMARKS, REMARKS + field),
        (ANSWERED_REMARKS, ANSWERED_REMARKS + field),
        ("        - due_date\n", "        - due_date\n        - currency\n"),
    )
    assert changes(loaded) == (
        {
            "currency.required",
            "currency.type",
            "currency.maxLength",
            "201.data.currency.type",
            "201.data.currency.maxLength",
            "201.data.currency.echo",
        },
        set(),
    )
    assert broken(loaded, invoice()) == ["currency.required"]
    payload = invoice() | {"currency": "EUR"}
    assert found(judged(loaded, payload, answer_to(payload))) == []
    answer = answer_to(payload)
    put("data", "currency", value="USD")(answer)
    assert found(judged(loaded, payload, answer)) == [("201.data.currency.echo", "Echo mismatch")]


@pytest.mark.parametrize(
    ("kind", "valid", "unspecified"),
    [
        ("string", "a" * 300, "\0"),
        ("number", 12.34, 1e300),
        ("number", 0, -1),
        ("number", 0, 0.001),
        ("integer", 5, 10**9),
        ("integer", 5, 0),
    ],
)
def test_the_reading_bounds_an_added_required_field_by_its_type(
    kind: str, valid: Json, unspecified: Json, tmp_path: Path
) -> None:
    """Nobody has promised control characters or huge numbers in the new field: unspecified."""
    loaded = altered(
        tmp_path,
        (REMARKS, REMARKS + f"        extra:\n          type: {kind}\n"),
        ("        - due_date\n", "        - due_date\n        - extra\n"),
    )
    assert expected(loaded, invoice() | {"extra": valid}).expectation is Expectation.ACCEPT
    unusual = expected(loaded, invoice() | {"extra": unspecified})
    assert unusual.expectation is Expectation.UNSPECIFIED


def test_nested_objects_and_lists_come_back_too(tmp_path: Path) -> None:
    """Echo holds for each property of an object and each element of a list."""
    fields = (
        "        buyer:\n          type: object\n          properties:\n"
        "            city:\n              type: string\n              maxLength: 9\n"
        "        tags:\n          type: array\n          items:\n            type: string\n"
    )
    loaded = altered(
        tmp_path, (REMARKS, REMARKS + fields), (ANSWERED_REMARKS, ANSWERED_REMARKS + fields)
    )
    payload = invoice() | {"buyer": {"city": "Rome"}, "tags": ["a", "b"]}
    answer = answer_to(payload)
    assert found(judged(loaded, payload, answer)) == []
    put("data", "buyer", "city", value="Oslo")(answer)
    put("data", "tags", value=["b", "a"])(answer)
    assert [name for name, _ in found(judged(loaded, payload, answer))] == [
        "201.data.buyer.city.echo",
        "201.data.tags.echo",
    ]


@pytest.mark.parametrize(
    ("edit", "change", "name", "operand"),
    [
        (
            (REMARKS, REMARKS.replace("255", "100")),
            put("remarks", value="a" * 101),
            "remarks.maxLength",
            100,
        ),
        (
            (REMARKS, REMARKS.replace("max", "minLength: 5\n          max")),
            put("remarks", value="abcd"),
            "remarks.minLength",
            5,
        ),
        (
            (PAID, PAID.replace("minimum: 0", "minimum: 1")),
            put("paid_amount", value=0),
            "paid_amount.minimum",
            1,
        ),
        (
            (QUANTITY, QUANTITY + "          maximum: 100\n"),
            put("items", 1, "quantity", value=101),
            "items[].quantity.maximum",
            100,
        ),
        (
            (ITEMS, ITEMS + "          maxItems: 1\n"),
            put("remarks", value="x"),
            "items.maxItems",
            1,
        ),
        (
            (ITEMS, ITEMS + "          minItems: 3\n"),
            put("remarks", value="x"),
            "items.minItems",
            3,
        ),
    ],
)
def test_a_stricter_limit_holds_where_the_reading_is_looser(
    edit: Edit, change: Change, name: str, operand: int, tmp_path: Path
) -> None:
    """The changed limit is the requirement's operand and what a payload is judged by."""
    loaded = altered(tmp_path, edit)
    payload = invoice()
    change(payload)
    assert loaded.named(name).operand == operand
    assert broken(loaded, payload) == [name]


def test_a_looser_limit_makes_longer_text_valid(tmp_path: Path) -> None:
    """What the document newly allows must be accepted unless the reading excludes it."""
    loaded = altered(tmp_path, (REMARKS, REMARKS.replace("255", "300")))
    assert expected(loaded, invoice() | {"remarks": "a" * 300}).expectation is Expectation.ACCEPT
    assert broken(loaded, invoice() | {"remarks": "a" * 301}) == ["remarks.maxLength"]


def test_a_property_that_is_no_longer_required_may_be_left_out(tmp_path: Path) -> None:
    """An invoice without it is valid, and a date that a server fills in is judged."""
    loaded = altered(tmp_path, ("        - due_date\n", ""))
    assert changes(loaded) == ({"201.data.due_date.date-time"}, {"due_date.required"})
    payload = invoice()
    drop("due_date")(payload)
    assert expected(loaded, payload).expectation is Expectation.ACCEPT


def test_an_added_enum_member_may_come_back_only_where_it_was_sent(tmp_path: Path) -> None:
    """Which amounts it agrees with is unspecified; its echo is not a violation."""
    loaded = altered(tmp_path, (STATUS, STATUS + "            - REFUNDED\n"))
    assert changes(loaded) == (set(), set())
    payload = invoice() | {"status": "REFUNDED"}
    assert broken(loaded, payload) == []
    assert expected(loaded, payload).expectation is Expectation.UNSPECIFIED
    assert found(judged(loaded, payload, answer_to(payload))) == []
    assert broken(loaded, invoice() | {"status": "LOST"}) == ["status.enum"]
    unasked = invoice()
    drop("status")(unasked)
    answer = answer_to(unasked)
    put("data", "status", value="LOST")(answer)
    assert found(judged(loaded, unasked, answer)) == [("201.data.status.enum", "Answer shape")]


@pytest.mark.parametrize(
    ("schema", "left_out"),
    [
        ("{type: boolean}", False),
        ("{type: string, enum: [EUR, USD]}", False),
        ("{type: number}", True),
        ("{type: string, format: uuid}", True),
        ("{type: object, properties: {city: {type: string}}}", True),
        ("{type: array, items: {type: string}}", True),
    ],
)
def test_a_new_optional_property_is_left_out_unless_its_values_are_listed(
    schema: str,
    left_out: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
) -> None:
    """A number may count into the total, a text may have to exist; a flag is what it is."""
    loaded = altered(tmp_path, (REMARKS, f"{REMARKS}        extra: {schema}\n"))
    assert (loaded.left_out == (("extra",),)) is left_out
    assert why_not_valid(loaded, ANYWHERE) == ""
    assert ("extra" in plain_invoice(loaded, ANYWHERE)) is not left_out
