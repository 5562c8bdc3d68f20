"""Serves an application on a real socket in this process."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from reference.refusal import SetupError

_TICK = 0.1
"""Seconds between two ticks; ten of them move the date that answers have."""
_LOOKS = 50
"""How often, in the time of a tick, it is looked whether what is stopped has ended."""


class Protocol(HttpToolsProtocol):
    """That of uvicorn, but the fields of a trailer are not merged into the header, where a key may
    be looked for (RFC 9110, section 6.5.1).
    """

    @override
    def on_headers_complete(self) -> None:
        """Go on as uvicorn does; what comes after the body goes into another list."""
        super().on_headers_complete()
        self.headers = []


class Server(uvicorn.Server):
    """Serves `app` on a bound socket without logging; calls `ready` when it accepts connections.

    Running requests get a second to finish when it is stopped.
    """

    def __init__(
        self,
        app: ASGIApp,
        ready: Callable[[], None],
        protocol: type[HttpToolsProtocol] = Protocol,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                proxy_headers=False,  # nothing stands in front of it, so nobody else names a client
                timeout_keep_alive=75,  # seconds; long enough for a client that pauses
                timeout_graceful_shutdown=1,
            )
        )
        self._ready = ready
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then call `ready`."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._ready()

    @override
    async def main_loop(self) -> None:
        """Run as uvicorn does until it is stopped, but notice that at once."""
        tick = 0
        while not await self.on_tick(tick):
            tick += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), _TICK)

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End as uvicorn does, but without its pause where all connections end at once."""
        for server in self.servers:
            server.close()
        for each in sockets or ():
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(_LOOKS):
            if not self.server_state.connections and not self.server_state.tasks:
                return
            await asyncio.sleep(_TICK / _LOOKS)
        await super().shutdown(sockets)

    def stop(self) -> None:
        """End it, from any thread."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to this address, port 0 for a free one; SetupError when that fails."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # socket.create_server leaves the protocol at 0, and asyncio then leaves Nagle's algorithm
        # on: each answer would be 40 ms late.
        listener = socket.socket(family, kind, protocol)
        with ExitStack() as on_failure:
            on_failure.callback(listener.close)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
            on_failure.pop_all()
    except (OSError, UnicodeError) as error:  # UnicodeError: not a possible host name
        reason = error.strerror if isinstance(error, OSError) else "no such host"
        raise SetupError(f"cannot listen on {host} port {port}: {reason}") from None
    return listener


def url(listener: socket.socket) -> str:
    """The base URL of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def serving(app: ASGIApp, protocol: type[HttpToolsProtocol] = Protocol) -> Iterator[str]:
    """Serve `app` from a thread on a free port of the loopback address; yields the base URL."""
    listener = listen("127.0.0.1", 0)
    ready = threading.Event()
    server = Server(app, ready.set, protocol)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield url(listener)
    finally:
        server.stop()
        thread.join()
