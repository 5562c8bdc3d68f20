"""How a body is cut into chunks, and how these and the head before them are written (RFC 9112,
sections 5 and 7.1).
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

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
_WAYS_IN_ALL, _ABSOLUTE = 16, 13
_TARGET = re.compile(rb"(?i)\A(POST) (/\S*)( HTTP/1\.1\r\n(?:[^\r\n]+\r\n)*?host: (\S+)\r\n)")


def _with_size(size: Callable[[bytes], bytes]) -> Write:
    """Writes the size of a chunk otherwise."""
    return lambda written: _SIZE.sub(lambda found: size(found[0]), written, count=1)


def _with_head(pattern: re.Pattern[bytes], written: bytes) -> Write:
    """Writes the fields of the head otherwise."""
    return lambda sent: pattern.sub(written, sent) if _HEAD.match(sent) else sent


_WAYS: dict[int, tuple[str, Write]] = {
    3: ("capitals in the size of a chunk", _with_size(bytes.upper)),
    5: ("no blank before the value of a header field", _with_head(_COLON, rb"\1:")),
    6: ("zeros before the size of a chunk", _with_size(lambda size: size.zfill(8))),
    7: ("more blanks before the value of a header field", _with_head(_COLON, rb"\1: \t ")),
    10: ("an extension after the size of a chunk", _with_size(lambda size: size + b";signature=1")),
    11: ("a capital in its name", _with_head(_CODING, rb"\1Chunked")),
    12: ("an extension in quotes", _with_size(lambda size: size + b';name="a b"')),
    14: (
        "a field after the last chunk",
        lambda written: _END[:3] + b"X-Checksum: 1\r\n\r\n" if written == _END else written,
    ),
}
"""By the length of a body, modulo `_WAYS_IN_ALL`, in words and as what is written: the size of a
chunk, and what is to be ignored after it (section 7.1.1), a field after the last chunk (section
7.1.2), the name of the coding (section 7), what is before the value of a header field (section 5),
and the whole URL (section 3.2.2).
"""


def way_of(length: int, scheme: str = "http") -> tuple[str, Write] | None:
    """How the chunks of a body of this length and their head are written, where that is unusual."""
    number = length % _WAYS_IN_ALL
    if number == _ABSOLUTE:
        whole = rb"\1 %b://\4\2\3" % scheme.encode()
        return "all of the URL in the request line", _with_head(_TARGET, whole)
    return _WAYS.get(number)


def lengths_alike(length: int, least: int) -> tuple[int, int]:
    """The fewest bytes, at least so many, of a body that is written as one of this length, and of
    one after it that is written and cut as usual.
    """
    alike = least + (length - least) % _WAYS_IN_ALL
    after = range(alike, alike + _WAYS_IN_ALL)
    return alike, next(each for each in after if each % ONE_IN != 1 and way_of(each) is None)


def written_in_chunks(body: bytes, scheme: str, trailer: bytes) -> Write:
    """How the head, the body and the end are written of a request that has its body in chunks, with
    the lines of a trailer, if there is one.

    The body comes as one chunk and is cut here: in hundreds of chunks of three bytes, each would
    else go through all of the HTTP library by itself.
    """
    way, size = way_of(len(body), scheme), b"%x\r\n" % len(body)
    is_cut, written = CHUNK < len(body) <= MOST_IN_CHUNKS, len(size) + len(body) + len(b"\r\n")

    def write(sent: bytes) -> bytes:
        if is_cut and len(sent) == written and sent.startswith(size):
            chunks = (b"%x\r\n%b\r\n" % (len(piece), piece) for piece in _pieces(body))
            return b"".join(map(way[1], chunks) if way else chunks)
        if trailer and sent == _END:
            return _END[:3] + trailer + b"\r\n"
        return way[1](sent) if way else sent

    return write


def is_cut_within(body: bytes) -> bool:
    """Whether a character of a body ends in another chunk than it begins in, if it is cut."""
    starts = _starts(len(body)) if CHUNK < len(body) <= MOST_IN_CHUNKS else ()
    return any(0x80 <= body[start] < 0xC0 for start in starts if start < len(body))


def _pieces(body: bytes) -> Iterator[bytes]:
    for start, end in pairwise(_starts(len(body))):
        yield body[start:end]


def _starts(length: int) -> list[int]:
    """Where each chunk of a body of this length begins, and where the last one ends."""
    is_token = length <= IN_SMALLEST and length % ONE_IN == 1
    size = SMALLEST if is_token else CHUNK
    size = 1 if is_token and length % ONE_BYTE_IN == 1 else size
    return sorted({0, FIRST, *range(size, length, size), length})
