"""Whether a value came back: text, numbers, dates and lists."""

import math
from datetime import UTC
from decimal import Decimal
from typing import Any, TypeGuard

from spec.schema.formats import DATE, instant

CENT = 0.00999
"""What rounding to cents, or cutting off what is finer, may change: less than a cent."""
DIGITS = 1e-6
"""The share of a number that single precision may lose."""


def alike(sent: Any, returned: Any) -> bool:
    """Whether an unspecified value came back as far as it has to: a number keeps its sign and its
    magnitude, rounding to cents and to a double's digits is allowed; anything goes for the rest.
    """
    if not (is_number(sent) and is_number(returned)):
        return True
    one, other = double(sent), double(returned)
    return one == other or abs(one - other) <= max(CENT, abs(one) * DIGITS)


def same(sent: Any, returned: Any, *, dates: bool = False, days: bool = False) -> bool:
    """Whether a value came back: text by code point, numbers as IEEE 754 doubles, dates as
    instants or `days`, lists element by element (objects have echoes of their own).
    """
    if isinstance(sent, str) and isinstance(returned, str):
        if sent == returned:
            return True
        try:
            return (days and _same_day(sent, returned)) or (
                dates and instant(sent) == instant(returned)
            )
        except (ValueError, OverflowError):
            return False
    if is_number(sent) and is_number(returned):
        return double(sent) == double(returned)
    if isinstance(sent, list) and isinstance(returned, list):
        return len(sent) == len(returned) and all(
            same(one, other, dates=dates, days=days)
            for one, other in zip(sent, returned, strict=True)
        )
    if sent is None or (isinstance(sent, bool) and isinstance(returned, bool)):
        return sent is returned
    return True  # a value of another type is the schema's business


def _same_day(sent: str, returned: str) -> bool:
    """Whether one of them is the day of the other, where that was written or in UTC."""
    day, moment = sorted((sent, returned), key=len)
    if DATE.fullmatch(day) is None or DATE.fullmatch(moment):
        return False
    found = instant(moment)
    return day in (moment[:10], found.astimezone(UTC).date().isoformat())


def is_no_double(value: object) -> bool:
    """Whether it is a number that is too large for a double."""
    return is_number(value) and math.isinf(double(value))


def double(number: int | Decimal) -> float:
    """A number as the IEEE 754 double that it is read as."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def is_number(value: object) -> TypeGuard[int | Decimal]:
    """Whether a value that came out of JSON is a number."""
    return type(value) in (int, Decimal)  # what JSON is parsed into: no bool is a number
