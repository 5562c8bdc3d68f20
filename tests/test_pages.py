"""Every command of README and docs exists as it is written there: its module, its tox environment,
its options and its files. `test_run_pages.py` runs those that need nothing else.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from functools import cache
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import pytest
import yaml

import mirror.__main__
import proof.__main__
from causes.trying import MOST_FOR_ONE, MOST_REPEATED, MOST_UNANSWERED, TO_SHORTEN
from docs import crossing, transcript
from docs.generate import CONTRACT, FACTS
from docs.generate import PAGES as PRINTED
from docs.transcript import TUTORIAL, steps
from reports import accept, compare, notice, waive
from reports.allure import html
from run import merge, replay
from run.explainer import MOST_IN_ALL
from tests.pages import PAGES, PROGRAMS, ROOT, SHELL, Command, commands, environments, run_by
from tests.running import python

SHOWN = commands()
ALL = [*PAGES, ROOT / "CHANGELOG.md", ROOT / "requirements" / "licences.md"]
"""What is committed and has links."""
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*-*.yml"))
IN_PROCESS: dict[str, Callable[[Sequence[str]], object]] = {
    "mirror": mirror.__main__.main,
    "proof": proof.__main__.main,
    **{
        f"{module.__name__}": module.main
        for module in (accept, compare, html, merge, notice, replay, transcript, waive)
    },
}
"""Commands whose help costs no process here: their modules are loaded anyway."""
BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@cache
def help_of(*words: str) -> str:
    """What a command prints when it is asked for its options."""
    if words[1] in IN_PROCESS:
        with redirect_stdout(StringIO()) as said, pytest.raises(SystemExit) as ended:
            IN_PROCESS[words[1]](["--help"])
        assert ended.value.code == 0
        return said.getvalue()
    asked = python(*words, "--help")
    assert asked.status == 0, asked.output
    return asked.output


def unknown_options(program: str, *words: str) -> list[str]:
    """The options of a command that its help does not have; hyphens inside are no difference."""
    asked = ("-m", "pytest") if program == "pytest" else words[:2]
    rest = words if program == "pytest" else words[2:]
    if "--before" in rest:
        rest = rest[: rest.index("--before") + 1]  # what follows are the options of a run
    given = [word.partition("=")[0] for word in rest if re.match(r"--?[A-Za-z]", word)]
    if not given:
        return []
    known = set(map(plain, re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", help_of(*asked))))
    return [option for option in given if plain(option) not in known]


def plain(option: str) -> str:
    """An option as pytest compares them."""
    return option[:2] + option[2:].replace("-", "")


@pytest.mark.parametrize("command", SHOWN, ids=str)
def test_a_command_of_a_page_exists(command: Command) -> None:
    """A reader who types it gets no wrong usage."""
    assert command.program in (*PROGRAMS, *SHELL)
    if command.program == "tox" and command.words[0] == "run":
        assert command.words[2] in environments()
    for program, *words in run_by(command):
        if program == "python" and words[0] == "-m":
            if (ROOT / words[1].partition(".")[0]).is_dir():
                assert find_spec(words[1])
                assert unknown_options(program, *words) == []
        elif program == "pytest":
            assert unknown_options(program, *words) == []
            places = [word.partition("::")[0] for word in words if re.match("suites|tests", word)]
            assert [place for place in places if not (ROOT / place).exists()] == []
        elif program == "pip" and "-r" in words:
            assert (ROOT / words[words.index("-r") + 1]).is_file()


def test_a_wrong_command_would_be_noticed() -> None:
    """An option, an environment or a file that is not there, each by its own sentence."""
    assert unknown_options("pytest", "suites", "--no-such-option") == ["--no-such-option"]
    assert unknown_options("python", "-m", "reports.compare", "--old", "a") == ["--old"]
    assert "no-such" not in environments()
    assert len(SHOWN) > 60
    assert {"README.md", "docs/tutorial.md", "docs/how-to/ci.md"} <= {each.page for each in SHOWN}


def links(page: Path) -> list[tuple[Path, str]]:
    """The links of a page to what is here: each with its file, and its heading where it has one."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    found = [link.partition("#") for link in re.findall(r"\]\(([^)\s]+)", text)]
    return [
        ((page.parent / link).resolve() if link else page, heading)
        for link, _, heading in found
        if "://" not in link
    ]


def headings(page: Path) -> set[str]:
    """The headings of a page, as a link names them."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    said = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in said}


@pytest.mark.parametrize("page", ALL, ids=lambda path: str(Path(path).relative_to(ROOT)))
def test_a_link_of_a_page_leads_somewhere(page: Path) -> None:
    """To a file that a clone has, before any command made one, and to a heading that it has."""
    made = [ROOT / "docs" / "generated", ROOT / "site", ROOT / "reports" / "output"]
    for file, heading in links(page):
        assert file.exists(), file
        assert not any(file.is_relative_to(folder) for folder in made), file
        assert not heading or heading in headings(file), (file, heading)


def test_a_dead_link_would_be_noticed(tmp_path: Path) -> None:
    """A link within a block is none, and a heading is looked up as it is written."""
    page = tmp_path / "a.md"
    page.write_text(
        "# A `b`, c\n[one](no.md) [two](#a-b-c) [web](https://a.example)\n```\n[x](y)\n```"
    )
    assert links(page) == [(tmp_path / "no.md", ""), (page, "a-b-c")]
    assert headings(page) == {"a-b-c"}


def test_each_page_is_reached_from_the_readme() -> None:
    """By links alone, in a clone that has no site."""
    reached, found = set[Path](), {ROOT / "README.md"}
    while found:
        page = found.pop()
        reached.add(page)
        found |= {file for file, _ in links(page) if file.suffix == ".md"} - reached
    assert sorted({*ALL} - reached) == []


@pytest.mark.parametrize("form", FORMS, ids=lambda path: Path(path).stem)
def test_an_issue_form_asks_for_what_is_needed_and_for_no_key(form: Path) -> None:
    """It says so first, and asks for the version; each of its parts is one that forms have."""
    asked = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert {"name", "description", "labels", "body"} == {*asked}
    first, *parts = asked["body"]
    assert first["type"] == "markdown"
    assert first["attributes"]["value"].startswith("Never paste a key.")
    assert {part["type"] for part in parts} <= {"input", "textarea"}
    by_label = {part["attributes"]["label"]: part for part in parts}
    assert len(by_label) == len(parts)
    assert by_label["Version of the suite"]["validations"] == {"required": True}


def test_what_is_printed_from_the_code_is_found_without_the_site() -> None:
    """Each page that is printed has a line that says where the same is in a clone."""
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z-]+)`", text, re.MULTILINE) == [*PRINTED]


@pytest.mark.parametrize("page", ["docs/report.md", "docs/explanation/findings.md"])
def test_a_page_says_how_many_requests_a_finding_costs(page: str) -> None:
    """For one finding and for a run, as the code has it."""
    words = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    assert re.search(
        rf"up to some {MOST_FOR_ONE}( requests)? for one finding and up to {MOST_IN_ALL} in a run",
        words,
    )
    assert f"up to {TO_SHORTEN} more for a finding of a text" in words


def test_the_page_says_how_often_it_is_sent_again_and_waited() -> None:
    """For one finding, as the code has it."""
    page = ROOT / "docs/explanation/findings.md"
    words = " ".join(page.read_text(encoding="utf-8").split())
    assert f"sent again up to {MOST_REPEATED} times" in words
    assert f"the run waits for at most {MOST_UNANSWERED} requests for one finding" in words


@pytest.mark.parametrize("page", ["docs/tutorial.md", "docs/explanation/payload.md"])
def test_a_page_says_how_many_requirements_there_are(page: str) -> None:
    """As many as the vendor's document and our reading of it have."""
    text = (ROOT / page).read_text(encoding="utf-8")
    said = re.findall(
        r"requirements:? +(\d+) (?:on|names)|^(\d+) requirements: ", text, re.MULTILINE
    )
    assert {int(one or other) for one, other in said} == {len(CONTRACT.requirements)}


def test_the_transcript_shows_the_commands_of_the_tutorial() -> None:
    """As they ran on the oldest Python that is supported, and on the newest."""
    page = (ROOT / "docs" / "transcript.md").read_text(encoding="utf-8")
    asked = [line for block in steps(TUTORIAL.read_text("utf-8")) for line in block]
    parts = page.split("\n## Python 3.")[1:]
    assert [part.partition(".")[0] for part in parts] == ["11", "13"]
    for part in parts:
        ran = [line[2:].removesuffix(" &") for line in part.splitlines() if line.startswith("$ ")]
        assert [re.sub(r"127\.0\.0\.1:\d+", "localhost:8080", line) for line in ran] == asked


def test_the_page_of_cross_cases_counts_what_is_sent() -> None:
    """All pairs and triples of levels meet, which is in its first row, and no figure is zero."""
    (_, _, carriers), *others = crossing.rows(CONTRACT, FACTS)
    met = re.findall(r"([\d,]+) of ([\d,]+) (?:pairs|triples|\w+)", carriers)
    assert len(met) == 2, carriers
    assert all(some == every for some, every in met), carriers
    assert not any(re.search(r"\b0\b", now) for _, _, now in others), others
