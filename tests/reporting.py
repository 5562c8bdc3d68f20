"""Runs of the suite whose reports the tests read."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.rows import Record
from tests.running import suite


@dataclass(frozen=True, slots=True)
class Reported:
    """A finished run: its exit status, what it printed, and the folder of its reports."""

    status: int
    output: str
    folder: Path

    @property
    def record(self) -> Record:
        """The run's record."""
        content: Record = json.loads(self.text("run.json"))
        return content

    @property
    def results(self) -> list[dict[str, Any]]:
        """Its Allure results, by test."""
        files = self.folder.glob("allure-results/*-result.json")
        found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return sorted(found, key=lambda result: str(result["fullName"]))

    def text(self, name: str) -> str:
        """The text of one of its reports."""
        return (self.folder / name).read_text(encoding="utf-8")


def reported(folder: Path, *options: str) -> Reported:
    """Run the suite with all its reports in a folder."""
    where = ("--reports", str(folder), "--alluredir", str(folder / "allure-results"))
    done = suite("-q", *where, "--allure-no-capture", *options)
    return Reported(done.status, done.output, folder)
