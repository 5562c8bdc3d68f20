"""Of which unit all numbers of a schema are multiples, by `multipleOf`, type and members."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from spec.schema.keywords import type_names

OF_NUMBERS = ("type", "multipleOf", "enum")
"""Keywords that say of which numbers there are multiples alone."""


def unit_of(schema: Mapping[str, Any]) -> Fraction | None:
    """The largest unit that type and `multipleOf` say; None where they say none."""
    names = type_names(schema.get("type", ()))
    unit = Fraction(str(schema["multipleOf"])) if "multipleOf" in schema else None
    if "integer" not in names or "number" in names:
        return unit
    # What is whole and a multiple of 3/2 is a multiple of 3.
    return Fraction(unit.numerator) if unit else Fraction(1)


def keeps_unit(schema: Mapping[str, Any], operand: object) -> bool:
    """Whether all numbers that a schema allows are multiples of an operand of `multipleOf`."""
    unit = Fraction(str(operand))
    if "enum" in schema:
        numbers = (each for each in schema["enum"] if type(each) in (int, float))
        return all(Fraction(str(each)) % unit == 0 for each in numbers)
    own = unit_of(schema)
    return own is not None and own % unit == 0


def keeps_types(schema: Mapping[str, Any], operand: Any) -> bool:
    """Whether a schema allows values of the types of an operand of `type` alone: a number that is a
    multiple of a whole unit is an integer.
    """
    types = type_names(schema.get("type", ()))
    unit = unit_of(schema)
    if unit is not None and unit.denominator == 1:
        types = tuple("integer" if each == "number" else each for each in types)
    allowed = {*type_names(operand)}
    return bool(types) and {*types} <= (allowed | {"integer"} if "number" in allowed else allowed)


def says_the_same(keyword: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether `type` or `multipleOf` allow the same of two schemas, with what each says beside."""
    if keyword == "multipleOf":
        units = unit_of(old), unit_of(new)
        return units[0] is not None and units[0] == units[1]
    both = "type" in old and "type" in new
    return (
        keyword == "type"
        and both
        and keeps_types(old, new["type"])
        and keeps_types(new, old["type"])
    )
