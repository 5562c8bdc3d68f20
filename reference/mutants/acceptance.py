"""Servers that refuse valid invoices."""

import html
import re
from datetime import UTC, datetime
from unicodedata import combining, normalize

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference.instants import instant
from reference.mutants.mutant import mutant
from reference.mutants.operators import (
    DATES,
    LIMITED,
    MONEY,
    REFUSED_FIELDS,
    TEXTS,
    answers_otherwise,
    objects,
    refuses,
    refuses_headers,
    refuses_invoices,
)
from reference.mutants.server import Json, Server
from reference.refusal import Problem, Refusal

LENGTH = ("*.maxLength", "201.status")
TEXT = ("*.type", "*.required", "201.status")
MONEY_NAMES = ("*amount.*", "items*", "status.enum", "201.status")


def _total(payload: Json) -> Json:
    return sum(item["amount"] * item["quantity"] for item in payload["items"])


@mutant("acceptance", *LENGTH)
def limits_count_bytes(server: Server) -> Server:
    """`len(s)` in Go and PHP's strlen count bytes of UTF-8: 128 times é is one byte too many."""
    return refuses(LIMITED, lambda text: len(text.encode()) > 255, "Too long")(server)


@mutant("acceptance", *LENGTH)
def limits_count_utf_16_units(server: Server) -> Server:
    """JavaScript's and Java's length: an emoji counts as two."""
    return refuses(LIMITED, lambda text: len(text.encode("utf-16-le")) > 510, "Too long")(server)


@mutant("acceptance", *LENGTH)
def limits_count_escaped_text(server: Server) -> Server:
    """The length is measured after escaping for HTML: 255 ampersands become 1,275 characters."""
    return refuses(LIMITED, lambda text: len(html.escape(text)) > 255, "Too long")(server)


@mutant("acceptance", *TEXT)
def text_must_be_ascii(server: Server) -> Server:
    """A pattern `^[ -~]*$`, as if no customer's name had an accent."""
    return refuses(TEXTS, lambda text: not text.isascii())(server)


@mutant("acceptance", *TEXT, *LENGTH)
def emoji_are_refused(server: Server) -> Server:
    """utf8mb3 in strict mode: 'Incorrect string value', here at least answered with 400."""
    return refuses(TEXTS, lambda text: max(text, default="") > "\uffff")(server)


@mutant("acceptance", *TEXT)
def apostrophes_are_refused(server: Server) -> Server:
    """A firewall or validator that takes O'Brien for SQL injection."""
    return refuses(TEXTS, lambda text: "'" in text)(server)


@mutant("acceptance", *TEXT)
def angle_brackets_are_refused(server: Server) -> Server:
    """A firewall that takes `a < b` for a script."""
    return refuses(TEXTS, lambda text: "<" in text)(server)


@mutant("acceptance", *TEXT)
def queries_in_text_are_refused(server: Server) -> Server:
    """A firewall's rule against SQL injection also meets a remark such as `select one from two`."""
    query = re.compile(r"\bselect\b.+\bfrom\b", re.IGNORECASE | re.DOTALL)
    return refuses(TEXTS, lambda text: query.search(text) is not None)(server)


@mutant("acceptance", *TEXT)
def blanks_at_the_ends_are_refused(server: Server) -> Server:
    """A rule `text == strings.TrimSpace(text)`."""
    return refuses(TEXTS, lambda text: text != text.strip())(server)


@mutant("acceptance", *TEXT)
def text_that_looks_like_a_number_is_refused(server: Server) -> Server:
    """A loosely typed layer turns it into a number, which the type check behind it refuses."""
    number = re.compile(r"[+-]?\d+(\.\d+)?([eE]\d+)?")
    return refuses(TEXTS, lambda text: number.fullmatch(text) is not None)(server)


@mutant("acceptance", *TEXT)
def text_that_says_null_is_refused(server: Server) -> Server:
    """The word null is taken for the value."""
    return refuses(TEXTS, lambda text: text.lower() in ("null", "nil", "none"))(server)


@mutant("acceptance", *TEXT)
def short_text_is_refused(server: Server) -> Server:
    """`min=2`, as if every name had more than one letter."""
    return refuses(TEXTS, lambda text: len(text) < 2)(server)


@mutant("acceptance", "paid_amount.*", "201.status", "status.enum")
def nothing_paid_counts_as_missing(server: Server) -> Server:
    """Go's `binding:"required"` on a float64 refuses zero: no invoice can be unpaid."""
    return refuses(("paid_amount",), lambda value: value == 0, "Field is required")(server)


@mutant("acceptance", "total_amount.*", "paid_amount.*", "status.enum", "201.status", "items*")
def a_total_of_zero_counts_as_missing(server: Server) -> Server:
    """The same on the total: free goods cannot be invoiced."""
    return refuses(("total_amount",), lambda value: value == 0, "Field is required")(server)


@mutant("acceptance", "items*amount.*", "status.enum", "201.status", "total_amount.*")
def a_free_item_counts_as_missing_its_price(server: Server) -> Server:
    """The same on an item's amount: `if (!item.amount)` in JavaScript."""
    return refuses(("amount",), lambda value: value == 0, "Field is required")(server)


@mutant("acceptance", *MONEY_NAMES)
def whole_amounts_are_refused(server: Server) -> Server:
    """A strict reader of floats: 100 is an integer, and is refused without a decimal point."""
    return refuses(MONEY, lambda value: isinstance(value, int))(server)


@mutant("acceptance", *MONEY_NAMES)
def amounts_have_eight_digits(server: Server) -> Server:
    """DECIMAL(10,2): a hundred million does not fit."""
    return refuses(MONEY, lambda value: value >= 10**8, "Out of range")(server)


@mutant("acceptance", *MONEY_NAMES)
def amounts_must_be_below_two_billion(server: Server) -> Server:
    """32 bits for a property that the document calls a number."""
    return refuses(MONEY, lambda value: value >= 2**31, "Out of range")(server)


@mutant("acceptance", *MONEY_NAMES)
def two_decimals_are_counted_in_binary(server: Server) -> Server:
    """`amount * 100 == int(amount * 100)`: as doubles, 0.29 and 1.1 have more than two decimals."""
    return refuses(MONEY, lambda value: value * 100 != int(value * 100))(server)


@mutant("acceptance", *MONEY_NAMES)
def the_total_must_equal_a_sum_in_doubles(server: Server) -> Server:
    """`sum == total` on binary fractions: 0.1 + 0.2 is not 0.3, and the invoice is refused."""
    return refuses_invoices(
        lambda payload: _total(payload) != payload["total_amount"], "total_amount"
    )(server)


@mutant("acceptance", *MONEY_NAMES)
def more_than_the_total_cannot_be_paid(server: Server) -> Server:
    """A business rule that contradicts the document's own OVERPAID."""
    return refuses_invoices(
        lambda payload: payload["paid_amount"] > payload["total_amount"], "paid_amount"
    )(server)


@mutant("acceptance", "status.enum", "body.type", "201.status")
def a_status_is_required(server: Server) -> Server:
    """Required by the code, optional in the document."""
    return refuses_invoices(lambda payload: "status" not in payload, "status", "Required")(server)


@mutant("acceptance", "status.enum", "201.status", "paid_amount.*")
def overpaid_is_unknown(server: Server) -> Server:
    """The document's enum grew and the server's did not."""
    return refuses(("status",), lambda status: status == "OVERPAID")(server)


@mutant("acceptance", "status.enum", "201.status", "paid_amount.*", "total_amount.*", "items*")
def a_free_invoice_cannot_be_paid(server: Server) -> Server:
    """PAID needs an amount above zero, although a free invoice is fully paid."""
    return refuses_invoices(
        lambda payload: payload.get("status") == "PAID" and payload["paid_amount"] == 0, "status"
    )(server)


@mutant("acceptance", "items*", "201.status")
def a_repeated_sku_is_refused(server: Server) -> Server:
    """UNIQUE (invoice_id, sku): two items with one sku are refused."""

    def twice(payload: Json) -> bool:
        known = [item["sku"] for item in payload["items"]]
        return len(set(known)) < len(known)

    return refuses_invoices(twice, "items", "Duplicate sku")(server)


@mutant("acceptance", "items*", "201.status", "body.*")
def more_than_twenty_items_are_refused(server: Server) -> Server:
    """A limit that the document does not have."""
    return refuses_invoices(lambda payload: len(payload["items"]) > 20, "items", "Too many")(server)


@mutant("acceptance", "items*", "201.status")
def a_single_item_is_refused(server: Server) -> Server:
    """`len(items) > 1` where >= 1 was meant."""
    return refuses_invoices(lambda payload: len(payload["items"]) < 2, "items", "Too few")(server)


@mutant("acceptance", "items[].quantity.*", "total_amount.*", "201.status")
def quantities_have_16_bits(server: Server) -> Server:
    """SMALLINT: 32768 is out of range."""
    return refuses(("quantity",), lambda value: value > 32767, "Out of range")(server)


@mutant("acceptance", "*_at.*", "due_date.*", "201.status")
def only_utc_is_accepted(server: Server) -> Server:
    """A format string that ends in a literal Z: offsets are refused."""
    return refuses(DATES, lambda text: not text.endswith("Z"))(server)


@mutant("acceptance", "*_at.*", "due_date.*", "201.status")
def fractions_of_a_second_are_refused(server: Server) -> Server:
    """`%Y-%m-%dT%H:%M:%S` reads no fraction."""
    return refuses(DATES, lambda text: "." in text)(server)


@mutant("acceptance", "*_at.*", "due_date.*", "201.status")
def milliseconds_are_required(server: Server) -> Server:
    """Only the format of JavaScript's toISOString is accepted."""
    return refuses(DATES, lambda text: re.search(r"\.\d{3}", text) is None)(server)


@mutant("acceptance", "*_at.*", "due_date.*", "201.status")
def leap_days_are_refused(server: Server) -> Server:
    """Each month has a fixed number of days in a table, and February has 28."""
    return refuses(DATES, lambda text: text[5:10] == "02-29")(server)


@mutant("acceptance", "due_date.*", "201.status")
def due_dates_must_be_in_the_future(server: Server) -> Server:
    """Old invoices can then no longer be imported."""
    return refuses(("due_date",), lambda text: instant(text) < datetime.now(UTC))(server)


@mutant("acceptance", "due_date.*", "201.status")
def years_after_2037_are_refused(server: Server) -> Server:
    """MySQL's TIMESTAMP ends in January 2038."""
    return refuses(("due_date",), lambda text: text[:4] > "2037")(server)


@mutant("acceptance", "*_at.*", "due_date.*", "201.status")
def years_are_read_in_utc(server: Server) -> Server:
    """The first hours of 2000 east of Greenwich are still in 1999 there, and refused for it."""
    return refuses(DATES, lambda text: instant(text) < datetime(2000, 1, 1, tzinfo=UTC))(server)


@mutant("acceptance", "*_at.*", "201.status")
def updated_at_needs_created_at(server: Server) -> Server:
    """updated_at without created_at is refused, although each is optional by itself."""
    return refuses_invoices(
        lambda payload: "updated_at" in payload and "created_at" not in payload, "created_at"
    )(server)


@mutant("acceptance", "*_at.*", "201.status")
def dates_are_compared_as_text(server: Server) -> Server:
    """`updated < created` on strings: with two offsets, the later instant can sort first."""
    return refuses_invoices(
        lambda payload: (
            "updated_at" in payload
            and "created_at" in payload
            and payload["updated_at"] < payload["created_at"]
        ),
        "updated_at",
    )(server)


@mutant("acceptance", "url.*", "201.status")
def urls_with_a_query_are_refused(server: Server) -> Server:
    """A hand-written pattern for URLs."""
    return refuses(("url",), lambda text: "?" in text)(server)


@mutant("acceptance", "url.*", "201.status")
def urls_must_be_https(server: Server) -> Server:
    """A security rule that is not in the document."""
    return refuses(("url",), lambda text: not text.startswith("https"))(server)


@mutant("acceptance", "url.*", "201.status")
def ports_have_at_most_four_digits(server: Server) -> Server:
    r"""A pattern `(:\d{2,4})?`, found in an answer to a question."""
    return refuses(("url",), lambda text: re.match(r"[^/]*//[^/]*:\d{5}", text) is not None)(server)


@mutant("acceptance", "url.*", "201.status")
def urls_are_limited_to_255_characters(server: Server) -> Server:
    """Limited like its neighbours, although the document does not limit url."""
    return refuses(("url",), lambda text: len(text) > 255)(server)


@mutant("acceptance", "reference_id.*", "201.status")
def references_with_blanks_are_refused(server: Server) -> Server:
    """A pattern without blanks for a property that the document calls a string."""
    return refuses_invoices(lambda payload: " " in payload["reference_id"], "reference_id")(server)


@mutant("acceptance", "remarks.*", "201.status")
def remarks_need_a_word_of_three_letters(server: Server) -> Server:
    """A spam check: remarks without a word are refused."""
    return refuses(("remarks",), lambda text: re.search(r"\w{3}", text) is None)(server)


@mutant("acceptance", "items*", "201.status", "body.*")
def items_must_be_sorted(server: Server) -> Server:
    """Item references must ascend, because a later merge does not sort them."""

    def unsorted(payload: Json) -> bool:
        references = [holder["reference_id"] for location, holder in objects(payload) if location]
        return references != sorted(references)

    return refuses_invoices(unsorted, "items", "Not in order")(server)


@mutant("acceptance", "items*", "201.status", "body.*")
def an_index_of_items_ignores_accents(server: Server) -> Server:
    """utf8mb4_0900_ai_ci: café and cafe are one key, and the second item is refused."""

    def alike(payload: Json) -> bool:
        known = [
            "".join(one for one in normalize("NFKD", item["reference_id"]) if not combining(one))
            for location, item in objects(payload)
            if location
        ]
        sent = [item["reference_id"] for location, item in objects(payload) if location]
        # Of what is the same once it is composed, a server may say what it likes.
        composed = {normalize("NFKC", one).casefold() for one in sent}
        return len(composed) == len(sent) and len({*known}) < len(known)

    return refuses_invoices(alike, "items", "A reference is used twice")(server)


@mutant("acceptance", "items*", "*.maxLength", "201.status")
def bodies_end_at_four_kilobytes(server: Server) -> Server:
    """A limit meant for logins that applies to every body."""
    parse = server.steps.parse

    def limited(body: bytes) -> Json:
        return parse(body if len(body) <= 4096 else body[:4096])

    return server.with_steps(parse=limited)


@mutant("acceptance", "201.status", "requestBody.*", "request.fields")
def a_cookie_without_a_name_is_refused(server: Server) -> Server:
    """A parser that splits each pair at =, although browsers send what pages set (RFC 6265 5.2)."""
    return refuses_headers(
        lambda headers: (
            400 if any("=" not in one for one in headers.get("cookie", "=").split(";")) else None
        )
    )(server)


@mutant("acceptance", "201.status", "request.fields")
def a_preference_takes_the_invoice_away(server: Server) -> Server:
    """Prefer: return=minimal gets 204 (RFC 7240), which the document does not have."""
    return server.with_layers(
        answers_otherwise(
            lambda request, status, _: (
                Response(status_code=204)
                if status == 201 and "return=minimal" in request.headers.get("prefer", "")
                else None
            )
        )
    )


@mutant("acceptance", "*.type", "201.status", "4xx.details.names")
def the_plus_of_an_offset_may_not_be_escaped(server: Server) -> Server:
    r"""Dates are read from the raw bytes; .NET writes + as \u002B."""

    def parse(body: bytes) -> Json:
        if re.search(rb"T[0-9:.]+\\u002[bB][0-9]", body):
            problem = Problem(("due_date",), "format", "No date")
            raise Refusal(400, "The invoice is not valid.", (problem,))
        return server.steps.parse(body)

    return server.with_steps(parse=parse)


@mutant("acceptance", "url.*", "201.status")
def a_long_url_with_a_query_is_refused(server: Server) -> Server:
    """A gateway allows 1,024 characters, or only half as many of one with parameters."""
    return refuses(("url",), lambda url: len(url) > 1024 and "?" in url)(server)


@mutant("acceptance", "url.*", "201.status")
def a_long_url_with_a_port_is_refused(server: Server) -> Server:
    """A pattern that backtracks gives up on what is long."""
    return refuses(("url",), lambda url: len(url) > 255 and ":8443" in url)(server)


@mutant("acceptance", "*.type", "201.status")
def a_long_text_with_a_brace_is_refused(server: Server) -> Server:
    """A guard against templates in text looks at what is long enough to be one."""
    return refuses(LIMITED, lambda text: len(text) > 128 and "{" in text)(server)


@mutant("acceptance", "request.fields", "201.status")
def a_method_in_a_field_is_obeyed(server: Server) -> Server:
    """405 where a field names a method, although it is POST: the check is for the field."""
    return refuses_headers(lambda headers: 405 if "x-http-method-override" in headers else None)(
        server
    )


@mutant("acceptance", "request.query", "201.status")
def a_query_without_a_value_is_refused(server: Server) -> Server:
    """`dict(part.split("=") for part in query.split("&"))` fails on a part without a sign."""

    def judged(request: Request, _status: int, _body: bytes) -> Response | None:
        parts = request.url.query.split("&")
        if parts == [""] or all(part.count("=") == 1 for part in parts):
            return None
        return JSONResponse({"code": "BAD_QUERY", "message": "Bad query", "details": []}, 400)

    return server.with_layers(answers_otherwise(judged))


@mutant("acceptance", *REFUSED_FIELDS, "*.type", "*.required")
def an_expectation_in_another_case_is_refused(server: Server) -> Server:
    """417 for `100-Continue`: expectations ignore case (RFC 9110 10.1.1)."""
    return refuses_headers(
        lambda headers: 417 if headers.get("expect", "100-continue") != "100-continue" else None
    )(server)


@mutant("acceptance", *REFUSED_FIELDS, "request.accept", "*.type", "*.required")
def a_field_in_two_lines_is_refused(server: Server) -> Server:
    """A hardened gateway: a list may come in several lines (RFC 9110 5.3)."""
    return refuses_headers(
        lambda headers: 400 if len({*headers.keys()}) < len(headers.raw) else None
    )(server)
