"""A server that knows the key attacks a whole run: its key, its reader, its memory, its time.

Each request but the plain invoice gets the next of some three hundred hostile answers; everything
that the run writes and prints is looked at, byte by byte.
"""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from reports.exchange_json import Room
from reports.ledger import Entry
from tests.attacked import KEY, SHOWN, Attacked, attacked_run
from tests.hostile_answers import COMMANDS, MARK, attacks, unlike
from tests.spellings import NESTED

MOST = 8 * 1024 * 1024
"""Bytes of a record, and of a HAR."""
MOST_MEMORY = 256
"""MiB of a run."""
COMMAND = re.compile(r"##(?:vso|teamcity)?\[|^\s*::", re.IGNORECASE | re.MULTILINE)
"""What the runner of a CI obeys: Azure and TeamCity anywhere in a line, GitHub at its start."""


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """A whole run, in which each request but the plain invoice is attacked."""
    folder = tmp_path_factory.mktemp("attacked")
    # With a log level, httpx would log what it sends, if it were not silenced.
    log = ("--log-cli-level=DEBUG", f"--log-file={folder / 'log'}", "--log-file-level=DEBUG")
    return attacked_run(folder, *log)


def pieces() -> Iterator[bytes]:
    """Eight characters of the key, one after another, in small letters; in hexadecimal and Base64
    what that many make; and the middle of what is spelled twice.
    """
    plain = KEY.lower().encode()
    for text, size in ((plain, 8), (KEY.encode().hex().encode(), 16), *_in_base64()):
        yield from (text[at : at + size] for at in range(len(text) - size + 1))
    for spelled in (spelling(KEY).lower().encode() for spelling in NESTED.values()):
        yield spelled[len(spelled) // 3 : -len(spelled) // 3]


def _in_base64() -> Iterator[tuple[bytes, int]]:
    for before in range(3):
        text = base64.b64encode(bytes(before) + KEY.encode()).lower().rstrip(b"=")
        yield text[(before * 8 + 5) // 6 : -1], 11


def test_there_are_some_hundreds_of_attacks(attacked: Attacked) -> None:
    """Each was sent, the run went on to its end, and the server was found to be wrong."""
    assert attacked.sent >= len([*attacks(KEY)]) > 200
    assert attacked.done.status == 1, attacked.done.output[-2000:]
    record = json.loads(attacked.files["run.json"])
    outcomes = {test["outcome"] for test in record["tests"]}
    assert outcomes <= {"passed", "failed", "skipped"}
    assert "Traceback" not in attacked.done.output


def test_no_byte_that_is_written_shows_the_key(attacked: Attacked) -> None:
    """Not a part of eight characters, also where blanks or line breaks stand between them."""
    shows = re.compile(b"|".join(map(re.escape, {*pieces()})))
    assert shows.search(f"x{KEY}".encode().lower())
    for name, data in attacked.everything.items():
        small = data.lower()
        joined = re.sub(rb"\s+|\\[nrt]", b"", small)
        for text in (small, joined):
            found = shows.search(text)
            assert not found, (name, text[max(0, found.start() - 80) : found.end() + 40])


def test_the_key_was_there_to_be_hidden(attacked: Attacked) -> None:
    """Its mask is in every kind of file, so the attacks came that far."""
    for name in ("run.json", "failing.har", *SHOWN, "the terminal"):
        assert b"WIZCOMMERCE_API_KEY" in attacked.everything[name].replace(b"\\", b""), name


def test_what_people_read_has_only_characters_that_show(attacked: Attacked) -> None:
    """No title, clipboard or screen is touched, and no letter is hidden or turned around."""
    for name, text in attacked.shown.items():
        odd = {c for c in text if not c.isprintable() and c not in "\n\t\u200c\u200d"}
        assert odd == set(), (name, odd)


def test_no_ci_takes_a_line_for_a_command(attacked: Attacked) -> None:
    """The commands are there to read, and broken."""
    assert all(COMMAND.search(text.replace("\x1b[0K", "##[")) for text in COMMANDS.values())
    assert any(b"add-mask" in data for data in attacked.everything.values())
    for name, text in attacked.shown.items():
        lines = [text[max(0, each.start() - 60) : each.end() + 40] for each in _commands(text)]
        assert lines == [], name


def _commands(text: str) -> Iterator[re.Match[str]]:
    return COMMAND.finditer(text)


def test_the_summary_shows_what_the_server_says_as_code(attacked: Attacked) -> None:
    """So there is no mention, link, picture, heading or emoji of the server's in it."""
    summary = attacked.files["summary.md"].decode()
    assert MARK in summary
    rest = without_code(summary)
    assert MARK not in rest
    assert not re.search(r"evil|@everyone|onerror|!\[|:smile:|touch pwned", rest)


def without_code(markdown: str) -> str:
    """Markdown without its code spans (CommonMark 6.1), none of which goes over a line's end."""
    lines = []
    for line in markdown.splitlines():
        rest = line
        while opened := re.search(r"(?<![`\\])`+", rest):
            ticks = opened[0]
            closed = re.search(rf"(?<!`){ticks}(?!`)", rest[opened.end() :])
            assert closed, line
            rest = rest[: opened.start()] + rest[opened.end() + closed.end() :]
        lines.append(rest)
    return "\n".join(lines)


def test_every_file_is_still_of_its_kind(attacked: Attacked) -> None:
    """JSON, HAR and XML are read by any reader of theirs."""
    for name, data in attacked.files.items():
        if name.endswith((".json", ".har")):
            json.loads(data)
        elif name.endswith(".xml"):
            ET.fromstring(data)  # noqa: S314 # the file is ours


def test_what_is_kept_of_the_answers_has_a_limit(attacked: Attacked) -> None:
    """Both files stay small, and say how much was left out where something was."""
    record, har = attacked.files["run.json"], attacked.files["failing.har"]
    assert len(record) < MOST
    assert len(har) < MOST
    left_out = json.loads(record)["counts"]["exchanges_left_out"]
    comment = json.loads(har)["log"].get("comment", "")
    assert comment.startswith(f"{left_out} more failing exchanges") == (left_out > 0)
    kept = [exchange["response"] for exchange in json.loads(record)["exchanges"]]
    assert any(each and each.get("bytes", 0) > 100_000 for each in kept)


def test_an_attacked_run_stays_small(attacked: Attacked) -> None:
    """Whatever the server sends, no process of the run ever has more than 256 MiB."""
    assert 0 < attacked.peak <= MOST_MEMORY


def test_a_run_stays_small_where_each_answer_is_long_and_unlike_all_others(tmp_path: Path) -> None:
    """So that no finding is like another, and each has an answer to show."""
    run = attacked_run(tmp_path, "-k", "near_miss", every=[unlike()])
    assert run.done.status == 1, run.done.output[-2000:]
    assert run.sent > 30
    assert 0 < run.peak <= MOST_MEMORY


def _answer(stored: Any) -> str:
    return str(stored["response"]["text"])


def test_no_test_takes_the_room_of_the_others() -> None:
    """One with a hundred long exchanges leaves most of it, and short ones are always kept."""
    room = Room(left=160_000)

    def entry(number: int, count: int, size: int) -> Entry:
        response = {"status": 400, "headers": [], "text": "x" * size}
        exchanges: Any = {str(n): {"id": str(n), "response": response} for n in range(count)}
        return Entry(f"test {number}", exchanges=exchanges)

    long, short = entry(0, 100, 3_000), entry(1, 3, 100)
    for each in (long, short):
        room.fit(each)
    assert room.left > 140_000
    assert [*map(_answer, short.exchanges.values())] == ["x" * 100] * 3
    bodies = [*map(_answer, long.exchanges.values())]
    assert bodies[:3] == ["x" * 3_000] * 3
    assert {*bodies[3:]} == {""}
    assert room.left_out == 100 - len(bodies) > 0
