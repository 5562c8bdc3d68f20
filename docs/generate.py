"""The reference, printed from the code: every option, variable, exit status, file, requirement,
near miss, edge, keyword, probe and profile. No page of it is written by hand.
"""

import configparser
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from _pytest.config.argparsing import Parser

from docs import crossing
from mirror import behaviours
from reports import output
from run import options
from run.exit_status import OUTCOMES, ExitStatus
from spec import contract, probes
from spec.contract import Contract, TargetFacts
from spec.requirements import Requirement
from spec.schema.formats import FORMATS as KNOWN_FORMATS
from spec.schema.formats import PLAIN_FORMATS, RANGES
from spec.schema.keywords import KEYWORDS, Role
from strategies.acceptance.edges import VALUES, edges
from strategies.invalid import near_misses
from strategies.wrong.values import LISTED
from targets.config import SETTINGS


class _Named(Protocol):
    @property
    def name(self) -> str: ...


ROOT = Path(__file__).parent.parent
PACKAGES = ("spec", "run", "reports", "reference", "mirror", "proof", "bench")
CONTRACT = contract.load()
FACTS = TargetFacts(
    "key", None, ("ORD-1",), datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
)
TOX = configparser.ConfigParser(interpolation=None)
TOX.read(ROOT / "tox.ini", encoding="utf-8")


def write(folder: Path) -> None:
    """Write every page into the folder."""
    folder.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (folder / f"{name}.md").write_text("\n".join(make()) + "\n", encoding="utf-8")


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """A table in Markdown."""
    return [_row(head), _row(("---",) * len(head)), *map(_row, rows), ""]


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(' '.join(cell.replace('|', '&#124;').split()) for cell in cells)} |"


def code(text: object) -> str:
    """The text as code, whatever is in it."""
    fence = "``" if "`" in str(text) else "`"
    return f"{fence}{text}{fence}"


def commands() -> list[str]:
    """The modules that are commands with options, as `python -m` takes them."""
    texts = {
        path.relative_to(ROOT).with_suffix(""): path.read_text(encoding="utf-8")
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "node_modules" not in path.parts
    }
    return sorted(
        ".".join(path.parts).removesuffix(".__main__")
        for path, text in texts.items()
        if 'if __name__ == "__main__":' in text and "Parser(" in text
    )


def _options() -> list[str]:
    parser = Parser()
    options.add(parser)
    rows = []
    for each in parser.getgroup("conformance").options:
        attributes = each.attrs()
        rows.append((code(f"{each.names()[0]} {attributes['metavar']}"), attributes["help"]))
    helps = (line for name in commands() for line in _help(name))
    return [
        "# Options",
        "",
        "Of `pytest suites`, and after `--` of every tox command that runs it:",
        "",
        *table(("option", "what it does"), rows),
        "## Commands",
        *helps,
    ]


def _help(module: str) -> list[str]:
    asked = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "90"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return ["", f"### python -m {module}", "", "```text", asked.stdout.rstrip(), "```"]


def _environments() -> list[str]:
    rows = [
        (code(f"tox run -e {name.removeprefix('testenv:')}"), TOX[name]["description"])
        for name in TOX.sections()
        if "description" in TOX[name]
    ]
    return ["# Commands of tox", "", *table(("command", "what it does"), rows)]


def _variables() -> list[str]:
    passed = TOX["passed"]["names"].splitlines()
    keys = [
        ("WIZCOMMERCE_API_KEY", "the key that may create invoices"),
        (
            "WIZCOMMERCE_FORBIDDEN_API_KEY",
            "a valid key that may not; its test is skipped without it",
        ),
    ]
    return [
        "# Environment variables",
        "",
        *table(("key", "what it is"), [(code(name), what) for name, what in keys]),
        "A target of `targets.toml` may name other variables, which begin with `WIZCOMMERCE_`.",
        "",
        "tox passes these on, and nothing else of its environment:",
        "",
        *(f"- {code(name)}" for name in passed if name and not name.startswith("#")),
        "",
    ]


def _exit_statuses() -> list[str]:
    rows = [(str(int(each)), OUTCOMES[each]) for each in ExitStatus]
    return [
        "# Exit statuses",
        "",
        *table(("status", "what the last line says"), rows),
        "The README says more of each.",
    ]


def _files() -> list[str]:
    names = (
        *(output.HTML, output.SUMMARY, output.RECORD, output.REQUIREMENTS, output.TESTS),
        *(output.HAR, output.RESULTS, output.HISTORY),
    )
    schema = json.loads((ROOT / "reports" / "run.schema.json").read_text(encoding="utf-8"))
    parts = schema["properties"]
    return [
        "# Files",
        "",
        "A run leaves these in `reports/output/`, or in the folder of `--reports`:",
        "",
        *(f"- {code(name)}" for name in names),
        "",
        f"## {output.RECORD}",
        "",
        "For programs, by [its schema](../../reports/run.schema.json). Its parts are:",
        "",
        *table(
            ("part", "what it holds"),
            [(code(name), part.get("description", "")) for name, part in parts.items()],
        ),
    ]


def _settings() -> list[str]:
    rows = [(code(name), wanted) for name, (_, wanted, _) in SETTINGS.items()]
    return [
        "# Settings of a target",
        "",
        "Each table of [targets.toml](../../targets.toml) is a target. It may have:",
        "",
        *table(("setting", "what it must be"), rows),
    ]


def _profiles() -> list[str]:
    rows = [
        (
            code(name),
            "all" if each.listed is None else str(each.listed),
            str(each.drawn),
            "the same each time" if each.derandomized else "others each time, by a seed",
        )
        for name, each in options.PROFILES.items()
    ]
    head = ("profile", "enumerated cases of a requirement", "drawn cases", "which are drawn")
    return ["# Profiles", "", "`--hypothesis-profile NAME` chooses one.", "", *table(head, rows)]


def _requirements() -> list[str]:
    rows = [
        (code(each), each.level, code(_short(each.operand)), f"{each.file}:{each.line}")
        for each in CONTRACT.requirements
    ]
    return [
        "# Requirements",
        "",
        f"{len(rows)}, derived from the document and the reading. `-k 'NAME'` asks just one.",
        "",
        *table(("requirement", "level", "value", "clause"), rows),
    ]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _near_misses() -> list[str]:
    return [
        "# Near misses",
        "",
        "Payloads that break one requirement, and only just. A name that ends in brackets says in",
        "which carrier it sits, where the same one is sent in several.",
        *_cases(near_misses),
    ]


def _edges() -> list[str]:
    return [
        "# Edges",
        "",
        "Valid values exactly at a limit, or that servers are known to get wrong.",
        *_cases(edges),
    ]


def _cases(of: Callable[[Contract, TargetFacts, Requirement], Iterable[_Named]]) -> list[str]:
    lines = []
    for requirement in CONTRACT.body_requirements:
        if names := [f"- {code(each.name)}" for each in of(CONTRACT, FACTS, requirement)]:
            lines += ["", f"## {requirement}", "", *names]
    return lines


_ROLES = {
    Role.ASSERTION: "has a requirement",
    Role.STRUCTURE: "holds schemas",
    Role.ANNOTATION: "demands nothing",
}


_SAID_AS = {"const": "enum", "nullable": "type"}
"""Keywords that are judged as others."""


def _keywords() -> list[str]:
    yes = {True: "yes", False: ""}
    rows = [
        (
            code(name),
            _ROLES[keyword.role],
            yes[_SAID_AS.get(name, name) in {*LISTED, "required"}],
            yes[_SAID_AS.get(name, name) in VALUES],
            yes[keyword.narrower is not None],
        )
        for name, keyword in KEYWORDS.items()
    ]
    strings = [(code(name), one.meaning) for name, one in KNOWN_FORMATS.items()]
    numbers = [
        (code(name), f"a number from {low} to {high}") for name, (low, high) in RANGES.items()
    ]
    plain = [(code(name), "nothing beyond its type") for name in sorted(PLAIN_FORMATS)]
    return [
        "# Keywords and formats",
        "",
        "What the suite understands in a schema of OpenAPI 3.0 to 3.2. An optional property with",
        "another keyword, or of any other format, is left out of what must be accepted, and a line",
        "above the run says so. Elsewhere another keyword ends the run.",
        "",
        *table(("keyword", "in a document", "near misses", "edges", "in a reading"), rows),
        *table(("format", "what is sent"), [*strings, *numbers, *plain]),
    ]


def _probes() -> list[str]:
    asked = probes.load()
    accepted = probes.load_baseline("reference", [each.name for each in asked]).answers
    rows = [(each.name, each.question, code(accepted.get(each.name, "-"))) for each in asked]
    return [
        "# Probes",
        "",
        "What the document leaves open, and what the reference answers.",
        "",
        *table(("probe", "question", "answer of the reference"), rows),
    ]


def _behaviours() -> list[str]:
    return ["# How the mirror answers", "", "```text", *behaviours.listed(), "```"]


def _packages() -> list[str]:
    listed = (ROOT / "requirements" / "licences.md").read_text(encoding="utf-8")
    return ["# Packages and their licences", "", *listed.splitlines()]


def _crossing() -> list[str]:
    return [
        "# What cross cases find",
        "",
        "A server may be wrong only in one status, from the fifth item on, in chunks, for a",
        "nearly right key or after a refused request. The table says what is sent to find it:",
        "*before* is the last version in which cases did not cross, and *now* is counted.",
        "[The proof](../proof.md) has the conditions, and after how many requests a fault shows.",
        "",
        *table(crossing.HEAD, crossing.rows(CONTRACT, FACTS)),
    ]


PAGES = {
    "options": _options,
    "environments": _environments,
    "variables": _variables,
    "exit-statuses": _exit_statuses,
    "files": _files,
    "settings": _settings,
    "profiles": _profiles,
    "requirements": _requirements,
    "near-misses": _near_misses,
    "edges": _edges,
    "crossing": _crossing,
    "keywords": _keywords,
    "probes": _probes,
    "behaviours": _behaviours,
    "packages": _packages,
}
"""The function that makes each page."""
