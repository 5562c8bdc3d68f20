"""What a request has that gets no answer, and none has that gets one: one part of what is different
about it, or two, looked for with few requests that have to be waited for.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from causes.difference import Edit, is_long
from causes.halving import Part
from causes.sightings import Sighting
from causes.traits import path_of
from spec.paths import Json, find, schema_at, type_of, values_at

MOST_PARTS = 2
"""Parts of a difference that are looked for together."""
MOST_BLAMED = 24
"""Parts of a difference of which pairs are looked at."""
SHARE = 3
"""Of what may be to blame, one in so many is tried at once: what is answered costs no time, so most
tries may well be answered.
"""
_OTHERS = {"date-time": ("2019-03-05T07:08:09Z",), "web-url": ("http://qx.example/",)}
_LETTERS = "xq0"
"""Valid texts of a format, and what other texts are made of, in the place of those that get no
answer.
"""
_SEVERAL = 9
"""Characters of a text that is not short."""


def blamed(
    parts: Sequence[Part],
    answered: Iterable[Collection[Part]],
    fails: Callable[[Sequence[Part]], bool | None],
) -> tuple[Part, ...] | None:
    """The part or the two that get no answer; None where it takes more, or where nothing more may
    be asked. What was `answered` with some parts together needs others for it.
    """
    if len(parts) > MOST_BLAMED:
        return None
    left = [*range(len(parts))]
    well = [{index for index in left if parts[index] in each} for each in answered]
    while True:
        some = [*_possible(left, well)]
        if not some:
            return None
        tried = _tried(left, some)
        failing = fails([parts[index] for index in tried])
        if failing is None:
            return None
        if not failing:
            well.append({*tried})
            continue
        left = tried
        if [*_possible(left, well)] == [tuple(left)]:
            return tuple(parts[index] for index in left)


def _possible(left: Sequence[int], well: Sequence[Collection[int]]) -> Iterator[tuple[int, ...]]:
    """What may be to blame: one or two that were never answered together, and the first no part of
    the second.
    """
    for size in range(1, MOST_PARTS + 1):
        for some in combinations(left, size):
            if not any({*some} <= {*each} for each in well):
                yield some


def _tried(left: Sequence[int], some: Sequence[tuple[int, ...]]) -> list[int]:
    """A part of what is left, with a share of what may be to blame in it."""
    tried = {*some[0]}
    for index in left:
        covered = sum({*each} <= tried for each in some)
        if covered * SHARE >= len(some) or len(tried) + 1 >= len(left):
            break
        tried.add(index)
    return sorted(tried)


def with_edit(payload: Json, edit: Edit, plain: Json) -> bool:
    """Whether a payload has what an edit of the plain one puts into it, or more of it."""
    if edit.size is not None:
        sizes = [len(find(each, edit.location) or ()) for each in (payload, plain)]
        return sizes[0] >= edit.size if edit.size > sizes[1] else sizes[0] <= edit.size
    if edit.removed:
        (*around, name), values = path_of(edit.location), [payload]
        if around:
            values = [value for _, value in values_at(payload, tuple(around))]
        return any(isinstance(each, dict) and name not in each for each in values)
    values = [value for _, value in values_at(payload, path_of(edit.location))]
    return any(type_of(each) == type_of(edit.value) and _is_as(edit, each) for each in values)


def _is_as(edit: Edit, value: Json) -> bool:
    """Whether a value is that of an edit, or as long where it is a long text."""
    return bool(value == edit.value or (is_long(edit.value) and len(value) >= len(edit.value)))


def another_value(sighting: Sighting, edit: Edit) -> Edit | None:
    """Another valid value, which has nothing in common with that of the edit, of a property that
    the control lacks, where no answer came: it may be so with any.
    """
    value, around = edit.value, find(sighting.control.payload, edit.location[:-1])
    is_new = isinstance(around, dict) and edit.location[-1] not in around
    unanswered = sighting.verdict.exchange.response is None and not sighting.is_refusal
    if not (is_new and unanswered and isinstance(value, str)) or edit.another or edit.written:
        return None
    schema = schema_at(sighting.contract.narrowed_schema, path_of(edit.location))
    size = 1 if len(value) > 1 else _SEVERAL
    free = (each * size for each in _LETTERS if each not in value)
    others = schema.get("enum") or _OTHERS.get(schema.get("format", ""), free)
    other = next((each for each in others if each != value), None)
    return None if other is None else replace(edit, value=other)
