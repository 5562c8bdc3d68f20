"""How one requirement of an invoice is broken, and nothing else.

A change is a value to put at a location or, for `required`, another name of the property there.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import jsonschema_rs
from hypothesis import strategies as st

from spec.contract import PLACEHOLDER, Contract, own
from spec.paths import (
    Json,
    Location,
    Path,
    locations,
    present,
    put,
    remove,
    schema_at,
    value_at,
)
from spec.requirements import Requirement
from spec.schema.presence import agree, fitted, rules_of, together
from spec.violation import counted
from strategies.invoice import complete_invoice
from strategies.relations import (
    consistent,
    with_distinct_references,
    with_status,
)
from strategies.scalars import keeps, size_limit, steady
from strategies.wrong.branches import wrong_values
from strategies.wrong.drawn import DRAWN, Strategy
from strategies.wrong.names import flat_names, inherited, names_beside, wrong_names
from strategies.wrong.near import of_its_form
from strategies.wrong.prices import with_first_worth, with_several_worth, worth_what_is_paid
from strategies.wrong.values import BOUNDS, is_stamped, next_multiples, of_another_length


def drawn_changes(contract: Contract, requirement: Requirement) -> Strategy:
    """Drawn ones, of which each breaks just this requirement."""
    if requirement.keyword == "required":
        return st.sampled_from(wrong_names(contract, requirement))
    complete = complete_invoice(contract)
    value = value_at(complete, locations(complete, requirement.path)[0])
    breaks = _breaks_only(contract, requirement)
    ways = changes_at(contract, requirement, complete, locations(complete, requirement.path)[0])
    schema = schema_at(contract.request_schema, requirement.path)
    few = "pattern" in schema or ("multipleOf" in schema and requirement.keyword in BOUNDS)
    if requirement.keyword not in DRAWN or few:
        return st.sampled_from([*ways.values()])
    drawn = DRAWN[requirement.keyword](requirement, value).filter(breaks)
    # Of another version most that is drawn may break something else as well.
    return drawn if contract.own or not ways else steady(drawn, *ways.values())


def _required_first(contract: Contract, requirement: Requirement, value: Json) -> Json:
    """One property less than an object needs, but all that are required, if there is room."""
    required = schema_at(contract.request_schema, requirement.path).get("required", ())
    names = [*(name for name in required if name in value), *value]
    return {name: value[name] for name in [*dict.fromkeys(names)][: size_limit(requirement) - 1]}


def changes_at(
    contract: Contract, requirement: Requirement, invoice: Json, location: Location
) -> dict[str, Json]:
    """The listed changes that break just this requirement at a location, each by its name."""
    if requirement.keyword == "required":
        return {name or "": name for name in wrong_names(contract, requirement)}
    breaks = _breaks_only(contract, requirement)
    value = value_at(invoice, location)
    schema = schema_at(contract.request_schema, requirement.path)
    listed = wrong_values(contract, requirement, value)
    if requirement.keyword in ("minItems", "maxItems"):
        listed = ((name, with_distinct_references(contract, one, schema)) for name, one in listed)
    ways = {name: wrong for name, wrong in listed if breaks(wrong)}
    unit = schema.get("multipleOf")
    if unit and requirement.keyword in BOUNDS:
        ways = {name: n for name, n in next_multiples(requirement, unit) if breaks(n)} | ways
    if requirement.keyword == "enum" and not any(
        isinstance(one, str) and one for one in ways.values()
    ):
        ways = {name: one for name, one in of_its_form(requirement) if breaks(one)} | ways
    if not ways and requirement.keyword == "minProperties":
        fewer = _required_first(contract, requirement, value)
        ways = {counted(len(fewer), "property", "properties"): fewer} if breaks(fewer) else {}
    if not ways and requirement.keyword in ("minLength", "maxLength"):
        ways = {name: n for name, n in of_another_length(requirement, value) if breaks(n)}
    return ways


def fixed(contract: Contract, requirement: Requirement) -> tuple[str, ...]:
    """The properties that are not made consistent with what is broken.

    A server may check an amount in one status only, so that the status stays with it.
    """
    name, state = requirement.path[:1], contract.relations.state
    return (*name, state.status) if name in ((state.paid,), (state.total,)) else name


_STAMP = "IC-0A1B2C3D-0000004E"
"""What may be sent in the place of the placeholder, whose signs a pattern may forbid."""


@cache
def _breaks_only(contract: Contract, requirement: Requirement) -> Callable[[Json], bool]:
    """Whether a value breaks this requirement on it and no other; one of the wrong type also breaks
    `enum`, for a validator, and what says which properties there are.
    """
    schema = schema_at(contract.request_schema, requirement.path)
    tolerated = {"type"} if requirement.keyword == "enum" else set[str]()
    if requirement.keyword == "type":  # of what is no object, too, they say something
        tolerated = {"not", *rules_of(schema)}
    with_it, without_it = (
        jsonschema_rs.validator_for({name: schema[name] for name in schema if name not in left_out})
        for left_out in (tolerated, tolerated | {requirement.keyword})
    )

    def breaks(value: Json) -> bool:
        values = [value, value.replace(PLACEHOLDER, _STAMP)] if is_stamped(value) else [value]
        return all(not with_it.is_valid(one) and without_it.is_valid(one) for one in values)

    return breaks


def with_subject(contract: Contract, requirement: Requirement, payload: Json) -> Json:
    """The payload with the property that the requirement is on, which may be missing; of those
    that may not stand beside it without them, and with those that have to.
    """
    path, schema = requirement.path, contract.request_schema
    if present(payload, path):
        return payload
    complete, rules = complete_invoice(contract), rules_of(schema)
    with_it = put(payload, path[:1], value_at(complete, path[:1]))
    fitting = fitted(schema, with_it, path)
    if isinstance(fitting, dict) and not agree(rules, fitting):
        for name in together(rules, fitting.keys(), (), complete):
            fitting = {**fitting, name: complete[name]}
    return fitting


def changed(
    contract: Contract, requirement: Requirement, payload: Json, location: Location, change: Json
) -> Json:
    """The payload with the change, made consistent: a server that forgets the requirement has no
    other reason to refuse. A total that the document does not allow stays as it was, for the same.
    """
    broken = put_in(contract, requirement, payload, location, change)
    if not isinstance(broken, dict):
        return broken
    kept, total = fixed(contract, requirement), contract.relations.sum.total
    if requirement.path == (contract.relations.state.status,) and change in requirement.former:
        # A server that still knows the state may compare it with the amounts.
        broken = with_status(contract, broken, change, kept)
    if requirement.path == (contract.relations.state.paid,) and requirement.keyword == "type":
        broken = worth_what_is_paid(contract, broken)
    status = broken.get(contract.relations.state.status)
    is_left_out = requirement.keyword == "required" and change is None
    is_unpaid = status in (None, contract.relations.state.nothing)
    if requirement.path == (total,) and (
        requirement.keyword in {"type", *_OF_NUMBERS} or (is_left_out and is_unpaid)
    ):
        of_numbers = requirement.keyword in _OF_NUMBERS
        priced = with_several_worth if of_numbers else with_first_worth
        broken = priced(contract, broken)
        broken = with_status(contract, broken, status, kept)
    if is_left_out and requirement.path == (contract.relations.sum.items,) and is_unpaid:
        # A server may take no items for an empty list, which is worth nothing.
        items = contract.relations.sum.items
        empty = with_status(contract, {**broken, items: []}, status, kept)
        return {name: value for name, value in empty.items() if name != items}
    whole = consistent(contract, broken, kept)
    if total in kept or has_allowed_total(contract, whole):
        return whole
    return consistent(contract, broken, (*kept, total))


_OF_NUMBERS = BOUNDS | {"multipleOf"}


def has_allowed_total(contract: Contract, payload: Json) -> bool:
    """Whether the document allows the total of an invoice."""
    name = contract.relations.sum.total
    return name not in payload or keeps(schema_at(contract.request_schema, (name,)), payload[name])


def put_in(
    contract: Contract, requirement: Requirement, payload: Json, location: Location, change: Json
) -> Json:
    """The payload with the change: another value, or a property gone or under another name."""
    if requirement.keyword != "required":
        return put(payload, location, change)
    changed, value = remove(payload, location), value_at(payload, location)
    if change is not None:
        names = (change, *names_beside(contract, requirement, change, value))
        others = dict.fromkeys(names, value) | flat_names(contract, requirement, change, value)
        others |= inherited(contract, requirement, change, value)
        for name, each in others.items():
            changed = put(changed, (*location[:-1], name), each)
    return changed


def schema_before(contract: Contract, path: Path) -> dict[str, Any] | None:
    """The schema that what is at a path of another version has in today's document; None where that
    is this one, or has nothing there.
    """
    known = () if contract.own else own().body_requirements
    found = next((one.path for one in known if contract.path_of(one.path) == path), None)
    return None if found is None else schema_at(own().request_schema, found)
