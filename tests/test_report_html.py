"""The HTML report: made with packages of PyPI and npm alone, one file that calls nobody."""

import json
import re
import shutil
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest

from reports import history, output
from reports.allure import html
from reports.allure.html import NoReportError, run_allure
from tests.browser import Opened, needs_chromium, opened
from tests.reporting import Reported
from tests.running import ROOT
from tests.screenshots import TAKEN

pytestmark = pytest.mark.quick
"""But for those that start whole runs."""

SKU = "A near miss is refused: items[].sku.maxLength"


@pytest.fixture(scope="session")
def report(faulty: Reported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the second run against a faulty server, both marked as complete."""
    folder = tmp_path_factory.mktemp("html") / "run"
    shutil.copytree(faulty.folder, folder)
    try:
        for stamp in ("IC-00000001", "IC-00000002"):
            _complete(folder, stamp)
            html.make(folder, {})
    except NoReportError as error:
        if "npm" in str(error):
            pytest.skip(f"no registry to install Allure from: {error}")
        raise
    return folder / "report.html"


def _complete(folder: Path, stamp: str) -> None:
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    record["run"] |= {"complete": True, "stamp": stamp}
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")


def _trend(folder: Path) -> list[str]:
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    file = output.trend_file(folder, record["target"]["name"])
    lines = file.read_text(encoding="utf-8").splitlines()
    return [re.findall("IC-[0-9]{8}", json.loads(line)["name"])[0] for line in lines]


def test_the_report_is_one_file_that_calls_nobody(report: Path) -> None:
    """No analytics, no script, style or picture from elsewhere."""
    text = report.read_text(encoding="utf-8")
    assert not re.search(r"googletagmanager|google-analytics|gtag\(", text)
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']?https?:", text)
    assert [file.name for file in report.parent.glob("*.part")] == []


def test_each_complete_run_is_one_point_of_the_trend(report: Path) -> None:
    """A second report of one run counts once, and the report of a partial run does not count."""
    folder = report.parent
    assert _trend(folder) == ["IC-00000001", "IC-00000002"]
    html.make(folder, {})
    assert _trend(folder) == ["IC-00000001", "IC-00000002"]
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    kept = json.dumps(record)
    record["run"] |= {"complete": False, "stamp": "IC-00000003"}
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    html.make(folder, {})
    assert _trend(folder) == ["IC-00000001", "IC-00000002"]
    (folder / "run.json").write_text(kept, encoding="utf-8")
    html.make(folder, {})


def test_analytics_in_another_place_stop_the_report() -> None:
    """A report from which they cannot be removed for certain is not made."""
    assert html.without_analytics("<head></head>") == "<head></head>"
    with pytest.raises(NoReportError, match="opening it would call out"):
        html.without_analytics("<script src=//www.googletagmanager.com/x></script><p>")


def test_without_a_registry_the_reason_is_one_sentence(
    faulty: Reported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The results and the record stay; only the HTML is not made, and an older one is removed."""
    program = tmp_path / "program"
    program.mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc", "allurerc.mjs"):
        shutil.copy(ROOT / "reports" / name, program / name)
    folder = tmp_path / "run"
    shutil.copytree(faulty.folder, folder)
    (folder / "report.html").write_text("of a run long ago", encoding="utf-8")
    monkeypatch.setattr(html, "run_allure", partial(run_allure, here=program))
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://127.0.0.1:9/")
    monkeypatch.setenv("NPM_CONFIG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NPM_CONFIG_FETCH_RETRIES", "0")
    with pytest.raises(NoReportError, match=r"npm ended with 1: .*ECONNREFUSED") as refused:
        html.make(folder, {})
    assert "\n" not in str(refused.value)
    assert not (folder / "report.html").exists()
    assert (folder / "run.json").exists()
    assert list(folder.glob("allure-results/*-result.json"))


def test_the_lock_file_names_no_registry() -> None:
    """Any registry will do, the hashes say what is installed, and no package runs a script."""
    lock = json.loads((ROOT / "reports" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: found for name, found in lock["packages"].items() if name}
    assert len(packages) > 100
    assert all("resolved" not in found and found["integrity"] for found in packages.values())
    assert not any(found.get("hasInstallScript") for found in packages.values())


@pytest.fixture
def seen(report: Path) -> Opened:  # type: ignore[misc] # a generator, which pytest makes a fixture of
    """The report in a browser without a network; it called nobody and logged no error."""
    with opened(report) as page:
        yield page
        assert set(page.calls) - {report.resolve().as_uri()} <= {
            call for call in page.calls if call.startswith(("data:", "blob:"))
        }
        assert page.errors == []


@needs_chromium
def test_the_overview_says_how_it_ended_and_what_was_run(seen: Opened) -> None:
    """The first page shows the outcome, the target, the document and the tree of suites."""
    seen.waits_for("Rejection")
    words = seen.words()
    for part in ("the server breaks requirements", "Unspecified", "Stamp", "Failed"):
        assert part in words
    assert "WizCommerce Open API's 1.0" in words
    for empty in ("Quality Gates", "Global Errors"):
        assert empty not in words
    _keep(seen, "overview")


@needs_chromium
def test_what_could_not_be_told_has_a_tab(report: Path, tmp_path: Path) -> None:
    """It is an error of the whole run."""
    folder = tmp_path / "run"
    shutil.copytree(report.parent, folder)
    content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    content["run"]["doubts"] = ["The key was refused"]
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")
    html.make(folder, {})
    with opened(folder / "report.html") as seen:
        seen.waits_for("Global Errors")


@needs_chromium
def test_a_failing_test_shows_everything(seen: Opened) -> None:
    """Each part of its description is there, in words that a person reads."""
    seen.page.get_by_placeholder("Search").first.fill("maxLength")
    seen.click(SKU)
    seen.page.frame_locator("iframe").first.get_by_text("See it again").wait_for()
    words = seen.words()
    for part in (
        "[Accepted invalid input] items[].sku.maxLength (MUST): expected 400, got 201",
        "maxLength: 255    # <-- line 285",
        "What was sent",
        "^-- items[].sku.maxLength",
        "The exchange",
        "X-API-Key: $WIZCOMMERCE_API_KEY",
        "curl -sS",
        "python -m run.replay --last",
    ):
        assert part in words
    _keep(seen, "failing", height=3000)


@needs_chromium
def test_the_categories_fold_equal_faults(seen: Opened) -> None:
    """Each category has as many lines as there are distinct messages."""
    seen.click("Categories")
    for category in ("Server error", "Accepted invalid input", "Echo mismatch", "Error shape"):
        seen.waits_for(category)
    seen.click("Error shape")
    seen.waits_for("[Error shape] 4xx.code.required (SHOULD): expected")
    _keep(seen, "categories")


@needs_chromium
def test_the_attached_tables_open(seen: Opened) -> None:
    """Summary, requirements and probes are among the attachments of the run."""
    seen.click("Global Attachments")
    seen.click("Requirements")
    frame = seen.page.frame_locator('iframe[title="HTML attachment"]').first
    frame.get_by_text("items[].sku.maxLength").first.wait_for()
    rows = frame.locator("tbody tr").count()
    assert rows > 100
    assert "broken" in str(frame.locator("tbody tr").first.inner_text())
    _keep(seen, "requirements")


@needs_chromium
def test_the_trend_has_both_runs(seen: Opened) -> None:
    """The graphs show verdicts run by run."""
    seen.click("Report")
    seen.click("Graphs")
    seen.waits_for("Verdicts, run by run")
    seen.waits_for("Latest")
    for empty in ("No results", "New and fixed"):
        assert empty not in seen.words()
    _keep(seen, "trend")


@needs_chromium
def test_the_trend_says_what_is_new_where_runs_differ(report: Path, tmp_path: Path) -> None:
    """A run before found something else."""
    folder = tmp_path / "run"
    shutil.copytree(report.parent, folder)
    content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    past = history.past_of(content)
    file = output.history_file(folder, content["target"]["name"])
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        json.dumps(asdict(replace(past, broken=("url.type",)))) + "\n", encoding="utf-8"
    )
    html.make(folder, {})
    with opened(folder / "report.html") as seen:
        seen.click("Report")
        seen.click("Graphs")
        seen.waits_for("New and fixed, run by run")


def _keep(seen: Opened, name: str, height: int = 1000) -> None:
    TAKEN.mkdir(parents=True, exist_ok=True)
    seen.page.set_viewport_size({"width": 1400, "height": height})
    seen.page.screenshot(path=TAKEN / f"{name}.png")
