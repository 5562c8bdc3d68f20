"""Servers that depend on how an invoice is written or sent, or whose answers break HTTP."""

import gzip
import json
import re
from collections.abc import Callable, Collection, Iterable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference.mutants.asgi import RawResponse
from reference.mutants.mutant import mutant
from reference.mutants.operators import (
    PROPERTIES,
    REFUSED_FIELDS,
    answers_otherwise,
    refuses_headers,
)
from reference.mutants.raw import NO_LENGTH, as_usual, head, writes
from reference.mutants.server import Json, Layer, Mutation, Server, layer
from reference.refusal import Problem, Refusal

HTTP = "response.http"


@mutant("http", HTTP, wire=True)
def answers_are_cut_short(server: Server) -> Server:
    """Content-Length counts bytes but the server counted characters, or a proxy gave up midway."""
    return writes(lambda answer: [head(answer) + answer.body[:-1]], closes=True)(server)


@mutant("http", HTTP, wire=True)
def answers_are_longer_than_they_say(server: Server) -> Server:
    """Content-Length counts characters, not bytes: the rest is read as part of the next answer."""
    return writes(lambda answer: [head(answer, length=len(answer.body) - 3) + answer.body])(server)


@mutant("http", HTTP, wire=True)
def the_connection_is_reset_midway(server: Server) -> Server:
    """A worker is killed, or a load balancer runs out of patience."""
    return writes(lambda answer: [head(answer), answer.body[:40]], resets=True)(server)


@mutant("http", HTTP, wire=True)
def connections_close_without_an_answer(server: Server) -> Server:
    """An empty reply: the process crashes on each request and is restarted."""
    return writes(lambda _: [], closes=True)(server)


@mutant("http", HTTP, wire=True)
def there_is_no_status_line(server: Server) -> Server:
    """The body alone, as in HTTP/0.9."""
    return writes(lambda answer: [answer.body], closes=True)(server)


@mutant("http", HTTP, wire=True)
def lengths_contradict_each_other(server: Server) -> Server:
    """Two Content-Length fields, one from the application and one from the proxy: request
    smuggling.
    """
    return writes(lambda answer: [head(answer, "content-length: 7") + answer.body])(server)


def _one_chunk(form: bytes) -> Mutation:
    """The server sends each body as one chunk, in this format of size and bytes."""
    return writes(
        lambda answer: [
            head(answer, "transfer-encoding: chunked", length=NO_LENGTH)
            + form % (len(answer.body), answer.body)
        ],
        closes=True,
    )


@mutant("http", HTTP, wire=True)
def the_last_chunk_is_missing(server: Server) -> Server:
    """Transfer-Encoding: chunked, but the last chunk, of size 0, never comes."""
    return _one_chunk(b"%x\r\n%b\r\n")(server)


@mutant("http", HTTP, wire=True)
def chunks_have_the_wrong_size(server: Server) -> Server:
    """The size of a chunk in decimal digits where hexadecimal ones belong."""
    return _one_chunk(b"%d\r\n%b\r\n0\r\n\r\n")(server)


@mutant("http", HTTP, wire=True)
def a_header_contains_a_line_break(server: Server) -> Server:
    """A value with a line break splits the head in two: header injection."""
    return writes(lambda answer: [head(answer, "x-remarks: one\r\ntwo words") + answer.body])(
        server
    )


@mutant("http", HTTP, wire=True)
def bodies_are_labelled_gzip_but_are_not(server: Server) -> Server:
    """A cache or proxy that unpacks the body and keeps the header."""
    return writes(lambda answer: [head(answer, "content-encoding: gzip") + answer.body])(server)


@mutant("http", HTTP, wire=True)
def compressed_bodies_stop_early(server: Server) -> Server:
    """The compressor is closed but not flushed."""

    def cut(answer: RawResponse) -> Iterable[bytes]:
        packed = gzip.compress(answer.body)[:-9]
        yield head(answer, "content-encoding: gzip", length=len(packed)) + packed

    return writes(cut)(server)


@mutant("http", HTTP, wire=True)
def unrequested_compression_is_used(server: Server) -> Server:
    """Brotli, whatever Accept-Encoding says."""
    return writes(lambda answer: [head(answer, "content-encoding: br") + answer.body])(server)


@mutant("http", *REFUSED_FIELDS)
def a_charset_is_refused(server: Server) -> Server:
    """`content_type == "application/json"`: with a parameter, the media type no longer matches."""
    return refuses_headers(lambda headers: 415 if ";" in headers.get("content-type", "") else None)(
        server
    )


@mutant("http", *REFUSED_FIELDS)
def a_parameter_that_is_empty_is_refused(server: Server) -> Server:
    """415 for `application/json;`, whose parameters are none (RFC 9110 5.6.6)."""
    return refuses_headers(
        lambda headers: 415 if headers.get("content-type", "").endswith(";") else None
    )(server)


@mutant("http", *REFUSED_FIELDS)
def a_charset_without_a_blank_is_refused(server: Server) -> Server:
    """415: the media type is split at `; ` (RFC 9110 5.6.6 has blanks optional)."""

    def no_blank(headers: Headers) -> int | None:
        return 415 if re.search(r";\S", headers.get("content-type", "")) else None

    return refuses_headers(no_blank)(server)


@mutant("http", "request.query", "201.status", "response.status")
def a_method_in_the_query_is_obeyed(server: Server) -> Server:
    """Symfony's and Laravel's form method spoofing: ?_method=PUT finds no route, 405."""

    def routed(request: Request, _status: int, _body: bytes) -> Response | None:
        if request.query_params.get("_method", "POST").upper() == "POST":
            return None
        error = {"code": "METHOD_NOT_ALLOWED", "message": "Not allowed", "details": []}
        return JSONResponse(error, 405, headers={"Allow": "POST"})

    return server.with_layers(answers_otherwise(routed))


@mutant("http", *REFUSED_FIELDS)
def a_media_type_in_capitals_is_refused(server: Server) -> Server:
    """Media types ignore case (RFC 9110 8.3.1), but string comparison does not."""

    def in_capitals(headers: Headers) -> int | None:
        media_type = headers.get("content-type", "").partition(";")[0]
        return 415 if media_type != media_type.lower() else None

    return refuses_headers(in_capitals)(server)


@mutant("http", *REFUSED_FIELDS)
def requests_without_accept_are_refused(server: Server) -> Server:
    """406 for a client that names no media type and so accepts any (RFC 9110 12.5.1)."""
    return refuses_headers(lambda headers: None if "accept" in headers else 406)(server)


@mutant("http", *REFUSED_FIELDS)
def accept_anything_is_refused(server: Server) -> Server:
    """Accept: */* is compared with application/json as a string."""
    return refuses_headers(lambda headers: 406 if headers.get("accept") == "*/*" else None)(server)


@mutant("http", *REFUSED_FIELDS, wire=True)
def an_expectation_is_refused(server: Server) -> Server:
    """417 for Expect: 100-continue, which curl sends with every longer body."""
    return refuses_headers(lambda headers: 417 if "expect" in headers else None)(server)


@mutant("http", *REFUSED_FIELDS)
def clients_must_take_gzip(server: Server) -> Server:
    """406 without Accept-Encoding."""
    return refuses_headers(lambda headers: None if "accept-encoding" in headers else 406)(server)


@mutant("http", *REFUSED_FIELDS)
def a_cookie_of_4_kib_is_refused(server: Server) -> Server:
    """A field may have 4,096 bytes with its name: the least that RFC 6265 asks of a browser."""
    return refuses_headers(lambda headers: 431 if len(headers.get("cookie", "")) > 4096 else None)(
        server
    )


@mutant("http", *REFUSED_FIELDS)
def forty_header_fields_are_refused(server: Server) -> Server:
    """Fewer fields are allowed than some gateways add."""
    return refuses_headers(lambda headers: 431 if len(headers) > 40 else None)(server)


@mutant("http", "201.*", "4xx.*")
def a_callback_in_the_query_wraps_the_answer(server: Server) -> Server:
    """JSONP, which an old framework still has switched on."""

    def wrap(request: Request, status: int, body: bytes) -> Response | None:
        name = request.query_params.get("callback")
        script = b"%b(%b)" % ((name or "").encode(), body)
        return Response(script, status, media_type="text/javascript") if name else None

    return server.with_layers(answers_otherwise(wrap))


@mutant("http", "201.data.*", "request.query")
def a_query_limits_the_items(server: Server) -> Server:
    """A middleware for lists cuts every list of an answer to `?limit=1`."""

    def cut(data: dict[str, Json], limit: str) -> Json:
        shown = data["items"][: int(limit)] if limit.lstrip("-").isdecimal() else data["items"]
        return {**data, "items": shown}

    return server.with_layers(_answers_by_query("limit", cut))


@mutant("http", "201.data.*", "request.query")
def a_query_chooses_the_fields(server: Server) -> Server:
    """Sparse fields, as JSON:API has them, for every answer: `?fields=id,status`."""

    def choose(data: dict[str, Json], fields: str) -> Json:
        return {name: value for name, value in data.items() if name in fields.split(",")}

    return server.with_layers(_answers_by_query("fields", choose))


def _answers_by_query(name: str, change: Callable[[dict[str, Json], str], Json]) -> Layer:
    def changed(request: Request, status: int, body: bytes) -> Response | None:
        value = request.query_params.get(name)
        if value is None or status != 201:
            return None
        return JSONResponse({"data": change(json.loads(body)["data"], value)}, status)

    return answers_otherwise(changed)


@mutant("http", *REFUSED_FIELDS)
def a_cookie_of_a_session_needs_a_token(server: Server) -> Server:
    """A guard against forged requests of browsers also guards the API: 403 without its token."""
    return refuses_headers(
        lambda headers: 403 if "sessionid=" in headers.get("cookie", "") else None
    )(server)


@mutant("http", "*.required", "request.query", "requestBody.utf8")
def a_missing_property_is_taken_from_the_query(server: Server) -> Server:
    """A framework binds query and body to one object; the body only comes first."""
    return _with_properties_of_the_query(server, PROPERTIES)


@mutant("http", "request.query", "201.data.*")
def an_optional_property_is_taken_from_the_query(server: Server) -> Server:
    """The same where required properties are looked for in the body alone."""
    return _with_properties_of_the_query(server, {"status", "url", "created_at", "updated_at"})


def _with_properties_of_the_query(server: Server, names: Collection[str]) -> Server:
    read_usual = server.steps.read

    async def read(request: Request) -> bytes:
        body = await read_usual(request)
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            return body
        if not request.query_params or not isinstance(payload, dict):
            return body
        known = {name: text for name, text in request.query_params.items() if name in names}
        return json.dumps({**known, **payload}).encode()

    return server.with_steps(read=read)


def _refuses_bodies(refused: Callable[[bytes], bool]) -> Mutation:
    """The server refuses some valid bodies for the way in which they are written."""

    def mutate(server: Server) -> Server:
        def parse(body: bytes) -> Json:
            if refused(body):
                raise Refusal(400, "Not JSON", (Problem((), "json", "not JSON"),))
            return server.steps.parse(body)

        return server.with_steps(parse=parse)

    return mutate


@mutant("http", *REFUSED_FIELDS)
def white_space_around_the_body_is_refused(server: Server) -> Server:
    """`body[0] == '{'` decides what is JSON."""
    return _refuses_bodies(lambda body: not body.startswith(b"{"))(server)


@mutant("http", *REFUSED_FIELDS)
def escaped_names_are_not_found(server: Server) -> Server:
    """A scanner looks for "reference_id" in the bytes before they are parsed."""
    return _refuses_bodies(lambda body: b'"reference_id"' not in body)(server)


@mutant("http", *REFUSED_FIELDS)
def exponents_are_refused(server: Server) -> Server:
    """A pattern for amounts with only digits and a point."""
    return _refuses_bodies(lambda body: re.search(rb":\s*-?[\d.]+[eE]", body) is not None)(server)


@mutant("http", *REFUSED_FIELDS)
def trailing_zeros_are_refused(server: Server) -> Server:
    """A pattern for money allows no more than two digits after the point."""
    return _refuses_bodies(lambda body: re.search(rb":\s*\d+\.\d{3,}\s*[,}]", body) is not None)(
        server
    )


@mutant("http", "201.status")
def equal_amounts_of_other_digits_differ(server: Server) -> Server:
    """BigDecimal.equals in Java: 25.00 is not 25.0, so that what is paid is not the total."""
    written = re.compile(rb'"(?:total|paid)_amount":[^,}eE]*\.(\d*)')

    def parse(body: bytes) -> Json:
        payload = server.steps.parse(body)
        if isinstance(payload, dict) and payload.get("status") == "PAID":
            digits = {len(found) for found in written.findall(body)}
            if len(digits) > 1 and payload.get("paid_amount") == payload.get("total_amount"):
                problem = Problem(("status",), "invalid", "Not all is paid")
                raise Refusal(400, "The invoice is not valid.", (problem,))
        return payload

    return server.with_steps(parse=parse)


@mutant("http", "201.data.*.echo")
def escaped_slashes_keep_their_backslash(server: Server) -> Server:
    """A slash may be escaped, as PHP does; a decoder that does not know this keeps both."""
    return server.with_steps(parse=lambda body: server.steps.parse(body.replace(b"\\/", b"\\\\/")))


@mutant("http", "201.json", "201.data.*.echo")
def the_answer_is_in_latin_1_where_that_is_asked_for(server: Server) -> Server:
    """Accept-Charset is minded, if all of the answer can be written so; JSON is UTF-8."""

    def in_latin_1(request: Request, status: int, body: bytes) -> Response | None:
        wanted = request.headers.get("accept-charset", "").startswith("iso-8859-1")
        text = body.decode()
        if status != 201 or not wanted or any(character > "\u00ff" for character in text):
            return None
        return Response(text.encode("latin-1"), status, media_type="application/json")

    return server.with_layers(answers_otherwise(in_latin_1))


@mutant("http", "201.data.url.echo")
def a_url_is_what_stands_between_its_quotes(server: Server) -> Server:
    """A raw slice of the body, as fast readers of JSON give it: escapes in it stay."""
    written = re.compile(rb'"url"\s*:\s*"((?:[^"\\]|\\.)*)"')

    def parse(body: bytes) -> Json:
        payload = server.steps.parse(body)
        found = written.search(body)
        if found and isinstance(payload, dict) and isinstance(payload.get("url"), str):
            payload["url"] = found[1].decode()
        return payload

    return server.with_steps(parse=parse)


@mutant("http", "201.data.*.echo", "201.status", "*.maxLength")
def escaped_pairs_stay_two_halves(server: Server) -> Server:
    """CESU-8: each half of an escaped surrogate pair becomes a character of its own, so that long
    text is too long.
    """
    pair = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..")
    return server.with_steps(
        parse=lambda body: server.steps.parse(pair.sub(rb"\\ufffd\\ufffd", body))
    )


@mutant("http", "201.status")
def properties_are_expected_in_order(server: Server) -> Server:
    """A streaming reader needs the id of the order before the items, to look it up in time."""

    def parse(body: bytes) -> Json:
        payload = server.steps.parse(body)
        names = list(payload) if isinstance(payload, dict) else []
        if {"order_id", "items"} <= set(names) and names.index("order_id") > names.index("items"):
            raise Refusal(400, "order_id must come first", (Problem(("order_id",), "order", "?"),))
        return payload

    return server.with_steps(parse=parse)


@mutant("http", "request.method")
def a_put_creates_too(server: Server) -> Server:
    """The router looks at the path only."""
    return server.with_layers(_as_post("PUT"))


@mutant("http", "request.method")
def a_delete_is_taken_for_a_post(server: Server) -> Server:
    """X-HTTP-Method-Override, applied the wrong way."""
    return server.with_layers(_as_post("DELETE"))


def _as_post(method: str) -> Layer:
    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        posted = {**scope, "method": "POST"} if scope["method"] == method else scope
        await app(posted, receive, send)

    return call


@mutant("http", "request.method")
def a_field_makes_a_post_of_another_method(server: Server) -> Server:
    """The layer that reads X-HTTP-Method-Override does so whatever the method is."""

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        said = Headers(scope=scope).get("x-http-method-override", scope["method"])
        await app({**scope, "method": said}, receive, send)

    return server.with_layers(call)


@mutant("http", "201.status", wire=True)
def the_body_of_another_method_is_left_unread(server: Server) -> Server:
    """405 at once and the connection kept: the body is read as the next request (RFC 9112, 9.3)."""
    return writes(as_usual, unread=lambda method, _fields: method != "POST")(server)


@mutant("http", "request.method")
def another_method_is_an_internal_error(server: Server) -> Server:
    """No route, no handler, nil: 500 instead of 405."""

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        async def failing(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 405:
                message = {**message, "status": 500}
            await send(message)

        await app(scope, receive, failing)

    return server.with_layers(call)


@mutant("http", *REFUSED_FIELDS)
def a_charset_is_refused_in_chunks(server: Server) -> Server:
    """415: what reads chunks compares the media type with its parameters."""
    return refuses_headers(
        lambda headers: (
            415
            if "transfer-encoding" in headers and "charset" in headers.get("content-type", "")
            else None
        )
    )(server)
