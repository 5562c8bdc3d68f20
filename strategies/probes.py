"""The bodies of the probes."""

import json

from spec.contract import Contract
from spec.errors import SpecError
from spec.facts import Facts
from spec.probes import Change, Probe
from strategies.coherence import apart, grown, settled
from strategies.encoding import encode
from strategies.example import base
from strategies.places import Json, Place, at, lookup, put, remove


def body(contract: Contract, facts: Facts, probe: Probe) -> bytes:
    """The base invoice with the probe's changes, as bytes.

    SpecError when a change needs something that the document's base invoice does not have.
    """
    payload = base(contract, facts)
    prefix = b""
    texts: list[tuple[Place, str]] = []
    for change in probe.changes:
        if change.action == "prefix":
            prefix += change.value
            continue
        try:
            place = _place(payload, change.at)
            payload = _changed(contract, payload, change, place)
        except (LookupError, TypeError, ValueError) as error:
            raise SpecError(
                f"{probe.file}:{probe.line}: the probe {probe.name!r} changes "
                f"/{'/'.join(change.at)}, and the base invoice has no such place."
            ) from error
        if change.verbatim:
            texts.append((place, change.value))
    fixed = {change.at[0] for change in probe.changes if len(change.at) == 1}
    return prefix + _spelled(settled(contract, payload, fixed), texts)


def _place(payload: Json, keys: tuple[str, ...]) -> Place:
    place: Place = ()
    for key in keys:
        place += (int(key) if isinstance(at(payload, place), list) else key,)
    return place


def _changed(contract: Contract, payload: Json, change: Change, place: Place) -> Json:
    if change.action == "remove":
        return remove(payload, place)
    if change.action == "repeat":
        path = tuple("[]" if isinstance(step, int) else step for step in place)
        elements = grown(at(payload, place), change.value)
        return put(payload, place, apart(elements, lookup(contract.sound_schema, path)))
    return put(payload, place, _meant(change.value) if change.verbatim else change.value)


def _meant(text: str) -> Json:
    """What the JSON text says, for the sums to agree with it; nothing if it is no single value."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _spelled(payload: Json, texts: list[tuple[Place, str]]) -> bytes:
    """The payload as JSON, with these texts as they are in their places."""
    for number, (place, _) in enumerate(texts):
        payload = put(payload, place, f"verbatim {number}")
    encoded = encode(payload)
    for number, (_, text) in enumerate(texts):
        encoded = encoded.replace(f'"verbatim {number}"'.encode(), text.encode())
    return encoded
