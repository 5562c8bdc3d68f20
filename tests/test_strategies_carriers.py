"""Carriers are valid invoices that cross their factors, and near misses and edges use them all."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import combinations, islice, pairwise, product
from pathlib import Path
from typing import Any

import pytest

from run.cases import near_misses as near_miss_groups
from spec.contract import Contract, TargetFacts
from spec.relations import RELATIONS
from spec.requirements import Requirement
from strategies.carried import carrying
from strategies.carriers import (
    CROSSING,
    EVERYTHING,
    LONG,
    NO_STATUS,
    NOTHING,
    WIDE,
    Carrier,
    carriers,
    crossed,
    crossing,
    factors,
    fewest,
    levels,
    spread,
)
from strategies.cases import header_fields
from strategies.invalid import near_misses
from strategies.packing import Packed, packs, with_extras
from tests.invoices import ANYWHERE, CONTRACT, TARGETS, complaints
from tests.test_strategies_documents import DOCUMENTS, altered
from tests.test_strategies_valid import OPTIONAL, invalid

Meeting = tuple[tuple[str, Any], ...]

AT_TARGETS = pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
REQUIREMENTS = pytest.mark.parametrize("requirement", CONTRACT.body_requirements, ids=str)
DATES = ("due_date", "created_at", "updated_at")


def possible(contract: Contract, strength: int) -> set[Meeting]:
    """Every combination of so many levels, each of another factor."""
    levels = factors(contract)
    return {
        tuple(sorted(zip(names, chosen, strict=True), key=str))
        for names in combinations(levels, strength)
        for chosen in product(*(levels[name] for name in names))
    }


def combinations_of(carrier: Carrier, strength: int) -> set[Meeting]:
    """The levels that meet in a carrier, so many at a time."""
    return {*combinations(sorted(levels(carrier), key=str), strength)}


def met(used: Iterable[Carrier], strength: int) -> set[Meeting]:
    """The combinations of so many levels that meet in one of these carriers."""
    return set().union(*(combinations_of(carrier, strength) for carrier in set(used)))


@cache
def of_near_misses(contract: Contract = CONTRACT) -> tuple[Carrier, ...]:
    """The carriers of all near misses."""
    every = [near_misses(contract, ANYWHERE, one) for one in contract.body_requirements]
    return tuple(case.carrier for cases in every for case in cases if case.carrier)


@cache
def all_packed(facts: TargetFacts, contract: Contract = CONTRACT) -> tuple[Packed, ...]:
    """The edges of every requirement, packed as a run does it."""
    return tuple(
        with_extras(contract, facts, case) for _, cases in packs(contract, facts) for case in cases
    )


def test_the_rows_that_are_kept_are_those_of_todays_document() -> None:
    """A run need not find them; where this fails, the file is to have what is expected here."""
    counts = [*map(len, factors(CONTRACT).values())]
    kept = json.loads(CROSSING.read_text(encoding="utf-8"))
    assert kept == {"levels": counts, "rows": crossing(*counts)}


@AT_TARGETS
def test_every_carrier_is_a_valid_invoice(facts: TargetFacts) -> None:
    """An independent validator accepts it, so nothing but what it carries can be wrong."""
    for carrier in carriers(CONTRACT):
        assert invalid(carrying(CONTRACT, facts, carrier), facts) == [], str(carrier)


@AT_TARGETS
def test_a_carrier_has_the_status_that_it_says(facts: TargetFacts) -> None:
    """With an amount paid that agrees, in whole or in part, so that the status is not dropped."""
    for carrier in carriers(CONTRACT):
        payload = carrying(CONTRACT, facts, carrier)
        assert payload.get("status", NO_STATUS) == carrier.status, str(carrier)


@AT_TARGETS
def test_a_carrier_leaves_out_what_it_says(facts: TargetFacts) -> None:
    """One optional property, all, or none that may be sent at this target."""
    for carrier in carriers(CONTRACT):
        sent = {*OPTIONAL} & {*carrying(CONTRACT, facts, carrier)} - {"status"}
        allowed = {*OPTIONAL} & {*carrying(CONTRACT, facts, _plainest())} - {"status"}
        absent = {NOTHING: set(), EVERYTHING: allowed}.get(carrier.absent, {carrier.absent})
        assert sent == allowed - absent, str(carrier)


def _plainest() -> Carrier:
    """Of every factor the first level."""
    return Carrier(**{name: levels[0] for name, levels in factors(CONTRACT).items()})


def test_the_plainest_carrier_is_the_base_invoice_but_for_its_status() -> None:
    """It has every property, three items, plain texts and dates in UTC."""
    payload = carrying(CONTRACT, ANYWHERE, _plainest())
    assert {*payload} == {*CONTRACT.request_schema["properties"]}
    assert len(payload["items"]) == 3
    assert all(str(payload[name]).endswith("Z") for name in DATES)
    assert header_fields(CONTRACT, ANYWHERE, _plainest()) == ()


def test_a_carrier_has_the_number_of_items_that_it_says() -> None:
    """1, 3, 12 and 100, or about as many, each with a reference of its own."""
    for carrier in (*carriers(CONTRACT), *islice(spread(CONTRACT, 1, 5), 40)):
        items = carrying(CONTRACT, ANYWHERE, carrier)["items"]
        assert len(items) == len({item["reference_id"] for item in items}) == carrier.size
        assert carrier.size == carrier.items or (carrier.number and not carrier.is_large)
    assert {carrier.items for carrier in carriers(CONTRACT)} == {1, 3, 12, 100}


def test_every_number_of_items_is_accepted_and_refused_in_some_request() -> None:
    """From 1 to 100, in the invoices with edges and, but for two, in those with near misses."""
    accepted = {len(case.payload["items"]) for case in all_packed(ANYWHERE)}
    misses = [
        case.payload for group in near_miss_groups(CONTRACT, ANYWHERE) for case in group.cases
    ]
    lists = (payload.get("items") for payload in misses if isinstance(payload, dict))
    refused = {len(items) for items in lists if isinstance(items, list)}
    assert {*range(1, 101)} - accepted == set()
    assert len({*range(1, 101)} - refused) <= 2


def test_every_set_of_optional_properties_is_sent() -> None:
    """None, one, some and all of them, for a server that fails only where two are absent."""
    sets = {frozenset({*OPTIONAL} & {*case.payload}) for case in all_packed(ANYWHERE)}
    assert len(sets) == 2 ** len(OPTIONAL)


PLACES = {
    "first": (0, 0),
    "fifth": (4, 4),
    "eleventh": (10, 10),
    "middle": (6, 50),
    "last": (11, 99),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_change_goes_to_the_place_that_a_carrier_says(place: str) -> None:
    """In 12 and 100 items at its own index, in few items not past the last one."""
    found = {carrier.items: carrier for carrier in carriers(CONTRACT) if carrier.place == place}
    assert (found[12].index(12), found[100].index(100)) == PLACES[place]
    assert found[1].index(1) == 0
    assert found[3].index(3) in range(3)


def test_a_carrier_writes_texts_and_dates_as_it_says() -> None:
    """Wide texts have letters outside ASCII in every free text, long ones make the names of items
    long, and dates have the offset.
    """
    for carrier in carriers(CONTRACT):
        payload = carrying(CONTRACT, ANYWHERE, carrier)
        texts = [item["sku"] for item in payload["items"]]
        texts += [payload["remarks"]] if "remarks" in payload else []
        assert {text.isascii() for text in texts} == {carrier.texts != WIDE}
        names = {item["name"] for item in payload["items"]}
        assert {len(name) > 140 for name in names} == {carrier.texts == LONG}
        assert all(payload[name].endswith(carrier.offset) for name in DATES if name in payload)


def test_a_carrier_is_sent_as_it_says() -> None:
    """With a charset, or with field names in lower case or as urllib writes them; otherwise with
    the usual fields.
    """
    fields = {
        carrier.sending: dict(header_fields(CONTRACT, ANYWHERE, carrier))
        for carrier in carriers(CONTRACT)
    }
    assert fields["usual"] == fields["chunked"] == {}
    assert not any(carrier.is_mixed for carrier in carriers(CONTRACT))
    written = {
        header_fields(CONTRACT, ANYWHERE, carrier)
        for carrier in carriers(CONTRACT)
        if carrier.sending == "with a charset"
    }
    written |= {
        header_fields(CONTRACT, ANYWHERE, carrier)
        for carrier in spread(CONTRACT, 1, 8)
        if carrier.sending == "with a charset"
    }
    types = [value or "" for fields in written for name, value in fields if name == "Content-Type"]
    assert len(types) == len(written) == 14
    assert {"application/json;charset=utf-8", "application/json; charset=utf-8"} < {*types}
    assert {one.lower().replace(" ", "").replace('"', "").strip(";") for one in types} == {
        "application/json;charset=utf-8",
        "application/json",
    }
    spelled = {
        tuple(name for name, _ in header_fields(CONTRACT, ANYWHERE, carrier))
        for carrier in carriers(CONTRACT)
        if carrier.sending == "in lower case"
    }
    assert spelled == {
        ("content-type", "accept", "x-api-key"),
        ("Content-type", "accept", "X-api-key"),
    }


def test_a_carrier_with_a_number_may_be_sent_in_two_ways_at_once() -> None:
    """In chunks with a charset, and with names in small letters or without Accept in chunks."""
    mixed = {
        (carrier.sending, carrier.is_chunked, "charset" in str(sent).lower())
        for carrier in spread(CONTRACT, 0, 8)
        if carrier.is_mixed
        for sent in header_fields(CONTRACT, ANYWHERE, carrier)
    }
    assert {("chunked", True, True), ("in lower case", True, True)} < mixed
    assert {("with a charset", True, True), ("without Accept", True, False)} < mixed


@pytest.mark.parametrize("strength", [1, 2, 3])
def test_every_triple_of_levels_meets_in_some_carrier(strength: int) -> None:
    """And so does every pair and every level: a fault in three factors is met."""
    assert met(carriers(CONTRACT), strength) == possible(CONTRACT, strength)


def test_carriers_that_follow_one_another_differ() -> None:
    """A requirement with few cases, in carriers next to each other, meets many levels."""
    following = [combinations_of(carrier, 1) for carrier in carriers(CONTRACT)]
    shared = [len(one & other) for one, other in pairwise(following)]
    assert sum(shared) / len(shared) < 2.5


def test_each_turn_uses_all_carriers_in_an_order_of_its_own() -> None:
    """The first few meet every level, so that a subject with few cases meets all of them."""
    turns = len(CONTRACT.body_requirements)
    orders = [tuple(spread(CONTRACT, turn, turns)) for turn in range(turns)]
    assert len(set(orders)) == turns
    for turn, order in enumerate(orders):
        assert Counter(replace(one, number=None) for one in order) == Counter(carriers(CONTRACT))
        first = order[: fewest(CONTRACT, turn, turns)]
        assert len(first) <= 8
        assert met(first, 1) == possible(CONTRACT, 1)


@REQUIREMENTS
def test_the_near_misses_of_a_requirement_meet_every_level(requirement: Requirement) -> None:
    """Of every factor: a server that forgets the requirement in one of them accepts one."""
    cases = near_misses(CONTRACT, ANYWHERE, requirement)
    used = [case.carrier for case in cases if case.carrier]
    assert len(used) == len(cases)
    assert met(used, 1) == possible(CONTRACT, 1)


WITH_A_STATUS = [one for one in CONTRACT.body_requirements if one.path not in ((), ("status",))]
"""Requirements that leave a status as it is when they are broken."""


@pytest.mark.parametrize("requirement", WITH_A_STATUS, ids=str)
def test_the_near_misses_of_a_requirement_have_every_status(requirement: Requirement) -> None:
    """What is sent has the status that the carrier says, though a broken item changes the total."""
    sent = {
        case.payload.get("status", NO_STATUS)
        for case in near_misses(CONTRACT, ANYWHERE, requirement)
    }
    assert sent == {*factors(CONTRACT)["status"]}


def test_all_near_misses_together_meet_every_pair() -> None:
    """And nearly all triples, of which `carriers` has all."""
    used = of_near_misses()
    assert met(used, 2) == possible(CONTRACT, 2)
    triples = possible(CONTRACT, 3)
    assert len(met(used, 3)) >= 0.95 * len(triples)


@AT_TARGETS
def test_all_edges_together_meet_every_pair(facts: TargetFacts) -> None:
    """And nearly all triples, at a target of which little is known as well."""
    used = [case.carrier for case in all_packed(facts) if case.carrier]
    assert met(used, 2) == possible(CONTRACT, 2)
    assert len(met(used, 3)) >= 0.95 * len(possible(CONTRACT, 3))


def test_near_misses_and_edges_together_meet_every_triple() -> None:
    """What a near miss does not meet, an edge does."""
    used = [*of_near_misses(), *(case.carrier for case in all_packed(ANYWHERE) if case.carrier)]
    assert met(used, 3) == possible(CONTRACT, 3)


def test_no_status_has_most_of_the_edges() -> None:
    """Each of the five has its share of the invoices that must be accepted."""
    sent = Counter(case.payload.get("status", NO_STATUS) for case in all_packed(ANYWHERE))
    assert len(sent) == 5
    assert min(sent.values()) >= 0.15 * sent.total()
    assert max(sent.values()) <= 0.25 * sent.total()


def test_edges_keep_the_status_of_their_carrier() -> None:
    """Except for those that bring a status, or an amount paid, of their own.

    Of nothing or a cent nothing can be paid in part.
    """
    for case in all_packed(ANYWHERE):
        own = {path for edge in case.edges for path in edge.paths} & {("paid_amount",), ("status",)}
        if case.carrier and not own and case.payload["total_amount"] > 0.01:
            assert case.payload.get("status", NO_STATUS) == case.carrier.status, case.name


def accepted(**wanted: Any) -> list[dict[str, Any]]:
    """The invoices with edges that have these values, as they are sent."""
    every = (case.payload for case in all_packed(ANYWHERE) if case.payload.get("items"))
    return [one for one in every if all(one.get(name) == wanted[name] for name in wanted)]


def state_of(invoice: dict[str, Any]) -> str:
    """What the amounts say of an invoice that has no status."""
    paid, total = invoice["paid_amount"], invoice["total_amount"]
    return "more" if paid > total else "whole" if paid == total else "part" if paid else "nothing"


def test_each_amount_is_paid_without_a_status() -> None:
    """A server makes the status from the amounts then: of one item, of few, of many, and where
    nothing else that is optional is there.
    """
    amounts = Counter(state_of(one) for one in accepted(status=None))
    assert min(amounts.values()) >= 15
    assert len(amounts) == 4
    for few, many in ((1, 1), (2, 10), (11, 100)):
        some = [one for one in accepted(status=None) if few <= len(one["items"]) <= many]
        assert len({*map(state_of, some)}) == 4
    bare = accepted(**dict.fromkeys(OPTIONAL))
    assert len({*map(state_of, bare)}) >= 3


def test_two_items_are_in_each_status() -> None:
    """There is a first and a last one, and none between."""
    two = Counter(one.get("status") for one in accepted() if len(one["items"]) == 2)
    assert len(two) == 5
    assert min(two.values()) >= 5


def test_each_optional_property_is_there_without_the_others() -> None:
    """And each two of them are absent together; whatever the status is."""
    names = [name for name in OPTIONAL if name != "status"]
    there = Counter(tuple(name for name in names if name in one) for one in accepted())
    assert all(there[name,] >= 4 for name in names)
    absent = [tuple(one for one in names if one not in two) for two in combinations(names, 2)]
    assert all(there[two] >= 8 for two in absent)


@pytest.mark.parametrize(
    ("name", "value"),
    [("amount", 0), ("amount", 0.01), ("quantity", 1), ("sku", "Linen"), ("name", "Linen")],
)
def test_all_lines_have_it_in_common(name: str, value: object) -> None:
    """Of few lines and of many, in several statuses."""
    alike = [
        one
        for one in accepted()
        if len(one["items"]) > 1 and all(item[name] == value for item in one["items"])
    ]
    assert {len(one["items"]) > 10 for one in alike} == {False, True}
    assert len({one.get("status") for one in alike}) >= 3


def test_texts_and_addresses_name_what_other_properties_have() -> None:
    """A status that is not the own one, the order, the number."""
    said = [(one.get("remarks") or "", one.get("status")) for one in accepted()]
    assert any(text.startswith("PAID") and status != "PAID" for text, status in said)
    linked = [one for one in accepted() if one["invoice_number"] in one.get("url", "")]
    assert linked


def test_invoices_are_due_in_later_years_of_the_century() -> None:
    """Of nearly each, where they do not say when they were created; and at the start of a day."""
    due = {one["due_date"][:4] for one in accepted(created_at=None)}
    assert len(due & {str(year) for year in range(2050, 2100)}) >= 40
    starts = {one["due_date"][-6:] for one in accepted() if "T00:00:00" in one["due_date"]}
    assert len(starts) > 5


@pytest.mark.parametrize(
    "requirement", [one for one in CONTRACT.body_requirements if one.keyword == "required"], ids=str
)
def test_something_is_missing_where_nothing_is_to_pay(requirement: Requirement) -> None:
    """A server that has nothing to add up may look no further."""
    totals = [
        case.payload.get("total_amount") for case in near_misses(CONTRACT, ANYWHERE, requirement)
    ]
    assert 0 in totals or requirement.path[-1] in ("total_amount", "items", "amount", "quantity")


@pytest.fixture(scope="module", params=[*DOCUMENTS.values()], ids=[*DOCUMENTS])
def document(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The contract of each altered document."""
    folder: Path = tmp_path_factory.mktemp("document")
    return altered(request.param, folder / "openapi.yaml")


@AT_TARGETS
def test_the_carriers_of_another_document_are_valid(document: Contract, facts: TargetFacts) -> None:
    """Without items, without a status, with other states, fields and limits."""
    for carrier in carriers(document):
        payload = carrying(document, facts, carrier)
        assert complaints(document.narrowed_schema, payload) == [], str(carrier)
        assert RELATIONS.incoherences(payload, facts) == (), str(carrier)


def test_the_carriers_of_another_document_cross_its_own_levels(document: Contract) -> None:
    """Every triple of the levels that it has."""
    assert met(carriers(document), 3) == possible(document, 3)
    statuses = document.request_schema["properties"].get("status", {}).get("enum", [])
    assert {*statuses} <= {*factors(document)["status"]}


def test_the_cases_of_another_document_meet_every_pair(document: Contract) -> None:
    """Each requirement every level, and all together every pair."""
    both = [case.carrier for case in all_packed(ANYWHERE, document)]
    for requirement in document.body_requirements:
        cases = near_misses(document, ANYWHERE, requirement)
        used = [case.carrier for case in cases if case.carrier]
        assert met(used, 1) == possible(document, 1), requirement.name
        both += used
    assert met(filter(None, both), 2) == possible(document, 2)


@pytest.mark.parametrize(("strength", "own"), [(2, 21), (3, 35)])
def test_pairs_and_triples_that_meet_are_counted(strength: int, own: int) -> None:
    """All carriers cross every one, one of them only its own; a row of no carrier crosses none."""
    used = [carrier.row for carrier in carriers(CONTRACT)]
    every = len(possible(CONTRACT, strength))
    assert crossed(CONTRACT, used, strength) == (every, every)
    assert crossed(CONTRACT, used[:1], strength) == (own, every)
    assert crossed(CONTRACT, [("", "") * 5_000], strength) == (0, every)
