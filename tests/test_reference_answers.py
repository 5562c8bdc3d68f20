"""What the reference accepts comes back as the vendor's page says, over real sockets."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.reference_process import JSON, PATH, encoded, invoice, item, running, speaking_to


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A client of a reference for this module."""
    with running() as reference, speaking_to(reference.url) as client:
        yield client


def created(client: httpx.Client, payload: dict[str, Any]) -> dict[str, Any]:
    """The `data` of the 201 that a payload gets."""
    response = client.post(PATH, content=encoded(payload))
    assert response.status_code == 201, response.text
    assert response.headers["content-type"] == JSON
    data: dict[str, Any] = response.json()["data"]
    return data


def test_an_invoice_comes_back_with_ids_and_item_totals(client: httpx.Client) -> None:
    """201 echoes what the response schema names, which has no sku, and adds ids and totals."""
    data = created(client, invoice())
    line = item() | {"item_total": 269.96}
    del line["sku"]
    uuid.UUID(data["items"][0].pop("product_id"))
    ids = {data.pop("id"), data["items"][0].pop("id")}
    assert data == invoice(items=[line])
    assert len({uuid.UUID(each) for each in ids}) == 2


def test_what_was_not_sent_is_absent(client: httpx.Client) -> None:
    """An absent optional property does not come back, even if the previous invoice had it."""
    optional = {"status", "remarks", "url", "created_at", "updated_at"}
    payload = {name: value for name, value in invoice().items() if name not in optional}
    assert created(client, payload).keys() == payload.keys() | {"id"}


def test_item_totals_are_exact_in_cents(client: httpx.Client) -> None:
    """Amounts without an exact double are multiplied as decimals, up to the largest in use."""
    lines = [(0.07, 100), (67.49, 4), (16777217, 3), (99999999.99, 1000), (1e9, 10**6), (0.29, 7)]
    totals = [7, 269.96, 50331651, 99999999990, 1e15, 2.03]
    items = [item(amount=amount, quantity=quantity) for amount, quantity in lines]
    assert [each["item_total"] for each in created(client, invoice(items=items))["items"]] == totals


@pytest.mark.parametrize("text", ["1e2", "100.0", "0", "-0.0", "0.1", "1E+12", "123456789012.34"])
def test_a_number_keeps_its_double_however_it_is_written(client: httpx.Client, text: str) -> None:
    """Money comes back as the double of the text."""
    body = encoded(invoice(paid_amount="here")).replace(b'"here"', text.encode())
    assert client.post(PATH, content=body).json()["data"]["paid_amount"] == float(text)


@pytest.mark.parametrize(
    "text",
    [
        " two  spaces ",
        "e\u0301 \u00e9",
        "👨‍👩‍👧",
        "שלום",
        "ﬁ %s %41 + <b>&amp;\\",
        "漢" * 255,
        "😀" * 255,
    ],
)
def test_text_keeps_its_code_points(client: httpx.Client, text: str) -> None:
    """Text is neither trimmed nor normalised, and 255 code points of any width fit."""
    data = created(client, invoice(reference_id=text, remarks=text, items=[item(name=text)]))
    assert (data["reference_id"], data["remarks"], data["items"][0]["name"]) == (text,) * 3


def test_a_hundred_items_come_back_in_their_order(client: httpx.Client) -> None:
    """Items keep their order and number, and each has its own id."""
    items = [item(reference_id=f"ITEM-{number * 37 % 100}") for number in range(100)]
    answered = created(client, invoice(items=items))["items"]
    assert [each["reference_id"] for each in answered] == [each["reference_id"] for each in items]
    assert len({each["id"] for each in answered}) == 100


def test_invoices_in_flight_stay_apart(client: httpx.Client) -> None:
    """Sixteen connections with 20 invoices each: every answer fits its request, every id is new."""

    def twenty(sender: int) -> list[tuple[str, str]]:
        with speaking_to(str(client.base_url)) as own:
            names = [f"INV-{sender}-{number}" for number in range(20)]
            answers = [created(own, invoice(reference_id=name)) for name in names]
        assert [answer["reference_id"] for answer in answers] == names
        return [(answer["id"], answer["items"][0]["id"]) for answer in answers]

    with ThreadPoolExecutor(16) as pool:
        pairs = [pair for pairs in pool.map(twenty, range(16)) for pair in pairs]
    assert len({each for pair in pairs for each in pair}) == 16 * 20 * 2
