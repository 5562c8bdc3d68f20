"""Two runs send the same requests, apart from the stamp, and reach the same verdicts."""

import re
from collections.abc import Iterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference.server import serving
from spec.contract import unstamped
from tests.running import ORDER, application, suite, untimed

READ = 16 * 1024
ESCAPED = re.compile(rb"\\u00([2-7][0-9a-fA-F])")


def _plain(body: bytes) -> bytes:
    """The body without its stamp, which may also be in UTF-16 or escaped."""
    narrow = body.replace(b"\0", b"")
    read = ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), narrow)
    return untimed(unstamped(read.decode("latin-1")).encode("latin-1"))


def _recording(app: ASGIApp, bodies: list[bytes]) -> ASGIApp:
    """Record the start of each body; how much of a long one the application reads varies."""

    async def recorded(scope: Scope, receive: Receive, send: Send) -> None:
        parts: list[bytes] = []

        async def listening() -> Message:
            message = await receive()
            parts.append(message.get("body", b""))
            return message

        await app(scope, listening, send)
        # Cut when the stamps are gone: else half a stamp may be left at the end.
        bodies.append(_plain(b"".join(parts)[: 4 * READ])[:READ])

    return recorded


def _runs(times: int) -> Iterator[tuple[int, list[bytes]]]:
    for _ in range(times):
        bodies: list[bytes] = []
        with application() as app, serving(_recording(app, bodies)) as url:
            result = suite("--base-url", url, *ORDER)
        yield result.status, bodies


def test_two_runs_send_the_same_requests() -> None:
    """At the gate profile, byte for byte; concurrent ones arrive in any order."""
    (first, sent), (second, again) = _runs(2)
    assert first == second == 0
    assert len(sent) > 1000
    assert sorted(sent) == sorted(again)
