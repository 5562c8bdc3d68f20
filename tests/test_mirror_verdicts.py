"""What the mirror says of a request: valid, invalid or left open, and why."""

import gzip
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from pathlib import Path
from typing import Any

import httpx
import pytest

from mirror import masking, reporting
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
    ("headers", "query", "payload"),
    [
        ({"X-API-Key": "real-key-of-production"}, "", {"remarks": "real-key-of-production"}),
        ({"Authorization": "Bearer real-key-of-production"}, "", {"remarks": "none"}),
        ({}, "?api_key=real-key-of-production", {"real-key-of-production": 1}),
        ({}, "", {"token": "real-key-of-production", "url": "real-key-of-production"}),
        ({"X-API-Key": KEY}, f"?k={KEY}", {"remarks": KEY}),
        ({"X-API-Key": "short"}, "", {}),
    ],
)
def test_no_key_is_kept(headers: dict[str, str], query: str, payload: dict[str, Any]) -> None:
    """Neither the mirror's nor another one, wherever the client put it."""
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH + query, json=invoice(**payload), headers=headers)
        kept = repr(serving.received)
        assert "real-key" not in kept
        assert KEY not in kept
        assert "'short'" not in kept


LATER = "real-1b7Qx9Tz4Lw"
KEPT = "real-key-of-production"
TEXTS = {
    "form": f"a=1&api_key={KEPT}&b=2",
    "escaped form": "api_key=real%2Dkey-of-production",
    "xml": f"<a><apiKey>{KEPT}</apiKey></a>",
    "attribute": f'<a apikey="{KEPT}"/>',
    "fields": f"Authorization: Bearer {KEPT}",
    "multipart": f'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{KEPT}\r\n--x--',
    "broken json": f'{{"password": "{KEPT}",}}',
    "python": f"{{'client_secret': '{KEPT}'}}",
    "the first of two": f'{{"token": "{KEPT}", "token": ""}}',
    "below": f'{{"auth": {{"value": ["{KEPT}"]}}}}',
    "an address": f'{{"url": "https://me:{KEPT}@example.com/"}}',
    "a query in a value": f'{{"url": "ftp://example.com/?a=1&api_key={KEPT}"}}',
    "a parameter in a value": f'{{"status": "api_key={KEPT}"}}',
    "a field in a value": f'{{"remarks": "Authorization: Bearer {KEPT}"}}',
    "another field in a value": f'{{"remarks": "x-api-key: {KEPT}"}}',
    "a web token in a value": f'{{"remarks": "as eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{KEPT}"}}',
    "short": '{"pwd": "real"}',
    "short below": '{"auth": {"value": ["real"]}}',
    "short in a value": '{"status": "pwd=real"}',
    "short in a form": "pwd=real",
}


@pytest.mark.parametrize(
    "body", [*TEXTS.values(), *(each.encode("utf-16") for each in TEXTS.values() if "key" in each)]
)
def test_no_key_is_kept_of_a_body_of_any_kind(body: str | bytes) -> None:
    """It is found by its name, whether or not the body is JSON, and hidden wherever it comes."""
    content = body.encode() if isinstance(body, str) else body
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH, content=content)
        kept = one(serving).exchange.request.body
        assert b"real" not in kept.replace(b"\0", b"")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Referer", f"https://example.com/?api_key={KEPT}&x=1"),
        ("Link", f"<https://example.com?token={KEPT}>"),
        ("Content-Type", f"application/json; token={KEPT}"),
        ("X-Note", f"api_key={KEPT}"),
        ("X-Note", "pwd=real"),
        ("X-Note", f"as eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{KEPT}"),
        ("Sec-WebSocket-Protocol", f"bearer, {KEPT}"),
        ("Authorization", f"Basic {b64encode(f'me:{KEPT}'.encode()).decode()}"),
        ("Cookie", f"language=de; id={KEPT}"),
    ],
)
def test_no_key_is_kept_of_a_header(name: str, value: str) -> None:
    """Neither there, nor where it comes later."""
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH, json=invoice(), headers={name: value})
        if KEPT in value or name == "Authorization":
            client.post(PATH, json=invoice(2, status=KEPT))
        assert "real" not in repr(serving.received)


@pytest.mark.parametrize("text", ["token_type=real", "Turkey: real", "the token of real people"])
def test_a_text_that_only_sounds_like_a_key_is_kept(text: str) -> None:
    """It is what a person wrote."""
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH, json=invoice(remarks=text))
        assert text in repr(one(serving))


def test_no_key_is_forgotten(tmp_path: Path) -> None:
    """However many others there are, before it or after it."""
    with mirror() as serving, speaking(serving.url) as client:
        client.post(PATH, json=invoice(status=LATER))
        for key in (KEPT, LATER, *(f"{n}-another-{n}" for n in range(50))):
            client.get(PATH, headers={"X-API-Key": key})
        client.post(PATH, json=invoice(status=f"as {KEPT}!"))
        assert KEPT not in repr(serving.received)
        with pytest.raises(AssertionError) as told:
            serving.check()
        assert "real" not in str(told.value)
        reporting.write(tmp_path, serving)
        assert not any("real" in each.read_text() for each in tmp_path.iterdir())


def test_a_long_key_is_hidden_as_a_whole() -> None:
    """Also where it is a part of another text, or begins as others do."""
    same, *ends = (sha512(each).hexdigest() for each in (b"same", b"first", b"second"))
    first, second = (same + each * 3 for each in ends)
    with mirror() as serving, speaking(serving.url) as client:
        for key in (first, second):
            client.get(PATH, headers={"X-API-Key": key})
        client.post(PATH, json=invoice(status=f"<<{second}>>"))
        assert b'"<<$SENT_KEY_2>>"' in serving.received[-1].exchange.request.body


def test_what_has_more_keys_than_can_be_hidden_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It ends the mirror, with a sentence."""
    monkeypatch.setattr(masking, "MOST_KEYS", 3)
    with mirror() as serving, speaking(serving.url) as client:
        client.get(PATH)
        client.post(PATH, json={f"token-{n}": f"real-key-{n}" for n in range(9)})
        assert serving.log.is_full
        first, last = serving.received
        assert first.exchange.request.path == PATH
        assert "more keys than can be hidden" in last.reasons[0].words
        assert "real" not in repr(last)


@pytest.mark.parametrize("key", ["invoices", "/v1/invoices", "PENDING", "short-1"])
def test_a_wrong_key_that_is_a_common_word_is_hidden_only_where_it_was_sent(key: str) -> None:
    """The document has it as well, or it is too short to be told from other texts."""
    with mirror() as serving, speaking(serving.url) as client:
        client.get(PATH, headers={"X-API-Key": key})
        client.post(PATH, json=invoice(status="PENDING", remarks="short-1"))
        wrong, after = serving.received
        assert ("x-api-key", key) not in [
            (name.lower(), value) for name, value in wrong.exchange.request.headers
        ]
        assert "SENT_KEY" not in repr(after)


def test_a_body_in_a_coding_is_left_open_and_not_kept() -> None:
    """A server need not take it, nobody has looked into it, and it might hold a key."""
    with mirror() as serving, speaking(serving.url) as client:
        zipped = gzip.compress(TEXTS["below"].encode())
        client.post(PATH, content=zipped, headers={"Content-Encoding": "gzip"})
        received = one(serving)
        assert received.exchange.request.body == b""
        assert received.verdict is Verdict.UNSPECIFIED
        assert any("coded as gzip" in each.words for each in received.reasons)


@pytest.mark.parametrize(
    "lines",
    [
        [f"POST {PATH} HTTP/1.1", f"X-Api-Key : {KEPT}"],
        [f"POST {PATH} HTTP/1.1", f"X-API-Key {KEPT}"],
        [f"POST {PATH}?api_key={KEPT} HTTP/1.1 x"],
        [f"POST {PATH}?api_key={KEPT}#x HTTP/1.1"],
        [f"POST {PATH}?pwd=real#x HTTP/1.1"],
        [f"X-API-Key: {KEPT}"],
        [f"POST http://me:{KEPT}@mirror{PATH} HTTP/1.1", "Host: mirror"],
        ["POST http://me:real@mirror/ HTTP/1.1", "Host: mirror"],
        [f"POST {PATH} HTTP/1.1", "Host: mirror", "Transfer-Encoding: chunked", "", KEPT],
    ],
)
def test_no_key_is_kept_of_what_is_no_request(lines: list[str]) -> None:
    """Nothing that was sent is quoted, and what could be read is masked."""
    with mirror() as serving:
        raw(serving.url, "\r\n".join([*lines, "", ""]).encode())
        assert "real" not in repr(one(serving))
