"""Clients for tests, like the client of a run."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from spec.exchange import Exchange
from targets.client import Client
from targets.masking import Masker
from targets.pace import Pace, Rate
from targets.stamp import Stamper

KEY = "a-key-for-tests"
PATH = "/v1/invoices"


@contextmanager
def client(
    base_url: str,
    folder: Path,
    *,
    timeout: float = 20.0,
    tls: ssl.SSLContext | None = None,
    rate: Rate | None = None,
    max_requests: int | None = None,
    on_exchange: Callable[[Exchange], None] | None = None,
    transport: httpx.BaseTransport | None = None,
    masker: Masker | None = None,
) -> Iterator[Client]:
    """A new client, closed at the end; the default `timeout` allows for a slow machine."""
    pace = Pace(folder, rate, max_requests)
    made = Client(
        base_url,
        PATH,
        "X-API-Key",
        KEY,
        Stamper("7F3A91C2"),
        pace,
        tls,
        timeout,
        on_exchange,
        transport,
        masker or Masker({"WIZCOMMERCE_API_KEY": KEY}),
    )
    try:
        yield made
    finally:
        made.close()
