"""What no answer may disclose of keys: the one that was sent, and much of the right one."""

import json
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import parse_qsl, quote

from spec.exchange import Request, Response
from spec.parameters import values_of

SHORTEST_KEY = 8
"""A shorter value may be in any text, so it does not count as a key."""
LONGEST_HINT = 12
"""Characters of the right key, or half of a longer one, that an answer may have by chance."""

NO_SECRETS = frozenset({"undefined"})
"""Long enough for a key, but a word that a message may have by itself."""


def tells_key(request: Request, response: Response, key_header: str, right: str = "") -> bool:
    """Whether the key that was sent is in the answer's body or head, in any encoding, or a long
    part of the right one: others than its owner get answers as well.
    """
    fields = (value.encode("latin-1", "replace") for _, value in response.headers)
    answered = b"\0".join([response.body, response.head, *fields])  # in no key
    if parts := [part for part in _parts(right) if part in answered]:
        sent = b"\0".join([request.body, *(bytes_of(value) for _, value in request.headers)])
        if any(part not in sent for part in parts):
            return True
    for key in _keys(request, key_header):
        texts = _encodings(key) if len(key) >= SHORTEST_KEY else ()
        told = any(text in answered for text in texts)
        if told and not any(text in request.body for text in texts):
            return True
    return False


def _keys(request: Request, header: str) -> Iterator[str]:
    """The values sent as a key: in its header, or where other services look for one."""
    yield from (key for key in values_of(request.headers, header) if key not in NO_SECRETS)
    yield from (value.rpartition(" ")[2] for value in values_of(request.headers, "authorization"))
    yield from (value.partition("=")[2] for value in values_of(request.headers, "cookie"))
    query = parse_qsl(request.path.partition("?")[2])
    yield from (value for name, value in query if "key" in name.lower())


@lru_cache(maxsize=4)
def _parts(key: str) -> tuple[bytes, ...]:
    """What of a key is too much for an answer."""
    size, known = max(LONGEST_HINT, -(-len(key) // 2)), bytes_of(key)
    if len(key) < SHORTEST_KEY:
        return ()
    return tuple(known[at : at + size] for at in range(max(1, len(known) - size + 1)))


@lru_cache(maxsize=64)
def _encodings(key: str) -> frozenset[bytes]:
    """A key as sent, as JSON and URLs escape it, and the same with its bytes read as Latin-1."""
    sent = bytes_of(key)
    misread = sent.decode("latin-1")
    texts = {misread, quote(sent, safe="")}
    for text in (key, misread):
        texts |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    return frozenset({sent, *map(bytes_of, texts)})


def bytes_of(text: str) -> bytes:
    """The bytes of a header's text; a character that no header can have becomes `?`."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
