"""The files that a run leaves: every name, once; and `python -m reports.output [FOLDER]`, which
removes those of the last run, except the history.

Otherwise a run that never began would be followed by the report of the one before.
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).parent / "output"
"""Where reports go unless another folder is named."""
RECORD = "run.json"
SUMMARY = "summary.md"
REQUIREMENTS = "requirements.junit.xml"
TESTS = "junit.xml"
HAR = "failing.har"
HTML = "report.html"
RESULTS = "allure-results"
HISTORY = "history"

ENVIRONMENT = "environment.properties"
EXECUTOR = "executor.json"
RESULT = "-result.json"
GLOBALS = "-globals.json"
ATTACHMENT = "-attachment"
"""The files in a folder of results, by their names or how these end; Allure prescribes them."""
_DRAFT = ".part"
_OF_ALLURE = (
    *(ENVIRONMENT, EXECUTOR, "categories.json"),
    *(f"*{RESULT}", f"*{GLOBALS}", "*-container.json", f"*{ATTACHMENT}*", f"*{_DRAFT}"),
)


def history_file(folder: Path, target: str) -> Path:
    """The runs of a target, in a folder of reports."""
    return folder / HISTORY / f"{_as_file_name(target)}.runs.jsonl"


def trend_file(folder: Path, target: str) -> Path:
    """The runs of a target as Allure remembers them."""
    return folder / HISTORY / f"{_as_file_name(target)}.allure.jsonl"


def write(path: Path, data: str | bytes) -> None:
    """Write a file so that a reader finds the old one or the new one, never half of one."""
    # Half a surrogate pair has no UTF-8; it is written as JSON escapes it.
    raw = data.encode(errors="backslashreplace") if isinstance(data, str) else data
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + _DRAFT)
    draft.write_bytes(raw)
    draft.replace(path)


def clear(folder: Path) -> None:
    """Remove the files that runs write into this folder, except the history."""
    for name in (RECORD, SUMMARY, REQUIREMENTS, TESTS, HAR, HTML):
        (folder / name).unlink(missing_ok=True)
    clear_results(folder / RESULTS)


def clear_results(folder: Path) -> None:
    """Remove earlier results of Allure, which would show them as retries and so hide failures."""
    for pattern in _OF_ALLURE:
        for file in folder.glob(pattern):
            file.unlink()


def _as_file_name(target: str) -> str:
    """The name of a target, which may be a URL, as part of a file name."""
    return "".join(c if c.isalnum() or c in "-." else "-" for c in target).strip("-.")


if __name__ == "__main__":
    clear(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
