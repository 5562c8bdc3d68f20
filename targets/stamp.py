"""Stamps: what makes a request a new invoice, however a body writes it."""

import gzip
import math
import re
import zlib
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count
from uuid import NAMESPACE_OID, uuid5
from zlib import crc32

from spec.contract import (
    DIGITS,
    HEX_PLACEHOLDER,
    PLACEHOLDER,
    UUID_DIGITS,
    UUID_PLACEHOLDER,
    in_digits,
    stamps_in_digits,
)
from spec.exchange import Request
from targets.waiting import Waiting

Fields = tuple[tuple[str, str | None], ...]
"""Header fields by name; None removes one that is usual."""


class Stamper:
    """Makes stamps such as `IC-7F3A91C2-01000123` of run, worker and counter; thread-safe.

    `run_id` has eight characters, `worker` is 0 to 255; each worker has 16,777,216 stamps.
    """

    def __init__(self, run_id: str, worker: int = 0) -> None:
        if len(run_id) != 8 or not 0 <= worker <= 255:
            raise ValueError(
                "A stamp needs a run id of 8 characters and a worker from 0 to 255, "
                f"not {run_id!r} and {worker}."
            )
        self._prefix = f"IC-{run_id}-{worker:02X}"
        self._counter = count()
        self.requests = count(1)
        """Numbers the requests in the order in which they are sent."""
        self.answered = 0
        """The last of them that had an answer, but for that of a breakdown."""
        self.waiting = Waiting()
        """Those of them that have no answer yet."""
        self.stranger = -math.inf
        """The last of them with another key than the run's, which a server may be locked after."""

    def stamp(self) -> str:
        """The next stamp, as long as the placeholder."""
        return f"{self._prefix}{next(self._counter):06X}"

    def write(self, body: bytes) -> bytes:
        """The body with one fresh stamp in every place of the placeholder, encoded as that is."""
        lower = body.lower()  # so all its spellings are looked for at once
        for placeholder, encode in _PLACEHOLDERS:
            at = lower.find(placeholder)
            if at >= 0:
                del lower  # a body may be long
                stamp, spelled = self.stamp(), body[at : at + len(placeholder)]
                return _with_digits(body.replace(spelled, encode(stamp)), stamp)
        if (coded := _recoded(body, self.write)) is not None:
            return coded
        if any(place.search(body) for _, places in _PLACES_OF_DIGITS for place, _, _ in places):
            return _with_digits(body, self.stamp())
        return body

    def with_stamp_of(self, body: bytes, fields: Fields) -> Fields:
        """A test's own header fields with the stamp of its body in the place of the placeholder, or
        a fresh one where the body has none.
        """
        if not any(PLACEHOLDER in (value or "") for _, value in fields):
            return fields
        stamp = stamp_in(body) or self.stamp()
        return tuple((name, value and value.replace(PLACEHOLDER, stamp)) for name, value in fields)

    def renew(self, request: Request) -> Request:
        """The request with one fresh stamp in every place of a placeholder beside its body."""
        stamp = self.stamp()
        uuid = uuid5(NAMESPACE_OID, stamp)
        new = (stamp, str(uuid), uuid.hex, _in_digits(stamp))

        def written(text: str) -> str:
            for placeholder, value in zip(BESIDE, new, strict=True):
                text = text.replace(placeholder, value)
            return text

        headers = tuple((name, written(value)) for name, value in request.headers)
        return replace(request, path=written(request.path), headers=headers)


def restamped(body: bytes, run_id: str, other: str) -> bytes:
    """The body with the stamps of another run, however they are encoded in it."""
    coded = _recoded(body, lambda inner: restamped(inner, run_id, other))
    if coded is not None:
        return coded
    for encode, decode in _ENCODINGS:
        body = body.replace(encode(f"IC-{run_id}-"), encode(f"IC-{other}-"))
        pattern = _DIGITS_OF_STAMPS[encode]
        body = pattern.sub(partial(_moved, encode, decode, _run_in_digits(other)), body)
    return body


def unstamped_body(body: bytes, stamp: str = PLACEHOLDER) -> bytes:
    """The body with the placeholder in the place of each stamp, or this stamp in the place of each
    stamp and placeholder, encoded as that.
    """
    coded = _recoded(body, lambda inner: unstamped_body(inner, stamp))
    if coded is not None:
        return coded
    for pattern, encode, _ in _STAMPS:
        body = body.replace(encode(PLACEHOLDER), encode(stamp))
        body = pattern.sub(encode(stamp).replace(b"\\", rb"\\"), body)
        body = _DIGITS_OF_STAMPS[encode].sub(partial(_placeholder_of_digits, encode), body)
    return body


def stamp_in(body: bytes) -> str | None:
    """The first stamp in a body, however it is encoded; None where it has none."""
    body = _content(body) or body
    found = ((pattern.search(body), decode) for pattern, _, decode in _STAMPS)
    return next((decode(each[0]) for each, decode in found if each), None)


def have_one_stamp(one: Request, other: Request) -> bool:
    """Whether two requests have one stamp, and so the same references."""
    stamp = stamp_in(one.body)
    return stamp is not None and stamp == stamp_in(other.body)


def is_sent_again(one: Request, other: Request) -> bool:
    """Whether the second request is the first one once more, or has its references."""
    return one.body == other.body or have_one_stamp(one, other)


def _moved(
    encode: Callable[[str], bytes],
    decode: Callable[[bytes], str],
    run: str,
    found: re.Match[bytes],
) -> bytes:
    """The stamp in digits as that of another run."""
    return encode(run + decode(found[0])[len(run) :])


def _placeholder_of_digits(encode: Callable[[str], bytes], found: re.Match[bytes]) -> bytes:
    return encode(in_digits(found))


def _with_digits(body: bytes, stamp: str) -> bytes:
    """The body with the stamp in digits in each of their places."""
    digits = _in_digits(stamp)
    uuid = f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-8{digits[15:]}"
    for start, places in _PLACES_OF_DIGITS:
        if start in body:
            for place, encode, is_uuid in places:
                body = place.sub(encode(uuid if is_uuid else digits).replace(b"\\", rb"\\"), body)
    return body


_BASE_64 = re.compile(rb"eyJ[A-Za-z0-9+/_-]{60,}={0,2}")
"""An object as Base64, in either alphabet, with or without signs of equality behind it."""
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_HEXADECIMAL = re.compile(rb"7b22(?:[0-9a-f]{2}){60,}")


def _from_base_64(text: bytes) -> bytes:
    return urlsafe_b64decode(text.translate(_URL_SAFE) + b"=" * (-len(text) % 4))


def _content(body: bytes) -> bytes | None:
    """The JSON that a body codes as a whole or as its one long part; None where it is as it is."""
    inner: list[bytes] = []

    def noted(content: bytes) -> bytes:
        inner.append(content)
        return content

    _recoded(body, noted)
    return inner[0] if inner else None


def _recoded(body: bytes, change: Callable[[bytes], bytes]) -> bytes | None:
    """The body with what it codes changed, in the same coding; None where it codes nothing."""
    if body[:1] in b"{[":
        return None  # what JSON has in its texts is its own
    try:
        if body[:2] == b"\x1f\x8b":
            return gzip.compress(change(gzip.decompress(body)), mtime=0)
        if body[:2] == b"x\x9c":
            return zlib.compress(change(zlib.decompress(body)))
        if _HEXADECIMAL.fullmatch(body):
            return change(bytes.fromhex(body.decode())).hex().encode()
        if found := _BASE_64.search(body):
            content, rest = change(_from_base_64(found[0].rstrip(b"="))), body[found.end() :]
            coded = b64encode(content)
            if rest[:1] == b".":  # as the parts of what is signed are
                coded = urlsafe_b64encode(content).rstrip(b"=")
            return body[: found.start()] + coded + rest
    except (EOFError, OSError, ValueError, zlib.error):
        pass
    return None


def _escaped(text: str) -> bytes:
    return "".join(f"\\u{ord(character):04x}" for character in text).encode()


def _unescaped(body: bytes) -> str:
    return "".join(chr(int(unit, 16)) for unit in body.decode().split("\\u")[1:])


def _utf_16_le(text: str) -> bytes:
    return text.encode("utf-16-le")


def _utf_16_be(text: str) -> bytes:
    return text.encode("utf-16-be")


def _in_digits(stamp: str) -> str:
    """The stamp as a number that a double still holds exactly."""
    return f"{_run_in_digits(stamp[3:11])}{int(stamp[12:], 16) % 10**8:08}"


def _run_in_digits(run_id: str) -> str:
    return f"47{crc32(run_id.encode()) % 10**6:06}"


Encoding = tuple[Callable[[str], bytes], Callable[[bytes], str]]
"""Writes a text into a body, and reads it there."""

_ENCODINGS: tuple[Encoding, ...] = (
    (str.encode, bytes.decode),
    (_escaped, _unescaped),
    (_utf_16_le, lambda body: body.decode("utf-16-le")),
    (_utf_16_be, lambda body: body.decode("utf-16-be")),
)


def _place_of_digits(encode: Callable[[str], bytes], digits: str) -> re.Pattern[bytes]:
    """Finds the place of digits that is encoded so; 15.47 with many zeros has none.

    It begins with the digits, which are looked for quickly, also in long bodies.
    """
    point, place = (re.escape(encode(text)) for text in (".", digits))
    return re.compile(b"%b(?<!%b%b)" % (place, point, place))


BESIDE = (PLACEHOLDER, UUID_PLACEHOLDER, HEX_PLACEHOLDER, DIGITS)
_PLACES_OF_DIGITS = tuple(
    (
        encode(DIGITS[:8]),
        tuple(
            (_place_of_digits(encode, text), encode, text is UUID_DIGITS)
            for text in (DIGITS, UUID_DIGITS)
        ),
    )
    for encode, _ in _ENCODINGS
)
"""How both places of digits begin, and what finds each of them, in each way of writing."""
_PLACEHOLDERS = tuple((encode(PLACEHOLDER).lower(), encode) for encode, _ in _ENCODINGS)
"""Each way in which a body may encode the placeholder, in small letters."""


def _stamps(encode: Callable[[str], bytes]) -> re.Pattern[bytes]:
    """Finds the stamps that are encoded so."""
    digit = b"(?:%b)" % b"|".join(re.escape(encode(one)) for one in "0123456789ABCDEF")
    start, mark = (re.escape(encode(text)) for text in ("IC-", "-"))
    return re.compile(b"%b%b{8}%b%b{8}" % (start, digit, mark, digit))


_STAMPS = tuple((_stamps(encode), encode, decode) for encode, decode in _ENCODINGS)
"""Each way in which a body may encode a stamp."""


_DIGITS_OF_STAMPS = {encode: stamps_in_digits(encode) for encode, _ in _ENCODINGS}
"""Each way in which a body may encode a stamp in digits, by how it is written."""
