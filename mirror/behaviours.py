"""How the mirror answers: as which conforming server, and with which fault now and then."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from itertools import cycle

from starlette.types import ASGIApp, Receive, Scope, Send

from reference import mutants
from reference.mutants.server import Json, Mutation, Server, layer
from reference.store import Store
from spec.relations import RELATIONS

PAUSE = 3.0
"""Seconds before an answer of the slow server."""
ALL = "all"
"""Every fault, one after the other."""


class UnknownNameError(ValueError):
    """No server or fault has this name; the message is one sentence."""


class Sent(Enum):
    """How much of an answer the client gets before the connection is cut."""

    WHOLE = "whole"
    HALF = "half"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Conforming:
    """A server that is unusual but breaks nothing."""

    name: str
    story: str
    mutate: Mutation


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which real servers fail.

    `instead` is what is answered without asking the server; where it is empty, the server is asked,
    and the client gets as much of its answer as `sent` says.
    """

    name: str
    story: str
    instead: bytes = b""
    sent: Sent = Sent.WHOLE


def _answer(status: str, media_type: str, body: str, *fields: str) -> bytes:
    head = (f"HTTP/1.1 {status}", f"content-type: {media_type}", *fields)
    return "\r\n".join([*head, f"content-length: {len(body)}", "", body]).encode()


def error(status: str, code: str, message: str, *fields: str, field: str = "") -> bytes:
    """An answer of the mirror itself, with the document's HttpError."""
    details = [{"field": field, "reason": message}] if field else []
    error = {"code": code, "message": message, "details": details}
    return _answer(status, "application/json", json.dumps(error), *fields)


def _slow(server: Server) -> Server:
    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(PAUSE)
        await app(scope, receive, send)

    return server.with_layers(call)


_BAD_GATEWAY = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>502</body>\n</html>\n"

_NUMBER = RELATIONS.new.paths[1][0]

FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            "throttled",
            "429 with Retry-After: 1; no invoice is created.",
            error(
                "429 Too Many Requests", "TOO_MANY_REQUESTS", "Too many requests", "retry-after: 1"
            ),
        ),
        Fault(
            "server-error",
            "500 with the documented error; no invoice is created.",
            error("500 Internal Server Error", "INTERNAL_SERVER_ERROR", "Something went wrong"),
        ),
        Fault(
            "bad-gateway",
            "502 with a page in HTML; no invoice is created.",
            _answer("502 Bad Gateway", "text/html", _BAD_GATEWAY),
        ),
        Fault(
            "timeout",
            "The invoice is created, but no answer comes.",
            sent=Sent.NOTHING,
        ),
        Fault(
            "cut",
            "The invoice is created, but the connection ends in the middle of the answer.",
            sent=Sent.HALF,
        ),
        Fault(
            "duplicate",
            f"400 because the {_NUMBER} is taken; no invoice is created.",
            error("400 Bad Request", "DUPLICATE", "Is taken", field=_NUMBER),
        ),
    )
}
"""The faults, by name."""

SERVERS: Mapping[str, Conforming] = {
    conforming.name: conforming
    for conforming in (
        Conforming("slow", f"Every answer takes {PAUSE:.0f} seconds.", _slow),
        *(
            Conforming(each.name.replace(" ", "-"), each.story, each.mutate)
            for each in mutants.catalogue()
            if each.conforms
        ),
    )
}
"""The conforming servers, by name."""


def base() -> Server:
    """The reference, where every order exists: the document does not say which do."""
    always = datetime.min.replace(tzinfo=UTC)

    def find_order(_payload: Json, _store: Store) -> datetime:
        return always

    return Server().with_steps(find_order=find_order)


def server_named(name: str) -> Server:
    """The conforming server of this name. Raises UnknownNameError."""
    if name not in SERVERS:
        raise UnknownNameError(f"no conforming server is called {name!r}: --list has their names")
    return SERVERS[name].mutate(base())


def faults_named(name: str) -> Iterator[Fault]:
    """The fault of this name again and again, or all in turn. Raises UnknownNameError."""
    if name != ALL and name not in FAULTS:
        raise UnknownNameError(f"no fault is called {name!r}: --list has their names")
    return cycle(FAULTS.values() if name == ALL else [FAULTS[name]])


def listed() -> Iterator[str]:
    """Every name with its story, line by line."""
    tables: tuple[tuple[str, Mapping[str, Conforming] | Mapping[str, Fault]], ...] = (
        ("--as NAME: servers that are unusual but conform", SERVERS),
        ("--fault NAME: faults of real servers", FAULTS),
    )
    for title, table in tables:
        yield f"{title}\n"
        yield from (f"  {name}\n      {each.story}" for name, each in table.items())
        yield ""
    yield f"  {ALL}\n      Each of these faults in turn."
