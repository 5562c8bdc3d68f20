"""Conditions: conditions on a request under which a server behaves as a mutant.

Many servers are wrong only here, only then or only for some requests. A condition sees what a
server sees of a request, and what it remembers of those before. A conditional server sends each
request for which its condition holds to the mutant, and all others to the reference.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from reference.mutants.mutant import Mutant
from reference.mutants.operators import DATES, OPTIONAL, TEXTS, objects
from reference.mutants.server import Json, Server
from reference.refusal import Problem
from reference.store import Store

Headers = tuple[tuple[bytes, bytes], ...]

CARRIER, KEY, SENDING, ORDER, SIZE = "carrier", "key", "way of sending", "order", "size"
"""What conditions look at."""


@dataclass(frozen=True)
class Seen:
    """What a server sees of one request: the header fields as they were written, the body, and a
    number or address of the connection.
    """

    headers: Headers
    body: bytes
    connection: object = None

    @cached_property
    def payload(self) -> dict[str, Json]:
        """The body as a JSON object; an empty one where it is no JSON object."""
        try:
            payload = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return payload if isinstance(payload, dict) else {}

    @cached_property
    def items(self) -> list[Json]:
        """The items of the payload; none where it has no list of them."""
        items = self.payload.get("items")
        return items if isinstance(items, list) else []

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header field; None where there is none."""
        return next((value for known, value in self.headers if known.lower() == name), None)


@dataclass(slots=True)
class Memory:
    """What a server remembers of the requests before: how many there were, how many on each
    connection, whether it refused the last one, and the first key that it accepted.
    """

    requests: int = 0
    on_connection: Counter[object] = field(default_factory=Counter)
    refused: bool = False
    key: bytes | None = None

    def note(self, seen: Seen, status: int) -> None:
        """Remember a request and the status of its answer."""
        self.requests += 1
        self.on_connection[seen.connection] += 1
        self.refused = status >= 400
        if self.key is None and status not in (401, 403):
            self.key = seen.header(b"x-api-key")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a request.

    `name` completes the name of a mutant: "forgets remarks.maxLength" + "where status is PENDING".
    `family` is the factor that it is a level of, `area` what it looks at, `about` the property
    that it fixes, and `value` what that then is, None where it is absent. A condition with `spares`
    holds for the items from that index on: the mutant leaves those before it alone.
    """

    name: str
    family: str
    area: str
    holds: Callable[[Seen, Memory], bool]
    about: str = ""
    value: str | None = None
    spares: int = 0


def _status(member: str) -> Condition:
    return Condition(
        f"where status is {member}",
        "status",
        CARRIER,
        lambda seen, _: seen.payload.get("status") == member,
        "status",
        member,
    )


def _absent(name: str) -> Condition:
    return Condition(
        f"where {name} is absent",
        "status" if name == "status" else "absent",
        CARRIER,
        lambda seen, _: bool(seen.payload) and name not in seen.payload,
        name,
    )


def _more_items(than: int) -> Condition:
    return Condition(
        f"with more than {than} item{'s' * (than > 1)}",
        "items",
        CARRIER,
        lambda seen, _: len(seen.items) > than,
        "items",
    )


def _items_from(index: int) -> Condition:
    return Condition(
        f"in items from index {index} on",
        "place",
        CARRIER,
        lambda seen, _: len(seen.items) > index,
        "items",
        spares=index,
    )


def _texts(seen: Seen) -> Iterator[str]:
    for _, holder in objects(seen.payload):
        yield from (text for name in TEXTS if isinstance(text := holder.get(name), str))


def _is_at_an_offset(text: Json) -> bool:
    return isinstance(text, str) and "T" in text and text[-6:-5] in ("+", "-")


def _over(kibibytes: int) -> Condition:
    return Condition(
        f"in bodies over {kibibytes} KiB",
        "size",
        SIZE,
        lambda seen, _: len(seen.body) > kibibytes * 1024,
    )


def _has_key_like_the_right_one(like: Callable[[bytes, bytes], bool]) -> Callable[..., bool]:
    def holds(seen: Seen, memory: Memory) -> bool:
        shown = seen.header(b"x-api-key")
        return shown is not None and memory.key is not None and like(shown, memory.key)

    return holds


PAGE_HEADERS = (b"x-api-key", b"content-type", b"accept")
"""The names of header fields that the page gives, as no client has to write them."""

RIGHT_HEAD = Condition(
    "for a key with the right head",
    "key",
    KEY,
    _has_key_like_the_right_one(lambda shown, right: shown.startswith(right[: len(right) // 2])),
)
WITHOUT_ACCEPT = Condition(
    "without Accept", "sending", SENDING, lambda seen, _: seen.header(b"accept") is None
)

CONDITIONS: tuple[Condition, ...] = (
    *map(_status, ("PENDING", "PAID", "OVERPAID", "PARTIALLY_PAID")),
    *map(_absent, OPTIONAL),
    *map(_more_items, (1, 4, 10, 50)),
    *map(_items_from, (4, 10)),
    Condition(
        "where a text is not ASCII",
        "writing",
        CARRIER,
        lambda seen, _: not all(map(str.isascii, _texts(seen))),
    ),
    Condition(
        "where a date has another offset than Z",
        "writing",
        CARRIER,
        lambda seen, _: any(_is_at_an_offset(seen.payload.get(name)) for name in DATES),
    ),
    Condition(
        "for a key of the right length",
        "key",
        KEY,
        _has_key_like_the_right_one(lambda shown, right: len(shown) == len(right)),
    ),
    RIGHT_HEAD,
    Condition(
        "when chunked",
        "sending",
        SENDING,
        lambda seen, _: seen.header(b"transfer-encoding") is not None,
    ),
    Condition(
        "with a charset",
        "sending",
        SENDING,
        lambda seen, _: b"charset=" in (seen.header(b"content-type") or b"").lower(),
    ),
    Condition(
        "with header names in lower case",
        "sending",
        SENDING,
        lambda seen, _: any(name in PAGE_HEADERS for name, _ in seen.headers),
    ),
    WITHOUT_ACCEPT,
    Condition(
        "from the second request of a connection on",
        "order",
        ORDER,
        lambda seen, memory: memory.on_connection[seen.connection] > 0,
    ),
    Condition("every third time", "order", ORDER, lambda _, memory: memory.requests % 3 == 2),
    Condition("right after a refused request", "order", ORDER, lambda _, memory: memory.refused),
    *map(_over, (8, 16, 24, 32, 48)),
)
"""All conditions; those of one family exclude or contain each other."""


@dataclass(frozen=True, slots=True)
class ConditionalServer(Server):
    """A server that behaves as `changed` where the condition holds, and as itself elsewhere."""

    changed: Server = field(kw_only=True)
    condition: Condition = field(kw_only=True)

    @override
    def app(self, store: Store) -> ASGIApp:
        """Both applications over one store, behind one that chooses between them."""
        usual, changed = Server.app(self, store), self.changed.app(store)
        memory, holds = Memory(), self.condition.holds

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            body = await _whole(receive)
            seen = Seen(scope.get("fields", tuple(scope["headers"])), body, scope["client"])
            statuses: list[int] = []

            async def read() -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            async def watched(message: Message) -> None:
                if message["type"] == "http.response.start":
                    statuses.append(message["status"])
                await send(message)

            chosen = changed if holds(seen, memory) else usual
            try:
                await chosen(scope, read, watched)
            finally:
                memory.note(seen, statuses[-1] if statuses else 500)

        return app


async def _whole(receive: Receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def changed_server(usual: Server, mutant: Mutant, condition: Condition) -> Server:
    """The server that answers where the condition holds: the mutant, apart from items it spares."""
    changed = mutant.mutate(usual)
    return _sparing(usual, changed, condition.spares) if condition.spares else changed


def only_under(mutant: Mutant, condition: Condition) -> Mutant:
    """The mutant that is one only where the condition holds."""

    def mutate(usual: Server) -> Server:
        changed = changed_server(usual, mutant, condition)
        return ConditionalServer(
            usual.steps, usual.layers, usual.host, changed=changed, condition=condition
        )

    return replace(
        mutant,
        name=f"{mutant.name} {condition.name}",
        story=f"{mutant.story} Only {condition.name}.",
        mutate=mutate,
        wire=False,
    )


def _sparing(usual: Server, changed: Server, count: int) -> Server:
    """The changed server, but the first items of a payload or answer are as the usual one has
    them.
    """

    def parse(body: bytes) -> Json:
        payload, sent = changed.steps.parse(body), usual.steps.parse(body)
        return _with_items(payload, lambda items: _items_of(sent)[:count] + items[count:])

    def check(payload: Json) -> tuple[Problem, ...]:
        problems = usual.steps.check(payload)
        return problems or changed.steps.check(_with_items(payload, lambda items: items[count:]))

    def respond(status: int, answer: Json) -> Json:
        response = changed.steps.respond(status, answer)
        told = json.loads(bytes(response.body))
        if isinstance(told, dict) and isinstance(told.get("data"), dict):
            first = _items_of(answer.get("data"))[:count]
            data = _with_items(told["data"], lambda items: first + items[count:])
            return usual.steps.respond(status, {**told, "data": data})
        return response

    return changed.with_steps(parse=parse, check=check, respond=respond)


def _items_of(value: Json) -> list[Json]:
    items = value.get("items") if isinstance(value, dict) else None
    return items if isinstance(items, list) else []


def _with_items(value: Json, change: Callable[[list[Json]], list[Json]]) -> Json:
    items = _items_of(value)
    return {**value, "items": change(items)} if items else value
