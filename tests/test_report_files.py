"""The files that are made of a record: one that cannot be made costs no other."""

from pathlib import Path
from typing import NoReturn

import pytest

from reports import files, output
from targets.masking import Masker
from tests.records import record
from tests.running import KEY, ORDER, server, suite

pytestmark = pytest.mark.quick
"""But for those that start whole runs."""

NO_KEY = Masker({})


def _broken(_record: object) -> NoReturn:
    raise LookupError("no such row")


@pytest.fixture(autouse=True)
def _no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of GitHub, whose summary of the job would be written too."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


def _written(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_each_file_is_written_and_cleared(tmp_path: Path) -> None:
    """What a run writes the next one removes, except the history."""
    assert files.write(record(), tmp_path, NO_KEY) == []
    assert _written(tmp_path) == {*files.FILES, output.HISTORY}
    output.clear(tmp_path)
    assert _written(tmp_path) == {output.HISTORY}


@pytest.mark.parametrize("name", files.FILES)
def test_a_file_that_cannot_be_made_costs_no_other(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named in one sentence, with the place in the code."""
    monkeypatch.setattr(files, "FILES", {**files.FILES, name: _broken})
    (sentence,) = files.write(record(), tmp_path, NO_KEY)
    assert f"{name} cannot be made (LookupError: no such row; {Path(__file__).name}" in sentence
    assert _written(tmp_path) == {*files.FILES, output.HISTORY} - {name}


@pytest.mark.parametrize("name", files.FILES)
def test_a_file_that_cannot_be_written_costs_no_other(name: str, tmp_path: Path) -> None:
    """As where a folder has its name."""
    (tmp_path / name).mkdir()
    (sentence,) = files.write(record(), tmp_path, NO_KEY)
    assert f"cannot write {tmp_path / name}" in sentence
    assert _written(tmp_path) == {*files.FILES, output.HISTORY}


@pytest.mark.whole_runs
def test_a_run_whose_summary_cannot_be_made_keeps_its_record(tmp_path: Path) -> None:
    """It ends with 3 and one sentence, without a traceback and without the key."""
    small = ("-k", "near_miss and sku.type", "--hypothesis-profile", "smoke")
    files_of = ("--reports", str(tmp_path), "-p", "tests.plugins.broken_report")
    with server() as url:
        result = suite("--base-url", url, *ORDER, *small, *files_of)
    assert result.status == 3, result.output
    told = [line for line in result.output.splitlines() if line.startswith("the suite broke: ")]
    assert len(told) == 1, result.output
    assert "summary.md cannot be made (LookupError: sent with " in told[0]
    assert KEY not in result.output
    assert "Traceback" not in result.output
    assert {*files.FILES} - {output.SUMMARY} <= _written(tmp_path)
