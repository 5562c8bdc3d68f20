"""What a verdict says was judged: a requirement is observed when it was judged, and only then."""

from typing import Any

import pytest

from spec.coverage import Coverage
from spec.exchange import Exchange, HttpFault, Request, Response
from spec.oracle import Verdict
from tests.exchanges import (
    CONTRACT,
    GOOD,
    HEADERS,
    INVOICE,
    WRONG_SKU,
    altered,
    answered,
    drop,
    encoded,
    judge,
    oracle,
    put,
    refusal,
    request,
    response,
)

TEXT = (("content-type", "text/plain"),)


def _of_a_method() -> Verdict:
    sent = Request("PUT", "/v1/invoices", HEADERS, encoded(INVOICE))
    return judge(sent, response(405, b"no", TEXT))


def test_the_shape_of_an_answer_to_another_method_is_not_judged() -> None:
    """The document says nothing of it, so the run has not observed it."""
    verdict = _of_a_method()
    assert verdict.violations == ()
    assert {"request.method", "response.http", "4xx.leak"} <= verdict.judged
    assert not {"4xx.mediaType", "4xx.json", "4xx.status"} & verdict.judged


def test_details_are_judged_only_where_a_field_is_wrong() -> None:
    """A refused key names no field, so its details say nothing of that requirement."""
    keyless = judge(request(INVOICE, HEADERS[:1]), response(401, refusal("sku")))
    assert {"security.key", "4xx.json", "4xx.details.type"} <= keyless.judged
    assert "4xx.details.names" not in keyless.judged
    wrong = judge(request(WRONG_SKU), response(400, refusal("items[1].sku")))
    assert {"items[].sku.type", "4xx.details.names", "4xx.status"} <= wrong.judged


def test_no_answer_says_only_that_there_was_none() -> None:
    """Neither its status nor its shape was seen."""
    verdict = oracle().judge(Exchange(request(INVOICE), None, "It closed.", 0.1))
    assert verdict.judged == {"response.http"}


def test_a_closed_connection_that_is_allowed_says_nothing() -> None:
    """A server may close on a body over 1 MiB before it answers."""
    sent = request(b" " * (2 * 1024 * 1024))
    verdict = oracle().judge(Exchange(sent, None, "It closed.", 0.1, HttpFault.CLOSED))
    assert verdict.judged == frozenset()


def test_a_body_that_is_not_json_says_nothing_of_its_schema() -> None:
    """Only that it is not JSON was seen."""
    verdict = judge(request(INVOICE), response(201, b"<html>"))
    assert {"201.status", "201.json", "201.mediaType"} <= verdict.judged
    assert not {name for name in verdict.judged if name.startswith("201.data")}


FILLED_IN = {"201.data.created_at.date-time", "201.data.updated_at.date-time"}
"""On a date that the server fills in; one that was sent has an echo instead."""


def test_a_full_answer_has_every_requirement_on_it_judged() -> None:
    """A created invoice with all properties leaves nothing of its echo and shape unobserved."""
    verdict = judge(request(INVOICE), response(201, GOOD))
    on_it = {each.name for each in CONTRACT.requirements if each.part == "201"}
    assert on_it - verdict.judged == FILLED_IN


def test_dates_that_the_server_fills_in_are_judged() -> None:
    """Those two are observed where they were not sent, and came back."""
    dates = ("created_at", "updated_at")
    sent = {key: value for key, value in INVOICE.items() if key not in dates}
    assert judge(request(sent), response(201, GOOD)).judged >= FILLED_IN
    data = {key: value for key, value in GOOD["data"].items() if key not in dates}
    assert FILLED_IN.isdisjoint(judge(request(sent), response(201, {"data": data})).judged)


def test_the_head_of_an_answer_is_judged_where_it_was_seen() -> None:
    """Framing and fields from the bytes, and what a 405 allows."""
    head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n"
    seen = judge(request(INVOICE), Response(201, HEADERS[:1], encoded(GOOD), head)).judged
    assert {"response.framing", "response.fields"} <= seen
    assert "4xx.allow" not in seen
    unseen = judge(request(INVOICE), response(201, GOOD)).judged
    assert not {"response.framing", "response.fields", "4xx.allow"} & unseen


@pytest.mark.parametrize("name", ["remarks", "status"])
def test_the_echo_of_what_was_not_sent_is_not_judged(name: str) -> None:
    """Its absence was not asked for."""
    sent = {key: value for key, value in INVOICE.items() if key != name}
    data = {key: value for key, value in GOOD["data"].items() if key != name}
    verdict = judge(request(sent), Response(201, HEADERS, encoded({"data": data})))
    assert f"201.data.{name}.echo" not in verdict.judged


def judged(answer: Any, sent: Any = INVOICE, part: str = "201") -> set[str]:
    """What an answer's body covers, of a run that has seen no other."""
    return {*Coverage(CONTRACT).judged(part, answer, sent)}


ALL = judged(GOOD)


@pytest.mark.parametrize(
    ("answer", "sent", "unseen"),
    [
        (answered(drop("data", "remarks")), INVOICE, ["remarks.type", "remarks.echo"]),
        (GOOD, altered(drop("remarks")), ["remarks.echo"]),
        (answered(drop("data", "id")), INVOICE, ["id.type", "id.format", "id.unique"]),
        (
            answered(drop("data", "items", 0, "item_total")),
            INVOICE,
            ["items[].item_total.type", "items[].item_total.product"],
        ),
        (
            answered(drop("data", "items", 0, "id")),
            INVOICE,
            ["items[].id.type", "items[].id.format", "items[].id.unique"],
        ),
    ],
)
def test_what_is_missing_on_one_side_is_not_judged(
    answer: Any, sent: Any, unseen: list[str]
) -> None:
    """That it has to be there still is, and so is all that is there."""
    assert ALL - judged(answer, sent) == {f"201.data.{name}" for name in unseen}


@pytest.mark.parametrize("items", [[], "none", None, {}])
def test_without_an_item_nothing_of_items_is_judged(items: Any) -> None:
    """But that there should be a list of them."""
    covered = judged(answered(put("data", "items", value=items)))
    assert ALL - covered == {name for name in ALL if "items[]" in name}


def test_without_a_payload_no_echo_is_judged() -> None:
    """The shape of the answer is."""
    kinds = ("echo", "product", "unique")
    assert ALL - judged(GOOD, None) == {name for name in ALL if name.endswith(kinds)}


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ([], {"201.type", "201.data.required"}),
        ({}, {"201.type", "201.data.required"}),
        ({"data": 1}, {"201.type", "201.data.required", "201.data.type", "201.data.id.required"}),
    ],
)
def test_what_is_required_is_judged_where_its_holder_is_there(answer: Any, names: set[str]) -> None:
    """Of whatever type that is; what it holds is judged only where it is there."""
    assert judged(answer, None) == names


def test_an_error_is_judged_by_its_own_requirements() -> None:
    """And by no other answer's."""
    assert judged({"code": "x", "details": []}, None, "4xx") == {
        *("4xx.type", "4xx.code.type", "4xx.code.minLength", "4xx.code.required"),
        *("4xx.message.required", "4xx.details.type"),
    }


def test_what_an_answer_covers_does_not_depend_on_those_before() -> None:
    """Two of one shape cover the same, and two of another shape do not."""
    remembering = Coverage(CONTRACT)
    answers: list[Any] = [
        GOOD,
        answered(drop("data", "remarks")),
        answered(drop("data", "items", 0, "item_total")),
        answered(put("data", "items", value=[])),
        answered(put("data", "items", value="none")),
        {"data": None},
    ]
    sent: list[Any] = [INVOICE, altered(drop("url")), altered(drop("items", 0, "name")), None]
    for answer in answers * 2:
        for payload in sent:
            assert {*remembering.judged("201", answer, payload)} == judged(answer, payload)
    assert {*remembering.judged("4xx", GOOD, None)} == judged(GOOD, None, "4xx")
