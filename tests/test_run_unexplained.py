"""What the suite cannot explain, as it is at fault itself, is told all the same."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from reference.refusal import Problem
from reference.service import Steps
from tests.running import Result, python, server

BROKEN = """
import sys
from importlib import import_module
import pytest

def breaks(*_arguments, **_named):
    raise KeyError("remarks")

name, _, within = sys.argv[1].partition(":")
*around, last = within.split(".")
owner = import_module(name)
for each in around:
    owner = getattr(owner, each)
setattr(owner, last, breaks)
sys.exit(pytest.main(sys.argv[2:]))
"""
"""Runs the suite, in which a function raises what no caller knows of."""
PLACES = (
    "causes.symptoms:Symptom.is_like",
    "causes.explaining:Explaining.explained",
    "causes.making:made",
    "run.explainer:Explainer._explaining",
    "findings.grouping:without_followers",
    "findings.rows:clarity",
)
"""Where the suite breaks: as it asks more, as it makes a cause, as it puts findings together."""
TELLING = ("run.reporting:explain", "reports.formats.markdown:failure")
"""The same: as it says how one test failed."""
ENDING = ("reports.record:record", "reports.summary:summary_lines", "reports.summary:block")
"""The same: as it tells of the whole run."""
ALL = "first_invoice or 16_KiB or unknown_order"


def _run(place: str, folder: Path, tests: str, *more: str) -> Result:
    def check(payload: object) -> tuple[Problem, ...]:
        wrong = "remarks" in dict(payload)  # type: ignore[call-overload] # an object
        told = (Problem(("remarks",), "wrong", "is wrong"),) if wrong else ()
        return Steps().check(payload) or told

    with server(replace(Steps(), check=check)) as url:
        words = ("--base-url", url, "--order-id", "ORD-1", "--reports", str(folder), "-k", tests)
        return python("-c", BROKEN, place, "suites", "-q", "-p", "no:cacheprovider", *words, *more)


@pytest.mark.parametrize("place", PLACES)
def test_a_first_invoice_that_is_refused_is_a_finding_whatever_breaks(
    tmp_path: Path, place: str
) -> None:
    """It is told without its difference, and a sentence says what broke and where."""
    result = _run(place, tmp_path, ALL)
    assert result.status == 1, result.output
    assert "broken  201.status (MUST)" in result.output
    assert "KeyError" in result.output
    assert "INTERNALERROR" not in result.output


@pytest.mark.parametrize("place", TELLING)
def test_a_failure_that_cannot_be_told_is_a_finding_all_the_same(
    tmp_path: Path, place: str
) -> None:
    """The run goes on to its end: only the words of the failed test are missing."""
    result = _run(place, tmp_path, ALL, "--alluredir", str(tmp_path / "allure"))
    assert result.status == 1, result.output
    assert "broken  remarks.type (MUST)" in result.output
    assert "refused    the same with remarks" in result.output
    assert result.output.count("could not tell: the suite broke") == 1
    assert not re.search("INTERNALERROR|Traceback", result.output)


@pytest.mark.parametrize("place", ENDING)
def test_a_run_whose_end_cannot_be_told_has_what_it_found(tmp_path: Path, place: str) -> None:
    """Each violation is a line, and the status is that of a fault of the suite: no traceback."""
    result = _run(place, tmp_path, ALL)
    assert result.status == 3, result.output
    assert "found  [Refused valid input] 201.status (MUST): expected 201, got 400" in result.output
    assert "the suite broke: its end could not be told (KeyError: 'remarks'; " in result.output
    assert not re.search("INTERNALERROR|Traceback", result.output)


def test_where_the_suite_broke_is_said(tmp_path: Path) -> None:
    """With the file and the line, for those who mend it."""
    result = _run("causes.explaining:Explaining.explained", tmp_path, "unknown_order")
    assert "the suite broke while it looked for the cause of a violation (KeyError: " in (
        result.output
    )
