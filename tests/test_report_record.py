"""The record of a run: valid by its schema, the same as what the run saw, and read back."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from reports import har, history, junit, markdown, record, summary
from reports.record import SCHEMA
from tests.reporting import Reported, reported
from tests.running import KEY

BROKEN = {
    "items[].sku.maxLength": "Accepted invalid input",
    "paid_amount.minimum": "Refused valid input",
    "status.enum": "Server error",
    "201.data.remarks.echo": "Echo mismatch",
    "4xx.code.required": "Error shape",
}
"""What the five defects of `tests.faulty` break, and how a person is told."""


def test_the_record_keeps_its_schema(faulty: Reported) -> None:
    """`run.json` is what `run.schema.json` documents, and the schema refuses another version."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    assert list(validator.iter_errors(faulty.record)) == []
    other = faulty.record | {"format": {"name": "invoice-conformance-run", "version": 2}}
    assert [error.json_path for error in validator.iter_errors(other)] == ["$.format.version"]


def test_the_record_tells_how_the_run_ended(faulty: Reported) -> None:
    """Exit status, outcome and counts are those of the run, and that only a part was asked."""
    assert faulty.status == 1
    run = faulty.record["run"]
    assert (run["exit_status"], run["outcome"]) == (1, "the server breaks requirements")
    assert not run["complete"]
    assert (
        sum(test["requests"] for test in faulty.record["tests"]) + 1
        == (faulty.record["counts"]["requests"])
    )


@pytest.mark.parametrize(("name", "category"), BROKEN.items())
def test_each_defect_is_found_and_shown_by_an_exchange(
    faulty: Reported, name: str, category: str
) -> None:
    """The finding names the requirement and the category, and an exchange that is kept shows it."""
    found = [f for f in faulty.record["findings"] if f["requirement"] == name]
    assert category in {finding["category"] for finding in found}
    kept = {exchange["id"]: exchange for exchange in faulty.record["exchanges"]}
    assert all(kept[f["exchange"]]["test"] == f["test"] for f in found)


@pytest.mark.parametrize(
    ("options", "seed"),
    [
        (("--hypothesis-profile", "smoke"), "None"),
        (("--hypothesis-profile", "deep"), r"\d+"),
        (("--hypothesis-profile", "deep", "--hypothesis-seed", "7"), "7"),
    ],
)
def test_the_seed_of_the_cases_is_told(tmp_path: Path, options: tuple[str, ...], seed: str) -> None:
    """Where each run draws other cases, the record has the number that draws them again."""
    run = reported(tmp_path, "-k", "relative", *options)
    assert re.fullmatch(seed, str(run.record["run"]["seed"]))


def test_junit_has_one_case_for_each_requirement(faulty: Reported) -> None:
    """Each requirement is one case; those that fail are those that the record calls broken."""
    requirements = {r["name"]: r["verdict"] for r in faulty.record["requirements"]}
    cases = ET.fromstring(faulty.text("requirements.junit.xml")).findall(".//testcase")  # noqa: S314 - our own file
    assert [case.get("name") for case in cases] == list(requirements)
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    assert failed == {name for name, verdict in requirements.items() if verdict == "broken"}
    assert set(BROKEN) <= failed


def test_the_archive_has_each_failing_exchange(faulty: Reported) -> None:
    """The HAR holds each stored exchange, says what it shows and leaves the key out."""
    entries = json.loads(faulty.text("failing.har"))["log"]["entries"]
    assert len(entries) == len(faulty.record["exchanges"])
    assert all(entry["comment"] for entry in entries)
    keys = {
        header["value"]
        for entry in entries
        for header in entry["request"]["headers"]
        if header["name"] == "X-API-Key"
    }
    assert "${WIZCOMMERCE_API_KEY}" in keys
    assert KEY not in faulty.text("failing.har")


def test_the_markdown_summary_has_a_row_for_each_broken_requirement(faulty: Reported) -> None:
    """One row each, the requirement first, however many tests have found it."""
    rows = [line for line in faulty.text("summary.md").splitlines() if line.startswith("| `")]
    named = [row.split("`")[1] for row in rows]
    assert len(named) == len(set(named))
    assert set(BROKEN) <= set(named)


def _small(verdicts: dict[str, str], past: list[history.Past] | None = None) -> dict[str, Any]:
    requirement = {
        "level": "MUST",
        "part": "body",
        "keyword": "type",
        "operand": "string",
        "file": "spec/openapi.yaml",
        "line": 1,
        "pointer": "/a",
        "observed": 1,
        "edges": 0,
        "proven": None,
        "waiver": None,
    }
    finding = {
        "level": "MUST",
        "category": "Echo mismatch",
        "where": "spec/openapi.yaml:1  #/a",
        "place": "",
        "expected": "`a|b`",
        "got": "<script>\x00",
        "headline": "[Echo mismatch] \x00",
        "test": "suites/test_a.py::test_b",
        "waived": False,
        "times": 1,
        "exchange": "",
    }
    content: dict[str, Any] = {
        "run": {
            "suite_version": "1",
            "stamp": "IC-00000000",
            "started": "2026-03-03T00:00:00+00:00",
            "seconds": 1.0,
            "profile": "gate",
            "complete": True,
            "exit_status": 1,
            "outcome": "the server breaks requirements",
            "doubts": [],
        },
        "target": {"name": "staging", "base_url": "http://x"},
        "document": {"title": "T", "version": "1", "sha256": "0" * 64},
        "counts": {"requests": 1, "created": 0},
        "requirements": [{**requirement, "name": n, "verdict": v} for n, v in verdicts.items()],
        "findings": [
            {**finding, "requirement": n} for n, v in verdicts.items() if v in ("broken", "known")
        ],
        "probes": [],
        "waivers": [],
        "tests": [],
        "exchanges": [],
    }
    return content | {"history": history.compared(content, past or [])}


PAST = [
    history.Past("2026-01-01T00:00:00+00:00", "IC-1", ()),
    history.Past("2026-02-01T00:00:00+00:00", "IC-2", ("old", "mended")),
]


def test_new_still_broken_and_fixed_are_told_apart() -> None:
    """Against the last run; `since` is the first of the runs without a break that found it."""
    content = _small({"old": "broken", "fresh": "broken", "mended": "holds"}, PAST)
    compared = content["history"]
    assert compared["new"] == ["fresh"]
    assert compared["still"] == ["old"]
    assert compared["fixed"] == ["mended"]
    assert compared["since"] == {
        "old": "2026-02-01T00:00:00+00:00",
        "fresh": "2026-03-03T00:00:00+00:00",
    }
    text = markdown.summary(content)
    assert [line for line in text.splitlines() if line.startswith("### ")] == [
        "### New (1)",
        "### Still broken (1)",
        "### Fixed since 2026-02-01T00:00:00+00:00",
    ]
    terminal = "\n".join(summary.lines(content))
    assert "broken  old (MUST)  spec/openapi.yaml:1  #/a  [since 2026-02-01T" in terminal
    assert "broken  fresh (MUST)  spec/openapi.yaml:1  #/a  [new]" in terminal


def test_what_is_not_observed_is_not_called_fixed() -> None:
    """A requirement that the run did not put to the test may be broken still."""
    assert _small({"mended": "not observed"}, PAST)["history"]["fixed"] == []


def test_the_first_run_of_a_target_has_nothing_new() -> None:
    """Without a run before it, what is broken is only broken."""
    content = _small({"old": "broken"})
    assert content["history"]["new"] == []
    assert "### Broken (1)" in markdown.summary(content)


def test_the_history_of_a_target_survives_a_damaged_line(tmp_path: Path) -> None:
    """Each complete run adds a line; what is no such line is passed over."""
    file = history.file(tmp_path, "http://host:1/x", "runs")
    assert file.parent == tmp_path
    history.append(file, [], _small({"old": "broken"}))
    file.write_text(file.read_text(encoding="utf-8") + "{half a li\n", encoding="utf-8")
    assert [past.broken for past in history.read(file)] == [("old",)]


def test_a_servers_words_cannot_break_a_report() -> None:
    """Markdown, XML and HAR hold a server's markup and control characters as text."""
    content = _small({"old": "broken"})
    rows = [line for line in markdown.summary(content).splitlines() if line.startswith("| `old`")]
    told = "Echo mismatch: expected \\`a\\|b\\`, got \\<script\\>\x00"
    assert rows == [f"| `old` (MUST) | spec/openapi.yaml:1 | {told} | 1 | 2026-03-03 |"]
    failure = ET.fromstring(junit.of_requirements(content)).find(".//failure")  # noqa: S314 - our own text
    assert failure is not None
    assert failure.get("message") == "[Echo mismatch] \ufffd"
    assert json.loads(har.of_exchanges(content))["log"]["entries"] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No such file or directory; run the suite first."),
        ("{", "is no record of a run."),
        ('{"format": {"version": 2}}', "is of version 2; this suite reads version 1."),
    ],
)
def test_what_is_no_record_is_refused_in_one_sentence(
    tmp_path: Path, text: str | None, words: str
) -> None:
    """The sentence names the file and what is wrong with it."""
    file = tmp_path / "run.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"run\.json") as refused:
        record.read(file)
    assert words in str(refused.value)
    assert str(refused.value).count("\n") == 0
