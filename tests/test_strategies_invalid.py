"""Invalid invoices break one requirement and nothing else, as an independent validator sees it."""

from typing import Any

import pytest
from hypothesis import find, given

from spec import coherence
from spec.contract import PLACEHOLDER, TargetFacts
from spec.requirements import Requirement
from strategies.invalid import invalid, near_misses
from tests.invoices import ANYWHERE, CONTRACT, DRAWS, KNOWN_ORDERS, RECENT_ORDERS, SEARCH, broken

Payload = Any

REQUIREMENTS = pytest.mark.parametrize("requirement", CONTRACT.body_requirements, ids=str)


@REQUIREMENTS
@pytest.mark.parametrize("facts", [ANYWHERE, KNOWN_ORDERS, RECENT_ORDERS], ids=["any", "id", "age"])
def test_a_near_miss_breaks_only_its_requirement(
    requirement: Requirement, facts: TargetFacts
) -> None:
    """Every listed case does, at targets of which little or much is known."""
    for case in near_misses(CONTRACT, facts, requirement):
        assert broken(case.payload) == {requirement.name}, case.name


@REQUIREMENTS
def test_a_drawn_invalid_invoice_breaks_only_its_requirement(requirement: Requirement) -> None:
    """Drawn values do so as listed ones do."""

    @DRAWS
    @given(invalid(CONTRACT, ANYWHERE, requirement))
    def holds(payload: Payload) -> None:
        assert broken(payload) == {requirement.name}

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
    """A server that forgets the requirement has no other reason to refuse."""
    ignored = {"status"} if requirement.keyword == "enum" else set()
    for case in near_misses(CONTRACT, ANYWHERE, requirement):
        rest = {name: case.payload[name] for name in case.payload if name not in ignored}
        assert coherence.incoherences(rest, ANYWHERE) == (), case.name


def test_a_total_follows_an_amount_that_a_server_could_convert() -> None:
    """An amount in quotes counts for the total, so a server can only refuse its type."""
    cases = near_misses(CONTRACT, ANYWHERE, CONTRACT.named("items[].amount.type"))
    quoted = next(case for case in cases if case.name == 'the text "12.5" in items[2].amount')
    assert quoted.payload["total_amount"] == 1011.45


@REQUIREMENTS
def test_item_requirements_are_broken_in_the_first_and_the_last_item(
    requirement: Requirement,
) -> None:
    """A server that checks only one of them shows."""
    names = [case.name for case in near_misses(CONTRACT, ANYWHERE, requirement)]
    ends = [sum(f"items[{index}]" in name for name in names) for index in (0, 2)]
    expected = len(names) // 2 if "[]" in requirement.name else 0
    assert ends == [expected, expected]


LISTED = {
    "due_date.required": ["no due_date", "due_date named 'dueDate'"],
    "due_date.type": ["null in due_date", "seconds since 1970 in due_date"],
    "items.type": ["its first element alone in items", "an empty object in items"],
    "paid_amount.minimum": [
        f"{n} in paid_amount" for n in ("-0.01", "-1", "-1000000000", "-1e-10")
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
        f"{words} in items[2].quantity"
        for words in (
            *("null", "empty text", 'the text "1"', 'the text "12.5"', 'the text " 1 "', "true"),
            *("1.5", "a half more", "an empty array", "an empty object", "the value in an array"),
        )
    ],
    "items[].sku.maxLength": [
        f"{words} in items[2].sku"
        for words in (
            *(f"256 {kind} characters" for kind in ("ASCII", "two-byte", "three-byte", "astral")),
            *("5100 astral characters", "a space past the limit", "spaces past the limit"),
        )
    ],
}


@pytest.mark.parametrize("name", LISTED)
def test_the_known_near_misses_are_sent(name: str) -> None:
    """What servers are known to accept wrongly is sent in every run."""
    names = {case.name for case in near_misses(CONTRACT, ANYWHERE, CONTRACT.named(name))}
    assert set(LISTED[name]) <= names


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
