"""Values that break one requirement; of a choice also those that break one limit in a branch."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from spec.contract import Contract
from spec.paths import Json
from spec.requirements import Requirement
from strategies.invoice import plain
from strategies.scalars import branches, keeps
from strategies.values import NamedValue
from strategies.wrong.values import LISTED

_EACH = 2
"""Values for each requirement of a branch."""
_OTHERS = frozenset({"type", "oneOf", "anyOf"})
"""Keywords that are broken without a look into a branch."""


def wrong_values(contract: Contract, requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    """The listed ones by keyword and, for a choice, what breaks a branch of it."""
    yield from LISTED[requirement.keyword](requirement, value)
    yield from _in_branches(contract, requirement, value)


def _in_branches(contract: Contract, requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    """For a choice, a valid value of each branch with each limit of a part of it just broken.

    Of a choice of whole invoices only the branch that this one keeps is broken so.
    """
    if requirement.keyword not in ("oneOf", "anyOf"):
        return
    for branch in branches({requirement.keyword: requirement.operand}):
        if keeps(branch, value):
            yield from _broken(requirement, branch, value)
        elif requirement.path:
            yield from _broken(requirement, branch, plain(contract, branch))


def _broken(requirement: Requirement, schema: dict[str, Any], value: Json) -> Iterator[NamedValue]:
    """The value with each limit of a schema or of its properties broken, and nothing else."""
    for keyword in [name for name in schema if name in LISTED and name not in _OTHERS]:
        one = replace(requirement, keyword=keyword, operand=schema[keyword], former=())
        rest = {name: schema[name] for name in schema if name != keyword}
        found = (
            (name, wrong)
            for name, wrong in LISTED[keyword](one, value)
            if keeps(rest, wrong) and not keeps(schema, wrong)
        )
        yield from islice(found, _EACH)
    if isinstance(value, dict):
        parts = schema.get("properties", {})
        for name in (name for name in value if name in parts):
            for way, wrong in _broken(requirement, parts[name], value[name]):
                yield f"{way} in {name}", {**value, name: wrong}
