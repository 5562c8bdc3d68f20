"""Baselines: the accepted answers of a target, and drift, an answer that has changed since."""

import configparser
from pathlib import Path

import pytest

from reports import accept, record
from spec import probes
from spec.exchange import Exchange, Request, Response
from spec.probes import answer_of, drift, load_baseline
from spec.strictjson import Malformed, parse
from spec.yamlfile import FileError
from tests.reporting import Reported
from tests.running import ROOT

pytestmark = pytest.mark.quick
"""But for those that start whole runs."""


def _exchange(status: int, body: bytes) -> Exchange:
    return Exchange(Request("POST", "/", (), b""), Response(status, (), body), None, 0.0)


@pytest.mark.parametrize(
    ("exchange", "answer"),
    [
        (_exchange(201, b"{}"), "201"),
        (_exchange(400, b'{"code": "BAD", "message": "at 12:00"}'), "400 BAD"),
        (_exchange(400, b"<html>"), "400"),
        (_exchange(404, b'{"code": 7}'), "404"),
        (Exchange(Request("POST", "/", (), b""), None, "it closed", 0.0), "no answer"),
    ],
)
def test_an_answer_is_its_status_and_its_code(exchange: Exchange, answer: str) -> None:
    """What may change from day to day, such as a message, is not drift."""
    response = exchange.response
    try:
        value = parse(response.body).value if response else None
    except Malformed:
        value = None
    assert answer_of(response, value) == answer


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("answer: {}", "1: needs a mapping 'answers'"),
        (
            "answers: {no such probe: '201'}",
            "1: #/answers/no such probe: there is no probe 'no such probe'",
        ),
        ("answers:\n  no items: 201", "2: #/answers/no items: an answer is text in quotes"),
    ],
)
def test_a_malformed_baseline_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    """File, line and what is wrong."""
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=r"mine\.yaml") as refused:
        load_baseline("mine", ["no items"], tmp_path)
    assert words in str(refused.value)


@pytest.mark.parametrize("target", ["nobody", "http://127.0.0.1:8080"])
def test_a_target_without_a_baseline_cannot_drift(tmp_path: Path, target: str) -> None:
    """Its answers are new and fail nothing."""
    baseline = load_baseline(target, ["no items"], tmp_path)
    assert drift(baseline, "no items", "400 BAD") is None
    (row,) = (r for r in record.probe_rows({"no items": "201"}, probes.load(), baseline))
    assert (row["state"], row["accepted"]) == ("new", None)


def test_the_baseline_of_the_reference_names_every_probe() -> None:
    """So that any change of the reference shows."""
    names = [probe.name for probe in probes.load()]
    assert list(load_baseline("reference", names).answers) == names


def test_the_answers_of_a_target_without_a_name_are_not_accepted(faulty: Reported) -> None:
    """A baseline belongs to a table of targets.toml; a URL is not one."""
    with pytest.raises(ValueError, match="has no name: make it a target in targets"):
        accept.accepted(faulty.record)


@pytest.mark.parametrize("option", [("--base-url", "http://a.example"), ("--base-url=http://a",)])
def test_what_has_no_name_is_not_accepted_before_anything_is_asked(
    option: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """The check comes first in `tox run -e accept`; with a target it says nothing."""
    assert accept.main(["--before", "-q", "--target", "staging", "-n", "2"]) == 0
    assert accept.main(["--before"]) == 0
    with pytest.raises(SystemExit) as ended:
        accept.main(["--before", "-q", *option])
    assert ended.value.code == 4
    assert "make the address a target in targets.toml" in capsys.readouterr().err
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    first = tox["testenv:accept"]["commands"].split("\n")[1]
    assert first == "python -m reports.accept --before {posargs}"
