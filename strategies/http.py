"""The same valid invoice in other encodings, requests and connections, and with other methods."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from spec.contract import Contract, TargetFacts
from spec.paths import Json
from strategies.cases import Case, Series, lettered
from strategies.invoice import base, encode
from strategies.scalars import main_type

_IN_A_SERIES = 3
"""Requests over one connection, or over as many connections."""

_METHODS = ("PUT", "PATCH", "DELETE")

_HEADERS: dict[str, tuple[str, str | None]] = {
    "charset=utf-8": ("Content-Type", "application/json; charset=utf-8"),
    'charset="UTF-8" in quotes': ("Content-Type", 'application/json;charset="UTF-8"'),
    "Application/JSON": ("Content-Type", "Application/JSON"),
    "no Accept": ("Accept", None),
    "Accept: */*": ("Accept", "*/*"),
    "no Accept-Encoding": ("Accept-Encoding", None),
    "Expect: 100-continue": ("Expect", "100-continue"),
}
"""Each sent in place of the usual header of that name; None for none."""


def equivalent_bodies(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice in other JSON texts of the same value (RFC 8259)."""
    invoice = lettered(contract, base(contract, facts), "Größe 鍵 😀 </b>")
    body = encode(invoice)
    bodies = {
        "white space everywhere": _spaced(invoice),
        "properties in reverse order": encode(_reversed(invoice)),
        "properties in the order of the alphabet": _dumped(invoice, sort_keys=True),
        "all beyond ASCII escaped": _dumped(invoice, ensure_ascii=True),
        "every character escaped": _escaped(body),
        "slashes escaped": body.replace(b"/", b"\\/"),
        **{name: _with_numbers(contract, invoice, write) for name, write in _NUMBERS.items()},
    }
    return tuple(Case(name, "encoding", sent) for name, sent in bodies.items())


def equivalent_requests(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice with other headers (RFC 9110) or in chunks (RFC 9112, section 7.1)."""
    body = encode(base(contract, facts))
    cases = [Case(name, "request", body, (header,)) for name, header in _HEADERS.items()]
    return (*cases, Case("in chunks", "request", body, chunked=True))


def connections(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """Valid invoices over one connection, and each over its own connection."""
    body = encode(base(contract, facts))
    return tuple(
        Series(
            name,
            "connections",
            tuple(Case(f"invoice {n + 1}", name, body, fresh=fresh) for n in range(_IN_A_SERIES)),
        )
        for name, fresh in (("one connection", False), ("a connection each", True))
    )


def methods(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice with a method that is not in the document."""
    body = encode(base(contract, facts))
    return tuple(Case(method, "another method", body, method=method) for method in _METHODS)


def _scientific(number: Decimal) -> str:
    return f"{number:E}"


def _scaled(number: Decimal) -> str:
    """19.99 as 199900e-4."""
    return f"{int(number * 10_000)}e-4"


def _padded(number: Decimal) -> str:
    return f"{number:.4f}"


_NUMBERS: dict[str, Callable[[Decimal], str]] = {
    "amounts with an exponent": _scientific,
    "amounts with a negative exponent": _scaled,
    "amounts with zeros at the end": _padded,
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


def _with_numbers(contract: Contract, invoice: Json, write: Callable[[Decimal], str]) -> bytes:
    """The invoice with every amount as `write` gives it."""
    marked = encode(_marked(contract.narrowed_schema, invoice, write))
    return re.sub(rb'"<number (.*?)>"', rb"\1", marked)


def _marked(schema: Json, value: Json, write: Callable[[Decimal], str]) -> Json:
    """The value with the text `<number ...>` for each number that need not be an integer."""
    match value:
        case dict():
            inner = schema.get("properties", {})
            return {name: _marked(inner.get(name, {}), each, write) for name, each in value.items()}
        case list():
            return [_marked(schema.get("items", {}), each, write) for each in value]
        case int() | float() if main_type(schema) == "number":
            return f"<number {write(Decimal(repr(value)))}>"
    return value
