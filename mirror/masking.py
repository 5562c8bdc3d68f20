"""Keeps every key that a client sent out of what the mirror shows, the right one and any other."""

import base64
import json
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote_plus

from spec.exchange import Request
from spec.parameters import values_of
from spec.paths import Json
from spec.strictjson import value_of
from targets.masking import Masker, Span, places_of
from targets.views import fold

SENT_KEY = "SENT_KEY"
"""What another key than the mirror's is shown as, with a $ before it."""
MOST_KEYS = 20_000
MOST_CHARACTERS = 8 * 1024 * 1024
"""Keys of clients that can be remembered, and characters of them: several for each request."""
_RUN = 8
"""Characters of a key, one after another, that are masked wherever they stand; a shorter key is
hidden only where it was sent.
"""
_MOST_RUNS = 32
"""Runs of a key that are looked for; of a longer key, a run is that much longer."""

_WORDS = "key|token|secret|passw|pwd|auth|credential|signature|cookie|session|bearer|jwt"
_SECRET = re.compile(f"{_WORDS}|sec-websocket-protocol", re.IGNORECASE)
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
_IN_VALUE = re.compile(
    rb"""((?:(?:key|token|secret|passw(?:or)?d|pwd|auth|credentials?|signature|session|jwt)"""
    rb"""(?:=|%3d)|[?&]sig=|(?:authorization|(?:x-)?(?:api|auth|access)[-_]?(?:key|token))"""
    rb"""\s{0,20}:\s{0,20})["']?"""
    rb"""(?:(?:bearer|basic|apikey|token)\s{1,20})?)([^\s"'&<>,;{}\[\]\\]+)""",
    re.IGNORECASE,
)
"""The value of such a name in JSON; in a text of any other kind: a query, a form, XML, fields, JSON
that is broken; and in one value of a header or of JSON, which people write: a parameter, or a line
of a header. Each has before the value what stays.
"""
_JWT = re.compile(rb"()(?<![\w-])(eyJ[\w-]{5,}+\.[\w-]{5,}+\.[\w-]*+)")
"""A JSON Web Token, whatever its name."""
_USER = re.compile(rb"(://)([^\s/?#@\"']+)(?=@)")
"""User and password in an address."""
_BETWEEN = re.compile(r"[\s,;\"']+")


class TooManyKeysError(Exception):
    """A request has more keys than can be remembered: it must not be shown."""


class _SentKeys:
    """The keys that clients have sent, never forgotten. To find them takes as long however many
    there are. What the `public` text has is no secret.
    """

    def __init__(self, public: bytes) -> None:
        self._public = fold(public)
        self._names: dict[bytes, str] = {}
        self._characters = 0
        self._runs: dict[bytes, tuple[bytes, int]] = {}
        self._words: set[int] = set()

    def add(self, text: str) -> None:
        """Remember a key, if it can be found. Raises TooManyKeysError."""
        with suppress(UnicodeEncodeError):
            key = fold(text.encode())
            if len(key) < _RUN or key in self._names or key in self._public:
                return
            self._characters += len(key)
            if len(self._names) >= MOST_KEYS or self._characters > MOST_CHARACTERS:
                raise TooManyKeysError
            self._names[key] = f"{SENT_KEY}_{len(self._names) + 1}"
            last = len(key) - _RUN
            for place in (*range(0, last, -(-len(key) // _MOST_RUNS)), last):
                run = key[place : place + _RUN]
                if run not in self._public:
                    self._runs.setdefault(run, (key, place))
                    self._words.update(_word(run[first:]) for first in range(_RUN - 3))

    def find(self, data: bytes) -> Iterator[Span]:
        """Where the data has a run of a key: all that it has of that key there."""
        # Seven bytes, wherever they begin, hold four that begin at a multiple of four.
        done = 0
        for at in places_of(data, self._words, 4):
            for place in range(max(done, at + 4 - _RUN), at + 1):
                if place >= done and (run := self._runs.get(data[place : place + _RUN])):
                    start, done = _around(data, place, *run)
                    yield start, done, self._names[run[0]]


def _word(data: bytes) -> int:
    return int.from_bytes(data[:4], sys.byteorder)


def _around(data: bytes, place: int, key: bytes, place_in_key: int) -> tuple[int, int]:
    """Start and end of what data and key have in common around these places."""
    start, first = place, place_in_key
    while start and first and data[start - 1] == key[first - 1]:
        start, first = start - 1, first - 1
    end, last = place + _RUN, place_in_key + _RUN
    while end < len(data) and last < len(key) and data[end] == key[last]:
        end, last = end + 1, last + 1
    return start, end


class Secrets:
    """The mirror's key by the variable it comes from, and the keys that clients have sent.

    What the `public` text has is no secret wherever else it comes.
    """

    def __init__(self, variable: str, key: str, key_header: str | None, public: bytes) -> None:
        self._variable, self._key = variable, key
        self._key_header = (key_header or "").lower()
        self._sent = _SentKeys(b" ".join((public, variable.encode(), SENT_KEY.encode())))
        self.masker = Masker({variable: key}, self._sent.find)

    def learn(self, request: Request) -> None:
        """Remember the keys that a request holds. Raises TooManyKeysError."""
        body = _narrow(request.body)
        payload = value_of(body)
        for text in (
            *self._of_headers(request),
            *_of_text(request.path.encode(errors="surrogateescape"), _IN_TEXT, _IN_VALUE),
            *_of_text(body, *_kinds(payload)),
            *_of_json(payload),
        ):
            if self._key not in text:
                self._sent.add(text)

    def mask(self, text: str) -> str:
        """The text without any key."""
        return self.masker.mask(text)

    def hidden(self, request: Request) -> Request:
        """The request without any key, be it too short to be found elsewhere.

        A body in a coding is left out: nobody has looked into it.
        """
        path = self.masker.mask_bytes(request.path.encode(errors="surrogateescape"))
        body = b"" if is_coded(request) else self.masker.mask_bytes(request.body)
        payload = value_of(body)
        for text in filter(None, set(_of_json(payload))):
            if not self._is_masked(text.encode(errors="replace")):
                value = re.escape(json.dumps(text, ensure_ascii=False).encode(errors="replace"))
                body = re.sub(value + rb"(?!\s{0,20}:)", f'"${SENT_KEY}"'.encode(), body)
        return Request(
            self.mask(request.method),
            self._without_values(path, _IN_TEXT, _IN_VALUE).decode(errors="surrogateescape"),
            tuple(self._hidden_fields(request)),
            self._without_values(body, *_kinds(payload)),
        )

    def _without_values(self, text: bytes, *kinds: re.Pattern[bytes]) -> bytes:
        def hide(found: re.Match[bytes]) -> bytes:
            return found[0] if self._is_masked(found[2]) else found[1] + b"$" + SENT_KEY.encode()

        for kind in (*kinds, _USER):
            text = kind.sub(hide, text)
        return text

    def _is_masked(self, value: bytes) -> bool:
        return value.startswith((b"$" + SENT_KEY.encode(), b"$" + self._variable.encode()))

    def _hidden_fields(self, request: Request) -> Iterator[tuple[str, str]]:
        for name, value in request.headers:
            own = value in ("", self._key, f"${self._variable}")
            shown = value if own or not self._is_secret(name) else f"${SENT_KEY}"
            masked = self.mask(shown).encode(errors="surrogateescape")
            hidden = self._without_values(masked, _IN_VALUE)
            yield self.mask(name), hidden.decode(errors="surrogateescape")

    def _is_secret(self, name: str) -> bool:
        return name.lower() == self._key_header or _SECRET.search(name) is not None

    def _of_headers(self, request: Request) -> Iterator[str]:
        for name, value in request.headers:
            if self._is_secret(name):
                yield from _parts(value)
            else:
                yield from _of_text(value.encode(errors="surrogateescape"), _IN_VALUE)


def is_coded(request: Request) -> bool:
    """Whether the body of a request is zipped or the like."""
    codings = ",".join(values_of(request.headers, "content-encoding")).lower().split(",")
    return any(each.strip() not in ("", "identity") for each in codings)


def _narrow(body: bytes) -> bytes:
    """A body in UTF-8, which may have come in UTF-16 or UTF-32."""
    return body.decode(json.detect_encoding(body), "replace").encode(errors="replace")


def _kinds(payload: Json) -> tuple[re.Pattern[bytes], ...]:
    return (_IN_TEXT,) if payload is None else (_IN_JSON, _IN_VALUE)


def _parts(value: str) -> Iterator[str]:
    """A secret, its words, what stands there after a =, and user and password in Base64."""
    yield value
    for word in _BETWEEN.split(value):
        yield from (word, word.partition("=")[2])
        with suppress(ValueError):
            padded = word.rstrip("=") + "=" * (-len(word.rstrip("=")) % 4)
            user = base64.b64decode(padded, validate=True).decode()
            if ":" in user:
                yield from (user, user.partition(":")[2])


def _of_text(text: bytes, *kinds: re.Pattern[bytes]) -> Iterator[str]:
    for kind in (*kinds, _JWT):
        for found in kind.finditer(text):
            value = found[2].decode(errors="surrogateescape")
            yield from (*_parts(value), unquote_plus(value))
    for found in _USER.finditer(text):
        user = found[2].decode(errors="surrogateescape")
        yield from (user, user.partition(":")[2])


def _of_json(payload: Json) -> Iterator[str]:
    """The texts whose name, or that of something around them, says that they are secret."""
    stack = [(payload, False)]
    while stack:
        value, secret = stack.pop()
        if isinstance(value, dict):
            stack += [(each, secret or bool(_SECRET.search(name))) for name, each in value.items()]
        elif isinstance(value, list):
            stack += [(each, secret) for each in value]
        elif secret and isinstance(value, str):
            yield value
