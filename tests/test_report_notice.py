"""What is told where people are: annotations and a summary on GitHub, a notice for a webhook."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports import notice
from reports.formats import github, markdown
from targets.masking import Masker
from tests.running import ROOT
from watch.baseline import News
from watch.changes import Change, Weight

pytestmark = pytest.mark.quick

CHANGE = Change(
    "code", "", "BAD", "WORSE\n::error::x", 7, "in every 400", ("a",), Weight.BREAKING, "why"
)
FINDING = {
    "id": "3ff130eb",
    "requirement": "paid_amount.minimum",
    "level": "MUST",
    "category": "Refused valid input",
    "verdict": "broken",
    "file": "spec/openapi.yaml",
    "line": 191,
    "place": "paid_amount",
    "expected": "201",
    "got": "400 (100% wrong\r\n::set-output name=a::b)",
    "also": [],
}


def _record(*findings: Mapping[str, Any], changes: tuple[Change, ...] = ()) -> Any:
    news = News("staging", "2026-02-01T00:00:00+00:00", 100, changes)
    return {
        "run": {
            "exit_status": 1 if findings else 7 if changes else 0,
            "outcome": "the server breaks requirements",
            "started": "2026-03-01T00:00:00+00:00",
            "doubts": [],
        },
        "target": {"name": "staging"},
        "findings": list(findings),
        "history": {"last_run": None, "new": [], "since": {}},
        "news": news.as_json(),
    }


def test_a_finding_is_an_annotation_of_its_clause() -> None:
    """With file and line, and nothing of a server's that the runner would obey."""
    (line,) = github.annotations(_record(FINDING))
    assert line.startswith(
        "::error file=spec/openapi.yaml,line=191,title=paid_amount.minimum (MUST)::"
    )
    assert "100%25 wrong" in line
    assert line.count("\n") == 0
    assert line.startswith("::error")


def test_a_change_is_a_warning_at_the_baseline() -> None:
    """A harmless one is only a notice."""
    (line,) = github.annotations(_record(changes=(CHANGE,)))
    assert line.startswith("::warning file=spec/baselines/staging.json,line=1,title=Changed%3A ")
    assert "\n" not in line


def test_known_findings_are_no_annotations() -> None:
    """Who waived them has seen them; and there are no more than GitHub shows."""
    assert not list(github.annotations(_record({**FINDING, "verdict": "known"})))
    assert len(list(github.annotations(_record(*[FINDING] * 30)))) == github.MOST


@pytest.mark.parametrize("room", [True, False])
def test_the_summary_of_the_job_gets_that_of_the_run(
    room: bool,  # noqa: FBT001 # a parameter
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After what other steps have written, as long as GitHub takes it, and without a key."""
    monkeypatch.setattr(markdown, "summary", lambda _: "the key is a-long-key")
    file = tmp_path / "summary"
    file.write_bytes(b"before\n" if room else bytes(github.LARGEST))
    masker = Masker({"WIZCOMMERCE_API_KEY": "a-long-key"})
    content: Any = {}
    github.write_summary(content, {"GITHUB_STEP_SUMMARY": str(file)}, masker)
    github.write_summary(content, {}, masker)
    assert file.read_bytes().endswith(b"the key is $WIZCOMMERCE_API_KEY\n") == room
    assert file.stat().st_size <= github.LARGEST


def test_a_notice_says_what_is_new_since_when_and_how_to_accept_it() -> None:
    """In Markdown, with the address of the job."""
    environment = {"GITLAB_CI": "true", "CI_JOB_URL": "https://ci.example/7"}
    told = notice.notice(_record(FINDING, changes=(CHANGE,)), environment)
    text = notice.body(told, "markdown")
    assert "`staging`: `the server breaks requirements` (`2026-03-01T00:00:00+00:00`)" in text
    assert "`paid_amount.minimum`, new" in text
    assert "breaking: `error code: BAD, now WORSE" in text
    assert "Compared with the answers accepted on `2026-02-01T00:00:00+00:00`." in text
    assert "`tox run -e accept -- --target staging`" in text
    assert "https://ci.example/7" in text


def test_nothing_new_is_no_notice() -> None:
    """So that a script may send whatever there is."""
    assert notice.notice(_record(), {}) == []
    many = notice.body(notice.notice(_record(*[FINDING] * 30), {}), "markdown")
    assert "- and 20 more" in many
    assert many.count("paid_amount.minimum") == notice.MOST


def test_a_webhook_gets_json() -> None:
    """Slack takes a text, Teams an adaptive card."""
    lines = notice.notice(_record(FINDING), {})
    slack = json.loads(notice.body(lines, "slack"))
    assert slack["text"].startswith("`staging`: `the server breaks requirements`")
    teams = json.loads(notice.body(lines, "teams"))
    card = teams["attachments"][0]["content"]
    assert card["type"] == "AdaptiveCard"
    runs = [each for block in card["body"] for each in block["inlines"]]
    assert "paid_amount.minimum" in [each["text"] for each in runs]


TRICKS = (
    "@octocat :smile: https://evil.example [x](https://evil.example) ![x](y) <!channel> `a` &lt;b"
)


def _hostile() -> Any:
    """A record of a stranger that says so wherever it may."""
    change = replace(CHANGE, before=TRICKS, after=TRICKS)
    content = _record({**FINDING, "requirement": TRICKS, "got": TRICKS}, changes=(change,))
    content["run"] |= {"outcome": TRICKS, "started": TRICKS, "doubts": [TRICKS]}
    content["target"] = {"name": TRICKS}
    content["news"] |= {"since": TRICKS}
    content["history"] |= {"since": {FINDING["id"]: TRICKS}}
    content["certificate"] = {"ending": TRICKS}
    return content


def test_nothing_of_a_record_does_anything_in_a_notice() -> None:
    """No mention, emoji, link or image: it is code in Markdown and Slack, and no Markdown in Teams;
    Slack's own `&`, `<` and `>` are escaped.
    """
    lines = notice.notice(_hostile(), {})
    outside = re.sub(r"(`+) ?.*?\1(?!`)", "", notice.body(lines, "markdown"))
    assert not re.search(r"[@:!]\w|https|\[", outside)
    slack = json.loads(notice.body(lines, "slack"))["text"]
    assert not re.search("[<>]|&(?!amp;|lt;|gt;)", slack)
    assert not re.search(r"[@:!]\w|https|\[", re.sub("`[^`\n]*`", "", slack))
    card = json.loads(notice.body(lines, "teams"))["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert "selectAction" not in json.dumps(card)


def _commands(text: str) -> list[tuple[str, str]]:
    """The environments of tox and the modules that a file for a CI runs."""
    return re.findall(r"tox (?:-q )?run -e (\w+)|python -m ([\w.]+)", text)


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml", "crontab", "Dockerfile"])
def test_the_files_for_a_ci_run_what_there_is(name: str) -> None:
    """Each environment of tox, each module and each file that they name exists."""
    text = (ROOT / "ci" / name).read_text(encoding="utf-8")
    environments = set(re.findall(r"\[testenv:(\w+)", (ROOT / "tox.ini").read_text()))
    found = _commands(text)
    assert found or name == "Dockerfile"
    for environment, module in found:
        assert not environment or environment in environments
        if module and module not in ("pip", "venv"):
            assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists()
    for source in re.findall(r"^COPY ([\w./-]+(?: [\w./-]+)*) \S+$", text, re.MULTILINE):
        assert all((ROOT / each).exists() for each in source.split())
    for pins in re.findall(r"requirements/\w+\.txt", text):
        assert (ROOT / pins).exists()


def test_the_image_has_every_package_that_a_run_needs() -> None:
    """Whatever the suite imports is copied into it."""
    text = (ROOT / "ci" / "Dockerfile").read_text(encoding="utf-8")
    needed = (
        "spec",
        "strategies",
        "targets",
        "watch",
        "causes",
        "findings",
        "reference",
        "reports",
        "run",
    )
    assert all(f"COPY {name}/ {name}/" in text for name in (*needed, "suites"))
