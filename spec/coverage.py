"""Which requirements an exchange covers: those that there was a value to judge by, or to break."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat

from spec.contract import Contract
from spec.paths import ELEMENT, Json, Path, all_at
from spec.requirements import Requirement
from spec.schema.keywords import KEYWORDS


@dataclass(slots=True)
class Coverage:
    """What an answer covers: the requirements on its body that have a value to judge in it.

    It caches what it finds by shapes of JSON.
    """

    contract: Contract
    _shapes: dict[object, tuple[str, ...]] = field(default_factory=dict)

    def judged(self, part: str, answer: Json, sent: Json) -> tuple[str, ...]:
        """The names of the requirements that an answer's body tests.

        `part` is `201` or `4xx`; `sent` is the payload whose echo is judged, None where it is not.
        """
        shape = (part, _shape(answer), _shape(sent))
        if shape not in self._shapes:
            invoice = self.contract.wrapper.unwrapped(answer)
            self._shapes[shape] = tuple(
                requirement.name
                for requirement in self.contract.requirements
                if requirement.part == part and _is_judged(requirement, answer, invoice, sent)
            )
        return self._shapes[shape]


def exhausted(contract: Contract, payload: Json) -> Iterator[str]:
    """The names of the requirements whose limit some value of the payload reaches: to the last
    character, element or cent, or a member of an enum.
    """
    values: dict[Path, list[Json]] = {}
    for requirement, reached in _limits(contract):
        path = requirement.path
        if path not in values:
            values[path] = all_at(payload, path)
        if any(map(reached, values[path], repeat(requirement.operand))):
            yield requirement.name


@lru_cache
def _limits(contract: Contract) -> list[tuple[Requirement, Callable[[Json, Json], bool]]]:
    """The requirements on a payload that are limits, each with what says that it is reached."""
    listed = ((one, KEYWORDS[one.keyword].reached) for one in contract.body_requirements)
    return [(one, reached) for one, reached in listed if reached is not None]


def _is_judged(requirement: Requirement, answer: Json, invoice: Json, sent: Json) -> bool:
    """Whether the answer, or the invoice in it, has a value that this requirement is about."""
    path = requirement.path
    match requirement.keyword:
        case "echo":
            return sent is not None and _has_value(sent, path[1:]) and _has_value(invoice, path)
        case "date-time":
            return False  # the oracle judges it, where the server filled the date in
        case "product" | "unique":
            return sent is not None and _has_value(invoice, path)
        case "required":
            return _has_value(answer, path[:-1])
    return bool(path or requirement.keyword == "type") and _has_value(answer, path)


def _has_value(value: Json, path: Path) -> bool:
    """Whether there is a value at a path; of an array only the first element is looked at."""
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
        return tuple(
            [
                (key, _shape(child) if isinstance(child, dict | list) else child is None)
                for key, child in value.items()
            ]
        )
    if isinstance(value, list):
        return (ELEMENT, _shape(value[0])) if value else ELEMENT
    return value is None
