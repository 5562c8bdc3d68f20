"""An answer's head is kept byte for byte, however the answer comes, and its size is limited."""

import gzip
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from spec.exchange import Exchange, Response
from tests.clients import client
from tests.exchanges import oracle
from tests.hostile import CREATED, PLAIN, Behaviour, closes, coded, sends, serving

HEAD = CREATED + b"Content-Length: 2\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
CHUNKED = CREATED + b"Transfer-Encoding: chunked\r\n\r\n"
ZIPPED = coded("gzip", gzip.compress(b"{}"))


def _heads(behaviour: Behaviour, folder: Path, times: int = 2) -> list[bytes | None]:
    """The heads of as many answers, over one connection where the server keeps it open."""
    with serving(behaviour) as server, client(server.base_url, folder) as it:
        answers = [it.send(b"{}").response for _ in range(times)]
    return [answer.head if answer else None for answer in answers]


@pytest.mark.parametrize(
    ("answer", "head"),
    [
        (PLAIN, HEAD),
        (ZIPPED, ZIPPED.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"),
        (CHUNKED + b"1\r\n{\r\n1\r\n}\r\n0\r\nA: b\r\n\r\n", CHUNKED),
        (INTERIM + PLAIN, HEAD),
        (b"HTTP/1.1 201 \r\ncontent-LENGTH:2 \r\n\r\n{}", None),
        (b"HTTP/1.1 201 OK\nContent-Length: 2\n\n{}", None),
        (b"HTTP/1.1 201 OK\r\nContent-Length: 2\nA: b\r\n\r\n{}", None),
        (b"HTTP/1.1 201 OK\r\nContent-Length: 2\r\n\n{}", None),
        (b"HTTP/1.1 201 OK\r\nA: b\r\n c\r\nContent-Length: 6\r\n\r\n{}\r\n\r\n", None),
        (b"HTTP/1.1 204 No Content\r\n\r\n", None),
        (b"HTTP/1.1 405 No\r\nContent-Length: 2\r\n\r\n{}", None),
        (
            CREATED + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            CREATED + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        (CREATED + b"Content-Type: text/plain\r\nContent-Length: 0\r\n\r\n", None),
    ],
    ids=[
        "plain",
        "gzip",
        "chunks and a trailer",
        "interim",
        "terse",
        "bare line feeds",
        "one bare line feed",
        "a bare line feed at the end",
        "a folded line",
        "no body",
        "405 without Allow",
        "two framings",
        "two media types",
    ],
)
@pytest.mark.parametrize("slowly", [False, True], ids=["at once", "byte by byte"])
def test_the_head_is_kept_as_it_came(
    answer: bytes,
    head: bytes | None,
    slowly: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
) -> None:
    """That of the final answer, up to its blank line, again and again over one connection."""

    def drip(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        for at in range(len(answer)):
            connection.sendall(answer[at : at + 1])

    wanted = head or answer.partition(b"{")[0]
    assert _heads(drip if slowly else sends(answer), tmp_path) == [wanted, wanted]


def test_the_head_of_an_answer_that_ends_with_its_connection_is_kept(tmp_path: Path) -> None:
    """Each comes over a connection of its own."""
    head = b"HTTP/1.0 201 Created\r\nConnection: close\r\n\r\n"
    assert _heads(closes(head, b"{}"), tmp_path) == [head, head]


def test_what_judges_a_head_sees_what_the_server_sent(tmp_path: Path) -> None:
    """Fields that come twice, and such as contradict each other, are all there."""
    answer = CREATED + b"Content-Type: text/plain\r\nContent-Length: 9\r\n"
    answer += b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    with serving(sends(answer)) as server, client(server.base_url, tmp_path) as it:
        response = it.send(b"{}").response
    assert response is not None
    assert response.body == b"{}"
    names = [name for name, _ in response.headers]
    assert names == ["content-type", "content-type", "content-length", "transfer-encoding"]


@pytest.mark.parametrize(
    ("answer", "requirement"),
    [
        (
            b"HTTP/1.1 405 No\r\nContent-Length: 2\nA: b\r\nAllow: POST\r\n\r\n{}",
            "response.framing",
        ),
        (
            (
                b"HTTP/1.1 405 No\r\nAllow: POST\r\nContent-Length: 9\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            "response.framing",
        ),
        (CREATED + b"Content-Type: text/plain\r\nContent-Length: 0\r\n\r\n", "response.fields"),
        (b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n", "4xx.allow"),
        (b"HTTP/1.1 405 No\r\nAllow: POST\r\nContent-Length: 0\r\n\r\n", None),
    ],
    ids=["bare line feed", "two framings", "two media types", "no Allow", "good"],
)
def test_a_head_that_http_forbids_is_judged(
    answer: bytes, requirement: str | None, tmp_path: Path
) -> None:
    """From the socket to the verdict."""
    with serving(sends(answer)) as server, client(server.base_url, tmp_path) as it:
        verdict = oracle().judge(it.send(b"{}", method="PUT"))
    heads = {"response.framing", "response.fields", "4xx.allow"}
    names = {violation.requirement.name for violation in verdict.violations}
    assert {"response.framing", "response.fields"} <= verdict.judged
    assert heads & names == ({requirement} if requirement else set())


def test_a_request_may_expect_100_continue(tmp_path: Path) -> None:
    """The interim answer comes first, and the final one a moment later."""

    def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        assert b"\r\nExpect: 100-continue\r\n" in request
        connection.sendall(b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n")
        stop.wait(0.05)
        connection.sendall(PLAIN)

    with serving(behave) as server, client(server.base_url, tmp_path) as it:
        sent = [it.send(b"{}", headers=[("Expect", "100-continue")]).response for _ in range(2)]
    assert [answer and (answer.status, answer.head) for answer in sent] == [(201, HEAD)] * 2
    assert server.connections == 1


EXPECTS = (("Expect", "100-continue"),)


@pytest.mark.parametrize("answers", [(INTERIM, PLAIN), (PLAIN,)], ids=["100", "at once"])
def test_the_body_waits_for_100_continue_where_it_is_expected(
    answers: tuple[bytes, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with curl: an old proxy loses the answer where the body comes at once."""
    monkeypatch.setattr("targets.connection._INTERIM", 20.0)
    seen: list[bytes] = []

    def behave(connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
        seen.append(connection.recv(1 << 16))
        connection.sendall(answers[0])
        seen.append(connection.recv(1 << 16))
        connection.sendall(b"".join(answers[1:]))
        stop.wait(20)

    with serving(behave, listens=False) as server, client(server.base_url, tmp_path) as it:
        answer = it.send(b"{}", headers=EXPECTS).response
        assert (answer and answer.status, seen[0][-4:]) == (201, b"\r\n\r\n")
        assert seen[1:] in ([b"{}"], [])


def test_the_body_comes_where_100_continue_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that knows no expectation gets it after a while (RFC 9110, section 10.1.1)."""
    monkeypatch.setattr("targets.connection._INTERIM", 0.01)
    with serving(sends(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        answer = it.send(b"{}", headers=EXPECTS).response
    assert (answer and answer.status, server.requests[0][-6:]) == (201, b"\r\n\r\n{}")


def test_a_long_head_is_kept_up_to_16_kib(tmp_path: Path) -> None:
    """What is kept of an answer is limited."""
    long = CREATED + b"A: %b\r\n" % (b"b" * 20_000) + b"Content-Length: 2\r\n\r\n"
    assert _heads(sends(long, b"{}"), tmp_path) == [long[: 16 * 1024]] * 2


@pytest.mark.parametrize("cut", [1, 20, len(HEAD), len(PLAIN) - 1])
def test_a_second_answer_of_which_a_part_came_before_is_not_taken(cut: int, tmp_path: Path) -> None:
    """Bytes from before a request cannot be part of its answer (RFC 9112, section 9.2)."""

    def behave(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        first = len(server.requests) == 1
        connection.sendall(PLAIN + PLAIN[:cut] if first else PLAIN[cut:])

    with serving(behave) as server, client(server.base_url, tmp_path) as it:
        first, second = it.send(b"{}"), it.send(b"{}")
    assert first.response
    assert second.response is None
    told = (
        "sent an answer that was not asked for",
        "sent bytes after the end of its previous answer",
    )
    assert any(each in str(second.fault) for each in told)


def _answered(body: bytes, request: bytes, folder: Path) -> Exchange:
    with serving(sends(body)) as server, client(server.base_url, folder) as it:
        return it.send(request)


def _sized(body: bytes) -> bytes:
    return CREATED + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _zipped(body: bytes) -> bytes:
    return coded("gzip", gzip.compress(body))


MEBIBYTE = 1 << 20


@pytest.mark.parametrize("write", [_sized, _zipped], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("request_size", "answer_size", "fits"),
    [
        (0, MEBIBYTE - 1024, True),
        (0, MEBIBYTE + 1, False),
        (100_000, MEBIBYTE + 3_100_000, True),
        (100_000, MEBIBYTE + 3_200_001, False),
        (2_000_000, 16 * MEBIBYTE - 1024, True),
        (2_000_000, 16 * MEBIBYTE + 1, False),
    ],
)
def test_a_longer_request_may_get_a_longer_answer(
    write: Callable[[bytes], bytes],
    request_size: int,
    answer_size: int,
    fits: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
) -> None:
    """1 MiB and 32 times the request, at most 16 MiB, on the wire and after decompression."""
    body = b"x" * answer_size
    exchange = _answered(write(body), b"x" * request_size, tmp_path)
    if fits:
        assert exchange.response is not None
        assert exchange.response.body == body
    else:
        assert "more than" in str(exchange.fault)


def test_a_thousand_items_may_come_back_in_longer_words(tmp_path: Path) -> None:
    """An answer of 1.2 MiB to a request of 250 KiB conforms."""
    exchange = _answered(_sized(b"x" * 1_258_291), b"x" * 256_000, tmp_path)
    assert isinstance(exchange.response, Response)
