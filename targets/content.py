"""Content codings of an answer (RFC 9110 8.4), decompressed within a limit."""

import zlib

MAX_DECODED = 4 * 1024 * 1024
MAX_CODINGS = 3
_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32


class Undecodable(Exception):
    """The body cannot be decompressed; the text continues the sentence `The server ...`."""


def decoded(body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The body with its content codings undone, the last one applied first."""
    listed = ",".join(value for name, value in headers if name == "content-encoding")
    codings = [word.strip().lower() for word in listed.split(",")]
    if len(codings) > MAX_CODINGS:
        raise Undecodable(f"used {len(codings)} content codings on one body")
    for coding in reversed(codings if body else ()):
        if coding in _KNOWN:
            body = _inflated(body, coding)
        elif coding not in ("", "identity"):
            raise Undecodable(f"used a content coding that was not asked for ({coding!r})")
    return body


def _inflated(body: bytes, coding: str) -> bytes:
    inflater = zlib.decompressobj(_ZLIB_OR_GZIP)
    try:
        plain = inflater.decompress(body, MAX_DECODED + 1)
    except zlib.error as error:
        raise Undecodable(f"sent a body that is no {coding} ({error})") from None
    if len(plain) > MAX_DECODED:
        raise Undecodable(f"sent a body of more than {MAX_DECODED} bytes once decompressed")
    if not inflater.eof:
        raise Undecodable(f"sent a {coding} body that stops early")
    if inflater.unused_data:
        raise Undecodable(f"sent bytes after the end of its {coding} body")
    return plain
