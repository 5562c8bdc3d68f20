"""Any way to break HTTP is a fault with the bytes received, in bounded time and memory."""

import json
import re
import socket
import subprocess
import sys
import threading
import time
from itertools import count, repeat
from pathlib import Path

import pytest

from spec.exchange import HttpFault
from targets import connection
from targets.awake import STARVED
from targets.errors import UnreachableError
from tests.clients import client
from tests.hostile import CREATED, FAULTS, PLAIN, SLOW, Behaviour, closes, resets, sends, serving

ROOT = Path(__file__).parent.parent
LONG = bytes(8 << 20)


@pytest.mark.parametrize("name", FAULTS)
def test_broken_http_is_a_fault_with_the_bytes_received(name: str, tmp_path: Path) -> None:
    """Each way to break HTTP gives one sentence that says how, and no response."""
    behaviour, words = FAULTS[name]
    with serving(behaviour) as server, client(server.base_url, tmp_path) as it:
        exchange = it.send(b"{}")
    assert exchange.response is None
    assert exchange.fault is not None
    assert exchange.fault.startswith("The server ")
    assert words in exchange.fault
    assert "seen" in exchange.fault
    assert exchange.unquoted == re.split("[;:]", exchange.fault, maxsplit=1)[0]
    too_long = "10486" in words or "decompressed" in words
    known = {HttpFault.TOO_LONG} if too_long else {HttpFault.FRAMING, HttpFault.OTHER}
    assert exchange.broken in known
    assert len(exchange.fault) < 1200
    assert "\n" not in exchange.fault


@pytest.mark.parametrize("name", SLOW)
def test_a_server_that_never_finishes_is_a_fault(name: str, tmp_path: Path) -> None:
    """The time limit covers the whole exchange, not each read."""
    behaviour, words = SLOW[name]
    with serving(behaviour) as server, client(server.base_url, tmp_path, timeout=0.5) as it:
        exchange = it.send(b"{}")
    assert exchange.fault is not None
    assert "no complete answer within 0.5 s" in exchange.fault
    assert exchange.broken is HttpFault.LATE
    assert words in exchange.fault


def test_an_answer_that_is_there_counts_although_nobody_looked_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy machine gives this process no time between what it sends and what it reads."""
    at_once = connection.Stream._flush  # noqa: SLF001 - what is late is ours

    def late(stream: connection.Stream) -> None:
        at_once(stream)
        time.sleep(0.3)

    monkeypatch.setattr(connection.Stream, "_flush", late)
    with serving(sends(PLAIN)) as server, client(server.base_url, tmp_path, timeout=0.2) as it:
        exchange = it.send(b"{}")
    assert exchange.response is not None


@pytest.mark.parametrize("starves", [True, False])
def test_a_thread_that_has_no_processor_blames_no_server(
    *, starves: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a server gave up meanwhile, or did not answer in what was left, is asked again."""
    seconds = count(0, 2 * STARVED) if starves else repeat(0.0)
    monkeypatch.setattr("targets.awake._without_processor", lambda: next(seconds))

    def behave(connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
        if len(server.requests) == 1:
            stop.wait(0.5)
        elif len(server.requests) == 2:
            connection.sendall(b"HTTP/1.1 201 ")
        else:
            connection.sendall(PLAIN)
        connection.close()

    with serving(behave) as server, client(server.base_url, tmp_path, timeout=0.2) as it:
        exchange = it.send(b"{}")
    assert (exchange.response is not None) == starves


def test_a_server_that_reads_a_long_body_slowly_is_a_fault(tmp_path: Path) -> None:
    """The time limit covers sending as well."""

    def behave(connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
        while connection.recv(1024):
            stop.wait(0.02)
        connection.close()

    with (
        serving(behave, listens=False) as server,
        client(server.base_url, tmp_path, timeout=0.5) as it,
    ):
        exchange = it.send(LONG)
    assert "no complete answer within 0.5 s; no byte seen" in str(exchange.fault)


def test_a_connection_that_is_closed_after_100_continue_is_closed_without_an_answer(
    tmp_path: Path,
) -> None:
    """As is one that is closed before, so both are one finding; the bytes seen are told."""
    with (
        serving(closes(b"HTTP/1.1 100 Continue\r\n\r\n")) as server,
        client(server.base_url, tmp_path) as it,
    ):
        exchange = it.send(b"{}", headers=(("Expect", "100-continue"),))
    assert exchange.broken is HttpFault.CLOSED
    assert str(exchange.fault).startswith("The server closed the connection after 100 Continue, ")
    assert "100 Continue" in str(exchange.fault)


@pytest.mark.parametrize("behaviour", [closes(), resets()], ids=["close", "reset"])
def test_one_drop_of_a_run_is_forgiven(behaviour: Behaviour, tmp_path: Path) -> None:
    """After the first drop of a run the request is sent again; any further drop is a fault."""
    with serving(behaviour) as server, client(server.base_url, tmp_path) as it:
        first = it.send(b"{}")
        assert first.fault == "The server closed the connection without a byte of an answer."
        assert first.broken is HttpFault.CLOSED
        assert len(server.requests) == 2
        with client(server.base_url, tmp_path) as worker:
            assert worker.send(b"{}").fault == first.fault
        assert len(server.requests) == 3


def test_after_a_single_drop_the_second_answer_counts(tmp_path: Path) -> None:
    """After one drop the request is sent again with a new stamp, and its answer counts."""

    def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        (closes() if len(server.requests) == 1 else sends(PLAIN))(connection, request, stop)

    with serving(behave) as server, client(server.base_url, tmp_path) as it:
        exchange = it.send(b'"IC-RUNSTAMP-########"')
    assert exchange.response is not None
    assert exchange.request.body == b'"IC-7F3A91C2-00000001"'
    assert server.requests[0].endswith(b'"IC-7F3A91C2-00000000"')


def test_closing_after_each_answer_is_not_a_drop(tmp_path: Path) -> None:
    """The client opens another connection, and the first drop of the run is still forgiven."""
    with serving(closes(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        assert all(it.send(b"{}").response for _ in range(30))
        assert it.pace.is_first_drop()


def test_a_second_answer_is_a_fault_of_the_next_exchange(tmp_path: Path) -> None:
    """Bytes received together with an answer, after its end, are never taken for the next one."""
    with serving(sends(PLAIN, PLAIN)) as server, client(server.base_url, tmp_path) as it:
        first, second, third = (it.send(b"{}") for _ in range(3))
    assert first.response
    assert "sent an answer that was not asked for" in str(second.fault)
    assert second.broken is HttpFault.UNASKED
    assert third.response
    assert server.connections == 2


def test_garbage_after_an_answer_is_a_fault_of_the_next_exchange(tmp_path: Path) -> None:
    """Bytes after an answer that are not an answer are a fault too, and not a drop."""
    with serving(sends(PLAIN, b"{}\r\n\r\n")) as server, client(server.base_url, tmp_path) as it:
        first, second = it.send(b"{}"), it.send(b"{}")
        assert it.pace.is_first_drop()
    assert first.response
    assert "after the end of its previous answer" in str(second.fault)


IDLE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
REFUSED = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("left_over", "fault"),
    [
        (IDLE, ""),
        (b"HTTP/1.0 408 Request Time-out\r\n\r\n", ""),
        (b"\r\n", ""),
        (REFUSED, "sent an answer that was not asked for"),
        (PLAIN, "sent an answer that was not asked for"),
        (b"{}", "sent bytes after the end of its previous answer"),
    ],
)
def test_bytes_between_two_answers_are_never_taken_for_the_next(
    left_over: bytes, fault: str, tmp_path: Path
) -> None:
    """A 408 on an idle connection ends it, as closing it does (RFC 9110, section 15.5.9); other
    bytes are a fault.
    """
    answered, sent = threading.Event(), threading.Event()

    def behave(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        if len(server.requests) == 2:
            connection.sendall(CREATED + b"Content-Length: 3\r\n\r\n{ }")
            return
        connection.sendall(PLAIN)
        answered.wait()
        connection.sendall(left_over)
        sent.set()

    with serving(behave) as server, client(server.base_url, tmp_path) as it:
        assert it.send(b"{}").response
        answered.set()
        sent.wait()
        second, third = it.send(b"{}"), it.send(b"{}")
    assert fault in str(second.fault)
    answer = third.response if fault else second.response
    assert answer is not None
    assert answer.body == b"{ }"


def test_a_timeout_that_comes_as_a_request_does_is_a_drop(tmp_path: Path) -> None:
    """It was sent for the idle connection, which it closes; on a new one it is the answer."""

    def behave(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        late = len(server.requests) == 2 or len(server.requests) > 3
        connection.sendall(IDLE if late else PLAIN)
        if late:
            connection.close()

    with serving(behave) as server, client(server.base_url, tmp_path) as it:
        first, second, third = (it.send(b"{}") for _ in range(3))
    assert first.response
    assert second.response
    assert (second.response.status, second.drop is not None) == (201, True)
    assert third.response
    assert third.response.status == 408
    assert server.connections == 3


@pytest.mark.parametrize("location", [b"http://a:b", b"//xn--/\xff"])
def test_an_invalid_location_is_a_fault(location: bytes, tmp_path: Path) -> None:
    """A Location that is not a URL breaks HTTP (RFC 9110, section 10.2.2)."""
    answer = b"HTTP/1.1 307 There\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location
    with serving(sends(answer)) as server, client(server.base_url, tmp_path) as it:
        exchange = it.send(b"{}")
    assert exchange.response is None
    assert str(exchange.fault).startswith("The server broke HTTP/1.1 (")


def _refuses(connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
    stop.wait()


@pytest.mark.parametrize(
    "behaviour",
    [closes(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"), _refuses],
    ids=["and closes", "and reads no more"],
)
def test_an_early_refusal_of_a_long_body_is_its_answer(
    behaviour: Behaviour, tmp_path: Path
) -> None:
    """A refusal sent before the whole body was read is the answer; the connection is not reused."""
    with (
        serving(behaviour, listens=False) as server,
        # The client waits half of this for a server that reads no more, and then reads its answer.
        client(server.base_url, tmp_path, timeout=4) as it,
    ):
        exchanges = [it.send(LONG), it.send(b"{}")]
    assert [it.response and it.response.status for it in exchanges] == [413, 413]
    assert server.connections == 2


def test_an_interim_answer_does_not_stop_a_long_body(tmp_path: Path) -> None:
    """A 100 received while the body is being sent is not a refusal (RFC 9110, section 10.1.1)."""

    def behave(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        received = b""
        while not received.endswith(LONG[-9:] + b"end"):
            received = received[-12:] + connection.recv(1 << 20)
        closes(PLAIN)(connection, b"", _stop)

    with serving(behave, listens=False) as server, client(server.base_url, tmp_path) as it:
        exchange = it.send(LONG + b"end")
    assert exchange.response is not None
    assert exchange.response.status == 201


def test_cutting_off_a_long_body_is_not_a_drop(tmp_path: Path) -> None:
    """A body over 1 MiB may be cut off: a fault, and the run's first drop is still forgiven."""
    with serving(closes(), listens=False) as server, client(server.base_url, tmp_path) as it:
        assert it.send(LONG).fault
        assert it.pace.is_first_drop()


def test_a_refused_connection_is_not_a_fault(tmp_path: Path) -> None:
    """Where nothing listens there is nothing to judge; the message names host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        client(f"http://127.0.0.1:{port}", tmp_path) as it,
        pytest.raises(UnreachableError, match=rf"Cannot connect to 127\.0\.0\.1:{port} "),
    ):
        it.send(b"{}")


def test_an_unknown_host_name_is_not_a_fault(tmp_path: Path) -> None:
    """A name that does not resolve is named; .invalid never does (RFC 6761, section 6.4)."""
    with (
        client("http://no-such-host.invalid", tmp_path) as it,
        pytest.raises(UnreachableError, match=r"Cannot connect to no-such-host\.invalid:80 "),
    ):
        it.send(b"{}")


def test_a_server_that_dies_from_a_request_is_a_fault(tmp_path: Path) -> None:
    """A drop after which nothing listens is the server's fault, not the network's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def die() -> None:
            connection, _ = listener.accept()
            listener.close()
            with connection:
                connection.recv(65536)

        thread = threading.Thread(target=die)
        thread.start()
        port = listener.getsockname()[1]
        with client(f"http://127.0.0.1:{port}", tmp_path) as it:
            exchange = it.send(b"{}")
        thread.join()
    assert exchange.fault is not None
    assert exchange.fault.startswith(
        "The server closed the connection without a byte; then: Cannot"
    )


CHILD = """
import json, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
from tests.clients import client
for base_url in json.loads(sys.argv[2]):
    with client(base_url, Path(sys.argv[1])) as it:
        assert it.send(b"{}").fault
status = Path("/proc/self/status").read_text()
print(status.split("VmHWM:")[1].split()[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to limit and to read memory")
def test_bombs_and_floods_take_little_memory(tmp_path: Path) -> None:
    """With 512 MiB of address space the client survives them all, in under 100 MiB."""
    floods = [name for name in FAULTS if name.startswith(("endless", "one long", "interim"))]
    bombs = [name for name in FAULTS if "bomb" in name or name == "long body"]
    assert len(floods + bombs) >= 8
    contexts = [serving(FAULTS[name][0]) for name in floods + bombs]
    servers = [context.__enter__() for context in contexts]
    try:
        addresses = json.dumps([server.base_url for server in servers])
        child = subprocess.run(
            [sys.executable, "-c", CHILD, tmp_path, addresses],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        for context in contexts:
            context.__exit__(None, None, None)
    assert child.returncode == 0, child.stderr
    assert int(child.stdout) < 100 * 1024
