"""An exchange as it is stored: as JSON, without any key, and ready to be sent again."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from reports.ledger import Entry
from reports.rows import BodyRow, ExchangeRow, RequestRow, ResponseRow
from spec.exchange import Exchange, Request, Response
from spec.paths import Json, Location, location_text
from spec.violation import counted
from targets.masking import Masker

LONGEST_REQUEST = 256 * 1024
LONGEST_RESPONSE = 64 * 1024
"""Bytes of a body that are stored; a longer request cannot be sent again."""
MOST_STORED = 4 * 1024 * 1024
"""Characters of JSON for all the exchanges that a run stores."""
_SHARE = 16
"""The part of the room that is left which one test may take, so that others have room too."""
_NEAR = 4096
"""Bytes beside a cut in which a key, in any encoding, has its end."""
_PART = 8
"""Characters of a key, one after another, that are stored as a part: as many as are masked."""

_PLACEHOLDER = re.compile(r"\$\{(\w+)(?::(\d+):(\d+)|(~~|,,|\^\^))?\}")
"""A key in a stored request, as a shell writes the whole, a part, and its other cases."""
_CASES = {"~~": str.swapcase, ",,": str.lower, "^^": str.upper}


def to_json(
    exchange: Exchange,
    test: str,
    keys: Mapping[str, str],
    masker: Masker,
    *,
    follows: bool = False,
) -> ExchangeRow:
    """A test's exchange as JSON (`exchanges` of run.schema.json); `keys` are by variable name.

    It shows what it does only if it `follows` the request before it, which is stored with it.
    """
    request, response = exchange.request, exchange.response
    sent, why = _sent(request, keys, masker)
    stored: ExchangeRow = {
        "id": hashlib.sha256(repr((test, request)).encode()).hexdigest()[:12],
        "test": test,
        "request": sent,
        "response": _came(response, masker) if response else None,
        "fault": exchange.fault and masker.mask(exchange.fault),
        "milliseconds": round(exchange.elapsed * 1000, 1),
        "not_replayable": why,
    }
    if follows and exchange.before is not None:
        stored["before"], why_not = _sent(exchange.before.request, keys, masker)
        stored["not_replayable"] = why or why_not
    return stored


def _sent(
    request: Request, keys: Mapping[str, str], masker: Masker
) -> tuple[RequestRow, str | None]:
    """A request as JSON, and why it cannot be sent again; None where it can."""
    headers = [(name, _with_placeholders(value, keys)) for name, value in request.headers]
    path = _with_placeholders(request.path, keys)
    body = _body(request.body, LONGEST_REQUEST, masker)
    sent: RequestRow = {
        "method": request.method,
        "path": masker.mask(path),
        "headers": [[masker.mask(name), masker.mask(value)] for name, value in headers],
        **body,
    }
    texts = [path, *(value for _, value in headers)]
    return sent, _not_replayable(request, texts, body, keys, masker)


def _came(response: Response, masker: Masker) -> ResponseRow:
    return {
        "status": response.status,
        "headers": [[masker.mask(name), masker.mask(value)] for name, value in response.headers],
        **_body(response.body, LONGEST_RESPONSE, masker, response.left_out),
    }


@dataclass(slots=True)
class Room:
    """The room that a run has left for exchanges, and how many it had none for."""

    left: int = MOST_STORED
    left_out: int = 0

    def fit(self, entry: Entry) -> None:
        """Leave out of an entry what there is no room for: the answers' bodies, then exchanges."""
        allowed, kept = self.left // _SHARE, {}
        for known, exchange in entry.exchanges.items():
            for smaller in (exchange, _without_answer(exchange)):
                size = len(json.dumps(smaller))
                if size <= allowed:
                    kept[known] = smaller
                    allowed -= size
                    self.left -= size
                    break
            else:
                self.left_out += 1
        entry.exchanges = kept
        for occurrence in entry.counts.occurrences.values():
            if occurrence.exchange not in kept:
                occurrence.exchange = ""


def request_of(request: RequestRow, keys: Mapping[str, str]) -> Request:
    """The request that is stored, its keys filled in. KeyError names one that is not set."""
    return Request(
        request["method"],
        _with_keys(request["path"], keys),
        tuple((name, _with_keys(value, keys)) for name, value in request["headers"]),
        read_body(request),
    )


def read_body(message: BodyRow) -> bytes:
    """The bytes of the body of a stored request or response."""
    if "base64" in message:
        return base64.b64decode(message["base64"])
    return message["text"].encode(errors="backslashreplace")


def _without_answer(exchange: ExchangeRow) -> ExchangeRow:
    """The exchange without the body of its answer, whose size stays."""
    response = exchange["response"]
    if response is None:
        return exchange
    size = response.get("bytes", len(read_body(response)))
    status, headers = response["status"], response["headers"]
    short: ResponseRow = {"status": status, "headers": headers, "text": "", "bytes": size}
    return {**exchange, "response": short}


def _body(body: bytes, most: int, masker: Masker, left_out: int = 0) -> BodyRow:
    masked = masker.mask_bytes(body[: most + _NEAR])[:most]
    size: BodyRow = {"bytes": len(body) + left_out} if len(body) > most else {}
    try:
        return {"text": masked.decode(), **size}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(masked).decode(), **size}


def _not_replayable(
    request: Request, texts: list[str], body: BodyRow, keys: Mapping[str, str], masker: Masker
) -> str | None:
    """Why the request cannot be sent again from what is stored, or None."""
    if "bytes" in body:
        return f"its body of {counted(len(request.body), 'byte')} is too long to be stored"
    if read_body(body) != request.body:
        return f"its body {_of_a_key(request.body, keys, masker)}"
    if any(masker.mask(text) != text for text in texts):
        return "it holds a key in a form that has no placeholder"
    return None


def _of_a_key(body: bytes, keys: Mapping[str, str], masker: Masker) -> str:
    """What a body has of a key: all of it, or so many characters in a row, as everyday text may
    have by chance, such as digits in their order.
    """
    text, longest = body.decode(errors="replace").lower(), 0
    for key in map(str.lower, keys.values()):
        if key in text:
            return "holds a key"
        parts = {key[at : at + _PART] for at in range(len(key) - _PART + 1)}
        covered, row = set[int](), 0
        for at in range(len(text)):
            row = row + 1 if text[at : at + _PART] in parts else 0
            covered.update(range(at, at + _PART) if row else ())
            longest = max(longest, row and row + _PART - 1)
        text = "".join(" " if at in covered else sign for at, sign in enumerate(text))
    if not longest or masker.mask(text) != text:
        return "holds a key, or a part of one, in another form"
    alike = counted(longest, "character")
    return f"has {alike} in a row that a key has too, and no part of a key is stored"


def _with_placeholders(text: str, keys: Mapping[str, str]) -> str:
    """The text with `${NAME}` for a key, `${NAME,,}` and the like for an altered one, and
    `${NAME:0:9}` for a part.
    """
    for form, placeholder in _forms(keys):
        text = text.replace(form, placeholder)
    for name, key in keys.items():
        starts = {key[at : at + _PART]: at for at in reversed(range(len(key) - _PART + 1))}
        of_key = {part: at for part, at in starts.items() if part not in " ".join(keys)}
        text = "".join(_with_parts(text, name, key, of_key))
    return text


def _forms(keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each form in which the suite sends a whole key, and its placeholder."""
    for name, key in keys.items():
        yield key, f"${{{name}}}"
    for name, key in keys.items():
        for mark, change in _CASES.items():
            yield change(key), f"${{{name}{mark}}}"


def _with_parts(text: str, name: str, key: str, starts: Mapping[str, int]) -> Iterator[str]:
    """The pieces of the text, those that are a part of the key as placeholders; `starts` are where
    in the key its parts of the shortest length begin.
    """
    here = 0
    while here < len(text):
        start = starts.get(text[here : here + _PART])
        if start is None:
            yield text[here]
            here += 1
            continue
        pairs = zip(text[here : here + len(key)], key[start:], strict=False)
        length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        yield f"${{{name}:{start}:{length}}}"
        here += length


def _with_keys(text: str, keys: Mapping[str, str]) -> str:
    def key(found: re.Match[str]) -> str:
        name, start, length, mark = found.groups()
        if length:
            return keys[name][int(start) :][: int(length)]
        return _CASES[mark](keys[name]) if mark else keys[name]

    return _PLACEHOLDER.sub(key, text)


def texts_in(body: bytes) -> Iterator[tuple[str, str]]:
    """The texts in a body, each with its location; none where it is no JSON."""
    try:
        yield from _within(json.loads(body), ())
    except (ValueError, RecursionError):
        return


def _within(value: Json, at: Location) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _within(each, (*at, name))
    elif isinstance(value, str) and value:
        yield location_text(at), value
