"""What the reference refuses gets the page's status and an HttpError that names every field."""

from collections.abc import Iterator

import httpx
import pytest

from tests.reference_process import (
    FORBIDDEN_KEY,
    JSON,
    KEY,
    NO_TLS,
    PATH,
    encoded,
    invoice,
    item,
    running,
    speaking_to,
)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A client of a reference for this module."""
    with running() as reference, speaking_to(reference.url) as client:
        yield client


def refused_fields(response: httpx.Response, status: int) -> list[str]:
    """The fields that an HttpError names; its shape is checked too."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == JSON
    error = response.json()
    assert error.keys() == {"code", "message", "details"}
    assert error["code"]
    assert error["message"]
    assert all(detail["reason"] for detail in error["details"])
    return [detail["field"] for detail in error["details"]]


def test_every_wrong_field_is_named(client: httpx.Client) -> None:
    """400 has one detail for each wrong field, also in later items."""
    broken = item(quantity="4", sku="x" * 256)
    del broken["name"]
    payload = invoice(items=[item(), broken], status="paid", paid_amount=-0.01, due_date=None)
    response = client.post(PATH, content=encoded(payload))
    assert sorted(refused_fields(response, 400)) == [
        "due_date",
        "items[1].name",
        "items[1].quantity",
        "items[1].sku",
        "paid_amount",
        "status",
    ]


def wrong_values(value: object) -> list[object]:
    """Values of every JSON type but the right one."""
    number = isinstance(value, int | float)
    others: list[object] = [None, True, {}, {"0": value}, [value] if number else 1, "1", "12.5"]
    if isinstance(value, str):
        others = [None, True, 0, 1.5, {}, [], [value]]
    return others


@pytest.mark.parametrize("name", invoice())
def test_a_value_of_another_type_is_refused(client: httpx.Client, name: str) -> None:
    """Nothing is converted: each property accepts only its own type, and never null."""
    for value in wrong_values(invoice()[name]):
        response = client.post(PATH, content=encoded(invoice(**{name: value})))
        assert refused_fields(response, 400) == [name], value


@pytest.mark.parametrize("name", item())
def test_an_item_value_of_another_type_is_refused(client: httpx.Client, name: str) -> None:
    """Items are checked as strictly as the invoice."""
    for value in wrong_values(item()[name]):
        payload = invoice(items=[item(), item(**{name: value})])
        response = client.post(PATH, content=encoded(payload))
        assert refused_fields(response, 400) == [f"items[1].{name}"], value


@pytest.mark.parametrize(
    ("key", "status"),
    [(None, 401), ("", 401), ("x" + KEY, 401), (KEY.upper(), 401), (FORBIDDEN_KEY, 403)],
)
def test_the_key_decides_before_the_body(
    client: httpx.Client, key: str | None, status: int
) -> None:
    """Without the right key, a valid body, an invalid one and none get the same answer."""
    headers = {"Content-Type": JSON} | ({} if key is None else {"X-API-Key": key})
    with httpx.Client(
        base_url=client.base_url, headers=headers, trust_env=False, verify=NO_TLS
    ) as stranger:
        answers = [stranger.post(PATH, content=body) for body in (encoded(invoice()), b"{", b"")]
    assert [refused_fields(answer, status) for answer in answers] == [[], [], []]
    assert len({answer.text for answer in answers}) == 1
    assert not key or key not in answers[0].text


def test_an_unknown_order_is_not_found(client: httpx.Client) -> None:
    """404 names order_id."""
    response = client.post(PATH, content=encoded(invoice(order_id="ORD-404")))
    assert refused_fields(response, 404) == ["order_id"]


@pytest.mark.parametrize(
    ("updated_at", "status"),
    [
        ("2019-12-31T23:59:59Z", 400),
        ("2020-01-01T00:00:00Z", 400),
        ("2020-01-01T05:30:00+05:30", 400),
        ("2020-01-01T00:00:00.001Z", 201),
        ("2020-01-01T00:00:00-11:00", 201),
    ],
)
def test_an_update_is_later_than_the_order(
    client: httpx.Client, updated_at: str, status: int
) -> None:
    """updated_at at or before the order's creation is refused; instants are compared."""
    response = client.post(PATH, content=encoded(invoice(updated_at=updated_at)))
    assert response.status_code == status
    assert status == 201 or refused_fields(response, 400) == ["updated_at"]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("Application/JSON", 201),
        ('application/json ; Charset="UTF-8"; profile=x', 201),
        ("application/json; charset=latin1", 415),
        ("application/jsonx", 415),
        ("text/plain", 415),
        ("", 415),
    ],
)
def test_the_media_type_decides(client: httpx.Client, content_type: str, status: int) -> None:
    """JSON in UTF-8 is accepted in any case and with parameters; another media type is 415."""
    headers = {"Content-Type": content_type}
    response = client.post(PATH, content=encoded(invoice()), headers=headers)
    assert response.status_code == status
    assert status == 201 or refused_fields(response, 415) == []


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_another_method_is_refused(client: httpx.Client, method: str) -> None:
    """405 says which method is allowed."""
    response = client.request(method, PATH, content=encoded(invoice()))
    assert refused_fields(response, 405) == []
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/", "/v1/invoices/", "/v1/Invoices", "/v1/invoices/1", "/%00"])
def test_another_path_is_not_found(client: httpx.Client, path: str) -> None:
    """404 in the HttpError shape, never a redirect."""
    assert refused_fields(client.post(path, content=encoded(invoice())), 404) == []
