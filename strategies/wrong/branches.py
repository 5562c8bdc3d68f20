"""Values that break one requirement; where that holds schemas, also those that break one limit in
them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations, islice
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

from spec.contract import Contract, own
from spec.paths import CHOICES, Json, schema_at, values_at
from spec.requirements import Requirement
from spec.schema.choices import branches
from spec.schema.keywords import HOLDING, OF_TYPES, OTHER_PROPERTIES
from spec.schema.presence import agree, named_by, rules_of
from strategies.invoice import complete_invoice, encode, plain
from strategies.objects import other_names, others_of
from strategies.scalars import keeps
from strategies.values import NamedValue
from strategies.wrong.values import LISTED

_EACH, _EACH_PATTERN = 2, 6
"""Values for each limit within what a requirement holds, and for each pattern."""

Limits = frozenset[tuple[str, ...]]
"""Schema paths of keywords, each within one of the schemas that a requirement holds."""


def wrong_values(contract: Contract, requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    """The listed ones by keyword and, where that holds schemas, what breaks a limit in them."""
    if rules_of({requirement.keyword: requirement.operand}) and isinstance(value, dict):
        yield from _combined(contract, requirement, value)
    if OF_TYPES.get(requirement.keyword) == frozenset({"string"}) and not isinstance(value, str):
        value = encode(value).decode()  # what may be a text as well
    is_pattern = requirement.keyword == "pattern"
    yield from _usual_today(contract, requirement) if is_pattern else ()
    yield from LISTED[requirement.keyword](requirement, value)
    if is_pattern:
        schema = schema_at(contract.request_schema, requirement.path)
        rest = {name: one for name, one in schema.items() if name != "pattern"}
        yield "what is usual without it", plain(contract, rest)
    if requirement.keyword in CHOICES:
        yield from _in_branches(contract, requirement, value)
    if requirement.keyword == "propertyNames":
        yield from _named_wrong(contract, requirement, value)
    if requirement.keyword in OTHER_PROPERTIES:
        yield from _of_others(contract, requirement, value)


def _usual_today(contract: Contract, requirement: Requirement) -> Iterator[NamedValue]:
    """The usual value in today's document of what is at a path of another version."""
    known = () if contract.own else own().body_requirements
    path = next((one.path for one in known if contract.path_of(one.path) == requirement.path), None)
    if path is not None:
        found = [value for _, value in values_at(complete_invoice(own()), path)]
        yield from (("what is usual in another version", value) for value in found[:1])


_MOST_COMBINED, _MOST_NAMES = 8, 6
"""Ways in which properties stand together that may not, and properties that are so combined."""


def _combined(
    contract: Contract, requirement: Requirement, value: dict[str, Json]
) -> Iterator[NamedValue]:
    """The value with other properties of those of which a requirement says how they may stand
    together, the fewest changed first.
    """
    rules = {requirement.keyword: requirement.operand}
    complete = complete_invoice(contract)
    known = {
        **next((one for _, one in values_at(complete, requirement.path)), {}),
        **value,
    }
    names = [name for name in named_by(rules) if name in known][:_MOST_NAMES]
    every = [{*some} for size in range(len(names) + 1) for some in combinations(names, size)]
    every.sort(key=lambda some: len(some ^ {name for name in names if name in value}))
    rest = {name: one for name, one in value.items() if name not in names}
    wrong = [some for some in every if not agree(rules, rest.keys() | some)]
    for some in wrong[:_MOST_COMBINED]:
        there = " and ".join(name for name in names if name in some)
        gone = ", ".join(name for name in names if name not in some)
        way = f"{there or 'none of'}{' without' * bool(there and gone)} {gone}".strip()
        yield way, {**rest, **{name: known[name] for name in names if name in some}}


def _of_others(
    contract: Contract, requirement: Requirement, value: dict[str, Json]
) -> Iterator[NamedValue]:
    """The value with another property, of a name that is allowed, which breaks a limit on such."""
    schema = schema_at(contract.request_schema, requirement.path)
    (name,) = other_names(schema, 1, "extra") or ["extra"]
    # Of another type they are listed already, by the name that is usual.
    for what in ("text", 5, True, None, [1], {"a": 1}) if name != "extra" else ():
        yield f"the property {name} with {what}", {**value, name: what}
    if isinstance(requirement.operand, dict):
        known = plain(contract, requirement.operand)
        for way, wrong in _broken(contract, requirement, requirement.operand, known):
            yield f"{way} in the property {name}", {**value, name: wrong}


def _named_wrong(
    contract: Contract, requirement: Requirement, value: dict[str, Json]
) -> Iterator[NamedValue]:
    """The value with another property, whose name breaks a limit on names."""
    schema = schema_at(contract.request_schema, requirement.path)
    others, operand = others_of(schema), requirement.operand
    other = plain(contract, others) if isinstance(others, dict) else "text"
    assert isinstance(operand, dict)  # checked when the document is loaded
    for right in other_names(schema, 1):
        for keyword in (name for name in operand if name in LISTED):
            one = replace(requirement, keyword=keyword, operand=operand[keyword], former=())
            for way, name in LISTED[keyword](one, right):
                if isinstance(name, str) and name not in value:
                    yield f"{way} as a name", {**value, name: other}


def limits_broken(contract: Contract, requirement: Requirement, value: Json) -> Limits:
    """Which limits a value breaks within the schemas that a requirement holds, if it holds any."""
    if requirement.keyword not in HOLDING:
        return frozenset()
    known: dict[str, Any] = schema_at(contract.request_schema, requirement.path)
    beside = dict.fromkeys(known.get("properties", {}), True)
    schema = {"properties": beside, requirement.keyword: requirement.operand}
    return frozenset(_paths(Draft202012Validator(schema).iter_errors(value)))


def _paths(errors: Iterable[ValidationError]) -> Iterator[tuple[str, ...]]:
    """The schema path of each error, down to the branches of a choice; of what is missing also its
    name.
    """
    for error in errors:
        told = error.kind.as_dict()
        yield (*map(str, error.schema_path), str(told.get("property", "")))
        for branch in told.get("context", ()):
            yield from _paths(branch)


def _in_branches(
    contract: Contract, requirement: Requirement, value: Json, schema: dict[str, Any] | None = None
) -> Iterator[NamedValue]:
    """For a choice, a valid value of each branch with each limit of a part of it just broken.

    Of a choice of whole invoices only the branch that this one keeps is broken so.
    """
    for branch in branches(schema or {requirement.keyword: requirement.operand}):
        if keeps(branch, value):
            yield from _broken(contract, requirement, branch, value)
        elif requirement.path:
            yield from _broken(contract, requirement, branch, plain(contract, branch))


def _broken(
    contract: Contract, requirement: Requirement, schema: dict[str, Any], value: Json
) -> Iterator[NamedValue]:
    """The value with each limit of a schema broken, or of a part of it, and nothing else.

    Another type is listed for the whole, and tried here in the parts.
    """
    for keyword in [name for name in schema if name in LISTED and name != "type"]:
        yield from _each_broken(requirement, schema, value, keyword)
    if isinstance(value, dict):
        for name in (name for name in schema.get("required", ()) if name in value):
            yield f"no {name}", {key: one for key, one in value.items() if key != name}
        parts = schema.get("properties", {})
        for name in (name for name in value if name in parts):
            for way, wrong in _part_broken(contract, requirement, parts[name], value[name]):
                yield f"{way} in {name}", {**value, name: wrong}
    if isinstance(value, list) and value and "items" in schema:
        for way, wrong in _part_broken(contract, requirement, schema["items"], value[0]):
            yield f"{way} in an element", [wrong, *value[1:]]


def _part_broken(
    contract: Contract, requirement: Requirement, schema: dict[str, Any], value: Json
) -> Iterator[NamedValue]:
    if "type" in schema:
        yield from _each_broken(requirement, schema, value, "type")
    if schema.keys() & {*CHOICES}:
        yield from _in_branches(contract, requirement, value, schema)
    else:
        yield from _broken(contract, requirement, schema, value)


def _each_broken(
    requirement: Requirement, schema: dict[str, Any], value: Json, keyword: str
) -> Iterator[NamedValue]:
    """The value with one limit of a schema broken, in so many ways at most."""
    one = replace(requirement, keyword=keyword, operand=schema[keyword], former=())
    rest = {name: schema[name] for name in schema if name != keyword}
    found = (
        (name, wrong)
        for name, wrong in LISTED[keyword](one, value)
        if keeps(rest, wrong) and not keeps(schema, wrong)
    )
    yield from islice(found, _EACH_PATTERN if keyword == "pattern" else _EACH)
