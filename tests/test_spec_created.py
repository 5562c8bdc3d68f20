"""A 201 is judged to the letter: status, media type, strict JSON and schema."""

import json
from pathlib import Path
from typing import Any

import pytest

from spec.exchange import Exchange
from spec.oracle import Oracle
from tests.exchanges import (
    ANSWERED,
    CONTRACT,
    FACTS,
    GOOD,
    HEADERS,
    INVOICE,
    Json,
    altered,
    answer_to,
    answered,
    drop,
    found,
    invoice,
    judge,
    oracle,
    put,
    request,
    response,
    uuid,
    violations,
)
from tests.versions.catalogue import ALTERATIONS
from tests.versions.edited import judged
from tests.versions.parts import Alteration, Parts

TEXT = json.dumps(GOOD).encode()
Location = tuple[str | int, ...]


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
    """Extra properties, others left out, dates and numbers written in another way: all fine."""
    assert violations(answer) == []


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
    assert violations(GOOD, headers=headers) == []


def test_properties_not_sent_may_be_absent_or_filled_in() -> None:
    """A filled-in value only has to be of the right type; a status, one of the four."""
    optional = ("status", "remarks", "url", "created_at", "updated_at")
    payload = altered(*[drop(name) for name in optional])
    assert violations(answer_to(payload), payload) == []
    assert violations(GOOD, payload) == []
    filled = answer_to(payload)
    put("data", "status", value="DRAFT")(filled)
    put("data", "remarks", value=5)(filled)
    assert sorted(violations(filled, payload)) == [
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
    assert violations(GOOD, status=status) == [("201.status", category)]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_of_a_valid_invoice_is_named(status: int) -> None:
    """Whatever the 4xx, valid input was refused."""
    refused = {"code": "X", "message": "No."}
    assert violations(refused, status=status) == [("201.status", "Refused valid input")]


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
    assert violations(body, headers=headers) == [(name, SHAPE) for name in names]


@pytest.mark.parametrize("name", ["id", *ECHOED, "items"])
def test_null_is_of_the_wrong_type_everywhere(name: str) -> None:
    """Nothing is nullable in the document's answers."""
    names = {f"201.data.{name}.type"} | ({"201.data.status.enum"} if name == "status" else set())
    assert dict(violations(answered(put("data", name, value=None)))) == dict.fromkeys(names, SHAPE)


@pytest.mark.parametrize("name", [*ITEM_ECHOED, "id", "product_id", "item_total"])
@pytest.mark.parametrize("value", [None, [], {}, True])
def test_a_wrong_type_in_an_item_is_named(name: str, value: Json) -> None:
    """With its position."""
    verdict = judge(
        request(INVOICE), response(201, answered(put("data", "items", 1, name, value=value)))
    )
    assert found(verdict) == [(f"201.data.items[].{name}.type", SHAPE)]
    assert verdict.violations[0].location == ("data", "items", 1, name)


def test_a_201_for_an_unspecified_invoice_is_judged_like_another() -> None:
    """Its schema, strict JSON and the echo of all that is specified count."""
    payload = altered(put("colour", value="red"))
    answer = answered(put("data", "id", value=uuid(5)))
    assert violations(answer, payload) == []
    put("data", "remarks", value="other")(answer)
    assert violations(answer, payload) == [("201.data.remarks.echo", "Echo mismatch")]
    put("data", "remarks", value=payload["remarks"])(answer)
    put("data", "paid_amount", value="100")(answer)
    assert violations(answer, payload) == [("201.data.paid_amount.type", SHAPE)]
    assert violations(b"{", payload) == [("201.json", SHAPE)]


@pytest.mark.parametrize(
    "oddity",
    [b'"remarks": "\\ud800"', b'"colour": "\\ud800"', b'"\\ud800": 1', b'"colour": 1, "colour": 2'],
    ids=["a text", "an unknown property", "a name", "duplicate names"],
)
def test_beside_an_odd_text_another_value_is_as_open_as_ever(oddity: bytes) -> None:
    """A date that is none may come back as another one; what is in order comes back as it was."""
    late = {name: value for name, value in INVOICE.items() if name not in ("remarks", "due_date")}
    sent = json.dumps({**late, "due_date": "2024-01-01T00:00:00.123456789+99:00"}).encode()
    answer = answer_to({**late, "due_date": "2024-01-01T00:00:00Z"})
    came = json.dumps(answer).encode()
    assert violations(came, sent[:-1] + b", " + oddity + b"}") == []
    put("data", "invoice_number", value="another")(answer)
    assert violations(answer, sent[:-1] + b", " + oddity + b"}") == [
        ("201.data.invoice_number.echo", "Echo mismatch")
    ]


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
    assert violations(TEXT[:-2] + b", " + oddity + b"}}", sent) == []
    assert violations(TEXT[:-2] + b", " + oddity + b"}}") == [("201.json", SHAPE)]


def test_a_member_that_is_not_listed_for_an_answer_may_come_back(tmp_path: Path) -> None:
    """Where the request has it; no other one may, and nothing else that is wrong."""
    listed = {"type": "string", "enum": ["A", "B"]}

    def edit(parts: Parts) -> None:
        parts.add("colour", listed)
        parts.answer["properties"]["colour"].update(enum=["A"], maxLength=2)

    loaded, payload = Alteration(edit).load(tmp_path), altered(put("colour", value="B"))
    for colour, keywords in (("B", []), ("A", ["echo"]), ("C", ["enum", "echo"])):
        verdict = judged(loaded, payload, answer_to({**payload, "colour": colour}))
        assert [one.requirement.keyword for one in verdict.violations] == keywords
    verdict = judged(loaded, altered(put("colour", value="BBB")), answer_to(payload))
    assert [str(one.category) for one in verdict.violations] == ["Accepted invalid input"]


def test_of_an_empty_invoice_the_ids_and_dates_of_the_answer_are_judged(tmp_path: Path) -> None:
    """Of one that nobody but the server can read they are not."""
    loaded = ALTERATIONS["nothing required"].load(tmp_path)
    answer = {"data": {"id": uuid(1), "items": [{"id": uuid(1)}], "created_at": "noon"}}
    names = ["201.data.created_at.date-time", "201.data.items[].id.unique"]
    assert [one.requirement.name for one in judged(loaded, {}, answer).violations] == names
    coded = request(INVOICE, (*HEADERS, ("Content-Encoding", "br")))
    exchange = Exchange(coded, response(201, answer), None, 0.01)
    assert found(Oracle(loaded, FACTS).judge(exchange)) == []


@pytest.mark.parametrize("body", [b"[]", b'"ok"', b"null", b'{"data": []}'])
def test_where_no_invoice_came_back_no_echo_was_judged(body: bytes) -> None:
    """Each of its properties is still to be observed."""
    judged_names = judge(request(INVOICE), response(201, body)).judged
    assert [name for name in judged_names if name.endswith(".echo")] == []


def test_a_201_for_a_broken_invoice_is_accepted_invalid_input() -> None:
    """The broken requirement is named, and the answer's shape is nobody's concern then."""
    assert violations(b"{", altered(drop("due_date"))) == [
        ("due_date.required", "Accepted invalid input")
    ]
    both = violations(GOOD, altered(drop("due_date"), put("items", 1, "sku", value=5)))
    assert sorted(both) == [
        ("due_date.required", "Accepted invalid input"),
        ("items[].sku.type", "Accepted invalid input"),
    ]


@pytest.mark.parametrize(
    ("fault", "got"),
    [
        ("The status line is 'HTTP/x'.", "none: the status line is 'HTTP/x'."),
        ("TLS ended.", "none: TLS ended."),
    ],
)
def test_a_fault_of_http_is_a_protocol_violation(fault: str, got: str) -> None:
    """No response, and the sentence about the bytes seen says why there is none."""
    verdict = oracle().judge(Exchange(request(invoice()), None, fault, 0.01))
    assert found(verdict) == [("response.http", "Protocol")]
    assert verdict.violations[0].got == got


def test_every_violation_says_what_was_expected_and_got() -> None:
    """In words, short enough to read, whatever the size of the value."""
    answer = answered(
        put("data", "remarks", value="x" * 10_000), put("data", "id", value=[1] * 9999)
    )
    wrong = judge(request(INVOICE), response(201, answer)).violations
    assert len(wrong) == 2
    assert all(1 <= len(one.expected) <= 200 and 1 <= len(one.got) <= 200 for one in wrong)
    assert all(one.requirement in CONTRACT.requirements for one in wrong)
