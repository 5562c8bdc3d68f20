"""What other people's programs get: no key, no token, no password; and what a file gets: no key."""

import configparser
import errno
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from reports import output
from reports.allure import html, pages
from targets.masking import Masker
from tests.running import ROOT

pytestmark = pytest.mark.quick

SECRETS = {
    "WIZCOMMERCE_API_KEY": "a-key",
    "CI_JOB_TOKEN": "a-token",
    "CI_JOB_JWT": "a-token",
    "GITHUB_TOKEN": "a-token",
    "ACTIONS_RUNTIME_TOKEN": "a-token",
    "NPM_CONFIG__AUTHTOKEN": "a-token",
    "NPM_CONFIG__AUTH": "a-token",
    "npm_config_//registry.example/:_authToken": "a-token",
    "NPM_TOKEN": "a-token",
    "NODE_AUTH_TOKEN": "a-token",
    "NODE_OPTIONS": "--require /tmp/evil.js",
    "AWS_SECRET_ACCESS_KEY": "a-secret",
    "PIP_INDEX_URL": "https://user:password@pypi.example/simple",
    "NPM_CONFIG_REGISTRY": "https://user:password@npm.example/",
    "https_proxy": "http://user:password@proxy.example:3128",
}
PLAIN = {
    "PATH": "/usr/bin",
    "HOME": "/home/a",
    "npm_config_registry": "https://npm.example/",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "NODE_EXTRA_CA_CERTS": "/etc/ca.pem",
}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[list[str], Any]]:
    """The words and the environment of each program that a report starts."""
    calls: list[tuple[list[str], Any]] = []

    def run(_: str, words: list[str], __: Path, environment: Mapping[str, str]) -> None:
        calls.append((words, dict(environment)))

    for name in [*os.environ]:
        monkeypatch.delenv(name)
    for name, value in {**SECRETS, **PLAIN}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(html, "_run", run)
    for name in ("package-lock.json", "output"):
        (tmp_path / name).write_text("{}") if "." in name else (tmp_path / name).mkdir()
    (tmp_path / "node_modules").mkdir()
    html.run_allure(tmp_path, {"REPORT_NAME": "a"}, here=tmp_path)
    return calls


def test_npm_and_allure_get_no_secret(given: list[tuple[list[str], Any]]) -> None:
    """Of their environment each variable is named in a list, and an address has no password."""
    (npm, of_npm), (node, of_allure) = given
    assert (npm[0], node[0]) == ("npm", "node")
    assert of_npm == PLAIN
    assert of_allure == {"PATH": "/usr/bin", "HOME": "/home/a", "REPORT_NAME": "a"}


def test_no_package_runs_a_script_when_it_is_installed(
    given: list[tuple[list[str], Any]],
) -> None:
    """Npm is told so, whatever the lock file says."""
    assert "--ignore-scripts" in given[0][0]


def test_a_checkout_that_takes_no_file_has_a_report_where_npm_was_there_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a read-only one: only where something is to be installed is it written into."""
    ran = list[str]()
    monkeypatch.setattr(html, "_run", lambda name, *_: ran.append(name))
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "output").write_text("no folder can be made here")
    with pytest.raises(FileExistsError):
        html.run_allure(tmp_path, {}, here=tmp_path)
    (tmp_path / "node_modules").mkdir()
    mark = tmp_path / "node_modules" / ".lock.sha256"
    mark.write_text(hashlib.sha256(b"{}").hexdigest())
    html.run_allure(tmp_path, {}, here=tmp_path)
    assert ran == ["Allure"]


def test_a_report_that_cannot_be_written_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever it is that cannot be: a lock, a folder or the file itself."""

    def make(_: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system", "/srv/npm.lock")

    monkeypatch.setattr(html, "make", make)
    assert html.main([str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("No HTML report was made: ")
    assert "cannot write /srv/npm.lock (Read-only file system)" in err


def test_tox_passes_variables_by_their_whole_names() -> None:
    """Only keys have a pattern, and only where somebody's server is judged."""
    tox = configparser.RawConfigParser()
    tox.read(ROOT / "tox.ini")
    names = tox["passed"]["names"].split()
    assert all(re.fullmatch("[A-Z_]+", name) for name in names)
    assert {*names}.isdisjoint(name.upper() for name in SECRETS if "REGISTRY" not in name)
    assert {name for name in html.OF_NPM if "PROXY" not in name} <= {*names}
    with_keys = {
        name for name in tox.sections() if "WIZCOMMERCE_*" in tox[name].get("pass_env", "")
    }
    assert with_keys == {"testenv"}
    for name in ("tests{,-py311,-py312,-py313}", "proof", "peers", "bench", "screenshots", "lint"):
        assert tox[f"testenv:{name}"]["pass_env"].startswith("{[passed]names}")


def test_tox_passes_what_the_report_says_of_the_ci() -> None:
    """Each variable that it reads is in the list."""
    read: set[str] = set()

    class Noting(dict[str, str]):
        @override
        def get(self, name: str, default: Any = None) -> Any:
            read.add(name)
            return super().get(name, default)

    for ci in ("GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "CI"):
        assert pages.executor(Noting({ci: "yes"}))
    tox = configparser.RawConfigParser()
    tox.read(ROOT / "tox.ini")
    assert read <= {*tox["passed"]["names"].split()}


@pytest.mark.parametrize("before", [0, 1, 4096, *range(512 * 1024 - 30, 512 * 1024 + 30, 7)])
def test_a_file_is_masked_on_its_way_to_the_disk(tmp_path: Path, before: int) -> None:
    """All of it, also where it is masked in pieces, and where the key is broken by a line's end."""
    key = "kQ7_vX2mZr-9LwTd4Hy6sBpC"
    masker = Masker({"NAME": key})
    around = "word\n" * (before // 5) + "x" * (before % 5)
    for spelled in (key, f"{key[:9]}\n{key[9:]}"):
        output.write(tmp_path / "a", f"{around}|{spelled}|{around}\n", masker)
        assert (tmp_path / "a").read_text() == f"{around}|$NAME|{around}\n"


def test_the_threat_model_names_tests_that_exist() -> None:
    """Each promise has one, by its file."""
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    rows = [row for row in text.splitlines() if row.startswith("| ") and "test |" not in row]
    named = [re.findall(r"`(test_\w+)`", row) for row in rows if "---" not in row]
    assert len(named) > 10
    assert all(named)
    files = {name for each in named for name in each}
    assert {name for name in files if not (ROOT / "tests" / f"{name}.py").exists()} == set()
