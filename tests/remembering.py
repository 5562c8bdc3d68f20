"""Servers that keep of one request what shows in the answer to another."""

import asyncio
import json
import re
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference.refusal import Problem, Refusal
from reference.service import Steps
from reference.store import Store
from tests.mutants import Change, Layer
from tests.running import KEY

VALID = Steps()
OPTIONAL = ("status", "remarks", "url", "created_at", "updated_at")
USUAL = "x-api-key"


OUT_OF_ORDER = VALID.respond(500, {"code": "E", "message": "Out of order."})


def one_buffer(steps: Steps) -> Steps:
    """Reads every body into the same place, which holds another one when it is looked at."""
    place: list[bytes] = [b""]

    async def read(request: Request) -> bytes:
        place[0] = await VALID.read(request)
        await asyncio.sleep(0.002)  # as long as another thread might take
        return place[0]

    return replace(steps, read=read)


def one_record(steps: Steps) -> Steps:
    """Writes each invoice of an order over the one before, and keeps what is left out."""
    kept: dict[str, Any] = {}

    def render(payload: Any) -> dict[str, Any]:
        kept.update(payload)
        return VALID.render(dict(kept))

    return replace(steps, render=render)


def one_answer_an_order(steps: Steps) -> Steps:
    """Answers from a cache of orders; that each answer has new ids does not make it right."""
    known: dict[str, Any] = {}

    def render(payload: Any) -> dict[str, Any]:
        return VALID.render(known.setdefault(payload["order_id"], payload))

    return replace(steps, render=render)


def ids_of_orders(steps: Steps) -> Steps:
    """Makes an invoice's id from its order's."""

    def render(payload: Any) -> dict[str, Any]:
        made = str(uuid.uuid5(uuid.NAMESPACE_URL, payload["order_id"]))
        return {**VALID.render(payload), "id": made}

    def keep(_store: Store, _data: Any) -> None:
        """Keeps none, for the second would be refused."""

    return replace(steps, render=render, keep=keep)


def tired(steps: Steps) -> Steps:
    """Fails with every fortieth invoice."""
    count = Counter[str]()

    def render(payload: Any) -> dict[str, Any]:
        count["invoices"] += 1
        if count["invoices"] % 40 == 0:
            raise Refusal(500, "The pool of connections is exhausted.")
        return VALID.render(payload)

    return replace(steps, render=render)


def few_at_once(app: ASGIApp) -> ASGIApp:
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


def one_request_each(app: ASGIApp) -> ASGIApp:
    """Fails with the second request on a connection, and all that follow."""
    seen: Counter[object] = Counter()

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        seen[scope["client"]] += 1
        await (app if seen[scope["client"]] == 1 else OUT_OF_ORDER)(scope, receive, send)

    return counting


def resentful(app: ASGIApp) -> ASGIApp:
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
    except (ValueError, RecursionError):
        found = re.search(rb'"reference_id":"(.*?)"', body)
        return {"reference_id": found[1].decode()} if found else {}
    return payload if isinstance(payload, dict) else {}


def reserving(steps: Steps) -> Steps:
    """Keeps a reference that it has seen, even where it then refuses the invoice."""
    seen: set[object] = set()

    def check(payload: Any) -> tuple[Problem, ...]:
        reference = payload.get("reference_id")
        if reference in seen:
            raise Refusal(409, "The reference is in use.")
        seen.add(reference)
        return VALID.check(payload)

    return replace(steps, check=check)


def half_stored(steps: Steps) -> Steps:
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


def worn_down(steps: Steps) -> Steps:
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


def merging(steps: Steps) -> Steps:
    """Keeps a refused invoice as a draft, and fills in from it what the next one leaves out."""
    drafts: dict[object, dict[str, Any]] = {}

    def check(payload: Any) -> tuple[Problem, ...]:
        problems = VALID.check(payload)
        if problems:
            texts = {n: payload[n] for n in OPTIONAL if isinstance(payload.get(n), str)}
            drafts[payload.get("reference_id")] = texts
        return problems

    def render(payload: Any) -> dict[str, Any]:
        return VALID.render({**drafts.get(payload["reference_id"], {}), **payload})

    return replace(steps, check=check, render=render)


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


def holding_keys_against_a_reference(app: ASGIApp) -> ASGIApp:
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


def replaying(*, of: Callable[[int], bool], keyed: bool = True) -> Layer:
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


def unique(name: str) -> Change:
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


def racing(steps: Steps) -> Steps:
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
