"""Servers that take an object of another system for a date or an amount."""

from collections.abc import Callable

from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Mutation, Server


def _reads_objects(names: tuple[str, ...], read: Callable[[Json], Json]) -> Mutation:
    """The server reads an object for one of these properties, where it knows it; in items, too."""

    def value(one: Json) -> Json:
        if not isinstance(one, dict):
            return one
        known = read(one)
        return one if known is None else known

    def changed(payload: Json) -> Json:
        if not isinstance(payload, dict):
            return payload
        own = {name: value(payload[name]) for name in names if name in payload}
        items = payload.get("items")
        if isinstance(items, list):
            own["items"] = [changed(item) for item in items]
        return {**payload, **own}

    return lambda server: server.with_payload(changed)


_DATES = ("due_date", "created_at", "updated_at")
_MOMENT = "2024-05-02T09:30:00Z"


@mutant("rejection", "*.type")
def a_moment_of_firestore_is_a_date(server: Server) -> Server:
    """`{"_seconds": ..., "_nanoseconds": 0}`, as JSON.stringify makes of a Timestamp."""
    return _reads_objects(_DATES, lambda one: _MOMENT if "_seconds" in one else None)(server)


@mutant("rejection", "*.type")
def a_date_of_php_is_a_date(server: Server) -> Server:
    """json_encode of a DateTime has its text, the kind of its time zone and that."""
    return _reads_objects(_DATES, lambda one: _MOMENT if "timezone_type" in one else None)(server)


@mutant("rejection", "*.type")
def an_amount_of_paypal_is_a_number(server: Server) -> Server:
    """`{"value": "100.00", "currency_code": "EUR"}`."""
    return _reads_objects(
        ("total_amount", "paid_amount", "amount"),
        lambda one: float(one["value"]) if "currency_code" in one else None,
    )(server)
