"""Servers that fall over what the document leaves open."""

import re
from collections.abc import Callable, Mapping

from starlette.responses import RedirectResponse, Response

from reference.mutants.changes import DATES, NAMES, PROPERTIES, beyond_doubles, holders
from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Server
from reference.refusal import Problem, Refusal

Usual = Callable[..., Response]
STATUS, DOCUMENTED = "response.status", "response.documented"


def falls(over: Callable[[Json], bool], status: int = 500) -> Callable[[Server], Server]:
    """Bends a server so that some invoices which it would take get this status."""

    def bend(server: Server) -> Server:
        def find_order(payload: Json, store: Json) -> Json:
            if over(payload):
                raise Refusal(status, "Unexpected")
            return server.steps.find_order(payload, store)

        return server.mutant(find_order=find_order)

    return bend


def _any(names: tuple[str, ...], wrong: Callable[[Json], bool]) -> Callable[[Json], bool]:
    return lambda payload: any(
        wrong(holder[name]) for _, holder in holders(payload) for name in names if name in holder
    )


def _met_before(name: str) -> Callable[[Json], bool]:
    """Whether an invoice has a value of this property that one before it had."""
    known: set[str] = set()

    def again(payload: Json) -> bool:
        known_before = payload[name] in known
        known.add(payload[name])
        return known_before

    return again


@mutant("open", STATUS)
def nul_is_an_internal_error(server: Server) -> Server:
    """PostgreSQL keeps no U+0000 in text: 'invalid byte sequence for encoding "UTF8": 0x00'."""
    return falls(_any(NAMES, lambda text: "\x00" in text))(server)


@mutant("open", STATUS)
def noncharacters_are_an_internal_error(server: Server) -> Server:
    """U+FFFF is no character in XML, which the export is written in."""
    return falls(_any(NAMES, lambda text: "\uffff" in text))(server)


@mutant("open", STATUS)
def a_product_beyond_doubles_is_an_internal_error(server: Server) -> Server:
    """1e308 is a number, 1000 is one, and the writer of JSON refuses Infinity."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        if beyond_doubles(payload):
            raise Refusal(500, "Unexpected")
        return problems

    return server.checked(judge)


@mutant("open", STATUS)
def no_items_are_an_internal_error(server: Server) -> Server:
    """items[0], or the average of nothing."""
    return falls(lambda payload: not payload["items"])(server)


@mutant("open", STATUS)
def a_thousand_items_are_an_internal_error(server: Server) -> Server:
    """More parameters than one INSERT may have (32,767 in PostgreSQL, 999 in old SQLite)."""
    return falls(lambda payload: len(payload["items"]) > 500)(server)


@mutant("open", STATUS)
def quantities_beyond_32_bits_are_an_internal_error(server: Server) -> Server:
    """'integer out of range', from the database and not from the check."""
    return falls(_any(("quantity",), lambda value: abs(value) >= 2**31))(server)


@mutant("open", STATUS)
def negative_quantities_are_an_internal_error(server: Server) -> Server:
    """CHECK (quantity >= 0) in the database, and no check in front of it."""
    return falls(_any(("quantity",), lambda value: value < 0))(server)


@mutant("open", STATUS)
def a_quantity_of_nothing_is_an_internal_error(server: Server) -> Server:
    """Division by zero, where the price of one is found from the price of all."""
    return falls(_any(("quantity",), lambda value: value == 0))(server)


@mutant("open", STATUS)
def a_negative_total_is_an_internal_error(server: Server) -> Server:
    """An assertion that was never to fail."""
    return falls(_any(("total_amount",), lambda value: value < 0))(server)


@mutant("open", STATUS)
def one_reference_twice_is_an_internal_error(server: Server) -> Server:
    """A UNIQUE index on the items' references, and nobody who catches its error."""

    def twice(payload: Json) -> bool:
        known = [item["reference_id"] for item in payload["items"]]
        return len(set(known)) < len(known)

    return falls(twice)(server)


@mutant("open", STATUS)
def dates_that_are_none_are_an_internal_error(server: Server) -> Server:
    """The date is parsed outside the block that catches."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        fields = {each["field"] for each in answer.get("details", ())}
        reasons = "".join(each["reason"] for each in answer.get("details", ()))
        dated = status == 400 and fields & set(DATES) and "RFC 3339" in reasons
        return usual(500 if dated else status, answer)

    return server.responded(respond)


@mutant("open", STATUS)
def a_repeated_invoice_is_an_internal_error(server: Server) -> Server:
    """The second time the number is taken: UNIQUE (invoice_number), uncaught."""
    return falls(_met_before("invoice_number"))(server)


@mutant("open", DOCUMENTED)
def a_repeated_invoice_is_a_conflict(server: Server) -> Server:
    """409, a good status, which the document does not list."""
    return falls(_met_before("reference_id"), 409)(server)


@mutant("open", DOCUMENTED)
def unknown_properties_are_unprocessable(server: Server) -> Server:
    """422 for what a strict reader does not know."""
    return falls(
        lambda payload: any(set(holder) - set(PROPERTIES) for _, holder in holders(payload)), 422
    )(server)


@mutant("open", DOCUMENTED)
def a_total_that_is_wrong_is_unprocessable(server: Server) -> Server:
    """422 for what is well formed and makes no sense: by the book of HTTP, not by the document."""

    def wrong(payload: Json) -> bool:
        total = sum(item["amount"] * item["quantity"] for item in payload["items"])
        return bool(abs(total - payload["total_amount"]) > 1e-6 * max(1.0, abs(total)))

    return falls(wrong, 422)(server)


@mutant("open", STATUS)
def odd_addresses_are_redirected(server: Server) -> Server:
    """The server follows the address it is given and hands on what it finds there: a redirect."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        url = answer.get("data", {}).get("url", "http://x")
        odd = status == 201 and not re.match("https?://", url)
        return RedirectResponse("/", 302) if odd else usual(status, answer)

    return server.responded(respond)


@mutant("open", "201.json", STATUS)
def numbers_that_are_too_large_come_back_as_infinity(server: Server) -> Server:
    """1e400 is read as infinity, kept as infinity and written as Infinity, which is no JSON."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        details = answer.get("details", ())
        infinite = status == 400 and any("finite" in each["reason"] for each in details)
        body = b'{"data":{"id":"01f5d171-d3e3-4b2b-bd57-0727194b5bed","total_amount":Infinity}}'
        return (
            Response(body, 201, media_type="application/json")
            if infinite
            else usual(status, answer)
        )

    return server.responded(respond)


@mutant("open", "201.data.status.*", "201.data.*.type")
def an_invoice_without_items_comes_back_with_null(server: Server) -> Server:
    """A nil slice is null in Go's JSON: `items` is null where it should be empty."""
    return server.rendered(lambda data, _: data if data["items"] else {**data, "items": None})


@mutant("open", "201.data.id.*", "201.data.*")
def a_callers_id_is_taken_over(server: Server) -> Server:
    """Mass assignment: what is sent as `id` becomes the id, whatever it is."""

    def assigned(data: Json, payload: Json) -> Json:
        return {**data, "id": payload["id"]} if "id" in payload else data

    return server.rendered(assigned)


@mutant("open", STATUS, "201.json")
def a_byte_order_mark_is_an_internal_error(server: Server) -> Server:
    """Python's json: 'Unexpected UTF-8 BOM', a ValueError of an unusual kind."""

    def parse(body: bytes) -> Json:
        if body.startswith(b"\xef\xbb\xbf"):
            raise Refusal(500, "Internal Server Error")
        return server.steps.parse(body)

    return server.mutant(parse=parse)
