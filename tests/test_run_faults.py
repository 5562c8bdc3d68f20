"""What the suite cannot do is its own fault: never the server's, and never a traceback."""

import configparser
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from reports import output
from run.exit_status import Meaning, meaning_of
from targets.errors import no_more_files, unreachable
from tests.copying import copied
from tests.faulty import FAULTY
from tests.running import (
    KEY,
    ORDER,
    PATIENCE,
    ROOT,
    Result,
    command,
    environment,
    interrupted,
    server,
    suite,
)

SMALL = ("-k", "near_miss and sku", "--hypothesis-profile", "smoke")


def _is_usage(result: Result, words: str) -> None:
    errors = [line for line in result.output.splitlines() if line.startswith("ERROR: ")]
    assert result.status == 4, result.output
    assert len(errors) == 1, result.output
    assert words in errors[0]
    assert "Traceback" not in result.output


@pytest.mark.parametrize("option", ["--reports", "--alluredir", "--junitxml"])
@pytest.mark.parametrize("place", ["a file", "below a file", "no folder of the system"])
def test_a_folder_that_takes_no_report_is_wrong_usage(
    option: str, place: str, tmp_path: Path
) -> None:
    """It is checked before the first request."""
    (tmp_path / "a").write_text("a file", encoding="utf-8")
    folder = {
        "a file": tmp_path / "a",
        "below a file": tmp_path / "a" / "b",
        "no folder of the system": Path("/proc/reports"),
    }[place]
    where = folder / "junit.xml" if option == "--junitxml" else folder
    result = suite(*SMALL, option, str(where))
    _is_usage(result, f"No report can be written into {folder} (")


@pytest.fixture
def read_only(tmp_path: Path) -> Path:
    """A copy of the suite in which nobody can write."""
    here = copied(tmp_path)
    for path in (*here.rglob("*"), here):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return here


def _as_a_user() -> tuple[str, ...]:
    """What takes from the administrator the right to write anywhere."""
    if os.geteuid() != 0:
        return ()
    found = shutil.which("setpriv")
    if found is None:
        pytest.skip("setpriv is not installed")
    rights = "-dac_override,-dac_read_search"
    return found, f"--bounding-set={rights}", f"--inh-caps={rights}"


def test_a_read_only_checkout_runs(read_only: Path) -> None:
    """Where no report is asked for, nothing has to be written; pytest's own cache is no verdict."""
    done = subprocess.run(
        [*_as_a_user(), sys.executable, "-m", "pytest", "suites", *SMALL],
        cwd=read_only,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "the server conforms" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_report_into_a_read_only_checkout_is_wrong_usage(read_only: Path) -> None:
    """It is said before the first request."""
    done = subprocess.run(
        [*_as_a_user(), *command(*SMALL, "--reports", "reports/output")],
        cwd=read_only,
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    words = "No report can be written into reports/output (Permission denied)"
    _is_usage(Result(done.returncode, done.stdout), words)


@pytest.mark.parametrize("broken", [False, True], ids=["conforms", "breaks"])
def test_a_full_disk_is_not_the_servers_fault(tmp_path: Path, *, broken: bool) -> None:
    """What cannot be written in the end is one sentence and status 3, whatever was found."""
    files = (
        *("--reports", str(tmp_path), "--alluredir", str(tmp_path / "allure-results")),
        *("--junitxml", str(tmp_path / "junit.xml"), "-s", "-p", "tests.plugins.full_disk"),
    )
    with server(*[FAULTY] * broken) as url:
        result = suite("--base-url", url, *ORDER, "-k", "near_miss and sku", *files)
    assert result.status == 3, result.output
    told = [line for line in result.output.splitlines() if line.startswith("the suite broke: ")]
    assert told, result.output
    assert "the reports are not complete: cannot write" in told[0]
    assert "Traceback" not in result.output
    assert "INTERNALERROR" not in result.output
    assert " requests sent" in result.output


def test_too_few_open_files_are_not_the_servers_fault(tmp_path: Path) -> None:
    """The run ends with 3 and one sentence on the limit, and what it had found is kept."""
    few = ("-s", "-p", "tests.plugins.few_files", "--concurrency", "8", *SMALL[2:])
    with server() as url:
        result = suite("--base-url", url, *ORDER, *few, "--reports", str(tmp_path))
    assert result.status == 3, result.output
    told = re.findall("this process may have no more files open .*", result.output)
    assert len(told) == 1, result.output
    assert re.match(r".* \(ulimit -n is [0-9]+\), which says nothing of the server: raise", told[0])
    assert "Traceback" not in result.output
    assert "could not tell" not in result.output
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert "broken" in {test["outcome"] for test in record["tests"]}
    assert record["occurrences"] == []


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_a_limit_of_open_files_is_told_as_one_wherever_it_is_met(number: int) -> None:
    """Where a connection, a report or a module is opened; any other error is told as it was."""

    def met(number: int) -> Exception:
        error = RuntimeError("something was in the way")
        error.__cause__ = OSError(number, os.strerror(number), "a.json")
        return error

    told = no_more_files(met(number))
    assert " may have no more files open" in told
    assert str(unreachable("a.example:443", met(number))) == told
    assert output.not_written(OSError(number, "")) == f"the reports are not complete: {told}"
    assert meaning_of(met(number)) is Meaning.LIMIT
    assert not no_more_files(met(errno.ECONNREFUSED))
    assert meaning_of(met(errno.ECONNREFUSED)) is None


def test_wrong_usage_leaves_the_last_report(tmp_path: Path) -> None:
    """Only a run that begins removes what the one before has left."""
    report = tmp_path / "report.html"
    report.write_text("of the last run", encoding="utf-8")
    for options in (("--target", "nowhere"), ("--target", "staging"), ("--level", "perhaps")):
        result = suite("--reports", str(tmp_path), *options, keys={})
        assert result.status == 4, result.output
        assert report.exists()
    assert suite("--reports", str(tmp_path), *SMALL).status == 0
    assert not report.exists()


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    """The second one says so and touches nothing."""
    (tmp_path / "run.json").write_text("of the first", encoding="utf-8")
    with FileLock(tmp_path / ".lock"):
        result = suite(*SMALL, "--reports", str(tmp_path))
    _is_usage(result, f"Another run is writing its reports into {tmp_path}: wait until it has")
    assert (tmp_path / "run.json").read_text(encoding="utf-8") == "of the first"


def test_a_warning_turns_no_verdict() -> None:
    """Neither one of pytest nor one of pluggy, which a newer version may give."""
    result = suite(*SMALL, "-p", "tests.plugins.warning")
    assert result.status == 0, result.output
    assert "this will change" in result.output


def test_no_log_of_a_library_shows_the_key() -> None:
    """Two of them, httpx and httpcore, would write the header of the key at these levels."""
    log = ("-o", "log_cli=true", "--log-cli-level=DEBUG")
    with server() as url:
        result = suite("--base-url", url, *ORDER, *SMALL, *log)
    assert result.status == 0, result.output
    assert KEY not in result.output


def test_workers_that_stop_at_the_first_failure_end_with_1() -> None:
    """`-x` is no interruption, with workers either."""
    with server(FAULTY) as url:
        result = suite("--base-url", url, *ORDER, "-k", "near_miss", "-n", "2", "-x")
    assert result.status == 1, result.output


@pytest.mark.parametrize(
    "signals",
    [
        (signal.SIGTERM,),
        (signal.SIGINT, signal.SIGINT),
        (signal.SIGINT, signal.SIGTERM),
    ],
    ids=["CI", "tox", "tox that waits no longer"],
)
def test_an_interrupted_run_leaves_its_record(
    signals: tuple[signal.Signals, ...], tmp_path: Path
) -> None:
    """SIGTERM, with which CI ends a job, and Ctrl-C, which tox passes on: 2, and a record."""
    done = interrupted(command("-v", "--reports", str(tmp_path)), "PASSED", *signals)
    assert done.status == 2, done.output
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert record["run"]["outcome"] == "interrupted"
    assert "passed" in {test["outcome"] for test in record["tests"]}
    assert re.search(r"\d+ requests sent", done.output)


def test_a_run_that_is_interrupted_through_tox_leaves_its_record(tmp_path: Path) -> None:
    """By the environment of tox.ini, but with the packages of this one."""
    tox = shutil.which("tox")
    if tox is None:
        pytest.skip("tox is not installed")
    changed = (
        *("testenv.deps=", "testenv.commands_post=", "testenv.allowlist_externals=pytest"),
        f"run.folder={tmp_path / 'reports'}",
    )
    own = environment({})
    words = [
        *(tox, "run", "-e", "reference", "--workdir", str(tmp_path / "tox")),
        *(word for each in changed for word in ("-x", each)),
        *("--", "-v", "-p", "no:cacheprovider"),
    ]
    path = os.pathsep.join((str(Path(sys.executable).parent), own["PATH"]))
    done = interrupted(words, "PASSED", signal.SIGINT, variables={**own, "PATH": path})
    assert "reference: exit 2 " in done.output
    assert re.search(r"\d+ requests sent", done.output)
    assert "Traceback" not in done.output
    record = json.loads((tmp_path / "reports" / "run.json").read_text(encoding="utf-8"))
    assert record["run"]["outcome"] == "interrupted"
    assert "passed" in {test["outcome"] for test in record["tests"]}


def test_tox_gives_an_interrupted_run_time() -> None:
    """Enough to write its record and to stop the reference."""
    tox = configparser.RawConfigParser()
    tox.read(ROOT / "tox.ini")
    assert int(tox["testenv"]["interrupt_timeout"]) >= 30
    assert int(tox["testenv"]["terminate_timeout"]) >= 30


def test_no_command_removes_reports_before_the_options_are_read() -> None:
    """The run itself does it, once it has begun."""
    tox = configparser.RawConfigParser()
    tox.read(ROOT / "tox.ini")
    assert not [name for name in tox.sections() if "commands_pre" in tox[name]]
