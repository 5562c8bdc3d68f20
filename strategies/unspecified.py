"""Invoices that keep the document but not the reading: drawn ones, and those of the probes."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from spec.contract import Contract, TargetFacts
from spec.paths import (
    ELEMENT,
    Json,
    Location,
    Path,
    locate,
    present,
    put,
    remove,
    schema_at,
    value_at,
)
from spec.probes import Change, Probe
from spec.yamlfile import SpecError
from strategies.coherence import (
    consistent,
    must_be_accepted,
    repeated_to,
    with_distinct_references,
)
from strategies.invoice import base, complete_invoice, encode
from strategies.scalars import TEXT, main_type, of_other_types, type_names
from strategies.valid import valid
from strategies.values import (
    UNSPECIFIED_AMOUNTS,
    UNSPECIFIED_DATES,
    UNSPECIFIED_INTEGERS,
    UNSPECIFIED_KEYS,
    UNSPECIFIED_TEXTS,
    UNSPECIFIED_URLS,
)

Changes = st.SearchStrategy[tuple[Path, Json]]
"""A path in a payload, and the value to put there."""


@cache
def unspecified(contract: Contract, facts: TargetFacts) -> st.SearchStrategy[dict[str, Json]]:
    """Drawn valid invoices with one change that makes them unspecified."""
    invoices = valid(contract, facts)
    complete = complete_invoice(contract)
    changes = st.one_of([*_changes(contract.narrowed_schema, (), complete)])

    @st.composite
    def unspecified_invoices(draw: st.DrawFn) -> dict[str, Json]:
        path, value = draw(changes)
        payload = draw(invoices)
        if not present(payload, path[:-1]):
            payload[path[0]] = complete[path[0]]
        location = locate(payload, path, lambda size: draw(st.integers(0, size - 1)))
        payload = consistent(contract, put(payload, location, value), path[:1])
        assume(contract.request.validator.is_valid(payload))
        # The validator takes 1.0 for an integer, but not every dialect does.
        wants_integer = main_type(schema_at(contract.narrowed_schema, path)) == "integer"
        is_1_0 = wants_integer and isinstance(value, float)
        assume(is_1_0 or not must_be_accepted(contract, facts, payload))
        return payload

    return unspecified_invoices()


def probe_body(contract: Contract, facts: TargetFacts, probe: Probe) -> bytes:
    """The base invoice with the probe's changes, as bytes.

    Raises SpecError when a change is to a place that the base invoice does not have.
    """
    payload = base(contract, facts)
    prefix = b""
    verbatim: list[tuple[Location, str]] = []
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
                f"/{'/'.join(change.at)}, which the base invoice does not have: "
                "correct the pointer."
            ) from error
        if change.verbatim:
            verbatim.append((location, change.value))
    fixed = {change.at[0] for change in probe.changes if len(change.at) == 1}
    return prefix + _encoded(consistent(contract, payload, fixed), verbatim)


def _changes(schema: dict[str, Any], path: Path, value: Json) -> Iterator[Changes]:
    """The changes to everything in a schema; `value` is a valid value of it."""
    properties = schema.get("properties")
    if properties:
        keys = [key for key in UNSPECIFIED_KEYS if key not in properties]
        any_value = of_other_types(())
        yield st.tuples(st.sampled_from(keys).map(lambda key: (*path, key)), any_value)
        for name, inner in properties.items():
            yield from _changes(inner, (*path, name), value[name])
    elif "items" in schema:
        most = schema.get("maxItems", 100)
        too_many = st.integers(most + 1, most + 50).map(
            lambda size: with_distinct_references(repeated_to(value, size), schema)
        )
        with_repeated_reference = st.just([*value, value[0]])
        yield st.tuples(st.just(path), st.just([]) | with_repeated_reference | too_many)
        yield from _changes(schema["items"], (*path, ELEMENT), value[0])
    else:
        values = _values(schema)
        if values is not None:
            yield st.tuples(st.just(path), values)


_EXCLUDED_CHARACTERS = st.text(st.characters(categories=["Cc", "Co", "Cn"]), min_size=1, max_size=3)


def _values(schema: dict[str, Any]) -> st.SearchStrategy[Json] | None:
    """Unusual values for a scalar schema, some of them valid; None for booleans."""
    types = type_names(schema.get("type", ()))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "integer" in types:
        return st.sampled_from(UNSPECIFIED_INTEGERS) | st.integers(-(2**40), 0)
    if "number" in types:
        thousandths = st.integers(-(10**9), 10**15).map(lambda drawn: drawn / 1000)
        return st.sampled_from(UNSPECIFIED_AMOUNTS) | thousandths
    if "string" not in types:
        return None
    if schema.get("format") == "date-time":
        return st.sampled_from(UNSPECIFIED_DATES) | TEXT
    if schema.get("format") == "web-url":
        return st.sampled_from(UNSPECIFIED_URLS) | TEXT
    return st.sampled_from(UNSPECIFIED_TEXTS) | st.builds(str.__add__, TEXT, _EXCLUDED_CHARACTERS)


def _location(payload: Json, keys: tuple[str, ...]) -> Location:
    """The location that a probe's JSON pointer names."""
    location: Location = ()
    for key in keys:
        location += (int(key) if isinstance(value_at(payload, location), list) else key,)
    return location


def _changed(contract: Contract, payload: Json, change: Change, location: Location) -> Json:
    if change.action == "remove":
        return remove(payload, location)
    if change.action == "repeat":
        path = tuple(ELEMENT if isinstance(step, int) else step for step in location)
        elements = repeated_to(value_at(payload, location), change.value)
        schema = schema_at(contract.narrowed_schema, path)
        return put(payload, location, with_distinct_references(elements, schema))
    return put(payload, location, _parsed(change.value) if change.verbatim else change.value)


def _parsed(text: str) -> Json:
    """The value of the JSON text, for the sums to agree with it; None if it is not one value."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _encoded(payload: Json, verbatim: list[tuple[Location, str]]) -> bytes:
    """The payload as JSON with each of these texts, unchanged, at its location."""
    for number, (location, _) in enumerate(verbatim):
        payload = put(payload, location, f"verbatim {number}")
    body = encode(payload)
    for number, (_, text) in enumerate(verbatim):
        body = body.replace(f'"verbatim {number}"'.encode(), text.encode())
    return body
