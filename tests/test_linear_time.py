"""Whatever reads text that others write takes time in proportion to its length.

No time limit of a request ends a pattern or a loop of ours, so a hostile text must not make them
hang. Four times the text may take eight times as long: a ratio, because machines differ.
"""

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import FrameType, ModuleType

import pytest

import reports
import run
import spec
import targets
from spec.answers.disclosure import leak
from spec.answers.keys import tells_key
from spec.exchange import Response
from spec.paths import names
from spec.schema.formats import is_date_time, is_instant, is_text
from spec.strictjson import Malformed, parse
from spec.violation import brief, shortened
from spec.yamlfile import FileError, read
from targets.config import load_targets, normal_url
from targets.errors import TargetError
from targets.faults import Progress
from targets.masking import Masker
from targets.pace import pause_seconds
from tests.exchanges import INVOICE, judge, refusal, request, response

KEY = "kQ7_vX2mZr-9LwTd4Hy6sBpC"
MASKER = Masker({"ONE": KEY, "ODD": 'Zk"9/a+Q7&mnop=xyz%TUVW<r>', "REPEATED": "a" * 40})
MOST = 8.0
"""How many times as long four times the text may take."""
MEASURABLE = 0.05
"""Seconds; shorter times say nothing."""
PATIENCE = 600
"""Seconds of the processor after which a single call hangs; the longest takes up to 60."""

PIECES = {
    "quotes": '"',
    "single quotes": "'",
    "backslashes": "\\",
    "escaped quotes": '\\"',
    "escaped line breaks": "\\\\n",
    "brackets": "[",
    "braces": '{"a":',
    "pairs of brackets": "[]",
    "parentheses": "(",
    "one letter": "a",
    "another letter": "b",
    "letters and blanks": "at a ",
    "blanks": " ",
    "line breaks": "\n",
    "indented lines": "\n  E  ",
    "marks": "\nE ",
    "digits": "9",
    "dots": ".",
    "dotted letters": "a.",
    "colons": ":",
    "slashes": "/",
    "addresses": "a://a:",
    "system paths": " /home/a",
    "percent": "%25",
    "references": "&#0",
    "zeros": "0",
    "named references": "&amp;",
    "stars": "a*",
    "dots with letters": "a..a",
    "hexadecimal": "0x6b",
    "numbers": "6b 51 ",
    "hyphens": "a-",
    "underscores": "_a_",
    "commas": "a,",
    "equals": "=4",
    "dollars": "${A",
    "surrogates": "\\ud83d",
    "times": "2025-01-01T00:00:00.",
    "queries": "SELECT ",
    "classes": "java.a.System.",
    "fragments of a key": KEY[:7] + " ",
    "short fragments of a key": KEY[:4],
    "fragments of a key in lines": KEY[:5] + "\n",
    "keys": KEY + " ",
    "fragments between stars": KEY[:3] + "**" + KEY[8:11],
    "Base64 of a fragment": "a1E3X3ZYMm1a",
    "escaped characters of a key": "\\u006b",
    "characters of a key in three escapes": "%255Cu006b",
    "Base64 of Base64": "VmxaV1ZsWldWbFpX",
    "Base64 at every offset": "VVVV",
    "hexadecimal of hexadecimal": "363336333633",
    "lists of numbers": "97, 0141, 0, ",
    "open tags": "<a <!-- ",
    "open links": "\x1b]8;;a\x1b[0;",
    "letters and characters of no width": "k\u200b",
    "UTF-16": "k\0",
    "stamps": "IC-7F3A91C2-",
    "words of another alphabet": "Zwölf 中文 ",
}
TEXTS = pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)


def _text(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def _hangs(_signal: int, _frame: FrameType | None) -> None:
    raise AssertionError(f"a single call takes more than {PATIENCE} s")


def _seconds(call: Callable[[], object]) -> float:
    """How long a call takes on this processor."""
    before = signal.signal(signal.SIGPROF, _hangs)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        started = time.process_time()
        call()
        return time.process_time() - started
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def assert_linear(read_text: Callable[[str], object], piece: str, *sizes: int) -> None:
    """Each size is four times the one before."""
    last = None
    for size in sizes:
        text = _text(piece, size)
        taken = _seconds(lambda text=text: read_text(text))  # type: ignore[misc] # mypy 1.x cannot infer it
        if last is not None and taken > MEASURABLE and taken > MOST * last:
            again = [_seconds(lambda text=text: read_text(text)) for _ in range(2)]  # type: ignore[misc] # the same
            taken = min(taken, *again)
            assert taken <= MOST * max(last, MEASURABLE / MOST), (size, last, taken)
        last = taken


def _modules() -> Iterator[ModuleType]:
    """Those that read what others write; `strategies` and `suites` read only what they wrote."""
    for package in (spec, targets, reports, run):
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "node_modules" not in found.name:
                yield importlib.import_module(found.name)


def _compiled(value: object) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _compiled(each)
    elif isinstance(value, dict):
        yield from _compiled(list(value.values()))


def _inline(module: ModuleType) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    """The patterns that a module gives to `re.sub` and the like where it needs them."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            pattern = node.args[0] if node.args else None
            if isinstance(pattern, ast.Constant) and isinstance(pattern.value, str | bytes):
                yield re.compile(pattern.value)


@cache
def patterns() -> tuple[re.Pattern[str] | re.Pattern[bytes], ...]:
    """All patterns of ours that read what others write."""
    found = {
        (pattern.pattern, pattern.flags): pattern
        for module in _modules()
        for pattern in (*_compiled(list(vars(module).values())), *_inline(module))
    }
    return tuple(found.values())


def test_every_pattern_is_found() -> None:
    """Those in tables and those inside functions too."""
    texts = {repr(pattern.pattern).replace("\\\\", "\\") for pattern in patterns()}
    assert len(texts) > 120
    for known in ("Traceback", "!--", r"\*\**+", "//", "IC-[0-9A-F]{8}", "prod|production"):
        assert any(known in text for text in texts), known


def _search(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Callable[[str], object]:
    """Finds all that a pattern matches, and matches the whole."""

    def search_in(text: str) -> None:
        given = text if isinstance(pattern.pattern, str) else text.encode()
        for _ in pattern.finditer(given):  # type: ignore[arg-type] # the type was just looked at
            pass
        pattern.fullmatch(given)  # type: ignore[arg-type] # the same

    return search_in


@TEXTS
def test_every_pattern_takes_linear_time(piece: str) -> None:
    """To find all that it matches, and to match the whole."""
    for pattern in patterns():
        try:
            assert_linear(_search(pattern), piece, 256, 1024, 4096, 1 << 14, 1 << 16, 1 << 18)
        except AssertionError as error:
            raise AssertionError(f"{pattern.pattern!r}: {error}") from None


def _quiet(call: Callable[[str], object]) -> Callable[[str], object]:
    """Without the errors with which a reader refuses a text."""

    def quietly(text: str) -> None:
        with suppress(Malformed, FileError, TargetError):
            call(text)

    return quietly


SENT = request(INVOICE)
NOW = datetime(2025, 1, 1, tzinfo=UTC)


def _head(text: str) -> None:
    progress = Progress(60, MASKER)
    progress.restart(1 << 30)
    data = text.encode()
    for start in range(0, len(data), 1000):
        progress.received(data[start : start + 1000])


READERS: dict[str, Callable[[str], object]] = {
    "JSON": lambda text: parse(text.encode()),
    "JSON in brackets": lambda text: parse(b"[" * 300 + text.encode()),
    "JSON string": lambda text: parse(b'{"a": "' + text.encode()),
    "mask": MASKER.mask,
    "leak": lambda text: leak(SENT, Response(400, (), text.encode())),
    "key": lambda text: tells_key(
        request(INVOICE, [("X-API-Key", "k" * 40), ("Cookie", "a=b")]),
        Response(400, (("a", text),), text.encode()),
        "X-API-Key",
    ),
    "field name": lambda text: names(text, ("items", 0, "sku")),
    "brief": brief,
    "shortened": lambda text: shortened(text, 100),
    "formats": lambda text: [is_text(text), is_instant(text), is_date_time(text)],
    "URL": normal_url,
    "pause": lambda text: pause_seconds(text, 1, NOW),
    "head": _head,
    "answer": lambda text: judge(SENT, response(400, refusal(text) | {"message": text})),
    "page": lambda text: judge(SENT, response(400, text.encode())),
    "echo": lambda text: judge(SENT, response(201, {"data": INVOICE | {"remarks": text}})),
}


@TEXTS
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_takes_linear_time(reader: str, piece: str) -> None:
    """What reads an answer, and what takes keys out of it."""
    assert_linear(_quiet(READERS[reader]), piece, 1 << 14, 1 << 16, 1 << 18)


@pytest.mark.parametrize("reader", ["JSON", "JSON in brackets", "mask", "leak", "field name"])
@pytest.mark.parametrize(
    "name", ["quotes", "backslashes", "brackets", "one letter", "fragments of a key"]
)
def test_a_text_of_four_mebibytes_takes_linear_time(reader: str, name: str) -> None:
    """As long as an answer may get."""
    assert_linear(_quiet(READERS[reader]), PIECES[name], 1 << 20, 1 << 22)


EVERYTHING = "".join(piece * (4096 // len(piece)) + "\n" for piece in PIECES.values())
"""Some 4 KiB of each piece, one after the other."""


def test_every_pattern_takes_linear_time_on_four_mebibytes() -> None:
    """As long as an answer may get, of all pieces in turn."""
    for pattern in patterns():
        try:
            assert_linear(_search(pattern), EVERYTHING, 1 << 20, 1 << 22)
        except AssertionError as error:
            raise AssertionError(f"{pattern.pattern!r}: {error}") from None


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_takes_linear_time_on_four_mebibytes(reader: str) -> None:
    """The same for what reads an answer."""
    assert_linear(_quiet(READERS[reader]), EVERYTHING, 1 << 20, 1 << 22)


@TEXTS
@pytest.mark.parametrize(("name", "load"), [("a.yaml", read), ("a.toml", load_targets)])
def test_every_reader_of_files_takes_linear_time(
    name: str, load: Callable[[Path], object], piece: str, tmp_path: Path
) -> None:
    """A pull request may bring any file."""

    def from_file(text: str) -> None:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        load(path)

    assert_linear(_quiet(from_file), piece, 1 << 12, 1 << 14, 1 << 16, 1 << 18)


def test_a_pattern_that_takes_quadratic_time_would_be_noticed() -> None:
    """And so would one that takes exponential time."""
    quadratic = re.compile(r"a*b")
    with pytest.raises(AssertionError):
        assert_linear(quadratic.search, "a", 4096, 1 << 14)
    exponential = re.compile(r"(?:a+)+b")
    with pytest.raises(AssertionError):
        assert_linear(exponential.search, "a", 6, 24)
