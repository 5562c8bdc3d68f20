"""Valid invoices are valid by an independent judge, reach far and shrink to the plain."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from spec import coherence
from spec.contract import PLACEHOLDER, TargetFacts
from strategies.invoice import base, encode
from strategies.valid import valid
from tests.invoices import ANYWHERE, CONTRACT, DRAWS, SEARCH, TARGETS, complaints, drawn

Payload = dict[str, Any]

OPTIONAL = ("status", "remarks", "url", "created_at", "updated_at")


def invalid(payload: Payload, facts: TargetFacts) -> list[object]:
    """What is wrong with a payload that should be accepted by a target."""
    return [
        *complaints(CONTRACT.narrowed_schema, payload),
        *coherence.incoherences(payload, facts),
        *(["precedes the order"] if coherence.precedes_order(payload, facts) else []),
    ]


@pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
def test_every_drawn_invoice_is_sound(facts: TargetFacts) -> None:
    """By an independent validator and by cross-field sense, within 64 KiB, and stamped."""

    @DRAWS
    @given(valid(CONTRACT, facts))
    def holds(payload: Payload) -> None:
        assert invalid(payload, facts) == []
        assert len(encode(payload)) <= 64 * 1024
        assert PLACEHOLDER in payload["reference_id"]
        assert PLACEHOLDER in payload["invoice_number"]

    holds()


@pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
def test_the_base_invoice_is_sound(facts: TargetFacts) -> None:
    """The invoice that the enumerated cases bend is accepted by itself, at any target."""
    assert invalid(base(CONTRACT, facts), facts) == []


def test_the_base_invoice_has_everything() -> None:
    """Every property that the document names stands in it, and three items."""
    payload = base(CONTRACT, ANYWHERE)
    assert set(payload) == set(CONTRACT.request_schema["properties"])
    assert len(payload["items"]) == 3


def test_an_update_is_not_sent_when_the_order_may_be_younger() -> None:
    """Of an order of unknown age nobody can say which update is later."""
    assert "updated_at" not in base(CONTRACT, TARGETS["known orders"])
    assert "updated_at" not in base(CONTRACT, TARGETS["fresh orders"])
    assert "updated_at" in base(CONTRACT, TARGETS["recent orders"])


FAR: dict[str, Callable[[Payload], bool]] = {
    "a hundred items": lambda p: len(p["items"]) == 100,
    "no optional property": lambda p: not any(name in p for name in OPTIONAL),
    "every optional property": lambda p: all(name in p for name in OPTIONAL),
    "updated but not created": lambda p: "updated_at" in p and "created_at" not in p,
    "PAID": lambda p: p.get("status") == "PAID" and p["total_amount"] > 0,
    "PENDING": lambda p: p.get("status") == "PENDING" and p["total_amount"] > 0,
    "PARTIALLY_PAID": lambda p: p.get("status") == "PARTIALLY_PAID",
    "OVERPAID": lambda p: p.get("status") == "OVERPAID",
    "PAID for nothing": lambda p: p.get("status") == "PAID" and p["total_amount"] == 0,
    "an astral character": lambda p: max(p["items"][0]["name"]) > "\uffff",
    "a right-to-left letter": lambda p: any("א" <= one <= "ي" for one in p["items"][0]["name"]),
    "a trailing space": lambda p: any(item["name"].endswith(" ") for item in p["items"]),
    "more than 100 characters": lambda p: len(p["order_id"]) > 100,
    "a total beyond 32 bits": lambda p: p["total_amount"] > 2**32,
    "a fraction of a second": lambda p: "." in p["due_date"],
    "an offset": lambda p: p["due_date"].endswith("+14:00"),
    "two items of one sku": lambda p: len({i["sku"] for i in p["items"]}) < len(p["items"]),
    "a million of something": lambda p: p["items"][0]["quantity"] == 1_000_000,
}


@pytest.fixture(scope="module")
def payloads() -> list[Payload]:
    """As many as a deep run draws."""
    return drawn(valid(CONTRACT, ANYWHERE), 1500)


@pytest.mark.parametrize("wanted", FAR.values(), ids=FAR)
def test_valid_invoices_reach(wanted: Callable[[Payload], bool], payloads: list[Payload]) -> None:
    """Nothing that the reading allows is out of the draws' reach."""
    assert any(map(wanted, payloads))


def test_an_invoice_shrinks_to_a_plain_one() -> None:
    """The smallest is what a person would write first: one item, nothing optional, nothing paid."""
    smallest = find(valid(CONTRACT, ANYWHERE), lambda _: True, settings=SEARCH)
    assert smallest == {
        "reference_id": f"REF-20250101-{PLACEHOLDER}",
        "order_id": "ORD-20250101",
        "invoice_number": f"INV-20250101-{PLACEHOLDER}",
        "total_amount": 0,
        "paid_amount": 0,
        "due_date": "2000-01-02T00:00:01Z",
        "items": [
            {
                "reference_id": "REF-20250101",
                "sku": "SKU-20415",
                "quantity": 1,
                "amount": 0,
                "name": "Walnut side table",
            }
        ],
    }


def test_a_failing_invoice_shrinks_to_its_cause() -> None:
    """Of an invoice with a long remark only the remark is left unlike the plain one."""
    smallest = find(
        valid(CONTRACT, ANYWHERE), lambda p: len(p.get("remarks", "")) > 40, settings=SEARCH
    )
    assert smallest["remarks"] == "0" * 41
    assert [name for name in OPTIONAL if name in smallest] == ["remarks"]
    assert len(smallest["items"]) == 1


@DRAWS
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_encoding_keeps_the_payload(payload: object) -> None:
    """What was encoded is read back equal, lone surrogates included."""
    assert json.loads(encode(payload)) == payload
    assert json.loads(encode([payload, "\ud800"])) == [payload, "\ud800"]


def test_encoding_sends_characters_as_themselves() -> None:
    """Compact UTF-8 with no escape that JSON does not ask for."""
    assert encode({"é": ["😀", 1.5, None]}) == '{"é":["😀",1.5,null]}'.encode()


def test_a_number_that_is_no_json_is_not_encoded() -> None:
    """NaN is refused here rather than sent as an invalid body."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"total_amount": float("nan")})
