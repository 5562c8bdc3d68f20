"""When a value of an answer is the one that was sent, and when it is near enough."""

import json
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spec.answers import echo, sameness
from spec.paths import Location, agree, tree_of
from spec.violation import Violation
from tests.exchanges import (
    CONTRACT,
    GOOD,
    INVOICE,
    Change,
    altered,
    answer_to,
    answered,
    drop,
    expected,
    judge,
    put,
    request,
    response,
    uuid,
)
from tests.versions.edited import judged
from tests.versions.parts import Alteration, Parts


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
    assert sameness.same(sent, returned) is same


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
    assert sameness.same(sent, returned, dates=True) is same


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
    assert sameness.same(sent, returned, dates=True, days=True) is same
    assert not sameness.same(sent, returned, dates=True)


def test_where_days_are_answered_a_moment_will_do() -> None:
    """At the beginning of time as well, which has no day in UTC."""
    for one, other, same in (
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00.0+14:00", True),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:01.0+14:00", False),
        ("2025-06-01", "2025-06-02", False),
    ):
        assert sameness.same(one, other, dates=True, days=True) is same


def test_the_day_of_a_moment_is_not_that_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """But that where it was written, and that in UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "AAA-9")
        time.tzset()
        moment = "2025-06-01T16:00:00-01:00"
        same = [sameness.same(moment, f"2025-06-0{day}", days=True) for day in (1, 2)]
    time.tzset()
    assert same == [True, False]


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
        (0, Decimal("0.00999"), True),
        (0, Decimal("0.009991"), False),
        (10, "x", True),
        ("x", 10, True),
        (10, True, True),
        ("x", "y", True),
    ],
)
def test_an_unspecified_number_keeps_its_sign_and_magnitude(
    sent: Any, returned: Any, *, alike: bool
) -> None:
    """Less than a cent, or a millionth of it, may be lost; of other values all."""
    assert sameness.alike(sent, returned) is alike


NOT_SPECIFIED = frozenset[Location]({("items", 0), ("a", "b"), ("items", 2, "tags", 1)})


@pytest.mark.parametrize(
    ("location", "unspecified"),
    [
        (("items",), True),
        (("items", 0), True),
        (("items", 0, "sku"), True),
        (("items", 1), False),
        (("a", "b"), True),
        (("a", "b", "c"), True),
        (("a",), False),
        (("a", "c"), False),
        (("items", 2, "tags"), True),
        (("items", 2), False),
        ((), False),
    ],
)
def test_a_value_is_unspecified_with_what_holds_it(
    location: Location, *, unspecified: bool
) -> None:
    """A list is with each of its elements; an object is not with each of its properties."""
    said = replace(expected(INVOICE), unspecified=NOT_SPECIFIED)
    assert echo.is_unspecified(said, location) is unspecified


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
        ([{key: ITEMS[0][key] for key in ITEMS[0] if key != "quantity"}], "only some of the items"),
    ],
)
def test_what_became_of_the_items_is_told(items: list[Any], got: str) -> None:
    """In words, once for all of them."""
    verdict = judge(request(INVOICE), response(201, answered(put("data", "items", value=items))))
    first = verdict.violations[0]
    assert (first.requirement.name, first.location) == ("201.data.items.echo", ("data", "items"))
    assert (first.expected, first.got) == ("each item once, in the order sent", got)


COUNTED = Alteration(lambda parts: parts.item["required"].remove("quantity"))
"""A version in which a quantity may be left out."""


@pytest.mark.parametrize(
    ("sent", "returned", "got"),
    [
        ("4 2 3", "4 5", "fewer items, with their quantities added up"),
        ("4 2 3", "6 3", "fewer items, with their quantities added up"),
        ("4 2 3", "4 2", "only some of the items"),
        ("4 2 3", "9e999999 9e999999", "only some of the items"),
        ("4 2 0", "4 2", "only some of the items"),
        ("4 - 3", "4 -", "only some of the items"),
        ("- - -", "- -", "only some of the items"),
        ("4 2 -", "4 2", "only some of the items"),
    ],
)
def test_only_quantities_that_grew_were_added_up(
    tmp_path: Path, sent: str, returned: str, got: str
) -> None:
    """One that is missing, or too large for any arithmetic, has no sum."""
    total = sum(int(number) for number in sent.replace("-", "0").split())
    payload, answer = altered(put("total_amount", value=total)), answered()
    for items, quantities in ((payload["items"], sent), (answer["data"]["items"], returned)):
        one, numbers = items[0], quantities.split()
        items[:] = [
            {**one, "reference_id": f"I-{index}", "amount": 1} for index in range(len(numbers))
        ]
        for item, number in zip(items, numbers, strict=True):
            item.pop("quantity")
            item.update({} if number == "-" else {"quantity": f"number {number} end"})
    bodies = [
        json.dumps(each).replace('"number ', "").replace(' end"', "").encode()
        for each in (payload, answer)
    ]
    found = judged(COUNTED.load(tmp_path), *bodies).violations
    assert [one.got for one in found if one.requirement.name == "201.data.items.echo"] == [got]


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


NULLED = ["null", "NULL", "None", "nil", "undefined"]
"""What careless servers make of null."""


@pytest.mark.parametrize("nullable", [False, True])
def test_null_comes_back_as_null_or_as_what_a_server_has_to_answer(
    tmp_path: Path,
    nullable: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """But not as a word for null; where an answer may have null, as nothing else."""

    def edit(parts: Parts) -> None:
        parts.property("remarks").update(nullable=True)
        parts.answer["properties"]["remarks"].update(nullable=nullable)

    loaded, payload = Alteration(edit).load(tmp_path), altered(put("remarks", value=None))

    def echoed(answer: Any) -> list[tuple[Any, str]]:
        found = judged(loaded, payload, answer).violations
        return [(one.expected, one.got) for one in found if one.requirement.keyword == "echo"]

    assert echoed(answered(drop("data", "remarks"))) == []
    for word in NULLED:
        assert echoed(answered(put("data", "remarks", value=word))) == [("null", f'"{word}"')]
    for value in ("", "none of ours", None):
        told = [("null", f'"{value}"')] if nullable and value is not None else []
        assert echoed(answered(put("data", "remarks", value=value))) == told


def test_a_wrong_product_is_told_with_its_factors() -> None:
    """By the names that the document has for them."""
    wrong = one_violation(answered(put("data", "items", 0, "item_total", value=199.9)))
    assert wrong.location == ("data", "items", 0, "item_total")
    assert (wrong.expected, wrong.got) == ("amount x quantity = 199.96", "199.9")


def test_a_wrong_product_is_told_beside_one_that_nobody_can_judge() -> None:
    """A price that is unspecified has no sure product, and a text is no total."""
    wrong = ("201.data.items[].item_total.product", ("data", "items", 1, "item_total"))
    unspecified = altered(put("items", 0, "amount", value=-1))
    for payload, total in ((unspecified, 0), (INVOICE, "199.96")):
        answer = answer_to(payload)
        for index, value in ((0, total), (1, 71)):
            put("data", "items", index, "item_total", value=value)(answer)
        found = judge(request(payload), response(201, answer)).violations
        assert wrong in [(each.requirement.name, each.location) for each in found]


def test_an_id_that_was_given_before_is_told() -> None:
    """Without the id, which is another in each run."""
    repeated = one_violation(
        answered(put("data", "items", 1, "id", value=GOOD["data"]["items"][0]["id"]))
    )
    assert repeated.location == ("data", "items", 1, "id")
    assert repeated.expected == "an id that was not given before in this run"
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


def test_an_unspecified_number_that_did_not_come_back_is_told() -> None:
    """With its place and both numbers, as a sure one is."""
    payload = altered(put("items", 0, "amount", value=-0.01))
    answer = answer_to(payload)
    put("data", "items", 0, "amount", value=0.01)(answer)
    wrong = one_violation(answer, payload)
    assert wrong.location == ("data", "items", 0, "amount")
    assert (wrong.expected, wrong.got) == ("-0.01", "0.01")


TWICE = altered(
    put("items", 1, "reference_id", value=INVOICE["items"][0]["reference_id"]),
    put("colour", value="red"),
)
"""Two items share a reference; what is unspecified is another property alone."""


def of_twins(change: Change) -> list[tuple[str, Location]]:
    """What is said of an answer to it, and where."""
    answer = answer_to(TWICE)
    change(answer["data"]["items"])
    found = judge(request(TWICE), response(201, answer)).violations
    return [(each.requirement.name, each.location) for each in found]


def test_items_that_share_a_reference_are_told_apart_by_all_that_came_back() -> None:
    """Each is compared with the one that it repeats, unless one is left over or repeats none."""
    assert of_twins(lambda items: items.reverse()) == []
    name, place = "201.data.items[].name.echo", ("data", "items", 1, "name")

    def nameless(items: Any) -> None:
        items.reverse()
        del items[0]["name"]

    assert of_twins(nameless) == [(name, place)]
    assert of_twins(put(1, "name", value="Desk")) == [(name, place)]
    whole = ("201.data.items.echo", ("data", "items"))
    assert of_twins(lambda items: items.append({**items[0], "id": uuid(9)})) == [whole]


def test_a_long_difference_of_texts_that_look_alike_is_cut() -> None:
    """Each to 80 characters, and a text that is longer by one is."""
    rest = "\U0001f600" * 2 + "\u00e9" * 8 + "a"
    payload = altered(put("remarks", value="\u00e9" + rest))
    wrong = one_violation(answered(put("data", "remarks", value="e\u0301" + rest)), payload)
    faces, letters = r"\ud83d\ude00\ud83d\ude00", r"\u00e9" * 6
    assert wrong.expected == rf'"\u00e9{faces}\u00e9\u0 ...(1 more)... e9{letters}a"'
    assert wrong.got == rf'"e\u0301{faces}\u00e9\u ...(1 more)... 0e9{letters}"'


def test_a_property_that_is_answered_as_a_date_may_be_written_as_another_moment(
    tmp_path: Path,
) -> None:
    """Of the same time; that a date has no time is another requirement's business."""
    edit = Alteration(lambda parts: parts.answer["properties"]["remarks"].update(format="date"))
    loaded = edit.load(tmp_path)
    payload = altered(put("remarks", value="2025-06-01T12:00:00Z"))
    for remarks, names in (
        ("2025-06-01T14:00:00+02:00", []),
        ("2025-06-01", []),
        ("2025-06-01T14:00:01+02:00", ["201.data.remarks.echo"]),
    ):
        answer = answered(put("data", "remarks", value=remarks))
        found = judged(loaded, payload, answer).violations
        assert [one.requirement.name for one in found if one.requirement.keyword == "echo"] == names


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        ({"a": 1, "b": [{"c": 2, "id": 9}, {}], "id": 3}, True),
        ({"a": 1, "b": [{"c": 2}]}, False),
        ({"a": 1, "b": [{}, {"c": 2}]}, False),
        ({"b": [{"c": 2}, {}]}, False),
        ({"a": 1, "b": {"c": 2}}, False),
    ],
)
def test_two_values_agree_where_the_first_has_something(other: Any, *, alike: bool) -> None:
    """At the paths of a tree: what is in other places, and what the second has more, is nothing."""
    tree = tree_of([("a",), ("b",), ("b", "[]", "c")])
    assert agree(tree, {"a": 1, "b": [{"c": 2, "d": 5}, {"d": 6}], "e": 7}, other) is alike
