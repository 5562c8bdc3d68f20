"""Two changes of one property, each of which comes back by itself too."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from causes.difference import Edit, is_long
from causes.echo_change import ANOTHER
from causes.sightings import Sighting
from causes.symptoms import Symptom, symptoms
from causes.traits import path_of, with_parts
from spec.contract import PLACEHOLDER
from spec.oracle import Verdict
from spec.paths import find, schema_at
from spec.violation import Category

MOST_LESS = 6
"""Smaller differences that are tried."""
Edits = tuple[Edit, ...]


def changed_alone(
    sighting: Sighting, edits: Edits, answered: Callable[[Edits], Verdict | None]
) -> list[Verdict]:
    """The verdicts on what is less than these edits and comes back changed in different ways;
    nothing where one change makes it, or each shows with the other alone.
    """
    symptom = sighting.symptom
    if (symptom.category, symptom.answer) != (Category.ECHO, ANOTHER):
        return []
    found: dict[str, Verdict] = {}
    for less in [*_less(sighting, edits)][:MOST_LESS]:
        verdict = answered(less)
        for own in symptoms(sighting.contract, verdict) if verdict is not None else ():
            if verdict is not None and _is_a_change_of(own, symptom):
                found.setdefault(own.answer, verdict)
    return [*found.values()] if len(found) > 1 else []


def _is_a_change_of(own: Symptom, symptom: Symptom) -> bool:
    """Whether the same property comes back otherwise, in a way that one change makes."""
    is_told = own.category == Category.ECHO and own.answer != ANOTHER
    return is_told and not own.names.isdisjoint(symptom.names)


def _less(sighting: Sighting, edits: Edits) -> Iterator[Edits]:
    """The edits without each of them, or with a text or a date that has less."""
    for number, edit in enumerate(edits):
        before, after = edits[:number], edits[number + 1 :]
        if before or after:
            yield (*before, *after)
        for text in _texts(sighting, edit) if sighting.is_own(edit) else ():
            yield (*before, replace(edit, value=text), *after)


def _texts(sighting: Sighting, edit: Edit) -> Sequence[str]:
    """A text without each of its signs; of a date or an address the plain one with each part."""
    text, plain = edit.value, find(sighting.control.payload, edit.location)
    if not isinstance(text, str) or is_long(text) or edit.another:
        return ()
    schema = schema_at(sighting.contract.narrowed_schema, path_of(edit.location))
    if schema.get("format") in ("date-time", "web-url"):
        return [*with_parts(schema, plain, text)] if isinstance(plain, str) else ()
    own = text.split(PLACEHOLDER)
    signs = dict.fromkeys(c for c in "".join(own) if not (c.isascii() and c.isalnum()))
    less = [PLACEHOLDER.join(each.replace(c, "") for each in own) for c in signs]
    return less if len(signs) > 1 else ()
