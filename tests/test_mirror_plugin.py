"""The fixture `mirror` as a client's project has it: installed, in a process of its own."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path

import pytest

from tests.mirrors import ROOT
from tests.reference_process import environment
from tests.running import PATIENCE

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUP = PROJECT["tool"]["setuptools"]
PLUGIN = PROJECT["project"]["entry-points"]["pytest11"]["invoice-mirror"]

CLIENT = """
import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

INVOICE = {
    "reference_id": "R-1", "order_id": "O-1", "invoice_number": "I-1", "total_amount": 269.96,
    "paid_amount": 100, "due_date": "2040-01-01T00:00:00Z",
    "items": [{"reference_id": "L-1", "sku": "S", "quantity": 4, "amount": 67.49, "name": "Chair"}],
}

def send(mirror, **changes):
    headers = {"X-API-Key": mirror.key, "Content-Type": "application/json"}
    body = json.dumps(INVOICE | changes).encode()
    try:
        return urlopen(Request(mirror.url + "/v1/invoices", body, headers)).status
    except HTTPError as error:
        return error.code
"""


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages as pyproject.toml has them installed, and with nothing else."""
    site = tmp_path_factory.mktemp("site")
    folders = SETUP["package-dir"]
    for package in SETUP["packages"]:
        base = max((each for each in folders if package.startswith(each)), key=len)
        below = package.removeprefix(base).strip(".").replace(".", "/")
        source = ROOT / folders[base] / below
        target = site / package.replace(".", "/")
        target.mkdir(parents=True, exist_ok=True)
        for pattern in ("*.py", *SETUP["package-data"].get(package, ())):
            for file in source.glob(pattern):
                shutil.copy(file, target)
    return site


def run_in(project: Path, site: Path, tests: str) -> tuple[int, str]:
    """Run pytest with the plugin in a project with these tests; exit status and output."""
    (project / "test_client.py").write_text(CLIENT + tests, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN, "-p", "no:cacheprovider"],
        cwd=project,
        env=environment(PYTHONPATH=str(site)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_test_of_a_client_starts_it_and_asks_for_its_verdicts(
    tmp_path: Path, installed: Path
) -> None:
    """It may ask for a behaviour, too."""
    tests = """
def test_valid(mirror):
    assert send(mirror) == 201
    mirror.check()
    assert [str(each.verdict) for each in mirror.received] == ["valid"]

def test_behaviour(mirror):
    mirror.answer_as("the-answer-is-http-1-0")
    mirror.fail("server-error", every=2)
    assert [send(mirror), send(mirror, invoice_number="I-2"), send(mirror)] == [201, 500, 201]
    assert mirror.reactions[-1].number == 2
    assert "status PAID" in mirror.never_sent

def test_each_test_has_its_own(mirror):
    assert mirror.received == ()
"""
    status, output = run_in(tmp_path, installed, tests)
    assert status == 0, output
    assert "3 passed" in output


def test_a_failing_check_tells_what_is_invalid(tmp_path: Path, installed: Path) -> None:
    """And one of a client that sent nothing says so."""
    tests = """
def test_invalid(mirror):
    send(mirror, total_amount="269.96")
    mirror.check()

def test_nothing(mirror):
    mirror.check()
"""
    status, output = run_in(tmp_path, installed, tests)
    assert status == 1
    assert "AssertionError: 1 request: 1 invalid" in output
    assert 'total_amount.type (MUST) at total_amount: "269.96" is not of type "number"' in output
    assert "AssertionError: No request came." in output


def test_packages_of_the_same_names_are_in_nobodys_way(tmp_path: Path, installed: Path) -> None:
    """A project may have its own `reports`, `spec`, `targets` or `mirror`: ours are others."""
    (tmp_path / "reports").mkdir()  # without an __init__.py
    (tmp_path / "reports" / "mine.py").write_text("REPORTS = 1\n")
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "__init__.py").write_text("SPEC = 1\n")
    (tmp_path / "mirror.py").write_text("MIRROR = 1\n")
    tests = """
import mirror as of_the_project

def test_of_the_mirror(mirror):
    assert send(mirror) == 201
    mirror.check()

def test_of_the_project():
    import reports.mine, spec
    assert of_the_project.MIRROR == spec.SPEC == reports.mine.REPORTS
    import mirror
    assert mirror is of_the_project
"""
    status, output = run_in(tmp_path, installed, tests)
    assert status == 0, output


def test_nothing_is_imported_before_it_is_asked_for(tmp_path: Path, installed: Path) -> None:
    """So it is in nobody's way where it is not used, as in the runs of this suite."""
    tests = """
def test_without():
    import sys
    ours = [name for name in sys.modules if name.startswith("invoice_conformance.")]
    assert ours == ["invoice_conformance.mirror", "invoice_conformance.mirror.plugin"]
    assert "starlette" not in sys.modules
"""
    status, output = run_in(tmp_path, installed, tests)
    assert status == 0, output


def _needed(site: Path) -> set[str]:
    """The distributions that the modules loaded by the command are from, besides ours."""
    script = (
        "import sys\n"
        "from invoice_conformance.mirror import plugin\n"
        "plugin.imported_apart('mirror.__main__')\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=site,  # where the checkout is not found
        env=environment(PYTHONPATH=str(site)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    loaded = set(done.stdout.split())
    written = {
        name.partition(".")[0]
        for file in (site / "invoice_conformance").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in _names(node)
    }
    known = packages_distributions()
    return {_plain(known[name][0]) for name in loaded & written if name in known}


def _plain(name: str) -> str:
    """A distribution's name, however it is written."""
    return re.sub("[-_.]+", "-", name).lower()


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_what_it_needs_is_what_is_installed_with_it(installed: Path) -> None:
    """Each package that it imports is a dependency, and each of these has a tested version."""
    listed = set(map(_plain, PROJECT["project"]["dependencies"]))
    assert _needed(installed) - {"pydantic-core"} <= listed  # which is a part of pydantic
    pins = (ROOT / "requirements" / "constraints.txt").read_text(encoding="utf-8")
    assert listed <= set(map(_plain, re.findall(r"^([\w.-]+)==", pins, re.MULTILINE)))


def test_the_command_starts_where_only_it_is_installed(installed: Path) -> None:
    """It lists what it can be asked for, with no checkout near."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {PLUGIN} as it; sys.exit(it.command())", "--list"],
        cwd=installed,
        env=environment(PYTHONPATH=str(installed)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "server-error" in done.stdout


def test_a_run_needs_nothing_that_an_installation_in_the_checkout_leaves() -> None:
    """`pip install .` leaves the name of a plugin there, which only an installation can load."""
    addopts = PROJECT["tool"]["pytest"]["ini_options"]["addopts"]
    assert ("-p", "no:invoice-mirror") in pairwise(addopts)
