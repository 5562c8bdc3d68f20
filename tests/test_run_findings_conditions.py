"""Under what condition a value is wrong is told: beside which other one, and in how many items."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from causes.difference import differences, equal_to_others
from causes.symptoms import symptoms
from reference.refusal import Problem, Refusal
from spec.contract import PLACEHOLDER
from strategies.invoice import encode, plain_invoice
from tests.asking import ORDERS, VALID, Json, invoice, of_items, refuses
from tests.exchanges import CONTRACT

PARTLY = ("PARTIALLY_PAID", "OVERPAID")


def _dearer(payload: Json) -> Json:
    data = VALID.render(payload)
    if payload.get("status") in PARTLY:
        for item in data["items"]:
            item["amount"] += 0.01
    return data


def test_what_the_control_shows_is_told_by_another_invoice_that_does_not(against: Any) -> None:
    """The plain invoice has the status with which amounts are wrong, so not every invoice is."""
    with against(render=_dearer) as asking:
        asking.ask(invoice(), "a case")
        asking.ask(invoice(remarks="Other"), "one more")
        asking.ask(invoice(paid_amount=10**6, status="OVERPAID"), "overpaid")
        row = asking.only
    told = {f'status "{status}"' for status in PARTLY}
    assert {row["difference"], *row["alike"]} == told
    assert row["accepted"] in ('the plain invoice with status "PAID"', "the plain invoice")
    assert row["requirement"] == "201.data.items[].amount.echo"


def test_what_the_control_shows_beside_an_optional_property_is_told_by_that(against: Any) -> None:
    """Where it has both, as the plain invoice has, only leaving out the other one shows it."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        return {name: each for name, each in data.items() if name != "remarks" or "url" not in data}

    with against(render=render) as asking:
        asking.ask(plain_invoice(CONTRACT, ORDERS), "the first")
        causes = asking.found.ledger.counts.causes
        asking.ask(invoice(), "a case")
        asking.ask(invoice(remarks="Other", url="http://a.example/?b=c#d"), "one more")
        row = asking.only
    assert len(asking.found.known) == len(causes) == 1  # it is not looked for again
    assert row["difference"] == 'url "x"'
    assert row["accepted"] == "the plain invoice with no url"
    assert row["requirement"] == "201.data.remarks.echo"


def test_what_every_status_shows_is_told_of_every_invoice(against: Any) -> None:
    """A smaller one shows it as well."""

    def render(payload: Json) -> Json:
        return {**VALID.render(payload), "order_id": "ORD-0"}

    with against(render=render) as asking:
        asking.ask(invoice())
        row = asking.only
    assert (row["difference"], row["refused"]) == ("", "every one")


def test_what_the_plain_invoice_shows_is_told_of_every_one_only_if_all_do(against: Any) -> None:
    """A total comes back right in another one, as what is kept in 32 bits does where they do."""

    def render(payload: Json) -> Json:
        total = payload["total_amount"]
        return {**VALID.render(payload), "total_amount": total + (total != 100)}

    with against(render=render) as asking:
        small = {**invoice()["items"][0], "quantity": 1, "amount": 100}
        ledger = asking.found.ledger
        for each in (of_items([small]), invoice()):
            ledger.observe(asking.oracle.judge(asking.client.send(encode(each))))
        asking.ask(invoice())
        row = asking.only
    wrong, answers = map(int, row["refused"].removesuffix(" answers").split(" of "))
    assert row["accepted"] == "other invoices"
    assert 2 <= wrong < answers


def test_how_a_value_of_a_long_answer_is_wrong_is_read_in_what_is_told_of_it(against: Any) -> None:
    """Of such an answer only the beginning is kept."""
    with against(render=_dearer) as asking:
        verdict = asking.oracle.judge(asking.client.send(encode(invoice())))
        kept, told = (symptoms(CONTRACT, each) for each in (verdict, replace(verdict, answer=None)))
    assert [one.answer for one in kept] == [one.answer for one in told] == ["rounded"]


@pytest.mark.parametrize("status", [400, 500])
def test_two_texts_that_may_not_be_equal_are_told_so(against: Any, status: int) -> None:
    """Whatever they are; what is known of them is not asked again."""

    def check(payload: Json) -> tuple[Problem, ...]:
        if payload["invoice_number"] != payload["reference_id"]:
            return VALID.check(payload)
        if status == 500:
            raise Refusal(500, "Unexpected")
        return (Problem(("invoice_number",), "wrong", "must be another one"),)

    names = ("invoice_number", "reference_id")
    with against(check=check) as asking:
        asking.ask(invoice(**dict.fromkeys(names, f"One-{PLACEHOLDER}")))
        left = asking.found.questions.left
        asking.ask(invoice(**dict.fromkeys(names, f"Other-{PLACEHOLDER}")))
        assert asking.found.questions.left == left
        row = asking.only
    told = ("invoice_number equal to reference_id", "reference_id equal to invoice_number")
    assert row["difference"] in told[: 1 if status == 400 else 2]
    assert row["requirement"] == f"{row['difference'].partition(' ')[0]}.type"


def test_two_dates_are_equal_if_they_are_one_moment() -> None:
    """However they are written, unless they are so in the control."""
    control = {"created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-02T00:00:00Z"}
    failing = {"created_at": "2025-03-01T10:00:00Z", "updated_at": "2025-03-01T12:00:00+02:00"}
    edits = differences(CONTRACT, control, failing)
    told = {str(edit) for edit in equal_to_others(control, failing, edits)}
    assert told == {"created_at equal to updated_at", "updated_at equal to created_at"}
    assert not [*equal_to_others(dict.fromkeys(control, "2025-01-01T00:00:00Z"), failing, edits)]


def _refuses_zeros(body: bytes) -> Json:
    if any(each.rstrip(b"}]").endswith(b"0") for each in body.split(b",") if b"." in each):
        raise Refusal(500, "Unexpected")
    return VALID.parse(body)


@pytest.mark.parametrize(
    ("name", "written", "difference"),
    [
        ("total_amount", "1233.9500", "total_amount written 1233.950"),
        ("total_amount", "1.23395E+3", ""),
        ("paid_amount", "700.0", "paid_amount 500.0"),
        ("paid_amount", "700.00", "paid_amount 500.0"),
        ("paid_amount", "500.000", "paid_amount 500.0"),
    ],
)
def test_how_a_number_is_written_is_told_where_that_is_to_blame(
    against: Any, name: str, written: str, difference: str
) -> None:
    """With no more zeros than it takes."""
    with against(parse=_refuses_zeros) as asking:
        payload = {**invoice(remarks="x"), name: -77}
        asking.ask(encode(payload).replace(b"-77", written.encode()), "numbers")
        told = [(row["difference"], row["requirement"]) for row in asking.rows]
    assert told == ([(difference, f"{name}.type")] if difference else [])


def test_an_exponent_is_told_by_the_number_that_has_it(against: Any) -> None:
    """And in no other number."""

    def parse(body: bytes) -> Json:
        if b"E+" in body:
            raise Refusal(500, "Unexpected")
        return VALID.parse(body)

    with against(parse=parse) as asking:
        body = encode({**invoice(), "total_amount": -77}).replace(b"-77", b"1.23395E+3")
        asking.ask(body, "numbers")
        row = asking.only
    assert row["difference"] == "total_amount written 1.23395E+3"


@pytest.mark.parametrize(("words", "findings"), [("{}", 1), ("{} of {}", 2)])
def test_two_ways_to_write_a_number_are_one_finding_where_the_server_says_the_same(
    against: Any, words: str, findings: int
) -> None:
    """Trailing zeros and an exponent; told by the one, the other is told beside it."""

    def parse(body: bytes) -> Json:
        total = body.partition(b'"total_amount":')[2].partition(b",")[0]
        if len(total.partition(b".")[2]) > 2:
            way = "exponent" if b"E" in total else "zeros"
            reason = words.format("too many decimals", way)
            raise Refusal(400, "Bad", (Problem(("total_amount",), "wrong", reason),))
        return VALID.parse(body)

    with against(parse=parse) as asking:
        for written in (b"1233.9500", b"1.23395E+3"):
            body = encode({**invoice(), "total_amount": -77}).replace(b"-77", written)
            asking.ask(body, f"numbers {written!r}")
        rows = asking.rows
    assert [row["requirement"] for row in rows] == ["total_amount.type"] * findings
    told = [each for row in rows for each in (row["difference"], *row["alike"])]
    assert {*told} == {"total_amount written 1233.950", "total_amount written 1.23395E+3"}


@pytest.mark.parametrize("most", [40, 64])
def test_texts_that_begin_alike_are_told_by_how_many_characters(against: Any, most: int) -> None:
    """The stamp at their ends keeps them apart, which a truncated index does not see."""
    used: set[str] = set()

    def keep(_store: Any, data: Json) -> None:
        if data["reference_id"][:most] in used:
            raise Refusal(500, "Unexpected")
        used.add(data["reference_id"][:most])

    with against(keep=keep) as asking:
        for _ in range(2):
            asking.ask(invoice(reference_id=f"{'All begin so. ' * 5}{PLACEHOLDER}"))
        row = asking.only
    told = f"reference_id that begins with the same {most} characters as one before it"
    assert row["difference"] == told
    assert row["requirement"] == "reference_id.type"


def test_the_fewest_items_are_told_beside_a_value_too(against: Any) -> None:
    """Both are needed, and both are made smaller."""

    def check(payload: Json) -> tuple[Problem, ...]:
        many = len(payload["items"]) > 3
        problems = VALID.check(payload)
        return tuple(one for one in problems if not (many and one.location == ("status",)))

    item = plain_invoice(CONTRACT, ORDERS)["items"][0]
    items = [{**item, "reference_id": f"R-{n}-{PLACEHOLDER}"} for n in range(12)]
    with against(check=check) as asking:
        asking.ask({**of_items(items), "status": "OPEN"})
        row = asking.only
    assert row["difference"] == 'status "OPEN" and 4 items'


def test_two_properties_of_which_the_server_names_one_are_one_finding(against: Any) -> None:
    """They are too long together, as it says of either."""

    def wrong(payload: Json) -> bool:
        return len(payload["remarks"]) + len(payload["url"]) > 300

    with against(**refuses(("remarks",), wrong)) as asking:
        asking.ask(invoice(remarks="x" * 255, url=f"https://a.example/{'a' * 60}"))
        asking.ask(invoice(url=f"https://a.example/{'a' * 400}"))
        row = asking.only
    assert row["alike"]
    assert row["detail"] == "remarks: is wrong"


def test_two_faults_with_one_answer_stay_two_if_one_shows_in_several_ways(against: Any) -> None:
    """At one property it is one, however many values of that show it."""
    _two_faults(against, ("https://a.example/1#", "https://a.example/i#page=2"))


def _two_faults(against: Callable[..., Any], addresses: tuple[str, ...]) -> None:
    def breaks(_store: Any, payload: Json) -> None:
        if "#" in payload["url"] or "😀" in payload["remarks"]:
            raise Refusal(500, "Unexpected")

    with against(keep=breaks) as asking:
        asking.ask(invoice(remarks="Hi 😀"))
        for address in addresses:
            asking.ask(invoice(url=address))
        assert sorted(row["requirement"] for row in asking.rows) == ["remarks.type", "url.type"]


def test_a_text_that_is_equal_to_another_one_of_its_item_is_told_so(against: Any) -> None:
    """Nobody could see it from two texts, in whichever of many items they are."""

    def wrong(payload: Json) -> bool:
        return any(item["reference_id"] == item["sku"] for item in payload["items"])

    items = [{**item, "reference_id": f"R-{n}"} for n, item in enumerate(invoice()["items"] * 9)]
    items[20] |= {"reference_id": f"{PLACEHOLDER}-20", "sku": f"{PLACEHOLDER}-20"}
    with against(**refuses(("items", 2, "reference_id"), wrong)) as asking:
        asking.ask(of_items(items))
        row = asking.only
    assert row["difference"] == "items[2].reference_id equal to items[2].sku"
    assert row["requirement"] == "items[].reference_id.type"
