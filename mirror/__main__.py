"""`python -m mirror`: serve the endpoint to a client, and judge what it sends."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from enum import IntEnum
from io import TextIOWrapper
from pathlib import Path

from typing_extensions import override

import spec  # noqa: F401 # it says what this Python lacks
from mirror import behaviours, reporting
from mirror.behaviours import UnknownNameError
from mirror.mirror import DEMO_KEY, KEY, Mirror
from mirror.received import Received
from mirror.telling import HEAD, row, summary
from reference.refusal import SetupError
from reports import output
from reports.command import USAGE, Parser, say
from reports.escaping import safe_lines
from reports.output import FolderError
from spec.violation import counted
from targets.errors import TargetError


class ExitStatus(IntEnum):
    """How a mirror ends; the numbers are those of a run of the suite."""

    NO_INVALID_REQUEST = 0
    INVALID_REQUEST = 1
    OWN_FAULT = 3
    NOTHING_CAME = 6


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line, read; a wrong one ends the process with status 4."""
    parser = Parser(
        "mirror",
        "Serve POST /v1/invoices to a client, and judge each of its requests. "
        f"{KEY} holds the key that the client has to send; without it, {DEMO_KEY}. "
        "Ctrl-C ends it.",
    )
    parser.register("action", None, _Once)
    parser.add_argument("--host", default="127.0.0.1", help="address (default %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8080, help="0 for a free one (default %(default)s)"
    )
    parser.add_argument("--requests", type=_count, metavar="N", help="end after N requests")
    parser.add_argument(
        "--idle", type=_seconds, metavar="S", help="end when no request came for S seconds"
    )
    parser.add_argument(
        "--as",
        dest="server",
        type=_nth(1),
        metavar="NAME[:N]",
        help="answer as this conforming server, each N-th request (default: each)",
    )
    parser.add_argument(
        "--fault",
        type=_nth(2),
        metavar="NAME[:N]",
        help="let each N-th request meet this fault (default: each second)",
    )
    parser.add_argument("--list", action="store_true", help="print the names, and end")
    parser.add_argument(
        "--reports",
        type=_folder,
        default=reporting.FOLDER,
        metavar="DIR",
        help="folder for the reports (default %(default)s)",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Serve until one of the ends, write the reports; the exit status."""
    chosen = options(arguments)
    if chosen.list:
        for line in behaviours.listed():
            say(line)
        return 0
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may know fewer letters
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            mirror = Mirror(os.environ.get(KEY) or DEMO_KEY, _show)
            reporting.claim(chosen.reports, stack)
            with suppress(KeyboardInterrupt):
                _serve(mirror, chosen)
            return _end(mirror, chosen.reports)
    except (SetupError, TargetError, FolderError, UnknownNameError) as error:
        print(safe_lines(f"python -m mirror: {str(error).rstrip('.')}."), file=sys.stderr)  # noqa: T201 - for the user
        return USAGE


def _serve(mirror: Mirror, chosen: argparse.Namespace) -> None:
    mirror.log.limit = chosen.requests
    with mirror.serving(chosen.host, chosen.port):
        if chosen.server:
            mirror.answer_as(*chosen.server)
        if chosen.fault:
            mirror.fail(*chosen.fault)
        demo = "" if os.environ.get(KEY) else f" with {KEY}={DEMO_KEY}"
        _say(f"mirror ready on {mirror.url}{demo}\n{HEAD}")
        mirror.log.wait(chosen.requests, chosen.idle)


def _end(mirror: Mirror, folder: Path) -> int:
    """Write the reports and say what was received; the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not cost the reports
    status = ExitStatus.INVALID_REQUEST if mirror.invalid else ExitStatus.NO_INVALID_REQUEST
    if not mirror.received:
        status = ExitStatus.NOTHING_CAME
    troubles = [f"the mirror broke, please report it: {each}" for each in mirror.log.troubles]
    try:
        reporting.write(folder, mirror)
    except OSError as error:
        troubles.append(output.not_written(error))
    _say("\n".join(["", *summary(mirror.received, mirror.reactions, mirror.never_sent)]))
    if mirror.log.turned_away:
        turned_away = counted(mirror.log.turned_away, "connection")
        _say(f"Turned away, because too many were open: {turned_away}")
    if mirror.log.not_judged:
        _say(f"Requests not judged, because the mirror ended: {mirror.log.not_judged}")
    for trouble in troubles:
        _say(trouble)
    _say(f"\nReports: {folder}")
    return ExitStatus.OWN_FAULT if troubles else status


def _show(received: Received) -> None:
    _say("\n".join(row(received)))


def _say(text: str) -> None:
    try:
        say(text)
    except OSError:
        # Nobody reads any more, and the reports have it: what Python still holds goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Once(argparse.Action):
    """An option that has one value: a second one would be dropped silently."""

    @override
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Take the value, unless the option came before."""
        given: set[str] = namespace.__dict__.setdefault("given", set())
        if self.dest in given:
            parser.error(f"{option_string} is given more than once")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


def _nth(usual: int) -> Callable[[str], tuple[str, int]]:
    """Reads NAME or NAME:N."""

    def nth(text: str) -> tuple[str, int]:
        name, colon, number = text.partition(":")
        return name, _count(number) if colon else usual

    nth.__name__ = "NAME[:N]"
    return nth


def _count(text: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < int(text[:10]) < 10**9:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")


def _folder(text: str) -> Path:
    if text.strip():
        return Path(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a folder")


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 < float(text) <= 86_400:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds up to a day")


def _port(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text[:6]) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port number from 0 to 65535")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
