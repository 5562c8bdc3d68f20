"""When a value of an answer is the one that was sent, and when it is near enough."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from spec import echo
from spec.paths import Location
from spec.violation import Violation
from tests.exchanges import (
    CONTRACT,
    GOOD,
    INVOICE,
    altered,
    answered,
    drop,
    expected,
    judge,
    put,
    request,
    response,
)


@pytest.mark.parametrize(
    ("sent", "returned", "same"),
    [
        ("a", "a", True),
        ("a", "A", False),
        ("2025-06-01T12:00:00Z", "2025-06-01T14:00:00+02:00", False),
        (1, Decimal("1.0"), True),
        (1, 2, False),
        (Decimal("0.1"), Decimal("0.10000000000000000555"), True),
        (Decimal("0.1"), Decimal("0.1000001"), False),
        (Decimal("1e400"), Decimal("1e401"), True),
        (10**400, Decimal("1e401"), True),
        (10**400, -(10**400), False),
        (-(10**400), -(10**401), True),
        (None, None, True),
        (None, 1, False),
        (True, True, True),
        (True, False, False),
        (True, 1, True),
        (1, True, True),
        ("1", 1, True),
        (1, "1", True),
        (False, None, True),
        ([1, "a"], [1, "a"], True),
        ([1, "a"], [1, "b"], False),
        ([1], [1, 1], False),
        ([1, 1], [1], False),
        ([1], "1", True),
        ("1", [1], True),
        ({"a": 1}, {"a": 2}, True),
    ],
)
def test_a_value_is_the_same_or_not(sent: Any, returned: Any, *, same: bool) -> None:
    """Texts by code point, numbers as doubles, lists by element; another type is the schema's."""
    assert echo.same(sent, returned) is same


@pytest.mark.parametrize(
    ("sent", "returned", "same"),
    [
        ("2025-06-01T12:00:00Z", "2025-06-01T14:00:00+02:00", True),
        ("2025-06-01T12:00:00Z", "2025-06-01T12:00:01Z", False),
        ("2025-06-01T12:00:00Z", "noon", False),
        ("noon", "2025-06-01T12:00:00Z", False),
        ("noon", "noon", True),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", False),
        (["2025-06-01T12:00:00Z"], ["2025-06-01T14:00:00+02:00"], True),
        (["2025-06-01T12:00:00Z"], ["2025-06-01T14:00:00Z"], False),
    ],
)
def test_a_date_is_the_same_moment(sent: Any, returned: Any, *, same: bool) -> None:
    """In whatever zone it is written, and in lists too."""
    assert echo.same(sent, returned, dates=True) is same


@pytest.mark.parametrize(
    ("sent", "returned", "same"),
    [
        ("2025-06-01T12:00:00Z", "2025-06-01", True),
        ("2025-06-01T12:00:00Z", "2025-06-02", False),
        (["2025-06-01T12:00:00Z"], ["2025-06-01"], True),
    ],
)
def test_a_day_is_enough_where_days_are_answered(sent: Any, returned: Any, *, same: bool) -> None:
    """And nowhere else."""
    assert echo.same(sent, returned, dates=True, days=True) is same
    assert not echo.same(sent, returned, dates=True)


@pytest.mark.parametrize(
    ("sent", "returned", "alike"),
    [
        (10, Decimal("10.009"), True),
        (10, Decimal("9.991"), True),
        (10, Decimal("10.01"), False),
        (10, Decimal("9.99"), False),
        (10, -10, False),
        (-10, Decimal("-10.009"), True),
        (10**9, 10**9 + 900, True),
        (10**9, 10**9 + 1100, False),
        (-(10**9), -(10**9) - 900, True),
        (10**400, 10**400, True),
        (Decimal("1e-9"), 0, True),
        (10, "x", True),
        ("x", 10, True),
        (10, True, True),
        ("x", "y", True),
    ],
)
def test_a_doubtful_number_keeps_its_sign_and_magnitude(
    sent: Any, returned: Any, *, alike: bool
) -> None:
    """Less than a cent, or a millionth of it, may be lost; of other values all."""
    assert echo.alike(sent, returned) is alike


@pytest.mark.parametrize(
    ("location", "doubtful"),
    [
        (("items",), True),
        (("items", 0), True),
        (("items", 0, "sku"), True),
        (("items", 1), False),
        (("a", "b"), True),
        (("a", "b", "c"), True),
        (("a",), False),
        (("a", "c"), False),
        ((), False),
    ],
)
def test_a_value_is_in_doubt_with_what_holds_it(location: Location, *, doubtful: bool) -> None:
    """A list is with each of its elements; an object is not with each of its properties."""
    said = replace(expected(INVOICE), doubtful=frozenset({("items", 0), ("a", "b")}))
    assert echo.is_doubtful(said, location) is doubtful


def test_only_a_text_at_the_same_place_came_back() -> None:
    """A number may be another one."""
    assert echo.came_back(CONTRACT, INVOICE, GOOD, ("data", "status"))
    assert not echo.came_back(
        CONTRACT, INVOICE, answered(put("data", "status", value="x")), ("data", "status")
    )
    assert not echo.came_back(CONTRACT, INVOICE, GOOD, ("data", "paid_amount"))
    assert not echo.came_back(CONTRACT, INVOICE, GOOD, ("data", "none"))


def one_violation(answer: Any, payload: Any = INVOICE) -> Violation:
    """The only violation of that answer."""
    (found,) = judge(request(payload), response(201, answer)).violations
    return found


ITEMS = GOOD["data"]["items"]


@pytest.mark.parametrize(
    ("items", "got"),
    [
        (ITEMS[::-1], "the same items in another order"),
        (ITEMS[:1], "only some of the items"),
        ([], "no items"),
        ([*ITEMS, ITEMS[0]], "some items more than once"),
        ([ITEMS[0], ITEMS[0]], "some items more than once and others not at all"),
        (
            [{**ITEMS[0], "quantity": 6, "item_total": 299.94}],
            "fewer items, with their quantities added up",
        ),
        ([{**ITEMS[0], "quantity": 5, "item_total": 249.95}], "only some of the items"),
    ],
)
def test_what_became_of_the_items_is_told(items: list[Any], got: str) -> None:
    """In words, once for all of them."""
    verdict = judge(request(INVOICE), response(201, answered(put("data", "items", value=items))))
    first = verdict.violations[0]
    assert (first.requirement.name, first.location) == ("201.data.items.echo", ("data", "items"))
    assert (first.expected, first.got) == ("each item once, in the order sent", got)


def test_a_value_that_did_not_come_back_is_told() -> None:
    """With what was sent, and where."""
    missing = one_violation(answered(drop("data", "items", 1, "name")))
    assert missing.location == ("data", "items", 1, "name")
    assert (missing.expected, missing.got) == ('"Table"', "nothing (absent)")
    changed = one_violation(answered(put("data", "items", 1, "name", value="Desk")))
    assert (changed.expected, changed.got) == ('"Table"', '"Desk"')


def test_a_value_that_was_null_need_not_come_back() -> None:
    """Nothing was said."""
    payload = altered(put("remarks", value=None))
    verdict = judge(request(payload), response(201, answered(drop("data", "remarks"))))
    assert "201.data.remarks.echo" not in {str(each.requirement) for each in verdict.violations}


def test_a_wrong_product_is_told_with_its_factors() -> None:
    """By the names that the document has for them."""
    wrong = one_violation(answered(put("data", "items", 0, "item_total", value=199.9)))
    assert wrong.location == ("data", "items", 0, "item_total")
    assert (wrong.expected, wrong.got) == ("amount x quantity = 199.96", "199.9")


def test_an_id_that_was_given_before_is_told() -> None:
    """Without the id, which is another in each run."""
    repeated = one_violation(
        answered(put("data", "items", 1, "id", value=GOOD["data"]["items"][0]["id"]))
    )
    assert repeated.location == ("data", "items", 1, "id")
    assert repeated.expected == "an id that no other answer of this run has"
    assert repeated.got == "one that was given before"


def test_another_number_of_items_is_told_in_numbers() -> None:
    """Where they come back without the references that tell them apart."""
    item = {name: value for name, value in ITEMS[0].items() if name != "reference_id"}
    verdict = judge(request(INVOICE), response(201, answered(put("data", "items", value=[item]))))
    first = verdict.violations[0]
    assert (first.requirement.name, first.expected) == (
        "201.data.items.echo",
        "2 elements, in order",
    )
