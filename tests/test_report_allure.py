"""Each known way in which Allure shows red as green is closed; each test tries one."""

import configparser
import json
import shutil
from pathlib import Path

import pytest

from reports import record
from reports.allure import html
from reports.allure.html import NoReportError
from tests.reporting import Reported, reported
from tests.running import ENVIRONMENT, ROOT, suite

SMALL = ("--hypothesis-profile", "smoke", "-k", "sku or 30")


def _statuses(run: Reported) -> dict[str, str]:
    return {result["fullName"]: result["status"] for result in run.results}


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (("-p", "tests.plugins.broken_oracle"), 3),
        (("--level", "perhaps"), 4),
        (("-k", "zebra"), 5),
        (("--base-url", "http://127.0.0.1:9"), 6),
    ],
)
def test_a_run_without_a_verdict_keeps_its_status(
    tmp_path: Path, options: tuple[str, ...], status: int
) -> None:
    """The status is pytest's own (safeguard 1: `allure run` turns 3, 4, 5 and 7 into 0)."""
    run = reported(tmp_path, "-k", "sku", "--hypothesis-profile", "smoke", *options)
    assert run.status == status, run.output


def test_no_command_lets_allure_decide() -> None:
    """Each command that judges is pytest itself; the HTML comes after it and cannot fail it."""
    tox = configparser.RawConfigParser()
    tox.read(ROOT / "tox.ini")
    runs = [
        (name, command)
        for name in tox.sections()
        for command in tox[name].get("commands", "").strip().splitlines()
        if "pytest suites" in command
    ]
    # tox ignores how a command ends that has a hyphen before it.
    judging = [command for _, command in runs if not command.startswith("-")]
    assert len(judging) >= 2
    assert all(command.startswith("pytest suites ") for command in judging)
    assert {name for name, command in runs if command.startswith("-")} == {"testenv:accept"}
    made = "python -m reports.allure.html --if-new {[run]folder}"
    assert tox["testenv"]["commands_post"] == f"- {made}"
    assert "qualityGate" not in (ROOT / "reports" / "allurerc.mjs").read_text(encoding="utf-8")


@pytest.mark.parametrize("way", ["exit", "interrupt"])
def test_a_test_that_was_cut_short_has_not_passed(tmp_path: Path, way: str) -> None:
    """Safeguard 2: allure-pytest writes the test in which Ctrl-C arrives as passed."""
    keys = {**ENVIRONMENT, "LEAVE_BY": way}
    folder = tmp_path / "allure-results"
    where = ("--reports", str(tmp_path), "--alluredir", str(folder))
    done = suite(*SMALL, *where, "-p", "tests.plugins.leaving", keys=keys)
    run = Reported(done.status, done.output, tmp_path)
    assert run.status == 2, run.output
    statuses = list(_statuses(run).values())
    assert statuses.count("passed") == 1
    assert statuses.count("unknown") == len(statuses) - 1 > 0
    assert len(run.results) == len(run.record["tests"])


def test_subtests_are_refused(tmp_path: Path) -> None:
    """Safeguard 3: a skipped subtest makes its test a skipped one and hides what fails after it."""
    file = tmp_path / "test_hiding.py"
    file.write_text(
        "def test_hiding(subtests):\n"
        "    with subtests.test('first'):\n"
        "        import pytest; pytest.skip('no reason')\n"
        "    with subtests.test('second'):\n"
        "        assert False\n",
        encoding="utf-8",
    )
    done = suite(str(file), "-k", "hiding")
    assert done.status == 4, done.output
    assert "uses subtests, and a skipped one would hide a failure" in done.output


def test_a_dead_worker_costs_no_results(tmp_path: Path) -> None:
    """Safeguard 4: with --clean-alluredir the worker that replaces a dead one wipes the folder."""
    plugin = ("-p", "tests.plugins.dying_worker")
    run = reported(tmp_path, *SMALL, "-n", "2", "--clean-alluredir", *plugin)
    assert run.status not in (0, 1), run.output
    statuses = _statuses(run)
    written = sorted(result["fullName"] for result in run.results)
    assert written == sorted(test["id"] for test in run.record["tests"])
    assert "unknown" in statuses.values()
    assert "passed" in statuses.values()


def test_earlier_results_are_gone(tmp_path: Path) -> None:
    """Safeguard 5: Allure would show the results of an earlier run as retries of this one's."""
    results = tmp_path / "allure-results"
    results.mkdir()
    stale = {"uuid": "0", "name": "stale", "fullName": "stale", "status": "passed"}
    (results / "0-result.json").write_text(json.dumps(stale), encoding="utf-8")
    (results / "mine.txt").write_text("not Allure's", encoding="utf-8")
    run = reported(tmp_path, *SMALL)
    assert "stale" not in _statuses(run)
    assert len(run.results) == len(run.record["tests"])
    assert (results / "mine.txt").exists()


def test_twins_are_refused() -> None:
    """Safeguard 5: of two results of one test Allure shows one, and hides that the other failed."""
    twice = ("suites/test_rejection.py", "--keep-duplicates", "-k", "enum")
    done = suite(*twice)
    assert done.status == 4, done.output
    assert "is asked for 2 times: once is enough." in done.output


@pytest.fixture
def copied(faulty: Reported, tmp_path: Path) -> Path:
    """A copy of the reports of a finished run, with an older HTML report."""
    folder = tmp_path / "copied"
    shutil.copytree(faulty.folder, folder)
    (folder / "report.html").write_text("of a run long ago", encoding="utf-8")
    return folder


@pytest.mark.parametrize("left", [0, 1])
def test_no_report_is_made_of_missing_results(copied: Path, left: int) -> None:
    """Safeguards 6 and 7: an empty folder passes every gate, and the older report would stay."""
    for file in sorted(copied.glob("allure-results/*-result.json"))[left:]:
        file.unlink()
    with pytest.raises(NoReportError, match=rf"has {left} results? of {left} tests?, but the run"):
        html.make(copied, {})
    assert not (copied / "report.html").exists()


def test_a_run_that_was_interrupted_has_a_result_less(copied: Path) -> None:
    """The test that was cut off has none; of a run that went to its end one is missing."""
    next(copied.glob("allure-results/*-result.json")).unlink()
    content = record.read(copied / "run.json")
    with pytest.raises(NoReportError, match="run the suite again"):
        html.check(copied / "allure-results", content, {})
    content["run"]["outcome"] = "interrupted"
    html.check(copied / "allure-results", content, {})


def test_no_report_is_made_of_results_beyond_the_run(copied: Path) -> None:
    """Safeguard 5: Allure would show the second result of a test instead of the first."""
    file = next(copied.glob("allure-results/*-result.json"))
    shutil.copy(file, file.with_name("twin-result.json"))
    with pytest.raises(NoReportError, match="run the suite again"):
        html.make(copied, {})
    assert not (copied / "report.html").exists()


def test_no_report_is_made_of_results_that_hold_a_key(copied: Path) -> None:
    """A file with the key in it that somebody else wrote goes no further."""
    result = next(copied.glob("allure-results/*-result.json"))
    result.with_name("a-attachment.txt").write_text("X-API-Key: a-secret-value", encoding="utf-8")
    with pytest.raises(NoReportError, match="holds a key"):
        html.make(copied, {"WIZCOMMERCE_API_KEY": "a-secret-value"})
    assert not (copied / "report.html").exists()


def test_an_older_report_is_removed_when_the_command_fails(copied: Path) -> None:
    """Safeguard 7: the command says in one line why there is no report, and leaves none behind."""
    (copied / "run.json").unlink()
    assert html.main([str(copied)]) == 1
    assert not (copied / "report.html").exists()


def test_a_run_that_cannot_begin_leaves_no_older_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unreachable target: status 6, a record that says so, and no file of an earlier run. What
    goes on after it says nothing more: the reason is the last that is read.
    """
    (tmp_path / "report.html").write_text("of a run long ago", encoding="utf-8")
    (tmp_path / "summary.md").write_text("of a run long ago", encoding="utf-8")
    run = reported(tmp_path, "--base-url", "http://127.0.0.1:9")
    assert run.status == 6, run.output
    assert not (tmp_path / "report.html").exists()
    assert run.record["run"]["outcome"] == "could not tell"
    assert len(run.record["run"]["doubts"]) == 1
    assert "could not tell" in run.text("summary.md")
    assert not run.record["run"]["complete"]
    assert html.main([str(tmp_path), "--if-new"]) == 0
    assert capsys.readouterr() == ("", "")
