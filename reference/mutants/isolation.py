"""Servers in which one request affects the answer to another."""

import asyncio
import json
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from copy import deepcopy
from itertools import count
from uuid import NAMESPACE_OID, uuid5

from starlette.datastructures import Headers
from starlette.requests import Request

from reference.mutants.mutant import mutant
from reference.mutants.operators import OPTIONAL
from reference.mutants.raw import as_usual, writes
from reference.mutants.server import CheckKey, Json, Mutation, Server
from reference.refusal import Problem, Refusal
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


@mutant("authentication", "security.key")
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


def _known_invoices_may_have(is_taken: Callable[[Problem], bool]) -> Mutation:
    """An invoice whose reference was accepted before may have problems of this kind."""

    def mutate(server: Server) -> Server:
        known: set[Json] = set()

        def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
            reference = payload.get("reference_id") if isinstance(payload, dict) else None
            if problems:
                is_known = isinstance(reference, str) and reference in known
                return tuple(one for one in problems if not (is_known and is_taken(one)))
            known.add(reference)
            return problems

        return server.with_problems(judge)

    return mutate


@mutant("rejection", "remarks.maxLength")
def remarks_of_a_known_invoice_may_be_long(server: Server) -> Server:
    """A known reference takes the way of an update, whose object lacks a limit."""
    return _known_invoices_may_have(
        lambda one: (one.location, one.kind) == (("remarks",), "string_too_long")
    )(server)


@mutant("rejection", "due_date.required", "total_amount.required", "paid_amount.required")
def a_known_invoice_may_lack_what_it_has(server: Server) -> Server:
    """A known reference takes the way of a patch, which needs nothing."""
    amounts = ("due_date", "total_amount", "paid_amount")
    return _known_invoices_may_have(
        lambda one: one.kind == "missing" and one.location[0] in amounts
    )(server)


def _after(is_kept: Callable[[Problem], bool], *, least: int = 1) -> Mutation:
    """The request right after a refusal with so many such problems finds something left of it."""

    def mutate(server: Server) -> Server:
        left: list[Problem] = []

        def judge(_: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
            before, left[:] = [*left], [one for one in problems if is_kept(one)]
            if len(left) < least:
                left.clear()
            return problems or tuple(before)

        return server.with_problems(judge)

    return mutate


@mutant("isolation", "201.status")
def a_wrong_status_is_told_again(server: Server) -> Server:
    """The error of an enum's reader is an attribute of the reader."""
    return _after(lambda one: one.location == ("status",))(server)


@mutant("isolation", "201.status")
def errors_are_cleared_where_there_is_one(server: Server) -> Server:
    """`errors.pop()` instead of `errors.clear()`."""
    return _after(lambda _: True, least=2)(server)


@mutant("isolation", "201.status", "4xx.status")
def a_key_is_refused_like_the_one_before(server: Server) -> Server:
    """Refusals are cached by the first eight characters of a key, until the next request."""
    refused: list[str] = []

    def check(headers: Headers, check_key: CheckKey) -> None:
        start = headers.get("x-api-key", "")[:8]
        was_refused, refused[:] = start in refused, []
        try:
            check_key(headers)
        except Refusal:
            refused.append(start)
            raise
        if was_refused:
            raise Refusal(401, "The key was refused")

    return server.with_key_check(check)


@mutant("isolation", ECHO)
def a_charset_is_that_of_the_request_before(server: Server) -> Server:
    """The encoding of a reader that is used again is set only where a request names one."""
    charset: list[str] = ["utf-8"]

    def check(headers: Headers) -> None:
        named = headers.get("content-type", "").lower().partition("charset=")[2]
        charset[0] = "latin-1" if "1" in named else "utf-8" if named else charset[0]
        server.steps.check_media_type(headers)

    def parse(body: bytes) -> Json:
        if charset[0] == "latin-1":
            charset[0] = "utf-8"
            body = body.decode("latin-1").encode()
        return server.steps.parse(body)

    return server.with_steps(check_media_type=check, parse=parse)


@mutant("isolation", "201.status")
def the_start_of_a_character_is_kept(server: Server) -> Server:
    """An incremental decoder has what is left of a body that ends inside of a character."""
    decoder: list[Json] = [getincrementaldecoder("utf-8")("replace")]

    def parse(body: bytes) -> Json:
        return server.steps.parse(decoder[0].decode(body).encode())

    return server.with_steps(parse=parse)


@mutant("isolation", ECHO)
def an_invoice_of_the_same_amounts_is_the_same(server: Server) -> Server:
    """Idempotency by reference and total: the answer to the first is given again."""
    return _answers_again("reference_id", "total_amount")(server)


@mutant("isolation", ECHO)
def an_invoice_of_the_same_texts_is_the_same(server: Server) -> Server:
    """Idempotency by number and remarks: the answer to the first is given again."""
    return _answers_again("invoice_number", "remarks")(server)


def _answers_again(*names: str) -> Mutation:
    def mutate(server: Server) -> Server:
        known: dict[str, Json] = {}

        def again(data: Json, payload: Json) -> Json:
            same = str([payload.get(name) for name in names])
            return deepcopy(known.setdefault(same, data))

        return server.with_data(again)

    return mutate


@mutant("isolation", "201.status")
def a_number_is_kept_for_its_reference(server: Server) -> Server:
    """A number is reserved for the reference of a request that is then refused."""
    kept: dict[str, Json] = {}

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        is_invoice = isinstance(payload, dict)
        number, reference = (
            payload.get(name) if is_invoice else None for name in ("invoice_number", "reference_id")
        )
        if problems:
            kept.setdefault(str(number), reference)
        elif kept.get(str(number), reference) != reference:
            return (Problem(("invoice_number",), "taken", "Is in use"),)
        return problems

    return server.with_problems(judge)


@mutant("isolation", "201.status")
def a_refusal_is_cached_by_reference_and_length(server: Server) -> Server:
    """What is as long as an invoice that was refused under its reference is not read again."""
    refused: dict[tuple[str, int], tuple[Problem, ...]] = {}

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        reference = str(payload.get("reference_id")) if isinstance(payload, dict) else ""
        place = reference, len(json.dumps(payload))
        return refused.setdefault(place, problems) if problems else refused.get(place, ())

    return server.with_problems(judge)


@mutant("isolation", "201.data.id.unique")
def ids_are_made_of_the_first_items_reference(server: Server) -> Server:
    """A name-based UUID of what is said to be new in each invoice."""

    def named(data: Json, payload: Json) -> Json:
        items = payload["items"]
        made = {"id": str(uuid5(NAMESPACE_OID, items[0]["reference_id"]))} if items else {}
        return {**data, **made}

    return server.with_data(named)


@mutant("isolation", "201.data.items.echo")
def items_are_kept_in_an_object_by_their_references(server: Server) -> Server:
    """JavaScript has short numbers first, and by size: Object.values(items)."""

    def is_index(text: str) -> bool:
        return text.isascii() and text.isdigit() and str(int(text)) == text and int(text) < 2**32

    def as_an_object(data: Json, _: Json) -> Json:
        indices = [item for item in data["items"] if is_index(item["reference_id"])]
        indices.sort(key=lambda item: int(item["reference_id"]))
        others = [item for item in data["items"] if not is_index(item["reference_id"])]
        return {**data, "items": [*indices, *others]}

    return server.with_data(as_an_object)


@mutant("isolation", "security.key", wire=True)
def who_asks_is_a_global(server: Server) -> Server:
    """Who has no key is taken for the one whose request is being read."""
    running: list[int] = [0]

    def check(headers: Headers, check_key: CheckKey) -> None:
        try:
            check_key(headers)
        except Refusal:
            if not running[0]:
                raise

    async def read(request: Request) -> bytes:
        running[0] += 1
        try:
            body = await server.steps.read(request)
            await asyncio.sleep(PAUSE)
            return body
        finally:
            running[0] -= 1

    return server.with_key_check(check).with_steps(read=read)


@mutant("isolation", ECHO, "201.status", wire=True)
def large_bodies_have_one_file(server: Server) -> Server:
    """What is longer than 8 KiB is kept in a file whose name is always the same."""
    file: list[bytes] = [b""]

    async def read(request: Request) -> bytes:
        body = await server.steps.read(request)
        if len(body) <= 8192:
            return body
        file[0] = body
        await asyncio.sleep(HELD)
        return file[0]

    return server.with_steps(read=read)
