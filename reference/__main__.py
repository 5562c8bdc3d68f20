"""`python -m reference`: serve the vendor's endpoint until it is stopped."""

import argparse
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import NoReturn

USAGE = 4
"""The exit status of wrong usage, as of all commands here."""

try:
    from typing_extensions import override

    from reference import orders
    from reference.refusal import SetupError
    from reference.server import Server, listen, url
    from reference.service import Steps, create_app
    from reference.store import TEMPORARY, Store
except ImportError as error:
    sys.stderr.write(
        "The reference needs Python 3.11 or newer, and the packages of requirements/suite.txt: "
        f"{error}.\n"
    )
    raise SystemExit(USAGE) from None

KEY = "WIZCOMMERCE_API_KEY"
FORBIDDEN_KEY = "WIZCOMMERCE_FORBIDDEN_API_KEY"
DEMO_KEYS = {KEY: "demo-key", FORBIDDEN_KEY: "demo-key-without-rights"}


class Parser(argparse.ArgumentParser):
    """Ends the process with that status where the command line is wrong."""

    @override
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence."""
        self.exit(USAGE, f"{self.prog}: {message}.\n")


def _port(text: str) -> int:
    if re.fullmatch("[0-9]{1,5}", text) and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port number from 0 to 65535")


def options(arguments: list[str]) -> argparse.Namespace:
    """The command line, read; a bad one ends the process with status 4."""
    parser = Parser(
        prog="python -m reference",
        description=f"Serve the vendor's POST /v1/invoices. {KEY} holds the key that may create "
        f"invoices and {FORBIDDEN_KEY} one that may not; without them, demo keys are used.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address (default %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8080, help="port, 0 for a free one (default %(default)s)"
    )
    parser.add_argument(
        "--database",
        default=TEMPORARY,
        metavar="FILE",
        help="SQLite file (default: a temporary one)",
    )
    parser.add_argument(
        "--orders",
        type=Path,
        metavar="FILE",
        help='JSON list of {"id", "created_at"} (default: a few demo orders)',
    )
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="also stop when standard input ends"
    )
    return parser.parse_args(arguments)


def keys(environment: Mapping[str, str]) -> dict[str, bool]:
    """The keys and whether each may create invoices; a demo key for each one that is not set."""
    key, forbidden = (environment.get(name) or demo for name, demo in DEMO_KEYS.items())
    if key == forbidden:
        raise SetupError(f"{KEY} and {FORBIDDEN_KEY} must differ")
    return {key: True, forbidden: False}


def ready_line(address: str, environment: Mapping[str, str]) -> str:
    """The line that is printed once: the address and any demo key, but never a key of the user."""
    demo = [f"{name}={key}" for name, key in DEMO_KEYS.items() if not environment.get(name)]
    return f"reference ready on {address}" + (f" with {' '.join(demo)}" if demo else "")


def _stop_when_stdin_ends(server: Server) -> None:
    # Unbuffered: a thread inside sys.stdin's buffer would break the interpreter's exit.
    with suppress(OSError):  # standard input was closed from the start
        while os.read(0, 4096):
            pass
    server.stop()


def serve(chosen: argparse.Namespace) -> None:
    """Serve as the options say until stopped; SetupError when that cannot start."""
    with (
        closing(Store(keys(os.environ), orders.load(chosen.orders), chosen.database)) as store,
        closing(listen(chosen.host, chosen.port)) as listener,
    ):
        line = ready_line(url(listener), os.environ)
        app = create_app(Steps(), store)
        server = Server(app, lambda: print(line, flush=True))  # noqa: T201 - the ready line
        if chosen.until_stdin_closes:
            threading.Thread(target=_stop_when_stdin_ends, args=(server,), daemon=True).start()
        server.run([listener])


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or SIGINT, or the end of standard input; the exit status."""
    # Until the server handles them, and again when it hands them on after it has stopped.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    logging.disable()  # requests and their keys belong in no log
    try:
        serve(options(arguments))
    except SetupError as error:
        print(f"python -m reference: {error}.", file=sys.stderr)  # noqa: T201 - for the user
        return USAGE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
