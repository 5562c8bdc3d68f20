"""What the suite knows of each keyword of a schema, and what the reading means by each format."""

import math
import re
import sys
import unicodedata
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto
from functools import lru_cache
from typing import Any

import jsonschema_rs

MOST_MEMBERS = LONGEST_MEMBER = 1000
"""Limits on the members of an enum, and on the characters of each."""
SMALLEST_UNIT = 1e-9
"""The smallest multipleOf, and the share of 1 that the largest is."""


class Role(Enum):
    """What a keyword does in the vendor's document."""

    ASSERTION = auto()
    """It demands something: it has a requirement, near misses and edges."""

    ANNOTATION = auto()
    """It demands nothing."""

    STRUCTURE = auto()
    """It holds other schemas."""

    NONE = auto()
    """It is not understood."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """What the suite knows of a keyword of JSON Schema.

    `well_formed(value)` says whether the keyword can have the value. `narrower(old, new)` says
    whether the new value allows no more than the old; without it the reading may not use the
    keyword. `reached(instance, value)` says whether an instance is exactly at the limit; without it
    there is no limit. `unstated` is the value in effect where a schema does not have the keyword.
    """

    role: Role
    well_formed: Callable[[Any], bool] = lambda _: True
    narrower: Callable[[Any, Any], bool] | None = None
    reached: Callable[[Any, Any], bool] | None = None
    unstated: Any = None

    def narrows(self, old: Any, new: Any) -> bool:
        """Whether the reading may replace the old value by the new."""
        return self.narrower is not None and self.narrower(old, new)


def _is_number(value: Any) -> bool:
    """What is larger than any double is no limit of one."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= sys.float_info.max


def _is_unit(value: Any) -> bool:
    """Numbers are told exactly by the 28 digits of a Decimal, down to a part of a cent."""
    return _is_number(value) and SMALLEST_UNIT <= value <= 1 / SMALLEST_UNIT


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_bound(value: Any) -> bool:
    """OpenAPI 3.0 has flags beside a bound, 3.1 has bounds."""
    return _is_flag(value) or _is_number(value)


TYPES = ("object", "array", "string", "number", "integer", "boolean")


def _is_type(value: Any) -> bool:
    """OpenAPI 3.1 has lists of types as well."""
    if _are_names(value):
        return len(set(value) - {"null"}) > 0 and {*value} <= {*TYPES, "null"}
    return value in TYPES


def _fewer_types(old: Any, new: Any) -> bool:
    """Whether each new type is one of the old; every integer is a number."""
    known = {*([old] if isinstance(old, str) else old)}
    known |= {"integer"} if "number" in known else set()
    return {*([new] if isinstance(new, str) else new)} <= known


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _are_members(value: Any) -> bool:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_MEMBERS:
        return False
    return all(len(str(member)) <= LONGEST_MEMBER for member in value)


def _is_pattern(value: Any) -> bool:
    """Whether both Python, by which texts are drawn, and the validator read the expression, as they
    do most of those of ECMA-262.
    """
    if not isinstance(value, str) or len(value) > LONGEST_MEMBER:
        return False
    if _shortest_match(value) > LONGEST_MEMBER // 2:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # for what a later version will read otherwise
            re.compile(value)
        jsonschema_rs.Draft202012Validator({"pattern": value})
    except (re.error, OverflowError, RecursionError, FutureWarning, ValueError):
        return False
    return True


def _shortest_match(pattern: str) -> int:
    """How long the shortest text that matches may be, at most: what is long is hard to draw."""
    counts = re.findall(r"(\)?)\{([0-9]{1,9})", pattern)
    once = len(pattern) + sum(int(count) for group, count in counts if not group)
    return once * math.prod(int(count) or 1 for group, count in counts if group)


def _are_schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _at_most(old: Any, new: Any) -> bool:
    return bool(new <= old)


def _at_least(old: Any, new: Any) -> bool:
    return bool(new >= old)


def _multiple(old: Any, new: Any) -> bool:
    return not Decimal(str(new)) % Decimal(str(old))


def _only_switched_off(old: Any, new: Any) -> bool:
    return bool(old or not new)


def _stricter_format(old: Any, new: Any) -> bool:
    """Any text, and whatever asks nothing, may become any format."""
    return new == old or old in {"text", *PLAIN_FORMATS} or (old, new) == ("uri", "web-url")


def _as_long(value: Any, limit: Any) -> bool:
    return isinstance(value, str | list) and len(value) == limit


def _as_many(value: Any, limit: Any) -> bool:
    return isinstance(value, dict) and len(value) == limit


def _as_much(value: Any, limit: Any) -> bool:
    return isinstance(value, int | Decimal) and value == Decimal(str(limit))


KEYWORDS = {
    "type": Keyword(
        Role.ASSERTION,
        _is_type,
        narrower=_fewer_types,
    ),
    # An overlay adds to a list, so whatever it requires is narrower.
    "required": Keyword(Role.ASSERTION, _are_names, narrower=lambda _old, _new: True),
    "enum": Keyword(
        Role.ASSERTION,
        _are_members,
        narrower=lambda old, new: all(member in old for member in new),
        reached=lambda value, members: value in members,
    ),
    "const": Keyword(Role.ASSERTION),
    "nullable": Keyword(Role.ASSERTION, _is_flag, _only_switched_off, unstated=False),
    "minimum": Keyword(Role.ASSERTION, _is_number, _at_least, _as_much),
    "maximum": Keyword(Role.ASSERTION, _is_number, _at_most, _as_much),
    "exclusiveMinimum": Keyword(Role.ASSERTION, _is_bound),
    "exclusiveMaximum": Keyword(Role.ASSERTION, _is_bound),
    "multipleOf": Keyword(Role.ASSERTION, _is_unit, narrower=_multiple),
    "minLength": Keyword(Role.ASSERTION, _is_size, _at_least, _as_long),
    "maxLength": Keyword(Role.ASSERTION, _is_size, _at_most, _as_long),
    "pattern": Keyword(Role.ASSERTION, _is_pattern),
    "minItems": Keyword(Role.ASSERTION, _is_size, _at_least, _as_long),
    "maxItems": Keyword(Role.ASSERTION, _is_size, _at_most, _as_long),
    "uniqueItems": Keyword(Role.ASSERTION, _is_flag, unstated=False),
    "minProperties": Keyword(Role.ASSERTION, _is_size, reached=_as_many),
    "maxProperties": Keyword(Role.ASSERTION, _is_size, reached=_as_many),
    # Of these three the whole is one requirement, whatever in it is broken.
    "additionalProperties": Keyword(
        Role.ASSERTION,
        lambda value: isinstance(value, bool | dict),
        _only_switched_off,
        unstated=True,
    ),
    "oneOf": Keyword(Role.ASSERTION, _are_schemas),
    "anyOf": Keyword(Role.ASSERTION, _are_schemas),
    # A document's format is an annotation (JSON Schema Wright-00, section 7). What is sent has it
    # all the same (spec/keywords.py), and the reading may add one.
    "format": Keyword(
        Role.ANNOTATION, lambda value: isinstance(value, str), narrower=_stricter_format
    ),
    "properties": Keyword(Role.STRUCTURE, lambda value: isinstance(value, dict)),
    "items": Keyword(Role.STRUCTURE),
    "allOf": Keyword(Role.STRUCTURE, _are_schemas),
    "discriminator": Keyword(Role.ANNOTATION, lambda value: isinstance(value, dict)),
    "title": Keyword(Role.ANNOTATION),
    "description": Keyword(Role.ANNOTATION),
    "example": Keyword(Role.ANNOTATION),
    "examples": Keyword(Role.ANNOTATION),
    "default": Keyword(Role.ANNOTATION),
    "deprecated": Keyword(Role.ANNOTATION),
    "readOnly": Keyword(Role.ANNOTATION, _is_flag),
    "writeOnly": Keyword(Role.ANNOTATION, _is_flag),
    "externalDocs": Keyword(Role.ANNOTATION),
    "xml": Keyword(Role.ANNOTATION),
    "$comment": Keyword(Role.ANNOTATION),
}
"""Every keyword that the suite understands; any other in a document stops the run."""

HOLDING = frozenset({"additionalProperties", "oneOf", "anyOf"})
"""Keywords of which all that they hold is one requirement."""


# Formats.

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


DATE = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
TIME = re.compile(
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:Z|[+-](?:0[0-9]|1[01]):[0-5][0-9])"
)
HOSTNAME = re.compile(r"(?:[a-z](?:[a-z0-9-]{0,20}[a-z0-9])?\.){1,3}(?:com|org|net|example)")
EMAIL = re.compile(rf"[a-z0-9](?:[a-z0-9+_-]{{0,20}}[a-z0-9])?@{HOSTNAME.pattern}")
OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4 = re.compile(rf"{OCTET}(?:\.{OCTET}){{3}}")
BASE64 = re.compile("(?:[A-Za-z0-9+/]{4}){0,20}(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=)")


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


def moment_of(value: str) -> datetime:
    """The moment of a date-time, or the beginning of a day in UTC; ValueError for anything else."""
    return instant(f"{value}T00:00:00Z" if DATE.fullmatch(value) else value)


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


def is_date(value: str) -> bool:
    """Whether it is a day of 2000 to 2099 (RFC 3339, full-date)."""
    return DATE.fullmatch(value) is not None and is_instant(f"{value}T12:00:00Z")


FORMATS = {
    "text": Format(
        is_text,
        "a letter or digit, and no control, surrogate, private-use or unassigned character",
    ),
    "date-time": Format(is_instant, "an RFC 3339 date-time of 2000 to 2099"),
    "web-url": Format(is_web_url, "an absolute http(s) URL in ASCII"),
    "uri": Format(is_web_url, "an absolute http(s) URL in ASCII"),
    "uuid": Format(
        is_uuid,
        "a UUID with hyphens",
        ("7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b", "01975e6c-2b1a-7c3d-9e4f-5a6b7c8d9e0f"),
        "[0-9a-f]{8}-[0-9a-f]{4}-[1-57][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    ),
    "email": Format(
        lambda value: EMAIL.fullmatch(value) is not None,
        "an address in small ASCII letters at a host name",
        ("ada@example.com", "billing+2024@mail.example.org", "a_b-c@shop.example.net"),
        EMAIL.pattern,
    ),
    "date": Format(
        is_date, "a day of 2000 to 2099", ("2024-05-02", "2024-02-29", "2023-12-31"), DATE.pattern
    ),
    "time": Format(
        lambda value: TIME.fullmatch(value) is not None,
        "an RFC 3339 time to the second",
        ("09:30:00Z", "00:00:00Z", "23:59:59+05:30"),
        TIME.pattern,
    ),
    "hostname": Format(
        lambda value: HOSTNAME.fullmatch(value) is not None,
        "a host name in small ASCII letters",
        ("example.com", "my-shop-24.example.org", "a.b.c.example"),
        HOSTNAME.pattern,
    ),
    "ipv4": Format(
        lambda value: IPV4.fullmatch(value) is not None,
        "an IPv4 address",
        ("192.0.2.1", "203.0.113.255", "198.51.100.0"),
        IPV4.pattern,
    ),
    "byte": Format(
        lambda value: BASE64.fullmatch(value) is not None,
        "Base64 with its padding",
        ("SW52b2ljZXM=", "SW52b2ljZSAx"),
        "(?:[A-Za-z0-9+/]{4}){1,20}",
    ),
}
"""The formats of strings that the suite knows, by name; the reading may use them."""

RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**53) + 1, 2**53 - 1)}
"""The formats of whole numbers, and what every reader of them takes: a double has 53 bits."""
PLAIN_FORMATS = frozenset({"float", "double", "decimal", "password"})
"""Formats that ask nothing of a value beyond what the reading asks of its type."""


def is_key_header(name: object) -> bool:
    """Whether a header of this name may carry a key: none that HTTP itself needs may."""
    token = isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", name)
    return bool(token) and str(name).lower() not in _OF_HTTP


_OF_HTTP = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection"})
"""Headers that say how a message is read."""
