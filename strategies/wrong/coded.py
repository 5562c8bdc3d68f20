"""An invoice in another coding, of which no header field tells: some servers sniff it."""

import gzip
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

_HEAD = b'{"alg":"HS256","typ":"JWT"}'


def _percent(body: bytes) -> bytes:
    """The body with percent escapes, but for the sign that a stamp has."""
    return quote(body, safe="#").encode()


def _part(body: bytes) -> bytes:
    """The body as a part of a signed one has it (RFC 7515, section 2)."""
    return urlsafe_b64encode(body).rstrip(b"=")


CODED: dict[str, Callable[[bytes], bytes]] = {
    "gzip that nothing tells of": lambda body: gzip.compress(body, mtime=0),
    "zlib that nothing tells of": zlib.compress,
    "Base64": b64encode,
    "Base64 in quotes": lambda body: b'"' + b64encode(body) + b'"',
    "hexadecimal digits": lambda body: body.hex().encode(),
    "percent escapes": _percent,
    "a form with the invoice as its one value": lambda body: b"payload=" + _percent(body),
    "a data URL": lambda body: b"data:application/json;base64," + b64encode(body),
    "a call of JavaScript": lambda body: b"callback(" + body + b");",
    "a guard before it": lambda body: b")]}',\n" + body,
    "a signed invoice": lambda body: b".".join(
        map(_part, (_HEAD, body, b"\x8f\x12\xa7\x03" * 8)),
    ),
}
"""What is made of a body that is JSON (RFC 1950, 1952, 2397, 4648 and 7515): none is JSON, but for
the text, which is no object.
"""
