"""The plain invoice as a carrier: with its status, its number of items, its texts and its dates."""

from collections.abc import Callable, Iterator
from datetime import timezone
from functools import cache, lru_cache, partial
from typing import Any

from spec.contract import Contract, TargetFacts
from spec.paths import ELEMENT, Json, Location, Path, changed_at, find, put, scalar_paths, schema_at
from spec.requirements import Requirement
from spec.schema.formats import instant
from spec.schema.presence import fitted, has_rules
from strategies.carriers import EVERYTHING, ITEM_COUNTS, NO_STATUS, OFFSETS, PLAIN, WIDE, Carrier
from strategies.invoice import encode, shared_plain_invoice
from strategies.relations import (
    as_written,
    consistent,
    repeated_to,
    total_of,
    with_distinct_references,
    with_status,
)
from strategies.scalars import is_narrow, keeps

_WIDE_ENDING = " Größe 鍵 \U0001f600"
_LONG_TEXT = "鍵" * 145
"""In each of 100 items it makes a body of some 50 KiB, within the 64 KiB of the reading."""


@lru_cache(maxsize=1024)
def carrying(contract: Contract, facts: TargetFacts, carrier: Carrier) -> dict[str, Json]:
    """The plain invoice as this carrier, as far as that is valid; shared, so never changed."""
    schema = contract.narrowed_schema
    payload = {**shared_plain_invoice(contract, facts)}
    required, items = schema.get("required", ()), contract.relations.sum.items
    needed = (*required, contract.relations.state.status)
    for name in carrier.lacks([name for name in payload if name not in needed]):
        if len(payload) > schema.get("minProperties", 0):
            del payload[name]
    payload = fitted(schema, payload) if _names_what_stands_together(contract) else payload
    fixed: tuple[str, ...] = ()
    if carrier.items and items in payload:
        limits, total = schema["properties"][items], contract.relations.sum.total
        size = max(limits.get("minItems", 1), min(carrier.size, limits.get("maxItems", 100)))
        elements = _elements(contract, facts, carrier.texts, carrier.offset)
        payload[items], fixed = [*elements[:size]], (total,)
        if total in payload:
            payload[total] = _total(contract, facts, size)
    payload = consistent(contract, payload, fixed)
    for path, write in _writing(contract, carrier.texts, carrier.offset):
        if not fixed or path[0] != items:
            payload = changed_at(payload, path, write)
    return paid_as(contract, payload, carrier)


@cache
def _elements(contract: Contract, facts: TargetFacts, texts: str, offset: str) -> list[Json]:
    """The items of the largest carrier of these levels, of which the others have the first ones."""
    items = contract.relations.sum.items
    limits = contract.narrowed_schema["properties"][items]
    most = max(limits.get("minItems", 1), min(max(ITEM_COUNTS), limits.get("maxItems", 100)))
    longest = repeated_to(shared_plain_invoice(contract, facts)[items], most)
    elements = with_distinct_references(contract, longest, limits)
    for (name, *inner), write in _writing(contract, texts, offset):
        if name == items:
            elements = changed_at(elements, tuple(inner), write)
    return elements


@cache
def _names_what_stands_together(contract: Contract) -> bool:
    """Cached, because all the schema is looked at for it, and there are thousands of carriers."""
    return has_rules(contract.narrowed_schema)


@cache
def _total(contract: Contract, facts: TargetFacts, size: int) -> Json:
    """What so many of them add up to."""
    return total_of(contract, _elements(contract, facts, PLAIN, "Z")[:size])


def carried_body(contract: Contract, facts: TargetFacts, carrier: Carrier) -> bytes:
    """The body of the plain invoice as this carrier."""
    return encode(carrying(contract, facts, carrier))


def for_known_order(
    contract: Contract, facts: TargetFacts, payload: dict[str, Json], number: int
) -> dict[str, Json]:
    """The payload for the known order of this number, over and over, where it names the first one:
    a server may know less of another.
    """
    known, order = facts.order_ids, contract.relations.order.order
    if not known or payload.get(order) != known[0]:
        return payload
    return {**payload, order: known[number % len(known)]}


def paid_as(contract: Contract, payload: dict[str, Json], carrier: Carrier) -> dict[str, Json]:
    """A copy with the carrier's status and an agreeing amount paid, as far as the rest allows; the
    total has to be right.

    Where it says none, as much is paid as for each in turn: a server makes it from the amounts.
    """
    status = None if carrier.status == NO_STATUS else carrier.status
    state, fixed = contract.relations.state, (contract.relations.sum.total,)
    if status is None and state.status in contract.narrowed_schema.get("required", ()):
        status = payload.get(state.status)  # of a version that does not list them
    if status is None:
        meant = (state.part, state.whole, state.more, state.nothing)[carrier.choice % 4]
        payload = with_status(contract, payload, meant, fixed)
    return with_status(contract, payload, status, fixed)


def dated_at(contract: Contract, invoice: Json, offset: str) -> Json:
    """The invoice with each date at this offset, as far as the reading has it."""
    for path, write in _writing(contract, PLAIN, offset):
        invoice = changed_at(invoice, path, write)
    return invoice


@cache
def _writing(
    contract: Contract, texts: str, offset: str
) -> tuple[tuple[Path, Callable[[Json], Json]], ...]:
    """How a carrier writes its free texts and its dates: what becomes of the values at a path, for
    each at which they do not stay as they are.
    """
    longest = _last_text_of_items(contract)
    found: list[tuple[Path, Callable[[Json], Json]]] = []
    for path, schema in scalar_paths(contract.narrowed_schema):
        if schema.get("format") == "date-time":
            if offset != "Z":
                found.append((path, partial(_dated, schema, offset)))
        elif texts != PLAIN and _is_free_text(contract, path, schema):
            if texts == WIDE:
                found.append((path, partial(_wide, schema.get("maxLength"))))
            elif path == longest:
                found.append((path, partial(_long, schema.get("maxLength"))))
    return tuple(found)


def _dated(schema: dict[str, Any], offset: str, value: str) -> str:
    text = _at_offset(value, offset)
    return text if not is_narrow(schema) or keeps(schema, text) else value


def _wide(most: int | None, value: Json) -> Json:
    longer = f"{value}{_WIDE_ENDING}"
    return longer if most is None or len(longer) <= most else value


def _long(most: int | None, _value: Json) -> str:
    return _LONG_TEXT[:most]


@cache
def _last_text_of_items(contract: Contract) -> Path:
    """The path of the text of an item that makes it long; the root if there is none."""
    paths = [
        path
        for path, schema in scalar_paths(contract.narrowed.schema)
        if ELEMENT in path and _is_free_text(contract, path, schema)
    ]
    return paths[-1] if paths else ()


def _is_free_text(contract: Contract, path: Path, schema: dict[str, Any]) -> bool:
    """Whether any text may be there; the number of the invoice may end in any."""
    is_text = schema.get("format") == "text" and not {"enum", "pattern"} & schema.keys()
    relations = contract.relations
    reference, _, item = relations.new.paths
    return is_text and path not in (reference, item, (relations.order.order,))


def _at_offset(text: str, offset: str) -> str:
    moment = instant(text).astimezone(timezone(OFFSETS[offset]))
    return f"{moment:%Y-%m-%dT%H:%M:%S}{offset}"


_LEAST = ("minimum", "exclusiveMinimum")


def for_nothing(contract: Contract, invoice: dict[str, Json]) -> dict[str, Json]:
    """The invoice with nothing to pay, and nothing paid, where a version allows that."""
    sums, paid = contract.relations.sum, contract.relations.state.paid
    for path in ((sums.items, ELEMENT, sums.amount), (sums.total,)):
        schema = schema_at(contract.narrowed_schema, path)
        if not keeps({name: schema[name] for name in _LEAST if name in schema}, 0):
            return invoice
    lines = invoice.get(sums.items)
    if not isinstance(lines, list) or not all(isinstance(each, dict) for each in lines):
        return invoice
    free = {**invoice, sums.items: [{**each, sums.amount: 0} for each in lines]}
    free = {**free, paid: 0} if paid in free else free
    return consistent(contract, as_written(contract, free))


_NOTHING = ((True, False), (False, True), (False, False), (True, True))
"""Whether the amount of a line is 0, and its quantity, in turn."""


def partly_for_nothing(
    contract: Contract,
    requirement: Requirement,
    invoice: dict[str, Json],
    carrier: Carrier,
    at: Location,
    turns: Iterator[int],
) -> dict[str, Json]:
    """The invoice for nothing where all is paid, and an amount is to be wrong, or where nothing
    optional is there, and something else is to be missing: it may be looked at less. Else one with
    a line for nothing.
    """
    state = contract.relations.state
    if requirement.path in contract.relations.amounts:
        is_free = requirement.path == (state.paid,) and carrier.status == state.whole
    else:
        may_be = carrier.status in (NO_STATUS, state.whole, state.nothing)
        is_free = requirement.keyword == "required" and carrier.absent == EVERYTHING and may_be
    if is_free:
        return for_nothing(contract, invoice)
    return _with_a_line_for_nothing(contract, requirement, invoice, at, turns)


def _with_a_line_for_nothing(
    contract: Contract,
    requirement: Requirement,
    invoice: dict[str, Json],
    at: Location,
    turns: Iterator[int],
) -> dict[str, Json]:
    """The invoice with a line of no amount, of no pieces or of neither where what is to be wrong is
    in a later item, in turn: it may be a gift, a comment or a discount, of which a server checks
    less. A wrong amount has one piece beside it in other turns, for then nothing is multiplied.
    Where it is a line as any other, the one before it is for nothing: a server may stop there.
    """
    line, name = contract.relations.line, requirement.path[-1] if requirement.path else ELEMENT
    if name == ELEMENT or not any(step for step in at if isinstance(step, int)):
        return invoice
    both = zip((line.amount, line.quantity), _NOTHING[next(turns) % len(_NOTHING)], strict=True)
    puts = {each: 0 for each, is_nothing in both if is_nothing and each != name}
    *above, place = at[:-1]
    changes: list[tuple[Location, Json]] = []
    if not puts and isinstance(place, int) and place:
        changes = [((*above, place - 1, line.amount), 0)]
    if not puts and requirement.keyword == "type":
        puts = {line.amount: {line.quantity: 1}, line.quantity: {line.amount: 0}}.get(name, {})
    made = invoice
    for there, value in (*changes, *(((*at[:-1], each), value) for each, value in puts.items())):
        if find(invoice, there) is not None:
            path = (*requirement.path[:-1], str(there[-1]))
            other = as_written(contract, put(made, there, value))
            allowed = keeps(schema_at(contract.request_schema, path), find(other, there))
            made = other if allowed else made
    return made if made is invoice else consistent(contract, made)
