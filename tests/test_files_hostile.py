"""A data file that is no regular file or no text is one sentence, and no other file is touched."""

import json
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from findings import waivers
from reports import accept, history, output, record, waive
from spec import contract, probes, yamlfile
from spec.contract import DOCUMENT
from spec.yamlfile import FileError
from targets.config import load_targets
from targets.connection import trust
from targets.errors import TargetError
from tests import records
from tests.running import python
from watch import corpus


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


def _zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


ODD: dict[str, Callable[[Path], None]] = {
    "a FIFO": _fifo,
    "a socket": _socket,
    "a device": _zero,
    "a folder": Path.mkdir,
    "a terabyte": _large,
    "a link to itself": lambda path: path.symlink_to(path),
}


READERS: dict[str, Callable[[Path], object]] = {
    "YAML": yamlfile.read,
    "document": contract.load,
    "reading": lambda path: contract.load(DOCUMENT, path),
    "probes": probes.load,
    "waivers": lambda path: waivers.load({"a": ()}, path),
    "targets": load_targets,
    "record": record.read,
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("reader", READERS)
def test_a_data_file_that_is_no_regular_file_is_one_sentence(
    tmp_path: Path, reader: str, odd: str
) -> None:
    """It is not opened, or not read to its end."""
    path = tmp_path / "data"
    ODD[odd](path)
    with pytest.raises((FileError, TargetError, ValueError)) as refused:
        READERS[reader](path)
    sentence = str(refused.value)
    assert str(path) in sentence
    assert "\n" not in sentence


WORDS = ("--reason", "a", "--owner", "a", "--link", "https://a.example", "--expires", "9999-12-31")


def _waive(folder: Path, file: Path) -> object:
    """The exit status of a waiver that is written to a file."""
    path = folder / "run.json"
    path.write_text(json.dumps(records.record(findings=[records.cause("a.b")])), encoding="utf-8")
    try:
        return waive.main([str(path), "--finding", "0123abcd", "--file", str(file), *WORDS])
    except SystemExit as ended:
        return ended.code


@pytest.mark.parametrize("odd", ODD)
def test_a_file_of_waivers_that_is_no_regular_file_is_one_sentence(
    tmp_path: Path, odd: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where one is to be written as well."""
    path = tmp_path / "data"
    ODD[odd](path)
    assert _waive(tmp_path, path) == 4
    sentence = capsys.readouterr().err
    assert str(path) in sentence
    assert sentence.count("\n") == 1


def test_a_file_of_waivers_that_is_no_text_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its bytes stay as they are."""
    path = tmp_path / "data"
    path.write_bytes(b"waivers: []\xff\n")
    assert _waive(tmp_path, path) == 4
    assert f"{path}: is not UTF-8" in capsys.readouterr().err
    assert path.read_bytes() == b"waivers: []\xff\n"


def test_a_waiver_leaves_all_other_files_alone(tmp_path: Path) -> None:
    """Also one that is named as a draft could be, and one that is refused leaves nothing."""
    (tmp_path / "data.draft").write_text("mine", encoding="utf-8")
    _waive(tmp_path, tmp_path / "data")
    assert (tmp_path / "data.draft").read_text(encoding="utf-8") == "mine"
    assert {each.name for each in tmp_path.iterdir()} <= {"data", "data.draft", "run.json"}


@pytest.mark.parametrize("odd", ["a FIFO", "a socket", "a device", "a folder"])
@pytest.mark.parametrize("setting", ["ca_file", "client_cert", "client_key"])
def test_a_certificate_that_is_no_regular_file_is_one_sentence(
    tmp_path: Path, setting: str, odd: str
) -> None:
    """Opening a pipe may never end."""
    path = tmp_path / "data"
    ODD[odd](path)
    (tmp_path / "plain").write_text("")
    given = {"client_cert": tmp_path / "plain"} | {setting: path}
    with pytest.raises(TargetError) as refused:
        trust("https://a.example", **given)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("odd", ODD)
def test_a_history_that_is_no_regular_file_is_forgotten(tmp_path: Path, odd: str) -> None:
    """It is only what a report says more."""
    path = tmp_path / "data"
    ODD[odd](path)
    assert history.read(path) == []


@pytest.mark.parametrize(
    "text", ["[" * 200_000, "9" * 200_000, '"' * 200_000, "{}", "[]", "1", "\xff", ""]
)
def test_a_record_that_is_none_is_one_sentence(tmp_path: Path, text: str) -> None:
    """However deep or long it is."""
    path = tmp_path / "run.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=r"run\.json is not the record of a run\.$"):
        record.read(path)


@pytest.mark.parametrize(
    "name",
    ["../openapi", "a/b", "..\\a", "a\nb", "", "a b", "é", ".", "..", "...", "-a", "_", "..a"],
)
def test_no_target_can_name_another_file(tmp_path: Path, name: str) -> None:
    """Neither in targets.toml nor in a record from somebody else, of which `accept` takes it."""
    path = tmp_path / "targets.toml"
    path.write_text(f"[{json.dumps(name)}]\nbase_url = 'https://a.example'\n", encoding="utf-8")
    with pytest.raises(TargetError):
        load_targets(path)
    content: Any = {
        "target": {"name": name, "base_url": "https://a.example"},
        "run": {"stamp": "IC-1", "started": "now\nanswers: {}"},
        "probes": [{"name": "no items", "answer": "201"}],
    }
    with pytest.raises((FileError, ValueError)):
        accept.accepted(content, tmp_path)
    with pytest.raises(FileError):
        corpus.folder_of(name, tmp_path)
    assert [*tmp_path.iterdir()] == [path]


ANSWERS = ["400 \ud800", "400 \x7f\x85", "400 a\nb: c", '400 "', "400 \u2028\ufeff", "400 \x1b[2J"]


@pytest.mark.parametrize("given", ANSWERS)
def test_any_answer_can_be_accepted_and_read_again(tmp_path: Path, given: str) -> None:
    """A baseline is ASCII, so the next run reads what this one wrote."""
    content: Any = {
        "target": {"name": "mine", "base_url": "https://a.example"},
        "run": {"stamp": "IC-1", "started": "now\nanswers: {}"},
        "probes": [{"name": "no items", "answer": given}],
    }
    path, text = accept.accepted(content, tmp_path)
    assert text.isascii()
    output.write(path, text)
    read = probes.load_baseline("mine", ["no items"], tmp_path).answers["no items"]
    assert read == given.encode(errors="backslashreplace").decode()


def test_the_folders_of_killed_runs_are_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not those of runs that are alive, nor one that has just been made."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    killed = "import os; from reports import output as o; s = o.scratch(); s.__enter__()"
    assert python("-c", f"{killed}; os._exit(9)", keys={"TMPDIR": str(tmp_path)}).status == 9
    (left,) = tmp_path.iterdir()
    with ExitStack() as stack:
        alive = stack.enter_context(output.scratch())
        assert left.exists()
        for folder in (left, alive):
            os.utime(folder, (0, 0))
        with output.scratch():
            assert not left.exists()
            assert alive.exists()
    assert [*tmp_path.iterdir()] == []
