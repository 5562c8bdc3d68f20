"""What the service answers: the created invoice, or the page's HttpError, as JSON bytes."""

import json
import uuid
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from reference.invoice import Invoice, Item
from reference.refusal import Refusal

# The properties of the page's InvoiceResponse and InvoiceItemResponse that come from the request.
# `sku` is not among them, but the product that it stands for is.
_ECHOED = (
    "reference_id",
    "order_id",
    "invoice_number",
    "total_amount",
    "paid_amount",
    "status",
    "due_date",
    "remarks",
    "url",
    "created_at",
    "updated_at",
)
_ITEM_ECHOED = ("name", "amount", "quantity", "reference_id")

_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    500: "INTERNAL_SERVER_ERROR",
}


def render(invoice: Invoice) -> dict[str, Any]:
    """The answer's `data`: what was sent, with ids and item totals; the rest is absent."""
    return {
        "id": str(uuid.uuid4()),
        **{name: value for name, value in invoice.items() if name in _ECHOED},
        "items": [render_item(item) for item in invoice["items"]],
    }


def render_item(item: Item) -> dict[str, Any]:
    """One entry of the answer's `items`, with its own id and total."""
    return {
        "id": str(uuid.uuid4()),
        **{name: value for name, value in item.items() if name in _ITEM_ECHOED},
        "product_id": product_id(str(item.get("sku"))),
        "item_total": item_total(item["amount"], item["quantity"]),
    }


@lru_cache(maxsize=1024)
def product_id(sku: str) -> str:
    """The id of the product that a sku stands for; the catalogue of this service has them all."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sku:{sku}"))


def item_total(amount: float, quantity: int) -> float:
    """Amount times quantity, exact in decimals, as the nearest double."""
    # repr gives the shortest decimal of this double, which for money is what the client wrote.
    return float(Decimal(repr(amount)) * quantity)


def explain(refusal: Refusal) -> dict[str, Any]:
    """The page's HttpError, with one detail for each problem."""
    return {
        "code": _CODES.get(refusal.status, HTTPStatus(refusal.status).name),
        "message": refusal.message,
        "details": [{"field": each.field, "reason": each.reason} for each in refusal.problems],
    }


_ENCODER = json.JSONEncoder(
    check_circular=False, ensure_ascii=False, allow_nan=False, separators=(",", ":")
)


def respond(status: int, answer: Mapping[str, Any]) -> Response:
    """A JSON response with the same doubles and code points; half of a pair stays an escape."""
    text = _ENCODER.encode(answer).encode(errors="backslashreplace")
    return Response(text, status, media_type="application/json")
