"""Edges are valid, complete and named, both alone and packed."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import combinations, product
from typing import Any

import pytest

from spec.contract import DIGITS, PLACEHOLDER, UUID_DIGITS, TargetFacts
from spec.requirements import Requirement
from strategies.acceptance.edges import Edge, edges, order_id_edges
from strategies.extras.edges import extra_edges, extra_pairs
from strategies.packing import Packed, packed, packs, unpacked, with_extras
from strategies.values import (
    ALIKE_TEXTS,
    AMOUNTS,
    DATES,
    LATE_DATES,
    TRICKY_TEXTS,
    URLS,
    WHOLE_NUMBERS,
    WORDS,
)
from tests.invoices import ANYWHERE, CONTRACT, KNOWN_ORDERS, STARTED, TARGETS, complaints
from tests.test_strategies_valid import invalid

REQUIREMENTS = pytest.mark.parametrize("requirement", CONTRACT.body_requirements, ids=str)
AT_TARGETS = pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)


@cache
def all_edges(facts: TargetFacts) -> tuple[Edge, ...]:
    """Every edge of every requirement of the body."""
    return tuple(edge for r in CONTRACT.body_requirements for edge in edges(CONTRACT, facts, r))


@cache
def all_packed(facts: TargetFacts) -> tuple[Packed, ...]:
    """All edges, packed together."""
    return tuple(packed(CONTRACT, facts, all_edges(facts), 0, 1))


@cache
def packed_by_requirement(facts: TargetFacts) -> tuple[Packed, ...]:
    """All edges, packed for each requirement by itself, as a run does it."""
    every = [case for _, cases in packs(CONTRACT, facts) for case in cases]
    return tuple(with_extras(CONTRACT, facts, case) for case in every)


def values(name: str) -> list[Any]:
    """The values that the edges of a requirement put at its own path."""
    requirement = CONTRACT.named(name)
    return [
        value
        for edge in edges(CONTRACT, ANYWHERE, requirement)
        for path, value in edge.puts
        if path == requirement.path
    ]


@AT_TARGETS
def test_every_edge_alone_is_valid(facts: TargetFacts) -> None:
    """An independent validator accepts the plain invoice with any one edge."""
    for edge in all_edges(facts):
        assert invalid(unpacked(CONTRACT, facts, edge).payload, facts) == [], edge.name


@AT_TARGETS
def test_every_packed_invoice_is_valid(facts: TargetFacts) -> None:
    """Edges that share an invoice keep its sums, dates and references valid, in any carrier."""
    for case in (*all_packed(facts), *packed_by_requirement(facts)):
        assert invalid(case.payload, facts) == [], [edge.name for edge in case.edges]


@AT_TARGETS
def test_every_edge_is_packed_once(facts: TargetFacts) -> None:
    """No edge is lost or repeated, and the invoices are few."""
    every = all_edges(facts)
    cases = all_packed(facts)
    assert Counter(id(edge) for case in cases for edge in case.edges) == Counter(map(id, every))
    assert len(cases) <= 160
    apart = packed_by_requirement(facts)
    assert Counter(edge.name for case in apart for edge in case.edges) == Counter(
        edge.name for edge in every
    )
    assert len(apart) <= 700


@AT_TARGETS
def test_most_invoices_have_extras_which_change_no_edge(facts: TargetFacts) -> None:
    """Each is in its place, beside the edges that the invoice is for; none of them overlap."""
    cases = packed_by_requirement(facts)
    assert sum(len(case.extras) for case in cases) >= 5 * len(cases)
    for case in cases:
        placed = Counter(
            (path, element if path[:2] == ("items", "[]") else 0)
            for edge, element in (*zip(case.edges, case.elements, strict=True), *case.extras)
            for path in edge.paths
        )
        assert {*placed.values()} == {1}, case.name
        for edge, element in case.extras:
            for path, value in edge.puts:
                assert value_at(case.payload, path, element) == [value], edge.name


@AT_TARGETS
def test_an_edge_meets_several_statuses(facts: TargetFacts) -> None:
    """Three of four that can be an extra meet two of the five or more, most three, many four."""
    met = levels_met(facts, lambda case: case.payload.get("status", "none"))
    apart = {"status", "paid_amount", "total_amount", "items"}
    own = [len(met[edge.name]) for edge in all_edges(facts) if not paths_of(edge) & apart]
    assert sum(count >= 2 for count in own) >= 0.75 * len(own)
    assert sum(count >= 3 for count in own) >= 0.5 * len(own)
    assert sum(count >= 4 for count in own) >= 0.35 * len(own)


@AT_TARGETS
def test_what_only_rides_meets_several_of_all_levels(facts: TargetFacts) -> None:
    """Most meets two statuses, two numbers of items and two ways of sending, or more."""
    names = {edge.name for edge in all_extras(facts)}
    for level in (
        lambda case: case.payload.get("status", "none"),
        lambda case: case.carrier.items,
        lambda case: case.carrier.sending,
    ):
        met = levels_met(facts, level)
        several = [len(met[name]) for name in names]
        assert sum(count >= 1 for count in several) >= 0.98 * len(several)
        assert sum(count >= 2 for count in several) >= 0.62 * len(several)
        assert sum(count >= 3 for count in several) >= 0.24 * len(several)


def levels_met(facts: TargetFacts, level: Callable[[Packed], Any]) -> dict[str, set[Any]]:
    """By the name of an edge: what the invoices that it is in have of something."""
    met: dict[str, set[Any]] = defaultdict(set)
    for case in packed_by_requirement(facts):
        if case.carrier is not None:
            for edge in (*case.edges, *(edge for edge, _ in case.extras)):
                met[edge.name].add(level(case))
    return met


def paths_of(edge: Edge) -> set[str]:
    """The paths of an edge, as text."""
    return {".".join(path) for path in edge.paths}


def all_extras(facts: TargetFacts) -> list[Edge]:
    """All that is never more than an extra, but for what follows from the rest."""
    return [
        edge
        for requirement in CONTRACT.body_requirements
        if requirement.path not in {("total_amount",), ("paid_amount",)}
        for edge in every_extra(facts, requirement)
    ]


def every_extra(facts: TargetFacts, requirement: Requirement) -> tuple[Edge, ...]:
    """Those of one requirement: single values, and two that a server compares."""
    one, two = (extra(CONTRACT, facts, requirement) for extra in (extra_edges, extra_pairs))
    return (*one, *two)


@AT_TARGETS
def test_what_only_rides_is_valid_and_named_by_its_number(facts: TargetFacts) -> None:
    """An independent validator accepts the plain invoice with any of these, and each fits."""
    for requirement in CONTRACT.body_requirements:
        every = every_extra(facts, requirement)
        assert len({edge.name for edge in every}) == len(every)
        if requirement.path in {("total_amount",), ("paid_amount",)}:
            continue  # these follow from the rest, so that nothing of theirs is an extra
        for edge in every:
            assert invalid(unpacked(CONTRACT, facts, edge).payload, facts) == [], edge.puts


def test_nearly_all_that_only_rides_is_on_board() -> None:
    """In an invoice for others; texts of items, of which there are many, three times or more."""
    cases = packed_by_requirement(ANYWHERE)
    placed = Counter(edge.name for case in cases for edge, _ in case.extras)
    for name, times in {"remarks": 1, "url": 1, "items[].sku": 3, "items[].name": 3}.items():
        waiting = extra_edges(CONTRACT, ANYWHERE, CONTRACT.named(f"{name}.type"))
        found = [edge for edge in waiting if placed[edge.name] >= times]
        assert len(found) >= 0.9 * len(waiting) > 130


def test_what_rides_has_no_value_twice() -> None:
    """Neither among themselves nor with the values that have an invoice of their own."""
    for name in ("remarks", "url", "due_date", "items[].amount", "items[].quantity"):
        requirement = CONTRACT.named(f"{name}.type")
        own = values(f"{name}.type")
        extras = [edge.puts[0][1] for edge in extra_edges(CONTRACT, ANYWHERE, requirement)]
        assert len({*map(repr, (*extras, *dict.fromkeys(own)))}) == len(extras) + len({*own}), name


def test_each_two_texts_are_the_same_in_some_invoice() -> None:
    """The order and the number, the references of an item and of its invoice, and so on."""
    same = set()
    for case in packed_by_requirement(ANYWHERE):
        texts = [(name, text) for name, text in case.payload.items() if name in _TEXTS]
        for item in case.payload["items"]:
            of_item = [(f"items[].{name}", item[name]) for name in ("reference_id", "sku", "name")]
            for (one, first), (other, second) in combinations([*texts, *of_item], 2):
                if first == second:
                    same.add((one, other))
    names = (*_TEXTS, *(f"items[].{name}" for name in ("reference_id", "sku", "name")))
    assert {frozenset(pair) for pair in combinations(names, 2)} == {*map(frozenset, same)}


_TEXTS = ("order_id", "reference_id", "invoice_number", "remarks")


@pytest.mark.parametrize("name", ["due_date", "updated_at"])
def test_instants_are_sent_whose_order_their_days_and_texts_do_not_have(name: str) -> None:
    """The day before by the calendar and by text, and yet not before."""
    found = set()
    for case in packed_by_requirement(ANYWHERE):
        if {"created_at", name} <= case.payload.keys():
            earlier, later = case.payload["created_at"], case.payload[name]
            if later[:10] < earlier[:10]:
                found.add((earlier, later))
    assert len(found) >= 6


@pytest.mark.parametrize(
    "text",
    [
        *(form.format(DIGITS) for form in ("{}E3", "{}e-2", "0x{}", "1-{}", "{}ABCDEFABCDEFABCD")),
        *(f"{DIGITS}.50", f"{UUID_DIGITS}ab-cdef01234567", f"{UUID_DIGITS}CD-EF0123456789"),
    ],
)
def test_references_are_texts_that_mean_a_number(text: str) -> None:
    """Around the digits of the stamp: in three items or more, in the invoice and its number, for
    readers of numbers and of UUIDs.
    """
    payloads = [case.payload for case in packed_by_requirement(ANYWHERE)]
    sent = [item["reference_id"] for payload in payloads for item in payload["items"]]
    assert sent.count(text) >= 3
    for name in ("reference_id", "invoice_number"):
        assert any(payload[name] == text for payload in payloads)


@pytest.mark.parametrize("name", ["reference_id", "order_id", "invoice_number", "remarks"])
def test_texts_at_their_limit_are_of_all_kinds(name: str) -> None:
    """With joined emoji, with accents of their own, and with spaces at an end."""
    sent = {case.payload.get(name, "") for case in packed_by_requirement(ANYWHERE)}
    longest = [text for text in sent if len(text) == 255]
    for kind in ("\U0001f468\u200d\U0001f469", "e\u0301o\u0308", " " * 200):
        assert any(kind in text for text in longest), kind


def test_an_extra_for_which_there_is_no_room_is_left_out() -> None:
    """The invoice is sent with the others."""
    case = packed(CONTRACT, ANYWHERE, [_of_size(20 * 1024)], 0, 1)[0]
    remarks = CONTRACT.named("remarks.type")
    too_large = Edge("far too long", remarks, ((("remarks",), "a" * 60 * 1024),))
    fitting = Edge(
        "a date", CONTRACT.named("due_date.type"), ((("due_date",), "2096-02-29T00:00:00Z"),)
    )
    waiting = replace(case, extras=((too_large, 0), (fitting, 0)))
    sent = with_extras(CONTRACT, ANYWHERE, waiting)
    assert sent.extras == ((fitting, 0),)
    assert sent.payload["due_date"] == "2096-02-29T00:00:00Z"


def test_an_edge_that_its_carrier_has_no_room_for_is_in_the_base_invoice() -> None:
    """Such a case has no carrier, and the others have one."""
    edge = _of_size(58 * 1024)
    cases = packed(CONTRACT, ANYWHERE, [edge] * 60, 0, 1)
    assert {case.carrier is None for case in cases} == {True, False}
    plain = unpacked(CONTRACT, ANYWHERE, edge).body
    assert len(plain) == 58 * 1024
    assert {case.body for case in cases if case.carrier is None} == {plain}
    assert all(len(case.body) <= len(plain) for case in cases)


def _of_size(size: int) -> Edge:
    """A hundred items with which the plain invoice takes so many bytes."""
    items: list[dict[str, Any]] = [
        {"reference_id": f"{n}-{PLACEHOLDER}", "sku": "a", "quantity": 1, "amount": 1, "name": "a"}
        for n in range(1, 101)
    ]
    edge = Edge("a hundred items", CONTRACT.named("items.type"), ((("items",), items),))
    room = size - len(unpacked(CONTRACT, ANYWHERE, edge).body)
    for item, name in product(items, ("sku", "name")):
        longer = min(room, 254)
        item[name] += "a" * longer
        room -= longer
    return edge


def test_a_packed_invoice_contains_each_of_its_edges() -> None:
    """What an edge puts is in its place and what it removes is not, however many edges share it."""
    for case in (*all_packed(ANYWHERE), *packed_by_requirement(ANYWHERE)):
        for edge, element in zip(case.edges, case.elements, strict=True):
            for path, value in edge.puts:
                found = value_at(case.payload, path, element)
                # A status follows the amount paid, unless the edge is about both.
                follows = path == ("status",) and ("paid_amount",) not in edge.paths
                assert found == [value] or (follows and found), edge.name
            for path in edge.removes:
                assert value_at(case.payload, path, element) == [], edge.name


def value_at(payload: Any, path: tuple[str, ...], element: int) -> list[Any]:
    """The value at a path as a list, empty when there is none; `[]` is the item of that index."""
    for step in path:
        if step == "[]":
            payload = payload[min(element, len(payload) - 1)]
        elif step in payload:
            payload = payload[step]
        else:
            return []
    return [payload]


def test_edges_of_items_share_one_invoice() -> None:
    """Each edge is in an item of its own, from the first item to the last, up to a hundred."""
    every = edges(CONTRACT, ANYWHERE, CONTRACT.named("items[].sku.type"))
    cases = packed(CONTRACT, ANYWHERE, every, 0, 1)
    assert cases[0].elements == tuple(range(100))
    assert sum(len(case.elements) for case in cases) == len(every) > 100
    assert [len(case.payload["items"]) for case in cases] == [100, len(every) - 100]


def test_edges_too_large_for_one_invoice_take_several() -> None:
    """Every packed body stays well below the reading's 64 KiB."""
    every = [edge for r in CONTRACT.body_requirements for edge in edges(CONTRACT, ANYWHERE, r)]
    of_items = [edge for edge in every if all(path[:2] == ("items", "[]") for path in edge.paths)]
    cases = packed(CONTRACT, ANYWHERE, of_items * 9, 0, 1)
    assert len(cases) > 1
    assert max(len(case.body) for case in cases) <= 58 * 1024


@REQUIREMENTS
def test_every_requirement_has_edges_with_unique_names(requirement: Requirement) -> None:
    """The name of a failing edge identifies the value."""
    names = [edge.name for edge in edges(CONTRACT, ANYWHERE, requirement)]
    assert len(names) == len(set(names)) > 0


@pytest.mark.parametrize(
    "requirement", [r for r in CONTRACT.body_requirements if r.keyword == "maxLength"], ids=str
)
def test_the_exact_limit_is_sent_in_every_width(requirement: Requirement) -> None:
    """Texts of 255 code points of 1, 2, 3 and 4 bytes, of characters that formats escape, and of
    letters that are longer as capitals or small letters.
    """
    *texts, escaped, growing = values(requirement.name)
    assert [len(text) for text in (*texts, escaped, growing)] == [255] * 6
    assert len(growing.upper()) > 400
    assert len(growing.lower()) > 300
    assert sorted(max(len(one.encode()) for one in text) for text in texts) == [1, 2, 3, 4]
    assert all(escaped.count(one) > 30 for one in "\"\\&<'%")


@pytest.mark.parametrize("name", ["remarks", "order_id", "items[].sku", "items[].name"])
def test_every_tricky_text_is_sent(name: str) -> None:
    """None is dropped because the suite wrongly takes it for invalid; words are sent alone."""
    assert set(values(f"{name}.type")) >= {*TRICKY_TEXTS.values(), *WORDS.values()}


@pytest.mark.parametrize("name", ["sku", "name"])
def test_texts_that_are_alike_are_sent_in_one_invoice(name: str) -> None:
    """Once where nothing else tells the items apart, and once where all else does."""
    lists = [items for items in values("items.type") if items]
    lists += [
        items
        for edge in edges(CONTRACT, ANYWHERE, CONTRACT.named("items[].type"))
        for path, items in edge.puts
        if path == ("items",)
    ]
    alike = [items for items in lists if {item[name] for item in items} == {*ALIKE_TEXTS}]
    others = {"sku", "name"} - {name}
    assert [len({item[other] for item in items}) for items in alike for other in others] == [
        1,
        len(ALIKE_TEXTS),
    ]
    assert all(len(items) == len(ALIKE_TEXTS) for items in alike)


def test_references_of_items_that_differ_in_an_accent_alone_are_sent_in_one_invoice() -> None:
    """Composed and plain, in an invoice that is valid: an accent makes another reference."""
    lists = [
        items
        for requirement in CONTRACT.body_requirements
        for edge in edges(CONTRACT, ANYWHERE, requirement)
        for path, items in edge.puts
        if path == ("items",) and edge.name.endswith("whose references are nearly the same")
    ]
    assert lists
    for items in lists:
        ends = {item["reference_id"].removeprefix(f"{PLACEHOLDER} ") for item in items}
        assert {"caf\u00e9", "cafe"} <= ends


def test_stamped_properties_have_tricky_texts_at_both_ends() -> None:
    """A server that changes either end is noticed, and the invoice can still be found."""
    texts = [text for text in values("invoice_number.type") if PLACEHOLDER in text]
    assert len(texts) >= len(TRICKY_TEXTS)
    assert all(text[: len(text) // 2 - 10] == text[len(text) // 2 + 10 :] for text in texts)


def test_every_date_and_url_is_sent() -> None:
    """All listed dates and URLs are edges of their properties."""
    for name in ("due_date", "created_at", "updated_at"):
        assert set(values(f"{name}.type")) >= set(DATES.values())
    assert set(values("due_date.type")) >= set(LATE_DATES.values())
    assert set(values("url.type")) >= set(URLS.values())


def test_every_listed_number_is_sent() -> None:
    """As far as the reading lets it be a payment, a price or a quantity."""
    assert set(values("paid_amount.type")) == set(AMOUNTS)
    assert set(values("items[].amount.type")) == {one for one in AMOUNTS if one <= 10**9}
    assert set(values("items[].quantity.type")) == {one for one in WHOLE_NUMBERS if one >= 1}


def test_the_numbers_that_servers_get_wrong_are_sent() -> None:
    """Zeros, cents, numbers beyond single precision, 16 and 32 bits, and the bounds are edges."""
    assert {0.01, 0.05, 4.35, 16777217, 99999999.99, 10**9} <= set(values("items[].amount.type"))
    assert values("items[].amount.required") == [0]
    assert list(map(str, values("paid_amount.minimum"))) == ["0", "-0.0"]
    assert {1, 65536, 10**6} <= set(values("items[].quantity.type"))
    totals = {
        unpacked(CONTRACT, ANYWHERE, edge).payload["total_amount"]
        for name in ("total_amount.type", "total_amount.required")
        for edge in edges(CONTRACT, ANYWHERE, CONTRACT.named(name))
    }
    assert {0, 0.01, 0.3, 269.96, 435, 10**12} <= totals


def test_one_two_twenty_one_and_a_hundred_items_are_sent() -> None:
    """A page size or a limit on the number of items shows."""
    assert [len(items) for items in values("items.type") if items] == [1, 2, 21, 100]


def test_each_status_is_sent_with_each_payment_that_agrees_with_it() -> None:
    """Each payment is sent without a status too."""
    sent = Counter(
        unpacked(CONTRACT, ANYWHERE, edge).payload.get("status")
        for edge in edges(CONTRACT, ANYWHERE, CONTRACT.named("status.enum"))
    )
    assert sent["PAID"] >= 2
    assert sent["PENDING"] >= 2
    assert sent["PARTIALLY_PAID"] >= 2
    assert sent["OVERPAID"] >= 2
    assert sent[None] >= 8


@pytest.mark.parametrize("name", ["status", "remarks", "url", "created_at", "updated_at"])
def test_each_optional_property_is_missing_alone_and_sent_alone(name: str) -> None:
    """A server that requires one of them, or two together, shows."""
    optional = {"status", "remarks", "url", "created_at", "updated_at"}
    keyword = "enum" if name == "status" else "type"
    present = [
        optional & set(unpacked(CONTRACT, ANYWHERE, edge).payload)
        for edge in edges(CONTRACT, ANYWHERE, CONTRACT.named(f"{name}.{keyword}"))
    ]
    assert {name} in present
    assert optional - {name} in present


def test_order_ids_are_kept_to_those_a_target_knows() -> None:
    """An unknown order id would get 404, so it is not an edge."""
    for edge in all_edges(KNOWN_ORDERS):
        assert unpacked(CONTRACT, KNOWN_ORDERS, edge).payload["order_id"] in KNOWN_ORDERS.order_ids


def test_a_target_with_the_order_ids_of_the_edges_gets_all_of_them() -> None:
    """`order_id_edges` gives the ids that the edges need, each of them valid."""
    ids = order_id_edges(CONTRACT)
    seeded = TargetFacts("key", None, ids, None, STARTED)
    sent = {
        value for edge in all_edges(seeded) for path, value in edge.puts if path == ("order_id",)
    }
    assert sent == set(ids)
    schema = CONTRACT.narrowed_schema["properties"]["order_id"]
    assert [complaints(schema, one) for one in ids] == [[]] * len(ids)


def test_an_unpacked_edge_keeps_its_name() -> None:
    """The case has the name of the edge, and its value."""
    edge = edges(CONTRACT, ANYWHERE, CONTRACT.named("remarks.type"))[0]
    case = unpacked(CONTRACT, ANYWHERE, edge)
    assert (case.name, case.payload["remarks"]) == ("leading space in remarks", " spaced")
