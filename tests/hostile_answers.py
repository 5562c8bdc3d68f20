"""A server that knows the key and answers every request but the plain invoice with an attack.

It wants the key in an output, the reader's terminal, CI runner, browser or shell to do something,
and the suite to hang or to use up its memory.
"""

import json
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from urllib.parse import urlsplit

from tests.hostile import FAULTS, SLOW, Behaviour, gzipped, sends, serving
from tests.running import server
from tests.spellings import BASE64, NESTED, PART, WHOLE

MARK = "QZX"
"""Is in every text of the server that a person may see."""
HELD = 0.5
"""Seconds for which a slow answer lasts; the client gives up before."""

CONTROLS = {
    "title": "\x1b]0;pwned\x07",
    "title, ended by ST": "\x1b]2;pwned\x1b\\",
    "title in C1": "\x9d0;pwned\x9c",
    "clipboard": "\x1b]52;c;cHduZWQ=\x07",
    "link": "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "screen": "\x1b[2J\x1b[H",
    "screen in C1": "\x9b2J",
    "colour": "\x1b[31mred\x1b[0m",
    "report": '\x1b[6n\x1bP$q"p\x1b\\',
    "keys": "\x1b[?1000h\x1b[?2004h",
    "reset": "\x1bc",
    "line over": "all is well\r\x1b[K",
    "back": "bad\b\b\bgood",
    "delete": "bad\x7f\x7f\x7f",
    "bell": "\a\a",
    "next line": "one\x85::error::two",
    "line separators": "one\u2028::error::two\u2029three",
    "form feed": "one\x0btwo\x0cthree\x1cfour",
    "right to left": "\u202egnp.exe\u202c \u2067abc\u2069",
    "no width": "a\u200bb\u2060c\ufeffd",
    "tags": "a\U000e0041\U000e0042b",
    "NUL": "a\x00b",
    "shift": "\x0e\x0f",
    "private": "\ue000\U000f0000",
    "not a character": "\ufffe\uffff",
}
"""What a terminal obeys, or what hides a part of a line."""

COMMANDS = {
    "GitHub mask": "::add-mask::a",
    "GitHub stop": "\n::stop-commands::x\n",
    "GitHub error": "\n  ::error file=a.py,line=1::pwned",
    "GitHub group": "\r\n##[group]pwned\n##[error]pwned",
    "GitHub set": "::set-output name=a::b",
    "Azure path": "##vso[task.prependpath]/tmp/pwned",
    "Azure variable": "x ##vso[task.setvariable variable=a]b",
    "Azure in capitals": "##VSO[TASK.COMPLETE result=Succeeded;]",
    "three": "###vso[task.prependpath]/tmp :::error::x",
    "TeamCity": "##teamcity[buildStatus status='SUCCESS']",
    "GitLab": "\x1b[0Ksection_start:1560896352:a\r\x1b[0Kpwned",
}
"""What the runner of a CI obeys in a log."""

PAGES = {
    "mention": "@everyone @octocat please",
    "issue": "closes #1, GH-1, octocat/hello#1",
    "link": "[click](https://evil.example) <https://evil.example> https://evil.example",
    "image": "![x](https://evil.example/x.png)",
    "HTML": "<img src=https://evil.example/x.png onerror=alert(1)><script>alert(1)</script>",
    "end of code": "`` ` ``` ```` </code></pre> ~~~",
    "only backticks": "`",
    "backtick at the end": "a`",
    "table": "a | b || c\n| --- |\n| d |",
    "heading": "\n# pwned\n\n- [ ] x\n> y",
    "emoji": ":smile: :+1: \U0001f600",
    "comment": "<!-- --> <details open>",
    "CDATA": "]]> <![CDATA[ <!DOCTYPE a [<!ENTITY b 'c'>]> &b;",
    "entities": "&lt;b&gt; &#64;everyone &amp;",
    "backslash": "\\`\\|\\",
    "math": "$$\\href{https://evil.example}{x}$$ $`x`$",
}
"""What a browser, or a Markdown or XML reader, takes for more than text."""

PASTES = {
    "quote": "'; touch pwned; echo '",
    "double quote": '"; touch pwned; echo "',
    "substitution": "$(touch pwned) `touch pwned` ${IFS}",
    "lines": "\ntouch pwned\n",
    "pipe": "| touch pwned & touch pwned && touch pwned > pwned",
}
"""What a shell runs where a text is pasted."""

HUGE: dict[str, bytes] = {
    "long text": b'{"code": "C", "message": "%b"}' % (b"QZX " * 200_000),
    "no spaces": b'{"code": "C", "message": "%b"}' % (b"x" * 900_000),
    "many details": b'{"code": "C", "message": "m", "details": [%b]}'
    % b",".join([b'{"field": "items[0].sku", "reason": "QZX"}'] * 20_000),
    "long field": b'{"code": "C", "message": "m", "details": [{"field": "%b", "reason": "r"}]}'
    % (b"items[0]." * 80_000),
    "many names": b"{%b}" % b",".join(b'"QZX%d": 1' % number for number in range(50_000)),
    "deep arrays": b"[" * 400_000 + b"]" * 400_000,
    "deep objects": b'{"a":' * 150_000 + b"1" + b"}" * 150_000,
    "digits": b'{"data": {"total_amount": %b}}' % (b"9" * 500_000),
    "exponent": b'{"data": {"total_amount": 1e%b, "paid_amount": -1E-%b}}' % (b"9" * 40, b"9" * 40),
    "quotes": b'"' * 900_000,
    "open quote": b'{"code": "' + b"\\\\" * 400_000,
    "escapes": b'{"code": "%b"}' % (b"\\u0041" * 150_000),
    "lone surrogates": b'{"code": "QZX\\ud800", "message": "\\udfff\\ud800", "details": []}',
    "not UTF-8": b'{"code": "\xff\xfe\x80", "message": "\xc3("}',
    "UTF-16": '{"code": "QZX", "message": "m"}'.encode("utf-16"),
    "blanks": b" \n\t" * 300_000,
    "stars": b'{"code": "C", "message": "%b"}' % (b"*" * 300_000),
    "lines": b'{"code": "C", "message": "%b"}' % (b"QZX\\n" * 150_000),
    "key in pieces": b'{"code": "C", "message": "%b"}' % (b"a\\n " * 150_000),
    "stack": b'{"code": "C", "message": "%b"}' % (b'File \\"a.py\\", line 1, in f\\n' * 20_000),
}
"""Bodies that are long, deep, or slow to read for a careless reader."""


def answer(status: int, body: bytes, *headers: bytes, reason: bytes = b"OK") -> bytes:
    """An answer with these bytes as its body."""
    head = [
        b"HTTP/1.1 %d %b" % (status, reason),
        b"Content-Type: application/json",
        *headers,
        b"Content-Length: %d" % len(body),
    ]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def error(text: str, status: int = 400) -> bytes:
    """An HttpError with the text in all its places."""
    shown = f"{MARK} {text}"
    details = [{"field": f"items[0].{shown}", "reason": shown}, {"field": shown, "reason": text}]
    value = {"code": f"{MARK}{text}", "message": shown, "details": details}
    return answer(status, json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass"))


def created(text: str) -> bytes:
    """A 201 with the text wherever an echo may be, also in the names of properties."""
    shown = f"{MARK} {text}"
    item = {"id": shown, "reference_id": shown, "sku": shown, "name": text, shown: 1}
    data = {"id": shown, "status": shown, "remarks": text, "url": shown, "items": [item], text: 2}
    value = {"data": data, shown: shown}
    return answer(201, json.dumps(value).encode())


def in_headers(text: str, status: int = 201) -> bytes:
    """The text in header values, in a header's name and in the reason, as far as HTTP allows."""
    raw = re.sub(rb"[\x00-\x1f\x7f]", b" ", text.encode(errors="replace"))
    name = re.sub(rb"[^\w!#$%&'*+.^`|~-]", b"-", raw) or b"x"
    headers = (
        b"X-Said: QZX " + raw,
        b"X-%b: 1" % name,
        b"Location: https://evil.example/" + raw.replace(b" ", b""),
        b"Set-Cookie: key=" + raw,
        b"WWW-Authenticate: Bearer realm=" + raw,
        b"Content-Type: text/html; x=" + raw,
    )
    return answer(status, b"{}", *headers, reason=raw)


def plain(text: str, status: int = 500) -> bytes:
    """A page that is not JSON, with the text in it."""
    return answer(status, f"<html>{MARK} {text}</html>\r\n".encode(errors="surrogatepass"))


def unlike() -> Behaviour:
    """Answer with a long body each time, and with another code and other names: what is kept of
    one answer is kept of all.
    """
    numbers = count()
    long, many = b"QZX " * 250_000, b",".join([b"[{}]"] * 50_000)

    def behave(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        number = next(numbers)
        code = bytes(ord("A") + number // 26**power % 26 for power in range(3))
        bodies = (
            (400, b'{"code": "%b", "message": "%b"}' % (code, long)),
            (201, b'{"data": {"%b": "%b"}}' % (code, long)),
            (400, b'{"code": "%b", "message": "m", "details": [%b]}' % (code, many)),
        )
        connection.sendall(answer(*bodies[number % len(bodies)]))

    return behave


FORMS = (error, created, in_headers, plain)
"""Each text is put into one of these in turn."""


def attacks(key: str) -> Iterator[Behaviour]:
    """Every attack, once; texts with the key in every spelling are most of them."""
    spellings = [spelling(key) for spelling in {**WHOLE, **PART, **BASE64, **NESTED}.values()]
    texts = [
        *(f"no user has the key {spelled}, says QZX" for spelled in spellings),
        *(f"{'x' * size}{key}{'y' * 40}" for size in range(50, 90, 3)),
        *(text for each in (CONTROLS, COMMANDS, PAGES, PASTES) for text in each.values()),
    ]
    for text, form in zip(texts, cycle(FORMS), strict=False):
        yield sends(form(text))
    for text in (*COMMANDS.values(), *CONTROLS.values(), *PASTES.values()):
        yield sends(error(f"{text}{key}"))
        yield sends(created(text))
    for status, body in zip(cycle((400, 201, 422)), HUGE.values(), strict=False):
        yield sends(answer(status, body))
    yield sends(answer(400, b"{}", *(b"X-%d: %b" % (n, key.encode()) for n in range(80))))
    yield sends(answer(201, b"{}", b"X-Long: " + b"QZX" * 4_000 + key.encode()))
    yield sends(answer(400, gzipped(900), b"Content-Encoding: gzip"))
    yield sends(b"HTTP/1.1 200 " + key.encode() * 200 + b"\r\n\r\n")
    yield sends(b"HTTP/1.1 999 \x1b]0;pwned\x07\r\nX: " + key.encode() + b"\x00\r\n\r\n")
    yield sends(key.encode() * 9 + b" is no HTTP ::add-mask::a \x1b[2J\r\n\r\n")
    yield from (behaviour for behaviour, _ in FAULTS.values())
    yield from (behaviour for behaviour, _ in list(SLOW.values())[:3])


@dataclass(slots=True)
class Attacker:
    """A running server: its address and how many attacks it has sent."""

    base_url: str
    sent: int = 0
    plain: set[bytes] = field(default_factory=set)


@contextmanager
def attacking(
    key: str, most: int | None = None, every: Sequence[Behaviour] = ()
) -> Iterator[Attacker]:
    """Serve the reference to the first body, and to whatever is equal to it but for stamps; every
    other request gets the next attack, again and again.

    With `most` only so many are sent, of every kind, and then the reference answers. The attacks
    are `every` one or, where none is named, all.
    """
    every = every or [*attacks(key)]
    some = cycle(every) if most is None else iter(every[:: len(every) // most][:most])
    with server(key=key) as honest:
        attacker = Attacker("")
        lock = threading.Lock()

        def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
            body = re.sub(rb"IC-[0-9A-F]{8}-[0-9A-F]{8}", b"", request.partition(b"\r\n\r\n")[2])
            with lock:
                if not attacker.plain:
                    attacker.plain.add(body)
                chosen = None if body in attacker.plain else next(some, None)
                attacker.sent += chosen is not None
            if chosen is None:
                connection.sendall(forwarded(honest, request))
            else:
                chosen(connection, request, stop)

        with serving(behave) as running:
            attacker.base_url = running.base_url
            yield attacker


def forwarded(base_url: str, request: bytes) -> bytes:
    """The answer of another server to the same bytes."""
    parts = urlsplit(base_url)
    assert parts.hostname
    assert parts.port
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(request)
        data = b""
        while not (head := re.search(rb"\r\n\r\n", data)):
            data += connection.recv(65536)
        length = re.search(rb"(?i)content-length: (\d+)", data[: head.end()])
        while length is None or len(data) < head.end() + int(length[1]):
            more = connection.recv(65536)
            if not more:
                break
            data += more
    return data
