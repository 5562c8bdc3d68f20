"""What a client may do to the mirror: nothing hangs it, floods it or takes over a terminal."""

import asyncio
import json
import socket
import struct
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirror import relay, reporting, wire
from mirror.head import NotARequestError, check
from mirror.judging import Verdict
from mirror.mirror import Mirror
from mirror.received import Received
from mirror.telling import row
from tests.invoices import DRAWS
from tests.mirrors import KEY, PATH, connected, invoice, mirror, one, raw, speaking
from tests.reference_process import encoded

HEAD = f"POST {PATH} HTTP/1.1\r\nhost: mirror\r\nx-api-key: {KEY}\r\n"
TYPE = "content-type: application/json\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400", "it speaks TLS"),
        (b"hello\r\n\r\n", b"400", "its first line is not"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"505", "it speaks HTTP/2"),
        (f"{HEAD}content-length: -1\r\n\r\n".encode(), b"400", "Content-Length"),
        (
            f"{HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n".encode(),
            b"400",
            "not written in chunks",
        ),
        (f"{HEAD}x: y\r\n  z\r\n\r\n".encode(), b"400", "begins with a blank"),
        (f"{HEAD}\r\n".replace("\r", "").encode(), b"400", "does not end in CR and LF"),
        (f"{HEAD}\r\n".replace("invoices", "invoices#x").encode(), b"400", "a fragment"),
    ],
)
def test_what_is_no_request_is_refused_and_told(sent: bytes, status: bytes, words: str) -> None:
    """Such a client is not right: it breaks HTTP, whatever a lenient server makes of it."""
    with mirror() as serving:
        assert raw(serving.url, sent).startswith(b"HTTP/1.1 " + status)
        serving.log.wait(requests=1)
        received = one(serving)
        assert received.verdict is Verdict.INVALID
        assert words in received.reasons[0].words
        assert received.reasons[0].clause.startswith("RFC 911")


def head_of(*fields: str, first: str = f"POST {PATH} HTTP/1.1", host: str = "Host: a:1") -> bytes:
    """A head with these fields."""
    return "\r\n".join([first, *filter(None, [host]), *fields, "", ""]).encode("latin-1")


def target(text: str, **changes: str) -> bytes:
    """A head with this target."""
    return head_of(first=f"POST {text} HTTP/1.1", **changes)


BOTH = ("Transfer-Encoding: chunked", "Content-Length: 5")


@pytest.mark.parametrize(
    ("sent", "words", "clause"),
    [
        (b"\r\n" + head_of(), "an empty line comes before it", "9112, section 2.2"),
        (head_of().replace(b"\r\n", b"\n"), "does not end in CR and LF", "9112, section 2.2"),
        (head_of().replace(b"a:1\r\n", b"a:1\n"), "does not end in CR and LF", "9112, section 2.2"),
        (head_of("X: a\rb"), "does not end in CR and LF", "9112, section 2.2"),
        (head_of(first=f"POST  {PATH} HTTP/1.1"), "its first line", "9112, section 3"),
        (head_of(first=f"POST {PATH} HTTP/1.1 "), "its first line", "9112, section 3"),
        (head_of(first=f"POST {PATH}"), "its first line", "9112, section 3"),
        (head_of(first=f"P(ST {PATH} HTTP/1.1"), "its first line", "9112, section 3"),
        (head_of(first=f"POST {PATH} HTTP/3.7"), "neither HTTP/1.1 nor", "9112, section 2.3"),
        (target(f"{PATH}#x"), "a fragment", "9112, section 3.2"),
        (target("http://me:pw@a:1/v1/invoices"), "a user", "9110, section 4.2.4"),
        (target("v1/invoices"), "neither a path", "9112, section 3.2"),
        (target("*"), "neither a path", "9112, section 3.2"),
        (target("/v1/in%zz"), "neither a path", "9112, section 3.2"),
        (target("/v1/{id}"), "neither a path", "9112, section 3.2"),
        (target('/v1/invoices?q="a"'), "neither a path", "9112, section 3.2"),
        (head_of("X: b", "  c"), "begins with a blank", "9112, section 5.2"),
        (head_of("X : b"), "between a header field's name", "9112, section 5.1"),
        (head_of("no colon"), "not a name, a colon", "9112, section 5"),
        (head_of("X: a\x01b"), "not a name, a colon", "9112, section 5"),
        (head_of(host=""), "no Host", "9112, section 3.2"),
        (head_of("Host: a:1"), "more than one Host", "9112, section 3.2"),
        (head_of(host="Host: a b/c"), "not a host", "9112, section 3.2"),
        (head_of(host="Host:"), "not a host", "9112, section 3.2"),
        (head_of(host="Host: a:1:2"), "not a host", "9112, section 3.2"),
        (target("http://b:1/v1/invoices"), "not the host and port", "9112, section 3.2"),
        (head_of(*BOTH), "both Transfer-Encoding", "9112, section 6.2"),
        (
            head_of(BOTH[0], first=f"POST {PATH} HTTP/1.0"),
            "which HTTP/1.0 has not",
            "9112, section 6.1",
        ),
        (head_of("Transfer-Encoding: chunked, gzip"), "not chunked", "9112, section 6.3"),
        (head_of("Transfer-Encoding: "), "not chunked", "9112, section 6.3"),
        (head_of(BOTH[0], BOTH[0]), "chunked more than once", "9112, section 6.3"),
        (head_of(BOTH[1], BOTH[1]), "not one number", "9110, section 8.6"),
        (head_of("Content-Length: +5"), "not one number", "9110, section 8.6"),
        (head_of("Content-Length: 5, 5"), "not one number", "9110, section 8.6"),
    ],
)
def test_a_malformed_head_is_told_with_its_clause(sent: bytes, words: str, clause: str) -> None:
    """It is judged by its bytes: what many a server forgives is still no HTTP."""
    with pytest.raises(NotARequestError) as caught:
        check(sent)
    assert words in str(caught.value)
    assert caught.value.clause == f"RFC {clause}"


@pytest.mark.parametrize(
    "sent",
    [
        head_of(),
        head_of("X:", "Y:\tz ", "Z: \xe9", BOTH[0]),
        head_of(host="", first=f"POST {PATH} HTTP/1.0"),
        head_of(host="Host: [::1]:80"),
        target("http://A:1/v1/invoices?x", host="hOST: a:1"),
        target("http://a:1"),
        target("//v1/a%2Fb;c=(d)/@:?e=/?&f[]=".replace("[]", "%5b%5d")),
        head_of(first="OPTIONS * HTTP/1.1"),
        head_of(first="CONNECT a:1 HTTP/1.1"),
    ],
)
def test_a_head_that_is_only_unusual_is_not_malformed(sent: bytes) -> None:
    """HTTP allows it."""
    check(sent)


def test_a_transfer_coding_that_no_server_has_to_know_is_left_open() -> None:
    """HTTP has it, and the answer 501 for it."""
    with pytest.raises(NotARequestError) as caught:
        check(head_of("Transfer-Encoding: gzip, chunked"))
    assert (caught.value.status, caught.value.clause) == (501, "")


def test_headers_that_any_server_may_refuse_are_left_open() -> None:
    """They are longer than what is read."""
    with mirror() as serving:
        answer = raw(serving.url, f"{HEAD}x: {'y' * wire.MOST_HEAD}".encode())
        assert answer.startswith(b"HTTP/1.1 431")
        serving.log.wait(requests=1)
        assert one(serving).verdict is Verdict.UNSPECIFIED


def test_an_answer_to_head_has_no_body() -> None:
    """Whoever gives it: a server, the mirror itself, or a fault."""
    sent = b"HEAD /v1/invoice HTTP/1.1\r\nhost: m\r\nconnection: close\r\n\r\n"
    with mirror() as serving:
        assert raw(serving.url, sent).endswith(b"\r\n\r\n")
        serving.fail("server-error", 1)
        assert raw(serving.url, sent).endswith(b"\r\n\r\n")
        assert [each.status for each in serving.received] == [404, 500]


def test_a_connection_without_a_byte_is_no_request() -> None:
    """Whoever waits for the port opens one and closes it."""
    with mirror() as serving:
        connected(serving.url).close()
        with speaking(serving.url) as client:
            client.post(PATH, json=invoice())
        assert one(serving).created


def test_a_request_that_ends_too_early_is_told() -> None:
    """The client closed its side in the middle of the body."""
    with mirror() as serving, connected(serving.url) as connection:
        connection.sendall(f"{HEAD}content-length: 10\r\n\r\n123".encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
        assert one(serving).verdict is Verdict.INVALID


def test_a_request_that_is_taken_back_is_told() -> None:
    """The client reset the connection in the middle of the body."""
    with mirror() as serving:
        with connected(serving.url) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(f"{HEAD}expect: 100-continue\r\ncontent-length: 10\r\n\r\n".encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 100")
        serving.log.wait(requests=1)
        assert "it left" in one(serving).reasons[0].words


def test_a_client_may_close_its_side_and_read_on() -> None:
    """It gets its answer, and is not said to have left."""
    body = encoded(invoice())
    with mirror() as serving, connected(serving.url) as connection:
        connection.sendall(f"{HEAD}{TYPE}content-length: {len(body)}\r\n\r\n".encode() + body)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).startswith(b"HTTP/1.1 201")
        serving.log.wait(requests=1)
        assert one(serving).answer == "201"


def test_a_client_may_send_all_close_its_side_and_read_on() -> None:
    """Each request came whole, and is answered."""
    body = encoded(invoice())
    sent = f"{HEAD}{TYPE}content-length: {len(body)}\r\n\r\n".encode() + body
    with mirror() as serving, connected(serving.url) as connection:
        connection.sendall(sent * 3)
        connection.shutdown(socket.SHUT_WR)
        answers = b""
        while piece := connection.recv(65536):
            answers += piece
        assert answers.count(b"HTTP/1.1 201") == 3
        assert [each.answer for each in serving.received] == ["201"] * 3


def test_a_slow_request_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client has so many seconds for a whole request, however it spends them."""
    monkeypatch.setattr(relay, "READ", 0.2)
    with mirror() as serving:
        answer = raw(serving.url, f"{HEAD}content-length: 10\r\n\r\n1".encode())
        assert answer.startswith(b"HTTP/1.1 408")
        assert "no whole request" in one(serving).reasons[0].words
        assert one(serving).reasons[0].clause == "RFC 9110, section 15.5.9"


def test_half_a_request_does_not_keep_a_mirror_from_its_end() -> None:
    """Nothing whole came; that something did is told."""
    with ExitStack() as open_until_the_end:
        with mirror() as serving:
            connection = open_until_the_end.enter_context(connected(serving.url))
            head = f"{HEAD}expect: 100-continue\r\ncontent-length: 10\r\n\r\n"
            connection.sendall(head.encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 100")
            serving.log.wait(idle=0.1)
            assert serving.received == ()
        assert serving.log.not_judged == 1


def test_a_mirror_that_ends_while_it_answers_closes_the_connection() -> None:
    """A client may keep it open for the next request."""

    def end(_received: Received) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.get_loop().call_soon(task.cancel)  # as the end of the mirror does

    with Mirror(KEY, end).serving() as serving:
        assert raw(serving.url, f"GET {PATH} HTTP/1.1\r\nhost: m\r\n\r\n".encode())


@pytest.mark.parametrize("framing", ["content-length: 100000000000\r\n", ""])
def test_a_huge_body_is_not_read(framing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets 413 by its length alone or, in chunks, once it is too long; nothing is said of it."""
    monkeypatch.setattr(wire, "MOST_BODY", 100_000)
    head = f"{HEAD}{TYPE}{framing or 'transfer-encoding: chunked'}".rstrip() + "\r\n\r\n"
    chunk = b"100\r\n" + b" " * 256 + b"\r\n"
    with mirror() as serving, connected(serving.url) as connection:
        connection.sendall(head.encode() + chunk * 1000)
        assert connection.recv(100).startswith(b"HTTP/1.1 413")
        assert one(serving).verdict is Verdict.UNSPECIFIED


def test_a_long_body_that_is_read_is_judged() -> None:
    """Beyond the reading's limit, and within the mirror's."""
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH, json=invoice(paid_amount=-1, other="x" * 900_000))
        assert one(serving).reasons[0].requirement == "paid_amount.minimum"


def test_a_body_of_too_many_values_is_not_judged() -> None:
    """Each of them may be wrong in several ways, which takes its time."""
    body = b'{"items": [' + b"{}," * 100_000 + b"{}]}"
    with mirror() as serving, speaking(serving.url) as client:
        typed = {"Content-Type": "application/json"}
        assert client.post(PATH, content=body, headers=typed).status_code == 400
        assert one(serving).verdict is Verdict.UNSPECIFIED
        assert "more than 2000 values" in one(serving).reasons[0].words


_VISIBLE = st.characters(codec="latin-1", exclude_categories=["Cc"], exclude_characters=" \xa0\x85")
_VALUE = st.characters(codec="latin-1", exclude_categories=["Cc"])


@settings(DRAWS, suppress_health_check=list(HealthCheck))
@given(
    target=st.one_of(
        st.sampled_from(
            ["http://[/v1", "//[::", "*", "?key=%zz%ff&token=%00", "http://x/v1/invoices"]
        ),
        st.text(_VISIBLE, min_size=1, max_size=30),
    ),
    values=st.lists(st.text(_VALUE, max_size=30), max_size=4),
    body=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(encoded)),
)
def test_no_request_breaks_the_mirror(target: str, values: list[str], body: bytes) -> None:
    """Each is judged or refused, and the reports can be written."""
    fields = "".join(f"authorization-{n}: {value}\r\n" for n, value in enumerate(values))
    framing = f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    head = f"POST {target} HTTP/1.1\r\nhost: mirror\r\nx-api-key: {KEY}\r\n{TYPE}{fields}{framing}"
    with mirror() as serving, TemporaryDirectory() as folder:
        assert raw(serving.url, head.encode("latin-1") + body).startswith(b"HTTP/1.1 ")
        serving.log.wait(requests=1)
        assert one(serving).verdict in Verdict
        assert serving.log.troubles == []
        reporting.write(Path(folder), serving)
        json.loads((Path(folder) / reporting.RECORD).read_bytes())
        json.loads((Path(folder) / reporting.HAR).read_bytes())
        ET.parse(Path(folder) / reporting.JUNIT)  # noqa: S314 - our own file


def test_too_many_connections_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others go on, and the number of those that were is told."""
    monkeypatch.setattr(relay, "MOST_CONNECTIONS", 3)
    with mirror() as serving:
        opened = [connected(serving.url) for _ in range(3)]
        for each in opened:  # each is answered, so each was accepted
            each.sendall(b"GET / HTTP/1.1\r\nhost: mirror\r\n\r\n")
            assert each.recv(100).startswith(b"HTTP/1.1 404")
        assert raw(serving.url, b"").startswith(b"HTTP/1.1 503")
        assert serving.log.turned_away == 1
        for each in opened:
            each.close()
        assert len(serving.received) == 3


def test_a_client_that_reads_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answers are more than the sockets hold, so the mirror would wait without end."""
    monkeypatch.setattr(relay, "READ", 0.5)
    many = [
        {"reference_id": str(n), "sku": "S", "quantity": 1, "amount": 0, "name": "N" * 200}
        for n in range(1000)
    ]
    body = encoded(invoice(items=many, total_amount=0))
    request = f"{HEAD}{TYPE}content-length: {len(body)}\r\n\r\n".encode() + body
    with mirror() as serving, connected(serving.url) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with pytest.raises(OSError, match=r"reset|pipe"):
            connection.sendall(request * 500)
        serving.log.wait(requests=1)
        assert any(each.left for each in serving.received)


def test_a_mirror_receives_no_more_than_it_can_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood ends it, as `--requests` does."""
    monkeypatch.setattr("mirror.log.MOST_REQUESTS", 5)
    request = f"GET {PATH} HTTP/1.1\r\nhost: mirror\r\n\r\n".encode()
    with mirror() as serving:
        raw(serving.url, request * 20)
        serving.log.wait()
        assert len(serving.received) == 5


def test_requests_may_follow_one_another_without_a_pause() -> None:
    """Each gets its answer, in order."""
    bodies = [encoded(invoice(number)) for number in range(3)]
    sent = [f"{HEAD}{TYPE}content-length: {len(each)}\r\n\r\n".encode() + each for each in bodies]
    last = b"GET / HTTP/1.1\r\nhost: mirror\r\nconnection: close\r\n\r\n"
    with mirror() as serving:
        answers = raw(serving.url, b"".join([*sent, last]))
        assert answers.count(b"HTTP/1.1 201") == 3
        assert answers.count(b"HTTP/1.1 404") == 1
        assert [each.number for each in serving.received] == [1, 2, 3, 4]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_client_may_wait_for_100_or_send_chunks(version: str) -> None:
    """Both are HTTP, and so is an old version of it."""
    body = encoded(invoice())
    if version == "1.0":
        sent = f"{HEAD}{TYPE}content-length: {len(body)}\r\n\r\n".replace("1.1", "1.0").encode()
        sent += body
    else:
        framing = "expect: 100-continue\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        sent = f"{HEAD}{TYPE}{framing}".encode() + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    with mirror() as serving:
        assert b" 201 " in raw(serving.url, sent)
        assert one(serving).verdict is Verdict.VALID


def test_what_a_client_sends_is_only_text_on_a_terminal() -> None:
    """Colours, line breaks and commands of a CI are shown, and not obeyed."""
    evil = "\x1b[2J\r\n::error::x"
    with mirror() as serving, speaking(serving.url) as client:
        client.post(f"{PATH}?::error::x", json=invoice(**{evil: 1}, status=evil))
        lines = list(row(one(serving)))
        assert len(lines) > 1
        assert all(line.isprintable() for line in lines)
        assert not any(line.lstrip().startswith("::") for line in lines)
