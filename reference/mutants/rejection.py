"""Servers that accept invoices that the document forbids."""

import math
from collections.abc import Callable
from unicodedata import combining, normalize

from reference.mutants.mutant import mutant
from reference.mutants.operators import (
    DATES,
    LIMITED,
    MONEY,
    OPTIONAL,
    PROPERTIES,
    TEXTS,
    changed,
    objects,
    reads,
    reads_text,
    renamed,
)
from reference.mutants.server import Json, Mutation, Server
from reference.refusal import Problem, Refusal

TYPES = ("*.type",)
STATUSES = ("PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID")


def _number(value: Json) -> Json:
    try:
        return float(value) if isinstance(value, str) and value.strip() else value
    except ValueError:
        return value


@mutant("rejection", *TYPES)
def numbers_in_text_are_taken_for_numbers(server: Server) -> Server:
    """Loose typing: PHP, JavaScript's Number(), pydantic's lax mode and Jackson by default read
    "12.5", and " 1 " with its blanks, as numbers.
    """
    return reads((*MONEY, "quantity"), lambda value: _whole(_number(value)))(server)


def _whole(value: Json) -> Json:
    return int(value) if isinstance(value, float) and value.is_integer() else value


@mutant("rejection", *TYPES)
def words_for_numbers_are_taken_for_numbers(server: Server) -> Server:
    """Jackson, .NET and Protocol Buffers read "NaN" and "Infinity" where a number is due."""
    words = ("NaN", "Infinity", "-Infinity")
    return reads((*MONEY, "quantity"), lambda value: 1 if value in words else value)(server)


@mutant("rejection", *TYPES)
def a_blank_is_nothing(server: Server) -> Server:
    """Number(" ") is 0, and a text is looked for that is not empty."""

    def read(value: Json) -> Json:
        return 0 if isinstance(value, str) and value and not value.strip() else value

    return reads(MONEY, read)(server)


@mutant("rejection", *TYPES)
def a_text_deep_in_arrays_is_an_internal_error(server: Server) -> Server:
    """A message that shows the value goes down into it, but not without end."""

    def read(value: Json) -> Json:
        inner, levels = value, 0
        while isinstance(inner, list) and len(inner) == 1:
            inner, levels = inner[0], levels + 1
        if levels > 128:
            raise Refusal(500, "Unexpected")
        return value

    return reads(TEXTS, read)(server)


@mutant("rejection", *TYPES)
def digits_of_other_scripts_are_taken_for_numbers(server: Server) -> Server:
    """Python's `int()` reads full-width and Arabic digits; an amount with a comma is German."""

    def read(value: Json) -> Json:
        is_text = isinstance(value, str) and not value.isascii()
        return int(value) if is_text and value.isdecimal() else 1.5 if value == "1,5" else value

    return reads((*MONEY, "quantity"), read)(server)


@mutant("rejection", *TYPES)
def numbers_are_taken_for_text(server: Server) -> Server:
    """`String(value)`, Jackson and gson by default: 42 becomes "42"."""
    return reads(TEXTS, lambda value: str(value) if type(value) in (int, float) else value)(server)


@mutant("rejection", *TYPES)
def booleans_are_taken_for_text(server: Server) -> Server:
    """SnakeYAML's and Ruby's to_s: true becomes "true"."""
    return reads(TEXTS, lambda value: str(value).lower() if value in (True, False) else value)(
        server
    )


@mutant("rejection", *TYPES)
def booleans_are_taken_for_numbers(server: Server) -> Server:
    """Python's bool is an int, PHP's true is 1: isinstance(True, int) lets it through."""
    return reads(
        (*MONEY, "quantity"), lambda value: int(value) if isinstance(value, bool) else value
    )(server)


@mutant("rejection", "status.enum", "remarks.type", "url.type", "*_at.type")
def null_is_taken_for_absent(server: Server) -> Server:
    """Go decodes null into a pointer as nil and ignores it for a value; the document allows no
    null.
    """

    def without(payload: Json) -> Json:
        if isinstance(payload, dict):
            for name in OPTIONAL:
                if payload.get(name, "") is None:
                    del payload[name]
        return payload

    return server.with_payload(without)


@mutant("rejection", "*amount.type", "items[].quantity.type")
def null_is_taken_for_zero(server: Server) -> Server:
    """`COALESCE(x, 0)`, or Go, where null leaves a float64 at zero."""
    return reads((*MONEY, "quantity"), lambda value: 0 if value is None else value)(server)


@mutant("rejection", "items[].*.maxLength")
def a_second_batch_begins_one_too_late(server: Server) -> Server:
    """Lines are checked fifty at a time; the 51st is in neither batch."""

    def cut(payload: Json) -> Json:
        items = payload.get("items") if isinstance(payload, dict) else None
        if isinstance(items, list) and len(items) > 50 and isinstance(items[50], dict):
            texts = {name: text for name, text in items[50].items() if isinstance(text, str)}
            items[50].update({name: text[:255] for name, text in texts.items()})
        return payload

    return server.with_payload(cut)


@mutant("rejection", "paid_amount.type")
def what_is_empty_is_no_payment(server: Server) -> Server:
    """JavaScript's `paid_amount || 0`: false, an empty text and an empty list are 0, with which
    the status has to agree.
    """
    return reads(("paid_amount",), lambda value: 0 if value in ("", [], False) else value)(server)


@mutant("rejection", "*.type")
def null_is_taken_for_text(server: Server) -> Server:
    """Python's str(None), JavaScript's `${null}`."""
    return reads(TEXTS, lambda value: "null" if value is None else value)(server)


@mutant("rejection", "items[].quantity.type")
def fractions_of_pieces_are_cut_off(server: Server) -> Server:
    """`int(1.5)` is 1: half a piece is lost without an error."""
    return reads(
        ("quantity",),
        lambda value: (
            math.trunc(value) if isinstance(value, float) and math.isfinite(value) else value
        ),
    )(server)


@mutant("rejection", "due_date.type", "*_at.type")
def seconds_are_taken_for_a_date(server: Server) -> Server:
    """Lax readers (pydantic, moment) take a number for seconds since 1970."""
    return reads(
        DATES,
        lambda value: "2024-05-02T09:30:00Z" if type(value) in (int, float) else value,
    )(server)


@mutant("rejection", "due_date.type", "*_at.type")
def milliseconds_are_taken_for_a_date(server: Server) -> Server:
    """JavaScript's Date and Java's Timestamp count so; smaller numbers are refused."""
    return reads(
        DATES,
        lambda value: "2024-05-02T09:30:00Z" if type(value) is int and value > 10**11 else value,
    )(server)


@mutant("rejection", *TYPES, "status.enum")
def a_list_of_one_is_taken_for_its_element(server: Server) -> Server:
    """Jackson's UNWRAP_SINGLE_VALUE_ARRAYS, or query strings converted to JSON."""
    names = tuple(name for name in PROPERTIES if name != "items")
    return reads(
        names, lambda value: value[0] if isinstance(value, list) and len(value) == 1 else value
    )(server)


@mutant("rejection", "items.type")
def one_item_is_taken_for_a_list(server: Server) -> Server:
    """Jackson's ACCEPT_SINGLE_VALUE_AS_ARRAY, or XML converted to JSON."""
    return reads(
        ("items",),
        lambda value: [value] if isinstance(value, dict) and "sku" in value else value,
    )(server)


@mutant("rejection", "items.type")
def an_object_with_indices_is_taken_for_a_list(server: Server) -> Server:
    """In PHP, an array can be both: {"0": ...} is a list."""

    def listed(value: Json) -> Json:
        if not isinstance(value, dict) or list(value) != [str(n) for n in range(len(value))]:
            return value
        found = list(value.values())
        return found[0] if len(found) == 1 and isinstance(found[0], list) else found

    return reads(("items",), listed)(server)


@mutant("rejection", "body.type")
def a_list_of_one_invoice_is_taken_for_it(server: Server) -> Server:
    """A bulk endpoint behind the same path."""
    return server.with_payload(
        lambda payload: payload[0] if isinstance(payload, list) and payload else payload
    )


@mutant("rejection", "*.required")
def names_of_properties_may_be_in_camel_case(server: Server) -> Server:
    """An alias generator with populate_by_name: both names are read."""

    def snake(key: str) -> str:
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)

    return server.with_payload(lambda payload: renamed(payload, snake))


@mutant("rejection", "items[].sku.required")
def the_id_of_a_product_is_taken_for_a_sku(server: Server) -> Server:
    """An item is read as it is answered, where the sku is called `product_id`."""
    return server.with_payload(
        lambda payload: renamed(payload, lambda key: "sku" if key == "product_id" else key)
    )


@mutant("rejection", "*.required")
def names_of_properties_are_trimmed(server: Server) -> Server:
    """Keys are cleaned like values: "total_amount " is read as well."""
    return server.with_payload(lambda payload: renamed(payload, str.strip))


@mutant("rejection", "*.required")
def names_of_properties_ignore_case(server: Server) -> Server:
    """Go's encoding/json ignores the case of keys, and so do .NET's Web defaults."""
    known = {name.lower(): name for name in PROPERTIES}
    return server.with_payload(
        lambda payload: renamed(payload, lambda key: known.get(key.lower(), key))
    )


@mutant("rejection", "items[].*.required")
def what_an_item_inherits_is_its_own(server: Server) -> Server:
    """Object.assign before the check: what is in `__proto__` becomes what the item inherits."""

    def inherited(payload: Json) -> Json:
        for location, holder in objects(payload):
            known = holder.get("__proto__") if location else None
            for name, value in known.items() if isinstance(known, dict) else ():
                holder.setdefault(name, value)
        return payload

    return server.with_payload(inherited)


@mutant("rejection", "due_date.required", "items[].*.required")
def required_properties_have_defaults(server: Server) -> Server:
    """A due date in 30 days and a quantity of one, where none is sent."""

    def filled(payload: Json) -> Json:
        for location, holder in objects(payload):
            holder.setdefault(
                *(("quantity", 1) if location else ("due_date", "2024-08-01T00:00:00Z"))
            )
        return payload

    return server.with_payload(filled)


def _defaults(name: str, make: Callable[[], Json]) -> Mutation:
    """The server fills in this property where an invoice has none."""

    def filled(payload: Json) -> Json:
        return {name: make(), **payload} if isinstance(payload, dict) else payload

    return lambda server: server.with_payload(filled)


@mutant("rejection", "status.enum")
def a_status_may_be_the_name_of_nothing(server: Server) -> Server:
    """A decoder of Rust takes `{"PAID": null}` for the member of that name."""

    def read(value: Json) -> Json:
        is_named = isinstance(value, dict) and [*value.values()] == [None]
        return next(iter(value)) if is_named else value

    return reads(("status",), read)(server)


@mutant("rejection", "total_amount.required")
def a_missing_total_is_computed(server: Server) -> Server:
    """The server computes the total itself and asks for less than the document does."""
    return _defaults("total_amount", lambda: 0)(server)


@mutant("rejection", "items.required")
def an_invoice_needs_no_items(server: Server) -> Server:
    """A nil slice has length zero and passes the check."""
    return _defaults("items", list)(server)


@mutant("rejection", "*_id.maxLength", "*_number.maxLength", "*.maxLength")
def text_that_is_too_long_is_cut(server: Server) -> Server:
    """MySQL without strict mode: of 256 characters 255 are stored, with a warning that nobody
    reads.
    """
    return reads_text(LIMITED, lambda text: text[:255])(server)


@mutant("rejection", "*.maxLength")
def the_limit_is_256(server: Server) -> Server:
    """Off by one: VARCHAR(256), or < where <= was meant."""
    return reads_text(LIMITED, lambda text: text[:255] if len(text) == 256 else text)(server)


@mutant("rejection", "*.maxLength")
def blanks_do_not_count_towards_the_limit(server: Server) -> Server:
    """Text is trimmed before it is measured, so that blanks beyond the limit pass."""
    return reads_text(LIMITED, lambda text: text.strip() if len(text) > 255 else text)(server)


@mutant("rejection", "*.maxLength")
def a_blank_text_is_taken_for_none(server: Server) -> Server:
    """Laravel trims texts and makes null of empty ones, before a rule looks at their length."""
    return reads_text(LIMITED, lambda text: text if text.strip() else text[:1])(server)


@mutant("rejection", "*.maxLength")
def digits_alone_have_no_limit(server: Server) -> Server:
    """A rule on the size of a text that is a number is on the number."""
    return reads_text(LIMITED, lambda text: text[:255] if text.isdecimal() else text)(server)


@mutant("rejection", "*.maxLength")
def the_limit_holds_only_for_ascii(server: Server) -> Server:
    """A pattern that limits the length of ASCII text and lets all other text pass."""
    return reads_text(LIMITED, lambda text: text if text.isascii() else text[:255])(server)


@mutant("rejection", "*.maxLength")
def the_limit_counts_characters_as_people_see_them(server: Server) -> Server:
    """Swift's count and ICU's iterators: a flag of two code points counts as one. Here, each
    character beyond U+FFFF counts as a half.
    """

    def characters(text: str) -> float:
        return sum(0.5 if letter > "\uffff" else 1 for letter in text)

    return reads_text(LIMITED, lambda text: text[:255] if characters(text) <= 255 else text)(server)


@mutant("rejection", "*.maxLength")
def the_limit_counts_letters_with_their_marks(server: Server) -> Server:
    """Elixir's String.length: a letter with an accent that no composed form has counts as one."""

    def letters(text: str) -> int:
        return sum(not combining(each) for each in text)

    def cut(text: str) -> str:
        return text[:255] if len(normalize("NFC", text)) > 255 >= letters(text) else text

    return reads_text(LIMITED, cut)(server)


def _limits_what(counted: Callable[[str], int]) -> Mutation:
    """The server counts texts otherwise than by their code points."""
    return reads_text(LIMITED, lambda text: text[:255] if counted(text) <= 255 else text)


@mutant("rejection", "*.maxLength")
def the_limit_counts_in_16_bits(server: Server) -> Server:
    """What is longer by 65,536 has the same length."""
    return _limits_what(lambda text: len(text) % 2**16)(server)


@mutant("rejection", "*.maxLength")
def the_limit_counts_families_as_one(server: Server) -> Server:
    """What is joined to a sign before it counts with that."""
    return _limits_what(lambda text: len(text) - 2 * text.count("\u200d"))(server)


@mutant("rejection", "*.maxLength")
def the_limit_counts_flags_as_one(server: Server) -> Server:
    """A flag is two letters of a kind of their own."""
    letters = range(0x1F1E6, 0x1F200)
    return _limits_what(lambda text: len(text) - sum(ord(one) in letters for one in text) // 2)(
        server
    )


@mutant("rejection", "*.maxLength")
def the_limit_counts_no_tones_of_skin(server: Server) -> Server:
    """They change the sign before them."""
    tones = range(0x1F3FB, 0x1F400)
    return _limits_what(lambda text: sum(ord(one) not in tones for one in text))(server)


@mutant("rejection", "items[].*.maxLength")
def items_are_not_measured(server: Server) -> Server:
    """`dive` is missing: Go's validator looks at the slice, not into it."""

    def cut(payload: Json) -> Json:
        for location, holder in objects(payload):
            if location:
                for name in ("sku", "name", "reference_id"):
                    if isinstance(holder.get(name), str):
                        holder[name] = holder[name][:255]
        return payload

    return server.with_payload(cut)


@mutant("rejection", "paid_amount.minimum")
def a_negative_payment_counts_as_zero(server: Server) -> Server:
    """`max(0, paid)`: the mistake is corrected without an error."""
    return _zero_where(lambda value: value < 0)(server)


@mutant("rejection", "paid_amount.minimum")
def a_cent_below_zero_is_cut_to_zero(server: Server) -> Server:
    """`int(paid) >= 0`: the fraction is lost before the comparison."""
    return _zero_where(lambda value: -1 < value < 0)(server)


@mutant("rejection", "paid_amount.minimum")
def less_than_a_cent_below_zero_is_rounded_up(server: Server) -> Server:
    """Rounded to cents before it is compared: -1e-10 becomes -0.0, which is not less than 0."""
    return _zero_where(lambda value: -0.005 < value < 0)(server)


@mutant("rejection", "paid_amount.minimum")
def a_credit_may_be_paid_back(server: Server) -> Server:
    """Where the total is negative, so may be the payment: the same check is for credit notes."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        if not isinstance(payload, dict) or not _is_negative(payload.get("total_amount")):
            return problems
        return tuple(one for one in problems if one.location != ("paid_amount",))

    return server.with_problems(judge)


def _is_negative(value: Json) -> bool:
    return type(value) in (int, float) and value < 0


def _zero_where(wrong: Callable[[float], bool]) -> Mutation:
    """The server reads some paid amounts as zero."""
    return reads(
        ("paid_amount",),
        lambda value: 0 if type(value) in (int, float) and wrong(value) else value,
    )


@mutant("rejection", "status.enum")
def the_status_ignores_case(server: Server) -> Server:
    """`strings.EqualFold`, Jackson's ACCEPT_CASE_INSENSITIVE_ENUMS."""
    return reads_text(("status",), str.upper)(server)


@mutant("rejection", "status.enum")
def the_status_is_trimmed(server: Server) -> Server:
    """Blanks and a line break around it are ignored."""
    return reads_text(("status",), str.strip)(server)


@mutant("rejection", "status.enum")
def the_status_may_end_in_a_line_break(server: Server) -> Server:
    """`^(PAID|...)$` in Python, Perl, PCRE and Ruby: $ also matches before a final line break."""
    return reads_text(("status",), lambda text: text.removesuffix("\n"))(server)


@mutant("rejection", "status.enum")
def the_status_may_have_a_suffix(server: Server) -> Server:
    """A pattern without its end anchor: PAID_ begins with PAID."""

    def prefix(text: str) -> str:
        return next((status for status in STATUSES if text.startswith(status)), text)

    return reads_text(("status",), prefix)(server)


@mutant("rejection", "status.enum")
def an_empty_status_is_taken(server: Server) -> Server:
    """Go's `omitempty,oneof=PAID ...`: an empty string is not checked."""
    return reads_text(("status",), lambda text: text or "PENDING")(server)


@mutant("rejection", "status.enum")
def the_status_may_be_its_number(server: Server) -> Server:
    """.NET's JsonStringEnumConverter and protobuf also accept the ordinal."""
    return reads(
        ("status",),
        lambda value: STATUSES[value] if type(value) is int and 0 <= value < 4 else value,
    )(server)


@mutant("rejection", "status.enum")
def an_unknown_status_is_pending(server: Server) -> Server:
    """A switch with a default: CANCELLED becomes PENDING."""
    return reads_text(("status",), lambda text: text if text in STATUSES else "PENDING")(server)


@mutant("rejection", "status.enum")
def draft_is_a_status_too(server: Server) -> Server:
    """The server has a fifth status that the document does not list."""
    return reads_text(("status",), lambda text: "PENDING" if text == "DRAFT" else text)(server)


@mutant("rejection", "status.enum")
def a_null_status_is_absent_where_nothing_is_paid(server: Server) -> Server:
    """The default of an unpaid invoice is filled in before the status is checked."""

    def fill(payload: Json) -> Json:
        unpaid = isinstance(payload, dict) and payload.get("paid_amount") == 0
        if unpaid and "status" in payload and payload["status"] is None:
            del payload["status"]
        return payload

    return server.with_payload(fill)


@mutant("rejection", "items[].sku.type")
def later_items_may_have_a_null_sku(server: Server) -> Server:
    """Lines of free text have no article, but an invoice begins with one that has."""

    def named(payload: Json) -> Json:
        items = payload.get("items") if isinstance(payload, dict) else None
        for item in items[1:] if isinstance(items, list) else ():
            if isinstance(item, dict) and "sku" in item and item["sku"] is None:
                item["sku"] = "TEXT"
        return payload

    return server.with_payload(named)


@mutant("rejection", "items[]*", "201.data.items.echo")
def only_the_first_item_is_checked(server: Server) -> Server:
    """`items[0]` in a check that should be a loop."""
    return _checks_one_item(0)(server)


@mutant("rejection", "items[]*", "201.data.items.echo")
def only_the_last_item_is_checked(server: Server) -> Server:
    """Each pass of the loop overwrites the result of the one before."""
    return _checks_one_item(-1)(server)


def _checks_one_item(index: int) -> Mutation:
    """The server checks one item, and puts it in the place of others that are wrong."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        kept = []
        for problem in problems:
            match problem.location:
                case ("items", int(other), *_) if other != index % len(payload["items"]):
                    payload["items"][other] = payload["items"][index]
                case _:
                    kept.append(problem)
        return tuple(kept)

    return lambda server: server.with_problems(judge)


@mutant("rejection", "items[]*", "201.data.items.echo")
def items_are_not_checked_at_all(server: Server) -> Server:
    """No `dive`, no @Valid on the element type of the list: nothing in an item is checked."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        kept = tuple(p for p in problems if len(p.location) < 2 or p.location[0] != "items")
        if len(kept) < len(problems):
            payload["items"] = []
        return kept

    return server.with_problems(judge)


@mutant("rejection", "due_date.type", "url.type", "remarks.type", "*.type")
def text_may_be_anything(server: Server) -> Server:
    """`interface{}` or `any` where a string was meant, converted to text when it is stored."""

    def printed(value: Json) -> Json:
        return value if isinstance(value, str) else f"{value}"[:255] or "none"

    return server.with_payload(
        lambda payload: changed(payload, ("remarks", "url", "name", "sku"), printed)
    )


@mutant("rejection", "items[].amount.type")
def a_price_of_one_piece_may_be_a_text(server: Server) -> Server:
    """Its type shows where it is multiplied, and one piece is not."""

    def read(payload: Json) -> Json:
        for _, holder in objects(payload):
            if holder.get("quantity") == 1 and holder.get("quantity") is not True:
                holder["amount"] = _number(holder.get("amount"))
        return payload

    return server.with_payload(read)
