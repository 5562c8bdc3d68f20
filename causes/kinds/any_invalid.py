"""Whether each invalid invoice gets no answer, whatever is wrong with it."""

from collections.abc import Iterator

from causes.cause import ANYTHING_INVALID, INVALID
from causes.difference import Edit
from causes.explained import Explained, may_be_invalid
from causes.making import made
from causes.sightings import Sighting
from causes.smaller import LETTER
from causes.trying import Trying
from spec.paths import path_text, schema_at

_TWO = 2
"""Other invalid invoices that are asked."""


def any_invalid(sighting: Sighting, trying: Trying) -> Explained | None:
    """The cause of what is invalid and gets no answer, where two invoices that break other
    requirements get none either; None where that is not so.
    """
    unanswered = sighting.verdict.exchange.response is None and sighting.is_refusal
    if not (unanswered and may_be_invalid(sighting.verdict.expected)):
        return None
    first = None
    for edit in [*_others(sighting)][:_TWO]:
        verdict = trying.sent_anew(trying.changed((edit,)))
        if verdict is None or not trying.shows(verdict):
            return None
        first = first or (edit, verdict)
    if first is None:
        return None
    edit, shown = first
    between = sighting.control.name, f"the same with {ANYTHING_INVALID}, such as {edit}"
    return made(sighting, shown, [INVALID], difference=[ANYTHING_INVALID], between=between)


def _others(sighting: Sighting) -> Iterator[Edit]:
    """What makes the control invalid, and breaks nothing that is broken here: a required property
    is left out, if no other one is, and others have another type.
    """
    contract, payload = sighting.contract, sighting.control.payload
    broken = {breach.requirement.name for breach in sighting.broken}
    required = [
        each
        for each in contract.body_requirements
        if each.keyword == "required" and len(each.path) == 1 and each.path[0] in payload
    ]
    lacks = {breach.requirement.keyword for breach in sighting.broken} & {"required"}
    for number, each in enumerate(required):
        schema = schema_at(contract.narrowed_schema, each.path)
        of_type = f"{path_text(each.path)}.type"
        if number == 0 and not lacks:
            yield Edit(each.path, removed=True)
        elif of_type not in broken:
            yield Edit(each.path, {} if schema.get("type") != "object" else LETTER)
