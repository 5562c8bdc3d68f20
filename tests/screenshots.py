"""`python -m tests.screenshots`: take the pictures of docs/report.md with the browser's tests."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TAKEN = ROOT / "reports" / "output" / "screenshots"
SHOWN = ("overview", "categories", "failing", "requirements", "trend")


def main() -> int:
    """Run the tests that take them, and copy the pictures; the exit status is that of the tests."""
    tests = [sys.executable, "-m", "pytest", "tests/test_report_html.py", "-q"]
    status = subprocess.run(tests, cwd=ROOT, check=False).returncode
    if status == 0:
        (ROOT / "docs").mkdir(exist_ok=True)
        for name in SHOWN:
            shutil.copy(TAKEN / f"{name}.png", ROOT / "docs" / f"report-{name}.png")
    return status


if __name__ == "__main__":
    sys.exit(main())
