"""No file of a run and no line that it prints holds a key."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.responses import Response as Answer

from reference.refusal import Refusal
from reference.service import Steps
from reference.store import Store
from reports import exchange_json
from reports.allure.results import Results
from spec import probes
from spec.exchange import Exchange, Request, Response
from spec.violation import HIDE, opening, shortened
from targets.masking import Masker
from tests.reporting import reported
from tests.running import ENVIRONMENT, FORBIDDEN, KEY, ORDER, ROOT, server

pytestmark = pytest.mark.quick
"""But for those that start whole runs."""

KNOWN = "!Q7_vX2m"
"""As short as keys may be that are masked by a part; its first character is in no other text."""


def _stored(body: str) -> str:
    exchange = Exchange(Request("POST", "/", (), b""), Response(400, (), body.encode()), None, 0)
    stored = exchange_json.to_json(exchange, "test", {}, Masker({"NAME": KNOWN}))
    assert stored["response"] is not None
    return stored["response"]["text"]


def _stored_request(body: str) -> str:
    exchange = Exchange(Request("POST", "/", (), body.encode()), None, "gone", 0)
    stored = exchange_json.to_json(exchange, "test", {}, Masker({"NAME": KNOWN}))
    return stored["request"]["text"]


def test_attachments_of_other_plugins_are_masked_too(tmp_path: Path) -> None:
    """What a test attaches by Allure's own functions is masked as well."""
    results = Results(tmp_path, Masker({"NAME": "a-secret-value"}))
    results.report_attached_data("key a-secret-value", "1-attachment.txt")
    (tmp_path / "source").write_bytes(b"\xff a-secret-value")
    results.report_attached_file(str(tmp_path / "source"), "2-attachment.bin")
    assert (tmp_path / "1-attachment.txt").read_bytes() == b"key $NAME"
    assert (tmp_path / "2-attachment.bin").read_bytes() == b"\xff $NAME"


def test_a_key_on_two_lines_is_masked_before_json_escapes_the_line_break(tmp_path: Path) -> None:
    """Each text of a JSON file is masked by itself."""
    results = Results(tmp_path, Masker({"NAME": "a-secret-value"}))
    results.put_json("1-result.json", {"message": ["key: a-secret-\n  value."]})
    written = json.loads((tmp_path / "1-result.json").read_text(encoding="utf-8"))
    assert written == {"message": ["key: $NAME."]}


KEPT = {
    "a stored answer": (exchange_json.LONGEST_RESPONSE, _stored),
    "a stored request": (exchange_json.LONGEST_REQUEST, _stored_request),
    "the beginning of a body": (500, lambda text: opening(text.encode(), 500)),
    "the code of a probe's answer": (
        probes.LONGEST_CODE,
        lambda text: probes.answer_of(Response(400, (), b""), {"code": text}),
    ),
    "a text that is shortened": (200, lambda text: shortened(text * 2, 400)),
}
"""Where a text is cut: after how many characters, and what is left of it."""


@pytest.mark.parametrize("where", KEPT)
def test_a_key_is_masked_before_its_text_is_cut(where: str) -> None:
    """Wherever the cut goes through it, and also where so little is left that it could be text."""
    most, cut = KEPT[where]
    masker = Masker({"NAME": KNOWN})
    hidden = HIDE.set(masker.mask)
    try:
        for inside in range(1, len(KNOWN)):
            kept = masker.mask(cut("z" * (most - inside) + KNOWN + "z" * 9000))
            assert kept.count("z") >= most - len(KNOWN)
            assert KNOWN[:4] not in kept
            assert KNOWN[0] not in kept
    finally:
        HIDE.reset(hidden)


def test_a_body_is_cut_only_after_it_was_masked() -> None:
    """So its beginning is taken by no other way than `opening`."""
    cuts = re.compile(r"body\[[^\]]*:[^\]]*\]")
    found = {
        (file.name, cut)
        for package in ("spec", "reports", "run")
        for file in (ROOT / package).rglob("*.py")
        if "node_modules" not in file.parts
        for cut in cuts.findall(file.read_text(encoding="utf-8"))
    }
    assert found == {
        ("violation.py", "body[: limit + _NEAR]"),
        ("exchange_json.py", "body[: most + _NEAR]"),
        ("strictjson.py", "body[:4]"),
        ("exchange.py", "body[:MOST_KEPT]"),
    }


def _explain_with_keys(_: Refusal) -> dict[str, object]:
    return {"code": KEY, "message": f"key={KEY}; {base64.b64encode(KEY.encode()).decode()}"}


def _render_with_keys(payload: Any) -> dict[str, Any]:
    return {**Steps().render(payload), "remarks": f"{KEY} {KEY.upper()} {FORBIDDEN}"}


@pytest.mark.whole_runs
def test_no_file_of_a_run_holds_a_key(tmp_path: Path) -> None:
    """A server answers with the keys wherever it can: no report, log or line has one."""
    with server(replace(Steps(), explain=_explain_with_keys, render=_render_with_keys)) as url:
        junit = f"--junitxml={tmp_path / 'junit.xml'}"
        asked = ("-k", "key or sku or remarks", "--hypothesis-profile", "smoke")
        run = reported(tmp_path, "--base-url", url, *ORDER, junit, *asked)
    assert run.status == 1, run.output
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) > 50
    outputs = {str(file): file.read_bytes().lower() for file in files}
    outputs["what was printed"] = run.output.encode().lower()
    secrets = [KEY, FORBIDDEN, base64.b64encode(KEY.encode()).decode().rstrip("=")[:-1]]
    holding = [
        name for name, data in outputs.items() for s in secrets if s.lower().encode() in data
    ]
    assert holding == []
    assert set(ENVIRONMENT) <= set(re.findall(r"WIZCOMMERCE_\w+", run.text("run.json")))


@pytest.mark.whole_runs
def test_a_cookie_that_stands_for_the_key_is_found_and_shown_nowhere(tmp_path: Path) -> None:
    """Who has been let in gets a session: sent back without the key it is as good as that, so that
    no report and no line has it. What it is called is shown.
    """
    session = "7f3a91c25e0b4d6a8b1f"

    def authenticate(headers: Headers, store: Store) -> None:
        if session not in headers.get("cookie", ""):
            Steps().authenticate(headers, store)

    def respond(status: int, answer: Mapping[str, Any]) -> Answer:
        response = Steps().respond(status, answer)
        response.headers["set-cookie"] = f"session={session}; HttpOnly"
        return response

    with server(replace(Steps(), authenticate=authenticate, respond=respond)) as url:
        asked = ("-k", "without_the_right_key", "--hypothesis-profile", "smoke")
        run = reported(tmp_path, "--base-url", url, *ORDER, *asked)
    assert run.status == 1, run.output
    outputs = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not [data for data in (*outputs, run.output.encode()) if session.encode() in data]
    assert "Cookie: session=$COOKIE_1" in run.output
