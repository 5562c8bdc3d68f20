"""The plain date at another offset, where the offset of a date is to blame."""

from collections.abc import Callable
from datetime import timedelta

from causes.halving import least
from spec.schema.formats import ANY_INSTANT, instant

PLAINEST = ("+00:00", "+01:00", "-01:00", "+05:30", "-03:30")
"""Offsets that are tried in the place of another one, so that each run tells the same: those that
are west, and those of half an hour, only for their like.
"""
Fails = Callable[[str], bool | None]


def same_moment(plain: str, text: str) -> bool:
    """Whether two dates are one moment, at different offsets."""
    try:
        return plain[-6:] != text[-6:] and instant(plain) == instant(text)
    except (ValueError, OverflowError):
        return False


def of_an_offset(plain: str, text: str, fails: Fails) -> str:
    """The moment of the plain date at the plainest offset that will do; empty where that of the
    text does not.
    """
    parts, own = ANY_INSTANT.fullmatch(plain), ANY_INSTANT.fullmatch(text)
    if parts is None or own is None or parts[4] != "Z" or own[4].upper() == "Z":
        return ""

    def at(offset: str) -> str:
        hours, minutes = int(offset[1:3]), int(offset[4:])
        far = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
        local = (instant(plain) + far).isoformat()
        return f"{local[: len('2024-05-02T09:30:00')]}{parts[3] or ''}{offset}"

    sign, minutes = own[4][0], own[4][3:]
    try:
        if not fails(at(own[4])):
            return ""
    except OverflowError:
        return ""
    alike = (each for each in PLAINEST if each[0] in ("+", sign))
    plainer = (each for each in alike if each[3:] == ":00" or minutes != ":00")
    found = next((each for each in plainer if fails(at(each))), "")
    if found or minutes != ":00":
        return at(found or own[4])
    hours = least(1, int(own[4][1:3]), lambda hour: fails(at(f"{sign}{hour:02}:00")))
    return at(f"{sign}{hours:02}:00")
