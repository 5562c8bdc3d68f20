"""Starts the reference server as a process of its own, for as long as a run needs it."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Timer

from targets.config import Keys
from targets.errors import UnreachableError

_ROOT = Path(__file__).parent.parent
_OPTIONS = ("--port", "0", "--until-stdin-closes", "--orders")
_READY = "reference ready on "
_TIMEOUT = 30.0
"""Seconds that the reference may take to start, and again to stop."""
_BUSY = "It said nothing; is this machine too busy?"


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference server that accepts connections."""

    base_url: str
    keys: Keys
    pid: int


@contextmanager
def started(folder: Path, orders: Mapping[str, datetime]) -> Iterator[Reference]:
    """Start the reference on a free port and stop it at the end.

    `orders` are the orders that exist there, with the time of their creation. `folder` takes the
    reference's files. The reference also stops when this process is killed, because that closes its
    standard input. Raises UnreachableError with the last line it wrote when it does not start.
    """
    keys = Keys(secrets.token_urlsafe(24), secrets.token_urlsafe(24))
    listed = [{"id": order, "created_at": made.isoformat()} for order, made in orders.items()]
    (folder / "orders.json").write_text(json.dumps(listed), encoding="utf-8")
    with (
        (folder / "reference.log").open("w+b") as log,
        subprocess.Popen(  # noqa: S603 - our own program, by its full path
            [sys.executable, "-m", "reference", *_OPTIONS, str(folder / "orders.json")],
            cwd=_ROOT,
            env=os.environ
            | {"WIZCOMMERCE_API_KEY": keys.key}
            | {"WIZCOMMERCE_FORBIDDEN_API_KEY": str(keys.forbidden)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl-C interrupts the suite alone, which stops the reference.
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        killer = Timer(_TIMEOUT, process.kill)
        killer.start()
        try:
            line = process.stdout.readline()
            killer.cancel()
            if not line.startswith(_READY):
                process.kill()
                process.wait()
                log.seek(0)
                *_, last = line.strip(), *log.read().decode(errors="replace").splitlines()
                why = f"; its last line was: {last}" if last else f" in {_TIMEOUT:g} s. {_BUSY}"
                raise UnreachableError(f"The reference did not start{why}")
            yield Reference(line.removeprefix(_READY).strip(), keys, process.pid)
        finally:
            killer.cancel()
            process.stdin.close()
            try:
                process.wait(_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
