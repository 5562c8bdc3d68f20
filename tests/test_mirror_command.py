"""`python -m mirror` as a user runs it: its ends, its exit statuses and its reports."""

import json
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mirror.__main__ import main
from mirror.behaviours import FAULTS, SERVERS
from mirror.reporting import HAR, JUNIT, RECORD, SUMMARY
from reference.server import listen
from tests.mirrors import KEY, PATH, Command, command, connected, invoice, speaking
from tests.running import PATIENCE, python

Refused = Callable[..., str]
EVIL = "<script>|`\x1b[31m\n::error::"


def sent(running: Command, *payloads: Any, key: str = KEY) -> None:
    """Send invoices to the command."""
    with speaking(running.url, key) as client:
        for payload in payloads:
            client.post(PATH, json=payload)


def test_valid_requests_end_it_with_status_0(tmp_path: Path) -> None:
    """`--requests N` ends it after so many; each has its row."""
    with command(tmp_path, "--requests", "2") as running:
        sent(running, invoice(1), invoice(2))
        status, output = running.end()
    assert status == 0
    assert "   1  valid        201     POST /v1/invoices" in output
    assert "2 requests: 2 valid" in output


def test_an_invalid_request_ends_it_with_status_1(tmp_path: Path) -> None:
    """The row says which requirement it breaks, where, and in which line."""
    with command(tmp_path, "--requests", "2") as running:
        sent(running, invoice(1, paid_amount=-1), invoice(2))
        status, output = running.end()
    assert status == 1
    assert "paid_amount.minimum (MUST) at paid_amount: -1 is less than" in output
    assert "spec/openapi.yaml:" in output


def test_an_unspecified_request_is_no_failure(tmp_path: Path) -> None:
    """The documents leave it open, so the client is not wrong."""
    with command(tmp_path, "--requests", "1") as running:
        sent(running, invoice(1, customer="ACME"))
        status, output = running.end()
    assert status == 0
    assert "left open: body: Additional properties" in output


def test_it_ends_with_status_6_where_nothing_came(tmp_path: Path) -> None:
    """`--idle S` ends it after so many seconds without a request."""
    with command(tmp_path, "--idle", "0.1") as running:
        status, output = running.end()
    assert status == 6
    assert "No request came." in output
    assert json.loads((tmp_path / RECORD).read_text())["requests"] == []


def test_it_ends_when_no_other_request_came(tmp_path: Path) -> None:
    """The seconds count from the last one."""
    with command(tmp_path, "--idle", "3") as running:
        sent(running, invoice())
        status, _ = running.end()
    assert status == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_its_reports(tmp_path: Path, number: int) -> None:
    """Ctrl-C is how a person ends it; the status is that of what came."""
    with command(tmp_path) as running:
        sent(running, invoice(1, paid_amount=-1))
        running.process.send_signal(number)
        status, output = running.end()
    assert status == 1
    assert "1 request: 1 invalid" in output
    assert {each.name for each in tmp_path.iterdir()} >= {RECORD, SUMMARY, JUNIT, HAR}


def test_exactly_so_many_requests_are_judged(tmp_path: Path) -> None:
    """Those that come together with the last one are counted, and not judged."""
    body = json.dumps(invoice()).encode()
    head = f"POST {PATH} HTTP/1.1\r\nhost: m\r\nx-api-key: {KEY}\r\ncontent-length: {len(body)}\r\n"
    options = ("--requests", "1", "--as", "slow")
    with command(tmp_path, *options) as running, ExitStack() as stack:
        opened = [stack.enter_context(connected(running.url)) for _ in range(3)]
        for each in opened:
            each.sendall(head.encode() + b"\r\n" + body[:-1])
        for each in opened:
            each.sendall(body[-1:])
        assert sorted(len(each.recv(100)) > 0 for each in opened) == [False, False, True]
        _, output = running.end()
    assert "1 request: " in output
    assert "Requests not judged, because the mirror ended: 2" in output
    record = json.loads((tmp_path / RECORD).read_text())
    assert (len(record["requests"]), record["not_judged"]) == (1, 2)


def test_a_demo_key_is_used_without_one(tmp_path: Path) -> None:
    """As by the reference."""
    with command(tmp_path, "--requests", "1", key=None) as running:
        sent(running, invoice(), key="demo-key")
        assert running.end()[0] == 0


def test_the_reports_tell_all(tmp_path: Path) -> None:
    """JSON, Markdown, JUnit and HAR have every request, and no key, not even one of the client."""
    with command(tmp_path, "--requests", "4", "--fault", "server-error:3") as running:
        sent(running, invoice(1), key="another-key-of-mine")
        sent(running, invoice(2, remarks=f"another-key-of-mine {KEY}"), invoice(3), invoice(3))
        assert running.end()[0] == 1
    record = json.loads((tmp_path / RECORD).read_text())
    assert record["counts"] == {"valid": 3, "invalid": 1, "unspecified": 0}
    assert [each["status"] for each in record["requests"]] == [401, 201, 500, 201]
    assert record["requests"][0]["reasons"][0]["requirement"] == "security.key"
    assert [each["number"] for each in record["reactions"]] == [1, 3]
    assert record["reactions"][1]["how"] == "the same invoice"
    assert "status PAID" in record["never_sent"]
    suite = ET.parse(tmp_path / JUNIT).getroot()[0]  # noqa: S314 - our own file
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "0")
    entries = json.loads((tmp_path / HAR).read_text())["log"]["entries"]
    assert [each["response"]["status"] for each in entries] == [401, 201, 500, 201]
    assert [
        each["value"] for each in entries[1]["request"]["headers"] if each["name"] == "X-API-Key"
    ]
    summary = (tmp_path / SUMMARY).read_text()
    assert "| 1 | invalid | 401 | `security.key (MUST)" in summary
    assert "| 3 | 500 | `#4 after" in summary
    everything = "".join((tmp_path / name).read_text() for name in (RECORD, SUMMARY, JUNIT, HAR))
    assert "another-key-of-mine" not in everything
    assert KEY not in everything
    assert "$WIZCOMMERCE_API_KEY" in everything


def test_what_a_client_sends_is_only_text_in_the_reports(tmp_path: Path) -> None:
    """No tag, cell, colour or line of it is more than that."""
    with command(tmp_path, "--requests", "1") as running:
        sent(running, invoice(1, **{EVIL: 1}, status=EVIL))
        _, output = running.end()
    assert "\x1b" not in output
    assert "\n::error" not in output
    row = next(line for line in (tmp_path / SUMMARY).read_text().splitlines() if "| 1 |" in line)
    cells = row.replace("\\|", "").strip("|").split("|")
    assert len(cells) == 4
    assert "\x1b" not in row
    assert ET.parse(tmp_path / JUNIT).getroot()[0][0][0].tag == "failure"  # noqa: S314


def test_a_terminal_may_know_few_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it cannot show is escaped."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    with command(tmp_path, "--requests", "1") as running:
        sent(running, invoice(1, status="鍵"))
        status, output = running.end()
    assert (status, "\\u9375" in output) == (1, True)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """The one sentence of a command, in this process, that ends with status 4."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def refused(*words: str) -> str:
        try:
            status: object = main(words)
        except SystemExit as ended:
            status = ended.code
        printed = capsys.readouterr()
        assert (status, printed.out, printed.err.count("\n")) == (4, "", 1)
        return printed.err

    return refused


def test_every_name_is_listed() -> None:
    """`--list` prints them with their stories, and ends."""
    result = python("-m", "mirror", "--list")
    assert result.status == 0
    assert all(f"\n  {name}\n      " in result.output for name in (*SERVERS, *FAULTS, "all"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--as", "no-such"), "no conforming server is called 'no-such'"),
        (("--fault", "no-such"), "no fault is called 'no-such'"),
        (("--as", ""), "no conforming server is called ''"),
        (("--as", ":2"), "no conforming server is called ''"),
        (("--reports", ""), "'' is not a folder"),
        (("--fault", "cut:0"), "'0' is not a number from 1 on"),
        (("--fault", "cut:"), "'' is not a number from 1 on"),
        (("--as", "slow:"), "'' is not a number from 1 on"),
        (("--fault", "cut", "--fault", "timeout"), "--fault is given more than once"),
        (("--requests", "x"), "'x' is not a number from 1 on"),
        (("--idle", "-1"), "'-1' is not a number of seconds"),
        (("--port", "65536"), "'65536' is not a port number"),
        (("--host", "no.such.host.invalid"), "cannot listen on no.such.host.invalid"),
        (("--reports", __file__), "No report can be written"),
        (("more",), "unrecognized arguments: more"),
    ],
)
def test_a_wrong_usage_is_one_sentence_and_status_4(
    refused: Refused, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    """Nothing is served."""
    usual = {"--port": "0", "--reports": str(tmp_path)}
    others = (word for pair in usual.items() if pair[0] not in words for word in pair)
    assert sentence in refused(*others, *words)


def test_a_port_in_use_is_wrong_usage(refused: Refused, tmp_path: Path) -> None:
    """The sentence says so."""
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        assert "Address already in use" in refused("--port", port, "--reports", str(tmp_path))


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("two\nlines-of-it", "cannot be sent in a header"),
        ("an\x1bescape-of-it", "cannot be sent in a header"),
        (" a-blank-before", "cannot be sent in a header"),
        ("ключ-от-двери", "cannot be sent in a header"),
        ("short", "fewer than 6 characters"),
    ],
)
def test_a_wrong_key_is_wrong_usage(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, key: str, sentence: str
) -> None:
    """The sentence says what is wrong with it."""
    monkeypatch.setenv("WIZCOMMERCE_API_KEY", key)
    assert sentence in refused("--port", "0")


def test_a_wrong_usage_ends_the_process_with_status_4() -> None:
    """As `main` does, without a line more."""
    result = python("-m", "mirror", "--port", "65536")
    assert (result.status, len(result.output.splitlines())) == (4, 1)


def test_a_folder_that_another_mirror_writes_into_is_refused(tmp_path: Path) -> None:
    """Two would overwrite each other's reports."""
    with command(tmp_path):
        result = python("-m", "mirror", "--port", "0", "--reports", str(tmp_path))
    assert result.status == 4
    assert "Another run is writing its reports" in result.output


def test_nobody_has_to_read_what_it_prints(tmp_path: Path) -> None:
    """`| head` closes the pipe; the mirror goes on."""
    with command(tmp_path, "--requests", "2") as running:
        assert running.process.stdout is not None
        running.process.stdout.close()
        sent(running, invoice(1), invoice(2))
        assert running.process.wait(PATIENCE) == 0
    assert json.loads((tmp_path / RECORD).read_text())["counts"]["valid"] == 2
