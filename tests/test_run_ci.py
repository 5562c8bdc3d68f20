"""The commands of the files in ci/, run as GitHub Actions, GitLab and cron do: by their shells, in
a copy of the suite whose staging is a server on loopback.

In the place of tox stands what it would run, with few cases; nothing is installed, and what curl
would send is kept.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.copying import copied
from tests.faulty import FAULTY
from tests.running import KEY, PATIENCE, ROOT, Result, environment, server

ORDERS = 'order_ids = ["ORD-1"]\norder_created_at = 2020-01-01T00:00:00Z'
TOX = f"""#!{sys.executable}
import subprocess, sys
sys.path.insert(0, {str(ROOT)!r})
from tests.pages import Command, run_by
words = [word for word in sys.argv[1:] if word != "-q"]
if "--hypothesis-profile" in words:
    del words[(at := words.index("--hypothesis-profile")) : at + 2]
few = ["--hypothesis-profile", "smoke", "-p", "no:cacheprovider"]
few += [] if "--shard" in words else ["-k", "paid_amount or probe"]
for program, *rest in run_by(Command("", 0, "", "tox", tuple(words))):
    run = ["-m", "pytest", *rest, *few] if program == "pytest" else rest
    if status := subprocess.run([sys.executable, *run]).returncode:
        sys.exit(status)
"""
PYTHON = f"""#!/bin/sh
if [ "$2" = pip ]; then exec test -f "$5"; fi
exec {sys.executable} "$@"
"""
CURL = """#!/bin/sh
cp notice.json posted.json
echo "$@" >posted.words
"""


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def _prepared(tmp_path: Path, url: str) -> Path:
    """A copy whose target staging is at this URL, with the programs that a CI has."""
    here = copied(tmp_path / "suite")
    for name in ("tox.ini", "requirements"):
        (here / name).symlink_to(ROOT / name)
    targets = (here / "targets.toml").read_text(encoding="utf-8")
    settings = f'[staging]\nbase_url = "{url}"\n{ORDERS}\n'
    targets = re.sub(r"\[staging\]\n.*\n", settings, targets)
    (here / "targets.toml").write_text(targets, encoding="utf-8")
    for folder in ("bin", ".venv/bin", ".tox/staging/bin"):
        for name, text in (("tox", TOX), ("python", PYTHON), ("curl", CURL)):
            _program(here / folder / name, text)
    return here


BASH = ("bash", "-e", "-c")
"""The shell of a job: it ends with the first command that fails."""


def _shell(
    script: str, here: Path, more: Mapping[str, str], shell: tuple[str, ...] = BASH
) -> Result:
    """Run the lines of a job in one shell."""
    own = environment({"PATH": f"{here / 'bin'}:/usr/bin:/bin", **more})
    done = subprocess.run(
        [*shell, script],
        cwd=here,
        env=own,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(errors="replace"))


def _yaml(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "ci" / name).read_text(encoding="utf-8")))


def _steps() -> dict[str, tuple[str, dict[str, str]]]:
    """The commands of the GitHub job by the names of their steps, and the variables of each."""
    job, values = (
        _yaml("github.yml")["jobs"]["staging"],
        {
            "matrix.profile": "gate",
            "secrets.WIZCOMMERCE_API_KEY": KEY,
            "secrets.NOTICE_URL": "https://hooks.example/T",
        },
    )

    def filled(text: str) -> str:
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: values[found[1]], text)

    return {
        step["name"]: (
            filled(step["run"]),
            {n: filled(each) for n, each in {**job["env"], **step.get("env", {})}.items()},
        )
        for step in job["steps"]
        if "run" in step
    }


def _served(*, faulty: bool) -> AbstractContextManager[str]:
    return server(FAULTY) if faulty else server()


@pytest.mark.whole_runs
@pytest.mark.parametrize("faulty", [True, False])
def test_github_judges_and_tells(faulty: bool, tmp_path: Path) -> None:  # noqa: FBT001 # a parameter
    """A finding fails the job, stands in its summary and is posted; where all is well, none is."""
    with _served(faulty=faulty) as url:
        here = _prepared(tmp_path, url)
        summary = here / "summary"
        github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
        done = {
            name: _shell(script, here, {**github, **variables})
            for name, (script, variables) in _steps().items()
        }
    assert {name: each.status for name, each in done.items()} == {
        "Install": 0,
        "Judge": int(faulty),
        "Tell": 0,
    }, done
    assert ("::error file=spec/openapi.yaml,line=" in done["Judge"].output) == faulty
    assert "## `staging`: " in summary.read_text(encoding="utf-8")
    assert (here / "posted.json").exists() == faulty
    if faulty:
        assert "`staging`: " in json.loads((here / "posted.json").read_text())["text"]
        words = (here / "posted.words").read_text().split()
        assert words[-1] == "https://hooks.example/T"
    assert KEY not in "".join(each.output for each in done.values())


@pytest.mark.parametrize(("status", "ends"), [(0, 0), (1, 1), (6, 6), (7, 0)])
def test_changed_answers_fail_no_job(status: int, ends: int, tmp_path: Path) -> None:
    """They are a warning; every other status is the job's."""
    _program(tmp_path / "bin" / "tox", f"#!/bin/sh\nexit {status}\n")
    script, variables = _steps()["Judge"]
    assert _shell(script, tmp_path, variables).status == ends
    assert _yaml("gitlab.yml")["staging"]["allow_failure"] == {"exit_codes": 7}


@pytest.mark.whole_runs
def test_gitlab_runs_parts_and_merges_them(tmp_path: Path) -> None:
    """Each job leaves its part and its test report; the last makes one report of all."""
    content = _yaml("gitlab.yml")
    judge, pages = content["staging"], content["pages"]
    with server() as url:
        here = _prepared(tmp_path, url)
        for number in range(1, judge["parallel"] + 1):
            node = {"CI_NODE_INDEX": str(number), "CI_NODE_TOTAL": str(judge["parallel"])}
            variables = {**node, "GITLAB_CI": "true", "WIZCOMMERCE_API_KEY": KEY}
            lines = [*judge["before_script"], *judge["script"]]
            done = _shell("\n".join(lines), here, variables)
            assert done.status == 0, done.output
            assert (here / judge["artifacts"]["reports"]["junit"]).is_file()
            done = _shell("\n".join(judge["after_script"]), here, variables)
            assert done.status == 0, done.output
    done = _shell("\n".join([*pages["before_script"], *pages["script"]]), here, {})
    if "No HTML report was made: npm" in done.output:
        pytest.skip(f"no registry to install Allure from: {done.output}")
    assert done.status == 0, done.output
    for folder in (*judge["artifacts"]["paths"], *pages["cache"]["paths"]):
        assert list((here / folder).iterdir())
    (public,) = pages["artifacts"]["paths"]
    record = json.loads((here / public / "run.json").read_text(encoding="utf-8"))
    assert record["run"]["exit_status"] == 0
    assert record["run"]["complete"]
    assert "<html" in (here / public / "index.html").read_text(encoding="utf-8")


@pytest.mark.whole_runs
@pytest.mark.parametrize("faulty", [True, False])
def test_cron_mails_what_is_new(faulty: bool, tmp_path: Path) -> None:  # noqa: FBT001 # a parameter
    """What its line prints is the mail: a notice, or nothing at all."""
    (line,) = re.findall(
        r"^[\d*/ ]+ (cd .*)$", (ROOT / "ci" / "crontab").read_text(encoding="utf-8"), re.MULTILINE
    )
    with _served(faulty=faulty) as url:
        here = _prepared(tmp_path, url)
        file = here / "environment"
        file.write_text(f"WIZCOMMERCE_API_KEY={KEY}\n", encoding="utf-8")
        line = line.replace("/srv/invoice-conformance", str(here))
        line = line.replace("/etc/invoice-conformance.env", str(file))
        done = _shell(line, here, {}, ("sh", "-c"))
    assert ("`staging`: `the server breaks requirements`" in done.output) == faulty
    assert bool(done.output) == faulty
    assert "requests sent" in (here / "run.log").read_text(encoding="utf-8")
