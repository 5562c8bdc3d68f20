"""Edges without an invoice of their own: they ride in invoices that are sent for others."""

from collections.abc import Sequence
from typing import Any

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.paths import Json, Path, path_text, schema_at
from spec.requirements import Requirement
from strategies.edges import Edge, companions
from strategies.riding.dates import dates
from strategies.riding.values import (
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


def riders(contract: Contract, facts: TargetFacts, requirement: Requirement) -> tuple[Edge, ...]:
    """The edges of a requirement on a type that only ride."""
    path, schema = requirement.path, schema_at(contract.narrowed_schema, requirement.path)
    updated, order = (contract.relations.update.updated,), (contract.relations.order.order,)
    narrow = facts.order_ids or facts.order_created_at
    if requirement.keyword != "type" or (path in (order, updated) and narrow):
        return ()
    puts, removes = companions(contract.relations).get(path, ((), ()))
    stamped = path in contract.relations.new.paths
    values = _values(contract, path, schema, stamped=stamped)
    return tuple(
        Edge(f"passenger {n} in {path_text(path)}", requirement, ((path, value), *puts), removes)
        for n, value in enumerate(values, 1)
        if keeps(schema, value)
    )


def _values(
    contract: Contract, path: Path, schema: dict[str, Any], *, stamped: bool
) -> Sequence[Json]:
    if "enum" in schema:
        return ()
    match main_type(schema), schema.get("format", "text"):
        case "string", "text" if stamped:  # beside a stamp no text is all there is
            return [f"{text}{PLACEHOLDER}{text}" for text in (*MARKS, *AT_ENDS)]
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
