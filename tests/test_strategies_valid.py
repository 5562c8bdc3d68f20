"""Drawn invoices are valid for an independent validator, varied, and shrink to plain ones."""

import json
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.internal import charmap

from spec.contract import PLACEHOLDER, TargetFacts
from spec.relations import RELATIONS
from strategies.acceptance.valid import valid
from strategies.invoice import encode, plain_invoice
from strategies.scalars import scalar
from tests.invoices import ANYWHERE, CONTRACT, DRAWS, SEARCH, STARTED, TARGETS, complaints, drawn

Payload = dict[str, Any]

OPTIONAL = ("status", "remarks", "url", "created_at", "updated_at")


def invalid(payload: Payload, facts: TargetFacts) -> list[object]:
    """What makes a payload invalid at a target, as independent checks see it; empty if valid."""
    return [
        *complaints(CONTRACT.narrowed_schema, payload),
        *RELATIONS.incoherences(payload, facts),
        *(["precedes the order"] if RELATIONS.update.is_broken(payload, facts) else []),
    ]


@pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
def test_every_drawn_invoice_is_valid(facts: TargetFacts) -> None:
    """It keeps schema and consistency rules, takes at most 64 KiB, and carries the stamp."""

    @DRAWS
    @given(valid(CONTRACT, facts))
    def holds(payload: Payload) -> None:
        assert invalid(payload, facts) == []
        assert len(encode(payload)) <= 64 * 1024
        for text in (payload["reference_id"], payload["invoice_number"], *references(payload)):
            assert PLACEHOLDER in text

    holds()


def references(payload: Payload) -> list[str]:
    """The references of the items."""
    return [item["reference_id"] for item in payload["items"]]


@DRAWS
@given(valid(CONTRACT, ANYWHERE))
def test_references_differ_for_a_careless_reader_too(payload: Payload) -> None:
    """For one that ignores case, outer spaces, normalisation and leading zeros."""
    read = [
        unicodedata.normalize("NFKC", text).casefold().strip().lstrip("0")
        for text in references(payload)
    ]
    assert len(set(read)) == len(read)


@DRAWS
@given(valid(CONTRACT, ANYWHERE))
def test_no_invoice_is_due_before_its_own_date(payload: Payload) -> None:
    """Its own date is its creation, or the day of the run where no creation is sent."""
    due = datetime.fromisoformat(payload["due_date"])
    created = payload.get("created_at")
    assert due >= (datetime.fromisoformat(created) if created else STARTED)


@pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
def test_the_base_invoice_is_valid(facts: TargetFacts) -> None:
    """The invoice from which listed cases are made is valid at any target."""
    assert invalid(plain_invoice(CONTRACT, facts), facts) == []


def test_the_base_invoice_is_complete() -> None:
    """It has every property of the document, and three items."""
    payload = plain_invoice(CONTRACT, ANYWHERE)
    assert set(payload) == set(CONTRACT.request_schema["properties"])
    assert len(payload["items"]) == 3


def test_an_update_is_not_sent_when_the_order_may_be_younger() -> None:
    """For an order of unknown age no `updated_at` is sure to be later."""
    assert "updated_at" not in plain_invoice(CONTRACT, TARGETS["known orders"])
    assert "updated_at" not in plain_invoice(CONTRACT, TARGETS["fresh orders"])
    assert "updated_at" in plain_invoice(CONTRACT, TARGETS["recent orders"])


KINDS: dict[str, Callable[[Payload], bool]] = {
    "a hundred items": lambda p: len(p["items"]) == 100,
    "no optional property": lambda p: not any(name in p for name in OPTIONAL),
    "every optional property": lambda p: all(name in p for name in OPTIONAL),
    "updated but not created": lambda p: "updated_at" in p and "created_at" not in p,
    "PAID": lambda p: p.get("status") == "PAID" and p["total_amount"] > 0,
    "PENDING": lambda p: p.get("status") == "PENDING" and p["total_amount"] > 0,
    "PARTIALLY_PAID": lambda p: p.get("status") == "PARTIALLY_PAID",
    "OVERPAID": lambda p: p.get("status") == "OVERPAID",
    "PAID for nothing": lambda p: p.get("status") == "PAID" and p["total_amount"] == 0,
    "an astral character": lambda p: max(p["items"][0]["name"]) > "\uffff",
    "a right-to-left letter": lambda p: any("א" <= one <= "ي" for one in p["items"][0]["name"]),
    "a trailing space": lambda p: any(item["name"].endswith(" ") for item in p["items"]),
    "more than 100 characters": lambda p: len(p["order_id"]) > 100,
    "a total beyond 32 bits": lambda p: p["total_amount"] > 2**32,
    "a fraction of a second": lambda p: "." in p["due_date"],
    "due in the past": lambda p: p["due_date"] < "2025",
    "due in the future": lambda p: p["due_date"] > "2050",
    "an offset": lambda p: p["due_date"].endswith("+14:00"),
    "two items of one sku": lambda p: len({i["sku"] for i in p["items"]}) < len(p["items"]),
    "many of something": lambda p: any(i["quantity"] > 100_000 for i in p["items"]),
}


@pytest.fixture(scope="module")
def payloads() -> list[Payload]:
    """Fewer than a deep run draws."""
    return drawn(valid(CONTRACT, ANYWHERE), 1800, KINDS.values())


@pytest.mark.parametrize("wanted", KINDS.values(), ids=KINDS)
def test_every_kind_is_drawn(wanted: Callable[[Payload], bool], payloads: list[Payload]) -> None:
    """The drawn invoices include each kind that the reading allows."""
    assert any(map(wanted, payloads))


def test_an_invoice_shrinks_to_a_plain_one() -> None:
    """The smallest one has one item, no optional property and nothing paid."""
    smallest = find(valid(CONTRACT, ANYWHERE), lambda _: True, settings=SEARCH)
    assert smallest == {
        "reference_id": f"REF-20250101-{PLACEHOLDER}",
        "order_id": "ORD-20250101",
        "invoice_number": f"INV-20250101-{PLACEHOLDER}",
        "total_amount": 0,
        "paid_amount": 0,
        "due_date": "2056-01-02T00:00:01Z",
        "items": [
            {
                "reference_id": f"REF-20250101-{PLACEHOLDER}",
                "sku": "SKU-20415",
                "quantity": 1,
                "amount": 0,
                "name": "Walnut side table",
            }
        ],
    }


def test_a_failing_invoice_shrinks_to_its_cause() -> None:
    """An invoice that fails for its long remark becomes plain except for the remark."""
    smallest = find(
        valid(CONTRACT, ANYWHERE), lambda p: len(p.get("remarks", "")) > 99, settings=SEARCH
    )
    assert smallest["remarks"] == "0" * 100
    assert [name for name in OPTIONAL if name in smallest] == ["remarks"]
    assert len(smallest["items"]) == 1


@DRAWS
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_encoding_keeps_the_payload(payload: object) -> None:
    """An encoded payload is parsed to an equal one, lone surrogates included."""
    assert json.loads(encode(payload)) == payload
    assert json.loads(encode([payload, "\ud800"])) == [payload, "\ud800"]


def test_encoding_sends_characters_as_themselves() -> None:
    """The text is compact UTF-8 with no escape that JSON does not need."""
    assert encode({"é": ["😀", 1.5, None]}) == '{"é":["😀",1.5,null]}'.encode()


def test_nan_is_not_encoded() -> None:
    """NaN raises an error instead of becoming an invalid body."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"total_amount": float("nan")})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "maxLength": 128},
        {"type": "string", "pattern": "^[a-z]+$"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "enum": ["PAID", "PENDING"]},
        {"type": ["boolean", "null"]},
        {"type": "integer"},
        {"type": "number", "minimum": 0, "multipleOf": 0.01},
    ],
    ids=str,
)
def test_no_scalar_needs_a_table_of_all_characters(
    schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hypothesis would make it in the first run on a machine, which takes 200 MiB."""
    monkeypatch.setattr(charmap, "intervals_from_codec", None)
    strategy = st.composite(scalar(schema))()
    assert len({*map(repr, drawn(strategy, 60))}) > 1


@pytest.mark.parametrize("pattern", [r"^INV-\d{8}$", r"^INV-\d{4}-\d{6}$", r"^[\w-]{8}$"])
def test_digits_and_letters_of_a_pattern_are_those_of_ecma_262(pattern: str) -> None:
    """Python's are of every script: Hypothesis would filter out most, and end the run."""
    strategy = st.composite(scalar({"type": "string", "pattern": pattern}))()

    @settings(max_examples=60, derandomize=True, database=None)
    @given(strategy)
    def is_ascii(text: str) -> None:
        assert text.isascii()

    is_ascii()


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": r"^\S+@\S+\.\S+$", "minLength": 5, "maxLength": 9},
        {"type": "string", "format": "email", "maxLength": 17},
        {"type": "string", "pattern": r"^(?=.*\d)[A-Z0-9]{8}$"},
    ],
)
def test_what_is_hard_to_draw_does_not_end_a_run(schema: dict[str, Any]) -> None:
    """Hypothesis fails a test that filters out most of what it draws; some values are sent then."""

    @settings(max_examples=60, derandomize=True, database=None)
    @given(st.composite(scalar(schema))())
    def draws(_text: str) -> None:
        pass

    draws()


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ({"type": "string", "enum": ["PENDING", "PAID"]}, ["PAID", "PENDING"]),
        ({"type": "string", "enum": ["PAID", "PENDING"], "maxLength": 4}, ["PAID"]),
        ({"type": "boolean"}, [False, True]),
        ({"type": ["boolean", "null"]}, [None, False, True]),
        ({"type": "integer", "minimum": 3, "maximum": 5}, [3, 4, 5]),
        ({"type": "integer", "exclusiveMinimum": 3, "maximum": 9, "multipleOf": 2}, [4, 6, 8]),
        ({"enum": [None, 1, "one"]}, [None, 1, "one"]),
        ({"const": 7}, [7]),
    ],
    ids=str,
)
def test_every_value_of_a_small_scalar_is_drawn(
    schema: dict[str, Any], values: list[object]
) -> None:
    """And no other one, whatever the schema says it by."""
    assert {*drawn(st.composite(scalar(schema))(), 60)} == {*values}
