"""The same invoice in other JSON texts of the same value (RFC 8259)."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache, partial
from itertools import cycle
from typing import Any, NamedTuple
from zlib import crc32

from spec.contract import Contract
from spec.paths import Json
from strategies.invoice import encode
from strategies.scalars import main_type

Writing = Callable[[Contract, Json], bytes]


class Fill(NamedTuple):
    """Where the blanks go that fill a buffer, and how many bytes more than it has there are."""

    at: int | None
    more: int


_AROUND = 2000
"""Spaces around the invoice, more than a reader may look at for its start or once it has all."""


_BUFFER = 64 * 1024
"""Bytes of the largest buffer that a body is made to fill, as many as the reading allows."""


def _scientific(number: Decimal) -> str:
    return f"{number:E}"


def _scaled(number: Decimal) -> str:
    """19.99 as 199900e-4."""
    return f"{int(number * 10_000)}e-4"


def _padded(number: Decimal) -> str:
    return f"{number:.4f}"


def _long(number: Decimal) -> str:
    return f"{number:.40f}"


def _longer(number: Decimal) -> str:
    """With more characters than a usual buffer of 64 has."""
    return f"{number:.80f}"


def _of_two_decimals(number: Decimal) -> str:
    return f"{number:.2f}"


def _of_a_positive_exponent(number: Decimal) -> str:
    """19.99 as 0.01999e+3."""
    return f"{number.scaleb(-3):f}e+3"


def _as_doubles(number: Decimal) -> str:
    """100 as 100.0, as Java and Python write each double."""
    return f"{number:f}" if number % 1 else f"{number:.1f}"


def each_otherwise(contract: Contract, invoice: Json) -> bytes:
    """The invoice with equal amounts that follow one another in other scales: 25.00, 25.0000."""
    ways = cycle((_of_two_decimals, _padded, _as_doubles, _scientific, _of_a_positive_exponent))
    return _with_numbers(contract, invoice, lambda number: next(ways)(number))  # noqa: PLW0108 # the next one each time


def _with_exponent(exponent: str) -> Callable[[Decimal], str]:
    """Writes 19.99 as 1999e-02, or otherwise with such an exponent."""
    return lambda number: f"{number.scaleb(-int(exponent[1:])).normalize():f}{exponent}"


_NUMBERS: dict[str, Callable[[Decimal], str]] = {
    "amounts with an exponent": _scientific,
    "amounts with a negative exponent": _scaled,
    "amounts with zeros at the end": _padded,
    "amounts of forty decimals": _long,
}
"""Only for amounts: not every reader takes a number with an exponent for an integer."""


def _dumped(invoice: Json, **options: Any) -> bytes:
    return json.dumps(invoice, **{"ensure_ascii": False, **options}).encode()


def _spaced(invoice: Json) -> bytes:
    text = json.dumps(invoice, ensure_ascii=False, indent="\t", separators=(" \r,", " : "))
    return f"\r\n\t {text} \n\n".encode()


def _reversed(value: Json) -> Json:
    """The value with the properties of every object in reverse; arrays keep their order."""
    match value:
        case dict():
            return {name: _reversed(value[name]) for name in reversed(value)}
        case list():
            return [_reversed(element) for element in value]
    return value


def _escaped(body: bytes) -> bytes:
    r"""The body with every character of every string and name as `\u` escapes in UTF-16."""

    def escape(text: re.Match[str]) -> str:
        units = json.loads(text[0]).encode("utf-16-be")
        return '"' + re.sub("(....)", r"\\u\1", units.hex()) + '"'

    return re.sub(r'"(?:[^"\\]|\\.)*"', escape, body.decode()).encode()


def _escaped_letter(name: re.Match[bytes]) -> bytes:
    return b'"\\u%04x%b' % (ord(name[1]), name[2])


def _with_numbers(
    contract: Contract,
    invoice: Json,
    write: Callable[[Decimal], str],
    dump: Callable[[Json], bytes] = encode,
) -> bytes:
    """The invoice with every amount as `write` gives it, where that is the same amount."""
    marked = dump(_marked(contract.narrowed_schema, invoice, write))
    return re.sub(rb'"<number (.*?)>"', rb"\1", marked)


def _marked(schema: Json, value: Json, write: Callable[[Decimal], str]) -> Json:
    """The value with the text `<number ...>` for each number that need not be an integer."""
    match value:
        case dict():
            inner = schema.get("properties", {})
            return {name: _marked(inner.get(name, {}), each, write) for name, each in value.items()}
        case list():
            return [_marked(schema.get("items", {}), each, write) for each in value]
        case int() | float() if main_type(schema) == "number" and not isinstance(value, bool):
            number = Decimal(repr(value))
            text = write(number)
            return f"<number {text}>" if Decimal(text) == number else value
    return value


def _with_space(_contract: Contract, invoice: Json, *, space: str) -> bytes:
    """The invoice with one kind of white space before, between and after all that it has."""
    text = _dumped(invoice, separators=(f"{space},{space}", f"{space}:{space}"))
    return space.encode() + text + space.encode()


def _in_other_orders(_contract: Contract, invoice: Json) -> bytes:
    """The invoice with the properties of each object in an order of its own."""

    def ordered(value: Json, turn: int) -> Json:
        match value:
            case dict():
                at = turn % max(len(value), 1)
                names = [*value][at:] + [*value][:at]
                return {name: ordered(value[name], turn + 1) for name in names}
            case list():
                return [ordered(each, turn + n) for n, each in enumerate(value)]
        return value

    return encode(ordered(invoice, 1))


def _in_order_of(key: Callable[[str], Any], fill: Fill, write: Writing) -> Writing:
    """Writes the invoice with the properties of each object in the order of what their names are
    made by: as a language sorts them, or backwards. It is as long as what it is read into may be.
    """

    def ordered(value: Json) -> Json:
        match value:
            case dict():
                return {name: ordered(value[name]) for name in sorted(value, key=key)}
            case list():
                return [ordered(each) for each in value]
        return value

    return lambda contract, invoice: filled_up(write(contract, ordered(invoice)), fill)


def filled_up(body: bytes, fill: Fill) -> bytes:
    """The body with blanks up to a power of two or beside it, where that is not too much."""
    size = 1 << (len(body) - 1).bit_length()
    return filled(body, size + fill.more, fill.at) if size <= _BUFFER else body


def filled(body: bytes, size: int, at: int | None = None) -> bytes:
    """The body of that size, with blanks before this index of it, or else at its end."""
    return body[:at] + b" " * (size - len(body)) + body[len(body) if at is None else at :]


def _ending_in_numbers(_contract: Contract, invoice: Json) -> bytes:
    """The invoice with a number as the last property of each object: right before its bracket."""

    def ordered(value: Json) -> Json:
        match value:
            case dict():
                names = sorted(value, key=lambda name: isinstance(value[name], int | float))
                return {name: ordered(value[name]) for name in names}
            case list():
                return [ordered(each) for each in value]
        return value

    return encode(ordered(invoice))


def _with_an_escape_in_each_text(_contract: Contract, invoice: Json) -> bytes:
    r"""The invoice with the second character of each text escaped, as in P\u0041ID."""
    return re.sub(
        r'(?<=[:,\[])"([^"\\])([ -!#-\[\]-~])',
        lambda text: f'"{text[1]}\\u{ord(text[2]):04X}',
        encode(invoice).decode(),
    ).encode()


def _with_escaped_slashes(_contract: Contract, invoice: Json) -> bytes:
    """The invoice as PHP writes it."""
    return encode(invoice).replace(b"/", b"\\/")


def _with_escaped_names(_contract: Contract, invoice: Json) -> bytes:
    """The invoice with the first letters of names escaped."""
    return re.sub(rb'"([a-z])(\w*":)', _escaped_letter, encode(invoice))


def _in_capitals(_contract: Contract, invoice: Json) -> bytes:
    """The invoice as .NET writes it: all beyond ASCII and what HTML reads, and so the + of an
    offset, escaped in capital digits.
    """
    text = encode(invoice).decode()
    return re.sub(r"[^\x00-\x7f]|[&'+<>`]", lambda one: _in_units(one[0]), text).encode()


@lru_cache(maxsize=1024)
def _in_units(character: str) -> str:
    """Cached, because a text has one over and over."""
    return re.sub("(....)", r"\\u\1", character.encode("utf-16-be").hex().upper())


WRITINGS: dict[str, Writing] = {
    "white space everywhere": lambda _contract, invoice: _spaced(invoice),
    "properties in reverse order": lambda _contract, invoice: encode(_reversed(invoice)),
    "properties in the order of the alphabet": lambda _contract, invoice: _dumped(
        invoice, sort_keys=True
    ),
    "all beyond ASCII escaped": _in_capitals,
    "every character escaped": lambda _contract, invoice: _escaped(encode(invoice)),
    "slashes escaped": _with_escaped_slashes,
    **{name: partial(_with_numbers, write=write) for name, write in _NUMBERS.items()},
}
"""By what is special about the text."""
OF_AMOUNTS = frozenset(_NUMBERS)
"""Those of which the amounts are."""


def _indented(_contract: Contract, invoice: Json) -> bytes:
    return _dumped(invoice, indent=2) + b"\n"


def _indented_by_tabs(_contract: Contract, invoice: Json) -> bytes:
    return _dumped(invoice, indent="\t").replace(b"\n", b"\r\n")


BY_LINES: tuple[Writing, ...] = (
    # Of a hundred items more than a thousand lines.
    lambda _contract, invoice: _dumped(invoice, indent=8, separators=(",", ":\n")),
    partial(_with_space, space="\r\n"),
    _indented_by_tabs,
)
"""Each name and each value has a line of its own, each token, or each property."""

_AS_MOST_CLIENTS: tuple[Writing, ...] = tuple(
    partial(_with_numbers, write=write) for write in (_of_two_decimals, _as_doubles)
)
_KEYS: tuple[Callable[[str], Any], ...] = (
    lambda name: [-ord(each) for each in name],
    lambda name: (len(name), name),
    lambda name: crc32(name.encode()),
    lambda name: name[::-1],
    str,
)
"""From z to a, the shortest first, in no order, by the end of a name, and as a language sorts."""
_EXPONENTS = (
    *("e0", "E0", "e+0", "e-0", "e2", "E2", "E+2", "E-2", "e02", "e-02", "E+02", "e10", "E-10"),
)


FILLS = (
    *(Fill(None, 0), Fill(-1, 0), Fill(1, 1), Fill(-1, -1)),
    *(Fill(-1, 0), Fill(1, 0), Fill(-1, 1), Fill(1, -1)),
)
"""Bodies that end in their brace or in blanks."""


def _in_orders(writings: Iterable[Writing]) -> Iterator[Writing]:
    """The writings, each with the properties in another order: it is all the same to JSON, but not
    to what reads them one by one.
    """
    return map(_in_order_of, cycle(_KEYS), cycle(FILLS), writings)


_ONCE: tuple[Writing, ...] = (
    *(partial(_with_space, space=each) for each in ("\t", "\r", "\n", " ")),
    *(_in_other_orders, _ending_in_numbers, _with_an_escape_in_each_text),
    lambda _contract, invoice: b" " * _AROUND + encode(invoice) + b" " * _AROUND,
    _with_escaped_names,
    lambda _contract, invoice: _dumped(invoice, ensure_ascii=True),
    *(_indented, _indented_by_tabs),
    lambda _contract, invoice: _dumped(invoice, indent=0, separators=(" , ", " : ")),
    *_in_orders(
        partial(_with_numbers, write=write)
        for write in (*map(_with_exponent, _EXPONENTS), _of_a_positive_exponent, _longer)
    ),
    partial(_with_numbers, write=_scientific, dump=partial(_dumped, indent=2)),
    *_AS_MOST_CLIENTS,
    each_otherwise,
)
_AGAIN: tuple[Writing, ...] = (
    # What most clients write meets more amounts, and what has many lines has many items.
    *_AS_MOST_CLIENTS * 2,
    *[_indented, _indented_by_tabs, _in_other_orders, _with_an_escape_in_each_text] * 2,
    _ending_in_numbers,
    *[each_otherwise, _in_capitals] * 3,  # not every invoice has an offset
)
MORE_WRITINGS = (*_ONCE, *_AGAIN)
"""Those that are never more than extras: each of them before one comes again, for there are fewer
refused invoices than these take with all other ways.
"""
