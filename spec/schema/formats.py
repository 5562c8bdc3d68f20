"""What the reading means by each format, and what is a moment, a text or a URL at all."""

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address
from typing import Any

from jsonschema_rs import is_valid

from spec.paths import CHOICES

REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn"})
"""Control, surrogate, private-use and unassigned characters, as Unicode names their categories."""

_HOUR = "(?:[01][0-9]|2[0-3])"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_FOUR = "[A-Za-z0-9+/]{4}"

INSTANT = re.compile(
    rf"20[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}T{_HOUR}:[0-9]{{2}}:[0-9]{{2}}"
    r"(?:\.[0-9]{1,3})?(?:Z|[+-][0-9]{2}:[0-5][0-9])"
)
ANY_INSTANT = re.compile(
    rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})[Tt ]({_HOUR}:[0-9]{{2}}:[0-9]{{2}})"
    r"(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
DATE = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
TIME = re.compile(rf"{_HOUR}:[0-5][0-9]:[0-5][0-9](?:Z|[+-](?:0[0-9]|1[01]):[0-5][0-9])")
WEB_URL = re.compile(
    r"(?i:https?)://"
    r"(?=[^/?#]{1,253}(?:[/?#]|\Z))"
    rf"(?P<host>{_LABEL}(?:\.{_LABEL})+)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?:[/?#](?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
)
UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
HOSTNAME = re.compile(r"(?:[a-z](?:[a-z0-9-]{0,20}[a-z0-9])?\.){1,3}(?:com|org|net|example)")
EMAIL = re.compile(rf"[a-z0-9](?:[a-z0-9+_-]{{0,20}}[a-z0-9])?@{HOSTNAME.pattern}")
IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
DURATION = re.compile(
    r"P(?:[1-9][0-9]?W|(?=[1-9T])(?:[1-9]Y)?(?:[1-9]M)?(?:[1-9][0-9]?D)?"
    r"(?:T(?=[1-9])(?:[1-9]H)?(?:[1-9][0-9]?M)?(?:[1-9][0-9]?S)?)?)"
)
IPV6 = re.compile(r"2001:db8(?::(?:0|[1-9a-f][0-9a-f]{0,3})){6}")
DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,8})\.[0-9]{2}")
_URLS = ("https://shop.example.com/", "https://www.example.com/invoices", "https://a.example.com/1")
_URL = r"https://[a-z]{1,20}\.example\.com/[a-z0-9]{0,20}"
BASE64 = re.compile(f"(?:{_FOUR}){{0,20}}(?:{_FOUR}|[A-Za-z0-9+/]{{3}}=)")
ANY_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})")
ANY_REFERENCE = re.compile(r"[^\s<>\"]+")
ANY_HOSTNAME = re.compile(r"[^\s/@:]+")
ANY_BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]*={0,2}\s*")

_SHORT, _SHORT_DATE = 512, 64
"""Characters of a text, and of a date, of which it is remembered what it is."""
IN_UTC = ("Z", "z", "+00:00", "-00:00")
"""How a moment is written without an offset."""
EAST, WEST = timedelta(hours=14), timedelta(hours=-12)


@dataclass(frozen=True, slots=True)
class Format:
    """Whether a string has the format so plainly that every reader takes it, and what that means.

    `samples` are strings of the format, the plainest first; `pattern` is what others are drawn
    from. They are empty where `strategies/scalars.py` has its own way to draw.
    """

    fits: Callable[[str], bool]
    meaning: str
    samples: tuple[str, ...] = ()
    pattern: str = ""


def is_text(value: str) -> bool:
    """Whether there is a letter or digit in it, and no character of a refused category."""
    return _is_short_text(value) if len(value) <= _SHORT else _is_short_text.__wrapped__(value)


@lru_cache(maxsize=2048)
def _is_short_text(value: str) -> bool:
    """Cached, because the same texts are in many invoices and answers."""
    if not has_letter_or_digit(value):
        return False
    if value.isprintable():
        return True  # as nearly always: what is refused cannot be printed
    return not REFUSED_CATEGORIES & {unicodedata.category(character) for character in value}


def has_letter_or_digit(value: str) -> bool:
    """Whether there is a character of the categories L or Nd in it.

    ½, ² and Ⅷ are neither to most languages, though Python has them as alphanumeric.
    """
    return any(map(str.isalpha, value)) or any(map(str.isdecimal, value))


def instant(value: str) -> datetime:
    """The moment an RFC 3339 date-time names, as an aware datetime; ValueError if it names none.

    Fractions beyond microseconds are cut. The separator and Z may have any case (RFC 3339 5.6).
    """
    return _instant(value) if len(value) <= _SHORT_DATE else _instant.__wrapped__(value)


@lru_cache(maxsize=2048)
def _instant(value: str) -> datetime:
    """Cached, because the same dates are in many invoices and answers."""
    match = ANY_INSTANT.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is not an RFC 3339 date-time")
    date, time, fraction, offset = match.groups()
    return datetime.fromisoformat(
        f"{date}T{time}{fraction[:7].ljust(7, '0') if fraction else ''}"
        f"{'+00:00' if offset in 'Zz' else offset}"
    )


def instant_or_start_of_day(value: str) -> datetime:
    """The moment of a date-time, or the beginning of a day in UTC; ValueError for anything else."""
    return instant(f"{value}T00:00:00Z" if DATE.fullmatch(value) else value)


def instant_or_none(value: Any) -> datetime | None:
    """The same; None for anything else."""
    try:
        return instant_or_start_of_day(value) if isinstance(value, str) else None
    except ValueError:
        return None


def is_instant(value: str) -> bool:
    """Whether it is a date-time of 2000 to 2099 that every reader of RFC 3339 takes: capital T, Z
    or an offset from -12:00 to +14:00, at most milliseconds, no leap second.
    """
    return INSTANT.fullmatch(value) is not None and _is_moment(value)


@lru_cache(maxsize=2048)
def _is_moment(value: str) -> bool:
    """Cached, because the same dates are in many invoices and answers."""
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
    2.1) that anybody may know: a careful server looks up no host of its own network.
    """
    match = WEB_URL.fullmatch(value)
    return match is not None and _is_public(match["host"]) and 0 < int(match["port"] or 80) < 2**16


def _is_public(host: str) -> bool:
    """Whether it is a name in a domain, or an address that is not reserved (RFC 6890)."""
    if not host[-1].isdigit():
        return True
    return IPV4.fullmatch(host) is not None and IPv4Address(host).is_global


def is_uuid(value: str) -> bool:
    """Whether it is a UUID in its hyphenated form (RFC 9562, section 4)."""
    return UUID.fullmatch(value) is not None


def is_date(value: str) -> bool:
    """Whether it is a day of 2000 to 2099 (RFC 3339, full-date)."""
    return DATE.fullmatch(value) is not None and is_instant(f"{value}T12:00:00Z")


def _by(pattern: re.Pattern[str], meaning: str, samples: tuple[str, ...]) -> Format:
    """A format that a pattern says all of."""
    return Format(
        lambda value: pattern.fullmatch(value) is not None, meaning, samples, pattern.pattern
    )


FORMATS = {
    "text": Format(
        is_text,
        "a letter or digit, and no control, surrogate, private-use or unassigned character",
    ),
    "date-time": Format(is_instant, "an RFC 3339 date-time of 2000 to 2099"),
    "web-url": Format(is_web_url, "an absolute http(s) URL in ASCII of a public host"),
    "uri": Format(is_web_url, "an absolute http(s) URL in ASCII of a public host"),
    "uuid": Format(
        is_uuid,
        "a UUID with hyphens",
        ("7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b", "01975e6c-2b1a-7c3d-9e4f-5a6b7c8d9e0f"),
        "[0-9a-f]{8}-[0-9a-f]{4}-[1-57][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    ),
    "email": _by(
        EMAIL,
        "an address in small ASCII letters at a host name",
        ("ada@example.com", "billing+2024@mail.example.org", "a_b-c@shop.example.net"),
    ),
    "date": Format(
        is_date, "a day of 2000 to 2099", ("2024-05-02", "2024-02-29", "2023-12-31"), DATE.pattern
    ),
    "time": _by(
        TIME,
        "an RFC 3339 time to the second",
        ("09:30:00Z", "00:00:00Z", "23:59:59+05:30"),
    ),
    "hostname": _by(
        HOSTNAME,
        "a host name in small ASCII letters",
        ("example.com", "my-shop-24.example.org", "a.b.c.example"),
    ),
    "ipv4": _by(
        IPV4,
        "an IPv4 address",
        ("192.0.2.1", "203.0.113.255", "198.51.100.0"),
    ),
    "duration": _by(
        DURATION,
        "an ISO 8601 duration of whole numbers",
        ("P30D", "PT1H30M", "P1Y2M3DT4H5M6S", "P2W"),
    ),
    "decimal": _by(DECIMAL, "a number with two decimal places", ("12.50", "1.00", "235.05")),
    **{
        name: Format(is_web_url, "an absolute http(s) URL in ASCII of a public host", _URLS, _URL)
        for name in ("url", "iri", "uri-reference")
    },
    "ipv6": Format(
        lambda value: IPV6.fullmatch(value) is not None,
        "an IPv6 address in full, in small letters",
        ("2001:db8:0:0:0:0:0:1", "2001:db8:85a3:0:0:8a2e:370:7334"),
        IPV6.pattern,
    ),
    "byte": Format(
        lambda value: BASE64.fullmatch(value) is not None,
        "Base64 with its padding",
        ("SW52b2ljZXM=", "SW52b2ljZSAx"),
        f"(?:{_FOUR}){{1,20}}",
    ),
}
"""The formats of strings that the suite knows, by name; the reading may use them."""

AMOUNT, COUNT = "amount of money, decimal places: ", "number of pieces, decimal places: "
"""How the format of an amount that is sent as a text begins, and of a quantity: no document has it.
"""
MOST_PLACES = 8


def _amount(places: int) -> Format:
    """Whole cents below 1e12, with so many decimal places."""
    cents = f"[0-9]{{{min(places, 2)}}}0{{{max(places - 2, 0)}}}"
    pattern = "(?:0|[1-9][0-9]{0,11})" + rf"\.{cents}" * bool(places)
    samples = (f"{one:.{places}f}" for one in (12, 1, 235))
    return _by(re.compile(pattern), f"an amount with {places} decimal places", tuple(samples))


def _count(places: int) -> Format:
    """One to six digits, with so many decimal places of zeros."""
    pattern = re.compile("[1-9][0-9]{0,5}" + rf"\.0{{{places}}}" * bool(places))
    samples = tuple(f"{one:.{places}f}" for one in (12, 1, 235))
    return _by(pattern, f"a whole number with {places} decimal places", samples)


EVERY_FORMAT = FORMATS | {
    f"{name}{n}": of(n)
    for name, of in ((AMOUNT, _amount), (COUNT, _count))
    for n in range(MOST_PLACES + 1)
}
"""The same with those that the suite gives to amounts that are texts."""


def samples_of(schema: dict[str, Any]) -> list[str]:
    """The samples of its format that keep a schema, the plainest first."""
    format_ = EVERY_FORMAT.get(schema.get("format", ""))
    return [one for one in format_.samples if is_valid(schema, one)] if format_ else []


OF_ANSWERS: dict[str, Callable[[str], bool]] = {
    "uuid": is_uuid,
    "date-time": is_date_time,
    "date": lambda value: is_date_time(value) or is_date_time(f"{value}T00:00:00Z"),
    "time": lambda value: ANY_TIME.fullmatch(value) is not None,
    "uri": lambda value: ANY_REFERENCE.fullmatch(value) is not None,
    "email": lambda value: "@" in value[1:-1] and not any(map(str.isspace, value)),
    "hostname": lambda value: ANY_HOSTNAME.fullmatch(value) is not None,
    "ipv4": lambda value: IPV4.fullmatch(value) is not None,
    "byte": lambda value: ANY_BASE64.fullmatch(value) is not None,
}
"""Whether a text of an answer may have the format that the document says: what is plainly of none
is wrong. A moment has its day. Of a URI that may be a reference to one, as the generators of many
frameworks write it.
"""

_EXACT = 2**53 - 1
"""The largest whole number that every reader takes: a double has 53 bits."""
RANGES = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32)},
    "int64": (-_EXACT, _EXACT),
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32)},
    "uint64": (0, _EXACT),
    "double-int": (-_EXACT, _EXACT),
}
"""The formats of whole numbers (OpenAPI Format Registry), and what every reader of them takes."""
PLAIN_FORMATS = frozenset(
    {"float", "double", "number", "decimal", "decimal128", "bigdecimal", "big-decimal", "password"}
)
"""Formats that ask nothing of a value beyond what the reading asks of its type."""


def is_known(schema: dict[str, Any]) -> bool:
    """Whether the suite knows what a schema's format means: that of a number says of a text how it
    is written, which nobody knows; a flag has two values, whatever its format.
    """
    if "boolean" in schema.get("type", ()):
        return True
    of_numbers = RANGES.keys() | PLAIN_FORMATS - {"password"}
    of_texts = {*EVERY_FORMAT, "password"}
    is_text = "string" in schema.get("type", ()) or schema.get("type") is None
    return schema.get("format", "text") in (of_texts if is_text else of_texts | of_numbers)


def keep_ranges(schema: dict[str, Any]) -> None:
    """Have each number within a schema of what must be accepted be one of its format."""
    types = schema.get("type", ())
    names = {types} if isinstance(types, str) else {*types}
    if schema.get("format") in RANGES and {"integer", "number"} & names:
        least, most = RANGES[schema["format"]]
        schema["minimum"] = max(least, schema.get("minimum", least))
        schema["maximum"] = min(most, schema.get("maximum", most))
    inner = [*schema.get("properties", {}).values(), schema.get("items")]
    inner += [one for name in CHOICES for one in schema.get(name, ())]
    for each in inner:
        if isinstance(each, dict):
            keep_ranges(each)


def is_beyond(schema: dict[str, Any]) -> bool:
    """Whether no number keeps all limits of a schema."""
    least = max(schema.get(name, -math.inf) for name in ("minimum", "exclusiveMinimum"))
    return bool(least > min(schema.get(name, math.inf) for name in ("maximum", "exclusiveMaximum")))
