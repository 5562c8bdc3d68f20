"""A 4xx is judged by its shape, and by whether it names the wrong field."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from spec.exchange import Exchange, Request
from spec.operation import PATH
from spec.oracle import Oracle
from tests.exchanges import (
    ANSWERED,
    FACTS,
    FORBIDDEN,
    GOOD,
    HEADERS,
    INVOICE,
    KEY,
    ORDERS,
    WRONG_SKU,
    Headers,
    Json,
    altered,
    drop,
    encoded,
    found,
    judge,
    oracle,
    put,
    refusal,
    refused,
    request,
    response,
)
from tests.versions.catalogue import ALTERATIONS

WRONG = {"code": "INVALID", "message": "The invoice is invalid."}
SHAPE, ACCEPTED, KEYS = "Error shape", "Accepted invalid input", "Authentication"
TYPE = ("Content-Type", "application/json")
Names = list[tuple[str, str]]


@pytest.mark.parametrize(
    "answer",
    [
        refusal("items[1].sku"),
        refusal("sku"),
        refusal("/body/items/1/sku"),
        refusal("InvoiceCreateRequest.Items[1].SKU"),
        refusal("order_id", "items.1.sku"),
        {**refusal("items[1].sku"), "trace_id": None, "status": 400},
        {**WRONG, "details": [{"field": "sku"}, {"reason": "x"}, {}]},
        {**WRONG, "details": [{"field": "sku", "reason": "x", "value": None}]},
    ],
)
def test_a_refusal_that_names_the_field_conforms(answer: Json) -> None:
    """Written in any way, among others, with extra properties and without a reason."""
    assert refused(answer) == []


def test_naming_the_first_of_several_wrong_fields_is_enough() -> None:
    """Many servers stop at the first."""
    both = altered(put("items", 1, "sku", value=5), drop("due_date"))
    assert refused(refusal("due_date"), both) == []
    assert refused(refusal("items[1].sku"), both) == []
    assert refused(refusal("remarks"), both) == [("4xx.details.names", SHAPE)]


def test_naming_an_update_before_its_order_beside_another_fault_is_enough() -> None:
    """A server may look at the dates first; an update that comes later is not wrong."""

    def named(updated: str) -> list[tuple[str, str]]:
        both = altered(put("updated_at", value=updated), drop("items", 1, "amount"))
        return found(judge(request(both), response(400, refusal("updated_at")), ORDERS))

    assert named("2024-12-31T00:00:00Z") == []
    assert named("2026-01-01T00:00:00Z") == [("4xx.details.names", SHAPE)]


def test_naming_what_a_wrong_item_lacks_is_enough() -> None:
    """Of a text in the place of an item many servers say that its sku is missing."""
    no_item = altered(put("items", 1, value="x"))
    assert refused(refusal("items[1].sku"), no_item) == []
    assert refused(refusal("items[0].sku"), no_item) == [("4xx.details.names", SHAPE)]
    assert refused(refusal("remarks"), no_item) == [("4xx.details.names", SHAPE)]


def test_naming_first_what_only_the_reading_refuses_is_enough() -> None:
    """A total that the reading leaves open may be what a server stops at."""
    beyond = altered(put("items", 1, "amount", value="-1"), put("total_amount", value=-(10**16)))
    assert refused(refusal("total_amount"), beyond) == []
    assert refused(refusal("items[1].amount"), beyond) == []
    assert refused(refusal("remarks"), beyond) == [("4xx.details.names", SHAPE)]


def test_naming_a_field_that_may_be_refused_is_enough() -> None:
    """A blank text may be what a server stops at, which agrees with all else."""
    blank = altered(put("items", 1, "sku", value=5), put("remarks", value=" "))
    assert refused(refusal("remarks"), blank) == []
    assert refused(refusal("url"), blank) == [("4xx.details.names", SHAPE)]


@pytest.mark.parametrize(
    "field",
    ["draft", "body.draft", "Invoice.Draft", "", "body", "$", "request", "orderId", "(root)"],
)
def test_naming_an_unknown_property_or_its_object_is_enough(field: str) -> None:
    """A server that refuses those may do so before it looks at any value."""
    beside = altered(
        put("items", 1, "sku", value=5), put("draft", value=True), put("orderId", value="A")
    )
    assert refused(refusal(field), beside) == []
    assert refused(refusal(field)) == [("4xx.details.names", SHAPE)]


@pytest.mark.parametrize("field", ["items[0].unit", "items[0]", "unit", "/items/0"])
def test_naming_an_unknown_property_of_an_item_is_enough(field: str) -> None:
    """Or the item."""
    beside = altered(put("items", 1, "sku", value=5), put("items", 0, "unit", value="kg"))
    assert refused(refusal(field), beside) == []
    assert refused(refusal(field)) == [("4xx.details.names", SHAPE)]
    for other in ("remarks", "items[0].sku", "items[1].name"):
        assert refused(refusal(other), beside) == [("4xx.details.names", SHAPE)]


@pytest.mark.parametrize(("good", "names"), [(999, [("4xx.details[].type", SHAPE)]), (1000, [])])
def test_a_thousand_details_are_judged(good: int, names: Names) -> None:
    """And no more, for a hostile answer has a million."""
    details = [*refusal("items[1].sku")["details"] * good, 5]
    assert refused({**WRONG, "details": details}) == names


@pytest.mark.parametrize(
    "details",
    [
        [],
        [{}],
        [{"reason": "sku is wrong"}],
        [{"field": "", "reason": "x"}],
        [{"field": "items[0].sku", "reason": "x"}],
        [{"field": "items[1].name", "reason": "x"}],
        [{"field": "items", "reason": "x"}],
        [{"field": "body", "reason": "x"}],
    ],
)
def test_a_refusal_that_names_another_field_or_none_is_named(details: Json) -> None:
    """Another position is another field."""
    assert refused({**WRONG, "details": details}) == [("4xx.details.names", SHAPE)]


def test_a_refusal_without_details_is_named_where_a_field_is_wrong() -> None:
    """Where the whole body or the order is wrong, there is no field to name."""
    assert refused(WRONG) == [("4xx.details.names", SHAPE)]
    for body in (b"", b"[]", b"{", b"null"):
        assert refused(WRONG, body) == []
    unknown = altered(put("order_id", value=ORDERS.unknown_order_id))
    verdict = judge(request(unknown), response(404, WRONG), ORDERS)
    assert found(verdict) == []


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (put("code", value=5), ["4xx.code.type"]),
        (put("code", value=None), ["4xx.code.type"]),
        (put("code", value=""), ["4xx.code.minLength"]),
        (drop("code"), ["4xx.code.required"]),
        (put("message", value=["No."]), ["4xx.message.type"]),
        (put("message", value=""), ["4xx.message.minLength"]),
        (drop("message"), ["4xx.message.required"]),
        (put("details", value={}), ["4xx.details.type", "4xx.details.names"]),
        (put("details", value=None), ["4xx.details.type", "4xx.details.names"]),
        (put("details", 0, value="sku"), ["4xx.details[].type", "4xx.details.names"]),
        (put("details", 0, "field", value=None), ["4xx.details[].field.type", "4xx.details.names"]),
        (put("details", 0, "reason", value=5), ["4xx.details[].reason.type"]),
    ],
)
def test_each_keyword_of_an_error_is_named(change: Any, names: list[str]) -> None:
    """The HttpError schema and what the reading adds to it."""
    answer = refusal("items[1].sku")
    change(answer)
    assert refused(answer) == [(name, SHAPE) for name in names]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422, 499])
def test_every_4xx_has_the_shape_of_an_error(status: int) -> None:
    """Documented or not; the wrong status is named besides."""
    named = refused({"error": "x"}, status=status)
    assert ("4xx.code.required", SHAPE) in named
    assert ("4xx.message.required", SHAPE) in named
    wrong = [] if status == 400 else [("4xx.status", "Wrong status")]
    assert named[: len(wrong)] == wrong
    # Another status is wrong already, and its details are no further news.
    assert (("4xx.details.names", SHAPE) in named) is (status == 400)


@pytest.mark.parametrize(
    ("length", "named"), [(65_536, ["4xx.details.names"]), (65_537, [])], ids=["read", "too long"]
)
def test_a_body_refused_for_its_length_needs_no_details(length: int, named: list[str]) -> None:
    """What is wrong in it was not looked for; within 64 KiB it was, and has to be named."""
    long = encoded(WRONG_SKU).ljust(length)
    assert refused(refusal(), long) == [(name, SHAPE) for name in named]


@pytest.mark.parametrize(
    ("body", "headers", "names"),
    [
        (b"", ANSWERED, ["4xx.json"]),
        (b"", (), ["4xx.mediaType", "4xx.json"]),
        (b"Bad Request", (("content-type", "text/plain"),), ["4xx.mediaType", "4xx.json"]),
        (b"<h1>400</h1>", (("content-type", "text/html"),), ["4xx.mediaType", "4xx.json"]),
        (b"{'code': 1}", ANSWERED, ["4xx.json"]),
        (b'{"code": NaN}', ANSWERED, ["4xx.json"]),
        (b"null", ANSWERED, ["4xx.type"]),
        (b'["code"]', ANSWERED, ["4xx.type"]),
        (b'"No."', ANSWERED, ["4xx.type"]),
        (b"[" * 100_000, ANSWERED, ["4xx.json"]),
        (json.dumps(refusal("sku")).encode() * 2, ANSWERED, ["4xx.json"]),
        (b"\xef\xbb\xbf" + json.dumps(refusal("sku")).encode(), ANSWERED, ["4xx.json"]),
        (json.dumps(refusal("sku")).encode()[:-1] + b',"code":"X"}', ANSWERED, ["4xx.json"]),
        (json.dumps(refusal("sku")).encode("utf-16"), ANSWERED, ["4xx.json"]),
    ],
)
def test_what_is_no_json_error_is_named(body: bytes, headers: Headers, names: list[str]) -> None:
    """A framework's own page, a truncated body, two errors in one."""
    assert refused(body, headers=headers) == [(name, SHAPE) for name in names]


@pytest.mark.parametrize(
    ("status", "name", "category"),
    [
        (201, "items[].sku.type", ACCEPTED),
        (200, "items[].sku.type", ACCEPTED),
        (301, "items[].sku.type", "Wrong status"),
        (500, "items[].sku.type", "Server error"),
        (599, "items[].sku.type", "Server error"),
    ],
)
def test_a_broken_invoice_that_is_not_refused_is_named(
    status: int, name: str, category: str
) -> None:
    """By the requirement that it breaks, and by what happened instead."""
    assert refused(refusal("sku"), status=status) == [(name, category)]


@pytest.mark.parametrize(
    ("status", "names"),
    [
        (400, []),
        (404, []),
        (409, [("response.documented", "Wrong status")]),
        (422, [("response.documented", "Wrong status")]),
        (413, [("response.documented", "Wrong status")]),
        (200, [("response.status", "Wrong status")]),
        (302, [("response.status", "Wrong status")]),
        (500, [("response.status", "Server error")]),
    ],
)
def test_an_unspecified_invoice_may_be_refused_as_documented(status: int, names: Names) -> None:
    """Another 4xx is undocumented; a redirect, another success and a 5xx are never right."""
    assert refused(WRONG, altered(put("colour", value="red")), status=status) == names


@pytest.mark.parametrize(
    ("sent", "status", "names"),
    [
        ((TYPE,), 401, []),
        ((TYPE,), 201, [("security.key", KEYS)]),
        ((TYPE,), 403, [("security.key", KEYS)]),
        ((TYPE,), 302, [("security.key", KEYS)]),
        ((TYPE,), 400, [("security.first", KEYS)]),
        ((TYPE,), 500, [("security.key", "Server error")]),
        ((TYPE, ("X-API-Key", FORBIDDEN)), 403, []),
        ((TYPE, ("X-API-Key", FORBIDDEN)), 400, []),
        (
            (TYPE, ("X-API-Key", FORBIDDEN)),
            401,
            [("security.right", KEYS), ("items[].sku.type", "Wrong status")],
        ),
        ((("X-API-Key", KEY),), 415, []),
    ],
)
def test_a_wrong_key_is_judged_before_a_wrong_body(
    sent: Headers, status: int, names: Names
) -> None:
    """A body that was looked at first is a finding of its own."""
    assert refused(refusal("items[1].sku"), status=status, sent=sent) == names


def test_a_wrong_key_with_a_valid_invoice_is_named_alone() -> None:
    """A 400 for a valid invoice is no order of checks."""
    assert refused(WRONG, INVOICE, sent=(TYPE,)) == [("security.key", KEYS)]


def test_another_method_is_refused_with_any_4xx_or_501() -> None:
    """405, 404 and 501 (RFC 9110, 9.1) alike; success, a redirect or another 5xx is wrong."""
    sent = request(INVOICE)
    for status, names in (
        (405, []),
        (404, []),
        (418, []),
        (200, [("request.method", ACCEPTED)]),
        (301, [("request.method", "Wrong status")]),
        (501, []),
        (500, [("request.method", "Server error")]),
        (502, [("request.method", "Server error")]),
    ):
        put_request = type(sent)("PUT", sent.path, sent.headers, sent.body)
        assert found(judge(put_request, response(status, WRONG))) == names


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        (("items[1].sku",), []),
        (("items[1].sku", "items"), []),
        (("items[1].sku", "total_amount"), []),
        (("due_date", "items[1].sku"), [("4xx.details.names", SHAPE)]),
    ],
)
def test_what_only_the_request_before_had_wrong_is_not_told_again(
    fields: tuple[str, ...], names: Names
) -> None:
    """A consequence of what is wrong may be told with it, but nothing of another request."""
    before = request(altered(drop("due_date")))
    sent, came = request(WRONG_SKU), response(400, refusal(*fields))
    verdict = oracle().judge(Exchange(sent, came, None, 0.01), before=before)
    assert found(verdict) == names
    words = "one that names due_date, which only the request before had wrong"
    told = [(one.location, one.expected, one.got) for one in verdict.violations]
    assert told == [(("due_date",), "details of this request alone", words)] * len(names)
    assert found(oracle().judge(Exchange(sent, came, None, 0.01), before=sent)) == []


def test_a_field_that_may_be_of_either_request_is_that_of_this_one() -> None:
    """A server that names no index means the item that is wrong, wherever it is."""
    before = request(altered(put("items", 1, "sku", value="x" * 256)))
    sent = request(altered(put("items", 0, "sku", value="x" * 256)))
    for field, count in (("sku", 0), ("items.sku", 0), ("items[1].sku", 1)):
        came = response(400, refusal(field, "items[0].sku"))
        assert len(found(oracle().judge(Exchange(sent, came, None, 0.01), before=before))) == count


def test_where_a_refusal_need_name_nothing_it_may_name_what_was_wrong_before() -> None:
    """An invoice that may be refused, or that was sent before, is wrong in ways nobody knows."""
    before, came = request(altered(drop("due_date"))), response(400, refusal("due_date", "sku"))
    unspecified = request(altered(put("colour", value="red")))
    assert found(oracle().judge(Exchange(unspecified, came, None, 0.01), before=before)) == []
    again, judging = Exchange(request(WRONG_SKU), came, None, 0.01), oracle()
    told = [("4xx.details.names", SHAPE)]
    assert found(judging.judge(again, before=before)) == told
    first = Exchange(request(INVOICE), response(201, GOOD), None, 0.01)
    assert found(judging.judge(first)) == []
    assert found(judging.judge(again, before=before)) == []


def test_what_the_request_before_had_wrong_is_told_in_the_order_of_its_places() -> None:
    """An item is before one that comes later."""
    items = [{**INVOICE["items"][0], "reference_id": f"I-{n}"} for n in range(11)]
    wrong = altered(put("items", value=items))
    for index in (2, 10):
        put("items", index, "sku", value=5)(wrong)
    before, came = (
        request(wrong),
        response(400, refusal("due_date", "items[10].sku", "items[2].sku")),
    )
    exchange = Exchange(request(altered(drop("due_date"))), came, None, 0.01)
    verdict = oracle().judge(exchange, before=before)
    assert [one.at for one in verdict.violations] == ["items[2].sku", "items[10].sku"]


@pytest.mark.parametrize(("total", "named"), [(b"1e400", False), (b"1e300", True)])
def test_a_number_that_no_double_holds_needs_no_details(
    total: bytes,
    named: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
) -> None:
    """Where the total has a limit, it is wrong; but to many a reader the body is no JSON."""
    loaded = ALTERATIONS["a total of at most 1000"].load(tmp_path)
    body = re.sub(rb'"total_amount": ?[0-9.]+', b'"total_amount":' + total, encoded(INVOICE))
    sent = Request("POST", PATH, HEADERS, body)
    exchange = Exchange(sent, response(400, refusal(), ANSWERED), None, 0.01)
    found_there = [one.requirement.name for one in Oracle(loaded, FACTS).judge(exchange).violations]
    assert found_there == (["4xx.details.names"] if named else [])
