"""`python -m reports.accept [RUN]`: take a run's answers to the probes as the target's baseline.

RUN is the record of a run, by default that of the last one. The command writes the baseline and
prints what changed in it; to commit the file is to accept the answers.
"""

import difflib
import json
import sys
from pathlib import Path

from reports import output, record
from reports.record import Record
from spec import probes
from spec.probes import BASELINES, baseline_path, load_baseline
from spec.yamlfile import SpecError, shown


def accepted(content: Record, folder: Path = BASELINES) -> tuple[Path, str]:
    """The file and its new text: the answers of the run, and the old ones of probes not asked.

    Raises ValueError, with one sentence, if there is nothing to accept.
    """
    target = content["target"]["name"]
    if not record.has_name(content):
        raise ValueError(f"{target} has no name: make it a target in targets.toml and run again.")
    if not content["probes"]:
        raise ValueError("No probe was answered in this run: there is nothing to accept.")
    names = [probe.name for probe in probes.load()]
    answers = dict(load_baseline(target, names, folder).answers)
    answers |= {probe["name"]: probe["answer"] for probe in content["probes"]}
    lines = [
        f"# The accepted answers of the target {target} to the probes, from its run",
        f"# {content['run']['stamp']} of {content['run']['started']}. Another answer is drift.",
        "answers:",
        *(f"  {_quoted(n)}: {_quoted(answers[n])}" for n in names if n in answers),
    ]
    return baseline_path(target, folder), "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the file and print the difference; the exit status."""
    try:
        path, text = accepted(
            record.read(Path(arguments[0]) if arguments else output.FOLDER / output.RECORD)
        )
    except (ValueError, SpecError) as error:
        print(f"python -m reports.accept: {error}", file=sys.stderr)  # noqa: T201 - for the user
        return 2
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    changes = difflib.unified_diff(
        old.splitlines(keepends=True), text.splitlines(keepends=True), shown(path), shown(path), n=0
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print("".join(changes) or "Nothing has changed.")  # noqa: T201 - for the user
    return 0


def _quoted(text: str) -> str:
    """The text as a quoted YAML scalar; every JSON string is one."""
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
