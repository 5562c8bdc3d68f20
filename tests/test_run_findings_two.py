"""Two defects of one property are two findings, and one is one whatever showed it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from reference.refusal import Refusal
from reports import waive
from reports.record import found_findings
from spec.paths import find
from spec.requirements import Level
from strategies.invoice import plain_invoice
from tests.asking import ORDERS, VALID, Json, counts_of, invoice, of_items, refuses
from tests.exchanges import CONTRACT
from tests.waiving import waived, waiver_of, waivers_of


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
    split = [("paid_amount 0.5", ["paid_amount 1.5"])]
    found = sorted((row["difference"], row["alike"]) for row in rows)
    assert found == [*(split if is_split else ()), ('status "OVERPAID"', [])]


def test_what_takes_the_differences_of_two_findings_leaves_them_two(against: Any) -> None:
    """A case in which both play a part is one of either, and no bridge between them."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        paid, total = _with_cents_split(data["paid_amount"]), data["total_amount"]
        return {
            **data,
            "paid_amount": min(paid, total) if data.get("status") == "OVERPAID" else paid,
        }

    with against(render=render) as asking:
        plain = asking.found.control(asking.client).payload
        cents = [{**item, "amount": 0.01} for item in plain["items"] * 4]
        items = [
            {**item, "reference_id": f"{n}-{item['reference_id']}"} for n, item in enumerate(cents)
        ]
        bridge = {**of_items(items), "status": "OVERPAID"}
        asking.ask(
            {**bridge, "paid_amount": round(bridge["total_amount"] + 0.01, 2)}, "a cent each"
        )
        asking.ask(invoice(paid_amount=10**6, status="OVERPAID"))
        asking.ask(invoice(paid_amount=449.5), "another")
        asking.ask(invoice(paid_amount=0.5))
        rows = asking.rows
    assert sorted(row["difference"] for row in rows) == ["paid_amount 0.5", 'status "OVERPAID"']


def test_a_name_that_comes_back_as_the_first_one_of_its_sku_is_told_by_the_sku(
    against: Any,
) -> None:
    """Whatever it is, and in whichever way it differs from the first one."""
    names: dict[str, str] = {}

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        for item, own in zip(data["items"], payload["items"], strict=True):
            item["name"] = names.setdefault(own["sku"], own["name"])
        return data

    with against(render=render) as asking:
        for number, name in enumerate(("6", "a", "2024-01-02T03:04:05Z", "Another")):
            items = invoice()["items"]
            items[number % 3]["name"] = name
            asking.ask(invoice(items=items), name)
        for name in ("of these", "OF THESE", "of  these"):
            items = invoice()["items"]
            items[0] |= {"name": name, "sku": "of these"}
            asking.ask(invoice(items=items), f"the name {name}")
        row = asking.only
    assert row["requirement"] == "201.data.items[].name.echo"
    assert row["difference"] == "the same items[].sku as in an invoice before it"
    assert row["shows"] == "after another"


def test_a_name_of_another_item_of_one_sku_is_told_by_the_sku(against: Any) -> None:
    """Also where an item of the same invoice has that name, as long as one of another has it too:
    what is asked for that are valid invoices, whose dates are in order.
    """
    names: dict[str, str] = {}
    dates: list[tuple[str, str]] = []

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        for item, own in zip(data["items"], payload["items"], strict=True):
            item["name"] = names.setdefault(own["sku"], own["name"])
        dates.append((payload["created_at"], payload["updated_at"]))
        return data

    with against(render=render) as asking:
        items = invoice()["items"]
        items[0] |= {"name": "A first one"}
        items[2] |= {"name": "Another one", "sku": items[0]["sku"]}
        asking.ask(invoice(items=items))
        row = asking.only
    assert row["requirement"] == "201.data.items[].name.echo"
    assert row["difference"] == "the same items[].sku as in an invoice before it"
    assert all(created <= updated for created, updated in dates)
    assert any(created != updated for created, updated in dates)


def test_an_answer_that_an_invoice_before_got_is_told_by_what_both_have(against: Any) -> None:
    """No case has a part in it that is like one before."""
    last: list[tuple[Json, Json]] = []

    def render(payload: Json) -> Json:
        names = ("order_id", "total_amount", "paid_amount", "due_date")
        mark = [payload[name] for name in names]
        if not (last and last[-1][0] == mark):
            last.append((mark, VALID.render(payload)))
        return last[-1][1]

    with against(render=render, keep=lambda *_: None) as asking:
        for remarks in ("one", "two", "three"):
            items = invoice()["items"]
            items[1]["sku"] = remarks
            asking.ask(invoice(remarks=remarks, items=items), remarks)
        rows = asking.rows
    same = "the same total_amount, paid_amount and due_date as in an invoice before it"
    assert {row["difference"] for row in rows} == {same}
    assert len(rows) == 1


def test_another_status_and_one_that_is_spelt_otherwise_are_two_findings(against: Any) -> None:
    """Each with a request of its own: what is looked for does not turn into the other one."""

    def render(payload: Json) -> Json:
        data, left = VALID.render(payload), payload["total_amount"] - payload["paid_amount"]
        if data["status"] == "OVERPAID":
            return {**data, "status": "OVER_PAID"}
        return {**data, "status": "PAID"} if 0 < left < 0.015 else data

    with against(render=render) as asking:
        items = invoice()["items"]
        items = [{**items[0], "quantity": 1, "amount": 0.5}]
        paid = {"paid_amount": 0.49, "status": "PARTIALLY_PAID"}
        asking.ask({**of_items(items), **paid}, "a cent below")
        asking.ask(invoice(paid_amount=10**6, status="OVERPAID"))
        told = {row["got"]: (row["expected"], row["difference"]) for row in asking.rows}
    assert {*told} == {'"PAID"', '"OVER_PAID"'}
    assert told['"OVER_PAID"'][1] == 'status "OVERPAID"'
    expected, difference = told['"PAID"']
    assert expected == '"PARTIALLY_PAID"'
    assert difference.startswith("paid_amount 0.49 and 1 item")


def test_a_trimmed_text_is_apart_from_one_whose_last_blank_is_another(against: Any) -> None:
    """No line of code that trims a text leaves a line break at its end."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        return {**data, "remarks": data["remarks"].rstrip(" ").replace("\u2028", "\n")}

    with against(render=render) as asking:
        asking.ask(invoice(remarks="a "))
        asking.ask(invoice(remarks="a\u2028"), "another")
        rows = asking.rows
    found = sorted((row["expected"], row["got"]) for row in rows)
    assert found == [('"x "', '"x"'), ('"x\u2028"', '"x\\n"')]


def test_a_sum_in_doubles_is_one_finding_whichever_items_make_it(against: Any) -> None:
    """The server names the total, and always with the same words."""

    def wrong(payload: Json) -> bool:
        total = 0.0
        for item in payload["items"]:
            total += float(item["amount"]) * item["quantity"]
        return total != float(payload["total_amount"])

    with against(**refuses(("total_amount",), wrong)) as asking:
        items = invoice()["items"]
        more = [{**item, "reference_id": f"A-{item['reference_id']}"} for item in items]
        asking.ask(of_items([*items, *more]), "two of each")
        asking.ask(of_items([items[0], {**items[1], "quantity": 10_000}, items[2]]), "many")
        row = asking.only
    assert (row["requirement"], row["detail"]) == ("total_amount.type", "total_amount: is wrong")


def test_a_breakdown_at_two_properties_together_is_apart_from_one_at_another(against: Any) -> None:
    """Neither difference includes the other one, though both are answered alike."""

    def check(payload: Json) -> Any:
        free = all(item["amount"] == 0 for item in payload["items"])
        if (free and "status" not in payload) or ":/" in payload["url"].partition("//")[2]:
            raise Refusal(500, "Something went wrong.")
        return VALID.check(payload)

    with against(check=check) as asking:
        free = [{**item, "amount": 0} for item in plain_invoice(CONTRACT, ORDERS)["items"]]
        case = {**of_items(free), "paid_amount": 0}
        asking.ask({name: value for name, value in case.items() if name != "status"}, "free")
        asking.ask(invoice(url="https://shop.example:/a"), "a url")
        told = sorted(row["difference"] for row in asking.rows)
    assert len(told) == 2
    assert "no status" in told[0]
    assert told[1].startswith("url ")


def test_items_lost_for_a_number_are_apart_from_too_many(against: Any) -> None:
    """Items without a price are left out, and all after the eighth."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        return {**data, "items": [item for item in data["items"] if item["amount"]][:8]}

    with against(render=render) as asking:
        plain = plain_invoice(CONTRACT, ORDERS)["items"]
        free = of_items([{**plain[0], "amount": 0}, *plain[1:]])
        asking.ask({**free, "paid_amount": 100})
        own = plain[0]["reference_id"]
        asking.ask(of_items([{**plain[0], "reference_id": f"{n}-{own}"} for n in range(20)]))
        rows = asking.rows
    assert sorted(row["difference"] for row in rows) == ["9 items", "items[0].amount 0"]


@pytest.mark.parametrize("is_sum", [True, False])
def test_two_limits_in_the_same_words_are_two_unless_one_sum_has_them(
    against: Any, *, is_sum: bool
) -> None:
    """Each takes a number of its own, from which on it is refused, and no field is named."""

    def check(payload: Json) -> Any:
        items = payload["items"] if isinstance(payload, dict) else []
        total = sum(item["amount"] * item["quantity"] for item in items)
        alone = any(item["quantity"] >= 10**6 or item["amount"] >= 10**9 for item in items)
        if total > 2 * 10**8 if is_sum else alone:
            raise Refusal(400, "A value is out of range.")
        return VALID.check(payload)

    with against(check=check) as asking:
        plain = plain_invoice(CONTRACT, ORDERS)["items"]
        for name, value in (("quantity", 10**6), ("amount", 10**9)):
            asking.ask(of_items([*plain[:-1], {**plain[-1], name: value}]), name)
        rows = asking.rows
    assert len(rows) == (1 if is_sum else 2)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("2024-02-29T00:00:00Z", "2080-02-29T00:00:00Z"),
        ("2031-01-02T00:00:00.5Z", "2080-07-31T00:00:00.5Z"),
    ],
    ids=["a leap day", "a fraction"],
)
def test_years_that_are_refused_are_apart_from_another_kind_of_date_that_is(
    against: Any, other: str, told: str
) -> None:
    """The first such year is told, and an earlier one is refused for something else."""

    def wrong(payload: Json) -> bool:
        due = payload["due_date"]
        return bool(due > "2090" or "-02-29" in due or "." in due)

    with against(**refuses(("due_date",), wrong)) as asking:
        asking.ask(invoice(due_date="2096-01-02T00:00:00Z"))
        asking.ask(invoice(due_date="2099-12-31T23:59:59Z"), "another year")
        asking.ask(invoice(due_date=other, created_at="2019-05-02T09:30:00Z"), "another")
        found = sorted(row["difference"] for row in asking.rows)
    assert found == sorted(('due_date "2090-07-31T00:00:00Z"', f'due_date "{told}"'))


def _trims(payload: Json) -> Json:
    data = VALID.render(payload)
    return {**data, "remarks": data["remarks"].strip()}


def _trims_and_escapes(payload: Json) -> Json:
    data = _trims(payload)
    return {**data, "remarks": data["remarks"].replace("&", "&amp;")}


def _trims_and_shouts(payload: Json) -> Json:
    """Nobody reads the remarks of who has paid all."""
    data = _trims(payload)
    is_paid = data.get("status") == "PAID"
    return {**data, "remarks": data["remarks"].upper() if is_paid else data["remarks"]}


def _unescapes(payload: Json) -> Json:
    data = VALID.render(payload)
    return {**data, "url": data["url"].replace("%41", "A")}


def _unescapes_and_lowers(payload: Json) -> Json:
    data = _unescapes(payload)
    path, mark, query = data["url"].partition("?")
    return {**data, "url": f"{path}{mark}{query.lower()}"}


BLANK, SIGN, BOTH_SIGNS = (invoice(remarks=text) for text in (" Two boxes", "A & B", " A & B"))
PLAIN_URL = plain_invoice(CONTRACT, ORDERS)["url"]
PATH, QUERY, WHOLE = (
    invoice(url=f"https://shop.example/{text}") for text in ("%41-1", "a?Q=R", "%41-1?Q=R")
)
PAID = {"status": "PAID", "paid_amount": invoice()["total_amount"]}
PAID_ALL, PAID_BLANK = invoice(**PAID), invoice(**PAID, remarks=" Two boxes")


@pytest.mark.parametrize(
    ("known", "render", "alone", "both", "other"),
    [
        (_trims, _trims_and_escapes, (BLANK, SIGN), BOTH_SIGNS, 'remarks "x&"'),
        (_trims, _trims_and_shouts, (BLANK, PAID_ALL), PAID_BLANK, 'status "PAID"'),
        (_unescapes, _unescapes_and_lowers, (PATH, QUERY), WHOLE, f'url "{PLAIN_URL}?'),
    ],
)
@pytest.mark.parametrize("first", [(), (0,), (1,), (0, 1)])
def test_two_changes_of_one_property_are_told_each_alone(
    against: Any,
    tmp_path: Path,
    known: Any,
    render: Any,
    alone: Sequence[Json],
    both: Json,
    other: str,
    first: tuple[int, ...],
) -> None:
    """Whatever shows them first: where one of them is waived, the other one is told."""
    waiver = waiver_of(counts_of(against, alone[0], render=known), tmp_path)
    counts = counts_of(against, *(alone[number] for number in first), both, render=render)
    waive.mark_waived(counts, [waiver])
    rows = found_findings(CONTRACT, counts, Level.SHOULD)
    told = {row["verdict"]: row["difference"] for row in rows}
    assert (len(rows), {*told}) == (2, {"known", "broken"})
    assert told["broken"].startswith(other)


def _normalises(payload: Json) -> Json:
    data = VALID.render(payload)
    return {**data, "remarks": normalize("NFC", data["remarks"])}


def _trims_and_normalises(payload: Json) -> Json:
    data = _normalises(payload)
    return {**data, "remarks": data["remarks"].strip()}


@pytest.mark.parametrize("sign", ["\u2126", "A\u030a"])
def test_a_waiver_of_one_of_two_changes_is_for_no_case_of_the_other(
    against: Any, tmp_path: Path, sign: str
) -> None:
    """Also where that shows it by a blank, as the other one is shown: whichever is waived, the
    other one counts, and both are known only where both are waived.
    """
    sent = [invoice(remarks=text) for text in ("Two boxes ", f"x{sign}", "Two\u2001boxes")]
    written = waivers_of(counts_of(against, *sent, render=_trims_and_normalises), tmp_path)
    assert [each.answer for each in written] == [("normalised",), ("trimmed",)]
    for waiver, other in zip(written, (_trims, _normalises), strict=True):
        assert waived(counts_of(against, *sent, render=other), waiver) == [False]
        both = counts_of(against, *sent, render=_trims_and_normalises)
        assert sorted(waived(both, waiver)) == [False, True]
    both = counts_of(against, *sent, render=_trims_and_normalises)
    waive.mark_waived(both, written)
    assert all(each["waived"] for each in found_findings(CONTRACT, both, Level.SHOULD))


BEYOND: dict[tuple[str, int | None], tuple[str, ...]] = {
    ("remarks", None): ("items[].name.maxLength", "remarks.maxLength"),
    ("remarks", 1000): ("items[].name.maxLength", "remarks.maxLength"),
    ("remarks", 256): ("items[].name.maxLength",),
}
"""The findings of a server that takes names of up to 256 characters, and texts of another property
up to so many, or none.
"""


@pytest.mark.parametrize(("other", "most"), BEYOND)
def test_two_texts_that_are_too_long_are_two_findings_where_each_has_a_limit_of_its_own(
    against: Any, other: str, most: int | None
) -> None:
    """The same limit, or none, of both is one kind of mistake."""

    def is_taken(payload: Json, at: tuple[str | int, ...]) -> bool:
        value = find(payload, at)
        limit = most if at[-1] == other else 256 if at[-1] == "name" else 255
        return isinstance(value, str) and len(value) > 255 and (not limit or len(value) <= limit)

    def check(payload: Json) -> Any:
        return tuple(each for each in VALID.check(payload) if not is_taken(payload, each.location))

    first, *items = invoice()["items"]
    with against(check=check) as asking:
        asking.ask(invoice(**{other: "x" * 256}))
        asking.ask(invoice(items=[{**first, "name": "x" * 256}, *items]), "another")
        assert tuple(sorted(row["requirement"] for row in asking.rows)) == BEYOND[other, most]
