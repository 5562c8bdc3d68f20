"""Sums, status, dates and orders agree or do not, and each disagreement is a sentence."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from spec.coherence import exact
from spec.contract import TargetFacts
from spec.paths import Location
from spec.relations import RELATIONS
from tests.exchanges import FACTS, ORDERS, Change, altered, drop, invoice, put

LATE = replace(ORDERS, order_created_at=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("paid", "total", "agreeing"),
    [
        ("0", "0", {"PAID", "PENDING"}),
        ("-0.0", "0", {"PAID", "PENDING"}),
        ("0", "0.01", {"PENDING"}),
        ("0.01", "0.02", {"PARTIALLY_PAID"}),
        ("0.02", "0.02", {"PAID"}),
        ("0.020", "0.02", {"PAID"}),
        ("0.03", "0.02", {"OVERPAID"}),
        ("0.01", "0", {"OVERPAID"}),
        ("-0.01", "0.02", set()),
        ("-0.03", "-0.02", set()),
        ("999999999999.99", "1000000000000", {"PARTIALLY_PAID"}),
        ("1E+12", "1000000000000", {"PAID"}),
    ],
)
def test_a_status_agrees_with_what_was_paid(paid: str, total: str, agreeing: set[str]) -> None:
    """Nothing paid of nothing is both PAID and PENDING, less than nothing is none of the four."""
    assert RELATIONS.state.agreeing(Decimal(paid), Decimal(total)) == agreeing


def test_a_float_counts_as_it_is_written() -> None:
    """269.96 in binary is no whole number of cents; the decimal that it is written as is."""
    assert exact(269.96) == Decimal("269.96")
    assert exact(1e22) == Decimal(10) ** 22
    assert exact(5) == 5
    assert RELATIONS.sum.of([{"amount": 0.1, "quantity": 3}, {"amount": 0.2, "quantity": 1}]) == (
        Decimal("0.5")
    )


ODD: list[Any] = [None, True, 5, "x", [], {}, [5], [{}], [{"amount": 1}], {"a": []}]


def items_of(*amounts: float) -> Change:
    """Items of these amounts, one of each."""
    return put(
        "items",
        value=[
            {"reference_id": f"I-{n}", "sku": "S", "name": "N", "quantity": 1, "amount": amount}
            for n, amount in enumerate(amounts)
        ],
    )


@pytest.mark.parametrize(
    ("changes", "facts", "words"),
    [
        ([], FACTS, []),
        ([put("total_amount", value=269.97)], FACTS, ["total_amount is 269.97"]),
        ([put("total_amount", value=0)], FACTS, ["total_amount is 0", "status is"]),
        ([items_of(269.95, 0.01)], FACTS, []),
        ([items_of(269.95, 0.02)], FACTS, ["the items' sum 269.97"]),
        ([items_of(*[0.1] * 3), put("total_amount", value=0.3), drop("status")], FACTS, []),
        ([put("status", value="PAID")], FACTS, ["is PARTIALLY_PAID"]),
        ([put("paid_amount", value=269.96)], FACTS, ["is PAID"]),
        ([put("paid_amount", value=300)], FACTS, ["is OVERPAID"]),
        ([put("paid_amount", value=0), drop("status")], FACTS, []),
        ([put("paid_amount", value=-0.01)], FACTS, ["is no status"]),
        ([put("items", 1, "reference_id", value="I-1")], FACTS, ["two items share"]),
        *[
            ([put("items", 1, "reference_id", value=alike)], FACTS, ["two items share"])
            for alike in ("i-1", "I-1 ", "\u3000I-1", "00I-1", "\uff29-1")
        ],
        ([put("items", 1, "reference_id", value="I-01")], FACTS, []),
        ([put("items", 1, "sku", value="S-1")], FACTS, []),
        ([put("created_at", value="2025-06-02T12:00:00Z")], FACTS, []),
        ([put("created_at", value="2025-06-02T12:00:00.001Z")], FACTS, ["later than updated_at"]),
        ([put("created_at", value="2025-06-02T14:00:00+02:00")], FACTS, []),
        ([put("updated_at", value="2026-02-28T23:59:00Z")], FACTS, []),
        ([put("updated_at", value="2026-02-28T23:59:00.001Z")], FACTS, ["updated_at is later"]),
        (
            [
                drop("updated_at"),
                put("created_at", value="2027-01-01T00:00:00Z"),
                put("due_date", value="2027-01-01T00:00:00Z"),
            ],
            FACTS,
            ["created_at is later"],
        ),
        ([put("due_date", value="2025-06-01T12:00:00Z")], FACTS, []),
        ([put("due_date", value="2025-06-01T11:59:59Z")], FACTS, ["due_date is before created_at"]),
        ([drop("created_at")], FACTS, ["due_date is in the past"]),
        ([drop("created_at"), put("due_date", value="2026-03-01T00:00:00Z")], FACTS, []),
        ([put("created_at", value="not a date")], FACTS, []),
        ([put("due_date", value="2099-01-01T00:00:00Z")], FACTS, []),
        ([], ORDERS, []),
        ([put("order_id", value="ORD-2")], ORDERS, ["none of the target's known orders"]),
        ([], replace(ORDERS, order_created_at=None), ["when the order was created is not known"]),
        ([drop("updated_at")], replace(ORDERS, order_created_at=None), []),
        ([drop("order_id")], ORDERS, []),
        ([drop("order_id")], LATE, ["updated_at is not after the creation of the target's orders"]),
        ([put("order_id", value="ORD-2")], FACTS, []),
    ],
)
def test_each_disagreement_is_a_sentence(
    changes: list[Change], facts: TargetFacts, words: list[str]
) -> None:
    """What agrees has none; what does not has the sentence of its check."""
    sentences = [each.sentence for each in RELATIONS.incoherences(altered(*changes), facts)]
    assert len(sentences) == len(words), sentences
    assert all(word in sentence for word, sentence in zip(words, sentences, strict=True))


PRICED = {("items", index, name) for index in (0, 1) for name in ("amount", "quantity")}


@pytest.mark.parametrize(
    ("changes", "locations"),
    [
        ([put("total_amount", value=269.97)], {("total_amount",), ("items",), *PRICED}),
        ([put("status", value="PAID")], {("status",), ("paid_amount",), ("total_amount",)}),
        (
            [put("items", 1, "reference_id", value="I-1")],
            {("items",), ("items", 0, "reference_id"), ("items", 1, "reference_id")},
        ),
        ([put("updated_at", value="2026-03-01T00:00:00Z")], {("updated_at",)}),
        ([put("updated_at", value="2025-06-01T00:00:00Z")], {("created_at",), ("updated_at",)}),
        ([put("due_date", value="2025-01-01T00:00:00Z")], {("due_date",), ("created_at",)}),
        ([drop("created_at")], {("due_date",)}),
    ],
)
def test_each_disagreement_has_the_locations_that_disagree(
    changes: list[Change], locations: set[Location]
) -> None:
    """A server may name any of them."""
    (found,) = RELATIONS.incoherences(altered(*changes), FACTS)
    assert set(found.locations) == locations


def test_an_order_that_is_not_known_disagrees_alone() -> None:
    """At a target whose orders are known."""
    (found,) = RELATIONS.incoherences(altered(put("order_id", value="ORD-2")), ORDERS)
    assert found.locations == (("order_id",),)


@pytest.mark.parametrize("absent", [*invoice()])
def test_what_is_absent_cannot_disagree(absent: str) -> None:
    """Another version of the document may have any property left out."""
    payload = altered(put("due_date", value="2026-03-01T00:00:00Z"))
    del payload[absent]
    assert RELATIONS.incoherences(payload, FACTS) == ()


@pytest.mark.parametrize(
    "value", [None, True, 5, "x", [], {}, [5], [{}], [{"amount": 1}], {"a": []}]
)
@pytest.mark.parametrize("name", [*invoice()])
def test_values_of_other_types_upset_nothing(name: str, value: Any) -> None:
    """Another version of the document may give a property another type."""
    found = RELATIONS.incoherences(invoice() | {name: value}, ORDERS)
    assert all(isinstance(each.sentence, str) and each.locations for each in found)
    assert RELATIONS.update.is_broken(invoice() | {name: value}, ORDERS) is False


@pytest.mark.parametrize(
    ("updated", "created", "precedes"),
    [
        ("2025-06-02T12:00:00Z", "2025-06-02T12:00:00Z", True),
        ("2025-06-02T12:00:00Z", "2025-06-02T12:00:01Z", True),
        ("2025-06-02T14:00:00+02:00", "2025-06-02T12:00:00Z", True),
        ("2025-06-02T12:00:00.001Z", "2025-06-02T12:00:00Z", False),
        ("2025-06-02T12:00:00-01:00", "2025-06-02T12:30:00Z", False),
        ("2025-06-02", "2025-06-02T12:00:00Z", False),
        (None, "2025-06-02T12:00:00Z", False),
        ("2025-06-02T12:00:00Z", None, False),
    ],
)
def test_an_update_comes_after_its_order(
    updated: str | None, created: str | None, *, precedes: bool
) -> None:
    """At the order's creation is too early; where one of the two is not known, or no order
    is named, as another version may allow, nothing is said.
    """
    moment = None if created is None else datetime.fromisoformat(created).astimezone(UTC)
    payload = {"order_id": "ORD-1"} | ({} if updated is None else {"updated_at": updated})
    facts = replace(ORDERS, order_created_at=moment)
    assert RELATIONS.update.is_broken(payload, facts) is precedes
    del payload["order_id"]
    assert not RELATIONS.update.is_broken(payload, facts)
