"""What GitHub Actions shows of a run: annotations on the document's lines, and a summary."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from reports.escaping import one_line, safe_lines
from reports.formats import markdown
from reports.rows import Record
from reports.summary import findings
from spec.violation import expected_and_got
from targets.masking import Masker

MOST = 10
"""Annotations of a kind that GitHub shows of one step."""
LARGEST = 1024 * 1024
"""Bytes of a job's summary that GitHub takes."""
KINDS = {"broken": "error", "drift": "warning", "noted": "warning"}
"""The kind of annotation of a finding's verdict; what is known needs none."""


def is_here(environment: Mapping[str, str]) -> bool:
    """Whether GitHub Actions runs us."""
    return environment.get("GITHUB_ACTIONS") == "true"


def annotations(record: Record) -> Iterator[str]:
    """A command to the runner for each finding and each change, the worst first."""
    for finding in [each for each in findings(record) if each["verdict"] in KINDS][:MOST]:
        title = f"{finding['requirement']} ({finding['level']})"
        text = expected_and_got(finding["expected"], finding["got"])
        kind = KINDS[finding["verdict"]]
        yield _command(kind, text, file=finding["file"], line=finding["line"], title=title)
    news = record.get("news")
    file = f"spec/baselines/{news['baseline']}.json" if news else ""
    for change in news["changes"][:MOST] if news else ():
        kind = "notice" if change["means"] == "harmless" else "warning"
        yield _command(kind, change["text"], file=file, line=1, title=f"Changed: {change['means']}")


def write_summary(record: Record, environment: Mapping[str, str], masker: Masker) -> None:
    """Add the summary of the run to that of the job, if there is a file for it and room in it."""
    name = environment.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    text = masker.mask_again((safe_lines(markdown.summary(record)) + "\n").encode())
    with Path(name).open("ab") as file:
        if file.tell() + len(text) <= LARGEST:
            file.write(text)


def _command(kind: str, text: str, **properties: object) -> str:
    """`::error file=...,line=...,title=...::text`, in which nothing of a server's is obeyed."""
    listed = ",".join(f"{name}={_escaped(str(p), ':,')}" for name, p in properties.items())
    return f"::{kind} {listed}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    """The text as such a command takes it: in one line, with escapes as in a URL."""
    text = one_line(text).replace("%", "%25")
    for character in more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
