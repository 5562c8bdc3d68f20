"""What the tests of the oracle share: a valid request, a good answer to it, and a verdict."""

import json
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from spec import contract
from spec.contract import TargetFacts
from spec.exchange import Exchange, Request, Response
from spec.expectation import Expected, expect
from spec.operation import PATH
from spec.oracle import Oracle, Verdict

CONTRACT = contract.load()
KEY, FORBIDDEN = "key-4f3a9b21c7", "key-without-the-right"
FACTS = TargetFacts(KEY, FORBIDDEN, (), None, datetime(2026, 3, 1, tzinfo=UTC))
ORDERS = TargetFacts(
    KEY, FORBIDDEN, ("ORD-1",), datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
)
"""A target with one known order and its date of creation."""

HEADERS = (("Content-Type", "application/json"), ("X-API-Key", KEY))
ANSWERED = (("content-type", "application/json"),)

INVOICE: dict[str, Any] = {
    "reference_id": "INV-1",
    "order_id": "ORD-1",
    "invoice_number": "N-1",
    "total_amount": 269.96,
    "paid_amount": 100,
    "status": "PARTIALLY_PAID",
    "due_date": "2025-07-01T00:00:00Z",
    "remarks": "Zwölf Stühle",
    "url": "https://example.com/invoice/1",
    "created_at": "2025-06-01T12:00:00Z",
    "updated_at": "2025-06-02T12:00:00Z",
    "items": [
        {"reference_id": "I-1", "sku": "S-1", "quantity": 4, "amount": 49.99, "name": "Chair"},
        {"reference_id": "I-2", "sku": "S-2", "quantity": 2, "amount": 35, "name": "Table"},
    ],
}
"""A valid invoice with every property. 4 x 49.99 + 2 x 35 = 269.96."""

Headers = tuple[tuple[str, str], ...]
Json = Any
Change = Callable[[Json], object]
Step = str | int


def uuid(number: int) -> str:
    """A UUID of its own for each number."""
    return f"01f5d171-d3e3-4b2b-bd57-{number:012d}"


def invoice() -> dict[str, Any]:
    """A valid invoice of its own."""
    return deepcopy(INVOICE)


def answer_to(payload: dict[str, Any]) -> dict[str, Any]:
    """The answer that a perfect server gives to a valid invoice."""
    payload = deepcopy(payload)
    shared = [name for name in payload if name != "items"]
    items = [
        {
            **{name: value for name, value in item.items() if name != "sku"},
            "id": uuid(index),
            "product_id": "P-1",
            "item_total": round(item["quantity"] * item["amount"], 2),
        }
        for index, item in enumerate(payload["items"], 2)
    ]
    return {"data": {"id": uuid(1), **{name: payload[name] for name in shared}, "items": items}}


def refusal(*fields: str) -> dict[str, Any]:
    """The HttpError that names these fields."""
    details = [{"field": field, "reason": "is wrong"} for field in fields]
    return {"code": "INVALID", "message": "The invoice is invalid.", "details": details}


def put(*steps: Step, value: Json) -> Change:
    """Sets what stands at a place."""

    def change(document: Json) -> None:
        for step in steps[:-1]:
            document = document[step]
        document[steps[-1]] = value

    return change


def drop(*steps: Step) -> Change:
    """Takes away what stands at a place."""

    def change(document: Json) -> None:
        for step in steps[:-1]:
            document = document[step]
        del document[steps[-1]]

    return change


def encoded(value: Json) -> bytes:
    """Bytes as they are; anything else as JSON."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def expected(
    body: Json, facts: TargetFacts = FACTS, headers: Headers = HEADERS, method: str = "POST"
) -> Expected:
    """What is said of that request."""
    return expect(CONTRACT, facts, Request(method, PATH, headers, encoded(body)))


def altered(*changes: Change) -> dict[str, Any]:
    """The valid invoice, altered."""
    payload = invoice()
    for change in changes:
        change(payload)
    return payload


def reasons(said: Expected) -> list[str]:
    """The names of the requirements that a request breaks."""
    return [breach.requirement.name for breach in said.breaches]


def request(body: Json, headers: Iterable[tuple[str, str]] = HEADERS) -> Request:
    """A POST of that body."""
    return Request("POST", "/v1/invoices", tuple(headers), encoded(body))


def response(status: int, body: Json, headers: Iterable[tuple[str, str]] = ANSWERED) -> Response:
    """An answer with that body."""
    return Response(status, tuple(headers), encoded(body))


def oracle(facts: TargetFacts = FACTS) -> Oracle:
    """A fresh oracle."""
    return Oracle(CONTRACT, facts)


def judge(sent: Request, came: Response, facts: TargetFacts = FACTS) -> Verdict:
    """A fresh oracle's verdict."""
    return oracle(facts).judge(Exchange(sent, came, None, 0.01))


def found(verdict: Verdict) -> list[tuple[str, str]]:
    """Requirement and category of each violation, in order."""
    return [(str(one.requirement), str(one.category)) for one in verdict.violations]


GOOD = answer_to(INVOICE)
"""What a perfect server answers to the valid invoice."""


def answered(*changes: Change) -> dict[str, Any]:
    """The good answer, altered."""
    answer = deepcopy(GOOD)
    for change in changes:
        change(answer)
    return answer


def violations(
    answer: Json, payload: Json = INVOICE, status: int = 201, headers: Headers = ANSWERED
) -> list[tuple[str, str]]:
    """Requirement and category of each violation of that answer."""
    return found(judge(request(payload), response(status, answer, headers)))


WRONG_SKU = altered(put("items", 1, "sku", value=5))
"""An invoice that breaks one requirement, in its second item."""


def refused(
    answer: Json,
    payload: Json = WRONG_SKU,
    status: int = 400,
    headers: Headers = ANSWERED,
    sent: Headers = HEADERS,
) -> list[tuple[str, str]]:
    """Requirement and category of each violation of that refusal."""
    return found(judge(request(payload, sent), response(status, answer, headers)))
