"""The suite of isolation fails servers in which one request shows in the answer to another."""

import asyncio
import json
import re
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference.refusal import Problem, Refusal
from reference.service import Steps
from reference.store import Store
from tests.mutants import Change, Layer, broken, failed, mutant_server, suite
from tests.running import KEY

PLACE = "suites/test_isolation.py"
USUAL = "x-api-key"
VALID = Steps()
OPTIONAL = ("status", "remarks", "url", "created_at", "updated_at")
OUT_OF_ORDER = VALID.respond(500, {"code": "E", "message": "Out of order."})
RECOVERIES = {
    "after an invalid invoice",
    "after half an invoice",
    "after no body",
    "after arrays without end",
    "after another media type",
    "after no key",
    "after a wrong key",
}


def _echoes(*names: str) -> set[str]:
    return {f"201.data.{name}.echo" for name in names}


def _one_buffer(steps: Steps) -> Steps:
    """Reads every body into the same place, which holds another one when it is looked at."""
    place: list[bytes] = [b""]

    async def read(request: Request) -> bytes:
        place[0] = await VALID.read(request)
        await asyncio.sleep(0.002)  # as long as another thread might take
        return place[0]

    return replace(steps, read=read)


def _one_record(steps: Steps) -> Steps:
    """Writes each invoice of an order over the one before, and keeps what is left out."""
    kept: dict[str, Any] = {}

    def render(payload: Any) -> dict[str, Any]:
        kept.update(payload)
        return VALID.render(dict(kept))

    return replace(steps, render=render)


def _one_answer_an_order(steps: Steps) -> Steps:
    """Answers from a cache of orders; that each answer has new ids does not make it right."""
    known: dict[str, Any] = {}

    def render(payload: Any) -> dict[str, Any]:
        return VALID.render(known.setdefault(payload["order_id"], payload))

    return replace(steps, render=render)


def _ids_of_orders(steps: Steps) -> Steps:
    """Makes an invoice's id from its order's."""

    def render(payload: Any) -> dict[str, Any]:
        made = str(uuid.uuid5(uuid.NAMESPACE_URL, payload["order_id"]))
        return {**VALID.render(payload), "id": made}

    def keep(_store: Store, _data: Any) -> None:
        """Keeps none, for the second would be refused."""

    return replace(steps, render=render, keep=keep)


def _tired(steps: Steps) -> Steps:
    """Fails with every fortieth invoice."""
    count = Counter[str]()

    def render(payload: Any) -> dict[str, Any]:
        count["invoices"] += 1
        if count["invoices"] % 40 == 0:
            raise Refusal(500, "The pool of connections is exhausted.")
        return VALID.render(payload)

    return replace(steps, render=render)


def _few_at_once(app: ASGIApp) -> ASGIApp:
    """Serves three requests at a time and turns the others away."""
    busy: set[object] = set()

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        token = object()
        if len(busy) >= 3:
            await OUT_OF_ORDER(scope, receive, send)
            return
        busy.add(token)
        try:
            await asyncio.sleep(0.002)  # as long as a database might take
            await app(scope, receive, send)
        finally:
            busy.remove(token)

    return guarded


def _resentful(app: ASGIApp) -> ASGIApp:
    """Fails with the request that follows a refused one on the same connection."""
    refused: set[object] = set()

    async def remembering(scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope["client"]

        async def noting(message: Message) -> None:
            if message.get("status", 200) in range(400, 500):
                refused.add(caller)
            await send(message)

        if caller in refused:
            refused.remove(caller)
            await OUT_OF_ORDER(scope, receive, send)
        else:
            await app(scope, receive, noting)

    return remembering


def _payload_of(body: bytes) -> dict[str, Any]:
    """What a body has, as far as it can be read before it is checked."""
    try:
        payload = json.loads(body)
    except ValueError:
        found = re.search(rb'"reference_id":"(.*?)"', body)
        return {"reference_id": found[1].decode()} if found else {}
    return payload if isinstance(payload, dict) else {}


def _reserving(steps: Steps) -> Steps:
    """Keeps a reference that it has seen, even where it then refuses the invoice."""
    seen: set[object] = set()

    def check(payload: Any) -> tuple[Problem, ...]:
        reference = payload.get("reference_id")
        if reference in seen:
            raise Refusal(409, "The reference is in use.")
        seen.add(reference)
        return VALID.check(payload)

    return replace(steps, check=check)


def _half_stored(steps: Steps) -> Steps:
    """Stores the invoice before it looks up the order, and does not take it back."""
    seen: set[object] = set()

    def find_order(payload: Any, store: Store) -> Any:
        if payload["reference_id"] in seen:
            raise Refusal(409, "The reference is in use.")
        seen.add(payload["reference_id"])
        order = VALID.find_order(payload, store)
        seen.discard(payload["reference_id"])
        return order

    return replace(steps, find_order=find_order)


def _worn_down(steps: Steps) -> Steps:
    """Takes what it refused once for checked when it comes again."""
    checked: set[str] = set()

    def check(payload: Any) -> tuple[Problem, ...]:
        known = json.dumps(payload, sort_keys=True)
        if known in checked:
            return ()
        checked.add(known)
        return VALID.check(payload)

    def render(payload: Any) -> dict[str, Any]:
        items = [{"amount": 0, "quantity": 1, **item} for item in payload["items"]]
        return VALID.render({"order_id": "ORD-1", **payload, "items": items})

    return replace(steps, check=check, render=render)


def _merging(steps: Steps) -> Steps:
    """Keeps a refused invoice as a draft, and fills in from it what the next one leaves out."""
    drafts: dict[str, dict[str, Any]] = {}

    def check(payload: Any) -> tuple[Problem, ...]:
        problems = VALID.check(payload)
        if problems:
            texts = {n: payload[n] for n in OPTIONAL if isinstance(payload.get(n), str)}
            drafts[payload["reference_id"]] = texts
        return problems

    def render(payload: Any) -> dict[str, Any]:
        return VALID.render({**drafts.get(payload["reference_id"], {}), **payload})

    return replace(steps, check=check, render=render)


def _holding_keys_against_a_reference(app: ASGIApp) -> ASGIApp:
    """Locks a reference after one wrong key."""
    locked: set[object] = set()

    async def locking(scope: Scope, receive: Receive, send: Send) -> None:
        body, again = await _whole(receive)
        reference, key = _payload_of(body).get("reference_id"), Headers(scope=scope).get(USUAL)
        if key is not None and key != KEY:
            locked.add(reference)
        refusal = VALID.respond(403, {"code": "E", "message": "Locked."})
        await (refusal if key == KEY and reference in locked else app)(scope, again, send)

    return locking


async def _whole(receive: Receive) -> tuple[bytes, Receive]:
    """The body of a request, and what gives it to an application once more."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again


def _replaying(*, of: Callable[[int], bool], keyed: bool = True) -> Layer:
    """Answers a known reference as it did the first time, if that answer had such a status."""
    answers: dict[object, list[Message]] = {}

    def layer(app: ASGIApp) -> ASGIApp:
        async def replayed(scope: Scope, receive: Receive, send: Send) -> None:
            body, again = await _whole(receive)
            reference = _payload_of(body).get("reference_id")
            right = Headers(scope=scope).get(USUAL) == KEY
            if reference in answers and (right or not keyed):
                for kept in answers[reference]:
                    await send(kept)
                return
            sent: list[Message] = []

            async def keeping(message: Message) -> None:
                sent.append(message)
                await send(message)

            await app(scope, again, keeping)
            if reference and of(sent[0]["status"]):
                answers[reference] = sent

        return replayed

    return layer


def _unique(name: str) -> Change:
    """Leaves it to the database to find a value that is there already, and breaks on its answer."""

    def change(steps: Steps) -> Steps:
        seen: set[object] = set()

        def render(payload: Any) -> dict[str, Any]:
            values = [payload[name]] if name in payload else []
            if name == "items":
                values = [item["reference_id"] for item in payload["items"]]
            if not seen.isdisjoint(values):
                raise RuntimeError
            seen.update(values)
            return VALID.render(payload)

        return replace(steps, render=render)

    return change


def _racing(steps: Steps) -> Steps:
    """Looks for the number first and inserts it later, which fails if another was faster."""
    numbers: set[object] = set()
    inserting: set[object] = set()

    async def read(request: Request) -> bytes:
        body = await VALID.read(request)
        payload = _payload_of(body)
        number = payload.get("invoice_number")
        if VALID.check(payload) or payload["order_id"] != "ORD-1":
            return body
        if number in numbers:
            raise Refusal(400, "The number is in use.")
        if number in inserting:
            raise RuntimeError
        inserting.add(number)
        await asyncio.sleep(0.02)  # as long as another server might take
        inserting.discard(number)
        numbers.add(number)
        return body

    return replace(steps, read=read)


LATE = "an update at the order's creation corrected"
CORRECTED = {
    "an invalid invoice corrected",
    "half an invoice corrected",
    "another media type corrected",
    "no key corrected",
    "a wrong key corrected",
    "an invalid last item corrected",
    "an unknown order corrected",
    LATE,
}
ITEM = ("amount", "name", "quantity", "reference_id", "sku")
KNOWN = {"all references in common", "one reference in common"}
SHARING = {*KNOWN, "one number at once"}

SERIES: dict[str, tuple[Change | None, Layer | None, set[str], set[str]]] = {
    "reserving": (
        _reserving,
        None,
        {"4xx.status", "order_id.known", "201.status", "response.documented"},
        {
            "an invalid invoice corrected",
            "an invalid last item corrected",
            "an unknown order corrected",
            LATE,
            *SHARING,
        },
    ),
    "half stored": (
        _half_stored,
        None,
        {"order_id.known", "4xx.status", "201.status", "response.documented"},
        {"an unknown order corrected", "all references in common"},
    ),
    "worn down": (
        _worn_down,
        None,
        {"due_date.required", *(f"items[].{name}.required" for name in ITEM)},
        {"an invalid invoice corrected", "an invalid last item corrected"},
    ),
    "replaying refusals": (
        None,
        _replaying(of=lambda status: status >= 400),
        {"201.status", "4xx.status", "response.documented"},
        {*CORRECTED, "all references in common"},
    ),
    "holding keys against a reference": (
        None,
        _holding_keys_against_a_reference,
        {"201.status", "response.documented"},
        {"a wrong key corrected"},
    ),
    "unique number": (_unique("invoice_number"), None, {"response.status"}, SHARING),
    "unique reference": (_unique("reference_id"), None, {"response.status"}, SHARING),
    "unique items": (_unique("items"), None, {"response.status"}, SHARING),
    "racing": (
        _racing,
        None,
        {"201.status", "response.status"},
        {LATE, "one number at once"},
    ),
}


@pytest.mark.parametrize("name", SERIES)
def test_a_server_that_minds_a_reference_it_knows_is_caught(name: str) -> None:
    """What it gets wrong is named, in the series that shows it and in no other."""
    change, layer, requirements, cases = SERIES[name]
    with mutant_server(change, layer) as url:
        result = suite(url, "-k", "corrected or known or number", place=PLACE)
    assert (result.status, failed(result)) == (1, cases)
    assert set() < broken(result) <= requirements


def test_a_server_that_answers_a_known_reference_before_it_checks_is_caught() -> None:
    """Who has seen a reference gets the invoice without a key, or with any contents."""
    replaying = _replaying(of=lambda status: status == 201, keyed=False)
    with mutant_server(layer=replaying) as url:
        result = suite(url, "-k", "known_reference", place=PLACE)
    assert (result.status, failed(result)) == (1, KNOWN)
    assert "security.key" in broken(result)


def test_a_server_that_fills_in_from_a_refused_invoice_is_caught() -> None:
    """The corrected invoice leaves out what the refused one had, and gets none of it back."""
    with mutant_server(_merging) as url:
        result = suite(url, "-k", "corrected", place=PLACE)
    assert result.status == 1
    assert "an invalid last item corrected" in failed(result)
    assert set() < broken(result) <= _echoes(*OPTIONAL)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_that_wants_each_reference_once_is_left_alone(when: str) -> None:
    """It refuses the second with 400, in turn and at once, whatever is wrong with it besides."""
    seen: set[object] = set()

    def refuse_what_is_known(payload: Any) -> None:
        names = ("reference_id", "invoice_number")
        known = [name for name in names if isinstance(payload, dict) and payload.get(name) in seen]
        if known:
            problem = Problem((known[0],), "taken", "Is in use")
            raise Refusal(400, "The reference is in use.", (problem,))

    def check(payload: Any) -> tuple[Problem, ...]:
        if when == "before":
            refuse_what_is_known(payload)
        return VALID.check(payload)

    def render(payload: Any) -> dict[str, Any]:
        refuse_what_is_known(payload)
        seen.update((payload["reference_id"], payload["invoice_number"]))
        return VALID.render(payload)

    with mutant_server(lambda steps: replace(steps, check=check, render=render)) as url:
        result = suite(url, place=PLACE)
    assert (result.status, broken(result)) == (0, set())


def test_a_server_that_answers_the_same_invoice_as_before_is_left_alone() -> None:
    """So does one that keeps its answers to repeat them, if it looks at key and contents."""
    known: dict[str, Any] = {}

    def render(payload: Any) -> dict[str, Any]:
        return dict(known.setdefault(json.dumps(payload, sort_keys=True), VALID.render(payload)))

    def keep(_store: Store, _data: Any) -> None:
        """Keeps none, for the second would be refused."""

    with mutant_server(lambda steps: replace(steps, render=render, keep=keep)) as url:
        result = suite(url, place=PLACE)
    assert (result.status, broken(result)) == (0, set())


CAUGHT: dict[str, tuple[Change | None, Layer | None, set[str], set[str]]] = {
    "left out": (
        _one_record,
        None,
        _echoes(*OPTIONAL),
        {f"without {name}" for name in (*OPTIONAL[1:], "any optional property")},
    ),
    "every fortieth": (_tired, None, {"201.status"}, set()),
    "few at once": (None, _few_at_once, {"201.status", "due_date.required"}, {"32 at once"}),
    "resentful": (None, _resentful, {"201.status"}, RECOVERIES),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_server_that_remembers_is_caught(name: str) -> None:
    """What it gets wrong is named, and found where it shows."""
    change, layer, requirements, cases = CAUGHT[name]
    with mutant_server(change, layer) as url:
        result = suite(url, "-k", "not corrected and not common and not number", place=PLACE)
    assert result.status == 1
    assert set() < broken(result) <= requirements
    assert failed(result) >= cases


@pytest.mark.parametrize(
    ("change", "requirements", "case"),
    [
        (_one_buffer, _echoes("reference_id", "remarks", "total_amount"), "32 at once"),
        (_one_answer_an_order, _echoes("reference_id", "remarks", "items"), "one order twice"),
        (_ids_of_orders, {"201.data.id.unique"}, "32 at once"),
    ],
    ids=["one buffer", "one answer an order", "ids of orders"],
)
def test_a_server_that_mixes_invoices_up_is_caught(
    change: Change, requirements: set[str], case: str
) -> None:
    """The echo of what is different between the two, or the id, is named."""
    with mutant_server(change) as url:
        result = suite(url, place=PLACE)
    assert result.status == 1
    assert not broken(result).isdisjoint(requirements)
    assert case in failed(result)


def test_a_server_that_takes_turns_and_fills_in_is_left_alone() -> None:
    """One invoice at a time, and a value of its own for what is left out, are both fine."""
    turn = asyncio.Lock()

    def layer(app: ASGIApp) -> ASGIApp:
        async def queued(scope: Scope, receive: Receive, send: Send) -> None:
            async with turn:
                await app(scope, receive, send)

        return queued

    def render(payload: Any) -> dict[str, Any]:
        own = {
            "remarks": "",
            "url": f"https://invoices.example.com/{uuid.uuid4()}",
            "status": "PENDING",
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
        }
        return {**own, **VALID.render(payload)}

    with mutant_server(lambda steps: replace(steps, render=render), layer) as url:
        result = suite(url, place=PLACE)
    assert (result.status, broken(result)) == (0, set())


def test_smoke_sends_one_invoice_at_a_time() -> None:
    """What takes many requests is left to the other profiles, with a reason."""
    with mutant_server() as url:
        result = suite(url, "--hypothesis-profile", "smoke", place=PLACE)
    assert (result.status, broken(result)) == (0, set())
    assert "this profile sends one invoice at a time" in result.output
