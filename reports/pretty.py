"""JSON as a person reads it, one value to a line, with the place at fault marked."""

from collections.abc import Iterator
from typing import Any

from spec.departure import brief

Place = tuple[str | int, ...]
Line = tuple[Place, str]

MOST = 60
"""Lines that are shown."""
SHOWN = 3
"""Elements of a list that are shown, besides the one at fault."""


def pretty(value: Any, place: Place | None = None, remark: str = "") -> str:
    """The value on several lines; below that of `place`, or of what lacks it, stands the remark."""
    lines = list(_lines(value, (), "", place or ()))
    texts = [text for _, text in lines]
    mark = 0
    if place is not None:
        nearest = max(len(path) for path, _ in lines if _leads(path, place))
        mark = next(n for n, (path, _) in enumerate(lines) if path == place[:nearest])
        indent = len(texts[mark]) - len(texts[mark].lstrip())
        texts.insert(mark + 1, f"{' ' * indent}^-- {remark}")
    start = max(0, min(mark - MOST // 2, len(texts) - MOST))
    after = len(texts) - start - MOST
    above = [f"... {start} lines"] if start else []
    below = [f"... {after} lines"] if after > 0 else []
    return "\n".join([*above, *texts[start : start + MOST], *below])


def _leads(path: Place, place: Place) -> bool:
    """Whether the place is at the path or below it."""
    return place[: len(path)] == path


def _lines(value: Any, path: Place, before: str, place: Place) -> Iterator[Line]:
    """The lines of a value, each with the path of what stands on it."""
    margin = "  " * len(path)
    children: list[list[Line]] = []
    if isinstance(value, dict):
        brackets = "{}"
        for key, child in value.items():
            children.append(list(_lines(child, (*path, key), f"{brief(key)}: ", place)))
    elif isinstance(value, list):
        brackets = "[]"
        children += [
            list(_lines(value[index], (*path, index), "", place))
            for index in _shown(value, path, place)
        ]
        if len(children) < len(value):
            children.append([(path, f"{margin}  ... {len(value) - len(children)} more")])
    else:
        yield path, f"{margin}{before}{brief(value)}"
        return
    if not children:
        yield path, f"{margin}{before}{brackets}"
        return
    yield path, f"{margin}{before}{brackets[0]}"
    for number, lines in enumerate(children, 1):
        last, text = lines[-1]
        lines[-1] = (last, text + ("," if number < len(children) else ""))
        yield from lines
    yield path, f"{margin}{brackets[1]}"


def _shown(value: list[Any], path: Place, place: Place) -> list[int]:
    """The first elements, and the one at fault."""
    fault = place[len(path)] if len(place) > len(path) and _leads(path, place) else None
    return [index for index in range(len(value)) if index < SHOWN or index == fault]
