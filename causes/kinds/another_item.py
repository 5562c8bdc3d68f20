"""Whether an item gets what another item of its invoice has."""

from causes.sightings import Sighting
from spec.paths import Json, find
from spec.violation import Violation


def is_of_another(sighting: Sighting) -> bool:
    """Whether a value comes back in an item that another item of the invoice has there."""
    items = find(sighting.payload, (sighting.contract.relations.sum.items,))
    echoes = (each for each in sighting.symptom.violations if each.requirement.keyword == "echo")
    return any(_has_that_of_another(sighting, each, items or ()) for each in echoes)


def _has_that_of_another(sighting: Sighting, echo: Violation, items: Json) -> bool:
    place = echo.location[1:]
    if place[:1] != (sighting.contract.relations.sum.items,) or len(place) < 3:
        return False
    sent, back = find(sighting.payload, place), find(sighting.verdict.answer, echo.location)
    return back not in (None, sent) and any(find(each, place[2:]) == back for each in items)
