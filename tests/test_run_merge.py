"""Parts of a run, as several machines run them, merged into one report."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from causes.cause import Cause
from findings.finding import Occurrence
from reports import output
from reports.allure.html import check
from reports.ledger import Counts, Entry, Outcome
from reports.record import PART, watched
from run import merge
from run.exit_status import ExitStatus
from run.options import limits, read
from spec.exchange import Drop
from targets.config import Target
from targets.pace import Rate
from tests.exchanges import CONTRACT
from tests.faulty import SUBTLE
from tests.records import altered, places
from tests.records import record as record_of
from tests.running import ORDER, Result, python, server, suite
from watch.keys import OF_A_SUBJECT, WHOLE

SMOKE = ("--hypothesis-profile", "smoke")


def _part(number: int, status: int = 0, of: int = 2, **run: Any) -> merge.Part:
    started = f"2026-03-01T00:00:0{number}+00:00"
    head: Any = {
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


def test_a_part_may_have_every_kind_of_fact() -> None:
    """Its schema has the same kinds as what makes facts."""
    schema = json.loads(PART.read_text(encoding="utf-8"))
    facts = schema["$defs"]["cases"]["additionalProperties"]["items"]
    names = re.compile(facts["propertyNames"]["pattern"])
    assert all(names.match(kind) for kind in WHOLE)
    assert all(names.match(f"{kind} of something") for kind in OF_A_SUBJECT)
    assert not names.match("another kind")


def test_each_exit_status_has_its_rank() -> None:
    """No status of a part is forgotten."""
    assert set(merge.WORST) == set(ExitStatus)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([_part(0), _part(0)], "A part is there twice"),
        ([_part(0), _part(1, of=3)], "with another number of shards"),
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


EXCHANGE: Any = {
    "id": "1",
    "test": "a[b]",
    "request": {"method": "POST", "path": "/v1/invoices", "headers": [["a", "b"]], "text": "{}"},
    "response": None,
    "fault": "gone",
    "milliseconds": 1,
    "not_replayable": None,
}
CAUSE = Cause(
    category="Refused valid input",
    symptom="400",
    names="",
    traits=["a"],
    kinds=["b"],
    paths=["remarks"],
    limits=["remarks.maxLength"],
    difference=["remarks: a"],
    works="a",
    fails="b",
    status=400,
    code="BAD",
    detail="remarks: too long",
    field="remarks",
)
HOSTILE: tuple[Any, ...] = (None, -1, 10**400, "\ud800\x1b[2J\n# a", [], {}, [["a"]])
"""In the place of anything in a part."""


def _lines() -> list[Any]:
    """The lines of a part: its head, what was seen in all, and a test."""
    rows = ("201.status", "MUST", CAUSE.category, "", "", 1, "remarks", "201", "400", "", "a[b]")
    seen = Occurrence(*rows, waived=False, exchange="1", cause=CAUSE.id)
    facts = {"status": "400", "header server": "a"}
    counts = Counts(
        requests=1,
        expectations=Counter({"ACCEPT": 1}),
        observed=Counter({"201.status": 1}),
        edges=Counter({"a": 1}),
        occurrences={"a": seen},
        causes={CAUSE.id: CAUSE},
        together={"201.status": Counter({"201.status": 1})},
        forms=Counter({"4xx.code.required 400 kept": 1}),
        answers={"no items": "400"},
        carriers={("PAID", "nothing")},
        times=Counter({"ACCEPT 1.5": 1}),
        cases={"a": [facts]},
        outages=["it was gone"],
        drops=[Drop(1.5, 0.1, 3)],
        idle=Counter({"12": 3}),
        last_day="2030-01-01",
    )
    test = Entry("a[b]", counts=counts, exchanges={"1": EXCHANGE}, outcome=Outcome.FAILED)
    content = record_of()
    head = {name: content[name] for name in ("run", "target", "document", "reading")}
    head["run"] |= {"ended": head["run"]["started"]}
    head["document"] |= {"sha256": CONTRACT.sha256}
    head["shard"] = {"part": 0, "of": 1, "whole": True}
    return [head, json.loads(counts.as_json()), json.loads(test.as_json())]


def _merge(lines: list[Any], folder: Path) -> object:
    """The exit status of run.merge for such a part."""
    text = "".join(f"{json.dumps(each)}\n" for each in lines)
    (folder / output.PART).write_text(text, encoding="utf-8")
    try:
        return merge.main([str(folder), "--into", str(folder / "whole")])
    except SystemExit as ended:
        return ended.code


def _hostile() -> Iterator[tuple[Any, list[Any]]]:
    """Parts with something else in one place, and what that is."""
    whole = _lines()
    inner = json.loads(whole[2]["counts"])
    yield from ((place, altered(whole, place, bad)) for place in places(whole) for bad in HOSTILE)
    for place in places(inner):
        for bad in HOSTILE[1::3]:
            counts = json.dumps(altered(inner, place, bad))
            yield place, altered(whole, (2, "counts"), counts)


def test_a_foreign_part_is_merged_or_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is in the wrong place: there is no other exception, and all of it is text."""
    assert _merge(_lines(), tmp_path) == ExitStatus.CONFORMS
    capsys.readouterr()
    refused = total = 0
    for place, lines in _hostile():
        status = _merge(lines, tmp_path)
        shown = "".join(capsys.readouterr())
        assert status in {*ExitStatus} - {ExitStatus.INTERNAL_ERROR}, (place, shown)
        assert shown.replace("\n", "").isprintable(), place
        refused += status == ExitStatus.USAGE
        total += 1
    assert refused > total // 2


def test_texts_of_a_part_are_code_in_the_summary(tmp_path: Path) -> None:
    """No mention, image or heading of a stranger's."""
    lines, trick = _lines(), "@octocat ![x](http://e/p.png) <b> https://e"
    for place in ((0, "target", "name"), (1, "outages", 0), (0, "run", "doubts")):
        lines = altered(lines, place, [trick] if place[-1] == "doubts" else trick)
    assert _merge(lines, tmp_path) == ExitStatus.CONFORMS
    summary = (tmp_path / "whole" / output.SUMMARY).read_text(encoding="utf-8")
    assert summary.count("@octocat") == 3
    outside = re.sub(r"(`+).*?\1", "", summary)
    assert not re.search(r"[@!]|https?:|<b>", outside)


@pytest.mark.parametrize(
    ("place", "bad"),
    [
        ((0, "shard", "of"), 10**9),
        ((0, "run", "started"), "2026-11-26T11:11:00"),
        ((0, "run", "started"), "# 2026-11-26T11:11:00Z"),
        ((0, "run", "stamp"), "@octocat ![x](http://e/p.png)\n# a heading"),
        ((1, "observed", "201.status"), "x"),
        ((1, "carriers", 0), ["a"] * 1000),
        ((1, "times"), {"ACCEPT 1e400": 1}),
        ((1, "occurrences", "a", "requirement"), "no such"),
        ((2, "test"), "another"),
    ],
)
def test_a_part_of_a_stranger_is_as_its_schema_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: tuple[Any, ...], bad: Any
) -> None:
    """What would be a heading in the summary, or take all memory or time, is one sentence."""
    assert _merge(altered(_lines(), place, bad), tmp_path) == ExitStatus.USAGE
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "whole").exists()


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
    assert not watched(one).news(watched(other)).changes
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
        {(c["requirement"], c["difference"]) for c in record["findings"]} for record in (one, other)
    ]
    assert told[0] == told[1]
    check(tmp_path / "merged" / output.RESULTS, other, {})
    assert _shown(tmp_path / "whole") == _shown(tmp_path / "merged")
    assert (tmp_path / "merged" / output.SUMMARY).exists()


def test_each_exit_status_has_its_place_among_those_of_parts() -> None:
    """The worst comes first; one that is not there would be an internal error of the whole."""
    assert sorted(merge.WORST) == sorted(ExitStatus)
