"""The oracle is total: any bytes on either side have a verdict, and always the same one."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spec.contract import TargetFacts
from spec.exchange import Exchange, Request, Response
from spec.oracle import Nonconformance, Oracle, Verdict
from spec.requirements import Level
from spec.violation import Category
from tests.exchanges import (
    ANSWERED,
    CONTRACT,
    FACTS,
    HEADERS,
    INVOICE,
    KEY,
    ORDERS,
    Headers,
    altered,
    answer_to,
    drop,
    found,
    oracle,
    refusal,
    request,
    response,
)

FUZZ = settings(derandomize=True, database=None, deadline=None, max_examples=250)
SENT = json.dumps(INVOICE).encode()
CAME = json.dumps(answer_to(INVOICE)).encode()
REFUSED = json.dumps(refusal("sku")).encode()

ODD: list[bytes] = [
    b"", b"null", b"[]", b"{}", b'""', b"true", b"-1", b"1.5", b"1e400", b"-1e-400", b"9" * 5000,
    b"1e99999999999999999999", b"-1e99999999999999999999", b"NaN", b"0e0", b'"\\ud800"',
    b"[" * 300 + b"]" * 300, b'{"a":1,"a":2}', b"\xff", b"\xef\xbb\xbf", b'"' + b"x" * 3000 + b'"',
    b'"0001-01-01T00:00:00+14:00"', b'"9999-12-31T23:59:59-12:00"', b'"2025-06-02T12:00:00Z"',
    b'"\\0"', b'"\\u0000"',
]  # fmt: skip
VALUE = re.compile(rb'(?<=": )("[^"]*"|[0-9.]+)')
FIRST, LAST = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - st wants naive bounds
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))

texts = st.text(st.characters(), max_size=20)
names = texts | st.sampled_from(
    [
        "Content-Type",
        "content-type",
        "X-API-Key",
        "x-api-key",
        "Authorization",
        "Cookie",
        "location",
    ]
)
values = texts | st.sampled_from(
    ["application/json", "application/json; charset=utf-16", KEY, f"Bearer {KEY}", f"a={KEY}", ";"]
)
headers = st.lists(st.tuples(names, values), max_size=4).map(tuple)
statuses = st.integers(100, 999) | st.sampled_from([201, 400, 401, 403, 404])
facts = st.builds(
    TargetFacts,
    key=st.none() | texts | st.just(KEY),
    forbidden_key=st.none() | texts,
    order_ids=st.lists(st.just("ORD-1") | texts, max_size=2).map(tuple),
    order_created_at=st.none() | MOMENTS,
    started_at=MOMENTS,
    unknown_order_id=st.just("ORD-1") | texts,
)


@st.composite
def mutated(draw: st.DrawFn, valid: bytes) -> bytes:
    """Valid bytes with values replaced, bytes changed or pieces cut out and doubled."""
    body = valid
    for _ in range(draw(st.integers(0, 3))):
        turn = draw(st.integers(0, 3))
        spots = [match.span() for match in VALUE.finditer(body)] or [(0, 0)]
        if turn <= 1:
            start, end = draw(st.sampled_from(spots))
            body = body[:start] + draw(st.sampled_from(ODD)) + body[end:]
        elif turn == 2:
            at = draw(st.integers(0, len(body)))
            body = body[:at] + draw(st.binary(max_size=3)) + body[at + 1 :]
        else:
            start, end = sorted((draw(st.integers(0, len(body))), draw(st.integers(0, len(body)))))
            body = body[:start] + draw(st.sampled_from([b"", body[start:end] * 2])) + body[end:]
    return body


def judged_twice(exchange: Exchange, known: TargetFacts) -> Verdict:
    """The verdict, after a check that another oracle gives the same and can enforce it."""
    told: list[Verdict] = []
    first = Oracle(CONTRACT, known, observe=told.append).judge(exchange)
    second = Oracle(CONTRACT, known).judge(exchange)
    assert told == [first]
    assert first == second
    assert first.failing == first.violations
    if first.failing:
        with pytest.raises(Nonconformance, match="expected") as raised:
            first.enforce()
        assert raised.value.verdict is first
    else:
        first.enforce()
    for violation in first.violations:
        assert violation.requirement in CONTRACT.requirements
        assert violation.category in Category
        assert violation.expected
        assert violation.got
    return first


@FUZZ
@given(
    sent=st.builds(
        Request,
        method=st.just("POST") | texts,
        path=st.just("/v1/invoices") | texts,
        headers=headers,
        body=st.binary(max_size=60) | mutated(SENT),
    ),
    came=st.none() | st.builds(Response, statuses, headers, st.binary(max_size=60) | mutated(CAME)),
    fault=st.none() | texts,
    known=facts,
)
def test_any_bytes_have_a_verdict(
    sent: Request, came: Response | None, fault: str | None, known: TargetFacts
) -> None:
    """Whatever the method, headers, bodies, status, fault and facts."""
    verdict = judged_twice(Exchange(sent, came, fault, 0.01), known)
    assert verdict.expected.statuses
    assert came is not None or found(verdict) == [("response.http", "Protocol")]


@FUZZ
@given(sent=mutated(SENT), came=mutated(CAME), known=st.sampled_from([FACTS, ORDERS]))
def test_a_mutated_exchange_has_a_verdict(sent: bytes, came: bytes, known: TargetFacts) -> None:
    """A 201 that is nearly right for an invoice that is nearly valid."""
    verdict = judged_twice(Exchange(request(sent), response(201, came), None, 0.01), known)
    if sent == SENT and came == CAME:
        assert verdict.violations == ()


@FUZZ
@given(sent=mutated(SENT), came=mutated(REFUSED), status=st.integers(400, 499))
def test_a_mutated_refusal_has_a_verdict(sent: bytes, came: bytes, status: int) -> None:
    """A 4xx that is nearly an HttpError."""
    judged_twice(Exchange(request(sent), response(status, came), None, 0.01), FACTS)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:30])
def test_every_odd_value_in_every_place_has_a_verdict(odd: bytes) -> None:
    """On both sides, one place at a time."""
    for match in VALUE.finditer(SENT):
        sent = SENT[: match.start()] + odd + SENT[match.end() :]
        judged_twice(Exchange(request(sent), response(400, REFUSED), None, 0.01), ORDERS)
    for match in VALUE.finditer(CAME):
        came = CAME[: match.start()] + odd + CAME[match.end() :]
        judged_twice(Exchange(request(SENT), response(201, came), None, 0.01), FACTS)


def test_a_verdict_depends_on_bytes_and_facts_alone() -> None:
    """Not on time taken, on what was judged before, or on an equal exchange's identity."""
    run = oracle()
    exchange = Exchange(request(SENT), response(400, REFUSED), None, 0.01)
    first = run.judge(exchange)
    for other in (b"", b"\xff", SENT[:50], json.dumps(altered(drop("items"))).encode()):
        run.judge(Exchange(request(other), response(500, other), None, 9.0))
    again = Exchange(request(bytes(bytearray(SENT))), response(400, REFUSED), None, 99.0)
    assert run.judge(again).violations == first.violations
    assert run.judge(again).expected == first.expected
    later = replace(FACTS, started_at=datetime(2024, 1, 1, tzinfo=UTC))
    assert Oracle(CONTRACT, later).judge(exchange).expected != first.expected


def shifted(depth: int, call: Any) -> Any:
    """The result of a call made from that many frames further down."""
    return call() if depth == 0 else shifted(depth - 1, call)


def test_a_verdict_does_not_depend_on_how_deep_the_caller_is() -> None:
    """Python's recursion limit decides nothing about nested bodies."""
    for levels in (100, 190, 199, 250, 900):
        body = SENT[:-1] + b', "a": ' + b"[" * levels + b"]" * levels + b"}"
        exchange = Exchange(request(body), response(201, CAME), None, 0.01)
        shallow = oracle().judge(exchange)
        assert shifted(400, lambda exchange=exchange: oracle().judge(exchange)) == shallow


@pytest.mark.parametrize(
    ("level", "waived", "fails"),
    [
        (Level.SHOULD, frozenset(), ["4xx.code.type", "4xx.details.names"]),
        (Level.MUST, frozenset(), ["4xx.code.type"]),
        (Level.SHOULD, frozenset({"4xx.code.type"}), ["4xx.details.names"]),
        (Level.MUST, frozenset({"4xx.code.type"}), []),
    ],
)
def test_level_and_waivers_decide_what_fails_and_not_what_is_found(
    level: Level, waived: frozenset[str], fails: list[str]
) -> None:
    """A SHOULD is seen at the level of MUST, and a waived requirement is seen too."""
    sent = request(altered(drop("due_date")))
    exchange = Exchange(sent, response(400, {"code": 5, "message": "No."}), None, 0.01)
    verdict = Oracle(CONTRACT, FACTS, level, waived).judge(exchange)
    assert [str(one.requirement) for one in verdict.failing] == fails
    assert len(verdict.violations) == 2


def test_the_verdict_in_a_line_names_requirement_and_level() -> None:
    """What is raised without a report at hand."""
    exchange = Exchange(request(SENT), response(500, b""), None, 0.01)
    with pytest.raises(Nonconformance) as raised:
        oracle().judge(exchange).enforce()
    assert str(raised.value) == "[Server error] 201.status (MUST): expected 201, got 500"


@pytest.mark.parametrize(
    ("headers", "name", "value"),
    [
        ((("A", "1"), ("a", "2")), "a", "1"),
        (ANSWERED, "Content-Type", "application/json"),
        (HEADERS, "x-api-key", KEY),
        (HEADERS, "x-api", None),
    ],
)
def test_a_header_is_found_in_any_case(headers: Headers, name: str, value: str | None) -> None:
    """Names have no case (RFC 9110, 5.1), and the first line counts."""
    assert Request("POST", "/", headers, b"").header(name) == value
    assert Response(200, headers, b"").header(name) == value
