"""What a server, a record or a document says is only text wherever a command prints it."""

import json
import re
from pathlib import Path

import pytest

from tests.attacked import KEY
from tests.hostile import sends, serving
from tests.hostile_answers import COMMANDS, CONTROLS, PASTES, answer, error, in_headers, plain
from tests.pasting import commands, paste
from tests.reporting import Reported
from tests.running import ORDER, Result, python, suite

KEYS = {"WIZCOMMERCE_API_KEY": KEY}
TEXT = "".join((*CONTROLS.values(), *COMMANDS.values(), *PASTES.values()))
COMMAND = re.compile(r"##(?:vso|teamcity)?\[|^\s*::", re.IGNORECASE | re.MULTILINE)
ASKED = (*ORDER, "-k", "near_miss and sku", "--hypothesis-profile", "smoke")


def assert_only_text(done: Result) -> None:
    """What was printed has only characters that show, no command to a CI and no key."""
    odd = {c for c in done.output if not c.isprintable() and c not in "\n\u200c\u200d"}
    assert odd == set(), done.output
    assert not COMMAND.search(done.output), done.output
    assert KEY[:8] not in done.output
    assert KEY[-8:] not in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (error(f"{TEXT}{KEY}", 401), 6),
        (error(f"{TEXT}{KEY}", 404), 6),
        (in_headers(f"{TEXT}{KEY}", 302), 6),
        (in_headers(f"{TEXT}{KEY}", 403), 6),
        (plain(f"{TEXT}{KEY}", 503), 6),
        (answer(403, b"<html>", b"Server: \x1b[2J ##vso[task.a]" + KEY.encode()), 6),
        (b"::add-mask::\x1b[2J ##vso[task.a]b" + KEY.encode() + b"\r\n\r\n", 6),
    ],
    ids=["401", "404", "redirect", "403", "503", "firewall", "no HTTP"],
)
def test_the_answer_to_the_first_request_is_only_text(
    said: bytes, status: int, tmp_path: Path
) -> None:
    """Although it is quoted before any test has run."""
    with serving(sends(said)) as attacker:
        where = ("--base-url", attacker.base_url, "--request-timeout", "1")
        done = suite("-q", *where, *ASKED, "--reports", str(tmp_path), keys=KEYS)
    assert done.status == status, done.output
    assert "could not tell" in done.output
    assert_only_text(done)


def test_a_fault_of_the_suite_itself_is_only_text() -> None:
    """Pytest shows it with what it quotes."""
    done = suite("-q", "--target", "reference", *ASKED, "-p", "tests.plugins.quoting_fault")
    assert done.status == 3, done.output
    assert "INTERNALERROR> " in done.output
    assert "no such answer: " in done.output
    assert "\x1b" not in done.output
    assert not COMMAND.search(done.output)


def test_a_fault_of_the_suite_itself_shows_no_key() -> None:
    """Neither all of it nor its first characters."""
    with serving(sends(error("no", 400))) as anybody:
        where = ("--base-url", anybody.base_url, "-p", "tests.plugins.quoting_fault")
        done = suite("-q", *where, *ASKED, keys=KEYS)
    assert "no such answer: $WIZCOMMERCE_API_KEY" in done.output
    assert KEY[:8] not in done.output
    assert KEY[-8:] not in done.output


def _altered(faulty: Reported, path: Path, url: str) -> Path:
    """The record of a run, with hostile text wherever a command may print it."""
    content = faulty.record
    for cause in content["findings"]:
        for name in ("headline", "code", "place", "difference"):
            cause[name] = f"{cause[name]} {TEXT}"
    for probe in content["probes"]:
        probe["answer"] = f"400 {TEXT}"
    content["answers"] = dict.fromkeys(content["answers"], f"400 {TEXT}")
    content["run"] |= {"level": "SHOULD", "outcome": TEXT}
    content["target"] |= {"name": url, "base_url": url}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("module", ["reports.compare", "reports.waive", "run.replay"])
def test_a_record_from_somebody_else_is_only_text(
    module: str, faulty: Reported, tmp_path: Path
) -> None:
    """Whatever a command prints of it."""
    url = "https://evil.example/$(touch${IFS}pwned)"
    record = str(_altered(faulty, tmp_path / "run.json", url))
    old = str(faulty.folder / "run.json")
    waivers = ("--file", str(tmp_path / "waivers.yaml"))
    words = {"reports.compare": (old, record), "reports.waive": (record, *waivers)}
    done = python("-m", module, *words.get(module, (record,)), keys=KEYS)
    assert done.status in (0, 1, 4, 7), done.output
    assert_only_text(done)


def test_an_option_that_is_printed_can_be_pasted(faulty: Reported, tmp_path: Path) -> None:
    """The address in it is somebody else's, and the shell runs nothing of it."""
    url = "https://evil.example/'$(touch${IFS}pwned)`touch${IFS}pwned`'"
    done = python("-m", "run.replay", str(_altered(faulty, tmp_path / "run.json", url)), keys=KEYS)
    assert done.status == 4, done.output
    found = re.search(r"add (--base-url .*) if the key", done.output)
    assert found
    line = f"python -m run.replay run.json {found[1]}"
    assert commands([line]) == [line]
    ((called,),) = paste([line], tmp_path / "shell").values()
    assert called[-1] == url
