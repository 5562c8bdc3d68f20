"""What is wrong with an invoice as a whole: two values that belong together are of one wrong type,
or there is nothing where something should be.

A server that compares two values may look at them in no other way, and one that finds nothing may
have nothing to check.
"""

from collections.abc import Callable, Iterator
from itertools import combinations

from spec.contract import Contract
from spec.paths import Json
from spec.schema.formats import instant, is_date_time
from strategies.relations import repeated_to, with_distinct_references

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

_BATCH = 100
"""Items that a service may take at a time: as many as the reading lets an invoice have."""

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
    yield "a refund", {state.status: _always("REFUNDED"), state.paid: _given_back}
    inner = known.get(items, {}).get("items", {})
    own = [name for name in inner.get("required", ()) if name != relations.distinct.reference]
    for both in combinations(own, 2):
        yield f"an item without {' and '.join(both)}", {items: _without_in_the_last(*both)}
    texts = (name for name, one in inner.get("properties", {}).items() if "maxLength" in one)
    if longest := [name for name in texts if name != relations.distinct.reference]:
        limit = inner["properties"][longest[-1]]["maxLength"]
        change = _behind_the_first(contract, longest[-1], limit)
        yield f"{longest[-1]} too long in item {_BATCH + 1} and later", {items: change}
    needed = (state.status, *contract.narrowed_schema.get("required", ()))
    optional = [
        name
        for name, inner in known.items()
        if name not in needed and inner.get("format") in ("text", "web-url")
    ]
    yield "each text null that may be left out", dict.fromkeys(optional, _SHAPES["null"])


def _always(value: Json) -> Change:
    return lambda _: value


def _given_back(paid: Json) -> Json:
    """What was paid, as a negative amount."""
    return -(abs(paid) if isinstance(paid, int | float) and paid else 10)


def _without_in_the_last(*names: str) -> Change:
    """The items, the last one without these properties: a line of text, or of a sum."""

    def change(lines: Json) -> Json:
        some = lines or [{}]
        return [*some[:-1], {name: one for name, one in some[-1].items() if name not in names}]

    return change


def _behind_the_first(contract: Contract, name: str, limit: int) -> Change:
    """More items than a service takes at a time, of which those of the second time are too long."""
    schema = contract.narrowed_schema["properties"][contract.relations.sum.items]

    def change(lines: Json) -> Json:
        many = with_distinct_references(contract, repeated_to(lines or [], _BATCH + 6), schema)
        return [*many[:_BATCH], *({**one, name: "x" * (limit + 1)} for one in many[_BATCH:])]

    return change


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
