"""The reference as a user starts it: as its own process, reached over sockets."""

import json
import os
import select
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.running import PATIENCE

ROOT = Path(__file__).parent.parent
COMMAND = (sys.executable, "-W", "error", "-m", "reference")
KEY = "the-key-that-may"
FORBIDDEN_KEY = "the-key-that-may-not"
JSON = "application/json"
PATH = "/v1/invoices"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What a client of plain http trusts; to read the system's certificates takes 20 ms each time."""


@dataclass(frozen=True, slots=True)
class Running:
    """A reference that accepts connections: its process, its ready line and its base URL."""

    process: subprocess.Popen[str]
    ready_line: str
    url: str


def environment(**changes: str) -> dict[str, str]:
    """The environment of these tests without the reference's keys, then the changes."""
    inherited = {name: value for name, value in os.environ.items() if "WIZCOMMERCE" not in name}
    return {**inherited, **changes}


@contextmanager
def running(*options: str, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Start the reference on a free port, with both keys unless `env` is given."""
    keys = {"WIZCOMMERCE_API_KEY": KEY, "WIZCOMMERCE_FORBIDDEN_API_KEY": FORBIDDEN_KEY}
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *options],
        cwd=ROOT,
        env=environment(**keys) if env is None else env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], PATIENCE)[0], "no ready line"
            line = process.stdout.readline()
            yield Running(process, line, line.split()[3])
        finally:
            process.kill()


@contextmanager
def speaking_to(url: str) -> Iterator[httpx.Client]:
    """A client with the right key and media type that ignores the environment's proxies."""
    headers = {"X-API-Key": KEY, "Content-Type": JSON}
    with httpx.Client(
        base_url=url, headers=headers, trust_env=False, timeout=PATIENCE, verify=NO_TLS
    ) as client:
        yield client


def post_head(*headers: str, key: str = KEY) -> bytes:
    """The head of a request with the right key and these header lines."""
    lines = (f"POST {PATH} HTTP/1.1", "host: reference", f"x-api-key: {key}", *headers, "", "")
    return "\r\n".join(lines).encode()


def all_bytes(url: str, sent: bytes) -> bytes:
    """Send these bytes on one connection, whose last request closes it; returns all that came."""
    host, _, port = url.removeprefix("http://").partition(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(sent)
        while chunk := connection.recv(65536):
            received += chunk
    return received


def item(**changes: Any) -> dict[str, Any]:
    """One valid item, with these properties changed."""
    return {
        "reference_id": "ITEM-1",
        "sku": "SKU-1",
        "quantity": 4,
        "amount": 67.49,
        "name": "Chair",
    } | changes


def invoice(**changes: Any) -> dict[str, Any]:
    """A valid invoice with every property, with these changed."""
    return {
        "reference_id": "INV-1",
        "order_id": "ORD-20250101",
        "invoice_number": "INV-1",
        "total_amount": 269.96,
        "paid_amount": 100,
        "status": "PARTIALLY_PAID",
        "due_date": "2025-01-01T00:00:00Z",
        "remarks": "Remarks",
        "url": "https://example.com/invoice/INV-1",
        "created_at": "2025-01-01T00:00:00Z",
        "updated_at": "2025-01-01T00:00:00Z",
        "items": [item()],
    } | changes


def encoded(payload: Any) -> bytes:
    """A payload as compact JSON, everything beyond ASCII escaped."""
    return json.dumps(payload).encode()
