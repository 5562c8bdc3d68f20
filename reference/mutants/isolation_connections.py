"""Servers that keep what they read and for whom, mix up what is in flight, or fail at times."""

import asyncio
import json
import re
from codecs import getincrementaldecoder
from itertools import count

from starlette.datastructures import Headers
from starlette.requests import Request

from reference.mutants.mutant import mutant
from reference.mutants.operators import objects
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


@mutant("isolation", ECHO, "201.status", wire=True)
def chunks_are_read_into_one_buffer(server: Server) -> Server:
    """What comes in chunks is put together in one buffer for all, and what has a length is not."""
    buffer: list[bytes] = [b""]

    async def read(request: Request) -> bytes:
        body = await server.steps.read(request)
        if "chunked" not in request.headers.get("transfer-encoding", "").lower():
            return body
        buffer[0] = body
        await asyncio.sleep(HELD)
        return buffer[0]

    return server.with_steps(read=read)


@mutant("isolation", ECHO, wire=True)
def a_derived_status_is_a_global(server: Server) -> Server:
    """A service that all requests share keeps the status that it found for an invoice without one,
    and answers each invoice with it that is in flight at the same time.
    """
    running: list[int] = [0]

    async def read(request: Request) -> bytes:
        body = await server.steps.read(request)
        derived = b'"status"' not in body
        running[0] += derived
        try:
            await asyncio.sleep(HELD)
        finally:
            running[0] -= derived
        if running[0] and not derived:
            return body.replace(b'"PAID"', b'"PENDING"').replace(b'"OVERPAID"', b'"PENDING"')
        return body

    return server.with_steps(read=read)


@mutant("isolation", ECHO, wire=True)
def a_decoder_is_shared_by_what_is_in_flight(server: Server) -> Server:
    """One decoder of UTF-8 for all requests: of two texts in flight that are not ASCII, the second
    comes back as the decoder's sign for what it cannot read.
    """
    running: list[int] = [0]

    async def read(request: Request) -> bytes:
        body = await server.steps.read(request)
        if body.isascii():
            return body
        running[0] += 1
        try:
            await asyncio.sleep(HELD)
            text = body.decode(errors="replace")
            return (text if running[0] < 2 else text.replace("ö", "\ufffd")).encode()
        finally:
            running[0] -= 1

    return server.with_steps(read=read)


@mutant("isolation", "201.status", wire=True)
def errors_of_a_validator_are_shared(server: Server) -> Server:
    """Ajv keeps the errors of its last validation in one place: who waits before he reads them may
    have those of another request.
    """
    errors: list[tuple[Problem, ...]] = [()]

    async def read(request: Request) -> bytes:
        body = await server.steps.read(request)
        try:
            errors[:] = [own := server.steps.check(json.loads(body))]
        except (Refusal, ValueError, RecursionError):
            return body  # it is no JSON, or too much of it
        await asyncio.sleep(HELD)
        if not own and errors[0]:
            raise Refusal(400, "The invoice is not valid.", errors[0])
        return body

    return server.with_steps(read=read)


@mutant("isolation", "items[].sku.required")
def a_parser_keeps_what_it_had_read(server: Server) -> Server:
    """What had been read of a body that ends too early is still there: the next one lacks less."""
    kept: list[str] = []

    async def read(request: Request) -> bytes:
        body = await server.steps.read(request)
        if body.count(b"{") > body.count(b"}"):
            kept[:] = re.findall(r'"sku":"([^"]+)"', body.decode("utf-8", "replace"))
        return body

    def filled(payload: Json) -> Json:
        for _, one in objects(payload):
            if "quantity" in one and kept:
                one.setdefault("sku", kept[-1])
        kept.clear()
        return payload

    return server.with_steps(read=read).with_payload(filled)


@mutant("isolation", "security.key", "201.status", wire=True)
def the_key_that_was_read_last_counts(server: Server) -> Server:
    """One variable for what the head of a request said of its key, which is looked at once the body
    has been read: by then another request may have come.
    """
    last: list[Refusal | None] = [None]

    def check(headers: Headers, check_key: CheckKey) -> None:
        last[:] = [None]
        try:
            check_key(headers)
        except Refusal as refusal:
            last[:] = [refusal]

    async def read(request: Request) -> bytes:
        body = await server.steps.read(request)
        if last[0] is not None:
            raise last[0]
        return body

    return server.with_key_check(check).with_steps(read=read)
