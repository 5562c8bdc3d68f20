"""What a finding is told by is the plain invoice, or what differs from it, and not the name of a
case that happened to show it too.
"""

from struct import pack, unpack
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from reference.refusal import Refusal
from spec.contract import PLACEHOLDER
from strategies.invoice import encode
from tests.asking import VALID, Json, invoice, of_items

BEYOND = "a number beyond doubles in an unknown property"
"""What a case is called whose number no double holds, so that nothing is sent again without it."""


def _beyond(payload: Json) -> bytes:
    """Such a body, of an otherwise valid invoice."""
    return encode({**payload, "unknown": 0}).replace(b'"unknown":0', b'"unknown":1e400')


def test_ids_that_items_share_are_told_by_the_items_and_not_by_the_case_before(
    against: Any,
) -> None:
    """A fourth item with the sku of the first shows it, whatever number was beside it."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        for item, own in zip(data["items"], payload["items"], strict=True):
            item["id"] = str(uuid5(NAMESPACE_OID, payload["reference_id"] + own["sku"]))
        return data

    items = invoice()["items"]
    four = of_items([*items, {**items[0], "reference_id": f"R-{PLACEHOLDER}"}])
    with against(render=render) as asking:
        asking.ask(_beyond(four), BEYOND)
        asking.ask(four, "four items")
        row = asking.only
    assert row["requirement"] == "201.data.items[].id.unique"
    assert row["difference"] == "items[1].sku equal to items[0].sku"


def test_an_amount_that_the_plain_invoice_has_too_is_told(against: Any) -> None:
    """It comes back otherwise in nearly every invoice, so whatever case showed it first."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        for item in data["items"]:
            item["amount"] = unpack("f", pack("f", item["amount"]))[0]
        return data

    with against(render=render) as asking:
        shown = asking.ask(_beyond(invoice()), BEYOND)
        asking.ask(invoice(remarks="Another"), "another")
        row = asking.only
    assert row["requirement"] == "201.data.items[].amount.echo"
    assert row["difference"] == "items[0].amount 0.01"
    assert row["accepted"] == "an invoice with nothing optional"
    assert b"unknown" not in shown.exchange.request.body


def test_a_number_of_a_billion_digits_is_not_what_an_error_is_told_by(against: Any) -> None:
    """Any error about an item has the wrong shape; so it is told by the least that gets one."""

    def explain(refusal: Refusal) -> Json:
        error = VALID.explain(refusal)
        for each in error.get("details", ()):
            if each["field"].startswith("items["):
                each["field"] = each["field"].split(".")
        return error

    items = invoice()["items"]
    huge = encode(invoice(items=[{**items[0], "amount": 7}])).replace(b":7,", b":1e1000000000,")
    del items[0]["amount"]
    with against(explain=explain) as asking:
        asking.ask(huge, "a number of a billion digits for items[].amount")
        asking.ask(invoice(items=items), "a near miss")
        row = asking.only
    assert row["requirement"] == "4xx.details[].field.type"
    assert row["difference"] == "no items[0].amount"


def test_what_an_overpaid_invoice_leaves_behind_is_told_by_that_invoice(against: Any) -> None:
    """The one after it may be any, also where its amount comes back in another proportion."""
    credit = [0]

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        own, credit[0] = credit[0], 5 * (data.get("status") == "OVERPAID")
        return {**data, "paid_amount": data["paid_amount"] + own}

    item = {**invoice()["items"][0], "quantity": 10077, "amount": 66.32}
    large = {"total_amount": 668306.64, "paid_amount": 668306.64, "status": "PAID"}
    with against(render=render) as asking:
        asking.found.control(asking.client)
        asking.ask(invoice(paid_amount=2610.1, status="OVERPAID", remarks="m"), "overpaid")
        fields = [(f"X-Client-{number}", "1") for number in range(9)]
        asking.ask(invoice(items=[item], **large), "a large one", headers=fields)
        row = asking.only
    assert row["requirement"] == "201.data.paid_amount.echo"
    assert row["accepted"] == "the plain invoice, sent alone"
    assert row["difference"] == 'the request before it was answered 201, to status "OVERPAID"'
