"""Values that a server may accept or refuse, and that servers get wrong."""

import json
from typing import Any

from strategies.wrong.texts import WIDE

HALF_A_PAIR = "\ud800"
"""Half of a pair of surrogates, which JSON can spell though it is no character (RFC 8259, 8.2)."""
ANOTHER_HALF = "\udc00"
"""The second half of one, alone."""

UNSPECIFIED_TEXTS = (
    *("", " ", "\t", "\n", "\u0301", "\u00a0", "\u200b", "---", "😀", "."),
    *("a\x00b", "\x00", "line one\nline two", "a\r\nb: c", "tab\tbed", "bell\x07", "esc\x1b[31m"),
    *("del\x7fete", "next\x85line", "\ue000private", "\uf8ff", "\U000f0000"),
    *("non\uffffcharacter", "\ufdd0"),
    *("unassigned \u0378", "\U0010ffff", f"a{ANOTHER_HALF}b", f"a{HALF_A_PAIR}b"),
)
"""Blank text, text without a letter or digit, and characters that a server may refuse."""

UNSPECIFIED_DATES = (
    *(
        "",
        " ",
        "now",
        "infinity",
        "99999999999999999999",
        "1714642200",
        "2024-01-01",
        "2024-01-01T00:00:00",
    ),
    *("2024-01-01T00:00Z", "2024-01-01 00:00:00Z", "2024-01-01t00:00:00z", "20240101T000000Z"),
    *("2024-02-30T00:00:00Z", "2024-13-01T00:00:00Z", "2024-1-1T0:0:0Z"),
    *("2024-01-01T24:00:00Z", "2016-12-31T23:59:60Z", "2024-01-01T00:00:00+25:00"),
    *("2024-01-01T00:00:00.123456Z", "2024-01-01T00:00:00.1234567890Z", "2024-01-01T00:00:00,5Z"),
    *("2024-01-01T00:00:00+05:30:15", "2024-01-01T00:00:00+0530"),
    *("0000-00-00T00:00:00Z", "0001-01-01T00:00:00+01:00", "1582-10-10T00:00:00Z"),
    *("1969-12-31T23:59:59Z", "2262-04-12T00:00:00Z", "9999-12-31T23:59:59-01:00"),
    *("10000-01-01T00:00:00Z", "-2024-01-01T00:00:00Z", "2024-W05-1", "01/02/2024"),
    *("2024-01-01T00:00:00Z ", "2024-01-01T00:00:00 UTC", "Mon, 01 Jan 2024 00:00:00 GMT"),
    # More than one of these in each: what is in one of them alone is in none of those before.
    *(
        "2024-01-01T25:61:00+05:75",
        "+292278995-01-01T00:00:00Z",
        "2024-01-01T00:00:00[Europe/Berlin]",
    ),
    # What an error repeats and cuts is cut within a character of one or the other.
    *(f"tomorrow {WIDE}", f"2024-01-01T00:00:00Z{HALF_A_PAIR}", f"2024-01-01' %s \"{WIDE}"),
    *(
        "1753-01-01T00:00:00Z",
        "1899-12-30T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "2500-01-01T00:00:00Z",
    ),
    "9999-12-31T23:59:59.999Z",
    *("2024-01-01T00:00:00Z\x00", "２０２４-01-01T00:00:00Z", "2099-12-31T23:59:59Z"),
)
"""Texts that are not a date-time, unusual ones, and one that may be too late."""

UNSPECIFIED_URLS = (
    *(
        "",
        " ",
        f"https://{'a' * 64}.example/",
        "/invoices/1",
        "//example.com/i",
        "example.com/i",
        "http://",
    ),
    *("?a=1", "ftp://example.com/i", "file:///etc/passwd"),
    "javascript:alert(1)",
    *("http://localhost/", "http://127.0.0.1:8080/", "http://[::1]/"),
    *("http://[::1", "https://example.com:port/"),
    *("https://user:word@example.com/", "https://exa mple.com/", "https://example.com/a b"),
    *("https://bücher.example/", f"https://example.com/é{WIDE}", "https://example.com/%zz"),
    *("https://a..b.example/", "https://example.com:99999999/", "https://example.com/\n"),
    *(
        "https://example.com/a\x00b",
        f"https://example.com/{HALF_A_PAIR}",
        "https://example.com/\u202e",
    ),
    "https://example.com/" + "a" * 9000,
    # Signs that RFC 3986 has not, which browsers leave as they are; some reader fails at each.
    *("https://example.com/i?filter=a|b", "https://example.com/{a}/b", "https://example.com/a\\b"),
    *(
        "https://example.com/a^b`c",
        "https://example.com/?a[]=1#b#c",
        f"https://example.com/{WIDE}",
    ),
    *(
        "https://my_shop.example.com/i",
        "https://.example.com/",
        "https://xn--a/",
        "https://example.com:/a",
    ),
    *(
        "https://a\u2100b.example/",
        "https://a]b.example/",
        "https://[abc]/",
        "https://example.com:-1/",
    ),
    *("https:///a", "https:example.com/a", "mailto:a@b.example", "data:text/plain,a"),
    "https://example.com/" + "a" * 2030,
)
"""URLs that are relative, of another scheme, malformed or very long."""

UNSPECIFIED_AMOUNTS = (
    *(0.001, 0.005, 1.005, 99.999, 1e-10, 5e-324, 123456789.123456789),
    *(1000000000000.01, 1e13, 2**53, 2**53 + 1, 1e15, 2**63, 2**64, 1e20, 1e300, 10**310),
    *(-0.01, -1, -1000000),
)
"""Fractions of a cent, amounts that a double cannot hold, and negative ones, which come last: not
every property may have them, and those of one index share an invoice."""

UNSPECIFIED_INTEGERS = (
    *(0, -1, -1000, 1.0, 2.0, 1000001),
    *(2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 10**19, 10**310),
)
"""Whole numbers that are unusual quantities, or are whole in some dialects only."""

UNSPECIFIED_KEYS = (
    *("id", "item_total", "extra", "Status", "REMARKS"),
    *("", " ", "__proto__", "constructor", "toString", "hasOwnProperty", "self", "class", "0"),
    *("$ref", "$where", "@type", "_id", "a.b", "a/b", "a b", "items[0]", "reference.id", "data"),
    *("имя", "e\u0301", "\u00e9", WIDE, "\x00a\x00b", "a\nb", f"x{WIDE}"),
    *("100%s", "{x}", "<b>", "it's", 'say "a"', "a\\b", "a,b", "a=b&c"),
    *("@class", "_links", "$schema", "error", "success", "__typename", "xsi:nil", "prototype"),
)
"""Names of properties that are not in the document."""

OBEYED: dict[str, str | bool | int | dict[str, str]] = {
    "_method": "DELETE",
    "_token": "a",
    "action": "delete",
    "$type": "System.Object, mscorlib",
    "__class__": "object",
    "debug": True,
    "dry_run": True,
    "force": True,
    "version": 7,
    "page": 2,
    "locale": "tr_TR",
    "$set": {"status": "PAID"},
    "deleted_at": "2024-01-01T00:00:00Z",
    # Of JavaScript's libraries many take for a list whatever has it.
    "length": 120,
}
"""Properties that frameworks obey wherever they read a name, with what they would then do."""

_NESTED: Any = json.loads('[{"a":' * 20 + "1" + "}]" * 20)
"""Levels that most readers take, but not all that copies, compares or logs them."""

ANYTHING = ("text", 1, None, {"a": 1}, [1, "b"], True, 0.5, ["a", {"b": 1}], _NESTED)
"""Values of each type, in turn, for properties that are not in the document."""

KEPT = ("7", {"a": 1})
"""Values of properties that only answers have, as far as an answer must not have them."""
