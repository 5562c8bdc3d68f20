"""What is particular about a request that has to go before another one, or after one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from causes.cause import shortly
from causes.difference import LONGEST_SHOWN, Edit, applied, differences, edits_within
from causes.halving import smallest
from causes.kinds.ways import lessened, ways_text
from causes.sightings import Sighting, payload_of
from causes.traits import MANY, of_few_properties
from spec.contract import PLACEHOLDER
from spec.exchange import Request
from spec.violation import shortened
from strategies.invoice import encode
from targets.stamp import unstamped_body

Shows = Callable[[Request], bool | None]
"""Whether it shows after a request; None when nothing more may be asked."""


def preceding(sighting: Sighting, before: Request, shows: Shows) -> str:
    """In words, what of the request before is to blame; of an invoice the fewest differences from
    the control, and of how it was sent those from a usual request.
    """
    payload = payload_of(before.body)
    if not isinstance(payload, dict):
        return f"the body {shortened(before.body.decode(errors='replace'), LONGEST_SHOWN)}"
    contract, control = sighting.contract, sighting.control
    usual, edits = control.verdict.exchange.request, differences(contract, control.payload, payload)

    def with_only(some: Sequence[Edit]) -> Request:
        fixed = [str(edit.location[0]) for edit in some if edit.location]
        return replace(before, body=encode(applied(contract, control.payload, some, fixed)))

    def shown(some: Sequence[Edit]) -> bool | None:
        return shows(with_only(some))

    is_sent = bool(sighting.ways_of(before)) and shown(())
    if len(edits) > MANY and not is_sent:
        edits = [*(of_few_properties(edits, shown) or edits)]
    some = None if is_sent or len(edits) == 1 else smallest(edits, shown)
    found = () if is_sent else edits_within(contract, control.payload, some or edits)
    less = replace(before, body=unstamped_body(with_only(found).body))
    if sighting.ways_of(before):
        as_usual = replace(usual, body=less.body)
        less = as_usual if shows(as_usual) else lessened(usual, less, shows)
    ways = ways_text(sighting.ways_of(less), usual, less)
    told = (str(edit).replace(PLACEHOLDER, "IC-...") for edit in found)
    return shortly([*ways, *told])
