"""Date-times: which instants fit a target, and how they may be spelled (RFC 3339 5.6)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from spec.facts import Facts

FIRST, LAST = datetime(2000, 1, 2, tzinfo=UTC), datetime(2024, 12, 30, tzinfo=UTC)
"""Dates are drawn from this fixed range, so that a case does not change from day to day."""

_SPELLINGS = tuple(
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
MINUTE = timedelta(minutes=1)


def window(facts: Facts) -> tuple[datetime, datetime] | None:
    """From when until when an invoice may be updated; None when that cannot be known.

    It starts after the order's creation and ends a minute before the run, for clocks differ.
    """
    if facts.order_created_at is None:
        return None if facts.order_ids else (FIRST, LAST)
    first = max(FIRST, facts.order_created_at + timedelta(seconds=1))
    last = LAST if first < LAST else min(first + timedelta(days=30), facts.started_at - MINUTE)
    return (first, last) if first + MINUTE <= last else None


def instants(first: datetime, last: datetime) -> Callable[[st.DrawFn], str]:
    """How RFC 3339 date-times between two moments are drawn, at any offset, up to milliseconds."""
    start = int(first.timestamp()) + 1
    count = (int(last.timestamp()) - start) * len(_SPELLINGS)
    numbers = st.integers(0, count - 1)
    return lambda draw: _nth(start, draw(numbers))


def _nth(start: int, drawn: int) -> str:
    """One number says both the second and its spelling: one choice less to draw."""
    seconds, spelling = divmod(drawn, len(_SPELLINGS))
    return _spelled(start + seconds, *_SPELLINGS[spelling])


def spellings(moment: datetime) -> tuple[str, ...]:
    """The moment, to the second, at every offset and precision; the plainest first."""
    return tuple(_spelled(int(moment.timestamp()), *spelling) for spelling in _SPELLINGS)


def _spelled(seconds: int, zone: timezone, offset: str, digits: int) -> str:
    fraction = f".{seconds % 10**digits:0{digits}}" if digits else ""
    return f"{datetime.fromtimestamp(seconds, zone):%Y-%m-%dT%H:%M:%S}{fraction}{offset}"
