"""Reads strict JSON (RFC 8259) with exact numbers, and names what readers of JSON differ on."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

DIGITS = 400
"""Numbers of more digits are rounded to this many: doubles, which servers read, have 17."""

WIDE = Context(prec=DIGITS, Emax=999_999, Emin=-999_999, traps=[])
BEYOND = Decimal("1E+999999")
"""The value of a number whose exponent is larger; a number whose exponent is smaller is zero."""

SHORT = 32
"""Characters of a number whose value is remembered."""
DEEPEST = 200
"""Levels that are read: a fixed number, because Python's own limit depends on the caller."""

BOM = "\ufeff"
ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# A string may lack its end: looking for an end from each quote anew would take quadratic time.
STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*+"?|(NaN|-?Infinity)', re.DOTALL)
SURROGATE = re.compile("[\ud800-\udfff]")
STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class Malformed(ValueError):
    """The bytes are not a JSON text; `encoding` says that they are not even UTF-8."""

    def __init__(self, reason: str, *, encoding: bool = False) -> None:
        super().__init__(reason)
        self.encoding = encoding


class _ConstantError(ValueError):
    """NaN or Infinity."""


@dataclass(slots=True)
class Text:
    """A parsed JSON text.

    `value` has int for a number written as an integer and Decimal for any other, exact up to 400
    digits. `oddities` names what JSON allows but readers differ on,
    `repeated` the names that an object has more than once.
    """

    value: Any
    oddities: list[str] = field(default_factory=list)
    repeated: set[str] = field(default_factory=set)


def parse(body: bytes) -> Text:
    """The JSON text of a body; raises nothing but Malformed, which says what the body is.

    A text nested deeper than 200 levels is not read: it has the oddity `depth`, and its value is
    an empty object or array, depending on its first character.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"is not UTF-8 at byte {error.start}", encoding=True) from error
    parsed = Text(None)
    if text.startswith(BOM):
        parsed.oddities.append("byte order mark")
        text = text[1:]

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(found)
        if len(value) < len(found):
            parsed.oddities.append("duplicate names")
            counts = Counter(name for name, _ in found)
            parsed.repeated |= {name for name, count in counts.items() if count > 1}
        return value

    if _is_deep(body):
        parsed.value = {} if text.lstrip(" \t\r\n").startswith("{") else []
        parsed.oddities.append("depth")
        return parsed
    try:
        parsed.value = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_constant,
        )
    except _ConstantError as error:
        # What comes before it was read, so it is the first one that is in no string.
        places = (found.start() for found in STRING_OR_CONSTANT.finditer(text) if found[1])
        why = f"{error} is not a JSON number at character {next(places)}"
        raise Malformed(f"is not JSON: {why}") from error
    except json.JSONDecodeError as error:
        if _is_wide(body):
            raise Malformed("is UTF-16 or UTF-32", encoding=True) from error
        raise Malformed(f"is not JSON: {error.msg} at character {error.pos}") from error
    if ESCAPED_SURROGATE.search(body) and _has_surrogate(parsed.value):
        parsed.oddities.append("lone surrogate")
    return parsed


def _is_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for match in STRING_OR_BRACKET.finditer(body):
        token = match[0]
        depth += (token in b"[{") - (token in b"]}")
        if depth > DEEPEST:
            return True
    return False


def _is_wide(body: bytes) -> bool:
    """Whether the bytes are JSON in UTF-16 or UTF-32, which RFC 8259 no longer allows."""
    if b"\0" not in body[:4]:
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _integer(literal: str) -> int | Decimal:
    return int(literal) if len(literal) <= DIGITS else _decimal(literal)


def _decimal(literal: str) -> Decimal:
    is_short = len(literal) <= SHORT
    return _short_decimal(literal) if is_short else _short_decimal.__wrapped__(literal)


@lru_cache(maxsize=2048)
def _short_decimal(literal: str) -> Decimal:
    """Cached, because the same amounts are in many invoices and answers."""
    number = WIDE.create_decimal(literal)
    if number.is_zero():
        return Decimal(0)  # whatever its exponent and sign
    return number if number.is_finite() else BEYOND.copy_sign(number)


def _constant(name: str) -> Any:
    raise _ConstantError(name)


def _has_surrogate(value: Any) -> bool:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if SURROGATE.search(item):
                return True
        elif isinstance(item, dict):
            stack.extend(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return False
