"""What the reading means by each format: a plain predicate on one string."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn"})
"""Control, surrogate, private-use and unassigned characters, as Unicode names their categories."""

INSTANT = re.compile(
    r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}"
    r"(?:\.[0-9]{1,3})?(?:Z|[+-][0-9]{2}:[0-5][0-9])"
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
_SHORT = 512
"""Characters of a text of which it is remembered what it is."""
EAST, WEST = timedelta(hours=14), timedelta(hours=-12)


@dataclass(frozen=True, slots=True)
class Format:
    """Whether a string has the format, and what that means, in words."""

    fits: Callable[[str], bool]
    meaning: str


def is_text(value: str) -> bool:
    """Whether there is a letter or digit in it, and no character of a refused category."""
    if value.isascii() and value.isprintable():
        return any(map(str.isalnum, value))
    return _is_unusual_text(value) if len(value) <= _SHORT else _is_unusual_text.__wrapped__(value)


@lru_cache(maxsize=2048)
def _is_unusual_text(value: str) -> bool:
    """Cached, because the same texts are in many invoices and answers."""
    categories = {unicodedata.category(character) for character in value}
    return not categories & REFUSED_CATEGORIES and any(name[0] in "LN" for name in categories)


def instant(value: str) -> datetime:
    """The moment an RFC 3339 date-time names, as an aware datetime; ValueError if it names none.

    Fractions beyond microseconds are cut. The separator and Z may have any case (RFC 3339 5.6).
    """
    match = ANY_INSTANT.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is not an RFC 3339 date-time")
    date, time, fraction, offset = match.groups()
    return datetime.fromisoformat(
        f"{date}T{time}{fraction[:7].ljust(7, '0') if fraction else ''}"
        f"{'+00:00' if offset in 'Zz' else offset}"
    )


def is_instant(value: str) -> bool:
    """Whether it is a date-time of 2000 to 2099 that every reader of RFC 3339 takes: capital T, Z
    or an offset from -12:00 to +14:00, at most milliseconds, no leap second.
    """
    if INSTANT.fullmatch(value) is None:
        return False
    try:
        moment = instant(value)
        moment.astimezone()
    except (ValueError, OverflowError, OSError):
        return False
    offset = moment.utcoffset()
    return offset is not None and WEST <= offset <= EAST


def is_date_time(value: str) -> bool:
    """Whether it is an RFC 3339 date-time of any year, offset and precision."""
    try:
        instant(value)
    except ValueError:
        return False
    return True


def is_web_url(value: str) -> bool:
    """Whether it is an absolute http(s) URL in ASCII with a plain host name (RFC 3986 3, RFC 1123
    2.1).
    """
    return WEB_URL.fullmatch(value) is not None


def is_uuid(value: str) -> bool:
    """Whether it is a UUID in its hyphenated form (RFC 9562, section 4)."""
    return UUID.fullmatch(value) is not None


FORMATS = {
    "text": Format(
        is_text,
        "a letter or digit, and no control, surrogate, private-use or unassigned character",
    ),
    "date-time": Format(is_instant, "an RFC 3339 date-time of 2000 to 2099"),
    "web-url": Format(is_web_url, "an absolute http(s) URL in ASCII"),
    "uuid": Format(is_uuid, "a UUID with hyphens"),
}
"""The formats that the reading may use, by name."""


def is_key_header(name: object) -> bool:
    """Whether a header of this name may carry a key: none that HTTP itself needs may."""
    token = isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", name)
    return bool(token) and str(name).lower() not in _OF_HTTP


_OF_HTTP = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection"})
"""Headers that say how a message is read."""
