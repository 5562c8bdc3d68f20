"""Two changes of one property, each of which comes back by itself too."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from causes.difference import Edit, is_long
from causes.echo_change import ANOTHER
from causes.explained import Explained
from causes.sightings import Sighting
from causes.symptoms import Symptom
from causes.traits import path_of, with_parts
from spec.contract import PLACEHOLDER
from spec.oracle import Verdict
from spec.paths import find, schema_at
from spec.violation import Category

MOST_LESS = 8
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
        for own, verdict in _changes(sighting, answered(less)):
            found.setdefault(own.answer, verdict)
        if len(found) > 1:
            return [*found.values()]
    return []


def known_beside(
    sighting: Sighting,
    edits: Edits,
    answered: Callable[[Edits], Verdict | None],
    known: Iterable[Explained],
) -> list[Verdict]:
    """The verdicts on a known change of a text and on what is left of this one without the signs
    that it takes, where that comes back changed in another way; nothing where it does not.
    """
    symptom, texts = sighting.symptom, [edit for edit in edits if _is_a_text(edit)]
    if (symptom.category, symptom.answer, len(texts)) != (Category.ECHO, ANOTHER, 1):
        return []
    for one in [*filter(lambda one: _is_a_change_of(one.symptom, symptom), known)][:MOST_LESS]:
        is_text = len(one.edits) == 1 and _is_a_text(one.edits[0])
        text = _without(texts[0].value, _signs(one.edits[0].value) if is_text else ())
        if text == texts[0].value:
            continue
        left = answered(tuple(replace(each, value=text) for each in texts))
        for own, verdict in _changes(sighting, left):
            if own.answer != one.symptom.answer:
                return [one.shown, verdict]
    return []


def _changes(sighting: Sighting, verdict: Verdict | None) -> Iterator[tuple[Symptom, Verdict]]:
    """What of a verdict is a change of the property that came back otherwise, with the verdict."""
    if verdict is not None:
        for own in sighting.control.shown_by(sighting.contract, verdict):
            if _is_a_change_of(own, sighting.symptom):
                yield own, verdict


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
    signs = _signs(text)
    return [_without(text, sign) for sign in signs] if len(signs) > 1 else ()


def _is_a_text(edit: Edit) -> bool:
    """Whether an edit puts a text somewhere that is to be told itself."""
    return isinstance(edit.value, str) and not (edit.removed or edit.another)


def _signs(text: str) -> list[str]:
    """The signs of a text, and all that is beyond ASCII; not what keeps it apart from others."""
    own = text.replace(PLACEHOLDER, "")
    return [*dict.fromkeys(c for c in own if not (c.isascii() and c.isalnum()))]


def _without(text: str, signs: Iterable[str]) -> str:
    own = text.split(PLACEHOLDER)
    for sign in signs:
        own = [each.replace(sign, "") for each in own]
    return PLACEHOLDER.join(own)
