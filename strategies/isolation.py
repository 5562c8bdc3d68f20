"""Invoices sent in turn or at once, each of its own content: what a server must keep apart."""

from collections.abc import Collection

from spec.contract import Contract, TargetFacts
from spec.paths import Json
from strategies.bodies import FAR
from strategies.cases import Crowd, Series, Variant, invalid_body
from strategies.coherence import ORDER, PAID, STAMPED, settled
from strategies.invoice import base, encode
from strategies.scalars import main_type

AT_ONCE = 32
"""Invoices in flight, twice as many as connections, so that each of those takes turns."""
TIMES = 50
"""How often one invoice is sent: a server that fails every fiftieth time is caught."""
PAYMENTS = (500, 0, 10**6)
"""A part, nothing and more than is due: three states that none can take for another."""


def numbered(contract: Contract, facts: TargetFacts, number: int) -> dict[str, Json]:
    """The base invoice with that number in its texts and quantities; the order stays the same.

    Two numbers that differ by 1 or 2 also differ in state and in how many items there are.
    """
    payload: dict[str, Json] = _numbered(
        contract.narrowed_schema, base(contract, facts), number, kept=(ORDER, *STAMPED)
    )
    if PAID in payload:
        payload[PAID] = PAYMENTS[number % len(PAYMENTS)]
    return settled(contract, payload)


def crowd(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """Invoices of different contents to send at once."""
    cases = tuple(
        Variant(f"invoice {number}", "crowd", encode(numbered(contract, facts, number)))
        for number in range(1, AT_ONCE + 1)
    )
    return (Crowd(f"{AT_ONCE} at once", cases),)


def repeated(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """One invoice again and again, a new stamp aside."""
    body = encode(base(contract, facts))
    cases = tuple(Variant(f"time {number}", "repeated", body) for number in range(1, TIMES + 1))
    return (Crowd(f"{TIMES} times", cases),)


def omissions(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """For each optional property three invoices of one order: with it, without it, with it."""
    schema = contract.narrowed_schema
    first, second = numbered(contract, facts, 0), numbered(contract, facts, 1)
    optional = [name for name in schema["properties"] if name not in schema.get("required", ())]
    without = {f"without {name}": {name} for name in optional if name in first}
    if len(without) > 1:
        without["without any optional property"] = set().union(*without.values())
    found = []
    for name, absent in without.items():
        lacking = {name: value for name, value in second.items() if name not in absent}
        cases = (
            Variant("the one before", name, encode(first)),
            Variant(f"the one {name}", name, encode(lacking)),
            Variant("the one after", name, encode(first)),
        )
        found.append(Series(name, "omission", cases))
    return tuple(found)


def orders(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """Two invoices of one order, otherwise different in all that may differ."""
    cases = tuple(
        Variant(name, "order", encode(numbered(contract, facts, number)))
        for number, name in ((1, "the first invoice"), (2, "the second invoice"))
    )
    return (Series("one order twice", "order", cases),)


def recoveries(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """A bad request and then a good invoice, on the same connection."""
    good = encode(base(contract, facts))
    bad = [
        Variant("an invalid invoice", "bad", invalid_body(contract, facts)),
        Variant("half an invoice", "bad", good[: len(good) // 2]),
        Variant("no body", "bad", b""),
        Variant("arrays without end", "bad", b"[" * FAR),
        Variant("another media type", "bad", good, (("Content-Type", "text/plain"),)),
    ]
    if contract.key_header is not None:
        bad.append(Variant("no key", "bad", good, ((contract.key_header, None),)))
    return tuple(
        Series(f"after {one.name}", "recovery", (one, Variant("a good invoice", "good", good)))
        for one in bad
    )


def _numbered(schema: Json, value: Json, number: int, kept: Collection[str] = ()) -> Json:
    match value:
        case dict():
            inner = schema.get("properties", {})
            return {
                name: each if name in kept else _numbered(inner.get(name, {}), each, number)
                for name, each in value.items()
            }
        case list():
            fewer = len(value) - number % max(len(value), 1)
            elements = value[: max(fewer, schema.get("minItems", 1))]
            return [_numbered(schema.get("items", {}), each, number) for each in elements]
        case str() if schema.get("format") == "text" and "enum" not in schema:
            text = f"{value} {number}"
            return text[-schema.get("maxLength", len(text)) :]
        case str() if schema.get("format") == "web-url":
            return f"{value}?number={number}"
        case int() if main_type(schema) == "integer":
            return min(value + number, schema.get("maximum", value + number))
    return value
