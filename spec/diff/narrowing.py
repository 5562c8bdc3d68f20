"""Whether one schema allows no more than another, as far as that can be told from both."""

from collections.abc import Callable
from typing import Any

from spec.diff.patterns import is_any, narrows_pattern
from spec.diff.units import keeps_types, keeps_unit
from spec.paths import CHOICES
from spec.schema.formats import PLAIN_FORMATS, RANGES
from spec.schema.keywords import KEYWORDS, type_names, typed

BOUNDS = {"minimum": 1, "exclusiveMinimum": 1, "maximum": -1, "exclusiveMaximum": -1}
"""Bounds, by whether more of them is stricter."""
EXCLUSIVE = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
"""Keywords that say the same as others, but for the limit itself."""

Schema = dict[str, Any] | bool


def narrows(old: Schema, new: Schema) -> bool:
    """Whether the new of two inlined schemas surely allows no more than the old."""
    if new is False or old in (True, {}):
        return True
    if not isinstance(old, dict) or not isinstance(new, dict):
        return False
    if ways := _ways(new):
        return all(narrows(old, way) for way in ways)
    if choice := next((name for name in CHOICES if name in old), None):
        rest = {name: operand for name, operand in old.items() if name != choice}
        return narrows(rest, new) and _fits_one(new, old[choice], only=choice == "oneOf")
    return all(_keeps(new, old, name) for name in old)


def narrows_each(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """The same of two choices, whose branches are compared: what one more of them excludes by being
    there does not count.
    """
    branches = [_ways(each) or [each] for each in (old, new)]
    return all(any(narrows(each, one) for each in branches[0]) for one in branches[1])


def without_fresh(old: Any, new: Any) -> Any:
    """The new of two inlined schemas without the optional properties that the old does not speak
    of: who knows the old one does not send them.
    """
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    said = {**new}
    for choice in CHOICES:
        if len(old.get(choice, ())) == len(new.get(choice, ())) > 0:
            pairs = zip(old[choice], new[choice], strict=True)
            said[choice] = [without_fresh(*pair) for pair in pairs]
    known, its = old.get("properties", {}), new.get("properties", {})
    if its and old.get("additionalProperties", True) is True:
        said["properties"] = {
            name: without_fresh(known.get(name), its[name])
            for name in its
            if name in known or name in new.get("required", ())
        }
    if "items" in old and "items" in new:
        said["items"] = without_fresh(old["items"], new["items"])
    return said


def _ways(schema: dict[str, Any]) -> list[Schema]:
    """The schemas that allow together what one with a choice, or with several members, does."""
    choice = next((name for name in CHOICES if name in schema), None)
    if choice is not None:
        rest = {name: operand for name, operand in schema.items() if name != choice}
        return [{**rest, **branch} for branch in schema[choice]]
    members = schema.get("enum", ())
    return [{**schema, "enum": [one]} for one in members] if members[1:] else []


def _fits_one(new: dict[str, Any], branches: list[Any], *, only: bool) -> bool:
    """Whether all that the new schema allows fits a branch, and no other where it has to be one."""
    fitting = [each for each in branches if narrows(each, new)]
    others = [each for each in branches if each not in fitting[:1]]
    return bool(fitting) and not (only and any(_may_share(new, each) for each in others))


def _may_share(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether there may be a value that both allow, by their types and members."""
    types, others = (
        {name.replace("integer", "number") for name in type_names(each.get("type", ()))}
        for each in (one, other)
    )
    if "enum" in one and "enum" in other:
        return any(typed(each) in map(typed, other["enum"]) for each in one["enum"])
    if types and others and not types & others:
        return False
    known, its = one.get("properties", {}), other.get("properties", {})
    both = {*one.get("required", ())} & {*other.get("required", ())} & known.keys() & its.keys()
    return all(_may_share(known[name], its[name]) for name in both)


def _keeps(new: dict[str, Any], old: dict[str, Any], name: str) -> bool:
    """Whether the new schema demands what one keyword of the old does."""
    operand = old[name]
    if name in BOUNDS:
        return _bound(new, BOUNDS[name]) >= _bound({name: operand}, BOUNDS[name])
    if name == "required":
        return {*operand} <= {*new.get("required", ())}
    if name == "properties":
        other = new.get("additionalProperties", True)
        its = new.get("properties", {})
        return all(narrows(operand[each], its.get(each, other)) for each in operand)
    if name == "additionalProperties":
        fresh = new.get("properties", {}).keys() - old.get("properties", {}).keys()
        children = [new.get(name, True), *(new["properties"][each] for each in fresh)]
        return all(narrows(operand, each) for each in children)
    if name == "items":
        return narrows(operand, new.get("items", True))
    if (name == "multipleOf" and keeps_unit(new, operand)) or (
        name == "type" and keeps_types(new, operand)
    ):
        return True
    if name == "pattern" and has_matches(new, operand):
        return True
    if name not in new:
        return name == "type" and _are_of(new.get("enum"), operand)
    known = KEYWORDS.get(name)
    narrower = NARROWER.get(name, known.narrower if known else None)
    return typed(new[name]) == typed(operand) or (
        narrower is not None and narrower(operand, new[name])
    )


def has_matches(schema: dict[str, Any], operand: Any) -> bool:
    """Whether all texts that a schema allows have a match of a pattern."""
    filled = bool(schema.get("minLength"))
    return is_any(operand) or narrows_pattern(operand, schema.get("pattern", ""), filled=filled)


def _bound(schema: dict[str, Any], sign: int) -> tuple[float, bool]:
    """The strictest bound of a schema to one side: the limit, and whether it is excluded."""
    found = [
        (sign * schema[name], name in EXCLUSIVE)
        for name, its in BOUNDS.items()
        if its == sign and name in schema
    ]
    return max(found, default=(float("-inf"), False))


def _are_of(members: list[Any] | None, operand: Any) -> bool:
    """Whether all members of an enumeration are of a type."""
    known = {"string": str, "boolean": bool, "null": type(None), "integer": int}
    kinds = tuple(known[name] for name in type_names(operand) if name in known)
    return members is not None and all(type(member) in kinds for member in members)


def _is_within(old: Any, new: Any) -> bool:
    """Whether a format of numbers has only such of another one."""
    if not (old in RANGES and new in RANGES):
        return False
    (least, most), (lowest, highest) = RANGES[old], RANGES[new]
    return bool(least <= lowest and highest <= most)


NARROWER: dict[str, Callable[[Any, Any], bool]] = {
    "minProperties": lambda old, new: bool(new >= old),
    "maxProperties": lambda old, new: bool(new <= old),
    "minContains": lambda old, new: bool(new >= old),
    "maxContains": lambda old, new: bool(new <= old),
    "additionalProperties": narrows,
    "pattern": narrows_pattern,
    "format": lambda old, new: old in PLAIN_FORMATS or _is_within(old, new),
    **{
        choice: lambda old, new: all(any(narrows(each, one) for each in old) for one in new)
        for choice in CHOICES
    },
}
"""Whether a new operand allows no more than the old: of keywords that no reading may use."""
