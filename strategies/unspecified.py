"""Invoices between the document and the reading: a server may accept or refuse them, never fail."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from spec.contract import Contract
from spec.facts import Facts
from strategies import oddities
from strategies.coherence import apart, grown, keeps_reading, settled
from strategies.example import whole
from strategies.kinds import TEXT, main_type, named, others
from strategies.places import ELEMENT, Json, Path, lookup, place, present, put
from strategies.sound import sound

Odd = st.SearchStrategy[tuple[Path, Json]]
"""A path in a payload, and what is put there."""


@cache
def between(contract: Contract, facts: Facts) -> st.SearchStrategy[dict[str, Json]]:
    """Sound invoices with one oddity that the document allows and the reading does not."""
    invoices = sound(contract, facts)
    complete = whole(contract)
    oddities = st.one_of([*_odd(contract.sound_schema, (), complete)])

    @st.composite
    def odd_invoices(draw: st.DrawFn) -> dict[str, Json]:
        path, value = draw(oddities)
        payload = draw(invoices)
        if not present(payload, path[:-1]):
            payload[path[0]] = complete[path[0]]
        where = place(payload, path, lambda size: draw(st.integers(0, size - 1)))
        payload = settled(contract, put(payload, where, value), path[:1])
        assume(contract.request.validator.is_valid(payload))
        # 1.0 is an integer to the validator, but not in every dialect.
        counts = main_type(lookup(contract.sound_schema, path)) == "integer"
        respelled = counts and isinstance(value, float)
        assume(respelled or not keeps_reading(contract, facts, payload))
        return payload

    return odd_invoices()


def _odd(schema: dict[str, Any], path: Path, sound: Json) -> Iterator[Odd]:
    """Oddities of everything in a schema; `sound` is a sound value of it."""
    properties = schema.get("properties")
    if properties:
        keys = [key for key in oddities.KEYS if key not in properties]
        yield st.tuples(st.sampled_from(keys).map(lambda key: (*path, key)), others(()))
        for name, inner in properties.items():
            yield from _odd(inner, (*path, name), sound[name])
    elif "items" in schema:
        most = schema.get("maxItems", 100)
        long = st.integers(most + 1, most + 50).map(lambda size: apart(grown(sound, size), schema))
        alike = st.just([*sound, sound[0]])
        yield st.tuples(st.just(path), st.just([]) | alike | long)
        yield from _odd(schema["items"], (*path, ELEMENT), sound[0])
    else:
        values = _values(schema)
        if values is not None:
            yield st.tuples(st.just(path), values)


def _values(schema: dict[str, Any]) -> st.SearchStrategy[Json] | None:
    types = named(schema.get("type", ()))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "integer" in types:
        return st.sampled_from(oddities.WHOLES) | st.integers(-(2**40), 0)
    if "number" in types:
        thousandths = st.integers(-(10**9), 10**15).map(lambda drawn: drawn / 1000)
        return st.sampled_from(oddities.AMOUNTS) | thousandths
    if "string" not in types:
        return None
    if schema.get("format") == "date-time":
        return st.sampled_from(oddities.DATES) | TEXT
    if schema.get("format") == "web-url":
        return st.sampled_from(oddities.URLS) | TEXT
    return st.sampled_from(oddities.TEXTS) | st.builds(str.__add__, TEXT, _REFUSED)


_REFUSED = st.text(st.characters(categories=["Cc", "Co", "Cn"]), min_size=1, max_size=3)
