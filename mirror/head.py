"""What makes the head of a request malformed, whatever a lenient server makes of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from spec.exchange import Request

HTTP = "RFC 9112"
NOTHING = Request("", "", (), b"")
"""What is known of a request of which nothing could be read."""


class NotARequestError(Exception):
    """A client sent something else than a whole request, and gets this `status`.

    `clause` is what it breaks, empty where HTTP allows it, but no server has to take it. `request`
    is what could be read; the message has nothing of what was sent, which may be a key.
    """

    def __init__(self, why: str, status: int, clause: str, request: Request = NOTHING) -> None:
        super().__init__(why)
        self.status, self.clause, self.request = status, clause, request


_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_NAME = rb"(?:[!$&'()*+,;=._~0-9A-Za-z-]|%[0-9A-Fa-f]{2})"
_HOST = rb"(?:\[[0-9A-Za-z:._~-]+\]|%b+)(?::[0-9]*)?" % _NAME
_PATH = rb"(?:/(?:%b|[:@])*)" % _NAME
_QUERY = rb"(?:\?(?:%b|[:@/?])*)?" % _NAME
_SCHEME = rb"[A-Za-z][A-Za-z0-9+.-]*://"

_END = re.compile(rb"\A\r?\n|\r?\n\r?\n")
_OTHER_BREAK = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)")
_LINE = re.compile(rb"(%b) ([!-~]+) HTTP/([0-9]\.[0-9])" % _TOKEN)
_TARGET = re.compile(
    rb"OPTIONS \*|CONNECT %b|%b (?:%b%b%b*|%b+)%b"
    % (_HOST, _TOKEN, _SCHEME, _HOST, _PATH, _PATH, _QUERY)
)
_AUTHORITY = re.compile(_SCHEME + rb"([^/?#]*)")
_FIELD = re.compile(rb"(%b):([^\0-\x08\x0a-\x1f\x7f]*)" % _TOKEN)
_LOOSE_FIELD = re.compile(rb"(%b)[ \t]+:" % _TOKEN)


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a request as it came, and what its lines say; empty where they say nothing."""

    raw: bytes
    method: bytes
    target: bytes
    version: bytes
    lines: list[bytes]
    fields: list[tuple[bytes, bytes]]

    def values(self, name: bytes) -> list[bytes]:
        """The values of a header field."""
        return [value for each, value in self.fields if each.lower() == name]

    @property
    def codings(self) -> list[bytes]:
        """The transfer codings, in order."""
        values = b",".join(self.values(b"transfer-encoding")).split(b",")
        return [each for value in values if (each := value.strip(b" \t").lower())]

    @property
    def authority(self) -> bytes:
        """Host and port in the target, with the user before them; most targets have none."""
        found = _AUTHORITY.match(self.target)
        return found[1] if found else b""

    @property
    def request(self) -> Request:
        """The same as far as it is readable."""
        fields = tuple((text_of(name), text_of(value)) for name, value in self.fields)
        return Request(text_of(self.method), text_of(self.target), fields, b"")


def _head(raw: bytes) -> _Head:
    """The head at the beginning of these bytes, read line by line."""
    end = _END.search(raw)
    first, *lines = re.split(rb"\r?\n", raw[: end.start()] if end else raw)
    line = _LINE.fullmatch(first)
    method, target, version = line.groups() if line else (b"", b"", b"")
    found = filter(None, map(_FIELD.fullmatch, lines))
    fields = [(each[1], each[2].strip(b" \t")) for each in found]
    return _Head(raw[: end.end()] if end else raw, method, target, version, lines, fields)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What makes a head malformed, in words, the clause that it breaks, and the answer to it."""

    words: str
    clause: str
    is_broken: Callable[[_Head], object]
    status: int = 400


_RULES = (
    _Rule(
        "it speaks TLS, and the mirror plain HTTP: the address begins with http://",
        "RFC 9112, section 3",
        lambda head: head.raw.startswith(b"\x16\x03"),
    ),
    _Rule(
        "an empty line comes before it",
        "RFC 9112, section 2.2",
        lambda head: head.raw.startswith((b"\n", b"\r")),
    ),
    _Rule(
        "a line of its head does not end in CR and LF",
        "RFC 9112, section 2.2",
        lambda head: _OTHER_BREAK.search(head.raw),
    ),
    _Rule(
        "its first line is not a method, a target and a version, with one space between them",
        "RFC 9112, section 3",
        lambda head: not head.method,
    ),
    _Rule(
        "it speaks HTTP/2 at once, and the mirror HTTP/1.1",
        "RFC 9112, section 2.3",
        lambda head: head.version == b"2.0",
        505,
    ),
    _Rule(
        "its version is neither HTTP/1.1 nor HTTP/1.0",
        "RFC 9112, section 2.3",
        lambda head: head.version not in (b"1.0", b"1.1"),
        505,
    ),
    _Rule("its target has a fragment", "RFC 9112, section 3.2", lambda head: b"#" in head.target),
    _Rule(
        "its target has a user in it",
        "RFC 9110, section 4.2.4",
        lambda head: b"@" in head.authority,
    ),
    _Rule(
        "its target is neither a path, which begins with /, nor an address, or has a character "
        "that has to be escaped",
        "RFC 9112, section 3.2",
        lambda head: not _TARGET.fullmatch(b"%b %b" % (head.method, head.target)),
    ),
    _Rule(
        "a line of its header begins with a blank, as if it went on with the line before",
        "RFC 9112, section 5.2",
        lambda head: any(line.startswith((b" ", b"\t")) for line in head.lines),
    ),
    _Rule(
        "a blank stands between a header field's name and its colon",
        "RFC 9112, section 5.1",
        lambda head: any(map(_LOOSE_FIELD.match, head.lines)),
    ),
    _Rule(
        "a line of its header is not a name, a colon and a value without control characters",
        "RFC 9112, section 5",
        lambda head: len(head.fields) < len(head.lines),
    ),
    _Rule(
        "it has no Host",
        "RFC 9112, section 3.2",
        lambda head: head.version == b"1.1" and not head.values(b"host"),
    ),
    _Rule(
        "it has more than one Host",
        "RFC 9112, section 3.2",
        lambda head: len(head.values(b"host")) > 1,
    ),
    _Rule(
        "its Host is not a host, with or without a port",
        "RFC 9112, section 3.2",
        lambda head: not all(re.fullmatch(_HOST, value) for value in head.values(b"host")),
    ),
    _Rule(
        "its Host is not the host and port of its target",
        "RFC 9112, section 3.2",
        lambda head: (
            head.authority
            and any(each.lower() != head.authority.lower() for each in head.values(b"host"))
        ),
    ),
    _Rule(
        "it has both Transfer-Encoding and Content-Length",
        "RFC 9112, section 6.2",
        lambda head: head.codings and head.values(b"content-length"),
    ),
    _Rule(
        "it has Transfer-Encoding, which HTTP/1.0 has not",
        "RFC 9112, section 6.1",
        lambda head: head.values(b"transfer-encoding") and head.version == b"1.0",
    ),
    _Rule(
        "its last Transfer-Encoding is not chunked, or it is chunked more than once",
        "RFC 9112, section 6.3",
        lambda head: (
            head.values(b"transfer-encoding")
            and (head.codings[-1:] != [b"chunked"] or head.codings.count(b"chunked") > 1)
        ),
    ),
    _Rule(
        "its Content-Length is not one number",
        "RFC 9110, section 8.6",
        lambda head: (
            len(head.values(b"content-length")) > 1
            or not all(map(bytes.isdigit, head.values(b"content-length")))
        ),
    ),
    _Rule(
        "it has a Transfer-Encoding that a server need not know",
        "",
        lambda head: set(head.codings) - {b"chunked"},
        501,
    ),
)
"""All that makes the head of a request malformed; the first one that it breaks is told. What it
breaks without a clause is allowed.
"""


def check(raw: bytes) -> None:
    """Look at the head at the beginning of these bytes. Raises NotARequestError."""
    head = _head(raw)
    rule = next((each for each in _RULES if each.is_broken(head)), None)
    if rule is not None:
        raise NotARequestError(rule.words, rule.status, rule.clause, head.request)


def text_of(raw: bytes) -> str:
    """Header bytes as the oracle reads them: surrogates stand for what is not UTF-8 (PEP 383)."""
    return raw.decode(errors="surrogateescape")
