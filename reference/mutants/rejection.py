"""Servers that take what the document forbids, by reading it generously."""

import math
from collections.abc import Callable

from reference.mutants.changes import DATES, MONEY, NAMES, PROPERTIES, changed, holders, read
from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Server

TYPES = ("*.type",)
LIMITED = ("reference_id", "order_id", "invoice_number", "remarks", "sku", "name")
STATES = ("PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID")


def _number(value: Json) -> Json:
    try:
        return float(value) if isinstance(value, str) and value.strip() else value
    except ValueError:
        return value


@mutant("rejection", *TYPES)
def numbers_in_text_are_taken_for_numbers(server: Server) -> Server:
    """Loose typing: PHP, JavaScript's Number(), pydantic's lax mode, Jackson by default read
    "12.5", and " 1 " with its blanks, as numbers.
    """
    return read((*MONEY, "quantity"), lambda value: _whole(_number(value)))(server)


def _whole(value: Json) -> Json:
    return int(value) if isinstance(value, float) and value.is_integer() else value


@mutant("rejection", *TYPES)
def numbers_are_taken_for_text(server: Server) -> Server:
    """`String(value)`, Jackson and gson by default: 42 becomes "42"."""
    return read(NAMES, lambda value: str(value) if type(value) in (int, float) else value)(server)


@mutant("rejection", *TYPES)
def booleans_are_taken_for_text(server: Server) -> Server:
    """SnakeYAML's and Ruby's to_s: true becomes "true"."""
    return read(NAMES, lambda value: str(value).lower() if value in (True, False) else value)(
        server
    )


@mutant("rejection", *TYPES)
def booleans_are_taken_for_numbers(server: Server) -> Server:
    """Python's bool is an int, PHP's true is 1: isinstance(True, int) lets it through."""
    return read(
        (*MONEY, "quantity"), lambda value: int(value) if isinstance(value, bool) else value
    )(server)


@mutant("rejection", "status.enum", "remarks.type", "url.type", "*_at.type")
def null_is_taken_for_absent(server: Server) -> Server:
    """Go decodes null into a pointer as nil and into a value not at all; the document has nothing
    nullable.
    """

    def without(payload: Json) -> Json:
        if isinstance(payload, dict):
            for name in ("status", "remarks", "url", "created_at", "updated_at"):
                if payload.get(name, "") is None:
                    del payload[name]
        return payload

    return server.parsed(without)


@mutant("rejection", "*amount.type", "items[].quantity.type")
def null_is_taken_for_zero(server: Server) -> Server:
    """`COALESCE(x, 0)`, or Go's null that leaves a float64 as it was: at zero."""
    return read((*MONEY, "quantity"), lambda value: 0 if value is None else value)(server)


@mutant("rejection", "*.type")
def null_is_taken_for_text(server: Server) -> Server:
    """Python's str(None), JavaScript's `${null}`."""
    return read(NAMES, lambda value: "null" if value is None else value)(server)


@mutant("rejection", "items[].quantity.type")
def fractions_of_pieces_are_cut_off(server: Server) -> Server:
    """`int(1.5)` is 1: half a piece is lost without a word."""
    return read(
        ("quantity",), lambda value: math.trunc(value) if isinstance(value, float) else value
    )(server)


@mutant("rejection", "due_date.type", "*_at.type")
def seconds_are_taken_for_a_date(server: Server) -> Server:
    """Lax readers (pydantic's, moment's) take a number for seconds since 1970."""
    return read(
        DATES,
        lambda value: "2024-05-02T09:30:00Z" if type(value) in (int, float) else value,
    )(server)


@mutant("rejection", *TYPES, "status.enum")
def a_list_of_one_is_taken_for_its_element(server: Server) -> Server:
    """Jackson's UNWRAP_SINGLE_VALUE_ARRAYS, query strings that became JSON."""
    names = tuple(name for name in PROPERTIES if name != "items")
    return read(
        names, lambda value: value[0] if isinstance(value, list) and len(value) == 1 else value
    )(server)


@mutant("rejection", "items.type")
def one_item_is_taken_for_a_list(server: Server) -> Server:
    """Jackson's ACCEPT_SINGLE_VALUE_AS_ARRAY, XML that became JSON."""
    return read(("items",), lambda value: [value] if _is_item(value) else value)(server)


def _is_item(value: Json) -> bool:
    return isinstance(value, dict) and "sku" in value


@mutant("rejection", "items.type")
def an_object_with_indices_is_taken_for_a_list(server: Server) -> Server:
    """PHP's arrays are both: {"0": ...} is a list to it."""

    def listed(value: Json) -> Json:
        if not isinstance(value, dict) or list(value) != [str(n) for n in range(len(value))]:
            return value
        found = list(value.values())
        return found[0] if len(found) == 1 and isinstance(found[0], list) else found

    return read(("items",), listed)(server)


@mutant("rejection", "body.type")
def a_list_of_one_invoice_is_taken_for_it(server: Server) -> Server:
    """A bulk endpoint behind the same path."""
    return server.parsed(
        lambda payload: payload[0] if isinstance(payload, list) and payload else payload
    )


@mutant("rejection", "*.required")
def names_of_properties_know_no_case(server: Server) -> Server:
    """Go's encoding/json matches keys without regard to case, and so do .NET's Web defaults."""
    known = {name.lower(): name for name in PROPERTIES}
    return server.parsed(lambda payload: _renamed(payload, lambda key: known.get(key.lower(), key)))


@mutant("rejection", "*.required")
def names_of_properties_may_be_in_camel_case(server: Server) -> Server:
    """An alias generator with populate_by_name: both spellings are read."""

    def snake(key: str) -> str:
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)

    return server.parsed(lambda payload: _renamed(payload, snake))


@mutant("rejection", "*.required")
def names_of_properties_are_trimmed(server: Server) -> Server:
    """Keys are cleaned like values: "total_amount " is read as well."""
    return server.parsed(lambda payload: _renamed(payload, str.strip))


def _renamed(payload: Json, change: object) -> Json:
    for _, holder in holders(payload):
        for key in list(holder):
            name = change(key)  # type: ignore[operator] # a function from name to name
            if name not in holder:
                holder[name] = holder.pop(key)
    return payload


@mutant("rejection", "due_date.required", "items[].*.required")
def what_is_required_has_a_default(server: Server) -> Server:
    """A due date in 30 days and one piece, unless something else is said."""

    def filled(payload: Json) -> Json:
        for place, holder in holders(payload):
            holder.setdefault(*(("quantity", 1) if place else ("due_date", "2024-08-01T00:00:00Z")))
        return payload

    return server.parsed(filled)


def _defaulting(name: str, make: Callable[[], Json]) -> Callable[[Server], Server]:
    """Bends a server so that it makes up this property of an invoice that lacks it."""

    def filled(payload: Json) -> Json:
        return {name: make(), **payload} if isinstance(payload, dict) else payload

    return lambda server: server.parsed(filled)


@mutant("rejection", "total_amount.required")
def a_total_is_computed_where_none_is_sent(server: Server) -> Server:
    """The server knows better and asks for less than the document does."""
    return _defaulting("total_amount", lambda: 0)(server)


@mutant("rejection", "items.required")
def an_invoice_needs_no_items(server: Server) -> Server:
    """A nil slice has length zero and raises no alarm."""
    return _defaulting("items", list)(server)


@mutant("rejection", "*_id.maxLength", "*_number.maxLength", "*.maxLength")
def text_that_is_too_long_is_cut(server: Server) -> Server:
    """MySQL without strict mode: 256 characters go in and 255 stay, with a warning for nobody."""
    return read(LIMITED, lambda value: value[:255] if isinstance(value, str) else value)(server)


@mutant("rejection", "*.maxLength")
def the_limit_is_256(server: Server) -> Server:
    """Off by one: VARCHAR(256), or < where <= was meant."""
    return read(LIMITED, lambda value: value[:255] if _longer(value, 256, 256) else value)(server)


def _longer(value: Json, least: int, most: int) -> bool:
    return isinstance(value, str) and least <= len(value) <= most


@mutant("rejection", "*.maxLength")
def blanks_do_not_count_towards_the_limit(server: Server) -> Server:
    """Trimmed before it is measured, so that spaces past the limit go through."""
    return read(
        LIMITED, lambda value: value.strip() if isinstance(value, str) and value.strip() else value
    )(server)


@mutant("rejection", "*.maxLength")
def the_limit_holds_for_ascii_alone(server: Server) -> Server:
    """A pattern that limits ASCII and lets all else through says less than it seems."""
    return read(
        LIMITED,
        lambda value: value[:255] if isinstance(value, str) and not value.isascii() else value,
    )(server)


@mutant("rejection", "*.maxLength")
def the_limit_counts_characters_as_people_see_them(server: Server) -> Server:
    """Swift's count and ICU's iterators: a flag of two code points counts as one. Here all that is
    astral counts as a half.
    """

    def seen(text: str) -> float:
        return sum(0.5 if letter > "\uffff" else 1 for letter in text)

    return read(
        LIMITED,
        lambda value: value[:255] if isinstance(value, str) and seen(value) <= 255 else value,
    )(server)


@mutant("rejection", "items[].*.maxLength")
def items_are_not_measured(server: Server) -> Server:
    """No `dive`: Go's validator looks at the slice and not into it."""

    def cut(payload: Json) -> Json:
        for place, holder in holders(payload):
            if place:
                for name in ("sku", "name", "reference_id"):
                    if isinstance(holder.get(name), str):
                        holder[name] = holder[name][:255]
        return payload

    return server.parsed(cut)


@mutant("rejection", "paid_amount.minimum")
def less_than_nothing_counts_as_nothing(server: Server) -> Server:
    """`max(0, paid)`: the mistake is mended in silence."""
    return read(("paid_amount",), lambda value: _least(value, -math.inf))(server)


@mutant("rejection", "paid_amount.minimum")
def a_cent_below_zero_is_cut_to_zero(server: Server) -> Server:
    """`int(paid) >= 0`: the fraction is gone before the comparison."""
    return read(("paid_amount",), lambda value: _least(value, -1, strict=True))(server)


@mutant("rejection", "paid_amount.minimum")
def a_trifle_below_zero_is_rounded_up(server: Server) -> Server:
    """Rounded to cents before it is compared: -1e-10 is -0.0, and that is not less than 0."""
    return read(("paid_amount",), lambda value: _least(value, -0.005, strict=True))(server)


def _least(value: Json, above: float, *, strict: bool = False) -> Json:
    number = type(value) in (int, float)
    return 0 if number and (above < value if strict else above <= value) and value < 0 else value


@mutant("rejection", "status.enum")
def the_status_knows_no_case(server: Server) -> Server:
    """`strings.EqualFold`, Jackson's ACCEPT_CASE_INSENSITIVE_ENUMS."""
    return read(("status",), lambda value: value.upper() if isinstance(value, str) else value)(
        server
    )


@mutant("rejection", "status.enum")
def the_status_is_trimmed(server: Server) -> Server:
    """Blanks and a line break at its ends are forgiven."""
    return read(("status",), lambda value: value.strip() if isinstance(value, str) else value)(
        server
    )


@mutant("rejection", "status.enum")
def the_status_may_end_in_a_line_break(server: Server) -> Server:
    """`^(PAID|...)$` in Python, Perl, PCRE and Ruby: $ also matches before a final line break."""
    return read(
        ("status",), lambda value: value.removesuffix("\n") if isinstance(value, str) else value
    )(server)


@mutant("rejection", "status.enum")
def the_status_need_only_begin_like_one(server: Server) -> Server:
    """A pattern without its anchor: PAID_ is a PAID with more behind it."""

    def begun(value: Json) -> Json:
        text = value if isinstance(value, str) else ""
        return next((state for state in STATES if text.startswith(state)), value)

    return read(("status",), begun)(server)


@mutant("rejection", "status.enum")
def an_empty_status_is_no_status(server: Server) -> Server:
    """Go's `omitempty,oneof=PAID ...`: the empty string is empty, and so is not looked at."""
    return read(("status",), lambda value: "PENDING" if value == "" else value)(server)


@mutant("rejection", "status.enum")
def the_status_may_be_its_number(server: Server) -> Server:
    """.NET's JsonStringEnumConverter and protobuf take the ordinal as well."""
    return read(
        ("status",), lambda value: STATES[value] if type(value) is int and 0 <= value < 4 else value
    )(server)


@mutant("rejection", "status.enum")
def an_unknown_status_is_pending(server: Server) -> Server:
    """A switch with a default: CANCELLED becomes PENDING."""
    return read(
        ("status",),
        lambda value: "PENDING" if isinstance(value, str) and value not in STATES else value,
    )(server)


@mutant("rejection", "status.enum")
def a_draft_is_a_status_too(server: Server) -> Server:
    """The server has a fifth state that the document does not tell of."""
    return read(("status",), lambda value: "PENDING" if value == "DRAFT" else value)(server)


@mutant("rejection", "items[]*")
def only_the_first_item_is_checked(server: Server) -> Server:
    """`items[0]` in a check that was to be a loop."""
    return server.checked(
        lambda payload, problems: tuple(p for p in problems if not _later(payload, p.where))
    )


def _later(payload: Json, where: tuple[str | int, ...]) -> bool:
    """Whether a problem lies in an item after the first, which is then replaced by the first."""
    if len(where) < 2 or where[0] != "items" or where[1] == 0:
        return False
    payload["items"][where[1]] = {**payload["items"][0]} if payload["items"][0] else {}
    return True


@mutant("rejection", "items[]*")
def only_the_last_item_is_checked(server: Server) -> Server:
    """The verdict of each round of the loop overwrites the one before."""

    def judge(payload: Json, problems: tuple[Json, ...]) -> tuple[Json, ...]:
        items = payload.get("items") if isinstance(payload, dict) else None
        last = len(items) - 1 if isinstance(items, list) else 0
        kept = []
        for problem in problems:
            inside = len(problem.where) > 1 and problem.where[0] == "items"
            if inside and problem.where[1] != last:
                payload["items"][problem.where[1]] = payload["items"][last]
            else:
                kept.append(problem)
        return tuple(kept)

    return server.checked(judge)


@mutant("rejection", "items[]*")
def items_are_not_checked_at_all(server: Server) -> Server:
    """No `dive`, no @Valid on the list's element type: what is wrong in an item goes through."""

    def judge(payload: Json, problems: tuple[Json, ...]) -> tuple[Json, ...]:
        kept = tuple(p for p in problems if len(p.where) < 2 or p.where[0] != "items")
        if len(kept) < len(problems):
            payload["items"] = []
        return kept

    return server.checked(judge)


@mutant("rejection", "due_date.type", "url.type", "remarks.type", "*.type")
def text_may_be_anything(server: Server) -> Server:
    """`interface{}` or `any` where a string was meant, printed when it is stored."""

    def printed(value: Json) -> Json:
        return value if isinstance(value, str) else f"{value}"[:255] or "none"

    return server.parsed(
        lambda payload: changed(payload, ("remarks", "url", "name", "sku"), printed)
    )
