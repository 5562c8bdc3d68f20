"""Which number is written otherwise than usual, where that is to blame and not what it is."""

import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from causes.difference import Edit
from causes.explained import Edits
from causes.halving import least, smallest
from causes.sightings import (
    Sighting,
)
from causes.traits import ZEROS, way_of
from spec.paths import Json, Location, find, put
from spec.strictjson import DIGITS
from strategies.invoice import encode

Sent = Callable[[bytes], bool | None]
"""Whether the answer to a body shows the symptom; None when nothing more may be asked."""


class _Written(str):
    """A number as a body has it."""

    __slots__ = ()


def written_otherwise(sighting: Sighting, sent: Sent) -> Edits:
    """The numbers of the control that have to be written as in this case, in the plainest way that
    will do; none where that is not to blame.
    """
    plain = sighting.control.payload
    numbers = [*numbers_written(sighting.request.body, plain)]

    def fails(some: Sequence[Edit]) -> bool | None:
        return sent(_body(plain, some))

    found = smallest(numbers, fails) if numbers and fails(numbers) else None
    if found is None or found[1:]:
        return found or ()
    (one,) = found
    return (_plainer(one, find(plain, one.location), lambda edit: fails((edit,))),)


def _plainer(one: Edit, value: float, still: Callable[[Edit], bool | None]) -> Edit:
    """With as few zeros at its end as will do."""
    if way_of(one.written) != ZEROS:
        return one
    most = len(one.written.partition(".")[2])

    def of(decimals: int) -> Edit:
        return Edit(one.location, value, written=f"{Decimal(repr(value)):.{decimals}f}")

    usual = len(repr(value).partition(".")[2])
    return of(least(usual, most, lambda decimals: still(of(decimals))))


def numbers_written(body: bytes, plain: Json) -> Iterator[Edit]:
    """The numbers of the plain payload that a body writes otherwise, each so written."""
    try:
        payload = json.loads(body, parse_float=_Written, parse_int=_Written)
    except (ValueError, RecursionError):
        return
    for location, value in _numbers(plain, ()):
        text = find(payload, location)
        if not isinstance(text, _Written) or len(text) > DIGITS:  # Python reads no number so long
            continue
        if text != json.dumps(json.loads(text)):
            yield Edit(location, value, written=_as(text, Decimal(repr(value))))


def _as(text: str, number: Decimal) -> str:
    """The number as the text of another one is written."""
    decimals = text.partition(".")[2]
    if "e" not in text.lower():
        return f"{number:.{max(len(decimals), -int(number.as_tuple().exponent) + 1)}f}"
    return f"{int(number * 10_000)}e-4" if "e-" in text.lower() else f"{number:E}"


def _numbers(value: Json, at: Location) -> Iterator[tuple[Location, float]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _numbers(each, (*at, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _numbers(each, (*at, index))
    elif type(value) in (int, float):
        yield at, value


def _body(plain: Json, edits: Sequence[Edit]) -> bytes:
    """The plain payload with these numbers as they are written."""
    marked = plain
    for number, edit in enumerate(edits):
        marked = put(marked, edit.location, f"\0{number}")
    body = encode(marked)
    for number, edit in enumerate(edits):
        body = body.replace(encode(f"\0{number}"), edit.written.encode())
    return body
