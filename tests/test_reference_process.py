"""The reference as a process: its ready line, how it ends, and why it does not start."""

import json
import re
import signal
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.reference_process import (
    COMMAND,
    FORBIDDEN_KEY,
    KEY,
    PATH,
    ROOT,
    encoded,
    environment,
    invoice,
    running,
    speaking_to,
)
from tests.running import PATIENCE


def ending(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit status, the rest of stdout, and stderr of a process that is about to end."""
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def test_the_ready_line_gives_the_address_and_no_key() -> None:
    """One line with the address as its fourth word; keys from the environment are not shown."""
    with running() as reference:
        assert re.fullmatch(r"reference ready on http://127\.0\.0\.1:\d+\n", reference.ready_line)
        with speaking_to(reference.url) as client:
            assert client.post(PATH, content=encoded(invoice())).status_code == 201


def test_without_keys_the_ready_line_names_the_demo_keys() -> None:
    """A user who sets no key can copy from the line what a client needs."""
    with running(env=environment()) as reference:
        demo = dict(word.split("=") for word in reference.ready_line.split()[5:])
        with speaking_to(reference.url) as client:
            statuses = [
                client.post(PATH, content=encoded(invoice()), headers={"X-API-Key": key})
                for key in (demo["WIZCOMMERCE_API_KEY"], demo["WIZCOMMERCE_FORBIDDEN_API_KEY"])
            ]
    assert [each.status_code for each in statuses] == [201, 403]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly(number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end it with status 0 and no output, even with open connections."""
    with running() as reference, speaking_to(reference.url) as client:
        assert client.post(PATH, content=encoded(invoice())).status_code == 201
        reference.process.send_signal(number)
        assert ending(reference.process) == (0, "", "")


def test_it_ends_with_its_standard_input() -> None:
    """--until-stdin-closes ends it when the process that started it is gone."""
    with running("--until-stdin-closes") as reference:
        assert reference.process.stdin is not None
        reference.process.stdin.close()
        reference.process.stdin = None
        assert ending(reference.process) == (0, "", "")


def test_without_a_standard_input_it_ends_at_once() -> None:
    """--until-stdin-closes treats a closed standard input like one that has ended."""
    shell = ("sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, "--port", "0", "--until-stdin-closes")
    done = subprocess.run(shell, cwd=ROOT, capture_output=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_database_file_keeps_invoices_and_no_key(tmp_path: Path) -> None:
    """After the end the answered invoices are on disk, and the keys are not."""
    file = tmp_path / "reference.sqlite"
    with running("--database", str(file)) as reference, speaking_to(reference.url) as client:
        data = client.post(PATH, content=encoded(invoice())).json()["data"]
        reference.process.terminate()
        assert ending(reference.process) == (0, "", "")
    assert not any(key.encode() in file.read_bytes() for key in (KEY, FORBIDDEN_KEY))
    with sqlite3.connect(file) as database:
        rows = database.execute("SELECT id, document FROM invoices").fetchall()
    database.close()
    assert [(key, json.loads(document)) for key, document in rows] == [(data["id"], data)]


def test_orders_come_from_their_file(tmp_path: Path) -> None:
    """--orders replaces the demo orders and their dates."""
    file = tmp_path / "orders.json"
    file.write_text('[{"id": "ORD-é", "created_at": "2024-06-01T00:00:00+02:00"}]', "utf-8")
    payloads = [
        invoice(order_id="ORD-é"),
        invoice(order_id="ORD-é", updated_at="2024-05-31T22:00:00Z"),
        invoice(),
    ]
    with running("--orders", str(file)) as reference, speaking_to(reference.url) as client:
        answers = [client.post(PATH, content=encoded(payload)) for payload in payloads]
    assert [each.status_code for each in answers] == [201, 400, 404]


def complaint(*options: str, **env: str) -> str:
    """The stderr of a reference that does not start, which must end with status 4."""
    done = subprocess.run(
        [*COMMAND, *options],
        cwd=ROOT,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (4, ""), done.stderr
    return done.stderr


def test_a_port_in_use_is_named() -> None:
    """The sentence gives the address that is in use."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = complaint("--port", str(port))
    assert said == (
        f"python -m reference: cannot listen on 127.0.0.1 port {port}: Address already in use.\n"
    )


@pytest.mark.parametrize("host", ["no..such", "256.256.256.256"])
def test_an_impossible_host_is_named(host: str) -> None:
    """A name that cannot be resolved is refused in one sentence."""
    said = complaint("--host", host, "--port", "0")
    assert said.startswith(f"python -m reference: cannot listen on {host} port 0: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot read the orders file"),
        (b"\xff", "must be a JSON list"),
        (b"[", "must be a JSON list"),
        (b'{"id": "ORD-1"}', "body: Input should be a valid array"),
        (b'[{"id": "ORD-1"}]', "[0].created_at: Field required"),
        (b'[{"id": 1, "created_at": "2025-01-01T00:00:00Z"}]', "[0].id: Input should be a valid s"),
        (b'[{"id": "ORD-1", "created_at": "yesterday"}]', "[0].created_at: Input should be an RFC"),
    ],
)
def test_a_bad_orders_file_is_explained(tmp_path: Path, content: bytes | None, words: str) -> None:
    """One sentence says the file, the location in it and what is wrong there."""
    file = tmp_path / "orders.json"
    if content is not None:
        file.write_bytes(content)
    said = complaint("--orders", str(file))
    assert str(file) in said
    assert words in said
    assert said.count("\n") == 1


def test_a_bad_database_is_explained(tmp_path: Path) -> None:
    """A folder or another file is not a database."""
    text = tmp_path / "notes.txt"
    text.write_text("not a database, " * 100)
    for file in (tmp_path, text, tmp_path / "missing" / "reference.sqlite"):
        said = complaint("--database", str(file))
        assert said.startswith(f"python -m reference: cannot use {file} as the database: ")
        assert said.count("\n") == 1


@pytest.mark.parametrize("port", ["65536", "-1", "http", "٣"])
def test_a_port_out_of_range_is_refused(port: str) -> None:
    """The sentence repeats the value and says which are valid."""
    assert f"{port!r} is not a port number from 0 to 65535" in complaint(f"--port={port}")


def test_one_key_cannot_have_two_rights() -> None:
    """The two keys must differ."""
    said = complaint(WIZCOMMERCE_API_KEY="same", WIZCOMMERCE_FORBIDDEN_API_KEY="same")
    assert said.endswith("WIZCOMMERCE_API_KEY and WIZCOMMERCE_FORBIDDEN_API_KEY must differ.\n")
