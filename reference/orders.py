"""The orders that invoices can be created for, read from a JSON file."""

from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on

from reference.instants import instant
from reference.invoice import DateTime
from reference.refusal import Problem, SetupError

DEMO = {  # the page's example and another
    "ORD-20250101": "2020-01-01T00:00:00Z",
    "ORD-20250102": "2020-01-01T00:00:00Z",
}


class Order(TypedDict):
    """An order as the file gives it; `created_at` is an RFC 3339 date-time."""

    id: str
    created_at: DateTime


_ORDERS = TypeAdapter(list[Order])


def load(file: Path | None) -> dict[str, datetime]:
    """Order ids and when each was created: those of `file`, or the demo orders without one.

    SetupError says what is wrong with the file: unreadable, not JSON, or not a list of orders.
    """
    if file is None:
        return {order_id: instant(created_at) for order_id, created_at in DEMO.items()}
    try:
        orders = _ORDERS.validate_json(file.read_bytes(), strict=True)
    except OSError as error:
        raise SetupError(f"cannot read the orders file {file}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = Problem(first["loc"], first["type"], first["msg"])
        raise SetupError(
            f"the orders file {file} must be a JSON list of "
            f'{{"id": ..., "created_at": RFC 3339 date-time}}, but {place.field}: {place.reason}'
        ) from None
    return {order["id"]: instant(order["created_at"]) for order in orders}
