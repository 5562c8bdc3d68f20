"""A copy of the suite, whose targets, waivers and baselines a test may change."""

import json
import shutil
from pathlib import Path

from tests.exchanges import CONTRACT
from tests.running import ROOT

PACKAGES = (
    *("causes", "findings", "reference", "reports", "run", "spec"),
    *("strategies", "suites", "targets", "watch"),
)


def copied(here: Path) -> Path:
    """Copy the suite to a folder; its proof covers every requirement."""
    left = shutil.ignore_patterns("node_modules", "output", "__pycache__", "mutants")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, here / name, ignore=left)
    for name in ("conftest.py", "pyproject.toml", "targets.toml"):
        shutil.copy(ROOT / name, here / name)
    (here / "proof").mkdir()
    proof = {
        "document": CONTRACT.sha256,
        "reading": CONTRACT.reading_sha256,
        "requirements": {requirement.name: True for requirement in CONTRACT.requirements},
    }
    (here / "proof" / "result.json").write_text(json.dumps(proof), encoding="utf-8")
    return here


def add_target(here: Path, name: str, settings: str) -> None:
    """Add a target to the copy's file of targets."""
    with (here / "targets.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[{name}]\n{settings}\n")
