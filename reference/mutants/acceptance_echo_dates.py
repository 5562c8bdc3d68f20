"""Servers that echo dates as another instant."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from reference.instants import instant
from reference.mutants.mutant import mutant
from reference.mutants.operators import DATES, answers_text
from reference.mutants.server import Json, Mutation, Server

DATE = "201.data.*.echo"


def _answers_instant(change: Callable[[datetime], datetime], size: int | None = None) -> Mutation:
    """The server answers other instants in dates, in UTC to the millisecond, cut to a `size`; as
    they are where that has no such year.
    """

    def written(text: str) -> str:
        try:
            moment = change(instant(text)).astimezone(UTC)
        except OverflowError:
            return text
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")[:size]

    return answers_text(DATES, written)


@mutant("acceptance/echo", DATE)
def offsets_are_ignored(server: Server) -> Server:
    """The wall clock is kept and called UTC: 10:00+05:30 comes back as 10:00Z."""
    return _answers_instant(lambda moment: moment.replace(tzinfo=UTC))(server)


@mutant("acceptance/echo", DATE)
def offsets_are_applied_the_wrong_way(server: Server) -> Server:
    """They are added where they should be subtracted."""
    return _answers_instant(
        lambda moment: moment.replace(tzinfo=UTC) + (moment.utcoffset() or timedelta())
    )(server)


@mutant("acceptance/echo", DATE)
def half_hours_of_offsets_are_lost(server: Server) -> Server:
    """Only whole hours of an offset are read, by code never tested with India's +05:30."""

    def whole(moment: datetime) -> datetime:
        hours = int((moment.utcoffset() or timedelta()).total_seconds() / 3600)
        return moment.replace(tzinfo=UTC) - timedelta(hours=hours)

    return _answers_instant(whole)(server)


@mutant("acceptance/echo", DATE)
def fractions_of_a_second_are_cut_off(server: Server) -> Server:
    """MySQL's DATETIME without a precision, or a format without one."""
    return _answers_instant(lambda moment: moment.replace(microsecond=0))(server)


@mutant("acceptance/echo", DATE)
def seconds_are_rounded(server: Server) -> Server:
    """MySQL rounds fractions where others cut them: 23:59:59.999 on New Year's Eve is next year."""
    return _answers_instant(
        lambda moment: (moment + timedelta(microseconds=500000)).replace(microsecond=0)
    )(server)


@mutant("acceptance/echo", DATE)
def fractions_are_read_as_milliseconds(server: Server) -> Server:
    """.5 is read as five milliseconds: the digits are a number to the parser, not a fraction."""

    def misread(text: str) -> str:
        head, dot, tail = text.partition(".")
        digits = "".join(digit for digit in tail if digit.isdigit())[:3]
        count = len(tail) - len(tail.lstrip("0123456789"))
        return f"{head}.{digits.zfill(3)}{tail[count:]}" if dot else text

    return answers_text(DATES, misread)(server)


@mutant("acceptance/echo", DATE)
def only_the_day_is_kept(server: Server) -> Server:
    """A DATE column: every time of day comes back as midnight."""
    return _answers_instant(
        lambda moment: moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    )(server)


@mutant("acceptance/echo", "201.data.due_date.echo")
def the_due_date_comes_back_without_a_time(server: Server) -> Server:
    """Formatted as a day, `2024-07-31`, which is not an instant."""
    return answers_text(("due_date",), lambda text: text[:10])(server)


@mutant("acceptance/echo", DATE)
def dates_come_back_without_an_offset(server: Server) -> Server:
    """Python's naive isoformat(), Java's LocalDateTime: the reader has to guess the time zone."""
    return _answers_instant(lambda moment: moment, len("2024-05-02T09:30:00"))(server)


@mutant("acceptance/echo", DATE)
def day_and_month_change_places(server: Server) -> Server:
    """03/10 has two readings: where the day can be a month, it becomes one."""

    def swapped(moment: datetime) -> datetime:
        return moment if moment.day > 12 else moment.replace(month=moment.day, day=moment.month)

    return _answers_instant(swapped)(server)


@mutant("acceptance/echo", DATE)
def the_29th_of_february_becomes_the_1st_of_march(server: Server) -> Server:
    """A home-made calendar without leap years."""

    def moved(moment: datetime) -> datetime:
        leap = (moment.month, moment.day) == (2, 29)
        return moment + timedelta(days=1) if leap else moment

    return _answers_instant(moved)(server)


@mutant("acceptance/echo", DATE)
def dates_after_2038_wrap_around(server: Server) -> Server:
    """32 bits of seconds: MySQL's TIMESTAMP, an old time_t in C."""

    def wrapped(moment: datetime) -> datetime:
        late = 2**31 <= moment.timestamp() < 2**33
        return moment - timedelta(seconds=2**32) if late else moment

    return _answers_instant(wrapped)(server)


@mutant("acceptance/echo", DATE)
def the_hour_that_clocks_skip_is_skipped(server: Server) -> Server:
    """Read in a local zone: half past two does not exist in Berlin on the last Sunday of March."""

    def skipped(moment: datetime) -> datetime:
        missing = (moment.month, moment.day, moment.hour) == (3, 31, 2)
        return moment + timedelta(hours=1) if missing else moment

    return _answers_instant(skipped)(server)


def _misses(hours: Collection[str]) -> Mutation:
    """The server moves instants in these hours, which begin as here in UTC."""

    def moved(moment: datetime) -> datetime:
        is_missing = moment.astimezone(UTC).isoformat()[:13] in hours
        return moment + timedelta(hours=1) if is_missing else moment

    return _answers_instant(moved)


@mutant("acceptance/echo", DATE)
def the_second_hour_of_two_is_the_first_where_clocks_stopped_changing(server: Server) -> Server:
    """It is kept as local time in Karachi or Moscow, which have had no summer time for years."""
    return _misses(("2009-10-31T18", "2014-10-25T22"))(server)


@mutant("acceptance/echo", DATE)
def a_day_that_an_island_skipped_is_skipped(server: Server) -> Server:
    """A time in UTC is read as one of Apia, where 30 December 2011 never was."""
    hours = [f"2011-12-30T{hour:02}" for hour in range(24)]
    return _misses(hours)(server)


@mutant("acceptance/echo", "201.data.due_date.echo")
def due_in_thirty_days_is_due_at_the_end_of_a_month(server: Server) -> Server:
    """The terms of payment are found again from the dates: 30 days are a month."""

    def ended(data: Json, sent: Json) -> Json:
        names = ("due_date", "created_at")
        due, created = (instant(sent[name]) if name in sent else None for name in names)
        if due is None or created is None or due - created != timedelta(days=30):
            return data
        return {**data, "due_date": (due.replace(day=28) + timedelta(days=3)).isoformat()}

    return server.with_data(ended)


@mutant("acceptance/echo", "201.data.created_at.echo", "201.data.updated_at.echo")
def the_server_keeps_its_own_dates(server: Server) -> Server:
    """An ORM that manages created_at and updated_at (GORM, Rails, Laravel) overwrites what was sent
    with the current time.
    """

    def stamped(data: Json, _: Json) -> Json:
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return {**data, **{name: now for name in ("created_at", "updated_at") if name in data}}

    return server.with_data(stamped)


@mutant("acceptance/echo", "201.data.updated_at.echo")
def updated_is_answered_as_created(server: Server) -> Server:
    """One line too many was copied in the mapper."""

    def copied(data: Json, _: Json) -> Json:
        both = "created_at" in data and "updated_at" in data
        return {**data, "updated_at": data["created_at"]} if both else data

    return server.with_data(copied)


@mutant("acceptance/echo", "201.data.due_date.echo")
def due_dates_of_a_holiday_are_a_day_later(server: Server) -> Server:
    """Nobody pays on the first of May, says a calendar of the server."""

    def worked(data: Json, _: Json) -> Json:
        due = str(data.get("due_date"))
        return {**data, "due_date": due.replace("-05-01T", "-05-02T")}

    return server.with_data(worked)
