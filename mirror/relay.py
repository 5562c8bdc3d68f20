"""Passes requests on to a server and its answers back, byte for byte, within bounds.

A client may send what it likes, as slowly as it likes, on many connections: each has a deadline and
a limit.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus

from mirror.behaviours import Fault, Sent
from mirror.head import NOTHING, NotARequestError
from mirror.log import Log
from mirror.received import Received
from mirror.wire import (
    MOST_BODY,
    Incoming,
    RawAnswer,
    answer_of,
    read_answer,
    read_request,
    unzipped,
)
from spec.exchange import Request

MOST_CONNECTIONS = 64
READ = 30.0
ANSWER = 60.0
IDLE = 75.0
SILENCE = 30.0
"""Seconds: for a client to send a request or to take an answer, for a server to answer, between two
requests of a connection, and without an answer until the mirror gives up."""
_NOTICE = 0.005
"""Seconds in which a server that closes the connection does so: its end is on this machine."""
_REFUSED = 0.05
"""Seconds in which the system of a client that is gone says so."""
_LINGER = 2.0
_MOST_LINGERING = 64 * 1024 * 1024
"""Seconds and bytes for which a client may go on sending what is not read any more."""
_PIECE = 64 * 1024

Address = tuple[str, int]
Choose = Callable[[int, Request], tuple[Address | bytes, Fault | None]]
"""The server that answers a request with this number, or the answer that it gets from none; and the
fault that it meets.
"""


@dataclass(slots=True)
class _Connection:
    """A connection of a client, and one to each server that was asked for it.

    `began` is when the first byte of its last request came. What comes while that is answered is
    `early`, and `left_at` is when the client closed its side then.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    servers: dict[Address, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(
        default_factory=dict
    )
    began: float = 0.0
    early: bytes = b""
    left_at: float | None = None

    @asynccontextmanager
    async def watched(self, seconds: Callable[[], float]) -> AsyncIterator[None]:
        """See whether the client closes its side meanwhile."""

        async def watch() -> None:
            with suppress(OSError):
                self.early = await self.reader.read(_PIECE)
            if not self.early:
                self.left_at = seconds()

        self.early, self.left_at = b"", None
        watching = asyncio.ensure_future(watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def first(self) -> bytes:
        """The first bytes of the next request; none where a side closed, or nothing comes."""
        reads = [asyncio.ensure_future(self.reader.read(_PIECE))]
        reads += [asyncio.ensure_future(reader.read(1)) for reader, _ in self.servers.values()]
        try:
            done, _ = await asyncio.wait(reads, timeout=IDLE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in reads:
                each.cancel()
            ended = await asyncio.gather(*reads, return_exceptions=True)
        # As the client would see it: what a server closes is closed.
        closed = any(each in done for each in reads[1:])
        return ended[0] if isinstance(ended[0], bytes) and not closed else b""

    async def ask(self, address: Address, incoming: Incoming) -> RawAnswer:
        """The answer of a server to a request; none where it gives none in time, or has closed the
        connection of an earlier one. What it cannot read at all is refused.
        """
        unread = address not in self.servers
        try:
            async with asyncio.timeout(ANSWER):
                if address not in self.servers:
                    self.servers[address] = await asyncio.open_connection(*address)
                reader, writer = self.servers[address]
                with suppress(OSError):  # it may answer before it has read all
                    writer.write(incoming.head() + incoming.body())
                    await writer.drain()
                answer = await read_answer(reader, incoming.request.method)
        except (OSError, TimeoutError):
            answer = RawAnswer((), None, closes=True)
        if unread and not answer.pieces:
            return answer_of(_plain("400 Bad Request"))
        return unzipped(answer, incoming.request)

    async def is_closed_by(self, address: Address) -> bool:
        """Whether a server closes the connection after its answer, as some do without notice."""
        with suppress(TimeoutError, OSError, KeyError):
            async with asyncio.timeout(_NOTICE):
                await self.servers[address][0].read(1)
                return True
        return False

    async def send(self, *pieces: bytes) -> None:
        """Send each piece by itself."""
        for piece in pieces:
            self.writer.write(piece)
            async with asyncio.timeout(READ):
                await self.writer.drain()

    async def is_left(self, seconds: float) -> bool:
        """Whether the client closes its side within so many seconds."""
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(seconds):
                left = _MOST_LINGERING
                while left > 0 and (piece := await self.reader.read(_PIECE)):
                    left -= len(piece)
                return left > 0
        return False

    async def is_reset(self) -> bool:
        """Whether a client that had closed its side takes nothing any more, its answer included."""
        await asyncio.sleep(_REFUSED)
        taken: socket.socket = self.writer.get_extra_info("socket")
        return taken.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0

    async def close(self) -> None:
        """Close it once the client has taken its answer, which it has to do in time."""
        self.writer.close()
        async with asyncio.timeout(READ):
            await self.writer.wait_closed()

    def abort(self) -> None:
        """Close it at once, and what belongs to it."""
        for writer in (self.writer, *(writer for _, writer in self.servers.values())):
            writer.transport.abort()


class Relay:
    """Between the clients of a mirror and its servers; `choose` says which one is asked."""

    def __init__(self, log: Log, choose: Choose) -> None:
        self._log, self._choose = log, choose
        self._tasks: set[asyncio.Task[None]] = set()

    @contextmanager
    def serving(self, listener: socket.socket) -> Iterator[None]:
        """Serve on a bound socket, from a thread, as long as the context lasts."""
        loop = asyncio.new_event_loop()
        server = loop.run_until_complete(asyncio.start_server(self._connected, sock=listener))
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(self._stop(server), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _stop(self, server: asyncio.Server) -> None:
        server.close()
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connection = _Connection(reader, writer)
        if len(self._tasks) >= MOST_CONNECTIONS:
            self._log.turned_away += 1
            writer.write(_plain("503 Service Unavailable"))
            writer.close()
            return
        self._tasks.add(task)
        try:
            await self._talk(connection)
            await connection.close()
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # the client is gone or does not read, or the mirror ends
        except Exception as error:  # noqa: BLE001 - what is wrong with the mirror is told at the end
            self._log.trouble(repr(error))
        finally:
            self._tasks.discard(task)
            connection.abort()

    async def _talk(self, connection: _Connection) -> None:
        rest = b""
        while first := rest or await connection.first():
            connection.began = self._log.seconds
            if self._log.is_full:
                self._log.not_judged += 1
                return
            incoming = await self._read(connection, first)
            if incoming is None:
                return
            with self._log.active():
                goes_on = await self._answer(connection, incoming)
            if not goes_on:
                return
            rest = incoming.rest + connection.early

    async def _read(self, connection: _Connection, first: bytes) -> Incoming | None:
        """A request that is whole, or None after what is none was refused."""
        try:
            async with asyncio.timeout(READ):
                incoming = await read_request(connection.reader, connection.writer, first)
        except NotARequestError as error:
            status = f"{error.status} {HTTPStatus(error.status).phrase}"
            await self._refuse(connection, error.request, status, str(error), error.clause)
        except TimeoutError:
            why = f"no whole request came in {READ:.0f} s"
            clause = "RFC 9110, section 15.5.9"
            await self._refuse(connection, NOTHING, "408 Request Timeout", why, clause)
        except asyncio.CancelledError:  # the mirror ends
            self._log.not_judged += 1
            raise
        else:
            if incoming.is_whole:
                return incoming
            why = f"the body has more than {MOST_BODY} bytes, and was not read"
            await self._refuse(connection, incoming.request, "413 Content Too Large", why, "")
        return None

    async def _refuse(
        self, connection: _Connection, request: Request, status: str, why: str, clause: str
    ) -> None:
        if self._log.is_full:
            self._log.not_judged += 1
            return
        answer = answer_of(_plain(status))
        assert answer.response is not None
        with self._log.active():
            received = self._log.refuse(connection.began, request, answer.response, why, clause)
            try:
                await connection.send(*answer.pieces)
                connection.writer.write_eof()
                await connection.is_left(_LINGER)  # to close at once might take the answer back
            finally:
                self._log.finish(received)

    async def _answer(self, connection: _Connection, incoming: Incoming) -> bool:
        """Answer a request; whether another may follow on its connection."""
        if self._log.is_full:  # by others, while this one was read
            self._log.not_judged += 1
            return False
        number = self._log.number()
        began, request = connection.began, incoming.request
        server, fault = self._choose(number, request)
        instead = (fault and fault.instead) or server
        closes = False
        try:
            async with connection.watched(lambda: self._log.seconds):
                if isinstance(instead, bytes):
                    answer = answer_of(instead, request.method)
                else:
                    answer = await connection.ask(instead, incoming)
                    closes = await connection.is_closed_by(instead)
        except asyncio.CancelledError:  # the mirror ends
            self._log.finish(self._log.receive(number, began, request, None, fault))
            raise
        received = self._log.receive(number, began, request, answer.response, fault)
        left, closed = False, connection.reader.at_eof()
        try:
            left = await self._deliver(connection, answer, received)
            left = left or (closed and await connection.is_reset())
        except (OSError, TimeoutError):
            left = True
            raise
        finally:
            self._log.finish(received, left=left, at=connection.left_at if left else None)
        is_over = left or incoming.closes or answer.closes or closes
        return received.sent is Sent.WHOLE and not is_over

    async def _deliver(
        self, connection: _Connection, answer: RawAnswer, received: Received
    ) -> bool:
        """Send what the client is to get of an answer; whether it closed before."""
        match received.sent:
            case Sent.NOTHING:
                return await connection.is_left(SILENCE)
            case Sent.HALF:
                await connection.send(_half(b"".join(answer.pieces)))
            case Sent.WHOLE:
                await connection.send(*answer.pieces)
        return False


def _half(answer: bytes) -> bytes:
    """An answer as far as the middle of its body."""
    body = answer.find(b"\r\n\r\n") + 4
    return answer[: body + (len(answer) - body) // 2]


def _plain(status: str) -> bytes:
    """An answer of HTTP alone, after which the connection is closed."""
    return f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
