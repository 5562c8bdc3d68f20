"""What is sent for a probe: the plain invoice with its edits."""

import json
from dataclasses import replace

from spec.contract import Contract, TargetFacts
from spec.paths import ELEMENT, Json, Location, Path, put, remove, schema_at, value_at
from spec.probes import Edit, Probe
from spec.strictjson import DIGITS
from spec.yamlfile import FileError
from strategies.carried import dated_at
from strategies.invoice import encode, plain_invoice
from strategies.relations import (
    as_written,
    consistent,
    repeated_to,
    with_distinct_references,
)

_OFFSET = "+05:30"
"""Of the dates beside what is asked: a server may take them as another one, that has none."""


def probe_body(contract: Contract, facts: TargetFacts, probe: Probe) -> bytes:
    """The plain invoice with the probe's edits, as bytes.

    Raises FileError when one is at a location that the plain invoice does not have.
    """
    payload = dated_at(contract, plain_invoice(contract, facts), _OFFSET)
    prefix = b""
    verbatim: list[tuple[Location, str]] = []
    edits = [_renamed(contract, edit) for edit in probe.edits]
    for edit in edits:
        if edit.action == "prefix":
            prefix += edit.value
            continue
        try:
            location = _location(payload, edit.at)
            payload = _changed(contract, payload, edit, location)
        except (LookupError, TypeError, ValueError) as error:
            raise FileError(
                f"{probe.file}:{probe.line}: the probe {probe.name!r} changes "
                f"/{'/'.join(edit.at)}, which the plain invoice does not have: "
                "correct the pointer."
            ) from error
        if edit.verbatim:
            verbatim.append((location, edit.value))
    fixed = {edit.at[0] for edit in edits if len(edit.at) == 1}
    payload = consistent(contract, as_written(contract, payload), fixed)
    return prefix + _encoded(payload, verbatim)


def _renamed(contract: Contract, edit: Edit) -> Edit:
    """The edit of a probe, with the names that properties have in this version of the document."""
    path = tuple(ELEMENT if key.isdecimal() else key for key in edit.at)
    steps = zip(edit.at, contract.path_of(path), strict=True)
    at = tuple(key if step == ELEMENT else step for key, step in steps)
    return replace(edit, at=at, value=_renamed_within(contract, path, edit.value))


def _renamed_within(contract: Contract, path: Path, value: Json) -> Json:
    if isinstance(value, list):
        return [_renamed_within(contract, (*path, ELEMENT), each) for each in value]
    if isinstance(value, dict):
        names = {name: (*path, name) for name in value}
        return {
            contract.path_of(names[name])[-1]: _renamed_within(contract, names[name], each)
            for name, each in value.items()
        }
    return value


def _location(payload: Json, keys: tuple[str, ...]) -> Location:
    """The location that a probe's JSON pointer names."""
    location: Location = ()
    for key in keys:
        location += (int(key) if isinstance(value_at(payload, location), list) else key,)
    return location


def _changed(contract: Contract, payload: Json, edit: Edit, location: Location) -> Json:
    if edit.action == "remove":
        return remove(payload, location)
    if edit.action == "repeat":
        path = tuple(ELEMENT if isinstance(step, int) else step for step in location)
        known = value_at(payload, location)
        if not isinstance(known, list):
            raise TypeError(edit.at)
        elements = repeated_to(known, edit.value)
        schema = schema_at(contract.narrowed_schema, path)
        return put(payload, location, with_distinct_references(contract, elements, schema))
    return put(payload, location, _parsed(edit.value) if edit.verbatim else edit.value)


def _parsed(text: str) -> Json:
    """The value of the JSON text, for the sums to agree with it; None if it is not one value."""
    try:
        return json.loads(text, parse_int=_integer)
    except ValueError:
        return None


def _integer(literal: str) -> int | float:
    """The number; infinite where it has more digits than Python reads."""
    return int(literal) if len(literal) <= DIGITS else float(literal)


def _encoded(payload: Json, verbatim: list[tuple[Location, str]]) -> bytes:
    """The payload as JSON with each of these texts, unchanged, at its location."""
    for number, (location, _) in enumerate(verbatim):
        payload = put(payload, location, f"verbatim {number}")
    body = encode(payload)
    for number, (_, text) in enumerate(verbatim):
        body = body.replace(f'"verbatim {number}"'.encode(), text.encode())
    return body
