"""Which items are to blame is told: how many, and what they share."""

from collections.abc import Callable
from itertools import count
from typing import Any
from unicodedata import normalize
from uuid import NAMESPACE_OID, uuid5

import pytest

from reference.refusal import Refusal
from spec.contract import PLACEHOLDER
from strategies.invoice import plain_invoice
from tests.asking import ORDERS, VALID, Json, invoice, of_items, refuses
from tests.exchanges import CONTRACT


def test_the_smallest_number_of_items_is_told(against: Any) -> None:
    """From how many items on their order is lost."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        return {**data, "items": data["items"][::-1]} if len(data["items"]) > 20 else data

    items = plain_invoice(CONTRACT, ORDERS)["items"] * 20
    items = [{**item, "reference_id": f"R-{n}"} for n, item in enumerate(items)]
    with against(render=render) as asking:
        asking.ask(of_items(items))
        row = asking.only
        assert row["requirement"] == "201.data.items.echo"
        assert row["got"] == "the same items in another order"
        assert row["difference"] == "21 items"


@pytest.mark.parametrize("items", [[], None, "three"], ids=str)
def test_items_that_are_gone_from_each_answer_are_told_of_the_plain_invoice(
    against: Any, items: Any
) -> None:
    """That is about no single item of it."""
    with against(render=lambda payload: {**VALID.render(payload), "items": items}) as asking:
        asking.ask(invoice())
        row = asking.only
        assert row["requirement"].startswith("201.data.items.")
        assert row["shows"] == "each time"


def _merging(merged: Callable[[int, Json], Any]) -> Callable[[Json], Json]:
    """Renders invoices of which only the first item comes back of those for which this is equal."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        first: dict[Any, Json] = {}
        for place, item in enumerate(payload["items"]):
            first.setdefault(merged(place, item), data["items"][place])
        return {**data, "items": [*first.values()]}

    return render


def _product(_: int, item: Json) -> Any:
    return item["sku"], item["name"], item["amount"]


@pytest.mark.parametrize(
    ("merged", "difference"),
    [
        (_product, "4 items and items[3] like items[0]"),
        (lambda place, _: min(place, 3), "5 items"),
    ],
)
def test_items_that_are_merged_are_told_by_which_ones_are_alike(
    against: Any, merged: Callable[[int, Json], Any], difference: str
) -> None:
    """Unless as many that are unlike are merged as well."""
    items = plain_invoice(CONTRACT, ORDERS)["items"] * 3
    items = [{**item, "reference_id": f"R-{n}"} for n, item in enumerate(items)]
    with against(render=_merging(merged)) as asking:
        asking.ask(of_items(items))
        row = asking.only
        assert (row["requirement"], row["difference"]) == ("201.data.items.echo", difference)


def test_an_item_that_is_merged_with_another_is_told_and_not_what_it_is_of(against: Any) -> None:
    """It takes all that the items have in common, which is no difference by itself."""
    items = plain_invoice(CONTRACT, ORDERS)["items"]
    alike = {name: value for name, value in items[0].items() if name != "reference_id"}
    with against(render=_merging(_product)) as asking:
        asking.ask(of_items([*items[:2], {**items[2], **alike, "quantity": 9}]))
        wrong = "the same with items[2] like items[0], and so total_amount 1448.45"
        assert asking.only["refused"] == wrong


@pytest.mark.parametrize(
    ("names", "wrong"),
    [
        (["sku"], "the same with items[1].sku equal to items[0].sku"),
        (
            ["amount"],
            "the same with items[1].amount equal to items[0].amount, and so total_amount 3381.5",
        ),
        (
            ["sku", "name"],
            "the same with 4 items and items[3] like items[0], and so total_amount 2132.95",
        ),
    ],
)
def test_items_of_one_answer_that_have_one_id_are_told_by_what_is_alike(
    against: Any, names: list[str], wrong: str
) -> None:
    """However many items there are, whichever invoice shows it."""

    def render(payload: Json) -> Json:
        data, number = VALID.render(payload), next(numbers)
        for item, sent in zip(data["items"], payload["items"], strict=True):
            item["id"] = str(uuid5(NAMESPACE_OID, repr([number, *(sent[each] for each in names)])))
        return data

    numbers = count()
    items = plain_invoice(CONTRACT, ORDERS)["items"] * 3
    items = [{**item, "reference_id": f"{PLACEHOLDER}-{n}"} for n, item in enumerate(items)]
    with against(render=render) as asking:
        asking.ask(of_items(items))
        asking.ask(of_items(items[:4]), "another")
        row = asking.only
    assert row["requirement"] == "201.data.items[].id.unique"
    assert row["refused"] == wrong


def test_an_item_is_told_where_it_is_in_the_fewest_items_that_show_it(against: Any) -> None:
    """And not where it was in more of them."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        if len(payload["items"]) < 5:
            return data
        named = [{**item, "name": normalize("NFC", item["name"])} for item in data["items"]]
        return {**data, "items": named}

    items = plain_invoice(CONTRACT, ORDERS)["items"] * 4
    items = [{**item, "reference_id": f"R-{n}"} for n, item in enumerate(items)]
    items[10]["name"] = "\u2126"
    with against(render=render) as asking:
        asking.ask(of_items(items))
        assert asking.only["difference"] == 'items[4].name "\u2126" and 5 items'


@pytest.mark.parametrize("first", ["a probe", "a valid one"])
def test_a_valid_invoice_is_told_and_not_one_that_need_not_be_accepted(
    against: Any, first: str
) -> None:
    """Whichever is met first; what is in each item is one part of it."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        nothing = payload.get("status") == "PAID" and payload["paid_amount"] == 0
        return {**data, "status": "PENDING"} if nothing else data

    paid = {"status": "PAID", "paid_amount": 0}
    free = [{**item, "amount": 0} for item in plain_invoice(CONTRACT, ORDERS)["items"]]
    probe, valid = invoice(**paid, total_amount=0, items=[]), {**of_items(free), **paid}
    with against(render=render) as asking:
        for each in (probe, valid) if first == "a probe" else (valid, probe):
            asking.ask(each)
        row = asking.only
    assert row["requirement"] == "201.data.status.echo"
    assert row["difference"] == 'status "PAID" and paid_amount 0 and items[].amount 0'


def test_items_that_only_make_another_amount_paid_are_not_told(against: Any) -> None:
    """What is paid is the total, whatever items make it: the fewest parts of a difference do."""

    def lacks(payload: Json) -> bool:
        return payload.get("status") == "PAID" and "remarks" not in payload

    items = plain_invoice(CONTRACT, ORDERS)["items"] * 4
    case = of_items([{**item, "reference_id": f"R-{n}"} for n, item in enumerate(items)])
    paid = {"status": "PAID", "paid_amount": case["total_amount"]}
    with against(**refuses(("remarks",), lacks)) as asking:
        asking.ask({name: value for name, value in {**case, **paid}.items() if name != "remarks"})
        assert asking.only["difference"] == 'no remarks and status "PAID"'


def _of_seven_digits(payload: Json) -> Json:
    data = VALID.render(payload)
    for item in data["items"]:
        item["item_total"] = float(f"{item['item_total']:.7g}")
    return data


def _shared_out(payload: Json) -> Json:
    free = any(item["amount"] == 0 for item in payload["items"])
    if free and payload["status"] == "PARTIALLY_PAID":
        raise Refusal(500, "Something went wrong.")
    return VALID.render(payload)


@pytest.mark.parametrize(
    ("render", "index", "name", "value", "total"),
    [(_of_seven_digits, 0, "quantity", 2889, 1298940.45), (_shared_out, 2, "amount", 0, 998.95)],
)
def test_an_item_is_not_told_where_what_else_is_in_it_or_follows_makes_the_difference(
    against: Any, render: Callable[[Json], Json], index: int, name: str, value: Json, total: float
) -> None:
    """Another amount of the item makes another total, and a free item another status."""
    with against(render=render) as asking:
        items = [{**item} for item in plain_invoice(CONTRACT, ORDERS)["items"]]
        items[index][name] = value
        asking.ask(of_items(items), "a case")
        row = asking.only
    assert row["accepted"] == "the plain invoice"
    follows = f", and so total_amount {total}"
    assert row["refused"] == f"the same with items[{index}].{name} {value}{follows}"


@pytest.mark.parametrize("name", ["amount", "name"])
def test_an_item_that_gets_what_another_of_its_sku_has_is_told_by_the_sku(
    against: Any, name: str
) -> None:
    """The value that is sent there is not to blame, nor is the number of items."""

    def render(payload: Json) -> Json:
        data, first = VALID.render(payload), dict[str, Any]()
        for sent, item in zip(payload["items"], data["items"], strict=True):
            item[name] = first.setdefault(sent["sku"], item[name])
        return data

    items = plain_invoice(CONTRACT, ORDERS)["items"]
    more = {**items[0], "reference_id": f"R-{PLACEHOLDER}", "amount": 0.05, "name": "Oak table"}
    with against(render=render) as asking:
        asking.ask(of_items([*items, more]))
        row = asking.only
    assert row["refused"] == "the same with items[1].sku equal to items[0].sku"
    assert (row["requirement"], row["place"]) == (
        f"201.data.items[].{name}.echo",
        f"data.items[1].{name}",
    )
