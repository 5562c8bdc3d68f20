"""Carries httpx's requests over a connection on which no server can hurt the suite."""

import contextlib
import ssl

import httpcore
import httpx

from targets.sockets import Backend
from targets.watch import SHOWN, Dropped, Watch

_LEFT_OVER = "had sent bytes after the end of its last answer"


class Transport(httpx.BaseTransport):
    """One connection, kept open between exchanges while both sides agree.

    `tls` is what `targets.sockets.trust` gives; an exchange may take `timeout` seconds.
    """

    def __init__(self, tls: ssl.SSLContext | None, timeout: float) -> None:
        self._watch = Watch(timeout)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=1, network_backend=Backend(self._watch)
        )

    def close(self) -> None:
        """Close the connection, if one is open."""
        self._pool.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its answer to the end; the body stays as it came.

        Raises Fault, Dropped or UnreachableError, and ValueError for what HTTP cannot carry.
        """
        watch = self._watch
        watch.begin()
        try:
            answer = self._pool.handle_request(_for_httpcore(request))
            with contextlib.closing(answer):
                body = answer.read()
        except httpcore.LocalProtocolError as error:
            raise ValueError(f"This request is no HTTP/1.1: {error}.") from None
        except httpcore.TimeoutException:
            raise watch.fault(f"gave no complete answer within {watch.seconds:.1f} s") from None
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            if not watch.awaited:
                raise watch.fault(_LEFT_OVER) from None
            if not watch.size:
                raise Dropped(reused=not watch.connected) from None
            if isinstance(error, httpcore.NetworkError):
                raise watch.fault(f"broke the connection midway ({error})") from None
            raise watch.fault(f"broke HTTP/1.1 ({str(error)[:SHOWN]})") from None
        if not watch.awaited:
            # httpcore kept them and took them for this answer (RFC 9112 9.2 calls it a security
            # matter), so nothing on this connection can be believed any more.
            self.close()
            raise watch.fault(_LEFT_OVER)
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(body))


def _for_httpcore(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )
