"""The watch in whole runs, as a user has it: accept, compare each day, be told, accept again."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from reference import answer
from reference.refusal import Problem
from reference.service import Steps
from reports.allure import results
from reports.allure.html import check
from tests.copying import add_target, copied
from tests.running import python, server

pytestmark = pytest.mark.whole_runs

TARGET = """base_url = "{url}"
order_ids = ["ORD-1"]
order_created_at = 2020-01-01T00:00:00Z"""


class Vendor:
    """The answers of a vendor that changes in the course of a story."""

    def __init__(self) -> None:
        self.code, self.currency = "BAD_REQUEST", False
        self.requests = 0

    def render(self, invoice: Any) -> dict[str, Any]:
        """With a currency, from some day on."""
        data = answer.render(invoice)
        return {**data, "currency": "EUR"} if self.currency else data

    def respond(self, status: int, said: Mapping[str, Any]) -> Response:
        """With another code, from some day on; the count of requests is in each answer."""
        self.requests += 1
        if status == 400:
            said = {**said, "code": self.code}
        response = answer.respond(status, said)
        response.headers["x-request-count"] = str(self.requests)
        if self.requests % 3 == 0:
            response.headers["x-cache"] = "hit"
        return response


def refuses_several(payload: Any) -> tuple[Problem, ...]:
    """Refuses more than one item; otherwise the reference's checks."""
    items = payload.get("items") if isinstance(payload, dict) else None
    if isinstance(items, list) and len(items) > 1:
        return (Problem(("items",), "too_long", "One item at most"),)
    return Steps().check(payload)


def _run(here: Path, *words: str) -> tuple[int, str]:
    done = python(*words, here=here)
    return done.status, done.output


def test_the_story_of_a_month(tmp_path: Path) -> None:
    """What was accepted is compared each day; a change is told with its words and exit status 7
    until it is accepted; what varies by itself is never told.
    """
    here = copied(tmp_path / "suite")
    out = here / "reports" / "output"
    first = str(out / "first")
    suite = ("-m", "pytest", "suites", "--target", "mine", "--hypothesis-profile", "smoke", "-q")
    daily = (*suite, "--reports", str(out))
    twice = ("-m", "reports.accept", f"{first}/run.json", str(out / "run.json"))
    vendor = Vendor()
    with server(replace(Steps(), render=vendor.render, respond=vendor.respond)) as url:
        add_target(here, "mine", TARGET.format(url=url))
        # The first day: two runs, one after the other, are accepted.
        assert _run(here, *suite, "--reports", first)[0] == 0
        assert _run(here, *daily)[0] == 0
        status, output = _run(here, *twice)
        assert status == 0, output
        accepted = here / "spec" / "baselines" / "mine.json"
        assert "header x-cache" in json.loads(accepted.read_text())["noise"]
        # Quiet days, whoever asks.
        for more in ((), ("-n", "2"), ()):
            status, output = _run(here, *daily, *more)
            assert status == 0, output
            assert "changed since" not in output
        # A change, though nothing is broken.
        vendor.currency = True
        status, output = _run(here, *daily, "--alluredir", str(out / "allure-results"))
        assert status == 7, output
        assert "1 answer changed, nothing is broken" in output
        assert "worth knowing new property data.currency (text) in every 201" in output
        summary = (out / "summary.md").read_text(encoding="utf-8")
        assert "new property data.currency" in summary
        record = json.loads((out / "run.json").read_text(encoding="utf-8"))
        check(out / "allure-results", record, {})
        (change,) = results.changes(record)
        assert change["fullName"] in results.tests(out / "allure-results")
        # A requirement that fails no run at this level lets no change fail it either.
        assert _run(here, *daily, "--level", "must")[0] == 0
        # Another day, another change; both are told until they are accepted.
        vendor.code = "VALIDATION_ERROR"
        status, output = _run(here, *suite, "--reports", first)
        assert status == 7, output
        assert "breaking      error code: BAD_REQUEST, now VALIDATION_ERROR in every 400" in output
        # Probes of which the code changed as all do are told and counted there, at any level.
        assert "2 answers changed, nothing is broken" in output
        assert "probe: " not in output
        status, output = _run(here, *daily, "--level", "must")
        assert status == 0, output
        assert "the server conforms; 2 answers changed" in output
        assert _run(here, *daily)[0] == 7
        status, output = _run(here, *twice)
        assert status == 0, output
        assert '+    "code": "VALIDATION_ERROR",' in output
        assert _run(here, *daily)[0] == 0
        # The same by hand, from a baseline and from two records.
        record = str(out / "run.json")
        assert _run(here, "-m", "reports.compare", str(accepted), record)[0] == 0
        assert _run(here, "-m", "reports.compare", f"{first}/run.json", record)[0] == 0


def test_what_a_drawn_payload_found_is_asked_in_every_later_run(tmp_path: Path) -> None:
    """Also by another profile, which draws other payloads; it passes once the server is mended."""
    here = copied(tmp_path / "suite")
    out = here / "reports" / "output"
    suite = ("-m", "pytest", "suites", "--target", "mine", "--reports", str(out), "-v")
    with server(replace(Steps(), check=refuses_several)) as url:
        add_target(here, "mine", TARGET.format(url=url))
        asked = ("-k", "a_valid_invoice_is_accepted or no_items or DEL or kept")
        assert _run(here, *suite, *asked)[0] == 1
        status, output = _run(here, "-m", "reports.accept")
        assert status == 0, output
        assert "every later run asks it" in output
        files = list((here / "spec" / "corpus" / "mine").glob("*.json"))
        assert files
        assert "IC-RUNSTAMP-########" in files[0].read_text()
        status, output = _run(here, *suite, "-k", "kept", "--hypothesis-profile", "smoke")
        assert status == 1, output
        assert f"kept {files[0].stem}: " in output
    text = (here / "targets.toml").read_text()
    with server() as mended:
        (here / "targets.toml").write_text(text.replace(url, mended))
        status, output = _run(here, *suite, "-k", "kept", "--hypothesis-profile", "smoke")
        assert status == 0, output
        assert f"{len(files)} passed" in output
