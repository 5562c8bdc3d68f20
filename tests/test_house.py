"""The house stands as it was drawn: who imports whom, how long a module is, who explains itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "spec": {"spec"},
    "strategies": {"spec", "strategies"},
    "targets": {"spec", "targets"},
    "reports": {"spec", "targets", "reports"},
    "reference": {"reference"},
    "run": {"spec", "strategies", "targets", "reports", "reference", "run"},
    "suites": {"spec", "strategies", "targets", "reports", "run"},
    "bench": {"spec", "strategies", "targets", "reports", "reference", "run", "proof", "bench"},
    "proof": {"spec", "strategies", "targets", "reports", "reference", "run", "proof"},
    "conftest": {"spec", "strategies", "targets", "reports", "run"},
}
"""What each package may import of ours. Nothing imports suites or tests."""

OURS = {*ALLOWED, "tests"}
MODULES = sorted(
    path
    for package in ALLOWED
    for path in (ROOT / f"{package}.py", *(ROOT / package).rglob("*.py"))
    if path.exists() and not {"node_modules", ".venv"} & set(path.parts)
)
CATALOGUE = ROOT / "reference" / "mutants"
"""Lists of servers of a few lines each, to be looked up in rather than read."""

LONGEST = 430


def name_of(path: Path) -> str:
    """The path as a person would type it."""
    return str(path.relative_to(ROOT))


def imported(tree: ast.Module, package: str) -> Iterator[str]:
    """The first word of each module that is imported, wherever in the file."""
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


def unexplained(body: list[ast.stmt], within: str = "") -> Iterator[str]:
    """The public functions, classes and methods without a docstring."""
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_") or ast.unparse(node.body[-1]) == "...":
            continue  # a protocol's property is told of by its class
        if ast.get_docstring(node) is None:
            yield f"{within}{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from unexplained(node.body, f"{node.name}.")


def test_the_house_has_all_its_packages() -> None:
    """A package that moves takes its rule along."""
    found = {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in MODULES}
    assert {"spec", "strategies", "targets", "reports", "reference", "run", "suites"} <= found
    assert len(MODULES) > 60


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_what_its_package_may(path: Path) -> None:
    """Arrows point one way: from what is right, through what is sent, to what is told."""
    package = path.relative_to(ROOT).parts[0].removesuffix(".py")
    ours = set(imported(ast.parse(path.read_text()), package)) & OURS
    assert ours <= ALLOWED[package]


@pytest.mark.parametrize("path", [p for p in MODULES if CATALOGUE not in p.parents], ids=name_of)
def test_a_module_is_read_in_one_sitting(path: Path) -> None:
    """At most 430 lines."""
    length = len(path.read_text().splitlines())
    assert length <= LONGEST


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_explains_itself(path: Path) -> None:
    """It has a docstring, and so has each of its public functions, classes and methods."""
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    assert list(unexplained(tree.body)) == []


def test_the_rules_would_notice() -> None:
    """Each way to import is seen, and each public thing without a docstring."""
    text = '''
import tests.exchanges as t
from suites import test_acceptance
from . import sibling
def late():
    """Has one."""
    import reports.ledger
    importlib.import_module("strategies.valid")
class Public:
    def method(self): pass
    def _private(self): pass
'''
    tree = ast.parse(text)
    assert list(imported(tree, "spec")) == ["tests", "suites", "spec", "reports", "strategies"]
    assert list(unexplained(tree.body)) == ["Public", "Public.method"]
