"""The house is as CONTRIBUTING draws it: who imports whom, how many modules a package has, how long
a module is, and that each explains itself.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from spec.violation import counted

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "spec": {"spec"},
    "reference": {"reference"},
    "strategies": {"spec", "strategies"},
    "targets": {"spec", "targets"},
    "watch": {"spec", "watch"},
    "causes": {"spec", "strategies", "targets", "causes"},
    "findings": {"spec", "watch", "causes", "findings"},
    "reports": {"spec", "watch", "targets", "causes", "findings", "reports"},
    "mirror": {"spec", "reference", "targets", "reports", "mirror"},
    "run": {
        *("spec", "watch", "reference", "strategies", "targets", "causes", "findings", "reports"),
        "run",
    },
    "suites": {"spec", "strategies", "targets", "reports", "run"},
    "proof": {"spec", "watch", "reference", "strategies", "targets", "reports", "run", "proof"},
    "bench": {"spec", "reference", "strategies", "targets", "reports", "run", "proof", "bench"},
    "docs": {"spec", "strategies", "targets", "reports", "mirror", "run", "docs"},
    "conftest": {"spec", "strategies", "targets", "reports", "run"},
}
"""The packages of ours that each package may import. None may import suites or tests, and none but
itself mirror.
"""

OURS = {*ALLOWED, "tests"}
MODULES = sorted(
    path
    for package in ALLOWED
    for path in (ROOT / f"{package}.py", *(ROOT / package).rglob("*.py"))
    if path.exists() and not {"node_modules", ".venv"} & set(path.parts)
)
CATALOGUES = (ROOT / "reference" / "mutants", ROOT / "proof" / "derived")
"""Folders with lists of servers of a few lines each, which are looked up rather than read."""

READ = [path for path in MODULES if not set(CATALOGUES) & set(path.parents)]

NOUNS = re.compile(
    " ((?:[a-z]*[a-rt-z] )?(?:answers|bytes|cases|characters|conditions|connections|edges|elements"
    "|errors|examples|exchanges|files|findings|headers|invoices|items|keys|lines|members|mutants"
    "|names|orders|pairs|probes|processes|properties|requests|requirements|results|rounds|rows"
    "|runs|seeds|servers|statuses|suites|survivors|targets|tests|times|tries|values|violations"
    "|waivers))\\b"
)
"""What is counted in messages, with one word before it."""

LIMIT = re.compile(r"[A-Z_]+|name")

LONGEST = 430
"""Lines of a module."""

MOST = 20
"""Modules of a folder."""

ROOM = 20
"""Lines that a module has left which a recipe of CONTRIBUTING writes into: several walks of it."""


def name_of(path: Path) -> str:
    """The path as a person would type it."""
    return str(path.relative_to(ROOT))


def imported(tree: ast.Module, package: str) -> Iterator[str]:
    """The package of each import, wherever it is in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield package if node.level else (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (
                argument.value.partition(".")[0]
                for argument in node.args[:1]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )


def plurals(tree: ast.Module) -> Iterator[str]:
    """The nouns in the plural beside a number, but for limits of our own, which are large.

    Beside a factor a plural is right (1 times 0.01), and a `name` is no number.
    """
    texts = (node.values for node in ast.walk(tree) if isinstance(node, ast.JoinedStr))
    for number, text in (pair for values in texts for pair in pairwise(values)):
        if isinstance(number, ast.FormattedValue) and isinstance(text, ast.Constant):
            found = NOUNS.match(str(text.value))
            if found and text.value != " times " and not LIMIT.fullmatch(ast.unparse(number.value)):
                yield found[1]


def unexplained(body: list[ast.stmt], within: str = "") -> Iterator[str]:
    """The public functions, classes and methods without a docstring."""
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_") or ast.unparse(node.body[-1]) == "...":
            continue  # the class of a protocol describes its properties
        if ast.get_docstring(node) is None:
            yield f"{within}{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from unexplained(node.body, f"{node.name}.")


def test_the_house_has_all_its_packages() -> None:
    """A package that is renamed keeps its rule."""
    found = {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in MODULES}
    assert {"spec", "strategies", "targets", "reports", "reference", "run", "suites"} <= found
    assert len(MODULES) > 60


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_what_its_package_may(path: Path) -> None:
    """Arrows point one way: from what is right, through what is sent, to what is reported."""
    package = path.relative_to(ROOT).parts[0].removesuffix(".py")
    ours = set(imported(ast.parse(path.read_text(encoding="utf-8")), package)) & OURS
    assert ours <= ALLOWED[package]


def test_a_package_has_few_modules() -> None:
    """A stranger can draw it from memory."""
    packages = Counter(
        str(path.relative_to(ROOT).parent) for path in READ if path.name != "__init__.py"
    )
    assert {name: count for name, count in packages.items() if count > MOST} == {}


@pytest.mark.parametrize("path", READ, ids=name_of)
def test_a_module_is_read_in_one_sitting(path: Path) -> None:
    """It has at most some 400 lines."""
    length = len(path.read_text().splitlines())
    assert length <= LONGEST


def test_a_recipe_can_be_walked_several_times() -> None:
    """Each module that it writes into has room for some lines, and each folder for a module."""
    recipes = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Recipes")[2]
    named = set(re.findall(r"`((?:\w+/)+\w+)\.py`", recipes.partition("## Changing")[0]))
    new = {Path(name).parent for name in named if name.endswith("/X")}
    assert len(named) > 10
    assert len(new) > 2
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / f"{name}.py" for name in named)
        if path in READ
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST - ROOM} == {}
    sizes = {str(folder): len([*(ROOT / folder).glob("*.py")]) - 1 for folder in new}
    assert {
        name: size for name, size in sizes.items() if size >= MOST and "mutants" not in name
    } == {}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_explains_itself(path: Path) -> None:
    """It has a docstring, and so has each of its public functions, classes and methods."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert list(unexplained(tree.body)) == []


def test_node_ids_are_taken_apart_in_one_place() -> None:
    """By `node_parts`; conftest.py does so with what was asked for on the command line."""
    apart = re.compile(r"""partition\(["'](::|\[)["']\)|split\(["']::""")
    found = [path for path in MODULES if apart.search(path.read_text(encoding="utf-8"))]
    elsewhere = {name_of(path) for path in found if "mutants" not in path.parts}
    assert elsewhere == {"watch/fingerprint.py", "conftest.py"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_count_agrees_with_its_noun(path: Path) -> None:
    """A message has `counted(number, "finding")`, for a plural beside a number is wrong of one."""
    assert list(plurals(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (counted(1, "finding"), "1 finding"),
        (counted(2, "finding"), "2 findings"),
        (counted(0, "finding"), "0 findings"),
        (counted(1, "process", "processes"), "1 process"),
        (counted(2, "process", "processes"), "2 processes"),
    ],
)
def test_only_one_is_singular(told: str, words: str) -> None:
    """Whatever the plural."""
    assert told == words


def test_a_conformance_test_needs_few_imports() -> None:
    """Six lines at most for each test, of all that its module imports."""
    for path in sorted((ROOT / "suites").glob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        imported = [each for each in module.body if isinstance(each, ast.Import | ast.ImportFrom)]
        for test in module.body:
            if isinstance(test, ast.FunctionDef):
                used = {each.id for each in ast.walk(test) if isinstance(each, ast.Name)}
                names = [{one.asname or one.name for one in each.names} for each in imported]
                assert sum(bool(used & each) for each in names) <= 6, f"{path.name}: {test.name}"


def test_the_table_of_packages_is_the_house() -> None:
    """CONTRIBUTING has a row for each package, which names each of its modules, and no other."""
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Laws")[0]
    rows = dict(re.findall(r"^\| `(\w+)/` \|(.*)\|$", table, re.MULTILINE))
    assert set(rows) == {path.parent.name for path in ROOT.glob("*/__init__.py")}
    named = {name: {*re.findall(r"`(\w+)`", row)} for name, row in rows.items()}
    for name in {*rows} - {"suites", "bench", "tests"}:
        found = {path.stem for path in (ROOT / name).glob("*.py")} - {"__init__", "__main__"}
        found |= {path.parent.name for path in (ROOT / name).glob("*/__init__.py")}
        assert named[name] == found, name


def test_the_table_of_folders_is_the_house() -> None:
    """CONTRIBUTING has a row for each folder within a package, which names each of its modules."""
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Laws")[0]
    rows = dict(re.findall(r"^\| `(\w+/\w+)/` \|(.*)\|$", table, re.MULTILINE))
    named = {folder: {*re.findall(r"`(\w+)`", row)} for folder, row in rows.items()}
    found: dict[str, set[str]] = {}
    for path in MODULES:
        folder = path.relative_to(ROOT).parent
        if len(folder.parts) > 1 and path.stem not in ("__init__", "__main__"):
            found.setdefault(folder.as_posix(), set()).add(path.stem)
    assert named == found


def test_the_rules_would_notice() -> None:
    """Each way to import is seen, and each public name without a docstring."""
    text = '''
import tests.exchanges as t
from suites import test_acceptance
from . import sibling
def late():
    """Has one."""
    import reports.ledger
    importlib.import_module("strategies.acceptance.valid")
class Public:
    def method(self): pass
    def _private(self): pass
'''
    numbers = "f'{len(found)} findings of {MOST} requests, {a} new cases; {b} times {c}'"
    assert list(plurals(ast.parse(numbers))) == ["findings", "new cases"]
    tree = ast.parse(text)
    assert list(imported(tree, "spec")) == ["tests", "suites", "spec", "reports", "strategies"]
    assert list(unexplained(tree.body)) == ["Public", "Public.method"]
