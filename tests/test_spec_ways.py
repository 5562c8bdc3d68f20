"""A request that is sent as few clients do: what of its answer is a MUST, and what a SHOULD."""

import pytest

from spec.contract import TargetFacts
from spec.exchange import Exchange, Request, Response
from spec.expectation import OTHER_METHOD, Expectation, expect
from spec.oracle import Verdict
from spec.parameters import METHOD_FIELDS
from strategies import authentication
from tests.exchanges import (
    ANSWERED,
    CONTRACT,
    FACTS,
    FORBIDDEN,
    GOOD,
    HEADERS,
    INVOICE,
    ORDERS,
    WRONG_SKU,
    Headers,
    Json,
    altered,
    encoded,
    found,
    oracle,
    put,
    refusal,
    response,
)

PLAIN = (("content-type", "text/plain"),)
AXIOS = ("Accept", "application/json, text/plain, */*")
KEYLESS = (HEADERS[0],)
ACCEPT = [("request.accept", "Refused valid input")]
WRONG = [("request.accept", "Wrong status")]
"""Of what was to be refused, but with another status."""


def verdict(
    status: int,
    answer: Json,
    payload: Json = INVOICE,
    sent: Headers = HEADERS,
    headers: Headers = ANSWERED,
    facts: TargetFacts = FACTS,
) -> Verdict:
    """The verdict on an answer to a request of which only the Accept is unusual."""
    request = Request("POST", "/v1/invoices", (*sent, AXIOS), encoded(payload))
    exchange = Exchange(request, response(status, answer, headers), None, 0.01)
    return oracle(facts).judge(exchange, CONTRACT.named("request.accept"))


@pytest.mark.parametrize("payload", [INVOICE, WRONG_SKU], ids=["valid", "invalid"])
@pytest.mark.parametrize("status", [401, 403, 404, 406, 415])
def test_a_refusal_of_the_client_is_a_should_whatever_its_shape(status: int, payload: Json) -> None:
    """HTTP allows it, and the document describes no such error."""
    refused = ACCEPT if payload is INVOICE else WRONG
    assert found(verdict(status, refusal(), payload)) == refused
    assert found(verdict(status, b"Not Acceptable", payload, headers=PLAIN)) == refused


@pytest.mark.parametrize("status", [400, 499])
def test_a_valid_invoice_may_be_refused_for_its_client_with_any_4xx(status: int) -> None:
    """Nothing else is wrong with it."""
    assert found(verdict(status, b"No", headers=PLAIN)) == ACCEPT


@pytest.mark.parametrize("status", [400, 401, 403])
def test_an_unknown_order_is_not_put_down_to_the_client(status: int) -> None:
    """Where 404 is due, another status about rights or places is about the order."""
    unknown = altered(put("order_id", value=ORDERS.unknown_order_id))
    answer = verdict(status, refusal("order_id"), unknown, facts=ORDERS)
    assert found(answer) == [("order_id.known", "Wrong status")]
    assert found(verdict(405, refusal("order_id"), unknown, facts=ORDERS)) == WRONG


def test_a_refusal_of_the_client_discloses_nothing_all_the_same() -> None:
    """Its shape is free, and what it may tell is not."""
    leaking = verdict(406, b"panic: runtime error: no such type", headers=PLAIN)
    assert found(leaking) == [*ACCEPT, ("4xx.leak", "Error shape")]


def test_an_answer_to_the_request_itself_is_judged_as_ever() -> None:
    """A page, a crash and a wrong acceptance have nothing to do with the client."""
    assert found(verdict(400, b"<h1>Error</h1>", WRONG_SKU, headers=PLAIN)) == [
        ("4xx.mediaType", "Error shape"),
        ("4xx.json", "Error shape"),
    ]
    assert found(verdict(500, refusal())) == [("201.status", "Server error")]
    assert found(verdict(500, refusal(), WRONG_SKU)) == [("items[].sku.type", "Server error")]
    assert found(verdict(422, refusal(), WRONG_SKU)) == [("4xx.status", "Wrong status")]
    assert found(verdict(201, {"data": {}}, WRONG_SKU)) == [
        ("items[].sku.type", "Accepted invalid input")
    ]


def test_a_missing_key_is_not_put_down_to_the_client() -> None:
    """403, 404 and a 201 are about the key; what comes before the key is about the client."""
    assert found(verdict(401, refusal(), sent=KEYLESS)) == []
    for status in (400, 403, 404):
        answer = verdict(status, refusal(), sent=KEYLESS)
        assert found(answer) == [("security.key", "Authentication")]
    assert found(verdict(406, b"", sent=KEYLESS, headers=())) == WRONG


def test_a_key_without_the_right_is_not_put_down_to_the_client() -> None:
    """401 is about the key, as 403 would be."""
    forbidden = (*KEYLESS, ("X-API-Key", FORBIDDEN))
    assert found(verdict(403, refusal(), sent=forbidden)) == []
    for status in (401, 404):
        answer = verdict(status, refusal(), sent=forbidden)
        assert found(answer) == [("security.right", "Authentication")]


def test_a_client_that_is_served_is_observed() -> None:
    """The requirement holds where the answer is the due one, and a crash says nothing of it."""
    assert "request.accept" in verdict(400, refusal("items[1].sku"), WRONG_SKU).judged
    assert "request.accept" not in verdict(500, refusal()).judged
    assert "request.accept" not in verdict(422, refusal(), WRONG_SKU).judged


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL"])
def test_a_field_that_asks_for_another_request_may_be_refused_or_ignored(name: str) -> None:
    """A framework that heeds it finds no such method or page; nobody may create without a key."""
    request = Request("POST", "/v1/invoices", (*KEYLESS, (name, "GET")), encoded(INVOICE))
    for status in (401, 404, 405, 501):
        answer = response(status, b"", ())
        assert found(oracle().judge(Exchange(request, answer, None, 0.01))) == []
    accepted = Exchange(request, response(201, {"data": {}}), None, 0.01)
    assert found(oracle().judge(accepted)) == [("security.key", "Authentication")]


def test_a_field_that_names_the_same_method_asks_for_nothing_else() -> None:
    """It is ignored like any other field that the server does not know (RFC 9110, section 5.1)."""
    fields = (*HEADERS, ("X-HTTP-Method-Override", "post"))
    request = Request("POST", "/v1/invoices", fields, encoded(INVOICE))
    for status, wrong in ((405, True), (201, False)):
        verdict = oracle().judge(Exchange(request, response(status, b"", ()), None, 0.01))
        assert (verdict.expected.statuses == {201}, "201.status" in str(found(verdict))) == (
            True,
            wrong,
        )


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "GET"])
@pytest.mark.parametrize("name", METHOD_FIELDS)
def test_another_method_that_asks_for_a_post_creates_nothing_without_the_key(
    method: str, name: str
) -> None:
    """Whatever else is answered: a GET may well list invoices, and need no key."""
    fields = (*KEYLESS, (name, "post"))
    request = Request(method, "/v1/invoices", fields, encoded(INVOICE))
    for answer in (
        *(response(status, refusal()) for status in (401, 404, 405, 500)),
        response(200, {"data": [{**INVOICE, "reference_id": "R-2"}]}),
        Response(204, (), b""),
    ):
        assert found(oracle().judge(Exchange(request, answer, None, 0.01))) == []
    assert found(oracle().judge(Exchange(request, None, None, 0.01))) == []
    for status in (201, 200):
        created = Exchange(request, response(status, GOOD), None, 0.01)
        assert found(oracle().judge(created)) == [("security.key", "Authentication")]


def test_another_method_that_asks_for_a_post_is_refused_with_the_key_as_any() -> None:
    """Only what lacks the key is open in all but that."""
    fields = (*HEADERS, ("X-HTTP-Method-Override", "POST"))
    request = Request("PUT", "/v1/invoices", fields, encoded(INVOICE))
    assert oracle().judge(Exchange(request, None, None, 0.01)).expected.statuses == OTHER_METHOD


def test_each_other_method_asks_for_a_post_without_the_key_or_with_a_wrong_one() -> None:
    """Never with the right one; and what is sent could be accepted, but for the key."""
    cases = authentication.as_other_methods(CONTRACT, FACTS)
    assert [case.method for case in cases] == ["PUT", "PATCH", "DELETE", "GET"]
    for case in cases:
        assert {*dict(case.headers)} >= {"X-API-Key", *METHOD_FIELDS}
        assert dict(case.headers)["X-API-Key"] != FACTS.key
        sent = Request("POST", CONTRACT.path, HEADERS, case.body)
        assert expect(CONTRACT, FACTS, sent).expectation is Expectation.ACCEPT
    assert {dict(case.headers)["X-API-Key"] is None for case in cases} == {True, False}
