"""What a stranger tried: half of it harms, and the other half only looks as if it did."""

import base64
import json
import random
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports import exchange_json, output
from reports.escaping import one_line
from spec.exchange import MOST_KEPT, Exchange, Response
from spec.oracle import Oracle
from targets import config
from targets.connection import trust
from targets.errors import TargetError, ThrottledError
from targets.masking import Masker
from targets.pace import MAX_PAUSES, Pace, pause_seconds
from tests.attacked import KEY, attacked_run
from tests.exchanges import CONTRACT, FACTS, INVOICE, refusal, request, response
from tests.hostile import sends
from tests.hostile_answers import error
from tests.reporting import Reported
from tests.running import python
from tests.versions.edited import TEXT, sentence_of

MASKER = Masker({"WIZCOMMERCE_API_KEY": KEY})
NOW = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.whole_runs
@pytest.mark.parametrize(
    "options",
    [
        ("--debug={folder}/trace",),
        ("-n", "2"),
        ("-vv", "-l", "-rA", "-s", "--full-trace", "--tb=long"),
    ],
    ids=["trace", "workers", "loud"],
)
def test_no_option_of_pytest_brings_the_key_out(options: tuple[str, ...], tmp_path: Path) -> None:
    """Neither on the terminal nor into a file of pytest's own."""
    given = [option.format(folder=tmp_path) for option in options]
    every = [sends(error(f"no user has the key {KEY}", status)) for status in (400, 422, 500)]
    run = attacked_run(tmp_path, *given, "-k", "near_miss and sku", every=every)
    assert run.done.status == 1, run.done.output
    shown = [name for name, data in run.everything.items() if KEY[:8].encode() in data]
    assert shown == []


def test_what_only_looks_like_a_key_stays() -> None:
    """Ids, digests, pictures and seven characters of the key, and the name of its variable."""
    draw = random.Random(1)  # noqa: S311 - not for secrets
    texts = [
        str(uuid.UUID(int=draw.getrandbits(128))),
        draw.randbytes(4096).hex(),
        base64.b64encode(draw.randbytes(4096)).decode(),
        " ".join(KEY[at : at + 7] for at in range(0, len(KEY) - 7, 7)).replace(" ", " | "),
        "$WIZCOMMERCE_API_KEY ${WIZCOMMERCE_API_KEY:0:12} ... *** [...]",
        json.dumps({"a": [1.5e300, -0.0, "\u202e", "%41%42", "&amp;#x41;"]}),
    ]
    assert [text for text in texts if MASKER.mask(text) != text] == []


@pytest.mark.whole_runs
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "https://api-staging.sourcerer.tech.evil.example",
        "http://0x7f.1.evil.example",
        "http://2130706434.evil.example",
        "http://evil.localhost:9",
    ],
)
def test_a_record_cannot_pass_for_this_machine(url: str, faulty: Reported, tmp_path: Path) -> None:
    """Nor for a target: what only begins like its address is another host."""
    text = faulty.text("run.json").replace(faulty.record["target"]["base_url"], url)
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    done = python("-m", "run.replay", str(tmp_path / "run.json"))
    assert done.status == 4, done.output
    assert "is not a target of targets.toml" in done.output


@pytest.mark.whole_runs
@pytest.mark.parametrize(
    "url", ["http://[::1]:9", "http://127.8.9.1:9", "http://LOCALHOST.:9", "http://0x7f.1:9"]
)
def test_a_record_of_this_machine_may_be_sent_again(
    url: str, faulty: Reported, tmp_path: Path
) -> None:
    """However its address is written; nobody listens there."""
    assert config.is_loopback(config.normal_url(url))
    text = faulty.text("run.json").replace(faulty.record["target"]["base_url"], url)
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    done = python("-m", "run.replay", str(tmp_path / "run.json"))
    assert "is not a target of targets.toml" not in done.output
    assert done.status == 6, done.output


@pytest.mark.parametrize(
    "name", ['"X-A: b\\r\\nHost: evil.example"', '"X A"', "Host", "content-length", '"é"', '""']
)
def test_a_document_cannot_send_the_key_in_a_header_of_http(name: str, tmp_path: Path) -> None:
    """Nor in what is none."""
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace("name: X-API-Key", f"name: {name}"), encoding="utf-8")
    assert "is neither an API key in a header nor a bearer token" in sentence_of(path)


@pytest.mark.parametrize("retry_after", ["9" * 400, "1e308", "nan", "-1", "Thu, 99 Foo 99999", ""])
def test_no_retry_after_makes_a_run_hang(retry_after: str, tmp_path: Path) -> None:
    """It pauses for as long as all pauses may take, or gives up."""
    pace = Pace(tmp_path)
    if pause_seconds(retry_after, 1, NOW) > MAX_PAUSES:
        with pytest.raises(ThrottledError):
            pace.back_off(retry_after, 1)
    else:
        pace.back_off(retry_after, 1)
    assert (tmp_path / "pause").stat().st_mtime < datetime.now(UTC).timestamp() + MAX_PAUSES


def test_a_long_answer_is_judged_to_its_end_and_kept_in_its_beginning() -> None:
    """Its last detail breaks the schema, and what is stored says how long it was."""
    details = [{"field": "items", "reason": "x" * 400}] * 400 + [{"field": 7, "reason": "x"}]
    answer = response(400, refusal("items") | {"details": details})
    exchange = Exchange(request(INVOICE), answer, None, 0.0)
    verdict = Oracle(CONTRACT, FACTS).judge(exchange)
    assert any("[400].field" in each.at for each in verdict.violations)
    kept = verdict.exchange.response
    assert kept is not None
    assert len(kept.body) == MOST_KEPT
    stored = exchange_json.to_json(verdict.exchange, "test", {}, Masker({}))["response"]
    assert stored is not None
    assert stored["bytes"] == len(answer.body)


def test_an_answer_as_long_as_an_invoice_may_get_is_kept_whole() -> None:
    """So that a person sees what came."""
    answer = Response(201, (), b"x" * MOST_KEPT)
    assert not Exchange(request(INVOICE), answer, None, 0.0).is_long


@pytest.mark.parametrize(
    "text",
    [
        *("Zwölf 中文 שלום مرحبا", "👩\u200d💻 🇨🇭", "نامه\u200cای क्\u200dष"),
        *("a:b, 12:30:00, C:\\a", "# a ##b #[c]", "std::vector<int> a::b", "see ::1, ::warning::x"),
    ],
)
def test_text_that_does_nothing_is_shown_as_it_is(text: str) -> None:
    """In any script, with what joins letters and emoji, with colons and hashes."""
    assert one_line(text) == text


def test_a_data_file_cannot_command_a_ci(tmp_path: Path) -> None:
    """Although the sentence about it quotes what is wrong there."""
    path = tmp_path / "openapi.yaml"
    path.write_text('"##vso[task.a]b": 1\n"##vso[task.a]b": 2\n', encoding="utf-8")
    done = python("-m", "pytest", "suites", "--document", str(path), "--collect-only")
    assert done.status == 4, done.output
    assert "appears twice" in done.output
    assert "##vso[" not in done.output


@pytest.mark.parametrize(
    "words",
    [
        ("pytest", "suites", "--base-url", f"https://a.example/?k={KEY}"),
        ("pytest", "suites", "--target", KEY),
        ("pytest", "suites", "--document", f"/nowhere/{KEY}"),
        ("run.replay", f"/nowhere/{KEY}"),
    ],
)
def test_a_key_on_the_command_line_is_not_printed(words: tuple[str, ...]) -> None:
    """In the sentence that says what is wrong there."""
    done = python("-m", *words, keys={"WIZCOMMERCE_API_KEY": KEY})
    assert done.status == 4, done.output
    assert KEY not in done.output
    assert "$WIZCOMMERCE_API_KEY" in done.output


def test_a_name_that_no_file_can_have_is_one_sentence() -> None:
    """It may stand in targets.toml."""
    for files in ({"ca_file": Path("a\0b")}, {"client_cert": Path("a\0b")}):
        with pytest.raises(TargetError, match=r"name a file|name files"):
            trust("https://a.example", **files)


def test_a_folder_where_a_report_is_to_be_is_one_sentence(tmp_path: Path) -> None:
    """Before the first request."""
    (tmp_path / output.RECORD).mkdir()
    with pytest.raises(output.FolderError, match=r"run\.json is a folder"):
        output.check(tmp_path)


@pytest.mark.parametrize("name", ["a.b-c_D9", "v1.2", "9-", "a.."])
def test_a_name_of_letters_digits_dots_and_hyphens_is_a_target(name: str, tmp_path: Path) -> None:
    """Its baseline and its history are in their folders."""
    path = tmp_path / "targets.toml"
    path.write_text(f'["{name}"]\nbase_url = "https://a.example"\n', encoding="utf-8")
    assert name in config.load_targets(path)
    assert output.history_file(tmp_path, name).parent == tmp_path / "history"


@pytest.mark.parametrize("name", ["a\u202eb", "a%2e%2e", "~", "a:b", "*", "\u0430"])
def test_a_name_that_is_not_plain_is_none(name: str, tmp_path: Path) -> None:
    """It could be another one in disguise, or a path on some system."""
    path = tmp_path / "targets.toml"
    path.write_text(f'["{name}"]\nbase_url = "https://a.example"\n', encoding="utf-8")
    with pytest.raises(TargetError):
        config.load_targets(path)


def test_a_long_address_has_a_history_too(tmp_path: Path) -> None:
    """A file's name has a limit, and an address has none."""
    url = f"https://a.example/{'b' * 400}"
    output.write(output.history_file(tmp_path, url), "")
    output.write(output.trend_file(tmp_path, url), "")
    other = f"https://a.example/{'b' * 399}c"
    assert output.history_file(tmp_path, url) != output.history_file(tmp_path, other)


def test_a_planted_link_leads_no_file_elsewhere(tmp_path: Path) -> None:
    """In a folder that others write into, another file is neither written nor read instead."""
    theirs, folder = tmp_path / "theirs", tmp_path / "reports"
    theirs.write_text("kept", encoding="utf-8")
    folder.mkdir()
    draft = f"{'0' * 16}.part"
    for name in (output.RECORD, f"{output.RECORD}.{draft}", f"{output.SUMMARY}.{draft}"):
        (folder / name).symlink_to(theirs)
    output.write(folder / output.RECORD, "new")
    assert not (folder / output.RECORD).is_symlink()
    assert (folder / output.RECORD).read_text(encoding="utf-8") == "new"
    assert theirs.read_text(encoding="utf-8") == "kept"
    (folder / "mine.part").write_text("", encoding="utf-8")
    output.clear(folder)
    assert [file.name for file in folder.iterdir()] == ["mine.part"]
    assert theirs.exists()


@pytest.mark.parametrize("name", [output.RESULTS, output.HISTORY])
def test_a_planted_link_to_a_folder_is_one_sentence(name: str, tmp_path: Path) -> None:
    """What is in that folder is nobody's report, to be removed or written over."""
    theirs, folder = tmp_path / "theirs", tmp_path / "reports"
    theirs.mkdir()
    folder.mkdir()
    (folder / name).symlink_to(theirs)
    with pytest.raises(output.FolderError, match=f"{name} is a link"):
        output.check(folder)


def test_a_planted_lock_is_one_sentence(tmp_path: Path) -> None:
    """The folder takes no reports until somebody has looked at it."""
    (tmp_path / output.LOCK).symlink_to(tmp_path / "theirs")
    with ExitStack() as stack, pytest.raises(output.FolderError, match="cannot be locked"):
        output.claim(tmp_path, stack)
    assert not (tmp_path / "theirs").exists()


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """Neither a half of it nor a draft."""
    (tmp_path / output.RECORD).mkdir()
    with pytest.raises(OSError, match=r"run\.json"):
        output.write(tmp_path / output.RECORD, "new")
    assert [file.name for file in tmp_path.iterdir()] == [output.RECORD]
