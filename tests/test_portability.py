"""What other systems cannot do is not done: names of files, code pages, line ends, signals; and an
old Python is told in one sentence.
"""

import ast
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generate import commands
from tests.running import ENVIRONMENT, ROOT, interrupted, python

RUN = ("spec", "strategies", "targets", "causes", "reports", "run", "suites", "mirror", "reference")
"""The packages that a user needs; proof and bench are for developers, and fork."""
POSIX = {
    *(
        "fork",
        "getuid",
        "geteuid",
        "killpg",
        "pthread_sigmask",
        "sigwait",
        "setitimer",
        "alarm",
        "poll",
    ),
    *("SIGKILL", "SIGHUP", "SIGALRM", "AF_UNIX", "SO_REUSEPORT", "add_signal_handler"),
    *("fcntl", "resource", "pwd", "grp", "termios"),
}
"""Names that Python has on some systems only."""
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
MODULES = [path for package in RUN for path in (ROOT / package).rglob("*.py")]
MODULES += [ROOT / "tests" / "faulty.py", ROOT / "tests" / "running.py"]  # what the tutorial starts


def git(*words: str) -> str:
    """What git says of this checkout; skipped where this is none."""
    program = shutil.which("git")
    if program is None or not (ROOT / ".git").exists():
        pytest.skip("this is not a checkout")
    command = [program, *words]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
    ).stdout


@pytest.fixture(scope="module")
def files() -> list[str]:
    """The files of the repository."""
    return [name for name in git("ls-files", "-z").split("\0") if name]


def test_every_system_can_have_our_files(files: list[str]) -> None:
    """No name has a character that Windows refuses, is a device, or differs in case alone."""
    assert [name for name in files if re.search(r'[<>:"|?*\\\x00-\x1f]|[. ](/|$)', name)] == []
    assert [name for name in files if any(map(DEVICES.fullmatch, Path(name).parts))] == []
    assert [name for name, times in Counter(map(str.lower, files)).items() if times > 1] == []
    assert max(map(len, files)) < 120


def test_every_system_has_the_same_bytes(files: list[str]) -> None:
    """A checkout changes no line end, least of all in the vendor's document."""
    assert ".gitattributes" in files
    names = ["spec/openapi.yaml", "spec/reading.yaml", "docs/report-trend.png"]
    said = git("check-attr", "text", "eol", "--", *names).splitlines()
    assert "spec/openapi.yaml: text: unset" in said
    assert "spec/reading.yaml: eol: lf" in said
    assert "docs/report-trend.png: text: unset" in said


OF_THE_SUITE = [module for module in commands() if module != "reference"]
"""The reference shares no code with the suite, and says by itself what it lacks."""
START = "import sys, importlib.util as u; from runpy import run_module"


def posix_only(node: ast.AST) -> Iterator[str]:
    """The names that Windows lacks, unless the code asks first whether they are there."""
    if isinstance(node, ast.IfExp) and "hasattr" in ast.unparse(node.test):
        return
    if isinstance(node, ast.Attribute) and node.attr in POSIX:
        yield node.attr
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in POSIX)
    for child in ast.iter_child_nodes(node):
        yield from posix_only(child)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(Path(path).relative_to(ROOT)))
def test_a_run_asks_for_nothing_that_windows_lacks(path: Path) -> None:
    """No fork, no signal and no module of POSIX alone."""
    assert list(posix_only(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_a_name_of_posix_alone_would_be_noticed() -> None:
    """As an attribute and as a module; not where the code looks first."""
    text = "import fcntl\nos.fork()\nuser = os.getuid() if hasattr(os, 'getuid') else None\n"
    assert list(posix_only(ast.parse(text))) == ["fcntl", "fork"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_server_of_the_tutorial_ends_when_it_is_stopped(number: signal.Signals) -> None:
    """Its line names its address; neither signal leaves a traceback."""
    done = interrupted([sys.executable, "-m", "tests.faulty"], "--base-url http", number)
    assert done.status == 0, done.output
    assert done.output.count("\n") == 1
    assert "serve until stopped" in python("-m", "tests.faulty", "--help").output.lower()


@pytest.mark.parametrize("page", ["ascii", "cp1252", "cp437"])
def test_a_console_with_few_characters_is_enough(page: str) -> None:
    """What a command prints ends no command."""
    keys = {**ENVIRONMENT, "PYTHONIOENCODING": page}
    assert python("-m", "mirror", "--list", keys=keys).status == 0


def test_a_console_of_ascii_shows_what_a_run_asks() -> None:
    """Which any other console can show as well."""
    keys = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii"}
    collected = python("-m", "pytest", "suites", "--collect-only", "-q", keys=keys)
    assert collected.status == 0, collected.output


@pytest.mark.parametrize("module", ["conftest", "tests.faulty", *OF_THE_SUITE])
def test_an_old_python_is_told_in_one_sentence(module: str) -> None:
    """Whichever command it runs, and not by what it cannot import."""
    result = python("-c", f"{START}; sys.version_info = (3, 10, 0); run_module({module!r})")
    assert result.status == 4
    assert result.output == "This suite needs Python 3.11 or newer.\n"


@pytest.mark.parametrize(
    ("module", "package"),
    [
        *(("run.replay", "yaml"), ("reports.waive", "yaml"), ("mirror", "jsonschema_rs")),
        ("spec.diff", "typing_extensions"),
        *(("conftest", "httpx"), ("reports.notice", "hypothesis"), ("proof", "covertable")),
    ],
)
def test_a_missing_package_is_told_in_one_sentence(module: str, package: str) -> None:
    """With where to find one that has it, for who types `python` out of habit, and for who has
    what the mirror alone needs.
    """
    hidden = f"None if name == {package!r} else find(name)"
    hide = f"u.find_spec = lambda name, find=u.find_spec: {hidden}"
    result = python("-c", f"{START}; {hide}; run_module({module!r}, run_name='__main__')")
    assert result.status == 4
    assert result.output.startswith(f"This Python has no package {package}: use one that has those")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("lacking", ["pydantic", "starlette", "typing_extensions"])
def test_the_reference_says_what_it_lacks_itself(lacking: str) -> None:
    """In one sentence, as the suite does."""
    hide = f"sys.modules[{lacking!r}] = None"
    result = python("-c", f"{START}; {hide}; run_module('reference', run_name='__main__')")
    assert result.status == 4
    assert result.output.startswith("The reference needs Python 3.11 or newer, and the packages of")
    assert result.output.count("\n") == 1
