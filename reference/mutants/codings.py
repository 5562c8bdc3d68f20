"""Answers in gzip, from mutants and servers that conform (RFC 9110, section 12.5.3)."""

import gzip
import re
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference.mutants.server import Layer, layer

_NEVER = re.compile(r"q=0(\.0*)?")


def is_welcome(accepted: str | None) -> bool:
    """Whether a client with this Accept-Encoding takes gzip."""
    if accepted is None:
        return True
    taken = {}
    for listed in accepted.lower().split(","):
        coding, _, weight = listed.partition(";")
        taken[coding.strip()] = not _NEVER.fullmatch(weight.strip())
    return taken.get("gzip", taken.get("*", False))


def zipped(
    is_due: Callable[[str | None], bool] = is_welcome,
    name: str = "gzip",
    pack: Callable[[bytes], bytes] = gzip.compress,
) -> Layer:
    """Answers are packed, and labelled with a name, where it is due by the Accept-Encoding."""

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = dict(scope["headers"]).get(b"accept-encoding")
        if not is_due(None if accepted is None else accepted.decode("latin-1")):
            await app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                packed = pack(bytes(body))
                headers = MutableHeaders(raw=list(start["headers"]))
                headers["content-encoding"], headers["content-length"] = name, str(len(packed))
                await send({**start, "headers": headers.raw})
                await send({"type": "http.response.body", "body": packed})

        await app(scope, receive, collect)

    return call
