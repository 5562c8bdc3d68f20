"""What was sent comes back in a 201: each shared property, the sums, and ids of its own."""

import json

import pytest

from spec.exchange import Exchange
from tests.exchanges import (
    GOOD,
    INVOICE,
    Change,
    Json,
    altered,
    answer_to,
    answered,
    drop,
    found,
    judge,
    oracle,
    put,
    refusal,
    request,
    response,
    uuid,
    violations,
)

TEXT = json.dumps(GOOD).encode()


def replaced(old: str, new: str) -> bytes:
    """The good answer's bytes with something replaced."""
    assert TEXT.count(old.encode()) == 1
    return TEXT.replace(old.encode(), new.encode())


ECHOED = [name for name in INVOICE if name != "items"]
ITEM_ECHOED = [name for name in INVOICE["items"][0] if name != "sku"]
SHAPE = "Answer shape"


@pytest.mark.parametrize("name", ECHOED)
def test_a_property_that_does_not_come_back_is_named(name: str) -> None:
    """Each property of the request that the answer's schema has is echoed."""
    assert violations(answered(drop("data", name))) == [(f"201.data.{name}.echo", "Echo mismatch")]


CHANGED: dict[str, Json] = {
    "reference_id": "inv-1",
    "order_id": "ORD-1 ",
    "invoice_number": "",
    "total_amount": 269.95,
    "paid_amount": 100.01,
    "status": "PENDING",
    "due_date": "2025-07-01T00:00:00+01:00",
    "remarks": "Zwo\u0308lf Stühle",
    "url": "https://example.com/invoice/1/",
    "created_at": "2025-06-01T12:00:00.001Z",
    "updated_at": "2025-06-02",
}


@pytest.mark.parametrize("name", ECHOED)
def test_a_property_that_comes_back_changed_is_named(name: str) -> None:
    """A cent, a letter's case, a composed letter, a shifted date: the same is the same."""
    answer = answered(put("data", name, value=CHANGED[name]))
    assert violations(answer) == [(f"201.data.{name}.echo", "Echo mismatch")]


def test_text_that_looks_like_a_date_comes_back_as_it_was() -> None:
    """Only dates may come back written in another way."""
    payload = altered(put("remarks", value="2025-06-01T12:00:00Z"))
    answer = answer_to(payload)
    put("data", "remarks", value="2025-06-01T12:00:00.000Z")(answer)
    assert violations(answer, payload) == [("201.data.remarks.echo", "Echo mismatch")]


@pytest.mark.parametrize("name", ECHOED)
def test_a_property_that_comes_back_of_another_type_is_the_schemas(name: str) -> None:
    """A number as text or text as a number breaks the type, and is not blamed twice."""
    value = str(INVOICE[name]) if isinstance(INVOICE[name], int | float) else 5
    named = violations(answered(put("data", name, value=value)))
    assert (f"201.data.{name}.type", SHAPE) in named
    assert not [requirement for requirement, _ in named if requirement.endswith("echo")]


@pytest.mark.parametrize("name", ITEM_ECHOED)
def test_an_items_property_that_is_dropped_or_changed_is_named(name: str) -> None:
    """At its own position; a changed quantity or amount does not move the expected sum."""
    echo = (f"201.data.items[].{name}.echo", "Echo mismatch")
    assert violations(answered(drop("data", "items", 1, name))) == [echo]
    value = INVOICE["items"][1][name]
    other = value + 1 if isinstance(value, int | float) else value.lower()
    verdict = judge(
        request(INVOICE), response(201, answered(put("data", "items", 1, name, value=other)))
    )
    assert found(verdict) == [echo]
    assert verdict.violations[0].location == ("data", "items", 1, name)


FIRST, SECOND = GOOD["data"]["items"]
ITEMS = ("201.data.items.echo", "Echo mismatch")


def _told(items: list[Json], payload: Json = INVOICE) -> list[tuple[str, str]]:
    answer = answer_to(payload)
    answer["data"]["items"] = items
    verdict = judge(request(payload), response(201, answer))
    return [(violation.requirement.name, violation.got) for violation in verdict.violations]


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([SECOND, FIRST], "the same items in another order"),
        ([], "no items"),
        ([SECOND], "only some of the items"),
        ([FIRST, SECOND, FIRST], "some items more than once"),
        ([SECOND, SECOND], "some items more than once and others not at all"),
        (
            [{**FIRST, "quantity": FIRST["quantity"] + SECOND["quantity"]}],
            "fewer items, with their quantities added up",
        ),
    ],
)
def test_items_that_come_back_in_another_way_are_one_violation(
    items: list[Json], words: str
) -> None:
    """Not one for each property of each item; the words say what happened to them."""
    assert _told(items) == [("201.data.items.echo", words)]


def test_each_item_is_compared_with_the_one_of_its_reference() -> None:
    """Another order does not hide an item that is changed as well, nor one that is lost."""
    changed = {**FIRST, "name": "Another"}
    assert _told([SECOND, changed]) == [
        ("201.data.items.echo", "the same items in another order"),
        ("201.data.items[].name.echo", '"Another"'),
    ]
    assert [name for name, _ in _told([changed])] == [
        "201.data.items.echo",
        "201.data.items[].name.echo",
    ]


def test_items_that_share_a_reference_are_compared_by_position() -> None:
    """Nothing else tells them apart."""
    twice = altered(put("items", 1, "reference_id", value=INVOICE["items"][0]["reference_id"]))
    items = answer_to(twice)["data"]["items"]
    assert "items.echo" not in " ".join(name for name, _ in _told(items[::-1], twice))


@pytest.mark.parametrize(
    "items", [[], GOOD["data"]["items"][:1], [*GOOD["data"]["items"], {"id": uuid(9)}]]
)
def test_fewer_or_more_items_are_named(items: list[Json]) -> None:
    """The number comes back as sent."""
    answer = answered(put("data", "items", value=items))
    assert violations(answer) == [("201.data.items.echo", "Echo mismatch")]


def test_items_that_do_not_come_back_are_named_once() -> None:
    """The list is missing, not each thing in it."""
    assert violations(answered(drop("data", "items"))) == [("201.data.items.echo", "Echo mismatch")]


PRODUCT = [("201.data.items[].item_total.product", "Echo mismatch")]


@pytest.mark.parametrize(
    "total", ["199.97", "199.95", "199.9650001", "0", "-199.96", "49.99", "1e400"]
)
def test_a_wrong_item_total_is_named(total: str) -> None:
    """Off by more than half a cent, whatever the size."""
    assert violations(replaced('"item_total": 199.96', f'"item_total": {total}')) == PRODUCT


@pytest.mark.parametrize(
    "total", ["1e99999999999999999999", "9" * 5000, "1e-99999999999999999999", "1E+999999", "1e400"]
)
def test_an_absurd_item_total_is_named(total: str) -> None:
    """No exponent upsets the arithmetic."""
    assert violations(replaced('"item_total": 199.96', f'"item_total": {total}')) == PRODUCT


@pytest.mark.parametrize(
    ("total", "names"),
    [
        ("999999990000", []),
        ("9.9999999E+11", []),
        ("999999990000.005", []),
        ("999999990000.0001220703125", []),
        ("999999990000.006", PRODUCT),
        ("999999989999.99", PRODUCT),
        ("1000000000000", PRODUCT),
        ("999999995904", PRODUCT),
    ],
)
def test_a_huge_product_is_exact(total: str, names: list[tuple[str, str]]) -> None:
    """A million times 999,999.99; the last line is what single precision makes of it."""
    item = {**INVOICE["items"][0], "quantity": 10**6, "amount": 999_999.99}
    payload = altered(put("items", value=[item]), put("total_amount", value=999_999_990_000))
    answer = answer_to(payload)
    put("data", "items", 0, "item_total", value="here")(answer)
    body = json.dumps(answer).replace('"here"', total).encode()
    assert violations(body, payload) == names


@pytest.mark.parametrize(
    "value", ["12345", "", "01f5d171d3e34b2bbd570727194b5bed", uuid(1) + "0", "x" * 36]
)
def test_an_id_that_is_no_uuid_is_named(value: str) -> None:
    """For the invoice and for each item."""
    assert violations(answered(put("data", "id", value=value))) == [("201.data.id.format", SHAPE)]
    assert violations(answered(put("data", "items", 0, "id", value=value))) == [
        ("201.data.items[].id.format", SHAPE)
    ]


def test_a_missing_id_is_named() -> None:
    """For the invoice and for each item."""
    assert violations(answered(drop("data", "id"))) == [("201.data.id.required", SHAPE)]
    assert violations(answered(drop("data", "items", 1, "id"))) == [
        ("201.data.items[].id.required", SHAPE)
    ]


ANOTHER = (
    put("reference_id", value="INV-2"),
    put("invoice_number", value="N-2"),
    *(put("items", index, "reference_id", value=f"I-{index + 3}") for index in (0, 1)),
)
"""Makes the invoice another one: no reference is the same."""

UNIQUE, ITEM_UNIQUE = "201.data.id.unique", "201.data.items[].id.unique"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (put("data", "items", 1, "id", value=uuid(2)), ITEM_UNIQUE),
        (put("data", "items", 0, "id", value=uuid(1)), ITEM_UNIQUE),
    ],
    ids=["of two items", "of invoice and item"],
)
def test_an_id_that_repeats_in_one_answer_is_named(change: Change, name: str) -> None:
    """Each id is somebody's own."""
    assert violations(answered(change)) == [(name, "Echo mismatch")]


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ([], [UNIQUE, ITEM_UNIQUE, ITEM_UNIQUE]),
        ([put("data", "id", value=uuid(7))], [ITEM_UNIQUE, ITEM_UNIQUE]),
        ([put("data", "items", n, "id", value=uuid(8 + n)) for n in (0, 1)], [UNIQUE]),
        ([put("data", "items", 0, "id", value=uuid(8))], [UNIQUE, ITEM_UNIQUE]),
    ],
)
def test_an_id_that_repeats_in_another_answer_is_named(
    changes: list[Change], names: list[str]
) -> None:
    """An oracle remembers the ids of its run; another one knows nothing of them."""
    run, other = oracle(), altered(*ANOTHER)
    answer = answer_to(other)
    for change in changes:
        change(answer)
    first = Exchange(request(INVOICE), response(201, GOOD), None, 0.01)
    second = Exchange(request(other), response(201, answer), None, 0.01)
    assert found(run.judge(first)) == []
    assert found(run.judge(second)) == [(name, "Echo mismatch") for name in names]
    assert found(oracle().judge(second)) == []


def test_an_id_may_repeat_where_a_reference_does() -> None:
    """A server may take the second invoice for the first, and answer as it did then."""
    run, other = oracle(), altered(*ANOTHER, put("invoice_number", value=INVOICE["invoice_number"]))
    for payload in (INVOICE, other):
        exchange = Exchange(request(payload), response(201, answer_to(payload)), None, 0.01)
        assert found(run.judge(exchange)) == []


@pytest.mark.parametrize("status", [201, 400])
def test_the_same_invoice_again_may_be_refused_or_answered_alike(status: int) -> None:
    """Whether an invoice can be created twice is left open; the first time it must be created."""
    run = oracle()
    first = Exchange(request(INVOICE), response(201, GOOD), None, 0.01)
    again = response(status, GOOD if status == 201 else refusal("invoice_number"))
    second = Exchange(request(INVOICE), again, None, 0.01)
    assert found(run.judge(first)) == []
    assert found(run.judge(second)) == []
    assert (found(oracle().judge(second)) == []) is (status == 201)


@pytest.mark.parametrize(
    ("sent", "came", "told"),
    [
        ("25 \u2126", "25 \u03a9", ('"25 \\u2126"', '"25 \\u03a9"')),
        ("Zw\u00f6lf", "Zwo\u0308lf", ('"Zw\\u00f6lf"', '"Zwo\\u0308lf"')),
        (
            "a" * 100 + "b" + "a" * 100,
            "a" * 100 + "c" + "a" * 100,
            ('..."aaaaabaaaaaa"', '..."aaaaacaaaaaa"'),
        ),
        ("as sent", "As sent", ('"as sent"', '"As sent"')),
        ("x" * 65, "x" * 64, ("all 65 characters", "the first 64")),
        ("x" + " " * 67, "x" + " " * 63, ("all 68 characters", "the first 64")),
        ("as sent", "as", ('"as sent"', '"as"')),
    ],
    ids=[
        "one sign of two",
        "composed or not",
        "in the middle of a long text",
        "plainly",
        "cut",
        "cut among blanks",
        "a short text that is cut",
    ],
)
def test_texts_that_look_alike_are_told_apart(sent: str, came: str, told: tuple[str, str]) -> None:
    """A reader sees what the difference is, in escapes and without the rest of a long text."""
    sending = request({**INVOICE, "remarks": sent})
    answer = response(201, answer_to({**INVOICE, "remarks": came}))
    (violation,) = judge(sending, answer).violations
    assert (violation.expected, violation.got) == told
