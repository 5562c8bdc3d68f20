"""What depends on the connection is told by it."""

from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.server import serving
from reference.service import Steps
from strategies.invoice import encode
from targets.client import Outgoing
from tests.asking import VALID, Json, asking_of, invoice
from tests.fronts import error
from tests.running import application

Peer = tuple[str, int]


class Connections:
    """Knows of each request which one of its connection it is, and whether that fails."""

    def __init__(self, fails: Callable[[int, int], bool]) -> None:
        self.fails, self.requests, self.seen = fails, count(1), Counter[Peer]()
        self.peer: Peer = ("", 0)

    def layer(self, app: ASGIApp) -> ASGIApp:
        """The application behind it."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            self.peer = tuple(scope["client"])
            self.seen[self.peer] += 1
            broken = self.fails(next(self.requests), self.seen[self.peer])
            await (error(500) if broken else app)(scope, receive, send)

        return counted

    def render(self, payload: Json) -> Json:
        """An answer whose id has the number of the request on its connection."""
        number = self.seen[self.peer]
        return {**VALID.render(payload), "id": f"00000000-0000-4000-8000-{number:012x}"}


def test_ids_that_begin_anew_with_each_connection_are_told_so(tmp_path: Path) -> None:
    """Over one connection each is new, so it is no accident that others had them."""
    known = Connections(lambda _number, _own: False)
    steps = Steps(render=known.render, keep=lambda *_: None)
    with (
        application(steps) as app,
        serving(known.layer(app)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        for _ in range(3):
            asking.ask(invoice(), "an invoice")
            asking.client.disconnect()
        row = asking.only
    assert (row["requirement"], row["difference"]) == ("201.data.id.unique", "a new connection")
    assert row["accepted"] == "two invoices over one connection"
    assert row["refused"] == "two invoices, over a connection each"


@pytest.mark.parametrize(
    ("fails", "difference"),
    [
        (lambda _number, own: own == 1, "a new connection"),
        (lambda number, _own: number % 2 == 1, ""),
        (lambda number, _own: number % 3 == 1, ""),
    ],
)
def test_what_only_the_first_request_over_a_connection_gets_is_told_so(
    tmp_path: Path, fails: Callable[[int, int], bool], difference: str
) -> None:
    """Each second or third request has nothing to do with it."""
    known = Connections(lambda number, own: bool(ready) and fails(number, own))
    ready: list[bool] = []
    with application() as app, serving(known.layer(app)) as url, asking_of(url, tmp_path) as asking:
        asking.found.control(asking.client)
        asking.client.disconnect()
        ready.append(True)
        while not asking.ask(invoice(), "an invoice").violations:
            pass
        row = asking.only
    assert row["category"] == "Server error"
    assert difference in row["difference"]
    assert difference or row["difference"] != "a new connection"


def test_what_one_of_several_servers_answers_is_told_by_its_connections(tmp_path: Path) -> None:
    """Over each of them it shows each time, whatever else is in flight."""
    peers: list[Peer] = []

    def is_of_the_broken(_number: int, _own: int) -> bool:
        if known.peer not in peers:
            peers.append(known.peer)
        return peers.index(known.peer) % 4 == 2

    known = Connections(is_of_the_broken)
    with (
        application() as app,
        serving(known.layer(app)) as url,
        asking_of(url, tmp_path, in_flight=4) as asking,
    ):
        asking.found.control(asking.client)
        for _ in range(8):
            asking.client.disconnect()
            asking.ask(invoice(), "an invoice")
        row = asking.only
    assert row["difference"] == "some connections"
    assert row["refused"] == "the plain invoice, over 2 of 8 connections, each time"
    assert row["shows"] == "not always"


def test_what_one_of_several_servers_forgets_is_told_by_its_connections(tmp_path: Path) -> None:
    """A text that is cut, too, and no text beside it."""
    peers: list[Peer] = []
    known = Connections(lambda _number, _own: False)

    def render(payload: Json) -> Json:
        if known.peer not in peers:
            peers.append(known.peer)
        data = VALID.render(payload)
        return {
            **data,
            "remarks": data["remarks"][: 10 if peers.index(known.peer) % 4 == 2 else 99],
        }

    with (
        application(Steps(render=render)) as app,
        serving(known.layer(app)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        asking.found.control(asking.client)
        for _ in range(8):
            asking.client.disconnect()
            asking.ask(invoice(), "an invoice")
        row = asking.only
    assert (row["requirement"], row["difference"]) == ("201.data.remarks.echo", "some connections")
    assert row["refused"] == "the plain invoice, over 2 of 8 connections, each time"


def test_what_follows_a_request_in_chunks_is_told_by_the_chunks(tmp_path: Path) -> None:
    """And not by how that was answered, or what was in it."""
    after: set[Peer] = set()

    def layer(app: ASGIApp) -> ASGIApp:
        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            peer = tuple(scope["client"])
            is_after = peer in after
            after.discard(peer)
            if (b"transfer-encoding", b"chunked") in scope["headers"]:
                after.add(peer)
            await (error(500) if is_after else app)(scope, receive, send)

        return answered

    with application() as app, serving(layer(app)) as url, asking_of(url, tmp_path) as asking:
        asking.found.control(asking.client)
        unknown = encode(invoice(order_id="ORD-7"))
        asking.client.ask(Outgoing(unknown, chunked=True))
        asking.ask(invoice(), "an invoice")
        row = asking.only
    words = "the request before it over the connection was answered 201"
    assert row["difference"] == f"{words}, to Transfer-Encoding: chunked"
    assert row["refused"] == f"the plain invoice; {words}, to Transfer-Encoding: chunked"
