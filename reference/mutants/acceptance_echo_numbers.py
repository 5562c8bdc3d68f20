"""Servers that echo other numbers."""

import math
import struct

from reference.mutants.mutant import mutant
from reference.mutants.operators import MONEY, answers
from reference.mutants.server import Json, Server

NUMBER = "201.data.*.echo"
SUMS = ("total_amount", "paid_amount")


def _single(value: Json) -> Json:
    single: float = struct.unpack("f", struct.pack("f", value))[0]
    return round(single, 2)


@mutant("acceptance/echo", NUMBER)
def money_is_kept_in_single_precision(server: Server) -> Server:
    """`float32` in a struct or FLOAT in MySQL: seven digits are kept, so 99999999.99 comes back as
    100000000 and 16777217 as 16777216.
    """
    return answers(MONEY, _single)(server)


@mutant("acceptance/echo", NUMBER)
def cents_are_cut_off(server: Server) -> Server:
    """Integer columns for money: 19.99 comes back as 19."""
    return answers(MONEY, math.trunc)(server)


@mutant("acceptance/echo", NUMBER)
def cents_are_made_by_truncation(server: Server) -> Server:
    """`int(amount * 100)`: 0.29 * 100 is 28.999999999999996 and becomes 28 cents."""
    return answers(MONEY, lambda value: int(value * 100) / 100)(server)


@mutant("acceptance/echo", NUMBER)
def money_is_rounded_to_a_tenth(server: Server) -> Server:
    """A column with one decimal, or a format `%.1f` on the way out."""
    return answers(MONEY, lambda value: round(value, 1))(server)


@mutant("acceptance/echo", NUMBER)
def money_is_rounded_to_five_cents(server: Server) -> Server:
    """Swiss cash rounding applied to amounts that are not paid in cash."""
    return answers(MONEY, lambda value: round(round(value * 20) / 20, 2))(server)


@mutant("acceptance/echo", NUMBER)
def only_six_digits_are_printed(server: Server) -> Server:
    """`%g`, or an ostream in C++ by default: 1234567.89 comes back as 1234570."""
    return answers(MONEY, lambda value: float(f"{value:g}"))(server)


@mutant("acceptance/echo", NUMBER)
def money_above_two_billion_wraps_around(server: Server) -> Server:
    """Signed 32 bits: an amount above 2147483647 comes back negative."""
    return answers(SUMS, lambda value: value if value < 2**31 else value - 2**32)(server)


@mutant("acceptance/echo", NUMBER)
def cents_wrap_around_at_32_bits(server: Server) -> Server:
    """Cents in an `int32`: 21474836.48 is the first amount that comes back negative."""
    return answers(MONEY, lambda value: value if value < 21474836.48 else value - 42949672.96)(
        server
    )


@mutant("acceptance/echo", NUMBER)
def money_is_capped_at_ten_digits(server: Server) -> Server:
    """DECIMAL(10,2) in a database that is not strict: it stores the largest value that fits."""
    return answers(MONEY, lambda value: min(value, 99999999.99))(server)


@mutant("acceptance/echo", "201.data.paid_amount.echo", "201.data.total_amount.echo")
def zero_is_left_out(server: Server) -> Server:
    """Go's `json:",omitempty"` on a float64: an unpaid invoice has no paid_amount in its answer."""
    return server.with_data(
        lambda data, _: {key: value for key, value in data.items() if value != 0 or key == "id"}
    )


@mutant("acceptance/echo", "201.data.items*amount.echo")
def zero_is_left_out_of_items(server: Server) -> Server:
    """The same `omitempty` on an item's amount: a free item has no amount in the answer."""

    def without(data: Json, _: Json) -> Json:
        data["items"] = [
            {key: value for key, value in item.items() if value != 0} for item in data["items"]
        ]
        return data

    return server.with_data(without)


@mutant("acceptance/echo", "201.data.total_amount.echo")
def the_total_is_summed_up_in_doubles(server: Server) -> Server:
    """The total is computed by adding doubles: 0.1 + 0.2 comes back as 0.30000000000000004."""

    def summed(data: Json, _: Json) -> Json:
        data["total_amount"] = sum(item["amount"] * item["quantity"] for item in data["items"])
        return data

    return server.with_data(summed)


@mutant("acceptance/echo", "201.data.paid_amount.echo")
def an_overpayment_is_cut_to_the_total(server: Server) -> Server:
    """`min(paid, total)`: the status OVERPAID is known, but the excess is lost."""

    def cut(data: Json, _: Json) -> Json:
        data["paid_amount"] = min(data["paid_amount"], data["total_amount"])
        return data

    return server.with_data(cut)


@mutant("acceptance/echo", "201.data.items*quantity.echo")
def quantities_wrap_around_at_16_bits(server: Server) -> Server:
    """SMALLINT: 32768 pieces become -32768."""
    return answers(("quantity",), lambda value: (value + 2**15) % 2**16 - 2**15)(server)


@mutant("acceptance/echo", "201.data.items*quantity.echo")
def quantities_stop_at_99999(server: Server) -> Server:
    """A five-digit field of an old form; a larger value is cut without an error."""
    return answers(("quantity",), lambda value: min(value, 99999))(server)


@mutant("acceptance/echo", "201.data.*amount.echo")
def money_is_answered_in_cents(server: Server) -> Server:
    """Stored in cents, and the answer forgets to divide."""
    return answers(MONEY, lambda value: round(value * 100))(server)
