"""Invalid invoices break one requirement and nothing else, as an independent validator sees it."""

import json
import re
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import find, given

from run.cases import near_misses as groups_of_near_misses
from spec import paths
from spec.contract import PLACEHOLDER, TargetFacts
from spec.expectation import surely_broken
from spec.paths import Json, locations, path_text, put, value_at
from spec.relations import RELATIONS
from spec.requirements import Requirement
from strategies.carriers import NO_STATUS
from strategies.extras.clients import asks_for_other_errors, extra_ways, ways_of_refused
from strategies.extras.writings import MORE_WRITINGS, WRITINGS
from strategies.invalid import PayloadCase, invalid, near_misses
from strategies.invoice import complete_invoice
from strategies.packing import written
from strategies.relations import total_of, with_status
from strategies.wrong.converted import converted
from strategies.wrong.values import LISTED as LISTED_VALUES
from strategies.wrong.values import tried_once
from tests.invoices import ANYWHERE, CONTRACT, DRAWS, KNOWN_ORDERS, RECENT_ORDERS, SEARCH, broken

Payload = Any

REQUIREMENTS = pytest.mark.parametrize("requirement", CONTRACT.body_requirements, ids=str)


def way(case: PayloadCase) -> str:
    """How a case breaks its requirement, whatever its carrier and wherever in a list."""
    return re.sub(r"\[\d+\]", "[]", case.name.removesuffix(f" ({case.carrier})"))


def ways(requirement: Requirement) -> set[str]:
    """Every listed way to break a requirement with another value, in the complete invoice."""
    invoice = complete_invoice(CONTRACT)
    location = locations(invoice, requirement.path)[0]
    return {
        f"{name} in {path_text(requirement.path) or 'body'}"
        for name, wrong in LISTED_VALUES[requirement.keyword](
            requirement, value_at(invoice, location)
        )
        if broken(put(invoice, location, wrong)) == {requirement.name}
    }


@REQUIREMENTS
@pytest.mark.parametrize("facts", [ANYWHERE, KNOWN_ORDERS, RECENT_ORDERS], ids=["any", "id", "age"])
def test_a_near_miss_breaks_only_its_requirement(
    requirement: Requirement, facts: TargetFacts
) -> None:
    """Every listed case does, at targets of which little or much is known; and the reading, which
    the oracle asks first.
    """
    for case in near_misses(CONTRACT, facts, requirement):
        assert broken(case.payload) == {requirement.name}, case.name
        assert not CONTRACT.narrowed.validator.is_valid(case.payload), case.name


@REQUIREMENTS
def test_a_drawn_invalid_invoice_breaks_only_its_requirement(requirement: Requirement) -> None:
    """Drawn values do so as listed ones do, and break the reading as well."""

    @DRAWS
    @given(invalid(CONTRACT, ANYWHERE, requirement))
    def holds(payload: Payload) -> None:
        assert broken(payload) == {requirement.name}
        assert not CONTRACT.narrowed.validator.is_valid(payload)

    holds()


@REQUIREMENTS
def test_near_misses_have_unique_names(requirement: Requirement) -> None:
    """A name identifies a case of a requirement."""
    names = [case.name for case in near_misses(CONTRACT, ANYWHERE, requirement)]
    assert len(names) == len(set(names)) > 0


@pytest.mark.parametrize(
    "requirement",
    [r for r in CONTRACT.body_requirements if r.keyword in ("maxLength", "minimum", "enum")],
    ids=str,
)
def test_an_invalid_invoice_is_otherwise_consistent(requirement: Requirement) -> None:
    """A server that forgets the requirement has no other reason to refuse.

    The status of a broken payment is the carrier's, for the server may check it in one only.
    """
    ignored = {"status"} if requirement.path in (("status",), ("paid_amount",)) else set()
    for case in near_misses(CONTRACT, ANYWHERE, requirement):
        rest = {name: case.payload[name] for name in case.payload if name not in ignored}
        assert RELATIONS.incoherences(rest, ANYWHERE) == (), case.name


@pytest.mark.parametrize(
    "value",
    ["9" * 18, 1e17, 10**400, float("inf"), "1e1000000", "1e-1000000", "[1, 2", "NaN", None],
    ids=lambda value: str(value)[:9],
)
@pytest.mark.parametrize("name", ["amount", "quantity", "total_amount", "paid_amount", "items"])
def test_an_invoice_can_be_made_consistent_whatever_is_in_it(name: str, value: Any) -> None:
    """A failure is explained with parts of what was sent, of which two may both be absurd."""
    invoice = complete_invoice(CONTRACT)
    first, second = ({**item, "quantity": 999_999_999_999_999_999} for item in invoice["items"][:2])
    own = {name: value} if name in invoice else {}
    changed = {**invoice, "items": [{**first, name: value}, {**second, name: 10**17}], **own}
    for status in ("PAID", "PARTIALLY_PAID", None):
        assert isinstance(with_status(CONTRACT, changed, status), dict)


def test_each_payment_below_nothing_is_sent_without_a_status() -> None:
    """A server that rounds it to nothing may refuse it beside a status for that alone."""
    cases = near_misses(CONTRACT, ANYWHERE, CONTRACT.named("paid_amount.minimum"))
    alone = {case.payload["paid_amount"] for case in cases if "status" not in case.payload}
    assert alone == {case.payload["paid_amount"] for case in cases}


@pytest.mark.parametrize(
    "name",
    ["paid_amount.type", "paid_amount.minimum", "total_amount.type", "total_amount.required"],
)
def test_a_broken_amount_keeps_the_status_of_its_carrier(name: str) -> None:
    """So a negative payment is sent with each status, and without one; what is read as nothing paid
    has none that would be another one.
    """
    cases = near_misses(CONTRACT, ANYWHERE, CONTRACT.named(name))
    sent = [case.payload.get("status", NO_STATUS) for case in cases]
    for case, status in zip(cases, sent, strict=True):
        if case.carrier and status != case.carrier.status:
            assert status == NO_STATUS
            assert not converted(case.payload["paid_amount"])
    assert len(set(sent)) == 5


def test_a_total_follows_an_amount_that_a_server_could_convert() -> None:
    """An amount in quotes counts for the total, so a server can only refuse its type."""
    cases = near_misses(CONTRACT, ANYWHERE, CONTRACT.named("items[].amount.type"))
    quoted = [case.payload for case in cases if way(case) == 'the text "12.50" in items[].amount']
    assert len(quoted) >= 2
    for payload in quoted:
        amounts = [Decimal(str(item["amount"])) for item in payload["items"]]
        assert Decimal("12.50") in amounts
        products = [
            amount * item["quantity"]
            for amount, item in zip(amounts, payload["items"], strict=True)
        ]
        assert Decimal(str(payload["total_amount"])) == sum(products)


ITEM_REQUIREMENTS = [one for one in CONTRACT.body_requirements if "[]" in one.name]


@pytest.mark.parametrize("requirement", ITEM_REQUIREMENTS, ids=str)
def test_item_requirements_are_broken_in_the_first_the_last_and_a_late_item(
    requirement: Requirement,
) -> None:
    """A server that checks only the first few, or all but the last, shows."""
    places = []
    for case in near_misses(CONTRACT, ANYWHERE, requirement):
        found = re.search(r"items\[(\d+)\]", case.name)
        assert found, case.name
        places.append((int(found[1]), len(case.payload["items"])))
    assert all(index < size for index, size in places)
    assert any(index == 0 < size - 1 for index, size in places)
    assert any(0 < index == size - 1 for index, size in places)
    assert any(index >= 4 for index, _ in places)
    assert any(index >= 10 for index, _ in places)


@pytest.mark.parametrize("requirement", ITEM_REQUIREMENTS, ids=str)
def test_each_way_is_tried_in_the_first_item_and_in_a_later_one(requirement: Requirement) -> None:
    """A server may check the first alone, or all but that; of a type only the common ways, and the
    others here or there.
    """
    places: dict[str, set[bool]] = {}
    for case in near_misses(CONTRACT, ANYWHERE, requirement):
        found = re.search(r"items\[(\d+)\]", case.name)
        assert found
        places.setdefault(way(case), set()).add(found[1] == "0")
    once = {name for name in places if tried_once(requirement, name.partition(" in items[]")[0])}
    assert {name for name, tried in places.items() if tried != {True, False}} <= once
    assert {place for name in once for place in places[name]} == ({True, False} if once else set())


@REQUIREMENTS
def test_each_way_is_tried_and_in_items_twice(requirement: Requirement) -> None:
    """Whatever the carriers are; the second time in another carrier."""
    cases = near_misses(CONTRACT, ANYWHERE, requirement)
    tried = Counter(map(way, cases))
    if requirement.keyword != "required":
        assert set(tried) >= ways(requirement)
    for name, count in tried.items():
        once = tried_once(requirement, name.partition(" in items[]")[0])
        assert count >= (2 if "[]" in requirement.name and not once else 1)
    assert len({(way(case), case.carrier) for case in cases}) == len(cases)


LISTED = {
    "due_date.required": ["no due_date", "due_date named 'dueDate'"],
    "due_date.type": ["null in due_date", "seconds since 1970 in due_date"],
    "items.type": ["its first element alone in items", "an empty object in items"],
    "paid_amount.minimum": [
        f"{n} in paid_amount" for n in ("-0.01", "-1", "-4294967296", "-1e-10")
    ],
    "status.enum": [
        f"{words} in status"
        for words in (
            *("small letters", "a trailing space", "a trailing line break", "empty text"),
            *("a prefix of it", "more after it", "look-alike letters", "its ordinal", "null"),
            *(f"the text {one}" for one in ("CANCELLED", "VOID", "UNPAID", "DRAFT", "REFUNDED")),
        )
    ],
    "items[].quantity.type": [
        f"{words} in items[].quantity"
        for words in (
            *("null", "empty text", 'the text "1"', 'the text "12.50"', 'the text " 1 "', "true"),
            *("1.5", "a half more", "an empty array", "an empty object", "the value in an array"),
        )
    ],
    "items[].sku.maxLength": [
        f"{words} in items[].sku"
        for words in (
            *(f"256 {kind} characters" for kind in ("ASCII", "two-byte", "three-byte", "astral")),
            *(
                "5100 astral characters behind a NUL",
                "a space past the limit",
                "marks and spaces past the limit",
            ),
        )
    ],
}


@pytest.mark.parametrize("name", LISTED)
def test_the_known_near_misses_are_sent(name: str) -> None:
    """What servers are known to accept wrongly is sent in every run."""
    tried = set(map(way, near_misses(CONTRACT, ANYWHERE, CONTRACT.named(name))))
    assert set(LISTED[name]) <= tried


def test_a_text_past_its_limit_keeps_its_stamp() -> None:
    """An invoice that a lenient server creates can still be found and purged."""
    for case in near_misses(CONTRACT, ANYWHERE, CONTRACT.named("reference_id.maxLength")):
        assert PLACEHOLDER in case.payload["reference_id"]


def test_later_items_are_broken_too() -> None:
    """The drawn location is in any item, not only the first."""

    def later(payload: Payload) -> bool:
        return len(payload["items"]) > 2 and len(payload["items"][2]["sku"]) > 255

    requirement = CONTRACT.named("items[].sku.maxLength")
    assert later(find(invalid(CONTRACT, ANYWHERE, requirement), later, settings=SEARCH))


SMALLEST: dict[str, tuple[tuple[str | int, ...], object]] = {
    "items[].sku.maxLength": (("items", 0, "sku"), "0" * 256),
    "paid_amount.minimum": (("paid_amount",), -0.01),
    "status.enum": (("status",), "paid"),
    "remarks.type": (("remarks",), None),
}


@pytest.mark.parametrize("name", SMALLEST)
def test_an_invalid_invoice_shrinks_to_its_cause(name: str) -> None:
    """The smallest example is the plainest wrong value in an invoice of one item."""
    requirement = CONTRACT.named(name)
    smallest = find(invalid(CONTRACT, ANYWHERE, requirement), lambda _: True, settings=SEARCH)
    location, value = SMALLEST[name]
    assert len(smallest["items"]) == 1
    for step in location:
        smallest = smallest[step]
    assert smallest == value


def test_what_other_clients_send_goes_with_near_misses() -> None:
    """Each header field, query and writing with one of them or more, which break the same as they
    are written; no Accept that prefers another kind of error.
    """
    groups = groups_of_near_misses(CONTRACT, ANYWHERE)
    cases = [case for group in groups for case in group.cases]
    ways = [case.way for case in cases if case.way is not None]
    usual = ways_of_refused(CONTRACT)
    writings = dict.fromkeys(way.write for way in usual if way.write is not None)
    assert {way.write for way in ways} >= writings.keys()
    assert {way.query for way in ways} == {way.query for way in usual}
    fields = {field for way in ways for field in way.fields}
    assert fields >= {field for way in usual for field in way.fields}
    [relaxing] = {way.query for way in usual} - {way.query for way in extra_ways(CONTRACT)}
    asked = {
        group.requirement.keyword
        for group in groups
        if relaxing in [case.way.query for case in group.cases if case.way is not None]
    }
    assert asked == {group.requirement.keyword for group in groups}
    assert not any(map(asks_for_other_errors, ways))
    for case in cases:
        if case.way is not None and case.way.write is not None and case.unknown is None:
            assert json.loads(written(CONTRACT, case)) == case.payload


def test_a_way_that_refused_invoices_are_sent_in_is_about_itself() -> None:
    """A refusal of it counts against header fields or queries, that of a writing does not."""
    names = {str(way.subject(CONTRACT)) for way in ways_of_refused(CONTRACT) if way.write is None}
    assert names == {"request.fields", "request.accept", "request.query"}
    writings = [way for way in ways_of_refused(CONTRACT) if way.write is not None]
    assert {way.subject(CONTRACT) for way in writings} == {None}


def test_an_amount_is_written_otherwise_only_where_it_stays_the_same() -> None:
    """Four decimals are too few for -1e-10, and a truth value is no number."""
    for amount in (-1e-10, 0.001, True, "1", 5, 19.99, -0.01, 0):
        payload = {**complete_invoice(CONTRACT), "paid_amount": amount}
        for write in (*WRITINGS.values(), *MORE_WRITINGS):
            assert json.loads(write(CONTRACT, payload))["paid_amount"] == amount


def test_a_text_in_the_place_of_a_list_has_no_elements() -> None:
    """So what is wrong within the list is not put into the text."""
    assert paths.find({"items": "text"}, ("items", 0)) is None
    assert paths.find({"items": ["text"]}, ("items", 0)) == "text"


@pytest.mark.parametrize("name", ["paid_amount.type", "total_amount.type"])
def test_what_may_be_taken_for_nothing_is_where_nothing_is_paid(name: str) -> None:
    """In another state a server that takes it so would refuse the invoice for its status."""
    cases = near_misses(CONTRACT, ANYWHERE, CONTRACT.named(name))
    at = name.partition(".")[0]
    states = {
        json.dumps(case.payload[at]): case.payload.get("status")
        for case in cases
        if case.payload[at] in ("", []) or case.payload[at] is False
    }
    assert states == {'""': "PENDING", "[]": "PENDING", "false": "PENDING"}


def test_a_wrong_total_is_what_the_items_are_worth_to_a_server_that_converts_it() -> None:
    """So that its check of the sum does not refuse what it should have refused for its type."""
    cases = near_misses(CONTRACT, ANYWHERE, CONTRACT.named("total_amount.type"))
    worth = [(converted(each.payload["total_amount"]), each.payload["items"]) for each in cases]
    assert all(total == converted(total_of(CONTRACT, items)) for total, items in worth)
    assert {0, 1} < {total for total, _ in worth}


@pytest.mark.parametrize(
    ("name", "items"),
    [("its first element alone", 1), ("its elements in an object", 1), ("empty text", 0)],
)
def test_a_total_is_that_of_the_items_that_a_server_converts(name: str, items: int) -> None:
    """An object is read as a list of it or of what it has, and what is empty as no items."""
    cases = near_misses(CONTRACT, ANYWHERE, CONTRACT.named("items.type"))
    case = next(each for each in cases if each.name.startswith(f"{name} in items"))
    value = case.payload["items"]
    read = [] if not value else [value] if "amount" in value else [*value.values()]
    assert len(read) >= items
    assert case.payload["total_amount"] == total_of(CONTRACT, read)


def test_a_text_that_is_too_long_is_cut_inside_a_character() -> None:
    """After any number of bytes, one of them: a message that shows so many is no UTF-8."""
    cases = near_misses(CONTRACT, ANYWHERE, CONTRACT.named("items[].name.maxLength"))
    names = [item["name"].encode() for case in cases for item in case.payload["items"]]
    long = [name for name in names if len(name) > 1000]
    for size in range(4, 250):
        assert any(name[size] & 0xC0 == 0x80 for name in long)


@pytest.mark.parametrize("name", ["name", "sku", "reference_id"])
@pytest.mark.parametrize("keyword", ["required", "type", "maxLength"])
def test_a_wrong_text_is_in_lines_of_which_nothing_is_to_be_paid(name: str, keyword: str) -> None:
    """Of no pieces, or of nothing at all: a server may take such a line for a comment."""
    requirement = CONTRACT.named(f"items[].{name}.{keyword}")
    found = set()
    for case in near_misses(CONTRACT, KNOWN_ORDERS, requirement):
        broken = surely_broken(CONTRACT.request, case.payload)
        assert [one for one, _ in broken] == [requirement]
        item = case.payload["items"][broken[0][1][1]]
        found.add(tuple(each for each in ("amount", "quantity") if not item[each]))
    assert found >= {(), ("quantity",)}
    assert {("amount",), ("amount", "quantity")} & found


def test_items_that_are_missing_are_also_in_flat_names() -> None:
    """As forms have them: what turns one into JSON, or reads both, finds the items in these."""
    cases = near_misses(CONTRACT, KNOWN_ORDERS, CONTRACT.named("items.required"))
    names = {name for case in cases for name in case.payload}
    assert names >= {"items[0].sku", "items[0][sku]", "items.0.sku", "items[1].name"}


def _lacking(name: str) -> list[dict[str, Json]]:
    """The invoices, or the items, that lack a property."""
    path = "items.required" if name == "items" else f"items[].{name}.required"
    payloads = [case.payload for case in near_misses(CONTRACT, KNOWN_ORDERS, CONTRACT.named(path))]
    if name == "items":
        return payloads
    return [item for payload in payloads for item in payload["items"] if name not in item]


@pytest.mark.parametrize("name", ["sku", "items"])
def test_what_is_missing_is_also_in_what_javascript_inherits(name: str) -> None:
    """In `__proto__`."""
    assert any(name in holder.get("__proto__", {}) for holder in _lacking(name))


@pytest.mark.parametrize(
    ("path", "spelled"),
    [
        ("reference_id.required", {"Reference_Id", "REFERENCE_ID"}),
        ("paid_amount.required", {"Paid_Amount", "PAID_AMOUNT"}),
        ("items.required", {"ITEMS"}),
        ("items[].reference_id.required", {"Reference_Id"}),
        ("items[].sku.required", {"SKU"}),
        ("items[].quantity.required", {"QUANTITY"}),
    ],
)
def test_what_is_missing_is_alone_under_its_name_in_another_letter_case(
    path: str, spelled: set[str]
) -> None:
    """As decoders of Go and .NET take it for the name: to JSON it is another one."""
    cases = near_misses(CONTRACT, KNOWN_ORDERS, CONTRACT.named(path))
    assert {way(case).rpartition(" named ")[2].strip("'") for case in cases} >= spelled


@pytest.mark.parametrize("name", ["sku", "items"])
def test_what_is_missing_is_under_no_name_of_other_letters_that_fold_to_its_own(name: str) -> None:
    """A long s for s, the sign of kelvins for k."""
    others = {other for each in _lacking(name) for other in each if not other.isascii()}
    assert name.casefold() not in {other.casefold() for other in others}


def test_an_order_is_an_operator_of_a_database() -> None:
    """Which finds any order where a filter is made of what was sent; an item may lack a sku beside
    the name that answers have for it.
    """
    cases = near_misses(CONTRACT, KNOWN_ORDERS, CONTRACT.named("order_id.type"))
    assert {"$ne": ""} in [case.payload["order_id"] for case in cases]
    lacking = near_misses(CONTRACT, KNOWN_ORDERS, CONTRACT.named("items[].sku.required"))
    items = [item for case in lacking for item in case.payload["items"]]
    assert any("sku" not in item and "product_id" in item for item in items)
