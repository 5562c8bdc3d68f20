"""What another version of the document changes: `python -m spec.diff OLD NEW`.

Ends with 0 where nothing changed, 1 where what changed breaks no client, and 2 where it may. A
change breaks a client, as oasdiff has it, if it asks more of a request or promises less of an
answer.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path as FilePath
from typing import NoReturn

from typing_extensions import override

from spec.contract import READING
from spec.diff.change import Change, written
from spec.diff.changes import changes
from spec.diff.standing import comparable, of_operation, without_operation
from spec.yamlfile import FileError


def as_text(found: Sequence[Change]) -> str:
    """A line for each change."""
    return "\n".join(map(str, found)) or "nothing changed"


def as_markdown(found: Sequence[Change]) -> str:
    """A table."""
    head = "| change | requirement | before | now | for clients | for servers |\n" + "| --- " * 6
    rows = [
        f"| {'**breaking**, ' if one.breaking else ''}{one.kind} | `{one.requirement}` "
        f"| {_cell(one.old, one.old_place)} | {_cell(one.new, one.new_place)} "
        f"| {one.for_clients} | {one.for_servers} |"
        for one in found
    ]
    return "\n".join([f"{head}|", *rows]) if found else "Nothing changed."


def _cell(operand: object, place: str) -> str:
    text = written(operand).replace("|", "\\|").replace("`", "")
    return f"`{text}` ({place})" if place else ""


def as_json(found: Sequence[Change]) -> str:
    """A list of objects."""
    return json.dumps([asdict(one) for one in found], indent=1, default=str, ensure_ascii=False)


FORMATS: dict[str, Callable[[Sequence[Change]], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}


class _Parser(argparse.ArgumentParser):
    """Wrong usage has a status of its own, as 2 says that clients break."""

    @override
    def error(self, message: str) -> NoReturn:
        self.exit(4, f"{self.prog}: {message.rstrip('.')}.\n")


def compared(old: FilePath, new: FilePath, reading: FilePath) -> tuple[Change, ...]:
    """What changed between two files."""
    readings = [*dict.fromkeys((reading, READING))]  # what OLD is called by may be as new
    before, after = without_operation(old, *readings), without_operation(new, reading)
    if after and not before:
        return (of_operation(after, comparable(old, *readings)[1], fresh=False),)
    if before and not after:
        return (of_operation(before, comparable(new, reading)[1], fresh=True),)
    now, was = comparable(new, reading), comparable(old, *readings)
    return changes(was[0], now[0], (was[1], now[1]))


def main(words: Sequence[str] | None = None) -> int:
    """Compare two files and print what changed."""
    parser = _Parser(prog="python -m spec.diff", description=__doc__)
    parser.add_argument("old", metavar="OLD", type=FilePath)
    parser.add_argument("new", metavar="NEW", type=FilePath)
    parser.add_argument("--format", choices=[*FORMATS], default="text")
    parser.add_argument(
        "--reading",
        metavar="FILE",
        type=FilePath,
        default=READING,
        help="another reading of NEW, an OpenAPI Overlay: by its new names the operation is found",
    )
    given = parser.parse_args(words)
    try:
        found = compared(given.old, given.new, given.reading)
    except FileError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for the user
        return 4
    try:
        print(FORMATS[given.format](found), flush=True)  # noqa: T201 - for the user
    except BrokenPipeError:
        # As where `| head` has read enough: what Python still holds goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 2 if any(one.breaking for one in found) else int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
