"""Keeps every key that a client sends out of what the mirror shows, the right one and any other."""

import json
import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import unquote_plus

from spec.exchange import Request
from spec.expectation import values_of
from spec.paths import Json
from spec.strictjson import Malformed, parse
from targets.masking import SHORTEST, Masker

SENT_KEY = "SENT_KEY"
"""What another key than the mirror's is shown as, with a $ before it."""
_MOST = 32
"""Keys of a client that are remembered; those of one request are hidden in it in any case."""
_WORDS = "key|token|secret|passw|pwd|auth|credential|signature|cookie|session|bearer|jwt"
_SECRET = re.compile(_WORDS, re.IGNORECASE)
"""What the name of a header field, a parameter or a property has in it whose value is a secret."""
_IN_JSON = re.compile(
    rb"""((?:%b)[^"\\]{0,40}"\s{0,20}:\s{0,20}")((?:[^"\\]|\\.)+)""" % _WORDS.encode(),
    re.IGNORECASE | re.DOTALL,
)
_IN_TEXT = re.compile(
    rb"""((?:%b)[\w.-]{0,40}["'\]]{0,2}(?:\s{0,20}(?:[:=>]|%%3d)|\r?\n\r?\n)\s{0,20}["']?"""
    rb"""(?:(?:bearer|basic)\s{1,20})?)([^\s"'&<>,;{}\[\]]+)""" % _WORDS.encode(),
    re.IGNORECASE,
)
"""The value of such a name in JSON, and in a text of any other kind: a query, a form, XML, fields,
JSON that is broken. Each has before the value what stays.
"""
_USER = re.compile(rb"(://)([^\s/?#@\"']+)(?=@)")
"""User and password in an address."""


class Secrets:
    """The mirror's key by the variable it comes from, and the keys that clients have sent."""

    def __init__(self, variable: str, key: str, key_header: str | None) -> None:
        self._known, self._variable, self._key = {variable: key}, variable, key
        self._key_header = (key_header or "").lower()
        self._sent: deque[str] = deque(maxlen=_MOST)
        self.masker = Masker(self._known)

    def learn(self, request: Request) -> None:
        """Remember the keys that a request holds."""
        body = _narrow(request.body)
        payload = _payload(body)
        found = [
            *self._of_headers(request),
            *_of_text(request.path.encode(errors="surrogateescape"), _IN_TEXT),
            *_of_text(body, _kind(payload)),
            *_of_json(payload),
        ]
        new = set(filter(_can_be_found, found)) - {self._key, *self._sent}
        if new:
            self._sent.extend(sorted(new)[:_MOST])
            sent = {f"{SENT_KEY}_{number}": each for number, each in enumerate(self._sent, 1)}
            self.masker = Masker({**self._known, **sent})

    def mask(self, text: str) -> str:
        """The text without any key."""
        return self.masker.mask(text)

    def hidden(self, request: Request) -> Request:
        """The request without any key, be it too short to be found elsewhere.

        A body in a coding is left out: nobody has looked into it.
        """
        path = self.masker.mask_bytes(request.path.encode(errors="surrogateescape"))
        body = b"" if is_coded(request) else self.masker.mask_bytes(request.body)
        return Request(
            self.mask(request.method),
            self._without_values(path, _IN_TEXT).decode(errors="surrogateescape"),
            tuple(self._hidden_fields(request)),
            self._without_values(body, _kind(_payload(body))),
        )

    def _without_values(self, text: bytes, kind: re.Pattern[bytes]) -> bytes:
        def hide(found: re.Match[bytes]) -> bytes:
            own = found[2].startswith((b"$" + SENT_KEY.encode(), b"$" + self._variable.encode()))
            return found[0] if own else found[1] + b"$" + SENT_KEY.encode()

        return _USER.sub(hide, kind.sub(hide, text))

    def _hidden_fields(self, request: Request) -> Iterator[tuple[str, str]]:
        for name, value in request.headers:
            own = value in ("", self._key, f"${self._variable}")
            shown = value if own or not self._is_secret(name) else f"${SENT_KEY}"
            yield self.mask(name), self.mask(shown)

    def _is_secret(self, name: str) -> bool:
        return name.lower() == self._key_header or _SECRET.search(name) is not None

    def _of_headers(self, request: Request) -> Iterator[str]:
        for name, value in request.headers:
            if self._is_secret(name):
                yield from (value, *value.split())


def _can_be_found(key: str) -> bool:
    """Whether a key is long enough to be looked for, and is text."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return len(key) >= SHORTEST


def is_coded(request: Request) -> bool:
    """Whether the body of a request is zipped or the like."""
    codings = ",".join(values_of(request.headers, "content-encoding")).lower().split(",")
    return any(each.strip() not in ("", "identity") for each in codings)


def _narrow(body: bytes) -> bytes:
    """A body in UTF-8, which may have come in UTF-16 or UTF-32."""
    return body.decode(json.detect_encoding(body), "replace").encode(errors="replace")


def _payload(body: bytes) -> Json:
    try:
        return parse(body).value
    except Malformed:
        return None


def _kind(payload: Json) -> re.Pattern[bytes]:
    return _IN_TEXT if payload is None else _IN_JSON


def _of_text(text: bytes, kind: re.Pattern[bytes]) -> Iterator[str]:
    for found in kind.finditer(text):
        value = found[2].decode(errors="surrogateescape")
        yield from (value, unquote_plus(value))
    for found in _USER.finditer(text):
        user = found[2].decode(errors="surrogateescape")
        yield from (user, user.partition(":")[2])


def _of_json(payload: Json) -> Iterator[str]:
    stack = [(payload, False)]
    while stack:
        value, secret = stack.pop()
        if isinstance(value, dict):
            stack += [(each, secret or bool(_SECRET.search(name))) for name, each in value.items()]
        elif isinstance(value, list):
            stack += [(each, secret) for each in value]
        elif secret and isinstance(value, str):
            yield value
