"""Servers in which one request affects the answer to another."""

import asyncio
import threading
from copy import deepcopy
from itertools import count

from starlette.datastructures import Headers
from starlette.requests import Request

from reference.mutants.mutant import mutant
from reference.mutants.operators import OPTIONAL
from reference.mutants.raw import as_usual, writes
from reference.mutants.server import Json, Mutation, Server
from reference.refusal import Refusal
from reference.store import Store

ECHO = "201.data.*"
PAUSE = 0.003
"""Seconds in which other requests can come in."""
HELD = 0.03
"""The same, for a busy machine."""


@mutant("isolation", ECHO, "201.status", wire=True)
def the_current_invoice_is_a_global(server: Server) -> Server:
    """One variable for the current request: if another comes in, both are answered with that, or
    with its refusal.
    """
    current: list[Json] = [None]

    async def read(request: Json) -> bytes:
        current[0] = await server.steps.read(request)
        await asyncio.sleep(PAUSE)
        body: bytes = current[0]
        return body

    return server.with_steps(read=read)


@mutant("isolation", ECHO, wire=True)
def answers_change_places_under_load(server: Server) -> Server:
    """A pool hands out a connection twice: of two requests at once, one gets the other's answer."""
    kept: dict[str, Json] = {}
    busy = count()

    async def read(request: Json) -> bytes:
        kept["running"] = kept.get("running", 0) + 1
        body = await server.steps.read(request)
        await asyncio.sleep(PAUSE)
        kept["running"] -= 1
        if kept["running"] and next(busy) % 2:
            body = kept.get("last", body)
        kept["last"] = body
        return body

    return server.with_steps(read=read)


@mutant("isolation", "201.status", "response.status", wire=True)
def sixteen_at_once_are_too_many(server: Server) -> Server:
    """A pool of ten connections and no queue: the eleventh gets 503."""
    running: list[int] = [0]

    async def read(request: Json) -> bytes:
        running[0] += 1
        try:
            if running[0] > 10:
                raise Refusal(503, "Too busy")
            body = await server.steps.read(request)
            await asyncio.sleep(PAUSE * running[0] ** 2)  # the more there are, the slower
            return body
        finally:
            running[0] -= 1

    return server.with_steps(read=read)


@mutant("isolation", "201.status", wire=True)
def one_order_is_locked_while_it_is_written(server: Server) -> Server:
    """Two invoices for one order at once: the second finds a lock and fails."""
    locked: list[bool] = [False]

    async def read(request: Json) -> bytes:
        if locked[0]:
            raise Refusal(409, "The order is being changed")
        locked[0] = True
        try:
            body = await server.steps.read(request)
            await asyncio.sleep(HELD)
            return body
        finally:
            locked[0] = False

    return server.with_steps(read=read)


@mutant("isolation", "201.data.id.unique", "201.data.items[].id.unique", wire=True)
def ids_are_made_from_the_clock(server: Server) -> Server:
    """The time in coarse ticks: two invoices at once have one id."""
    begun: list[float] = []

    def timed(data: Json, _: Json) -> Json:
        loop = asyncio.get_running_loop()
        begun.append(loop.time())
        tick = int((begun[-1] - begun[0]) * 50)
        return {**data, "id": f"00000000-0000-4000-8000-{tick:012x}"}

    return server.with_data(timed)


@mutant("isolation", "201.data.*.echo")
def an_order_is_answered_from_the_cache(server: Server) -> Server:
    """Cached by order: a second invoice of an order comes back as the first."""
    cache: dict[str, Json] = {}

    def cached(data: Json, payload: Json) -> Json:
        return deepcopy(cache.setdefault(payload["order_id"], data))

    return server.with_data(cached)


@mutant("isolation", "201.status", "response.documented")
def an_order_can_have_only_one_invoice(server: Server) -> Server:
    """UNIQUE (order_id): partial deliveries cannot be invoiced one by one."""
    known: set[str] = set()

    def find(payload: Json, store: Store) -> Json:
        found = server.steps.find_order(payload, store)
        if payload["order_id"] in known:
            raise Refusal(409, "The order has its invoice")
        known.add(payload["order_id"])
        return found

    return server.with_steps(find_order=find)


def _reuses(names: tuple[str, ...]) -> Mutation:
    def mutate(server: Server) -> Server:
        pooled: dict[str, Json] = {}

        def reused(data: Json, payload: Json) -> Json:
            left = {name: value for name, value in pooled.items() if name not in payload}
            pooled.update({name: payload[name] for name in names if name in payload})
            return {**data, **left}

        return server.with_data(reused)

    return mutate


@mutant("isolation", "201.data.*.echo")
def structures_are_reused_without_a_reset(server: Server) -> Server:
    """sync.Pool in Go: properties of the previous invoice come back where this one has none."""
    return _reuses(OPTIONAL)(server)


@mutant("isolation", "201.data.remarks.echo")
def remarks_of_the_previous_invoice_come_back(server: Server) -> Server:
    """A mutable default argument, or a class attribute instead of an instance's."""
    return _reuses(("remarks",))(server)


@mutant("isolation", "201.status", "response.status")
def every_fiftieth_invoice_fails(server: Server) -> Server:
    """One of fifty pods is broken."""
    return _fails_every(50, 500)(server)


@mutant("isolation", "201.status", "response.status")
def every_seventh_invoice_is_unavailable(server: Server) -> Server:
    """A canary with an old contract gets a seventh of the requests."""
    return _fails_every(7, 503)(server)


def _fails_every(many: int, status: int) -> Mutation:
    def mutate(server: Server) -> Server:
        numbers = count(1)

        def find(payload: Json, store: Store) -> Json:
            if next(numbers) % many == 0:
                raise Refusal(status, "Unexpected")
            return server.steps.find_order(payload, store)

        return server.with_steps(find_order=find)

    return mutate


@mutant("isolation", "201.status")
def a_refused_invoice_breaks_the_next(server: Server) -> Server:
    """The transaction of a refused invoice stays open, and the next one fails in it: 'current
    transaction is aborted'.
    """
    broken: list[bool] = [False]

    def check(payload: Json) -> Json:
        if broken[0]:
            broken[0] = False
            raise Refusal(500, "Internal Server Error")
        problems = server.steps.check(payload)
        broken[0] = bool(problems)
        return problems

    return server.with_steps(check=check)


@mutant("isolation", "201.status")
def items_of_a_refused_invoice_are_kept(server: Server) -> Server:
    """Each item is inserted as it is read, and nothing is rolled back when a later one is wrong."""
    taken: set[str] = set()

    def check(payload: Json) -> Json:
        problems = server.steps.check(payload)
        items = payload.get("items") if isinstance(payload, dict) else None
        read = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        references = {str(item["reference_id"]) for item in read if "reference_id" in item}
        if not problems and references & taken:
            raise Refusal(400, "An item of this reference exists.")
        taken.update(references if problems else ())
        return problems

    return server.with_steps(check=check)


@mutant("isolation", "201.status", wire=True)
def the_body_of_another_media_type_is_left_unread(server: Server) -> Server:
    """415 at once and the connection kept: the body is read as the next request."""
    return writes(
        as_usual, unread=lambda _method, fields: fields.get(b"content-type") == b"text/plain"
    )(server)


@mutant("isolation", "201.status")
def an_unreadable_body_breaks_the_next(server: Server) -> Server:
    """The rest of a truncated body is still in the buffer when the next one comes."""
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

    return server.with_steps(parse=parse)


@mutant("isolation", "201.data.*.echo")
def items_pile_up(server: Server) -> Server:
    """A list as a default argument: each invoice also has the items of earlier ones of its order,
    200 at most.
    """
    piles: dict[str, list[Json]] = {}

    def with_earlier(data: Json, payload: Json) -> Json:
        pile = piles.setdefault(payload["order_id"], [])
        pile += data["items"]
        del pile[:-200]
        return {**data, "items": [dict(item) for item in pile]}

    return server.with_data(with_earlier)


@mutant("isolation", "201.status")
def fifty_invoices_are_the_limit(server: Server) -> Server:
    """A quota that the document does not have, and 403 beyond it."""
    made = count(1)
    lock = threading.Lock()

    def find(payload: Json, store: Store) -> Json:
        with lock:
            if next(made) > 50:
                raise Refusal(403, "Quota exceeded")
        return server.steps.find_order(payload, store)

    return server.with_steps(find_order=find)


@mutant("isolation", "security.key")
def a_body_that_is_known_needs_no_right_key(server: Server) -> Server:
    """A cache before the check of keys, by the body: who knows an invoice gets it with any key."""
    known: set[bytes] = set()
    stores: list[Store] = []

    def authenticate(headers: Headers, store: Store) -> None:
        stores[:] = [store]
        if "x-api-key" not in headers:
            server.steps.authenticate(headers, store)

    async def read(request: Request) -> bytes:
        body = await server.steps.read(request)
        if body not in known:
            server.steps.authenticate(request.headers, *stores)
        known.add(body)
        return body

    return server.with_steps(authenticate=authenticate, read=read)


@mutant("isolation", "4xx.details.names")
def details_of_the_refusal_before_come_back(server: Server) -> Server:
    """A list as a default argument or in a shared validator: each error has the one before too."""
    before: list[Json] = []

    def change(error: dict[str, Json], _: Refusal) -> Json:
        own = error.get("details", [])
        both = [*before, *own]
        before[:] = own
        return {**error, "details": both}

    return server.with_error(change)
