"""Dates in the format of the page's examples: RFC 3339 date-times."""

import re
from datetime import datetime

_TWO_DIGIT_HOUR = r"(?:[01]\d|2[0-3])"
_DATE_TIME = re.compile(
    rf"\d{{4}}-\d\d-\d\dT{_TWO_DIGIT_HOUR}:[0-5]\d:[0-5]\d(?:\.\d+)?"
    rf"(?:Z|[+-]{_TWO_DIGIT_HOUR}:[0-5]\d)",
    re.ASCII,
)


def instant(text: str) -> datetime:
    """The instant of an RFC 3339 date-time (section 5.6, capital T and Z), else ValueError.

    Fractions finer than a microsecond are cut off.
    """
    if not _DATE_TIME.fullmatch(text):
        raise ValueError("not an RFC 3339 date-time")
    return datetime.fromisoformat(text)
