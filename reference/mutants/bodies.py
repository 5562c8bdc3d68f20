"""Servers that take bodies for JSON which are none, or fall over them."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.datastructures import Headers

from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Server
from reference.refusal import Problem, Refusal

JSON = "requestBody.json"
NUMBER = re.compile(rb'(?<=":)(NaN|-?Infinity)')


def spelled(change: Callable[[bytes], bytes]) -> Callable[[Server], Server]:
    """Bends a server so that a body is changed before it is parsed."""
    return lambda server: server.mutant(parse=lambda body: server.steps.parse(change(body)))


def rescued(mend: Callable[[str], Json]) -> Callable[[Server], Server]:
    """Bends a server so that what it cannot parse is tried otherwise; ValueError where not."""

    def bend(server: Server) -> Server:
        def lenient(body: bytes) -> Json:
            try:
                return server.steps.parse(body)
            except Refusal as refusal:
                try:
                    return mend(body.decode())
                except (ValueError, RecursionError):
                    raise refusal from None

        return server.mutant(parse=lenient)

    return bend


@mutant("bodies", JSON)
def comments_are_taken(server: Server) -> Server:
    """JSON5, Jackson's ALLOW_COMMENTS, Json.NET by default."""
    comment = re.compile(r"/\*.*?\*/|//[^\n\"]*\n|#[^\n\"]*\n", re.DOTALL)
    return rescued(lambda text: json.loads(comment.sub("", text)))(server)


@mutant("bodies", JSON)
def commas_at_the_end_are_taken(server: Server) -> Server:
    """JSON5, System.Text.Json's AllowTrailingCommas, JavaScript's own objects."""
    return rescued(lambda text: json.loads(re.sub(r",([}\]])", r"\1", text)))(server)


@mutant("bodies", JSON)
def single_quotes_are_taken(server: Server) -> Server:
    """Python's ast.literal_eval, Json.NET by default."""
    return rescued(lambda text: json.loads(text.replace("'", '"')))(server)


@mutant("bodies", JSON)
def names_without_quotes_are_taken(server: Server) -> Server:
    """Read as YAML or by JavaScript's eval, of which JSON is nearly a part."""
    return rescued(lambda text: json.loads(re.sub(r"([{,])(\w+):", r'\1"\2":', text)))(server)


@mutant("bodies", JSON)
def nan_is_taken_for_a_number(server: Server) -> Server:
    """Python's json.loads by default: NaN and Infinity are read, and become what they become."""
    return spelled(lambda body: NUMBER.sub(b"1", body))(server)


@mutant("bodies", JSON)
def zeros_before_a_number_are_taken(server: Server) -> Server:
    """A reader built on strtol or parseFloat."""
    return spelled(lambda body: re.sub(rb'(?<=":)[+0]+(?=[1-9])', b"", body))(server)


@mutant("bodies", JSON)
def raw_control_characters_are_taken(server: Server) -> Server:
    """Python's strict=False, many readers in C: a line break in the middle of a string."""
    return rescued(lambda text: json.loads(text, strict=False))(server)


@mutant("bodies", JSON)
def unknown_escapes_are_taken(server: Server) -> Server:
    """Escapes of JavaScript that JSON does not have."""
    return spelled(lambda body: re.sub(rb"\\(x41|')", b"", body))(server)


@mutant("bodies", JSON)
def what_follows_the_first_document_is_ignored(server: Server) -> Server:
    """Go's json.Decoder.Decode reads one value and leaves the rest: a second invoice, garbage."""
    return rescued(lambda text: json.JSONDecoder().raw_decode(text.lstrip())[0])(server)


@mutant("bodies", JSON)
def a_torn_body_is_completed(server: Server) -> Server:
    """A streaming reader that is content with what it has got when the stream ends."""
    return rescued(lambda text: json.loads(text + "}"))(server)


@mutant("bodies", "requestBody.utf8")
def bytes_that_are_no_utf_8_are_replaced(server: Server) -> Server:
    """Go's encoding/json puts U+FFFD for invalid UTF-8 and says nothing."""
    return spelled(lambda body: body.decode(errors="replace").encode())(server)


@mutant("bodies", "requestBody.utf8", JSON)
def utf_16_is_taken(server: Server) -> Server:
    """json.loads(bytes) in Python and Jackson detect UTF-16 and UTF-32 by their zero bytes."""
    return spelled(
        lambda body: body.decode(json.detect_encoding(body), "replace").lstrip("\ufeff").encode()
    )(server)


@mutant("bodies", "requestBody.utf8")
def overlong_utf_8_is_taken(server: Server) -> Server:
    """A decoder written by hand reads C0 AF as a slash: an old way past filters."""
    return spelled(lambda body: body.replace(b"\xc0\xaf", b"/"))(server)


@mutant("bodies", "requestBody.required")
def no_body_is_an_internal_error(server: Server) -> Server:
    """`io.EOF` is not among the errors that somebody thought of."""
    return failing(lambda body: not body.strip())(server)


@mutant("bodies", "body.type")
def a_null_body_is_an_internal_error(server: Server) -> Server:
    """Decoded without an error into a nil pointer, and then used."""
    return failing(lambda body: body.strip() == b"null")(server)


@mutant("bodies", "body.type")
def a_list_for_a_body_is_an_internal_error(server: Server) -> Server:
    """`payload.get` on a list: AttributeError, TypeError, undefined is not a function."""
    return failing(lambda body: body.lstrip()[:1] == b"[")(server)


@mutant("bodies", JSON)
def what_is_no_json_is_an_internal_error(server: Server) -> Server:
    """The syntax error is caught by the framework, which knows only 500 for it."""

    def parse(body: bytes) -> Json:
        try:
            return server.steps.parse(body)
        except Refusal as refusal:
            raise Refusal(500, "Internal Server Error") from refusal

    return server.mutant(parse=parse)


@mutant("bodies", "body.type", JSON, "response.status", "requestBody.*")
def deep_nesting_is_an_internal_error(server: Server) -> Server:
    """A recursive reader meets 100,000 brackets: RecursionError, a stack overflow, or worse."""
    return failing(lambda body: b"[" * 90_000 in body)(server)


@mutant("bodies", "*.maxLength", "requestBody.*")
def a_long_body_is_an_internal_error(server: Server) -> Server:
    """The proxy's limit becomes the application's broken pipe."""

    async def read(request: Json) -> bytes:
        try:
            return await server.steps.read(request)
        except Refusal as refusal:
            raise Refusal(500, "Internal Server Error") from refusal

    return server.mutant(read=read)


def failing(fails: Callable[[bytes], bool]) -> Callable[[Server], Server]:
    """Bends a server so that some bodies are answered with 500."""

    def bend(server: Server) -> Server:
        def parse(body: bytes) -> Json:
            if fails(body):
                raise Refusal(500, "Internal Server Error")
            return server.steps.parse(body)

        return server.mutant(parse=parse)

    return bend


@mutant("bodies", JSON, "4xx.status")
def what_is_no_json_is_unprocessable(server: Server) -> Server:
    """FastAPI and Rails' strong parameters answer 422 where the document says 400."""

    def parse(body: bytes) -> Json:
        try:
            return server.steps.parse(body)
        except Refusal as refusal:
            raise Refusal(400, refusal.message, (Problem((), "json", "422"),)) from refusal

    def respond(status: int, answer: Json, usual: Json) -> Json:
        unread = status == 400 and answer.get("details") == [{"field": "body", "reason": "422"}]
        return usual(422 if unread else status, answer)

    return server.mutant(parse=parse).responded(respond)


@mutant("bodies", "requestBody.mediaType")
def text_is_taken_for_json(server: Server) -> Server:
    """A form in a browser can send text/plain anywhere without asking first: what reads JSON from
    it can be attacked from any page.
    """
    return typed(lambda media_type: media_type.startswith("text/"))(server)


@mutant("bodies", "requestBody.mediaType")
def media_types_are_matched_by_their_beginning(server: Server) -> Server:
    """`startswith("application/json")` also takes application/jsonx."""
    return typed(lambda media_type: media_type.startswith("application/json"))(server)


@mutant("bodies", "requestBody.mediaType")
def any_application_will_do(server: Server) -> Server:
    """Only forms and text are refused, by a list of what is forbidden."""
    return typed(lambda media_type: media_type.startswith("application/"))(server)


def typed(taken: Callable[[str], bool]) -> Callable[[Server], Server]:
    """Bends a server so that other media types are taken for JSON."""

    def bend(server: Server) -> Server:
        def check(headers: Headers) -> None:
            if not taken(headers.get("content-type", "").lower()):
                server.steps.check_media_type(headers)

        return server.mutant(check_media_type=check)

    return bend


@mutant("bodies", JSON)
def forms_are_taken(server: Server) -> Server:
    """A framework that reads forms and JSON into one dictionary."""
    mutant = typed(lambda media_type: "form-urlencoded" in media_type)(server)

    def form(text: str) -> Json:
        fields: dict[str, Json] = dict(parse_qsl(text, strict_parsing=True))
        amounts = {name: float(fields.get(name, "")) for name in ("total_amount", "paid_amount")}
        return {**fields, **amounts, "items": []}

    return rescued(form)(mutant)
