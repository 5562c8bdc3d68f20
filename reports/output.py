"""The files that a run leaves: every name, once; and `python -m reports.output [FOLDER]`, which
removes what the last run left, but for the history.

Otherwise a run that never began would be followed by the report of the one before.
"""

import sys
from pathlib import Path

from reports.allure.results import emptied

FOLDER = Path(__file__).parent / "output"
"""Where reports go unless another folder is named; the history of a target is read there."""
RECORD = "run.json"
SUMMARY = "summary.md"
REQUIREMENTS = "requirements.junit.xml"
TESTS = "junit.xml"
HAR = "failing.har"
HTML = "report.html"
RESULTS = "allure-results"
HISTORY = "history"


def clear(folder: Path) -> None:
    """Remove the files that runs write into this folder."""
    for name in (RECORD, SUMMARY, REQUIREMENTS, TESTS, HAR, HTML):
        (folder / name).unlink(missing_ok=True)
    emptied(folder / RESULTS)


if __name__ == "__main__":
    clear(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
