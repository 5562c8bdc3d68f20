"""What no answer may disclose: the key that was sent, and the insides of the server."""

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote

from spec.exchange import Request, Response
from spec.expectation import values_of

SHORTEST_KEY = 8
"""A shorter value may be in any text, so it does not count as a key."""

NO_SECRETS = frozenset({"undefined"})
"""Long enough for a key, but a word that a message may have by itself."""

LEAK = re.compile(
    rb"Traceback \(most recent call last\)|\bpanic: |goroutine \d+ \[|SQLSTATE|\bORA-\d{5}"
    rb"|\bpq: |syntax error at or near|\.go:\d+|\.java:\d+\)|\.py\", line \d+|\.js:\d+:\d+"
    rb"|\.rb:\d+:in |\.php(?::| on line )\d+|\.cs:line \d+"
    rb"|\bat [\w.$<>]+\([\w.]+:\d+\)|\bSELECT\b.{1,80}\bFROM\b|\bINSERT INTO\b",
    re.DOTALL,
)


def tells_key(request: Request, response: Response, key_header: str) -> bool:
    """Whether the key that was sent is in the answer's body or headers, in any encoding."""
    fields = (value.encode("latin-1", "replace") for _, value in response.headers)
    answered = [response.body, *fields]
    for key in _keys(request, key_header):
        texts = _encodings(key)
        known = len(key) < SHORTEST_KEY or any(text in request.body for text in texts)
        if not known and any(text in part for text in texts for part in answered):
            return True
    return False


def leak(request: Request, response: Response) -> str | None:
    """The first piece of a trace, query or the like in an answer's body, unless it was sent."""
    fields = "\n".join(value for _, value in request.headers)
    sent, answered = map(_unescaped, (request.body + _raw(fields), response.body))
    for found in LEAK.finditer(answered):
        if found.group() not in sent:
            return found.group().decode(errors="replace")
    return None


def _unescaped(text: bytes) -> bytes:
    """Without JSON's escapes of quotes and line ends: a trace in a message has them."""
    return text.replace(rb"\n", b"\n").replace(rb"\"", b'"')


def _keys(request: Request, header: str) -> Iterator[str]:
    """The values sent as a key: in its header, or where other services look for one."""
    yield from (key for key in values_of(request.headers, header) if key not in NO_SECRETS)
    yield from (value.rpartition(" ")[2] for value in values_of(request.headers, "authorization"))
    yield from (value.partition("=")[2] for value in values_of(request.headers, "cookie"))
    yield from (value for _, value in parse_qsl(request.path.partition("?")[2]))


def _encodings(key: str) -> set[bytes]:
    """A key as sent, as JSON and URLs escape it, and the same with its bytes read as Latin-1."""
    raw = _raw(key)
    misread = raw.decode("latin-1")
    texts = {misread, quote(raw, safe="")}
    for text in (key, misread):
        texts |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    return {raw, *map(_raw, texts)}


def _raw(text: str) -> bytes:
    """The bytes of a header's text; a character that no header can have becomes `?`."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
