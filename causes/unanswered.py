"""What a request has that gets no answer, and none has that gets one: one part of what is different
about it, or two, looked for with few requests that have to be waited for; or what all of them have
in common, so that others need not be waited for.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from causes.difference import Edit, Part, is_long
from causes.sightings import payload_of
from causes.traits import features_of, path_of
from spec.paths import Json, Path, find, path_text, type_of, values_at
from spec.violation import counted

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


Feature = tuple[str, str]
"""The path of a value in a body, and what is particular about it."""
ENOUGH = 3
"""Requests without an answer, after which what they have in common is taken to be why."""


@dataclass(slots=True)
class Group:
    """So many requests without an answer, and what they alone have in common."""

    features: set[Feature]
    count: int = 1


@dataclass(slots=True)
class Hanging:
    """What requests have that get no answer, for each of some reasons."""

    answered: set[Feature] = field(default_factory=set)
    groups: list[Group] = field(default_factory=list)

    def add_answered(self, body: bytes) -> None:
        """Take note of a body that got an answer: nothing of it is a reason."""
        own = features(body)
        self.answered |= own
        for group in self.groups:
            group.features -= own
        self.groups = [group for group in self.groups if group.features]

    def add_silent(self, body: bytes) -> bool:
        """Take note of one that got none; whether it has something in common with earlier ones."""
        own = features(body) - self.answered
        for group in self.groups:
            if both := group.features & own:
                group.features, group.count = both, group.count + 1
                return True
        if own:
            self.groups.append(Group({*own}))
        return False

    def has(self, body: bytes) -> bool:
        """Whether a body has all that several have in common that got no answer."""
        known = [group.features for group in self.groups if group.count >= ENOUGH]
        own = features(body) if known else frozenset()
        return any(each <= own for each in known)


def features(body: bytes) -> frozenset[Feature]:
    """What is particular about the values of a body; nothing where it is no invoice."""
    payload = payload_of(body)
    return frozenset(_features(payload, ())) if isinstance(payload, dict) else frozenset()


def _features(value: Json, at: Path) -> Iterator[Feature]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _features(each, (*at, name))
        return
    if isinstance(value, list):
        yield path_text(at), counted(len(value), "element")
        for each in value:
            yield from _features(each, path_of((*at, 0)))
        return
    for feature in features_of(value):
        yield path_text(at), feature
