"""For tests of the mirror: one that runs in this process, and clients that speak to it."""

import os
import re
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from mirror.mirror import Mirror
from mirror.received import Received
from tests.reference_process import NO_TLS, environment
from tests.running import PATIENCE

ROOT = Path(__file__).parent.parent
KEY = "the-key-of-a-client"
PATH = "/v1/invoices"


def invoice(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A valid invoice; each number has its own references."""
    item = {
        "reference_id": f"LINE-{number}",
        "sku": "SKU-1",
        "quantity": 4,
        "amount": 67.49,
        "name": "Chair",
    }
    return {
        "reference_id": f"REF-{number}",
        "order_id": "ORD-1",
        "invoice_number": f"INV-{number}",
        "total_amount": 269.96,
        "paid_amount": 100,
        "due_date": "2040-01-01T00:00:00Z",
        "items": [item],
    } | changes


@contextmanager
def mirror(key: str = KEY) -> Iterator[Mirror]:
    """A mirror on a free port."""
    with Mirror(key).serving() as serving:
        yield serving


@contextmanager
def speaking(url: str, key: str = KEY, timeout: float = PATIENCE) -> Iterator[httpx.Client]:
    """A client of that address with the right key, blind to the environment."""
    headers = {"X-API-Key": key}
    with httpx.Client(
        base_url=url, headers=headers, trust_env=False, timeout=timeout, verify=NO_TLS
    ) as client:
        yield client


def one(serving: Mirror) -> Received:
    """The only request that a mirror has received."""
    (received,) = serving.received
    return received


def raw(url: str, sent: bytes) -> bytes:
    """Send these bytes on a connection, and read until the other side closes it."""
    received = b""
    with connected(url) as connection:
        connection.sendall(sent)
        while chunk := connection.recv(65536):
            received += chunk
    return received


def connected(url: str) -> socket.socket:
    """A connection to that address."""
    host, _, port = url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Command:
    """`python -m mirror` as a user runs it: its process, its address, its folder of reports."""

    process: subprocess.Popen[str]
    url: str
    folder: Path

    def end(self) -> tuple[int, str]:
        """Wait for its end: exit status, and all that it printed after the ready line."""
        output, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, output


@contextmanager
def command(folder: Path, *options: str, key: str | None = KEY) -> Iterator[Command]:
    """Start the command on a free port, with this key in its environment."""
    keys = {} if key is None else {"WIZCOMMERCE_API_KEY": key}
    with subprocess.Popen(
        [
            *(sys.executable, "-W", "error", "-m", "mirror", "--port", "0"),
            *("--reports", str(folder), *options),
        ],
        cwd=ROOT,
        env=environment(**keys),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], PATIENCE)[0], "no ready line"
            line = os.read(process.stdout.fileno(), 65536).decode()
            found = re.search(r"http://\S+", line)
            assert found, line
            yield Command(process, found[0], folder)
        finally:
            process.kill()
