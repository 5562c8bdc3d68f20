"""Unusual values, each with its place; and texts of several parts, which go where they show."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest

from spec.contract import PLACEHOLDER
from spec.paths import Json, Path
from spec.schema.formats import has_letter_or_digit, is_date_time

_SEPARATORS = "\t\n\r\0\x85"
"""What a column, a line or a text ends with somewhere; the most common first."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """An unusual value and the path it goes to; in an array, to the element of that index.

    `name` says both to a person.
    """

    name: str
    path: Path
    value: Json
    element: int


Rows = Iterable[list[Unusual]]
"""The unusual values of an invoice each."""


def add_parted(dates: Rows, texts: Rows, texts_of_items: Rows) -> None:
    """Adds texts with what parts them in a table to invoices in which a date alone is unusual, but
    one that many servers take: what is next to a text may get a part of it. So one such text is
    alone in the invoice, and one in an item.
    """
    parted, inside = ([each for row in rows for each in row] for rows in (texts, texts_of_items))
    usable = [row for row in dates if all(map(_is_a_date, row))]
    known = dict.fromkeys(_text(one) for one in parted if _has_parts(one))
    added = [
        [*([own] if own else []), *([replace(item, element=number)] if item else [])]
        for text in sorted(known, key=_rank)
        for number, (own, item) in enumerate(
            zip_longest(*([one for one in some if _text(one) == text] for some in (parted, inside)))
        )
    ]
    for date, values in zip(reversed(usable), added, strict=False):
        date.extend(values)


def _is_a_date(unusual: Unusual) -> bool:
    return isinstance(unusual.value, str) and is_date_time(unusual.value)


def _has_parts(unusual: Unusual) -> bool:
    """Whether it has words with a separator between them."""
    parts = _text(unusual).translate(dict.fromkeys(map(ord, _SEPARATORS), "\n")).split("\n")
    return sum(has_letter_or_digit(part) for part in parts) > 1


def _rank(text: str) -> int:
    return min(_SEPARATORS.find(each) for each in text if each in _SEPARATORS)


def _text(unusual: Unusual) -> str:
    """The text without a stamp."""
    return str(unusual.value).partition(PLACEHOLDER)[0]
