"""Content codings of an answer (RFC 9110 8.4), decompressed within a limit."""

import zlib

MAX_DECODED = 4 * 1024 * 1024
_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32


class Undecodable(Exception):  # noqa: N818 - what the server did, not an error of ours
    """The body cannot be decompressed; the text continues the sentence `The server ...`."""


def decoded(body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The body with its content codings undone, the last one applied first."""
    listed = ",".join(value for name, value in headers if name == "content-encoding")
    for coding in reversed([word.strip().lower() for word in listed.split(",")]):
        if coding in _KNOWN:
            body = _inflated(body, coding)
        elif coding not in ("", "identity"):
            raise Undecodable(f"used a content coding that was not asked for ({coding!r})")
    return body


def _inflated(body: bytes, coding: str) -> bytes:
    inflater = zlib.decompressobj(_ZLIB_OR_GZIP)
    try:
        plain = inflater.decompress(body, MAX_DECODED)
    except zlib.error as error:
        raise Undecodable(f"sent a body that is no {coding} ({error})") from None
    if not inflater.eof:
        # Either the stream stops early or the limit was reached before its end.
        if len(plain) >= MAX_DECODED:
            raise Undecodable(f"sent a body of more than {MAX_DECODED} bytes once decompressed")
        raise Undecodable(f"sent a {coding} body that stops early")
    return plain
