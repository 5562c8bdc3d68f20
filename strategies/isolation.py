"""Invoices sent in turn or at once: no answer may depend on another request."""

from collections.abc import Collection

from spec.contract import Contract, TargetFacts
from spec.paths import Json
from strategies.bodies import TOO_DEEP
from strategies.cases import Case, Crowd, Series
from strategies.invalid import invalid_body
from strategies.coherence import ORDER, PAID, STAMPED, consistent
from strategies.invoice import base, encode
from strategies.scalars import main_type

AT_ONCE = 32
"""Invoices to send at once: two for each connection, so that connections are also reused."""

_TIMES = 50
"""How often the same invoice is sent, so that a failure of every fiftieth request shows."""

_PAYMENTS = (500, 0, 10**6)
"""A part, nothing, and more than the total: three different statuses."""


def concurrent(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """Invoices with different contents to send at once."""
    cases = tuple(
        Case(f"invoice {number}", "crowd", encode(distinct_invoice(contract, facts, number)))
        for number in range(1, AT_ONCE + 1)
    )
    return (Crowd(f"{AT_ONCE} at once", cases),)


def repeated(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """The same invoice again and again, each with a new stamp."""
    body = encode(base(contract, facts))
    cases = tuple(Case(f"time {number}", "repeated", body) for number in range(1, _TIMES + 1))
    return (Crowd(f"{_TIMES} times", cases),)


def omissions(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """For each optional property three invoices of one order: with, without and with it."""
    schema = contract.narrowed_schema
    first, second = (distinct_invoice(contract, facts, number) for number in (0, 1))
    optional = [name for name in schema["properties"] if name not in schema.get("required", ())]
    without = {f"without {name}": {name} for name in optional if name in first}
    if len(without) > 1:
        without["without any optional property"] = set().union(*without.values())
    series = []
    for name, absent in without.items():
        lacking = {name: value for name, value in second.items() if name not in absent}
        cases = (
            Case("the invoice before", name, encode(first)),
            Case(f"the invoice {name}", name, encode(lacking)),
            Case("the invoice after", name, encode(first)),
        )
        series.append(Series(name, "omission", cases))
    return tuple(series)


def same_order(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """Two invoices of one order that differ in everything else."""
    cases = tuple(
        Case(name, "order", encode(distinct_invoice(contract, facts, number)))
        for number, name in ((1, "the first invoice"), (2, "the second invoice"))
    )
    return (Series("one order twice", "order", cases),)


def recoveries(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """A bad request and then a valid invoice, over the same connection."""
    valid = encode(base(contract, facts))
    bad = [
        Case("an invalid invoice", "bad", invalid_body(contract, facts)),
        Case("half an invoice", "bad", valid[: len(valid) // 2]),
        Case("no body", "bad", b""),
        Case("arrays without end", "bad", b"[" * TOO_DEEP),
        Case("another media type", "bad", valid, (("Content-Type", "text/plain"),)),
    ]
    if contract.key_header is not None:
        bad.append(Case("no key", "bad", valid, ((contract.key_header, None),)))
    return tuple(
        Series(f"after {one.name}", "recovery", (one, Case("a valid invoice", "valid", valid)))
        for one in bad
    )


def distinct_invoice(contract: Contract, facts: TargetFacts, number: int) -> dict[str, Json]:
    """The base invoice with that number in its texts and quantities; the order stays the same.

    Two numbers that differ by 1 or 2 also differ in status and number of items.
    """
    payload: dict[str, Json] = _numbered(
        contract.narrowed_schema,
        base(contract, facts),
        number,
        kept=(ORDER, *(path[0] for path in STAMPED if len(path) == 1)),
    )
    if PAID in payload:
        payload[PAID] = _PAYMENTS[number % len(_PAYMENTS)]
    return consistent(contract, payload)


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
