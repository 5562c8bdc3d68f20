"""Valid values of optional properties of which the reading says nothing: a server may refuse them,
and what it takes has to come back.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample, Unsatisfiable
from jsonschema_rs import is_valid

from spec.contract import Contract
from spec.paths import Json, Path, schema_at, values_at
from spec.schema.choices import branches
from spec.schema.formats import FORMATS, is_known, is_text
from spec.schema.presence import fitted
from strategies.invoice import complete_invoice, encode, plain
from strategies.objects import other_names, others_of, properties_of
from strategies.relations import json_number
from strategies.scalars import ALWAYS_THE_SAME, keeps, limits, main_type, scalar
from strategies.values import DATES, URLS

_LONGEST = 2000
"""Characters of a text where more are allowed: an invoice has many properties."""
_USUAL = 100
"""Characters of a long text where the document has no limit."""
_TURNS = 6
"""Values of each property."""
_FEWER = 4
"""The turn of what has to be there alone."""
_WORD = 5
"""Characters from which on a text is hardly a code, so that a number may follow it."""
_DRAWN = 5
"""Texts of which the plainest is taken."""
_WIDE = " Größe  鍵 \U0001f600 1 "

_MOMENTS = ("fraction and offset", "offset -11:00", "leap day", "three fraction digits")


def unread_values(contract: Contract) -> Iterator[tuple[Path, Json, bool]]:
    """Each such property's path with a valid value, several times, and whether it is a usual one.

    Properties that are alike have different values, so that it shows where two are mixed up. All
    first ones come first.
    """
    complete = complete_invoice(contract)
    listed: list[list[Json]] = []
    for number, path in enumerate(contract.left_out):
        schema = schema_at(contract.narrowed_schema, path)
        *_, known = None, *(value for _, value in values_at(complete, path))
        tried = (_varied(contract, schema, known, turn, number) for turn in range(_TURNS))
        valid = {encode(one): one for one in (*tried, known) if schema and keeps(schema, one)}
        listed.append([*valid.values()] or [known] * bool(schema))
    for turn in range(_TURNS + 1):
        for path, values in zip(contract.left_out, listed, strict=True):
            if turn < len(values):
                yield path, values[turn], turn == 0


def _varied(
    contract: Contract, schema: dict[str, Any], known: Json, turn: int, number: int
) -> Json:
    """A value of a schema, another one each turn; `known` is a plain one, and what is alike has
    other numbers.
    """
    ways = branches(schema)
    if len(ways) > 1:
        way = ways[turn % len(ways)]
        known = known if keeps(way, known) else plain(contract, way)
        return _varied(contract, way, known, turn, number)
    (schema,) = ways
    match main_type(schema):
        case "object":
            return _object(contract, schema, known, turn, number)
        case "array":
            part = schema.get("items", {})
            first = known[0] if known else plain(contract, part)
            size = max(schema.get("minItems", 0), min(schema.get("maxItems", 2), 2))
            numbers = range(number + size - 1, number - 1, -1)  # in no order that one sorts by
            elements = [_varied(contract, part, first, turn, each) for each in numbers]
            return elements if keeps(schema, elements) else known
    values = _scalars(schema, _numbered(schema, known, number))
    return values[turn % len(values)]


def _object(
    contract: Contract, schema: dict[str, Any], known: Json, turn: int, number: int
) -> dict[str, Json]:
    """One with all its properties, and two more where others are described; in one turn with those
    alone that it must have, if there are any.
    """
    required = schema.get("required", ())
    parts, others = properties_of(schema), others_of(schema)
    if isinstance(others, dict):
        room = schema.get("maxProperties", len(parts) + 2) - len(parts)
        known_names = (name for name in known if name not in parts)
        names = [*known_names, *other_names(schema, 2, "Key1", "key2")]
        parts |= dict.fromkeys(names[: max(0, min(2, room))], others)
    values, seen = {}, Counter[bytes]()
    for name, part in parts.items():
        if turn == _FEWER and name not in required and required:
            continue
        one = known.get(name, plain(contract, part))
        values[name] = _varied(contract, part, one, turn, number + seen[encode(one)])
        seen[encode(one)] += 1
    return dict(fitted(schema, values))


def _numbered(schema: dict[str, Any], known: Json, number: int) -> Json:
    """A plain value that differs from the one of another number, where a server hardly minds."""
    other = known
    if "enum" in schema and known in schema["enum"]:
        other = schema["enum"][(schema["enum"].index(known) + number) % len(schema["enum"])]
    elif main_type(schema) in ("number", "integer"):
        other = json_number(Decimal(str(known)) + number * limits(schema)[2])
    elif isinstance(known, str) and len(known) >= _WORD and _is_free_text(schema):
        ending = f" {number + 1}"
        other = known[: schema.get("maxLength", _LONGEST) - len(ending)] + ending
    return other if number and keeps(schema, other) else known


def _is_free_text(schema: dict[str, Any]) -> bool:
    """Whether it is a text of which the document says no more than its length."""
    return schema.get("format", "text") == "text" and not {"enum", "pattern"} & schema.keys()


def _scalars(schema: dict[str, Any], known: Json) -> list[Json]:
    """The plain value of a scalar schema, and others that keep it; several for most."""
    found = [known]
    if is_known(schema):
        found += [one for one in _listed(schema, known) if keeps(schema, one)]
        if isinstance(known, str) and not _is_free_text(schema) and "enum" not in schema:
            other = _another(encode(schema), encode(found))
            found += [] if other is None else [other]
    return [*{encode(one): one for one in found}.values()]


def _listed(schema: dict[str, Any], known: Json) -> Iterator[Json]:
    """Values that may keep a scalar schema, those first that show most."""
    if "enum" in schema:
        yield from (member for member in schema["enum"] if member is not None)
    elif main_type(schema) == "boolean":
        yield from (True, False)
    elif main_type(schema) in ("number", "integer"):
        least, most, unit = limits(schema)
        yield from (json_number(one) for one in (least + unit, most, least))
    elif isinstance(known, str):
        yield from _texts(schema, known)


def _texts(schema: dict[str, Any], known: str) -> Iterator[str]:
    format_ = schema.get("format", "text")
    if format_ == "date-time":
        yield from (DATES[name] for name in _MOMENTS)
        return
    if format_ in ("web-url", "uri"):
        yield from [*URLS.values()][4 : 4 + _TURNS]
        return
    if format_ in FORMATS and FORMATS[format_].samples:
        yield from FORMATS[format_].samples
        return
    longest = min(schema.get("maxLength", _USUAL), _LONGEST)
    shortest = max(schema.get("minLength", 1), 1)
    if "pattern" in schema:
        # What repeats the end, or all, of a match is often one.
        yield known.ljust(longest, known[-1:] or "a")
        yield (known * longest)[:longest]
        yield known[:shortest]
        return
    yield f"{known[: longest - len(_WIDE)]}{_WIDE}"[-longest:]
    yield f"{known} "[:shortest]
    yield (f"{known}, " * longest)[: longest - 1] + "z"


@cache
def _another(schema: bytes, seen: bytes) -> Json:
    """The plainest of some drawn texts of a schema that is none of these; None if none is found.
    Both are JSON. To shrink one, as Hypothesis can, takes it some ten seconds for a UUID.
    """
    known, rules = json.loads(seen), json.loads(schema)
    found: list[str] = []

    def is_enough(one: str) -> bool:
        found.extend([one] * (one not in known and is_text(one) and is_valid(rules, one)))
        return len(found) >= _DRAWN

    with suppress(NoSuchExample, Unsatisfiable):
        drawn = settings(ALWAYS_THE_SAME, phases=[Phase.generate])
        find(st.composite(scalar(rules))(), is_enough, settings=drawn)
    return min(found, key=lambda one: (not one.isascii(), len(one), one), default=None)
