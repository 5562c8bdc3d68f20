"""Which keys the mirror shows: none, the right one or any other, wherever a client sends it."""

import gzip
from base64 import b64encode
from hashlib import sha512
from pathlib import Path
from typing import Any

import pytest

from mirror import masking, reporting
from mirror.judging import Verdict
from tests.mirrors import KEY, PATH, invoice, mirror, one, raw, speaking


@pytest.mark.parametrize(
    ("headers", "query", "payload"),
    [
        ({"X-API-Key": "real-key-of-production"}, "", {"remarks": "real-key-of-production"}),
        ({"Authorization": "Bearer real-key-of-production"}, "", {"remarks": "none"}),
        ({}, "?a=1&sig=real-key-of-production", {}),
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
