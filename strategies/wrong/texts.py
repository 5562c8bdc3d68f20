"""Texts that are wrong where they are sent, and that careless servers take or repeat wrongly."""

REPEATED = {
    "a text with quotes and a line break": 'a "quote" \\ and\na line',
    "a text with marks of formats": f"50% of {{0}} %s ${{x}} {'€' * 60}",
}
"""Texts that a server gets wrong where it repeats the wrong value in its message."""

OTHER_STATUSES = (
    *("CANCELLED", "VOID", "UNPAID", "DRAFT", "REFUNDED", "OVERDUE", "OPEN", "SENT", "PARTIAL"),
    *("UNCOLLECTIBLE", "COMPLETED", "OVER_PAID", "PAID,PENDING"),
)
"""States that other billing systems have, and two that one may write otherwise."""

OF_OBJECTS = ("toString", "constructor", "__proto__")
"""Names that every object of JavaScript has."""

NUMBER_WORDS = ("NaN", "Infinity", "-Infinity", "1e5", "1,5", "\uff11\uff12")
"""Texts that readers of some languages and formats take for a number."""
