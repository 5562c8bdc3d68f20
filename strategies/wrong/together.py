"""What is wrong with an invoice as a whole: two values that belong together are of one wrong type,
or there is nothing where something should be.

A server that compares two values may look at them in no other way, and one that finds nothing may
have nothing to check.
"""

from collections.abc import Callable, Iterator

from spec.contract import Contract
from spec.paths import Json
from spec.schema.formats import instant, is_date_time

Change = Callable[[Json], Json]
"""What becomes of a value, None where there is none."""


def _seconds(value: Json) -> Json:
    """The date in seconds since 1970."""
    is_date = isinstance(value, str) and is_date_time(value)
    return int(instant(value).timestamp()) if is_date else 1714642200


_SHAPES: dict[str, Change] = {
    "in arrays": lambda value: [value],
    "in objects": lambda value: {"value": value},
    "null": lambda _: None,
    "true": lambda _: True,
    "in seconds": _seconds,
}
"""Types of which two values can be compared, or computed with, and those that come to nothing."""

_AMOUNTS = ("in arrays", "in objects", "null", "true")
_DATES = ("in seconds", "in arrays", "in objects")
"""Both null is among the invoices with two faults, as both amounts in quotes are."""

_OF_STATUSES: dict[str, tuple[str, Change]] = {
    "no items and a wrong status": ("VOID", lambda _lines: []),
    "a draft with a bare item": ("DRAFT", lambda lines: [*(lines or ())[:-1], {}]),
}
"""States in which a server may look at nothing else, or at the first item, with other items."""


def together(contract: Contract) -> Iterator[tuple[str, dict[str, Change]]]:
    """Each name with what becomes of the values of some properties."""
    relations = contract.relations
    state, dates, line = relations.state, relations.dates, relations.line
    items, due = relations.sum.items, relations.due.due
    known = contract.narrowed_schema["properties"]
    pairs = {
        "both amounts": ((state.paid, relations.sum.total), _AMOUNTS),
        "both dates": ((dates.earlier, dates.later), _DATES),
        "the first and the last date": ((dates.earlier, due), _DATES[:2]),
    }
    for name, (both, shapes) in pairs.items():
        if known.keys() >= {*both}:
            yield from ((f"{name} {each}", dict.fromkeys(both, _SHAPES[each])) for each in shapes)
    for shape in ("null", "in arrays"):
        change = _in_the_last(_SHAPES[shape], line.quantity, line.amount)
        yield f"the numbers of an item {shape}", {items: change}
    yield "an item of nulls", {items: _with_a_row_of_nulls}
    yield "each item null", {items: lambda lines: [None] * len(lines or ())}
    for name, (status, change) in _OF_STATUSES.items():
        yield name, {state.status: _always(status), items: change}
    needed = (state.status, *contract.narrowed_schema.get("required", ()))
    optional = [
        name
        for name, inner in known.items()
        if name not in needed and inner.get("format") in ("text", "web-url")
    ]
    yield "each text null that may be left out", dict.fromkeys(optional, _SHAPES["null"])


def _always(value: Json) -> Change:
    return lambda _: value


def _with_a_row_of_nulls(lines: Json) -> Json:
    """The items and one of nulls, as a table has it behind its last row."""
    known = lines or []
    return [*known, *map(dict.fromkeys, known[:1])]


def _in_the_last(shape: Change, *names: str) -> Change:
    """The same of these properties of the last item."""

    def change(lines: Json) -> Json:
        if not lines:
            return lines
        last = lines[-1]
        return [*lines[:-1], {**last, **{name: shape(last.get(name)) for name in names}}]

    return change
