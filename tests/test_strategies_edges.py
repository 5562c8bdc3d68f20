"""Edges are valid, complete and named, alone and packed."""

from collections import Counter
from typing import Any

import pytest

from spec.contract import TargetFacts
from spec.requirements import Requirement
from strategies.edges import Edge, edges, order_id_edges
from strategies.packing import alone, packed
from strategies.values import DATES, MANGLED, URLS
from tests.invoices import ANYWHERE, CONTRACT, KNOWN_ORDERS, STARTED, TARGETS, complaints
from tests.test_strategies_valid import invalid

REQUIREMENTS = pytest.mark.parametrize("requirement", CONTRACT.body_requirements, ids=str)
AT_TARGETS = pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)


def all_edges(facts: TargetFacts) -> list[Edge]:
    """Every edge of every requirement of the body."""
    return [edge for r in CONTRACT.body_requirements for edge in edges(CONTRACT, facts, r)]


def values(name: str) -> list[Any]:
    """The values that the edges of a requirement put in its own place."""
    requirement = CONTRACT.named(name)
    return [
        value
        for edge in edges(CONTRACT, ANYWHERE, requirement)
        for path, value in edge.puts
        if path == requirement.path
    ]


@AT_TARGETS
def test_every_edge_alone_is_sound(facts: TargetFacts) -> None:
    """By an independent judge, in an invoice that is plain besides."""
    for edge in all_edges(facts):
        assert invalid(alone(CONTRACT, facts, edge).payload, facts) == [], edge.name


@AT_TARGETS
def test_every_packed_invoice_is_sound(facts: TargetFacts) -> None:
    """Edges that share an invoice do not disturb each other's sums, dates and references."""
    for parcel in packed(CONTRACT, facts, all_edges(facts)):
        assert invalid(parcel.payload, facts) == [], [edge.name for edge in parcel.edges]


@AT_TARGETS
def test_every_edge_is_packed_once(facts: TargetFacts) -> None:
    """None is lost or doubled, and the invoices are few."""
    every = all_edges(facts)
    parcels = packed(CONTRACT, facts, every)
    assert Counter(id(edge) for parcel in parcels for edge in parcel.edges) == Counter(
        map(id, every)
    )
    assert len(parcels) <= 150


def test_a_packed_invoice_holds_each_of_its_edges() -> None:
    """What an edge puts is found in its place, what it drops is not, however many share it."""
    for parcel in packed(CONTRACT, ANYWHERE, all_edges(ANYWHERE)):
        for edge, element in zip(parcel.edges, parcel.elements, strict=True):
            for path, value in edge.puts:
                stands = standing(parcel.payload, path, element)
                # A status follows the amount paid, unless the edge is about both.
                follows = path == ("status",) and ("paid_amount",) not in edge.paths
                assert stands == [value] or (follows and stands), edge.name
            for path in edge.drops:
                assert standing(parcel.payload, path, element) == [], edge.name


def standing(payload: Any, path: tuple[str, ...], element: int) -> list[Any]:
    """The value at a path, an element's in the one of that index; empty where there is none."""
    for step in path:
        if step == "[]":
            payload = payload[min(element, len(payload) - 1)]
        elif step in payload:
            payload = payload[step]
        else:
            return []
    return [payload]


def test_edges_of_elements_sit_side_by_side_in_one_invoice() -> None:
    """Each in an item of its own, the first and the last among them."""
    every = edges(CONTRACT, ANYWHERE, CONTRACT.named("items[].sku.type"))
    (parcel,) = packed(CONTRACT, ANYWHERE, every)
    assert parcel.elements == tuple(range(len(every)))
    assert len(parcel.payload["items"]) == len(every) > 50


def test_edges_too_large_for_one_invoice_share_several() -> None:
    """No packed body comes near the reading's 64 KiB."""
    every = [edge for r in CONTRACT.body_requirements for edge in edges(CONTRACT, ANYWHERE, r)]
    of_items = [edge for edge in every if all(path[:2] == ("items", "[]") for path in edge.paths)]
    parcels = packed(CONTRACT, ANYWHERE, of_items * 9)
    assert len(parcels) > 1
    assert max(len(parcel.body) for parcel in parcels) <= 48 * 1024


@REQUIREMENTS
def test_every_requirement_has_edges_with_names_of_their_own(requirement: Requirement) -> None:
    """A failing edge names the one value."""
    names = [edge.name for edge in edges(CONTRACT, ANYWHERE, requirement)]
    assert len(names) == len(set(names)) > 0


@pytest.mark.parametrize(
    "requirement", [r for r in CONTRACT.body_requirements if r.keyword == "maxLength"], ids=str
)
def test_the_exact_limit_is_sent_in_every_width(requirement: Requirement) -> None:
    """255 code points of one, two, three and four bytes each, and of what HTML escapes."""
    *texts, escaped = values(requirement.name)
    assert [len(text) for text in (*texts, escaped)] == [255] * 5
    assert sorted(max(len(one.encode()) for one in text) for text in texts) == [1, 2, 3, 4]
    assert escaped.count("&") > 100


@pytest.mark.parametrize("name", ["remarks", "order_id", "items[].sku", "items[].name"])
def test_every_text_that_servers_mangle_is_sent(name: str) -> None:
    """None of them is held back because the generator took it for invalid."""
    assert set(values(f"{name}.type")) >= set(MANGLED.values())


def test_stamped_properties_carry_mangled_text_at_both_ends() -> None:
    """So that what a server trims or folds there is seen, and the invoice is found again."""
    texts = values("invoice_number.type")
    assert len(texts) >= len(MANGLED)
    assert all(text[: len(text) // 2 - 10] == text[len(text) // 2 + 10 :] for text in texts)


def test_every_date_and_url_is_sent() -> None:
    """Leap days, year ends, midnights, offsets, fractions; queries, capitals, percent escapes."""
    for name in ("due_date", "created_at", "updated_at"):
        assert set(values(f"{name}.type")) >= set(DATES.values())
    assert set(values("url.type")) >= set(URLS.values())


def test_the_numbers_that_servers_get_wrong_are_sent() -> None:
    """Zeroes, cents, what single precision and 16 or 32 bits cannot hold, and the bounds."""
    assert {0.01, 0.05, 4.35, 16777217, 99999999.99, 10**9} <= set(values("items[].amount.type"))
    assert values("items[].amount.required") == [0]
    assert values("paid_amount.minimum") == [0]
    assert {1, 65536, 10**6} <= set(values("items[].quantity.type"))
    totals = {
        alone(CONTRACT, ANYWHERE, edge).payload["total_amount"]
        for name in ("total_amount.type", "total_amount.required")
        for edge in edges(CONTRACT, ANYWHERE, CONTRACT.named(name))
    }
    assert {0, 0.01, 0.3, 269.96, 435, 10**12} <= totals


def test_one_two_twenty_one_and_a_hundred_items_are_sent() -> None:
    """A page size or a limit on lines shows."""
    assert [len(items) for items in values("items.type") if items] == [1, 2, 21, 100]


def test_each_state_is_sent_with_each_share_that_agrees_with_it() -> None:
    """And each share without a state."""
    sent = Counter(
        alone(CONTRACT, ANYWHERE, edge).payload.get("status")
        for edge in edges(CONTRACT, ANYWHERE, CONTRACT.named("status.enum"))
    )
    assert sent["PAID"] >= 2
    assert sent["PENDING"] >= 2
    assert sent["PARTIALLY_PAID"] >= 2
    assert sent["OVERPAID"] >= 2
    assert sent[None] >= 8


@pytest.mark.parametrize("name", ["status", "remarks", "url", "created_at", "updated_at"])
def test_each_optional_property_is_alone_missing_and_alone_present(name: str) -> None:
    """A server that needs one, or needs two together, is caught."""
    optional = {"status", "remarks", "url", "created_at", "updated_at"}
    keyword = "enum" if name == "status" else "type"
    present = [
        optional & set(alone(CONTRACT, ANYWHERE, edge).payload)
        for edge in edges(CONTRACT, ANYWHERE, CONTRACT.named(f"{name}.{keyword}"))
    ]
    assert {name} in present
    assert optional - {name} in present


def test_order_ids_are_kept_to_those_a_target_knows() -> None:
    """An unknown order id is a 404, not an edge."""
    for edge in all_edges(KNOWN_ORDERS):
        assert alone(CONTRACT, KNOWN_ORDERS, edge).payload["order_id"] in KNOWN_ORDERS.order_ids


def test_a_target_that_knows_the_order_ids_gets_all_their_edges() -> None:
    """The ids offered for seeding are those that the edges need, and each is a valid one."""
    ids = order_id_edges(CONTRACT)
    seeded = TargetFacts("key", None, ids, None, STARTED)
    sent = {
        value for edge in all_edges(seeded) for path, value in edge.puts if path == ("order_id",)
    }
    assert sent == set(ids)
    schema = CONTRACT.narrowed_schema["properties"]["order_id"]
    assert [complaints(schema, one) for one in ids] == [[]] * len(ids)


def test_an_edge_alone_says_its_name() -> None:
    """The resolved case is called by the one value."""
    edge = edges(CONTRACT, ANYWHERE, CONTRACT.named("remarks.type"))[0]
    case = alone(CONTRACT, ANYWHERE, edge)
    assert (case.name, case.payload["remarks"]) == ("leading space in remarks", " spaced")
