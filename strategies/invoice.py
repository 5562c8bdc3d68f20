"""The plain valid invoice from which listed cases are made, and the bytes of a payload."""

import json
from copy import deepcopy
from functools import cache
from typing import Any

import jsonschema_rs

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.formats import instant
from spec.paths import Json
from strategies.coherence import (
    CREATED,
    ORDER,
    STATUS,
    UPDATED,
    consistent,
    repeated_to,
    with_distinct_references,
    with_status,
)
from strategies.scalars import MINUTE, date_time_texts, main_type, update_window

_EXAMPLE: dict[str, Json] = {
    "reference_id": f"REF-{PLACEHOLDER}",
    "order_id": "ORD-20250101",
    "invoice_number": f"INV-{PLACEHOLDER}",
    "paid_amount": 500,
    "status": "PARTIALLY_PAID",
    "due_date": "2024-07-31T00:00:00Z",
    "remarks": "Please deliver before noon.",
    "url": "https://billing.example.com/invoices/2024-0117",
    "created_at": "2024-05-02T09:30:00Z",
    "updated_at": "2024-05-03T14:05:30Z",
    "items": [
        {
            "reference_id": f"ITEM-1-{PLACEHOLDER}",
            "sku": "SKU-20415",
            "quantity": 2,
            "amount": 449.5,
            "name": "Walnut side table",
        },
        {
            "reference_id": f"ITEM-2-{PLACEHOLDER}",
            "sku": "SKU-20416",
            "quantity": 5,
            "amount": 19.99,
            "name": "Linen cushion cover",
        },
        {
            "reference_id": f"ITEM-3-{PLACEHOLDER}",
            "sku": "SKU-30990",
            "quantity": 1,
            "amount": 235,
            "name": "Delivery and assembly",
        },
    ],
}
"""The value of each property, if the document's schema allows it."""

_PLAIN_TEXTS = {
    "text": "Plain text",
    "date-time": "2024-05-02T09:30:00Z",
    "web-url": "https://billing.example.com/",
}
"""By format, for properties without an example."""


def complete_invoice(contract: Contract) -> dict[str, Json]:
    """A fixed invoice with every property and three items, whatever the target."""
    return deepcopy(_complete_invoice(contract))


@cache
def _complete_invoice(contract: Contract) -> dict[str, Json]:
    payload: dict[str, Json] = _plain(contract.narrowed_schema, _EXAMPLE)
    status = payload.get(STATUS)
    complete = with_status(contract, consistent(contract, payload, fixed=(STATUS,)), status)
    # No amount paid agrees with a state that another document adds.
    return complete if status is None else {**complete, STATUS: complete.get(STATUS, status)}


def base(contract: Contract, facts: TargetFacts) -> dict[str, Json]:
    """The base invoice: the complete one, changed as far as it must be to be valid at a target."""
    return deepcopy(_base(contract, facts))


@cache
def _base(contract: Contract, facts: TargetFacts) -> dict[str, Json]:
    payload = complete_invoice(contract)
    if facts.order_ids:
        payload[ORDER] = facts.order_ids[0]
    if UPDATED in payload:
        window = update_window(facts)
        if window is None:
            del payload[UPDATED]
        elif not window[0] <= instant(payload[UPDATED]) <= window[1]:
            for name in {CREATED, UPDATED} & set(payload):
                payload[name] = date_time_texts(window[0] + MINUTE / 2)[0]
    return consistent(contract, payload)


def encode(payload: Json) -> bytes:
    r"""The payload as compact JSON in UTF-8 with few escapes (RFC 8259, section 8.1).

    UTF-8 cannot encode lone surrogates, so all of a payload that has one is in `\u` escapes.
    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(payload, separators=(",", ":"), allow_nan=False).encode()


def _plain(schema: dict[str, Any], example: Json) -> Json:
    """A value of the schema: the example where that is valid, plain values elsewhere."""
    match main_type(schema):
        case "object":
            inner: dict[str, Json] = example if isinstance(example, dict) else {}
            properties = schema.get("properties", {})
            return {name: _plain(sub, inner.get(name)) for name, sub in properties.items()}
        case "array":
            known = example if isinstance(example, list) else [None]
            size = min(
                max(len(known), schema.get("minItems", 0)), schema.get("maxItems", len(known))
            )
            items = repeated_to([_plain(schema["items"], one) for one in known], size)
            return with_distinct_references(items, schema)
    if example is not None and jsonschema_rs.is_valid(schema, example):
        return example
    return _plain_scalar(schema)


def _plain_scalar(schema: dict[str, Any]) -> Json:
    if "enum" in schema:
        return schema["enum"][0]
    if main_type(schema) == "boolean":
        return True
    if main_type(schema) == "string":
        text = _PLAIN_TEXTS.get(schema.get("format", "text"), _PLAIN_TEXTS["text"])
        return text[: schema.get("maxLength", len(text))].ljust(schema.get("minLength", 0), "x")
    return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
