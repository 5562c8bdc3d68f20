"""httpx's client, told to add nothing, to keep nothing and to follow nothing."""

from contextlib import closing
from http.cookiejar import CookieJar
from typing import Any

import httpx

from spec.exchange import Response
from targets.content import Undecodable, decoded
from targets.watch import Fault, seen


def session(transport: httpx.BaseTransport) -> httpx.Client:
    """A session without proxies, netrc, cookies or redirects; closing it closes the transport."""
    return httpx.Client(
        transport=transport, cookies=_NoCookies(), trust_env=False, follow_redirects=False
    )


def answer(opened: httpx.Client, request: httpx.Request) -> Response:
    """Send a request as it stands and return its answer, the body decompressed.

    Raises Fault, and what the transport raises.
    """
    try:
        with closing(opened.send(request, stream=True)) as came:
            assert isinstance(came.stream, httpx.SyncByteStream)
            # Not `came.read()`, which would decompress without a limit.
            raw = b"".join(came.stream)
    except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
        # httpx reads where a redirect leads, though it does not follow.
        raise Fault(f"The server broke HTTP/1.1 ({error}).") from None
    headers = tuple((n.decode().lower(), v.decode("latin-1")) for n, v in came.headers.raw)
    try:
        return Response(came.status_code, headers, decoded(raw, headers))
    except Undecodable as error:
        raise Fault(f"The server {error}; {seen(raw, len(raw))}.") from None


class _NoCookies(CookieJar):
    def extract_cookies(self, response: Any, request: Any) -> None:
        """Take none: what a request carries does not depend on the answers before it."""
