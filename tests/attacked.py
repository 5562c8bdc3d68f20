"""A whole run against a server that attacks it, and what it left; `python -m tests.attacked`
prints how long such a run takes, and how much memory, beside a run against the honest reference.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.hostile import Behaviour
from tests.hostile_answers import attacking
from tests.running import ORDER, PATIENCE, ROOT, Result, command, environment, server

KEY = "kQ7_vX2mZr-9LwTd4Hy6sBpC"
SHOWN = ("summary.md", "requirements.junit.xml", "junit.xml")
"""Files that people and CI read as they are."""
HUNDRED = 100
_LAUNCH = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
open(sys.argv[1], "w").write(str(peak))
sys.exit(status)
"""
"""Notes the most memory of a program. A process starts with the peak of the one that started it, so
this small one starts it."""


@dataclass(frozen=True, slots=True)
class Attacked:
    """A run that was attacked: how it ended, and all that it left, by name.

    `peak` is the most memory that a process of it had, in MiB, and `seconds` how long it took.
    """

    done: Result
    files: dict[str, bytes]
    sent: int
    peak: float
    seconds: float

    @property
    def everything(self) -> dict[str, bytes]:
        """The files, and what was printed."""
        return {**self.files, "the terminal": self.done.output.encode(errors="surrogateescape")}

    @property
    def shown(self) -> dict[str, str]:
        """What people and CI read as it is."""
        return {name: self.everything[name].decode() for name in ("the terminal", *SHOWN)}


def attacked_run(
    folder: Path, *options: str, most: int | None = None, every: Sequence[Behaviour] = ()
) -> Attacked:
    """A whole run at `smoke` with every report, against a server that sends `most` attacks.

    It is the first on its machine: Hypothesis keeps nothing of an earlier one.
    """
    with attacking(KEY, most, every) as attacker:
        done, peak, seconds = _measured(folder, attacker.base_url, *options)
    return Attacked(done, _files(folder), attacker.sent, peak, seconds)


def green_run(folder: Path) -> Attacked:
    """The same against the honest reference."""
    with server(key=KEY) as url:
        done, peak, seconds = _measured(folder, url)
    return Attacked(done, _files(folder), 0, peak, seconds)


def _measured(folder: Path, url: str, *options: str) -> tuple[Result, float, float]:
    files = ("--reports", str(folder), "--alluredir", str(folder / "allure-results"))
    junit = ("--allure-no-capture", f"--junitxml={folder / 'junit.xml'}")
    where = ("--base-url", url, *ORDER, "--hypothesis-profile", "smoke", "--request-timeout=1")
    words = command("-q", *files, *junit, *where, *options)
    with tempfile.TemporaryDirectory() as place:
        noted = Path(place) / "peak"
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", _LAUNCH, str(noted), *words],
            cwd=ROOT,
            env=environment({"WIZCOMMERCE_API_KEY": KEY, "HYPOTHESIS_STORAGE_DIRECTORY": place}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
        seconds = time.monotonic() - started
        peak = int(noted.read_text()) / (1024 if sys.platform != "darwin" else 1024**2)
    return Result(done.returncode, done.stdout.decode(errors="surrogateescape")), peak, seconds


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def _line(name: str, run: Attacked) -> str:
    return (
        f"{name:<24} status {run.done.status}  {run.sent:>4} attacks  "
        f"{run.seconds:>5.1f} s  {run.peak:>4.0f} MiB"
    )


def main(_: Sequence[str]) -> int:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as place:
        for name, run in (
            ("honest", green_run(Path(place, "green"))),
            ("a hundred attacks", attacked_run(Path(place, "some"), most=HUNDRED)),
            ("an attack each time", attacked_run(Path(place, "all"))),
        ):
            print(_line(name, run))  # noqa: T201 - for the user
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
