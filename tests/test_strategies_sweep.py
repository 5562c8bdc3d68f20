"""The sweep puts every character, length, quantity, cent and day into invoices sent for others."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from spec.contract import TargetFacts
from spec.paths import Json
from spec.schema.formats import instant
from strategies.extras.sweep import item_edge
from strategies.packing import packs, with_extras
from tests.invoices import CONTRACT, TARGETS

FACTS = [*TARGETS.values()][-1]
OLD = unicodedata.ucd_3_2_0


@cache
def invoices(facts: TargetFacts = FACTS) -> tuple[dict[str, Json], ...]:
    """All invoices with edges, as they are sent."""
    every = (case for _, cases in packs(CONTRACT, facts) for case in cases)
    return tuple(with_extras(CONTRACT, facts, case).payload for case in every)


def values(name: str) -> list[Json]:
    """All values of a property of items."""
    return [
        item[name] for invoice in invoices() for item in invoice.get("items", ()) if name in item
    ]


@pytest.mark.parametrize("name", ["sku", "name"])
def test_every_character_that_is_long_assigned_is_sent_in_an_item(name: str) -> None:
    """All of the Basic Multilingual Plane that Unicode 3.2 has, but controls and private use."""
    sent = set("".join(values(name)))
    assigned = {chr(code) for code in range(0x20, 0x10000)}
    missing = {one for one in assigned if OLD.category(one) not in {"Cc", "Cs", "Co", "Cn"}} - sent
    assert not missing


@pytest.mark.parametrize("name", ["sku", "name"])
def test_every_length_is_sent_in_an_item(name: str) -> None:
    """From one character to the limit of 255."""
    assert {len(text) for text in values(name)} >= {*range(1, 256)}


def test_every_quantity_to_a_thousand_is_sent() -> None:
    """A quantity may be a mark, an index or a key somewhere."""
    assert {*values("quantity")} >= {*range(1, 1001)}


def test_every_cent_of_some_fifty_is_sent() -> None:
    """Amounts that a double does not have, times a quantity of their own."""
    assert {*values("amount")} >= {cent / 100 for cent in range(1, 5001)}


def test_due_dates_are_of_most_days_of_a_year() -> None:
    """Of each month, and of each day of a week."""
    days = {str(invoice["due_date"])[5:10] for invoice in invoices() if "due_date" in invoice}
    assert len(days) > 200


def test_items_of_the_sweep_are_the_same_each_time() -> None:
    """What is sent depends on the number alone."""
    assert item_edge(CONTRACT, 41) == item_edge(CONTRACT, 41) != item_edge(CONTRACT, 42)


@pytest.mark.parametrize(("fraction", "least"), [(0, 1_001), (250_000, 1)])
def test_an_update_is_as_near_to_its_order_as_that_is_known(fraction: int, least: int) -> None:
    """Where it is known to the second, a server may know that it was created later within it."""
    created = datetime(2024, 3, 5, 10, 0, 0, fraction, tzinfo=UTC)
    sent = invoices(replace(FACTS, order_created_at=created))
    updates = [instant(one["updated_at"]) for one in sent if "updated_at" in one]
    assert min(updates) - created == timedelta(milliseconds=least)
