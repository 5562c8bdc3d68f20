"""A request that is sent between the head and the body of another one."""

import time
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference.mutants.raw import as_usual, writes
from reference.mutants.server import Server
from reference.server import serving
from targets.client import Outgoing
from targets.resend import send_within
from tests.clients import KEY, client
from tests.running import application

LARGE = b"[%b]" % b",".join([b"0"] * 9000)
"""A body that is no invoice, and does not fit into one segment."""
KEYLESS = (("X-API-Key", None),)


def _noting(app: ASGIApp, noted: list[str]) -> ASGIApp:
    """Notes when a head and when a whole body was read, by the length of the body."""

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        length = dict(scope.get("headers", ())).get(b"content-length", b"").decode()
        noted.append(f"head {length}")

        async def received() -> Message:
            message = await receive()
            if not message.get("more_body"):
                noted.append(f"body {length}")
            return message

        # The key is checked before the body is read; here that is read in any case.
        parts = [await received()]
        while parts[-1].get("more_body"):
            parts.append(await received())

        async def again() -> Message:
            return parts.pop(0)

        await app(scope, again, send)

    return called


@pytest.mark.parametrize("body", [b"[]", LARGE], ids=["small", "large"])
def test_the_body_waits_for_the_answer_to_the_other_request(body: bytes, tmp_path: Path) -> None:
    """The head goes out before all of that, and each has its own answer."""
    noted: list[str] = []
    outer, inner = Outgoing(body, headers=KEYLESS), Outgoing(b"[1]")
    with (
        application(key=KEY) as app,
        serving(_noting(app, noted)) as url,
        client(url, tmp_path) as it,
    ):
        exchanges = send_within(it, outer, inner)
    order = [f"head {len(body)}", "body 3", f"body {len(body)}"]
    assert [each for each in noted if each in order] == order
    assert [each.request.body for each in exchanges] == [body, b"[1]"]
    assert [each.response and each.response.status for each in exchanges] == [401, 400]


def test_a_server_that_reads_one_after_the_other_gets_the_body_soon(tmp_path: Path) -> None:
    """It is not blamed, and nothing waits for ever."""
    outer, inner = Outgoing(b"[]", headers=KEYLESS), Outgoing(b"[1]")
    in_turn = writes(as_usual, closes=True, in_turn=True)(Server())
    with application(key=KEY) as app, in_turn.host(app) as url, client(url, tmp_path) as it:
        it.send(b"[2]")
        began = time.monotonic()
        exchanges = send_within(it, outer, inner)
        assert time.monotonic() - began < it.timeout / 2
    assert [each.response and each.response.status for each in exchanges] == [401, 400]


def test_where_a_server_does_not_wait_for_the_body_it_is_sent_again(tmp_path: Path) -> None:
    """At once: how long a server waits is its own."""
    asked: list[str] = []

    def impatient(app: ASGIApp) -> ASGIApp:
        async def called(scope: Scope, receive: Receive, send: Send) -> None:
            asked.append(scope["type"])
            if asked.count("http") > 1:
                await app(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": 408, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        return called

    with application(key=KEY) as app, serving(impatient(app)) as url, client(url, tmp_path) as it:
        exchanges = send_within(it, Outgoing(b"[]", headers=KEYLESS), Outgoing(b"[1]"))
    assert [each.response and each.response.status for each in exchanges] == [401, 400]
