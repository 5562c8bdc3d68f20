"""Runs one tool on one server, in its own process: what it found, and what that cost."""

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reference.mutants.conforming import any_invoice_that_the_document_allows_is_taken
from reference.mutants.operators import changed
from reference.mutants.server import Json, Server
from reference.store import Store
from spec import contract
from strategies.acceptance.edges import order_id_edges
from targets.config import Keys

ROOT = Path(__file__).parent.parent.parent
OWN = Path(__file__).parent / ".venv"
PROGRAM = OWN / "bin" / "schemathesis"
PINS = ROOT / "requirements" / "peers.txt"
KEYS = Keys("peers-key-3f9a17c2", "peers-key-without-right")
CREATED = datetime(2020, 1, 1, tzinfo=UTC)
ORDERS = ("ORD-1", *order_id_edges(contract.load()))
"""The orders of the servers, among them ids at the edges of their length."""
PRICE = 10**9
PATIENCE = 900
"""Seconds after which a tool is stopped; on a quiet machine it takes a tenth of that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a tool found, in its own names, and what that cost: CPU seconds, peak memory in MiB."""

    found: tuple[str, ...]
    requests: int
    seconds: float
    memory: float


Ask = Callable[[str, Keys], Asked]
"""Runs a tool on the server at a base URL, with these keys."""


def lenient(server: Server) -> Server:
    """A reference that accepts whatever the document allows, even sums beyond doubles."""
    accepting = any_invoice_that_the_document_allows_is_taken(server)
    return accepting.with_payload(
        lambda payload: changed(payload, ("amount",), _capped)
    ).with_steps(find_order=lambda *_: CREATED, check_dates=lambda *_: None)


def _capped(amount: Json) -> Json:
    """A smaller amount; Schemathesis does not compare it with the answer's."""
    return max(-PRICE, min(amount, PRICE)) if type(amount) in (int, float) else amount


def asked(ask: Ask, server: Server) -> Asked:
    """Run a tool on this server."""
    with (
        closing(
            Store({KEYS.key: True, str(KEYS.forbidden): False}, dict.fromkeys(ORDERS, CREATED))
        ) as store,
        server.serving(store) as url,
    ):
        return ask(url, KEYS)


def install() -> None:
    """Install Schemathesis into its own environment, once."""
    if not OWN.exists():
        venv.create(OWN, with_pip=True)
        install = [OWN / "bin" / "pip", "install", "-q", "-r", PINS]
        subprocess.run([str(word) for word in install], check=True)


def suite(url: str, keys: Keys) -> Asked:
    """Run this suite with its usual settings; it finds names of requirements."""
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
        if not record.exists():  # the run could not tell
            return Asked((), 1, seconds, memory)
        content = json.loads(record.read_text(encoding="utf-8"))
    found = tuple(dict.fromkeys(row["requirement"] for row in content["occurrences"]))
    return Asked(found, content["counts"]["requests"], seconds, memory)


def schemathesis(program: Path) -> Ask:
    """Schemathesis with all checks, phases and modes, and a fixed seed."""

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
            # It leaves files in the folder where it is started.
            seconds, memory = _run(command, Path(folder), {})
            try:
                content = json.loads(report.read_text(encoding="utf-8"))
            except (OSError, json.JSONDecodeError):  # it was stopped
                return Asked((), 0, seconds, memory)
        found = [failure["title"] for failure in content["failures"]]
        found += [f"error: {error.get('title', error)}" for error in content["errors"]]
        requests = content["test_cases"]["generated"]
        return Asked(tuple(dict.fromkeys(found)), requests, seconds, memory)

    return ask


def _run(command: list[str], place: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Run a command to its end; its CPU seconds and its peak memory in MiB."""
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
