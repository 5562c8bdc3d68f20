"""Servers in which one request shows in the answer to another."""

import asyncio
import threading
from collections.abc import Callable
from copy import deepcopy
from itertools import count

from reference.mutants.changes import OPTIONAL
from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Server
from reference.refusal import Refusal
from reference.store import Store

ECHO = "201.data.*"
SOON = 0.003
"""Seconds in which others get their turn."""


@mutant("concurrency", ECHO, wire=True)
def the_current_invoice_is_a_global(server: Server) -> Server:
    """One variable for the request in hand: whoever comes in between is answered to both."""
    current: list[Json] = [None]

    async def read(request: Json) -> bytes:
        current[0] = await server.steps.read(request)
        await asyncio.sleep(SOON)
        body: bytes = current[0]
        return body

    return server.mutant(read=read)


@mutant("concurrency", ECHO, wire=True)
def answers_change_places_under_load(server: Server) -> Server:
    """Two requests at once are answered crosswise: a pool hands out a connection twice."""
    kept: dict[str, Json] = {}
    busy = count()

    async def read(request: Json) -> bytes:
        kept["running"] = kept.get("running", 0) + 1
        body = await server.steps.read(request)
        await asyncio.sleep(SOON)
        kept["running"] -= 1
        if kept["running"] and next(busy) % 2:
            body = kept.get("last", body)
        kept["last"] = body
        return body

    return server.mutant(read=read)


@mutant("concurrency", "201.status", wire=True)
def sixteen_at_once_are_too_many(server: Server) -> Server:
    """A pool of ten connections and no queue: the eleventh gets 503."""
    running: list[int] = [0]

    async def read(request: Json) -> bytes:
        running[0] += 1
        try:
            if running[0] > 10:
                raise Refusal(503, "Too busy")
            body = await server.steps.read(request)
            await asyncio.sleep(SOON)
            return body
        finally:
            running[0] -= 1

    return server.mutant(read=read)


@mutant("concurrency", "201.status", wire=True)
def one_order_is_locked_while_it_is_written(server: Server) -> Server:
    """Two invoices for one order at once: the second finds a lock and fails."""
    locked: list[bool] = [False]

    async def read(request: Json) -> bytes:
        if locked[0]:
            raise Refusal(409, "The order is being changed")
        locked[0] = True
        try:
            body = await server.steps.read(request)
            await asyncio.sleep(SOON)
            return body
        finally:
            locked[0] = False

    return server.mutant(read=read)


@mutant("concurrency", "201.data.id.unique", "201.data.items[].id.unique", wire=True)
def ids_are_made_from_the_clock(server: Server) -> Server:
    """The time in coarse ticks: two invoices at once have one id."""
    begun: list[float] = []

    def timed(data: Json, _: Json) -> Json:
        loop = asyncio.get_running_loop()
        begun.append(loop.time())
        tick = int((begun[-1] - begun[0]) * 50)
        return {**data, "id": f"00000000-0000-4000-8000-{tick:012x}"}

    return server.rendered(timed)


@mutant("concurrency", "201.data.*.echo")
def an_order_is_answered_from_the_cache(server: Server) -> Server:
    """Cached by order: the second invoice of an order comes back as the first."""
    cache: dict[str, Json] = {}

    def cached(data: Json, payload: Json) -> Json:
        return deepcopy(cache.setdefault(payload["order_id"], data))

    return server.rendered(cached)


@mutant("concurrency", "201.status", "response.documented")
def an_order_has_one_invoice(server: Server) -> Server:
    """UNIQUE (order_id): a part delivery and a rest cannot be invoiced."""
    known: set[str] = set()

    def find(payload: Json, store: Store) -> Json:
        found = server.steps.find_order(payload, store)
        if payload["order_id"] in known:
            raise Refusal(409, "The order has its invoice")
        known.add(payload["order_id"])
        return found

    return server.mutant(find_order=find)


def _sticky(names: tuple[str, ...]) -> Callable[[Server], Server]:
    def bend(server: Server) -> Server:
        pooled: dict[str, Json] = {}

        def reused(data: Json, payload: Json) -> Json:
            left = {name: value for name, value in pooled.items() if name not in payload}
            pooled.update({name: payload[name] for name in names if name in payload})
            return {**data, **left}

        return server.rendered(reused)

    return bend


@mutant("concurrency", "201.data.*.echo")
def structures_are_reused_without_a_reset(server: Server) -> Server:
    """sync.Pool in Go: what the invoice before had, and this one leaves out, is answered again."""
    return _sticky(OPTIONAL)(server)


@mutant("concurrency", "201.data.remarks.echo")
def remarks_of_the_invoice_before_come_back(server: Server) -> Server:
    """A mutable default argument, a class attribute where an instance's was meant."""
    return _sticky(("remarks",))(server)


@mutant("concurrency", "201.status")
def every_fiftieth_invoice_fails(server: Server) -> Server:
    """One of fifty pods is sick."""
    return _every(50, 500)(server)


@mutant("concurrency", "201.status")
def every_seventh_invoice_is_unavailable(server: Server) -> Server:
    """A canary with an old contract takes a seventh of what comes."""
    return _every(7, 503)(server)


def _every(many: int, status: int) -> Callable[[Server], Server]:
    def bend(server: Server) -> Server:
        numbers = count(1)

        def find(payload: Json, store: Store) -> Json:
            if next(numbers) % many == 0:
                raise Refusal(status, "Unexpected")
            return server.steps.find_order(payload, store)

        return server.mutant(find_order=find)

    return bend


@mutant("concurrency", "201.status")
def a_failed_request_poisons_the_next(server: Server) -> Server:
    """The transaction of a refused invoice stays open, and the next one meets it: 'current
    transaction is aborted'.
    """
    poisoned: list[bool] = [False]

    def check(payload: Json) -> Json:
        if poisoned[0]:
            poisoned[0] = False
            raise Refusal(500, "Internal Server Error")
        problems = server.steps.check(payload)
        poisoned[0] = bool(problems)
        return problems

    return server.mutant(check=check)


@mutant("concurrency", "201.status")
def what_could_not_be_parsed_poisons_the_next(server: Server) -> Server:
    """The rest of a torn body is still in the buffer when the next one comes."""
    left: list[bool] = [False]

    def parse(body: bytes) -> Json:
        if left[0]:
            left[0] = False
            raise Refusal(400, "not JSON")
        try:
            return server.steps.parse(body)
        except Refusal:
            left[0] = True
            raise

    return server.mutant(parse=parse)


@mutant("concurrency", "201.data.*.echo")
def items_pile_up(server: Server) -> Server:
    """A list that is a default argument: each invoice of an order has the items of those before,
    up to some number.
    """
    piled: dict[str, list[Json]] = {}

    def collected(data: Json, payload: Json) -> Json:
        pile = piled.setdefault(payload["order_id"], [])
        pile += data["items"]
        del pile[:-200]
        return {**data, "items": [dict(item) for item in pile]}

    return server.rendered(collected)


@mutant("concurrency", "201.status")
def a_hundred_invoices_are_enough(server: Server) -> Server:
    """A quota that the document does not know, and 403 behind it."""
    made = count(1)
    lock = threading.Lock()

    def find(payload: Json, store: Store) -> Json:
        with lock:
            if next(made) > 100:
                raise Refusal(403, "Quota exceeded")
        return server.steps.find_order(payload, store)

    return server.mutant(find_order=find)
