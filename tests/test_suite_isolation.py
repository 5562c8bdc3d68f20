"""The suite of isolation catches servers in which one invoice shows in the answer to another."""

import asyncio
import uuid
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference.refusal import Refusal
from reference.service import Steps
from reference.store import Store
from tests.mutants import Change, Layer, mutant_server, broken, failed, suite

PLACE = "suites/test_isolation.py"
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


CAUGHT: dict[str, tuple[Change | None, Layer | None, set[str], set[str]]] = {
    "left out": (
        _one_record,
        None,
        _echoes(*OPTIONAL),
        {f"without {name}" for name in (*OPTIONAL, "any optional property")},
    ),
    "every fortieth": (_tired, None, {"201.status"}, {"50 times"}),
    "few at once": (None, _few_at_once, {"201.status"}, {"32 at once"}),
    "resentful": (None, _resentful, {"201.status"}, RECOVERIES),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_server_that_remembers_is_caught(name: str) -> None:
    """What it gets wrong is named, and found where it shows."""
    change, layer, requirements, cases = CAUGHT[name]
    with mutant_server(change, layer) as url:
        result = suite(url, place=PLACE)
    assert (result.status, broken(result)) == (1, requirements)
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
    assert broken(result) >= requirements
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
