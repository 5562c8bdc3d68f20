"""Servers that refuse valid invoices."""

import html
import re
from datetime import UTC, datetime

from reference.instants import instant
from reference.mutants.changes import DATES, MONEY, NAMES, holders, refusing, refusing_whole
from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Server

LIMITED = ("reference_id", "order_id", "invoice_number", "remarks", "sku", "name")
LENGTH = ("*.maxLength", "201.status")
TEXT = ("*.type", "*.required", "201.status")
MONEY_NAMES = ("*amount.*", "items*", "status.enum", "201.status")


def _total(payload: Json) -> Json:
    return sum(item["amount"] * item["quantity"] for item in payload["items"])


@mutant("acceptance", *LENGTH)
def limits_count_bytes(server: Server) -> Server:
    """`len(s)` in Go and PHP's strlen count bytes of UTF-8: 128 letters é are one too many."""
    return refusing(LIMITED, lambda text: len(text.encode()) > 255, "Too long")(server)


@mutant("acceptance", *LENGTH)
def limits_count_utf_16_units(server: Server) -> Server:
    """JavaScript's and Java's length: an emoji counts as two."""
    return refusing(LIMITED, lambda text: len(text.encode("utf-16-le")) > 510, "Too long")(server)


@mutant("acceptance", *LENGTH)
def limits_count_escaped_text(server: Server) -> Server:
    """The length is measured after escaping for HTML: 255 characters & are 1,275."""
    return refusing(LIMITED, lambda text: len(html.escape(text)) > 255, "Too long")(server)


@mutant("acceptance", *TEXT)
def names_are_ascii(server: Server) -> Server:
    """`^[ -~]*$`: customers have no accents."""
    return refusing(NAMES, lambda text: not text.isascii())(server)


@mutant("acceptance", *TEXT, *LENGTH)
def emoji_are_refused(server: Server) -> Server:
    """utf8mb3 in strict mode: 'Incorrect string value', here at least answered with 400."""
    return refusing(NAMES, lambda text: max(text, default="") > "\uffff")(server)


@mutant("acceptance", *TEXT)
def apostrophes_are_refused(server: Server) -> Server:
    """A firewall or validator that smells SQL injection in O'Brien."""
    return refusing(NAMES, lambda text: "'" in text)(server)


@mutant("acceptance", *TEXT)
def angle_brackets_are_refused(server: Server) -> Server:
    """A firewall that smells a script in `a < b`."""
    return refusing(NAMES, lambda text: "<" in text)(server)


@mutant("acceptance", *TEXT)
def blanks_at_the_ends_are_refused(server: Server) -> Server:
    """`text == strings.TrimSpace(text)` as a rule."""
    return refusing(NAMES, lambda text: text != text.strip())(server)


@mutant("acceptance", *TEXT)
def text_that_looks_like_a_number_is_refused(server: Server) -> Server:
    """A loosely typed layer makes a number of it, and the type check behind refuses that."""
    number = re.compile(r"[+-]?\d+(\.\d+)?([eE]\d+)?")
    return refusing(NAMES, lambda text: number.fullmatch(text) is not None)(server)


@mutant("acceptance", *TEXT)
def text_that_says_null_is_refused(server: Server) -> Server:
    """The word null is taken for the value."""
    return refusing(NAMES, lambda text: text.lower() in ("null", "nil", "none"))(server)


@mutant("acceptance", *TEXT)
def short_text_is_refused(server: Server) -> Server:
    """`min=2`: a name has more than one letter, except where it has not."""
    return refusing(NAMES, lambda text: len(text) < 2)(server)


@mutant("acceptance", "paid_amount.*", "201.status", "status.enum")
def nothing_paid_counts_as_missing(server: Server) -> Server:
    """Go's `binding:"required"` on a float64 refuses the zero value: no invoice can be unpaid."""
    return refusing(("paid_amount",), lambda value: value == 0, "Field is required")(server)


@mutant("acceptance", "total_amount.*", "paid_amount.*", "status.enum", "201.status", "items*")
def a_total_of_nothing_counts_as_missing(server: Server) -> Server:
    """The same on the total: what is free cannot be invoiced."""
    return refusing(("total_amount",), lambda value: value == 0, "Field is required")(server)


@mutant("acceptance", "items*amount.*", "status.enum", "201.status", "total_amount.*")
def a_free_item_counts_as_missing_its_price(server: Server) -> Server:
    """The same on an item's amount: `if (!item.amount)` in JavaScript."""
    return refusing(("amount",), lambda value: value == 0, "Field is required")(server)


@mutant("acceptance", *MONEY_NAMES)
def whole_amounts_are_refused(server: Server) -> Server:
    """A strict reader of floats: 100 is an integer, and no amount without its point."""
    return refusing(MONEY, lambda value: isinstance(value, int))(server)


@mutant("acceptance", *MONEY_NAMES)
def amounts_have_eight_digits(server: Server) -> Server:
    """DECIMAL(10,2): a hundred million does not fit."""
    return refusing(MONEY, lambda value: value >= 10**8, "Out of range")(server)


@mutant("acceptance", *MONEY_NAMES)
def amounts_stay_below_two_thousand_millions(server: Server) -> Server:
    """32 bits for what the document calls a number."""
    return refusing(MONEY, lambda value: value >= 2**31, "Out of range")(server)


@mutant("acceptance", *MONEY_NAMES)
def two_decimals_are_counted_in_binary(server: Server) -> Server:
    """`amount * 100 == int(amount * 100)`: 0.29 and 1.1 have, in doubles, more than two."""
    return refusing(MONEY, lambda value: value * 100 != int(value * 100))(server)


@mutant("acceptance", *MONEY_NAMES)
def the_total_must_equal_a_sum_in_doubles(server: Server) -> Server:
    """`sum == total` on binary fractions: 0.1 + 0.2 is not 0.3, and the invoice is refused."""
    return refusing_whole(
        lambda payload: _total(payload) != payload["total_amount"], "total_amount"
    )(server)


@mutant("acceptance", *MONEY_NAMES)
def more_than_the_total_cannot_be_paid(server: Server) -> Server:
    """A rule of the house, against the document's own OVERPAID."""
    return refusing_whole(
        lambda payload: payload["paid_amount"] > payload["total_amount"], "paid_amount"
    )(server)


@mutant("acceptance", "status.enum", "body.type", "201.status")
def a_status_is_demanded(server: Server) -> Server:
    """Required by the code, optional in the document."""
    return refusing_whole(lambda payload: "status" not in payload, "status", "Required")(server)


@mutant("acceptance", "status.enum", "201.status", "paid_amount.*")
def overpaid_is_unknown(server: Server) -> Server:
    """The document's enum grew and the server's did not."""
    return refusing(("status",), lambda status: status == "OVERPAID")(server)


@mutant("acceptance", "status.enum", "201.status", "paid_amount.*", "total_amount.*", "items*")
def nothing_paid_for_nothing_cannot_be_paid(server: Server) -> Server:
    """PAID needs an amount above zero, though a free invoice is as paid as can be."""
    return refusing_whole(
        lambda payload: payload.get("status") == "PAID" and payload["paid_amount"] == 0, "status"
    )(server)


@mutant("acceptance", "items*", "201.status")
def one_sku_may_stand_once(server: Server) -> Server:
    """UNIQUE (invoice_id, sku): two lines of one article are refused."""

    def twice(payload: Json) -> bool:
        known = [item["sku"] for item in payload["items"]]
        return len(set(known)) < len(known)

    return refusing_whole(twice, "items", "Duplicate sku")(server)


@mutant("acceptance", "items*", "201.status", "body.*")
def more_than_twenty_items_are_refused(server: Server) -> Server:
    """A limit that no document knows."""
    return refusing_whole(lambda payload: len(payload["items"]) > 20, "items", "Too many")(server)


@mutant("acceptance", "items*", "201.status")
def a_single_item_is_refused(server: Server) -> Server:
    """`len(items) > 1` where >= 1 was meant."""
    return refusing_whole(lambda payload: len(payload["items"]) < 2, "items", "Too few")(server)


@mutant("acceptance", "items[].quantity.*", "total_amount.*", "201.status")
def quantities_have_16_bits(server: Server) -> Server:
    """SMALLINT: 32768 is out of range."""
    return refusing(("quantity",), lambda value: value > 32767, "Out of range")(server)


@mutant("acceptance", "*_at.*", "due_date.*", "201.status")
def only_utc_is_read(server: Server) -> Server:
    """A format string that ends in a literal Z: offsets are refused."""
    return refusing(DATES, lambda text: not text.endswith("Z"))(server)


@mutant("acceptance", "*_at.*", "due_date.*", "201.status")
def fractions_of_a_second_are_refused(server: Server) -> Server:
    """`%Y-%m-%dT%H:%M:%S` reads no fraction."""
    return refusing(DATES, lambda text: "." in text)(server)


@mutant("acceptance", "*_at.*", "due_date.*", "201.status")
def three_digits_of_fraction_are_demanded(server: Server) -> Server:
    """JavaScript's toISOString is taken for the only spelling."""
    return refusing(DATES, lambda text: re.search(r"\.\d{3}", text) is None)(server)


@mutant("acceptance", "*_at.*", "due_date.*", "201.status")
def leap_days_are_refused(server: Server) -> Server:
    """Each month has a fixed number of days in a table, and February has 28."""
    return refusing(DATES, lambda text: text[5:10] == "02-29")(server)


@mutant("acceptance", "due_date.*", "201.status")
def an_invoice_must_fall_due_in_the_future(server: Server) -> Server:
    """Old invoices cannot be imported any more."""
    return refusing(("due_date",), lambda text: instant(text) < datetime.now(UTC))(server)


@mutant("acceptance", "due_date.*", "201.status")
def years_after_2037_are_refused(server: Server) -> Server:
    """MySQL's TIMESTAMP ends in January 2038."""
    return refusing(("due_date",), lambda text: text[:4] > "2037")(server)


@mutant("acceptance", "*_at.*", "201.status")
def an_update_needs_a_creation(server: Server) -> Server:
    """updated_at without created_at is refused, though each is optional by itself."""
    return refusing_whole(
        lambda payload: "updated_at" in payload and "created_at" not in payload, "created_at"
    )(server)


@mutant("acceptance", "*_at.*", "201.status")
def dates_are_compared_as_text(server: Server) -> Server:
    """`updated < created` on the letters: at two offsets the later instant can sort first."""
    return refusing_whole(
        lambda payload: (
            "updated_at" in payload
            and "created_at" in payload
            and payload["updated_at"] < payload["created_at"]
        ),
        "updated_at",
    )(server)


@mutant("acceptance", "url.*", "201.status")
def addresses_have_no_query(server: Server) -> Server:
    """A pattern for URLs written by hand."""
    return refusing(("url",), lambda text: "?" in text)(server)


@mutant("acceptance", "url.*", "201.status")
def addresses_must_be_https(server: Server) -> Server:
    """A rule of security that the document does not tell."""
    return refusing(("url",), lambda text: not text.startswith("https"))(server)


@mutant("acceptance", "url.*", "201.status")
def addresses_have_255_characters(server: Server) -> Server:
    """Limited like its neighbours, though the document gives url no limit."""
    return refusing(("url",), lambda text: len(text) > 255)(server)


@mutant("acceptance", "reference_id.*", "201.status")
def references_have_no_blanks(server: Server) -> Server:
    """A pattern without blanks for what the document calls a string."""
    return refusing_whole(lambda payload: " " in payload["reference_id"], "reference_id")(server)


@mutant("acceptance", "remarks.*", "201.status")
def a_word_of_three_letters_is_demanded_in_remarks(server: Server) -> Server:
    """A check against spam: remarks without a word are refused."""
    return refusing(("remarks",), lambda text: re.search(r"\w{3}", text) is None)(server)


@mutant("acceptance", "items*", "201.status", "body.*")
def items_must_be_sorted(server: Server) -> Server:
    """References of items must ascend, for a merge that never sorts."""

    def unsorted(payload: Json) -> bool:
        references = [holder["reference_id"] for place, holder in holders(payload) if place]
        return references != sorted(references)

    return refusing_whole(unsorted, "items", "Not in order")(server)


@mutant("acceptance", "items*", "*.maxLength", "201.status")
def bodies_end_at_four_kilobytes(server: Server) -> Server:
    """A limit set for logins, in front of everything."""
    parse = server.steps.parse

    def limited(body: bytes) -> Json:
        return parse(body if len(body) <= 4096 else body[:4096])

    return server.mutant(parse=limited)
