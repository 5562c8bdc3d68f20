"""Edges without an invoice of their own: they are extras of invoices for others."""

from collections.abc import Sequence
from typing import Any

from spec.contract import DIGITS, PLACEHOLDER, Contract, TargetFacts
from spec.paths import ELEMENT, Json, Path, path_text, schema_at
from spec.requirements import Requirement
from strategies.edges import Edge, Puts, companions
from strategies.extras.dates import dates
from strategies.extras.pairs import alike, in_order
from strategies.extras.values import (
    AT_ENDS,
    LINKS,
    LONG_TEXTS,
    MARKS,
    PRICES,
    QUANTITIES,
    WHOLE,
)
from strategies.scalars import keeps, main_type

_PAST, _LAST = 2024, 2099
"""The first year with dates that may be later than an invoice is made, and the last of all."""

_NUMBERS = (
    *("{}E3", "{}e-2", "{}E+04", "{}e0", "+{}", "-{}", "{}-", "({})", "{}L", "{}d", "{}f", "{}n"),
    *("{}%", "{},5", "1,{}", "1 {}", "{}_0", "1_{}", "0x{}", "0X{}F", "0b{}", "0o{}", "#{}", "={}"),
    *("${}", "\u20ac{}", "{}EUR", "{}:00", "1:{}", "1-{}", "{}-1", "{}/1", "1/{}", "{}T00", "{}Z"),
    *("{}ABCDEFABCDEFABCD", "A{}", "{}A", "{}pm", "INF{}", "MAR{}"),
)
"""Texts around digits that mean a number, a date or a hash, which readers write otherwise."""


def extra_edges(
    contract: Contract, facts: TargetFacts, requirement: Requirement
) -> tuple[Edge, ...]:
    """The edges of a requirement on a type that are never more than extras."""
    path, schema = requirement.path, schema_at(contract.narrowed_schema, requirement.path)
    updated, order = (contract.relations.update.updated,), (contract.relations.order.order,)
    narrow = facts.order_ids or facts.order_created_at
    if requirement.keyword != "type" or (path in (order, updated) and narrow):
        return ()
    puts, removes = companions(contract.relations).get(path, ((), ()))
    stamped = path in contract.relations.new.paths
    values = _values(contract, path, schema, stamped=stamped)
    alone = (((path, value), *puts) for value in values if keeps(schema, value))
    pairs = (*in_order(contract, path), *alike(contract, facts, path))
    return (
        *(_extra(requirement, n, each, removes) for n, each in enumerate(alone, 1)),
        *(_extra(requirement, n, each) for n, each in enumerate(pairs, len(values) + 1)),
    )


def _extra(requirement: Requirement, n: int, puts: Puts, removes: tuple[Path, ...] = ()) -> Edge:
    where = path_text(requirement.path)
    return Edge(f"extra {n} in {where}", requirement, puts, removes)


def _values(
    contract: Contract, path: Path, schema: dict[str, Any], *, stamped: bool
) -> Sequence[Json]:
    if "enum" in schema:
        return ()
    match main_type(schema), schema.get("format", "text"):
        case "string", "text" if stamped:  # beside a stamp no text is all there is
            marked = (f"{text}{PLACEHOLDER}{text}" for text in (*MARKS, *AT_ENDS))
            # An invoice has one of the others, and many items: there is room for all in these.
            numbers = _NUMBERS if ELEMENT in path else ()
            return [*marked, *(text.format(DIGITS) for text in numbers)]
        case "string", "text":
            return (*MARKS, *LONG_TEXTS, *AT_ENDS, *WHOLE)
        case "string", "web-url" | "uri":
            return LINKS
        case "string", "date-time" if path == (contract.relations.due.due,):
            return [*dates(_LAST)]
        case "string", "date-time":
            return [*dates(_PAST)]
        case "integer", _:
            return QUANTITIES
        case "number", _:
            return PRICES
    return ()
