"""Keeps what two tools found, so that only the servers that are new need be asked again."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.peers.comparison import Row

FILE = Path(__file__).with_name("result.json")


@dataclass(frozen=True, slots=True)
class Kept:
    """The last comparison: the version of the other tool, how many servers there were, the names of
    those among which some were chosen, and what was found on those that were asked.
    """

    version: str
    servers: int
    known: tuple[str, ...]
    rows: tuple[Row, ...]


def read() -> Kept:
    """The last comparison; it is committed."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    rows = (*map(_row, content["asked"]),)
    return Kept(content["schemathesis"], content["servers"], (*content["known"],), rows)


def _row(kept: dict[str, Any]) -> Row:
    costs = tuple((ours, theirs) for ours, theirs in kept["costs"])
    return Row(**kept | {"ours": (*kept["ours"],), "theirs": (*kept["theirs"],), "costs": costs})


def write(kept: Kept) -> None:
    """Keep a comparison, a line for each server."""
    lines = [json.dumps(asdict(row), ensure_ascii=False) for row in kept.rows]
    names = [json.dumps(name, ensure_ascii=False) for name in sorted(kept.known)]
    FILE.write_text(
        f'{{"schemathesis": {json.dumps(kept.version)},\n"servers": {kept.servers},\n'
        f'"asked": [\n{_joined(lines)}\n],\n"known": [\n{_joined(names)}\n]}}\n',
        encoding="utf-8",
    )


def _joined(lines: Sequence[str]) -> str:
    return ",\n".join(lines)
