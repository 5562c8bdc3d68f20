"""A pull request may change only data files: whatever they hold, nothing hangs and nothing runs."""

import json
import re
from pathlib import Path

import pytest

from spec import contract
from spec.contract import READING
from tests.pasting import commands, paste, texts_of
from tests.reporting import Reported, reported
from tests.running import ORDER, server, suite
from tests.versions.edited import TEXT, sentence_of

NAMES = (
    "x'; touch pwned; echo '",
    '"; touch pwned; echo "',
    "$(touch pwned)",
    "`touch pwned`",
    "a\\",
    "a b && touch pwned > pwned",
    "::add-mask::a",
    "##vso[task.prependpath]a",
    "<img src=https://evil.example onerror=alert(1)>",
    "a | b ![x](https://evil.example) @everyone",
)
"""Names of properties that are harmless only if they are quoted."""
TITLE = "\\e]0;pwned\\a\\e[2J ::error::pwned"


def hostile_document(path: Path) -> Path:
    """The vendor's document with a required property of each of these names."""
    quoted = [json.dumps(name) for name in NAMES]
    text = TEXT
    for before, after in (
        ("        - due_date\n", "".join(f"        - {name}\n" for name in quoted)),
        (
            "        remarks:\n          type: string\n          maxLength: 255\n",
            "".join(
                f"        {name}:\n          type: string\n          maxLength: 9\n"
                for name in quoted
            ),
        ),
    ):
        assert before in text
        text = text.replace(before, after + before, 1)
    title = re.search(r"^  title: .*$", text, re.MULTILINE)
    assert title
    text = text.replace(title[0], f'  title: "{TITLE}"', 1)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A run by such a document, against a server that knows none of the properties."""
    folder = tmp_path_factory.mktemp("judged")
    document = hostile_document(folder / "open api's $(touch pwned).yaml")
    options = ("--hypothesis-profile", "smoke", f"--junitxml={folder / 'junit.xml'}")
    with server() as url:
        where = ("--base-url", url, *ORDER, "--document", str(document))
        return reported(folder, *where, *options, "-k", "near_miss or probe")


@pytest.mark.whole_runs
def test_no_printed_command_runs_more_than_it_says(judged: Reported, tmp_path: Path) -> None:
    """Each command of every report is pasted into a shell, and calls only what it is for."""
    assert judged.status == 1, judged.output
    files = {
        str(file.relative_to(judged.folder)): file.read_bytes()
        for file in judged.folder.rglob("*")
        if file.suffix in (".json", ".md", ".xml", ".har")
    }
    printed = commands([*texts_of(files), judged.output])
    called = paste(printed, tmp_path)
    every = [call for calls in called.values() for call in calls]
    assert {"curl", "pytest", "python"} <= {call[0] for call in every}
    tests = {call[1] for call in every if call[0] == "pytest" and "::" in call[1]}
    assert {test["id"] for test in judged.record["tests"]} >= tests
    assert any("touch pwned" in test for test in tests)


def test_a_printed_command_that_is_not_quoted_would_be_noticed(tmp_path: Path) -> None:
    """The shell of these tests runs what it is given."""
    for number, line in enumerate(("pytest 'x'; touch pwned; echo ''", "python -m x > pwned")):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(AssertionError):
            paste([line], folder)


@pytest.mark.whole_runs
def test_a_title_cannot_change_the_terminal(judged: Reported) -> None:
    """What does not show is escaped, and a command to a CI is broken."""
    document = hostile_document(judged.folder / "openapi.yaml")
    done = suite("--document", str(document), "--collect-only")
    assert "pwned" in done.output
    for text in (done.output, judged.output, judged.text("summary.md")):
        assert {c for c in text if not c.isprintable()} <= {"\n"}
        assert not re.search(r"^\s*::|##(vso)?\[", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["نامه\u200cای", "क्\u200dष"])
def test_a_name_may_join_and_part_letters(tmp_path: Path, name: str) -> None:
    """Persian and Hindi are written with characters that do not show."""
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace("        remarks:\n", f"        {name}:\n"), encoding="utf-8")
    loaded = contract.load(path, READING)
    assert any(name in requirement.name for requirement in loaded.requirements)


def test_many_long_names_below_each_other_are_refused(tmp_path: Path) -> None:
    """The lines of all nodes are kept by pointer, and pointers multiply what names say."""
    path = tmp_path / "openapi.yaml"
    name = "x" * 1000
    deep = "".join(f"{' ' * level}{name}:\n" for level in range(90))
    path.write_text(f"{deep}{' ' * 90}[{'1,' * 1000}]\n", encoding="utf-8")
    assert "is too large" in sentence_of(path)
