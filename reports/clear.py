"""`python -m reports.clear [FOLDER]`: take away what the last run left, but for the history.

Else a run that never began would be followed by the report of the one before.
"""

import sys
from pathlib import Path

from reports.results import emptied

OUTPUT = Path(__file__).parent / "output"
FILES = (
    *("run.json", "summary.md", "requirements.junit.xml", "failing.har", "report.html"),
    "junit.xml",
)


def clear(folder: Path) -> None:
    """Remove the files that runs write into this folder."""
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
    emptied(folder / "allure-results")


if __name__ == "__main__":
    clear(Path(sys.argv[1]) if sys.argv[1:] else OUTPUT)
