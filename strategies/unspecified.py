"""The bodies of the probes."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from spec.contract import Contract, TargetFacts
from spec.paths import ELEMENT, Json, Location, Path, at, location, lookup, present, put, remove
from spec.probes import Change, Probe
from spec.yamlfile import SpecError
from strategies.coherence import apart, grown, keeps_reading, settled
from strategies.invoice import base, complete_invoice, encode
from strategies.scalars import TEXT, main_type, named, others
from strategies.valid import valid
from strategies.values import ODD_AMOUNTS, ODD_DATES, ODD_KEYS, ODD_TEXTS, ODD_URLS, ODD_WHOLES

Odd = st.SearchStrategy[tuple[Path, Json]]
"""A path in a payload, and what is put there."""


@cache
def unspecified(contract: Contract, facts: TargetFacts) -> st.SearchStrategy[dict[str, Json]]:
    """Valid invoices with one oddity that the document allows and the reading does not."""
    invoices = valid(contract, facts)
    complete = complete_invoice(contract)
    oddities = st.one_of([*_odd(contract.narrowed_schema, (), complete)])

    @st.composite
    def odd_invoices(draw: st.DrawFn) -> dict[str, Json]:
        path, value = draw(oddities)
        payload = draw(invoices)
        if not present(payload, path[:-1]):
            payload[path[0]] = complete[path[0]]
        where = location(payload, path, lambda size: draw(st.integers(0, size - 1)))
        payload = settled(contract, put(payload, where, value), path[:1])
        assume(contract.request.validator.is_valid(payload))
        # 1.0 is an integer to the validator, but not in every dialect.
        counts = main_type(lookup(contract.narrowed_schema, path)) == "integer"
        respelled = counts and isinstance(value, float)
        assume(respelled or not keeps_reading(contract, facts, payload))
        return payload

    return odd_invoices()


def _odd(schema: dict[str, Any], path: Path, valid: Json) -> Iterator[Odd]:
    """Oddities of everything in a schema; `valid` is a valid value of it."""
    properties = schema.get("properties")
    if properties:
        keys = [key for key in ODD_KEYS if key not in properties]
        yield st.tuples(st.sampled_from(keys).map(lambda key: (*path, key)), others(()))
        for name, inner in properties.items():
            yield from _odd(inner, (*path, name), valid[name])
    elif "items" in schema:
        most = schema.get("maxItems", 100)
        long = st.integers(most + 1, most + 50).map(lambda size: apart(grown(valid, size), schema))
        alike = st.just([*valid, valid[0]])
        yield st.tuples(st.just(path), st.just([]) | alike | long)
        yield from _odd(schema["items"], (*path, ELEMENT), valid[0])
    else:
        values = _values(schema)
        if values is not None:
            yield st.tuples(st.just(path), values)


def _values(schema: dict[str, Any]) -> st.SearchStrategy[Json] | None:
    types = named(schema.get("type", ()))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "integer" in types:
        return st.sampled_from(ODD_WHOLES) | st.integers(-(2**40), 0)
    if "number" in types:
        thousandths = st.integers(-(10**9), 10**15).map(lambda drawn: drawn / 1000)
        return st.sampled_from(ODD_AMOUNTS) | thousandths
    if "string" not in types:
        return None
    if schema.get("format") == "date-time":
        return st.sampled_from(ODD_DATES) | TEXT
    if schema.get("format") == "web-url":
        return st.sampled_from(ODD_URLS) | TEXT
    return st.sampled_from(ODD_TEXTS) | st.builds(str.__add__, TEXT, _REFUSED)


_REFUSED = st.text(st.characters(categories=["Cc", "Co", "Cn"]), min_size=1, max_size=3)


def probe_body(contract: Contract, facts: TargetFacts, probe: Probe) -> bytes:
    """The base invoice with the probe's changes, as bytes.

    SpecError when a change needs something that the document's base invoice does not have.
    """
    payload = base(contract, facts)
    prefix = b""
    texts: list[tuple[Location, str]] = []
    for change in probe.changes:
        if change.action == "prefix":
            prefix += change.value
            continue
        try:
            location = _location(payload, change.at)
            payload = _changed(contract, payload, change, location)
        except (LookupError, TypeError, ValueError) as error:
            raise SpecError(
                f"{probe.file}:{probe.line}: the probe {probe.name!r} changes "
                f"/{'/'.join(change.at)}, and the base invoice has no such place."
            ) from error
        if change.verbatim:
            texts.append((location, change.value))
    fixed = {change.at[0] for change in probe.changes if len(change.at) == 1}
    return prefix + _spelled(settled(contract, payload, fixed), texts)


def _location(payload: Json, keys: tuple[str, ...]) -> Location:
    location: Location = ()
    for key in keys:
        location += (int(key) if isinstance(at(payload, location), list) else key,)
    return location


def _changed(contract: Contract, payload: Json, change: Change, location: Location) -> Json:
    if change.action == "remove":
        return remove(payload, location)
    if change.action == "repeat":
        path = tuple("[]" if isinstance(step, int) else step for step in location)
        elements = grown(at(payload, location), change.value)
        return put(payload, location, apart(elements, lookup(contract.narrowed_schema, path)))
    return put(payload, location, _meant(change.value) if change.verbatim else change.value)


def _meant(text: str) -> Json:
    """What the JSON text says, for the sums to agree with it; nothing if it is no single value."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _spelled(payload: Json, texts: list[tuple[Location, str]]) -> bytes:
    """The payload as JSON, with these texts as they are in their places."""
    for number, (where, _) in enumerate(texts):
        payload = put(payload, where, f"verbatim {number}")
    encoded = encode(payload)
    for number, (_, text) in enumerate(texts):
        encoded = encoded.replace(f'"verbatim {number}"'.encode(), text.encode())
    return encoded
