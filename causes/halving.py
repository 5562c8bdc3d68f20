"""Which few of many parts fail together, and how short a text or how small a number does."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

Part = TypeVar("Part")

FEW = 3
"""Suspects that are tried one by one."""


def of_few_groups(
    parts: Sequence[Part],
    group: Callable[[Part], Hashable],
    fails: Callable[[Sequence[Part]], bool | None],
    suspects: int,
) -> tuple[Part, ...] | None:
    """Of many parts those of the fewest groups that fail, each with all its parts; None if none was
    seen to fail. The first `suspects` are tried before all others.
    """
    groups = dict[Hashable, list[Part]]()
    for each in parts:
        groups.setdefault(group(each), []).append(each)

    def of(some: Sequence[Sequence[Part]]) -> tuple[Part, ...]:
        return tuple(each for own in some for each in own)

    first = len({group(each) for each in parts[:suspects]})
    found = smallest([*groups.values()], lambda some: fails(of(some)), first)
    return None if found is None else of(found)


def smallest(
    edits: Sequence[Part], fails: Callable[[Sequence[Part]], bool | None], suspects: int = 0
) -> tuple[Part, ...] | None:
    """A small subset of the edits, or of other parts of a difference, with which it still fails;
    None if none was seen to fail.

    The first `suspects` are tried before all others. `fails` says None when nothing more may be
    asked; what is known by then is the answer.
    """
    first, others = tuple(edits[:suspects]), tuple(edits[suspects:])
    if len(first) <= FEW:
        for edit in first:
            if fails((edit,)):
                return (edit,)
    if others and len(first) > 1 and fails(first):
        others, first = first, ()
    return _halved(first, others, fails) or (_one_by_one(edits, fails) if fails(edits) else None)


def _halved(
    always: tuple[Part, ...],
    others: tuple[Part, ...],
    fails: Callable[[Sequence[Part]], bool | None],
) -> tuple[Part, ...] | None:
    """What fails of the others together with those that are there always.

    Mostly one of them is to blame, so a half that does not fail is left out, the other one unasked.
    """
    blamed = others
    while len(blamed) > 1:
        half = blamed[: len(blamed) // 2]
        failing = fails((*always, *half))
        if failing is None:
            return None
        blamed = half if failing else blamed[len(half) :]
    return _fewer((*always, *blamed), fails) if fails((*always, *blamed)) else None


def _one_by_one(
    edits: Sequence[Part], fails: Callable[[Sequence[Part]], bool | None]
) -> tuple[Part, ...]:
    """Few of the edits that fail together, each found by halving: the last one that is missing of
    those that fail, and so on before it with those that are known to be needed.
    """
    needed, rest = tuple[Part, ...](), tuple(edits)
    while rest and not (needed and fails(needed)):
        low, high = 0, len(rest)
        while high - low > 1:
            middle = (low + high) // 2
            failing = fails((*rest[:middle], *needed))
            if failing is None:
                return (*rest[:high], *needed)
            low, high = (low, middle) if failing else (middle, high)
        needed, rest = (rest[high - 1], *needed), rest[: high - 1]
    return _fewer(needed, fails) if len(needed) <= FEW else needed


def _fewer(
    edits: Sequence[Part], fails: Callable[[Sequence[Part]], bool | None]
) -> tuple[Part, ...]:
    """Delta debugging of edits that fail together."""
    known, parts = tuple(edits), 2
    while len(known) >= 2:
        size = -(-len(known) // parts)
        chunks = [known[start : start + size] for start in range(0, len(known), size)]
        for chunk in chunks:
            rest = tuple(edit for edit in known if edit not in chunk)
            failing = fails(rest)
            if failing is None:
                return known
            if failing:
                known, parts = rest, max(parts - 1, 2)
                break
        else:
            if parts >= len(known):
                return known
            parts = min(len(known), parts * 2)
    return known


def shortest(text: str, fails: Callable[[str], bool | None], kept: str = "") -> str:
    """A short part of a text, whose characters stay in order, with which it still fails.

    What is `kept` stays whole, wherever it is.
    """
    words = [*text] if not kept else [*_with_whole(text, kept)]
    known, parts = words, 2
    while len(known) >= 2:
        size = -(-len(known) // parts)
        for start in range(0, len(known), size):
            rest = known[:start] + known[start + size :]
            if kept in known and kept not in rest:
                continue
            failing = fails("".join(rest))
            if failing is None:
                return "".join(known)
            if failing:
                known, parts = rest, max(parts - 1, 2)
                break
        else:
            if parts >= len(known):
                break
            parts = min(len(known), parts * 2)
    return "".join(known)


def _with_whole(text: str, kept: str) -> Iterator[str]:
    before, found, after = text.partition(kept)
    yield from before
    if found:
        yield found
        yield from _with_whole(after, kept)


def least(low: int, high: int, fails: Callable[[int], bool | None]) -> int:
    """The smallest number above `low` that still fails, where `high` does, by halving."""
    while high - low > 1:
        middle = (low + high) // 2
        failing = fails(middle)
        if failing is None:
            return high
        low, high = (low, middle) if failing else (middle, high)
    return high
