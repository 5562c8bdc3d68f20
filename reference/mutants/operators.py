"""Mutation operators: what several mutants do to requests, payloads and answers."""

import math
from collections.abc import Callable, Collection, Iterator
from contextvars import ContextVar

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference.mutants.server import CheckKey, Json, Layer, Mutation, Server, layer
from reference.refusal import Location, Problem, Refusal

DATES = ("due_date", "created_at", "updated_at")
LIMITED = ("reference_id", "order_id", "invoice_number", "remarks", "sku", "name")
"""The properties that the page limits to 255 characters."""
TEXTS = (*LIMITED, "url")
MONEY = ("total_amount", "paid_amount", "amount")
PROPERTIES = (*DATES, *TEXTS, *MONEY, "status", "items", "quantity")
REFUSED_FIELDS = ("201.status", "requestBody.*", "request.fields")
"""Broken where header fields are refused: that is what `request.fields` is about."""
OPTIONAL = ("status", "remarks", "url", "created_at", "updated_at")


def objects(payload: Json) -> Iterator[tuple[Location, dict[str, Json]]]:
    """The invoice and each of its items, where they are objects, each with its location."""
    if isinstance(payload, dict):
        yield (), payload
        items = payload.get("items")
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                yield ("items", index), item


def exceeds_doubles(payload: Json) -> bool:
    """Whether the sum of amount times quantity over the items is more than a double can hold."""
    try:
        products = [float(item["amount"]) * float(item["quantity"]) for item in payload["items"]]
    except OverflowError:  # an integer that no double can hold
        return True
    except (LookupError, TypeError, ValueError):
        return False
    return not math.isfinite(sum(products))


def changed(payload: Json, names: Collection[str], change: Callable[[Json], Json]) -> Json:
    """The payload, or the answer, with these properties of it and of its items changed in place."""
    for _, holder in objects(payload):
        for name in names:
            if name in holder:
                holder[name] = change(holder[name])
    return payload


def renamed(payload: Json, change: Callable[[str], str]) -> Json:
    """The payload with other names of properties, where those are not there yet."""
    for _, holder in objects(payload):
        for key in list(holder):
            name = change(key)
            if name not in holder:
                holder[name] = holder.pop(key)
    return payload


def reads(names: Collection[str], change: Callable[[Json], Json]) -> Mutation:
    """The server reads other values of these properties than were sent."""
    return lambda server: server.with_payload(lambda payload: changed(payload, names, change))


def reads_text(names: Collection[str], change: Callable[[str], str]) -> Mutation:
    """The server reads other text in these properties, where they are text."""
    return reads(names, lambda value: change(value) if isinstance(value, str) else value)


def answers(names: Collection[str], change: Callable[[Json], Json]) -> Mutation:
    """The server answers other values of these properties."""
    return lambda server: server.with_data(lambda data, _: changed(data, names, change))


def answers_text(names: Collection[str], change: Callable[[str], str]) -> Mutation:
    """The server answers other text in these properties, where they are text."""
    return answers(names, lambda value: change(value) if isinstance(value, str) else value)


def answers_items(
    change: Callable[[dict[str, Json], dict[str, Json]], dict[str, Json]],
) -> Mutation:
    """The server makes each item of an answer from that item and the whole answer."""
    return lambda server: server.with_data(
        lambda data, _: {**data, "items": [change(item, data) for item in data["items"]]}
    )


def refuses(
    names: Collection[str], refused: Callable[[Json], bool], reason: str = "Invalid value"
) -> Mutation:
    """The server refuses some valid values of these properties."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        return problems or tuple(
            Problem((*location, name), "invalid", reason)
            for location, holder in objects(payload)
            for name in names
            if name in holder and refused(holder[name])
        )

    return lambda server: server.with_problems(judge)


def refuses_invoices(
    refused: Callable[[Json], bool], name: str, reason: str = "Invalid value"
) -> Mutation:
    """The server refuses some valid invoices, and names one property for it."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        named = () if problems or not refused(payload) else (Problem((name,), "invalid", reason),)
        return problems or named

    return lambda server: server.with_problems(judge)


def fails_to_read(on: Callable[[dict[str, Json]], bool]) -> Mutation:
    """The server answers 500 to some objects, before it checks them."""

    def read(payload: Json) -> Json:
        if isinstance(payload, dict) and on(payload):
            raise Refusal(500, "Unexpected")
        return payload

    return lambda server: server.with_payload(read)


def refuses_headers(refused: Callable[[Headers], int | None]) -> Mutation:
    """The server refuses requests whose headers get a status from this function."""

    def mutate(server: Server) -> Server:
        def check(headers: Headers) -> None:
            status = refused(headers)
            if status is not None:
                raise Refusal(status, "These headers are refused.")
            server.steps.check_media_type(headers)

        return server.with_steps(check_media_type=check)

    return mutate


def notes_query(words: bytes, asked: list[bool]) -> Layer:
    """Keeps in the list whether the query of the request at hand has these words."""

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        asked[:] = [words in scope.get("query_string", b"")]
        await app(scope, receive, send)

    return call


def answers_otherwise(change: Callable[[Request, int, bytes], Response | None]) -> Layer:
    """The answer is what this makes of a request and the usual status and body, unless None."""

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in messages)
        other = change(Request(scope), messages[0]["status"], body)
        if other is not None:
            await other(scope, receive, send)
        else:
            for message in messages:
                await send(message)

    return call


def keeps_answers(read: Callable[[Json, Json], Json]) -> Mutation:
    """The server keeps the first answer to each Idempotency-Key, and gives it again. `read` has the
    invoice of that one, if the key was used, and the one that is sent, and says which is looked at.
    """
    once: ContextVar[str] = ContextVar("once", default="")
    kept: dict[str, tuple[Json, Json]] = {}

    def check(headers: Headers, check_key: CheckKey) -> None:
        check_key(headers)
        once.set(headers.get("idempotency-key", ""))

    def looked_at(payload: Json) -> Json:
        return read(kept[once.get()][0], payload) if once.get() in kept else payload

    def again(data: Json, payload: Json) -> Json:
        return kept.setdefault(once.get(), (payload, data))[1] if once.get() else data

    return lambda server: server.with_key_check(check).with_payload(looked_at).with_data(again)
