"""Names of properties that other systems have and the document has not, with usual values."""

from typing import Any

OF_INVOICES: dict[str, Any] = {
    "currency": "JPY",
    "exchange_rate": 1.08,
    "unit": "cent",
    "decimals": 0,
    "discount": 10,
    "discount_percent": 5,
    "discount_amount": 1.5,
    "coupon": "SAVE10",
    "tax": 19,
    "tax_rate": 0.19,
    "tax_amount": 2.5,
    "tax_included": True,
    "vat": 20,
    "shipping": 4.9,
    "fee": 1.5,
    "tip": 3,
    "surcharge": 1,
    "rounding": 0.05,
    "credit": 5,
    "deposit": 5,
    "refund": 2,
    "balance": 7,
    "amount_due": 7,
    "amount_paid": 3,
    "subtotal": 9,
    "net_days": 30,
    "payment_terms": "NET30",
    "payment_status": "REFUNDED",
    "type": "CREDIT_NOTE",
    "draft": True,
    "void": True,
    "time_zone": "Asia/Tokyo",
    "language": "fr",
    "country": "JP",
    "description": "A",
    "notes": "B",
    "customer": {"id": "7", "name": "C", "currency": "JPY"},
    "metadata": {"status": "PAID", "remarks": "D"},
    # The document's own names as other clients write them, beside these.
    "orderId": "8817-internal",
    "invoiceNumber": "A-17",
    "referenceId": "R-17",
    "dueDate": "2031-01-02T00:00:00Z",
    "createdAt": "2021-01-02T00:00:00Z",
    "updatedAt": "2022-01-02T00:00:00Z",
    "totalAmount": 7.5,
    "paidAmount": 1.5,
    "lineItems": [],
    "order-id": "8818-internal",
    "due-date": "2032-01-02T00:00:00Z",
    "paid-amount": 2.5,
}
"""Properties that invoices of other billing systems have, each with a usual value: a server that
knows them may compute other amounts than were sent, or write others of the known properties.
"""

OF_ITEMS: dict[str, Any] = {
    "discount": 10,
    "discount_percent": 5,
    "discount_amount": 1,
    "currency": "EUR",
    "tax": 19,
    "tax_rate": 0.19,
    "vat": 20,
    "taxable": True,
    "fee": 1,
    "price": 3,
    "unit_price": 3,
    "total": 7,
    "unit": "dozen",
    "pack_size": 12,
    "shipped": 1,
    "returned": 1,
    "weight": 0.5,
    "free": True,
    "type": "CREDIT",
    "position": 1,
    "_destroy": True,
    "title": "A",
    "description": "B",
    "options": {"name": "C", "quantity": 9},
    "referenceId": "R-18",
    "itemName": "D",
    "qty": 8,
}
"""The same of their items."""

_IN_ANOTHER_CASE: dict[str, Any] = {
    "Remarks": "E",
    "Url": "https://example.com/another",
    "Invoice_Number": "A-19",
    "Due_Date": "2033-01-02T00:00:00Z",
}
_OF_ITEMS_IN_ANOTHER_CASE: dict[str, Any] = {"Name": "F", "SKU": "G"}

BESIDE_INVOICES = {**OF_INVOICES, **_IN_ANOTHER_CASE}
BESIDE_ITEMS = {**OF_ITEMS, **_OF_ITEMS_IN_ANOTHER_CASE}
"""The same and some of the document's own names in another letter case, with a right value behind
another one: to JSON they are other names (RFC 8259, section 8.3), and what was sent under the
document's comes back.
"""
