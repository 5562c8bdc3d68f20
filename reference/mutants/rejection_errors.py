"""Servers whose errors have the wrong status or shape, or say too little or too much."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from reference.mutants.mutant import mutant
from reference.mutants.operators import LIMITED, answers_otherwise, fails_to_read, reads_text
from reference.mutants.server import Json, Mutation, Respond, Server
from reference.refusal import Problem

NAMES = "4xx.details.names"


def _refuses_with(change: Callable[[Json, Response], Response | Json]) -> Mutation:
    """The server answers, for each 400, what this function makes of its HttpError and response."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        response = usual(status, answer)
        if status != 400:
            return response
        made = change(json.loads(bytes(response.body)), response)
        return made if isinstance(made, Response) else usual(400, made)

    return lambda server: server.with_response(respond)


def _raw(body: bytes, media_type: str = "application/json") -> Response:
    return Response(body, 400, media_type=media_type)


@mutant("rejection/errors", "4xx.mediaType", "4xx.json")
def errors_are_html(server: Server) -> Server:
    """The error page of Django, Tomcat or nginx, made for people."""
    return _refuses_with(lambda *_: HTMLResponse("<h1>Bad Request (400)</h1>", 400))(server)


@mutant("rejection/errors", "4xx.mediaType", "4xx.json")
def errors_are_a_line_of_text(server: Server) -> Server:
    """Go's http.Error."""
    return _refuses_with(lambda *_: PlainTextResponse("bad request\n", 400))(server)


@mutant("rejection/errors", "4xx.json")
def errors_are_empty(server: Server) -> Server:
    """Gin's c.AbortWithStatus(400): a status and no body."""
    return _refuses_with(lambda *_: _raw(b""))(server)


@mutant("rejection/errors", "4xx.json")
def errors_come_twice(server: Server) -> Server:
    """Gin's c.JSON without a `return` after it: the next check writes a second document."""
    return _refuses_with(lambda _, response: _raw(bytes(response.body) * 2))(server)


@mutant("rejection/errors", "4xx.json")
def an_error_is_followed_by_the_invoice(server: Server) -> Server:
    """The handler goes on after it has refused: error and success in one body."""
    return _refuses_with(lambda _, response: _raw(bytes(response.body) + b'{"data":{}}'))(server)


@mutant("rejection/errors", "4xx.type")
def errors_are_json_in_json(server: Server) -> Server:
    """Serialized twice: one string that contains an HttpError."""
    return _refuses_with(lambda error, _: json.dumps(error))(server)


@mutant("rejection/errors", "4xx.type")
def errors_are_a_list(server: Server) -> Server:
    """The findings of Ajv or joi as they are."""
    return _refuses_with(lambda error, _: error["details"])(server)


@mutant("rejection/errors", "4xx.mediaType", "4xx.code.required")
def errors_are_problem_details(server: Server) -> Server:
    """RFC 9457, application/problem+json: a good shape, but not the documented one."""
    body = {"type": "about:blank", "title": "Bad Request", "status": 400, "errors": {"sku": ["x"]}}
    return _refuses_with(lambda *_: _raw(json.dumps(body).encode(), "application/problem+json"))(
        server
    )


@mutant("rejection/errors", "4xx.code.required", "4xx.message.required")
def errors_have_pydantics_shape(server: Server) -> Server:
    """FastAPI's own {"detail": [{"loc": ..., "msg": ...}]}."""
    return _refuses_with(
        lambda error, _: {
            "detail": [
                {"loc": ["body", each["field"]], "msg": each["reason"]} for each in error["details"]
            ]
        }
    )(server)


@mutant("rejection/errors", "4xx.code.required", "4xx.message.required")
def errors_are_wrapped(server: Server) -> Server:
    """{"error": {...}}: an envelope that the document does not have."""
    return _refuses_with(lambda error, _: {"error": error})(server)


@mutant("rejection/errors", "4xx.details.type")
def details_are_an_object_by_field(server: Server) -> Server:
    """ASP.NET's and Laravel's {"field": ["reason"]}."""
    return _refuses_with(
        lambda error, _: {
            **error,
            "details": {each["field"]: [each["reason"]] for each in error["details"]},
        }
    )(server)


@mutant("rejection/errors", "4xx.details.type")
def details_are_null(server: Server) -> Server:
    """A nil slice in Go is null in JSON, not an array."""
    return _refuses_with(lambda error, _: {**error, "details": None})(server)


@mutant("rejection/errors", "4xx.details[].type")
def details_are_sentences(server: Server) -> Server:
    """A list of strings, as from Rails' full_messages and Nest's class-validator."""
    return _refuses_with(
        lambda error, _: {**error, "details": [each["reason"] for each in error["details"]]}
    )(server)


@mutant("rejection/errors", "4xx.code.type")
def codes_are_numbers(server: Server) -> Server:
    """The HTTP status once more, as a number."""
    return _refuses_with(lambda error, _: {**error, "code": 400})(server)


@mutant("rejection/errors", "4xx.message.type")
def messages_are_lists(server: Server) -> Server:
    """Nest's ValidationPipe: `message` is an array."""
    return _refuses_with(
        lambda error, _: {**error, "message": [each["reason"] for each in error["details"]]}
    )(server)


@mutant("rejection/errors", NAMES)
def details_are_empty(server: Server) -> Server:
    """The caller has to find out what is wrong."""
    return _refuses_with(lambda error, _: {**error, "details": []})(server)


@mutant("rejection/errors", NAMES)
def details_name_the_body(server: Server) -> Server:
    """The field is `body`, whatever is wrong."""
    return _refuses_with(_names(lambda _: "body"))(server)


@mutant("rejection/errors", NAMES)
def details_name_the_list_and_not_the_item(server: Server) -> Server:
    """`items`, although there are a hundred of them with five properties each."""
    return _refuses_with(_names(lambda field: field.partition("[")[0]))(server)


@mutant("rejection/errors", NAMES)
def details_count_items_from_one(server: Server) -> Server:
    """items[1] for the first one: people count like this, but paths do not."""

    def counted(field: str) -> str:
        head, bracket, tail = field.partition("[")
        number, _, rest = tail.partition("]")
        return f"{head}[{int(number) + 1}]{rest}" if bracket else field

    return _refuses_with(_names(counted))(server)


@mutant("rejection/errors", NAMES)
def details_name_columns(server: Server) -> Server:
    """The names of the database, `inv_tot_amt`, which are in no document."""
    return _refuses_with(_names(lambda field: "col_" + "".join(filter(str.isalpha, field))[::-1]))(
        server
    )


def _names(change: Callable[[str], str]) -> Callable[[Json, Response], Json]:
    return lambda error, _: {
        **error,
        "details": [{**each, "field": change(each["field"])} for each in error["details"]],
    }


@mutant("rejection/errors", "4xx.leak")
def errors_show_pythons_stack(server: Server) -> Server:
    """DEBUG = True in production."""
    trace = 'Traceback (most recent call last):\n  File "/srv/invoices.py", line 88, in create'
    return _refuses_with(lambda error, _: {**error, "message": trace})(server)


@mutant("rejection/errors", "4xx.leak")
def errors_show_gos_panic(server: Server) -> Server:
    """A recovered panic, printed in full."""
    panic = "panic: runtime error: index out of range [3]\n\ngoroutine 41 [running]:"
    return _refuses_with(lambda error, _: {**error, "message": panic})(server)


@mutant("rejection/errors", "4xx.leak")
def errors_show_javas_stack(server: Server) -> Server:
    """server.error.include-stacktrace=always."""
    trace = "java.lang.NullPointerException\n\tat com.shop.Invoices.create(Invoices.java:57)"
    return _refuses_with(lambda error, _: {**error, "trace": trace})(server)


@mutant("rejection/errors", "4xx.leak")
def errors_show_rusts_panic(server: Server) -> Server:
    """`unwrap()` under a `catch_unwind` that shows what it caught."""
    panic = "thread 'worker' panicked at src/invoices.rs:57:48: called `Option::unwrap()`"
    return _refuses_with(lambda error, _: {**error, "message": panic})(server)


@mutant("rejection/errors", "4xx.leak")
def errors_show_elixirs_frame(server: Server) -> Server:
    """The first line of a stack, as the reason of a field."""
    frame = "(ecto 3.11.1) lib/ecto/type.ex:948: Ecto.Type.cast/2"

    def told(error: Json, _: Response) -> Json:
        return {**error, "details": [{**one, "reason": frame} for one in error["details"]]}

    return _refuses_with(told)(server)


@mutant("rejection/errors", "4xx.leak")
def errors_show_another_service(server: Server) -> Server:
    """The address of the database, where it did not answer in time."""
    words = "dial tcp 10.0.3.7:5432: connect: connection refused"
    return _refuses_with(lambda error, _: {**error, "message": words})(server)


@mutant("rejection/errors", "4xx.leak")
def errors_show_the_query(server: Server) -> Server:
    """The error of the database: its table, its columns and what was tried."""
    message = 'pq: duplicate key value violates unique constraint "invoices_pkey" (SQLSTATE 23505)'
    return _refuses_with(lambda error, _: {**error, "message": message})(server)


@mutant("rejection/errors", "4xx.leak")
def errors_have_the_fields_of_a_debugger(server: Server) -> Server:
    """Symfony's, where debug was left on: the file and the line, beside a body without them."""
    fields = {"x-debug-exception-file": "/var/www/html/src/InvoiceController.php:57"}
    return _refuses_with(
        lambda error, response: JSONResponse(error, response.status_code, headers=fields)
    )(server)


@mutant("rejection/errors", "*.type", "status.enum")
def wrong_types_are_an_internal_error(server: Server) -> Server:
    """`payload["sku"].strip()` on a number, which nobody expected."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        details = answer.get("details", ())
        wrong_type = any("should be a valid" in each["reason"] for each in details)
        return usual(500 if status == 400 and wrong_type else status, answer)

    return server.with_response(respond)


@mutant(
    "rejection/errors", "*.type", "*.required", "*.maxLength", "paid_amount.minimum", "status.enum"
)
def refusals_are_200(server: Server) -> Server:
    """{"code": "BAD_REQUEST"} with 200 OK: every client takes it for success."""
    return _refuses_with(
        lambda _, response: Response(response.body, 200, media_type="application/json")
    )(server)


@mutant("rejection/errors", "4xx.status")
def too_long_text_is_413(server: Server) -> Server:
    """Content Too Large for a field, although 413 is for bodies."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        long = any("at most 255" in each["reason"] for each in answer.get("details", ()))
        return usual(413 if status == 400 and long else status, answer)

    return server.with_response(respond)


@mutant("rejection", "*.maxLength", "response.status")
def a_brace_in_a_text_that_is_too_long_is_an_internal_error(server: Server) -> Server:
    """The text goes into the format of the message: `"{} is too long".format()` of it fails."""

    def breaks(value: dict[str, Json]) -> bool:
        texts = (value[name] for name in LIMITED if isinstance(value.get(name), str))
        return any(len(text) > 255 and "{" in text for text in texts)

    return fails_to_read(breaks)(server)


@mutant("rejection", "*.maxLength")
def length_is_counted_without_tags(server: Server) -> Server:
    """`strip_tags` before the check: a text of more characters fits."""

    def short(text: str) -> str:
        stripped = re.sub(r"<[^>]*>", "", text)
        return stripped if len(stripped) <= 255 < len(text) else text

    return reads_text(LIMITED, short)(server)


@mutant("rejection", "*.maxLength")
def length_is_counted_without_escapes(server: Server) -> Server:
    """Backslashes and percent escapes are resolved before the check."""

    def short(text: str) -> str:
        plain = unquote(re.sub(r"\\\\(.)", r"\1", text))
        return plain if len(plain) <= 255 < len(text) else text

    return reads_text(LIMITED, short)(server)


@mutant("rejection", "4xx.json")
def an_error_is_a_page_where_a_query_asks_for_debugging(server: Server) -> Server:
    """Werkzeug's debugger, or XDEBUG_SESSION_START, in front of the errors of the application."""

    def judged(request: Request, status: int, _body: bytes) -> Response | None:
        asks = request.url.query.partition("=")[0].lower().startswith(("debug", "xdebug"))
        return HTMLResponse("<h1>Bad Request</h1>", 400) if status == 400 and asks else None

    return server.with_layers(answers_otherwise(judged))


@mutant("rejection", "4xx.*")
def an_error_has_no_message_in_a_language_without_one(server: Server) -> Server:
    """Arabic and Persian are not translated yet: the text of the message is the empty one."""

    def judged(request: Request, status: int, body: bytes) -> Response | None:
        language = request.headers.get("accept-language", "")[:2]
        if status != 400 or language not in ("ar", "fa"):
            return None
        return JSONResponse({**json.loads(body), "message": ""}, 400)

    return server.with_layers(answers_otherwise(judged))


@mutant("rejection/errors", "4xx.mediaType", "4xx.code.required", "4xx.message.required")
def errors_are_problems_where_a_client_can_read_them(server: Server) -> Server:
    """Whoever names problem documents in Accept gets one, however little it is wanted."""

    def change(request: Request, status: int, _: bytes) -> Response | None:
        asked = "problem+json" in request.headers.get("accept", "")
        problem = {"title": "Bad Request", "status": status}
        return JSONResponse(problem, status) if asked and 400 <= status < 500 else None

    return server.with_layers(answers_otherwise(change))


def _repeats(words: str, cut: Callable[[str], bytes], path: str) -> Mutation:
    """An error about this property repeats the text that was sent, as far as this goes."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        details = answer.get("details") or [{}]
        text = details[0].get("reason", "") if isinstance(details, list) else ""
        if status != 400 or not text.startswith(_SENT) or details[0].get("field") != path:
            return usual(status, answer)
        message = cut(f"{words} '{text.removeprefix(_SENT)}")
        body = json.dumps({"code": "INVALID", "message": "<>", "details": details[:1]})
        body = body.replace(json.dumps(text), '"is wrong"')
        return _raw(body.encode().replace(b"<>", message + b"..."))

    def judged(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        value = payload.get(path) if isinstance(payload, dict) else None
        mine = [one for one in problems if one.field == path]
        if mine and isinstance(value, str) and value.isprintable() and not {*value} & {*'"\\'}:
            return (replace(mine[0], reason=f"{_SENT}{value}"),)
        return problems

    return lambda server: server.with_problems(judged).with_response(respond)


_SENT = "sent: "


@mutant("rejection/errors", "4xx.json")
def a_status_that_is_unknown_is_repeated_and_cut_by_bytes(server: Server) -> Server:
    """`message[:64]` of bytes in C or Go: it may end within a character."""
    return _repeats("status", lambda text: text.encode()[:64], "status")(server)
