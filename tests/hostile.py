"""Raw-socket servers that each break HTTP, or use a rare part of it, in one way."""

import gzip
import re
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket, bytes, threading.Event], None]
"""What a server does with a connection and a request, until the event stops the server."""

CREATED = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
PLAIN = CREATED + b"Content-Length: 2\r\n\r\n{}"


@dataclass(slots=True)
class Server:
    """A running server: its address, the bytes of each request, and the number of connections."""

    base_url: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


@contextmanager
def serving(
    behaviour: Behaviour, *, listens: bool = True, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Serve on a free port; without `listens` the behaviour starts before the request is read."""
    stop, threads = threading.Event(), []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(f"http{'s' if tls else ''}://127.0.0.1:{listener.getsockname()[1]}")

        def converse(connection: socket.socket) -> None:
            with suppress(OSError), connection:
                # Otherwise a reset right after an answer could arrive before it.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if tls is not None:
                    connection = tls.wrap_socket(connection, server_side=True)
                with connection:
                    while request := _read(connection) if listens else b"unread":
                        server.requests.append(request)
                        behaviour(connection, request, stop)

        def accept() -> None:
            while True:
                connection, _ = listener.accept()
                if stop.is_set():
                    connection.close()
                    return
                server.connections += 1
                threads.append(threading.Thread(target=converse, args=(connection,)))
                threads[-1].start()

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield server
        finally:
            stop.set()
            socket.create_connection(listener.getsockname()).close()
            for thread in (acceptor, *threads):
                thread.join()


_ENDS = re.compile(rb"\r\n0\r\n(?:[^\r\n]+\r\n)*\r\n\Z")


def _read(connection: socket.socket) -> bytes:
    """One whole request; empty when the client has closed the connection."""
    data = b""
    while not (head := re.search(rb"\r\n\r\n", data)):
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    length = re.search(rb"(?i)content-length: (\d+)", data[: head.end()])
    while len(data) < head.end() + int(length[1]) if length else not _ENDS.search(data):
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    return data


def sends(*parts: bytes) -> Behaviour:
    """Send these bytes and keep the connection open."""
    return lambda connection, _request, _stop: connection.sendall(b"".join(parts))


def closes(*parts: bytes) -> Behaviour:
    """Send these bytes and close."""

    def behave(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        connection.sendall(b"".join(parts))
        connection.close()

    return behave


def resets(*parts: bytes) -> Behaviour:
    """Send these bytes and break the connection with a TCP reset."""

    def behave(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        connection.sendall(b"".join(parts))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return behave


def endless(start: bytes, again: bytes) -> Behaviour:
    """Send without end, as fast as the client reads."""

    def behave(connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
        connection.sendall(start)
        while not stop.is_set():
            connection.sendall(again)

    return behave


def drips(start: bytes, again: bytes) -> Behaviour:
    """Send a few bytes now and then, so that no single read times out."""

    def behave(connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
        connection.sendall(start)
        while not stop.wait(0.02):
            connection.sendall(again)

    return behave


def hangs(*parts: bytes) -> Behaviour:
    """Send these bytes and nothing more."""

    def behave(connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
        connection.sendall(b"".join(parts))
        stop.wait()

    return behave


def gzipped(mebibytes: int) -> bytes:
    """That many MiB of zeros, compressed."""
    deflater = zlib.compressobj(9, wbits=31)
    parts = [deflater.compress(bytes(1 << 20)) for _ in range(mebibytes)]
    return b"".join([*parts, deflater.flush()])


def coded(coding: str, body: bytes) -> bytes:
    """An answer with this content coding and these bytes as its body."""
    return CREATED + b"Content-Encoding: %b\r\n" % coding.encode() + _sized(body)


def _sized(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


_BOMB = gzipped(64)
_CHUNKED = CREATED + b"Transfer-Encoding: chunked\r\n\r\n"

FAULTS: dict[str, tuple[Behaviour, str]] = {
    "short body": (closes(CREATED, b"Content-Length: 100\r\n\r\n{"), "received 1 bytes, expected"),
    "garbage": (closes(b"\x16\x03\x01\x00 what?\r\n\r\n"), "illegal status line"),
    "another protocol": (sends(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "SSH-2.0-OpenSSH_9.6"),
    "reset midway": (resets(CREATED), "midway"),
    "close midway": (closes(CREATED), "broke HTTP/1.1"),
    "bad chunk size": (sends(_CHUNKED, b"zz\r\nhello\r\n"), "illegal chunk header"),
    "bad chunk end": (sends(_CHUNKED, b"2\r\n{}XX0\r\n\r\n"), "malformed chunk"),
    "chunks stop": (closes(_CHUNKED, b"2\r\n{}\r\n"), "incomplete chunked read"),
    "chunk length without end": (endless(_CHUNKED, b"1" * 4096), "broke HTTP/1.1"),
    "NUL in a header": (sends(CREATED, b"X-A: b\0c\r\n", _sized(b"{}")), "illegal header line"),
    "CR in a header": (sends(CREATED, b"X-A: b\rc\r\n", _sized(b"{}")), "illegal header line"),
    "CRLF in a header": (sends(CREATED, b"X-A: b\r\n c d\r\ne f\r\n\r\n"), "illegal header line"),
    "two lengths": (sends(CREATED, b"Content-Length: 3\r\n", _sized(b"{}")), "Content-Length"),
    "negative length": (sends(CREATED, b"Content-Length: -1\r\n\r\n{}"), "Content-Length"),
    "interim flood": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "more than 1048640"),
    "another protocol on": (sends(b"HTTP/1.1 101 Switching\r\n\r\n"), "101 Switching"),
    "endless head": (endless(CREATED, b"X-A: b\r\n" * 100), "broke HTTP/1.1"),
    "one long header": (endless(CREATED + b"X-A: ", b"b" * 4096), "broke HTTP/1.1"),
    "long body": (sends(CREATED, _sized(bytes(2 << 20))), "more than 1048640 bytes"),
    "endless body": (endless(CREATED + b"\r\n", b"x" * 4096), "more than 1048640 bytes"),
    "endless chunks": (endless(_CHUNKED, b"400\r\n%b\r\n" % bytes(1024)), "more than 1048640"),
    "gzip bomb": (sends(coded("gzip", _BOMB)), "1048640 bytes once decompressed"),
    "bomb in a bomb": (sends(coded("gzip, gzip", gzip.compress(_BOMB))), "once decompressed"),
    "length without gzip": (
        closes(
            CREATED,
            b"Content-Encoding: gzip\r\nContent-Length: 1048576\r\n\r\n",
            gzipped(1),
        ),
        "bytes has the Content-Length that it has unzipped",
    ),
    "short gzip": (sends(coded("gzip", gzipped(1)[:-9])), "ends early"),
    "no gzip": (sends(coded("gzip", b"{}")), "not valid gzip"),
    "gzip and more": (sends(coded("gzip", gzipped(1) + b"{}")), "not valid gzip"),
    "unknown coding": (sends(coded("br", b"{}")), "not asked for ('br')"),
    "many codings": (sends(coded(", ".join(["gzip"] * 9), b"{}")), "9 content codings"),
}

SLOW: dict[str, tuple[Behaviour, str]] = {
    "silence": (hangs(), "no byte seen"),
    "silence midway": (hangs(CREATED), "201 Created"),
    "dripping head": (drips(CREATED + b"X-A: ", b"b"), "X-A: b"),
    "dripping body": (drips(CREATED + b"Content-Length: 9000\r\n\r\n", b"x"), "json"),
    "dripping chunks": (drips(_CHUNKED, b"1\r\nx\r\n"), "bytes seen"),
    "dripping garbage": (drips(b"", b"H"), "b'H"),
}
