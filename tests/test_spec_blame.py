"""What an answer is blamed for: in which category, at which place, and in which words."""

from pathlib import Path
from typing import Any

import pytest

from spec.answers.errors import fields_of, named_in
from spec.exchange import Exchange, HttpFault, Request, Response
from spec.oracle import Oracle
from spec.violation import MISSING, Violation, expected_and_got, with_article
from tests.exchanges import (
    ANSWERED,
    CONTRACT,
    FACTS,
    GOOD,
    HEADERS,
    INVOICE,
    WRONG_SKU,
    Headers,
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
from tests.versions.parts import Alteration, Parts, header_field

TYPE, KEYED = HEADERS
MARKED = b"\xef\xbb\xbf" + encoded(INVOICE)
"""A valid invoice with a byte order mark, which may be refused."""


def told(violation: Violation) -> tuple[str, str, str, str, str]:
    """All that a report shows of it."""
    requirement, category = str(violation.requirement), str(violation.category)
    return requirement, category, violation.at, violation.expected, violation.got


def blamed(sent: Request, came: Response) -> list[tuple[str, str, str, str, str]]:
    """All that is said of that exchange."""
    return [told(each) for each in judge(sent, came).violations]


@pytest.mark.parametrize(
    ("status", "answer", "category", "got"),
    [
        (200, GOOD, "Wrong status", "200"),
        (400, refusal("sku"), "Refused valid input", "400 (The invoice is invalid.)"),
        (499, refusal("sku"), "Refused valid input", "499 (The invoice is invalid.)"),
        (500, {"message": "Oh."}, "Server error", "500 (Oh.)"),
        (500, {"message": ""}, "Server error", "500"),
        (500, {"message": 5}, "Server error", "500"),
        (
            500,
            {"message": "x" * 101},
            "Server error",
            f"500 ({'x' * 50} ...(1 more)... {'x' * 50})",
        ),
        (399, {"message": "Oh."}, "Wrong status", "399 (a redirect to nowhere)"),
    ],
)
def test_another_status_than_201_is_told(status: int, answer: Any, category: str, got: str) -> None:
    """With what the answer says of itself."""
    row = ("201.status", category, "", "201", got)
    assert row in blamed(request(INVOICE), response(status, answer))


def test_a_redirect_is_told_with_where_it_goes() -> None:
    """Of a long address the ends."""
    headers = (*ANSWERED, ("location", "https://example.com/"))
    (one,) = judge(request(INVOICE), response(300, b"", headers)).violations
    assert one.got == "300 (a redirect to https://example.com/)"
    long = (("location", "x" * 101),)
    (one,) = judge(request(INVOICE), response(300, b"", long)).violations
    assert one.got == f"300 (a redirect to {'x' * 50} ...(1 more)... {'x' * 50})"


@pytest.mark.parametrize(
    ("status", "row"),
    [
        (201, None),
        (400, None),
        (404, None),
        (202, ("response.status", "Wrong status", "", "201 or 400 or 404", "202")),
        (500, ("response.status", "Server error", "", "201 or 400 or 404", "500")),
        (
            302,
            (
                "response.status",
                "Wrong status",
                "",
                "201 or 400 or 404",
                "302 (a redirect to nowhere)",
            ),
        ),
        (418, ("response.documented", "Wrong status", "", "201 or 400 or 404", "418")),
    ],
)
def test_of_an_unspecified_invoice_the_status_is_documented(status: int, row: Any) -> None:
    """It may be accepted or refused, and nothing else."""
    answer = GOOD if status == 201 else {**refusal("sku"), "message": ""}
    verdict = judge(request(MARKED), response(status, answer))
    documented = status == 201 or 400 <= status < 500
    assert ("response.documented" in verdict.judged) is documented
    found = [
        one
        for one in blamed(request(MARKED), response(status, answer))
        if ".status" in one[0] or "documented" in one[0]
    ]
    assert found == ([] if row is None else [row])


@pytest.mark.parametrize(
    ("status", "row"),
    [
        (201, ("items[].sku.type", "Accepted invalid input", "items[1].sku", "400", "201")),
        (200, ("items[].sku.type", "Accepted invalid input", "items[1].sku", "400", "200")),
        (299, ("items[].sku.type", "Accepted invalid input", "items[1].sku", "400", "299")),
        (
            300,
            (
                "items[].sku.type",
                "Wrong status",
                "items[1].sku",
                "400",
                "300 (a redirect to nowhere)",
            ),
        ),
        (500, ("items[].sku.type", "Server error", "items[1].sku", "400", "500")),
        (404, ("4xx.status", "Wrong status", "", "400", "404")),
        (499, ("4xx.status", "Wrong status", "", "400", "499")),
    ],
)
def test_of_an_invalid_invoice_another_status_is_told(status: int, row: Any) -> None:
    """By what it breaks; where it is refused all the same, only by the status."""
    answer = {**refusal("items[1].sku"), "message": "x"}
    body = GOOD if status < 300 else answer if status < 500 else b""
    rows = blamed(request(WRONG_SKU), response(status, body))
    assert [(*one[:4], one[4].removesuffix(" (x)")) for one in rows] == [row]


def test_where_any_4xx_will_do_none_is_another_status() -> None:
    """They are not listed, and nothing is said of the status of one."""
    undecodable = (*HEADERS, ("A", "\udc80"))
    verdict = judge(request(WRONG_SKU, undecodable), response(201, GOOD))
    assert [told(each) for each in verdict.violations] == [
        ("items[].sku.type", "Accepted invalid input", "items[1].sku", "a 4xx", "201")
    ]
    verdict = judge(request(WRONG_SKU, undecodable), response(418, refusal("sku")))
    assert (verdict.violations, "4xx.status" in verdict.judged) == ((), False)


@pytest.mark.parametrize(
    ("headers", "payload", "status", "rows"),
    [
        ((TYPE,), INVOICE, 401, []),
        ((TYPE,), INVOICE, 400, [("security.key", "Authentication", "", "401", "400")]),
        ((TYPE,), INVOICE, 201, [("security.key", "Authentication", "", "401", "201")]),
        ((TYPE,), INVOICE, 500, [("security.key", "Server error", "", "401", "500")]),
        ((TYPE,), WRONG_SKU, 401, []),
        ((TYPE,), WRONG_SKU, 400, [("security.first", "Authentication", "", "401", "400")]),
        ((TYPE,), WRONG_SKU, 403, [("security.key", "Authentication", "", "401", "403")]),
        ((TYPE,), WRONG_SKU, 500, [("security.key", "Server error", "", "401", "500")]),
    ],
)
def test_a_missing_key_is_told_alone(
    headers: Headers, payload: Any, status: int, rows: list[Any]
) -> None:
    """And first: that the rest is wrong too is nobody's business."""
    answer = GOOD if status == 201 else {**refusal("sku"), "message": "x"}
    found = blamed(request(payload, headers), response(status, b"" if status == 500 else answer))
    assert [(*one[:4], one[4].removesuffix(" (x)")) for one in found] == rows


NO_JSON = "a body that is not JSON: Expecting value at character 0"


@pytest.mark.parametrize(
    ("answer", "headers", "row"),
    [
        (
            encoded(GOOD),
            (("content-type", "text/html"),),
            ("201.mediaType", "Answer shape", "", "application/json", "text/html"),
        ),
        (encoded(GOOD), (), ("201.mediaType", "Answer shape", "", "application/json", "none")),
        (
            encoded(GOOD),
            (("content-type", "x" * 81),),
            (
                "201.mediaType",
                "Answer shape",
                "",
                "application/json",
                f"{'x' * 40} ...(1 more)... {'x' * 40}",
            ),
        ),
        (
            b"<p>",
            ANSWERED,
            (
                "201.json",
                "Answer shape",
                "",
                "strict JSON",
                f'{NO_JSON}: "<p>"',
            ),
        ),
        (
            b"x" * 300,
            ANSWERED,
            (
                "201.json",
                "Answer shape",
                "",
                "strict JSON",
                f'{NO_JSON}: "{"x" * 39} ...(122 more)... {"x" * 39}"',
            ),
        ),
        (
            b"\xef\xbb\xbf" + encoded(GOOD),
            ANSWERED,
            ("201.json", "Answer shape", "", "strict JSON", "JSON with byte order mark"),
        ),
        (
            encoded(answered(drop("data", "id"))),
            ANSWERED,
            ("201.data.id.required", "Answer shape", "data.id", "id", "missing"),
        ),
        (
            encoded(answered(put("data", "items", 1, "name", value=5))),
            ANSWERED,
            (
                "201.data.items[].name.type",
                "Answer shape",
                "data.items[1].name",
                "type string",
                "5",
            ),
        ),
    ],
)
def test_a_wrong_shape_is_told(answer: bytes, headers: Headers, row: Any) -> None:
    """With its place, what is demanded, and what stands there."""
    assert blamed(request(INVOICE), Response(201, headers, answer)) == [row]


@pytest.mark.parametrize(
    ("fields", "got"),
    [
        ((), "no detail with a field"),
        (("remarks", "url"), 'details that name ["remarks", "url"]'),
    ],
)
def test_details_that_name_no_wrong_field_are_told(fields: tuple[str, ...], got: str) -> None:
    """With the first that is wrong."""
    rows = blamed(request(WRONG_SKU), response(400, refusal(*fields)))
    wanted = "details that name items[1].sku"
    assert rows == [("4xx.details.names", "Error shape", "details", wanted, got)]


def _of_head(head: bytes, headers: Headers = ANSWERED, status: int = 201) -> list[Any]:
    body = encoded(GOOD if status == 201 else refusal("method"))
    sent = Request("POST" if status == 201 else "PUT", "/v1/invoices", HEADERS, encoded(INVOICE))
    verdict = oracle().judge(Exchange(sent, Response(status, headers, body, head), None, 0.1))
    return [told(each) for each in verdict.violations]


def test_a_wrong_head_is_told() -> None:
    """As far as its bytes were seen."""
    good, bare = b"HTTP/1.1 201 Created\r\n\r\n", b"HTTP/1.1 201 Created\n\r\n"
    framing = ("response.framing", "Protocol", "")
    assert _of_head(good) == []
    assert _of_head(b"", (*ANSWERED, *ANSWERED)) == []
    assert _of_head(bare) == [(*framing, "lines that end in CR LF", "a bare line feed in the head")]
    both = (("content-length", "5"), ("transfer-encoding", "chunked"))
    assert _of_head(good, (*ANSWERED, *both)) == [
        (*framing, "one way to say where the body ends", "Content-Length and Transfer-Encoding")
    ]
    assert _of_head(good, both)[-1] == (
        *framing,
        "one way to say where the body ends",
        "Content-Length and Transfer-Encoding",
    )
    assert _of_head(good, (*ANSWERED, both[0])) == _of_head(good, (*ANSWERED, both[1])) == []
    assert _of_head(good, (*ANSWERED, *ANSWERED)) == [
        ("response.fields", "Protocol", "", "one Content-Type", "2 of them")
    ]
    allow = ("4xx.allow", "Protocol", "", "an Allow header field that lists POST")
    none = (*ANSWERED, ("allow", "GET"), ("allow", "PUT"))
    assert _of_head(good, status=405) == [(*allow, '"none"')]
    assert _of_head(good, none, 405) == [(*allow, '"GET,PUT"')]
    for listed in ("HEAD, POST", "HEAD,POST", "POST"):
        assert _of_head(good, (*none, ("allow", listed)), 405) == []


def test_a_refused_coding_is_told() -> None:
    """All of them that the request refuses."""
    sent = request(INVOICE, (*HEADERS, ("Accept-Encoding", "identity")))
    headers = (*ANSWERED, ("content-encoding", "gzip, identity BR,"))
    wanted = "no content coding that the request refuses"
    assert blamed(sent, response(201, GOOD, headers)) == [
        ("response.coding", "Protocol", "", wanted, "gzip and br")
    ]


def test_of_codings_none_is_told_that_has_no_name() -> None:
    """A comma at the end begins none."""
    sent = request(INVOICE, (*HEADERS, ("Accept-Encoding", "*;q=0")))
    long = "z" * 81
    cut = f"{long[:40]} ...(1 more)... {long[:40]}"
    for listed, got in (("gzip,", ["gzip"]), (" , identity", []), ("", []), (long, [cut])):
        answer = response(201, GOOD, (*ANSWERED, ("content-encoding", listed)))
        assert [row[4] for row in blamed(sent, answer)] == got


def test_a_long_header_field_that_is_wrong_is_cut(tmp_path: Path) -> None:
    """To 80 characters, and one that is longer by one is."""
    loaded = header_field("201", "X-Rate", {"type": "string", "maxLength": 5}).load(tmp_path)
    for length, got in ((80, "x" * 80), (81, f"{'x' * 40} ...(1 more)... {'x' * 40}")):
        answer = response(201, GOOD, (*ANSWERED, ("x-rate", "x" * length)))
        verdict = Oracle(loaded, FACTS).judge(Exchange(request(INVOICE), answer, None, 0.01))
        (told_of,) = [told(each) for each in verdict.violations]
        assert told_of[:2] == ("201.header.X-Rate.maxLength", "Answer shape")
        assert told_of[3:] == ("X-Rate of maxLength 5", got)


def test_a_header_field_is_missed_where_the_document_describes_the_answer(tmp_path: Path) -> None:
    """That a length is missing may be told by HTTP itself."""

    def edit(parts: Parts) -> None:
        header_field("201", "X-Rate", {"type": "string"}).edit(parts)
        header_field("400", "X-Rate", {"type": "string"}).edit(parts)
        parts.post["responses"]["4XX"] = parts.post["responses"].pop("400")

    loaded = Alteration(edit).load(tmp_path)
    sent = request(INVOICE, (*HEADERS, ("Transfer-Encoding", "chunked")))
    rows = []
    for status, answer in ((201, GOOD), (411, refusal()), (418, refusal())):
        exchange = Exchange(sent, response(status, answer), None, 0.01)
        rows += [told(each) for each in Oracle(loaded, FACTS).judge(exchange).violations]
    absent = ("", "a header field X-Rate", "none")
    assert [row for row in rows if ".header." in row[0]] == [
        ("201.header.X-Rate.required", "Answer shape", *absent),
        ("4xx.header.X-Rate.required", "Error shape", *absent),
    ]


def test_each_media_type_that_an_answer_may_have_is_told(tmp_path: Path) -> None:
    """In the order of their names."""

    def another(parts: Parts) -> None:
        content = parts.post["responses"]["201"]["content"]
        content["application/a+json"] = content["application/json"]

    loaded = Alteration(another).load(tmp_path)
    answer = response(201, GOOD, (("content-type", "text/html"),))
    verdict = Oracle(loaded, FACTS).judge(Exchange(request(INVOICE), answer, None, 0.01))
    wanted = "application/a+json or application/json"
    assert [told(each)[3:] for each in verdict.violations] == [(wanted, "text/html")]


def test_the_key_in_an_answer_is_told_without_it() -> None:
    """In whatever part of it."""
    answer = answered(put("data", "key", value=KEYED[1]))
    told_of = ("an answer without the key", "the key, or a part of it")
    row = ("response.secret", "Authentication", "", *told_of)
    assert row in blamed(request(INVOICE), response(201, answer))


def test_a_fault_of_http_is_told_in_its_words() -> None:
    """And without any in some."""
    none = "none: no answer"
    for fault, got in (("It closed.", "none: it closed."), (None, none), ("", none)):
        verdict = oracle().judge(Exchange(request(INVOICE), None, fault, 0.1))
        assert [told(each) for each in verdict.violations] == [
            ("response.http", "Protocol", "", "an HTTP response (RFC 9112)", got)
        ]


def test_an_answer_that_is_late_is_told_with_the_option_that_says_so() -> None:
    """No RFC speaks of ten seconds: that is how long the run waits."""
    fault = "The server gave no complete answer within 10 s; no byte seen."
    verdict = oracle().judge(Exchange(request(INVOICE), None, fault, 10, HttpFault.LATE))
    got = "gave no complete answer within 10 s (--request-timeout); no byte seen."
    assert [told(each)[3:] for each in verdict.violations] == [
        ("an answer", f"none: the server {got}")
    ]


def test_an_answer_that_is_too_long_is_not_told_as_none() -> None:
    """It may be HTTP as it should be; it is only more than anybody reads."""
    fault = "The server sent more than 1048576 bytes; 1051136 bytes seen."
    verdict = oracle().judge(Exchange(request(INVOICE), None, fault, 1, HttpFault.TOO_LONG))
    got = "sent more than 1048576 bytes; 1051136 bytes seen."
    assert [told(each)[3:] for each in verdict.violations] == [
        ("an answer of a usual length", f"one that is too long: the server {got}")
    ]


def test_no_coding_is_refused_by_none() -> None:
    """A request that takes no coding gets an answer without one."""
    for accepted in ("identity", "*;q=0"):
        sent = request(INVOICE, (*HEADERS, ("Accept-Encoding", accepted)))
        assert blamed(sent, response(201, GOOD)) == []


def test_another_method_is_told() -> None:
    """Any 4xx would do, and they are not listed."""
    sent = Request("PUT", "/v1/invoices", HEADERS, encoded(INVOICE))
    row = ("request.method", "Accepted invalid input", "", "a 4xx", "200")
    assert blamed(sent, response(200, {})) == [row]


def test_what_a_server_discloses_is_told() -> None:
    """As far as it shows that it is the server's own."""
    answer = {**refusal("items[1].sku"), "message": "panic: runtime error: index out of range"}
    wanted = "no internals of the server"
    row = ("4xx.leak", "Error shape", "", wanted, '"panic: runtime"')
    assert blamed(request(WRONG_SKU), response(400, answer)) == [row]


@pytest.mark.parametrize(
    ("payload", "judged"), [(INVOICE, {"security.key"}), (WRONG_SKU, {"security.first"})]
)
def test_a_missing_key_is_judged_alone_or_before_the_rest(payload: Any, judged: set[str]) -> None:
    """Where nothing else is wrong, nothing is said of what comes first."""
    verdict = judge(request(payload, (TYPE,)), response(401, refusal("sku")))
    assert {name for name in verdict.judged if name.startswith("security.")} == judged


def test_a_refusal_at_a_limit_is_put_down_to_the_limit_and_judged_like_another() -> None:
    """That is how a request of a SHOULD is refused, whose shape is free."""
    sent = request(altered(put("remarks", value="x" * 255)))
    exchange = Exchange(sent, Response(404, ANSWERED, b"no"), None, 0.01)
    found = oracle().judge(exchange, CONTRACT.named("remarks.maxLength")).violations
    assert [told(each)[:3] for each in found] == [
        ("remarks.maxLength", "Refused valid input", "remarks"),
        ("4xx.json", "Error shape", ""),
    ]


def test_a_filled_in_date_is_told() -> None:
    """Where it is no date-time of RFC 3339."""
    sent = altered(drop("created_at"), put("due_date", value="2071-07-01T00:00:00Z"))
    answer = answered(
        put("data", "created_at", value="noon"), put("data", "due_date", value=sent["due_date"])
    )
    assert blamed(request(sent), response(201, answer)) == [
        (
            "201.data.created_at.date-time",
            "Answer shape",
            "data.created_at",
            "an RFC 3339 date-time",
            '"noon"',
        )
    ]


def test_the_fields_of_an_error_are_those_of_its_details() -> None:
    """Of whatever else an error has none."""
    details = [{"field": "a"}, {"field": 5}, "b", {}, {"field": "c"}]
    assert fields_of({"details": details}) == ["a", "c"]
    others: list[Any] = [{"details": "a"}, {}, [], None]
    assert [fields_of(each) for each in others] == [[], [], [], []]


def test_a_field_that_may_mean_two_places_names_none() -> None:
    """Of one that means one the place is named."""
    places = [("items", 0, "sku"), ("items", 1, "sku"), ("remarks",)]
    assert named_in(refusal("items[1].sku", "remarks"), places) == {*places[1:]}
    assert named_in(refusal("sku"), places) == set()
    assert CONTRACT.find("4xx.details.names") is not None


def test_what_is_missing_is_said_to_be_so() -> None:
    """Any other answer is told as what came; a noun has the article that goes with it."""
    assert expected_and_got("code", MISSING) == "expected code, it is missing"
    assert expected_and_got("code", '"missing"') == 'expected code, got "missing"'
    assert (with_article("array"), with_article("string")) == ("an array", "a string")
