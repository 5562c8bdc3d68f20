"""Two defects of one property are two findings, and one is one whatever showed it."""

from typing import Any

import pytest

from tests.asking import VALID, Json, invoice


def _with_cents_split(amount: Json) -> Json:
    """The amount, whose cents are read as a whole number."""
    whole, _, part = str(amount).partition(".")
    return (int(whole) * 100 + int(part)) / 100 if part else amount


@pytest.mark.parametrize("is_split", [True, False])
def test_an_amount_that_is_clamped_by_the_status_is_apart_from_one_with_other_cents(
    against: Any, *, is_split: bool
) -> None:
    """Each takes a property of its own, and changes the amount in a way of its own."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        paid, total = data["paid_amount"], data["total_amount"]
        paid = _with_cents_split(paid) if is_split else paid
        return {**data, "paid_amount": total if data.get("status") == "OVERPAID" else paid}

    with against(render=render) as asking:
        asking.ask(invoice(paid_amount=10**6, status="OVERPAID"))
        asking.ask(invoice(paid_amount=0.5))
        asking.ask(invoice(paid_amount=123.5), "another")
        rows = asking.rows
    found = {row["difference"]: row["alike"] for row in rows}
    clamped, split = {'status "OVERPAID"': []}, {"paid_amount 0.5": ["paid_amount 123.5"]}
    assert found == clamped | (split if is_split else {})
