"""Invoices with several faults: every two requirements are broken together in one of them."""

import json
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import combinations

import pytest

from spec.contract import Contract, TargetFacts
from spec.exchange import Request
from spec.expectation import Expectation, Expected, expect, surely_broken
from spec.operation import PATH
from spec.paths import location_text
from strategies.invalid import before_its_order
from strategies.invoice import plain_invoice
from strategies.several import several_faults as made
from tests.invoices import ANYWHERE, CONTRACT, TARGETS

ITEM_REQUIREMENTS = [one for one in CONTRACT.body_requirements if "items[]" in one.name]


several_faults = cache(made)
"""Made once for each target: nearly each test asks for them."""


@cache
def several(facts: TargetFacts, kind: str, document: Contract = CONTRACT) -> tuple[Expected, ...]:
    """What is expected of each body with several faults, of one kind."""
    cases = [case for case in several_faults(document, facts) if case.kind == kind]
    headers = (("Content-Type", "application/json"), ("X-API-Key", str(facts.key)))
    requests = (Request("POST", PATH, headers, case.body) for case in cases)
    return tuple(expect(document, facts, request) for request in requests)


KINDS = (
    *("two", "pair", "twice", "both", "alone", "many", "most", "every", "mixed", "holes", "all"),
    "beside",
)
VALID = plain_invoice(CONTRACT, ANYWHERE)

AT_TARGETS = pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)


@AT_TARGETS
def test_every_two_requirements_are_broken_together(facts: TargetFacts) -> None:
    """Those on two values: each with each other one, in few invoices."""
    subjects = [one for one in CONTRACT.body_requirements if one.path]
    pairs = {
        frozenset((one.name, other.name))
        for one, other in combinations(subjects, 2)
        if one.path[: len(other.path)] != other.path and other.path[: len(one.path)] != one.path
    }
    inside = {one.name for one in ITEM_REQUIREMENTS} - {"items[].type"}
    pairs |= {frozenset(("items[].type", name)) for name in inside}
    found = [expected for kind in KINDS for expected in several(facts, kind)]
    rows = [{breach.requirement.name for breach in expected.breaches} for expected in found]
    met = {frozenset(pair) for row in rows for pair in combinations(row, 2)}
    assert len(pairs) > 600
    assert pairs <= met
    assert len(several(facts, "mixed")) <= 25


@AT_TARGETS
def test_a_pair_is_two_properties_wrong_and_nothing_else(facts: TargetFacts) -> None:
    """Of the invoice itself: a status and an amount paid with nearly each other one."""
    rows = [expected.breaches for expected in several(facts, "pair")]
    pairs = {frozenset(breach.requirement.path for breach in row) for row in rows}
    assert {len(row) for row in rows} == {len(pair) for pair in pairs} == {2}
    assert len(rows) == len(pairs) == 18
    names = ("total_amount", "due_date", "remarks", "order_id", "reference_id", "invoice_number")
    ruled = {frozenset((("status",), (name,))) for name in (*names, "paid_amount", "updated_at")}
    assert ruled <= pairs
    assert len({frozenset((("paid_amount",), (name,))) for name in names} - pairs) <= 1


@AT_TARGETS
def test_two_faults_are_two_requirements_broken(facts: TargetFacts) -> None:
    """Of one kind, on two properties of one object."""
    for expected in several(facts, "two"):
        one, other = expected.breaches
        assert one.requirement.keyword == other.requirement.keyword
        assert one.location[:-1] == other.location[:-1]


@AT_TARGETS
def test_an_item_that_is_no_object_is_before_and_after_wrong_ones(facts: TargetFacts) -> None:
    """And each is of another type: what sorts errors by their places may stumble over any."""
    before, after, types = False, False, set()
    is_valid = CONTRACT.request.validator.is_valid
    for case in several_faults(CONTRACT, facts):
        items = json.loads(case.body).get("items")
        if isinstance(items, list) and case.kind in ("mixed", "holes"):
            wrong = [not is_valid({**VALID, "items": [one]}) for one in items]
            for index, one in enumerate(items):
                if not isinstance(one, dict):
                    types.add(type(one).__name__)
                    before |= any(wrong[index + 1 :])
                    after |= any(wrong[:index])
    assert before
    assert after
    assert len(types) >= 3


@AT_TARGETS
def test_two_dates_are_also_of_two_wrong_types(facts: TargetFacts) -> None:
    """What compares them before it checks them has no order for a number and a list."""
    bodies = [json.loads(one.body) for one in several_faults(CONTRACT, facts)]
    dates = [[body.get(name, "") for name in ("due_date", "created_at")] for body in bodies]
    types = [{type(date) for date in both} - {str} for both in dates]
    assert any(len(both) == 2 for both in types)


@AT_TARGETS
def test_a_requirement_on_items_is_broken_in_two_of_them(facts: TargetFacts) -> None:
    """Not in neighbours: a list of errors may be one of lists. Another property is wrong after
    them, so that a list without doublets has a gap.
    """
    found = several(facts, "twice")
    known = [one for one in ITEM_REQUIREMENTS if one.keyword != "required"]
    assert [expected.breaches[0].requirement for expected in found] == known
    for expected in found:
        one, other, *after = expected.breaches
        assert one.requirement == other.requirement
        assert [one.location[1], other.location[1]] == [0, 2]
        assert [each.location[1] for each in after] == [3] * (one.requirement.path[2:] != ())


@AT_TARGETS
def test_an_item_has_each_of_its_properties_alone(facts: TargetFacts) -> None:
    """In an import it may be a comment or the end of a table, so that it is left out."""
    cases = [case for case in several_faults(CONTRACT, facts) if case.kind == "alone"]
    alone = {frozenset(item) for case in cases for item in json.loads(case.body)["items"]}
    whole = CONTRACT.request_schema["properties"]["items"]["items"]["required"]
    assert alone == {frozenset(whole), *(frozenset({name}) for name in whole)}


@AT_TARGETS
def test_alike_properties_of_one_object_are_wrong_together(facts: TargetFacts) -> None:
    """Missing or of another type: what a server computes from both may come to nothing at all."""
    pairs = {
        frozenset(
            f"{location_text(one.location)} {one.requirement.keyword}" for one in expected.breaches
        )
        for expected in several(facts, "two")
    }
    for one, other, keyword in (
        ("total_amount", "paid_amount", "required"),
        ("total_amount", "paid_amount", "type"),
        ("items[0].amount", "items[0].quantity", "type"),
        ("items[0].reference_id", "items[0].sku", "type"),
        ("created_at", "updated_at", "type"),
    ):
        assert frozenset({f"{one} {keyword}", f"{other} {keyword}"}) in pairs


@AT_TARGETS
def test_any_two_properties_of_an_item_are_absent_and_nothing_else_is_wrong(
    facts: TargetFacts,
) -> None:
    """It may be a line of text or of a sum, and a server count what is absent by twos."""
    absent = {
        frozenset(breach.location[-1] for breach in expected.breaches)
        for expected in several(facts, "all")
        if len({breach.location[:-1] for breach in expected.breaches}) == 1
        and all(breach.requirement.keyword == "required" for breach in expected.breaches)
    }
    names = ("amount", "name", "quantity", "sku")
    assert absent >= {frozenset(both) for both in combinations(names, 2)}


@AT_TARGETS
def test_items_behind_the_first_hundred_are_wrong_and_those_before_are_not(
    facts: TargetFacts,
) -> None:
    """A service that takes a hundred at a time may look at the first hundred alone."""
    wrong = [
        {breach.location[1] for breach in expected.breaches}
        for expected in several(facts, "all")
        if all(breach.requirement.keyword == "maxLength" for breach in expected.breaches)
    ]
    assert wrong == [{*range(100, 106)}]


@AT_TARGETS
def test_a_refund_is_a_wrong_status_and_a_negative_amount(facts: TargetFacts) -> None:
    """Each is refused alone; a rule for credit notes may take both."""
    found = [
        expected.payload
        for expected in several(facts, "all")
        if {str(breach.requirement) for breach in expected.breaches}
        == {"status.enum", "paid_amount.minimum"}
    ]
    assert [one["status"] for one in found if one] == ["REFUNDED"]


@AT_TARGETS
def test_properties_of_one_name_are_wrong_together(facts: TargetFacts) -> None:
    """Of the invoice and of an item, so that a list of errors has the name twice."""
    found = several(facts, "both")
    assert len(found) >= 3
    for expected in found:
        assert {breach.location[-1] for breach in expected.breaches} == {"reference_id"}
        assert {len(breach.location) for breach in expected.breaches} == {1, 3}


@AT_TARGETS
def test_one_requirement_is_broken_more_often_than_a_page_holds(facts: TargetFacts) -> None:
    """Of each keyword one, in each of 25 items."""
    found = several(facts, "many")
    assert {expected.breaches[0].requirement.keyword for expected in found} == {
        one.keyword for one in ITEM_REQUIREMENTS if one.keyword != "type"
    }
    for expected in found:
        assert len({breach.requirement for breach in expected.breaches}) == 1
        assert len({breach.location[1] for breach in expected.breaches}) == 25


@AT_TARGETS
def test_every_property_of_a_hundred_items_is_wrong_at_once(facts: TargetFacts) -> None:
    """So an error that tells all of them is larger than most buffers and columns."""
    expected, of_a_byte = several(facts, "most")
    assert len(of_a_byte.breaches) == 256
    properties = CONTRACT.request_schema["properties"]["items"]["items"]["properties"]
    wrong = {breach.location[1:] for breach in expected.breaches}
    assert wrong == {(index, name) for index in range(100) for name in properties}


@AT_TARGETS
def test_every_property_is_wrong_at_once(facts: TargetFacts) -> None:
    """The type, or the enum, of each property of an invoice is broken in one body."""
    (expected,) = several(facts, "every")
    names = {breach.location[0] for breach in expected.breaches}
    assert names == {*CONTRACT.request_schema["properties"]}


@AT_TARGETS
def test_each_body_with_several_faults_has_a_name_of_its_own(facts: TargetFacts) -> None:
    """A name identifies a case, and each one is in no doubt."""
    cases = several_faults(CONTRACT, facts)
    assert len({case.name for case in cases}) == len({case.body for case in cases}) == len(cases)
    kinds = {case.kind for case in cases}
    assert kinds == {*KINDS}
    for kind in kinds:
        assert {expected.expectation for expected in several(facts, kind)} == {Expectation.REJECT}


@AT_TARGETS
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("created_at", "updated_at"),
        ("created_at", "due_date"),
        ("paid_amount", "total_amount"),
    ],
)
def test_two_values_that_are_compared_are_of_one_wrong_type(
    one: str, other: str, facts: TargetFacts
) -> None:
    """Two numbers or two lists have an order, so that who compares them sees nothing wrong."""
    bodies = [json.loads(each.body) for each in several_faults(CONTRACT, facts)]
    both = [(body[one], body[other]) for body in bodies if {one, other} <= body.keys()]
    types = {type(first) for first, second in both if type(first) is type(second)}
    assert types >= ({list, dict, bool, str} if "paid" in one else {list, int, type(None)})


def test_an_update_before_its_order_is_beside_nearly_every_other_fault() -> None:
    """What looks at dates may count on the rest to be right."""
    facts = TARGETS["recent orders"]
    cases = [case for case in several_faults(CONTRACT, facts) if case.name.endswith("its order")]
    payloads = [json.loads(case.body) for case in cases]
    assert {one["updated_at"] for one in payloads} == {"2026-01-31T12:30:00Z"}
    met = {str(one) for each in payloads for one, _ in surely_broken(CONTRACT.request, each)}
    assert len(met) >= 30


def test_an_update_before_its_order_is_sent_for_each_known_order() -> None:
    """Alone and beside other faults: a server may know the creation of the first order alone."""
    facts = replace(TARGETS["recent orders"], order_ids=("ORD-1", "ORD-2", "ORD-3"))
    (crowd,) = before_its_order(CONTRACT, facts)
    beside = [one for one in several_faults(CONTRACT, facts) if one.name.endswith("its order")]
    for cases in (crowd.cases, beside):
        orders = Counter(str(json.loads(case.body).get("order_id")) for case in cases)
        assert all(orders[order] >= 2 for order in facts.order_ids)
