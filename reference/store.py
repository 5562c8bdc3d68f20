"""What the service stores: keys with their rights, orders with their dates, invoices."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from reference.refusal import SetupError

TEMPORARY = ""
"""SQLite's name for a temporary database, which is deleted when it is closed."""

_TABLES = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS keys (digest BLOB PRIMARY KEY, may_create INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, created_at TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS invoices (
        id TEXT PRIMARY KEY, order_id TEXT NOT NULL, document TEXT NOT NULL
    );
    DELETE FROM keys;
"""

_ENCODER = json.JSONEncoder(check_circular=False)


class Store:
    """One SQLite database, used by one thread at a time.

    `keys` says for each key whether it may create invoices; only digests of keys are written.
    `orders` gives the creation of each order. A file keeps earlier orders and invoices, never keys.
    """

    def __init__(
        self,
        keys: Mapping[str, bool],
        orders: Mapping[str, datetime],
        file: str = TEMPORARY,
    ) -> None:
        rights = [(_digest(key.encode()), may_create) for key, may_create in keys.items()]
        dates = [(order_id, created_at.isoformat()) for order_id, created_at in orders.items()]
        with ExitStack() as on_failure:
            try:
                # Autocommit: each invoice is a transaction. The service may be created in one
                # thread and run in another, but never runs in two at once.
                self._database = sqlite3.connect(
                    file, isolation_level=None, check_same_thread=False
                )
                on_failure.callback(self.close)
                self._database.executescript(_TABLES)
                self._database.executemany("INSERT INTO keys VALUES (?, ?)", rights)
                self._database.executemany("INSERT OR REPLACE INTO orders VALUES (?, ?)", dates)
            except sqlite3.Error as error:
                raise SetupError(f"cannot use {file} as the database: {error}") from None
            on_failure.pop_all()

    def may_create(self, key: bytes) -> bool | None:
        """Whether this key may create invoices; None for an unknown key."""
        row = self._row("SELECT may_create FROM keys WHERE digest = ?", _digest(key))
        return None if row is None else bool(row[0])

    def order_created_at(self, order_id: str) -> datetime | None:
        """When an order was created, with a time zone; None when there is no such order."""
        row = self._row("SELECT created_at FROM orders WHERE id = ?", order_id)
        return None if row is None else datetime.fromisoformat(row[0])

    def keep(self, invoice: Mapping[str, Any]) -> None:
        """Store the `data` of an answer under its id, which must be new."""
        self._database.execute(
            "INSERT INTO invoices VALUES (?, ?, ?)",
            (invoice["id"], invoice["order_id"], _ENCODER.encode(invoice)),
        )

    def close(self) -> None:
        """Close the database; a temporary one is deleted."""
        self._database.close()

    def _row(self, query: str, value: object) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._database.execute(query, (value,)).fetchone()
        return row


def _digest(key: bytes) -> bytes:
    # Keys are long random strings, so a plain hash keeps them secret; and the time that it takes to
    # compare digests says nothing about a key.
    return hashlib.sha256(key).digest()
