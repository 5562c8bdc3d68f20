"""Allure's results: one for each test, the same in each run, and without any key."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from findings.finding import Occurrence
from reports.allure import pages, results
from reports.ledger import Counts, Entry, Outcome, portable, ported
from targets.masking import Masker
from tests.reporting import Reported, reported
from watch.baseline import News
from watch.changes import Change, Weight

pytestmark = pytest.mark.quick
"""But for those that start whole runs."""

SKU = "suites/test_rejection.py::test_a_near_miss_is_refused[items[].sku.maxLength]"
PROBE = "suites/test_unspecified.py::test_a_probe_is_answered_in_good_order[relative URL]"


def _result(run: Reported, test: str) -> dict[str, Any]:
    return next(found for found in run.results if found["fullName"] == test)


def test_there_is_one_result_for_each_test(faulty: Reported) -> None:
    """No more and no fewer than were due, each with an id of its own."""
    ids = {found["historyId"] for found in faulty.results}
    assert len(faulty.results) == len(ids) == len(faulty.record["tests"])


def test_a_failing_result_has_its_category_and_nothing_of_this_run(faulty: Reported) -> None:
    """The message starts with the category and has no stamp, so that equal faults fold."""
    failed = [found for found in faulty.results if found["status"] == "failed"]
    categories = {finding["category"] for finding in faulty.record["occurrences"]}
    for found in failed:
        message = found["statusDetails"]["message"]
        assert message.startswith("["), message
        assert message[1:].partition("]")[0] in categories
        assert not re.search("IC-[0-9A-F]{8}|127.0.0.1", message)
    details = _result(faulty, SKU)["statusDetails"]
    assert (details["expected"], details["actual"]) == ("400", "201")


def test_the_labels_make_the_tree_and_give_the_level(faulty: Reported) -> None:
    """Epic, feature and story are endpoint, suite and requirement; MUST is critical.

    What found something is under its finding instead.
    """
    found = [(label["name"], label["value"]) for label in _result(faulty, PROBE)["labels"]]
    assert found[:3] == [
        ("epic", "POST /v1/invoices"),
        ("feature", "Unspecified"),
        ("story", "probe: relative URL"),
    ]
    labels = [(label["name"], label["value"]) for label in _result(faulty, SKU)["labels"]]
    categories = {f["category"] for f in faulty.record["occurrences"] if f["test"] == SKU}
    assert "Accepted invalid input" in categories
    assert labels == [
        ("epic", "Findings"),
        ("feature", "[Accepted invalid input] items[].sku.maxLength (MUST): expected 400, got 201"),
        ("story", "Rejection"),
        ("severity", "critical"),
        ("tag", "MUST"),
        *(("tag", category) for category in sorted(categories)),
    ]


def test_what_has_changed_is_a_group_of_its_own() -> None:
    """A result for each change, under what it means for a client; it fails where it counts."""
    change = Change(
        "code", "", "BAD", "WORSE", 7, "in every 400", ("test_a",), Weight.BREAKING, "why"
    )
    news = News("staging", "2026-02-01T00:00:00+00:00", 100, (change,)).as_json()
    run = {"started": "2026-03-01T00:00:00+00:00", "level": "SHOULD"}
    content: Any = {"run": run, "news": news, "against": {**news, "baseline": "other"}}
    first, second = results.changes(content)
    assert [label["value"] for label in first["labels"]] == [
        "Changed answers",
        "Changed answers: breaking",
    ]
    assert second["labels"][0]["value"] == "from other to this target"
    assert first["status"] == "failed"
    text = "error code: BAD, now WORSE in every 400 (7 cases)"
    assert first["statusDetails"]["message"] == f"[Changed] {text}"
    assert "because why. Seen in:\n\n- `test_a`" in first["description"]
    more = {**news["changes"][0], "cases": 8, "where": "in 400", "text": "other words"}
    alone: Any = {"run": run, "news": {**news, "changes": [more]}}
    (later,) = results.changes(alone)
    assert later["historyId"] == first["historyId"] != second["historyId"]
    content["run"]["level"] = "MUST"
    (noted, _) = results.changes(content)
    assert noted["status"] == "skipped"
    alone["news"] = None
    assert results.changes(alone) == []


def test_a_clause_is_linked_where_its_repository_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a CI that names it; elsewhere a link would lead to a disk that the reader has not."""
    entry = Entry("suites/test_a.py::test_b[c]", file="spec/openapi.yaml", line=285)
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"):
        monkeypatch.delenv(name, raising=False)
    assert results.result_of(entry, "")["links"] == [results.VENDOR]
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://git.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    monkeypatch.setenv("GITHUB_SHA", "c0ffee")
    clause, _ = results.result_of(entry, "")["links"]
    assert clause["url"] == "https://git.example/a/b/blob/c0ffee/spec/openapi.yaml#L285"


def test_a_failing_result_describes_the_failure_in_the_order_of_reading(faulty: Reported) -> None:
    """Clause, payload with the fault marked, expected and got, exchange, curl, this test again."""
    text = _result(faulty, SKU)["description"]
    parts = [
        "### What the document says",
        "maxLength: 255    # <-- line 285",
        "### What was sent",
        "more)... ",
        "^-- items[].sku.maxLength",
        "].sku` | `400` | `201` |",
        "### The exchange",
        "POST /v1/invoices",
        "X-API-Key: $WIZCOMMERCE_API_KEY",
        "201\n",
        "### See it again",
        "curl -sS",
        f"pytest '{SKU}' --base-url http://127.0.0.1:",
        f"python -m run.replay --last '{SKU}'",
    ]
    places = [text.find(words) for words in parts]
    assert -1 not in places, dict(zip(parts, places, strict=True))
    assert places == sorted(places)


def test_a_passing_result_has_one_exchange_and_the_counts(faulty: Reported) -> None:
    """The counts are one line, and the exchange is one of the test's."""
    passed = _result(faulty, PROBE)
    assert passed["status"] == "passed"
    assert passed["description"].endswith("1 request: 1 UNSPECIFIED.")
    assert [each["name"] for each in passed["attachments"]] == ["Exchange"]
    text = faulty.text(f"allure-results/{passed['attachments'][0]['source']}")
    exchange = json.loads(text)
    assert exchange["request"]["method"] == "POST"
    assert json.loads(exchange["request"]["body"]["value"])["url"]
    assert exchange["response"]["status"] == 201


def test_nothing_is_attached_for_an_example(faulty: Reported) -> None:
    """A test has at most one attachment, however many cases Hypothesis drew, and no fixtures."""
    names = [file.name for file in (faulty.folder / "allure-results").iterdir()]
    tests = len(faulty.record["tests"])
    assert sum("-attachment.json" in name for name in names) <= tests
    assert not [name for name in names if "-container" in name or name.endswith(".part")]
    assert len(names) <= 2 * tests + 6


@pytest.mark.whole_runs
def test_a_result_is_the_same_in_the_next_run(tmp_path: Path) -> None:
    """Ids, names, labels and order of labels do not depend on the run, its keys or its workers."""
    runs = [
        reported(tmp_path / name, "-k", "enum or 30", *options)
        for name, options in (("alone", ()), ("with workers", ("-n", "2")))
    ]
    first, second = (
        [{name: found[name] for name in ("historyId", "name", "labels", "links")} for found in all_]
        for all_ in (run.results for run in runs)
    )
    assert first == second
    assert runs[0].results


def test_the_environment_says_what_was_run(faulty: Reported) -> None:
    """environment.properties has hashes, stamp, outcome and counts; three tables are attached."""
    lines = faulty.text("allure-results/environment.properties").splitlines()
    facts = {
        re.sub(r"\\(.)", r"\1", name): re.sub(r"\\(.)", r"\1", value)
        for name, _, value in (line.partition(" = ") for line in lines)
    }
    run = faulty.record
    assert facts["Stamp"] == run["run"]["stamp"]
    assert facts["Document SHA-256"] == run["document"]["sha256"]
    assert facts["Requests"] == str(run["counts"]["requests"])
    assert facts["Outcome"] == "the server breaks requirements (exit status 1)"
    globals_ = json.loads(
        next((faulty.folder / "allure-results").glob("*-globals.json")).read_text()
    )
    named = [each["name"] for each in globals_["attachments"]]
    assert named == ["Summary", "Requirements", "Probes"]
    assert all(
        (faulty.folder / "allure-results" / e["source"]).is_file() for e in globals_["attachments"]
    )


def test_the_table_of_requirements_has_each_of_them(faulty: Reported) -> None:
    """Each has its clause, level and verdict, those that fail first, and no value is null."""
    page = pages.requirements(faulty.record)
    rows = re.findall(r"<tr><td><code>(.*?)</code>.*?<b class=\"\w+\">([\w ]+)</b>", page)
    verdicts = {r["name"]: r["verdict"] for r in faulty.record["requirements"]}
    assert dict(rows) == verdicts
    order = [verdict for _, verdict in rows]
    assert order == sorted(order, key=["broken", "blocked", "holds", "not observed"].index)
    assert "null" not in page


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "7"}, "GitHub Actions"),
        ({"GITLAB_CI": "true"}, "GitLab CI"),
        ({"JENKINS_URL": "https://ci"}, "Jenkins"),
        ({"CI": "true"}, "CI"),
        ({}, None),
    ],
)
def test_the_report_says_which_ci_ran_it(environment: Mapping[str, str], name: str | None) -> None:
    """Each known CI has its name, any other is called CI, and a person's machine is not named."""
    ran_by = pages.executor(environment)
    assert (ran_by and ran_by["name"]) == name


def _entry(outcome: Outcome, message: str = "", *, waived: bool = False) -> Entry:
    counts = Counts()
    if waived:
        counts.occurrences["a"] = Occurrence(
            requirement="a.echo",
            level="MUST",
            category="Echo mismatch",
            where="a:1  #/a",
            file="a",
            line=1,
            place="a",
            expected="1",
            got="2",
            headline="[Echo mismatch] a.echo (MUST): expected 1, got 2",
            test="t",
            waived=True,
        )
    return Entry("suites/test_a.py::test_b[c]", outcome=outcome, message=message, counts=counts)


@pytest.mark.parametrize(
    ("entry", "status", "message"),
    [
        (_entry(Outcome.PASSED), "passed", None),
        (
            _entry(Outcome.SUITE_ERROR, "[Suite error] KeyError: 'a'\nmore"),
            "broken",
            "[Suite error] Key",
        ),
        (_entry(Outcome.DOUBT, "[Could not tell] gone"), "unknown", "[Could not tell] gone"),
        (_entry(Outcome.SKIPPED, "no order is known"), "skipped", "no order is known"),
        (
            _entry(Outcome.PASSED, waived=True),
            "failed",
            "[Known (waived)] a.echo (MUST): expected 1, got 2",
        ),
    ],
)
def test_failure_error_and_doubt_never_share_a_status(
    entry: Entry, status: str, message: str | None
) -> None:
    """Each outcome has a status, and so a colour, of its own; a waived one is marked as known."""
    result = results.result_of(entry, "")
    assert result["status"] == status
    assert str(result["statusDetails"].get("message")).startswith(str(message))
    assert result["statusDetails"].get("known") is (True if entry.known else None)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '{"fullName": 1, "attachments": [{"source": null}]}',
        '{"fullName": "a", "attachments": [{"source": ""}]}',
        '{"fullName": "a", "attachments": 7}',
        "[" * 100_000,
    ],
    ids=["half", "a list", "null", "numbers", "no name", "no list", "deep"],
)
def test_a_result_of_anybody_is_one_sentence(text: str, tmp_path: Path) -> None:
    """A folder of a part is a stranger's: a file there may have anything in it."""
    (tmp_path / "x-result.json").write_text(text, encoding="utf-8")
    taken = results.Results(tmp_path / "own", Masker({}))
    content: Any = {"tests": [{"id": "a"}, {"id": 1}]}
    with pytest.raises(ValueError, match=r"x-result\.json is not a result of Allure"):
        taken.take_over(tmp_path, content)


def test_only_what_found_nothing_is_handed_on_as_it_is() -> None:
    """What a test found may change later, as a cause does, and another process reads JSON."""
    seen, found = _entry(Outcome.PASSED), _entry(Outcome.PASSED, waived=True)
    assert portable(seen, afar=False) is seen
    assert isinstance(portable(seen, afar=True), str)
    assert isinstance(portable(found, afar=False), str)
    for each in (seen, found):
        assert ported(portable(each, afar=True)) == ported(portable(each, afar=False)) == each
