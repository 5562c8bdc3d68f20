"""The plain invoice with one optional property left out: what comes back wrong in the plain one may
do so for what is sent beside it.
"""

from collections.abc import Iterator

from causes.explained import Control
from causes.repetition import Asking
from causes.sightings import Sighting
from spec.requirements import echo_name
from spec.violation import Category
from strategies.invoice import encode


def without_one(sighting: Sighting, asking: Asking) -> Iterator[Control]:
    """The control of a wrong echo without each of its optional properties, but for what comes back
    wrong itself.
    """
    control, schema = sighting.control, sighting.contract.request_schema
    if sighting.symptom.category != Category.ECHO or not isinstance(control.payload, dict):
        return
    for name in control.payload:
        wrong = any(each.startswith(echo_name(name)) for each in sighting.symptom.names)
        if wrong or name in schema.get("required", ()):
            continue
        less = {each: value for each, value in control.payload.items() if each != name}
        verdict = asking.send(encode(less), None)
        if verdict is None:
            return
        yield Control(f"{control.name} with no {name}", less, verdict)
