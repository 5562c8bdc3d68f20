"""The smallest difference between an invoice that a server treats well and one that it does not."""

from collections.abc import Sequence
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from causes.difference import Edit, applied, differences, in_each_item, of_payment
from causes.echo_change import alteration
from causes.halving import smallest
from causes.kinds.beyond_limits import farther_beyond
from strategies.invoice import plain_invoice
from tests.invoices import ANYWHERE, CONTRACT
from tests.versions.parts import Alteration, Parts

CONTROL = plain_invoice(CONTRACT, ANYWHERE)


def _texts(edits: Sequence[Edit]) -> list[str]:
    return [str(edit) for edit in edits]


def test_equal_invoices_do_not_differ() -> None:
    """Nothing is left to explain."""
    assert differences(CONTRACT, CONTROL, deepcopy(CONTROL)) == []


@pytest.mark.parametrize(
    ("edit", "texts"),
    [
        (lambda it: it.update(remarks="x"), ['remarks "x"']),
        (lambda it: it.pop("url"), ["no url"]),
        (lambda it: it.update(extra=True), ["extra true"]),
        (lambda it: it.update(paid_amount=True), ["paid_amount true"]),
        (lambda it: it["items"][1].update(sku=5), ["items[1].sku 5"]),
        (lambda it: it["items"][1].pop("sku"), ["no items[1].sku"]),
        (lambda it: it["items"].pop(), ["2 items"]),
        (lambda it: it.update(items={}), ["items {}"]),
    ],
)
def test_each_change_is_one_difference(edit: Any, texts: list[str]) -> None:
    """A value, a property left out, one of an item, the number of items."""
    failing = deepcopy(CONTROL)
    edit(failing)
    assert _texts(differences(CONTRACT, CONTROL, failing)) == texts


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((0, 0, 0), ["items[].amount 0"]),
        ((0, False, 0), ["items[0].amount 0", "items[1].amount false", "items[2].amount 0"]),
        ((1, 1, 1.0), ["items[0].amount 1", "items[1].amount 1", "items[2].amount 1.0"]),
    ],
)
def test_what_each_item_has_is_told_once_if_it_is_the_same(values: Any, told: list[str]) -> None:
    """Zero is not false, and no number with a point in it is one without."""
    payload = deepcopy(CONTROL)
    for item, value in zip(payload["items"], values, strict=True):
        item["amount"] = value
    edits = [Edit(("items", n, "amount"), value) for n, value in enumerate(values)]
    assert _texts([*in_each_item(CONTRACT, payload, edits)]) == told


def test_what_is_no_object_differs_as_a_whole() -> None:
    """There is nothing to take apart."""
    assert differences(CONTRACT, CONTROL, [1]) == [Edit((), [1])]
    assert applied(CONTRACT, CONTROL, differences(CONTRACT, CONTROL, [1]), ()) == [1]


@pytest.mark.parametrize(("total", "paid"), [(100, [50.01]), (10**400, [])])
def test_a_payment_is_the_same_part_of_another_total(total: int, paid: list[float]) -> None:
    """Of a total that no double has there is none."""
    control = {**CONTROL, "total_amount": 100.02}
    failing = {**control, "total_amount": total, "paid_amount": total // 2}
    edits = of_payment(CONTRACT, control, failing, differences(CONTRACT, control, failing))
    assert [edit.value for edit in edits] == paid


def test_all_differences_make_the_failing_invoice() -> None:
    """But for the references of repeated items, which only need to be new."""
    failing = deepcopy(CONTROL)
    failing.update(remarks="x", status="OVERPAID", paid_amount=10**6)
    del failing["url"]
    failing["items"] = [*failing["items"], {**failing["items"][0], "name": "Lamp"}]
    made = applied(CONTRACT, CONTROL, differences(CONTRACT, CONTROL, failing), ())
    assert len(made["items"]) == 4
    assert made["items"][3]["name"] == "Lamp"
    assert {name: made.get(name) for name in ("remarks", "status", "url")} == {
        "remarks": "x",
        "status": "OVERPAID",
        "url": None,
    }


CHANGES = tuple(Edit((name,), 1) for name in "abcdefgh")


@pytest.mark.parametrize("guilty", [{"c"}, {"a", "h"}, {"b", "e", "g"}, set("abcdefgh")])
def test_the_guilty_changes_are_found(guilty: set[str]) -> None:
    """One, two, three together, or all of them."""
    asked = []

    def fails(edits: Sequence[Edit]) -> bool:
        asked.append(edits)
        return guilty <= {str(edit.location[0]) for edit in edits}

    found = smallest(CHANGES, fails)
    assert found is not None
    assert {edit.location[0] for edit in found} == guilty
    assert len(asked) < 60


def test_what_is_known_when_asking_ends_is_the_answer() -> None:
    """A budget ends the search, and the edits known by then are told."""
    left = [12]

    def fails(edits: Sequence[Edit]) -> bool | None:
        if not left[0]:
            return None
        left[0] -= 1
        return {"a", "b"} <= {edit.location[0] for edit in edits}

    found = smallest(CHANGES, fails)
    assert found is not None
    assert {"a", "b"} <= {edit.location[0] for edit in found} < set("abcdefgh")


@pytest.mark.parametrize(
    ("sent", "returned", "words"),
    [
        ("e\u0301", "é", "normalised"),
        ("\u212a", "K", "normalised"),
        ("ﬁ", "fi", "normalised"),
        ("a\u00a0b", "a b", "with other blanks"),
        ("x\u2028", "x\n", "with another blank at an end"),
        ("x ", "x", "trimmed"),
        ("x  ", "x ", "trimmed"),
        ("x    ", "x  ", "with other characters"),
        ("xxxx", "xx", "with other characters"),
        ("Ab", "AB", "in another letter case"),
        ("a%2Fb%3D", "a/b%3D", "escaped or unescaped"),
        ("2024-05-02T09:30:00Z", "2024-05-02T00:00:00Z", "cut short"),
        ("2024-05-02T09:30:45Z", "2024-05-02T00:00:00Z", "cut short"),
        ("2024-05-02T09:30:45-03:30", "2024-05-02T09:30:45Z", "cut short"),
        ("2024-05-02T09:30:45.5-03:30", "2024-05-02T13:00:45Z", "cut short"),
        ("2024-05-02T09:30:45-03:30", "2024-05-02T12:00:45Z", "shifted"),
        ("2024-05-02T09:30:45Z", "2025-05-02T00:00:00Z", "another moment"),
        ("2024-05-02T09:30:45.5Z", "2024-05-02T09:30:45Z", "cut short"),
        ("2024-05-02T09:30:45.009Z", "2024-05-02T09:30:45.9Z", "with other fractions of a second"),
        (Decimal("5.00E+2"), Decimal("5.0"), "with the point elsewhere"),
        (Decimal("1E-10"), Decimal(1), "with the point elsewhere"),
        (Decimal("0.001"), Decimal(0), "rounded"),
        (500, -500, "with another sign"),
    ],
)
def test_equal_alterations_have_equal_words(sent: Any, returned: Any, words: str) -> None:
    """Whichever value shows the fault first."""
    assert alteration(sent, returned) == words


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (Edit(("remarks",), "x" * 256), [2550, 257, 510]),
        (Edit(("remarks",), "x" * 255), []),
        (Edit(("items",), size=11), [100, 12, 20]),
        (Edit(("items",), size=10), []),
        (Edit(("paid_amount",), 1001), [11001, 1002, 2001]),
        (Edit(("paid_amount",), -1), [-101, -2, -11]),
        (Edit(("paid_amount",), 7), []),
        (Edit(("paid_amount",), "7"), []),
        (Edit(("due_date",), None), []),
    ],
)
def test_what_is_beyond_a_limit_may_be_farther_beyond_it(
    edit: Edit, told: list[Any], tmp_path: Path
) -> None:
    """Much farther, by one more, and twice as far; what is beyond no limit is not."""

    def limit(parts: Parts) -> None:
        parts.property("paid_amount").update(minimum=0, maximum=1000)
        parts.property("items")["maxItems"] = 10

    farther = farther_beyond(Alteration(limit).load(tmp_path), edit)
    values = [each.value if each.size is None else each.size for each in farther]
    assert [len(each) if isinstance(each, str) else each for each in values] == told
