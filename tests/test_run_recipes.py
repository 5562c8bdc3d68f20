"""Each recipe of CONTRIBUTING, walked in a copy of the checkout as it is written there."""

import re
import shutil
from pathlib import Path

import pytest

from tests.running import KEY, ROOT, Result, python

LEFT_OUT = shutil.ignore_patterns(
    ".git",
    ".tox",
    ".venv",
    "node_modules",
    "output",
    "site",
    "generated",
    "__pycache__",
    ".*_cache",
)
RECIPES = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Recipes")[2]
QUICK = ("--hypothesis-profile", "smoke", "-p", "no:cacheprovider")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A copy of the checkout."""
    shutil.copytree(ROOT, tmp_path / "copy", ignore=LEFT_OUT)
    return tmp_path / "copy"


def insert(file: Path, before: str, text: str) -> None:
    """Write a text into a file, in front of the first place that has the other."""
    old = file.read_text(encoding="utf-8")
    assert before in old, f"{file.name} has no {before!r}"
    file.write_text(old.replace(before, text + before, 1), encoding="utf-8")


def run(here: Path, *words: str) -> Result:
    """Run a command of a recipe in the copy."""
    return python(*words, keys={"WIZCOMMERCE_API_KEY": KEY}, here=here)


def pytest_of(here: Path, *words: str) -> Result:
    """Run tests in the copy, which send little."""
    return run(here, "-m", "pytest", *QUICK, "-q", *words)


def test_each_recipe_is_walked() -> None:
    """A new one needs a test here."""
    walked = {"conformance test", "probe", "near miss", "mutant", "report output"}
    titles = set(re.findall(r"^\*\*Add an? ([^*]+)\*\*", RECIPES, re.MULTILINE))
    assert walked <= titles
    assert titles - walked == {"way of sending", "fault of the mirror", "option", "exit status"}


def test_a_near_miss_is_added(here: Path) -> None:
    """A name and a value in one function: the next run sends it."""
    insert(
        here / "strategies" / "wrong" / "values.py",
        '        ("null", None),\n',
        '        ("a text that a recipe adds", "added by a recipe"),\n',
    )
    listed = run(
        here,
        "-c",
        "from docs.generate import CONTRACT, FACTS; from strategies.invalid import near_misses\n"
        "amount = CONTRACT.named('total_amount.type')\n"
        "print([each.name for each in near_misses(CONTRACT, FACTS, amount)])",
    )
    assert "a text that a recipe adds in total_amount" in listed.output
    sent = pytest_of(here, "suites/test_rejection.py", "-k", "near_miss and total_amount.type")
    assert sent.status == 0, sent.output


def test_a_probe_is_added(here: Path) -> None:
    """An entry of the file: asked by the next run, and then accepted."""
    insert(
        here / "spec" / "probes.yaml",
        "  - name: no items\n",
        "  - name: quantity -7\n"
        "    question: Is an item of quantity -7 accepted?\n"
        "    changes:\n"
        "      - {set: /items/0/quantity, to: -7}\n\n",
    )
    asked = run(here, "-m", "pytest", "suites/test_unspecified.py", "--reports", "reports/output")
    assert asked.status == 0, asked.output
    accepted = run(here, "-m", "reports.accept")
    assert accepted.status == 0, accepted.output
    baseline = (here / "spec" / "baselines" / "reference.yaml").read_text(encoding="utf-8")
    assert '"quantity -7": "' in baseline
    checked = run(here, "-m", "pytest", "-q", "tests/test_probes.py", "-p", "no:cacheprovider")
    assert checked.status == 0, checked.output


def test_a_mutant_is_added(here: Path) -> None:
    """A function: the proof has a server of its name, and the suite kills it."""
    file = here / "reference" / "mutants" / "rejection.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text + '\n\n@mutant("rejection", "remarks.type")\n'
        "def numbers_in_remarks_are_taken_for_text(server: Server) -> Server:\n"
        '    """Every value has a text."""\n'
        '    return reads(("remarks",), lambda it: str(it) if it == 1.5 else it)(server)\n',
        encoding="utf-8",
    )
    proven = run(here, "-m", "proof", "numbers in remarks are taken", "--workers", "1")
    assert proven.status == 0, proven.output
    assert "killed" in proven.output


def test_a_conformance_test_is_added(here: Path) -> None:
    """A function that makes the cases and a test that asks them: the next run has it."""
    strategy, suite = here / "strategies" / "isolation.py", here / "suites" / "test_isolation.py"
    strategy.write_text(
        strategy.read_text(encoding="utf-8")
        + "\n\ndef plain_invoices(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:\n"
        '    """The plain valid invoice."""\n'
        "    body = encode(plain_invoice(contract, facts))\n"
        '    return (Case("the plain invoice", "plain", body),)\n',
        encoding="utf-8",
    )
    suite.write_text(
        suite.read_text(encoding="utf-8") + "\n\nfrom strategies.cases import Case\n\n\n"
        '@cases("case", isolation.plain_invoices)\n'
        "def test_a_plain_invoice_is_accepted(api: Api, case: Case) -> None:\n"
        '    """It is valid."""\n'
        "    api.ask_one(case)\n",
        encoding="utf-8",
    )
    asked = pytest_of(here, "suites/test_isolation.py", "-k", "a_plain_invoice_is_accepted")
    assert asked.status == 0, asked.output
    assert "1 passed" in asked.output


def test_a_report_output_is_added(here: Path) -> None:
    """A module that makes the text, a name, and a row of what is made; it is cleared, too."""
    (here / "reports" / "stamp.py").write_text(
        '"""The stamp alone."""\n\n\ndef text(record):\n'
        '    """The stamp of the run."""\n    return record["run"]["stamp"]\n',
        encoding="utf-8",
    )
    insert(here / "reports" / "output.py", 'HTML = "', 'STAMP = "stamp.txt"\n')
    insert(here / "reports" / "output.py", "RECORD, PART, SUMMARY", "STAMP, ")
    files = here / "reports" / "files.py"
    insert(files, "    output.HAR: har.", "    output.STAMP: stamp.text,\n")
    insert(files, "from reports.escaping import", "from reports import stamp\n")
    asked = pytest_of(here, "suites", "-k", "near_miss and sku.type", "--reports", "reports/output")
    assert asked.status == 0, asked.output
    written = (here / "reports" / "output" / "stamp.txt").read_text(encoding="utf-8")
    assert re.search(r"IC-[0-9A-F]{8}", written)
    assert run(here, "-m", "reports.output").status == 0
    assert not (here / "reports" / "output" / "stamp.txt").exists()


def test_tests_that_cannot_be_made_are_a_fault_of_the_suite(here: Path) -> None:
    """Status 3, whatever else is asked: a test that is not there finds nothing."""
    strategy = here / "strategies" / "isolation.py"
    broken = strategy.read_text(encoding="utf-8").replace("AT_ONCE = 32", "AT_ONCE = nothing")
    strategy.write_text(broken, encoding="utf-8")
    for words in (("suites/test_isolation.py",), ("suites/test_isolation.py", "-k", "order")):
        assert pytest_of(here, *words).status == 3
