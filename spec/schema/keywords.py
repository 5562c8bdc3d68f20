"""What the suite knows of each keyword of a schema."""

import math
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from functools import lru_cache
from typing import Any

import jsonschema_rs

from spec.paths import CHOICES
from spec.schema import patterns
from spec.schema.formats import FORMATS, PLAIN_FORMATS

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


def whole(value: Any) -> Any:
    """The value; of a number with a fraction of zero, which is a whole one (JSON Schema Validation,
    section 4.2 of Draft 06 and after), that number without it.
    """
    exact = isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
    return int(value) if exact else value


_EXACT = 2**53
"""Below it every whole number is a double."""


def _is_size(value: Any) -> bool:
    size = whole(value)
    return isinstance(size, int) and not isinstance(size, bool) and size >= 0


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
    known = {*type_names(old)}
    known |= {"integer"} if "number" in known else set()
    return {*type_names(new)} <= known


def type_names(operand: object) -> tuple[str, ...]:
    """The operand of the keyword `type`, a name or a list of names, as a tuple."""
    assert isinstance(operand, str | list | tuple)  # checked when the document is loaded
    return (operand,) if isinstance(operand, str) else tuple(operand)


def kind_of(schema: dict[str, Any]) -> str:
    """The first type of a schema's values but null, of any number `number`; empty without one."""
    types = type_names(schema.get("type", ()))
    return next((one for one in types if one != "null"), "").replace("integer", "number")


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
    if patterns.unread(value) or _shortest_match(value) > LONGEST_MEMBER // 2:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # for what a later version will read otherwise
            re.compile(patterns.drawable(value), re.ASCII)
        jsonschema_rs.Draft202012Validator({"pattern": patterns.read(value)})
    except (re.error, OverflowError, RecursionError, FutureWarning, ValueError):
        return False
    return True


def as_read(pattern: str, *, compared: bool) -> str:
    """A pattern as the validator reads it; where it is only compared, nobody has to."""
    readable = not compared or _is_pattern(pattern)
    return patterns.read(pattern) if readable else patterns.quoted(pattern)


def _shortest_match(pattern: str) -> int:
    """How long the shortest text that matches may be, at most: what is long is hard to draw."""
    counts = re.findall(r"(\)?)\{([0-9]{1,9})", pattern)
    once = len(pattern) + sum(int(count) for group, count in counts if not group)
    return once * math.prod(int(count) or 1 for group, count in counts if group)


def _is_discriminator(value: Any) -> bool:
    """Whether it names a property, and perhaps the schemas of its values."""
    if not isinstance(value, dict) or not isinstance(value.get("propertyName"), str):
        return False
    mapping = value.get("mapping", {})
    if "defaultMapping" in value:  # of OpenAPI 3.2
        return False
    return isinstance(mapping, dict) and all(isinstance(each, str) for each in mapping.values())


def discriminate(branch: dict[str, Any], choice: dict[str, Any], reference: str) -> None:
    """Have a branch say its name in the property that a discriminator names, unless the branch has
    other words there itself.
    """
    mapping, name = choice.get("mapping", {}), choice.get("propertyName")
    own = reference.rpartition("/")[2]
    known = [each for each, target in mapping.items() if target in (reference, own)]
    members = known or [own]
    said = branch.setdefault("properties", {}).setdefault(name, {})
    if not mapping and not {*members} <= {*said.get("enum", members)}:
        return  # a hint alone, which changes nothing that is valid (OpenAPI 3.0.3)
    said["enum"] = members
    branch["required"] = [*dict.fromkeys([*branch.get("required", ()), name])]


def _are_schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict)


def _are_lists_of_names(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_are_names, value.values()))


OF_TYPES = {
    **dict.fromkeys(("minLength", "maxLength", "pattern"), frozenset({"string"})),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), frozenset({"number", "integer"})),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), frozenset({"number", "integer"})),
    **dict.fromkeys(("items", "minItems", "maxItems", "uniqueItems"), frozenset({"array"})),
    **dict.fromkeys(("properties", "required", "additionalProperties"), frozenset({"object"})),
    **dict.fromkeys(("minProperties", "maxProperties"), frozenset({"object"})),
    **dict.fromkeys(("propertyNames", "unevaluatedProperties"), frozenset({"object"})),
    "dependentRequired": frozenset({"object"}),
}
"""The types that these keywords are about; of a value of another type they say nothing."""


def is_idle(name: str, value: Any, types: set[str]) -> bool:
    """Whether a keyword is about values of other types only."""
    about = {"string"} if name == "format" and value in FORMATS else OF_TYPES.get(name, types)
    return not types & about


SIZES = {
    **dict.fromkeys(("minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), min),
}
"""Keywords of which the strictest of an `allOf` counts, and which of two that is."""


def is_weaker(name: str, known: Any, value: Any) -> bool:
    """Whether a size asks no more than one that is known already, in another part of an `allOf`."""
    sizes = type(known) is int and type(value) is int and name in SIZES
    return sizes and SIZES[name](known, value) == known


def typed(value: Any) -> Any:
    """The value as something that a flag and a number never have in common: true is not 1."""
    if isinstance(value, list):
        return [typed(each) for each in value]
    if isinstance(value, dict):
        return {name: typed(each) for name, each in value.items()}
    return ("flag", value) if isinstance(value, bool) else value


def _at_most(old: Any, new: Any) -> bool:
    return bool(new <= old)


def _at_least(old: Any, new: Any) -> bool:
    return bool(new >= old)


def _multiple(old: Any, new: Any) -> bool:
    return not Decimal(str(new)) % Decimal(str(old))


def _only_switched_off(old: Any, new: Any) -> bool:
    return bool(old or not new)


def _stricter_format(old: Any, new: Any) -> bool:
    """Any text, and whatever asks nothing, may become any format, and a URI of any kind a URL."""
    is_url = old in {"uri", "url", "iri"} and new == "web-url"
    return new == old or old in {"text", *PLAIN_FORMATS} or is_url


def _as_long(value: Any, limit: Any) -> bool:
    return isinstance(value, str | list) and len(value) == limit


def _as_many(value: Any, limit: Any) -> bool:
    return isinstance(value, dict) and len(value) == limit


def _as_much(value: Any, limit: Any) -> bool:
    return isinstance(value, int | Decimal) and value == _as_decimal(limit)


@lru_cache
def _as_decimal(limit: float) -> Decimal:
    return Decimal(str(limit))


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
        narrower=lambda old, new: all(typed(each) in map(typed, old) for each in new),
        reached=lambda value, members: value in members,
    ),
    "const": Keyword(Role.ASSERTION),
    "nullable": Keyword(Role.ASSERTION, _is_flag, _only_switched_off, unstated=False),
    "minimum": Keyword(Role.ASSERTION, _is_number, _at_least, _as_much),
    "maximum": Keyword(Role.ASSERTION, _is_number, _at_most, _as_much),
    "exclusiveMinimum": Keyword(Role.ASSERTION, _is_bound),
    "exclusiveMaximum": Keyword(Role.ASSERTION, _is_bound),
    "multipleOf": Keyword(Role.ASSERTION, _is_unit, narrower=_multiple),
    "minLength": Keyword(Role.ASSERTION, _is_size, _at_least, _as_long, unstated=0),
    "maxLength": Keyword(Role.ASSERTION, _is_size, _at_most, _as_long),
    "pattern": Keyword(Role.ASSERTION, _is_pattern),
    "minItems": Keyword(Role.ASSERTION, _is_size, _at_least, _as_long, unstated=0),
    "maxItems": Keyword(Role.ASSERTION, _is_size, _at_most, _as_long),
    "uniqueItems": Keyword(Role.ASSERTION, _is_flag, unstated=False),
    "minProperties": Keyword(Role.ASSERTION, _is_size, reached=_as_many, unstated=0),
    "maxProperties": Keyword(Role.ASSERTION, _is_size, reached=_as_many),
    "dependentRequired": Keyword(Role.ASSERTION, _are_lists_of_names),
    # Of these the whole is one requirement, whatever in it is broken.
    "additionalProperties": Keyword(
        Role.ASSERTION,
        lambda value: isinstance(value, bool | dict),
        _only_switched_off,
        unstated=True,
    ),
    "unevaluatedProperties": Keyword(
        Role.ASSERTION, lambda value: isinstance(value, bool | dict), unstated=True
    ),
    "propertyNames": Keyword(Role.ASSERTION, _is_schema),
    "oneOf": Keyword(Role.ASSERTION, _are_schemas),
    "anyOf": Keyword(Role.ASSERTION, _are_schemas),
    "not": Keyword(Role.ASSERTION, _is_schema),
    # A document's format is an annotation (JSON Schema Wright-00, section 7). What is sent has it
    # all the same (spec/schema/formats.py), and the reading may add one.
    "format": Keyword(
        Role.ANNOTATION, lambda value: isinstance(value, str), narrower=_stricter_format
    ),
    "properties": Keyword(Role.STRUCTURE, lambda value: isinstance(value, dict)),
    "items": Keyword(Role.STRUCTURE),
    "allOf": Keyword(Role.STRUCTURE, _are_schemas),
    "discriminator": Keyword(Role.ANNOTATION, _is_discriminator),
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
    "summary": Keyword(Role.ANNOTATION),  # of a reference (OpenAPI 3.1)
    # Schemas that references lead to (OpenAPI 3.1); by itself it demands nothing.
    "$defs": Keyword(Role.ANNOTATION, lambda value: isinstance(value, dict)),
}
"""Every keyword that the suite understands; any other in a document stops the run."""

FLAGS_OF_3_0 = frozenset({"nullable", "exclusiveMinimum", "exclusiveMaximum"})
"""Keywords that are flags in OpenAPI 3.0 alone: in 3.1 they are bounds, or mean nothing."""
OTHER_PROPERTIES = ("additionalProperties", "unevaluatedProperties")
"""Keywords that say what the properties may be which are not described."""
HOLDING = frozenset({*OTHER_PROPERTIES, *CHOICES, "propertyNames", "not"})
"""Keywords of which all that they hold is one requirement."""


_BOUNDS = {
    **dict.fromkeys(("minimum", "exclusiveMinimum"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum"), min),
}


def _of_both(name: str, known: Any, value: Any) -> Any:
    """What keeps two values of a keyword which is a bound or a list; None where nothing does."""
    if name in _BOUNDS and not isinstance(known, bool) and not isinstance(value, bool):
        return _BOUNDS[name](known, value)
    if name == "enum":
        members = [*map(typed, value)]
        return [one for one in known if typed(one) in members] or None
    if name == "dependentRequired":
        needed = {one: [*known.get(one, ()), *value.get(one, ())] for one in {**known, **value}}
        return {one: [*dict.fromkeys(names)] for one, names in needed.items()}
    if name != "type":
        return None
    both, others = type_names(known), type_names(value)
    kept = [one for one in both if one in others or (one == "integer" and "number" in others)]
    kept += ["integer"] * ("number" in both and "integer" in others and "integer" not in both)
    return kept[0] if len(kept) == 1 else kept or None


def strictest(name: str, known: Any, value: Any, *, narrowing: bool) -> Any:
    """What counts of two values of a keyword in an `allOf`; None where they contradict each other,
    which those do not of which one is `narrowing` the other.
    """
    if known == value:
        return value
    if name in SIZES:
        return SIZES[name](known, value)
    if (both := _of_both(name, known, value)) is not None:
        return both
    for old, new in ((known, value), (value, known)) if narrowing else ():
        if KEYWORDS[name].narrows(old, new):
            return new
    return None
