"""Which value is to blame is told: a property, a number, a text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reference.refusal import Problem, Refusal
from spec.contract import PLACEHOLDER
from strategies.invoice import encode, plain_invoice
from tests.asking import ORDERS, VALID, Json, counts_of, invoice, of_items, refuses
from tests.exchanges import CONTRACT
from tests.waiving import waived, waiver_of


def test_a_refusal_is_the_one_property_that_is_refused(against: Any) -> None:
    """Of all that differs from the plain invoice; the server's own words are told."""
    server = refuses(("paid_amount",), lambda it: it["paid_amount"] == 0)
    with against(**server) as asking:
        asking.ask(invoice(paid_amount=0, status="PENDING"))
        row = asking.only
        assert row["requirement"] == "paid_amount.minimum"
        assert row["category"] == "Refused valid input"
        assert (row["difference"], row["accepted"]) == ("paid_amount 0", "the plain invoice")
        assert row["refused"] == 'the same with paid_amount 0, and so status "PENDING"'
        assert (row["status"], row["code"]) == (400, "BAD_REQUEST")
        assert row["detail"] == "paid_amount: is wrong"


def test_what_a_known_cause_explains_is_not_asked_again(against: Any) -> None:
    """The same difference in another invoice is the same finding, seen once more."""
    server = refuses(("paid_amount",), lambda it: it["paid_amount"] == 0)
    with against(**server) as asking:
        asking.ask(invoice(paid_amount=0, status="PENDING"))
        left = asking.found.questions.left
        asking.ask(invoice(paid_amount=0, status="PENDING", remarks="Another one"))
        assert asking.found.questions.left == left
        assert asking.only["times"] == 2


def test_the_status_is_told_where_it_is_refused_and_not_the_amount(against: Any) -> None:
    """The two go together, so one more request tells them apart."""
    server = refuses(("status",), lambda it: it.get("status") == "OVERPAID")
    with against(**server) as asking:
        asking.ask(invoice(paid_amount=10**6, status="OVERPAID"))
        assert asking.only["difference"] == 'status "OVERPAID"'


@pytest.mark.parametrize(
    ("amount", "times", "difference"),
    [
        (13.5, 3, 'status "OVERPAID" and paid_amount 3701.85'),
        (0.25, 4, 'status "OVERPAID" and paid_amount 4935.8'),
    ],
)
def test_a_payment_is_told_with_the_status_where_it_takes_both(
    against: Any, amount: float, times: int, difference: str
) -> None:
    """In proportion to the plain total, so that the items have no part in it."""

    def wrong(payload: Json) -> bool:
        paid, total = payload["paid_amount"], payload["total_amount"]
        return payload.get("status") == "OVERPAID" and bool(paid > 2 * total)

    payload = of_items(
        [
            {**item, "reference_id": f"R-{n}-{PLACEHOLDER}", "quantity": 1, "amount": amount}
            for n, item in enumerate(plain_invoice(CONTRACT, ORDERS)["items"] * 2)
        ]
    )
    paid = {"paid_amount": payload["total_amount"] * times, "status": "OVERPAID"}
    with against(**refuses(("paid_amount",), wrong)) as asking:
        asking.ask({**payload, **paid}, "a drawn invoice")
        row = asking.only
        assert (row["requirement"], row["difference"]) == ("paid_amount.type", difference)


def test_two_amounts_that_have_to_be_equal_are_told_so(against: Any) -> None:
    """Nobody could see it from the amounts, and all the items that make the total."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        full = "status" not in payload and payload["paid_amount"] == payload["total_amount"]
        return {**data, "status": "Paid"} if full else data

    items = [{**item, "reference_id": f"R-{n}"} for n, item in enumerate(invoice()["items"] * 9)]
    total = round(sum(item["quantity"] * item["amount"] for item in items), 2)
    payload = invoice(items=items, total_amount=total, paid_amount=total)
    del payload["status"]
    with against(render=render) as asking:
        asking.ask(payload)
        row = asking.only
        assert row["requirement"] == "201.data.status.enum"
        assert row["difference"] == "no status and paid_amount equal to total_amount"


@pytest.mark.parametrize(
    ("amount", "wrong", "difference"),
    [
        (57321, lambda number: number > 700, "items[0].quantity 1000"),
        (57321, lambda number: number == 57321, "items[0].quantity 57321"),
    ],
)
def test_a_number_is_made_plainer(
    against: Any, amount: int, wrong: Callable[[int], bool], difference: str
) -> None:
    """To a power of ten that is refused as well, so that each run tells the same."""
    items = invoice()["items"]
    items[0]["quantity"] = amount
    total = round(sum(item["quantity"] * item["amount"] for item in items), 2)
    refusing = refuses(("items", 0, "quantity"), lambda it: wrong(it["items"][0]["quantity"]))
    with against(**refusing) as asking:
        asking.ask(invoice(items=items, total_amount=total))
        row = asking.only
        assert (row["requirement"], row["difference"]) == ("items[].quantity.type", difference)


@pytest.mark.parametrize(
    ("name", "value", "wrong", "difference"),
    [
        ("remarks", "Nice, isn't it", lambda text: "'" in text, 'remarks "x\'"'),
        ("remarks", "Long, isn't it " * 9, lambda text: "'" in text, 'remarks "x\'"'),
        ("remarks", "x y" * 80, lambda text: len(text) > 100, "remarks of 101 characters"),
        (
            "remarks",
            "é" * 200,
            lambda text: len(text.encode()) > 255,
            "remarks of 128 characters, some beyond ASCII",
        ),
        (
            "remarks",
            "x" + "😀" * 200,
            lambda text: len(text.encode("utf-16-le")) > 510,
            "remarks of 129 characters, some beyond U+FFFF",
        ),
        (
            "remarks",
            "".join(map(chr, range(32, 127))) * 2 + "é😀" * 32,
            lambda text: len(text.encode()) > 255,
            "remarks of 128 characters, some beyond ASCII",
        ),
        (
            "due_date",
            "2033-04-05T06:07:08.123+05:30",
            lambda text: not text.endswith("Z"),
            'due_date "2080-07-31T00:00:00+00:00", the same moment',
        ),
        (
            "due_date",
            "2033-04-05T06:07:08.123-11:00",
            lambda text: text[-6] == "-",
            'due_date "2080-07-30T23:00:00-01:00", the same moment',
        ),
        (
            "due_date",
            "2033-04-05T06:07:08.123+05:45",
            lambda text: not text.endswith(("Z", ":00")),
            'due_date "2080-07-31T05:30:00+05:30", the same moment',
        ),
        (
            "due_date",
            "2033-04-05T06:07:08+14:00",
            lambda text: text.endswith(("+13:00", "+14:00")),
            'due_date "2080-07-31T13:00:00+13:00", the same moment',
        ),
        (
            "created_at",
            "2001-02-03T04:05:06.7-12:00",
            lambda text: not text.endswith("Z"),
            'created_at "2025-01-01T00:00:31+00:00", the same moment',
        ),
        (
            "due_date",
            "2033-04-05T06:07:08.123+05:30",
            lambda text: "." in text,
            'due_date "2080-07-31T00:00:00.123Z"',
        ),
        (
            "url",
            "http://a.example:81/b?c=d#e",
            lambda text: "?" in text,
            'url "https://billing.example.com/invoices/2024-0117?"',
        ),
        (
            "url",
            "http://a.example:81/b?label=first&label=second#e",
            lambda text: text.count("label=") > 1,
            'url "https://billing.example.com/invoices/2024-0117?label=label="',
        ),
        (
            "url",
            "http://a.example/" + "b" * 300,
            lambda text: len(text) > 200,
            "url of 201 characters",
        ),
    ],
)
def test_a_text_is_made_shorter(
    against: Any, name: str, value: str, wrong: Callable[[str], bool], difference: str
) -> None:
    """To what of it is refused: characters, one part of a date or of an address; its length only
    where that is to blame.
    """
    with against(**refuses((name,), lambda it: wrong(it[name]))) as asking:
        asking.ask(invoice(**{name: value}))
        assert asking.only["difference"] == difference


def test_fewer_characters_of_more_bytes_are_no_other_finding(against: Any) -> None:
    """A server that counts bytes refuses 128 characters of two bytes, and 86 of three."""
    refusing = refuses(("remarks",), lambda it: len(it["remarks"].encode()) > 255)
    with against(**refusing) as asking:
        asking.ask(invoice(remarks="é" * 200))
        left = asking.found.questions.left
        asking.ask(invoice(remarks="鍵" * 86))
        assert asking.found.questions.left == left
        assert asking.only["difference"] == "remarks of 128 characters, some beyond ASCII"


def test_a_sum_is_told_from_what_it_follows(against: Any) -> None:
    """It is no edit of its own; another sum like it needs no more requests."""
    server = refuses(("total_amount",), lambda it: it["total_amount"] == 0)
    free = [{**item, "amount": 0} for item in plain_invoice(CONTRACT, ORDERS)["items"]]
    paid = {"total_amount": 0, "paid_amount": 0, "status": "PAID"}
    with against(**server) as asking:
        asking.ask(invoice(items=free[:1], **paid))
        left = asking.found.questions.left
        asking.ask(invoice(items=free, **paid))
        assert asking.found.questions.left == left
        assert asking.only["difference"].startswith("total_amount 0, which follows from ")
        assert "total_amount" not in asking.only["difference"].partition(", which follows from ")[2]


def test_a_fault_that_is_accepted_in_one_item_is_tried_in_another(against: Any) -> None:
    """Where it is refused is told as well."""

    def check(payload: Json) -> tuple[Problem, ...]:
        problems = VALID.check(payload)
        return tuple(one for one in problems if one.location[:2] in (("items", 0), ("items", 1)))

    payload = invoice()
    payload["items"][2]["sku"] = "x" * 256
    with against(check=check) as asking:
        asking.ask(payload)
        row = asking.only
        assert row["requirement"] == "items[].sku.maxLength"
        assert row["accepted"] == "the plain invoice with items[2].sku of 256 characters"
        assert row["refused"] == "the same in items[0]"


def test_a_long_body_is_told_by_its_length(against: Any) -> None:
    """Whatever is in it: blanks do as well, and another long one is not asked again."""

    async def read(request: Any) -> bytes:
        body = await VALID.read(request)
        if len(body) > 5000:
            raise Refusal(500, "Internal Server Error")
        return body

    items = [
        {**item, "reference_id": f"R-{n}-{PLACEHOLDER}", "sku": f"S-{n}"}
        for n, item in enumerate(plain_invoice(CONTRACT, ORDERS)["items"][:1] * 70)
    ]
    with against(read=read) as asking:
        asking.ask(of_items(items))
        row = asking.only
        assert row["difference"] == "a body of 5001 bytes"
        assert row["refused"] == "the same with a body of 5001 bytes, mostly blanks"
        assert (row["requirement"], row["category"]) == ("201.status", "Server error")
        left = asking.found.questions.left
        asking.ask(of_items(items[:69]))
        assert (asking.found.questions.left, asking.only["times"]) == (left, 2)


@pytest.mark.parametrize(
    ("body", "size"),
    [
        (lambda invoice: encode({**invoice, "remarks": "x" * 300_000}), 16_385),
        (lambda invoice: encode({**invoice, "status": 5, "more": ["x" * 20] * 2000}), 16_385),
        (lambda _: encode("x" * 70_000), 16_385),
        (lambda invoice: encode({**invoice, "remarks": "x" * 300_000}), 70_001),
    ],
)
def test_a_long_body_that_is_refused_wrongly_is_told_by_its_length(
    against: Any, body: Callable[[Json], bytes], size: int
) -> None:
    """Whatever its fault is: a small body with a fault is refused as it should be."""
    lengths: list[int] = []

    async def read(request: Any) -> bytes:
        body = await VALID.read(request)
        lengths.append(len(body))
        return body

    def check(payload: Json) -> tuple[Problem, ...]:
        problems = VALID.check(payload)
        if problems and lengths[-1] >= size:
            raise Refusal(500, "Internal Server Error")
        return problems

    with against(read=read, check=check) as asking:
        asking.ask(body(invoice()))
        row = asking.only
        assert (row["requirement"], row["status"]) == ("response.status", 500)
        assert row["accepted"] == "the plain invoice with no due_date"
        assert row["refused"] == f"the same with a body of {size} bytes, mostly blanks"


@pytest.mark.parametrize(
    ("amount", "status", "keyword"), [(12, "PARTIALLY_PAID", "type"), (0, "PENDING", "minimum")]
)
def test_a_property_that_is_refused_as_it_is_has_to_be_more_than_there(
    against: Any, amount: int, status: str, keyword: str
) -> None:
    """Whatever the test was about; a value at a limit is told under the requirement on that."""
    with against(**refuses(("paid_amount",), lambda it: it["paid_amount"] == amount)) as asking:
        about = CONTRACT.named("paid_amount.required")
        body = encode(invoice(paid_amount=amount, status=status))
        verdict = asking.oracle.judge(asking.client.send(body), about)
        asking.found.explain(asking.client, verdict, "an edge")
        assert asking.only["requirement"] == f"paid_amount.{keyword}"


def test_two_values_that_come_back_as_others_are_two_findings(against: Any) -> None:
    """What comes back of one says nothing of the other, so neither waiver is for both."""
    others = {"PENDING": "PAID", "OVERPAID": "PENDING"}

    def render(payload: Json) -> Json:
        status = payload.get("status")
        return {**VALID.render(payload), "status": others.get(status, status)}

    with against(render=render) as asking:
        asking.ask(invoice(paid_amount=0, status="PENDING"))
        asking.ask(invoice(paid_amount=10**6, status="OVERPAID"))
        one, other = asking.rows
        assert one["requirement"] == other["requirement"] == "201.data.status.echo"
        assert one["id"] != other["id"]


def test_a_property_of_the_answer_that_is_as_it_was_sent_is_one_finding(against: Any) -> None:
    """Of another type or in another format, by what was sent under its name."""

    def render(payload: Json) -> Json:
        return {**VALID.render(payload), **({"id": payload["id"]} if "id" in payload else {})}

    with against(render=render, keep=lambda *_: None) as asking:
        asking.ask(invoice(id=None))
        asking.ask(invoice(id="7"))
        assert asking.only["requirement"] == "201.data.id.type"


def test_a_value_that_no_answer_may_have_is_told_as_that(against: Any) -> None:
    """And not as another one than what was sent, which it is too."""
    with against(render=lambda payload: {**VALID.render(payload), "status": "OPEN"}) as asking:
        asking.ask(invoice())
        row = asking.only
        assert row["requirement"] == "201.data.status.enum"
        assert row["also"] == ["201.data.status.echo"]


def test_a_place_that_counts_is_told_with_one_that_does_not(against: Any) -> None:
    """A long name is taken in the first item, and refused in another one."""
    long = "x" * 255
    server = refuses(
        ("items", 2, "name"), lambda it: any(len(one["name"]) == 255 for one in it["items"][1:])
    )
    payload = invoice()
    payload["items"][2]["name"] = long
    with against(**server) as asking:
        asking.ask(payload)
        row = asking.only
        assert row["accepted"] == "the plain invoice with items[0].name of 255 characters"
        assert row["refused"] == "the same in items[2]"
        assert row["difference"] == "items[2].name of 255 characters"


def test_a_character_that_is_lost_is_told_alone(against: Any) -> None:
    """The answer says which one it is."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        return {**data, "remarks": data["remarks"].replace("\\", "")}

    with against(render=render) as asking:
        asking.ask(invoice(remarks=r"a #b $c \d ^e `f ~g |h" + "é" * 90), "an edge")
        assert asking.only["difference"] == r'remarks "x\\"'


def test_a_text_of_too_few_characters_is_told_by_a_letter(against: Any) -> None:
    """Any other character would be taken for the fault, and longer ones have no part in it."""
    server = refuses(("items", 0, "name"), lambda it: len(it["items"][0]["name"]) < 2)
    with against(**server) as asking:
        for name in ("\U000180ac", "0", "n"):
            items = invoice()["items"]
            asking.ask(of_items([{**items[0], "name": name}, *items[1:]]), name)
        row = asking.only
    assert (row["difference"], row["alike"][:1]) == ('items[0].name "x"', [])


def test_a_short_text_explains_none_that_has_it_in_it(against: Any) -> None:
    """Another fault with the same answer is asked for itself."""

    def wrong(payload: Json) -> bool:
        name = payload["remarks"]
        return len(name) < 2 or "#" in name

    with against(**refuses(("remarks",), wrong)) as asking:
        asking.ask(invoice(remarks="y"), "one")
        left = asking.found.questions.left
        asking.ask(invoice(remarks="z"), "the same")
        assert asking.found.questions.left == left
        asking.ask(invoice(remarks="box #"), "another")
        assert asking.found.questions.left < left


def test_texts_that_are_cut_are_one_finding_whatever_they_end_in(against: Any) -> None:
    """What ends in blanks where it is cut was not trimmed."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        return {**data, "invoice_number": data["invoice_number"][:64]}

    with against(render=render) as asking:
        asking.ask(invoice(invoice_number=f"{PLACEHOLDER}{'x' * 200}"), "letters")
        asking.ask(invoice(invoice_number=f"{PLACEHOLDER}{' ' * 67}x"), "blanks")
        asking.ask(invoice(invoice_number=PLACEHOLDER.ljust(64, "y") + "  "), "blanks from there")
        row = asking.only
        assert row["difference"] == "invoice_number of 65 characters"
        assert (row["expected"], row["got"]) == ("all 65 characters", "the first 64")


def test_a_total_that_is_too_large_is_told_without_the_items_that_make_it(against: Any) -> None:
    """Neither what they are nor how many of them there are has a part in it."""

    def wrong(payload: Json) -> bool:
        total = payload.get("total_amount")
        return type(total) is int and total >= 2**31

    with against(**refuses(("total_amount",), wrong)) as asking:
        item = plain_invoice(CONTRACT, ORDERS)["items"][0]
        asking.ask(of_items([{**item, "sku": "Größe", "amount": 10**6, "quantity": 10**6}]))
        asking.ask(of_items([{**item, "amount": 10**7, "quantity": 10**3}] * 1), "another")
        row = asking.only
        assert row["refused"] == "the same with total_amount 2147483648 and items that make it"


def test_a_number_of_an_item_is_told_without_the_query_it_was_sent_with(against: Any) -> None:
    """The total follows from the items, so to send the invoice as usual changes none of them."""
    server = refuses(
        ("items", 1, "quantity"),
        lambda it: any(each["quantity"] == 10**6 for each in it.get("items", [])),
    )
    items = [
        {**each, "quantity": many}
        for each, many in zip(invoice()["items"], (5985, 10**6, 13314), strict=False)
    ]
    with against(**server) as asking:
        asking.ask(of_items(items), query="a=1;b=2", headers=(("X-Request-ID", "1"),))
        assert asking.only["difference"] == "items[1].quantity 1000000"


def test_a_total_that_comes_back_wrong_is_told_by_how_large_it_is(against: Any) -> None:
    """From a million on it loses its cents, whichever quantities and amounts make it."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        total = data["total_amount"]
        return {**data, "total_amount": int(total) if total >= 10**6 else total}

    with against(render=render) as asking:
        item = plain_invoice(CONTRACT, ORDERS)["items"][0]
        asking.ask(of_items([{**item, "amount": 38749.73, "quantity": 29}]))
        asking.ask(of_items([{**item, "amount": 51317.21, "quantity": 37}]), "another")
        row = asking.only
        assert row["refused"] == "the same with total_amount 1000000.5 and items that make it"
        assert (row["expected"], row["got"], row["alike"]) == ("1000000.5", "1000000", [])


def test_a_long_text_with_a_sign_is_told_by_both(against: Any) -> None:
    """As neither is refused without the other, it is no matter of the longest length."""

    def wrong(payload: Json) -> bool:
        text = payload.get("remarks") or ""
        return isinstance(text, str) and len(text) > 128 and "{" in text

    with against(**refuses(("remarks",), wrong)) as asking:
        asking.ask(invoice(remarks="a {b} of c; d, " * 17))
        asking.ask(invoice(remarks="{" * 255), "another")
        row = asking.only
        assert row["refused"] == 'the same with remarks of 129 characters with "{"'
        assert row["requirement"] == "remarks.type"


def test_a_text_that_is_just_too_long_is_told_with_one_that_is_not(against: Any) -> None:
    """Both sides of the limit, where both were asked."""
    with against(**refuses(("remarks",), lambda it: len(it.get("remarks", "")) > 100)) as asking:
        asking.ask(invoice(remarks="x y" * 80))
        row = asking.only
    assert row["accepted"] == "the plain invoice with remarks of 100 characters"
    assert row["refused"] == "the same with remarks of 101 characters"


@pytest.mark.parametrize(
    ("edits", "difference"),
    [
        ({"x-note": 1}, 'an unknown property "x-note"'),
        ({"\ud800": 1}, 'an unknown property "\\ud800"'),
        ({"note": "a\u2028b"}, 'an unknown property "note"'),
    ],
)
def test_a_property_that_the_document_does_not_have_is_told_as_one(
    against: Any, edits: dict[str, Json], difference: str
) -> None:
    """Its name may look like anything, also like a value."""
    (name,) = edits

    def check(payload: Json) -> tuple[Problem, ...]:
        if name in payload:
            raise Refusal(500, "The server broke down.")
        return VALID.check(payload)

    with against(check=check) as asking:
        asking.ask(invoice(**edits))
        row = asking.only
    assert row["difference"] == difference


EAST, WEST = "2033-08-01T05:30:00+05:30", "2001-02-03T04:05:06.7-12:00"


@pytest.mark.parametrize(
    "later",
    [
        {"due_date": "2033-04-05T06:07:08.123-08:00"},
        {"created_at": WEST},
        {"created_at": WEST, "updated_at": "2025-02-03T04:05:06+13:00"},
        {"updated_at": "2025-02-03T04:05:06+13:00"},
    ],
)
def test_a_waiver_of_an_offset_holds_whichever_dates_are_drawn(
    against: Any, tmp_path: Path, later: dict[str, Json]
) -> None:
    """A drawn test goes on behind what is waived, and so draws dates that it never came to."""

    def check(payload: Json) -> tuple[Problem, ...]:
        dates = (name for name in ("due_date", "created_at", "updated_at") if name in payload)
        told = [Problem((name,), "offset", "") for name in dates if payload[name][-1:] != "Z"]
        return (*VALID.check(payload), *told)

    first = [invoice(due_date=EAST), invoice(created_at="2024-06-01T08:00:31+13:00")]
    waiver = waiver_of(counts_of(against, *first, check=check), tmp_path)
    assert waived(counts_of(against, invoice(**later), check=check), waiver) == [True]
    other = refuses(("due_date",), lambda it: it["due_date"][5:7] == "02")
    new = counts_of(against, invoice(due_date="2031-02-03T00:00:00Z"), **other)
    assert waived(new, waiver) == [False]
