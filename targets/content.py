"""Content codings of an answer (RFC 9110 8.4), decompressed within a limit."""

import gzip
import io
import zlib

MAX_DECODED = 4 * 1024 * 1024
MAX_CODINGS = 3


class Undecodable(Exception):
    """The body cannot be decompressed; the text continues the sentence `The server ...`."""


def decoded(body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The body with its content codings undone; only gzip is asked for."""
    listed = ",".join(value for name, value in headers if name == "content-encoding")
    codings = [word.strip().lower() for word in listed.split(",")]
    if len(codings) > MAX_CODINGS:
        raise Undecodable(f"used {len(codings)} content codings on one body")
    for coding in codings if body else ():
        if coding in ("gzip", "x-gzip"):
            body = _inflated(body)
        elif coding not in ("", "identity"):
            raise Undecodable(f"used a content coding that was not asked for ({coding!r})")
    return body


def _inflated(body: bytes) -> bytes:
    """The members of a gzip body (RFC 1952 2.2), one after the other."""
    try:
        plain = gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_DECODED + 1)
    except EOFError:
        raise Undecodable("sent a gzip body that stops early") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Undecodable(f"sent a body that is no gzip ({error})") from None
    if len(plain) > MAX_DECODED:
        raise Undecodable(f"sent a body of more than {MAX_DECODED} bytes once decompressed")
    return plain
