"""What a server that converts types reads from a value where a number is due."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from spec.paths import Json


def converted(value: Json) -> Decimal:
    """The number that a server which converts types would read from a value; 0 if there is none.

    With it the sums agree for such a server too, so that it has no other reason to refuse.
    """
    if isinstance(value, list | dict):
        inside = [*value.values()] if isinstance(value, dict) else value
        return converted(inside[0]) if inside else Decimal(0)
    return _number_in(str(int(value) if isinstance(value, bool) else value))


@lru_cache(maxsize=1024)
def _number_in(text: str) -> Decimal:
    """Cached, because the same amounts are looked at over and over."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_nan():  # as what is no number is where nothing is trapped
        number = _beside_other_signs(text.strip())
    return number if number.is_finite() and number.adjusted() < _MOST_DIGITS else Decimal(0)


def _beside_other_signs(text: str) -> Decimal:
    """The number that a text begins with, or has behind one sign, as people write it: with signs
    between thousands, a comma for a point, a currency or a minus behind it.
    """
    if text[:2] in ("0x", "0X"):
        return Decimal(int(text, 16)) if _HEXADECIMAL.fullmatch(text) else Decimal(0)
    found = _WRITTEN.match(text)
    if found is None:
        return Decimal(0)
    whole, mark, fraction = found[1], found[2], found[3]
    return Decimal("".join(filter(str.isdecimal, whole)) + f".{fraction}" * bool(mark))


_MOST_DIGITS = 18
"""Digits before the point of what a server reads exactly."""
_HEXADECIMAL = re.compile("0[xX][0-9a-fA-F]{1,15}")
_WRITTEN = re.compile(r"[^0-9]?([0-9]{1,15}(?:[ ,.][0-9]{3})?)(?:([,.])([0-9]{1,2}))?(?![0-9])")
