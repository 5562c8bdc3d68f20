"""What stands between a client and a server on real networks: a proxy, TLS in front of it, and
moments in which nothing listens.
"""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

Reach = Callable[[socket.socket], tuple[socket.socket, bytes]]
"""Connects to where a connection is to go; returns that and what is to be sent there first."""

TLS_BEGINS = b"\x16"
"""The first byte of a handshake."""


@contextmanager
def _tunnelling(accept: Callable[[socket.socket], socket.socket], reach: Reach) -> Iterator[int]:
    """Pass on what comes over each connection; the port."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def converse(raw: socket.socket) -> None:
            with suppress(OSError), raw:
                connection = accept(raw)
                with connection:
                    there, first = reach(connection)
                    with there:
                        there.sendall(first)
                        back = threading.Thread(target=_pass_on, args=(there, connection))
                        back.start()
                        _pass_on(connection, there)
                        back.join()

        def listen() -> None:
            with suppress(OSError):
                while True:
                    raw, _ = listener.accept()
                    threading.Thread(target=converse, args=(raw,), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        yield listener.getsockname()[1]


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def behind_tls(url: str, context: ssl.SSLContext, to_plain_http: bytes = b"") -> Iterator[str]:
    """A server behind TLS, which answers a request without TLS with these bytes; its https URL."""
    there = urlsplit(url)

    def accept(raw: socket.socket) -> socket.socket:
        if raw.recv(1, socket.MSG_PEEK) != TLS_BEGINS:
            raw.recv(65536)
            raw.sendall(to_plain_http)
            raise OSError
        return context.wrap_socket(raw, server_side=True)

    def reach(_: socket.socket) -> tuple[socket.socket, bytes]:
        return socket.create_connection((there.hostname or "", there.port or 0)), b""

    with _tunnelling(accept, reach) as port:
        yield f"https://127.0.0.1:{port}"


@contextmanager
def proxy(asked: list[str], status: int = 200) -> Iterator[str]:
    """An HTTP proxy; its URL. `asked` gets the first line of each connection; with another `status`
    it refuses to open one.
    """

    def reach(connection: socket.socket) -> tuple[socket.socket, bytes]:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        line = head.partition(b"\r\n")[0].decode()
        asked.append(line)
        if line.startswith("CONNECT ") and status != 200:
            connection.sendall(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
            raise OSError
        if line.startswith("CONNECT "):
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            head = b""
        host, port = re.findall(r"127\.0\.0\.1|\d{4,5}", line)[:2]
        return socket.create_connection((host, int(port))), head

    with _tunnelling(lambda raw: raw, reach) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def going_down(url: str, seconds: float, at: Callable[[bytes], bool]) -> Iterator[str]:
    """A server that goes down at some of what it is sent: all connections are closed, and nothing
    listens for so many seconds; its URL.
    """
    there = urlsplit(url)
    down, over = threading.Event(), threading.Event()
    alive = set[socket.socket]()
    first = socket.create_server(("127.0.0.1", 0))
    where = first.getsockname()

    def converse(raw: socket.socket) -> None:
        with (
            suppress(OSError),
            raw,
            socket.create_connection((there.hostname or "", there.port or 0)) as behind,
        ):
            alive.update((raw, behind))
            threading.Thread(target=_pass_on, args=(behind, raw), daemon=True).start()
            while (data := raw.recv(65536)) and not (down.is_set() or at(data)):
                behind.sendall(data)
            if data:
                down.set()
                over.wait(0.1)  # it closes this one, too
            behind.shutdown(socket.SHUT_RDWR)

    def listen(listener: socket.socket) -> None:
        while not over.is_set():
            if down.is_set():
                listener.close()
                for each in tuple(alive):
                    with suppress(OSError):
                        each.shutdown(socket.SHUT_RDWR)
                alive.clear()
                over.wait(seconds)
                listener = socket.create_server(where)
                down.clear()
            listener.settimeout(0.02)
            with suppress(TimeoutError):
                raw, _ = listener.accept()
                raw.settimeout(None)
                threading.Thread(target=converse, args=(raw,), daemon=True).start()
        listener.close()

    thread = threading.Thread(target=listen, args=(first,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{where[1]}"
    finally:
        over.set()
        thread.join()
