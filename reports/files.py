"""The files that are made of a record, each by one function; none takes another one with it."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from reports import history, output
from reports.escaping import safe_lines
from reports.formats import github, har, junit, markdown
from reports.rows import Record
from targets.masking import Masker


def _shown(text_of: Callable[[Record], str]) -> Callable[[Record], str]:
    return lambda record: safe_lines(text_of(record))


FILES: Mapping[str, Callable[[Record], str | bytes]] = {
    output.RECORD: output.as_json,
    output.HAR: har.of_exchanges,
    output.SUMMARY: _shown(markdown.summary),
    output.REQUIREMENTS: _shown(junit.of_requirements),
}
"""What makes each file, by the file's name. `reports.output` clears them all."""


def write(content: Record, folder: Path, masker: Masker) -> list[str]:
    """Write every file that is made of the record, and remember a complete run.

    Returns a sentence for each file that is missing, and why; the others are written all the same.
    """
    steps = {name: partial(_write, name, content, folder, masker) for name in FILES}
    if github.is_here(os.environ):
        steps["the summary of the job"] = partial(github.write_summary, content, os.environ, masker)
    if content["run"]["complete"]:
        steps[output.HISTORY] = partial(_remember, content, folder, masker)
    return [sentence for name, step in steps.items() if (sentence := output.trouble(name, step))]


def _write(name: str, content: Record, folder: Path, masker: Masker) -> None:
    output.write(folder / name, FILES[name](content), masker)


def _remember(content: Record, folder: Path, masker: Masker) -> None:
    file = output.history_file(folder, content["target"]["name"])
    history.append(file, history.read(file), content, masker)
