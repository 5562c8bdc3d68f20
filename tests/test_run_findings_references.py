"""References that were used before are told as such, whichever case or order showed it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference.refusal import Refusal
from reference.server import serving
from reference.service import find_order
from spec.contract import PLACEHOLDER
from strategies.invoice import encode, plain_invoice
from tests.asking import ORDERS, Json, asking_of, invoice, of_items
from tests.exchanges import CONTRACT
from tests.running import application

USED = "the request before it was answered 201, and has the same references"


@pytest.mark.parametrize("status", [409, 500])
def test_a_number_without_a_stamp_that_is_used_by_now_is_told_as_used(
    against: Any, status: int
) -> None:
    """It is refused each time, but another number would be so as well, once it is used."""
    used: set[str] = set()

    def keep(_store: Any, data: Json) -> None:
        if data["invoice_number"] in used:
            raise Refusal(status, "The number exists.")
        used.add(data["invoice_number"])

    with against(keep=keep) as asking:
        for _ in range(2):
            asking.ask(invoice(invoice_number="."), "'.' in invoice_number")
        row = asking.only
    assert (row["difference"], row["shows"]) == (USED, "after another")
    assert (row["accepted"], row["status"]) == ("the plain invoice, sent alone", status)


def test_a_number_of_an_invoice_before_the_last_one_is_told_as_used(against: Any) -> None:
    """The first and the last one have its reference, which brings nothing about."""
    owners: dict[str, str] = {}

    def keep(_store: Any, data: Json) -> None:
        if owners.setdefault(data["invoice_number"], data["reference_id"]) != data["reference_id"]:
            raise Refusal(500, "Two rows where one is awaited.")

    other = dict.fromkeys(("reference_id", "invoice_number"), f"2-{PLACEHOLDER}")
    with against(keep=keep) as asking:
        stamp = asking.client.stamper.stamp().encode()
        for payload in (invoice(), invoice(**other), invoice(remarks="Another")):
            asking.oracle.judge(asking.client.send(_stamped(payload, stamp)))
        mixed = _stamped(invoice(invoice_number=other["invoice_number"]), stamp)
        verdict = asking.oracle.judge(asking.client.send(mixed))
        asking.found.explain(asking.client, verdict, "one with the number of the second")
        row = asking.only
    assert (row["difference"], row["shows"], row["status"]) == (USED, "after another", 500)


def test_numbers_that_are_only_alike_are_not_told_as_the_same(against: Any) -> None:
    """Who reads that they are the same takes it for an invoice that was rightly refused."""
    used: set[str] = set()

    def keep(_store: Any, data: Json) -> None:
        number = re.sub("[^0-9A-Z]", "", data["invoice_number"])
        if number in used:
            raise Refusal(400, "The number exists.")
        used.add(number)

    with against(keep=keep) as asking:
        stamp = asking.client.stamper.stamp().encode()
        for end in ("1/2", "12"):
            texts = {"reference_id": f"REF-{PLACEHOLDER}-{end}"}
            texts["invoice_number"] = f"INV-{PLACEHOLDER}-{end}"
            item = {**invoice()["items"][0], "reference_id": f"{end}-{PLACEHOLDER}"}
            payload = {**of_items([item]), **texts}
            verdict = asking.oracle.judge(asking.client.send(_stamped(payload, stamp)))
        asking.found.explain(asking.client, verdict, "the last of a series")
        row = asking.only
    told = (
        "the request before it was answered 201, and has references that are alike: "
        'invoice_number "INV-IC-...-1/2", then "INV-IC-...-12"'
    )
    assert row["difference"] == told
    assert row["accepted"].startswith("the plain invoice with invoice_number ")


def test_a_number_that_is_refused_and_was_never_used_is_told_by_itself(against: Any) -> None:
    """Without a stamp it is sent as it is."""

    def keep(_store: Any, data: Json) -> None:
        if data["invoice_number"] == ".":
            raise Refusal(500, "Unexpected")

    with against(keep=keep) as asking:
        asking.ask(invoice(invoice_number="."), "'.' in invoice_number")
        row = asking.only
    assert (row["difference"], row["shows"]) == ('invoice_number "."', "each time")


def _replaying(app: ASGIApp) -> ASGIApp:
    """Asks a cache of answers, by the number of the invoice, before it asks for the key."""
    answers: dict[str, bytes] = {}

    async def replayed(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        found = re.search(rb'"invoice_number":"([^"]*)"', message.get("body", b""))
        number = found[1].decode() if found else ""

        async def again() -> Message:
            return message

        async def kept(answer: Message) -> None:
            if answer["type"] == "http.response.body" and b'"data"' in answer["body"]:
                answers[number] = answer["body"]
            await send(answer)

        if number in answers:
            known = Response(answers[number], 201, media_type="application/json")
            await known(scope, again, send)
            return
        await app(scope, again, kept)

    return replayed


Ask = Callable[[Any, bytes], None]


def _beside(asking: Any, stamp: bytes) -> None:
    """Two at once of which the order is not known."""
    asking.client.send(_stamped(invoice(), stamp))
    asking.client.send(encode(invoice()))
    verdict = asking.oracle.judge(asking.client.send(_stamped(invoice(due_date=1), stamp)))
    asking.found.explain(asking.client, verdict, "an invalid one", at_once=8)


def _unstamped(asking: Any, _stamp: bytes) -> None:
    for remarks in ("one", "other"):
        asking.ask(invoice(invoice_number=".", remarks=remarks), "'.' in invoice_number")


@pytest.mark.parametrize("ask", [_beside, _unstamped])
def test_an_answer_that_is_sent_again_before_the_key_is_checked_is_one_of_the_key(
    tmp_path: Path, ask: Ask
) -> None:
    """What else the cache brings about says less than that anyone is given the answer."""
    with application() as app, serving(_replaying(app)) as url, asking_of(url, tmp_path) as asking:
        stamp = asking.client.stamper.stamp().encode()
        asking.client.send(_stamped(invoice(), stamp))
        verdict = asking.oracle.judge(asking.client.send(_stamped(invoice(), stamp), key=None))
        asking.found.explain(asking.client, verdict, "the same without a key")
        ask(asking, asking.client.stamper.stamp().encode())
        row = asking.only
    assert (row["requirement"], row["difference"]) == ("security.key", USED)
    assert row["also"]


def _kept_by_key(app: ASGIApp) -> ASGIApp:
    """Asks a cache of answers, by the Idempotency-Key, before it asks for the key."""
    answers: dict[bytes, Response] = {}

    async def replayed(scope: Scope, receive: Receive, send: Send) -> None:
        name = dict(scope.get("headers", ())).get(b"idempotency-key", b"")

        async def kept(answer: Message) -> None:
            if answer["type"] == "http.response.body" and b'"data"' in answer["body"] and name:
                answers[name] = Response(answer["body"], 201, media_type="application/json")
            await send(answer)

        await (
            answers[name](scope, receive, send) if name in answers else app(scope, receive, kept)
        )

    return replayed


def test_a_wrong_key_is_told_with_the_header_field_that_an_accepted_request_had(
    tmp_path: Path,
) -> None:
    """Not by chance: each one is let in that has the field of an earlier invoice, and no other."""
    with (
        application() as app,
        serving(_kept_by_key(app)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        stamp = asking.client.stamper.stamp().encode()
        body, headers = _stamped(invoice(), stamp), (("Idempotency-Key", PLACEHOLDER),)
        asking.oracle.judge(asking.client.send(body, headers=headers))
        asking.client.send(_stamped(invoice(due_date=1), stamp))
        asking.ask(body, "a wrong key", key="a-wrong-key", headers=headers)
        row = asking.only
    told = "the request before it was answered 201, and has the same Idempotency-Key"
    assert (row["requirement"], row["difference"]) == ("security.key", told)


def _kept_for_no_key(app: ASGIApp) -> ASGIApp:
    """The same, but it looks at a key that is sent before it asks for an answer."""
    cached = _kept_by_key(app)

    async def replayed(scope: Scope, receive: Receive, send: Send) -> None:
        fields = dict(scope.get("headers", ()))
        wrong = fields.get(b"x-api-key") == b"a-wrong-key"
        await (app if wrong else cached)(scope, receive, send)

    return replayed


def test_no_key_is_told_with_the_header_field_of_an_accepted_request_behind_a_refused_one(
    tmp_path: Path,
) -> None:
    """The refused one right before has the field and the references too, and lets nobody in. What
    is sent again is plain, and the one before it as well.
    """
    with (
        application() as app,
        serving(_kept_for_no_key(app)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        stamp = asking.client.stamper.stamp().encode()
        body, headers = _stamped(invoice(), stamp), (("Idempotency-Key", PLACEHOLDER),)
        asking.oracle.judge(asking.client.send(body, headers=headers, chunked=True))
        asking.client.send(body, headers=headers, key="a-wrong-key")
        asking.ask(body, "no key any more", key=None, headers=headers)
        row, shown = asking.only, asking.found.known[-1]
    told = "the request before it was answered 201, and has the same Idempotency-Key"
    assert (row["requirement"], row["difference"]) == ("security.key", told)
    assert shown.first is not None
    for request in (shown.shown.exchange.request, shown.first.exchange.request):
        assert request.header("Transfer-Encoding") is None
        assert request.header("Idempotency-Key") is not None
        assert len(request.body) == len(encode(plain_invoice(CONTRACT, ORDERS)))


def test_a_number_that_is_a_reference_of_an_invoice_before_is_told_as_that(against: Any) -> None:
    """Not as what fails now and then, behind a refused one that has the same two; and not with what
    else the two invoices have.
    """
    used: set[str] = set()

    def keep(_store: Any, data: Json) -> None:
        if data["invoice_number"] in used:
            raise Refusal(400, "The number exists.")
        used.add(data["reference_id"])

    first = {"reference_id": f"A-{PLACEHOLDER}", "invoice_number": f"B-{PLACEHOLDER}"}
    crossed = {"reference_id": f"B-{PLACEHOLDER}", "invoice_number": f"A-{PLACEHOLDER}"}
    items = [{**invoice()["items"][0], "reference_id": f"7-{PLACEHOLDER}"}]
    with against(keep=keep) as asking:
        stamp = asking.client.stamper.stamp().encode()
        asking.oracle.judge(asking.client.send(_stamped({**of_items(items), **first}, stamp)))
        last = _stamped(invoice(**crossed, remarks="Another"), stamp)
        asking.client.send(last, headers=(("Content-Type", "text/plain"),))
        verdict = asking.oracle.judge(asking.client.send(last))
        asking.found.explain(asking.client, verdict, "the last of a series")
        row = asking.only
    told = (
        "the request before it was answered 201, and has a reference of it under another name: "
        'reference_id "A-IC-...", then invoice_number "A-IC-..."'
    )
    assert row["difference"] == told
    assert row["refused"] == f'the plain invoice with invoice_number "A-IC-..."; {told}'


@pytest.mark.parametrize("times", [1, 0])
def test_an_order_that_is_known_once_it_was_asked_for_is_told_as_that(
    against: Any, times: int
) -> None:
    """A developer who sends it once to a fresh server gets 404; to one that takes any order, not,
    and no more is told of that one than the order.
    """
    asked: dict[str, int] = {}

    def find(payload: Json, store: Any) -> Any:
        name = payload["order_id"]
        asked[name] = asked.get(name, 0) + 1
        if name in ORDERS.order_ids or asked[name] <= times:
            return find_order(payload, store)
        return datetime(2000, 1, 1, tzinfo=UTC)

    unknown = ORDERS.unknown_order_id
    with against(find_order=find) as asking:
        for _ in range(1 + times):
            asking.ask(invoice(order_id=unknown), "an unknown order")
        row, shown = asking.only, asking.found.known[-1]
    name = f'the plain invoice with order_id "{unknown}"'
    told = f"{name}; the request before it was answered 404, and has the same order_id"
    assert row["requirement"] == "order_id.known"
    assert row["accepted"] == (told if times else name)
    if times:
        assert unknown.encode() in shown.shown.exchange.before.request.body


def _stamped(payload: Json, stamp: bytes) -> bytes:
    return encode(payload).replace(PLACEHOLDER.encode(), stamp)
