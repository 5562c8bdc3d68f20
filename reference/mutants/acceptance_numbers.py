"""Servers that refuse valid invoices for a number: of items, of absent properties, of digits."""

import re

from reference.mutants.mutant import mutant
from reference.mutants.operators import fails_to_read
from reference.mutants.server import Json, Server
from reference.refusal import Problem, Refusal

FAILS = ("201.status", "*.type", "*.required", "*.maxLength", "status.enum", "*.minimum")


@mutant("acceptance", *FAILS)
def a_last_page_that_is_full_is_an_internal_error(server: Server) -> Server:
    """Items are stored 25 at a time, and after 25, 50 or 75 of them there is no last page."""
    return fails_to_read(lambda value: _items(value) in (25, 50, 75))(server)


@mutant("acceptance", *FAILS)
def seven_items_are_an_internal_error(server: Server) -> Server:
    """A layout that was drawn for all numbers of items but one."""
    return fails_to_read(lambda value: _items(value) == 7)(server)


@mutant("acceptance", *FAILS)
def a_quantity_of_777_is_an_internal_error(server: Server) -> Server:
    """Some number is a mark of its own in the table of quantities."""
    return fails_to_read(lambda value: any(_quantity(item) == 777 for item in _list(value)))(server)


def _items(value: dict[str, Json]) -> int:
    return len(_list(value))


def _list(value: dict[str, Json]) -> list[Json]:
    items = value.get("items")
    return items if isinstance(items, list) else []


def _quantity(item: Json) -> Json:
    return item.get("quantity") if isinstance(item, dict) else None


@mutant("acceptance", *FAILS)
def the_dates_of_an_invoice_with_an_address_are_needed(server: Server) -> Server:
    """The address is signed together with one of the two, and neither need be there."""
    return fails_to_read(
        lambda value: "url" in value and not {"created_at", "updated_at"} & value.keys()
    )(server)


@mutant("acceptance", *FAILS)
def two_items_that_are_paid_need_a_status(server: Server) -> Server:
    """The state of an invoice is made of what is paid, and the last of two lines is left out."""
    return fails_to_read(
        lambda value: (
            "status" not in value
            and _items(value) == 2
            and value.get("paid_amount") == value.get("total_amount")
        )
    )(server)


@mutant("acceptance", *FAILS)
def an_address_with_a_debt_needs_a_date_or_remarks(server: Server) -> Server:
    """What is behind the address is asked for the debt, unless there is another way to know it."""
    debts = ("PENDING", "PARTIALLY_PAID", "OVERPAID")
    others = {"remarks", "created_at", "updated_at"}
    return fails_to_read(
        lambda value: "url" in value and value.get("status") in debts and not others & value.keys()
    )(server)


@mutant("acceptance", *FAILS)
def whole_amounts_with_a_zero_are_refused(server: Server) -> Server:
    """`100.0`, as Java and Python write a double, against a pattern for amounts."""
    return _refuses_the_writing(server, rb"[0-9]\.0[,}\s]")


@mutant("acceptance", *FAILS)
def an_exponent_without_a_sign_is_refused(server: Server) -> Server:
    """`1e2`: a reader that knows only how its own library writes an exponent."""
    return _refuses_the_writing(server, rb"[0-9][eE][0-9]+[,}\s]")


@mutant("acceptance", *FAILS)
def an_exponent_of_zero_is_refused(server: Server) -> Server:
    """`19.99e0`: a reader that counts the digits by the exponent."""
    return _refuses_the_writing(server, rb"[0-9][eE][+-]?0+[,}\s]")


def _refuses_the_writing(server: Server, pattern: bytes) -> Server:
    """The server refuses a body in which a number is written so."""
    amount = re.compile(rb'amount"\s*:\s*-?[0-9.]*' + pattern)

    def parse(body: bytes) -> Json:
        if amount.search(body):
            problem = Problem(("total_amount",), "invalid", "Invalid value")
            raise Refusal(400, "The invoice is not valid.", (problem,))
        return server.steps.parse(body)

    return server.with_steps(parse=parse)
