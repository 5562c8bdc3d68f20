"""A server that gives some requests no answer: it is told, and waited for a few times only."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from starlette.responses import Response

from tests.fronts import Nothing, fronted
from tests.running import ORDER, suite

SECONDS = "2"
"""The time limit of a request."""
MOST_WAITS = 30
"""Requests that are waited for in vain, where some hundred would get no answer."""


def _run(tmp_path: Path, *options: str) -> dict[str, Any]:
    where = ("--reports", str(tmp_path), "--request-timeout", SECONDS)
    result = suite(*options, *ORDER, *where)
    assert result.status == 1, result.output
    return dict(json.loads((tmp_path / "run.json").read_text(encoding="utf-8")))


def test_what_is_never_answered_is_one_finding_and_not_waited_for(tmp_path: Path) -> None:
    """The smallest difference is told; tests that ask only for more of it are blocked."""
    unanswered = []

    def decide(_number: int, body: bytes) -> Response | None:
        if b'"OVERPAID"' not in body:
            return None
        unanswered.append(body)
        return Nothing()

    with fronted(decide) as url:
        record = _run(tmp_path, "--base-url", url)
    (finding,) = record["causes"]
    assert finding["requirement"] == "response.http"
    assert finding["difference"] == 'status "OVERPAID"'
    assert finding["got"].startswith("The server gave no complete answer within 2.0 s")
    assert len(unanswered) <= MOST_WAITS
    outcomes = Counter(test["outcome"] for test in record["tests"])
    assert outcomes["failed"] + outcomes["skipped"] < outcomes["passed"]
    blocked = [test for test in record["tests"] if test["message"].startswith("blocked: ")]
    assert {test["outcome"] for test in blocked} == {"skipped"}
