"""A failing exchange is stored as it was sent, without the key, and can be sent again."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reference.service import Steps
from reports import exchange_json
from spec.exchange import Exchange, Request, Response
from targets.masking import Masker
from tests.faulty import takes_any_sku
from tests.reporting import Reported, reported
from tests.running import ENVIRONMENT, KEY, ORDER, python, server

KEYS = {"NAME": "k3y-Of-some-length"}
MASKER = Masker(KEYS)


def _request(body: bytes = b"{}", **headers: str) -> Request:
    return Request("POST", "/v1/invoices", tuple(headers.items()), body)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("k3y-Of-some-length", "${NAME}"),
        ("Bearer k3y-Of-some-length", "Bearer ${NAME}"),
        ("k3y-Of-some-lengthx", "${NAME}x"),
        ("K3Y-oF-SOME-LENGTH", "${NAME~~}"),
        ("k3y-of-some-length", "${NAME,,}"),
        ("k3y-Of-so", "${NAME:0:9}"),
        ("another", "another"),
    ],
)
def test_a_request_comes_back_as_it_was(value: str, stored: str) -> None:
    """Keys, altered ones too, are stored as the shell writes them and filled in again."""
    request = _request(b"\xff\x00", **{"X-API-Key": value, "Content-Type": "application/json"})
    response = Response(201, (("x-echo", value),), b'{"a": 1}')
    entry = exchange_json.to_json(Exchange(request, response, None, 0.5), "test", KEYS, MASKER)
    assert entry["request"]["headers"][0] == ["X-API-Key", stored]
    assert entry["not_replayable"] is None
    assert exchange_json.request_of(entry, KEYS) == request
    assert KEYS["NAME"].lower() not in str(entry).lower()


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (_request(b"x" * (exchange_json.LONGEST_REQUEST + 1)), "is too long to be stored"),
        (_request(b'{"a": "k3y-Of-some-length"}'), "its body holds a key"),
        (_request(cookie="azN5LU9mLXNvbWUtbGVuZ3Ro"), "in a form that has no placeholder"),
    ],
)
def test_what_cannot_be_sent_again_says_why(request_: Request, why: str) -> None:
    """It is stored for the reader as far as possible, and nothing else is sent in its place."""
    exchange = Exchange(request_, None, "The server closed.", 0.0)
    entry = exchange_json.to_json(exchange, "test", KEYS, MASKER)
    assert why in entry["not_replayable"]
    assert entry["response"] is None


def test_a_key_that_is_not_set_is_named() -> None:
    """A request whose key is not in the environment cannot be filled in."""
    exchange = Exchange(_request(key="k3y-Of-some-length"), None, "gone", 0.0)
    entry = exchange_json.to_json(exchange, "test", KEYS, MASKER)
    with pytest.raises(KeyError, match="NAME"):
        exchange_json.request_of(entry, {})


def _replay(*words: str) -> tuple[int, str]:
    done = python("-m", "run.replay", *words)
    return done.status, done.output


def test_a_failing_exchange_is_sent_again_and_judged(tmp_path: Path) -> None:
    """It fails as long as the server is wrong, then is mended; it is sent with a new stamp."""
    bodies: list[bytes] = []
    mended: list[bool] = []

    def check(payload: Any) -> Any:
        bodies.append(str(payload).encode())
        return Steps().check(payload) if mended else takes_any_sku(payload)

    with server(replace(Steps(), check=check)) as url:
        run = reported(tmp_path, "--base-url", url, *ORDER, "-k", "miss and sku and maxLength")
        assert run.status == 1, run.output
        test = run.record["tests"][0]["id"]
        stored = len(run.record["exchanges"])
        bodies.clear()
        status, output = _replay(str(tmp_path / "run.json"), test)
        assert status == 1, output
        headline = "[Accepted invalid input] items[].sku.maxLength (MUST): expected 400"
        assert output.count(f"still     {headline}") == output.count(f"\n          {test}")
        assert output.count(f"still     {headline}") == stored == len(bodies) > 5
        stamps = {found for body in bodies for found in re.findall(rb"IC-[0-9A-F]{8}-", body)}
        assert len(stamps) == 1
        assert run.record["run"]["stamp"].encode() + b"-" not in stamps
        mended.append(True)
        status, output = _replay(str(tmp_path / "run.json"))
    assert status == 0, output
    assert output.count("mended    ") == stored
    assert KEY not in output


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("no.json",), 4, "no.json: No such file or directory; run the suite first."),
        (("{record}", "no such test"), 5, "There is no exchange to send again."),
        (("{record}",), 6, "could not tell: "),
    ],
)
def test_a_replay_that_fails_says_why_in_one_sentence(
    faulty: Reported, tmp_path: Path, words: tuple[str, ...], status: int, sentence: str
) -> None:
    """No file, no such test, and a server that has stopped each have their status."""
    shutil.copy(faulty.folder / "run.json", tmp_path)
    done, output = _replay(*(word.format(record=tmp_path / "run.json") for word in words))
    assert done == status, output
    assert sentence in output
    assert "Traceback" not in output


def test_production_is_not_replayed_by_accident(faulty: Reported, tmp_path: Path) -> None:
    """The guard of a run holds for its replay."""
    text = faulty.text("run.json").replace(
        faulty.record["target"]["base_url"], "https://api.wizcommerce.com"
    )
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    status, output = _replay(str(tmp_path / "run.json"))
    assert status == 4, output
    assert "--allow-production api.wizcommerce.com" in output
    assert ENVIRONMENT["WIZCOMMERCE_API_KEY"] not in output
