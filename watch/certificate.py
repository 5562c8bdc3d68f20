"""The last day of a target's certificate: news, and never a verdict."""

from datetime import date, timedelta

SOON = timedelta(days=30)
"""So long before its end a certificate is news, whatever was accepted."""


def ending(last_day: str, today: date) -> str:
    """A sentence on a certificate that ends soon; empty for another one, or where there is none."""
    left = date.fromisoformat(last_day) - today if last_day else timedelta.max
    if left > SOON:
        return ""
    when = "today" if left.days <= 0 else "tomorrow" if left.days == 1 else f"in {left.days} days"
    return f"the certificate ends {when}: its last day is {last_day}"


def other(before: str, now: str) -> str:
    """A sentence on a certificate with another last day; empty where it has the same."""
    if before == now:
        return ""
    if not now:
        return f"the target has no certificate any more: the last day of the one before is {before}"
    was = f"it was {before}" if before else "there was none"
    return f"a new certificate: its last day is {now}, {was}"


def checked(last_day: object) -> str:
    """A last day from a file. Raises ValueError for what is neither a day nor empty."""
    text = str(last_day)
    return date.fromisoformat(text).isoformat() if text else ""
