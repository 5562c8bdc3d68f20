"""One plain valid invoice, on which the enumerated cases are built, and its bytes."""

import json
from typing import Any

import jsonschema_rs

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.formats import instant
from spec.paths import Json
from strategies.coherence import CREATED, ORDER, UPDATED, apart, grown, settled
from strategies.scalars import MINUTE, main_type, spellings, window


def encode(payload: Json) -> bytes:
    r"""The payload as compact JSON in UTF-8, every character as itself (RFC 8259 8.1).

    UTF-8 has no lone surrogates, so a payload that holds one is spelled in `\u` escapes.
    Raises ValueError for NaN and infinities, which are no JSON.
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(payload, separators=(",", ":"), allow_nan=False).encode()


EXAMPLE: dict[str, Json] = {
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
            "reference_id": "ITEM-1",
            "sku": "SKU-20415",
            "quantity": 2,
            "amount": 449.5,
            "name": "Walnut side table",
        },
        {
            "reference_id": "ITEM-2",
            "sku": "SKU-20416",
            "quantity": 5,
            "amount": 19.99,
            "name": "Linen cushion cover",
        },
        {
            "reference_id": "ITEM-3",
            "sku": "SKU-30990",
            "quantity": 1,
            "amount": 235,
            "name": "Delivery and assembly",
        },
    ],
}
"""What stands in a property of that name, as far as the document's schema takes it."""

_PLAIN = {
    "text": "Plain text",
    "date-time": "2024-05-02T09:30:00Z",
    "web-url": "https://billing.example.com/",
}


def complete_invoice(contract: Contract) -> dict[str, Json]:
    """A fixed invoice with every property and three items, whatever the target."""
    payload: dict[str, Json] = _filled(contract.narrowed_schema, EXAMPLE)
    return settled(contract, payload)


def base(contract: Contract, facts: TargetFacts) -> dict[str, Json]:
    """The same, valid at a target of which these facts are known."""
    payload = complete_invoice(contract)
    if facts.order_ids:
        payload[ORDER] = facts.order_ids[0]
    if UPDATED in payload:
        period = window(facts)
        if period is None:
            del payload[UPDATED]
        elif not period[0] <= instant(payload[UPDATED]) <= period[1]:
            for name in {CREATED, UPDATED} & set(payload):
                payload[name] = spellings(period[0] + MINUTE / 2)[0]
    return payload


def _filled(schema: dict[str, Any], example: Json) -> Json:
    """The example as far as it keeps the schema; plain values for the rest."""
    match main_type(schema):
        case "object":
            inner: dict[str, Json] = example if isinstance(example, dict) else {}
            properties = schema.get("properties", {})
            return {name: _filled(sub, inner.get(name)) for name, sub in properties.items()}
        case "array":
            known = example if isinstance(example, list) else [None]
            size = min(
                max(len(known), schema.get("minItems", 0)), schema.get("maxItems", len(known))
            )
            items = grown([_filled(schema["items"], one) for one in known], size)
            return apart(items, schema)
    if example is not None and jsonschema_rs.is_valid(schema, example):
        return example
    return _plain(schema)


def _plain(schema: dict[str, Any]) -> Json:
    """The plainest value that keeps a scalar schema."""
    if "enum" in schema:
        return schema["enum"][0]
    if main_type(schema) == "boolean":
        return True
    if main_type(schema) == "string":
        text = _PLAIN.get(schema.get("format", "text"), _PLAIN["text"])
        return text[: schema.get("maxLength", len(text))].ljust(schema.get("minLength", 0), "x")
    return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
