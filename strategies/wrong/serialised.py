"""A value as people and libraries write one of its type where they have another type for it."""

import re
from collections.abc import Iterator
from zlib import crc32

from spec.paths import Json
from spec.requirements import Requirement
from spec.schema.formats import ANY_INSTANT
from spec.schema.keywords import type_names
from strategies.scalars import json_type
from strategies.values import NamedValue
from strategies.wrong.texts import HOLDERS, NUMBER_WORDS


def number_words(requirement: Requirement, value: Json) -> tuple[str, ...]:
    """Texts that may be read as a number: of each two properties that are one, each has others."""
    size = len(requirement.path[-1]) if requirement.path else 0
    known = NUMBER_WORDS[(size + _is_whole(requirement)) % 2]
    return known if is_number(value) else ()


def _is_whole(requirement: Requirement) -> bool:
    """Whether the requirement is on a type of whole numbers."""
    return "integer" in type_names(requirement.operand)


def held(requirement: Requirement, value: Json) -> Json:
    """The value in an object, as libraries write one of its type."""
    if json_type(value) == "array":
        return {"data": value}
    if is_number(value) and _is_whole(requirement):
        return {"value": value, "unit": "pcs"}
    if is_number(value):
        return _turn(requirement, _money(value))
    if is_instant(value):
        return _turn(requirement, _MOMENTS)
    name = requirement.path[-1] if requirement.path else ""
    return {HOLDERS[len(name) % len(HOLDERS)]: value}


def in_parts(requirement: Requirement, value: Json) -> NamedValue:
    """A date in its parts, where one is due; else a number that is no text."""
    if not is_instant(value):
        return "1.5", 1.5
    return "its parts in an object", _turn(requirement, _PARTS)


def _turn(requirement: Requirement, forms: tuple[Json, ...]) -> Json:
    """One of the forms: properties of one type have different ones in turn."""
    name = requirement.path[-1] if requirement.path else ""
    return forms[crc32(name.encode()) % _TURNS % len(forms)]


_TURNS = 16
"""With it the three dates of the document have three turns, and its three amounts."""
_MOMENTS: tuple[Json, ...] = (
    {"seconds": 1714642200, "nanos": 0},
    {"_seconds": 1714642200, "_nanoseconds": 0},
    {"epochSecond": 1714642200, "nano": 0},
)
_PARTS: tuple[Json, ...] = (
    {"year": 2024, "month": 5, "day": 2},
    {"dateTime": "2024-05-02T09:30:00", "timeZone": "UTC"},
    {"date": "2024-05-02 09:30:00.000000", "timezone_type": 3, "timezone": "UTC"},
)
"""A date as Protocol Buffers, Firestore and Java have it; as calendars and PHP do."""


def _moments_of(value: Json) -> tuple[Json, ...]:
    """The text of a date as MongoDB and Parse have it."""
    number = {"$date": {"$numberLong": "1714642200000"}}
    return ({"$date": value}, number, {"__type": "Date", "iso": value})


def _money(value: Json) -> tuple[Json, ...]:
    """An amount as shops, Google and PayPal have it."""
    return (
        {"amount": value, "currency": "EUR"},
        {"units": str(int(value)), "nanos": 0, "currencyCode": "EUR"},
        {"value": str(value), "currency_code": "EUR"},
    )


def nothing_held(requirement: Requirement) -> NamedValue:
    """An object without the value; for an id, by which something is looked up, an operator that
    finds any in a database of documents.
    """
    is_id = any(name.endswith("_id") for name in requirement.path[-1:])
    return ('an operator, {"$ne": ""}', {"$ne": ""}) if is_id else ("an empty object", {})


def is_number(value: Json) -> bool:
    """Whether it is a number, whole or not."""
    return json_type(value) in ("fraction", "integer")


def is_instant(value: Json) -> bool:
    """Whether it is the text of an instant, however that is written."""
    return isinstance(value, str) and ANY_INSTANT.fullmatch(value) is not None


def serialised(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    """A date, a number or a list as libraries write it that have other types."""
    if is_number(value):
        others: tuple[Json, ...] = ({"$numberDecimal": str(value)}, {"N": str(value)})
        others = (*others, {"source": str(value), "parsedValue": value})
        whole = {"$numberInt": str(value)}
        other = whole if _is_whole(requirement) else _turn(requirement, others)
        yield "the number in an object", other
    if isinstance(value, list):
        yield "its elements in an object", {str(n): one for n, one in enumerate(value)}
        yield "its elements counted from one", {str(n): one for n, one in enumerate(value, 1)}
        yield "its elements as .NET keeps them", {"$id": "1", "$values": value}
    if is_instant(value):
        yield "its parts in an array", [*map(int, re.findall(r"\d+", value)[:5])]
        yield "its text in an object", _turn(requirement, _moments_of(value))


_LEVELS = 190
"""Arrays around a text: more than some readers go down, though not too many to judge the body."""


def in_arrays(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    """What some libraries take for the value: an object or its properties in a row, more than one
    text or object, each object in an array, and a number that is longer than one. In the place of
    every other text there are arrays within arrays.
    """
    name = requirement.path[-1] if requirement.path else ""
    match value:
        case dict():
            yield "its values in an array", [*value.values()]
            yield "two of it in an array", [value, value]
        case [dict(), *_]:
            yield "each of its elements in an array", [[each] for each in value]
            yield "the values of its elements in arrays", [[*each.values()] for each in value]
        case str() if len(name) % 2 and not is_instant(value):
            yield f"{_LEVELS} arrays around it", _within(_LEVELS, value)
        case str() if not is_instant(value):
            yield "two of it in an array", [value, value]
        case float():
            yield "2.5", 2.5


def _within(arrays: int, value: Json) -> Json:
    """The value in so many arrays, one in the other."""
    for _ in range(arrays):
        value = [value]
    return value
