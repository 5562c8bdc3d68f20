"""What is refused for another reason than its fault, and so would be without it."""

from causes.kinds.body_size import padded
from causes.sightings import Sighting
from causes.trying import Trying
from spec.violation import Category
from strategies.invoice import encode
from targets.chunks import lengths_alike

REFUSED = 400
"""The status that most invalid requests have to get: one with another fault may get it, too."""


def without_its_fault(sighting: Sighting, trying: Trying) -> Sighting | None:
    """What the same request shows without its fault, if it is refused in the same words; None where
    it has none that can be left out, or is answered otherwise then.
    """
    symptom = sighting.symptom
    asked = (symptom.category, symptom.status) == (Category.WRONG_STATUS, REFUSED)
    places = [breach.location for breach in sighting.broken]
    if not (asked and sighting.is_of_an_invoice and places and all(places)):
        return None
    others = [edit for edit in sighting.independent if edit.location not in places]
    try:
        body = encode(trying.changed(others))
    except ValueError:  # a number that JSON does not have
        return None
    # How chunks are written goes by the length.
    alike, _ = lengths_alike(len(sighting.request.body), len(body))
    chunked = sighting.request.header("transfer-encoding") is not None
    verdict = trying.answered_body(padded(body, alike) if chunked else body)
    shown = sighting.control.shown_by(sighting.contract, verdict)
    for one in shown:
        same = (one.answer, one.field) == (symptom.answer, symptom.field)
        if same and one.category == Category.REFUSED_VALID and verdict is not None:
            args = sighting.contract, sighting.control, one, verdict
            return Sighting(*args, sighting.name, sighting.group)
    return None
