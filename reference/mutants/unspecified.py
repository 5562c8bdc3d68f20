"""Servers that fail on what the document leaves open."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from starlette.responses import RedirectResponse, Response

from reference.mutants.mutant import mutant
from reference.mutants.operators import (
    DATES,
    PROPERTIES,
    TEXTS,
    exceeds_doubles,
    fails_to_read,
    objects,
)
from reference.mutants.server import Json, Mutation, Respond, Server
from reference.refusal import Problem, Refusal

STATUS, DOCUMENTED = "response.status", "response.documented"


def _fails(on: Callable[[Json], bool], status: int = 500) -> Mutation:
    """The server answers this status to some invoices that the reference accepts."""

    def mutate(server: Server) -> Server:
        def find_order(payload: Json, store: Json) -> Json:
            if on(payload):
                raise Refusal(status, "Unexpected")
            return server.steps.find_order(payload, store)

        return server.with_steps(find_order=find_order)

    return mutate


def _any_value(names: tuple[str, ...], wrong: Callable[[Json], bool]) -> Callable[[Json], bool]:
    return lambda payload: any(
        wrong(holder[name]) for _, holder in objects(payload) for name in names if name in holder
    )


def _repeats(name: str) -> Callable[[Json], bool]:
    """Whether an invoice has the value of this property that an earlier one had."""
    known: set[str] = set()

    def again(payload: Json) -> bool:
        known_before = payload[name] in known
        known.add(payload[name])
        return known_before

    return again


@mutant("unspecified", STATUS)
def nul_is_an_internal_error(server: Server) -> Server:
    """PostgreSQL keeps no U+0000 in text: 'invalid byte sequence for encoding "UTF8": 0x00'."""
    return _fails(_any_value(TEXTS, lambda text: "\x00" in text))(server)


@mutant("unspecified", STATUS)
def half_a_pair_in_a_url_is_an_internal_error(server: Server) -> Server:
    """The URL is made bytes, which half of a surrogate pair cannot be: a UnicodeEncodeError."""
    return fails_to_read(lambda payload: "\ud800" in str(payload.get("url")))(server)


@mutant("unspecified", STATUS)
def noncharacters_are_an_internal_error(server: Server) -> Server:
    """The invoice is exported as XML, in which U+FFFF is not allowed."""
    return _fails(_any_value(TEXTS, lambda text: "\uffff" in text))(server)


@mutant("unspecified", STATUS)
def a_product_beyond_doubles_is_an_internal_error(server: Server) -> Server:
    """1e308 times 1000 is infinite, which the JSON writer refuses."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        if exceeds_doubles(payload):
            raise Refusal(500, "Unexpected")
        return problems

    return server.with_problems(judge)


@mutant("unspecified", STATUS)
def an_integer_that_python_does_not_read_is_an_internal_error(server: Server) -> Server:
    """4,300 digits are its limit, and its error is none of JSON: Starlette expects no other."""
    parse = server.steps.parse

    def parsed(body: bytes) -> Json:
        if re.search(rb"[:,\[]\s*-?[0-9]{4301}", body):
            raise Refusal(500, "Unexpected")
        return parse(body)

    return server.with_steps(parse=parsed)


@mutant("unspecified", STATUS)
def an_invoice_without_items_is_an_internal_error(server: Server) -> Server:
    """items[0], or the average of an empty list."""
    return _fails(lambda payload: not payload["items"])(server)


@mutant("unspecified", STATUS)
def a_thousand_items_are_an_internal_error(server: Server) -> Server:
    """More parameters than one INSERT may have (32,767 in PostgreSQL, 999 in old SQLite)."""
    return _fails(lambda payload: len(payload["items"]) > 500)(server)


@mutant("unspecified", STATUS)
def quantities_beyond_32_bits_are_an_internal_error(server: Server) -> Server:
    """'integer out of range', raised by the database and not by a check."""
    return _fails(_any_value(("quantity",), lambda value: abs(value) >= 2**31))(server)


@mutant("unspecified", "4xx.leak")
def the_words_of_a_database_on_64_bits_are_shown(server: Server) -> Server:
    """A number beyond its column is refused in the words of the driver."""
    words = "psycopg2.errors.NumericValueOutOfRange: bigint out of range"

    def judge(_: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        return tuple(
            replace(one, reason=words) if one.kind == "less_than_equal" else one for one in problems
        )

    return server.with_problems(judge)


@mutant("unspecified", STATUS)
def negative_quantities_are_an_internal_error(server: Server) -> Server:
    """CHECK (quantity >= 0) in the database, and no check in front of it."""
    return _fails(_any_value(("quantity",), lambda value: value < 0))(server)


@mutant("unspecified", STATUS)
def a_quantity_of_zero_is_an_internal_error(server: Server) -> Server:
    """Division by zero, where the price of one piece is computed from the price of all."""
    return _fails(_any_value(("quantity",), lambda value: value == 0))(server)


@mutant("unspecified", STATUS)
def a_negative_total_is_an_internal_error(server: Server) -> Server:
    """An assertion that was never meant to fail."""
    return _fails(_any_value(("total_amount",), lambda value: value < 0))(server)


@mutant("unspecified", STATUS)
def a_repeated_item_reference_is_an_internal_error(server: Server) -> Server:
    """A UNIQUE index on the items' references, whose error nobody catches."""

    def twice(payload: Json) -> bool:
        known = [item["reference_id"] for item in payload["items"]]
        return len(set(known)) < len(known)

    return _fails(twice)(server)


@mutant("unspecified", STATUS)
def invalid_dates_are_an_internal_error(server: Server) -> Server:
    """The date is parsed outside the block that catches the error."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        fields = {each["field"] for each in answer.get("details", ())}
        reasons = "".join(each["reason"] for each in answer.get("details", ()))
        dated = status == 400 and fields & set(DATES) and "RFC 3339" in reasons
        return usual(500 if dated else status, answer)

    return server.with_response(respond)


@mutant("unspecified", STATUS)
def instants_beyond_the_calendar_are_an_internal_error(server: Server) -> Server:
    """Made UTC, the last day of 9999 at -01:00 is in the year 10000: an OverflowError in Python."""
    beyond = re.compile(r"9999-12-31T23.*-\d\d:\d\d|0001-01-01T00.*\+.*")
    return _fails(_any_value(DATES, lambda text: beyond.fullmatch(text) is not None))(server)


def _sent_id(data: Json, payload: Json) -> Json:
    sent = payload.get("id")
    return {**data, "id": sent} if isinstance(sent, str) else data


@mutant("unspecified", "201.data.id.*")
def a_sent_id_is_the_invoices(server: Server) -> Server:
    """Mass assignment: the row is made of the payload, and its id is only filled in."""
    return server.with_data(_sent_id)


@mutant("unspecified", "201.data.items*.id.*")
def a_sent_id_is_the_items(server: Server) -> Server:
    """The same of each item."""
    return server.with_data(
        lambda data, payload: {
            **data,
            "items": list(map(_sent_id, data["items"], payload["items"])),
        }
    )


@mutant("unspecified", STATUS)
def a_repeated_invoice_is_an_internal_error(server: Server) -> Server:
    """UNIQUE (invoice_number): the second time its error is not caught."""
    return _fails(_repeats("invoice_number"))(server)


@mutant("unspecified", DOCUMENTED, "201.status")
def a_repeated_invoice_is_a_conflict(server: Server) -> Server:
    """409, a good status that the document does not list."""
    return _fails(_repeats("reference_id"), 409)(server)


@mutant("unspecified", DOCUMENTED)
def unknown_properties_are_unprocessable(server: Server) -> Server:
    """422 for a property that a strict reader does not know."""
    return _fails(
        lambda payload: any(set(holder) - set(PROPERTIES) for _, holder in objects(payload)), 422
    )(server)


def _unknown(payload: Json) -> Iterator[Json]:
    """The values of all properties that are not in the document."""
    for _, holder in objects(payload):
        yield from (value for name, value in holder.items() if name not in PROPERTIES)


@mutant("unspecified", STATUS)
def unknown_lists_of_objects_are_an_internal_error(server: Server) -> Server:
    """What is not known is kept as texts and lists of texts."""

    def has_objects(value: Json) -> bool:
        return isinstance(value, list) and any(isinstance(one, dict) for one in value)

    return _fails(lambda payload: any(map(has_objects, _unknown(payload))))(server)


@mutant("unspecified", "201.data.items[].amount.echo", "201.data.items*")
def a_discount_of_an_item_is_taken_off(server: Server) -> Server:
    """The mapper knows the property of another interface, in percent."""

    def cut(item: Json, sent: Json) -> Json:
        discount = sent.get("discount")
        if not isinstance(discount, int | float) or isinstance(discount, bool):
            return item
        return {**item, "amount": round(item["amount"] * (1 - discount / 100), 2)}

    return server.with_data(
        lambda data, payload: {**data, "items": list(map(cut, data["items"], payload["items"]))}
    )


@mutant("unspecified", "201.data.total_amount.echo", "201.data.paid_amount.echo")
def a_currency_converts_the_amounts(server: Server) -> Server:
    """All amounts are kept in one currency, and come back in it."""

    def converted(data: Json, payload: Json) -> Json:
        if not isinstance(payload.get("currency"), str) or payload["currency"] == "USD":
            return data
        amounts = ("total_amount", "paid_amount")
        return {**data, **{name: round(data[name] * 1.08, 2) for name in amounts}}

    return server.with_data(converted)


@mutant("unspecified", "201.data.*.echo")
def amounts_in_yen_have_no_fraction(server: Server) -> Server:
    """What the currency does not have is rounded away."""

    def whole(data: Json, payload: Json) -> Json:
        if payload.get("currency") != "JPY":
            return data
        items = [{**item, "amount": round(item["amount"])} for item in data["items"]]
        return {**data, "total_amount": round(data["total_amount"]), "items": items}

    return server.with_data(whole)


@mutant("unspecified", "201.data.status.*")
def states_are_told_in_french(server: Server) -> Server:
    """An invoice in a language comes back in it, its state as well."""
    words = {"PENDING": "EN ATTENTE", "PAID": "PAY\u00c9", "PARTIALLY_PAID": "ACOMPTE"}
    return server.with_data(
        lambda data, payload: (
            {**data, "status": words.get(str(data.get("status")), data.get("status"))}
            if payload.get("language") == "fr"
            else data
        )
    )


@mutant("unspecified", "201.data.paid_amount.echo")
def a_deposit_is_paid(server: Server) -> Server:
    """What was paid before counts towards what is paid."""

    def added(data: Json, payload: Json) -> Json:
        deposit = payload.get("deposit")
        is_number = isinstance(deposit, int | float) and not isinstance(deposit, bool)
        return {**data, "paid_amount": data["paid_amount"] + deposit} if is_number else data

    return server.with_data(added)


@mutant("unspecified", "201.data.status.*")
def a_void_invoice_has_another_state(server: Server) -> Server:
    """A flag of another interface sets the state."""
    return server.with_data(
        lambda data, payload: {**data, "status": "VOID"} if payload.get("void") is True else data
    )


@mutant("unspecified", STATUS)
def an_item_with_a_length_is_an_internal_error(server: Server) -> Server:
    """`_.isArrayLike`, `Array.from`: a hundred elements are read of an item that has none."""
    return _fails(lambda payload: any("length" in item for item in payload["items"]))(server)


@mutant("unspecified", DOCUMENTED)
def a_wrong_total_is_unprocessable(server: Server) -> Server:
    """422 for an invoice that is well formed but wrong: HTTP has that status, the document does
    not.
    """

    def wrong(payload: Json) -> bool:
        total = sum(item["amount"] * item["quantity"] for item in payload["items"])
        return bool(abs(total - payload["total_amount"]) > 1e-6 * max(1.0, abs(total)))

    return _fails(wrong, 422)(server)


@mutant("unspecified", STATUS, "url.*")  # a valid url may be in capitals
def unusual_urls_are_redirected(server: Server) -> Server:
    """The server follows the url and passes on what it finds there: a redirect."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        url = answer.get("data", {}).get("url", "http://x")
        unusual = status == 201 and not re.match("https?://", url)
        return RedirectResponse("/", 302) if unusual else usual(status, answer)

    return server.with_response(respond)


@mutant("unspecified", "201.json", STATUS)
def numbers_beyond_doubles_come_back_as_infinity(server: Server) -> Server:
    """1e400 is read and stored as infinity, and written as Infinity, which is not JSON."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        details = answer.get("details", ())
        infinite = status == 400 and any("finite" in each["reason"] for each in details)
        body = b'{"data":{"id":"01f5d171-d3e3-4b2b-bd57-0727194b5bed","total_amount":Infinity}}'
        return (
            Response(body, 201, media_type="application/json")
            if infinite
            else usual(status, answer)
        )

    return server.with_response(respond)


@mutant("unspecified", "201.data.status.*", "201.data.*.type")
def an_invoice_without_items_comes_back_with_null(server: Server) -> Server:
    """A nil slice is null in Go's JSON: `items` is null instead of empty."""
    return server.with_data(lambda data, _: data if data["items"] else {**data, "items": None})


@mutant("unspecified", "201.data.id.*", "201.data.*")
def a_callers_id_is_taken_over(server: Server) -> Server:
    """Mass assignment: whatever is sent as `id` becomes the id."""

    def assigned(data: Json, payload: Json) -> Json:
        return {**data, "id": payload["id"]} if "id" in payload else data

    return server.with_data(assigned)


@mutant("unspecified", STATUS, "201.json")
def a_byte_order_mark_is_an_internal_error(server: Server) -> Server:
    """Python's json: 'Unexpected UTF-8 BOM', a ValueError of an unusual kind."""

    def parse(body: bytes) -> Json:
        if body.startswith(b"\xef\xbb\xbf"):
            raise Refusal(500, "Internal Server Error")
        return server.steps.parse(body)

    return server.with_steps(parse=parse)


@mutant("unspecified", "201.data.items[].item_total.product")
def the_total_of_a_credit_has_no_sign(server: Server) -> Server:
    """Math.abs, so that a line looks well in print."""

    def printed(data: Json, _: Json) -> Json:
        for item in data["items"]:
            item["item_total"] = abs(item["item_total"])
        return data

    return server.with_data(printed)


@mutant("unspecified", "201.data.*.echo")
def names_in_camel_case_come_first(server: Server) -> Server:
    """An alias beside each name: where an invoice has both, the value of the alias is taken."""
    names = {"orderId": "order_id", "invoiceNumber": "invoice_number", "dueDate": "due_date"}

    def taken(data: Json, payload: Json) -> Json:
        found = {name: payload[alias] for alias, name in names.items() if alias in payload}
        return {**data, **found}

    return server.with_data(taken)


@mutant("unspecified", "201.data.items[].reference_id.echo")
def a_tab_in_a_name_moves_what_is_before_it(server: Server) -> Server:
    """Items pass through a file of columns, and what is too much goes to the first one."""

    def split(item: Json) -> Json:
        name, tab, rest = str(item.get("name")).partition("\t")
        return {**item, "name": name, "reference_id": rest} if tab and rest else item

    return server.with_data(lambda data, _: {**data, "items": [*map(split, data["items"])]})


@mutant("unspecified", "201.data.*.echo")
def the_last_name_in_any_letter_case_counts(server: Server) -> Server:
    """As Go's encoding/json and .NET's Web defaults read it: an unknown `Remarks` behind `remarks`
    takes its place.
    """
    known = {name.lower(): name for name in PROPERTIES}

    def read(payload: Json) -> Json:
        for _, holder in objects(payload):
            for key in [*holder]:
                if key not in PROPERTIES and key.lower() in known:
                    holder[known[key.lower()]] = holder.pop(key)
        return payload

    return server.with_payload(read)
