"""What the mirror says of a request: valid, invalid or left open, and why."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from mirror.judging import Verdict
from tests.mirrors import KEY, PATH, invoice, mirror, one, raw, speaking
from tests.reference_process import encoded, item

TEXT = "269.96"
LOCAL = "2040-01-01T00:00:00"


def test_a_valid_invoice_is_valid_and_created() -> None:
    """It is answered as by the reference."""
    with mirror() as serving, speaking(serving.url) as client:
        response = client.post(PATH, json=invoice())
        assert response.status_code == 201
        assert response.json()["data"]["invoice_number"] == "INV-1"
        assert one(serving).verdict is Verdict.VALID
        assert not serving.invalid


@pytest.mark.parametrize(
    ("changes", "requirement", "at", "words"),
    [
        ({"total_amount": TEXT}, "total_amount.type", "total_amount", '"269.96" is not of type'),
        ({"paid_amount": -1}, "paid_amount.minimum", "paid_amount", "-1 is less than"),
        ({"status": "OPEN"}, "status.enum", "status", '"OPEN" is not one of'),
        ({"remarks": "x" * 256}, "remarks.maxLength", "remarks", "longer than 255"),
        (
            {"items": [item(), item(reference_id="B", quantity="4")]},
            "items[].quantity.type",
            "items[1].quantity",
            '"4" is not of type',
        ),
    ],
)
def test_an_invalid_invoice_is_told_with_requirement_place_and_line(
    changes: dict[str, Any], requirement: str, at: str, words: str
) -> None:
    """The requirement is the document's own, and so is the line."""
    with mirror() as serving, speaking(serving.url) as client:
        assert client.post(PATH, json=invoice(**changes)).status_code == 400
        judgement = one(serving).judgement
        assert judgement.verdict is Verdict.INVALID
        reason = judgement.reasons[0]
        assert (reason.requirement, reason.at, reason.level) == (requirement, at, "MUST")
        assert words in reason.words
        named = serving.contract.named(requirement)
        assert reason.clause == f"spec/openapi.yaml:{named.line}"


def test_what_is_left_open_is_told_beside_what_is_broken() -> None:
    """A person mends all at once: an amount as text, and a date without an offset."""
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH, json=invoice(total_amount=TEXT, due_date=LOCAL))
        broken, open_one = one(serving).reasons
        assert broken.requirement == "total_amount.type"
        assert open_one.requirement == ""
        assert open_one.words.startswith(f'due_date: "{LOCAL}"')


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"due_date": LOCAL}, "due_date"),
        ({"total_amount": 270}, "total_amount is 270, the items' sum 269.96"),
        ({"status": "PAID"}, "status is PAID"),
        ({"customer": "ACME"}, "customer"),
        ({"created_at": "2090-01-01T00:00:00Z"}, "later than a server's clock may be"),
    ],
)
def test_what_the_documents_leave_open_is_unspecified(changes: dict[str, Any], words: str) -> None:
    """It has its reason, and is no failure."""
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH, json=invoice(**changes))
        judgement = one(serving).judgement
        assert judgement.verdict is Verdict.UNSPECIFIED
        assert words in judgement.reasons[0].words
        assert not serving.invalid


def test_half_of_a_surrogate_pair_is_left_open() -> None:
    """No schema judges such a text, and the mirror answers all the same."""
    body = json.dumps(invoice(remarks="\ud800")).encode()
    with mirror() as serving, speaking(serving.url) as client:
        answer = client.post(PATH, content=body, headers={"Content-Type": "application/json"})
        judgement = one(serving).judgement
    assert (answer.status_code in (201, 400), judgement.verdict) == (True, Verdict.UNSPECIFIED)
    assert judgement.reasons[0].words == "JSON with lone surrogate"


def test_what_a_client_creates_now_is_not_in_the_future() -> None:
    """The mirror's clock is that of the client, whenever the mirror was started."""
    with mirror() as serving, speaking(serving.url) as client:
        now = datetime.now(UTC)
        due = (now + timedelta(days=30)).isoformat(timespec="milliseconds")
        made = now.isoformat(timespec="milliseconds")
        client.post(PATH, json=invoice(created_at=made, updated_at=made, due_date=due))
        assert one(serving).verdict is Verdict.VALID


def _send(client: httpx.Client, **changes: Any) -> httpx.Response:
    usual = {"method": "POST", "url": PATH, "json": invoice()}
    return client.request(**{**usual, **changes})


@pytest.mark.parametrize(
    ("changes", "status", "requirement", "words"),
    [
        ({"method": "PUT"}, 405, "request.method", "PUT is not POST"),
        ({"url": "/v1%2Finvoices"}, 404, "request.path", "the path is /v1%2Finvoices, not"),
        ({"url": "/v1/invoice"}, 404, "request.path", "the path is /v1/invoice, not"),
        ({"headers": {"X-API-Key": "another-key"}}, 401, "security.key", "is not the mirror's"),
        ({"headers": {"X-API-Key": ""}}, 401, "security.key", "is missing"),
        ({"json": None}, 400, "requestBody.required", "there is no body"),
        ({"json": [invoice()]}, 400, "body.type", "is not of type"),
        ({"json": None, "content": b"{'a': 1}"}, 400, "requestBody.json", "is not JSON"),
        ({"json": None, "content": b'"\xff"'}, 400, "requestBody.utf8", "is not UTF-8"),
        (
            {"headers": {"Content-Type": "text/plain"}},
            415,
            "requestBody.mediaType",
            "the media type is text/plain",
        ),
    ],
)
def test_a_wrong_request_is_told_by_what_is_wrong(
    changes: dict[str, Any], status: int, requirement: str, words: str
) -> None:
    """Outside the invoice: method, path, key, media type and the bytes of the body."""
    with mirror() as serving, speaking(serving.url) as client:
        typed = {"Content-Type": "application/json", **changes.get("headers", {})}
        assert _send(client, **{**changes, "headers": typed}).status_code == status
        judgement = one(serving).judgement
        assert judgement.verdict is Verdict.INVALID
        assert judgement.reasons[0].requirement == requirement
        assert words in judgement.reasons[0].words
        assert judgement.reasons[0].clause.startswith("spec/openapi.yaml:")


@pytest.mark.parametrize("values", [("application/json",) * 2, ("application/json", "text/plain")])
@pytest.mark.parametrize("name", ["Content-Type", "X-API-Key", "User-Agent", "Authorization"])
def test_a_field_that_is_no_list_is_there_once(name: str, values: tuple[str, str]) -> None:
    """Equal or not: which of them counts, no client may rely on."""
    once = {"X-API-Key": KEY, "Content-Type": "application/json"}
    headers = [(each, value) for each, value in once.items() if each != name]
    with mirror() as serving:
        response = httpx.post(
            serving.url + PATH, json=invoice(), headers=[*headers, *((name, v) for v in values)]
        )
        assert response.status_code == 400
        reason = one(serving).reasons[0]
        assert (reason.words, reason.clause) == (
            f"it has more than one {name.lower()}",
            "RFC 9110, section 5.3",
        )


def test_a_request_for_https_that_comes_without_it_is_left_open() -> None:
    """Something in front of the client may have taken the TLS off."""
    with mirror() as serving:
        target = serving.url.replace("http:", "https:") + PATH
        host = serving.url.removeprefix("http://")
        body = encoded(invoice())
        head = f"POST {target} HTTP/1.1\r\nhost: {host}\r\nx-api-key: {KEY}\r\n"
        typed = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        raw(serving.url, (head + typed + "connection: close\r\n\r\n").encode() + body)
        assert one(serving).verdict is Verdict.UNSPECIFIED
        assert "https" in one(serving).reasons[0].words


@pytest.mark.parametrize("path", ["//v1/invoices", "/v1/./invoices", "/v1%2finvoices"])
def test_another_path_is_told_as_it_was_sent(path: str) -> None:
    """None of these is the endpoint's, whatever a lenient server makes of it."""
    sent = f"POST {path} HTTP/1.1\r\nhost: mirror\r\nconnection: close\r\n\r\n"
    with mirror() as serving:
        raw(serving.url, sent.encode())
        (reason,) = one(serving).reasons
        assert reason.words == f"the path is {path}, not /v1/invoices"


def test_an_invoice_that_was_created_before_is_left_open() -> None:
    """The document has no word on sending the same again."""
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH, json=invoice())
        client.post(PATH, json=invoice())
        client.post(PATH, json=invoice(2, invoice_number="INV-1"))
        client.post(PATH, json=invoice(3, items=invoice(1)["items"]))
        first, second, third, fourth = (each.judgement for each in serving.received)
        assert first.verdict is Verdict.VALID
        assert second.reasons[0].words == "the same invoice was created before"
        assert "used in another invoice: invoice_number" in third.reasons[0].words
        assert "used in another invoice: items[].reference_id" in fourth.reasons[0].words


def test_any_order_exists() -> None:
    """The document does not say which do, so no valid invoice gets a 404."""
    with mirror() as serving, speaking(serving.url) as client:
        response = client.post(PATH, json=invoice(order_id="ORD-OF-NOBODY"))
        assert response.status_code == 201


def test_what_was_never_sent_is_told() -> None:
    """Each feature leaves the list with the first payload that has it."""
    with mirror() as serving, speaking(serving.url) as client:
        everything = serving.never_sent
        client.post(PATH, json=invoice(items=[item(amount=1)], total_amount=4, paid_amount=0))
        assert set(everything) - set(serving.never_sent) == set()
        client.post(PATH, json=invoice(2, status="PARTIALLY_PAID", remarks="鍵"))
        client.post(PATH, json=invoice(3, items=[item(), item(reference_id="B")]))
        client.post(PATH, json=invoice(4, due_date="2040-01-01T00:00:00+05:30"))
        assert [each for each in everything if each not in serving.never_sent] == [
            "the optional property status",
            "the optional property remarks",
            "status PARTIALLY_PAID",
            "more than one of items",
            "an amount with cents",
            "a date with an offset other than Z",
            "a text in another script than Latin",
        ]


def test_a_date_in_utc_by_name_or_number_is_no_other_offset() -> None:
    """Z and +00:00 are the same offset to a client's author."""
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH, json=invoice(due_date="2040-01-01T00:00:00+00:00"))
        assert "a date with an offset other than Z" in serving.never_sent


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ((b"100", b"NaN"), "NaN is not a JSON number at character 113"),
        ((b'"REF-1"', b'"NaN", "other": -Infinity'), "-Infinity is not a JSON number at character"),
        ((b"100", b"-1e2"), "-1e2 is less than the minimum of 0"),
        ((b"100", b"1e999999999999"), "paid_amount: 1e999999999999 is greater than"),
        ((b": 4,", b": 1e-1000000000,"), "items[0].quantity: 1e-1000000000 is less than"),
        ((b"269.96", b"1e-1000000000"), "total_amount is 1e-1000000000, the items' sum 269.96"),
        ((b"100", b"-" + b"9" * 500), "9 ...(441 more)... 9"),
        ((b"100", b'{"a":' * 300), "JSON of more than 200 levels, which was not read"),
    ],
)
def test_what_is_wrong_is_told_as_and_where_it_was_sent(
    changed: tuple[bytes, bytes], words: str
) -> None:
    """A number as it was written, and what was not read as that."""
    body = json.dumps(invoice()).encode().replace(*changed)
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH, content=body, headers={"Content-Type": "application/json"})
        assert words in " ".join(each.words for each in one(serving).reasons)


def test_an_array_that_is_too_deep_is_told_as_that() -> None:
    """No server can take it for an invoice, whatever is in it."""
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH, content=b"[" * 300, headers={"Content-Type": "application/json"})
        reason = one(serving).reasons[0]
        assert (reason.requirement, "more than 200 levels" in reason.words) == ("body.type", True)
