"""Each of the nine recipes of CONTRIBUTING, walked in a copy of the checkout as it is written
there, but for the changes of texts.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

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
WALKED = Path(__file__).read_text(encoding="utf-8")
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
    titles = re.findall(r"^\*\*Add an? ([^*]+)\*\*", RECIPES, re.MULTILINE)
    assert len(titles) == 9
    assert [each for each in titles if f"{each.replace(' ', '_')}_is_added" not in WALKED] == []


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
    (here / "reports" / "formats" / "stamp.py").write_text(
        '"""The stamp alone."""\n\n\ndef text(record):\n'
        '    """The stamp of the run."""\n    return record["run"]["stamp"]\n',
        encoding="utf-8",
    )
    insert(here / "reports" / "output.py", 'HTML = "', 'STAMP = "stamp.txt"\n')
    insert(here / "reports" / "output.py", "RECORD, PART, SUMMARY", "STAMP, ")
    files = here / "reports" / "files.py"
    insert(files, "    output.HAR: har.", "    output.STAMP: stamp.text,\n")
    insert(files, "from reports.escaping import", "from reports.formats import stamp\n")
    asked = pytest_of(here, "suites", "-k", "near_miss and sku.type", "--reports", "reports/output")
    assert asked.status == 0, asked.output
    written = (here / "reports" / "output" / "stamp.txt").read_text(encoding="utf-8")
    assert re.search(r"IC-[0-9A-F]{8}", written)
    assert run(here, "-m", "reports.output").status == 0
    assert not (here / "reports" / "output" / "stamp.txt").exists()


def test_a_way_of_sending_is_added(here: Path) -> None:
    """A row: the next run sends it with a valid and an invalid invoice, and without a key."""
    insert(
        here / "strategies" / "extras" / "clients.py",
        '    "no User-Agent": (',
        '    "recipes-field": (FIELDS, (("X-Recipe", "1"),)),\n',
    )
    asked = run(here, "-m", "pytest", "suites", "-v", "-k", "recipes-field", *QUICK[2:])
    assert asked.status == 0, asked.output
    assert {*re.findall(r"::(\w+\[.*recipes-field\]) PASSED", asked.output)} == {
        "test_an_invalid_invoice_sent_otherwise_is_refused[recipes-field]",
        "test_an_invoice_sent_otherwise_is_accepted_and_echoed[recipes-field]",
        "test_the_key_is_needed_however_a_request_is_sent[no key, recipes-field]",
    }


def test_a_fault_of_the_mirror_is_added(here: Path) -> None:
    """A row: the mirror lists it, and answers with it."""
    file = here / "mirror" / "behaviours.py"
    insert(
        file,
        "        Fault(\n",
        '        Fault("tea", "it is a teapot", error("418 I am a teapot", "TEA", "No.")),\n',
    )
    listed = run(here, "-m", "mirror", "--list")
    assert re.search("^ +tea\n +it is a teapot", listed.output, re.MULTILINE), listed.output
    words = "from mirror.behaviours import faults_named; print(next(faults_named('tea')).instead)"
    assert "HTTP/1.1 418 I am a teapot" in run(here, "-c", words).output


def test_an_option_is_added(here: Path) -> None:
    """In three places of one file: it has a help, a value and a check."""
    file = here / "run" / "options.py"
    insert(file, '    ("--shard", "I/N"', '    ("--mood", "WORD", "calm, or nothing"),\n')
    insert(file, "\n\ndef register_profiles", "    mood: str | None = None\n")
    insert(file, '        against=given("against"),\n', '        mood=_mood(given("mood")),\n')
    insert(
        file,
        "def _instant(",
        "def _mood(value):\n"
        '    if value not in (None, "calm"):\n'
        '        raise pytest.UsageError(f"--mood: {value!r} is not calm.")\n'
        "    return value\n\n\n",
    )
    assert re.search("--mood=WORD +calm, or nothing", pytest_of(here, "suites", "--help").output)
    listed = ("suites/test_isolation.py", "--collect-only")
    assert pytest_of(here, *listed, "--mood", "calm").status == 0
    wrong = pytest_of(here, *listed, "--mood", "wild")
    assert wrong.status == 4
    assert "ERROR: --mood: 'wild' is not calm.\n" in wrong.output


def test_an_exit_status_is_added(here: Path) -> None:
    """It is decided in one file, and has its place among those of parts and in the schema."""
    decides, schema = here / "run" / "exit_status.py", here / "reports" / "run.schema.json"
    insert(decides, "\n\nOUTCOMES = {", "    TIRED = 8\n")
    insert(decides, '    ExitStatus.DRIFT: "', '    ExitStatus.TIRED: "the server is tired",\n')
    insert(decides, "        if self.drifts:", "        return ExitStatus.TIRED\n")
    insert(here / "run" / "merge.py", "    ExitStatus.DRIFT,", "    ExitStatus.TIRED,\n")
    text = schema.read_text(encoding="utf-8")
    assert text.count('"maximum": 7') == 1
    schema.write_text(text.replace('"maximum": 7', '"maximum": 8'), encoding="utf-8")
    asked = pytest_of(here, "suites", "-k", "near_miss and sku.type", "--reports", "reports/output")
    assert asked.status == 8, asked.output
    assert "the server is tired" in asked.output
    told = json.loads((here / "reports" / "output" / "run.json").read_text(encoding="utf-8"))
    Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(told)
    assert told["run"]["exit_status"] == 8
    assert run(here, "-m", "reports.notice").status == 0


def test_tests_that_cannot_be_made_are_a_fault_of_the_suite(here: Path) -> None:
    """Status 3, whatever else is asked: a test that is not there finds nothing."""
    strategy = here / "strategies" / "isolation.py"
    broken = strategy.read_text(encoding="utf-8").replace("AT_ONCE = 32", "AT_ONCE = nothing")
    strategy.write_text(broken, encoding="utf-8")
    for words in (("suites/test_isolation.py",), ("suites/test_isolation.py", "-k", "order")):
        assert pytest_of(here, *words).status == 3
