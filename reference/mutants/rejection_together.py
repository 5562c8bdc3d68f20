"""Servers that fail where two things of an invoice are wrong, and not where one of them is."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from reference.mutants.mutant import mutant
from reference.mutants.operators import fails_to_read, notes_query
from reference.mutants.rejection import STATUSES
from reference.mutants.server import Json, Mutation, Server
from reference.refusal import Problem, Refusal

STATUS = "response.status"
ANY = ("*.type", "*.required", "*.maxLength", "*.enum", "*.minimum", STATUS)

Places = Collection[tuple[str, str]]
"""The name of each wrong property, and what is wrong with it."""


def _fails(on: Callable[[Places, Json], bool]) -> Mutation:
    """The server answers 500 to some wrong invoices, by what is wrong and the payload."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        places = {(str(one.location[-1]), one.kind) for one in problems if one.location}
        if len(problems) > 1 and on(places, payload):
            raise Refusal(500, "Unexpected")
        return problems

    return lambda server: server.with_problems(judge)


@mutant("rejection", *ANY)
def an_item_that_is_none_beside_a_wrong_one_is_an_internal_error(server: Server) -> Server:
    """Errors are sorted by index and property; an item that is no object has none: None < ''."""

    def judge(_: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        lengths = {len(one.location) for one in problems if one.location[:1] == ("items",)}
        if {2, 3} <= lengths:
            raise Refusal(500, "Unexpected")
        return problems

    return server.with_problems(judge)


@mutant("rejection", *ANY)
def a_missing_order_beside_a_missing_sku_is_an_internal_error(server: Server) -> Server:
    """The line of the log is the order and the first wrong item's sku, each by its index."""
    return _fails(lambda places, _: {("order_id", "missing"), ("sku", "missing")} <= {*places})(
        server
    )


@mutant("rejection", *ANY)
def a_wrong_status_beside_a_missing_total_is_an_internal_error(server: Server) -> Server:
    """The message on a status tells the total."""
    return _fails(
        lambda places, _: (
            ("total_amount", "missing") in places and any(name == "status" for name, _ in places)
        )
    )(server)


@mutant("rejection", *ANY)
def dates_of_two_wrong_types_are_an_internal_error(server: Server) -> Server:
    """They are compared before they are checked: two numbers have an order, a number and a list
    have none.
    """

    def differ(_: Places, payload: Json) -> bool:
        if not isinstance(payload, dict) or not {"due_date", "created_at"} <= payload.keys():
            return False
        due, created = payload["due_date"], payload["created_at"]
        return not isinstance(due, str) and not isinstance(created, str | type(due))

    return _fails(differ)(server)


@mutant("rejection", *ANY)
def a_long_name_beside_a_text_for_a_quantity_is_an_internal_error(server: Server) -> Server:
    """What is wrong is summed up in a line of fixed width, with %d for the quantity."""
    return _fails(
        lambda places, _: (
            ("name", "string_too_long") in places and any(name == "quantity" for name, _ in places)
        )
    )(server)


@mutant("rejection", "*.maxLength")
def two_long_texts_cancel_out(server: Server) -> Server:
    """`wrong ^= too_long(text)` for each text of the invoice: an even number of them is right."""

    def judge(_: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        long = [one for one in problems if one.kind == "string_too_long" and not one.location[1:]]
        return () if len(long) == len(problems) == 2 else problems

    return server.with_problems(judge)


@mutant("rejection", "*.maxLength", "*.enum", "*.minimum")
def a_query_asks_for_no_checks(server: Server) -> Server:
    """`?validate=false` for imports: what the parser of JSON takes is kept."""
    asked: list[bool] = []

    checked = ("string_too_long", "enum", "greater_than_equal")

    def judge(_: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        if not any(asked):
            return problems
        return tuple(one for one in problems if one.kind not in checked)

    return server.with_problems(judge).with_layers(notes_query(b"validate=false", asked))


@mutant("rejection", "status.enum", "paid_amount.minimum")
def a_refund_is_taken_as_the_old_system_writes_it(server: Server) -> Server:
    """An import of refunds: another status with a negative payment, and nothing else wrong."""

    def judge(_: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        names = [str(one.location[-1]) for one in problems if one.location]
        is_text = all(one.kind != "type" for one in problems)
        return () if is_text and sorted(names) == ["paid_amount", "status"] else problems

    return server.with_problems(judge)


@mutant("rejection", "items[].quantity.type")
def quantities_that_are_all_texts_are_taken(server: Server) -> Server:
    """What has a text for each quantity of two items or more comes from a table, and is mended."""

    def mended(payload: Json) -> Json:
        items = payload.get("items") if isinstance(payload, dict) else None
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            return payload
        known = [one.get("quantity") for one in items]
        if len(known) > 1 and all(isinstance(one, str) and one.isdecimal() for one in known):
            lines = [{**one, "quantity": int(one["quantity"])} for one in items]
            return {**payload, "items": lines}
        return payload

    return server.with_payload(mended)


@mutant("rejection", *ANY)
def faults_are_counted_in_a_byte(server: Server) -> Server:
    """Of 256 faults there are none, and the first of them is missing."""

    def judge(_: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        if problems and not len(problems) % 256:
            raise Refusal(500, "Unexpected")
        return problems

    return server.with_problems(judge)


def _leaves_out(name: str) -> Mutation:
    """The server takes items with nothing but this property for no items."""

    def change(payload: Json) -> Json:
        items = payload.get("items") if isinstance(payload, dict) else None
        if not isinstance(items, list):
            return payload
        return {**payload, "items": [one for one in items if not is_alone(one)]}

    def is_alone(item: Json) -> bool:
        return isinstance(item, dict) and item.keys() == {name}

    return lambda server: server.with_payload(change)


@mutant("rejection", *ANY, "4xx.details.names")
def a_reference_alone_is_a_comment(server: Server) -> Server:
    """A line of an import with nothing else is left out."""
    return _leaves_out("reference_id")(server)


@mutant("rejection", *ANY, "4xx.details.names")
def an_amount_alone_is_a_subtotal(server: Server) -> Server:
    """A line with nothing else is left out, for it has been counted."""
    return _leaves_out("amount")(server)


def _reads_items(read: Callable[[Json], Json]) -> Mutation:
    """The server reads other items than were sent."""

    def change(payload: Json) -> Json:
        items = payload.get("items") if isinstance(payload, dict) else None
        return {**payload, "items": [*map(read, items)]} if isinstance(items, list) else payload

    return lambda server: server.with_payload(change)


@mutant("rejection", *ANY)
def an_item_may_be_its_values_in_order(server: Server) -> Server:
    """Rust's serde takes an array for a struct, and what follows checks the struct."""
    names = ("reference_id", "sku", "quantity", "amount", "name")

    def read(item: Json) -> Json:
        is_row = isinstance(item, list) and len(item) == len(names)
        return dict(zip(names, item, strict=True)) if is_row else item

    return _reads_items(read)(server)


@mutant("rejection", *ANY)
def an_item_may_be_the_only_one_of_a_list(server: Server) -> Server:
    """UNWRAP_SINGLE_VALUE_ARRAYS, for objects."""

    def read(item: Json) -> Json:
        is_one = isinstance(item, list) and len(item) == 1 and isinstance(item[0], dict)
        return item[0] if is_one else item

    return _reads_items(read)(server)


@mutant("rejection", *ANY)
def the_last_batch_of_one_is_not_checked(server: Server) -> Server:
    """Twenty at a time; a loop that ends before the last begins leaves out what is over."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        items = payload.get("items") if isinstance(payload, dict) else None
        size = len(items) if isinstance(items, list) else 0
        alone = ("items", size - 1) if size > 20 and size % 20 == 1 else None
        # What is no object at all cannot be stored.
        return tuple(one for one in problems if one.location[:2] != alone or one.location == alone)

    return server.with_problems(judge)


@mutant("rejection", *ANY)
def what_follows_a_line_for_nothing_is_not_checked(server: Server) -> Server:
    """A loop ends at a gift, where it should have gone on with the next line."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        items = payload.get("items") if isinstance(payload, dict) else None
        lines = items if isinstance(items, list) else []
        amounts = (each.get("amount") if isinstance(each, dict) else None for each in lines)
        end = next((n for n, amount in enumerate(amounts) if amount == 0), len(lines))
        return tuple(
            one
            for one in problems
            # Without a number, or as no object at all, it cannot be stored.
            if {*one.location[2:]} <= {"amount", "quantity"} or int(one.location[1]) <= end
        )

    return server.with_problems(judge)


@mutant("rejection", *ANY)
def the_difference_of_two_arrays_is_an_internal_error(server: Server) -> Server:
    """What is left to pay is computed before types are looked at: a list less a list."""
    amounts = ("total_amount", "paid_amount")
    return fails_to_read(lambda sent: all(isinstance(sent.get(name), list) for name in amounts))(
        server
    )


@mutant("rejection", *ANY)
def items_that_are_all_null_are_an_internal_error(server: Server) -> Server:
    """Those that are null are left out, and of the others the first one is looked at."""

    def on(sent: dict[str, Json]) -> bool:
        items = sent.get("items")
        return isinstance(items, list) and len(items) > 1 and all(each is None for each in items)

    return fails_to_read(on)(server)


@mutant("rejection", *ANY)
def no_items_beside_a_wrong_status_are_an_internal_error(server: Server) -> Server:
    """The message on a status names the first item."""
    return fails_to_read(
        lambda sent: sent.get("items") == [] and sent.get("status") not in (None, *STATUSES)
    )(server)


@mutant("rejection", "created_at.type", "updated_at.type")
def two_dates_in_seconds_are_taken(server: Server) -> Server:
    """Dates are only compared, and two numbers compare well."""
    names = ("created_at", "updated_at")

    def read(payload: Json) -> Json:
        if not isinstance(payload, dict) or not all(type(payload.get(n)) is int for n in names):
            return payload
        dates = {n: datetime.fromtimestamp(payload[n], UTC).isoformat() for n in names}
        return {**payload, **dates}

    return server.with_payload(read)


@mutant("rejection", "total_amount.type", "paid_amount.type")
def two_amounts_that_are_null_are_nothing(server: Server) -> Server:
    """Nothing is left to pay: null - null is 0 in JavaScript."""
    names = ("total_amount", "paid_amount")

    def read(payload: Json) -> Json:
        is_null = isinstance(payload, dict) and all(payload.get(n, 0) is None for n in names)
        return {**payload, **dict.fromkeys(names, 0)} if is_null else payload

    return server.with_payload(read)


@mutant("rejection", "paid_amount.type")
def what_is_paid_in_whole_may_be_null(server: Server) -> Server:
    """The state says how much it was: `paid_amount ?? total_amount`."""

    def read(payload: Json) -> Json:
        is_null = isinstance(payload, dict) and payload.get("paid_amount", 0) is None
        is_whole = is_null and payload.get("status") == "PAID" and "total_amount" in payload
        return {**payload, "paid_amount": payload["total_amount"]} if is_whole else payload

    return server.with_payload(read)


@mutant("rejection", "items[].quantity.type", "items[].amount.type")
def an_item_without_numbers_is_a_heading(server: Server) -> Server:
    """A line of which both numbers are null is text between the others."""

    def read(item: Json) -> Json:
        names = ("quantity", "amount")
        is_heading = isinstance(item, dict) and all(item.get(n, 0) is None for n in names)
        return {**item, "quantity": 1, "amount": 0} if is_heading else item

    return _reads_items(read)(server)


def _checks_less(unchecked: Callable[[Json], bool], *kinds: str) -> Mutation:
    """The server lets such faults of such items through."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        items = payload.get("items") if isinstance(payload, dict) else None
        lines = enumerate(items if isinstance(items, list) else ())
        free = {index for index, one in lines if isinstance(one, dict) and unchecked(one)}
        return tuple(
            one
            for one in problems
            if one.kind not in kinds or len(one.location) < 3 or one.location[1] not in free
        )

    return lambda server: server.with_problems(judge)


@mutant("rejection", "items[].name.maxLength", "items[].sku.maxLength")
def a_line_of_no_pieces_is_a_comment(server: Server) -> Server:
    """Comments may be as long as one likes."""
    return _checks_less(lambda item: item.get("quantity") == 0, "string_too_long")(server)


@mutant("rejection", "items[].name.maxLength", "items[].sku.maxLength")
def a_line_of_no_amount_and_no_pieces_is_a_comment(server: Server) -> Server:
    """A line of pieces is goods, and one of an amount a fee; what is neither is text."""
    return _checks_less(
        lambda item: not item.get("quantity") and not item.get("amount"), "string_too_long"
    )(server)


@mutant("rejection", *ANY)
def an_update_before_its_order_beside_a_fault_is_an_internal_error(server: Server) -> Server:
    """The check of dates adds its error to the list of the others, which is frozen by then."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        updated = payload.get("updated_at") if isinstance(payload, dict) else None
        if problems and isinstance(updated, str) and updated[:4] in ("2018", "2019"):
            raise Refusal(500, "Unexpected")
        return problems

    return server.with_problems(judge)


def _fills(server: Server, **values: Json) -> Server:
    """An item that has none of these properties gets them all."""

    def filled(payload: Json) -> Json:
        items = payload.get("items") if isinstance(payload, dict) else None
        if not isinstance(items, list):
            return payload
        lacking = (isinstance(one, dict) and not values.keys() & one.keys() for one in items)
        full = [{**one, **values} if no else one for one, no in zip(items, lacking, strict=True)]
        return {**payload, "items": full}

    return server.with_payload(filled)


@mutant("rejection", "items[].amount.required", "items[].quantity.required")
def a_line_of_no_numbers_is_a_text(server: Server) -> Server:
    """An item with neither an amount nor a quantity may be a remark."""
    return _fills(server, amount=0, quantity=0)


@mutant("rejection", "items[].sku.required", "items[].name.required")
def an_item_may_be_a_position_alone(server: Server) -> Server:
    """An item with neither a sku nor a name is a position of a contract."""
    return _fills(server, sku="POSITION", name="Position")


@mutant("rejection", "items[].name.maxLength")
def only_the_first_hundred_items_are_checked(server: Server) -> Server:
    """They are checked a hundred at a time, and the loop ends after the first time."""

    def judge(_: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        return tuple(one for one in problems if one.location[1:2] < (100,))

    return server.with_problems(judge)


@mutant("rejection", "status.enum", "paid_amount.minimum")
def a_refund_may_be_negative(server: Server) -> Server:
    """A credit note has a status of its own, and an amount that is given back."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        places = {problem.location for problem in problems}
        is_refund = isinstance(payload, dict) and payload.get("status") == "REFUNDED"
        return () if is_refund and places == {("status",), ("paid_amount",)} else problems

    return server.with_problems(judge)
