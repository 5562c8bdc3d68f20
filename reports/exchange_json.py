"""An exchange as it is kept: as JSON, without any key, and ready to be sent again."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from spec.exchange import Exchange, Request, Response
from targets.masking import Masker

LONGEST_REQUEST = 256 * 1024
LONGEST_RESPONSE = 64 * 1024
"""Bytes of a body that are kept; a longer request cannot be sent again from what is stored."""

LONG = 16
"""Characters of a key whose first half is long enough to be told from other text."""

_SPELLED = re.compile(r"\$\{(\w+)(?::0:(\d+)|(~~|,,|\^\^))?\}")
"""A key in a stored request, in the shell's words for the whole, its start, and other cases."""
_CASES = {"~~": str.swapcase, ",,": str.lower, "^^": str.upper}


def to_json(
    exchange: Exchange, test: str, keys: Mapping[str, str], masker: Masker
) -> dict[str, Any]:
    """A test's exchange as JSON (`exchanges` of run.schema.json); `keys` are by variable name."""
    request, response = exchange.request, exchange.response
    headers = [(name, _templated(value, keys)) for name, value in request.headers]
    path = _templated(request.path, keys)
    body = _body(request.body, LONGEST_REQUEST, masker)
    why = _unsendable(request, [path, *(value for _, value in headers)], body, masker)
    return {
        "id": hashlib.sha256(repr((test, request)).encode()).hexdigest()[:12],
        "test": test,
        "request": {
            "method": request.method,
            "path": masker.mask(path),
            "headers": [[name, masker.mask(value)] for name, value in headers],
            **body,
        },
        "response": response
        and {
            "status": response.status,
            "headers": [[name, masker.mask(value)] for name, value in response.headers],
            **_body(response.body, LONGEST_RESPONSE, masker),
        },
        "fault": exchange.fault and masker.mask(exchange.fault),
        "milliseconds": round(exchange.elapsed * 1000, 1),
        "not_replayable": why,
    }


def request_of(entry: Mapping[str, Any], keys: Mapping[str, str]) -> Request:
    """The request of a stored exchange, its keys filled in. KeyError names one that is not set."""
    kept = entry["request"]
    return Request(
        kept["method"],
        _filled(kept["path"], keys),
        tuple((name, _filled(value, keys)) for name, value in kept["headers"]),
        read_body(kept),
    )


def response_of(entry: Mapping[str, Any]) -> Response | None:
    """The response of a stored exchange, as far as it is kept."""
    kept = entry["response"]
    if kept is None:
        return None
    headers = tuple((name, value) for name, value in kept["headers"])
    return Response(kept["status"], headers, read_body(kept))


def read_body(kept: Mapping[str, Any]) -> bytes:
    """The bytes of a stored body."""
    if "base64" in kept:
        return base64.b64decode(kept["base64"])
    return str(kept["text"]).encode()


def _body(body: bytes, most: int, masker: Masker) -> dict[str, Any]:
    masked = masker.mask_bytes(body[:most])
    size = {"bytes": len(body)} if len(body) > most else {}
    try:
        return {"text": masked.decode(), **size}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(masked).decode(), **size}


def _unsendable(
    request: Request, texts: list[str], body: Mapping[str, Any], masker: Masker
) -> str | None:
    """Why the request cannot be sent again from what is stored, or None."""
    if "bytes" in body:
        return f"its body of {len(request.body)} bytes is too long to be kept"
    if read_body(body) != request.body:
        return "its body holds a key"
    if any(masker.mask(text) != text for text in texts):
        return "it holds a key in a form that cannot be written down without it"
    return None


def _templated(text: str, keys: Mapping[str, str]) -> str:
    """The text with a key, or a bent one, in the shell's words for it: `${NAME}`, `${NAME,,}`."""
    for spelled, words in _spellings(keys):
        text = text.replace(spelled, words)
    return text


def _spellings(keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, key in keys.items():
        yield key, f"${{{name}}}"
    for name, key in keys.items():
        for mark, bend in _CASES.items():
            yield bend(key), f"${{{name}{mark}}}"
        if len(key) >= LONG:
            half = len(key) // 2
            yield key[:half], f"${{{name}:0:{half}}}"


def _filled(text: str, keys: Mapping[str, str]) -> str:
    def key(found: re.Match[str]) -> str:
        name, length, mark = found.groups()
        if length:
            return keys[name][: int(length)]
        return _CASES[mark](keys[name]) if mark else keys[name]

    return _SPELLED.sub(key, text)
