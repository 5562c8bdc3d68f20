"""Dates: when drawn ones lie, and how one moment may be written."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from spec.contract import TargetFacts
from spec.paths import Json

FIRST_DATE, LAST_DATE = datetime(2000, 1, 2, tzinfo=UTC), datetime(2024, 12, 30, tzinfo=UTC)
"""The range of drawn dates; fixed, so that a case does not change from day to day."""

MINUTE = timedelta(minutes=1)


def date_times(first: datetime, last: datetime) -> Callable[[st.DrawFn], str]:
    """Draws RFC 3339 date-times between two moments, at any offset, with up to milliseconds."""
    start = int(first.timestamp()) + 1
    count = (int(last.timestamp()) - start) * len(_DATE_TIME_FORMATS)
    numbers = st.integers(0, count - 1)

    def date_time(draw: st.DrawFn) -> str:
        # One number gives both the second and its format, which saves a choice.
        seconds, format_ = divmod(draw(numbers), len(_DATE_TIME_FORMATS))
        return _rfc_3339(start + seconds, *_DATE_TIME_FORMATS[format_])

    return date_time


def date_time_texts(moment: datetime) -> tuple[str, ...]:
    """The moment, to the second, with every offset and precision; the plainest text first."""
    return tuple(_rfc_3339(int(moment.timestamp()), *format_) for format_ in _DATE_TIME_FORMATS)


def update_window(facts: TargetFacts) -> tuple[datetime, datetime] | None:
    """The first and the last moment at which an invoice may be updated; None when not known.

    The first is after the order's creation, the last a minute before the run, as clocks differ.
    """
    if facts.order_created_at is None:
        return None if facts.order_ids else (FIRST_DATE, LAST_DATE)
    first = max(FIRST_DATE, facts.order_created_at + timedelta(seconds=1))
    if first < LAST_DATE:
        last = LAST_DATE
    else:
        last = min(first + timedelta(days=30), facts.started_at - MINUTE)
    return (first, last) if first + MINUTE <= last else None


_DATE_TIME_FORMATS = tuple(
    (timezone(timedelta(minutes=minutes)), offset, digits)
    for digits in (0, 1, 3)
    for minutes, offset in (
        (0, "Z"),
        (0, "+00:00"),
        (330, "+05:30"),
        (-660, "-11:00"),
        (840, "+14:00"),
        (-720, "-12:00"),
    )
)
"""Time zone, the text of its offset, and the number of fraction digits."""


def _rfc_3339(seconds: int, zone: timezone, offset: str, digits: int) -> str:
    fraction = f".{seconds % 10**digits:0{digits}}" if digits else ""
    return f"{datetime.fromtimestamp(seconds, zone):%Y-%m-%dT%H:%M:%S}{fraction}{offset}"


def on_the_side(date: Json, *, ahead: bool) -> Json:
    """The date or, if a run may be on the wrong side of it, that day of another year; a leap day
    stays one.
    """
    if not isinstance(date, str) or not date[:4].isdecimal():
        return date
    year = int(date[:4])
    if ahead:
        return date if year >= _AHEAD else f"{_AHEAD + year % 4}{date[4:]}"
    return date if year < _PAST + 4 else f"{_PAST + year % 4}{date[4:]}"


_PAST, _AHEAD = 2016, 2052
"""The first of four years before and after any run; leap years."""
