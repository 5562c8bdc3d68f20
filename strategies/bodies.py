"""Bodies that are no invoice: nothing, no object, no JSON, no UTF-8, too deep or too long.

Each is a valid invoice spoilt in one way, so that a server that overlooks it has no other reason to
refuse. What is expected of it the oracle reads from the bytes; a few turn out to be UNSPECIFIED.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from spec.contract import Contract, TargetFacts
from spec.paths import Json
from strategies.cases import Variant, free_text, lettered
from strategies.invoice import base, encode

FAR = 100_000
"""Levels; beyond what any recursive reader survives."""
LONG = 2 * 1024 * 1024
"""Bytes; beyond what a server need read (RFC 9110, section 15.5.14)."""
FORM, XML, MULTIPART = (
    "application/x-www-form-urlencoded",
    "application/xml",
    "multipart/form-data; boundary=cut",
)
MEDIA_TYPES = ("text/plain", XML, FORM, MULTIPART, "application/jsonx", "application/octet-stream")

Body = tuple[str, bytes]
"""What is particular about a body, and its bytes."""


def no_invoices(contract: Contract, facts: TargetFacts) -> tuple[Variant, ...]:
    """Every body of this module, sent as JSON; what is of another format, also as what it is."""
    invoice = base(contract, facts)
    body = encode(invoice)
    formats = tuple(_formats(invoice))
    as_other = [(name, written) for name, _, written in formats]
    kinds: dict[str, Iterable[Body]] = {
        "nothing": _nothing(),
        "no object": _no_objects(invoice),
        "no JSON": (*_torn(body), *_foreign(body), *_spoilt(body), *as_other),
        "no UTF-8": _no_utf_8(contract, invoice),
        "too much": (*_deep(body), ("a text of 2 MiB", _long(contract, invoice))),
    }
    as_json = [Variant(name, kind, sent) for kind, bodies in kinds.items() for name, sent in bodies]
    as_named = [
        Variant(f"{name}, sent as {media_type}", "no JSON", written, _as(media_type))
        for name, media_type, written in formats
    ]
    return (*as_json, *as_named)


def media_types(contract: Contract, facts: TargetFacts) -> tuple[Variant, ...]:
    """A valid invoice as JSON that is said to be something else, or nothing."""
    body = encode(base(contract, facts))
    names = (*MEDIA_TYPES, None)
    return tuple(Variant(name or "none", "another", body, _as(name)) for name in names)


def _as(media_type: str | None) -> tuple[tuple[str, str | None], ...]:
    return (("Content-Type", media_type),)


def _nothing() -> Iterator[Body]:
    yield "no body", b""
    yield "a blank body", b" \t\r\n "


def _no_objects(invoice: Json) -> Iterator[Body]:
    yield "null", b"null"
    yield "a number", b"1"
    yield "a string", b'"invoice"'
    yield "true", b"true"
    yield "an empty object", b"{}"
    yield "an array of one invoice", encode([invoice])
    yield "an invoice in a string", encode(encode(invoice).decode())


def _torn(body: bytes) -> Iterator[Body]:
    """Cut short, or with something after its end."""
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


def _foreign(body: bytes) -> Iterator[Body]:
    """What JavaScript, Python or a configuration file would take."""
    yield "a comma after the last property", body[:-1] + b",}"
    yield "a comma after the last element", body.replace(b"}]", b"},]", 1)
    yield "single quotes", body.replace(b'"', b"'")
    yield "names without quotes", re.sub(rb'"(\w+)":', rb"\1:", body)
    yield "a comment in slashes and stars", b"/* invoice */" + body
    yield "a comment after slashes", body[:-1] + b"// the end\n}"
    yield "a comment after a hash", b"# invoice\n" + body


def _spoilt(body: bytes) -> Iterator[Body]:
    """With a number or a text as JSON has none (RFC 8259, sections 6 and 7)."""
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


def _no_utf_8(contract: Contract, invoice: dict[str, Json]) -> Iterator[Body]:
    """Texts in other encodings, and bytes that no text has (RFC 8259, section 8.1)."""
    spoken = encode(lettered(contract, invoice, "Größe café")).decode()
    for name, encoding in (
        ("Latin-1", "latin-1"),
        ("UTF-16 with a byte order mark", "utf-16"),
        ("UTF-16, the low byte first", "utf-16-le"),
        ("UTF-16, the high byte first", "utf-16-be"),
        ("UTF-8 with a byte order mark", "utf-8-sig"),
    ):
        yield name, spoken.encode(encoding)
    for name, raw in (
        ("a byte that UTF-8 has not", b"\xff"),
        ("a stray byte of a character", b"\x80"),
        ("half a character", b"\xe2\x82"),
        ("an overlong slash", b"\xc0\xaf"),
        ("a surrogate in UTF-8", b"\xed\xa0\x80"),
        ("a character beyond Unicode", b"\xf4\x90\x80\x80"),
    ):
        yield name, _with_text(encode(invoice), raw)


def _formats(invoice: dict[str, Json]) -> Iterator[tuple[str, str, bytes]]:
    """Name, media type and body; what is in the invoice's arrays is left out."""
    flat = {name: value for name, value in invoice.items() if not isinstance(value, list | dict)}
    yield "a form", FORM, urlencode(flat).encode()
    tags = "".join(f"<{name}>{value}</{name}>" for name, value in flat.items())
    yield "XML", XML, f'<?xml version="1.0"?><invoice>{tags}</invoice>'.encode()
    parts = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in flat.items()
    )
    yield "multipart", MULTIPART, f"{parts}--cut--\r\n".encode()


def _deep(body: bytes) -> Iterator[Body]:
    for levels in (60, FAR):
        arrays = b"[" * levels + b"]" * levels
        yield f"{levels:,} levels in an unknown property", body[:-1] + b',"deep":' + arrays + b"}"
        yield f"{levels:,} levels of arrays alone", arrays


def _long(contract: Contract, invoice: dict[str, Json]) -> bytes:
    return encode({**invoice, free_text(contract) or "text": "x" * LONG})


def _with_text(body: bytes, raw: bytes) -> bytes:
    """The body with these bytes at the start of its first text."""
    return body.replace(b'":"', b'":"' + raw, 1)
