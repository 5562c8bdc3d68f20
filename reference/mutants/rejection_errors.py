"""Refusals that do not tell what they should, or tell too much."""

import json
from collections.abc import Callable, Mapping

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Server

Usual = Callable[..., Response]
NAMES = "4xx.details.names"


def refused(change: Callable[[Json, Response], Response | Json]) -> Callable[[Server], Server]:
    """Bends a server so that a 400 becomes what is made of its HttpError and response."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        response = usual(status, answer)
        if status != 400:
            return response
        made = change(json.loads(bytes(response.body)), response)
        return made if isinstance(made, Response) else usual(400, made)

    return lambda server: server.responded(respond)


def _raw(body: bytes, media_type: str = "application/json") -> Response:
    return Response(body, 400, media_type=media_type)


@mutant("errors", "4xx.mediaType", "4xx.json")
def errors_are_pages(server: Server) -> Server:
    """Django's, Tomcat's or nginx's page for people."""
    return refused(lambda *_: HTMLResponse("<h1>Bad Request (400)</h1>", 400))(server)


@mutant("errors", "4xx.mediaType", "4xx.json")
def errors_are_a_line_of_text(server: Server) -> Server:
    """Go's http.Error."""
    return refused(lambda *_: PlainTextResponse("bad request\n", 400))(server)


@mutant("errors", "4xx.json")
def errors_are_empty(server: Server) -> Server:
    """Gin's c.AbortWithStatus(400): a status and no word."""
    return refused(lambda *_: _raw(b""))(server)


@mutant("errors", "4xx.json")
def errors_come_twice(server: Server) -> Server:
    """Gin's c.JSON without a `return` behind it: the next check writes a second document."""
    return refused(lambda _, response: _raw(bytes(response.body) * 2))(server)


@mutant("errors", "4xx.json")
def an_error_is_followed_by_the_invoice(server: Server) -> Server:
    """The handler goes on after its refusal: error and success in one body."""
    return refused(lambda _, response: _raw(bytes(response.body) + b'{"data":{}}'))(server)


@mutant("errors", "4xx.type")
def errors_are_json_in_json(server: Server) -> Server:
    """Serialized twice: one string with an HttpError in it."""
    return refused(lambda error, _: json.dumps(error))(server)


@mutant("errors", "4xx.type")
def errors_are_a_list(server: Server) -> Server:
    """Ajv's and joi's findings as they are."""
    return refused(lambda error, _: error["details"])(server)


@mutant("errors", "4xx.mediaType", "4xx.code.required")
def errors_are_problem_details(server: Server) -> Server:
    """RFC 9457, application/problem+json: a good shape, and not the documented one."""
    body = {"type": "about:blank", "title": "Bad Request", "status": 400, "errors": {"sku": ["x"]}}
    return refused(lambda *_: _raw(json.dumps(body).encode(), "application/problem+json"))(server)


@mutant("errors", "4xx.code.required", "4xx.message.required")
def errors_have_pydantics_shape(server: Server) -> Server:
    """FastAPI's own {"detail": [{"loc": ..., "msg": ...}]}."""
    return refused(
        lambda error, _: {
            "detail": [
                {"loc": ["body", each["field"]], "msg": each["reason"]} for each in error["details"]
            ]
        }
    )(server)


@mutant("errors", "4xx.code.required", "4xx.message.required")
def errors_are_wrapped(server: Server) -> Server:
    """{"error": {...}}: one envelope more than the document has."""
    return refused(lambda error, _: {"error": error})(server)


@mutant("errors", "4xx.details.type")
def details_are_an_object_by_field(server: Server) -> Server:
    """ASP.NET's and Laravel's {"field": ["reason"]}."""
    return refused(
        lambda error, _: {
            **error,
            "details": {each["field"]: [each["reason"]] for each in error["details"]},
        }
    )(server)


@mutant("errors", "4xx.details.type")
def details_are_null(server: Server) -> Server:
    """A nil slice in Go is null in JSON, and no array."""
    return refused(lambda error, _: {**error, "details": None})(server)


@mutant("errors", "4xx.details[].type")
def details_are_sentences(server: Server) -> Server:
    """A list of strings, as Rails' full_messages and Nest's class-validator give it."""
    return refused(
        lambda error, _: {**error, "details": [each["reason"] for each in error["details"]]}
    )(server)


@mutant("errors", "4xx.code.type")
def codes_are_numbers(server: Server) -> Server:
    """The HTTP status once more, as a number."""
    return refused(lambda error, _: {**error, "code": 400})(server)


@mutant("errors", "4xx.message.type")
def messages_are_lists(server: Server) -> Server:
    """Nest's ValidationPipe: `message` is an array."""
    return refused(
        lambda error, _: {**error, "message": [each["reason"] for each in error["details"]]}
    )(server)


@mutant("errors", NAMES)
def details_are_empty(server: Server) -> Server:
    """What is wrong is for the caller to find out."""
    return refused(lambda error, _: {**error, "details": []})(server)


@mutant("errors", NAMES)
def details_name_the_body(server: Server) -> Server:
    """The field is `body`, whatever is wrong."""
    return refused(_named(lambda _: "body"))(server)


@mutant("errors", NAMES)
def details_name_the_list_and_not_the_item(server: Server) -> Server:
    """`items`, says the error, and there are a hundred of them with five properties each."""
    return refused(_named(lambda field: field.partition("[")[0]))(server)


@mutant("errors", NAMES)
def details_count_items_from_one(server: Server) -> Server:
    """items[1] for the first: people count so, and pointers do not."""

    def counted(field: str) -> str:
        head, bracket, tail = field.partition("[")
        number, _, rest = tail.partition("]")
        return f"{head}[{int(number) + 1}]{rest}" if bracket else field

    return refused(_named(counted))(server)


@mutant("errors", NAMES)
def details_name_columns(server: Server) -> Server:
    """The database's names, `inv_tot_amt`, of which no document tells."""
    return refused(_named(lambda field: "col_" + "".join(filter(str.isalpha, field))[::-1]))(server)


def _named(change: Callable[[str], str]) -> Callable[[Json, Response], Json]:
    return lambda error, _: {
        **error,
        "details": [{**each, "field": change(each["field"])} for each in error["details"]],
    }


@mutant("errors", "4xx.leak")
def errors_tell_pythons_stack(server: Server) -> Server:
    """DEBUG = True in production."""
    trace = 'Traceback (most recent call last):\n  File "/srv/invoices.py", line 88, in create'
    return refused(lambda error, _: {**error, "message": trace})(server)


@mutant("errors", "4xx.leak")
def errors_tell_gos_panic(server: Server) -> Server:
    """A recovered panic, printed whole."""
    panic = "panic: runtime error: index out of range [3]\n\ngoroutine 41 [running]:"
    return refused(lambda error, _: {**error, "message": panic})(server)


@mutant("errors", "4xx.leak")
def errors_tell_javas_stack(server: Server) -> Server:
    """server.error.include-stacktrace=always."""
    trace = "java.lang.NullPointerException\n\tat com.shop.Invoices.create(Invoices.java:57)"
    return refused(lambda error, _: {**error, "trace": trace})(server)


@mutant("errors", "4xx.leak")
def errors_tell_the_query(server: Server) -> Server:
    """The database's own words: table, columns, and what was tried."""
    message = 'pq: duplicate key value violates unique constraint "invoices_pkey" (SQLSTATE 23505)'
    return refused(lambda error, _: {**error, "message": message})(server)


@mutant("errors", "*.type", "status.enum")
def wrong_types_are_an_internal_error(server: Server) -> Server:
    """`payload["sku"].strip()` on a number: nobody had thought of it."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        details = answer.get("details", ())
        untyped = any("should be a valid" in each["reason"] for each in details)
        return usual(500 if status == 400 and untyped else status, answer)

    return server.responded(respond)


@mutant("errors", "*.type", "*.required", "*.maxLength", "paid_amount.minimum", "status.enum")
def refusals_are_200(server: Server) -> Server:
    """{"code": "BAD_REQUEST"} under 200 OK: every client takes it for success."""
    return refused(lambda _, response: Response(response.body, 200, media_type="application/json"))(
        server
    )


@mutant("errors", "4xx.status")
def too_long_text_is_413(server: Server) -> Server:
    """Content Too Large, for a field that is: 413 is for bodies."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        long = any("at most 255" in each["reason"] for each in answer.get("details", ()))
        return usual(413 if status == 400 and long else status, answer)

    return server.responded(respond)
