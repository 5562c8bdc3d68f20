"""The record of a run: it is valid by its schema, says what the run saw, and can be read back."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from reports import record
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
"""What the five faults of `tests.faulty` break, and under which category."""


def test_the_record_keeps_its_schema(faulty: Reported) -> None:
    """`run.json` is valid by `run.schema.json`, and a record of another version is not."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    assert list(validator.iter_errors(faulty.record)) == []
    other = faulty.record | {"format": {"name": "invoice-conformance-run", "version": 2}}
    assert [error.json_path for error in validator.iter_errors(other)] == ["$.format.version"]


def test_the_record_says_how_the_run_ended(faulty: Reported) -> None:
    """Exit status, outcome and counts are those of the run, which was not a complete one."""
    assert faulty.status == 1
    run = faulty.record["run"]
    assert (run["exit_status"], run["outcome"]) == (1, "the server breaks requirements")
    assert not run["complete"]
    # The control, and the one with the forbidden key, come before all tests.
    sent = 2 + sum(test["requests"] for test in faulty.record["tests"])
    assert sent == faulty.record["counts"]["requests"]


@pytest.mark.parametrize(("name", "category"), BROKEN.items())
def test_each_fault_is_found_and_shown_by_an_exchange(
    faulty: Reported, name: str, category: str
) -> None:
    """The finding names the requirement and the category, and a stored exchange shows it."""
    (found,) = [each for each in faulty.record["causes"] if each["requirement"] == name]
    assert found["category"] == category
    stored = {exchange["id"]: exchange for exchange in faulty.record["exchanges"]}
    assert stored[found["exchange"]]["test"] in found["tests"]


@pytest.mark.parametrize(
    ("options", "seed"),
    [
        (("--hypothesis-profile", "smoke"), "None"),
        (("--hypothesis-profile", "deep"), r"\d+"),
        (("--hypothesis-profile", "deep", "--hypothesis-seed", "7"), "7"),
    ],
)
def test_the_record_has_the_seed_of_the_cases(
    tmp_path: Path, options: tuple[str, ...], seed: str
) -> None:
    """Where each run draws other cases, it has the number that draws the same ones again."""
    run = reported(tmp_path, "-k", "near_miss and sku", *options)
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
    """The HAR has each stored exchange with its findings, and no key."""
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
    """Each has one row, which begins with its name, however many tests found it."""
    rows = [line for line in faulty.text("summary.md").splitlines() if line.startswith("| `")]
    named = [row.split("`")[1] for row in rows]
    assert len(named) == len(set(named))
    assert set(BROKEN) <= set(named)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No such file or directory; run the suite first."),
        ("{", "is not the record of a run."),
        ('{"format": {"version": 2}}', "has version 2; this suite reads version 1."),
    ],
)
def test_a_file_that_is_not_a_record_is_refused_in_one_sentence(
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
