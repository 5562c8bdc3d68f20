"""Invoices that break exactly one requirement: the known near misses, and drawn ones."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import jsonschema_rs
from hypothesis import strategies as st

from spec.contract import Contract, TargetFacts
from spec.paths import (
    ELEMENT,
    Json,
    Location,
    Path,
    find,
    locate,
    location_text,
    locations,
    present,
    put,
    remove,
    schema_at,
    value_at,
)
from spec.requirements import Requirement
from strategies.carriers import Carrier, carrying, fewest, spread
from strategies.cases import Case
from strategies.coherence import (
    CREATED,
    ITEMS,
    ORDER,
    PAID,
    STATUS,
    UPDATED,
    consistent,
    repeated_to,
    with_distinct_references,
)
from strategies.edges import NamedValue
from strategies.invoice import base, complete_invoice, encode
from strategies.valid import valid
from strategies.wrong_values import DRAWN, LISTED, Strategy

Fault = tuple[Requirement, int]
"""A requirement to break, and in which item if it is about one."""

_MANY = 25
"""Faults; more than a page of details holds."""


@dataclass(frozen=True, slots=True)
class PayloadCase:
    """A payload to send, its bytes and what carries it; `name` says what is special about it."""

    name: str
    body: bytes
    payload: Json
    carrier: Carrier | None = None


@cache
def invalid(contract: Contract, facts: TargetFacts, requirement: Requirement) -> Strategy:
    """Drawn valid invoices in which this one requirement is broken, in any element of an array."""
    changes = _drawn_changes(contract, requirement)
    invoices = valid(contract, facts)

    @st.composite
    def invalid_invoices(draw: st.DrawFn) -> Json:
        change = draw(changes)
        payload = _with_subject(contract, requirement, draw(invoices))
        location = locate(payload, requirement.path, lambda size: draw(st.integers(0, size - 1)))
        return _changed(contract, requirement, payload, location, change)

    return invalid_invoices()


def near_misses(
    contract: Contract, facts: TargetFacts, requirement: Requirement
) -> tuple[PayloadCase, ...]:
    """Each known way to break just this requirement, spread over the carriers.

    In an array each way is tried twice. The most common mistake of servers comes first.
    """
    subjects = contract.body_requirements
    turn = subjects.index(requirement), len(subjects)
    plain = _with_subject(contract, requirement, base(contract, facts))
    location = locations(plain, requirement.path)[0]
    ways = len([*_listed_changes(contract, requirement, plain, location)])
    times = 2 if ELEMENT in requirement.path else 1
    used = spread(contract, *turn)
    cases = []
    for number in range(max(ways * times, fewest(contract, *turn))):
        carrier = used[number % len(used)]
        invoice = _with_subject(contract, requirement, carrying(contract, facts, carrier))
        location = locate(invoice, requirement.path, carrier.index)
        changes = [*_listed_changes(contract, requirement, invoice, location)]
        name, change = changes[number % len(changes)]
        payload = _changed(contract, requirement, invoice, location, change)
        if any(name == case.name for case in cases):
            name = f"{name} ({carrier})"
        cases.append(PayloadCase(name, encode(payload), payload, carrier))
    return tuple(cases)


def of_an_unknown_order(contract: Contract, facts: TargetFacts) -> Json:
    """The base invoice for an order that does not exist."""
    return {**base(contract, facts), ORDER: facts.unknown_order_id}


def before_its_order(contract: Contract, facts: TargetFacts) -> Json:
    """The base invoice, updated at the moment when its order was created, which must be known."""
    assert facts.order_created_at is not None
    moment = facts.order_created_at.isoformat()
    return {**base(contract, facts), CREATED: moment, UPDATED: moment}


def invalid_body(contract: Contract, facts: TargetFacts) -> bytes:
    """The body of an invoice that lacks a required property; no invoice where none is required."""
    required = next((r for r in contract.body_requirements if r.keyword == "required"), None)
    return near_misses(contract, facts, required)[0].body if required else b"[]"


def several_faults(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """Invoices with more than one fault: two requirements broken, one broken twice, very many."""
    subjects = [one for one in contract.body_requirements if one.path]
    of_items = [one for one in subjects if ELEMENT in one.path]
    one_a_keyword = {one.keyword: one for one in reversed(of_items)}.values()
    faults: list[tuple[str, str, list[Fault]]] = []
    for step in (1, len(subjects) // 2):
        for number, one in enumerate(subjects):
            other = subjects[(number + step) % len(subjects)]
            if _are_apart(one.path, other.path):
                faults.append(("two", f"{one} and {other}", [(one, 0), (other, 1)]))
    faults += [("twice", f"{one} twice", [(one, 0), (one, 2)]) for one in of_items]
    for one in one_a_keyword:
        many = [(one, index) for index in range(_MANY)]
        faults.append(("many", f"{one} {_MANY} times", many))
    everything = [(one, 0) for one in subjects if one.keyword in ("type", "enum")]
    faults.append(("every", "every property", everything))
    return tuple(
        Case(name, kind, encode(_with_faults(contract, facts, each))) for kind, name, each in faults
    )


def _are_apart(one: Path, other: Path) -> bool:
    """Whether neither path contains the other."""
    shortest = min(len(one), len(other))
    return one[:shortest] != other[:shortest]


# Changes: a value to put at a location or, for `required`, another name of the property there.


def _drawn_changes(contract: Contract, requirement: Requirement) -> Strategy:
    if requirement.keyword == "required":
        return st.sampled_from(_names(contract, requirement))
    complete = complete_invoice(contract)
    value = value_at(complete, locations(complete, requirement.path)[0])
    breaks = _breaks_only(contract, requirement)
    return DRAWN[requirement.keyword](requirement, value).filter(breaks)


def _listed_changes(
    contract: Contract, requirement: Requirement, invoice: Json, location: Location
) -> Iterator[NamedValue]:
    where = location_text(location)
    if requirement.keyword == "required":
        for name in _names(contract, requirement):
            yield f"{where} named {name!r}" if name else f"no {where}", name
        return
    breaks = _breaks_only(contract, requirement)
    for name, value in LISTED[requirement.keyword](requirement, value_at(invoice, location)):
        if breaks(value):
            yield f"{name} in {where}", value


def _fixed(requirement: Requirement) -> tuple[str, ...]:
    """The properties that are not made consistent with what is broken.

    A server may check an amount paid in one status only, so that the status stays with it.
    """
    return (PAID, STATUS) if requirement.path == (PAID,) else requirement.path[:1]


def _breaks_only(contract: Contract, requirement: Requirement) -> Callable[[Json], bool]:
    """Whether a value breaks this requirement on it and no other."""
    validator = jsonschema_rs.validator_for(schema_at(contract.request_schema, requirement.path))
    broken = {(requirement.keyword,)}
    # For a validator a value of the wrong type breaks both `enum` and `type`.
    allowed = broken | ({("type",)} if requirement.keyword == "enum" else set())

    def breaks(value: Json) -> bool:
        found = {tuple(error.schema_path) for error in validator.iter_errors(value)}
        return broken <= found <= allowed

    return breaks


def _names(contract: Contract, requirement: Requirement) -> tuple[str | None, ...]:
    """None, to leave the property out, and the names that a careless server would take for its."""
    known: Collection[str] = schema_at(contract.request_schema, requirement.path[:-1])["properties"]
    name = requirement.path[-1]
    first, *rest = name.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    similar = dict.fromkeys((camel, name.capitalize(), name.upper(), f"{name} "))
    return (None, *(other for other in similar if other not in known))


def _with_subject(contract: Contract, requirement: Requirement, payload: Json) -> Json:
    """The payload with the property that the requirement is on, which may be missing."""
    path = requirement.path
    if present(payload, path):
        return payload
    return put(payload, path[:1], value_at(complete_invoice(contract), path[:1]))


def _changed(
    contract: Contract, requirement: Requirement, payload: Json, location: Location, change: Json
) -> Json:
    """The payload with the change, made consistent.

    So a server that forgets the requirement has no other reason to refuse.
    """
    changed = _put(contract, requirement, payload, location, change)
    if not isinstance(changed, dict):
        return changed
    return consistent(contract, changed, fixed=_fixed(requirement))


def _put(
    contract: Contract, requirement: Requirement, payload: Json, location: Location, change: Json
) -> Json:
    """The payload with the change, and with distinct references."""
    if requirement.keyword == "required":
        changed = remove(payload, location)
        if change is not None:
            changed = put(changed, (*location[:-1], change), value_at(payload, location))
    else:
        changed = put(payload, location, change)
    if requirement.keyword in ("minItems", "maxItems") and requirement.path == (ITEMS,):
        schema = contract.narrowed_schema["properties"][ITEMS]
        changed = {**changed, ITEMS: with_distinct_references(changed[ITEMS], schema)}
    return changed


def _with_faults(contract: Contract, facts: TargetFacts, faults: Sequence[Fault]) -> Json:
    """The base invoice with each of these faults that those before it leave a place for."""
    payload = base(contract, facts)
    elements = max(index for _, index in faults) + 1
    if ITEMS in payload and elements > len(payload[ITEMS]):
        schema = contract.narrowed_schema["properties"][ITEMS]
        items = with_distinct_references(repeated_to(payload[ITEMS], elements), schema)
        payload = consistent(contract, {**payload, ITEMS: items})
    for requirement, index in faults:
        location = tuple(index if step == ELEMENT else step for step in requirement.path)
        if find(payload, location) is None:
            continue
        changes = [*_listed_changes(contract, requirement, payload, location)]
        if changes:
            _, change = changes[index % len(changes)]
            payload = _put(contract, requirement, payload, location, change)
    fixed = {name for requirement, _ in faults for name in _fixed(requirement)}
    return consistent(contract, payload, fixed)
