"""What is sent again to show a finding is what is told of it, and nothing more."""

import json
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest
from starlette.types import Receive, Scope, Send

from findings.rows import FindingRow, form_key
from reference.refusal import Problem, Refusal
from reference.server import serving
from reports import output, summary
from reports.rows import Record
from spec.contract import unstamped
from spec.exchange import Request
from spec.oracle import Verdict
from strategies.invoice import plain_invoice
from tests.asking import ORDERS, VALID, Json, asking_of, invoice, refuses
from tests.exchanges import CONTRACT
from tests.reporting import Reported
from tests.running import application

PLAIN = plain_invoice(CONTRACT, ORDERS)


def _changed(verdict: Verdict) -> dict[str, Json]:
    return _edits(verdict.exchange.request)


def _edits(request: Request) -> dict[str, Json]:
    """What in a request is not as in the plain invoice."""
    sent = json.loads(unstamped(request.body.decode()))
    names = {*sent, *PLAIN}
    return {name: sent.get(name) for name in names if sent.get(name) != PLAIN.get(name)}


def _is_sent_as_usual(verdict: Verdict) -> bool:
    request = verdict.exchange.request
    fields = [request.header(name) for name in ("accept", "transfer-encoding")]
    return fields == ["application/json", None]


def _breaks_down(payload: Json) -> tuple[Problem, ...]:
    if "'" in payload["remarks"]:
        raise Refusal(500, "Internal Server Error")
    return VALID.check(payload)


def test_of_a_breakdown_the_smallest_request_is_sent_again(against: Any) -> None:
    """Not the one that was asked, which has more and is sent otherwise; it must be accepted."""
    with against(check=_breaks_down) as asking:
        words = {"headers": (("Accept", None),), "chunked": True}
        shown = asking.ask(invoice(remarks='a "b" c \' d'), **words)
        assert asking.only["refused"] == 'the same with remarks "x\'"'
    assert _changed(shown) == {"remarks": "x'"}
    assert _is_sent_as_usual(shown)
    assert shown.violations[0].expected == "201"


def test_a_case_that_has_the_name_of_its_order_is_told_as_an_invoice_for_it(against: Any) -> None:
    """A bare id says nothing to who reads it."""
    answers = count()

    def check(payload: Json) -> tuple[Problem, ...]:
        if payload["order_id"] == "1" and next(answers) % 3 == 0:
            raise Refusal(500, "Deadlock")
        return VALID.check(payload)

    with against(check=check) as asking:
        asking.ask(invoice(order_id="1"), "1")
        told = asking.only["accepted"]
    assert told.startswith('an invoice with order_id "1", ')


def test_what_a_test_saw_under_another_requirement_shows_the_same_request(against: Any) -> None:
    """It is told by the difference that is known, so it is sent again by that."""
    with against(check=_breaks_down) as asking:
        asking.ask(invoice(remarks="it's"))
        shown = asking.ask(invoice(remarks="it's mine", status="OPEN"))
    assert _changed(shown) == {"remarks": "x'"}


def test_what_a_plainer_value_does_without_is_left_out(against: Any) -> None:
    """An old date of change takes an older invoice; its fraction alone does not."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        name = "updated_at"
        return data | {name: data[name].replace(".007", ".7")} if name in data else data

    payload = invoice(updated_at="2025-01-01T00:00:20.007Z", created_at="2025-01-01T00:00:20Z")
    with against(render=render) as asking:
        shown = asking.ask(payload)
        assert asking.only["difference"] == 'updated_at "2025-01-01T00:00:31.007Z"'
    assert {*_changed(shown)} == {"updated_at"}


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        (None, "the plain invoice with a wrong key", "the same with no key"),
        ("a-wrong-key", "", "some 401, such as to the plain invoice with a wrong key"),
    ],
)
def test_what_the_lack_of_a_key_shows_is_sent_again_with_the_plain_invoice(
    against: Any, key: str | None, accepted: str, refused: str
) -> None:
    """No key and a wrong one get another answer, of which one has no code."""

    def authenticate(headers: Any, store: Any) -> None:
        sent = headers.get("x-api-key")
        if (sent is None) is (key is None) and sent != ORDERS.key:
            raise Refusal(401, "")
        VALID.authenticate(headers, store)

    with against(authenticate=authenticate) as asking:
        words = {"headers": (("Accept", None),), "key": key and "another-key"}
        asking.ask(invoice(), "the other lack", key=None if key else "another-key")
        shown = asking.ask(invoice(), "the case", **words)
        row = asking.only
    assert row["refused"] == refused
    assert row["accepted"] == accepted or not accepted
    assert (_changed(shown), shown.exchange.request.header("x-api-key")) == ({}, key)
    assert _is_sent_as_usual(shown)


def test_of_wrong_errors_some_of_a_status_are_told_only_where_others_are_right(
    against: Any,
) -> None:
    """Of another status each one may be wrong."""

    def authenticate(headers: Any, store: Any) -> None:
        if headers.get("x-api-key") not in (None, ORDERS.key):
            raise Refusal(401, "")
        VALID.authenticate(headers, store)

    with against(authenticate=authenticate) as asking:
        for key in (None, "another-key"):
            asking.ask(invoice(), "a wrong key", key=key, headers=(("Accept", None),))
        other = form_key("4xx.message.minLength", 404, kept=False)
        asking.found.ledger.counts.forms[other] += 1
        told = asking.only["refused"]
    assert told.startswith("some 401 and every 404, such as to ")


def test_a_lack_of_the_key_that_is_no_matter_after_another_request_is_a_plain_one(
    tmp_path: Path,
) -> None:
    """A connection that had the right key is trusted; the request before it is a plain one too."""
    trusted: set[Any] = set()
    peers: list[Any] = []

    def authenticate(headers: Any, store: Any) -> None:
        if headers.get("x-api-key") == ORDERS.key:
            trusted.add(peers[-1])
        elif peers[-1] not in trusted:
            VALID.authenticate(headers, store)

    with application(replace(VALID, authenticate=authenticate)) as app:

        async def seen(scope: Scope, receive: Receive, send: Send) -> None:
            peers.append(tuple(scope.get("client", ())))
            await app(scope, receive, send)

        with serving(seen) as url, asking_of(url, tmp_path) as asking:
            asking.ask(invoice())
            shown = asking.ask(invoice(), "no key", key=None, headers=(("Accept", None),))
            row = asking.only
    before = shown.exchange.before
    assert row["difference"] == "the request before it over the connection was answered 201"
    assert row["accepted"] == "the plain invoice with no key, sent alone"
    assert (_changed(shown), before is not None and before.status) == ({}, 201)
    assert before is not None
    assert _edits(before.request) == {}


@pytest.mark.parametrize("names", [["sku"], ["sku", "name"]])
def test_ids_that_are_made_of_what_items_have_are_told_by_that(
    against: Any, names: list[str]
) -> None:
    """Two plain invoices show it, which have it in common, and others do not."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        for item, sent in zip(data["items"], payload["items"], strict=True):
            item["id"] = str(uuid5(NAMESPACE_OID, "".join(sent[name] for name in names)))
        return data

    with against(render=render) as asking:
        for _ in range(3):
            shown = asking.ask(invoice())
        row = asking.only
    same = " and ".join(f"items[].{name}" for name in names)
    assert row["requirement"] == "201.data.items[].id.unique"
    assert row["accepted"] == f"the plain invoice, with another {same}"
    assert row["refused"] == f"the plain invoice, with the same {same} as in an invoice before it"
    before = shown.exchange.before
    assert before is not None
    assert (_changed(shown), _edits(before.request)) == ({}, {})


def test_ids_that_are_always_the_same_are_no_matter_of_items(against: Any) -> None:
    """Whatever is sent, the answer has the same id."""
    known = {"id": "00000000-0000-4000-8000-000000000001"}
    steps: Any = {"keep": lambda *_: None, "render": lambda sent: {**VALID.render(sent), **known}}
    with against(**steps) as it:
        for _ in range(3):
            it.ask(invoice())
        assert it.only["requirement"] == "201.data.id.unique"
        assert it.only["difference"] == ""


def test_an_id_that_is_given_now_and_then_again_is_no_matter_of_a_case(against: Any) -> None:
    """No text of the invoice is told, and one request does not show it."""
    ids = count()

    def render(payload: Json) -> Json:
        number = next(ids) % 40
        return {**VALID.render(payload), "id": f"00000000-0000-4000-8000-{number:012}"}

    with against(keep=lambda *_: None, render=render) as it:
        for _ in range(60):
            it.ask(invoice(remarks="a b"), "two words")
        row = it.only
    assert (row["accepted"], row["refused"]) == ("other 201", "some 201")
    assert row["shows"] == "not always"


def test_a_difference_that_was_not_asked_once_more_is_not_sure(against: Any) -> None:
    """Where requests are used up nobody knows whether what is left of a case has a part in it."""
    with against(**refuses(("remarks",), lambda payload: len(payload["remarks"]) > 100)) as asking:
        asking.ask(invoice(remarks="x" * 200))
        asking.found.questions.left = 3
        asking.found.known.clear()
        asking.ask(invoice(remarks="y" * 150))
        causes = asking.found.ledger.counts.causes.values()
    assert [cause.sure for cause in causes] == [True, False]


def _finding(subtle: Reported, **stored: Any) -> tuple[Record, FindingRow]:
    """A finding of a run, whose exchange has these properties."""
    finding = subtle.record["findings"][0]
    exchanges: Any = [
        {**each, **stored} if each["id"] == finding["exchange"] else each
        for each in subtle.record["exchanges"]
    ]
    return {**subtle.record, "exchanges": exchanges}, finding


def test_what_cannot_be_sent_again_has_a_sentence_and_no_command(subtle: Reported) -> None:
    """It says why, and which test sends it."""
    why = "it holds a key in a form that has no placeholder"
    record, finding = _finding(subtle, not_replayable=why)
    *_, again = summary.block(record, finding)
    assert again.startswith(f"  again      only by its test, as {why}: pytest ")
    assert "run.replay" not in again


@pytest.mark.parametrize(
    ("difference", "command"),
    [
        ("Transfer-Encoding: chunked", "curl"),
        ("Transfer-Encoding: chunked, in several chunks", "python -m run.replay"),
        ('Transfer-Encoding: chunked and remarks "x"', "python -m run.replay"),
    ],
)
def test_a_body_in_one_chunk_is_sent_by_curl(
    subtle: Reported, difference: str, command: str
) -> None:
    """It makes no more of them, so what may take several is replayed."""
    body = json.dumps(PLAIN)
    assert len(body) > 512
    headers = [["Host", "x"], ["Transfer-Encoding", "chunked"], ["X-API-Key", "${KEY}"]]
    request = {"method": "POST", "path": "/v1/invoices", "headers": headers, "text": body}
    record, finding = _finding(subtle, request=request)
    finding = {**finding, "difference": difference}
    (block,) = summary.blocks({**record, "findings": [finding]}, output.FOLDER)
    assert block[-1].startswith(f"  again      {command} ")
