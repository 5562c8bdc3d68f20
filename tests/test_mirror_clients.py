"""Clients of many kinds, half of them right, and what the mirror says of each."""

import asyncio
import gzip
import json
import shutil
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

import httpx
import pytest

from mirror.mirror import Mirror
from tests.mirrors import KEY, PATH, connected, invoice, mirror, raw, speaking
from tests.reference_process import encoded, item

Client = Callable[[Mirror], Any]
TYPED = {"X-API-Key": KEY, "Content-Type": "application/json"}
VALID, INVALID, OPEN = ("valid",), ("invalid",), ("unspecified",)


def send(serving: Mirror, payload: Any, **changes: Any) -> None:
    """Send a payload, whatever becomes of it."""
    with speaking(serving.url, timeout=1) as client, suppress(httpx.HTTPError):
        client.request(**{"method": "POST", "url": PATH, "json": payload, **changes})


def send_bytes(serving: Mirror, body: bytes, **headers: str) -> None:
    """Send a body as it is."""
    send(serving, None, content=body, headers={**TYPED, **headers})


def written(*lines: str, target: str = PATH, version: str = "1.1", host: str = "mirror") -> bytes:
    """A request written by hand."""
    body = encoded(invoice())
    head = (f"POST {target} HTTP/{version}", f"host: {host}", f"x-api-key: {KEY}")
    typed = ("content-type: application/json", f"content-length: {len(body)}", *lines, "", "")
    return "\r\n".join((*head, *typed)).encode() + body


def curl(serving: Mirror, *words: str) -> None:
    """curl, where it is installed."""
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")
    headers = [word for name, value in TYPED.items() for word in ("-H", f"{name}: {value}")]
    data = encoded(invoice()).decode()
    subprocess.run(
        [program, "-sS", "--noproxy", "*", *headers, *words, "-d", data, serving.url + PATH],
        check=True,
        capture_output=True,
    )


async def _at_once(serving: Mirror) -> None:
    async with httpx.AsyncClient(headers=TYPED, trust_env=False, timeout=60) as client:
        payloads = map(invoice, range(20))
        await asyncio.gather(*(client.post(serving.url + PATH, json=each) for each in payloads))


def unusual_spelling(serving: Mirror) -> None:
    """Indented, in all scripts, with numbers as 400.00, 1E2 and 1e+2."""
    payload = invoice(remarks="鍵 Größe עברית", total_amount="@1", paid_amount="@2")
    payload["items"][0]["amount"] = "@3"
    text = json.dumps(payload, indent=3, ensure_ascii=False)
    for mark, number in (("@1", "400.00"), ("@2", "1E2"), ("@3", "1e+2")):
        text = text.replace(f'"{mark}"', number)
    send_bytes(serving, text.encode())


def urllib_takes_no_coding(serving: Mirror) -> None:
    """It asks for identity, and closes each time."""
    serving.answer_as("bodies-are-zipped-and-chunked")
    headers = {"X-api-key": KEY, "Content-type": "application/json; charset=UTF-8"}
    request = Request(serving.url + PATH, encoded(invoice()), headers)  # noqa: S310 - our own server
    with urlopen(request) as answer:  # noqa: S310 - the same
        assert json.load(answer)["data"]["invoice_number"] == "INV-1"


def one_hundred_items(serving: Mirror) -> None:
    """Some fifty kilobytes."""
    items = [item(reference_id=str(n), quantity=1, amount=1.01, name="n" * 255) for n in range(100)]
    send(serving, invoice(items=items, total_amount=101))


def clock_of_now(serving: Mirror) -> None:
    """With its own offset, and milliseconds."""
    now = datetime.now().astimezone()
    made = now.isoformat(timespec="milliseconds")
    due = (now + timedelta(days=1)).isoformat(timespec="seconds")
    send(serving, invoice(created_at=made, updated_at=made, due_date=due))


def packets_of_seven_bytes(serving: Mirror) -> None:
    """A network may cut anywhere."""
    sent = written("connection: close")
    with connected(serving.url) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(sent), 7):
            connection.sendall(sent[start : start + 7])
        assert connection.recv(100).startswith(b"HTTP/1.1 201")


def key_elsewhere(serving: Mirror) -> None:
    """In Authorization and in the query."""
    headers = {"X-API-Key": "", "Authorization": "Bearer production-key-1"}
    send(serving, invoice(), url=f"{PATH}?api_key=production-key-2", headers=headers)
    assert "production-key" not in repr(serving.received)


RIGHT: dict[str, tuple[Client, tuple[str, ...]]] = {
    "curl": (curl, VALID),
    "curl in chunks": (lambda m: curl(m, "-H", "Transfer-Encoding: chunked"), VALID),
    "curl that waits for 100": (lambda m: curl(m, "-H", "Expect: 100-continue"), VALID),
    "twenty at once": (lambda m: asyncio.run(_at_once(m)), VALID * 20),
    "HTTP/1.0": (lambda m: raw(m.url, written("connection: keep-alive", version="1.0")), VALID),
    "Java, which offers HTTP/2": (
        lambda m: raw(
            m.url,
            written(
                *("connection: Upgrade, HTTP2-Settings, close", "upgrade: h2c"),
                "http2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
            ),
        ),
        VALID,
    ),
    "a whole address as target": (
        lambda m: raw(
            m.url,
            written("connection: close", target=m.url + PATH, host=m.url.removeprefix("http://")),
        ),
        VALID,
    ),
    "an unusual spelling": (unusual_spelling, VALID),
    "urllib": (urllib_takes_no_coding, VALID),
    "one hundred items": (one_hundred_items, VALID),
    "the clock of now": (clock_of_now, VALID),
    "packets of seven bytes": (packets_of_seven_bytes, VALID),
    "a query": (lambda m: send(m, invoice(), url=f"{PATH}?trace=1"), VALID),
}
WRONG: dict[str, tuple[Client, tuple[str, ...]]] = {
    "NaN": (lambda m: send_bytes(m, b'{"paid_amount": NaN}'), INVALID),
    "null for what is not set": (lambda m: send(m, invoice(remarks=None)), INVALID),
    "UTF-16": (lambda m: send_bytes(m, json.dumps(invoice()).encode("utf-16")), INVALID),
    "a form": (lambda m: send(m, None, data={"reference_id": "x"}), INVALID),
    "a slash at the end": (lambda m: send(m, invoice(), url=f"{PATH}/"), INVALID),
    "the key elsewhere": (key_elsewhere, INVALID),
    "https": (
        lambda m: send(m, invoice(), url=m.url.replace("http", "https") + PATH),
        INVALID,
    ),
    "a zipped body": (
        lambda m: send_bytes(m, gzip.compress(encoded(invoice())), **{"Content-Encoding": "gzip"}),
        OPEN,
    ),
    "256 characters": (lambda m: send(m, invoice(remarks="é" * 256)), INVALID),
    "no items": (lambda m: send(m, {**invoice(), "items": None}), INVALID),
    "two keys": (
        lambda m: send(m, invoice(), headers=[("X-API-Key", KEY), ("X-API-Key", "another")]),
        INVALID,
    ),
    "a byte order mark": (lambda m: send_bytes(m, b"\xef\xbb\xbf" + encoded(invoice())), OPEN),
    "a sum with the noise of doubles": (
        lambda m: send(
            m, invoice(items=[item(amount=0.1, quantity=3)], total_amount=0.1 * 3, paid_amount=0)
        ),
        OPEN,
    ),
}


@pytest.mark.parametrize("name", [*RIGHT, *WRONG])
def test_a_client_is_told_what_it_is(name: str) -> None:
    """A right one is right whatever its library, and a wrong one is not."""
    client, verdicts = {**RIGHT, **WRONG}[name]
    with mirror() as serving:
        client(serving)
        serving.log.wait(requests=len(verdicts))
        assert tuple(str(each.verdict) for each in serving.received) == verdicts
        assert serving.log.troubles == []
        if name in RIGHT:
            assert all(each.status == 201 for each in serving.received)


def test_the_same_twice_at_once_is_told() -> None:
    """A button that was clicked twice."""
    with mirror() as serving:
        clicks = [Thread(target=send, args=(serving, invoice())) for _ in range(2)]
        for each in clicks:
            each.start()
        for each in clicks:
            each.join()
        (reaction,) = serving.reactions
        assert reaction.warning == "though the invoice was created"


def test_a_storm_of_retries_is_told() -> None:
    """Each came sooner than it was asked to."""
    with mirror() as serving:
        serving.fail("throttled", 1)
        for _ in range(3):
            send(serving, invoice())
        assert ["sooner" in each.warning for each in serving.reactions] == [True, True, False]
