"""What earlier runs of a target found, so that a report can say what is new and since when."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reports import output
from reports.record import Record
from targets.masking import Masker

MOST_RUNS = 200
"""Runs of a target that are remembered."""


@dataclass(frozen=True, slots=True)
class Past:
    """One complete run: when it started (RFC 3339), its stamp, the requirements it found broken."""

    started: str
    stamp: str
    broken: tuple[str, ...]


def read(path: Path) -> list[Past]:
    """The runs that are remembered, oldest first; damaged lines are skipped."""
    past = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            data = json.loads(line)
            past.append(Past(data["started"], data["stamp"], tuple(data["broken"])))
        except (ValueError, KeyError, TypeError):
            continue
    return past


def append(path: Path, past: Sequence[Past], record: Record, masker: Masker | None = None) -> None:
    """Remember a complete run."""
    run = record["run"]
    now = Past(run["started"], run["stamp"], tuple(broken(record)))
    lines = [json.dumps(asdict(each), ensure_ascii=False) for each in [*past, now][-MOST_RUNS:]]
    output.write(path, "\n".join(lines) + "\n", masker)


def broken(record: Record) -> list[str]:
    """The names of what fails the run: requirements, and probes whose answer drifted."""
    names = [r["name"] for r in record["requirements"] if r["verdict"] == "broken"]
    drifted = [p["requirement"] for p in record["probes"] if p["state"] == "drift"]
    return [*names, *drifted]


def compare(record: Record, past: Sequence[Past]) -> dict[str, Any]:
    """What changed since earlier runs: `new`, `still` and `fixed` names, and `since` when.

    `new` is what the last run did not find; without a last run nothing is called new.
    """
    now = broken(record)
    last = past[-1].broken if past else ()
    settled = {r["name"] for r in record["requirements"] if r["verdict"] == "holds"}
    settled |= {p["requirement"] for p in record["probes"] if p["state"] in ("as accepted", "new")}
    return {
        "last_run": past[-1].started if past else None,
        "new": [name for name in now if past and name not in last],
        "still": [name for name in now if name in last],
        "fixed": [name for name in last if name in settled],
        "since": {name: _since(name, past) or record["run"]["started"] for name in now},
    }


def _since(name: str, past: Sequence[Past]) -> str | None:
    since = None
    for run in reversed(past):
        if name not in run.broken:
            break
        since = run.started
    return since
