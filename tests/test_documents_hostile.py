"""A pull request may change only data files: whatever they hold, nothing hangs and nothing runs."""

import json
import os
import re
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from reports import accept, history, output, record, waive
from run.cases import body_requirements, edge_values, near_misses
from spec import contract, probes, waivers, yamlfile
from spec.contract import DOCUMENT, READING
from spec.document import OF_TYPES
from spec.yamlfile import SpecError
from strategies.limits import invoices_at_limits, large_invoices
from strategies.reach import MOST_INVALID, out_of_reach
from strategies.unspecified import unusual_values
from targets.config import load_targets
from targets.errors import TargetError
from targets.transport import trust
from tests import records
from tests.altering import TEXT, sentence_of
from tests.invoices import ANYWHERE
from tests.pasting import commands, paste, texts_of
from tests.reporting import Reported, reported
from tests.running import ORDER, python, server, suite
from watch import corpus

NAMES = (
    "x'; touch pwned; echo '",
    '"; touch pwned; echo "',
    "$(touch pwned)",
    "`touch pwned`",
    "a\\",
    "a b && touch pwned > pwned",
    "::add-mask::a",
    "##vso[task.prependpath]a",
    "<img src=https://evil.example onerror=alert(1)>",
    "a | b ![x](https://evil.example) @everyone",
)
"""Names of properties that are harmless only if they are quoted."""
TITLE = "\\e]0;pwned\\a\\e[2J ::error::pwned"


def hostile_document(path: Path) -> Path:
    """The vendor's document with a required property of each of these names."""
    quoted = [json.dumps(name) for name in NAMES]
    text = TEXT
    for before, after in (
        ("        - due_date\n", "".join(f"        - {name}\n" for name in quoted)),
        (
            "        remarks:\n          type: string\n          maxLength: 255\n",
            "".join(
                f"        {name}:\n          type: string\n          maxLength: 9\n"
                for name in quoted
            ),
        ),
    ):
        assert before in text
        text = text.replace(before, after + before, 1)
    title = re.search(r"^  title: .*$", text, re.MULTILINE)
    assert title
    text = text.replace(title[0], f'  title: "{TITLE}"', 1)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A run by such a document, against a server that knows none of the properties."""
    folder = tmp_path_factory.mktemp("judged")
    document = hostile_document(folder / "open api's $(touch pwned).yaml")
    options = ("--hypothesis-profile", "smoke", f"--junitxml={folder / 'junit.xml'}")
    with server() as url:
        where = ("--base-url", url, *ORDER, "--document", str(document))
        return reported(folder, *where, *options, "-k", "near_miss or probe")


@pytest.mark.whole_runs
def test_no_printed_command_runs_more_than_it_says(judged: Reported, tmp_path: Path) -> None:
    """Each command of every report is pasted into a shell, and calls only what it is for."""
    assert judged.status == 1, judged.output
    files = {
        str(file.relative_to(judged.folder)): file.read_bytes()
        for file in judged.folder.rglob("*")
        if file.suffix in (".json", ".md", ".xml", ".har")
    }
    printed = commands([*texts_of(files), judged.output])
    called = paste(printed, tmp_path)
    every = [call for calls in called.values() for call in calls]
    assert {"curl", "pytest", "python"} <= {call[0] for call in every}
    tests = {call[1] for call in every if call[0] == "pytest" and "::" in call[1]}
    assert {test["id"] for test in judged.record["tests"]} >= tests
    assert any("touch pwned" in test for test in tests)


def test_a_printed_command_that_is_not_quoted_would_be_noticed(tmp_path: Path) -> None:
    """The shell of these tests runs what it is given."""
    for number, line in enumerate(("pytest 'x'; touch pwned; echo ''", "python -m x > pwned")):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(AssertionError):
            paste([line], folder)


@pytest.mark.whole_runs
def test_a_title_cannot_change_the_terminal(judged: Reported) -> None:
    """What does not show is escaped, and a command to a CI is broken."""
    document = hostile_document(judged.folder / "openapi.yaml")
    done = suite("--document", str(document), "--collect-only")
    assert "pwned" in done.output
    for text in (done.output, judged.output, judged.text("summary.md")):
        assert {c for c in text if not c.isprintable()} <= {"\n"}
        assert not re.search(r"^\s*::|##(vso)?\[", text, re.MULTILINE)


LIMITS = (60_000, 200_000, 1_000_000, 3_000_000, 10**30)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_long_limit_makes_no_large_case(tmp_path: Path, limit: int) -> None:
    """Whatever the document allows, an edge stays within 64 KiB and a near miss near 256 KiB."""
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace("maxLength: 255", f"maxLength: {limit}"), encoding="utf-8")
    loaded = contract.load(path, READING)
    beyond = {requirement.name for requirement in out_of_reach(loaded)}
    assert ("remarks.maxLength" in beyond) == (limit > MOST_INVALID)
    wrong = near_misses(loaded, ANYWHERE)
    assert beyond.isdisjoint({group.name for group in wrong})
    assert beyond.isdisjoint({each.name for each in body_requirements(loaded, ANYWHERE)})
    assert {group.name for group in wrong} | beyond == {r.name for r in loaded.body_requirements}
    assert max(len(case.body) for group in wrong for case in group.cases) < MOST_INVALID + 64 * 1024
    inside = edge_values(loaded, ANYWHERE)
    assert max(len(case.body) for group in inside for case in group.cases) <= 64 * 1024
    mixed = unusual_values(loaded, ANYWHERE)
    assert max(len(case.body) for one in mixed for case in one.cases) < MOST_INVALID


@pytest.mark.parametrize("limit", [*LIMITS, 2**31, 10**12, 10**18, 2**63])
def test_a_long_limit_is_reached_by_no_invoice_at_limits(tmp_path: Path, limit: int) -> None:
    """Nor by a large one; all that is sent stays within 64 KiB."""
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace("maxLength: 255", f"maxLength: {limit}"), encoding="utf-8")
    loaded = contract.load(path, READING)
    crowds = invoices_at_limits(loaded, ANYWHERE)
    cases = [*large_invoices(loaded, ANYWHERE), *(case for crowd in crowds for case in crowd.cases)]
    assert cases
    assert max(len(case.body) for case in cases) <= 64 * 1024


KINDS = {
    "string": "",
    "number": "",
    "boolean": "",
    "array": "items: {type: string}",
    "object": "properties: {a: {type: string}, b: {type: string}}",
}
VALUES = {
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), "3"),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "multipleOf"), "2"),
    **dict.fromkeys(("minProperties", "maxProperties"), "1"),
    "pattern": "a",
    "format": "date-time",
    "uniqueItems": "true",
    "additionalProperties": "false",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_keyword_about_another_type_demands_nothing(tmp_path: Path, kind: str) -> None:
    """As JSON Schema has it: nothing is sent for it, and nothing breaks."""
    others = [name for name in VALUES if name in OF_TYPES and kind not in OF_TYPES[name]]
    others += [] if kind == "string" else ["format"]
    said = [f"type: {kind}", *(f"{name}: {VALUES[name]}" for name in others), KINDS[kind]]
    extra = "".join(f"          {line}\n" for line in said)
    path = tmp_path / "openapi.yaml"
    path.write_text(
        TEXT.replace("        remarks:\n", f"        extra:\n{extra}        remarks:\n")
    )
    loaded = contract.load(path, READING)
    names = {each.name for each in loaded.body_requirements}
    assert len(others) > 5
    assert "extra.type" in names
    assert names.isdisjoint(f"extra.{name}" for name in others)
    edge_values(loaded, ANYWHERE)


@pytest.mark.parametrize("keyword", ["maxProperties", "maxItems", "maxLength"])
def test_a_large_number_of_anything_is_out_of_reach(tmp_path: Path, keyword: str) -> None:
    """It makes no large case, and a run says so."""
    kind = {"maxProperties": "object", "maxItems": "array", "maxLength": "string"}[keyword]
    said = f"{{type: {kind}, {keyword}: {10**30}, {KINDS[kind]}}}"
    path = tmp_path / "openapi.yaml"
    path.write_text(
        TEXT.replace("        remarks:\n", f"        extra: {said}\n        remarks:\n")
    )
    loaded = contract.load(path, READING)
    assert f"extra.{keyword}" in {requirement.name for requirement in out_of_reach(loaded)}
    near_misses(loaded, ANYWHERE)


ODD_VALUES = {
    "type": ("[[]]", "[{}]", "[[], {}]", "{}", "5", "null", "[string, []]", "[true]", "[]"),
    "pattern": (
        *("(?:a{1000}){1000}", "^(?=.*a{1000}){1000}$", "(?i)x{0,99999}", r"\\p{Foo}", r"\p{Foo}"),
        *(
            "a{99999}",
            "(?:a{501,}b)*",
            "(?:a{100}){100}",
            f"(?:{'a' * 900}){{2}}",
            "a{99999999999999999999}",
            "(" * 400,
            "[[a]]",
            "(?>a)",
        ),
    ),
    "multipleOf": ("1e-30", "1e-300", "1e300", f"1{'0' * 400}", "0", "-1", ".nan", "[]"),
    "minimum": (f"1{'0' * 400}", f"-1{'0' * 400}", "[]", "{}", "true"),
    "exclusiveMaximum": (f"1{'0' * 400}", "[]", "{}"),
    "minProperties": ("1000", "[]", "-1", "true"),
    "enum": ("[]", "{}", "5"),
    "required": ("[[]]", "{}", "[5]"),
    "properties": ("[]", "5"),
    "allOf": ("[]", "{}"),
    "nullable": ("[]", "5"),
    "additionalProperties": ("[]", "5"),
    "format": ("[]", "{}"),
}
"""By keyword: values that it cannot have, or that cannot be told or drawn exactly."""


@pytest.mark.parametrize(("keyword", "value"), [(k, v) for k in ODD_VALUES for v in ODD_VALUES[k]])
def test_a_keyword_with_a_value_that_it_cannot_have_is_one_sentence(
    tmp_path: Path, keyword: str, value: str
) -> None:
    """At each kind of schema: of a body, of an item, of an answer."""
    shown = json.dumps(value) if keyword == "pattern" else value
    for place in ("        remarks:\n", "        sku:\n", "        code:\n"):
        path = tmp_path / "openapi.yaml"
        at = TEXT.index(place)
        added = f"        extra: {{{keyword}: {shown}}}\n"
        path.write_text(TEXT[:at] + added + TEXT[at:], encoding="utf-8")
        sentence = sentence_of(path)
        assert (
            "is not a valid value" in sentence or "demands more" in sentence or "JSON" in sentence
        )
        assert len(sentence) < 500


def test_the_lines_above_a_run_name_what_is_out_of_reach(tmp_path: Path) -> None:
    """Once, with the limit; and a run that could not ask it is not in doubt for that."""
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace("maxLength: 255", "maxLength: 1000000", 1), encoding="utf-8")
    done = suite("--document", str(path), "--collect-only")
    assert done.output.count("not sent: what breaks ") == 1
    assert ".maxLength (1000000), as it would be too large" in done.output


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("          maxLength: 255\n", "          minLength: 5000\n", "demands more than 1000"),
        ("            - OVERPAID\n", f"            - {'x' * 2000}\n", "is not a valid value"),
        ("            - OVERPAID\n", "            - x\n" * 2000, "is not a valid value"),
        ("        remarks:\n", f"        ? {'x' * 20_000}\n        :\n", "a key has more than"),
        ("        remarks:\n", '        "a\\e[2J":\n', "has characters that do not show"),
        ("openapi: ", "%TAG !a! b\n" * 20 + "---\nopenapi: ", "defines more than 10 tags"),
    ],
    ids=["minLength", "long member", "many members", "long key", "control in a key", "tags"],
)
def test_a_document_that_asks_too_much_is_one_sentence(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    """With the place, and without what is long."""
    path = tmp_path / "openapi.yaml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    sentence = sentence_of(path)
    assert words in sentence
    assert sentence.isprintable()
    assert len(sentence) < 500


@pytest.mark.parametrize("name", ["نامه\u200cای", "क्\u200dष"])
def test_a_name_may_join_and_part_letters(tmp_path: Path, name: str) -> None:
    """Persian and Hindi are written with characters that do not show."""
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace("        remarks:\n", f"        {name}:\n"), encoding="utf-8")
    loaded = contract.load(path, READING)
    assert any(name in requirement.name for requirement in loaded.requirements)


def test_many_long_names_below_each_other_are_refused(tmp_path: Path) -> None:
    """The lines of all nodes are kept by pointer, and pointers multiply what names say."""
    path = tmp_path / "openapi.yaml"
    name = "x" * 1000
    deep = "".join(f"{' ' * level}{name}:\n" for level in range(90))
    path.write_text(f"{deep}{' ' * 90}[{'1,' * 1000}]\n", encoding="utf-8")
    assert "is too large" in sentence_of(path)


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
    with pytest.raises((SpecError, TargetError, ValueError)) as refused:
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
    content = {
        "target": {"name": name, "base_url": "https://a.example"},
        "run": {"stamp": "IC-1", "started": "now\nanswers: {}"},
        "probes": [{"name": "no items", "answer": "201"}],
    }
    with pytest.raises((SpecError, ValueError)):
        accept.accepted(content, tmp_path)
    with pytest.raises(SpecError):
        corpus.folder_of(name, tmp_path)
    assert [*tmp_path.iterdir()] == [path]


ANSWERS = ["400 \ud800", "400 \x7f\x85", "400 a\nb: c", '400 "', "400 \u2028\ufeff", "400 \x1b[2J"]


@pytest.mark.parametrize("given", ANSWERS)
def test_any_answer_can_be_accepted_and_read_again(tmp_path: Path, given: str) -> None:
    """A baseline is ASCII, so the next run reads what this one wrote."""
    content = {
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
