"""Invoices that break exactly one requirement: the known near misses, and drawn ones."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import jsonschema_rs
from hypothesis import strategies as st

from spec.contract import Contract, TargetFacts
from spec.paths import (
    ELEMENT,
    Json,
    Location,
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
from strategies.coherence import (
    CREATED,
    ITEMS,
    ORDER,
    PAID,
    STATUS,
    UPDATED,
    consistent,
    json_number,
    repeated_to,
    with_distinct_references,
)
from strategies.edges import CHARACTER_WIDTHS, NamedValue, size_limit, text_of_size
from strategies.invoice import base, complete_invoice, encode
from strategies.scalars import TEXT, json_type, of_other_types
from strategies.valid import valid

Strategy = st.SearchStrategy[Json]


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


# Changes: a value to put at a location or, for `required`, another name of the property there.


def _drawn_changes(contract: Contract, requirement: Requirement) -> Strategy:
    if requirement.keyword == "required":
        return st.sampled_from(_names(contract, requirement))
    complete = complete_invoice(contract)
    value = value_at(complete, locations(complete, requirement.path)[0])
    breaks = _breaks_only(contract, requirement)
    return _DRAWN[requirement.keyword](requirement, value).filter(breaks)


def _listed_changes(
    contract: Contract, requirement: Requirement, invoice: Json, location: Location
) -> Iterator[NamedValue]:
    where = location_text(location)
    if requirement.keyword == "required":
        for name in _names(contract, requirement):
            yield f"{where} named {name!r}" if name else f"no {where}", name
        return
    breaks = _breaks_only(contract, requirement)
    for name, value in _LISTED[requirement.keyword](requirement, value_at(invoice, location)):
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
    if requirement.keyword == "required":
        changed = remove(payload, location)
        if change is not None:
            changed = put(changed, (*location[:-1], change), value_at(payload, location))
    else:
        changed = put(payload, location, change)
    if not isinstance(changed, dict):
        return changed
    if requirement.keyword in ("minItems", "maxItems") and requirement.path == (ITEMS,):
        schema = contract.narrowed_schema["properties"][ITEMS]
        changed = {**changed, ITEMS: with_distinct_references(changed[ITEMS], schema)}
    return consistent(contract, changed, fixed=_fixed(requirement))


# Listed values. Each function takes a requirement and a valid value to start from.


def _wrong_types(_requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    quoted = ("the value in quotes", encode(value).decode())
    is_scalar = json_type(value) not in ("array", "object")
    yield from [
        *([quoted] if is_scalar else []),
        ("null", None),
        ("empty text", ""),
        ('the text "1"', "1"),
        ('the text "12.5"', "12.5"),
        ('the text " 1 "', " 1 "),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("1.5", 1.5),
        ("a half more", value + 0.5 if json_type(value) == "integer" else 2.5),
        ("an empty array", []),
        ("an empty object", {}),
        ("the value in an array", [value]),
        ("the value in an object", {"0": value}),
        *([("its first element alone", value[0])] if json_type(value) == "array" and value else []),
        ("seconds since 1970", 1714642200),
        *([] if is_scalar else [quoted]),
    ]


_LOOKALIKES = str.maketrans("ABCEHIKMOPTXY", "АВСЕНІКМОРТХУ")
"""Latin capitals to the Cyrillic ones that look the same."""

_OTHER_STATUSES = ("CANCELLED", "VOID", "UNPAID", "DRAFT", "REFUNDED")


def _no_members(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    members = requirement.operand
    assert isinstance(members, list)  # checked when the document is loaded
    text = str(value)
    candidates: list[NamedValue] = [
        ("small letters", text.lower()),
        ("a capital and small letters", text.capitalize()),
        ("a leading space", f" {text}"),
        ("a trailing space", f"{text} "),
        ("a trailing line break", f"{text}\n"),
        ("empty text", ""),
        ("a prefix of it", text[:-1]),
        ("more after it", f"{text}_"),
        ("look-alike letters", text.translate(_LOOKALIKES)),
        ("quotes around it", f'"{text}"'),
        ("a hyphen for the underscore", text.replace("_", "-")),
        *((f"the text {other}", other) for other in _OTHER_STATUSES),
        *((f"the text {str(one).lower()}", str(one).lower()) for one in members),
        ("its ordinal", members.index(value) if value in members else 0),
        ("its ordinal as text", "1"),
        ("null", None),
        ("true", True),
        ("1.5", 1.5),
        ("an empty array", []),
        ("an empty object", {}),
        ("the value in an array", [value]),
        ("the value in an object", {"0": value}),
    ]
    seen: list[Json] = list(members)
    for name, wrong in candidates:
        if not any(wrong == one and json_type(wrong) == json_type(one) for one in seen):
            seen.append(wrong)
            yield name, wrong


def _too_long(requirement: Requirement, _value: Json) -> Iterator[NamedValue]:
    path, most = requirement.path, size_limit(requirement)
    for name, character in CHARACTER_WIDTHS.items():
        yield f"{most + 1} {name} characters", text_of_size(path, character, most + 1)
    yield "a space past the limit", text_of_size(path, "a", most) + " "
    yield "spaces past the limit", text_of_size(path, "a", most // 2).ljust(most + 1)
    for name, character in CHARACTER_WIDTHS.items():
        yield f"{most * 20} {name} characters", text_of_size(path, character, most * 20)


def _too_short(requirement: Requirement, _value: Json) -> Iterator[NamedValue]:
    size = size_limit(requirement) - 1
    for name, character in CHARACTER_WIDTHS.items():
        yield f"{size} {name} characters", text_of_size(requirement.path, character, size)
    yield "empty text", ""


def _out_of_bounds(requirement: Requirement, _value: Json) -> Iterator[NamedValue]:
    for distance in ("0.01", "1", "1e9", "1e-10"):
        amount = _beyond(requirement, Decimal(distance))
        yield f"{amount}", amount


def _too_few(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    size = size_limit(requirement) - 1
    yield f"{size} items", repeated_to(value, size)
    if size:
        yield "no items", []


def _too_many(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    most = size_limit(requirement)
    yield f"{most + 1} items", repeated_to(value, most + 1)
    yield f"{most * 2 + 1} items", repeated_to(value, most * 2 + 1)


def _beyond(requirement: Requirement, distance: Decimal) -> int | float:
    """The number at this distance outside the requirement's bound."""
    sign = -1 if requirement.keyword == "minimum" else 1
    return json_number(Decimal(str(requirement.operand)) + sign * distance)


_LISTED: dict[str, Callable[[Requirement, Json], Iterator[NamedValue]]] = {
    "type": _wrong_types,
    "enum": _no_members,
    "maxLength": _too_long,
    "minLength": _too_short,
    "minimum": _out_of_bounds,
    "maximum": _out_of_bounds,
    "minItems": _too_few,
    "maxItems": _too_many,
}
"""By keyword; `required` is broken by a name instead."""


# Drawn values. Each function takes the same.


def _drawn_types(requirement: Requirement, _value: Json) -> Strategy:
    return of_other_types(requirement.operand)


def _drawn_no_members(requirement: Requirement, _value: Json) -> Strategy:
    members = requirement.operand
    assert isinstance(members, list)  # checked when the document is loaded
    small_letters = st.sampled_from([str(member).lower() for member in members])
    types = tuple({json_type(member): None for member in members})
    return st.one_of(small_letters, TEXT, of_other_types(types))


def _drawn_too_long(requirement: Requirement, _value: Json) -> Strategy:
    most = size_limit(requirement)
    return _texts(requirement, st.integers(most + 1, most * 2 + 40))


def _drawn_too_short(requirement: Requirement, _value: Json) -> Strategy:
    return _texts(requirement, st.integers(0, size_limit(requirement) - 1))


def _texts(requirement: Requirement, sizes: st.SearchStrategy[int]) -> Strategy:
    return st.builds(lambda text, size: text_of_size(requirement.path, text, size), TEXT, sizes)


def _drawn_out_of_bounds(requirement: Requirement, _value: Json) -> Strategy:
    numbers = st.integers(1, 10**9)
    distances = numbers.map(lambda drawn: Decimal(drawn) / 100) | numbers
    return distances.map(lambda distance: _beyond(requirement, Decimal(distance)))


def _drawn_too_few(requirement: Requirement, value: Json) -> Strategy:
    return st.integers(0, size_limit(requirement) - 1).map(lambda size: repeated_to(value, size))


def _drawn_too_many(requirement: Requirement, value: Json) -> Strategy:
    most = size_limit(requirement)
    return st.integers(most + 1, most + 50).map(lambda size: repeated_to(value, size))


_DRAWN: dict[str, Callable[[Requirement, Json], Strategy]] = {
    "type": _drawn_types,
    "enum": _drawn_no_members,
    "maxLength": _drawn_too_long,
    "minLength": _drawn_too_short,
    "minimum": _drawn_out_of_bounds,
    "maximum": _drawn_out_of_bounds,
    "minItems": _drawn_too_few,
    "maxItems": _drawn_too_many,
}
"""By keyword, like the listed values."""
