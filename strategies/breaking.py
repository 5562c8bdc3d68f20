"""Invoices with exactly one requirement broken: the known near misses, and drawn ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from hypothesis import strategies as st

from spec.contract import Contract
from spec.facts import Facts
from spec.requirements import Requirement
from strategies.coherence import ITEMS, apart, settled
from strategies.encoding import encode
from strategies.example import base, whole
from strategies.misses import misses, respelled
from strategies.outside import outside
from strategies.places import Json, Place, at, lookup, place, places, present, put, remove, spoken
from strategies.sound import sound


@dataclass(frozen=True, slots=True)
class Case:
    """One body to send: what is particular about it in words, its bytes and the payload in them."""

    name: str
    body: bytes
    payload: Json


@cache
def breaking(contract: Contract, facts: Facts, requirement: Requirement) -> st.SearchStrategy[Json]:
    """Drawn sound invoices in which this one requirement is broken, in any element of an array."""
    complete = whole(contract)
    spot = places(complete, requirement.path)[0]
    changes: st.SearchStrategy[Json]
    if requirement.keyword == "required":
        changes = st.sampled_from(_keys(contract, requirement))
    else:
        changes = outside(requirement, _schema(contract, requirement), at(complete, spot))
    invoices = sound(contract, facts)

    @st.composite
    def broken_invoices(draw: st.DrawFn) -> Json:
        change = draw(changes)
        payload = _with_subject(contract, requirement, draw(invoices))
        where = place(payload, requirement.path, lambda size: draw(st.integers(0, size - 1)))
        return _bent(contract, requirement, payload, where, change)

    return broken_invoices()


def near_misses(contract: Contract, facts: Facts, requirement: Requirement) -> tuple[Case, ...]:
    """The base invoice broken in each known way, in the last and in the first element of an array.

    The first case is the most telling one.
    """
    invoice = _with_subject(contract, requirement, base(contract, facts))
    cases = []
    for spot in places(invoice, requirement.path):
        for name, change in _changes(contract, requirement, invoice, spot):
            payload = _bent(contract, requirement, invoice, spot, change)
            cases.append(Case(name, encode(payload), payload))
    return tuple(cases)


def _changes(
    contract: Contract, requirement: Requirement, invoice: Json, spot: Place
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
    return put(payload, path[:1], at(whole(contract), path[:1]))


def _bent(
    contract: Contract, requirement: Requirement, payload: Json, spot: Place, change: Json
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
        schema = contract.sound_schema["properties"][ITEMS]
        bent = {**bent, ITEMS: apart(bent[ITEMS], schema)}
    return settled(contract, bent, fixed=requirement.path[:1])
