"""Asks one server with one tool, in a process of its own: what it found, and at what cost."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from spec import contract
from strategies.edges import order_id_edges
from targets.config import Keys

ROOT = Path(__file__).parent.parent.parent
CREATED = datetime(2020, 1, 1, tzinfo=UTC)
ORDERS = ("ORD-1", *order_id_edges(contract.load()))
"""The orders that the servers have: an order's id of full length cannot be sent without one."""
PATIENCE = 300
"""Seconds after which a tool is stopped."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a tool found, by names of its own, and what that cost: seconds of CPU, MiB at most."""

    found: tuple[str, ...]
    requests: int
    seconds: float
    memory: float


Ask = Callable[[str, Keys], Asked]
"""Asks the server at a base URL with these keys."""


def suite(url: str, keys: Keys) -> Asked:
    """Our own, at its usual settings; what it finds are names of requirements."""
    with tempfile.TemporaryDirectory() as folder:
        where = ("-p", "no:cacheprovider", "--base-url", url, "--reports", folder, "-q")
        environment = {
            "WIZCOMMERCE_API_KEY": keys.key,
            "WIZCOMMERCE_FORBIDDEN_API_KEY": str(keys.forbidden),
        }
        orders = [f"--order-id={order}" for order in ORDERS]
        created = f"--order-created-at={CREATED.isoformat()}"
        command = [sys.executable, "-m", "pytest", "suites", *where, *orders, created]
        seconds, memory = _run(command, ROOT, environment)
        record = Path(folder, "run.json")
        if not record.exists():  # it could not tell
            return Asked((), 1, seconds, memory)
        content = json.loads(record.read_text(encoding="utf-8"))
    found = tuple(dict.fromkeys(finding["requirement"] for finding in content["findings"]))
    return Asked(found, content["counts"]["requests"], seconds, memory)


def schemathesis(program: Path) -> Ask:
    """Schemathesis with all its checks, phases and modes, and a seed of its own."""

    def ask(url: str, keys: Keys) -> Asked:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report.json")
            command = [
                *(str(program), "run", str(ROOT / "spec" / "openapi.yaml"), "--url", url),
                *("-H", f"X-API-Key: {keys.key}", "--checks", "all", "--mode", "all"),
                *("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "500"),
                *("--continue-on-failure", "--seed", "1", "--generation-database", "none"),
                *("--request-timeout", "2", "--report", "json"),
                *("--report-json-path", str(report)),
            ]
            # It leaves files of its own where it is started.
            seconds, memory = _run(command, Path(folder), {})
            if not report.exists():
                return Asked((), 0, seconds, memory)
            content = json.loads(report.read_text(encoding="utf-8"))
        found = [failure["title"] for failure in content["failures"]]
        found += [f"error: {error.get('title', error)}" for error in content["errors"]]
        requests = content["test_cases"]["generated"]
        return Asked(tuple(dict.fromkeys(found)), requests, seconds, memory)

    return ask


def _run(command: list[str], place: Path, environment: dict[str, str]) -> tuple[float, float]:
    """CPU seconds and MiB at most of a command that is run to its end."""
    process = subprocess.Popen(
        command,
        cwd=place,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        pid, _, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = 0
            return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        time.sleep(0.1)
    process.kill()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = -9
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
