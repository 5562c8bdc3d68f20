"""Whether each invalid invoice gets no answer, whatever is wrong with it."""

from collections.abc import Iterator

from causes.cause import ANYTHING_INVALID, INVALID
from causes.difference import Edit
from causes.explained import Explained, may_be_invalid
from causes.making import made
from causes.sightings import Sighting
from causes.smaller import LETTER
from causes.trying import Trying
from spec.paths import schema_at


def any_invalid(sighting: Sighting, trying: Trying) -> Explained | None:
    """The cause of what is invalid and gets no answer, where two other invoices get none either of
    which each is invalid in another way, at another property; None where that is not so.
    """
    unanswered = sighting.verdict.exchange.response is None and sighting.is_refusal
    if not (unanswered and may_be_invalid(sighting.verdict.expected)):
        return None
    first = None
    for edit in _others(sighting):
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
    """What makes the control invalid: the first required property that nothing is wrong with is
    left out, and the next one has another type.
    """
    contract, payload = sighting.contract, sighting.control.payload
    wrong = {breach.location[:1] for breach in sighting.broken}
    lacking = (each.path for each in contract.body_requirements if each.keyword == "required")
    free = [path for path in lacking if len(path) == 1 and path not in wrong and path[0] in payload]
    if len(free) > 1:
        typed = schema_at(contract.narrowed_schema, free[1]).get("type")
        yield Edit(free[0], removed=True)
        yield Edit(free[1], {} if typed != "object" else LETTER)
