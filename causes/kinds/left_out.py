"""The plain invoice with one optional property left out: what comes back wrong in the plain one may
do so for what is sent beside it.
"""

from collections.abc import Callable, Iterator

from causes.explained import Control
from causes.repetition import Asking
from causes.sightings import Sighting
from spec.oracle import Verdict
from spec.requirements import echo_name
from spec.violation import Category
from strategies.invoice import encode


def without_one(
    sighting: Sighting, asking: Asking, shows: Callable[[Verdict | None], bool]
) -> Iterator[Sighting]:
    """What the control shows that echoes something wrong, against itself without each optional
    property beside which it does so.
    """
    control, contract = sighting.control, sighting.contract
    if sighting.symptom.category != Category.ECHO or not isinstance(control.payload, dict):
        return
    alike = filter(sighting.symptom.is_like, control.shown_by(contract, control.verdict))
    symptom = next(alike, sighting.symptom)
    for name in control.payload:
        wrong = any(each.startswith(echo_name(name)) for each in symptom.names)
        if wrong or name in contract.request_schema.get("required", ()):
            continue
        less = {each: value for each, value in control.payload.items() if each != name}
        verdict = asking.send(encode(less), None)
        if verdict is None:
            return
        other = Control(f"{control.name} with no {name}", less, verdict)
        asked = sighting.symptom.names <= verdict.judged
        if asked and other.is_accepted and not shows(verdict):
            args = contract, other, symptom, control.verdict, control.name
            yield Sighting(*args, sighting.group)
