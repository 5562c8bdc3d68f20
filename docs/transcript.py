"""What a newcomer sees: the commands of docs/tutorial.md in a fresh clone, and what they print.

`python -m docs.transcript PYTHON...` runs them once with each Python and writes docs/transcript.md.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from reports.command import Parser
from spec.violation import counted

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "transcript.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
EXPECTED = (0, 0, 0, 1, 1)
"""Exit statuses of the commands that end: three to a green gate, a red one, its findings again."""
FIRST, LAST = 14, 46
"""Lines of a long output that are shown, at its start and at its end."""
HEAD = """\
# A transcript of the first minutes

What the [tutorial](tutorial.md) shows, as it ran: its commands in a fresh clone, with nothing
installed but Python. `python -m docs.transcript PYTHON...` made this page.
"""


def main(arguments: Sequence[str]) -> int:
    """Write the page; 1 if a command ended with another status than the tutorial says."""
    parser = Parser("docs.transcript", "Run the tutorial's commands, and write what they print.")
    parser.add_argument("pythons", nargs="*", metavar="PYTHON", help="default: this one")
    parts, statuses = [HEAD], []
    for python in parser.parse_args(arguments).pythons or [sys.executable]:
        with tempfile.TemporaryDirectory() as folder:
            clone = Path(folder, "invoice-conformance")
            _run(f"git clone --quiet {shlex.quote(str(ROOT))} {shlex.quote(str(clone))}", ROOT)
            shown, ended = _followed(python, clone)
        version, _ = _run(f"{shlex.quote(python)} --version", ROOT)
        parts.append(f"\n## {version.splitlines()[0]}\n\n```text\n{shown}```\n")
        statuses.append(ended)
    PAGE.write_text("".join(parts), encoding="utf-8")
    return int(any(ended != EXPECTED for ended in statuses))


def steps(page: str) -> Iterator[list[str]]:
    """The commands of each `sh` block of a page, in its order."""
    for block in re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        yield block.splitlines()


def _followed(python: str, clone: Path) -> tuple[str, tuple[int, ...]]:
    """What the commands of the tutorial print in a clone, and their exit statuses."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WIZCOMMERCE_", "PYTEST_", "VIRTUAL_ENV", "TOX_", "PYTHON"))
    } | {"PIP_QUIET": "2"}  # what it warns of is this machine's
    shown, statuses, faulty, address = "", [], None, "no server yet"
    try:
        for line in (line for block in steps(TUTORIAL.read_text("utf-8")) for line in block):
            words = shlex.split(line)
            if words[0] == "export":
                name, _, value = words[1].partition("=")
                environment[name] = value
                shown += f"$ {line}\n"
            elif "tests.faulty" in words:
                faulty = subprocess.Popen(words, cwd=clone, stdout=subprocess.PIPE, text=True)
                assert faulty.stdout is not None
                printed = faulty.stdout.readline()
                address = re.findall(r"--base-url (\S+)", printed)[0]
                shown += f"$ {line} &\n{printed}"
            else:
                asked = re.sub(r"http://localhost:\d+", address, line)
                run = asked.replace("python3 ", f"{shlex.quote(python)} ")
                output, status = _run(run, clone, environment)
                statuses.append(status)
                shown += f"$ {asked}\n{output}"
    finally:
        if faulty is not None:
            faulty.terminate()
            faulty.wait()
    return shown.replace(str(clone), "~/invoice-conformance"), tuple(statuses)


def _run(line: str, folder: Path, environment: Mapping[str, str] | None = None) -> tuple[str, int]:
    """What a command prints, shortened, and its exit status."""
    started = time.monotonic()
    done = subprocess.run(
        shlex.split(line),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    lines = done.stdout.splitlines()
    if len(lines) > FIRST + LAST:
        more = f"[{counted(len(lines) - FIRST - LAST, 'line')} more]"
        lines = [*lines[:FIRST], more, *lines[-LAST:]]
    ending = f"[exit status {done.returncode} after {seconds:.0f} s]"
    return "\n".join([*lines, ending, ""]), done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
