"""Every command of README and docs exists as it is written there: its module, its tox environment,
its options and its files. `test_run_pages.py` runs those that need nothing else.
"""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from causes.trying import MOST_FOR_ONE, MOST_REPEATED, MOST_UNANSWERED
from docs import crossing
from docs.generate import CONTRACT, FACTS
from docs.transcript import TUTORIAL, steps
from run.explainer import MOST_IN_ALL
from tests.pages import PAGES, PROGRAMS, ROOT, SHELL, Command, commands, environments, run_by
from tests.running import python

SHOWN = commands()
BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@cache
def help_of(*words: str) -> str:
    """What a command prints when it is asked for its options."""
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


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(Path(path).relative_to(ROOT)))
def test_a_link_of_a_page_leads_somewhere(page: Path) -> None:
    """A file of the repository that is there."""
    text = re.sub(
        r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    links = re.findall(r"\]\(([^)#\s]+)", text)
    ours = [link for link in links if "://" not in link and not link.startswith("generated")]
    missing = [link for link in ours if not (page.parent / link).exists()]
    assert [link for link in missing if "generated/" not in link] == []


@pytest.mark.parametrize("page", ["docs/report.md", "docs/explanation/findings.md"])
def test_a_page_says_how_many_requests_a_finding_costs(page: str) -> None:
    """For one finding and for a run, as the code has it."""
    words = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    assert re.search(
        rf"{MOST_FOR_ONE}( requests)? for one finding and {MOST_IN_ALL} in a run", words
    )


def test_the_page_says_how_often_it_is_sent_again_and_waited() -> None:
    """For one finding, as the code has it."""
    page = ROOT / "docs/explanation/findings.md"
    words = " ".join(page.read_text(encoding="utf-8").split())
    assert f"sent again up to {MOST_REPEATED} times" in words
    assert f"some {MOST_UNANSWERED} requests for one finding are waited for" in words


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
