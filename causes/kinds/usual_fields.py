"""Whether a header field that is sent as a rule is to blame in the plain invoice."""

from dataclasses import replace

from causes.cause import EVERY
from causes.difference import LONGEST_SHOWN
from causes.explained import Explained
from causes.making import made
from causes.sightings import Sighting
from causes.trying import Trying
from spec.violation import shortened

OF_NO_MATTER = ("user-agent", "accept", "accept-encoding")
"""Header fields that are sent as a rule, and that no request needs."""


def by_a_usual_field(sighting: Sighting, trying: Trying) -> Explained | None:
    """The cause of what the plain invoice shows, and not without a header field that is sent with
    it as a rule.
    """
    verdict, name = sighting.control.verdict, sighting.control.name
    usual = verdict.exchange.request
    for field, value in usual.headers:
        if field.lower() not in OF_NO_MATTER:
            continue
        others = tuple(each for each in usual.headers if each[0] != field)
        answered = trying.resent(replace(usual, headers=others))
        if answered is None or answered.violations:
            continue
        if not trying.shows(trying.resent(usual)):
            return None  # it is over, whatever it was
        words = f"{field}: {shortened(value, LONGEST_SHOWN)}"
        between = f"{name} with no {field}", f"the same with {words}"
        return made(sighting, verdict, [EVERY], difference=[words], between=between)
    return None
