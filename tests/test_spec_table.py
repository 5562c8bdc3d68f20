"""The table of relations: its names, its states, and each of its sentences to the letter."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from spec.coherence import (
    After,
    Distinct,
    InOrder,
    New,
    NotBefore,
    OneOf,
    Product,
    StateFromAmounts,
    SumOfProducts,
    same_reference,
)
from spec.contract import TargetFacts
from spec.relations import RELATIONS, Relations, relations
from tests.exchanges import FACTS, ORDERS, Change, altered, drop, invoice, put

STATES = ("PENDING", "PARTIALLY_PAID", "PAID", "OVERPAID")
TABLE = Relations(
    SumOfProducts("total_amount", "items", "amount", "quantity"),
    StateFromAmounts("status", "paid_amount", "total_amount", *STATES),
    Distinct("items", "reference_id"),
    InOrder("created_at", "updated_at"),
    NotBefore("due_date", "created_at"),
    OneOf("order_id"),
    After("updated_at", "order_id"),
    New((("reference_id",), ("invoice_number",), ("items", "[]", "reference_id"))),
    Product("item_total", "amount", "quantity"),
)


def test_the_table_has_these_relations() -> None:
    """Of today's document, by its own names."""
    assert relations() == RELATIONS == TABLE


def test_another_version_has_other_names() -> None:
    """Each property is asked for by its path in today's document."""
    asked: list[str] = []

    def named(path: str) -> str:
        asked.append(path)
        return path.upper()

    other = relations(named, {"DRAFT": ("PENDING",)})
    assert sorted(asked) == [
        "created_at",
        "due_date",
        "invoice_number",
        "items",
        "items[].amount",
        "items[].item_total",
        "items[].quantity",
        "items[].reference_id",
        "order_id",
        "paid_amount",
        "reference_id",
        "status",
        "total_amount",
        "updated_at",
    ]
    assert other.sum == SumOfProducts("TOTAL_AMOUNT", "ITEMS", "ITEMS[].AMOUNT", "ITEMS[].QUANTITY")
    assert other.line == Product("ITEMS[].ITEM_TOTAL", "ITEMS[].AMOUNT", "ITEMS[].QUANTITY")
    assert other.state.others == (("DRAFT", ("PENDING",)),)


def test_a_new_state_agrees_where_one_of_those_does_that_it_is_like() -> None:
    """A state that nobody explained is not known."""
    state = replace(TABLE.state, others=(("DRAFT", ("PENDING", "PAID")), ("OPEN", ("OVERPAID",))))
    assert [one for one in (*STATES, "DRAFT", "OPEN", "VOID", None, 5) if state.knows(one)] == [
        *STATES,
        "DRAFT",
        "OPEN",
    ]
    assert [state.like(one) for one in ("PAID", "DRAFT", "OPEN")] == ["PAID", "PENDING", "OVERPAID"]
    assert state.agreeing(Decimal(0), Decimal(1)) == {"PENDING", "DRAFT"}
    assert state.agreeing(Decimal(1), Decimal(1)) == {"PAID", "DRAFT"}
    assert state.agreeing(Decimal(2), Decimal(1)) == {"OVERPAID", "OPEN"}
    assert state.agreeing(Decimal(1), Decimal(2)) == {"PARTIALLY_PAID"}


def test_the_references_of_an_invoice_have_the_names_of_their_paths() -> None:
    """As a careless reader compares them; what is no text is none."""
    payload = altered(
        put("items", 1, "reference_id", value=5), put("invoice_number", value=" 0n-1")
    )
    assert RELATIONS.new.of(payload) == {
        ("reference_id", "inv-1"),
        ("invoice_number", "n-1"),
        ("items[].reference_id", "i-1"),
    }
    assert RELATIONS.new.of(None) == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A-1", "a-1", True),
        ("stra\u00dfe", "STRASSE", True),
        (" A", "A ", True),
        ("007", "7", True),
        ("70", "7", False),
        ("a0", "a", False),
        ("\uff21", "a", True),
        ("CAF\u00c9", "cafe", False),
        ("caf\u00e9", "cafe", False),
        ("CAFE\u0301", "caf\u00e9", True),
        ("\u1e9b\u0323", "\u1e69", True),
        ("\u0130", "i", True),
        ("I\u0307", "i\u0307", True),
        ("cafe\u0301", "caf\u00e9", True),
        ("a b", "ab", False),
    ],
)
def test_references_are_compared_as_a_careless_reader_does(
    one: str, other: str, *, same: bool
) -> None:
    """Without case, outer spaces, forms of a character and leading zeros; an accent counts."""
    assert (same_reference(one) == same_reference(other)) is same


@pytest.mark.parametrize(
    ("changes", "facts", "sentence"),
    [
        (
            [put("total_amount", value=269.97)],
            FACTS,
            "total_amount is 269.97, the items' sum 269.96",
        ),
        (
            [put("status", value="PAID")],
            FACTS,
            "status is PAID, but 100 paid of 269.96 is PARTIALLY_PAID",
        ),
        (
            [put("paid_amount", value=-1)],
            FACTS,
            "status is PARTIALLY_PAID, but -1 paid of 269.96 is no status",
        ),
        ([put("status", value=5)], FACTS, "status is 5, but 100 paid of 269.96 is PARTIALLY_PAID"),
        ([put("items", 1, "reference_id", value="I-1")], FACTS, "two items share a reference_id"),
        (
            [put("updated_at", value="2025-06-01T00:00:00Z")],
            FACTS,
            "created_at is later than updated_at",
        ),
        (
            [put("updated_at", value="2026-03-01T00:00:00Z")],
            FACTS,
            "updated_at is later than a server's clock may be",
        ),
        ([put("due_date", value="2025-01-01T00:00:00Z")], FACTS, "due_date is before created_at"),
        ([drop("created_at")], FACTS, "due_date is in the past, and created_at not sent"),
        (
            [put("order_id", value="ORD-2")],
            ORDERS,
            "order_id is none of the target's known orders",
        ),
        (
            [],
            replace(ORDERS, order_created_at=None),
            "updated_at is sent, and when the order was created is not known",
        ),
    ],
)
def test_each_disagreement_is_told_to_the_letter(
    changes: list[Change], facts: TargetFacts, sentence: str
) -> None:
    """With the names and values of the invoice."""
    (found,) = RELATIONS.incoherences(altered(*changes), facts)
    assert found.sentence == sentence


def test_where_not_all_items_have_a_price_no_sum_is_told() -> None:
    """Nor where there is no total."""
    for name in ("amount", "quantity"):
        payload = altered(put("items", 1, name, value="x"), put("total_amount", value=1000))
        payload["paid_amount"] = None
        assert RELATIONS.incoherences(payload, FACTS) == ()


@pytest.mark.parametrize("first", ["x", None, 5])
def test_items_beside_one_that_is_none_are_still_compared(first: Any) -> None:
    """The third repeats the second."""
    item = invoice()["items"][0]
    payload = altered(put("items", value=[first, item, item]))
    (found,) = RELATIONS.incoherences(payload, FACTS)
    places = (("items",), ("items", 1, "reference_id"), ("items", 2, "reference_id"))
    assert found.locations == places


def test_the_names_that_have_to_agree_are_these() -> None:
    """A near miss of one of them may break a relation too."""
    assert RELATIONS.names == {
        *("total_amount", "items", "amount", "quantity", "status", "paid_amount"),
        *("created_at", "updated_at", "due_date", "order_id", "reference_id"),
    }


def test_an_update_is_judged_only_where_the_order_is_dated() -> None:
    """At the same moment it is too early."""
    at = replace(ORDERS, order_created_at=datetime(2025, 6, 2, 12, tzinfo=UTC))
    assert RELATIONS.update.is_broken(invoice(), at)
    assert not RELATIONS.update.is_broken(invoice(), replace(at, order_created_at=None))
    assert (RELATIONS.order.requirement, RELATIONS.update.requirement) == (
        "order_id.known",
        "updated_at.order",
    )
