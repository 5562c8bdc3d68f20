"""Keeps every key that a client sends out of what the mirror shows, the right one and any other."""

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import parse_qsl

from spec.exchange import Request
from spec.paths import Json
from targets.masking import SHORTEST, Masker

SENT_KEY = "SENT_KEY"
"""What another key than the mirror's is shown as, with a $ before it."""
_MOST = 32
"""Keys of a client that are remembered; those of one request are hidden in it in any case."""
_SECRET = re.compile(
    r"key|token|secret|passw|auth|credential|signature|cookie|session", re.IGNORECASE
)
"""What the name of a header field, a parameter or a property has in it whose value is a secret."""


class Secrets:
    """The mirror's key by the variable it comes from, and the keys that clients have sent."""

    def __init__(self, variable: str, key: str, key_header: str | None) -> None:
        self._known, self._variable, self._key = {variable: key}, variable, key
        self._key_header = (key_header or "").lower()
        self._sent: deque[str] = deque(maxlen=_MOST)
        self.masker = Masker(self._known)

    def learn(self, request: Request, payload: Json) -> None:
        """Remember the keys that a request holds."""
        found = [*self._of_headers(request), *_of_query(request.path), *_of_json(payload)]
        new = set(filter(_can_be_found, found)) - {self._key, *self._sent}
        if new:
            self._sent.extend(sorted(new)[:_MOST])
            sent = {f"{SENT_KEY}_{number}": each for number, each in enumerate(self._sent, 1)}
            self.masker = Masker({**self._known, **sent})

    def mask(self, text: str) -> str:
        """The text without any key."""
        return self.masker.mask(text)

    def hidden(self, request: Request) -> Iterator[tuple[str, str]]:
        """The header fields of a request, those that are secret without their values."""
        for name, value in request.headers:
            own = value in ("", self._key, f"${self._variable}")
            yield name, value if own or not self._is_secret(name) else f"${SENT_KEY}"

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


def _of_query(path: str) -> Iterator[str]:
    query = path.partition("?")[2]
    yield from (value for name, value in parse_qsl(query) if _SECRET.search(name))


def _of_json(payload: Json) -> Iterator[str]:
    stack = [payload]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            for name, child in value.items():
                if isinstance(child, str) and _SECRET.search(name):
                    yield child
                else:
                    stack.append(child)
        elif isinstance(value, list):
            stack += value
