"""A server with five faults that each show in many tests is told as five findings."""

import re
import sys
from collections import Counter
from copy import deepcopy
from io import BytesIO, TextIOWrapper
from typing import Any

import pytest

from causes.difference import differences
from causes.sightings import payload_of
from reports import summary
from reports.exchange_json import read_body
from spec.contract import PLACEHOLDER
from strategies.invoice import plain_invoice
from tests.asking import ORDERS
from tests.exchanges import CONTRACT
from tests.reporting import Reported
from tests.running import ROOT

FIVE = {
    "items[].sku.maxLength": "items[2].sku of 256 characters",
    "paid_amount.minimum": "paid_amount 0",
    "201.data.items.echo": "21 items",
    "201.data.remarks.echo": 'remarks "x "',
    "4xx.code.required": "",
}
"""The requirement and the difference of each of the faults of `tests.faulty.SUBTLE`."""
SCREENS = 8192
"""Bytes of two screens."""
MOST_LINES = 15
OF_PYTEST = 3300
"""Bytes that pytest prints of a gate beside findings, at 120 columns: dots, with blanks up to the
right edge, are most of them.
"""


def _blocks(subtle: Reported) -> list[str]:
    told = subtle.output.partition(" conformance ")[2].split("\n\n")
    return [block for block in told if block.startswith("broken  ")]


def test_five_faults_are_five_findings(subtle: Reported) -> None:
    """Each under its requirement, with the smallest difference that brings it about."""
    found = {each["requirement"]: each["difference"] for each in subtle.record["findings"]}
    assert found == FIVE
    assert subtle.status == 1


@pytest.mark.parametrize("run", ["subtle", "faulty"])
def test_all_that_is_told_of_a_finding_is_of_one_request(
    run: str, request: pytest.FixtureRequest
) -> None:
    """What is different, what was expected, what came, and what is sent again by curl."""
    record = request.getfixturevalue(run).record
    exchanges = {each["id"]: each["request"] for each in record["exchanges"]}
    seen = {(each["exchange"], each["expected"], each["got"]) for each in record["occurrences"]}
    plain, asked = plain_invoice(CONTRACT, ORDERS), 0
    for each in record["findings"]:
        assert (each["exchange"], each["expected"], each["got"]) in seen
        payload = payload_of(read_body(exchanges[each["exchange"]]))
        if each["explained"] and isinstance(payload, dict):
            edits = {str(edit) for edit in differences(CONTRACT, plain, payload)}
            told = {edit.replace(PLACEHOLDER, "IC-...") for edit in edits}
            assert {*each["difference"].split(" and ")} <= told
            asked += 1
    assert asked > 1


def test_what_only_depends_on_a_finding_is_blocked(subtle: Reported) -> None:
    """The requirements that a finding is also seen in are not called broken."""
    verdicts = Counter(each["verdict"] for each in subtle.record["requirements"])
    assert verdicts["broken"] == len(FIVE)
    also = {name for each in subtle.record["findings"] for name in each["also"]} - {*FIVE}
    blocked = {r["name"] for r in subtle.record["requirements"] if r["verdict"] == "blocked"}
    assert blocked == also != set()


def test_five_faults_fit_on_two_screens(subtle: Reported) -> None:
    """A block each, the worst first, and nothing of pytest's own about failures."""
    assert len(subtle.output.encode()) <= SCREENS
    blocks = _blocks(subtle)
    assert len(blocks) == len(FIVE)
    for block, name in zip(blocks, FIVE, strict=True):
        assert block.startswith(f"broken  {name} (")
        assert len(block.splitlines()) <= MOST_LINES
    for words in ("FAILURES", "FAILED", "Traceback"):
        assert words not in subtle.output


def test_findings_and_what_pytest_prints_of_a_gate_fit_on_two_screens() -> None:
    """A line of curl is told where there is room beside that."""
    assert summary.ROOM + OF_PYTEST <= SCREENS


@pytest.mark.parametrize("character", ["x", "é", "\U0001f600"])
def test_a_block_has_few_bytes_whatever_is_in_it(subtle: Reported, character: str) -> None:
    """Five of them fit on two screens; the finding's id and how to see it again stay whole."""
    long = character * 700
    names = ("place", "expected", "got", "accepted", "refused", "detail", "code")
    for each in subtle.record["findings"]:
        finding: Any = {
            **each,
            **dict.fromkeys(names, long),
            "also": [long] * 40,
            "alike": [long] * 9,
        }
        finding["tests"] = [f"a::b[{long}]"]
        block = [*summary.block(subtle.record, finding)]
        assert len("\n".join(block).encode()) <= summary.MOST_BYTES <= summary.ROOM / len(FIVE)
        assert f"  finding    {each['id']}" in block
        assert block[-1] == f"  again      python -m run.replay --last {each['id']}"


@pytest.mark.parametrize(("size", "is_told"), [(2000, True), (5000, False)])
def test_a_line_of_curl_takes_some_kibibytes(subtle: Reported, size: int, *, is_told: bool) -> None:
    """As long as there is room for it, which the shorter ones of other findings get first."""
    record = deepcopy(subtle.record)
    long, short = record["findings"][:2]
    stored = {each["id"]: each for each in record["exchanges"]}
    if short["exchange"] == long["exchange"]:
        short["exchange"] = next(each for each in stored if each != long["exchange"])
    for each, text in ((long, "x" * size), (short, "x")):
        each["shows"], stored[each["exchange"]]["request"]["text"] = "each time", text
    told = summary.blocks({**record, "findings": [long, short]}, None)
    assert [" curl " in lines[-1] for lines in told] == [is_told, True]


@pytest.mark.parametrize(("encoding", "is_told"), [("utf-8", True), ("ascii", False)])
def test_a_line_of_curl_is_what_the_console_can_write(
    subtle: Reported, monkeypatch: pytest.MonkeyPatch, encoding: str, *, is_told: bool
) -> None:
    """A console without a character writes an escape that JSON does not have."""
    record = deepcopy(subtle.record)
    finding = record["findings"][0]
    stored = next(each for each in record["exchanges"] if each["id"] == finding["exchange"])
    finding["shows"], stored["request"]["text"] = "each time", '{"remarks": "\U0001f600"}'
    monkeypatch.setattr(sys, "__stdout__", TextIOWrapper(BytesIO(), encoding=encoding))
    (lines,) = summary.blocks({**record, "findings": [finding]}, None)
    assert (" curl " in lines[-1]) is is_told


def test_a_block_says_what_works_and_what_does_not(subtle: Reported) -> None:
    """The server's own words, the two requests, where it is written, and how to see it again."""
    told = next(block for block in _blocks(subtle) if "paid_amount.minimum" in block)
    for line in (
        "broken  paid_amount.minimum (MUST) at paid_amount",
        "  [Refused valid input] expected 201, got 400 (The body is not a valid invoice.)",
        "  server     400 BAD_REQUEST, paid_amount: must be greater than 0",
        "  accepted   the plain invoice",
        '  refused    the same with paid_amount 0, and so status "PENDING"',
    ):
        assert line in told.splitlines()
    assert re.search(r"^  clause     spec/openapi\.yaml:\d+$", told, re.MULTILINE)
    assert re.search(r"^  finding    [0-9a-f]{8}$", told, re.MULTILINE)
    assert re.search(r"^  again      curl ", told, re.MULTILINE)


def test_the_summary_has_a_row_for_each_finding(subtle: Reported) -> None:
    """Under the one title that they have in common."""
    rows = [line for line in subtle.text("summary.md").splitlines() if line.startswith("| `")]
    assert len(rows) == len(FIVE)
    assert "### Broken (5)" in subtle.text("summary.md")


def test_the_tests_are_grouped_by_finding(subtle: Reported) -> None:
    """Each finding is a group; a test that only shows what another one found is blocked."""
    labels = [{e["name"]: e["value"] for e in each["labels"]} for each in subtle.results]
    groups = {each["feature"] for each in labels if each["epic"] == "Findings"}
    assert len(groups) == len(FIVE)
    failed = [each for each in subtle.results if each["status"] == "failed"]
    blocked = [
        each
        for each in subtle.results
        if str(each["statusDetails"].get("message")).startswith("[Blocked] ")
    ]
    assert {each["status"] for each in blocked} == {"skipped"}
    assert len(blocked) > len(failed) >= len(FIVE)


def _uncounted(block: str) -> str:
    return re.sub(r"\d+(?= (?:more|requirements))", "N", block)


def test_the_block_of_a_finding_is_what_the_documentation_shows(subtle: Reported) -> None:
    """The examples have the same lines, counts aside; of the last line the beginning."""
    told = next(block for block in _blocks(subtle) if "paid_amount.minimum" in block)
    *lines, again = _uncounted(told).splitlines()
    for name in ("README.md", "docs/report.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        found = re.search(
            r"^broken  paid_amount\.minimum .*?(?=\n```)", text, re.DOTALL | re.MULTILINE
        )
        assert found is not None
        *shown, shortened = _uncounted(found[0].replace("  [new]", "")).splitlines()
        assert shown == lines
        assert shortened.split(" ...")[0] == again[: len(shortened.split(" ...")[0])]
