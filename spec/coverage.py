"""Which limits a valid payload exhausts: how a requirement is seen from its inner side."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from spec.contract import Contract


def exhausted(contract: Contract, payload: Any) -> Iterator[str]:
    """The names of the requirements at whose edge some value of the payload sits: at a limit to
    the last character, element or cent, or on a member of an enum.
    """
    for requirement in contract.body_requirements:
        sits = SITS.get(requirement.keyword)
        if sits is not None and any(
            sits(value, requirement.operand) for value in _at(payload, requirement.path)
        ):
            yield requirement.name


def _at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """What stands where an instance path leads."""
    if not path:
        yield value
    elif path[0] == "[]":
        for element in value if isinstance(value, list) else ():
            yield from _at(element, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _as_long(value: Any, limit: Any) -> bool:
    return isinstance(value, str | list) and len(value) == limit


def _as_much(value: Any, limit: Any) -> bool:
    return isinstance(value, int | Decimal) and value == Decimal(str(limit))


SITS: dict[str, Callable[[Any, Any], bool]] = {
    "maxLength": _as_long,
    "minLength": _as_long,
    "maxItems": _as_long,
    "minItems": _as_long,
    "maximum": _as_much,
    "minimum": _as_much,
    "enum": lambda value, members: value in members,
}
"""By keyword, whether a value sits at the edge; types and what is required have no limit."""
