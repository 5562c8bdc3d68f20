"""Numbers that come back otherwise than they were sent."""

import math
import struct

from reference.mutants.changes import MONEY, values
from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Server

NUMBER = "201.data.*.echo"
SUMS = ("total_amount", "paid_amount")


def _single(value: Json) -> Json:
    single: float = struct.unpack("f", struct.pack("f", value))[0]
    return round(single, 2)


@mutant("echo", NUMBER)
def money_is_kept_in_single_precision(server: Server) -> Server:
    """`float32` in a struct or FLOAT in MySQL: seven digits are kept, so 99999999.99 comes back as
    100000000 and 16777217 as 16777216.
    """
    return values(MONEY, _single)(server)


@mutant("echo", NUMBER)
def cents_are_cut_off(server: Server) -> Server:
    """Integer columns for money: 19.99 comes back as 19."""
    return values(MONEY, math.trunc)(server)


@mutant("echo", NUMBER)
def cents_are_made_by_truncation(server: Server) -> Server:
    """`int(amount * 100)`: 0.29 * 100 is 28.999999999999996 and becomes 28 cents."""
    return values(MONEY, lambda value: int(value * 100) / 100)(server)


@mutant("echo", NUMBER)
def money_is_rounded_to_a_tenth(server: Server) -> Server:
    """A column with one decimal, or a format `%.1f` on the way out."""
    return values(MONEY, lambda value: round(value, 1))(server)


@mutant("echo", NUMBER)
def money_is_rounded_to_five_cents(server: Server) -> Server:
    """Swiss cash rounding applied to what is an account's amount."""
    return values(MONEY, lambda value: round(round(value * 20) / 20, 2))(server)


@mutant("echo", NUMBER)
def six_digits_are_all_that_is_printed(server: Server) -> Server:
    """`%g`, or an ostream in C++ by default: 1234567.89 comes back as 1234570."""
    return values(MONEY, lambda value: float(f"{value:g}"))(server)


@mutant("echo", NUMBER)
def money_of_two_thousand_millions_wraps_round(server: Server) -> Server:
    """32 bits with a sign: what is above 2147483647 comes back negative."""
    return values(SUMS, lambda value: value if value < 2**31 else value - 2**32)(server)


@mutant("echo", NUMBER)
def cents_wrap_round_at_32_bits(server: Server) -> Server:
    """Cents in an `int32`: 21474836.48 is the first amount that comes back negative."""
    return values(MONEY, lambda value: value if value < 21474836.48 else value - 42949672.96)(
        server
    )


@mutant("echo", NUMBER)
def money_is_capped_at_ten_digits(server: Server) -> Server:
    """DECIMAL(10,2) in a database that is not strict: the largest value it has is kept instead."""
    return values(MONEY, lambda value: min(value, 99999999.99))(server)


@mutant("echo", "201.data.paid_amount.echo", "201.data.total_amount.echo")
def zero_is_left_out(server: Server) -> Server:
    """Go's `json:",omitempty"` on a float64: an invoice on which nothing is paid has no
    paid_amount in its answer.
    """
    return server.rendered(
        lambda data, _: {key: value for key, value in data.items() if value != 0 or key == "id"}
    )


@mutant("echo", "201.data.items*amount.echo")
def zero_is_left_out_of_items(server: Server) -> Server:
    """The same `omitempty` on the item's amount: what is free has no price in the answer."""

    def without(data: Json, _: Json) -> Json:
        data["items"] = [
            {key: value for key, value in item.items() if value != 0} for item in data["items"]
        ]
        return data

    return server.rendered(without)


@mutant("echo", "201.data.total_amount.echo")
def the_total_is_summed_up_in_doubles(server: Server) -> Server:
    """The server computes the total itself, by adding binary fractions: 0.1 + 0.2 comes back as
    0.30000000000000004.
    """

    def summed(data: Json, _: Json) -> Json:
        data["total_amount"] = sum(item["amount"] * item["quantity"] for item in data["items"])
        return data

    return server.rendered(summed)


@mutant("echo", "201.data.paid_amount.echo")
def what_is_overpaid_is_cut_to_the_total(server: Server) -> Server:
    """`min(paid, total)`: the state OVERPAID is known, the amount above is lost."""

    def cut(data: Json, _: Json) -> Json:
        data["paid_amount"] = min(data["paid_amount"], data["total_amount"])
        return data

    return server.rendered(cut)


@mutant("echo", "201.data.items*quantity.echo")
def quantities_wrap_round_at_16_bits(server: Server) -> Server:
    """SMALLINT: 32768 pieces become -32768."""
    return values(("quantity",), lambda value: (value + 2**15) % 2**16 - 2**15)(server)


@mutant("echo", "201.data.items*quantity.echo")
def quantities_stop_at_99999(server: Server) -> Server:
    """A field of five digits on a form of long ago, enforced by cutting in silence."""
    return values(("quantity",), lambda value: min(value, 99999))(server)


@mutant("echo", "201.data.*amount.echo")
def money_is_answered_in_cents(server: Server) -> Server:
    """Stored in cents, and the answer forgets to divide."""
    return values(MONEY, lambda value: round(value * 100))(server)


@mutant("success", "201.data.*.type")
def money_is_answered_as_text(server: Server) -> Server:
    """Decimal types of Python, Ruby and Java turn to text in JSON, and so does protobuf's int64."""
    return values(MONEY, lambda value: f"{value:.2f}")(server)


@mutant("success", "201.data.items[].item_total.product")
def the_item_total_is_rounded(server: Server) -> Server:
    """The product of price and quantity in whole units."""
    return values(("item_total",), round)(server)


@mutant("success", "201.data.items[].item_total.product")
def the_item_total_overflows(server: Server) -> Server:
    """The product is formed in 32 bits of cents, wide enough for the factors and not for it."""
    return values(("item_total",), lambda value: round(value * 100) % 2**32 / 100)(server)


@mutant("success", "201.data.items[].item_total.product")
def every_item_total_is_the_sum_so_far(server: Server) -> Server:
    """The accumulator is answered in place of the line."""

    def summed(data: Json, _: Json) -> Json:
        so_far = 0.0
        for item in data["items"]:
            so_far += item["item_total"]
            item["item_total"] = so_far
        return data

    return server.rendered(summed)
