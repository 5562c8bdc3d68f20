"""How a body is cut into chunks, and how these and the head before them are written (RFC 9112,
sections 5 and 7.1).
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

import httpx

CHUNK = 512
"""Bytes in a chunk of a chunked body; small, so that an invoice takes several."""
FIRST = 1
"""Bytes in the first one, as a client may write the bracket of an object by itself; a server must
not take what is in it for the whole beginning of a body.
"""
SMALLEST, IN_SMALLEST = 3, 4 * 1024
"""Bytes in each chunk of some bodies up to so many, as of what is written token by token: such a
body has more than a hundred of them.
"""
ONE_IN, ONE_BYTE_IN = 8, 64
"""One of so many is sent so, chosen by its length: each chunk costs both sides time. One of so many
has a byte in each.
"""
MOST_IN_CHUNKS = 40 * 1024
"""Bytes of a body that is cut so; a longer one is one chunk, as many clients send it."""

Write = Callable[[bytes], bytes]
"""Makes what is written of a chunk, with its size before it, of how that is usually written."""

_SIZE = re.compile(rb"\A[1-9a-f][0-9a-f]*(?=\r\n)")
_END = b"0\r\n\r\n"
_HEAD = re.compile(rb"\A[A-Z]+ \S+ HTTP/1\.1\r\n")
_CODING = re.compile(rb"(?<=\r\n)(transfer-encoding: )chunked(?=\r\n)", re.IGNORECASE)
_COLON = re.compile(rb"(?<=\r\n)([^:\r\n]+): (?=\S)")
_VALUE = re.compile(rb"(?i)(?<=\r\n)((?!host|transfer-encoding)[^:\r\n]+): (\S[^\r\n]*)")
_TARGET = re.compile(rb"(?i)\A(POST) (/\S*)( HTTP/1\.1\r\n(?:[^\r\n]+\r\n)*?host: (\S+)\r\n)")
_ABSOLUTE = 13
"""By the length of a body, modulo 16: one whose request names all of its URL (section 3.2.2)."""


def _with_size(size: Callable[[bytes], bytes]) -> Write:
    """Writes the size of a chunk otherwise."""
    return lambda written: _SIZE.sub(lambda found: size(found[0]), written, count=1)


def _with_head(pattern: re.Pattern[bytes], written: bytes) -> Write:
    """Writes the fields of the head otherwise."""
    return lambda sent: pattern.sub(written, sent) if _HEAD.match(sent) else sent


_WAYS: dict[int, Write] = {
    3: _with_size(bytes.upper),
    5: _with_head(_COLON, rb"\1:"),
    6: _with_size(lambda size: size.zfill(8)),
    7: _with_head(_VALUE, rb"\1: \2 \t "),
    9: _with_head(_VALUE, rb"\1: \t \2"),
    10: _with_size(lambda size: size + b";signature=1"),
    11: _with_head(_CODING, rb"\1Chunked"),
    12: _with_size(lambda size: size + b';name="a b"'),
    14: lambda written: _END[:3] + b"X-Checksum: 1\r\n\r\n" if written == _END else written,
}
"""By the length of a body, modulo 16: sizes in capitals and with zeros, what is to be ignored after
a size (section 7.1.1), and a field after the last chunk (section 7.1.2); the coding with a capital
(section 7), and header fields with no blank before their value, or with more around it (section 5).
"""


def way_of(body: bytes, scheme: str) -> Write | None:
    """How the chunks of a body and their head are written, where that is unusual."""
    if len(body) % 16 == _ABSOLUTE:
        return _with_head(_TARGET, rb"\1 %b://\4\2\3" % scheme.encode())
    return _WAYS.get(len(body) % 16)


class Chunks(httpx.SyncByteStream):
    """A body in chunks."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        length = len(self._body)
        if not CHUNK < length <= MOST_IN_CHUNKS:
            yield from [self._body] if self._body else ()
            return
        is_token = length <= IN_SMALLEST and length % ONE_IN == 1
        size = SMALLEST if is_token else CHUNK
        size = 1 if is_token and length % ONE_BYTE_IN == 1 else size
        starts = sorted({0, FIRST, *range(size, length, size), length})
        for start, end in pairwise(starts):
            yield self._body[start:end]
