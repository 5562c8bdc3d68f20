"""A failing exchange in words, for a person in a hurry: the clause, what was sent, what came, and
the shell command that sends it again."""

import base64
import re
import shlex
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from typing_extensions import override

from reports import exchange_json
from reports.escaping import one_line
from reports.rows import ExchangeRow
from spec.exchange import Request
from spec.oracle import Nonconformance, Verdict
from spec.paths import Location
from spec.requirements import Requirement
from spec.violation import Violation, brief, counted, opening, shortened
from targets.chunks import CHUNK, MOST_IN_CHUNKS

LONGEST_SENT = 1500
LONGEST_ANSWER = 600
LONGEST_CURL = 6000
SHORT_CURL = 4000
"""Characters of a line."""
MOST_OTHERS = 5
"""Other violations of the same exchange that are named."""
MOST_NAMES = 20
"""Failing cases that are named."""
MOST_QUOTED = 14
"""Lines of a quoted clause."""
MOST_LINES = 60
"""Lines of a JSON value."""
MOST_ELEMENTS = 3
"""Elements of an array that are shown, besides the one at fault."""

_WRITTEN_BY_CURL = frozenset({"host", "content-length"})
_USUAL = (("accept-encoding", "gzip"), ("user-agent", "invoice-conformance"))
"""The usual fields, for which --compressed does and any name of a client; others are what may be to
blame.
"""
_ADDED_BY_CURL = ("Accept", "Content-Type", "User-Agent")
"""Headers that curl adds unless an option removes them."""
_PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]*")
_QUOTABLE = re.compile(r"[\w :./?=&;,+@%-]*", re.ASCII)
_BYTE = re.compile(r"[\udc80-\udcff]")
"""A byte that is not UTF-8 (PEP 383)."""
_LONGEST_ERROR = 200
"""Characters of what an error of the suite says."""
_LONGEST_BODY = 64 * 1024
"""Bytes of a body as an argument of a command, whose length a system limits."""

Line = tuple[Location, str]
"""A line of a JSON value and the location of what it shows."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a run adds to an explanation: where requests went, the keys by the names of their
    environment variables, and the options that send a test to the same place again.
    """

    base_url: str
    keys: Mapping[str, str]
    rerun: str


def unexplained(error: Exception) -> str:
    """A sentence on an error of the suite, because of which what it found is told without why."""
    return one_line(
        f"the suite broke while it looked for the cause of a violation ({broken_at(error)}); "
        "the violation is reported without it"
    )


def untold(error: Exception) -> str:
    """A sentence on one because of which a run is not told as it should be."""
    return one_line(
        f"its end could not be told ({broken_at(error)}); what was found is said without more"
    )


def broken_at(error: Exception) -> str:
    """What an error of the suite says, and where it comes from."""
    *_, last = traceback.extract_tb(error.__traceback__)
    where = f"{Path(last.filename).parent.name}/{Path(last.filename).name}, line {last.lineno}"
    said = shortened(f"{type(error).__name__}: {error}", _LONGEST_ERROR)
    return f"{said}; {where}"


def explain(error: Nonconformance, context: Context) -> str:
    """The red line of a failed test: its first violation in full, the others named.

    The answer of the server is in it, with any key that it repeats: mask it before it is shown.
    """
    verdict = error.verdict
    first, *others = verdict.failing
    also = list(dict.fromkeys(each.headline for each in others if each.headline != first.headline))
    more = len(also) - MOST_OTHERS
    rows = [
        ("clause", _clause_line(first.requirement)),
        ("stands at", first.requirement.clause),
        ("at", first.at),
        ("sent", _sent_line(verdict, first)),
        ("answer", _answer_line(verdict)),
        *(("also", headline) for headline in also[:MOST_OTHERS]),
        ("also", f"{more} more" if more > 0 else ""),
        ("cases", failing_cases(error)),
        ("again", curl_line(verdict.exchange.request, context)),
    ]
    return "\n".join([first.headline, *(f"  {name:<10} {text}" for name, text in rows if text)])


def failing_cases(error: Nonconformance) -> str:
    """Which of a test's cases fail; empty for a test of one case."""
    if not error.names:
        return ""
    more = len(error.names) - MOST_NAMES
    names = "; ".join(error.names[:MOST_NAMES]) + (f"; {more} more" if more > 0 else "")
    return f"{len(error.names)} of {error.asked} fail: {names}"


def curl_line(request: Request, context: Context) -> str:
    """The shell command that sends a request again, or why there is none."""
    command = curl(request, context.base_url, context.keys)
    if len(command) > LONGEST_CURL:
        return f"# the request is too long for a line: {counted(len(command), 'character')}"
    return command


def stored_curl(stored: ExchangeRow, base_url: str, told: str, *, cut: bool) -> str:
    """The shell command that sends a stored exchange again, after what has to go before it over the
    same connection; empty where no short one can. How a body is `cut` into chunks may matter, and
    what is `told` of it.
    """
    if stored["not_replayable"]:
        return ""
    stand_ins = _StandIns()
    sent = [stored["before"], stored["request"]] if "before" in stored else [stored["request"]]
    requests = [exchange_json.request_of(each, stand_ins) for each in sent]
    if cut and any(map(_is_in_chunks, requests)):
        return ""
    if any(each.header("trailer") is not None for each in requests):  # which curl cannot write
        return ""
    keys = dict.fromkeys(stand_ins.asked, _StandIns.KEY)
    commands = [curl(each, base_url, keys, told).removeprefix("curl ") for each in requests]
    command = f"curl {' --next '.join(commands)}"
    whole = _StandIns.KEY[0] not in command and _StandIns.KEY[0].lower() not in command
    return command if whole and len(command) <= SHORT_CURL * len(sent) else ""


def _is_in_chunks(request: Request) -> bool:
    """Whether it takes several chunks, of which curl makes one."""
    is_cut = CHUNK < len(request.body) <= MOST_IN_CHUNKS
    return is_cut and request.header("transfer-encoding") is not None


class _StandIns(Mapping[str, str]):
    """Something that is found again in the place of any key, and longer than any part of one."""

    KEY = "\N{DESERET CAPITAL LETTER LONG I}" * 16_384

    def __init__(self) -> None:
        self.asked: list[str] = []

    @override
    def __getitem__(self, name: str) -> str:
        self.asked.append(name)
        return self.KEY

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self.asked)

    @override
    def __len__(self) -> int:
        return len(self.asked)


def curl(request: Request, base_url: str, keys: Mapping[str, str], told: str = "") -> str:
    """The command for a POSIX shell, with `$NAME` for a key; `keys` are by variable name. It has
    the usual name of the client where that is `told` to be to blame.
    """
    server = urlsplit(base_url)
    url = f"{server.scheme}://{server.netloc}{request.path}"
    words = ["curl", "-sS", "-i", "-g", _quoted(url, keys)]
    if re.search(r"/\.\.?/", request.path):
        words.append("--path-as-is")
    if request.method != "POST":
        words += ["-X", request.method]
    if request.header("accept-encoding") is not None:
        words.append("--compressed")
    for name, value in request.headers:
        usual = (name.lower(), value) in _USUAL and f"{name}: {value}" not in told
        if not usual and name.lower() not in _WRITTEN_BY_CURL:
            # An empty value is written with a semicolon; after a colon it removes the header.
            words += ["-H", _quoted(f"{name}: {value}" if value.strip(" \t") else f"{name};", keys)]
    for name in _ADDED_BY_CURL:
        if request.header(name) is None:
            words += ["-H", f"'{name}:'"]
    text = _as_text(request.body)
    if text is not None:
        return " ".join([*words, "--data-raw", _quoted(text, keys)])
    encoded = base64.b64encode(request.body).decode()
    return " ".join([f"printf %s {encoded} | base64 -d |", *words, "--data-binary", "@-"])


@cache
def quoted_clause(requirement: Requirement) -> str:
    """The smallest block around the clause that shows what it is about; empty without the file."""
    try:
        lines = Path(requirement.file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    at = requirement.line - 1
    if at >= len(lines):
        return ""
    start, end = at, _block_end(lines, at)
    while (parent := _parent(lines, start)) is not None and _block_end(
        lines, parent
    ) - parent <= MOST_QUOTED:
        start, end = parent, _block_end(lines, parent)
    shown = lines[start : min(end, start + MOST_QUOTED)]
    margin = min(_indent(line) for line in shown if line.strip())
    shown = [line[margin:] for line in shown]
    shown[at - start] += f"    # <-- line {requirement.line}"
    return "\n".join(shown)


def pretty(value: Any, location: Location | None = None, remark: str = "") -> str:
    """The value on several lines, with the remark below a location or below what lacks it."""
    lines = list(_json_lines(value, (), "", location or ()))
    texts = [text for _, text in lines]
    mark = 0
    if location is not None:
        nearest = max(len(each) for each, _ in lines if _leads(each, location))
        mark = next(n for n, (each, _) in enumerate(lines) if each == location[:nearest])
        indent = len(texts[mark]) - len(texts[mark].lstrip())
        texts.insert(mark + 1, f"{' ' * indent}^-- {remark}")
    start = max(0, min(mark - MOST_LINES // 2, len(texts) - MOST_LINES))
    after = len(texts) - start - MOST_LINES
    above = [f"... {counted(start, 'line')}"] if start else []
    below = [f"... {counted(after, 'line')}"] if after > 0 else []
    return "\n".join([*above, *texts[start : start + MOST_LINES], *below])


def sent_location(violation: Violation) -> Location:
    """The location in the payload; a violation in an answer's `data` is at the same one."""
    location = violation.location
    return location[1:] if location[:1] == ("data",) else location


def _clause_line(requirement: Requirement) -> str:
    if requirement.operand is None:
        return requirement.keyword
    return f"{requirement.keyword}: {brief(requirement.operand)}"


def _sent_line(verdict: Verdict, violation: Violation) -> str:
    payload = verdict.expected.payload
    if payload is None:
        body = verdict.exchange.request.body
        return shortened(opening(body, 4096), LONGEST_SENT)
    return shortened(_one_line(_relevant(payload, sent_location(violation))), LONGEST_SENT)


def _relevant(payload: dict[str, Any], location: Location) -> Any:
    """The payload with a long list, such as its items, cut down to the one at fault."""
    shown = {}
    for name, value in payload.items():
        shown[name] = value
        if isinstance(value, list) and len(value) > MOST_ELEMENTS:
            index = location[1] if location[1:] and location[0] == name else None
            one = value[index] if isinstance(index, int) and index < len(value) else value[0]
            shown[name] = [f"...{len(value)} {name}, one of them:", one]
    return shown


def _one_line(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{brief(k)}: {_one_line(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        end = "]" if len(value) <= 20 else ", ...]"
        return "[" + ", ".join(map(_one_line, value[:20])) + end
    return brief(value)


def _answer_line(verdict: Verdict) -> str:
    response, answer = verdict.exchange.response, verdict.answer
    if response is None:
        return ""
    body = opening(response.body, 500) if answer is None else _one_line(answer)
    return f"{response.status} {shortened(body, LONGEST_ANSWER)}"


def _as_text(body: bytes) -> str | None:
    """The body where a shell can hold it in quotes."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if len(body) <= _LONGEST_BODY and _PLAIN.fullmatch(text) else None


def _quoted(text: str, keys: Mapping[str, str]) -> str:
    """The text as one shell word in which the shell writes the keys."""
    for variable, key in keys.items():
        before, found, after = text.partition(key)
        if found and _QUOTABLE.fullmatch(before + after):
            return f'"{before}${{{variable}}}{after}"' if after else f'"{before}${variable}"'
        if found:
            return f'{_quoted(before, keys)}"${variable}"{_quoted(after, keys)}'
    if _BYTE.search(text):
        return _printed(text)
    return f"'{text}'" if _QUOTABLE.fullmatch(text) else shlex.quote(text)


def _printed(text: str) -> str:
    """The text as a word that printf writes, because no notation of bytes works in all shells."""
    octets = text.encode("utf-8", "surrogateescape")
    plain = (chr(b) if _QUOTABLE.fullmatch(chr(b)) and b != 0x25 else f"\\{b:03o}" for b in octets)
    return f"\"$(printf '{''.join(plain)}')\""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _parent(lines: list[str], at: int) -> int | None:
    """The line above to which the one at hand belongs."""
    own = _indent(lines[at]) - (0 if lines[at].lstrip().startswith("- ") else 1)
    for above in range(at - 1, -1, -1):
        line = lines[above]
        if line.strip() and _indent(line) <= own and not line.lstrip().startswith("#"):
            if _indent(line) == own and line.lstrip().startswith("- "):
                continue
            return above
    return None


def _block_end(lines: list[str], start: int) -> int:
    """The line after the block that begins at a line."""
    for below in range(start + 1, len(lines)):
        line = lines[below]
        if not line.strip():
            continue
        if _indent(line) < _indent(lines[start]):
            return below
        deeper = _indent(line) > _indent(lines[start])
        listed = line.lstrip().startswith("- ") and not lines[start].lstrip().startswith("- ")
        if not deeper and not listed:
            return below
    return len(lines)


def _leads(location: Location, other: Location) -> bool:
    """Whether the other location is this one or below it."""
    return other[: len(location)] == location


def _json_lines(value: Any, at: Location, before: str, fault: Location) -> Iterator[Line]:
    """The lines of the value at a location; `before` is the text in front of it."""
    margin = "  " * len(at)
    children: list[list[Line]] = []
    if isinstance(value, dict):
        brackets = "{}"
        for key, child in value.items():
            children.append(list(_json_lines(child, (*at, key), f"{brief(key)}: ", fault)))
    elif isinstance(value, list):
        brackets = "[]"
        children += [
            list(_json_lines(value[index], (*at, index), "", fault))
            for index in _shown_elements(value, at, fault)
        ]
        if len(children) < len(value):
            children.append([(at, f"{margin}  ... {len(value) - len(children)} more")])
    else:
        yield at, f"{margin}{before}{brief(value)}"
        return
    if not children:
        yield at, f"{margin}{before}{brackets}"
        return
    yield at, f"{margin}{before}{brackets[0]}"
    for number, lines in enumerate(children, 1):
        last, text = lines[-1]
        lines[-1] = (last, text + ("," if number < len(children) else ""))
        yield from lines
    yield at, f"{margin}{brackets[1]}"


def _shown_elements(value: list[Any], at: Location, fault: Location) -> list[int]:
    """The indices of the first elements and of the one at fault."""
    index = fault[len(at)] if len(fault) > len(at) and _leads(at, fault) else None
    return [each for each in range(len(value)) if each < MOST_ELEMENTS or each == index]
