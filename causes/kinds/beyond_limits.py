"""Values as wrong as one that is accepted: plainer, or farther beyond the same limit."""

import math
from dataclasses import replace

from causes.difference import Edit
from causes.smaller import LETTER, stamp_of
from causes.traits import path_of
from spec.contract import Contract
from spec.paths import Json, schema_at

MUCH = 10
"""How many times a limit is far beyond it."""
LONGEST, MOST_ITEMS = 50_000, 1000
"""How long a text, and how many items, are at most to be far beyond a limit."""
_NUMBERS = (int, float)


def plainest_fault(contract: Contract, edit: Edit) -> Edit | None:
    """The edit with the plainest value that is as wrong, which says whether all of its kind is
    accepted: the first whole number beyond a limit, plain letters, an object in the place of
    another type. None of what is no value, or as plain.
    """
    if edit.removed or edit.size is not None or edit.another or edit.written or not edit.location:
        return None
    schema = schema_at(contract.narrowed_schema, path_of(edit.location))
    value, types = edit.value, schema.get("type")
    plainest: Json = {} if types != "object" else LETTER
    if type(value) in _NUMBERS and types in ("number", "integer"):
        whole, step = _beyond(schema, value)
        plainest = whole + step
    elif isinstance(value, str) and types == "string":
        stamp = stamp_of(value)
        most = schema.get("maxLength", len(value))
        plainest = stamp.ljust(most + 1 if len(value) > most else 1, LETTER)
    return None if plainest == value else replace(edit, value=plainest, signs="")


def farther_beyond(contract: Contract, edit: Edit) -> list[Edit]:
    """The edit with values that are as wrong, and farther beyond the limit that it is beyond: much
    farther, by one more, and twice as far. None of what is beyond no limit.
    """
    schema = schema_at(contract.narrowed_schema, path_of(edit.location))
    value, many = edit.value, edit.size is not None
    if many or isinstance(value, str):
        size = edit.size if edit.size is not None else len(value)
        most = schema.get("maxItems" if many else "maxLength", size)
        far = min(MUCH * most, MOST_ITEMS if many else LONGEST) if size > most else size
        sizes = [far] * (far > size) + [each for each in (size + 1, 2 * most) if size < each < far]
        if many:
            return [replace(edit, size=each) for each in sizes]
        return [replace(edit, value=value.ljust(each, LETTER), signs="") for each in sizes]
    if type(value) not in _NUMBERS:
        return []
    whole, step = _beyond(schema, value)
    far = max(MUCH, abs(whole))
    numbers = (value + step * each for each in (MUCH * far, 1, far) if step)
    return [replace(edit, value=each, written="") for each in numbers]


def _beyond(schema: dict[str, Json], value: float) -> tuple[float, int]:
    """The last whole number within the limit that a number is beyond, and the step from there; the
    number and no step where it is beyond none.
    """
    for names, whole, step in (
        (("minimum", "exclusiveMinimum"), math.ceil, -1),
        (("maximum", "exclusiveMaximum"), math.floor, 1),
    ):
        limit = next((schema[name] for name in names if type(schema.get(name)) in _NUMBERS), value)
        if (value - limit) * step > 0:
            return whole(limit), step
    return value, 0
