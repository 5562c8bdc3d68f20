"""Bodies that are not an invoice: empty, not an object, not JSON, not UTF-8, too deep or too long.

Each is made from a valid invoice by one change, so that a server that accepts the change has no
other reason to refuse. The oracle reads from the bytes what to expect; a few are UNSPECIFIED.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from urllib.parse import urlencode

from spec.contract import Contract, TargetFacts
from spec.paths import Json
from strategies.carriers import carried_body, carrying, rotation, sent_as
from strategies.cases import Case, free_text, lettered
from strategies.invoice import base, encode

TOO_DEEP = 100_000
"""Levels of nesting that no recursive parser survives."""

_TOO_LONG = 2 * 1024 * 1024
"""Bytes that a server need not read (RFC 9110, section 15.5.14)."""

_NO_INVOICES, _OTHER_TYPES = 1, 2
"""Turns of the lists of this module (`carriers.rotation`)."""

_EMPTY_AGAIN = 3
"""How often an empty body is sent once more, so that it is sent in each way."""

_FORM, _XML, _MULTIPART = (
    "application/x-www-form-urlencoded",
    "application/xml",
    "multipart/form-data; boundary=cut",
)
_MEDIA_TYPES = (
    *("text/plain", _XML, _FORM, _MULTIPART),
    *("application/jsonx", "application/octet-stream"),
)

Invoice = dict[str, Json]
Body = tuple[str, Callable[[Invoice], bytes]]
"""What is special about a body, and how it is made from a valid invoice."""


def non_invoices(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """Every body of this module as JSON; those in another format also with their media type."""
    kinds: dict[str, Iterable[Body]] = {
        "empty": _empty(),
        "not an object": _non_objects(),
        "not JSON": (
            *_truncated_or_extended(),
            *_other_dialects(),
            *_malformed_values(),
            *((name, make) for name, _, make in _OTHER_FORMATS),
        ),
        "not UTF-8": _non_utf_8(contract),
    }
    as_json = [(name, kind, make, None) for kind, known in kinds.items() for name, make in known]
    as_other = [
        (f"{name}, sent as {media_type}", "not JSON", make, media_type)
        for name, media_type, make in _OTHER_FORMATS
    ]
    cases = []
    used = rotation(contract, _NO_INVOICES)
    for (name, kind, make, media_type), carrier in zip([*as_json, *as_other], used, strict=False):
        headers = (("Content-Type", media_type),) if media_type else ()
        case = Case(name, kind, make(carrying(contract, facts, carrier)), headers)
        cases.append(sent_as(contract, facts, case, carrier))
    invoice = base(contract, facts)
    too_long = encode({**invoice, free_text(contract) or "text": "x" * _TOO_LONG})
    too_much = (*_nested(encode(invoice)), ("a text of 2 MiB", too_long))
    return (*cases, *(Case(name, "too much", body) for name, body in too_much))


def media_types(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice as JSON with another media type, or with none; each in two carriers."""
    cases = []
    used = rotation(contract, _OTHER_TYPES)
    named = [*_MEDIA_TYPES, None]
    for number, (name, carrier) in enumerate(zip(named * 2, used, strict=False)):
        again = "" if number < len(named) else f" ({carrier})"
        body = carried_body(contract, facts, carrier)
        case = Case(f"{name or 'none'}{again}", "another", body, (("Content-Type", name),))
        cases.append(sent_as(contract, facts, case, carrier))
    return tuple(cases)


def _always(body: bytes) -> Callable[[Invoice], bytes]:
    return lambda _invoice: body


def _of_its_bytes(change: Callable[[bytes], bytes]) -> Callable[[Invoice], bytes]:
    return lambda invoice: change(encode(invoice))


def _empty() -> Iterator[Body]:
    yield "no body", _always(b"")
    yield "a blank body", _always(b" \t\r\n ")
    for number in range(2, 2 + _EMPTY_AGAIN):
        yield f"no body, time {number}", _always(b"")


def _non_objects() -> Iterator[Body]:
    yield "null", _always(b"null")
    yield "a number", _always(b"1")
    yield "a string", _always(b'"invoice"')
    yield "true", _always(b"true")
    yield "an empty object", _always(b"{}")
    yield "an array of one invoice", lambda invoice: encode([invoice])
    yield "an invoice in a string", lambda invoice: encode(encode(invoice).decode())


def _truncated_or_extended() -> Iterator[Body]:
    ends: dict[str, Callable[[bytes], int]] = {
        "after the first character": lambda _body: 1,
        "inside a name": lambda body: body.index(b":") - 3,
        "after a colon": lambda body: body.index(b":") + 1,
        "inside a string": lambda body: body.index(b",") - 3,
        "after a comma": lambda body: body.index(b",") + 1,
        "in the middle": lambda body: _start_of_a_character(body, len(body) // 2),
        "before the last character": lambda body: len(body) - 1,
    }
    for name, end in ends.items():
        yield f"cut {name}", _of_its_bytes(partial(_cut, end))
    extensions = {
        "a letter": b"x",
        "a brace": b"}",
        "NUL": b"\0",
    }
    for name, more in extensions.items():
        yield f"{name} after the end", _of_its_bytes(partial(_with_more, more))
    yield "a second invoice after the end", _of_its_bytes(lambda body: body + body)
    yield (
        "a second invoice on a line of its own",
        _of_its_bytes(lambda body: body + b"\n" + body),
    )


def _cut(end: Callable[[bytes], int], body: bytes) -> bytes:
    return body[: end(body)]


def _start_of_a_character(body: bytes, at: int) -> int:
    """The start in UTF-8 of the character that has a byte at this index."""
    while body[at] & 0xC0 == 0x80:
        at -= 1
    return at


def _with_more(more: bytes, body: bytes) -> bytes:
    return body + more


def _other_dialects() -> Iterator[Body]:
    """What JavaScript, Python or a parser of configuration files accepts."""
    changes: dict[str, Callable[[bytes], bytes]] = {
        "a comma after the last property": lambda body: body[:-1] + b",}",
        "a comma after the last element": lambda body: body.replace(b"}]", b"},]", 1),
        "single quotes": lambda body: body.replace(b'"', b"'"),
        "names without quotes": lambda body: re.sub(rb'"(\w+)":', rb"\1:", body),
        "a comment in slashes and stars": lambda body: b"/* invoice */" + body,
        "a comment after slashes": lambda body: body[:-1] + b"// the end\n}",
        "a comment after a hash": lambda body: b"# invoice\n" + body,
    }
    for name, change in changes.items():
        yield name, _of_its_bytes(change)


def _malformed_values() -> Iterator[Body]:
    """A number or a string that JSON does not allow (RFC 8259, sections 6 and 7)."""
    for name, number in (
        ("NaN for a number", rb"NaN"),
        ("Infinity for a number", rb"Infinity"),
        ("minus Infinity for a number", rb"-Infinity"),
        ("a zero before a number", rb"0\g<0>"),
        ("a plus before a number", rb"+\g<0>"),
        ("a point after a number", rb"\g<0>."),
    ):
        yield name, _of_its_bytes(partial(_with_number, number))
    for name, text in (
        ("a raw line break", b"\n"),
        ("a raw tab", b"\t"),
        ("a raw NUL", b"\0"),
        ("the escape \\x", b"\\x41"),
        ("an escaped single quote", b"\\'"),
        ("half an escape", b"\\u00e"),
    ):
        yield f"{name} in a text", _of_its_bytes(partial(_with_text, text))


def _non_utf_8(contract: Contract) -> Iterator[Body]:
    """Other encodings, and bytes that are invalid in UTF-8 (RFC 8259, section 8.1)."""
    for name, encoding in (
        ("Latin-1", "latin-1"),
        ("UTF-16 with a byte order mark", "utf-16"),
        ("UTF-16, the low byte first", "utf-16-le"),
        ("UTF-16, the high byte first", "utf-16-be"),
        ("UTF-8 with a byte order mark", "utf-8-sig"),
    ):
        yield name, partial(_encoded_in, contract, encoding)
    for name, invalid in (
        ("a byte that UTF-8 never has", b"\xff"),
        ("a continuation byte alone", b"\x80"),
        ("half a character", b"\xe2\x82"),
        ("an overlong slash", b"\xc0\xaf"),
        ("a surrogate in UTF-8", b"\xed\xa0\x80"),
        ("a character beyond Unicode", b"\xf4\x90\x80\x80"),
    ):
        yield name, _of_its_bytes(partial(_with_text, invalid))


def _encoded_in(contract: Contract, encoding: str, invoice: Invoice) -> bytes:
    """The invoice in another encoding; what that does not have is left out."""
    text = encode(lettered(contract, invoice, "Größe café")).decode()
    return text.encode(encoding, "ignore")


def _flat(invoice: Invoice) -> Invoice:
    """The invoice without its arrays."""
    return {name: value for name, value in invoice.items() if not isinstance(value, list | dict)}


def _form(invoice: Invoice) -> bytes:
    return urlencode(_flat(invoice)).encode()


def _xml(invoice: Invoice) -> bytes:
    tags = "".join(f"<{name}>{value}</{name}>" for name, value in _flat(invoice).items())
    return f'<?xml version="1.0"?><invoice>{tags}</invoice>'.encode()


def _multipart(invoice: Invoice) -> bytes:
    parts = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in _flat(invoice).items()
    )
    return f"{parts}--cut--\r\n".encode()


_OTHER_FORMATS = (
    ("a form", _FORM, _form),
    ("XML", _XML, _xml),
    ("multipart", _MULTIPART, _multipart),
)
"""Name, media type and maker of the invoice in other formats."""


def _nested(body: bytes) -> Iterator[tuple[str, bytes]]:
    for levels in (60, TOO_DEEP):
        arrays = b"[" * levels + b"]" * levels
        yield f"{levels:,} levels in an unknown property", body[:-1] + b',"deep":' + arrays + b"}"
        yield f"{levels:,} levels of arrays alone", arrays


def _with_number(number: bytes, body: bytes) -> bytes:
    """The body with this in the place of its first number."""
    return re.sub(rb'(?<=":)[\d.]+', number, body, count=1)


def _with_text(text: bytes, body: bytes) -> bytes:
    """The body with these bytes at the start of its first string value."""
    return body.replace(b'":"', b'":"' + text, 1)
