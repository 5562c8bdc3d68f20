"""Strict JSON (RFC 8259), numbers exact; and what is allowed but odd about a text."""

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

LONGEST_INT = 400
BOM = "\ufeff"
ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89abAB]|\\u[dD][c-fC-F]")


class Malformed(ValueError):
    """The bytes are no JSON text; `encoding` says that they are not even UTF-8."""

    def __init__(self, reason: str, *, encoding: bool = False) -> None:
        super().__init__(reason)
        self.encoding = encoding


@dataclass(slots=True)
class Text:
    """A parsed JSON text.

    `value` has int for a number written as an integer and Decimal for any other (infinite when
    its exponent is beyond Decimal's). `oddities` names what JSON allows but readers differ on.
    """

    value: Any
    oddities: list[str] = field(default_factory=list)


def parse(body: bytes) -> Text:
    """The JSON text of a body; raises Malformed with one sentence, and nothing else.

    A text nested too deeply for this reader has no value but the oddity `depth`; its first
    character still tells whether it is an object.
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
        return value

    try:
        parsed.value = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise Malformed(f"is no JSON: {error.msg} at character {error.pos}") from error
    except RecursionError:
        parsed.value = {} if text.lstrip(" \t\r\n").startswith("{") else []
        parsed.oddities.append("depth")
    if ESCAPED_SURROGATE.search(body) and _has_surrogate(parsed.value):
        parsed.oddities.append("lone surrogate")
    return parsed


def _integer(spelling: str) -> int | Decimal:
    return int(spelling) if len(spelling) <= LONGEST_INT else Decimal(spelling)


def _decimal(spelling: str) -> Decimal:
    try:
        return Decimal(spelling)
    except InvalidOperation:
        return Decimal("-Infinity" if spelling.startswith("-") else "Infinity")


def _constant(name: str) -> Any:
    raise json.JSONDecodeError(f"{name} is no JSON number", name, 0)


def _has_surrogate(value: Any) -> bool:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if any("\ud800" <= character <= "\udfff" for character in item):
                return True
        elif isinstance(item, dict):
            stack.extend(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return False
