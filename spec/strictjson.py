"""Reads strict JSON (RFC 8259) with exact numbers, and names what readers of JSON differ on."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Context, Decimal
from itertools import accumulate
from typing import Any

from spec.paths import Location

DIGITS = 400
"""Numbers of more digits are rounded to this many: doubles, which servers read, have 17."""

WIDE = Context(prec=DIGITS, Emax=999_999, Emin=-999_999, traps=[])
BEYOND = Decimal("1E+999999")
"""The value of a number whose exponent is larger; a number whose exponent is smaller is zero."""

SHORT, MOST_REMEMBERED = 32, 4096
"""Characters of a number whose value is remembered, and how many such numbers are."""
DEEPEST = 200
"""Levels that are read: a fixed number, because Python's own limit depends on the caller."""

BOM = "\ufeff"
ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# A string may lack its end: looking for an end from each quote anew would take quadratic time.
STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*+"?|(NaN|-?Infinity)', re.DOTALL)
SURROGATE = re.compile("[\ud800-\udfff]")
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_NO_BRACKETS = bytes({*range(256)} - {*b"[]{}"})
_STEPS = {**dict.fromkeys(b"[{", 1), **dict.fromkeys(b"]}", -1)}
"""What a bracket adds to the depth."""


class Malformed(ValueError):
    """The bytes are not a JSON text; `encoding` says that they are not even UTF-8."""

    def __init__(self, reason: str, *, encoding: bool = False) -> None:
        super().__init__(reason)
        self.encoding = encoding


class _ConstantError(ValueError):
    """NaN or Infinity."""


class _RepeatedError(ValueError):
    """An object has two members of one name."""


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
    if _is_deep(body):
        parsed.value = {} if text.lstrip(" \t\r\n").startswith("{") else []
        parsed.oddities.append("depth")
        return parsed
    try:
        parsed.value = _decoded(text, parsed)
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


def value_of(body: bytes) -> Any:
    """The JSON value of a body; None where it is none."""
    try:
        return parse(body).value
    except Malformed:
        return None


def _decoded(text: str, parsed: Text) -> Any:
    """The value of a text; `parsed` is told of names that are repeated, which is seldom."""
    try:
        return _DECODER.decode(text)
    except _RepeatedError:
        pass

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(found)
        if len(value) < len(found):
            parsed.oddities.append("duplicate names")
            counts = Counter(name for name, _ in found)
            parsed.repeated |= {name for name, count in counts.items() if count > 1}
        return value

    return _decoder(pairs).decode(text)


def _is_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    brackets = STRING.sub(b"", body).translate(None, _NO_BRACKETS)
    depths = accumulate(map(_STEPS.__getitem__, brackets))
    return any(map(DEEPEST.__lt__, depths))


def _is_wide(body: bytes) -> bool:
    """Whether the bytes are JSON in UTF-16 or UTF-32, which RFC 8259 no longer allows."""
    if b"\0" not in body[:4]:
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


class _Numbers(dict[str, Any]):
    """The values of numbers by how they are written, for most are in many invoices and answers.

    What has been read already is found without a call of a function of ours.
    """

    def __init__(self, read: Callable[[str], int | Decimal]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, literal: str) -> int | Decimal:
        value = self._read(literal)
        if len(literal) <= SHORT:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[literal] = value
        return value


def _integer(literal: str) -> int | Decimal:
    return int(literal) if len(literal) <= DIGITS else _decimal(literal)


def _decimal(literal: str) -> Decimal:
    number = WIDE.create_decimal(literal)
    if number.is_zero():
        return Decimal(0)  # whatever its exponent and sign
    return number if number.is_finite() else BEYOND.copy_sign(number)


def _constant(name: str) -> Any:
    raise _ConstantError(name)


def _unless_repeated(found: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(found)
    if len(value) < len(found):
        raise _RepeatedError
    return value


_INTEGERS, _DECIMALS = _Numbers(_integer), _Numbers(_decimal)


def _decoder(pairs: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=pairs,
        parse_int=_INTEGERS.__getitem__,
        parse_float=_DECIMALS.__getitem__,
        parse_constant=_constant,
    )


_DECODER = _decoder(_unless_repeated)


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


def differing(text: Text) -> frozenset[Location]:
    """Where readers of JSON differ on a text: values of repeated names, texts with surrogates."""
    found: list[Location] = []
    stack: list[tuple[Location, Any]] = [((), text.value)]
    while stack:
        at, value = stack.pop()
        if isinstance(value, dict):
            if not text.repeated.isdisjoint(value):
                found += [(*at, name) for name in text.repeated & value.keys()]
            stack += [((*at, name), child) for name, child in value.items()]
        elif isinstance(value, list):
            stack += [((*at, index), child) for index, child in enumerate(value)]
        elif isinstance(value, str) and SURROGATE.search(value):
            found.append(at)
    return frozenset(found)
