"""Servers whose 201 has the wrong status, media type or shape."""

import json
from collections.abc import Callable, Mapping
from itertools import count

from starlette.responses import RedirectResponse, Response

from reference.instants import instant
from reference.mutants.mutant import mutant
from reference.mutants.operators import (
    DATES,
    MONEY,
    OPTIONAL,
    answers,
    answers_items,
)
from reference.mutants.server import Json, Mutation, Respond, Server


def _responds(change: Callable[[Mapping[str, Json], Respond], Response]) -> Mutation:
    """The server makes each 201 from the answer by this function."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        return change(answer, usual) if status == 201 else usual(status, answer)

    return lambda server: server.with_response(respond)


def _body(body: bytes | str, media_type: str = "application/json") -> Response:
    return Response(body, 201, media_type=media_type)


@mutant("acceptance/answers", "201.status", "*.required", "*.type", "*.maxLength", "status.enum")
def success_is_202(server: Server) -> Server:
    """The gateway queues the invoice and answers 202 Accepted, which the document does not list."""
    return _responds(lambda answer, usual: usual(202, answer))(server)


@mutant("acceptance/answers", "201.status", "*.type")
def success_is_204(server: Server) -> Server:
    """No content: the caller never learns the id."""
    return _responds(lambda *_: Response(status_code=204))(server)


@mutant("acceptance/answers", "201.status", "*.type")
def success_is_a_redirect(server: Server) -> Server:
    """Post, redirect, get: right for a form in a browser, wrong for an API."""
    return _responds(
        lambda answer, _: RedirectResponse(f"/v1/invoices/{answer['data']['id']}", 303)
    )(server)


@mutant("acceptance/answers", "201.json")
def success_has_no_body(server: Server) -> Server:
    """201 and Content-Length 0, the id perhaps in a Location header."""
    return _responds(lambda *_: _body(b""))(server)


@mutant("acceptance/answers", "201.data.required")
def the_invoice_is_not_wrapped(server: Server) -> Server:
    """The bare invoice, without the envelope `data`."""
    return _responds(lambda answer, usual: usual(201, answer["data"]))(server)


@mutant("acceptance/answers", "201.data.type")
def the_invoice_is_in_a_list(server: Server) -> Server:
    """A bulk endpoint underneath: `data` is an array of one."""
    return _responds(lambda answer, usual: usual(201, {"data": [answer["data"]]}))(server)


@mutant("acceptance/answers", "201.type")
def the_answer_is_json_in_json(server: Server) -> Server:
    """Serialized twice: the body is one string that holds the JSON."""
    return _responds(lambda answer, usual: usual(201, json.dumps(answer)))(server)


@mutant("acceptance/answers", "201.data.type")
def data_is_json_in_json(server: Server) -> Server:
    """Serialized twice on one level: `data` is a string, as some API gateways' integrations do."""
    return _responds(lambda answer, usual: usual(201, {"data": json.dumps(answer["data"])}))(server)


@mutant("acceptance/answers", "201.json")
def the_answer_comes_twice(server: Server) -> Server:
    """Gin's c.JSON is called twice because a `return` is missing: two documents in one body."""
    return _responds(lambda answer, usual: _body(bytes(usual(201, answer).body) * 2))(server)


@mutant("acceptance/answers", "201.json")
def the_answer_is_pythons_repr(server: Server) -> Server:
    """`str(dict)`: single quotes, True and None."""
    return _responds(lambda answer, _: _body(str(dict(answer))))(server)


@mutant("acceptance/answers", "201.json")
def the_answer_starts_with_a_script_guard(server: Server) -> Server:
    """`)]}',` keeps a browser from running JSON as a script; no client of an API strips it."""
    return _responds(lambda answer, usual: _body(b")]}',\n" + bytes(usual(201, answer).body)))(
        server
    )


@mutant("acceptance/answers", "201.json")
def the_answer_begins_with_a_byte_order_mark(server: Server) -> Server:
    """.NET's Encoding.UTF8 writes one (RFC 8259 8.1 forbids it)."""
    return _responds(lambda answer, usual: _body(b"\xef\xbb\xbf" + bytes(usual(201, answer).body)))(
        server
    )


@mutant("acceptance/answers", "201.json", "201.data.*.echo")
def the_answer_is_in_latin_1(server: Server) -> Server:
    """Written in the platform's encoding: é is one byte, which is not UTF-8, and 鍵 becomes ?."""
    return _responds(
        lambda answer, usual: _body(
            bytes(usual(201, answer).body).decode().encode("latin-1", "replace")
        )
    )(server)


@mutant("acceptance/answers", "201.json")
def the_answer_is_in_utf_16(server: Server) -> Server:
    """The Unicode of Windows, named in a charset parameter that JSON does not have."""
    return _responds(
        lambda answer, usual: _body(
            bytes(usual(201, answer).body).decode().encode("utf-16"),
            "application/json; charset=utf-16",
        )
    )(server)


@mutant("acceptance/answers", "201.json")
def the_answer_contains_nan(server: Server) -> Server:
    """Python's json.dumps writes NaN unless told not to; strict readers fail on it."""

    def with_nan(answer: Mapping[str, Json], _: Respond) -> Response:
        return _body(json.dumps({**answer, "discount": float("nan")}))

    return _responds(with_nan)(server)


@mutant("acceptance/answers", "201.mediaType")
def success_is_called_text(server: Server) -> Server:
    """`w.Write` without any header: Go guesses the media type and calls JSON text/plain."""
    return _responds(
        lambda answer, usual: _body(bytes(usual(201, answer).body), "text/plain; charset=utf-8")
    )(server)


@mutant("acceptance/answers", "201.mediaType")
def success_is_called_html(server: Server) -> Server:
    """PHP's default media type."""
    return _responds(lambda answer, usual: _body(bytes(usual(201, answer).body), "text/html"))(
        server
    )


@mutant("acceptance/answers", "201.mediaType")
def success_is_json_api(server: Server) -> Server:
    """A framework's own media type, application/vnd.api+json, which the document does not name."""
    return _responds(
        lambda answer, usual: _body(bytes(usual(201, answer).body), "application/vnd.api+json")
    )(server)


@mutant("acceptance/answers", "201.data.id.type", "201.data.id.format")
def ids_are_numbers(server: Server) -> Server:
    """The number of the database row is answered instead of a UUID."""
    numbers = count(1042)
    return server.with_data(lambda data, _: {**data, "id": next(numbers)})


@mutant("acceptance/answers", "201.data.id.format")
def ids_are_numbers_in_text(server: Server) -> Server:
    """The same, as text."""
    numbers = count(1042)
    return server.with_data(lambda data, _: {**data, "id": str(next(numbers))})


@mutant("acceptance/answers", "201.data.id.unique")
def ids_are_all_zero(server: Server) -> Server:
    """uuid.Nil: the variable was declared and never set."""
    return server.with_data(lambda data, _: {**data, "id": "00000000-0000-0000-0000-000000000000"})


@mutant("acceptance/answers", "201.data.id.unique")
def ids_repeat_after_a_hundred(server: Server) -> Server:
    """A pool of ids, or a random source with the same seed at each start."""
    given: list[str] = []

    def drawn(data: Json, _: Json) -> Json:
        given.append(data["id"])
        return {**data, "id": given[len(given) % 100] if len(given) > 100 else data["id"]}

    return server.with_data(drawn)


@mutant("acceptance/answers", "201.data.items[].id.unique", "201.data.id.unique")
def items_have_their_invoices_id(server: Server) -> Server:
    """The foreign key is answered instead of the key."""
    return answers_items(lambda item, data: {**item, "id": data["id"]})(server)


@mutant("acceptance/answers", "201.data.items[].id.unique")
def items_share_an_id(server: Server) -> Server:
    """A default evaluated once for all rows, uuid4() without its lambda: a common mistake with
    ORMs.
    """
    return answers_items(lambda item, data: {**item, "id": data["items"][0]["id"]})(server)


@mutant("acceptance/answers", "201.data.items[].id.required")
def new_items_have_no_id(server: Server) -> Server:
    """Bulk inserts return no keys, so the answer has none."""
    return answers_items(lambda item, _: {key: item[key] for key in item if key != "id"})(server)


@mutant("acceptance/answers", "201.data.items[].product_id.type")
def an_unknown_product_is_null(server: Server) -> Server:
    """product_id is only in the answer's schema; where the product is unknown, it is null."""
    return answers_items(lambda item, _: {**item, "product_id": None})(server)


@mutant("acceptance/answers", "201.data.*.type")
def dates_are_answered_as_seconds(server: Server) -> Server:
    """Seconds since 1970, as protobuf gateways and JavaScript programs write them."""

    def counted(data: Json, _: Json) -> Json:
        for name in DATES:
            if name in data:
                data[name] = int(instant(data[name]).timestamp())
        return data

    return server.with_data(counted)


@mutant("acceptance/answers", "201.data.*.type")
def money_is_answered_as_text(server: Server) -> Server:
    """Decimals of Python, Ruby and Java become strings in JSON, and so does protobuf's int64."""
    return answers(MONEY, lambda value: f"{value:.2f}")(server)


@mutant("acceptance/answers", "201.data.items[].item_total.product")
def the_item_total_is_rounded(server: Server) -> Server:
    """The product of price and quantity in whole units."""
    return answers(("item_total",), round)(server)


@mutant("acceptance/answers", "201.data.items[].item_total.product")
def the_item_total_overflows(server: Server) -> Server:
    """The product is computed in 32 bits of cents: enough for each factor, but not for it."""
    return answers(("item_total",), lambda value: round(value * 100) % 2**32 / 100)(server)


@mutant("acceptance/answers", "201.data.items[].item_total.product")
def every_item_total_is_the_sum_so_far(server: Server) -> Server:
    """The running total is answered instead of the item's own."""

    def summed(data: Json, _: Json) -> Json:
        so_far = 0.0
        for item in data["items"]:
            so_far += item["item_total"]
            item["item_total"] = so_far
        return data

    return server.with_data(summed)


@mutant("acceptance/answers", "201.data.*.type")
def absent_properties_are_null(server: Server) -> Server:
    """Pointers without omitempty, or `JSON.stringify` of nulls: the document allows no null."""
    return server.with_data(lambda data, _: {**dict.fromkeys(OPTIONAL), **data})


@mutant("acceptance/answers", "201.data.status.enum")
def an_absent_status_is_empty(server: Server) -> Server:
    """Go's zero value of a string, which is not a member of the enum."""
    return server.with_data(lambda data, _: {"status": "", **data})
