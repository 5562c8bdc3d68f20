"""Valid date-times that servers get wrong: at many offsets, and where clocks are changed."""

from collections.abc import Iterator

_OFFSETS = (
    *(
        "Z",
        "+01:00",
        "-08:00",
        "+12:45",
        "+09:30",
        "-09:30",
        "+00:30",
        "+13:00",
        "+08:45",
        "+10:30",
    ),
    *("-02:30", "+05:53", "-00:01", "+13:59", "-11:59", "+02:00", "-05:00", "+07:00", "+00:00"),
)
_FRACTIONS = (
    "",
    ".50",
    "",
    ".001",
    "",
    ".500",
    "",
    ".100",
    "",
    ".05",
    "",
    ".9",
    ".010",
    ".998",
    ".00",
)
_CLOCK_CHANGES = (
    *("2031-10-26T00:15:00Z", "2031-10-26T01:15:00Z"),  # in Europe
    *("2031-11-02T04:45:00Z", "2031-11-02T06:15:00Z", "2031-11-02T07:15:00Z"),  # St. John's to
    *("2031-11-02T08:15:00Z", "2031-11-02T09:15:00Z", "2031-11-02T10:15:00Z"),  # Anchorage
    "2031-04-06T02:15:00Z",  # in Santiago
    *("2018-02-18T01:15:00Z", "2018-02-18T02:15:00Z"),  # in Sao Paulo
    *("2009-10-31T18:15:00Z", "2021-10-28T22:15:00Z"),  # in Karachi, in Amman
    *("2014-10-25T22:15:00Z", "2015-08-14T15:15:00Z"),  # in Moscow, in Pyongyang
    *("2015-11-08T01:15:00Z", "2007-12-09T07:15:00Z"),  # in Istanbul, in Caracas
    *("2022-10-30T07:15:00Z", "2023-10-28T21:15:00Z"),  # in Mexico City, in Beirut
    *("2023-10-26T20:15:00Z", "2023-10-26T21:15:00Z"),  # in Cairo
    *("2023-10-28T22:15:00Z", "2023-10-28T23:15:00Z"),  # in Jerusalem
    *("2022-09-21T18:45:00Z", "2022-09-21T19:45:00Z"),  # in Tehran
    *("2023-11-05T08:15:00Z", "2023-04-01T13:15:00Z"),  # in Los Angeles and in Auckland
    *("2024-03-24T03:15:00Z", "2021-04-03T14:15:00Z"),  # in Asuncion, in Apia
)
"""Hours that clocks repeat; those of other years have invoices of their own."""
_SKIPPED = (
    *("2023-04-28T00:15:00Z", "2023-03-24T02:15:00Z"),  # in Cairo, in Jerusalem
    *("2022-03-22T00:15:00Z", "2022-03-27T00:15:00Z"),  # in Tehran, in Beirut
    *("2011-12-30T12:15:00Z", "2018-11-04T00:15:00Z"),  # in Apia, in Sao Paulo
    *("2022-02-25T00:15:00Z", "2009-04-15T00:15:00Z"),  # in Amman, in Karachi
    # In New York, in Berlin and in Sydney, in a year that may still come due.
    *("2031-03-09T02:15:00Z", "2031-03-30T02:15:00Z", "2031-10-05T02:15:00Z"),
)
"""Hours that clocks skip, and a day: a server that reads a time in UTC as its own has no such."""
_INSTANTS = (
    *("2022-12-31T23:59:59.999+01:00", "2020-02-29T23:59:59.999-05:00", "2021-01-01T00:00:00.001Z"),
    *("2010-10-10T10:10:10.01+10:00", "2008-08-20T20:08:08Z", "2012-12-12T12:12:12Z"),
)
"""The last and the first of a day and a year in thousandths, and the same number everywhere."""
_DAYS = 72
"""Dates, in which every month, day, hour, offset and fraction of a second is some time."""


def dates(end: int) -> Iterator[str]:
    """Date-times of this century before a year (RFC 3339, section 5.6)."""
    for n in range(_DAYS):
        month = n % 12 + 1
        last = 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
        year, day = 2001 + n * 37 % (end - 2001), last if n % 5 == 4 else n * 5 % last + 1
        time = f"{n * 7 % 24:02}:{n * 13 % 60:02}:{n * 17 % 60:02}"
        fraction, offset = _FRACTIONS[n % len(_FRACTIONS)], _OFFSETS[n % len(_OFFSETS)]
        yield f"{year}-{month:02}-{day:02}T{time}{fraction}{offset}"
    yield from (each for each in (*_CLOCK_CHANGES, *_SKIPPED, *_INSTANTS) if int(each[:4]) < end)
