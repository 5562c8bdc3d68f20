"""Values that the document allows and the reading does not promise anything for."""

TEXTS = (
    *("", " ", "\t", "\n", "  ", "\u00a0", "\u200b", "---", "😀", "."),
    *("a\x00b", "\x00", "line one\nline two", "a\r\nb: c", "tab\tbed", "bell\x07", "esc\x1b[31m"),
    *("\x7f", "\x85", "\ue000private", "\uf8ff", "\U000f0000", "non\uffffcharacter", "\ufdd0"),
    *("unassigned \u0378", "\U0010ffff"),
)
"""Blank text, text without a letter, and characters that are refused with good reason."""

DATES = (
    *("", " ", "0", "now", "tomorrow", "null", "1714642200", "2024-01-01", "2024-01-01T00:00:00"),
    *("2024-01-01T00:00Z", "2024-01-01 00:00:00Z", "2024-01-01t00:00:00z", "20240101T000000Z"),
    *(
        "2024-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-00-00T00:00:00Z",
    ),
    *("2024-01-01T24:00:00Z", "2016-12-31T23:59:60Z", "2024-01-01T00:00:00+25:00"),
    *("2024-01-01T00:00:00.123456Z", "2024-01-01T00:00:00.123456789Z", "2024-01-01T00:00:00,5Z"),
    *(
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
    ),
    *("10000-01-01T00:00:00Z", "-2024-01-01T00:00:00Z", "2024-W05-1", "2024-060", "01/02/2024"),
    *("2024-01-01T00:00:00Z ", "2024-01-01T00:00:00 UTC", "2024-01-01T00:00:00+0530"),
    *("Mon, 01 Jan 2024 00:00:00 GMT", "２０２４-01-01T00:00:00Z", "2099-12-31T23:59:59Z"),
)
"""Dates that are none, are unusual, or may not be that late."""

URLS = (
    *(
        "",
        " ",
        "invoice",
        "/invoices/1",
        "//example.com/i",
        "example.com/i",
        "http://",
        "https:///i",
    ),
    *(
        "ftp://example.com/i",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:,x",
        "mailto:a@b.c",
    ),
    *("http://localhost/", "http://127.0.0.1:8080/", "http://[::1]/", "http://169.254.169.254/"),
    *("https://user:word@example.com/", "https://exa mple.com/", "https://example.com/a b"),
    *(
        "https://bücher.example/",
        "https://example.com/é",
        "https://example.com/%zz",
        "https://-a.b/",
    ),
    *(
        "https://example.com:99999999/",
        "https://example.com/\n",
        "https://example.com/" + "a" * 9000,
    ),
)
"""Addresses that are relative, of another kind, malformed or very long."""

AMOUNTS = (
    *(-0.01, -1, -1000000, 0.001, 0.005, 1.005, 99.999, 1e-10, 5e-324, 123456789.123456789),
    *(1000000000000.01, 1e13, 2**53, 2**53 + 1, 1e15, 2**63, 2**64, 1e20, 1e300),
)
"""Negative amounts, fractions of a cent, and amounts that are not to be had in doubles."""

WHOLES = (0, -1, -1000, 1.0, 2.0, 1000001, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63)
"""Numbers that are whole and no sensible quantity, or are whole in some dialects only."""

KEYS = (
    *("id", "item_total", "extra", "customer", "discount", "tax", "currency", "Status", "REMARKS"),
    *("", " ", "__proto__", "constructor", "$ref", "a.b", "items[0]", "имя", "x" * 300),
)
"""Names of properties that the document does not have."""
