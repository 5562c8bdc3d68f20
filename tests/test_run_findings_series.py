"""What was sent before or beside it is told where it is to blame, and what shows now and then."""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.refusal import Problem, Refusal
from reference.server import serving
from reference.service import Steps
from reference.store import Store
from reports import waive
from spec.contract import PLACEHOLDER
from spec.oracle import Verdict
from strategies.invoice import encode, plain_invoice
from targets.client import Outgoing
from targets.stamp import stamp_in
from tests.asking import ORDERS, VALID, Json, asking_of, counts_of, invoice
from tests.exchanges import CONTRACT
from tests.fronts import error, front, fronted
from tests.running import KEY, application, server
from tests.waiving import waived, waiver_of


def _breaks_down_once() -> Callable[[Any, Any], None]:
    """Keeps each invoice but the first."""
    calls = count()

    def keep(_: Any, _data: Any) -> None:
        if next(calls) == 0:
            raise Refusal(500, "Internal Server Error")

    return keep


def test_what_shows_only_once_is_told_as_such(against: Any) -> None:
    """The same request, sent again and again, was answered well: it has nothing to do with it."""
    with against(keep=_breaks_down_once()) as asking:
        asking.ask(plain_invoice(CONTRACT, ORDERS), "time 1")
        row = asking.only
        assert row["category"] == "Server error"
        assert (row["requirement"], row["accepted"]) == ("response.status", "any request")
        assert row["refused"] == "any request, now and then: 1 of 1 answer"
        assert row["expected"] == "201 or a 4xx"
        assert "expected 201 or a 4xx, got 500" in row["headline"]


def _fails_each(number: int) -> Callable[[int, bytes], Response | None]:
    """A front that breaks down at each request of a number, whatever is in it."""
    return lambda count, _body: error(500) if count % number == 0 else None


def test_each_tenth_request_is_told_by_how_often_it_fails(tmp_path: Path) -> None:
    """With others in flight or not: those have no part in it, so they are not blamed."""
    with fronted(_fails_each(10)) as url, asking_of(url, tmp_path, in_flight=8) as asking:
        verdicts = [asking.oracle.judge(asking.client.send(encode(invoice()))) for _ in range(10)]
        asking.found.explain_concurrent(asking.client, verdicts[-1], "a drawn invoice")
        row = asking.only
    assert row["difference"] == ""
    assert row["refused"] == "any request, now and then: 1 of 10 answers"


def test_a_waiver_of_what_any_request_may_get_is_for_it_wherever_it_shows(
    against: Any, tmp_path: Path
) -> None:
    """Which requirements it breaks is another matter in each run. Another answer is new, and so is
    that it comes each time.
    """
    plain = plain_invoice(CONTRACT, ORDERS)
    one, again = (counts_of(against, plain, keep=_breaks_down_once()) for _ in range(2))
    waiver = waiver_of(one, tmp_path)
    told = waiver.requirement, waiver.shows, waiver.also
    assert told == ("response.status", "now and then", ())
    (found,) = waive.found_of(again, next(iter(again.occurrences.values())))
    assert waiver.waives(replace(found, requirement="status.enum", place="status"))
    changes: list[dict[str, Any]] = [{"now_and_then": False}, {"code": "X"}, {"status": 501}]
    for change in (*changes, {"answer": "no JSON"}):
        assert not waiver.waives(replace(found, **change))
    assert waived(again, waiver) == [True]


def _odd(body: bytes) -> bool:
    return b'"odd"' in body


def test_a_case_that_fails_often_is_told_by_how_often(tmp_path: Path) -> None:
    """It has to do with it, even if nobody knows what."""
    odd = count()

    def each_third(_: int, body: bytes) -> Response | None:
        return error(500) if _odd(body) and next(odd) % 3 == 0 else None

    with fronted(each_third) as url, asking_of(url, tmp_path) as asking:
        asking.ask(invoice(remarks="odd"), "the odd one")
        row = asking.only
    told = re.fullmatch("the odd one, not always: ([0-9]+) of ([0-9]+) times", row["refused"])
    assert told is not None
    wrong, times = told.groups()
    assert 1 < int(wrong) < int(times)
    assert row["accepted"] == f"the odd one, {int(times) - int(wrong)} of {times} times"


def test_what_shows_each_time_is_told_beside_what_does_now_and_then(tmp_path: Path) -> None:
    """Though both are answered alike, they are two defects; what comes later is no third one."""
    once = [b"/first", b"/later"]

    def decide(_: int, body: bytes) -> Response | None:
        met = [each for each in once if each in body]
        once[:] = (each for each in once if each not in met)
        return error(500) if met or _odd(body) else None

    with fronted(decide) as url, asking_of(url, tmp_path) as asking:
        asking.ask(invoice(url="https://shop.example/first"))
        asking.ask(invoice(remarks="odd"))
        asking.ask(invoice(url="https://shop.example/later"))
        told = {row["refused"] for row in asking.rows}
    assert told == {'the same with remarks "odd"', "any request, now and then: 2 of 3 answers"}


class Batches:
    """What waits a moment for more requests, and breaks down at more than one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.batch = app, [asyncio.Event()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, together with those that come meanwhile."""
        first = len(self.batch) == 1
        self.batch.append(asyncio.Event())
        if not first:
            self.batch[0].set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.batch[0].wait(), 0.05)
        alone = not self.batch[0].is_set()
        self.batch = [asyncio.Event()] if first else self.batch
        await (self.app if alone else error(500))(scope, receive, send)


def test_what_fails_only_together_is_told_by_the_other_requests(tmp_path: Path) -> None:
    """Alone it is answered well again and again; each time that several are sent one is not."""
    with (
        application() as app,
        serving(Batches(app)) as url,
        asking_of(url, tmp_path, in_flight=4) as asking,
    ):
        sent = [Outgoing(encode(invoice()))] * 4
        judged = map(asking.oracle.judge, asking.client.send_concurrently(sent, 4))
        wrong = next(verdict for verdict in judged if verdict.violations)
        asking.found.explain_concurrent(asking.client, wrong, "an invoice")
        row = asking.only
    assert row["difference"] == "other requests in flight"
    assert row["accepted"] == "the plain invoice, sent alone 16 times"
    assert row["refused"] == "the plain invoice, with other requests in flight"


def test_what_shows_alone_is_told_beside_what_takes_others_in_flight(tmp_path: Path) -> None:
    """Both are answered alike, and the second is seen many times before the first."""
    with (
        application() as app,
        serving(Batches(front(app, lambda _, body: error(500) if b"x{" in body else None))) as url,
        asking_of(url, tmp_path, in_flight=4) as asking,
    ):
        wrong: list[Verdict] = []
        while len(wrong) < 40:
            texts = (f"{len(wrong)} and {one}" for one in range(16))
            sent = [Outgoing(encode(invoice(remarks=text))) for text in texts]
            judged = [*map(asking.oracle.judge, asking.client.send_concurrently(sent, 8))]
            wrong += (verdict for verdict in judged if verdict.violations)
        asking.found.explain_concurrent(asking.client, wrong[0], "an invoice")
        for verdict in wrong[1:40]:
            asking.found.explain(asking.client, verdict, "one of many")
        asking.ask(invoice(remarks="x{"))
        told = {row["refused"] for row in asking.rows}
    together = "the plain invoice, with other requests in flight"
    assert told == {'the same with remarks "x{"', together}


def test_what_follows_a_refusal_is_told_so_among_many_requests_too(tmp_path: Path) -> None:
    """The one before came over another connection, so one of its kind is sent again."""
    refused: list[Problem] = []

    def check(payload: Json) -> tuple[Problem, ...]:
        problems = VALID.check(payload)
        after = bool(refused) and not problems
        refused[:] = problems
        return (Problem(("reference_id",), "wrong", "the one before"),) if after else problems

    checking = replace(VALID, check=check)
    with server(checking) as url, asking_of(url, tmp_path, in_flight=8) as asking:
        asking.client.send_concurrently([Outgoing(b"{}")], 1)
        verdict = asking.oracle.judge(asking.client.send(encode(invoice())))
        assert verdict.exchange.before is None
        asking.found.explain_concurrent(asking.client, verdict, "one of many")
        row = asking.only
    assert row["difference"] == "the request before it was answered 400"
    assert row["accepted"] == "the plain invoice, sent alone"


def test_a_key_that_a_connection_remembers_is_told_by_the_request_before(tmp_path: Path) -> None:
    """No key is needed after a request with one; over a new connection it is."""
    known: set[Any] = set()

    def remembering(app: ASGIApp) -> ASGIApp:
        async def remembered(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                key = (b"x-api-key", KEY.encode())
                has = any(name == b"x-api-key" for name, _ in scope["headers"])
                peer = tuple(scope["client"])
                if not has and peer in known:
                    scope = {**scope, "headers": [*scope["headers"], key]}
                known.update({peer} if key in scope["headers"] else ())
            await app(scope, receive, send)

        return remembered

    with (
        application() as app,
        serving(remembering(app)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        asking.client.send(encode(invoice()))
        asking.ask(invoice(), "no key, a valid invoice", key=None)
        asking.client.disconnect()
        assert asking.oracle.judge(asking.client.send(encode(invoice()), key=None)).violations == ()
        row = asking.only
    assert row["category"] == "Authentication"
    assert row["difference"] == "the request before it over the connection was answered 201"


def test_what_is_left_of_the_invoice_before_is_told_by_what_that_had(against: Any) -> None:
    """The answer itself shows it, so nothing more is asked."""
    last: list[str] = []

    def render(payload: Json) -> Json:
        last.extend([payload["remarks"]] if "remarks" in payload else [])
        return {"remarks": last[-1], **VALID.render(payload)}

    with against(render=render) as asking:
        before = asking.client.send(encode(invoice(remarks="left over"))).request
        bare = invoice()
        del bare["remarks"]
        verdict = asking.oracle.judge(asking.client.send(encode(bare)), None, before)
        asking.found.explain(asking.client, verdict, "without remarks", "remarks or not")
        row = asking.only
        assert row["requirement"] == "201.data.remarks.echo"
        assert row["difference"] == "the invoice before it had remarks"
        assert row["accepted"] == ""
        name = "without remarks (remarks or not)"
        assert row["refused"] == f"{name}; the invoice before it had remarks"


def test_details_of_the_refusal_before_are_told_by_what_that_had_wrong(against: Any) -> None:
    """The answer itself shows it, and sent alone it is well."""
    before: list[Json] = []

    def explain(refusal: Refusal) -> Json:
        error = VALID.explain(refusal)
        own = error.get("details", [])
        both = [*before, *own]
        before[:] = own
        return {**error, "details": both}

    with against(explain=explain) as asking:
        bodies = [
            encode({k: v for k, v in invoice().items() if k != name})
            for name in ("order_id", "due_date")
        ]
        first = asking.client.send(bodies[0]).request
        verdict = asking.oracle.judge(asking.client.send(bodies[1]), None, first)
        asking.found.explain(asking.client, verdict, "no due_date", "two refusals")
        row = asking.only
        assert row["requirement"] == "4xx.details.names"
        assert row["difference"] == "the request before it had order_id wrong"
        assert "one that names order_id, which only the request before had wrong" in row["got"]


def test_a_name_that_an_error_alone_has_too_is_none_of_the_request_before(against: Any) -> None:
    """The server calls one property by the name of another, which the request before had wrong."""

    def explain(refusal: Refusal) -> Json:
        return json.loads(json.dumps(VALID.explain(refusal)).replace("due_date", "order_id"))

    with against(explain=explain) as asking:
        bodies = [
            encode({k: v for k, v in invoice().items() if k != name})
            for name in ("order_id", "due_date")
        ]
        first = asking.client.send(bodies[0]).request
        verdict = asking.oracle.judge(asking.client.send(bodies[1]), None, first)
        asking.found.explain(asking.client, verdict, "no due_date", "two refusals")
        row = asking.only
        assert row["requirement"] == "4xx.details.names"
        assert "before" not in row["refused"]


def _after_404() -> Steps:
    """A server that answers 404 once more after each 404."""
    waiting: list[Json] = []

    def find_order(payload: Json, store: Store) -> Any:
        if waiting:
            waiting.clear()
            raise Refusal(404, "The order does not exist.")
        try:
            return VALID.find_order(payload, store)
        except Refusal:
            waiting.append(payload)
            raise

    return replace(VALID, find_order=find_order)


def test_what_follows_from_the_request_before_is_told_by_its_answer(against: Any) -> None:
    """The invoice has nothing to do with it, which the plain one shows."""
    steps = _after_404()
    with against(find_order=steps.find_order) as asking:
        unknown = invoice(order_id="ORD-7")
        asking.ask(unknown)
        asking.ask(invoice(remarks="x"), "another text")
        row = asking.only
        assert (row["requirement"], row["category"]) == ("201.status", "Refused valid input")
        assert row["difference"] == "the request before it was answered 404"
        assert row["accepted"] == "the plain invoice, sent alone"
        assert row["refused"] == "the plain invoice; the request before it was answered 404"
        left = asking.found.questions.left
        asking.ask(unknown)
        asking.ask(invoice(), "another invoice")
        assert (asking.found.questions.left, asking.only["times"]) == (left, 2)


def test_what_follows_from_the_request_before_is_no_load(against: Any) -> None:
    """Among many requests in flight, it is that of the same connection that is to blame."""
    steps = _after_404()
    with against(find_order=steps.find_order) as asking:
        asking.client.send(encode(invoice(order_id="ORD-7")))
        verdict = asking.oracle.judge(asking.client.send(encode(invoice())))
        asking.found.explain_concurrent(asking.client, verdict, "one of many")
        assert asking.only["difference"] == "the request before it was answered 404"


def test_an_answer_that_is_sent_again_is_told_by_what_it_takes_least_for(tmp_path: Path) -> None:
    """Whatever else it was sent for: that what is invalid gets it as well says less."""
    answers: dict[str, tuple[int, bytes]] = {}

    def replaying(app: ASGIApp) -> ASGIApp:
        async def replayed(scope: Scope, receive: Receive, send: Send) -> None:
            name = dict(scope.get("headers", ())).get(b"x-request-id", b"").decode()
            if name in answers:
                status, body = answers[name]
                await Response(body, status, media_type="application/json")(scope, receive, send)
                return

            async def kept(message: Any) -> None:
                if message["type"] == "http.response.body" and name:
                    answers[name] = (201, message["body"])
                await send(message)

            await app(scope, receive, kept)

        return replayed

    headers = (("X-Request-ID", "one"),)
    with application() as app, serving(replaying(app)) as url, asking_of(url, tmp_path) as asking:
        asking.ask(invoice(), "the first", headers=headers)
        unknown = invoice(order_id=ORDERS.unknown_order_id)
        asking.ask(unknown, "an unknown order", headers=(*headers, ("Via", "x")))
        asking.ask(invoice(), "an edge", headers=headers)
        row = asking.only
    assert row["category"] == "Echo mismatch"
    assert row["refused"] == "the same with a header field X-Request-ID"
    assert "order_id.known" in row["also"]


@pytest.mark.parametrize("between", [(), ("a-wrong-key",), ("a-wrong-key", "another-wrong-key")])
def test_the_first_request_with_its_references_is_told(tmp_path: Path, between: Any) -> None:
    """Whatever was refused between them, none of which is to blame."""
    answers: dict[str, Response] = {}

    def replaying(app: ASGIApp) -> ASGIApp:
        async def replayed(scope: Scope, receive: Receive, send: Send) -> None:
            message = await receive()
            stamp = stamp_in(message.get("body", b"")) or ""
            keyed = dict(scope["headers"]).get(b"x-api-key", b"").decode() == KEY

            async def again() -> Any:
                return message

            async def kept(answer: Any) -> None:
                if answer["type"] == "http.response.body":
                    answers[stamp] = Response(answer["body"], 201, media_type="application/json")
                await send(answer)

            if stamp in answers and keyed:
                await answers[stamp](scope, receive, send)
                return
            await app(scope, again, kept if keyed else send)

        return replayed

    with application() as app, serving(replaying(app)) as url, asking_of(url, tmp_path) as asking:
        stamp = asking.client.stamper.stamp().encode()
        first, broken = (
            encode(each).replace(PLACEHOLDER.encode(), stamp)
            for each in (invoice(), invoice(order_id=5))
        )
        asking.client.send(first)
        for key in between:
            asking.client.send(broken, key=key)
        asking.ask(broken, "an invalid one with its references")
        row = asking.only
    assert (
        row["difference"] == "the request before it was answered 201, and has the same references"
    )
    assert (row["shows"], row["requirement"]) == ("after another", "order_id.type")


def test_what_follows_another_answer_is_told_with_that_one(tmp_path: Path) -> None:
    """References are kept of what was refused too: what follows a refusal followed no success."""
    kept: set[str] = set()

    def conflict(_number: int, body: bytes) -> Response | None:
        stamp = stamp_in(body) or ""
        if stamp in kept:
            return error(409)
        kept.add(stamp)
        return None

    with fronted(conflict) as url, asking_of(url, tmp_path) as asking:
        for before, after in (({}, {"order_id": 5}), ({"order_id": "ORD-9"}, {})):
            stamp = asking.client.stamper.stamp().encode()
            one, other = (
                encode(invoice(**changes)).replace(PLACEHOLDER.encode(), stamp)
                for changes in (before, after)
            )
            asking.client.send(one)
            asking.ask(other, "the second")
        row = next(row for row in asking.rows if row["requirement"] == "201.status")
    told = "the request before it was answered 404, and has the same references"
    assert (row["difference"], row["expected"]) == (told, "201")


def test_a_reference_without_a_stamp_that_is_held_by_now_is_asked_otherwise(tmp_path: Path) -> None:
    """The invoice cannot be sent again; what is wrong with it shows each time all the same."""
    held: set[str] = set()

    def keep(data: Json, _: Any) -> None:
        if data["reference_id"] in held:
            raise Refusal(400, "The reference exists.")
        held.add(data["reference_id"])

    def render(payload: Json) -> Json:
        return {**VALID.render(payload), "remarks": payload.get("remarks", "").strip()}

    steps = replace(VALID, render=render, keep=lambda store, data: keep(data, store))
    with server(steps) as url, asking_of(url, tmp_path) as asking:
        asking.ask(invoice(reference_id=".", remarks=" x "), "'.' in reference_id")
        row = asking.only
    assert (row["shows"], row["difference"]) == ("each time", 'remarks "x "')


def test_what_an_earlier_invoice_of_the_order_forbids_is_told_with_that_invoice(
    against: Any,
) -> None:
    """A server that takes no PENDING after PAID takes it after another status."""
    orders: dict[str, str] = {}

    def keep(_: Any, data: Any) -> None:
        before, status = orders.get(data["order_id"]), data.get("status", "PENDING")
        if (before, status) == ("PAID", "PENDING"):
            raise Refusal(400, "No", (Problem(("status",), "forbidden", "cannot go back"),))
        orders[data["order_id"]] = status

    pending = invoice(status="PENDING", paid_amount=0)
    with against(keep=keep) as asking:
        for status in ("PARTIALLY_PAID", "PAID"):
            orders[pending["order_id"]] = status
            verdict = asking.oracle.judge(asking.client.send(encode(pending)))
        orders[pending["order_id"]] = "PARTIALLY_PAID"
        asking.found.explain(asking.client, verdict, "a drawn invoice")
        row = asking.only
    name = 'the plain invoice with status "PENDING"; the invoice before it was the plain invoice'
    assert row["requirement"] == "201.status"
    assert (row["accepted"], row["refused"]) == (name, f'{name} with status "PAID"')
    assert row["detail"] == "status: cannot go back"


@pytest.mark.parametrize("is_plain", [True, False])
def test_an_invoice_that_is_refused_right_after_itself_is_told_so(
    against: Any, *, is_plain: bool
) -> None:
    """As the second click of a user; it is accepted after any other one, in whichever way sent."""
    last: list[Json] = []

    def check(payload: Json) -> tuple[Problem, ...]:
        found = VALID.check(payload)
        if found:
            return found
        mark = {name: each for name, each in payload.items() if name in ("remarks", "paid_amount")}
        again, last[:] = mark in last, [mark]
        return (Problem(("remarks",), "again", "was sent a moment ago"),) if again else ()

    with against(check=check) as asking:
        plain = plain_invoice(CONTRACT, ORDERS)
        payload = plain if is_plain else {**plain, "remarks": "x"}
        if not is_plain:
            asking.ask({**plain, "remarks": "y"}, "another one")
        for way in ("curl/8", "Go-http-client/1.1", "okhttp/4"):
            asking.ask(payload, way, headers=[("User-Agent", way)])
        rows = asking.rows
    (row,) = rows
    words = "the invoice before it was the same, but for its references"
    assert (row["requirement"], row["difference"]) == ("201.status", words)
    assert row["accepted"] == "the plain invoice, sent alone"
    assert row["refused"] == f"the plain invoice; {words}"
