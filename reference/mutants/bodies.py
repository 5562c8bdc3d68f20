"""Servers that read invalid bodies as JSON, or crash on them."""

import codecs
import json
import math
import re
from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from reference.mutants.mutant import mutant
from reference.mutants.operators import PROPERTIES, fails_to_read
from reference.mutants.server import Json, Mutation, Respond, Server
from reference.refusal import Problem, Refusal

JSON = "requestBody.json"
HALF_A_PAIR = re.compile("[\ud800-\udfff]")
NUMBER = re.compile(rb'(?<=":)(NaN|-?Infinity)')


def _rewrites(change: Callable[[bytes], bytes]) -> Mutation:
    """The server changes a body before it parses it."""
    return lambda server: server.with_steps(parse=lambda body: server.steps.parse(change(body)))


def _repairs(repair: Callable[[str], Json]) -> Mutation:
    """The server repairs a body that it cannot parse; ValueError says that it cannot repair it."""

    def mutate(server: Server) -> Server:
        def parse(body: bytes) -> Json:
            try:
                return server.steps.parse(body)
            except Refusal as refusal:
                try:
                    return repair(body.decode())
                except (ValueError, RecursionError):
                    raise refusal from None

        return server.with_steps(parse=parse)

    return mutate


@mutant("bodies", JSON)
def comments_are_taken(server: Server) -> Server:
    """JSON5, Jackson's ALLOW_COMMENTS, Json.NET by default."""
    comment = re.compile(r"/\*.*?\*/|//[^\n\"]*\n|#[^\n\"]*\n", re.DOTALL)
    return _repairs(lambda text: json.loads(comment.sub("", text)))(server)


@mutant("bodies", JSON)
def any_blank_around_a_body_is_stripped(server: Server) -> Server:
    """`body.decode().strip()` before it is parsed: vertical tabs and no-break spaces go too."""
    return _repairs(lambda text: json.loads(text.strip()))(server)


@mutant("bodies", JSON)
def any_blank_between_tokens_is_skipped(server: Server) -> Server:
    """A scanner that skips what `isspace` knows; JSON has four blanks (RFC 8259, section 2)."""
    other = re.compile("(?<=[:,{\\[])[\f\v\xa0]+")
    return _repairs(lambda text: json.loads(other.sub("", text)))(server)


@mutant("bodies", "*.required")
def an_invoice_may_be_in_an_object(server: Server) -> Server:
    """Rails's wrapped parameters: {"invoice": {...}} is the same."""

    def unwrapped(payload: Json) -> Json:
        is_one = isinstance(payload, dict) and [*payload] == ["invoice"]
        return payload["invoice"] if is_one else payload

    return server.with_payload(unwrapped)


@mutant("bodies", JSON)
def commas_at_the_end_are_taken(server: Server) -> Server:
    """JSON5, System.Text.Json's AllowTrailingCommas, JavaScript's own objects."""
    return _repairs(lambda text: json.loads(re.sub(r",([}\]])", r"\1", text)))(server)


@mutant("bodies", JSON)
def single_quotes_are_taken(server: Server) -> Server:
    """Python's ast.literal_eval, Json.NET by default."""
    return _repairs(lambda text: json.loads(text.replace("'", '"')))(server)


@mutant("bodies", JSON)
def names_without_quotes_are_taken(server: Server) -> Server:
    """Read as YAML or by JavaScript's eval, which take almost all JSON and more."""
    return _repairs(lambda text: json.loads(re.sub(r"([{,])(\w+):", r'\1"\2":', text)))(server)


@mutant("bodies", JSON)
def nan_is_taken_for_a_number(server: Server) -> Server:
    """Python's json.loads by default reads NaN and Infinity."""
    return _rewrites(lambda body: NUMBER.sub(b"1", body))(server)


@mutant("bodies", JSON)
def nan_is_taken_where_no_property_is_known(server: Server) -> Server:
    """Pydantic refuses NaN in what it knows; what it does not know json.loads has read before."""
    pattern = re.compile(rb'(?<=[{,])"(\w+)":(?:NaN|-?Infinity)')

    def unread(found: re.Match[bytes]) -> bytes:
        return found[0] if found[1].decode() in PROPERTIES else b'"%b":1' % found[1]

    return _rewrites(lambda body: pattern.sub(unread, body))(server)


@mutant("bodies", JSON)
def zeros_before_a_number_are_taken(server: Server) -> Server:
    """A reader built on strtol or parseFloat."""
    return _rewrites(lambda body: re.sub(rb'(?<=":)[+0]+(?=[1-9])', b"", body))(server)


@mutant("bodies", JSON)
def digits_of_any_script_follow_a_digit(server: Server) -> Server:
    """A pattern of 1 to 9 and then of any digits, which in many languages are those of Unicode."""

    def plain(body: bytes) -> bytes:
        text = body.decode(errors="surrogateescape")
        read = re.sub(
            r'(?<=":)[1-9]\d+', lambda found: "".join(str(int(one)) for one in found[0]), text
        )
        return read.encode(errors="surrogateescape")

    return _rewrites(plain)(server)


@mutant("bodies", JSON)
def raw_control_characters_are_taken(server: Server) -> Server:
    """Python's strict=False, many readers in C: a line break in the middle of a string."""
    return _repairs(lambda text: json.loads(text, strict=False))(server)


@mutant("bodies", JSON)
def unknown_escapes_are_taken(server: Server) -> Server:
    """Escapes of JavaScript that JSON does not have."""
    return _rewrites(lambda body: re.sub(rb"(?<!\\)((?:\\\\)*)\\(x41|')", rb"\1", body))(server)


@mutant("bodies", JSON)
def what_follows_the_first_document_is_ignored(server: Server) -> Server:
    """Go's json.Decoder.Decode reads one value and ignores the rest: a second invoice, garbage."""
    return _repairs(lambda text: json.JSONDecoder().raw_decode(text.lstrip())[0])(server)


@mutant("bodies", JSON)
def a_truncated_body_is_completed(server: Server) -> Server:
    """A streaming reader that accepts what it has when the stream ends."""
    return _repairs(lambda text: json.loads(text + "}"))(server)


@mutant("bodies", "requestBody.utf8")
def invalid_utf_8_is_replaced(server: Server) -> Server:
    """Go's encoding/json puts U+FFFD for invalid UTF-8, without an error."""
    return _rewrites(lambda body: body.decode(errors="replace").encode())(server)


@mutant("bodies", "requestBody.utf8", JSON)
def utf_16_is_taken(server: Server) -> Server:
    """json.loads(bytes) in Python and Jackson detect UTF-16 and UTF-32 by their zero bytes."""
    return _rewrites(
        lambda body: body.decode(json.detect_encoding(body), "replace").lstrip("\ufeff").encode()
    )(server)


@mutant("bodies", "requestBody.utf8")
def overlong_utf_8_is_taken(server: Server) -> Server:
    """A hand-written decoder reads C0 AF as a slash: an old way around filters."""
    return _rewrites(lambda body: body.replace(b"\xc0\xaf", b"/"))(server)


@mutant("bodies", "requestBody.required")
def no_body_is_an_internal_error(server: Server) -> Server:
    """`io.EOF` is an error that nobody expected."""
    return _crashes(lambda body: not body.strip())(server)


@mutant("bodies", "body.type")
def a_null_body_is_an_internal_error(server: Server) -> Server:
    """Decoded without an error into a nil pointer, and then used."""
    return _crashes(lambda body: body.strip() == b"null")(server)


@mutant("bodies", "body.type")
def a_list_as_the_body_is_an_internal_error(server: Server) -> Server:
    """`payload.get` on a list: AttributeError, TypeError, undefined is not a function."""
    return _crashes(lambda body: body.lstrip()[:1] == b"[")(server)


@mutant("bodies", JSON)
def invalid_json_is_an_internal_error(server: Server) -> Server:
    """The framework catches the syntax error and has only 500 for it."""

    def parse(body: bytes) -> Json:
        try:
            return server.steps.parse(body)
        except Refusal as refusal:
            raise Refusal(500, "Internal Server Error") from refusal

    return server.with_steps(parse=parse)


@mutant("bodies", "body.type", JSON, "response.status", "requestBody.*")
def deep_nesting_is_an_internal_error(server: Server) -> Server:
    """A recursive reader gets 100,000 brackets: RecursionError, a stack overflow or worse."""
    return _crashes(lambda body: b"[" * 90_000 in body)(server)


@mutant("bodies", "*.maxLength", "requestBody.*")
def a_long_body_is_an_internal_error(server: Server) -> Server:
    """The proxy's limit reaches the application as a broken pipe."""

    async def read(request: Json) -> bytes:
        try:
            return await server.steps.read(request)
        except Refusal as refusal:
            raise Refusal(500, "Internal Server Error") from refusal

    return server.with_steps(read=read)


def _crashes(crashes: Callable[[bytes], bool]) -> Mutation:
    """The server answers some bodies with 500."""

    def mutate(server: Server) -> Server:
        def parse(body: bytes) -> Json:
            if crashes(body):
                raise Refusal(500, "Internal Server Error")
            return server.steps.parse(body)

        return server.with_steps(parse=parse)

    return mutate


@mutant("bodies", JSON, "4xx.status")
def invalid_json_is_unprocessable(server: Server) -> Server:
    """FastAPI and Rails' strong parameters answer 422 where the document says 400."""

    def parse(body: bytes) -> Json:
        try:
            return server.steps.parse(body)
        except Refusal as refusal:
            raise Refusal(400, refusal.message, (Problem((), "json", "422"),)) from refusal

    def respond(status: int, answer: Json, usual: Respond) -> Response:
        unparsed = status == 400 and answer.get("details") == [{"field": "body", "reason": "422"}]
        return usual(422 if unparsed else status, answer)

    return server.with_steps(parse=parse).with_response(respond)


@mutant("bodies", "response.status")
def a_hundred_levels_are_an_internal_error(server: Server) -> Server:
    """The parser takes them, but MySQL keeps no JSON of more than 100 levels."""

    def depth(value: Json) -> int:
        inner = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth, inner), default=0) if isinstance(value, dict | list) else 0

    return fails_to_read(lambda payload: depth(payload) > 100)(server)


@mutant("bodies", "201.json")
def what_is_not_known_comes_back_as_infinity(server: Server) -> Server:
    """1e999 in a property that nobody checks: Python's json.dumps writes Infinity by default."""

    def with_unknown(data: dict[str, Json], payload: Json) -> Json:
        unknown = {name: payload[name] for name in payload if name not in PROPERTIES}
        return {**data, **{name: value for name, value in unknown.items() if value == math.inf}}

    def respond(status: int, answer: Json, _: Respond) -> Response:
        text = json.dumps(answer, ensure_ascii=False)
        return Response(text.encode(), status, media_type="application/json")

    return server.with_data(with_unknown).with_response(respond)


@mutant("bodies", "response.status")
def half_a_pair_in_a_name_is_an_internal_error(server: Server) -> Server:
    """Names that are not known are logged in UTF-8, which has no such character."""
    return fails_to_read(lambda payload: any(HALF_A_PAIR.search(name) for name in payload))(server)


@mutant("bodies", "response.status")
def what_is_not_known_has_64_bits_or_fails(server: Server) -> Server:
    """It is kept in a column of numbers: 'integer out of range'."""

    def is_beyond(value: Json) -> bool:
        return type(value) is int and abs(value) >= 2**63

    return fails_to_read(
        lambda payload: any(
            is_beyond(value) for name, value in payload.items() if name not in PROPERTIES
        )
    )(server)


@mutant("bodies", "requestBody.mediaType")
def text_is_taken_for_json(server: Server) -> Server:
    """A browser's form can send text/plain to any site without asking first: a server that reads
    JSON from it can be attacked from any page.
    """
    return _accepts_types(lambda media_type: media_type.startswith("text/"))(server)


@mutant("bodies", "requestBody.mediaType")
def each_kind_of_json_is_taken(server: Server) -> Server:
    """A framework that reads application/*+json, though the document has application/json alone."""
    return _accepts_types(lambda media_type: media_type.endswith("+json"))(server)


@mutant("bodies", "requestBody.mediaType")
def media_types_are_matched_by_their_start(server: Server) -> Server:
    """`startswith("application/json")` also matches application/jsonx."""
    return _accepts_types(lambda media_type: media_type.startswith("application/json"))(server)


@mutant("bodies", "requestBody.mediaType")
def any_application_type_is_taken(server: Server) -> Server:
    """A list of forbidden media types has only forms and text."""
    return _accepts_types(lambda media_type: media_type.startswith("application/"))(server)


def _accepts_types(accepted: Callable[[str], bool]) -> Mutation:
    """The server also reads some other media types as JSON."""

    def mutate(server: Server) -> Server:
        def check(headers: Headers) -> None:
            if not accepted(headers.get("content-type", "").lower()):
                server.steps.check_media_type(headers)

        return server.with_steps(check_media_type=check)

    return mutate


@mutant("bodies", JSON, "requestBody.mediaType")
def forms_are_taken(server: Server) -> Server:
    """A framework that reads forms and JSON into one dictionary."""

    def read_form(text: str) -> Json:
        fields: dict[str, Json] = dict(parse_qsl(text, strict_parsing=True))
        amounts = {name: float(fields.get(name, "")) for name in ("total_amount", "paid_amount")}
        return {**fields, **amounts, "items": []}

    accepting = _accepts_types(lambda media_type: "form-urlencoded" in media_type)(server)
    return _repairs(read_form)(accepting)


@mutant("bodies", "requestBody.mediaType", "response.status")
def an_unknown_charset_ends_in_an_error(server: Server) -> Server:
    """`body.decode(charset)` with what Content-Type names: LookupError for utf8mb4, 500."""

    def check(headers: Headers) -> None:
        for named in re.findall(r"charset=([^;]*)", headers.get("content-type", "").lower()):
            try:
                codecs.lookup(named.strip(' "'))
            except LookupError as error:
                raise Refusal(500, str(error)) from error
        server.steps.check_media_type(headers)

    return server.with_steps(check_media_type=check)


@mutant("bodies", "requestBody.mediaType", "response.status")
def a_body_in_another_charset_than_it_says_ends_in_an_error(server: Server) -> Server:
    """`body.decode(charset)`: UnicodeDecodeError for UTF-8 that is said to be UTF-16, 500."""

    def check(headers: Headers) -> None:
        if "utf-16" in headers.get("content-type", "").lower():
            raise Refusal(500, "Unexpected")
        server.steps.check_media_type(headers)

    return server.with_steps(check_media_type=check)


@mutant("bodies", "requestBody.required", "response.status")
def a_body_without_a_chunk_is_an_internal_error(server: Server) -> Server:
    """The first chunk is looked at for the encoding; of an empty body there is only the last."""

    async def read(request: Request) -> bytes:
        body: bytes = await server.steps.read(request)
        if not body and "transfer-encoding" in request.headers:
            raise Refusal(500, "Unexpected")
        return body

    return server.with_steps(read=read)


@mutant("bodies", "201.data.*.echo")
def a_body_without_a_media_type_is_latin_1(server: Server) -> Server:
    """As HTTP had it for text of which no charset is told (RFC 2616, section 3.7.1)."""

    async def read(request: Request) -> bytes:
        body: bytes = await server.steps.read(request)
        return body if "content-type" in request.headers else body.decode("latin-1").encode()

    accepting = _accepts_types(lambda media_type: not media_type)(server)
    return accepting.with_steps(read=read)
