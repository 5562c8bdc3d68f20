"""Texts that are wrong where they are sent, and that careless servers take or repeat wrongly."""

WIDE = "\U0001f600" * 99
"""Characters of four bytes and of two units of UTF-16."""

REPEATED = {
    "a text with quotes and a line break": f'a "quote" \\ and\na line {WIDE[:80]}',
    "a text with marks of formats": f"50% of {{0}} %s ${{x}} €{WIDE}",
}
"""Texts that a server gets wrong where it repeats the wrong value in its message, which it may cut:
wherever that is in bytes or in units of UTF-16, in one of them it is within a character.
"""

OTHER_STATUSES = (
    *("CANCELLED", "VOID", "UNPAID", "DRAFT", "REFUNDED", "OVERDUE", "PARTIAL", "CANCELED"),
    *(
        "SETTLED",
        "COMPLETED",
        "OVER_PAID",
        "PAID, PENDING",
        "null",
        "InvoiceStatus.PENDING",
        "OPEN",
    ),
)
"""States that other billing systems have, and two that one may write otherwise."""
WITHOUT_DEBT = ("CANCELLED", "VOID", "REFUNDED")
"""Those in which there is nothing to pay."""

OF_OBJECTS = ("toString", "constructor", "__proto__")
"""Names that every object of JavaScript has."""

NUMBER_WORDS = (
    ("100-", "1,000.00", "NaN", "1e5", "\uff11\uff12", "+5", "1_000", "$5", "5.", "EUR 5.00"),
    ("0x1F", "Infinity", " ", "1,5", ".5", "1 000,50", "\u0661\u0662", "2.0", "5 EUR", "USD 5"),
)
"""Texts that readers of some languages and formats take for a number: some amounts and quantities
are tried with these, others with those.
"""

HOLDERS = ("id", "0", "value", "0", "en", "S", "#text", "$oid")
"""Names under which libraries and databases keep one value in an object."""

SHRINKING = "e\u0301\u200b&amp;<b>%41\\\"''  \r\n"
"""Fewer code points in NFC, without format characters, tags, escapes, doubled quotes or spaces, and
as one reads HTML.
"""

MARKED = "x\u0302\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f1e9\U0001f1ea\U0001f44d\U0001f3fd"
"""One letter, a family, a flag and a thumb to a reader, and to who counts what one sees; no
composed form is shorter.
"""

SIGNS = "{}[]()<>#|`*?/@=:,^~+!$%&;'\"\\-_. \u00e9\U0001f600"
"""What formats, queries and messages give a meaning, and characters of two and four bytes."""
