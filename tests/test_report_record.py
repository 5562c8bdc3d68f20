"""The record of a run: it is valid by its schema, says what the run saw, and can be read back."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from reports import accept, compare, record, waive
from reports.ledger import Counts, Entry, Ledger, Outcome
from reports.record import SCHEMA
from run import replay, reporting
from spec.contract import load
from spec.exchange import Exchange, Response
from spec.oracle import Oracle
from spec.yamlfile import FileError
from tests.exchanges import FACTS
from tests.exchanges import request as sent
from tests.records import altered, case, cause, places, requirement
from tests.records import record as record_of
from tests.reporting import Reported, reported
from tests.running import KEY
from watch import baseline

pytestmark = pytest.mark.quick
"""But for those that start whole runs."""

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
    other = faulty.record | {"format": {"name": "invoice-conformance-run", "version": 3}}
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
    (found,) = [each for each in faulty.record["findings"] if each["requirement"] == name]
    assert found["category"] == category
    stored = {exchange["id"]: exchange for exchange in faulty.record["exchanges"]}
    assert stored[found["exchange"]]["test"] in found["tests"]


@pytest.mark.whole_runs
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


@pytest.mark.parametrize("waived", [True, False])
def test_what_only_a_waived_finding_was_seen_of_is_not_called_uncovered(*, waived: bool) -> None:
    """Its test passes only as what it found is waived; where that is not so, nobody knows."""
    other = replace(load(), reading_sha256="")
    first, *others = (each.name for each in other.body_requirements)
    ledger = Ledger(other)
    ledger.begin("a")
    answer = Response(500, (), b"")
    Oracle(other, FACTS, observe=ledger.observe).judge(Exchange(sent({}), answer, None, 0.0))
    entry = Entry("a", requirement=first, outcome=Outcome.PASSED, counts=ledger.counts)
    for occurrence in entry.counts.occurrences.values():
        occurrence.waived = waived
    options = SimpleNamespace(shard=None)
    run: Any = SimpleNamespace(
        plan=SimpleNamespace(contract=other, options=options),
        total=Counts(observed=Counter(others)),
        entries=[entry],
        due=["a"],
        ending=SimpleNamespace(reported=1),
    )
    config: Any = SimpleNamespace(option=SimpleNamespace(), args=["suites"])
    told = reporting.uncovered(run, config)
    assert [first in each for each in told] == ([] if waived else [True])


def test_what_is_not_observed_is_covered_only_where_it_is_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another reading nothing is, and what an answer need not have is asked of no run."""
    own = load()
    name = "201.data.updated_at.date-time"
    proof = {
        "document": own.sha256,
        "reading": own.reading_sha256,
        "requirements": {each.name: each.name != name for each in own.requirements},
    }
    monkeypatch.setattr(record, "PROVEN", tmp_path / "result.json")
    record.PROVEN.write_text(json.dumps(proof), encoding="utf-8")
    assert record.uncovered(own, Counts()) == [name]
    assert record.uncovered(own, Counts(observed=Counter([name]))) == []
    other, of_payloads = replace(own, reading_sha256=""), [r.name for r in own.body_requirements]
    assert record.uncovered(other, Counts()) == of_payloads
    assert record.uncovered(other, Counts(observed=Counter(of_payloads[1:]))) == of_payloads[:1]


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


READS: dict[str, Callable[[str], object]] = {
    "replay": lambda file: replay.main([file]),
    "compare": lambda file: compare.main([file, file]),
    "waive": lambda file: waive.main([file, "--file", f"{file}.waivers.yaml"]),
    "accept": lambda file: accept.accepted(record.read(Path(file)), Path(file).parent),
}
"""The commands that read a record, which may come from anybody."""
EXCHANGE = {
    "id": "1",
    "test": "a",
    "request": {"method": "POST", "path": "/v1/invoices", "headers": [["a", "b"]], "text": "{}"},
    "response": None,
    "fault": None,
    "milliseconds": 1,
    "not_replayable": "it is only a test",
}
PROBE = {
    "name": "a",
    "requirement": "probe: a",
    "question": "",
    "answer": "201",
    "accepted": None,
    "state": "new",
}
WHOLE = record_of(
    findings=[cause("remarks.echo", exchange="1")],
    exchanges=[EXCHANGE],
    probes=[PROBE],
    requirements=[requirement("remarks.echo", "broken")],
    tests=[case("test of remarks.echo", "failed")],
)
HERE = {"name": "http://127.0.0.1:9", "base_url": "http://127.0.0.1:9"}
"""Nothing answers there."""
HOSTILE: tuple[object, ...] = (None, [["a"]], {"a": {}}, "\ud800\x1b[2J", -1e300)
"""In the place of anything in a record."""


@pytest.mark.whole_runs
@pytest.mark.parametrize("command", READS)
def test_a_foreign_record_is_refused_in_one_sentence(
    command: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever is missing in it or in the wrong place: status 4 where it cannot be read."""
    monkeypatch.setenv("WIZCOMMERCE_API_KEY", "a-key-of-this-test")
    file, whole = tmp_path / "run.json", WHOLE
    if command == "replay":
        whole = {**WHOLE, "target": {**WHOLE["target"], **HERE}}
    changed = [altered(whole, place) for place in places(whole)]
    changed += [altered(whole, place, each) for place in places(whole) for each in HOSTILE]
    refused = 0
    for content in changed:
        file.write_text(json.dumps(content), encoding="utf-8")
        refused += _status(READS[command], str(file)) == 4
        shown = "".join(capsys.readouterr())
        assert shown.replace("\n", "").isprintable()
    assert refused > len(changed) // 2


def _status(reads: Callable[[str], object], file: str) -> object:
    """With which a command ends that reads a file; a function is refused by an error instead."""
    try:
        return reads(file)
    except SystemExit as ended:
        return ended.code
    except (ValueError, FileError):
        return 4


@pytest.mark.parametrize("started", ["2026-11-26T11:11:00", "2026-13-26T11:11:00Z", "# a", ""])
def test_a_start_is_a_moment(tmp_path: Path, started: str) -> None:
    """With its offset, without which two runs cannot be told apart in time."""
    file = tmp_path / "run.json"
    file.write_text(json.dumps(altered(WHOLE, ("run", "started"), started)), encoding="utf-8")
    with pytest.raises(ValueError, match="/run/started"):
        record.read(file)


@pytest.mark.parametrize("number", [10**400, 1e400, -1, 0, None, "x"])
@pytest.mark.parametrize("name", ["answers", "median", "p95"])
def test_a_time_that_is_none_is_one_sentence(tmp_path: Path, name: str, number: object) -> None:
    """In a record as in a baseline."""
    times = {"ACCEPT": {"answers": 1, "median": 1.5, "p95": 2, name: number}}
    folded: dict[str, Any] = {"usual": {}, "forms": {}, "tests": {}}
    content: Any = {**WHOLE, "fingerprint": folded, "times": times}
    with pytest.raises(ValueError, match="not response times"):
        record.watched(content)
    content = {
        "format": {"name": baseline.FORMAT, "version": baseline.VERSION},
        "target": "staging",
        "started": "",
        "noise": [],
        "fingerprint": folded,
        "times": times,
    }
    file = tmp_path / "staging.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(FileError, match="is not a baseline"):
        baseline.read(file)


def test_a_record_that_is_whole_is_read(tmp_path: Path) -> None:
    """Also one with half of a surrogate pair, as a server may send it; not with a lost exchange."""
    file = tmp_path / "run.json"
    for content in (WHOLE, altered(WHOLE, ("findings", 0, "headline"), "\ud800")):
        file.write_text(json.dumps(content), encoding="utf-8")
        assert record.read(file) == content
    file.write_text(json.dumps(altered(WHOLE, ("exchanges",), [])), encoding="utf-8")
    with pytest.raises(ValueError, match='it has no exchange "1"'):
        record.read(file)


def test_a_record_of_version_1_is_read_as_one_of_today(tmp_path: Path) -> None:
    """It called findings `causes`, and the rows of violations `findings`."""
    rows = [{**row, "cause": row["finding"]} for row in WHOLE["occurrences"]]
    older = {
        **{name: WHOLE[name] for name in WHOLE if name != "occurrences"},
        "format": {**WHOLE["format"], "version": 1},
        "causes": WHOLE["findings"],
        "findings": [{name: row[name] for name in row if name != "finding"} for row in rows],
        "tests": [{**test, "causes": test["findings"]} for test in WHOLE["tests"]],
    }
    file = tmp_path / "run.json"
    file.write_text(json.dumps(older), encoding="utf-8")
    renewed: Any = record.read(file)
    renewed.pop("causes")
    assert renewed == WHOLE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No such file or directory; run the suite first."),
        ("{", "is not the record of a run."),
        ('{"format": {"version": 3}}', "has version 3; this suite reads versions 1 and 2."),
        ('{"format": {"version": 1}, "causes": 1}', "is not the record of a run."),
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
