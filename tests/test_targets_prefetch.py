"""What is sent ahead is what a test would send, only earlier; all else the test sends itself."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from targets.client import Outgoing
from targets.errors import ThrottledError
from targets.prefetch import AHEAD, MOST_OTHERWISE, Prefetch
from tests.clients import client
from tests.hostile import PLAIN, Behaviour, Server, closes, sends, serving
from tests.running import PATIENCE

TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
FOREVER = TOO_MANY.replace(b"After: 0", b"After: 86400")
STAMPED = b'{"reference_id":"IC-RUNSTAMP-########"}'


def _outgoing(number: int) -> list[Outgoing]:
    return [Outgoing(b'{"n":%d}' % n) for n in range(number)]


@contextmanager
def _prefetch(behaviour: Behaviour, folder: Path, most: int) -> Iterator[tuple[Prefetch, Server]]:
    with serving(behaviour) as server, client(server.base_url, folder) as it:
        prefetch = Prefetch(it, most)
        try:
            yield prefetch, server
        finally:
            prefetch.close()


def _waits(event: threading.Event) -> Behaviour:
    """Answers once the event has come."""

    def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        assert event.wait(PATIENCE)
        sends(PLAIN)(connection, request, stop)

    return behave


def _statuses(prefetch: Prefetch, several: list[Outgoing]) -> list[int | None]:
    """The status of each that was sent ahead."""
    taken = map(prefetch.take, several)
    return [one.response.status if one and one.response else None for one in taken]


def test_as_many_are_in_flight_as_may_be(tmp_path: Path) -> None:
    """A server that answers only once four requests are there answers four, with four in flight."""
    together = threading.Barrier(4)

    def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        together.wait(PATIENCE)
        sends(PLAIN)(connection, request, stop)

    with _prefetch(behave, tmp_path, 4) as (prefetch, server):
        prefetch.plan("test", _outgoing(8))
        prefetch.begin("test")
        assert _statuses(prefetch, _outgoing(8)) == [201] * 8
    assert server.connections == 4


def test_no_more_are_in_flight_than_may_be(tmp_path: Path) -> None:
    """Of thirty planned ones the server never sees more than three at once."""
    lock, here, most = threading.Lock(), 0, 0

    def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        nonlocal here, most
        with lock:
            here += 1
            most = max(most, here)
        with lock:
            here -= 1
        sends(PLAIN)(connection, request, stop)

    with _prefetch(behave, tmp_path, 3) as (prefetch, server):
        prefetch.plan("test", _outgoing(30))
        prefetch.begin("test")
        assert _statuses(prefetch, _outgoing(30)) == [201] * 30
    assert most <= 3
    assert server.connections <= 3


def test_no_more_are_sent_than_a_test_that_fails_may_leave(tmp_path: Path) -> None:
    """What nobody has asked for yet is limited, and is told at the end."""
    with _prefetch(sends(PLAIN), tmp_path, 2) as (prefetch, server):
        prefetch.plan("test", _outgoing(50))
        prefetch.begin("test")
        assert _statuses(prefetch, _outgoing(1)) == [201]
        prefetch.rest()
        left = prefetch.end()
        assert len(left) + 1 == len(server.requests) <= 2 * AHEAD + 1


def test_what_a_test_asks_next_is_sent_however_much_is_ahead(tmp_path: Path) -> None:
    """What it asks after an answer does not wait for what the tests after it have planned."""
    first, *more = [Outgoing(b'{"next":%d}' % n) for n in range(6)]
    with _prefetch(sends(PLAIN), tmp_path, 2) as (prefetch, server):
        prefetch.plan("test", [first])
        prefetch.plan("later", _outgoing(50))
        prefetch.begin("test")
        assert _statuses(prefetch, [first]) == [201]
        prefetch.add(more)
        assert _statuses(prefetch, more) == [201] * 5
        prefetch.rest()
        assert len(server.requests) <= 6 + 2 * AHEAD


def test_only_what_was_planned_for_a_test_is_taken_and_once(tmp_path: Path) -> None:
    """Equal requests were planned for two tests, and for one of them twice."""
    (same,) = _outgoing(1)
    with _prefetch(sends(PLAIN), tmp_path, 4) as (prefetch, server):
        prefetch.plan("first", [same, same])
        prefetch.plan("second", [same])
        prefetch.begin("first")
        assert _statuses(prefetch, [same, same, same]) == [201, 201, None]
        assert prefetch.end() == []
        prefetch.begin("second")
        assert _statuses(prefetch, [same, same]) == [201, None]
        assert _statuses(prefetch, [Outgoing(same.body, method="PUT")]) == [None]
    assert len(server.requests) == 3


def test_nothing_is_in_flight_when_it_rests(tmp_path: Path) -> None:
    """Then nothing more is sent until the next test begins."""
    go = threading.Event()
    with _prefetch(_waits(go), tmp_path, 2) as (prefetch, server):
        prefetch.plan("test", _outgoing(8))
        prefetch.begin("test")
        threading.Timer(0.01, go.set).start()
        prefetch.rest()
        sent = len(server.requests)
        taken = _statuses(prefetch, _outgoing(8))
        assert taken == [201] * sent + [None] * (8 - sent)
        assert len(server.requests) == sent < 8
        prefetch.plan("next", _outgoing(1))
        prefetch.begin("next")
        assert _statuses(prefetch, _outgoing(1)) == [201]


def test_what_is_asked_alone_has_the_only_connection(tmp_path: Path) -> None:
    """A server that serves one connection until that is closed can answer it."""
    free = threading.Lock()

    def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        with free:
            sends(PLAIN)(connection, request, stop)
            while again := connection.recv(65536):
                sends(PLAIN)(connection, again, stop)

    with _prefetch(behave, tmp_path, 2) as (prefetch, _):
        prefetch.plan("test", _outgoing(1))
        prefetch.begin("test")
        assert _statuses(prefetch, _outgoing(1)) == [201]
        prefetch.alone()
        assert prefetch.client.ask(_outgoing(1)[0]).response is not None


def test_a_429_slows_it_down(tmp_path: Path) -> None:
    """The test sends what was refused itself, and half as many are in flight from then on."""
    limit = threading.Semaphore(2)

    def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        free = limit.acquire(blocking=False)
        sends(PLAIN if free else TOO_MANY)(connection, request, stop)

    with _prefetch(behave, tmp_path, 4) as (prefetch, _):
        prefetch.plan("test", _outgoing(4))
        prefetch.begin("test")
        statuses = _statuses(prefetch, _outgoing(4))
        assert statuses.count(201) <= 2
        assert set(statuses) == {201, None}
        assert prefetch.most < 4


def test_a_429_for_a_day_ends_the_run(tmp_path: Path) -> None:
    """It is the thread of the tests that is told so."""
    with _prefetch(sends(FOREVER), tmp_path, 2) as (prefetch, _):
        prefetch.plan("test", _outgoing(2))
        prefetch.begin("test")
        with pytest.raises(ThrottledError):
            prefetch.take(_outgoing(1)[0])


def test_what_gets_no_whole_answer_is_an_exchange_too(tmp_path: Path) -> None:
    """It has a fault, and whether the same is so when it is asked alone is for the test to see."""
    with _prefetch(closes(b"HTTP/1.1 oops"), tmp_path, 2) as (prefetch, _):
        prefetch.plan("test", _outgoing(2))
        prefetch.begin("test")
        taken = [prefetch.take(each) for each in _outgoing(2)]
    assert all(each is not None and each.fault for each in taken)


def test_whose_requests_were_the_first_without_an_answer_is_known(tmp_path: Path) -> None:
    """As many as can be in flight, of whichever test; and the last that was answered before."""

    def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        (sends(PLAIN) if b'{"n":0}' in request else closes())(connection, request, stop)

    with _prefetch(behave, tmp_path, 2) as (prefetch, _):
        first, second, third, fourth = _outgoing(4)
        for test, asked in (("a", [first, second]), ("b", [third]), ("c", [fourth])):
            prefetch.plan(test, asked)
        prefetch.begin("a")
        assert _statuses(prefetch, [first]) == [201]
        assert prefetch.unanswered() == ["a", "b"]
        assert prefetch.client.stamper.answered


def test_what_cannot_be_sent_is_left_to_the_test(tmp_path: Path) -> None:
    """Nobody listens: the test that sends it itself is told so."""
    with serving(sends(PLAIN)) as server:
        nobody = server.base_url
    with client(nobody, tmp_path) as it:
        prefetch = Prefetch(it, 2)
        prefetch.plan("test", _outgoing(2))
        prefetch.begin("test")
        assert _statuses(prefetch, _outgoing(2)) == [None, None]
        prefetch.close()


def test_what_is_not_wanted_any_more_is_not_sent(tmp_path: Path) -> None:
    """Such as what is known by now to get no answer."""
    with serving(sends(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        prefetch = Prefetch(it, 2, lambda each: b"1" not in each.body)
        prefetch.plan("test", _outgoing(3))
        prefetch.begin("test")
        assert _statuses(prefetch, _outgoing(3)) == [201, None, 201]
        prefetch.close()
    assert len(server.requests) == 2


def test_a_dropped_connection_is_opened_again(tmp_path: Path) -> None:
    """A server that closes each connection after its answer is asked as fast."""
    with _prefetch(closes(PLAIN), tmp_path, 2) as (prefetch, server):
        prefetch.plan("test", _outgoing(20))
        prefetch.begin("test")
        assert _statuses(prefetch, _outgoing(20)) == [201] * 20
    assert server.connections >= 20


def test_the_stamps_go_by_the_order_of_the_tests(tmp_path: Path) -> None:
    """Whatever the order in which they are sent, the first planned has the first stamp."""
    with _prefetch(sends(PLAIN), tmp_path, 4) as (prefetch, _):
        several = [Outgoing(STAMPED, query=str(number)) for number in range(6)]
        prefetch.plan("test", several)
        prefetch.begin("test")
        taken = [prefetch.take(each) for each in several]
    bodies = [each.request.body for each in taken if each is not None]
    assert bodies == [STAMPED.replace(b"RUNSTAMP-########", b"7F3A91C2-%08X" % n) for n in range(6)]


def test_an_answer_that_was_otherwise_is_not_trusted_often(tmp_path: Path) -> None:
    """After a few the run goes on one request at a time."""
    with _prefetch(sends(PLAIN), tmp_path, 4) as (prefetch, server):
        for _ in range(MOST_OTHERWISE):
            assert prefetch.is_short
            prefetch.distrust()
        assert not prefetch.is_short
        prefetch.plan("test", _outgoing(1))
        prefetch.begin("test")
        assert _statuses(prefetch, _outgoing(1)) == [None]
    assert server.requests == []


def test_one_at_a_time_is_the_tests_own_business(tmp_path: Path) -> None:
    """With one in flight nothing is planned and no thread is started."""
    before = threading.active_count()
    with _prefetch(sends(PLAIN), tmp_path, 1) as (prefetch, server):
        assert not prefetch.is_short
        prefetch.add(_outgoing(1))
        prefetch.begin("test")
        assert _statuses(prefetch, _outgoing(1)) == [None]
        assert server.requests == []
    assert threading.active_count() <= before


def test_what_is_in_flight_at_the_end_is_not_waited_for(tmp_path: Path) -> None:
    """A server that hangs does not keep a run that was interrupted from ending."""
    go = threading.Event()
    with _prefetch(_waits(go), tmp_path, 2) as (prefetch, _):
        prefetch.plan("test", _outgoing(2))
        prefetch.begin("test")
        assert prefetch.close() == []
        go.set()


def test_a_whole_run_of_threads_ends(tmp_path: Path) -> None:
    """Closing ends the threads once they are idle."""
    done = [thread for thread in threading.enumerate() if thread.daemon]
    with _prefetch(sends(PLAIN), tmp_path, 4) as (prefetch, _):
        prefetch.plan("test", _outgoing(9))
        prefetch.begin("test")
        _statuses(prefetch, _outgoing(9))
    for thread in threading.enumerate():
        # The clock of exchanges is no part of it, and goes on for those of other tests.
        if thread.daemon and thread not in done and thread.name != "awake":
            thread.join(PATIENCE)
            assert not thread.is_alive()
