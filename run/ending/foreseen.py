"""Which requests get no answer as earlier ones got none: those that need not be sent, and those of
which something known says why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from causes.cause import INVALID
from causes.explained import Control, Explained, may_be_invalid
from causes.sightings import Sighting
from run.ending.silence import SHORTEST_WAIT, Silence, is_in_vain
from spec.contract import Contract, TargetFacts
from spec.exchange import Exchange, Request
from spec.expectation import expect


@dataclass(frozen=True, slots=True)
class Silent:
    """What is known of requests that get no answer: the control, what they have in common, and the
    causes.
    """

    contract: Contract
    facts: TargetFacts
    control: Control
    silence: Silence
    known: Sequence[Explained]

    @property
    def waited_for(self) -> Iterator[Explained]:
        """What is known to get no answer."""
        return (one for one in self.known if is_waited_for(one.shown.exchange))

    def like(self, one: Explained, request: Request) -> Sighting:
        """A request as if it had been sent, and got as little as the known one."""
        exchange = replace(one.shown.exchange, request=request)
        verdict = replace(one.shown, exchange=exchange)
        return Sighting(self.contract, self.control, one.symptom, verdict, "")


def is_waited_for(exchange: Exchange) -> bool:
    """Whether it took its time that no answer came, or none that is read to its end."""
    return is_in_vain(exchange, SHORTEST_WAIT)


def is_foreseen(silent: Silent, request: Request) -> bool:
    """Whether a known cause foresees it, where requests without an answer do not tell by what they
    have in common.
    """
    for one in silent.waited_for:
        shown = one.shown.exchange.request
        if not one.edits or silent.silence.finds(shown, one.edits):
            continue  # what several have in common says more exactly which others are so
        alike = replace(shown, body=request.body)
        if silent.like(one, alike).brings(one, silent.known):
            return True
    return False


def is_accounted_for(silent: Silent, request: Request) -> bool:
    """Whether a known cause says why a request gets no answer; that others without an answer, which
    nothing is told of, have the same in them is no cause.
    """
    for one in silent.waited_for:
        if one.cause.traits == [INVALID] and may_be_invalid(
            expect(silent.contract, silent.facts, request)
        ):
            return True
        sighting = silent.like(one, request)
        if one.ways <= sighting.ways and sighting.brings(one, silent.known):
            return True
        if silent.silence.hanging.are_alike(one.shown.exchange.request, request):
            return True
    return False
