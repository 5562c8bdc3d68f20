"""Ways to change payloads and answers that many defects share."""

import math
from collections.abc import Callable, Collection, Iterator

from reference.mutants.server import Json, Server
from reference.refusal import Problem

DATES = ("due_date", "created_at", "updated_at")
NAMES = ("reference_id", "order_id", "invoice_number", "remarks", "url", "sku", "name")
MONEY = ("total_amount", "paid_amount", "amount")
PROPERTIES = (*DATES, *NAMES, *MONEY, "status", "items", "quantity")
OPTIONAL = ("status", "remarks", "url", "created_at", "updated_at")

Place = tuple[str | int, ...]


def holders(payload: Json) -> Iterator[tuple[Place, dict[str, Json]]]:
    """The invoice and each of its items, as far as they are objects, and where they stand."""
    if isinstance(payload, dict):
        yield (), payload
        items = payload.get("items")
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                yield ("items", index), item


def beyond_doubles(payload: Json) -> bool:
    """Whether amount times quantity, summed up over the items, is more than a double can hold."""
    try:
        products = [float(item["amount"]) * float(item["quantity"]) for item in payload["items"]]
    except (LookupError, TypeError, ValueError, OverflowError):
        return False
    return not math.isfinite(sum(products))


def changed(payload: Json, names: Collection[str], change: Callable[[Json], Json]) -> Json:
    """The payload, or the answer, with these properties of it and of its items changed in place."""
    for _, holder in holders(payload):
        for name in names:
            if name in holder:
                holder[name] = change(holder[name])
    return payload


def texts(names: Collection[str], change: Callable[[str], str]) -> Callable[[Server], Server]:
    """Bends a server so that these properties, where they are text, come back changed."""
    return values(names, lambda value: change(value) if isinstance(value, str) else value)


def values(names: Collection[str], change: Callable[[Json], Json]) -> Callable[[Server], Server]:
    """Bends a server so that these properties come back changed."""
    return lambda server: server.rendered(lambda data, _: changed(data, names, change))


def lines(
    change: Callable[[dict[str, Json], dict[str, Json]], dict[str, Json]],
) -> Callable[[Server], Server]:
    """Bends a server so that each item of an answer is made of that item and the whole answer."""
    return lambda server: server.rendered(
        lambda data, _: {**data, "items": [change(item, data) for item in data["items"]]}
    )


def read(names: Collection[str], change: Callable[[Json], Json]) -> Callable[[Server], Server]:
    """Bends a server so that it reads these properties otherwise than they were sent."""
    return lambda server: server.parsed(lambda payload: changed(payload, names, change))


def refusing(
    names: Collection[str], refused: Callable[[Json], bool], reason: str = "Invalid value"
) -> Callable[[Server], Server]:
    """Bends a server so that it refuses some valid values of these properties."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        return problems or tuple(
            Problem((*place, name), "invalid", reason)
            for place, holder in holders(payload)
            for name in names
            if name in holder and refused(holder[name])
        )

    return lambda server: server.checked(judge)


def refusing_whole(
    refused: Callable[[Json], bool], name: str, reason: str = "Invalid value"
) -> Callable[[Server], Server]:
    """Bends a server so that it refuses some valid invoices, and blames one property for it."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        blamed = () if problems or not refused(payload) else (Problem((name,), "invalid", reason),)
        return problems or blamed

    return lambda server: server.checked(judge)
