"""Bodies that are not an invoice: empty, not an object, not JSON, not UTF-8, too deep or too long.

Each is made from a valid invoice by one change, so that a server that accepts the change has no
other reason to refuse. The oracle reads from the bytes what to expect; a few are UNSPECIFIED.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from spec.contract import Contract, TargetFacts
from spec.paths import Json
from strategies.cases import Case, free_text, lettered
from strategies.invoice import base, encode

TOO_DEEP = 100_000
"""Levels of nesting that no recursive parser survives."""

_TOO_LONG = 2 * 1024 * 1024
"""Bytes that a server need not read (RFC 9110, section 15.5.14)."""

_FORM, _XML, _MULTIPART = (
    "application/x-www-form-urlencoded",
    "application/xml",
    "multipart/form-data; boundary=cut",
)
_MEDIA_TYPES = (
    *("text/plain", _XML, _FORM, _MULTIPART),
    *("application/jsonx", "application/octet-stream"),
)

Body = tuple[str, bytes]
"""What is special about a body, and its bytes."""


def non_invoices(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """Every body of this module as JSON; those in another format also with their media type."""
    invoice = base(contract, facts)
    body = encode(invoice)
    formats = tuple(_other_formats(invoice))
    too_long = encode({**invoice, free_text(contract) or "text": "x" * _TOO_LONG})
    kinds: dict[str, Iterable[Body]] = {
        "empty": _empty(),
        "not an object": _non_objects(invoice),
        "not JSON": (
            *_truncated_or_extended(body),
            *_other_dialects(body),
            *_malformed_values(body),
            *((name, other) for name, _, other in formats),
        ),
        "not UTF-8": _non_utf_8(contract, invoice),
        "too much": (*_nested(body), ("a text of 2 MiB", too_long)),
    }
    as_json = [Case(name, kind, sent) for kind, bodies in kinds.items() for name, sent in bodies]
    as_other = [
        Case(f"{name}, sent as {media_type}", "not JSON", other, (("Content-Type", media_type),))
        for name, media_type, other in formats
    ]
    return (*as_json, *as_other)


def media_types(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice as JSON with another media type, or with none."""
    body = encode(base(contract, facts))
    return tuple(
        Case(name or "none", "another", body, (("Content-Type", name),))
        for name in (*_MEDIA_TYPES, None)
    )


def _empty() -> Iterator[Body]:
    yield "no body", b""
    yield "a blank body", b" \t\r\n "


def _non_objects(invoice: Json) -> Iterator[Body]:
    yield "null", b"null"
    yield "a number", b"1"
    yield "a string", b'"invoice"'
    yield "true", b"true"
    yield "an empty object", b"{}"
    yield "an array of one invoice", encode([invoice])
    yield "an invoice in a string", encode(encode(invoice).decode())


def _truncated_or_extended(body: bytes) -> Iterator[Body]:
    colon, comma = body.index(b":"), body.index(b",")
    for name, end in (
        ("after the first character", 1),
        ("inside a name", colon - 3),
        ("after a colon", colon + 1),
        ("inside a string", comma - 3),
        ("after a comma", comma + 1),
        ("in the middle", len(body) // 2),
        ("before the last character", -1),
    ):
        yield f"cut {name}", body[:end]
    yield "a letter after the end", body + b"x"
    yield "a brace after the end", body + b"}"
    yield "NUL after the end", body + b"\0"
    yield "a second invoice after the end", body + body
    yield "a second invoice on a line of its own", body + b"\n" + body


def _other_dialects(body: bytes) -> Iterator[Body]:
    """What JavaScript, Python or a parser of configuration files accepts."""
    yield "a comma after the last property", body[:-1] + b",}"
    yield "a comma after the last element", body.replace(b"}]", b"},]", 1)
    yield "single quotes", body.replace(b'"', b"'")
    yield "names without quotes", re.sub(rb'"(\w+)":', rb"\1:", body)
    yield "a comment in slashes and stars", b"/* invoice */" + body
    yield "a comment after slashes", body[:-1] + b"// the end\n}"
    yield "a comment after a hash", b"# invoice\n" + body


def _malformed_values(body: bytes) -> Iterator[Body]:
    """A number or a string that JSON does not allow (RFC 8259, sections 6 and 7)."""
    for name, number in (
        ("NaN for a number", rb"NaN"),
        ("Infinity for a number", rb"Infinity"),
        ("minus Infinity for a number", rb"-Infinity"),
        ("a zero before a number", rb"0\g<0>"),
        ("a plus before a number", rb"+\g<0>"),
        ("a point after a number", rb"\g<0>."),
    ):
        yield name, re.sub(rb'(?<=":)[\d.]+', number, body, count=1)
    for name, text in (
        ("a raw line break", b"\n"),
        ("a raw tab", b"\t"),
        ("a raw NUL", b"\0"),
        ("the escape \\x", b"\\x41"),
        ("an escaped single quote", b"\\'"),
        ("half an escape", b"\\u00e"),
    ):
        yield f"{name} in a text", _with_text(body, text)


def _non_utf_8(contract: Contract, invoice: dict[str, Json]) -> Iterator[Body]:
    """Other encodings, and bytes that are invalid in UTF-8 (RFC 8259, section 8.1)."""
    text = encode(lettered(contract, invoice, "Größe café")).decode()
    for name, encoding in (
        ("Latin-1", "latin-1"),
        ("UTF-16 with a byte order mark", "utf-16"),
        ("UTF-16, the low byte first", "utf-16-le"),
        ("UTF-16, the high byte first", "utf-16-be"),
        ("UTF-8 with a byte order mark", "utf-8-sig"),
    ):
        yield name, text.encode(encoding)
    for name, invalid in (
        ("a byte that UTF-8 never has", b"\xff"),
        ("a continuation byte alone", b"\x80"),
        ("half a character", b"\xe2\x82"),
        ("an overlong slash", b"\xc0\xaf"),
        ("a surrogate in UTF-8", b"\xed\xa0\x80"),
        ("a character beyond Unicode", b"\xf4\x90\x80\x80"),
    ):
        yield name, _with_text(encode(invoice), invalid)


def _other_formats(invoice: dict[str, Json]) -> Iterator[tuple[str, str, bytes]]:
    """Name, media type and body of the invoice in other formats, without its arrays."""
    flat = {name: value for name, value in invoice.items() if not isinstance(value, list | dict)}
    yield "a form", _FORM, urlencode(flat).encode()
    tags = "".join(f"<{name}>{value}</{name}>" for name, value in flat.items())
    yield "XML", _XML, f'<?xml version="1.0"?><invoice>{tags}</invoice>'.encode()
    parts = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in flat.items()
    )
    yield "multipart", _MULTIPART, f"{parts}--cut--\r\n".encode()


def _nested(body: bytes) -> Iterator[Body]:
    for levels in (60, TOO_DEEP):
        arrays = b"[" * levels + b"]" * levels
        yield f"{levels:,} levels in an unknown property", body[:-1] + b',"deep":' + arrays + b"}"
        yield f"{levels:,} levels of arrays alone", arrays


def _with_text(body: bytes, text: bytes) -> bytes:
    """The body with these bytes at the start of its first string value."""
    return body.replace(b'":"', b'":"' + text, 1)
