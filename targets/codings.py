"""Decompresses bodies, however hostile, in bounded memory."""

import gzip
import io
import zlib

from spec.violation import counted

_MAX_CODINGS = 3


class UndecodableError(Exception):
    """A body cannot be decompressed; the message continues the sentence `The server ...`.

    `said` are words of the server or of a library.
    """

    def __init__(self, what: str, said: str = "") -> None:
        super().__init__(what)
        self.said = said


class TooLongError(UndecodableError):
    """A body is decompressed longer than anything that is read."""


def decompressed(body: bytes, headers: tuple[tuple[str, str], ...], allowed: int) -> bytes:
    """The body without its content codings (RFC 9110, section 8.4); requests ask for gzip alone.

    It may have `allowed` bytes at most. Raises UndecodableError.
    """
    listed = ",".join(value for name, value in headers if name == "content-encoding")
    codings = [word.strip().lower() for word in listed.split(",")]
    if len(codings) > _MAX_CODINGS:
        raise UndecodableError(f"used {counted(len(codings), 'content coding')} on one body")
    for coding in codings if body else ():
        if coding in ("gzip", "x-gzip"):
            body = _gunzipped(body, allowed)
        elif coding not in ("", "identity"):
            raise UndecodableError("used a content coding that was not asked for", repr(coding))
    return body


def _gunzipped(body: bytes, allowed: int) -> bytes:
    """All members of a gzip body (RFC 1952, section 2.2), joined."""
    try:
        plain = gzip.GzipFile(fileobj=io.BytesIO(body)).read(allowed + 1)
    except EOFError:
        raise UndecodableError("sent a gzip body that ends early") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UndecodableError("sent a body that is not valid gzip", str(error)) from None
    if len(plain) > allowed:
        raise TooLongError(f"sent a body of more than {counted(allowed, 'byte')} once decompressed")
    return plain
