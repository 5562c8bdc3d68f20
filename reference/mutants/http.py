"""Servers that mind how an invoice is spelled or sent, or whose answers are no good HTTP."""

import gzip
import re
from collections.abc import Callable, Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference.mutants.calling import Called
from reference.mutants.mutant import mutant
from reference.mutants.raw import NO_LENGTH, head, raw
from reference.mutants.server import Json, Server
from reference.refusal import Problem, Refusal

HTTP = "response.http"
SENT = ("201.status", "requestBody.*")


def _written(
    write: Callable[[Called], Iterable[bytes]], *, closes: bool = False, resets: bool = False
) -> Callable[[Server], Server]:
    host = raw(write, closes=closes, resets=resets)
    return lambda server: server.hosted(host)


@mutant("http", HTTP, wire=True)
def answers_are_cut_short(server: Server) -> Server:
    """Content-Length counts bytes, the server counted letters, or a proxy gave up in between."""
    return _written(lambda answer: [head(answer) + answer.body[:-1]], closes=True)(server)


@mutant("http", HTTP, wire=True)
def answers_are_longer_than_they_say(server: Server) -> Server:
    """Content-Length counts letters and not bytes: the end is left for the next answer to trip
    over.
    """
    return _written(lambda answer: [head(answer, length=len(answer.body) - 3) + answer.body])(
        server
    )


@mutant("http", HTTP, wire=True)
def the_connection_is_reset_midway(server: Server) -> Server:
    """A worker that is killed, a balancer that loses patience."""
    return _written(lambda answer: [head(answer), answer.body[:40]], resets=True)(server)


@mutant("http", HTTP, wire=True)
def connections_close_without_an_answer(server: Server) -> Server:
    """An empty reply: the process crashes on each request and is started again."""
    return _written(lambda _: [], closes=True)(server)


@mutant("http", HTTP, wire=True)
def the_status_line_is_none(server: Server) -> Server:
    """The body alone, as HTTP/0.9 had it."""
    return _written(lambda answer: [answer.body], closes=True)(server)


@mutant("http", HTTP, wire=True)
def lengths_contradict_each_other(server: Server) -> Server:
    """Two Content-Length fields, one of the application and one of the proxy: a way to smuggle."""
    return _written(lambda answer: [head(answer, "content-length: 7") + answer.body])(server)


def _in_a_chunk(form: bytes) -> Callable[[Server], Server]:
    """Bends a server so that its bodies are one chunk, written in this form of size and octets."""
    return _written(
        lambda answer: [
            head(answer, "transfer-encoding: chunked", length=NO_LENGTH)
            + form % (len(answer.body), answer.body)
        ],
        closes=True,
    )


@mutant("http", HTTP, wire=True)
def chunks_are_torn(server: Server) -> Server:
    """Transfer-Encoding: chunked, and the last chunk, of size 0, never comes."""
    return _in_a_chunk(b"%x\r\n%b\r\n")(server)


@mutant("http", HTTP, wire=True)
def chunks_have_the_wrong_size(server: Server) -> Server:
    """The size of a chunk in decimal digits where hexadecimal ones belong."""
    return _in_a_chunk(b"%d\r\n%b\r\n0\r\n\r\n")(server)


@mutant("http", HTTP, wire=True)
def headers_have_a_line_break_in_them(server: Server) -> Server:
    """A value with a line break splits the head in two: header injection."""
    return _written(lambda answer: [head(answer, "x-remarks: one\r\ntwo words") + answer.body])(
        server
    )


@mutant("http", HTTP, wire=True)
def bodies_are_called_gzip_and_are_not(server: Server) -> Server:
    """A cache or proxy that unpacks the body and leaves the header."""
    return _written(lambda answer: [head(answer, "content-encoding: gzip") + answer.body])(server)


@mutant("http", HTTP, wire=True)
def compressed_bodies_stop_early(server: Server) -> Server:
    """The compressor is closed without being flushed."""

    def torn(answer: Called) -> Iterable[bytes]:
        packed = gzip.compress(answer.body)[:-9]
        yield head(answer, "content-encoding: gzip", length=len(packed)) + packed

    return _written(torn)(server)


@mutant("http", HTTP, wire=True)
def compression_is_used_that_nobody_asked_for(server: Server) -> Server:
    """Brotli, whatever Accept-Encoding says."""
    return _written(lambda answer: [head(answer, "content-encoding: br") + answer.body])(server)


def _asked(refused: Callable[[Headers], int | None]) -> Callable[[Server], Server]:
    """Bends a server so that it refuses requests for their headers, with the status given."""

    def bend(server: Server) -> Server:
        def check(headers: Headers) -> None:
            status = refused(headers)
            if status is not None:
                raise Refusal(status, "Not like this.")
            server.steps.check_media_type(headers)

        return server.mutant(check_media_type=check)

    return bend


@mutant("http", *SENT)
def a_charset_is_refused(server: Server) -> Server:
    """`content_type == "application/json"`: a parameter behind it makes it another."""
    return _asked(lambda headers: 415 if ";" in headers.get("content-type", "") else None)(server)


@mutant("http", *SENT)
def a_media_type_in_capitals_is_refused(server: Server) -> Server:
    """Media types know no case (RFC 9110 8.3.1), a string comparison does."""

    def capital(headers: Headers) -> int | None:
        media_type = headers.get("content-type", "").partition(";")[0]
        return 415 if media_type != media_type.lower() else None

    return _asked(capital)(server)


@mutant("http", *SENT)
def requests_without_accept_are_refused(server: Server) -> Server:
    """406 for a client that has no wishes, which means that it takes anything (RFC 9110 12.5.1)."""
    return _asked(lambda headers: None if "accept" in headers else 406)(server)


@mutant("http", *SENT)
def any_will_do_is_refused(server: Server) -> Server:
    """Accept: */* is compared with application/json as text."""
    return _asked(lambda headers: 406 if headers.get("accept") == "*/*" else None)(server)


@mutant("http", *SENT)
def a_length_is_demanded(server: Server) -> Server:
    """411 for a chunked body, which HTTP/1.1 has without a length."""
    return _asked(lambda headers: None if "content-length" in headers else 411)(server)


@mutant("http", *SENT, wire=True)
def an_expectation_is_refused(server: Server) -> Server:
    """417 for Expect: 100-continue, which curl sends with every body that is a bit longer."""
    return _asked(lambda headers: 417 if "expect" in headers else None)(server)


@mutant("http", *SENT)
def clients_must_take_gzip(server: Server) -> Server:
    """406 without Accept-Encoding."""
    return _asked(lambda headers: None if "accept-encoding" in headers else 406)(server)


def _spelled(refused: Callable[[bytes], bool]) -> Callable[[Server], Server]:
    """Bends a server so that it refuses some spellings of valid JSON."""

    def bend(server: Server) -> Server:
        def parse(body: bytes) -> Json:
            if refused(body):
                raise Refusal(400, "Not JSON", (Problem((), "json", "not JSON"),))
            return server.steps.parse(body)

        return server.mutant(parse=parse)

    return bend


@mutant("http", "201.status", "requestBody.*")
def white_space_around_is_refused(server: Server) -> Server:
    """`body[0] == '{'`: a quick look decides what is JSON."""
    return _spelled(lambda body: not body.startswith(b"{"))(server)


@mutant("http", "201.status", "requestBody.*")
def escaped_names_are_not_found(server: Server) -> Server:
    """A scanner looks for "reference_id" in the bytes, before anything is parsed."""
    return _spelled(lambda body: b'"reference_id"' not in body)(server)


@mutant("http", "201.status", "requestBody.*")
def exponents_are_refused(server: Server) -> Server:
    """A pattern for amounts that has digits and a point."""
    return _spelled(lambda body: re.search(rb":\s*-?[\d.]+[eE]", body) is not None)(server)


@mutant("http", "201.status", "requestBody.*")
def zeros_at_the_end_are_refused(server: Server) -> Server:
    """More than two digits after the point, says a pattern, are no money."""
    return _spelled(lambda body: re.search(rb":\s*\d+\.\d{3,}\s*[,}]", body) is not None)(server)


@mutant("http", "201.data.*.echo")
def escaped_slashes_keep_their_backslash(server: Server) -> Server:
    """A slash may be escaped, as PHP does it; an unescaping that forgot it keeps both."""
    return server.mutant(parse=lambda body: server.steps.parse(body.replace(b"\\/", b"\\\\/")))


@mutant("http", "201.data.*.echo")
def escaped_pairs_stay_two_halves(server: Server) -> Server:
    """CESU-8: each half of an escaped surrogate pair becomes a character of its own."""
    pair = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..")
    return server.mutant(parse=lambda body: server.steps.parse(pair.sub(rb"\\ufffd\\ufffd", body)))


@mutant("http", "201.status")
def properties_are_expected_in_order(server: Server) -> Server:
    """A streaming reader that wants the order's id before the items, to look it up in time."""

    def parse(body: bytes) -> Json:
        payload = server.steps.parse(body)
        names = list(payload) if isinstance(payload, dict) else []
        if {"order_id", "items"} <= set(names) and names.index("order_id") > names.index("items"):
            raise Refusal(400, "order_id must come first", (Problem(("order_id",), "order", "?"),))
        return payload

    return server.mutant(parse=parse)


@mutant("http", "request.method")
def a_put_creates_too(server: Server) -> Server:
    """A router that looks at the path alone."""
    return server.wrapped(_as_post("PUT"))


@mutant("http", "request.method")
def a_delete_is_taken_for_a_post(server: Server) -> Server:
    """X-HTTP-Method-Override thought the wrong way round."""
    return server.wrapped(_as_post("DELETE"))


def _as_post(method: str) -> Callable[[ASGIApp], ASGIApp]:
    def layer(app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            posted = {**scope, "method": "POST"} if scope["method"] == method else scope
            await app(posted, receive, send)

        return call

    return layer


@mutant("http", "request.method")
def another_method_is_an_internal_error(server: Server) -> Server:
    """No route, no handler, nil: 500 instead of 405."""

    def layer(app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            async def failing(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] == 405:
                    message = {**message, "status": 500}
                await send(message)

            await app(scope, receive, failing)

        return call

    return server.wrapped(layer)


@mutant("keys", "security.key", wire=True)
def the_keys_header_is_looked_for_in_one_spelling(server: Server) -> Server:
    """A dictionary of headers, filled as they came: x-api-key is not X-API-Key."""
    return server.hosted(raw(lambda answer: [head(answer) + answer.body], exact=b"X-API-Key"))
