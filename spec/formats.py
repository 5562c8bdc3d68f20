"""What the reading means by its formats: facts about single strings, each a plain predicate."""

import re
import unicodedata
from datetime import datetime, timedelta

REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn"})

INSTANT = re.compile(
    r"(?P<date>20[0-9]{2}-[0-9]{2}-[0-9]{2})T(?P<time>(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2})"
    r"(?P<fraction>\.[0-9]{1,3})?(?P<offset>Z|[+-][0-9]{2}:[0-5][0-9])"
)
ANY_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]((?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2})"
    r"(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
WEB_URL = re.compile(
    r"(?i:https?)://"
    r"(?=[^/?#]{1,253}(?:[/?#]|\Z))"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
    r"(?::[0-9]{1,5})?"
    r"(?:[/?#](?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
)
UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
EAST, WEST = timedelta(hours=14), timedelta(hours=-12)


def is_text(value: str) -> bool:
    """At least one letter or digit; no control, surrogate, private-use or unassigned character."""
    if value.isascii() and value.isprintable():
        return any(map(str.isalnum, value))
    categories = {unicodedata.category(character) for character in value}
    return not categories & REFUSED_CATEGORIES and any(name[0] in "LN" for name in categories)


def instant(value: str) -> datetime:
    """The moment an RFC 3339 date-time names, as an aware datetime; ValueError when none.

    Fractions beyond microseconds are cut. The separator and Z may have any case (RFC 3339 5.6).
    """
    match = ANY_INSTANT.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is no RFC 3339 date-time")
    date, time, fraction, offset = match.groups()
    return datetime.fromisoformat(
        f"{date}T{time}{(fraction or '')[:7].ljust(7, '0') if fraction else ''}"
        f"{'+00:00' if offset in 'Zz' else offset}"
    )


def is_instant(value: str) -> bool:
    """An RFC 3339 date-time with capital T, Z or an offset from -12:00 to +14:00, 2000 to 2099."""
    if INSTANT.fullmatch(value) is None:
        return False
    try:
        moment = instant(value)
        moment.astimezone()
    except (ValueError, OverflowError, OSError):
        return False
    offset = moment.utcoffset()
    return offset is not None and WEST <= offset <= EAST


def is_web_url(value: str) -> bool:
    """An absolute http(s) URL in ASCII with a plain host name (RFC 3986 3, RFC 1123 2.1)."""
    return WEB_URL.fullmatch(value) is not None


def is_uuid(value: str) -> bool:
    """A UUID in its hyphenated form (RFC 9562, section 4)."""
    return UUID.fullmatch(value) is not None


CHECKS = {"text": is_text, "date-time": is_instant, "web-url": is_web_url, "uuid": is_uuid}
"""What a JSON Schema validator is given for the reading's formats."""
