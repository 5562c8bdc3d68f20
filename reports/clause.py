"""Quotes the clause of a requirement from its file, with the line marked."""

from functools import cache
from pathlib import Path

from spec.requirements import Requirement

MOST = 14
"""Lines of a quotation."""


@cache
def quoted(requirement: Requirement) -> str:
    """The smallest block around the clause that says what it is about; empty without the file."""
    try:
        lines = Path(requirement.file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    at = requirement.line - 1
    if at >= len(lines):
        return ""
    start, end = at, _end(lines, at)
    while (parent := _parent(lines, start)) is not None and _end(lines, parent) - parent <= MOST:
        start, end = parent, _end(lines, parent)
    shown = lines[start : min(end, start + MOST)]
    margin = min(_indent(line) for line in shown if line.strip())
    shown = [line[margin:] for line in shown]
    shown[at - start] += f"    # <-- line {requirement.line}"
    return "\n".join(shown)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _parent(lines: list[str], at: int) -> int | None:
    """The line above that the line at hand belongs to."""
    own = _indent(lines[at]) - (0 if lines[at].lstrip().startswith("- ") else 1)
    for above in range(at - 1, -1, -1):
        line = lines[above]
        if line.strip() and _indent(line) <= own and not line.lstrip().startswith("#"):
            if _indent(line) == own and line.lstrip().startswith("- "):
                continue
            return above
    return None


def _end(lines: list[str], start: int) -> int:
    """The line after the block that begins at a line."""
    for below in range(start + 1, len(lines)):
        line = lines[below]
        if not line.strip():
            continue
        if _indent(line) < _indent(lines[start]):
            return below
        deeper = _indent(line) > _indent(lines[start])
        listed = line.lstrip().startswith("- ") and not lines[start].lstrip().startswith("- ")
        if not deeper and not listed:
            return below
    return len(lines)
