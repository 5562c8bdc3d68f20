"""`python -m reports.accept [RUN]`: take a run's answers to the probes as the target's baseline.

RUN is the record of a run, by default that of the last one. The command writes the baseline and
prints what changed in it; to commit the file is to accept the answers.
"""

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

from reports import output, record
from reports.command import Parser, say
from reports.escaping import one_line
from reports.record import Record
from spec import probes
from spec.probes import BASELINES, baseline_path, load_baseline
from spec.yamlfile import SpecError, shown


def accepted(content: Record, folder: Path = BASELINES) -> tuple[Path, str]:
    """The file and its new text: the answers of the run, and the old ones of probes not asked.

    Raises ValueError, with one sentence, if there is nothing to accept.
    """
    run, target = content["run"], content["target"]["name"]
    if not record.has_name(content):
        raise ValueError(f"{target} has no name: make it a target in targets.toml and run again.")
    if not content["probes"]:
        raise ValueError("No probe was answered in this run: there is nothing to accept.")
    path = baseline_path(target, folder)
    names = [probe.name for probe in probes.load()]
    answers = dict(load_baseline(target, names, folder).answers)
    answers |= {probe["name"]: probe["answer"] for probe in content["probes"]}
    lines = [
        f"# The accepted answers of the target {target} to the probes, from its run",
        one_line(f"# {run['stamp']} of {run['started']}. Another answer is drift."),
        "answers:",
        *(f"  {quoted(n)}: {quoted(answers[n])}" for n in names if n in answers),
    ]
    return path, "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """The text as a quoted YAML scalar in ASCII."""
    text = text.encode(errors="backslashreplace").decode()
    return '"' + "".join(map(_escaped, text)) + '"'


def main(arguments: Sequence[str]) -> int:
    """Write the file and print the difference; the exit status."""
    parser = Parser(
        "reports.accept", "Take a run's answers to the probes as its target's baseline."
    )
    default = output.FOLDER / output.RECORD
    parser.add_argument(
        "run", nargs="?", type=Path, default=default, metavar="RUN", help="the record of a run"
    )
    try:
        path, text = accepted(record.read(parser.parse_args(arguments).run))
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        output.write(path, text)
    except (ValueError, SpecError, OSError) as error:
        parser.error(str(error))
    changes = difflib.unified_diff(
        old.splitlines(keepends=True), text.splitlines(keepends=True), shown(path), shown(path), n=0
    )
    say("".join(changes) or "Nothing has changed.")
    return 0


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if " " <= character <= "~":
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\U{number:08x}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
