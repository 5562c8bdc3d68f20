"""Of many header fields, unknown properties and texts the one or two to blame are told."""

from typing import Any

import pytest

from reference.refusal import Refusal
from spec.contract import PLACEHOLDER
from strategies.invoice import plain_invoice
from tests.asking import ORDERS, VALID, Json, invoice, of_items
from tests.exchanges import CONTRACT

FIELDS = tuple((f"X-Extra-{letter}", letter) for letter in "ABCDEFGHIJKLMNO")
UNKNOWN = {f"extra_{letter}": True for letter in "abcdef"}


@pytest.mark.parametrize("blamed", [("a",), ("o",), ("c", "m"), ("a", "h", "o")])
def test_the_header_fields_to_blame_are_told_of_many(against: Any, blamed: Any) -> None:
    """Neither the others nor the invoice have a part in it."""
    names = {f"x-extra-{letter}" for letter in blamed}

    def check_media_type(headers: Any) -> None:
        if names <= {name.lower() for name in headers}:
            raise Refusal(403, "Blocked.")

    with against(check_media_type=check_media_type) as asking:
        asking.ask(invoice(remarks="Other"), "a case", headers=FIELDS)
        fields = (f"a header field X-Extra-{letter.upper()}" for letter in blamed)
        assert asking.only["refused"] == f"the same with {' and '.join(fields)}"


def test_a_fault_that_takes_a_header_field_and_an_unknown_property_is_told_by_all_three(
    against: Any,
) -> None:
    """The other fields, properties and texts have no part in it."""
    sent: list[set[str]] = []

    def check_media_type(headers: Any) -> None:
        sent.append({name.lower() for name in headers})

    def check(payload: Json) -> Any:
        beside = payload.get("extra_d") and "x-extra-k" in sent[-1]
        if beside and payload.get("paid_amount") == -1:
            raise Refusal(500, "Something went wrong.")
        return VALID.check(payload)

    with against(check=check, check_media_type=check_media_type) as asking:
        case = invoice(paid_amount=-1, remarks="Other", order_id="A-9", **UNKNOWN)
        asking.ask(case, "a near miss", headers=FIELDS)
        told = asking.only["refused"]
    assert told == (
        "the same with a header field X-Extra-K and paid_amount -1"
        ' and an unknown property "extra_d"'
    )


def test_a_fault_beside_which_extras_are_of_no_matter_is_told_without_them(against: Any) -> None:
    """They are left out all at once."""

    def check(payload: Json) -> Any:
        if payload.get("paid_amount") == -1:
            raise Refusal(500, "Something went wrong.")
        return VALID.check(payload)

    with against(check=check) as asking:
        case = invoice(paid_amount=-1, remarks="Other", **UNKNOWN)
        before = asking.found.questions.left
        asking.ask(case, "a near miss", headers=FIELDS)
        assert asking.only["refused"] == "the same with paid_amount -1"
        assert before - asking.found.questions.left <= 12


def test_a_text_and_a_status_are_told_of_an_invoice_that_is_otherwise_in_each_property(
    against: Any,
) -> None:
    """The texts of its items are left out together, as are the numbers."""

    def check(payload: Json) -> Any:
        if payload.get("status") == "OVERPAID" and len(payload["remarks"]) > 243:
            raise Refusal(500, "Something went wrong.")
        return VALID.check(payload)

    item = plain_invoice(CONTRACT, ORDERS)["items"][0]
    items = [
        {**item, "reference_id": f"R-{n}-{PLACEHOLDER}", "sku": f"S{n}", "name": "é" * n}
        for n in range(1, 13)
    ]
    with against(check=check) as asking:
        texts = {"remarks": "é" * 255, "order_id": "1'000", "invoice_number": "9" * 204}
        dates = {"created_at": "2021-05-10T00:00:00+02:00", "url": "https://a.example/b"}
        case = of_items(items)
        paid = {"status": "OVERPAID", "paid_amount": case["total_amount"] + 10}
        asking.ask({**case, **texts, **dates, **paid}, "at its limits")
        told = asking.only["difference"]
    assert set(told.split(" and ")) == {'status "OVERPAID"', "remarks of 244 characters"}


def test_the_property_whose_texts_are_too_long_in_all_is_told_and_no_length_of_the_body(
    against: Any,
) -> None:
    """As long texts of another property are well."""

    def check(payload: Json) -> Any:
        if len(",".join(item["sku"] for item in payload["items"])) > 4000:
            raise Refusal(500, "Something went wrong.")
        return VALID.check(payload)

    item = plain_invoice(CONTRACT, ORDERS)["items"][0]
    items = [
        {**item, "reference_id": f"R-{n}-{PLACEHOLDER}", "sku": "é" * 130, "name": f"n{n}" * 20}
        for n in range(50)
    ]
    with against(check=check) as asking:
        asking.ask(of_items(items), "50 KiB")
        told = asking.only["difference"]
    assert told == "16 items and items[].sku of 255 characters"
