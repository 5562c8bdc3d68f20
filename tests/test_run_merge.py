"""Parts of a run, as several machines run them, merged into one report."""

import json
from pathlib import Path
from typing import Any

import pytest

from reports import output
from reports.allure.html import check
from reports.ledger import Counts
from run import merge
from run.exit_status import ExitStatus
from run.options import limits, read
from targets.config import Target
from targets.pace import Rate
from tests.exchanges import CONTRACT
from tests.faulty import SUBTLE
from tests.running import ORDER, Result, python, server, suite
from watch.baseline import of_record

SMOKE = ("--hypothesis-profile", "smoke")


def _part(number: int, status: int = 0, of: int = 2, **run: Any) -> merge.Part:
    started = f"2026-03-01T00:00:0{number}+00:00"
    head = {
        "run": {
            "stamp": "IC-00000000",
            "started": started,
            "ended": started,
            "seconds": 1.0,
            "profile": "gate",
            "level": "SHOULD",
            "exit_status": status,
            "doubts": [],
            **run,
        },
        "target": {"name": "staging"},
        "document": {"sha256": CONTRACT.sha256},
        "reading": {"sha256": CONTRACT.reading_sha256},
        "shard": {"part": number, "of": of, "whole": True},
    }
    return merge.Part(head, Counts(), ())


@pytest.mark.parametrize(
    ("parts", "status", "words"),
    [
        ([_part(0), _part(1)], 0, "the server conforms"),
        ([_part(0), _part(1, 1)], 1, "the server breaks requirements"),
        ([_part(0, 7), _part(1, 6)], 6, "could not tell"),
        ([_part(0, 1), _part(1, 3)], 3, "the suite broke"),
        ([_part(1)], 6, "could not tell"),
    ],
)
def test_the_whole_ends_as_its_worst_part(parts: list[merge.Part], status: int, words: str) -> None:
    """A part that is missing makes the whole unknown."""
    run = merge.merged(parts, CONTRACT, [])["run"]
    assert (run["exit_status"], run["outcome"]) == (status, words)
    assert run["complete"] == (len(parts) == 2 and status in (0, 1))


def test_each_exit_status_has_its_rank() -> None:
    """No status of a part is forgotten."""
    assert set(merge.WORST) == set(ExitStatus)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([_part(0), _part(0)], "A part is there twice"),
        ([_part(0), _part(1, of=3)], "the numbers of parts differ"),
        ([_part(0), _part(1, profile="deep")], "differ in their run"),
    ],
)
def test_parts_of_different_runs_are_refused(parts: list[merge.Part], words: str) -> None:
    """In one sentence."""
    with pytest.raises(ValueError, match=words):
        merge.merged(parts, CONTRACT, [])


def test_what_is_no_part_is_refused(tmp_path: Path) -> None:
    """A folder without a part, and a file that is damaged."""
    with pytest.raises(ValueError, match="name the reports of a --shard"):
        merge.read(tmp_path)
    (tmp_path / output.PART).write_text("{}")
    with pytest.raises(ValueError, match="is not a part of a run"):
        merge.read(tmp_path)


def test_the_parts_share_the_limits(pytestconfig: pytest.Config) -> None:
    """Four machines at a quarter of the rate send no more than one at the whole."""
    target = Target("staging", "https://staging.example", rate_limit=Rate(10, 1000), max_requests=9)
    options = read(pytestconfig)
    assert limits(options, target) == (Rate(10, 1000), 9)
    pytestconfig.option.shard = "2/4"
    try:
        assert limits(read(pytestconfig), target) == (Rate(10, 4000), 3)
    finally:
        pytestconfig.option.shard = None


def _shown(folder: Path) -> dict[str, list[str]]:
    """The group that each of Allure's results in a folder of reports is in."""
    files = (folder / output.RESULTS).glob(f"*{output.RESULT}")
    found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {each["fullName"]: each["titlePath"] for each in found}


@pytest.mark.whole_runs
def test_two_parts_make_the_report_of_one_run(tmp_path: Path) -> None:
    """The same requirements, findings, answers and requests, whoever asked."""

    def run(name: str, url: str, *more: str) -> Result:
        where = ("--reports", str(tmp_path / name))
        allure = ("--alluredir", str(tmp_path / name / output.RESULTS))
        return suite("--base-url", url, *ORDER, *SMOKE, "-q", *where, *allure, *more)

    with server(SUBTLE) as url:
        whole = run("whole", url)
        parts = [run(f"part {n}", url, "--shard", f"{n}/2") for n in (1, 2)]
        assert {part.status for part in parts} <= {0, 1}
        done = python(
            "-m",
            "run.merge",
            *(str(tmp_path / f"part {n}") for n in (1, 2)),
            "--into",
            str(tmp_path / "merged"),
        )
    assert (done.status, whole.status) == (1, 1), done.output
    one, other = (
        json.loads((tmp_path / name / output.RECORD).read_text()) for name in ("whole", "merged")
    )
    # A process explains by itself what fails, so it may ask a few cases more.
    assert not of_record(one).news(of_record(other)).changes
    assert one["answers"] == other["answers"]
    assert len(one["tests"]) == len(other["tests"])
    for record in (one, other):
        assert record["run"]["complete"]
    verdicts = [
        {each["name"]: each["verdict"] for each in record["requirements"]}
        for record in (one, other)
    ]
    assert verdicts[0] == verdicts[1]
    told = [
        {(c["requirement"], c["difference"]) for c in record["causes"]} for record in (one, other)
    ]
    assert told[0] == told[1]
    check(tmp_path / "merged" / output.RESULTS, other, {})
    assert _shown(tmp_path / "whole") == _shown(tmp_path / "merged")
    assert (tmp_path / "merged" / output.SUMMARY).exists()


def test_each_exit_status_has_its_place_among_those_of_parts() -> None:
    """The worst comes first; one that is not there would be an internal error of the whole."""
    assert sorted(merge.WORST) == sorted(ExitStatus)
