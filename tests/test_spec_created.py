"""A 201 is judged to the letter: status, media type, strict JSON, schema, echo, sums and ids."""

import json
from copy import deepcopy
from typing import Any

import pytest

from spec.exchange import Exchange
from tests.exchanges import (
    ANSWERED,
    CONTRACT,
    INVOICE,
    Bend,
    Json,
    bent,
    created,
    drop,
    found,
    invoice,
    judge,
    oracle,
    put,
    request,
    response,
    uuid,
)

GOOD = created(INVOICE)
TEXT = json.dumps(GOOD).encode()
Place = tuple[str | int, ...]


def departures(
    answer: Json, payload: Json = INVOICE, status: int = 201, headers: Any = ANSWERED
) -> list[tuple[str, str]]:
    """Requirement and category of each departure of that answer."""
    return found(judge(request(payload), response(status, answer, headers)))


def answered(*bends: Bend) -> dict[str, Any]:
    """The good answer, bent."""
    answer = deepcopy(GOOD)
    for bend in bends:
        bend(answer)
    return answer


def replaced(old: str, new: str) -> bytes:
    """The good answer's bytes with something replaced."""
    assert TEXT.count(old.encode()) == 1
    return TEXT.replace(old.encode(), new.encode())


ECHOED = [name for name in INVOICE if name != "items"]
ITEM_ECHOED = [name for name in INVOICE["items"][0] if name != "sku"]


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        json.dumps(GOOD, indent=4).encode(),
        json.dumps(GOOD, ensure_ascii=False).encode(),
        answered(put("success", value=True), put("data", "customer", value=None)),
        answered(
            put("data", "items", 0, "sku", value="S-9"), drop("data", "items", 1, "product_id")
        ),
        answered(drop("data", "items", 0, "item_total"), drop("data", "items", 1, "item_total")),
        answered(put("data", "due_date", value="2025-07-01T02:00:00.000+02:00")),
        answered(put("data", "created_at", value="2025-06-01t12:00:00.000000000z")),
        answered(put("data", "updated_at", value="2025-06-02 12:00:00+00:00")),
        answered(put("data", "id", value=uuid(1).upper())),
        replaced('"total_amount": 269.96', '"total_amount": 269.9600'),
        replaced('"total_amount": 269.96', '"total_amount": 2.6996e2'),
        replaced('"total_amount": 269.96', '"total_amount": 269.95999999999997954'),
        replaced('"paid_amount": 100', '"paid_amount": 100.0'),
        replaced('"paid_amount": 100', '"paid_amount": 1E+2'),
        replaced('"quantity": 4', '"quantity": 4.0'),
        answered(put("data", "items", 0, "item_total", value=199.96 + 0.004)),
        replaced('"item_total": 199.96', '"item_total": 199.965'),
        replaced('"item_total": 199.96', '"item_total": 199.955'),
    ],
)
def test_a_good_answer_conforms(answer: Json) -> None:
    """Extra properties, dates and numbers respelled, optional ones left out: all fine."""
    assert departures(answer) == []


@pytest.mark.parametrize(
    "headers",
    [
        (("content-type", "application/json; charset=utf-8"),),
        (("content-type", "Application/JSON"),),
        (("content-type", "application/json ;x=y"), ("x-anything", "\xff" * 100)),
        (("set-cookie", "a=b"), ("content-type", "application/json"), ("location", "/v1/x")),
    ],
)
def test_extra_headers_and_parameters_are_fine(headers: Any) -> None:
    """The media type's case and parameters do not count."""
    assert departures(GOOD, headers=headers) == []


def test_properties_not_sent_may_be_absent_or_filled_in() -> None:
    """A filled-in value only has to be of the right type; a status, one of the four."""
    optional = ("status", "remarks", "url", "created_at", "updated_at")
    payload = bent(*[drop(name) for name in optional])
    assert departures(created(payload), payload) == []
    assert departures(GOOD, payload) == []
    filled = created(payload)
    put("data", "status", value="DRAFT")(filled)
    put("data", "remarks", value=5)(filled)
    assert sorted(departures(filled, payload)) == [
        ("201.data.remarks.type", "Answer shape"),
        ("201.data.status.enum", "Answer shape"),
    ]


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (200, "Wrong status"),
        (202, "Wrong status"),
        (204, "Wrong status"),
        (100, "Wrong status"),
        (301, "Wrong status"),
        (307, "Wrong status"),
        (500, "Server error"),
        (502, "Server error"),
        (999, "Server error"),
    ],
)
def test_another_status_than_201_is_named(status: int, category: str) -> None:
    """Success of another kind, a redirect and a server error each have their category."""
    assert departures(GOOD, status=status) == [("201.status", category)]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_of_a_sound_invoice_is_named(status: int) -> None:
    """Whatever the 4xx, valid input was refused."""
    refused = {"code": "X", "message": "No."}
    assert departures(refused, status=status) == [("201.status", "Refused valid input")]


SHAPE = "Answer shape"


@pytest.mark.parametrize(
    ("body", "headers", "names"),
    [
        (b"", ANSWERED, ["201.json"]),
        (b"", (), ["201.mediaType", "201.json"]),
        (TEXT, (), ["201.mediaType"]),
        (TEXT, (("content-type", "text/html"),), ["201.mediaType"]),
        (TEXT, (("content-type", "application/problem+json"),), ["201.mediaType"]),
        (b"<html>Created</html>", (("content-type", "text/html"),), ["201.mediaType", "201.json"]),
        (b"Created", ANSWERED, ["201.json"]),
        (TEXT[:-1], ANSWERED, ["201.json"]),
        (TEXT + TEXT, ANSWERED, ["201.json"]),
        (TEXT.replace(b"269.96,", b"NaN,"), ANSWERED, ["201.json"]),
        (TEXT.replace(b'"', b"'"), ANSWERED, ["201.json"]),
        (TEXT.replace(b"Zw", b"\xff"), ANSWERED, ["201.json"]),
        (TEXT.decode().encode("utf-16"), ANSWERED, ["201.json"]),
        (b"\xef\xbb\xbf" + TEXT, ANSWERED, ["201.json"]),
        (TEXT[:-1] + b',"data":' + TEXT[9:], ANSWERED, ["201.json"]),
        (TEXT[:-1] + b',"a":1,"a":1}', ANSWERED, ["201.json"]),
        (TEXT[:-1] + rb',"a":"\ud800"}', ANSWERED, ["201.json"]),
        (b"[" * 100_000, ANSWERED, ["201.json"]),
        (b"null", ANSWERED, ["201.type"]),
        (b"[]", ANSWERED, ["201.type"]),
        (b'"ok"', ANSWERED, ["201.type"]),
        (b"{}", ANSWERED, ["201.data.required"]),
        (b'{"data": null}', ANSWERED, ["201.data.type"]),
        (b'{"data": []}', ANSWERED, ["201.data.type"]),
        (json.dumps(GOOD["data"]).encode(), ANSWERED, ["201.data.required"]),
    ],
)
def test_what_is_no_json_answer_is_named_once(body: bytes, headers: Any, names: list[str]) -> None:
    """Media type, strict JSON and the outermost shape; nothing is blamed twice."""
    assert departures(body, headers=headers) == [(name, SHAPE) for name in names]


@pytest.mark.parametrize("name", ["id", *ECHOED, "items"])
def test_null_is_of_the_wrong_type_everywhere(name: str) -> None:
    """Nothing is nullable in the document's answers."""
    names = {f"201.data.{name}.type"} | ({"201.data.status.enum"} if name == "status" else set())
    assert dict(departures(answered(put("data", name, value=None)))) == dict.fromkeys(names, SHAPE)


@pytest.mark.parametrize("name", [*ITEM_ECHOED, "id", "product_id", "item_total"])
@pytest.mark.parametrize("value", [None, [], {}, True])
def test_a_wrong_type_in_an_item_is_named(name: str, value: Json) -> None:
    """With its position."""
    verdict = judge(
        request(INVOICE), response(201, answered(put("data", "items", 1, name, value=value)))
    )
    assert found(verdict) == [(f"201.data.items[].{name}.type", SHAPE)]
    assert verdict.departures[0].place == ("data", "items", 1, name)


@pytest.mark.parametrize("name", ECHOED)
def test_a_property_that_does_not_come_back_is_named(name: str) -> None:
    """Each property of the request that the answer's schema has is echoed."""
    assert departures(answered(drop("data", name))) == [(f"201.data.{name}.echo", "Echo mismatch")]


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
    assert departures(answer) == [(f"201.data.{name}.echo", "Echo mismatch")]


@pytest.mark.parametrize("name", ECHOED)
def test_a_property_that_comes_back_of_another_type_is_the_schemas(name: str) -> None:
    """A number as text or text as a number breaks the type, and is not blamed twice."""
    value = str(INVOICE[name]) if isinstance(INVOICE[name], int | float) else 5
    named = departures(answered(put("data", name, value=value)))
    assert (f"201.data.{name}.type", SHAPE) in named
    assert not [requirement for requirement, _ in named if requirement.endswith("echo")]


@pytest.mark.parametrize("name", ITEM_ECHOED)
def test_an_items_property_that_is_dropped_or_changed_is_named(name: str) -> None:
    """At its own position; a changed quantity or amount does not move the expected sum."""
    echo = (f"201.data.items[].{name}.echo", "Echo mismatch")
    assert departures(answered(drop("data", "items", 1, name))) == [echo]
    value = INVOICE["items"][1][name]
    other = value + 1 if isinstance(value, int | float) else value.lower()
    verdict = judge(
        request(INVOICE), response(201, answered(put("data", "items", 1, name, value=other)))
    )
    assert found(verdict) == [echo]
    assert verdict.departures[0].place == ("data", "items", 1, name)


def test_reordered_items_break_the_echo_of_what_differs() -> None:
    """Order comes back as sent."""
    answer = answered()
    answer["data"]["items"].reverse()
    names = {name for name, _ in departures(answer)}
    assert names == {
        *(f"201.data.items[].{name}.echo" for name in ITEM_ECHOED),
        "201.data.items[].item_total.product",
    }


@pytest.mark.parametrize(
    "items", [[], GOOD["data"]["items"][:1], [*GOOD["data"]["items"], {"id": uuid(9)}]]
)
def test_fewer_or_more_items_are_named(items: list[Json]) -> None:
    """The number comes back as sent."""
    answer = answered(put("data", "items", value=items))
    assert departures(answer) == [("201.data.items.echo", "Echo mismatch")]


def test_items_that_do_not_come_back_are_named_once() -> None:
    """The list is missing, not each thing in it."""
    assert departures(answered(drop("data", "items"))) == [("201.data.items.echo", "Echo mismatch")]


PRODUCT = [("201.data.items[].item_total.product", "Echo mismatch")]


@pytest.mark.parametrize(
    "total", ["199.97", "199.95", "199.9650001", "0", "-199.96", "49.99", "1e400"]
)
def test_a_wrong_item_total_is_named(total: str) -> None:
    """Off by more than half a cent, whatever the size."""
    assert departures(replaced('"item_total": 199.96', f'"item_total": {total}')) == PRODUCT


@pytest.mark.parametrize(
    "total", ["1e99999999999999999999", "9" * 5000, "1e-99999999999999999999", "1E+999999", "1e400"]
)
def test_an_absurd_item_total_is_named(total: str) -> None:
    """No exponent upsets the arithmetic."""
    assert departures(replaced('"item_total": 199.96', f'"item_total": {total}')) == PRODUCT


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
    payload = bent(put("items", value=[item]), put("total_amount", value=999_999_990_000))
    answer = created(payload)
    put("data", "items", 0, "item_total", value="here")(answer)
    body = json.dumps(answer).replace('"here"', total).encode()
    assert departures(body, payload) == names


@pytest.mark.parametrize(
    "value", ["12345", "", "01f5d171d3e34b2bbd570727194b5bed", uuid(1) + "0", "x" * 36]
)
def test_an_id_that_is_no_uuid_is_named(value: str) -> None:
    """For the invoice and for each item."""
    assert departures(answered(put("data", "id", value=value))) == [("201.data.id.format", SHAPE)]
    assert departures(answered(put("data", "items", 0, "id", value=value))) == [
        ("201.data.items[].id.format", SHAPE)
    ]


def test_a_missing_id_is_named() -> None:
    """For the invoice and for each item."""
    assert departures(answered(drop("data", "id"))) == [("201.data.id.required", SHAPE)]
    assert departures(answered(drop("data", "items", 1, "id"))) == [
        ("201.data.items[].id.required", SHAPE)
    ]


UNIQUE, ITEM_UNIQUE = "201.data.id.unique", "201.data.items[].id.unique"


@pytest.mark.parametrize(
    ("bend", "name"),
    [
        (put("data", "items", 1, "id", value=uuid(2)), ITEM_UNIQUE),
        (put("data", "items", 0, "id", value=uuid(1)), ITEM_UNIQUE),
    ],
    ids=["of two items", "of invoice and item"],
)
def test_an_id_that_repeats_in_one_answer_is_named(bend: Bend, name: str) -> None:
    """Each id is somebody's own."""
    assert departures(answered(bend)) == [(name, "Echo mismatch")]


@pytest.mark.parametrize(
    ("bends", "names"),
    [
        ([], [UNIQUE, ITEM_UNIQUE, ITEM_UNIQUE]),
        ([put("data", "id", value=uuid(7))], [ITEM_UNIQUE, ITEM_UNIQUE]),
        ([put("data", "items", n, "id", value=uuid(8 + n)) for n in (0, 1)], [UNIQUE]),
        ([put("data", "items", 0, "id", value=uuid(8))], [UNIQUE, ITEM_UNIQUE]),
    ],
)
def test_an_id_that_repeats_in_another_answer_is_named(bends: list[Bend], names: list[str]) -> None:
    """An oracle remembers the ids of its run; another one knows nothing of them."""
    run = oracle()
    first = Exchange(request(INVOICE), response(201, GOOD), None, 0.01)
    second = Exchange(request(INVOICE), response(201, answered(*bends)), None, 0.01)
    assert found(run.judge(first)) == []
    assert found(run.judge(second)) == [(name, "Echo mismatch") for name in names]
    assert found(oracle().judge(second)) == []


def test_a_201_for_an_unspecified_invoice_is_judged_without_its_echo() -> None:
    """Its schema and strict JSON count; what came back does not."""
    payload = bent(put("colour", value="red"))
    answer = answered(put("data", "remarks", value="other"), put("data", "id", value=uuid(5)))
    assert departures(answer, payload) == []
    put("data", "paid_amount", value="100")(answer)
    assert departures(answer, payload) == [("201.data.paid_amount.type", SHAPE)]
    assert departures(b"{", payload) == [("201.json", SHAPE)]


@pytest.mark.parametrize(
    "oddity",
    [
        b'"colour": "\\ud800"',
        b'"colour": 1, "colour": 2',
        b'"colour": ' + b"[" * 300 + b"]" * 300,
    ],
    ids=["lone surrogate", "duplicate names", "depth"],
)
def test_an_answer_may_be_as_odd_as_what_it_repeats(oddity: bytes) -> None:
    """A server that passes an unknown property through is not to blame for what is in it."""
    sent = json.dumps(INVOICE).encode()[:-1] + b", " + oddity + b"}"
    assert departures(TEXT[:-2] + b", " + oddity + b"}}", sent) == []
    assert departures(TEXT[:-2] + b", " + oddity + b"}}") == [("201.json", SHAPE)]


def test_a_201_for_a_broken_invoice_is_accepted_invalid_input() -> None:
    """The broken requirement is named, and the answer's shape is nobody's concern then."""
    assert departures(b"{", bent(drop("due_date"))) == [
        ("due_date.required", "Accepted invalid input")
    ]
    both = departures(GOOD, bent(drop("due_date"), put("items", 1, "sku", value=5)))
    assert sorted(both) == [
        ("due_date.required", "Accepted invalid input"),
        ("items[].sku.type", "Accepted invalid input"),
    ]


def test_a_fault_of_http_is_a_protocol_departure() -> None:
    """No response, and the sentence about the bytes seen is what was got."""
    exchange = Exchange(request(invoice()), None, "The status line is 'HTTP/x'.", 0.01)
    verdict = oracle().judge(exchange)
    assert found(verdict) == [("response.http", "Protocol")]
    assert verdict.departures[0].got == "The status line is 'HTTP/x'."


def test_every_departure_says_what_was_expected_and_got() -> None:
    """In words, short enough to read, whatever the size of the value."""
    answer = answered(
        put("data", "remarks", value="x" * 10_000), put("data", "id", value=[1] * 9999)
    )
    departed = judge(request(INVOICE), response(201, answer)).departures
    assert len(departed) == 2
    assert all(1 <= len(one.expected) <= 200 and 1 <= len(one.got) <= 200 for one in departed)
    assert all(one.requirement in CONTRACT.requirements for one in departed)
