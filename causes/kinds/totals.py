"""A total that is to blame, whichever items make it."""

from collections.abc import Callable, Sequence

from causes.difference import Edit
from causes.explained import Edits
from causes.sightings import Sighting
from spec.paths import find
from spec.violation import Category


def total_alone(sighting: Sighting, fails: Callable[[Sequence[Edit]], bool | None]) -> Edits | None:
    """The total alone, if it is larger, named in an error or another one in the answer, and to
    blame whichever items make it.
    """
    name = sighting.contract.relations.sum.total
    plain, value = (find(each, (name,)) for each in (sighting.control.payload, sighting.payload))
    total = Edit((name,), value)
    is_its_echo = sighting.symptom.category == Category.ECHO and all(
        violation.location[-1:] == (name,) for violation in sighting.symptom.violations
    )
    is_its = is_its_echo or sighting.is_named(total)
    if not (is_its and sighting.independent is not sighting.edits):
        return None
    larger = all(type(each) in (int, float) for each in (plain, value)) and value > plain
    return (total,) if larger and fails((total,)) else None
