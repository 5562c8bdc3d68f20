"""What a run says in comparison with earlier ones; and that no answer can break a report."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from reports import history, output, summary
from reports.formats import har, junit, markdown
from tests.running import python
from watch.fingerprint import fold

pytestmark = pytest.mark.quick
"""But for those that start whole runs."""


def _small(verdicts: dict[str, str], past: list[history.Past] | None = None) -> Any:
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
        "file": "spec/openapi.yaml",
        "line": 1,
        "place": "",
        "expected": "`a|b`",
        "got": "<script>\x00",
        "headline": "[Echo mismatch] \x00",
        "test": "suites/test_a.py::test_b",
        "waived": False,
        "times": 1,
        "exchange": "",
    }
    told = {
        "answer": "400",
        "difference": "remarks `a|b`",
        "alike": [],
        "accepted": "the plain invoice",
        "refused": "the same with remarks `a|b`",
        "status": 400,
        "code": "NO\x00",
        "detail": "<b>",
        "also": [],
        "tests": ["suites/test_a.py::test_b"],
    }
    failing = {n: v for n, v in verdicts.items() if v in ("broken", "known")}
    content: Any = {
        "run": {
            "suite_version": "1",
            "stamp": "IC-00000000",
            "started": "2026-03-03T00:00:00+00:00",
            "seconds": 1.0,
            "profile": "gate",
            "level": "SHOULD",
            "complete": True,
            "exit_status": 1,
            "outcome": "the server breaks requirements",
            "doubts": [],
        },
        "target": {"name": "staging", "base_url": "http://x"},
        "document": {"title": "T", "version": "1", "sha256": "0" * 64},
        "counts": {"requests": 1, "created": 0},
        "requirements": [{**requirement, "name": n, "verdict": v} for n, v in verdicts.items()],
        "occurrences": [{**finding, "requirement": name} for name in failing],
        "findings": [
            {**finding, **told, "requirement": name, "id": name, "verdict": verdict}
            for name, verdict in failing.items()
        ],
        "probes": [],
        "waivers": [],
        "tests": [],
        "exchanges": [],
    }
    return content | {"history": history.compare(content, past or [])}


ASKED = ("gate", "SHOULD", "0" * 64)
"""The profile, level and document of the runs here."""
PAST = [
    history.Past("2026-01-01T00:00:00+00:00", "IC-1", (), *ASKED),
    history.Past("2026-02-01T00:00:00+00:00", "IC-2", ("old", "mended"), *ASKED),
]


def test_new_still_broken_and_fixed_are_distinguished() -> None:
    """By the last run; `since` is the first of the unbroken series of runs that found it."""
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
    terminal = "\n".join(summary.summary_lines(content))
    assert "broken  old (MUST)  [since 2026-02-01T" in terminal
    assert "broken  fresh (MUST)  [new]" in terminal
    assert terminal.index("fresh (MUST)") < terminal.index("old (MUST)")


def test_another_finding_under_the_same_requirement_is_new() -> None:
    """What is wrong with the answer makes it another one; each is remembered."""
    past = [history.past_of(_small({"old": "broken"}))]
    content = _small({"old": "broken"})
    assert history.compare(content, past)["still"] == ["old"]
    content["findings"][0]["answer"] = "500"
    compared = history.compare(content, past)
    assert (compared["new"], compared["still"], compared["fixed"]) == (["old"], [], [])


def test_what_another_difference_brings_about_is_new() -> None:
    """Both are the same answer under one requirement, as where a connection is closed; what no
    difference explained before may be the same.
    """

    def of(difference: str, *, explained: bool = True) -> Any:
        content = _small({"old": "broken"})
        told = {"category": "Protocol", "difference": difference, "explained": explained}
        content["findings"][0] |= told
        return content

    chunked, long = of("Transfer-Encoding: chunked"), of("a body of 31416 bytes")
    compared = history.compare(long, [history.past_of(chunked)])
    assert (compared["new"], compared["still"]) == (["old"], [])
    assert compared["since"] == {"old": "2026-03-03T00:00:00+00:00"}
    longer = of("a body of 32912 bytes")
    for past in (longer, of("a case", explained=False)):
        assert history.compare(long, [history.past_of(past)])["still"] == ["old"]


def test_a_changed_answer_is_not_called_broken_or_fixed() -> None:
    """Where an earlier run had another answer to a probe, and this one asked it again or not."""
    names = ("probe: no items", "probe: paid twice", "old", "mended")
    content = _small({"mended": "holds"}, [history.Past("2026-02-01", "IC-2", names, *ASKED)])
    content["history"]["fixed"] += content["history"]["not_asked"][:1]
    del content["history"]["not_asked"][:1]
    lines = [*summary.summary_lines(content)]
    assert "fixed since the last run: mended" in lines
    assert "answered as accepted again: probe: no items" in lines
    assert "broken in the last run, not asked this time: old" in lines
    assert "answered otherwise in the last run, not asked this time: probe: paid twice" in lines
    told = markdown.summary(content).split("### Answered as accepted again since 2026-02-01")
    assert ["probe: no items" in part for part in told] == [False, True]


@pytest.mark.parametrize("verdict", ["known", "blocked"])
def test_what_is_waived_or_blocked_now_was_asked(verdict: str) -> None:
    """It is neither fixed nor missing: the list of findings says what it is."""
    compared = _small({"mended": verdict}, PAST)["history"]
    assert (compared["fixed"], compared["not_asked"]) == ([], ["old"])


def test_what_is_not_observed_is_not_called_fixed() -> None:
    """A requirement that the run did not put to the test may still be broken."""
    compared = _small({"mended": "not observed"}, PAST)["history"]
    assert (compared["fixed"], compared["not_asked"]) == ([], ["old", "mended"])


@pytest.mark.parametrize(
    ("outcome", "fixed"), [("passed", ["mended"]), ("skipped", []), ("could not tell", [])]
)
def test_what_its_tests_did_not_ask_again_is_not_called_fixed(
    outcome: str, fixed: list[str]
) -> None:
    """It holds in what was asked, but the test that had found it did not run to a verdict."""
    content = _small({"mended": "holds"})
    content["tests"] = [{"id": "a", "outcome": outcome}]
    past = [history.Past("2026-02-01", "IC-2", ("mended",), *ASKED, {"mended": ["a"]})]
    compared = history.compare(content, past)
    assert compared["fixed"] == fixed
    assert compared["not_asked"] == ([] if fixed else ["mended"])


@pytest.mark.parametrize(
    ("shows", "outcome", "fixed", "not_asked"),
    [
        ({"1": [], "2": ["old"]}, "failed", ["mended"], []),  # one is as wrong as it was
        ({"1": [], "2": ["fresh"]}, "failed", [], []),  # which may be in the way
        ({"1": ["old"], "2": ["old"]}, "failed", [], []),
        ({}, "failed", [], []),
        ({}, "could not tell", [], ["mended"]),
    ],
)
def test_what_its_own_cases_show_no_more_is_fixed_beside_what_stays(
    shows: dict[str, list[str]], outcome: str, fixed: list[str], not_asked: list[str]
) -> None:
    """Its test still fails for what it had found, too; what ran is never told as not asked."""
    before = _small({"old": "broken", "mended": "broken"})
    for row in before["occurrences"]:
        row["cases"] = ["1", "2"]
    past = [history.past_of(before)]
    content = _small({"old": "broken", "fresh": "broken", "mended": "holds"})
    (test,) = {row["test"] for row in before["occurrences"]}
    content["tests"] = [{"id": test, "outcome": outcome, "findings": ["old"]}]
    content["occurrences"] = [
        {**before["occurrences"][0], "requirement": name, "finding": name, "cases": cases}
        for name in ("old", "fresh")
        for cases in [[case for case, found in shows.items() if name in found]]
    ]
    answers = {case: {"status": "201"} for case in shows}
    content["fingerprint"] = fold({test: answers} if answers else {})
    compared = history.compare(content, past)
    assert (compared["new"], compared["still"]) == (["fresh"], ["old"])
    assert (compared["fixed"], compared["not_asked"]) == (fixed, not_asked)


@pytest.mark.parametrize(
    "asked",
    [
        ("smoke", "SHOULD", "0" * 64),
        ("gate", "MUST", "0" * 64),
        ("gate", "SHOULD", "1" * 64),
        ("", "", ""),
    ],
)
def test_runs_that_asked_something_else_are_not_compared(asked: tuple[str, str, str]) -> None:
    """Another profile, level or document, and what an older version wrote."""
    past = [history.Past("2026-02-01", "IC-2", ("old", "mended"), *asked)]
    compared = history.compare(_small({"old": "broken", "mended": "holds"}), past)
    assert compared["last_run"] is None
    assert (compared["new"], compared["fixed"], compared["not_asked"]) == ([], [], [])


def test_the_first_run_of_a_target_has_nothing_new() -> None:
    """Without a run before it, what is broken is only broken."""
    content = _small({"old": "broken"})
    assert content["history"]["new"] == []
    assert "### Broken (1)" in markdown.summary(content)


def test_the_history_of_a_target_survives_a_damaged_line(tmp_path: Path) -> None:
    """Each complete run adds a line; damaged lines are skipped."""
    file = output.history_file(tmp_path, "http://host:1/x")
    assert file.parent == tmp_path / output.HISTORY
    history.append(file, [], _small({"old": "broken"}))
    file.write_text(file.read_text(encoding="utf-8") + "{half a li\n", encoding="utf-8")
    (past,) = history.read(file)
    assert past.broken == ("old",)
    assert past.asked == ASKED
    assert past.tests == {"old": ["suites/test_a.py::test_b"]}
    assert past.found == ["old | Echo mismatch | 400"]


def test_a_line_of_an_older_version_is_read(tmp_path: Path) -> None:
    """It has no more than what was broken when."""
    file = tmp_path / "mine.runs.jsonl"
    file.write_text('{"started": "2026-01-01", "stamp": "IC-1", "broken": ["old"]}\n')
    assert history.read(file) == [history.Past("2026-01-01", "IC-1", ("old",))]


def test_the_words_of_a_server_cannot_break_a_report() -> None:
    """Markdown, XML and HAR hold a server's markup and control characters as text."""
    content = _small({"old": "broken"})
    rows = [line for line in markdown.summary(content).splitlines() if line.startswith("| `old`")]
    sent, expected = r"`` remarks `a\|b` ``", r"`` `a\|b` ``"
    what = rf"{sent} | {expected} | `<script>\x00; <b>` | `test_b`"
    assert rows == [f"| `old` (MUST) `old` | {what} | 2026-03-03 |"]
    failure = ET.fromstring(junit.of_requirements(content)).find(".//failure")  # noqa: S314 - our own text
    assert failure is not None
    assert failure.get("message") == r"[Echo mismatch] \x00"
    assert json.loads(har.of_exchanges(content))["log"]["entries"] == []


@pytest.mark.whole_runs
@pytest.mark.parametrize("words", [(), ("run.json",)])
def test_the_module_of_the_history_is_no_command_and_says_so(words: tuple[str, ...]) -> None:
    """Its name looks like that of one, which printed nothing."""
    done = python("-m", "reports.history", *words)
    assert done.status == 4
    assert "is no command" in done.output
    assert done.output.count("\n") == 1
