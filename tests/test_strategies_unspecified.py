"""Unspecified invoices keep the document and break the reading."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import find, given

from strategies.invoice import encode
from strategies.unspecified import unspecified
from tests.invoices import ANYWHERE, CONTRACT, DRAWS, SEARCH, broken, drawn
from tests.test_strategies_valid import invalid

Payload = dict[str, Any]


@DRAWS
@given(unspecified(CONTRACT, ANYWHERE))
def test_an_unspecified_invoice_keeps_the_document(payload: Payload) -> None:
    """It breaks no requirement, so a server may accept it, and it can be encoded."""
    assert broken(payload) == set()
    assert encode(payload)


@DRAWS
@given(unspecified(CONTRACT, ANYWHERE))
def test_an_unspecified_invoice_breaks_the_reading(payload: Payload) -> None:
    """A server may refuse it; that 1.0 stands for an integer shows only in the bytes."""
    is_1_0 = any(type(item.get("quantity")) is float for item in payload["items"])
    assert is_1_0 or invalid(payload, ANYWHERE)


KNOWN = set(CONTRACT.request_schema["properties"])

KINDS: dict[str, Callable[[Payload], bool]] = {
    "over a hundred items": lambda p: len(p["items"]) > 100,
    "no items": lambda p: p["items"] == [],
    "an unknown property": lambda p: not set(p) <= KNOWN,
    "an unknown property in a later item": lambda p: any(len(i) > 5 for i in p["items"][1:]),
    "a control character": lambda p: min(p["order_id"], default=" ") < " ",
    "a private-use character": lambda p: any(
        "\ue000" <= one <= "\uf8ff" for one in encode(p).decode()
    ),
    "a blank name": lambda p: any(not any(map(str.isalnum, i["name"])) for i in p["items"]),
    "a date that is not a date-time": lambda p: "T" not in p["due_date"],
    "a date in another format": lambda p: re.search("[tz ,]", p["due_date"]) is not None,
    "a negative quantity": lambda p: any(i["quantity"] < 0 for i in p["items"]),
    "1.0 for an integer": lambda p: any(type(i["quantity"]) is float for i in p["items"]),
    "a negative amount": lambda p: any(i["amount"] < 0 for i in p["items"]),
    "a negative total": lambda p: p["total_amount"] < 0,
    "no http URL": lambda p: not p.get("url", "http").lower().startswith("http"),
    "PAID and nothing paid": lambda p: (
        p.get("status") == "PAID" and p["paid_amount"] == 0 < p["total_amount"]
    ),
    "two items of one reference": lambda p: (
        len({i["reference_id"] for i in p["items"]}) < len(p["items"])
    ),
}


@pytest.fixture(scope="module")
def payloads() -> list[Payload]:
    """Twice as many as a deep run draws, because each kind is one of forty."""
    return drawn(unspecified(CONTRACT, ANYWHERE), 4000)


@pytest.mark.parametrize("wanted", KINDS.values(), ids=KINDS)
def test_every_kind_is_drawn(wanted: Callable[[Payload], bool], payloads: list[Payload]) -> None:
    """The drawn invoices include each kind of change that the document allows."""
    assert any(map(wanted, payloads))


def test_an_unspecified_invoice_shrinks_to_its_change() -> None:
    """The smallest invoice with a negative quantity is otherwise plain."""
    smallest = find(
        unspecified(CONTRACT, ANYWHERE),
        lambda p: any(item["quantity"] < 0 for item in p["items"]),
        settings=SEARCH,
    )
    assert smallest["items"][0]["name"] == "Walnut side table"
    assert smallest["items"][0]["quantity"] == -1
    assert len(smallest["items"]) == 1
