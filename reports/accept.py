"""`python -m reports.accept [RUN [AGAIN]]`: take a run's answers as the target's baseline.

RUN is the record of a run, by default that of the last one: its answers to the probes are accepted.
With AGAIN, the record of a run just after it, the answer to every case is: what differs between the
two differs by itself, and is left out. The command writes the baseline and prints what changed in
it; to commit the files is to accept the answers.
"""

import difflib
import sys
from argparse import REMAINDER
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from reports import output, record
from reports.command import Parser, say
from reports.escaping import one_line
from reports.keeping import kept_after
from reports.rows import Record
from spec import probes
from spec.probes import BASELINES, baseline_path, load_baseline
from spec.violation import counted
from spec.yamlfile import FileError, shown
from watch import baseline, corpus
from watch.corpus import CORPUS

APART = timedelta(days=1)
"""Two runs further apart may differ because the target has changed."""
MOST_LINES = 200
"""Lines of a difference that are printed."""


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


def accepted_cases(first: Record, again: Record) -> tuple[Path, str]:
    """The file of the answers to all cases, and its new text.

    Raises ValueError, with one sentence, if the two runs do not tell what differs by itself.
    """
    target = again["target"]["name"]
    if not record.has_name(again):
        raise ValueError(f"{target} has no name: make it a target in targets.toml and run again.")
    for what, before, now in (
        ("target", first["target"]["name"], target),
        ("document", first["document"]["sha256"], again["document"]["sha256"]),
        ("profile", first["run"]["profile"], again["run"]["profile"]),
    ):
        if before != now:
            raise ValueError(f"The two runs differ in their {what}: run the suite twice alike.")
    if not (first["run"]["complete"] and again["run"]["complete"]):
        raise ValueError("One of the runs is not complete: run the whole suite twice.")
    started = [datetime.fromisoformat(each["run"]["started"]) for each in (first, again)]
    if not started[0] < started[1] < started[0] + APART:
        raise ValueError("AGAIN is not a run just after RUN: what changed between would be lost.")
    text = baseline.text_of(record.watched(first), record.watched(again))
    return baseline.file_of(target, BASELINES), text


def quoted(text: str) -> str:
    """The text as a quoted YAML scalar in ASCII."""
    text = text.encode(errors="backslashreplace").decode()
    return '"' + "".join(map(_escaped, text)) + '"'


def main(arguments: Sequence[str]) -> int:
    """Write the files and print the difference; the exit status."""
    parser = Parser("reports.accept", "Take a run's answers as its target's baseline.")
    default = output.FOLDER / output.RECORD
    parser.add_argument(
        "run", nargs="?", type=Path, default=default, metavar="RUN", help="the record of a run"
    )
    parser.add_argument(
        "again", nargs="?", type=Path, metavar="AGAIN", help="the record of a run just after it"
    )
    parser.add_argument(
        "--before",
        nargs=REMAINDER,
        metavar="OPTION",
        help="accept nothing: check, before a run with these options, that it could be accepted",
    )
    chosen = parser.parse_args(arguments)
    if chosen.before is not None:
        if any(each.partition("=")[0] == "--base-url" for each in chosen.before):
            parser.error(
                "only a named target's answers can be accepted: make the address a target in "
                "targets.toml, and name it with --target"
            )
        return 0
    changes: list[str] = []
    try:
        first = record.read(chosen.run)
        again = record.read(chosen.again) if chosen.again else None
        last = again or first
        files = [accepted(last)]
        files += [accepted_cases(first, again)] if again else []
        for path, text in files:
            changes += _difference(path, text)
            output.write(path, text)
        changes += keep(last)
    except (ValueError, FileError, OSError) as error:
        parser.error(str(error))
    say("".join(changes) or "Nothing has changed.")
    if again is None:
        say("Only the probes are accepted: name the records of two runs to accept every case.")
    return 0


def keep(content: Record, folder: Path = CORPUS) -> list[str]:
    """Keep the cases that later runs are to ask again; a line for each that is new or gone."""
    target = content["target"]["name"]
    before = {each.id: each for each in corpus.load(target, folder)}
    after = {each.id: each for each in kept_after(content, list(before.values()))}
    here = corpus.folder_of(target, folder)
    for known, each in after.items():
        output.write(here / f"{known}.json", each.as_json())
    gone = [each for known, each in before.items() if known not in after]
    for each in gone:
        (here / f"{each.id}.json").unlink()
    new = [each for known, each in after.items() if known not in before]
    return [
        *(f"{one_line(each.name)}: every later run asks it\n" for each in new),
        *(f"{one_line(each.name)}: it has passed, and is no longer asked\n" for each in gone),
    ]


def _difference(path: Path, text: str) -> list[str]:
    """What changes in a file, as a unified diff without context."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = old.splitlines(keepends=True), text.splitlines(keepends=True)
    changed = [*difflib.unified_diff(*lines, shown(path), shown(path), n=0)]
    left_out = len(changed) - MOST_LINES
    more = [f"and {counted(left_out, 'more line')}\n"] if left_out > 0 else []
    return [*changed[:MOST_LINES], *more]


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if " " <= character <= "~":
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\U{number:08x}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
