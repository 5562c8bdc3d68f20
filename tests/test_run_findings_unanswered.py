"""What gets no answer is told by what is to blame, with few requests that are waited for."""

import asyncio
import gzip
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from typing_extensions import override

from causes.unanswered import blamed
from reference.mutants.asgi import call
from reference.mutants.raw import head
from run.ending.questions import MOST_WAITED
from spec.exchange import HttpFault
from spec.paths import Json
from strategies.invoice import encode, plain_invoice
from tests.asking import ORDERS, VALID, asking_of, invoice, of_items, refuses
from tests.exchanges import CONTRACT
from tests.fronts import fronted, handled
from tests.running import application, server
from tests.tunnels import going_down

WAIT = 0.4
"""Seconds that the client waits here."""


def _hangs(wrong: Callable[[Any, bytes], bool]) -> Any:
    """A server that is stuck with what is so, for longer than anybody waits."""
    stuck: list[bytes] = []

    async def read(request: Any) -> bytes:
        body: bytes = await VALID.read(request)
        if wrong(request, body):
            stuck.append(body)
            await asyncio.sleep(20 * WAIT)
        return body

    return replace(VALID, read=read), stuck


def _is_paid_without_remarks(_: Any, body: bytes) -> bool:
    return b'"PAID"' in body and b'"remarks"' not in body


def _longest() -> dict[str, Json]:
    """A paid invoice without remarks, in which all else is unusual too."""
    wide = invoice(
        status="PAID",
        reference_id="IC-..." + "x" * 249,
        invoice_number="IC-..." + "y" * 249,
        url="https://shop.example/" + "z" * 480,
        created_at="2030-01-01T00:00:00+05:30",
        updated_at="2030-01-02T00:00:00+05:30",
    )
    del wide["remarks"]
    for item in wide["items"]:
        item["sku"] = "s" * 255
    return {**wide, "paid_amount": wide["total_amount"]}


def test_two_properties_that_get_no_answer_are_told(tmp_path: Path) -> None:
    """Whatever else is unusual about the invoice, and with few requests that are waited for."""
    steps, stuck = _hangs(_is_paid_without_remarks)
    with server(steps) as url, asking_of(url, tmp_path, timeout=WAIT) as asking:
        asking.ask(_longest(), "the longest")
        row = asking.only
    assert row["requirement"] == "response.http"
    assert row["difference"] == 'status "PAID" and no remarks'
    assert len(stuck) <= 8


def test_what_was_accepted_before_says_what_has_no_part_in_it(tmp_path: Path) -> None:
    """Then hardly anything has to be waited for."""
    steps, stuck = _hangs(_is_paid_without_remarks)
    with server(steps) as url, asking_of(url, tmp_path, timeout=WAIT) as asking:
        longest = _longest()
        for other in ({"status": "OVERPAID", "paid_amount": 10**7}, {"remarks": "x"}):
            verdict = asking.oracle.judge(asking.client.send(encode({**longest, **other})))
            assert not verdict.violations
            asking.found.ledger.observe(verdict)
        asking.ask(longest, "the longest")
        row = asking.only
    assert row["difference"] == 'status "PAID" and no remarks'
    assert len(stuck) <= 6


@pytest.mark.parametrize(("sign", "told"), [("\U0001fa91", "\U0001f600"), ("鍵", "é")])
def test_a_character_that_gets_no_answer_is_told_by_the_plainest_of_its_kind(
    tmp_path: Path, sign: str, told: str
) -> None:
    """Of whatever texts it is a part, and with few requests that are waited for: it is one finding
    for two properties, and one that hangs at any beyond ASCII is told by such a one.
    """
    beyond = "\u007f" if told == "é" else "\uffff"
    steps, stuck = _hangs(lambda _, body: any(each > beyond for each in body.decode()))
    with server(steps) as url, asking_of(url, tmp_path, timeout=WAIT) as asking:
        long = sign * 200
        asking.ask({**_longest(), "reference_id": long + "IC-...", "remarks": long}, "long texts")
        mixed = f"INV-IC-... Größe {sign}" if told != "é" else f"INV-IC-... - {sign}"
        asking.ask({**_longest(), "remarks": "x", "invoice_number": mixed}, "a number")
        row = asking.only
    assert row["difference"].startswith("reference_id ")
    assert row["difference"].endswith(f'{told}"')
    assert len(row["difference"]) < 40
    assert len(stuck) <= 14


OPTIONAL = {
    "remarks": ("x" * 255, "é 1"),
    "url": ("https://shop.example/a", "http://other.example"),
    "created_at": ("2020-01-01T00:00:00Z", "2021-01-01T00:00:00+05:30"),
    "status": ("PENDING", "PARTIALLY_PAID"),
}
"""Two values of each optional property."""


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_property_that_gets_no_answer_whatever_it_is_is_told_as_that(
    tmp_path: Path, name: str
) -> None:
    """Once, for each value of it, of which hardly any is waited for."""
    steps, stuck = _hangs(lambda _, body: name in json.loads(body))
    with server(steps) as url, asking_of(url, tmp_path, timeout=WAIT) as asking:
        asking.ask(invoice(), "the plain one")
        before = len(stuck)
        for value in OPTIONAL[name]:
            paid = 0 if value == "PENDING" else 10
            asking.ask(invoice(**{name: value}, paid_amount=paid), f"such as {value}")
        row = asking.only
    assert (row["difference"], row["alike"]) == (f"any {name}", [])
    assert row["refused"].startswith(f"the same with any {name}")
    assert len(stuck) == before + 2
    assert before <= 16


def test_whatever_is_invalid_and_gets_no_answer_is_one_finding(tmp_path: Path) -> None:
    """Told as that, with one of them; where only one kind gets none, that is told alone."""
    short = {name: value for name, value in invoice().items() if name != "order_id"}
    wrong = {"empty": {}, "none": short, "x": invoice(status="x"), "-1": invoice(paid_amount=-1)}
    for told, is_stuck in (
        (["anything invalid"], lambda _, body: bool(VALID.check(json.loads(body)))),
        (["no order_id"], lambda _, body: b'"order_id"' not in body),
        (['status "x"'], lambda _, body: b'"status":"x"' in body),
    ):
        steps, stuck = _hangs(is_stuck)
        with server(steps) as url, asking_of(url, tmp_path, timeout=WAIT) as asking:
            for name, payload in wrong.items():
                asking.ask(payload, name)
            asking.ask(invoice(items=[]), "no items")
            rows = asking.rows
        assert [row["difference"] for row in rows] == told
        assert len(stuck) <= 12
    assert "such as" not in rows[0]["refused"]


def _is_overpaid(_: Any, body: bytes) -> bool:
    payload = json.loads(body)
    return bool(payload["paid_amount"] > payload["total_amount"])


def test_what_is_overpaid_is_one_kind_with_its_status_and_without(tmp_path: Path) -> None:
    """Once it is known, the other invoices without a status are not waited for to explain them."""
    steps, stuck = _hangs(_is_overpaid)
    with server(steps) as url, asking_of(url, tmp_path, timeout=WAIT) as asking:
        asking.ask(invoice(status="OVERPAID", paid_amount=5000), "with its status")
        items = plain_invoice(CONTRACT, ORDERS)["items"]
        for amount in (9_876.5, 7_000, 10**7):
            plain = of_items([{**item, "name": f"A {amount}"} for item in items[:2]])
            without = {name: value for name, value in plain.items() if name != "status"}
            before = len(stuck)
            asking.ask({**without, "paid_amount": amount}, "without one")
        row = asking.only
    assert row["refused"] == 'the same with status "OVERPAID", and so paid_amount 1243.95'
    assert len(stuck) == before + 1


def test_a_number_that_gets_no_answer_is_not_told_as_overpaid(tmp_path: Path) -> None:
    """As an invoice that is paid gets none either if its total is such a number."""
    steps, _ = _hangs(lambda _, body: json.loads(body)["paid_amount"] >= 1000)
    with server(steps) as url, asking_of(url, tmp_path, timeout=WAIT) as asking:
        without = {name: value for name, value in invoice().items() if name != "status"}
        asking.ask({**without, "paid_amount": 10**5}, "without one")
        assert asking.only["difference"].startswith("paid_amount ")


def _is_long_in_chunks(request: Any, body: bytes) -> bool:
    return "transfer-encoding" in request.headers and len(body) > 1024


@pytest.mark.parametrize("size", [480, 20_000])
def test_a_length_that_gets_no_answer_in_chunks_is_told(tmp_path: Path, size: int) -> None:
    """Of the plain invoice, with blanks, however long the first one was."""
    steps, _ = _hangs(_is_long_in_chunks)
    with server(steps) as url, asking_of(url, tmp_path, timeout=WAIT) as asking:
        long = invoice(remarks="x" * size)
        asking.ask(long, "a long one", chunked=True)
        row = asking.only
    assert row["difference"].startswith("Transfer-Encoding: chunked and a body of 1025 bytes")


CLOSED = (b"x!", b"x#", b"x~", b"/%7E", b"x@")
"""Where the connection is closed, each a finding by itself."""


def test_answers_that_are_too_long_are_one_finding(tmp_path: Path) -> None:
    """Whichever requests get them, as where each error has all that was ever logged in it; and
    whether the answer is packed or not.
    """
    long, gzip_of_it = b"z" * 2_000_000, gzip.compress(b"z" * 2_000_000)

    def decide(_number: int, body: bytes) -> Response | None:
        if b'"PAID"' in body:
            return Response(long, 400)
        packed = {"content-encoding": "gzip"}
        return Response(gzip_of_it, 400, packed) if b'"remarks"' not in body else None

    bare = invoice()
    del bare["remarks"]
    total = bare["total_amount"]
    with fronted(decide) as url, asking_of(url, tmp_path) as asking:
        asking.ask(invoice(status="PAID", paid_amount=total), "paid")
        asking.ask(bare, "bare")
        row = asking.only
    assert row["requirement"] == "response.http"
    assert row["expected"] == "an answer of a usual length"
    causes = asking.found.ledger.counts.causes.values()
    assert {each.broken for each in causes} == {HttpFault.TOO_LONG}
    assert len(causes) == 2


def test_closed_connections_leave_what_is_silent_its_explanation(tmp_path: Path) -> None:
    """They take no time, so none of those that may be waited for in vain."""
    closed: list[bytes] = []

    class Rude(BaseHTTPRequestHandler):
        protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

        @override
        def log_message(self, *_: Any) -> None:
            """Write nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if any(each in body for each in CLOSED):
                closed.append(body)
                self.close_connection = True
            elif b'"PAID"' in body:
                time.sleep(2 * WAIT)
            else:
                sent = [
                    (name.lower().encode(), text.encode()) for name, text in self.headers.items()
                ]
                answer = call(app, "POST", self.path, sent, body)
                self.wfile.write(head(answer) + answer.body)

    items = invoice()["items"]
    with (
        application() as app,
        handled(Rude) as url,
        asking_of(url, tmp_path, timeout=WAIT) as asking,
    ):
        asking.ask(invoice(remarks="x!"), "a mark")
        asking.ask(invoice(items=[{**items[0], "sku": "x#"}, *items[1:]]), "a number sign")
        asking.ask(invoice(items=[{**items[0], "name": "x~"}, *items[1:]]), "a tilde")
        asking.ask(invoice(url="https://shop.example/%7E"), "an escape")
        asking.ask(invoice(invoice_number="x@IC-..."), "an at sign")
        asking.ask(invoice(status="PAID", paid_amount=invoice()["total_amount"]), "all paid")
        told = [row["difference"] for row in asking.rows]
    assert len(closed) > MOST_WAITED
    assert 'status "PAID"' in told


@pytest.mark.parametrize("size", [2, 7, 12])
def test_any_part_or_two_are_found_in_a_few_tries(size: int) -> None:
    """And of these few are not answered."""
    parts = range(size)
    for wrong in (*combinations(parts, 1), *combinations(parts, 2)):
        tries: list[bool] = []

        def fails(some: Any, wrong: Any = wrong, tries: list[bool] = tries) -> bool:
            tries.append({*wrong} <= {*some})
            return tries[-1]

        assert blamed(parts, [], fails) == wrong
        assert sum(tries) <= 6
        assert len(tries) <= 18


def test_three_parts_are_not_told_as_two() -> None:
    """Nor is anything once nothing more may be asked."""
    assert blamed(range(5), [], lambda some: {0, 2, 4} <= {*some}) is None
    assert blamed(range(5), [], lambda _: None) is None


def test_what_explains_is_not_judged_while_the_server_is_at_work_with_the_request_before(
    tmp_path: Path,
) -> None:
    """It does nothing else until it has done with an invoice of many items, and no smaller one that
    waits behind that is to blame: it is sent once the plain one is answered again.
    """
    busy, stuck = asyncio.Lock(), list[bytes]()

    async def read(request: Any) -> bytes:
        body: bytes = await VALID.read(request)
        async with busy:
            if body.count(b'"sku"') >= 20:
                stuck.append(body)
                await asyncio.sleep(4 * WAIT)
        return body

    with (
        server(replace(VALID, read=read)) as url,
        asking_of(url, tmp_path, timeout=WAIT) as asking,
    ):
        asking.found.silence.slow.limit = 5 * WAIT
        asking.ask(of_items(invoice()["items"][:1] * 60), "many items")
        row = asking.only
    assert row["requirement"] == "response.http"
    assert (row["accepted"], row["shows"]) == ("the plain invoice", "each time")
    told = re.match(r"the same with ([0-9]+) items", row["refused"])
    assert told is not None
    assert 20 <= int(told[1]) <= 60
    assert min(body.count(b'"sku"') for body in stuck) == int(told[1])


def test_what_explains_is_sent_again_where_nothing_listened_for_a_moment(tmp_path: Path) -> None:
    """It is no reason to ask nothing more in the rest of the run."""
    gone: list[bytes] = []

    def at(data: bytes) -> bool:
        gone.append(data)
        return len(gone) == 4

    def was_away() -> bool:
        time.sleep(5 * WAIT)
        return True

    steps = replace(VALID, **refuses(("remarks",), lambda payload: "é" in payload["remarks"]))
    with (
        server(steps) as behind,
        going_down(behind, 2 * WAIT, at) as url,
        asking_of(url, tmp_path, was_away=was_away) as asking,
    ):
        asking.ask(invoice(remarks="Café"), "an accent")
        left, row = asking.found.questions.left, asking.only
    assert left > 0
    assert row["difference"] == 'remarks "é"'
