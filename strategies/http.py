"""The same valid invoice in other encodings, requests and connections, and with other methods."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import cycle
from typing import Any

from spec.contract import Contract, TargetFacts
from spec.paths import Json
from strategies import invalid
from strategies.carriers import EVERYTHING, NO_STATUS, Carrier, carried_body, few, rotation, sent_as
from strategies.cases import Case, Series, lettered
from strategies.invalid import invalid_body
from strategies.invoice import base, encode
from strategies.parameters import with_query
from strategies.riding import (
    FIELDS,
    OF_CLIENTS,
    QUERY,
    Fields,
    Ride,
    query_beside,
    riding,
    undocumented,
)
from strategies.scalars import main_type

_IN_A_SERIES = 3
"""Requests over one connection, or over as many connections."""

_METHODS = ("PUT", "PATCH", "DELETE")

_TIMES = {"no User-Agent": 4, "an unknown query": 4}
"""How often some ways are sent: those unlike any other, so that they meet many carriers."""

_VALID, _INVALID = 2, 3
"""Turns of the lists of this module (`carriers.rotation`)."""

_PADDED = 63 * 1024
"""Bytes of a padded body: nearly as many as the reading allows, and more than most buffers hold."""

_REQUIRED: dict[str, Fields] = {
    "charset=utf-8": (("Content-Type", "application/json; charset=utf-8"),),
    'charset="UTF-8" in quotes': (("Content-Type", 'application/json;charset="UTF-8"'),),
    "Application/JSON": (("Content-Type", "Application/JSON"),),
    "no Accept": (("Accept", None),),
    "Accept: */*": (("Accept", "*/*"),),
    "no Accept-Encoding": (("Accept-Encoding", None),),
    "Expect: 100-continue": (("Expect", "100-continue"),),
}
"""Header fields of which HTTP itself says that they change nothing."""


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
        "slashes and first letters of names escaped": re.sub(
            rb'"([a-z])(\w*":)', _escaped_letter, body.replace(b"/", b"\\/")
        ),
        **{name: _with_numbers(contract, invoice, write) for name, write in _NUMBERS.items()},
    }
    return tuple(Case(name, "encoding", sent) for name, sent in bodies.items())


def equivalent_requests(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice in each way of sending."""
    body = partial(carried_body, contract, facts)
    return tuple(in_each_way(contract, facts, body, facts.key, _VALID))


def equivalent_errors(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """An invalid invoice in each way of sending."""
    body = partial(invalid_body, contract, facts)
    return tuple(in_each_way(contract, facts, body, facts.key, _INVALID))


def unknown_orders(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """An invoice for each id that no order has, with what other clients send besides."""
    pairs = zip(invalid.unknown_orders(contract, facts), cycle(riding(contract)), strict=False)
    return tuple(_with(case, ride) for case, ride in pairs)


def _with(case: Case, ride: Ride) -> Case:
    replaced = {name.lower() for name, _ in ride.fields}
    kept = (field for field in case.headers if field[0].lower() not in replaced)
    headers = (*kept, *ride.fields)
    return replace(case, headers=headers, query=ride.query or None, about=ride.about)


def in_each_way(
    contract: Contract,
    facts: TargetFacts,
    body_of: Callable[[Carrier], bytes],
    key: str | None,
    turn: int,
    times: Mapping[str, int] = _TIMES,
) -> Iterator[Case]:
    """A body with this key, or none, in each way that means the same, and in carriers in turn.

    With the header fields of other clients (RFC 9110), in chunks (RFC 9112, section 7.1), with much
    white space (RFC 8259, section 2), and with a query that the document does not have. A case is
    of the kind `request.fields` or `request.query` where that alone is unusual; `times` says which
    ways are sent more than once.
    """
    used = rotation(contract, turn)
    bodies = map(body_of, used)
    header = contract.key_header
    usual: Fields = ((header, key),) if header else ()
    for name, fields in _REQUIRED.items():
        yield Case(name, "request", next(bodies), (*usual, *fields))
    yield Case("in chunks", "request", next(bodies), usual, chunked=True)
    body = body_of(replace(next(used), items=1))
    padded = body[:1] + b" " * (_PADDED - len(body)) + body[1:]
    yield Case("padded to 63 KiB", "request", padded, usual)
    body = next(bodies)
    in_small_letters: Fields = (
        *((header.lower(), key) for header in (header,) if header),
        ("user-agent", "undici"),
        ("accept", "application/json"),
        ("accept-encoding", "gzip"),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
    )
    yield Case("names in small letters", "request", body, in_small_letters, about=FIELDS)
    for name, (about, fields) in {**OF_CLIENTS, "an unknown query": (QUERY, ())}.items():
        for time in range(times.get(name, 1)):
            carrier = next(used)
            if about == QUERY and time == 1:
                carrier = replace(carrier, absent=EVERYTHING, status=NO_STATUS)
            again = f" ({carrier})" if time else ""
            body = body_of(carrier)
            sent = (
                with_query(contract, query_beside(contract, facts, body))
                if about == QUERY
                else None
            )
            known = (*usual, *undocumented(contract, fields))
            case = Case(f"{name}{again}", about, body, known, sent, about=about)
            yield sent_as(contract, facts, case, carrier)


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
    cases: list[Case] = []
    others = [method for method in _METHODS if method not in contract.operation.methods]
    for carrier, method in zip(few(contract, _VALID), cycle(others), strict=False):
        again = "" if len(cases) < len(others) else f" ({carrier})"
        body = carried_body(contract, facts, carrier)
        case = Case(f"{method}{again}", "another method", body, method=method)
        cases.append(sent_as(contract, facts, case, carrier))
    return tuple(cases)


def _scientific(number: Decimal) -> str:
    return f"{number:E}"


def _scaled(number: Decimal) -> str:
    """19.99 as 199900e-4."""
    return f"{int(number * 10_000)}e-4"


def _padded(number: Decimal) -> str:
    return f"{number:.4f}"


def _long(number: Decimal) -> str:
    return f"{number:.40f}"


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
