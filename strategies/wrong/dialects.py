"""What is nearly JSON: some readers take it, which JavaScript, Python, YAML or C have taught it."""

import re
from collections.abc import Callable

from spec.paths import Json
from strategies.invoice import encode

Change = Callable[[bytes], bytes]

DIALECTS: dict[str, Change] = {
    "a comma after the last property": lambda body: body[:-1] + b",}",
    "a comma after the last element": lambda body: body.replace(b"}]", b"},]", 1),
    "single quotes": lambda body: body.replace(b'"', b"'"),
    "names without quotes": lambda body: re.sub(rb'"(\w+)":', rb"\1:", body),
    "a comment in slashes and stars": lambda body: b"/* invoice */" + body,
    "a comment after slashes": lambda body: body[:-1] + b"// the end\n}",
    "a comment after a hash": lambda body: b"# invoice\n" + body,
    "a text in single quotes": lambda body: re.sub(rb':"([\w-]*)"', rb":'\1'", body, count=1),
    "a text without quotes": lambda body: re.sub(rb':"([\w-]*)"', rb":\1", body, count=1),
    "an equals sign for a colon": lambda body: body.replace(b":", b"=", 1),
    "no comma between two properties": lambda body: body.replace(b",", b" ", 1),
    "two commas between two properties": lambda body: body.replace(b",", b",,", 1),
    "two commas between two elements": lambda body: re.sub(
        rb"\},?(?=[{\]])", b"},,", body, count=1
    ),
    "a comma before the first element": lambda body: body.replace(b"[", b"[,", 1),
    "a semicolon for a comma": lambda body: body.replace(b",", b";", 1),
    "a comma after the end": lambda body: body + b",",
    "a byte that UTF-8 never has in a name": lambda body: body[:-1] + b',"unread\xff":1}',
    "a line separator after a comma": lambda body: body.replace(b",", b",\xe2\x80\xa8", 1),
}
"""Changes of a body that is JSON: each makes something of it that JSON does not have (RFC 8259)."""

SPELLED: dict[str, tuple[Json, Change]] = {
    "no digit before the point of": (0.5, lambda number: number.removeprefix(b"0")),
    "a zero before": (None, lambda number: b"0" + number),
    "a plus before": (None, lambda number: b"+" + number),
    "a point after": (3, lambda number: number + b"."),
}
RARELY_SPELLED: dict[str, tuple[Json, Change]] = {
    "an underscore in": (1000, lambda _number: b"1_000"),
    "an e after": (3, lambda number: number + b"e"),
    "two signs before": (3, lambda number: b"--" + number),
    "hexadecimal digits for": (16, lambda _number: b"0x10"),
    "a letter after": (3, lambda number: number + b"d"),
    "an Arabic digit after": (3, lambda number: number + "\u0660".encode()),
    "no number in small letters for": (0, lambda _number: b"nan"),
}
"""Changes of a number that JSON does not allow (RFC 8259, section 6), with one that they suit."""

UNREAD = {
    "NaN": b"NaN",
    "a hexadecimal number": b"0x1F",
    "a number with a letter behind it": b"5f",
    "True": b"True",
    "undefined": b"undefined",
    "a date of JavaScript": b"new Date(1714642200000)",
    "a raw tab": b'"a\tb"',
    "a byte that UTF-8 never has": b'"a\xffb"',
}
"""What JSON does not allow, where a server that checks the values it knows never looks."""

RAW_TAB = {"a raw tab": b"\t"}
"""In each text: what a lenient reader makes of it one property may refuse and another take."""
RAW = {"a raw line break": b"\n", "a raw NUL": b"\0", "a raw control character": b"\x1f"}
"""Characters that a text has only as escapes (RFC 8259, section 7)."""

ESCAPES = {
    "the escape \\x": b"\\x41",
    "an escaped single quote": b"\\'",
    "half an escape": b"\\u00 ",
    "an escape in braces": b"\\u{1F600}",
    "an escape with a sign": b"\\u+041",
    "the escape \\a": b"\\a",
    "a line break behind a backslash": b"\\\n",
}
"""Escapes that JSON does not have."""

NO_UTF_8 = {
    "a byte that UTF-8 never has": b"\xff",
    "a continuation byte alone": b"\x80",
    "half a character": b"\xe2\x82",
    "a surrogate in UTF-8": b"\xed\xa0\x80",
}
RARE_UTF_8 = {
    "an overlong slash": b"\xc0\xaf",
    "two surrogates in UTF-8": b"\xed\xa0\xbd\xed\xb8\x80",
    "a character beyond Unicode": b"\xf4\x90\x80\x80",
}
"""Bytes that UTF-8 does not have (RFC 3629, section 3), and rarer ones."""


def as_yaml(invoice: dict[str, Json]) -> bytes:
    """The invoice as a YAML mapping, a property a line."""
    return b"".join(b"%s: %s\n" % (name.encode(), encode(invoice[name])) for name in invoice)
