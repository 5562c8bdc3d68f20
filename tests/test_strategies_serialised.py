"""A date goes as an object of other systems, each of them to one property at least."""

import pytest

from spec.paths import find
from strategies.invalid import near_misses
from tests.invoices import ANYWHERE, CONTRACT


def _objects(*names: str) -> set[frozenset[str]]:
    """The names in each object that is sent where one of these is due."""
    found = set()
    for requirement in CONTRACT.body_requirements:
        if requirement.keyword == "type" and requirement.path[-1:] and requirement.path[0] in names:
            for case in near_misses(CONTRACT, ANYWHERE, requirement):
                value = find(case.payload, requirement.path[:1])
                found |= {frozenset(value)} if isinstance(value, dict) else set()
    return found


@pytest.mark.parametrize(
    "names",
    [
        *({"seconds", "nanos"}, {"_seconds", "_nanoseconds"}, {"epochSecond", "nano"}),
        *({"year", "month", "day"}, {"dateTime", "timeZone"}, {"$date"}, {"__type", "iso"}),
        {"date", "timezone_type", "timezone"},
    ],
)
def test_a_date_is_an_object_of_each_system(names: set[str]) -> None:
    """Protocol Buffers, Firestore, Java, calendars, MongoDB, Parse and PHP."""
    assert names in _objects("due_date", "created_at", "updated_at")
