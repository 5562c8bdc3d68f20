"""What an exchange covers: the requirements on an answer's body that have a value to judge in it,
and the limits that a valid payload reaches.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from spec.contract import Contract
from spec.paths import ELEMENT, Json, Path, values_at
from spec.requirements import Requirement


@dataclass(slots=True)
class Coverage:
    """Answers for one contract; it remembers what it found for each shape of JSON it has seen."""

    contract: Contract
    _shapes: dict[object, tuple[str, ...]] = field(default_factory=dict)

    def judged(self, part: str, answer: Json, sent: Json) -> tuple[str, ...]:
        """The names of the requirements that an answer's body puts to the test.

        `part` is `201` or `4xx`; `sent` is the payload whose echo is judged, None where it is not.
        """
        shape = (part, _shape(answer), _shape(sent))
        if shape not in self._shapes:
            self._shapes[shape] = tuple(
                requirement.name
                for requirement in self.contract.requirements
                if requirement.part == part and _is_judged(requirement, answer, sent)
            )
        return self._shapes[shape]


def _is_judged(requirement: Requirement, answer: Json, sent: Json) -> bool:
    """Whether something stands in the answer that this requirement speaks of."""
    path = requirement.path
    match requirement.keyword:
        case "echo":
            return sent is not None and _stands(sent, path[1:]) and _stands(answer, path)
        case "product" | "unique":
            return sent is not None and _stands(answer, path)
        case "required":
            return _stands(answer, path[:-1])
    return bool(path or requirement.keyword == "type") and _stands(answer, path)


def _stands(value: Json, path: Path) -> bool:
    """Whether something stands at a path; the first element speaks for its list."""
    for step in path:
        if step == ELEMENT:
            if not isinstance(value, list) or not value:
                return False
            value = value[0]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return False
    return True


def _shape(value: Json) -> object:
    """What distinguishes two JSON values here: their keys, and those of their first elements."""
    if isinstance(value, dict):
        return tuple((key, _shape(child)) for key, child in value.items())
    if isinstance(value, list):
        return (ELEMENT, _shape(value[0])) if value else ELEMENT
    return value is None


def exhausted(contract: Contract, payload: Json) -> Iterator[str]:
    """The names of the requirements whose limit some value of the payload reaches: to the last
    character, element or cent, or a member of an enum.
    """
    for requirement in contract.body_requirements:
        reaches = REACHES.get(requirement.keyword)
        if reaches is not None and any(
            reaches(value, requirement.operand) for _, value in values_at(payload, requirement.path)
        ):
            yield requirement.name


def _as_long(value: Any, limit: Any) -> bool:
    return isinstance(value, str | list) and len(value) == limit


def _as_much(value: Any, limit: Any) -> bool:
    return isinstance(value, int | Decimal) and value == Decimal(str(limit))


REACHES: dict[str, Callable[[Any, Any], bool]] = {
    "maxLength": _as_long,
    "minLength": _as_long,
    "maxItems": _as_long,
    "minItems": _as_long,
    "maximum": _as_much,
    "minimum": _as_much,
    "enum": lambda value, members: value in members,
}
"""By keyword, whether a value reaches the limit; types and what is required have no limit."""
