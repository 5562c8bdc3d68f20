"""Invoices with exactly one requirement broken: the known near misses, and drawn ones."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from spec.contract import Contract, TargetFacts
from spec.paths import Json, Location, at, location, locations, lookup, present, put, remove, spoken
from spec.requirements import Requirement
from strategies.coherence import ITEMS, apart, grown, number, settled
from strategies.edges import FILLS, breaks_alone, filled, limit, outwards
from strategies.invoice import base, complete_invoice, encode
from strategies.scalars import TEXT, kind, others
from strategies.valid import valid

Miss = tuple[str, Json]
"""What is wrong, in words, and the value that is."""

_LOOKALIKES = str.maketrans("ABCEHIKMOPTXY", "АВСЕНІКМОРТХУ")
"""Latin capitals to the Cyrillic ones that look the same."""


def misses(requirement: Requirement, schema: dict[str, Json], value: Json) -> Iterator[Miss]:
    """Values that break this one requirement of a schema; a telling one comes first.

    `value` is a valid one to start from.
    """
    breaks = breaks_alone(requirement, schema)
    for name, miss in MISSES[requirement.keyword](requirement, value):
        if breaks(miss):
            yield name, miss


def respelled(key: str, known: Collection[str]) -> tuple[str, ...]:
    """The key as a careless server would still read it, as far as no other property is named so."""
    first, *rest = key.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    others = dict.fromkeys((camel, key.capitalize(), key.upper(), f"{key} "))
    return tuple(other for other in others if other not in known)


def _type_misses(_requirement: Requirement, value: Json) -> Iterator[Miss]:
    quoted = ("the value in quotes", encode(value).decode())
    scalar = kind(value) not in ("array", "object")
    yield from [
        *([quoted] if scalar else []),
        ("null", None),
        ("empty text", ""),
        ('the text "1"', "1"),
        ('the text "12.5"', "12.5"),
        ('the text " 1 "', " 1 "),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("1.5", 1.5),
        ("a half more", value + 0.5 if kind(value) == "integer" else 2.5),
        ("an empty array", []),
        ("an empty object", {}),
        ("the value in an array", [value]),
        ("the value in an object", {"0": value}),
        *([("its first element alone", value[0])] if kind(value) == "array" and value else []),
        ("seconds since 1970", 1714642200),
        *([] if scalar else [quoted]),
    ]


def _enum_misses(requirement: Requirement, value: Json) -> Iterator[Miss]:
    members = requirement.operand
    assert isinstance(members, list)  # the document's loader has seen to it
    agreed = str(value)
    wrong: list[Miss] = [
        ("small letters", agreed.lower()),
        ("a capital and small letters", agreed.capitalize()),
        ("a leading space", f" {agreed}"),
        ("a trailing space", f"{agreed} "),
        ("a trailing line break", f"{agreed}\n"),
        ("empty text", ""),
        ("a prefix of it", agreed[:-1]),
        ("more after it", f"{agreed}_"),
        ("look-alike letters", agreed.translate(_LOOKALIKES)),
        ("quotes around it", f'"{agreed}"'),
        ("a hyphen for the underscore", agreed.replace("_", "-")),
        *((f"the text {other}", other) for other in _OTHER_STATES),
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
    for name, miss in wrong:
        if not any(miss == one and kind(miss) == kind(one) for one in seen):
            seen.append(miss)
            yield name, miss


_OTHER_STATES = ("CANCELLED", "VOID", "UNPAID", "DRAFT", "REFUNDED")


def _max_length(requirement: Requirement, _value: Json) -> Iterator[Miss]:
    path, most = requirement.path, limit(requirement)
    for name, fill in FILLS.items():
        yield f"{most + 1} {name} characters", filled(path, fill, most + 1)
    yield "a space past the limit", filled(path, "a", most) + " "
    yield "spaces past the limit", filled(path, "a", most // 2).ljust(most + 1)
    for name, fill in FILLS.items():
        yield f"{most * 20} {name} characters", filled(path, fill, most * 20)


def _min_length(requirement: Requirement, _value: Json) -> Iterator[Miss]:
    short = limit(requirement) - 1
    for name, fill in FILLS.items():
        yield f"{short} {name} characters", filled(requirement.path, fill, short)
    yield "empty text", ""


def _bound_misses(requirement: Requirement, _value: Json) -> Iterator[Miss]:
    sign = outwards(requirement)
    for step in ("0.01", "1", "1e9", "1e-10"):
        amount = number(Decimal(str(requirement.operand)) + sign * Decimal(step))
        yield f"{amount}", amount


def _min_items(requirement: Requirement, value: Json) -> Iterator[Miss]:
    short = limit(requirement) - 1
    yield f"{short} items", grown(value, short)
    if short:
        yield "no items", []


def _max_items(requirement: Requirement, value: Json) -> Iterator[Miss]:
    most = limit(requirement)
    yield f"{most + 1} items", grown(value, most + 1)
    yield f"{most * 2 + 1} items", grown(value, most * 2 + 1)


MISSES: dict[str, Callable[[Requirement, Json], Iterator[Miss]]] = {
    "type": _type_misses,
    "enum": _enum_misses,
    "maxLength": _max_length,
    "minLength": _min_length,
    "minimum": _bound_misses,
    "maximum": _bound_misses,
    "minItems": _min_items,
    "maxItems": _max_items,
}
"""By keyword. `required` is not among them: it is broken by what is absent."""


Drawn = st.SearchStrategy[Json]


def outside(requirement: Requirement, schema: dict[str, Json], value: Json) -> Drawn:
    """Values that break this one requirement of a schema; `value` is a valid one to start from."""
    drawn = OUTSIDE[requirement.keyword](requirement, value)
    return drawn.filter(breaks_alone(requirement, schema))


def _drawn_type(requirement: Requirement, _value: Json) -> Drawn:
    return others(requirement.operand)


def _drawn_enum(requirement: Requirement, _value: Json) -> Drawn:
    members = requirement.operand
    assert isinstance(members, list)  # the document's loader has seen to it
    near = st.sampled_from([str(member).lower() for member in members])
    kinds = tuple({kind(member): None for member in members})
    return st.one_of(near, TEXT, others(kinds))


def _drawn_longer(requirement: Requirement, _value: Json) -> Drawn:
    most = limit(requirement)
    return _lengths(requirement, st.integers(most + 1, most * 2 + 40))


def _drawn_shorter(requirement: Requirement, _value: Json) -> Drawn:
    return _lengths(requirement, st.integers(0, limit(requirement) - 1))


def _lengths(requirement: Requirement, sizes: st.SearchStrategy[int]) -> Drawn:
    return st.builds(lambda fill, size: filled(requirement.path, fill, size), TEXT, sizes)


def _drawn_bound(requirement: Requirement, _value: Json) -> Drawn:
    bound, sign = Decimal(str(requirement.operand)), outwards(requirement)
    hundredths = st.integers(1, 10**9)
    steps = hundredths.map(lambda drawn: Decimal(drawn) / 100) | hundredths
    return steps.map(lambda step: number(bound + sign * step))


def _drawn_fewer(requirement: Requirement, value: Json) -> Drawn:
    return st.integers(0, limit(requirement) - 1).map(lambda size: grown(value, size))


def _drawn_further(requirement: Requirement, value: Json) -> Drawn:
    most = limit(requirement)
    return st.integers(most + 1, most + 50).map(lambda size: grown(value, size))


OUTSIDE: dict[str, Callable[[Requirement, Json], Drawn]] = {
    "type": _drawn_type,
    "enum": _drawn_enum,
    "maxLength": _drawn_longer,
    "minLength": _drawn_shorter,
    "minimum": _drawn_bound,
    "maximum": _drawn_bound,
    "minItems": _drawn_fewer,
    "maxItems": _drawn_further,
}
"""By keyword, as in the table of near misses."""


@dataclass(frozen=True, slots=True)
class Payload:
    """One body to send: what is particular about it in words, its bytes and the payload in them."""

    name: str
    body: bytes
    payload: Json


@cache
def invalid(
    contract: Contract, facts: TargetFacts, requirement: Requirement
) -> st.SearchStrategy[Json]:
    """Drawn valid invoices in which this one requirement is broken, in any element of an array."""
    complete = complete_invoice(contract)
    spot = locations(complete, requirement.path)[0]
    changes: st.SearchStrategy[Json]
    if requirement.keyword == "required":
        changes = st.sampled_from(_keys(contract, requirement))
    else:
        changes = outside(requirement, _schema(contract, requirement), at(complete, spot))
    invoices = valid(contract, facts)

    @st.composite
    def broken_invoices(draw: st.DrawFn) -> Json:
        change = draw(changes)
        payload = _with_subject(contract, requirement, draw(invoices))
        where = location(payload, requirement.path, lambda size: draw(st.integers(0, size - 1)))
        return _changed(contract, requirement, payload, where, change)

    return broken_invoices()


def near_misses(
    contract: Contract, facts: TargetFacts, requirement: Requirement
) -> tuple[Payload, ...]:
    """The base invoice broken in each known way, in the last and in the first element of an array.

    The first case is the most telling one.
    """
    invoice = _with_subject(contract, requirement, base(contract, facts))
    cases = []
    for spot in locations(invoice, requirement.path):
        for name, change in _changes(contract, requirement, invoice, spot):
            payload = _changed(contract, requirement, invoice, spot, change)
            cases.append(Payload(name, encode(payload), payload))
    return tuple(cases)


def _changes(
    contract: Contract, requirement: Requirement, invoice: Json, spot: Location
) -> Iterator[tuple[str, Json]]:
    """What each near miss puts in the place, a value or another key, and how a person says it."""
    if requirement.keyword == "required":
        for key in _keys(contract, requirement):
            yield f"{spoken(spot)} spelled {key!r}" if key else f"no {spoken(spot)}", key
    else:
        schema = _schema(contract, requirement)
        for name, value in misses(requirement, schema, at(invoice, spot)):
            yield f"{name} in {spoken(spot)}", value


def _keys(contract: Contract, requirement: Requirement) -> tuple[str | None, ...]:
    known = lookup(contract.request_schema, requirement.path[:-1])["properties"]
    return (None, *respelled(requirement.path[-1], known))


def _schema(contract: Contract, requirement: Requirement) -> dict[str, Json]:
    schema: dict[str, Json] = lookup(contract.request_schema, requirement.path)
    return schema


def _with_subject(contract: Contract, requirement: Requirement, payload: Json) -> Json:
    """The payload with what the requirement is about, should it lack it."""
    path = requirement.path
    if present(payload, path):
        return payload
    return put(payload, path[:1], at(complete_invoice(contract), path[:1]))


def _changed(
    contract: Contract, requirement: Requirement, payload: Json, spot: Location, change: Json
) -> Json:
    """The payload with the change in its place, and all else in agreement with it.

    So a server that forgets the requirement finds nothing else to refuse.
    """
    if requirement.keyword == "required":
        bent = remove(payload, spot)
        if change is not None:
            bent = put(bent, (*spot[:-1], change), at(payload, spot))
    else:
        bent = put(payload, spot, change)
    if not isinstance(bent, dict):
        return bent
    if requirement.keyword in ("minItems", "maxItems") and requirement.path == (ITEMS,):
        schema = contract.narrowed_schema["properties"][ITEMS]
        bent = {**bent, ITEMS: apart(bent[ITEMS], schema)}
    return settled(contract, bent, fixed=requirement.path[:1])
