"""A server's clock that is far from this machine's is told; nobody is blamed for a wrong one."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from spec.exchange import Exchange
from tests.exchanges import CONTRACT, request, response
from tests.running import suite
from watch import clock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=30)


def _told(date: str | None) -> str:
    headers = [] if date is None else [("date", date)]
    return clock.apart(Exchange(request({}), response(201, {}, headers), None, 30.0), NOW, SOON)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-60, ""),
        (90, ""),
        (-62, "1 min behind"),
        (30 + 90 * 60, "90 min ahead of"),
        (-86_400, "24 h behind"),
        (30 + 86_400 * 366, "366 days ahead of"),
    ],
)
def test_a_clock_that_is_far_from_ours_is_told(seconds: int, words: str) -> None:
    """By more than a minute, and by what an exchange took; which one is wrong nobody knows."""
    told = _told(format_datetime(NOW + timedelta(seconds=seconds), usegmt=True))
    assert told == (
        words
        and f"The server's clock is {words} this machine's, by its Date header: "
        "one of the two is wrong"
    )


@pytest.mark.parametrize("date", [None, "", "yesterday", "Sun, 99 Mar 2026 12:00:00 GMT", "1e999"])
def test_a_date_that_says_nothing_tells_nothing(date: str | None) -> None:
    """An answer may have none, and one that cannot be read is no clock's."""
    assert _told(date) == ""
    assert clock.apart(Exchange(request({}), None, "Nothing.", 1.0), NOW, SOON) == ""


def test_what_is_found_about_dates_may_be_for_the_clock() -> None:
    """What is refused or taken by its date; what comes back of it, or is about others, is not."""
    names = ["due_date.type", "created_at.type", "201.data.updated_at.echo", "status.enum"]
    assert clock.blamed(CONTRACT, names) == (
        "what is found about created_at, due_date may be for that alone"
    )
    assert clock.blamed(CONTRACT, names[2:]) == ""


def test_a_run_tells_of_the_clock_at_its_head_and_at_its_end() -> None:
    """And goes on: it changes no verdict."""
    options = ("--hypothesis-profile", "smoke", "-k", "near_miss and sku", "-q")
    result = suite("-p", "tests.plugins.another_day", *options)
    assert result.status == 0, result.output
    assert result.output.count("The server's clock is 24 h behind this machine's, by its Date") == 2
