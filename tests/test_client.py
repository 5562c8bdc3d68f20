"""The client sends exactly what it is told, byte for byte, and reads every valid answer."""

import gzip
import re
import socket
import threading
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import h11
import httpx
import pytest

from spec.exchange import Exchange
from targets import embedded
from targets.client import Client, Outgoing
from targets.errors import BudgetSpentError, ThrottledError
from targets.masking import Masker
from targets.pace import MAX_TRIES, Rate
from targets.transport import answer_to, open_session
from tests.clients import KEY, client
from tests.hostile import CREATED, PLAIN, closes, coded, sends, serving
from tests.running import PATIENCE

BODY = b'{"reference_id":"IC-RUNSTAMP-########","name":"\xe2\x82\xac"}'
TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"


def _head(raw: bytes) -> list[str]:
    return raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")


def _twice(it: Client) -> list[Exchange]:
    return [it.send(b"{}"), it.send(b"{}")]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"query": 'a=1&b=%7b{}|^"<>%20'},
        {"chunked": True},
        {"headers": [("Accept", None), ("x-Odd", "a, b"), ("ACCEPT-encoding", "identity")]},
        {"headers": [("User-Agent", None), ("Content-Type", None), ("Cookie", "a=b")]},
        {"headers": [("Accept", "application/json\ntext/plain;q=0.5")]},
        {"key": None, "method": "put"},
    ],
    ids=["plain", "query", "chunked", "headers", "fewer headers", "two lines", "no key"],
)
def test_the_record_is_what_went_out(asked: dict[str, Any], tmp_path: Path) -> None:
    """The request of an exchange has the line, headers and body that the server received."""
    with serving(sends(PLAIN)) as server, client(f"{server.base_url}/api", tmp_path) as it:
        request = it.send(BODY, **asked).request
    line, *headers = _head(server.requests[0])
    assert line == f"{request.method} {request.path} HTTP/1.1"
    assert request.path == "/api/v1/invoices" + ("?" + asked["query"] if "query" in asked else "")
    assert headers == [f"{name}: {value}" for name, value in request.headers]
    assert (f"X-API-Key: {KEY}" in headers) == ("key" not in asked)
    assert request.body == BODY.replace(b"RUNSTAMP-########", b"7F3A91C2-00000000")
    framed = b"%x\r\n%b\r\n0\r\n\r\n" % (len(request.body), request.body)
    assert server.requests[0].partition(b"\r\n\r\n")[2] == (
        framed if "chunked" in asked else request.body
    )


def test_the_answer_is_what_came_back(tmp_path: Path) -> None:
    """The response has status, lower-case headers and body; the exchange has its duration."""
    with serving(sends(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        exchange = it.send(b"{}")
    assert exchange.response is not None
    assert exchange.fault is None
    assert exchange.response.status == 201
    assert ("content-type", "application/json") in exchange.response.headers
    assert exchange.response.body == b"{}"
    assert exchange.elapsed > 0


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (coded("gzip", gzip.compress(b"{} ")), b"{} "),
        (coded("X-GZIP", gzip.compress(b"{}")), b"{}"),
        (coded("gzip", gzip.compress(b"{") + gzip.compress(b"}")), b"{}"),
        (coded("gzip, gzip", gzip.compress(gzip.compress(b"{}"))), b"{}"),
        (coded("identity", b"{}"), b"{}"),
        (coded("gzip", b""), b""),
        (CREATED + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n", b"{}"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + PLAIN, b"{}"),
        (b"HTTP/1.1 201 \r\ncontent-length:2\r\n\r\n{}", b"{}"),
    ],
    ids=["gzip", "x-gzip", "members", "twice", "identity", "none", "chunks", "interim", "terse"],
)
def test_every_valid_way_to_answer_is_read(answer: bytes, body: bytes, tmp_path: Path) -> None:
    """What HTTP allows is not a fault, and the connection can be used again."""
    with serving(sends(answer)) as server, client(server.base_url, tmp_path) as it:
        bodies = [exchange.response and exchange.response.body for exchange in _twice(it)]
    assert bodies == [body, body]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 201 Created\r\n\r\n{}",
        b"HTTP/1.0 201 Created\r\nContent-Length: 2\r\n\r\n{}",
        CREATED + b"Connection: close\r\n\r\n{}",
        CREATED + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["1.0", "1.0 with a length", "1.1", "1.1 with a length"],
)
def test_an_answer_may_end_with_its_connection(answer: bytes, tmp_path: Path) -> None:
    """A body without a length ends with the connection (RFC 9112, section 6.3): not a drop."""
    with serving(closes(answer)) as server, client(server.base_url, tmp_path) as it:
        bodies = [exchange.response and exchange.response.body for exchange in _twice(it)]
        assert it.pace.is_first_drop()
    assert bodies == [b"{}", b"{}"]


def test_the_answer_to_a_head_has_no_body(tmp_path: Path) -> None:
    """Its length is that of the answer to a GET (RFC 9110, section 9.3.2): no body follows."""
    head = b"HTTP/1.1 405 No\r\nContent-Length: 99\r\n\r\n"
    with serving(sends(head)) as server, client(server.base_url, tmp_path) as it:
        answers = [it.send(b"", method="HEAD").response for _ in range(2)]
    assert [answer and (answer.status, answer.body) for answer in answers] == [(405, b"")] * 2
    assert server.connections == 1


@pytest.mark.parametrize(
    ("key", "sent"),
    [("wrong", ["wrong"]), ("", [""]), ("  ", [""]), ("ü", ["ü"]), (None, [])],
)
def test_a_request_carries_the_key_it_is_given(
    key: str | None, sent: list[str], tmp_path: Path
) -> None:
    """Another key, an empty one or none replaces the configured key."""
    with serving(sends(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        it.send(b"{}", key=key)
    lines = [line for line in _head(server.requests[0]) if line.lower().startswith("x-api-key")]
    assert lines == [f"X-API-Key: {value}" for value in sent]
    assert KEY.encode() not in server.requests[0]


def test_the_key_follows_the_body_where_a_trailer_names_its_field(tmp_path: Path) -> None:
    """In chunks, and nowhere else (RFC 9110, section 6.6.2)."""
    fields = (("X-API-Key", None), ("Trailer", "X-API-Key"))
    with serving(sends(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        it.send(b"{}", headers=fields, chunked=True)
        it.send(b"{}", headers=fields)
    sent, by_length = server.requests
    assert sent.endswith(f"\r\n0\r\nX-API-Key: {KEY}\r\n\r\n".encode())
    assert sent.count(KEY.encode()) == 1
    assert KEY.encode() not in by_length


def test_a_key_may_contain_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    """A surrogate stands for such a byte, so a key in Latin-1 can be sent."""
    with serving(sends(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        it.send(b"{}", key="caf\udce9")
    assert b"\r\nX-API-Key: caf\xe9\r\n" in server.requests[0]


@pytest.mark.parametrize("value", ["1", None])
def test_the_headers_of_a_target_are_replaced_by_no_request(
    value: str | None, tmp_path: Path
) -> None:
    """A request with fields of proxies and clients among its own goes to the same tenant."""
    with client("http://127.0.0.1:9", tmp_path) as it:
        of_blue = replace(it, always=(("X-Tenant", "blue"),))
        request = of_blue.request(Outgoing(b"{}", headers=(("x-tenant", value),)))
    found = [(name, text) for name, text in request.headers if name.lower() == "x-tenant"]
    assert found == [("X-Tenant", "blue")]


def test_headers_are_replaced_and_removed_in_any_case(tmp_path: Path) -> None:
    """A header of the same name replaces the usual one; None removes it."""
    headers = [("content-TYPE", "text/plain"), ("Accept", None), ("x-api-key", KEY)]
    with serving(sends(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        it.send(b"{}", headers=headers, method="PUT")
    line, *sent = _head(server.requests[0])
    assert line.startswith("PUT ")
    assert "content-TYPE: text/plain" in sent
    assert f"x-api-key: {KEY}" in sent
    assert not [each for each in sent if re.match("Accept:|Content-Type:|X-API", each)]


def test_a_header_cannot_smuggle_another(tmp_path: Path) -> None:
    """A line break in a header is a mistake of the suite, and is never sent."""
    with (
        serving(sends(PLAIN)) as server,
        client(server.base_url, tmp_path) as it,
        pytest.raises(ValueError, match="Illegal header value"),
    ):
        it.send(b"{}", headers=[("X-A", "b\r\nX-B: c")])
    assert server.requests == []


def test_a_chunked_body_comes_in_several_chunks(tmp_path: Path) -> None:
    """A chunked body is sent in pieces and without a length; the first piece is a single byte."""
    body = bytes(range(256)) * 5
    head, *chunks = _head_and_chunks(body, tmp_path)
    assert b"".join(chunks) == body
    assert [*map(len, chunks)] == [1, 511, 512, 256, 0]
    assert b"Content-Length" not in head


def test_one_in_eight_small_bodies_comes_in_hundreds_of_chunks(tmp_path: Path) -> None:
    """A client may write token by token; a server that counts chunks has to take them all."""
    bodies = [b"x" * size for size in range(700, 708)]
    sent = [_head_and_chunks(body, tmp_path)[1:] for body in bodies]
    assert [b"".join(chunks) for chunks in sent] == bodies
    assert sorted(len(chunks) > 200 for chunks in sent) == [False] * 7 + [True]


def test_a_large_chunked_body_comes_in_one_chunk(tmp_path: Path) -> None:
    """A server that reads a chunk into a buffer has to take one that is larger."""
    body = bytes(range(256)) * 161
    _, first, last = _head_and_chunks(body, tmp_path)
    assert (first, last) == (body, b"")


def test_a_long_body_is_written_without_another_copy_of_it(tmp_path: Path) -> None:
    """What is sent at once is cut from the body where it is; copies are most of a run's memory."""
    size = 8 * 1024 * 1024
    body = b"x" * size
    # The server is in another process, so that what it reads does not count.
    with embedded.started(tmp_path, {}) as server, client(server.base_url, tmp_path) as it:
        it.send(b"{}")
        tracemalloc.start()
        try:
            it.ask(Outgoing(body), body)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < size / 8


WAYS = {
    715: b"\r\nTransfer-Encoding: Chunked\r\n",
    709: b"\r\nX-API-Key:",
    707: b"\r\n1FF\r\n",
    710: b"\r\n000001ff\r\n",
    714: b"\r\n1ff;signature=1\r\n",
    716: b'\r\n1ff;name="a b"\r\n',
    711: f"\r\nX-API-Key: \t {KEY}\r\n".encode(),
    717: b"POST http://127.0.0.1:",
    718: b"\r\n0\r\nX-Checksum: 1\r\n\r\n",
}


@pytest.mark.parametrize("size", WAYS)
def test_chunks_are_written_in_each_way_that_means_the_same(size: int, tmp_path: Path) -> None:
    """A size in capitals or with zeros, what follows it, a field after the last chunk, a head
    without blanks or with more, and all of the URL: for a reader of HTTP it is the same request.
    """
    body = b"x" * size
    with serving(sends(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        it.send(body, chunked=True)
    (sent,) = server.requests
    assert WAYS[size] in sent
    reader = h11.Connection(h11.SERVER)
    reader.receive_data(sent)
    events = [*iter(reader.next_event, h11.NEED_DATA)]
    assert isinstance(events[0], h11.Request)
    assert (b"x-api-key", KEY.encode()) in events[0].headers
    assert b"".join(event.data for event in events if isinstance(event, h11.Data)) == body
    assert isinstance(events[-1], h11.EndOfMessage)


def _head_and_chunks(body: bytes, folder: Path) -> list[bytes]:
    """The head of a chunked request as it was sent, and its chunks, of which the last is empty."""
    with serving(sends(PLAIN)) as server, client(server.base_url, folder) as it:
        it.send(body, chunked=True)
    head, _, rest = server.requests[0].partition(b"\r\n\r\n")
    chunks = [head]
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        chunks.append(rest[:length])
        rest = rest[length:] if length else rest.partition(b"\r\n\r\n")[1][2:] or rest
        assert rest.startswith(b"\r\n")
        rest = rest[2:]
    return chunks


def test_a_connection_is_reused_unless_a_fresh_one_is_asked_for(tmp_path: Path) -> None:
    """Five requests use one connection; a sixth with `fresh_connection` opens another."""
    with serving(sends(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        for _ in range(5):
            it.send(b"{}")
        assert server.connections == 1
        it.send(b"{}", fresh_connection=True)
        assert server.connections == 2


def test_the_environment_does_not_change_a_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither proxies and netrc nor the server's cookies and redirects change anything."""
    (tmp_path / "netrc").write_text("default login someone password secret-of-netrc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    answer = b"HTTP/1.1 307 Over There\r\nLocation: /elsewhere\r\nSet-Cookie: a=b; Path=/\r\n"
    with (
        serving(sends(answer + b"Content-Length: 0\r\n\r\n")) as server,
        client(server.base_url, tmp_path) as it,
    ):
        statuses = [exchange.response and exchange.response.status for exchange in _twice(it)]
    assert statuses == [307, 307]
    assert len(server.requests) == 2
    names = {line.partition(":")[0].lower() for raw in server.requests for line in _head(raw)[1:]}
    assert names.isdisjoint({"cookie", "authorization", "proxy-authorization"})


def test_a_session_stores_no_cookie() -> None:
    """The cookies of a long run take no memory."""
    answers = httpx.MockTransport(lambda _: httpx.Response(201, headers={"Set-Cookie": "a=b"}))
    with open_session(answers) as opened:
        request = httpx.Request("POST", "http://a.example")
        assert answer_to(opened, request, Masker({})).status == 201
        assert not opened.cookies


def test_sixteen_requests_are_sent_concurrently(tmp_path: Path) -> None:
    """Each has its own connection and its own answer; answers keep the order of the bodies."""
    together = threading.Barrier(16)

    def behave(connection: socket.socket, request: bytes, _stop: threading.Event) -> None:
        together.wait(PATIENCE)
        body = request.partition(b"\r\n\r\n")[2]
        connection.sendall(CREATED + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    seen: list[Exchange] = []
    bodies = [b'"body %d IC-RUNSTAMP-########"' % number for number in range(32)]
    with (
        serving(behave) as server,
        client(server.base_url, tmp_path, on_exchange=seen.append) as it,
    ):
        exchanges = it.send_concurrently([*map(Outgoing, bodies)], workers=16)
    answers = [exchange.response and exchange.response.body for exchange in exchanges]
    assert answers == [exchange.request.body for exchange in exchanges]
    assert [body[:8] for body in bodies] == [exchange.request.body[:8] for exchange in exchanges]
    assert len(set(answers)) == 32
    assert server.connections == 32
    assert seen == exchanges


def test_a_throttled_request_is_sent_again_and_not_judged(tmp_path: Path) -> None:
    """After a 429 the client waits and tries again; `on_exchange` gets only the last answer."""
    seen: list[Exchange] = []

    def behave(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        connection.sendall(TOO_MANY if len(server.requests) < 3 else PLAIN)

    with (
        serving(behave) as server,
        client(server.base_url, tmp_path, on_exchange=seen.append) as it,
    ):
        exchange = it.send(b"{}")
    assert exchange.response is not None
    assert exchange.response.status == 201
    assert seen == [exchange]
    assert len(server.requests) == 3


def test_endless_throttling_is_an_error(tmp_path: Path) -> None:
    """A server that answers only 429 cannot be judged."""
    with (
        serving(sends(TOO_MANY)) as server,
        client(server.base_url, tmp_path) as it,
        pytest.raises(ThrottledError, match="429"),
    ):
        it.send(b"{}")
    assert len(server.requests) == MAX_TRIES


def test_a_server_may_take_few_requests_at_once(tmp_path: Path) -> None:
    """It answers 429 to more than four: all the others are sent again by fewer workers."""
    free = threading.Semaphore(4)
    throttled = []

    def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        if not free.acquire(blocking=False):
            throttled.append(request)
            later = b"Retry-After: 0.1\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(b"HTTP/1.1 429 Too Many Requests\r\n" + later)
            return
        stop.wait(0.05)
        free.release()
        connection.sendall(PLAIN)

    seen: list[Exchange] = []
    bodies = [b'"body %d IC-RUNSTAMP-########"' % number for number in range(40)]
    with (
        serving(behave) as server,
        client(server.base_url, tmp_path, on_exchange=seen.append) as it,
    ):
        exchanges = it.send_concurrently([*map(Outgoing, bodies)], workers=16)
    assert throttled
    assert [each.response and each.response.status for each in exchanges] == [201] * 40
    assert [each.request.body[:8] for each in exchanges] == [body[:8] for body in bodies]
    assert len({each.request.body for each in exchanges}) == 40
    assert seen == exchanges
    assert len(server.requests) == 40 + len(throttled)


def test_a_server_may_take_one_request_at_a_time(tmp_path: Path) -> None:
    """In the end a single worker sends, and waits as long as it is told."""
    free = threading.Lock()

    def behave(connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
        if not free.acquire(blocking=False):
            connection.sendall(TOO_MANY)
            return
        stop.wait(0.02)
        free.release()
        connection.sendall(PLAIN)

    with serving(behave) as server, client(server.base_url, tmp_path) as it:
        exchanges = it.send_concurrently([Outgoing(b"{}")] * 8, workers=100)
    assert [each.response and each.response.status for each in exchanges] == [201] * 8


def test_endless_throttling_of_concurrent_requests_is_an_error(tmp_path: Path) -> None:
    """A server that answers only 429 cannot be judged."""
    with (
        serving(sends(TOO_MANY)) as server,
        client(server.base_url, tmp_path) as it,
        pytest.raises(ThrottledError, match="429"),
    ):
        it.send_concurrently([Outgoing(b"{}")] * 8, workers=4)
    assert len(server.requests) < 30


def test_no_request_is_sent_beyond_the_budget(tmp_path: Path) -> None:
    """No worker sends a request beyond --max-requests."""
    with (
        serving(sends(PLAIN)) as server,
        client(server.base_url, tmp_path, max_requests=3) as it,
        client(server.base_url, tmp_path, max_requests=3) as worker,
    ):
        it.send(b"{}")
        it.send(b"{}")
        worker.send(b"{}")
        with pytest.raises(BudgetSpentError, match="--max-requests"):
            worker.send(b"{}")
        with pytest.raises(BudgetSpentError, match="the 3 requests"):
            it.send(b"{}")
    assert len(server.requests) == 3


def test_a_transport_can_replace_the_connection(tmp_path: Path) -> None:
    """Any httpx transport can answer, concurrent requests included."""

    def answer(request: httpx.Request) -> httpx.Response:
        zipped = gzip.compress(request.read())
        return httpx.Response(201, headers={"Content-Encoding": "gzip"}, content=zipped)

    transport = httpx.MockTransport(answer)
    with client("http://in-process", tmp_path, transport=transport) as it:
        exchanges = [it.send(BODY), *it.send_concurrently([Outgoing(BODY)] * 2, workers=2)]
    answers = [exchange.response and exchange.response.body for exchange in exchanges]
    assert answers == [exchange.request.body for exchange in exchanges]
    assert len(set(answers)) == 3


def test_closing_a_client_closes_its_pace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of the rate limiter ends, when it next looks; that is each ten seconds."""
    monkeypatch.setattr("pyrate_limiter.abstracts.bucket.BucketFactory._leak_interval", 50)
    before = threading.enumerate()
    with client("http://127.0.0.1:9", tmp_path, rate=Rate(5, 1000)) as it:
        it.pace.acquire()
        (limiter,) = set(threading.enumerate()) - set(before)
    limiter.join(30)
    assert not limiter.is_alive()


def test_the_repr_of_a_client_hides_its_key(tmp_path: Path) -> None:
    """A traceback or a log does not show the key."""
    with client("http://127.0.0.1:9", tmp_path) as it:
        assert KEY not in repr(it)
