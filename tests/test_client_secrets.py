"""A server that gives the key back cannot bring it into a fault or a log."""

import logging
import re
from pathlib import Path

import pytest

from targets.masking import Masker
from tests.clients import client
from tests.hostile import CREATED, PLAIN, Behaviour, closes, coded, sends, serving
from tests.spellings import BASE64, NESTED, WHOLE

KEY = "kQ7_vX2mZr-9LwTd4Hy6sBpC"
WHOLE_WORDS = {name: {**WHOLE, **BASE64}[name] for name in ("plain", "percent", "Base64")}
FEWEST = 4
"""Characters of a key that may be in any text."""


def _fault(behaviour: Behaviour, folder: Path) -> str:
    masker = Masker({"THE_KEY": KEY})
    with serving(behaviour) as server, client(server.base_url, folder, masker=masker) as it:
        exchange = it.send(b"{}", key=KEY)
    assert exchange.response is None
    return str(exchange.fault)


def _shows_key(text: str) -> bool:
    parts = (KEY[at : at + FEWEST] for at in range(len(KEY) - FEWEST + 1))
    return any(part in text for part in parts)


@pytest.mark.parametrize("after", range(170, 202, 3))
def test_a_key_that_is_cut_in_two_is_not_in_a_fault(after: int, tmp_path: Path) -> None:
    """The last 200 bytes of an answer are quoted, wherever the key begins before them."""
    tail = b"z" * 300 + KEY.encode() + b"z" * after
    fault = _fault(closes(CREATED + b"Content-Length: 9999\r\n\r\n" + tail), tmp_path)
    assert "midway" in fault or "broke HTTP/1.1" in fault
    assert fault.count("z") > 150
    assert not _shows_key(fault)


@pytest.mark.parametrize("before", range(120, 180, 6))
def test_a_key_in_the_message_of_a_library_is_not_in_a_fault(before: int, tmp_path: Path) -> None:
    """Its first 200 characters are quoted, wherever the key begins in them."""
    line = b"X-%b %b: b" % (b"y" * before, KEY.encode())
    fault = _fault(closes(CREATED + line + b"\r\nA: b\r\n\r\n" + b"z" * 4096), tmp_path)
    assert "illegal header line" in fault
    assert "..." in fault
    assert not _shows_key(fault)
    assert len(fault) < 700


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-%b\r\n\r\n" % KEY.encode(),
        b"HTTP/1.1 307 There\r\nLocation: http://a:%b\r\nContent-Length: 0\r\n\r\n" % KEY.encode(),
        coded(KEY, b"{}"),
        coded(KEY.encode().hex(":"), b"{}"),
        CREATED + b"Transfer-Encoding: chunked\r\n\r\n" + KEY.encode() + b"\r\n",
    ],
    ids=["another protocol", "location", "coding", "hexadecimal coding", "chunk"],
)
def test_a_key_is_masked_in_every_fault(answer: bytes, tmp_path: Path) -> None:
    """Wherever the server puts it."""
    fault = _fault(sends(answer), tmp_path)
    assert "THE_KEY" in fault
    assert not _shows_key(fault)


@pytest.mark.parametrize("spelling", [*WHOLE_WORDS, *NESTED])
def test_a_key_in_the_name_of_a_header_is_masked_before_its_letters_are_small(
    spelling: str, tmp_path: Path
) -> None:
    """In lower case, what is inside Base64 would not be found any more."""
    spelled = {**WHOLE_WORDS, **NESTED}[spelling](KEY)
    name = re.sub(r"[^\w%&#.-]", "-", f"X-no-{spelled}-here")
    answer = CREATED + f"{name}: 1\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    masker = Masker({"THE_KEY": KEY})
    with serving(sends(answer)) as server, client(server.base_url, tmp_path, masker=masker) as it:
        response = it.send(b"{}", key=KEY).response
    assert response is not None
    (shown,) = [each for each, _ in response.headers if each.startswith("x-no-")]
    assert "$the_key" in shown
    third = len(spelled) // 3
    assert name.lower()[5 + third : 5 + 2 * third] not in shown
    assert name.encode() in response.head


def test_a_fault_is_short_whatever_the_server_sends(tmp_path: Path) -> None:
    """A long Location or coding is cut, with a mark."""
    location = b"http://a:" + b"c" * 50_000
    answer = b"HTTP/1.1 307 There\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location
    for each in (answer, coded("q" * 50_000, b"{}")):
        fault = _fault(sends(each), tmp_path)
        assert "..." in fault
        assert len(fault) < 700


def test_no_log_has_what_was_sent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not even at the lowest level, as with --log-cli-level=DEBUG."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    with serving(sends(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        it.send(b"{}", key=KEY, query=f"key={KEY}")
    assert caplog.records == []
