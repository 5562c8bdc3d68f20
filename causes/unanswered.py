"""What a request has that gets no answer, and none has that gets one: one part of what is different
about it, or two, looked for with few requests that have to be waited for.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations

from causes.difference import Edit, is_long
from causes.halving import Part
from causes.traits import path_of
from spec.paths import Json, find, type_of, values_at

MOST_PARTS = 2
"""Parts of a difference that are looked for together."""
MOST_BLAMED = 24
"""Parts of a difference of which pairs are looked at."""
SHARE = 3
"""Of what may be to blame, one in so many is tried at once: what is answered costs no time, so most
tries may well be answered.
"""


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
