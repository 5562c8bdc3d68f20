"""Answers to valid invoices that are no good 201."""

import json
from collections.abc import Callable, Mapping
from itertools import count

from starlette.responses import RedirectResponse, Response

from reference.mutants.changes import lines
from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Server

Usual = Callable[..., Response]


def created(change: Callable[[Mapping[str, Json], Usual], Response]) -> Callable[[Server], Server]:
    """Bends a server so that its 201s are made from the answer by this function."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        return change(answer, usual) if status == 201 else usual(status, answer)

    return lambda server: server.responded(respond)


def _body(body: bytes | str, media_type: str = "application/json") -> Response:
    return Response(body, 201, media_type=media_type)


@mutant("success", "201.status", "*.required", "*.type", "*.maxLength", "status.enum")
def success_is_202(server: Server) -> Server:
    """Queued, says the gateway: 202 Accepted, which the document does not know."""
    return created(lambda answer, usual: usual(202, answer))(server)


@mutant("success", "201.status", "*.type")
def success_is_204(server: Server) -> Server:
    """No content: the caller never learns the id."""
    return created(lambda *_: Response(status_code=204))(server)


@mutant("success", "201.status", "*.type")
def success_is_a_redirect(server: Server) -> Server:
    """Post, redirect, get: right for a form in a browser."""
    return created(lambda answer, _: RedirectResponse(f"/v1/invoices/{answer['data']['id']}", 303))(
        server
    )


@mutant("success", "201.json")
def success_has_no_body(server: Server) -> Server:
    """201 and Content-Length 0, the id perhaps in a Location header."""
    return created(lambda *_: _body(b""))(server)


@mutant("success", "201.data.required")
def the_invoice_is_not_wrapped(server: Server) -> Server:
    """The bare invoice, without the envelope `data`."""
    return created(lambda answer, usual: usual(201, answer["data"]))(server)


@mutant("success", "201.data.type")
def the_invoice_is_in_a_list(server: Server) -> Server:
    """A bulk endpoint underneath: `data` is an array of one."""
    return created(lambda answer, usual: usual(201, {"data": [answer["data"]]}))(server)


@mutant("success", "201.type")
def the_answer_is_json_in_json(server: Server) -> Server:
    """Serialized twice: the body is one string that holds the JSON."""
    return created(lambda answer, usual: usual(201, json.dumps(answer)))(server)


@mutant("success", "201.data.type")
def data_is_json_in_json(server: Server) -> Server:
    """Serialized twice on one level: `data` is a string, as some API gateways' integrations do."""
    return created(lambda answer, usual: usual(201, {"data": json.dumps(answer["data"])}))(server)


@mutant("success", "201.json")
def the_answer_comes_twice(server: Server) -> Server:
    """Gin's c.JSON called twice for want of a `return`: two documents in one body."""
    return created(lambda answer, usual: _body(bytes(usual(201, answer).body) * 2))(server)


@mutant("success", "201.json")
def the_answer_is_pythons_repr(server: Server) -> Server:
    """`str(dict)`: single quotes, True and None."""
    return created(lambda answer, _: _body(str(dict(answer))))(server)


@mutant("success", "201.json")
def the_answer_has_a_guard_before_it(server: Server) -> Server:
    """`)]}',` against the reading of JSON as a script, which no client of an API strips."""
    return created(lambda answer, usual: _body(b")]}',\n" + bytes(usual(201, answer).body)))(server)


@mutant("success", "201.json")
def the_answer_begins_with_a_byte_order_mark(server: Server) -> Server:
    """.NET's Encoding.UTF8 writes one (RFC 8259 8.1 forbids it)."""
    return created(lambda answer, usual: _body(b"\xef\xbb\xbf" + bytes(usual(201, answer).body)))(
        server
    )


@mutant("success", "201.json")
def the_answer_is_in_latin_1(server: Server) -> Server:
    """Written in the platform's encoding: é is one byte, and no UTF-8."""
    return created(
        lambda answer, usual: _body(
            bytes(usual(201, answer).body).decode().encode("latin-1", "replace")
        )
    )(server)


@mutant("success", "201.json")
def the_answer_is_in_utf_16(server: Server) -> Server:
    """Windows' Unicode, said with a charset that JSON does not have."""
    return created(
        lambda answer, usual: _body(
            bytes(usual(201, answer).body).decode().encode("utf-16"),
            "application/json; charset=utf-16",
        )
    )(server)


@mutant("success", "201.json")
def the_answer_has_nan_in_it(server: Server) -> Server:
    """Python's json.dumps writes NaN unless told not to; strict readers stop there."""

    def with_nan(answer: Mapping[str, Json], _: Usual) -> Response:
        return _body(json.dumps({**answer, "discount": float("nan")}))

    return created(with_nan)(server)


@mutant("success", "201.mediaType")
def success_is_called_text(server: Server) -> Server:
    """`w.Write` after no header at all: Go's sniffing calls JSON text/plain."""
    return created(
        lambda answer, usual: _body(bytes(usual(201, answer).body), "text/plain; charset=utf-8")
    )(server)


@mutant("success", "201.mediaType")
def success_is_called_html(server: Server) -> Server:
    """PHP's default media type."""
    return created(lambda answer, usual: _body(bytes(usual(201, answer).body), "text/html"))(server)


@mutant("success", "201.mediaType")
def success_is_json_api(server: Server) -> Server:
    """A framework's own media type, application/vnd.api+json, which the document does not name."""
    return created(
        lambda answer, usual: _body(bytes(usual(201, answer).body), "application/vnd.api+json")
    )(server)


@mutant("success", "201.data.id.type", "201.data.id.format")
def ids_are_numbers(server: Server) -> Server:
    """The row's number leaks out in place of the UUID."""
    numbers = count(1042)
    return server.rendered(lambda data, _: {**data, "id": next(numbers)})


@mutant("success", "201.data.id.format")
def ids_are_numbers_in_text(server: Server) -> Server:
    """The same, as text."""
    numbers = count(1042)
    return server.rendered(lambda data, _: {**data, "id": str(next(numbers))})


@mutant("success", "201.data.id.unique")
def ids_are_all_zero(server: Server) -> Server:
    """uuid.Nil: the variable was declared and never filled."""
    return server.rendered(lambda data, _: {**data, "id": "00000000-0000-0000-0000-000000000000"})


@mutant("success", "201.data.id.unique")
def ids_repeat_after_a_hundred(server: Server) -> Server:
    """A pool of ids, or a random source seeded alike at each start."""
    given: list[str] = []

    def drawn(data: Json, _: Json) -> Json:
        given.append(data["id"])
        return {**data, "id": given[len(given) % 100] if len(given) > 100 else data["id"]}

    return server.rendered(drawn)


@mutant("success", "201.data.items[].id.unique", "201.data.id.unique")
def items_have_their_invoices_id(server: Server) -> Server:
    """The foreign key is answered for the key."""
    return lines(lambda item, data: {**item, "id": data["id"]})(server)


@mutant("success", "201.data.items[].id.unique")
def items_share_an_id(server: Server) -> Server:
    """A default evaluated once for all rows: uuid4() without its lambda, a classic of ORMs."""
    return lines(lambda item, data: {**item, "id": data["items"][0]["id"]})(server)


@mutant("success", "201.data.items[].id.required")
def new_items_have_no_id(server: Server) -> Server:
    """Bulk inserts give no keys back, so the answer has none."""
    return lines(lambda item, _: {key: item[key] for key in item if key != "id"})(server)


@mutant("success", "201.data.items[].product_id.type")
def items_without_a_product_have_a_null_one(server: Server) -> Server:
    """product_id stands in the answer's schema alone: unknown, it is answered null."""
    return lines(lambda item, _: {**item, "product_id": None})(server)
